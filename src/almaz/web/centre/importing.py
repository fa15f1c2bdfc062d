"""Records from a workbook: what each row would do, said before anything is kept; then all of it or none of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django import forms
from django.db import models, transaction

from almaz.language import LANGUAGES, count, use
from almaz.language import text as _
from almaz.web.centre.access import Access
from almaz.web.centre.changes import save
from almaz.web.centre.forms import form_class
from almaz.web.centre.records import said
from almaz.web.centre.workbooks import Sheet, plain

YES = frozenset(("1", "true", "yes", "x", "+", "да", "ооба", "истина"))
NO = frozenset(("0", "false", "no", "-", "нет", "жок", "ложь"))


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
        parts = [plain(values.get(name)) for name in fields]
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
        found = self.named[name].get(plain(_text(cell)))
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
                found.setdefault(plain(str(one)), set()).add(one.pk)
    for one in held:
        for name in ("name", "tax_id", "email"):
            if getattr(one, name, ""):
                found.setdefault(plain(getattr(one, name)), set()).add(one.pk)
    return {name: next(iter(keys)) for name, keys in found.items() if len(keys) == 1}


def _chosen(field_: Any, cell: Any) -> Any:
    wanted = plain(_text(cell))
    for spoken in LANGUAGES:
        with use(spoken):
            for value, label in field_.choices:
                if value not in ("", None) and wanted in (plain(str(label)), plain(str(value))):
                    return value
    raise _UnreadError(_("This is none of the allowed values."))


def _understood(field_: Any, cell: Any) -> Any:
    written = _text(cell)
    if isinstance(field_, forms.BooleanField):
        if plain(written) in YES | NO:
            return plain(written) in YES
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
