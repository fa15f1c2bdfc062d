"""The edition's tables as an Excel workbook."""

from __future__ import annotations

import io

import pyarrow as pa
import pyarrow.compute as pc
import xlsxwriter

from almaz.language import text as _
from almaz.study.edition import Edition
from almaz.tables.problems import spoken

SHEETS = ("portfolio", "strength", "disagreement", "typology", "region_strength", "unmatched", "problems", "sources")


def workbook(edition: Edition) -> bytes:
    """One sheet per result table; the portfolio's clusters of the last year. Text stays text: nothing is read as a formula."""
    held = io.BytesIO()
    book = xlsxwriter.Workbook(
        held, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": False}
    )
    book.set_properties({"created": _epoch(), "title": edition.manifest["study"]["study"]["name"]})
    bold = book.add_format({"bold": True, "bottom": 1})
    for name in SHEETS:
        table = edition.table(name) if name != "problems" else _problems(edition)
        if name == "portfolio":
            table = table.filter(
                pc.and_(pc.is_null(table["subcluster"]), pc.equal(table["year"], pc.max(table["year"])))
            )
        sheet = book.add_worksheet(name)
        sheet.freeze_panes(1, 2)
        sheet.write_row(0, 0, table.column_names, bold)
        _fill(sheet, table)
    about = book.add_worksheet(_("about"))
    about.write_column(0, 0, [edition.manifest["study"]["study"]["name"], edition.manifest["identity"]])
    book.close()
    return held.getvalue()


def _problems(edition: Edition) -> pa.Table:
    """The problems with their sentences in the language in use."""
    names = ["level", "kind", "file", "sheet", "row", "column", "value", "problem", "expected", "count"]
    rows = [spoken(row) for row in edition.table("problems").to_pylist()]
    return pa.table({name: pa.array([row[name] for row in rows]) for name in names})


def _fill(sheet: xlsxwriter.worksheet.Worksheet, table: pa.Table) -> None:
    for column, name in enumerate(table.column_names):
        for row, value in enumerate(table[name].to_pylist(), start=1):
            if isinstance(value, bool):
                sheet.write_boolean(row, column, value)
            elif isinstance(value, (int, float)) and abs(value) < float("inf"):
                sheet.write_number(row, column, value)
            elif isinstance(value, str):
                sheet.write_string(row, column, value)


def _epoch() -> object:
    """A fixed day, so that the same edition gives the same bytes."""
    from datetime import datetime

    return datetime(2000, 1, 1)
