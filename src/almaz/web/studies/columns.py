"""The page on which the columns of a file get their meaning, with a live preview."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from almaz.errors import AlmazError
from almaz.language import text as _
from almaz.study.template import commented
from almaz.tables.schema import MEASURES
from almaz.web.studies import folder, mapping
from almaz.web.studies.access import of_study
from almaz.web.studies.models import Study


@of_study()
def mapped(request: HttpRequest, study: Study, number: int) -> HttpResponse:
    """What the columns (or sheets) of one file mean."""
    values, data = _part(study, number)
    if request.method == "POST":
        try:
            values["data"][number] = _chosen(study, data, request)
            study.text = commented(values)
            study.save()
            folder.write(study)
            messages.success(request, _("Saved."))
            return redirect("studies:shown", study.pk)
        except AlmazError as why:
            messages.error(request, str(why))
    try:
        held = mapping.columns(study.folder, data) if data.get("format", "table") == "table" else []
    except AlmazError as why:
        held = []
        messages.error(request, str(why))
    return render(
        request,
        "studies/mapping.html",
        {"study": study, "number": number, "data": data, "columns": held, "measures": [*MEASURES, "population"],
         "roles": _roles(), "constants": {role: data.get("constants", {}).get(role, "") for role in mapping.ROLES},
         "sheets": list(data.get("sheets", {}).items()), **_previewed(study, data)},
    )  # fmt: skip


@require_POST
@of_study()
def preview(request: HttpRequest, study: Study, number: int) -> HttpResponse:
    """The first rows as they become under what is chosen on the page, not yet saved."""
    _values, data = _part(study, number)
    try:
        chosen = _chosen(study, data, request)
    except AlmazError as why:
        return render(request, "studies/preview.html", {"preview": None, "trouble": str(why)})
    return render(request, "studies/preview.html", _previewed(study, chosen))


def _part(study: Study, number: int) -> tuple[dict[str, Any], dict[str, Any]]:
    try:
        values = folder.values_of(study.text)
        data = values["data"][number]
    except (AlmazError, LookupError, TypeError):
        raise Http404 from None
    if not isinstance(data, dict) or not (study.folder / str(data.get("file"))).is_file():
        raise Http404
    return values, data


def _chosen(study: Study, data: dict[str, Any], request: HttpRequest) -> dict[str, Any]:
    if data.get("format", "table") == "table":
        return mapping.section(data, mapping.columns(study.folder, data), request.POST)
    if data.get("sheets"):
        return mapping.sheets_section(data, request.POST)
    return data


def _previewed(study: Study, data: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"preview": mapping.preview(study.folder, data), "trouble": ""}
    except AlmazError as why:
        return {"preview": None, "trouble": str(why)}


def _roles() -> list[tuple[str, str]]:
    return [("", _("leave out")), ("region", _("region")), ("industry", _("industry")), ("year", _("year")),
            ("measure", _("name of the measure")), ("figures", _("figures"))]  # fmt: skip
