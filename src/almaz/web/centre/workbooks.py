"""The sheets of a file that is sent to be imported: which kind each holds, which column is which field."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import openpyxl

from almaz.errors import AlmazError, Where
from almaz.language import LANGUAGES, count, use
from almaz.language import text as _
from almaz.tables.delimited import sniffed
from almaz.web.centre.kinds import Kind
from almaz.web.exports import STARTS

ROWS = 5_000
"""Rows that one file may hold."""
COLUMNS = 100
UNPACKED = 80_000_000
"""Bytes that a workbook may unpack into: far more than so many rows need."""


@dataclass(frozen=True)
class Sheet:
    """The rows of one kind. title: of the sheet, nothing in a CSV; columns: place → field; rows: (number, place → cell);
    unknown: headings that say no field."""

    kind: Kind
    title: str
    columns: Mapping[int, str]
    headings: Mapping[str, str]
    rows: list[tuple[int, dict[str, Any]]]
    unknown: list[str]


def plain(value: object) -> str:
    """A text to compare: without case and spaces around or twice."""
    return " ".join(str("" if value is None else value).casefold().split())


def read(content: bytes, name: str, kinds: Sequence[Kind]) -> list[Sheet]:
    """The sheets of a file that hold records of these kinds, in the kinds' order; a file of one sheet is of the first kind.

    content: of an .xlsx or .csv. Raises AlmazError naming file, sheet and row where it cannot be read.
    """
    tables = _csv(content, name) if name.lower().endswith((".csv", ".txt", ".tsv")) else _workbook(content, name)
    titled = {}
    for kind in kinds:
        for spoken in LANGUAGES:
            with use(spoken):
                titled[plain(str(kind.title)[:31])] = kind
        titled[kind.name] = kind
    known = {title: titled[plain(title)] for title in tables if plain(title) in titled}
    if not known and tables:
        known = {next(iter(tables)): kinds[0]}
    sheets = [_sheet(kind, title, tables[title], name) for kind in kinds for title, of in known.items() if of is kind]
    filled = [sheet for sheet in sheets if sheet.rows]
    if not filled:
        raise AlmazError(_("there are no rows below the headings"), where=Where(file=name))
    if sum(len(sheet.rows) for sheet in filled) > ROWS:
        raise AlmazError(_("the file has more than {number} rows", number=count(ROWS)), where=Where(file=name),
                         advice=_("split it into several files"))  # fmt: skip
    return filled


def _sheet(kind: Kind, title: str, table: list[tuple[Any, ...]], file: str) -> Sheet:
    titles = headings_of(kind)
    top = next((place for place, row in enumerate(table) if any(cell not in (None, "") for cell in row)), None)
    header = [] if top is None else [plain(cell).rstrip("* ") for cell in table[top]]
    columns: dict[int, str] = {}
    for place, heading in enumerate(header):
        name = titles.get(heading)
        if name and name in columns.values():
            raise AlmazError(_("the column «{name}» stands twice", name=heading),
                             where=Where(file=file, sheet=title or None, row=(top or 0) + 1))  # fmt: skip
        if name:
            columns[place] = name
    if not columns:
        raise AlmazError(
            _("no column of {kind} is recognised", kind=kind.title),
            where=Where(file=file, sheet=title or None, row=(top or 0) + 1),
            expected=_("one of: {keys}", keys=", ".join(kind.column_title(name) for name in kind.fields)),
            advice=_("start from the template"),
        )
    assert top is not None
    rows = [
        (top + 2 + place, {name: row[at] if at < len(row) else None for at, name in columns.items()})
        for place, row in enumerate(table[top + 1 :])
    ]
    filled = [(number, cells) for number, cells in rows if any(plain(cell) for cell in cells.values())]
    unknown = [str(table[top][place]) for place, heading in enumerate(header) if heading and place not in columns
               and heading not in _silent(kind)]  # fmt: skip
    headings = {name: str(table[top][place]).rstrip("* ") for place, name in columns.items()}
    return Sheet(kind, title, columns, headings, filled, unknown)


def headings_of(kind: Kind) -> dict[str, str]:
    """What a column may be called, in every language → field."""
    found = {name: name for name in kind.fields}
    for spoken in LANGUAGES:
        with use(spoken):
            found |= {plain(kind.column_title(name)): name for name in kind.fields}
    return found


def _silent(kind: Kind) -> set[str]:
    """Headings of an export that no form fills: they are no surprise."""
    made = set()
    for spoken in LANGUAGES:
        with use(spoken):
            made |= {plain(kind.column_title(name)) for name in kind.columns if name not in kind.fields}
    return made


def _csv(content: bytes, name: str) -> dict[str, list[tuple[Any, ...]]]:
    try:
        written = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        written = content.decode("cp1251", "replace")
    rows = [tuple(map(_unquoted, row)) for row in csv.reader(io.StringIO(written), delimiter=sniffed(written))]
    if len(rows) > ROWS + 50:
        raise AlmazError(_("the file has more than {number} rows", number=count(ROWS)), where=Where(file=name))
    return {"": rows}


def _unquoted(cell: str) -> str:
    """Without the apostrophe that our own exports put before what a spreadsheet would run."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(STARTS) else cell


def _workbook(content: bytes, name: str) -> dict[str, list[tuple[Any, ...]]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(one.file_size for one in packed.infolist()) > UNPACKED:
                raise AlmazError(_("the workbook is larger than an import can be"), where=Where(file=name))
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        return {
            sheet.title: [tuple(row) for row in sheet.iter_rows(max_row=ROWS + 50, max_col=COLUMNS, values_only=True)]
            for sheet in book.worksheets
        }
    except AlmazError:
        raise
    except Exception:
        raise AlmazError(_("this is not an Excel file that can be read"), where=Where(file=name)) from None
