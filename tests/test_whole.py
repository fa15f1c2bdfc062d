from __future__ import annotations

from pathlib import Path

import pytest

from almaz.whole import whole


def test_a_file_is_whole_or_as_it_was_before(tmp_path: Path) -> None:
    file = tmp_path / "folder" / "a.txt"
    with whole(file) as partial:
        partial.write_text("first")
    with pytest.raises(ZeroDivisionError), whole(file) as partial:
        partial.write_text(f"half {1 / 0}")
    assert file.read_text() == "first"
    assert [one.name for one in file.parent.iterdir()] == ["a.txt"]
