"""Reading Excel, and the form in which stat.gov.kg and its like publish.

That form (`statgov`): a title row or several; a header whose label cells are in three languages and whose other cells are years;
one row per region, named in one cell ("Баткен облусу / Баткенская область / Batken oblast") or in three; footnotes below.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from pathlib import Path

import openpyxl
from openpyxl.utils import get_column_letter

from almaz.errors import AlmazError, Where
from almaz.language import text as _
from almaz.tables.cells import Rows, label, observe, observe_rows
from almaz.tables.marks import understand
from almaz.tables.schema import Status
from almaz.tables.source import Findings, Reading, Source

LARGEST = 512 * 1024**2
"""Bytes that a workbook may unpack to."""
_YEAR = re.compile(r"^(1[89]\d\d|20\d\d)\s*(-?\s*(ж|г|жыл|год)\w*\.?)?\s*[*¹²³\d)]{0,3}$", re.IGNORECASE)
_FOOTNOTE = re.compile(r"^\s*(\d\)|\*|¹|²|³|эскертүү|примечани|note|булак|источник|source)", re.IGNORECASE)


def read(source: Source) -> Reading:
    """Read a workbook: by header names, or in the form of stat.gov.kg."""
    findings = Findings(source)
    counted = 0
    for name, rows in sheets(source.file, [source.sheet] if source.sheet else list(source.sheets)):
        if source.format == "statgov":
            counted += _statgov(findings, name, rows)
        else:
            counted += observe_rows(findings, rows, name)
    return findings.reading(counted)


def sheets(file: Path, wanted: Sequence[str] = ()) -> list[tuple[str, Rows]]:
    """The rows of a workbook's sheets (all of them, or those wanted), each row with its number.

    Raises AlmazError for a file that is no workbook or too large, or for a sheet that it does not have.
    """
    where = Where(file=str(file))
    try:
        with zipfile.ZipFile(file) as packed:
            if sum(part.file_size for part in packed.infolist()) > LARGEST:
                raise AlmazError(_("the workbook unpacks to more than 512 MB"), where=where)
        book = openpyxl.load_workbook(file, read_only=True, data_only=True)
        for name in wanted:
            if name not in book.sheetnames:
                raise AlmazError(
                    _("there is no sheet «{name}»", name=name),
                    where=where,
                    expected=_("one of: {keys}", keys=", ".join(book.sheetnames)),
                )
        found: list[tuple[str, Rows]] = [
            (name, [(place, row) for place, row in enumerate(book[name].iter_rows(values_only=True), start=1)])
            for name in wanted or book.sheetnames
        ]
        book.close()
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
    return found


def _statgov(findings: Findings, sheet: str, rows: Rows) -> int:
    header = next((i for i, (_n, cells) in enumerate(rows) if sum(_year(cell) is not None for cell in cells) > 0), None)
    if header is None:
        raise AlmazError(
            _("no header with years was found"),
            where=Where(file=str(findings.source.file), sheet=sheet),
            expected=_("a row whose cells are years, such as 2020, 2021"),
        )
    years = {place: year for place, cell in enumerate(rows[header][1]) if (year := _year(cell)) is not None}
    said: dict[str, object] = {**findings.source.constants, **findings.source.sheets.get(sheet, {})}
    for need in ("industry", "measure"):
        if need not in said:
            raise AlmazError(
                _("the study does not say which {need} this sheet holds", need=need),
                where=Where(file=str(findings.source.file), sheet=sheet),
                advice=_("add it to the section: sheets = {{ «{sheet}» = {{ {need} = … }} }}", sheet=sheet, need=need),
            )
    counted = 0
    for number, cells in rows[header + 1 :]:
        if any(label(cell) for cell in cells):
            counted += 1
            _statgov_row(findings, sheet, number, cells, years, said)
    return counted


def _statgov_row(
    findings: Findings,
    sheet: str,
    number: int,
    cells: Sequence[object],
    years: dict[int, int],
    said: dict[str, object],
) -> None:
    name = " / ".join(label(cell) for cell in cells[: min(years)] if label(cell))
    held = [place for place in years if place < len(cells) and label(cells[place])]
    if not held or _FOOTNOTE.match(name):
        findings.problem(
            "text_row",
            _("a row of text without figures: kept as a note"),
            level="note",
            sheet=sheet,
            row=number,
            value=name or label(cells[held[0]]) if (name or held) else None,
        )
        return
    if not name:
        findings.problem(
            "no_region",
            _("figures without a region's name"),
            level="error",
            sheet=sheet,
            row=number,
            expected=_("a name"),
        )
        return
    for place, year in years.items():
        cell = cells[place] if place < len(cells) else None
        written = understand(cell, findings.source.all_marks, findings.source.decimal)
        if not label(cell) and place > max(held):
            written = understand("", {"": Status.NOT_YET})
        column = get_column_letter(place + 1)
        observe(findings, {**said, "region": name, "year": year}, written, number, column, sheet, cell)


def _year(cell: object) -> int | None:
    found = _YEAR.match(label(cell))
    return int(found.group(1)) if found else None
