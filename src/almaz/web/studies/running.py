"""Pages of runs: start, progress, cancel; what a check found, and help for the names of regions."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from almaz.errors import AlmazError
from almaz.language import language
from almaz.language import text as _
from almaz.tables.problems import spoken
from almaz.web.exports import KINDS as DOWNLOADS
from almaz.web.exports import table_response
from almaz.web.studies import folder
from almaz.web.studies.access import of_study
from almaz.web.studies.models import Run, State, Study
from almaz.web.studies.tasks import perform

PAGE = 100
LEVELS = ("error", "warning", "note")


@require_POST
@of_study()
def start(request: HttpRequest, study: Study) -> HttpResponse:
    """Check or run the study in the background; what is open is shown instead. A run goes on from its finished stages."""
    what = "check" if request.POST.get("what") == "check" else "run"
    with transaction.atomic():
        Study.objects.select_for_update().get(pk=study.pk)
        busy = next((one for one in study.runs.exclude(ended__isnull=False) if one.open), None)
        if busy is None:
            for lost in study.runs.filter(state=State.RUNNING):
                lost.state, lost.ended = State.FAILED, lost.beat or timezone.now()
                said = {"problem": _("The worker stopped in the middle of this run."), "where": "", "expected": "",
                        "advice": _("start it again: it goes on from the last finished stage")}  # fmt: skip
                lost.outcome = json.dumps(said, ensure_ascii=False)
                lost.save()
            busy = Run.objects.create(study=study, what=what, language=language(), by=request.user)
            folder.write(study)
            transaction.on_commit(lambda: perform.enqueue(busy.pk))
    return redirect("studies:run", study.pk, busy.pk)


@of_study()
def run(request: HttpRequest, study: Study, run: int) -> HttpResponse:
    """A run and its progress; htmx asks for the part that changes."""
    one = get_object_or_404(Run, study=study, pk=run)
    template = "studies/progress.html" if request.htmx else "studies/run.html"
    response = render(request, template, {"study": study, "run": one})
    if request.htmx and not one.open:
        response.headers["HX-Refresh"] = "true"
    return response


@require_POST
@of_study()
def cancel(request: HttpRequest, study: Study, run: int) -> HttpResponse:
    """Ask the worker to end a run; one that waits ends at once."""
    one = get_object_or_404(Run, study=study, pk=run)
    waiting = Run.objects.filter(pk=one.pk, state=State.WAITING)
    if not waiting.update(state=State.CANCELLED, cancel=True, ended=timezone.now()):
        Run.objects.filter(pk=one.pk, state=State.RUNNING).update(cancel=True)
    messages.success(request, _("The run is being ended; what it finished is kept."))
    return redirect("studies:run", study.pk, one.pk)


def found(study: Study) -> list[dict[str, Any]]:
    """What the last check found. Raises Http404 where there was none."""
    file = study.folder / "problems.json"
    if not file.is_file():
        raise Http404
    rows: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))
    return rows


@of_study()
def problems(request: HttpRequest, study: Study) -> HttpResponse:
    """The check report: what was found, where, what was expected; names of regions with help."""
    rows = found(study)
    level = request.GET.get("level", "")
    chosen = [row for row in rows if row["level"] == level] if level in LEVELS else rows
    page = Paginator(chosen, PAGE).get_page(request.GET.get("page"))
    name = folder.regions_file(study)
    known = [(one["region"], _name(one)) for one in folder.region_rows(study, name)] if name else []
    lost = [spoken(row) for row in rows if row["kind"] in ("unknown_region", "ambiguous_region") and row["value"]][:50]
    numbers = [(one, sum(row["level"] == one for row in rows)) for one in LEVELS]
    check = study.runs.filter(what="check", state=State.DONE).first()
    return render(
        request,
        "studies/problems.html",
        {"study": study, "page": page, "rows": [spoken(row) for row in page], "level": level, "numbers": numbers,
         "lost": lost, "known": known, "check": check},
    )  # fmt: skip


def _name(row: dict[str, str]) -> str:
    said = row.get(f"name_{language()}") or row.get("name_en") or row.get("name_ru") or row.get("name_ky")
    return f"{said or row['region']} ({row['region']})"


@of_study()
def problems_file(request: HttpRequest, study: Study, form: str) -> HttpResponse:  # noqa: ARG001
    """The check report as a table to download."""
    if form not in DOWNLOADS:
        raise Http404
    names = ("level_name", "file", "sheet", "row", "column", "value", "problem", "expected")
    titles = [_("level"), _("file"), _("sheet"), _("row"), _("column"), _("value"), _("problem"), _("expected")]
    rows = ([one[name] for name in names] for one in map(spoken, found(study)))
    return table_response(f"study-{study.pk}-problems", form, titles, rows)


@require_POST
@of_study()
def place(request: HttpRequest, study: Study) -> HttpResponse:
    """Say which region a name of the files is."""
    try:
        folder.placed(study, request.POST.get("label", ""), request.POST.get("region", ""), request.user)
        messages.success(request, _("Noted in the list of regions. Check the study again when all names are done."))
    except AlmazError as why:
        messages.error(request, str(why))
    return redirect("studies:problems", study.pk)
