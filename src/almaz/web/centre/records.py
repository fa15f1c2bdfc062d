"""The views that every kind of record has: list, page, form, delete, history, undo, download, attachment, bin."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.core.exceptions import FieldDoesNotExist, PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import IntegrityError, models, transaction
from django.db.models import Q, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from almaz.language import date as day
from almaz.language import figure
from almaz.language import text as _
from almaz.web.centre.access import Access, of_cluster
from almaz.web.centre.forms import form_class
from almaz.web.centre.kinds import Kind, kind_named, kind_of, kinds
from almaz.web.centre.models import Record
from almaz.web.centre.roles import Role
from almaz.web.exports import KINDS as DOWNLOADS
from almaz.web.exports import table_response
from almaz.web.language import moment

PAGE = 50


@of_cluster(Role.MEMBER)
def listed(request: HttpRequest, access: Access, kind: str) -> HttpResponse:
    """The records of a kind, searched and narrowed."""
    found = kind_named(kind)
    rows = narrowed(found, request, found.rows(access).order_by(*found.order))
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "centre/list.html",
        {"kind": found, "access": access, "page": page, "rows": _lines(found, page), "query": request.GET.get("q", ""),
         "filters": filters(found, access, request), "may_add": access.covers(found.add)},
    )  # fmt: skip


def narrowed(kind: Kind, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
    """The rows that the list's search (`q`) and filters (by field name) leave."""
    query = request.GET.get("q", "").strip()
    if query and kind.search:
        found = Q(*((f"{name}__icontains", query) for name in kind.search), _connector=Q.OR)
        rows = rows.filter(found | kind.also(query) if kind.also else found)
    for name in kind.filters:
        value = request.GET.get(name)
        if value:
            try:
                rows = rows.filter(**{name: value})
            except (TypeError, ValueError):
                raise Http404 from None
    return rows


def filters(kind: Kind, access: Access, request: HttpRequest) -> list[dict[str, Any]]:
    """The fields that the list can be narrowed by, with their choices and what is chosen."""
    made = []
    for name in kind.filters:
        field = kind.model._meta.get_field(name)
        if field.choices:
            choices = [(str(value), str(said)) for value, said in field.choices]
        else:
            other = kind_of(field.related_model)
            rows = other.rows(access) if other else field.related_model.of(access.cluster)
            choices = [(str(one.pk), str(one)) for one in rows]
        made.append(
            {"name": name, "title": kind.column_title(name), "choices": choices, "chosen": request.GET.get(name, "")}
        )
    return made


@of_cluster(Role.MEMBER)
def shown(request: HttpRequest, access: Access, kind: str, pk: int) -> HttpResponse:
    """One record with its parts."""
    found = kind_named(kind)
    record = get_object_or_404(found.rows(access), pk=pk)
    return render(request, found.template, page_of(found, access, record))


def page_of(kind: Kind, access: Access, record: Any) -> dict[str, Any]:
    """What a record's page shows: its fields, its parts, and what may be done."""
    parts = [(kind_named(name), key) for name, key in kind.parts]
    files = [name for name in kind.fields if isinstance(kind.model._meta.get_field(name), models.FileField)]
    return {
        "kind": kind,
        "access": access,
        "record": record,
        "values": [(kind.column_title(name), said(record, name), name) for name in kind.fields],
        "context_parts": [_part(part, key, access, record) for part, key in parts if access.covers(part.view)],
        "may_change": kind.changeable(access, record),
        "files": [name for name in files if getattr(record, name)],
    } | (kind.more(access, record) if kind.more else {})


def _part(kind: Kind, key: str, access: Access, record: Any) -> dict[str, Any]:
    rows = kind.rows(access).filter(**{key: record}).order_by(*kind.order)
    return {"kind": kind, "key": key, "rows": _lines(kind, rows), "may_add": access.covers(kind.add)}


@of_cluster(Role.MEMBER)
def edited(request: HttpRequest, access: Access, kind: str, pk: int | None = None) -> HttpResponse:
    """The form of a new record (no pk) or of one there is."""
    found = kind_named(kind)
    record = get_object_or_404(found.rows(access), pk=pk) if pk else found.model(cluster=access.cluster)
    allowed = found.changeable(access, record) if pk else access.covers(found.add)
    if not allowed:
        raise PermissionDenied
    given = {name: value for name, value in request.GET.items() if name in found.fields}
    form = form_class(found)(access, request.POST or None, request.FILES or None, instance=record, initial=given)
    if request.method == "POST" and form.is_valid():
        saved = _saved(found, access, form, new=not pk)
        if saved is not None:
            messages.success(request, _("Saved."))
            return redirect(after(request) or reverse("centre:shown", args=(access.cluster.slug, kind, saved.pk)))
    status = 422 if request.method == "POST" else 200
    return render(
        request,
        "centre/form.html",
        {"kind": found, "access": access, "form": form, "record": record, "next": after(request)},
        status=status,
    )


def _saved(kind: Kind, access: Access, form: Any, *, new: bool) -> Any:
    """The record that a form made or changed; None, with the reason in the form, where a rule of the record or of the database
    is against it."""
    try:
        with transaction.atomic():
            saved = form.save(commit=False)
            if kind.prepare and new:
                kind.prepare(access, saved)
            saved.save()
            form.save_m2m()
    except (ValidationError, IntegrityError) as why:
        form.add_error(None, why if isinstance(why, ValidationError) else _("There is already a record of this kind."))
        return None
    return saved


def after(request: HttpRequest) -> str:
    """Where a form leads when it is saved: a page of this site named by `next`, or nowhere in particular."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    return wanted if wanted.startswith("/") and not wanted.startswith("//") and "\\" not in wanted else ""


def tried(request: HttpRequest, change: Callable[[], object], done: str) -> bool:
    """Whether a change was made. A record that has a rule against it (its `save` raises ValidationError) says so and stays as
    it is."""
    try:
        with transaction.atomic():
            change()
    except (ValidationError, IntegrityError) as why:
        twice = _("Another record stands in its place.")
        messages.error(request, " ".join(why.messages) if isinstance(why, ValidationError) else twice)
        return False
    messages.success(request, done)
    return True


@require_POST
@of_cluster(Role.MEMBER)
def deleted(request: HttpRequest, access: Access, kind: str, pk: int) -> HttpResponse:
    """Put a record into the bin."""
    found = kind_named(kind)
    record = get_object_or_404(found.rows(access), pk=pk)
    if not found.changeable(access, record):
        raise PermissionDenied
    said = _("Deleted. It stays in the bin, from which it can be taken back.")
    if not tried(request, record.bin, said):
        return redirect("centre:shown", access.cluster.slug, kind, pk)
    return redirect(after(request) or reverse("centre:list", args=(access.cluster.slug, kind)))


@of_cluster(Role.MEMBER)
def history(request: HttpRequest, access: Access, kind: str, pk: int) -> HttpResponse:
    """Every state of a record: who changed what, when."""
    found = kind_named(kind)
    record = found.rows(access).filter(pk=pk).first() or get_object_or_404(found.rows(access, binned=True), pk=pk)
    states = [(state, _changes(found, state)) for state in record.history.select_related("history_user")]
    return render(request, "centre/history.html", {"kind": found, "access": access, "record": record, "states": states,
                                                   "may_change": found.changeable(access, record)})  # fmt: skip


def _changes(kind: Kind, state: Any) -> list[tuple[str, str, str]]:
    """(field, before, after) of what a state changed."""
    before = state.prev_record
    tracked = {one.name for one in (*state.tracked_fields, *state._history_m2m_fields)}
    made = []
    for name in [*(name for name in kind.fields if name in tracked), "deleted"]:
        old, new = (said(before, name) if before else ""), said(state, name)
        if old != new:
            made.append((kind.column_title(name), old, new))
    return made


@require_POST
@of_cluster(Role.MEMBER)
def undone(request: HttpRequest, access: Access, kind: str, pk: int, state: int) -> HttpResponse:
    """Bring a record back to one of its states; that is itself a state, and can be undone."""
    found = kind_named(kind)
    record = get_object_or_404(found.model.everything.filter(cluster=access.cluster), pk=pk)
    seen = found.rows(access).filter(pk=pk).exists() or found.rows(access, binned=True).filter(pk=pk).exists()
    if not seen:
        raise Http404
    if not found.changeable(access, record):
        raise PermissionDenied
    was = get_object_or_404(record.history, history_id=state)

    def back() -> None:
        was.instance.save()
        for joined in was._history_m2m_fields:
            getattr(record, joined.name).set(_held(was, joined.name))

    tried(request, back, _("Brought back to the state of {time}.", time=moment(was.history_date)))
    return redirect("centre:history", access.cluster.slug, kind, pk)


@of_cluster(Role.MEMBER)
def exported(request: HttpRequest, access: Access, kind: str, form: str) -> HttpResponse:
    """The list, as narrowed, as CSV or XLSX."""
    found = kind_named(kind)
    if form not in DOWNLOADS:
        raise Http404
    rows = narrowed(found, request, found.rows(access).order_by(*found.order))
    names = list(dict.fromkeys((*found.columns, *found.fields)))
    lines = ([plain(record, name) for name in names] for record in rows)
    return table_response(f"{access.cluster.slug}-{kind}", form, [found.column_title(name) for name in names], lines)


@of_cluster(Role.MEMBER)
def attachment(request: HttpRequest, access: Access, kind: str, pk: int, field: str) -> HttpResponse:  # noqa: ARG001
    """A file attached to a record, always as a download."""
    found = kind_named(kind)
    record = get_object_or_404(found.rows(access), pk=pk)
    held = getattr(record, field, None) if field in found.fields else None
    if not held or not isinstance(found.model._meta.get_field(field), models.FileField):
        raise Http404
    response = FileResponse(held.open("rb"), as_attachment=True, filename=Path(held.name).name)
    response.headers["Content-Security-Policy"] = "sandbox"
    return response


@of_cluster(Role.ANALYST)
def binned(request: HttpRequest, access: Access) -> HttpResponse:
    """What was deleted, of every kind that the person may see."""
    held = [
        (kind, record)
        for kind in kinds().values()
        if access.covers(kind.view)
        for record in kind.rows(access, binned=True)
    ]
    held.sort(key=lambda pair: pair[1].deleted, reverse=True)
    return render(request, "centre/bin.html", {"access": access, "held": held})


@require_POST
@of_cluster(Role.MEMBER)
def restored(request: HttpRequest, access: Access, kind: str, pk: int) -> HttpResponse:
    """Take a record back from the bin."""
    found = kind_named(kind)
    record = get_object_or_404(found.rows(access, binned=True), pk=pk)
    if not found.changeable(access, record):
        raise PermissionDenied
    if not tried(request, record.restore, _("Taken back.")):
        return redirect("centre:bin", access.cluster.slug)
    return redirect("centre:shown", access.cluster.slug, kind, pk)


def _lines(kind: Kind, records: Iterable[Record]) -> list[tuple[Record, list[str]]]:
    return [(record, [said(record, name) for name in kind.columns]) for record in records]


def said(record: Any, name: str) -> str:
    """A field's value as a reader sees it: choices by their names, days and numbers as the language writes them."""
    label = getattr(record, f"get_{name}_display", None)
    value = label() if label else _value(record, name)
    field = _field(record, name)
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        written = _("yes") if value else _("no")
    elif isinstance(value, datetime):
        written = moment(value)
    elif isinstance(value, date):
        written = day(value)
    elif isinstance(field, models.DecimalField):
        written = figure(float(value), 6)
    elif isinstance(value, (int, float)) and not isinstance(field, models.PositiveSmallIntegerField):
        written = figure(value)
    elif isinstance(field, models.FileField):
        written = Path(str(value)).name
    else:
        written = str(value)
    return written


def plain(record: Any, name: str) -> object:
    """A field's value for a spreadsheet: numbers and days as such, all else as text."""
    value = _value(record, name)
    if isinstance(value, datetime):
        return timezone.localtime(value)
    if (
        isinstance(value, (int, float, date))
        and not isinstance(value, bool)
        and not hasattr(record, f"get_{name}_display")
    ):
        return value
    field = _field(record, name)
    return float(value) if isinstance(field, models.DecimalField) and value is not None else said(record, name)


def _field(record: Any, name: str) -> Any:
    """The model's field of this name; nothing for a property."""
    try:
        return type(record)._meta.get_field(name)
    except FieldDoesNotExist:
        return None


def _value(record: Any, name: str) -> Any:
    value: Any = getattr(record, name, None)
    if hasattr(value, "all") and callable(value.all):
        held = _held(record, name) if hasattr(record, "history_id") else value.all()
        return ", ".join(str(one) for one in held)
    return value() if callable(value) else value


def _held(state: Any, name: str) -> list[Any]:
    """What a field of several records held in a state of the history, those in the bin too."""
    field = state.instance_type._meta.get_field(name)
    ids = getattr(state, name).values_list(field.m2m_reverse_field_name(), flat=True)
    return list(field.related_model._base_manager.filter(pk__in=list(ids)))
