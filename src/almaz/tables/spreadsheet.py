"""Reading Excel: values as the program stored them, with what the file alone knows: merged cells, hidden rows and sheets,
formulas without results."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.utils.cell import range_boundaries

from almaz.errors import AlmazError, Where
from almaz.language import text as _
from almaz.tables.block import label
from almaz.tables.grid import Grid
from almaz.tables.marks import Merged, Uncounted
from almaz.tables.source import Findings, Source

LARGEST = 512 * 1024**2
"""Bytes that a workbook may unpack to."""
_MERGED = re.compile(rb'<mergeCell\s[^>]*ref="([A-Z]{1,3}\d+:[A-Z]{1,3}\d+)"')
_HIDDEN_ROW = re.compile(rb'<row\s[^>]*\bhidden="(?:1|true)"')
_UNCOUNTED = re.compile(rb"<c\s[^>]*>\s*<f\b(?:[^>]*/>|[^<]*(?:<(?!/f>)[^<]*)*</f>)\s*(?:<v\s*/>|<v></v>)?\s*</c>")
_MERGED_MOST = 100_000
"""Cells of merged ranges that are filled; a range over a whole column is no heading."""


def opened(source: Source, findings: Findings) -> list[Grid]:
    """The sheets that the study means, as rows of cells: those it names, else every visible one."""
    with _guarded(source.file) as packed:
        return list(_grids(source, findings, packed))


def plain_sheets(file: Path, wanted: Sequence[str] = ()) -> dict[str, list[tuple[int, list[object]]]]:
    """The rows of a workbook's sheets (all, or those wanted) as they stand, with their numbers; for tables laid out as matrices.

    Raises AlmazError for a file that is no workbook or too large, or for a sheet that it does not have.
    """
    with _guarded(file):
        book = openpyxl.load_workbook(file, read_only=True, data_only=True)
        for name in wanted:
            if name not in book.sheetnames:
                raise AlmazError(
                    _("there is no sheet «{name}»", name=name),
                    where=Where(file=str(file)),
                    expected=_("one of: {keys}", keys=", ".join(book.sheetnames)),
                )
        found = {name: list(enumerate(_cells(book[name]), start=1)) for name in wanted or book.sheetnames}
        book.close()
        return found


def sheet_names(file: Path) -> list[str]:
    """The names of a workbook's sheets; errors as in `plain_sheets`."""
    with _guarded(file):
        book = openpyxl.load_workbook(file, read_only=True)
        names = list(book.sheetnames)
        book.close()
        return names


@contextmanager
def _guarded(file: Path) -> Iterator[zipfile.ZipFile]:
    """The package of a workbook; whatever goes wrong inside is an AlmazError that says so."""
    where = Where(file=str(file))
    try:
        with zipfile.ZipFile(file) as packed:
            if sum(part.file_size for part in packed.infolist()) > LARGEST:
                raise AlmazError(_("the workbook unpacks to more than 512 MB"), where=where)
            yield packed
    except AlmazError:
        raise
    except OSError:
        raise
    except Exception as why:  # openpyxl raises whatever a broken part of the package makes it meet
        raise AlmazError(
            _("this is not an Excel workbook that can be read"),
            where=where,
            expected=_("an .xlsx file without a password"),
            advice=_("open it and save it again as .xlsx ({why})", why=type(why).__name__),
        ) from None


def _grids(source: Source, findings: Findings, packed: zipfile.ZipFile) -> Iterator[Grid]:
    book = openpyxl.load_workbook(source.file, read_only=True, data_only=True)
    named = [source.sheet] if source.sheet else list(source.sheets)
    for name in named:
        if name not in book.sheetnames:
            raise findings.fault(
                _("there is no sheet «{name}»", name=name),
                expected=_("one of: {keys}", keys=", ".join(book.sheetnames)),
            )
    formulas = None
    for name in named or book.sheetnames:
        sheet = book[name]
        if not hasattr(sheet, "iter_rows"):
            continue  # a chart on a sheet of its own
        parts = _parts(packed, sheet)
        rows = _cells(sheet)
        if not named and sheet.sheet_state != "visible":
            held = sum(any(label(cell) for cell in row) for row in rows)
            findings.problem("hidden_sheet", sheet=name, number=held)
            continue
        if _UNCOUNTED.search(parts):
            formulas = formulas or openpyxl.load_workbook(source.file, read_only=True)
            _mark_uncounted(rows, _cells(formulas[name]))
        hidden = len(_HIDDEN_ROW.findall(parts))
        if hidden:
            findings.problem("hidden_rows", "note", sheet=name, number=hidden)
        _fill_merged(rows, parts)
        yield Grid(name, list(enumerate(rows, start=1)))
    book.close()


def _cells(sheet: Any) -> list[list[object]]:
    sheet.reset_dimensions()  # some programs write a wrong one, and cells outside it would be lost
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def _parts(packed: zipfile.ZipFile, sheet: Any) -> bytes:
    path = str(getattr(sheet, "_worksheet_path", "")).lstrip("/")
    return packed.read(path) if path in packed.namelist() else b""


def _mark_uncounted(rows: list[list[object]], formulas: list[list[object]]) -> None:
    for cells, written in zip(rows, formulas, strict=False):
        for place, (cell, formula) in enumerate(zip(cells, written, strict=False)):
            if cell is None and formula is not None:
                cells[place] = Uncounted(str(getattr(formula, "text", formula)))


def _fill_merged(rows: list[list[object]], parts: bytes) -> None:
    """Let every cell of a merged range show what its first cell holds, as `Merged`."""
    filled = 0
    for found in _MERGED.findall(parts):
        left, top, right, bottom = (int(edge or 0) for edge in range_boundaries(found.decode()))
        if top > len(rows) or left > len(rows[top - 1]) or (cell := rows[top - 1][left - 1]) is None:
            continue
        for line in range(top, min(bottom, len(rows)) + 1):
            cells = rows[line - 1]
            cells.extend([None] * (min(right, len(rows[top - 1])) - len(cells)))
            for column in range(left, min(right, len(cells)) + 1):
                filled += 1
                if (line, column) != (top, left) and filled <= _MERGED_MOST:
                    cells[column - 1] = Merged(cell)
