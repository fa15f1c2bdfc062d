"""Records from a workbook: what each row would do, said before anything is kept; then all of it or none of it."""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import openpyxl
from django import forms
from django.db import models, transaction

from almaz.errors import AlmazError, Where
from almaz.language import LANGUAGES, count, use
from almaz.language import text as _
from almaz.web.centre.access import Access
from almaz.web.centre.changes import save
from almaz.web.centre.forms import form_class
from almaz.web.centre.kinds import Kind
from almaz.web.centre.records import said
from almaz.web.exports import STARTS

ROWS = 5_000
"""Rows that one file may hold."""
COLUMNS = 100
UNPACKED = 80_000_000
"""Bytes that a workbook may unpack into: far more than so many rows need."""
YES = frozenset(("1", "true", "yes", "x", "+", "да", "ооба", "истина"))
NO = frozenset(("0", "false", "no", "-", "нет", "жок", "ложь"))


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


@dataclass(frozen=True)
class Problem:
    """What is wrong with a cell, and what was expected there."""

    column: str
    value: str
    said: str
    expected: str = ""


@dataclass(frozen=True)
class Line:
    """What became, or would become, of a row. fate: new, changed, same or wrong; changes: (field, before, after)."""

    sheet: str
    row: int
    name: str
    fate: str
    changes: tuple[tuple[str, str, str], ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """Every row's fate."""

    lines: list[Line] = field(default_factory=list)

    def number(self, fate: str) -> int:
        """How many rows have this fate."""
        return sum(line.fate == fate for line in self.lines)

    @property
    def wrong(self) -> bool:
        """Whether nothing can be kept."""
        return any(line.fate == "wrong" for line in self.lines)

    @property
    def fingerprint(self) -> str:
        """The same for the same fates: what was seen before is what is kept."""
        return hashlib.sha256(repr(self.lines).encode()).hexdigest()[:16]


def preview(access: Access, sheets: Sequence[Sheet]) -> Outcome:
    """What the rows would do. It is really done, and then all taken back: references between sheets are seen as they will be."""
    with transaction.atomic():
        outcome = _done(access, sheets, "preview")
        transaction.set_rollback(True)
    return outcome


def commit(access: Access, sheets: Sequence[Sheet], reason: str, seen: str) -> Outcome:
    """Keep all rows, if every one is right and their fates are still those that were seen; otherwise none of them."""
    with transaction.atomic():
        outcome = _done(access, sheets, reason)
        if outcome.wrong or outcome.fingerprint != seen:
            transaction.set_rollback(True)
    return outcome


def _done(access: Access, sheets: Sequence[Sheet], reason: str) -> Outcome:
    outcome = Outcome()
    for sheet in sheets:
        desk = _Desk(access, sheet, reason)
        outcome.lines.extend(desk.line(number, cells) for number, cells in sheet.rows)
    return outcome


class _Desk:
    """One sheet at work: the records there are, by what recognises them."""

    def __init__(self, access: Access, sheet: Sheet, reason: str) -> None:
        self.access, self.sheet, self.reason, self.kind = access, sheet, reason, sheet.kind
        self.form = form_class(sheet.kind)
        self.empty = self.form(access, instance=sheet.kind.model(cluster=access.cluster))
        self.known: dict[tuple[object, ...], list[Any]] = {}
        for record in sheet.kind.rows(access):
            self._know(record)
        self.named: dict[str, dict[str, Any]] = {}
        self.used: dict[int, int] = {}

    def line(self, number: int, cells: Mapping[str, Any]) -> Line:
        """What becomes of a row."""
        problems: list[Problem] = []
        values = {}
        for name, cell in cells.items():
            try:
                values[name] = self._value(name, cell)
            except _UnreadError as why:
                problems.append(self._problem(name, cell, str(why)))
        name = str(next(iter(cells.values()), "") or "")
        if problems:
            return Line(self.sheet.title, number, name, "wrong", problems=tuple(problems))
        try:
            record = self._recognised(values)
        except _UnreadError as why:
            return Line(self.sheet.title, number, name, "wrong", problems=(Problem("", name, str(why)),))
        if record is not None and record.pk in self.used:
            twice = _("This is the same as row {row}.", row=count(self.used[record.pk]))
            return Line(self.sheet.title, number, name, "wrong", problems=(Problem("", name, twice),))
        return self._kept(number, name, cells, values, record)

    def _kept(self, number: int, name: str, cells: Mapping[str, Any], values: Mapping[str, Any], record: Any) -> Line:
        model, title = self.kind.model, self.sheet.title
        if record is not None and not self.kind.changeable(self.access, record):
            refused = _("You may not change this record.")
            return Line(title, number, name, "wrong", problems=(Problem("", name, refused),))
        before = {} if record is None else {one: said(record, one) for one in self.kind.fields}
        instance = model(cluster=self.access.cluster) if record is None else model.everything.get(pk=record.pk)
        form = self.form(self.access, self._typed(instance, values), instance=instance)
        if not form.is_valid():
            wrong = [
                self._problem("" if one == "__all__" else one, cells.get(one), str(why), form)
                for one, reasons in form.errors.items()
                for why in reasons
            ]
            return Line(title, number, name, "wrong", problems=tuple(wrong))
        made = form.save(commit=False)
        titled = self.kind.column_title
        after = {one: said(made, one) for one in self.kind.fields}
        changed = tuple(
            (titled(one), before.get(one, ""), after[one])
            for one in self.kind.fields
            if before.get(one, "") != after[one]
        )
        if record is not None and not changed:
            self.used[record.pk] = number
            return Line(title, number, str(record), "same")
        if record is None and self.kind.prepare:
            self.kind.prepare(self.access, made)
        save(made, self.reason)
        form.save_m2m()
        self.used[made.pk] = number
        if record is None:
            self._know(made)
        return Line(title, number, str(made), "new" if record is None else "changed", changed)

    def _know(self, record: Any) -> None:
        for fields in self.kind.recognised:
            key = self._key(fields, {name: getattr(record, f"{name}_id", getattr(record, name)) for name in fields})
            if key:
                self.known.setdefault(key, []).append(record)

    def _key(self, fields: tuple[str, ...], values: Mapping[str, Any]) -> tuple[object, ...] | None:
        parts = [_plain(values.get(name)) for name in fields]
        return (fields, *parts) if all(parts) else None

    def _recognised(self, values: Mapping[str, Any]) -> Any:
        for fields in self.kind.recognised:
            key = self._key(fields, values)
            found = self.known.get(key, []) if key else []
            if len(found) > 1:
                raise _UnreadError(_("Several records match; merge or rename them first."))
            if found:
                return found[0]
        return None

    def _typed(self, instance: Any, values: Mapping[str, Any]) -> dict[str, Any]:
        """What the form gets: the cells, and for the rest what the record has. An empty cell leaves what is there."""
        typed: dict[str, Any] = {}
        for name in self.kind.fields:
            field_ = self.kind.model._meta.get_field(name)
            if isinstance(field_, models.ManyToManyField):
                held: Any = [one.pk for one in getattr(instance, name).all()] if instance.pk else []
            else:
                held = field_.value_from_object(instance)
            value = values.get(name)
            held = held if value is None else value
            if isinstance(held, bool):
                if held:
                    typed[name] = "on"
            elif held is not None:
                typed[name] = (
                    held if isinstance(held, list) else held.isoformat() if isinstance(held, date) else str(held)
                )
        return typed

    def _value(self, name: str, cell: Any) -> Any:
        """A cell as the form's field takes it; None where it is empty. Raises _UnreadError."""
        if cell is None or str(cell).strip() == "":
            return None
        form_field = self.empty.fields[name]
        if isinstance(form_field, forms.ModelMultipleChoiceField):
            return [self._named(name, part) for part in str(cell).split(";") if part.strip()]
        if isinstance(form_field, forms.ModelChoiceField):
            return self._named(name, cell)
        if isinstance(form_field, forms.ChoiceField):
            return _chosen(form_field, cell)
        return _understood(form_field, cell)

    def _named(self, name: str, cell: Any) -> Any:
        if name not in self.named:
            self.named[name] = _names(self.empty.fields[name].queryset)
        found = self.named[name].get(_plain(_text(cell)))
        if found is None:
            raise _UnreadError(_("There is no such record in this cluster."))
        return found

    def _problem(self, name: str, cell: Any, why: str, form: Any = None) -> Problem:
        if not name:
            return Problem("", "", why)
        field_ = (form or self.empty).fields[name]
        written = "" if cell is None else _text(cell)
        heading = self.sheet.headings.get(name, self.kind.column_title(name))
        return Problem(heading, written, why, expected(field_))


class _UnreadError(Exception):
    """A cell that says nothing we know."""


def expected(field_: Any) -> str:
    """What a column takes, in words."""
    if isinstance(field_, forms.ModelChoiceField):
        names = [str(one) for one in field_.queryset[:6]]
        return _("a name that this cluster has: {names}", names=", ".join(names[:5]) + (" …" if len(names) > 5 else ""))
    if isinstance(field_, forms.ChoiceField):
        return _(
            "one of: {keys}", keys=", ".join(str(label) for value, label in field_.choices if value not in ("", None))
        )
    if isinstance(field_, forms.BooleanField):
        return _("yes or no")
    if isinstance(field_, forms.DateField):
        return _("a day, such as 2027-03-31")
    if isinstance(field_, forms.IntegerField | forms.FloatField | forms.DecimalField):
        return _("a number")
    return str(field_.help_text or "")


def _names(rows: Iterable[Any]) -> dict[str, Any]:
    """What records are called, in every language and by their other names → pk; a name that two have is nobody's."""
    found: dict[str, set[Any]] = {}
    held = list(rows)
    for spoken in LANGUAGES:
        with use(spoken):
            for one in held:
                found.setdefault(_plain(str(one)), set()).add(one.pk)
    for one in held:
        for name in ("name", "tax_id", "email"):
            if getattr(one, name, ""):
                found.setdefault(_plain(getattr(one, name)), set()).add(one.pk)
    return {name: next(iter(keys)) for name, keys in found.items() if len(keys) == 1}


def _chosen(field_: Any, cell: Any) -> Any:
    wanted = _plain(_text(cell))
    for spoken in LANGUAGES:
        with use(spoken):
            for value, label in field_.choices:
                if value not in ("", None) and wanted in (_plain(str(label)), _plain(str(value))):
                    return value
    raise _UnreadError(_("This is none of the allowed values."))


def _understood(field_: Any, cell: Any) -> Any:
    written = _text(cell)
    if isinstance(field_, forms.BooleanField):
        if _plain(written) in YES | NO:
            return _plain(written) in YES
        raise _UnreadError(_("This is neither yes nor no."))
    if isinstance(field_, forms.DateField):
        for form in ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y"):
            try:
                return datetime.strptime(written, form).date()
            except ValueError:
                continue
        raise _UnreadError(_("This is no day."))
    if isinstance(field_, forms.FloatField | forms.DecimalField | forms.IntegerField):
        return written.replace("\u00a0", "").replace(" ", "").replace(",", ".")
    return written


def _text(cell: Any) -> str:
    """A cell as a person reads it: whole numbers without a point, days without a time."""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return str(cell).strip()


def _plain(value: object) -> str:
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
                titled[_plain(str(kind.title)[:31])] = kind
        titled[kind.name] = kind
    known = {title: titled[_plain(title)] for title in tables if _plain(title) in titled}
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
    header = [] if top is None else [_plain(cell).rstrip("* ") for cell in table[top]]
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
    filled = [(number, cells) for number, cells in rows if any(_plain(cell) for cell in cells.values())]
    unknown = [str(table[top][place]) for place, heading in enumerate(header) if heading and place not in columns
               and heading not in _silent(kind)]  # fmt: skip
    headings = {name: str(table[top][place]).rstrip("* ") for place, name in columns.items()}
    return Sheet(kind, title, columns, headings, filled, unknown)


def headings_of(kind: Kind) -> dict[str, str]:
    """What a column may be called, in every language → field."""
    found = {name: name for name in kind.fields}
    for spoken in LANGUAGES:
        with use(spoken):
            found |= {_plain(kind.column_title(name)): name for name in kind.fields}
    return found


def _silent(kind: Kind) -> set[str]:
    """Headings of an export that no form fills: they are no surprise."""
    made = set()
    for spoken in LANGUAGES:
        with use(spoken):
            made |= {_plain(kind.column_title(name)) for name in kind.columns if name not in kind.fields}
    return made


def _csv(content: bytes, name: str) -> dict[str, list[tuple[Any, ...]]]:
    try:
        written = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        written = content.decode("cp1251", "replace")
    start = written.partition("\n")[0]
    separator = max((",", ";", "\t"), key=start.count)
    rows = [tuple(map(_unquoted, row)) for row in csv.reader(io.StringIO(written), delimiter=separator)]
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
