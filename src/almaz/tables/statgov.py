"""The form in which stat.gov.kg and its like publish: a title row or several; a header whose label cells are in three languages
and whose other cells are years; one row per region, named in one cell ("Баткен облусу / Баткенская область / Batken oblast")
or in three; footnotes below.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from openpyxl.utils import get_column_letter

from almaz.language import text as _
from almaz.tables.block import Block, label, year_of
from almaz.tables.grid import Grid
from almaz.tables.marks import Merged
from almaz.tables.schema import Status
from almaz.tables.source import Findings, Source

_FOOTNOTE = re.compile(r"^\s*(\d\)|\*|¹|²|³|эскертүү|примечани|note|булак|источник|source)", re.IGNORECASE)
ROWS = "region"
"""The column of a block that holds what its rows are about."""


def year_row(grid: Grid) -> tuple[int, dict[int, int]] | None:
    """The place of the row whose cells are years, and column → year; None where there is none.

    The first row with two years or more, else the first with one: a title may say a year of its own.
    """
    found = [
        (place, {column: year for column, cell in enumerate(cells) if (year := year_of(cell)) is not None})
        for place, (_line, cells) in enumerate(grid.rows)
    ]
    several = [row for row in found if len(row[1]) > 1 and min(row[1]) > 0]
    single = [row for row in found if len(row[1]) == 1 and min(row[1]) > 0]
    return next(iter([*several, *single]), None)


def laid_out(grid: Grid, source: Source, findings: Findings) -> tuple[Block, Source]:
    """A sheet in this form as a block: its regions and a column for each year, called by its letter.

    Blank cells after a row's last figure are figures still to come. Raises AlmazError where no header has years, or the
    study does not say what the sheet holds.
    """
    sheet = grid.sheet
    header = year_row(grid)
    if header is None:
        raise findings.fault(
            _("no header with years was found"),
            sheet=sheet,
            expected=_("a row whose cells are years, such as 2020, 2021"),
        )
    place, years = header
    said: dict[str, str | int] = {**source.constants, **source.sheets.get(sheet or "", {})}
    for need in ("industry", "measure"):
        if need not in said:
            raise findings.fault(
                _("the study does not say which {need} this sheet holds", need=need),
                sheet=sheet,
                advice=_("add it to the section: sheets = {{ «{sheet}» = {{ {need} = … }} }}", sheet=sheet, need=need),
            )
    regions: list[str] = []
    lines: list[int] = []
    cells: dict[int, list[object]] = {column: [] for column in years}
    for line, row in grid.rows[place + 1 :]:
        name = _named(findings, sheet, line, row, years)
        if name is not None:
            regions.append(name)
            lines.append(line)
            for column, cell in _figures(row, years).items():
                cells[column].append(cell)
    columns = {ROWS: regions, **{get_column_letter(column + 1): cells[column] for column in years}}
    values: dict[str, Mapping[str, str | int | float]] = {
        get_column_letter(column + 1): {"year": year, **({"scale": said["scale"]} if "scale" in said else {})}
        for column, year in years.items()
    }
    block = Block(sheet, columns, np.array(lines, dtype=np.int32), tuple(columns))
    return block, replace(source, dimensions={"region": ROWS}, constants=said, values=values, where={}, measures={})


def _figures(row: Sequence[object], years: Mapping[int, int]) -> dict[int, object]:
    cells = {column: row[column] if column < len(row) else None for column in years}
    last = max((column for column, cell in cells.items() if label(cell)), default=-1)
    return {column: Status.NOT_YET if column > last and not label(cell) else cell for column, cell in cells.items()}


def _named(
    findings: Findings, sheet: str | None, line: int, row: Sequence[object], years: Mapping[int, int]
) -> str | None:
    """What a row with figures is about; None for a row that is not one, which is said unless it is blank."""
    if not any(label(cell) for cell in row):
        return None
    findings.rows += 1
    parts = [label(cell) for cell in row[: min(years)] if label(cell)]
    name = " / ".join(dict.fromkeys(parts))
    held = [cell for column in years if column < len(row) and label(cell := row[column])]
    if all(isinstance(cell, Merged) for cell in held) or _FOOTNOTE.match(name):
        findings.problem("text_row", "note", sheet=sheet, row=line, value=name or label(next(iter(held), "")))
        return None
    if not name:
        findings.problem("no_region", "error", sheet=sheet, row=line)
        return None
    return name
