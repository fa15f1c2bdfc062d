"""The kinds of records: how each is listed, shown, edited and exported, and who may. An app's `kinds.py` gives its `ROOM`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib import import_module
from typing import Any

from django.db.models import Q, QuerySet
from django.forms import ModelForm
from django.http import Http404
from django.urls import reverse

from almaz.web.centre.access import Access
from almaz.web.centre.models import Record
from almaz.web.centre.roles import Role

ROOMS = ("participants", "projects", "interests", "conflicts", "events", "evidence", "attraction")
"""The apps that the workspace has, in the order of its menu."""
Rows = Callable[[Access, "QuerySet[Any]"], "QuerySet[Any]"]


@dataclass(frozen=True)
class Kind:
    """One kind of record.

    name: its part of the address; title, one: what many and one are called (lazy);
    columns, fields: names of the model's fields in its list and in its form (columns may name a property too);
    search: fields that the list's search looks in; also: what it finds besides, in words that no field holds;
    filters: fields with choices, or foreign keys, that narrow the list;
    view, add, change: the least role for each (who may change may delete and undo);
    visible: narrows the rows to what the access may see;
    may_change: allows a record's own people to change it although their role is less than `change`;
    form: where a plain model form is not enough; prepare: called with access and a new record before it is saved;
    parts: (kind, foreign key) of records shown on this one's page, with a button to add;
    template: of its page, which extends centre/record.html; more: what that template is told besides;
    menu: whether the menu has a line for it;
    recognised: the fields by which an import finds a record again, each a tuple, the surest first; empty: no import;
    confidential: no draft of it is left in the browser, and no other record may name it as its evidence.
    """

    name: str
    model: type[Record]
    title: Any
    one: Any
    columns: tuple[str, ...]
    fields: tuple[str, ...]
    search: tuple[str, ...] = ()
    also: Callable[[str], Q] | None = None
    filters: tuple[str, ...] = ()
    order: tuple[str, ...] = ("pk",)
    view: Role = Role.MEMBER
    add: Role = Role.ANALYST
    change: Role = Role.ANALYST
    visible: Rows | None = None
    may_change: Callable[[Access, Any], bool] | None = None
    form: type[ModelForm] | None = None
    parts: tuple[tuple[str, str], ...] = ()
    prepare: Callable[[Access, Any], None] | None = None
    template: str = "centre/record.html"
    more: Callable[[Access, Any], dict[str, Any]] | None = None
    menu: bool = True
    confidential: bool = False
    hint: Any = ""
    recognised: tuple[tuple[str, ...], ...] = ()
    widgets: dict[str, Any] = field(default_factory=dict)

    def rows(self, access: Access, *, binned: bool = False) -> QuerySet[Any]:
        """The records that this access may see; PermissionDenied where it may see none of the kind."""
        access.need(self.view)
        rows = (self.model.everything if binned else self.model.objects).filter(cluster=access.cluster)
        rows = rows.exclude(deleted=None) if binned else rows
        return self.visible(access, rows) if self.visible else rows

    def changeable(self, access: Access, record: Any) -> bool:
        """Whether this access may change the record."""
        return access.covers(self.change) or bool(self.may_change and self.may_change(access, record))

    def column_titles(self) -> list[str]:
        """What the list's columns are called."""
        return [self.column_title(name) for name in self.columns]

    def column_title(self, name: str) -> str:
        """What a field or a property is called, with a capital."""
        known = {one.name: one for one in self.model._meta.get_fields()}
        titled = getattr(known.get(name), "verbose_name", None) or getattr(
            getattr(self.model, name), "short_description", name
        )
        said = str(titled)
        return said[:1].upper() + said[1:]


@dataclass(frozen=True)
class Page:
    """A page of an app's own in the workspace's menu. view: the name of its address, which takes the cluster's slug."""

    title: Any
    view: str
    least: Role = Role.MEMBER


@dataclass(frozen=True)
class Due:
    """Something that waits for a person: what sort of thing, its title, by which day, where to see it, and whether it is one's
    own to finish (then it can be late)."""

    sort: str
    title: str
    day: date | None
    address: str
    late: bool = False


@dataclass(frozen=True)
class Room:
    """An app of the workspace: its kinds, its own pages, what it has to say at a glance: (words, number, address) each, and what
    waits for the person (`centre.due`)."""

    title: Any
    kinds: tuple[Kind, ...] = ()
    pages: tuple[Page, ...] = ()
    glance: Callable[[Access], list[tuple[str, str, str]]] | None = None
    due: Callable[[Access, date], list[Due]] | None = None


@cache
def rooms() -> dict[str, Room]:
    """Every app of the workspace, in the order of its menu."""
    return {room: import_module(f"almaz.web.{room}.kinds").ROOM for room in ROOMS}


@cache
def kinds() -> dict[str, Kind]:
    """Every kind by its name, in the order of the menu."""
    return {kind.name: kind for room in rooms().values() for kind in room.kinds}


def menu(access: Access) -> list[tuple[str, list[tuple[str, str]]]]:
    """The workspace's menu as this access sees it: (title of the app, (title, address) of its pages and kinds)."""
    made = []
    for room in rooms().values():
        lines = [
            (str(page.title), reverse(page.view, args=(access.cluster.slug,)))
            for page in room.pages
            if access.covers(page.least)
        ]
        lines += [
            (str(kind.title), reverse("centre:list", args=(access.cluster.slug, kind.name)))
            for kind in room.kinds
            if kind.menu and access.covers(kind.view)
        ]
        if lines:
            made.append((str(room.title), lines))
    return made


def kind_of(model: type[Record]) -> Kind | None:
    """The kind of a model, if it has one."""
    return next((kind for kind in kinds().values() if kind.model is model), None)


def kind_named(name: str) -> Kind:
    """The kind of an address. Raises Http404."""
    try:
        return kinds()[name]
    except KeyError:
        raise Http404 from None
