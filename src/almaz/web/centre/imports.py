"""The pages of an import: template, upload, preview, keeping it; and the list of changes that can be undone whole."""

from __future__ import annotations

import io
import re
import secrets
import time
from pathlib import Path
from typing import Any

import xlsxwriter
from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from almaz.errors import AlmazError
from almaz.language import language, texts
from almaz.language import text as _
from almaz.web.centre import changes
from almaz.web.centre.access import Access, of_cluster
from almaz.web.centre.forms import form_class
from almaz.web.centre.importing import Outcome, commit, expected, preview
from almaz.web.centre.kinds import Kind, kind_named, rooms
from almaz.web.centre.roles import Role
from almaz.web.centre.workbooks import read
from almaz.web.exports import KINDS as DOWNLOADS
from almaz.web.uploads import checked_table

LARGEST = 10_000_000
"""Bytes of a file to import."""
KEPT = 24 * 3600
"""Seconds that a file waits for its preview to be agreed to."""
SHOWN = 300
"""Rows of the preview on the page; wrong ones first."""


def importable(kind: Kind, access: Access) -> list[Kind]:
    """The kinds that a workbook may hold beside this one: those of its room; this one first where the sheet does not say."""
    room = next(room for room in rooms().values() if kind in room.kinds)
    return [one for one in room.kinds if one.recognised and access.covers(one.add)]


def _allowed(name: str, access: Access) -> Kind:
    kind = kind_named(name)
    if not kind.recognised:
        raise Http404
    access.need(kind.add)
    return kind


@of_cluster(Role.ANALYST)
def imported(request: HttpRequest, access: Access, kind: str) -> HttpResponse:
    """Choose a file; sent, it is read and its preview shown."""
    found = _allowed(kind, access)
    problem = ""
    if request.method == "POST" and request.FILES.get("file"):
        try:
            token = _held(request, request.FILES["file"])
            return _preview(request, access, found, token)
        except ValidationError as why:
            problem = " ".join(why.messages)
        except AlmazError as why:
            problem = str(why)
    elif request.method == "POST":
        problem = _("Choose a file first.")
    held = {"kind": found, "access": access, "kinds": importable(found, access), "problem": problem}
    return render(request, "centre/import.html", held, status=422 if problem else 200)


def _held(request: HttpRequest, file: Any) -> str:
    """Check a file and keep it until its preview is agreed to; gives its token, which only this session has."""
    if file.size > LARGEST:
        raise ValidationError(_("A file to import may have up to {limit} MB.", limit=LARGEST // 1_000_000))
    checked_table(file)
    if not re.search(r"\.(xlsx|csv|tsv|txt)$", file.name.lower()):
        raise ValidationError(_("An import takes .xlsx or .csv."))
    token = secrets.token_hex(16)
    folder = _folder()
    for old in folder.iterdir():
        if time.time() - old.stat().st_mtime > KEPT:
            old.unlink(missing_ok=True)
    (folder / token).write_bytes(file.read())
    request.session["imports"] = {token: file.name}
    return token


def _folder() -> Path:
    folder = Path(settings.MEDIA_ROOT) / "imports"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _sheets(request: HttpRequest, access: Access, kind: Kind, token: str) -> tuple[str, Any]:
    name = request.session.get("imports", {}).get(token)
    file = _folder() / token
    if name is None or not re.fullmatch(r"[0-9a-f]{32}", token) or not file.is_file():
        raise Http404
    others = [one for one in importable(kind, access) if one is not kind]
    order = {one.name: place for place, one in enumerate(importable(kind, access))}
    sheets = read(file.read_bytes(), name, [kind, *others])
    return name, sorted(sheets, key=lambda sheet: order[sheet.kind.name])


def _preview(
    request: HttpRequest, access: Access, kind: Kind, token: str, outcome: Outcome | None = None
) -> HttpResponse:
    name, sheets = _sheets(request, access, kind, token)
    again = outcome is not None
    outcome = outcome or preview(access, sheets)
    lines = sorted(outcome.lines, key=lambda line: ("wrong", "changed", "new", "same").index(line.fate))
    unknown = [(sheet.title, ", ".join(sheet.unknown)) for sheet in sheets if sheet.unknown]
    held = {
        "kind": kind, "access": access, "file": name, "token": token, "outcome": outcome, "lines": lines[:SHOWN],
        "more": max(0, len(lines) - SHOWN), "unknown": unknown, "again": again,
        "fates": [(fate, outcome.number(fate)) for fate in ("new", "changed", "same", "wrong")],
    }  # fmt: skip
    return render(request, "centre/import_preview.html", held, status=422 if outcome.wrong else 200)


@require_POST
@of_cluster(Role.ANALYST)
def kept(request: HttpRequest, access: Access, kind: str, token: str) -> HttpResponse:
    """Keep what the preview showed, all or nothing."""
    found = _allowed(kind, access)
    name, sheets = _sheets(request, access, found, token)
    outcome = commit(access, sheets, changes.new_mark(name), request.POST.get("seen", ""))
    if outcome.wrong or outcome.fingerprint != request.POST.get("seen", ""):
        return _preview(request, access, found, token, outcome)
    (_folder() / token).unlink(missing_ok=True)
    number = outcome.number("new") + outcome.number("changed")
    messages.success(request, texts("{number} record kept.", "{number} records kept.", number))
    return redirect("centre:list", access.cluster.slug, kind)


@of_cluster(Role.ANALYST)
def template(request: HttpRequest, access: Access, kind: str) -> HttpResponse:  # noqa: ARG001
    """A workbook to fill in: a sheet for each kind, headings in the language in use, allowed values to choose from."""
    found = _allowed(kind, access)
    response = HttpResponse(template_bytes(access, importable(found, access)), content_type=DOWNLOADS["xlsx"])
    response.headers["Content-Disposition"] = f'attachment; filename="{access.cluster.slug}-{language()}.xlsx"'
    return response


def template_bytes(access: Access, kinds: list[Kind]) -> bytes:
    """The workbook: what must be filled bears a star, what a column takes stands in its note."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False}) as book:
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1, "bg_color": "#eef1f3"})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        written = book.add_format({"num_format": "@"})
        sheets = [(kind, book.add_worksheet(str(kind.title)[:31])) for kind in kinds]
        allowed = book.add_worksheet(_("allowed values")[:31])
        place = 0
        for kind, sheet in sheets:
            sheet.freeze_panes(1, 1)
            form = form_class(kind)(access, instance=kind.model(cluster=access.cluster))
            for column, name in enumerate(kind.fields):
                field = form.fields[name]
                title = kind.column_title(name)
                sheet.write_string(0, column, title + (" *" if field.required else ""), bold)
                takes = expected(field)
                if takes:
                    sheet.write_comment(0, column, takes, {"x_scale": 2})
                form_of = (
                    day if isinstance(field, forms.DateField) else written if type(field) is forms.CharField else None
                )
                sheet.set_column(column, column, max(14, min(30, len(title) + 4)), form_of)
                values = _values(field)
                if values:
                    allowed.write_string(0, place, f"{kind.title}: {title}", bold)
                    allowed.write_column(1, place, values)
                    allowed.set_column(place, place, 30)
                    source = xlsxwriter.utility.xl_range_abs(1, place, len(values), place)
                    title_of = allowed.get_name().replace("'", "''")
                    sheet.data_validation(1, column, 2000, column, {"validate": "list", "source": f"='{title_of}'!{source}",
                                                                    "error_type": "warning"})  # fmt: skip
                    place += 1
    return target.getvalue()


def _values(field: Any) -> list[str]:
    if isinstance(field, forms.ModelMultipleChoiceField):
        return []
    if isinstance(field, forms.ModelChoiceField):
        return [str(one) for one in field.queryset]
    if isinstance(field, forms.ChoiceField):
        return [str(label) for value, label in field.choices if value not in ("", None)]
    return [_("yes"), _("no")] if isinstance(field, forms.BooleanField) else []


@of_cluster(Role.ANALYST)
def changed(request: HttpRequest, access: Access) -> HttpResponse:
    """The changes of many records at once, each of which can be undone whole."""
    return render(request, "centre/changes.html", {"access": access, "changes": changes.changes(access)})


@require_POST
@of_cluster(Role.ANALYST)
def taken_back(request: HttpRequest, access: Access, mark: str) -> HttpResponse:
    """Undo one of them."""
    back, left = changes.undo(access, mark)
    if not back and not left:
        raise Http404
    messages.success(request, texts("{number} record brought back.", "{number} records brought back.", back))
    if left:
        messages.warning(
            request, _("Changed again since, and left as they are: {names}", names=", ".join(map(str, left[:20])))
        )
    return redirect("centre:changes", access.cluster.slug)
