from __future__ import annotations

import threading
from pathlib import Path

import pytest

from almaz.whole import whole, whole_folder


def test_a_file_is_whole_or_as_it_was_before(tmp_path: Path) -> None:
    file = tmp_path / "folder" / "a.txt"
    with whole(file) as partial:
        partial.write_text("first")
    with pytest.raises(ZeroDivisionError), whole(file) as partial:
        partial.write_text(f"half {1 / 0}")
    assert file.read_text() == "first"
    assert [one.name for one in file.parent.iterdir()] == ["a.txt"]


def test_two_that_write_the_same_file_both_write_it_and_what_a_killed_one_left_goes(tmp_path: Path) -> None:
    file, beside = tmp_path / "a.txt", tmp_path / "a.txt.b.partial"
    (tmp_path / "a.txt.999999999-1.partial").write_text("left by a killed process")
    beside.write_text("somebody else's")
    both = threading.Barrier(2)

    def write(said: str) -> None:
        with whole(file) as partial:
            both.wait()
            partial.write_text(said)
            both.wait()

    writers = [threading.Thread(target=write, args=(said,)) for said in ("one", "two")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert file.read_text() in ("one", "two")
    assert sorted(tmp_path.iterdir()) == [file, beside]


def test_a_folder_is_whole_or_not_there(tmp_path: Path) -> None:
    (tmp_path / "a.999999999-1.partial").mkdir()
    (tmp_path / "a.999999999-1.partial" / "left by a killed run").touch()
    with pytest.raises(ZeroDivisionError), whole_folder(tmp_path / "a") as partial:
        (partial / f"half {1 / 0}").touch()
    assert list(tmp_path.iterdir()) == []
    with whole_folder(tmp_path / "a") as partial:
        (partial / "b").touch()
    assert [one.name for one in (tmp_path / "a").iterdir()] == ["b"]
    assert [one.name for one in tmp_path.iterdir()] == ["a"]
