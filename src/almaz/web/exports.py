"""Tables that leave the site: CSV and XLSX in which no cell is ever run as a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime

import xlsxwriter
from django.http import HttpResponse

STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a spreadsheet takes for the start of a formula (OWASP, CSV injection)."""
KINDS = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


def table_response(name: str, kind: str, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> HttpResponse:
    """A download of a table. kind: csv (with a byte-order mark, which spreadsheets need) or xlsx."""
    content = csv_bytes(headings, rows) if kind == "csv" else xlsx_bytes(headings, rows)
    response = HttpResponse(content, content_type=KINDS[kind])
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return response


def harmless(value: object) -> object:
    """The value; a text that a spreadsheet would run is led by an apostrophe."""
    return f"'{value}" if isinstance(value, str) and value.startswith(STARTS) else value


def csv_bytes(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Comma-separated UTF-8."""
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow(headings)
    writer.writerows([["" if value is None else harmless(value) for value in row] for row in rows])
    return ("\ufeff" + target.getvalue()).encode()


def xlsx_bytes(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A workbook of one sheet; texts stay texts, times lose their zone, which Excel does not know."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(
        target,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "default_date_format": "yyyy-mm-dd",
        },
    ) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, headings, book.add_format({"bold": True}))
        for place, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                plain = value.replace(tzinfo=None) if isinstance(value, datetime) else value
                sheet.write(place, column, plain)
        sheet.freeze_panes(1, 0)
        sheet.autofit()
    return target.getvalue()
