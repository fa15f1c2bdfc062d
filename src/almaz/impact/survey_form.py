"""The survey as a spreadsheet: a form to hand out and fill in, and the answers read back from it."""

from __future__ import annotations

import contextlib
import csv
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from almaz.errors import AlmazError, Where
from almaz.impact.survey import Answers, questionnaire
from almaz.language import language
from almaz.language import text as _
from almaz.whole import whole

SHEET = "answers"
HEADER_ROWS = 2


def write_form(file: Path, organisations: tuple[str, ...] = (), rows: int = 60) -> Path:
    """Write the form in the language in use: a sheet to print, one to fill in (a row an organisation).

    organisations: those to be asked, written down beforehand, so that silence shows. The file is whole or not there.
    """
    import xlsxwriter

    form, spoken = questionnaire(), language()
    with whole(file) as partial, xlsxwriter.Workbook(str(partial), {"strings_to_formulas": False}) as book:
        book.set_properties({"created": datetime(2000, 1, 1)})
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        wrap = book.add_format({"text_wrap": True, "valign": "top"})
        box = book.add_format({"border": 1, "align": "center"})
        _print_sheet(book.add_worksheet(_("form")), bold, wrap, box)
        sheet = book.add_worksheet(SHEET)
        sheet.freeze_panes(HEADER_ROWS, 1)
        sheet.set_column(0, 0, 32)
        sheet.set_column(1, len(form.items), 22)
        sheet.set_row(1, 90)
        sheet.write_row(0, 0, ["organisation", *(item.name for item in form.items)], bold)
        sheet.write_row(1, 0, [_("organisation (list all that are asked, also the silent)")], bold)
        sheet.write_row(1, 1, [item.text[spoken] for item in form.items], wrap)
        for place, name in enumerate(organisations):
            sheet.write_string(HEADER_ROWS + place, 0, name)
        sheet.data_validation(
            HEADER_ROWS, 1, HEADER_ROWS + max(rows, len(organisations)) - 1, len(form.items),
            {"validate": "integer", "criteria": "between", "minimum": form.lowest, "maximum": form.highest,
             "error_title": "Almaz", "error_message": f"{form.lowest} … {form.highest}"},
        )  # fmt: skip
    return file


def _print_sheet(sheet: Any, bold: Any, wrap: Any, box: Any) -> None:
    form, spoken = questionnaire(), language()
    sheet.set_column(0, 0, 78)
    sheet.set_column(1, form.highest - form.lowest + 1, 5)
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    lead = _("How far is each statement true? Mark one number in each line; leave the line empty if you do not know.")
    scale = f"{form.lowest}: {form.anchors['lowest'][spoken]};  {form.highest}: {form.anchors['highest'][spoken]}"
    sheet.write_string(0, 0, lead, bold)
    sheet.write_string(1, 0, scale, wrap)
    sheet.write_string(2, 0, _("organisation") + ": ____________________", wrap)
    row, block = 3, None
    for item in form.items:
        if item.block != block:
            block = item.block
            row += 1
            sheet.write_string(row, 0, form.title(block), bold)
            row += 1
        sheet.write_string(row, 0, item.text[spoken], wrap)
        for place, value in enumerate(range(form.lowest, form.highest + 1)):
            sheet.write_number(row, 1 + place, value, box)
        row += 1


def read_answers(file: Path, population: int | None = None) -> Answers:
    """Read the answers from a filled form (.xlsx, sheet `answers`) or a CSV with the same columns.

    Raises AlmazError naming sheet, row and column for a missing item, an answer off the scale, an organisation that stands
    twice, or answers without a name.
    """
    rows = _rows(file)
    names = [item.name for item in questionnaire().items]
    header = [str(cell or "").strip() for cell in rows[0]] if rows else []
    for name in ("organisation", *names):
        if name not in header:
            raise AlmazError(
                _("there is no column «{name}»", name=name),
                where=Where(file=str(file), sheet=SHEET if file.suffix == ".xlsx" else None),
                advice=_("start from the form: almaz survey form"),
            )
    skip = HEADER_ROWS if file.suffix.lower() == ".xlsx" else 1
    organisations: list[str] = []
    values: list[list[float]] = []
    place = {name: header.index(name) for name in ("organisation", *names)}
    for number, row in enumerate(rows[skip:], start=skip + 1):
        cells = {name: row[at] if at < len(row) else None for name, at in place.items()}
        given = [_answer(cells[name], file, number, name) for name in names]
        organisation = str(cells["organisation"] or "").strip()
        if not organisation and all(np.isnan(given)):
            continue
        _named(organisation, organisations, file, number)
        organisations.append(organisation)
        values.append(given)
    if not organisations:
        raise AlmazError(_("nobody was asked: the sheet has no organisations"), where=Where(file=str(file)))
    return Answers(tuple(organisations), np.array(values, dtype=np.float64), population)


def _named(organisation: str, before: list[str], file: Path, number: int) -> None:
    if not organisation or organisation in before:
        problem = _("«{name}» stands twice", name=organisation) if organisation else _("answers without a name")
        raise AlmazError(
            problem,
            where=Where(file=str(file), row=number, column="organisation"),
            expected=_("one row for each organisation asked"),
        )


def _answer(cell: object, file: Path, number: int, column: str) -> float:
    written = str("" if cell is None else cell).strip()
    if written == "":
        return float("nan")
    form = questionnaire()
    try:
        value = float(written)
    except ValueError:
        value = float("nan")
    if not (value == round(value) and form.lowest <= value <= form.highest if np.isfinite(value) else False):
        raise AlmazError(
            _("«{value}» is not an answer", value=written),
            where=Where(file=str(file), row=number, column=column),
            expected=_("a whole number from {low} to {high}, or nothing", low=form.lowest, high=form.highest),
        )
    return value


def _rows(file: Path) -> list[list[Any]]:
    if not file.is_file():
        raise AlmazError(_("there is no such file"), where=Where(file=str(file)))
    if file.suffix.lower() != ".xlsx":
        with file.open(encoding="utf-8-sig", newline="") as source:
            return [list(row) for row in csv.reader(source)]
    import openpyxl

    try:
        book = openpyxl.load_workbook(file, read_only=True, data_only=True)
    except Exception:
        raise AlmazError(_("this is not an Excel file that can be read"), where=Where(file=str(file))) from None
    with contextlib.closing(book):
        return _sheet_rows(book, file)


def _sheet_rows(book: Any, file: Path) -> list[list[Any]]:
    if SHEET not in book.sheetnames:
        raise AlmazError(
            _("there is no sheet «{sheet}»", sheet=SHEET),
            where=Where(file=str(file)),
            expected=_("one of: {keys}", keys=", ".join(book.sheetnames)),
        )
    return [list(row) for row in book[SHEET].iter_rows(values_only=True)]
