from __future__ import annotations

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


def test_a_folder_is_whole_or_not_there(tmp_path: Path) -> None:
    (tmp_path / "a.partial").mkdir()
    (tmp_path / "a.partial" / "left by a killed run").touch()
    with pytest.raises(ZeroDivisionError), whole_folder(tmp_path / "a") as partial:
        (partial / f"half {1 / 0}").touch()
    assert list(tmp_path.iterdir()) == []
    with whole_folder(tmp_path / "a") as partial:
        (partial / "b").touch()
    assert [one.name for one in (tmp_path / "a").iterdir()] == ["b"]
    assert [one.name for one in tmp_path.iterdir()] == ["a"]
