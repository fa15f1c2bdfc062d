"""The workbooks of the U.S. Bureau of Economic Analysis: use tables, and the sheet that ties its industries to NAICS.

What the sheets' own notes say is kept: a blank and "..." are nothing ("selected data with zero values are not shown"), sums may
differ from totals by rounding, imports are a final use below zero, and four industries make what another product names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from almaz.errors import AlmazError, Where
from almaz.language import text as _
from almaz.tables.input_output import Block, FloatArray, Grid, block_of
from almaz.tables.spreadsheet import plain_sheets, sheet_names

CONCORDANCE_SHEET: Final = "NAICS codes"
_TOTALS: Final = {
    "Total Industry Output": "T008",
    "Total Commodity Output": "T007",
    "Total Intermediate": "T001",
    "Total Value Added": "T006",
    "Total Final Uses (GDP)": "T004",
}
_NOTE = re.compile(r"^(legend|note|\d+\.)", re.IGNORECASE)


def read_grid(file: Path, sheet: str | None = None) -> Grid:
    """One year of a use table (detail or summary): the sheet named, or the only one named by a year.

    Raises AlmazError where there is no such sheet, no row of codes, or a cell that is neither a number nor nothing.
    """
    names = sheet_names(file)
    years = [name for name in names if re.fullmatch(r"(19|20)\d\d", name)]
    chosen = sheet or (years[0] if len(years) == 1 else None)
    if chosen not in names:
        raise AlmazError(
            _("the workbook has several years; the study does not say which")
            if sheet is None
            else _("there is no sheet «{name}»", name=sheet),
            where=Where(file=str(file)),
            expected=_("one of: {keys}", keys=", ".join(years or names)),
            advice=_("name the year in the study: [chains] year = 2007"),
        )
    return _grid(file, str(chosen), plain_sheets(file, [str(chosen)])[str(chosen)])


def _grid(file: Path, sheet: str, rows: Sequence[tuple[int, Sequence[object]]]) -> Grid:
    head = next((at for at, (_n, row) in enumerate(rows) if row and _code(row[0]) in ("Code", "IOCode")), None)
    if head is None:
        raise AlmazError(
            _("no row of codes was found"),
            where=Where(file=str(file), sheet=sheet),
            expected=_("a use table of the Bureau: a row that begins with «Code» or «IOCode»"),
        )
    detail = _code(rows[head][1][0]) == "Code"
    codes, titles = rows[head][1], rows[head - 1][1]
    if not detail:
        codes, titles = rows[head - 1][1], rows[head][1]
    columns = [
        (place, code, _code(titles[place]))
        for place in range(2, len(codes))
        if (code := _code(codes[place]) or _TOTALS.get(_code(titles[place]), ""))
    ]
    kept: list[tuple[str, str, int]] = []
    cells: list[list[float]] = []
    for number, row in rows[head + 1 :]:
        name = _code(row[1]) if len(row) > 1 else ""
        code = (_code(row[0]) if row else "") or _TOTALS.get(name, "")
        if not code or _NOTE.match(code):
            continue
        kept.append((code, name, number))
        cells.append(
            [
                _cell(row[place] if place < len(row) else None, file, sheet, number, code)
                for place, code, _title in columns
            ]
        )
    heads = tuple((code, title, code) for _place, code, title in columns)
    return Grid(str(file), sheet, tuple(kept), heads, np.array(cells))


def _code(cell: object) -> str:
    return (
        "" if cell is None else str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell).strip()
    )


def _cell(cell: object, file: Path, sheet: str, row: int, column: str) -> float:
    if cell is None or cell in ("...", "---", ""):
        return 0.0
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return float(cell)
    raise AlmazError(
        _("the cell «{value}» is not a number", value=cell),
        where=Where(file=str(file), sheet=sheet, row=row, column=column),
        expected=_("a number, a blank or «...»"),
    )


def read_requirements(file: Path, sheet: str) -> tuple[tuple[str, ...], tuple[str, ...], FloatArray]:
    """A published requirements table: industries (rows), commodities (columns), and the matrix (industries, commodities)."""
    grid = _grid(file, sheet, plain_sheets(file, [sheet])[sheet])
    rows = [
        at
        for at, (code, _name, _place) in enumerate(grid.rows)
        if block_of(code, {}) is not Block.TOTAL and code != "T010"
    ]
    industries = tuple(grid.rows[at][0] for at in rows)
    return industries, tuple(code for code, _title, _header in grid.columns), grid.cells[rows]


def read_concordance(file: Path) -> dict[str, list[str]]:
    """BEA's industries → the NAICS 2007 codes (of two to six digits) that they hold, of the sheet "NAICS codes".

    Detailed industries ("1111A0": 11111, 11112) and the summary ones above them ("111CA": all of its detail's). Codes that have
    no NAICS ("n/a") are left out. Raises AlmazError where the sheet is not there or a code cannot be read.
    """
    found = plain_sheets(file, [CONCORDANCE_SHEET])
    held: dict[str, list[str]] = {}
    summary = ""
    for number, row in found[CONCORDANCE_SHEET]:
        cells = [_code(cell) for cell in [*row, *[None] * 6]]
        if number <= 4 or cells[0].startswith(("*", "†", "‡")):
            continue
        summary = cells[1] if cells[1] and not cells[0] else summary
        if not cells[2] or not cells[5] or cells[5] == "n/a":
            continue
        codes = naics_codes(cells[5], Where(file=str(file), sheet=CONCORDANCE_SHEET, row=number))
        held.setdefault(cells[2], []).extend(codes)
        held.setdefault(summary, []).extend(code for code in codes if code not in held.get(summary, ()))
    return held


def naics_codes(written: str, where: Where) -> list[str]:
    """The codes of a cell such as "1122, 1124-5, 1129": a range repeats the digits before its last one."""
    codes: list[str] = []
    for part in re.split(r"[,;]\s*", written.strip()):
        match = re.fullmatch(r"(\d+)(?:\s*[-–]\s*(\d+))?\*?", part.strip())
        if not match:
            raise AlmazError(
                _("the codes «{value}» cannot be read", value=written), where=where, expected="11131, 1124-5"
            )
        first, last = match.group(1), match.group(2)
        if last is None:
            codes.append(first)
            continue
        stem = first[: len(first) - len(last)]
        codes += [f"{stem}{number:0{len(last)}d}" for number in range(int(first[len(stem) :]), int(last) + 1)]
    return codes


def prefixes(concordance: Mapping[str, Sequence[str]], activity: Sequence[str]) -> dict[str, list[str]]:
    """Activity code → the BEA industries that hold it: by the longest code that begins it; an empty list where none does."""
    by_code: dict[str, list[str]] = {}
    for industry, codes in concordance.items():
        for code in codes:
            by_code.setdefault(code, []).append(industry)
    found: dict[str, list[str]] = {}
    for code in activity:
        match = next((code[:digits] for digits in range(len(code), 0, -1) if code[:digits] in by_code), None)
        found[code] = by_code[match] if match else []
    return found
