"""Files that the fuzzer broke the readers with, kept."""

from __future__ import annotations

import zipfile
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from almaz.errors import AlmazError
from almaz.tables.source import Source, read
from almaz.tables.suggest import suggest

MEANT = {"dimensions": {"region": "region"}, "constants": {"year": 2021, "measure": "output", "industry": "wheat"}}


def test_a_text_that_is_not_utf8_in_a_parquet_file_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    file = tmp_path / "bad.parquet"
    broken = pa.Array.from_buffers(
        pa.string(), 1, [None, pa.py_buffer(b"\x00\x00\x00\x00\x02\x00\x00\x00"), pa.py_buffer(b"a\x81")]
    )
    pq.write_table(pa.table({"region": broken, "v": ["1"]}), file)
    with pytest.raises(AlmazError, match="not a Parquet file") as error:
        read(Source(file, values={"v": {}}, **MEANT))
    assert "bad.parquet" in str(error.value)
    with pytest.raises(AlmazError, match="not a Parquet file"):
        suggest(file)


def test_a_workbook_whose_every_sheet_is_hidden_gives_no_figures_and_says_so(tmp_path: Path) -> None:
    file = tmp_path / "hidden.xlsx"
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["region", "v"])
    sheet.append(["A", 1])
    _saved_with_none_visible(book, file)
    found = read(Source(file, values={"v": {}}, **MEANT))
    assert found.observations.num_rows == 0
    assert "hidden_sheet" in found.problems["kind"].to_pylist()


def _saved_with_none_visible(book: openpyxl.Workbook, file: Path) -> None:
    book.save(file)
    with zipfile.ZipFile(file) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(b'state="visible"', b'state="hidden"')
    with zipfile.ZipFile(file, "w") as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
