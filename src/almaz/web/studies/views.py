"""The pages of studies."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from almaz.errors import AlmazError
from almaz.language import LANGUAGES
from almaz.language import text as _
from almaz.web.centre.roles import Role
from almaz.web.language import moment
from almaz.web.studies import folder, publishing
from almaz.web.studies.access import analysts, may, of_study, studies_of
from almaz.web.studies.forms import MoreFiles, NewStudy, StudyText
from almaz.web.studies.models import Run, SourceFile, Study

REPORT = (
    "sandbox allow-scripts allow-downloads; default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src data: blob:; font-src data:; connect-src data: blob:; frame-ancestors 'self'"
)
"""A report is one file with its scripts inside: it is shown as a page of no site, which reaches nothing."""


@analysts
def listed(request: HttpRequest) -> HttpResponse:
    """The studies that the person may work on, and those in the bin."""
    rows = studies_of(request.user).select_related("cluster").prefetch_related("runs")
    binned = studies_of(request.user, binned=True)
    return render(request, "studies/list.html", {"rows": rows, "binned": binned})


@analysts
def new(request: HttpRequest) -> HttpResponse:
    """A new study from files; what they hold is suggested."""
    form = NewStudy(request.user, request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            study = form.save(commit=False)
            study.by = request.user
            study.save()
        names = folder.keep(study, form.cleaned_data["uploads"], request.user)
        try:
            if not any(name.endswith(".toml") for name in names):
                folder.suggested(study, request.user)
        except AlmazError as why:
            messages.error(request, str(why))
        return redirect("studies:shown", study.pk)
    return render(request, "studies/new.html", {"form": form}, status=422 if request.method == "POST" else 200)


@of_study()
def shown(request: HttpRequest, study: Study) -> HttpResponse:
    """A study: its files, what they mean, its runs."""
    data, trouble = _data(study)
    return render(
        request,
        "studies/study.html",
        {"study": study, "sources": SourceFile.objects.filter(study=study), "data": data, "trouble": trouble,
         "runs": study.runs.select_related("by")[:20], "files": MoreFiles(), "languages_of_reports": LANGUAGES,
         "may_publish": may(request.user, study, Role.MANAGER)},
    )  # fmt: skip


def _data(study: Study) -> tuple[list[dict[str, Any]], str]:
    """The [[data]] sections as written, and what is wrong with the study file."""
    try:
        found = folder.values_of(study.text).get("data", [])
    except AlmazError as why:
        return [], str(why)
    return [part for part in found if isinstance(part, dict) and "file" in part], ""


@require_POST
@of_study()
def files(request: HttpRequest, study: Study) -> HttpResponse:
    """More files."""
    form = MoreFiles(request.POST, request.FILES)
    if form.is_valid():
        names = folder.keep(study, form.cleaned_data["uploads"], request.user)
        messages.success(request, _("Taken: {names}", names=", ".join(names)))
    else:
        messages.error(request, " ".join(error for errors in form.errors.values() for error in errors))
    return redirect("studies:shown", study.pk)


@require_POST
@of_study()
def remove(request: HttpRequest, study: Study, file: int) -> HttpResponse:
    """Take a file out."""
    one = get_object_or_404(SourceFile, study=study, pk=file)
    folder.remove(study, one.name)
    messages.success(request, _("«{name}» was taken out of the study; it is kept.", name=one.name))
    return redirect("studies:shown", study.pk)


@of_study()
def file(request: HttpRequest, study: Study, file: int) -> HttpResponse:  # noqa: ARG001
    """A file as it was uploaded."""
    one = get_object_or_404(SourceFile, study=study, pk=file)
    return _download(study.folder / str(one.name))


def _download(path: Path) -> HttpResponse:
    if not path.is_file():
        raise Http404
    response = FileResponse(path.open("rb"), as_attachment=True, filename=path.name)
    response.headers["Content-Security-Policy"] = "sandbox"
    return response


@require_POST
@of_study()
def suggest(request: HttpRequest, study: Study) -> HttpResponse:
    """Make the study file anew from what the files seem to hold."""
    try:
        folder.suggested(study, request.user)
        messages.success(request, _("Suggested anew; the study file of before is in the history."))
    except AlmazError as why:
        messages.error(request, str(why))
    return redirect("studies:shown", study.pk)


@of_study()
def text(request: HttpRequest, study: Study) -> HttpResponse:
    """The study file as text."""
    form = StudyText(request.POST or None, instance=study, initial={"seen": study.changed.isoformat()})
    trouble = ""
    if request.method == "POST" and form.is_valid():
        now = Study.objects.get(pk=study.pk)
        seen = form.cleaned_data["seen"]
        try:
            folder.values_of(form.cleaned_data["text"])
            if seen != now.changed.isoformat():
                raise AlmazError(
                    _("somebody changed the study file at {time}, after you opened it", time=moment(now.changed)),
                    advice=_("copy what you typed, load the page again, and put it in"),
                )
            folder.write(form.save())
            folder.loaded(study)
            messages.success(request, _("Saved."))
            return redirect("studies:shown", study.pk)
        except AlmazError as why:
            trouble = str(why)
            line = why.where.line
            if seen == now.changed.isoformat() and form.instance.changed != now.changed:
                messages.warning(request, _("Saved, but not right yet: {why}", why=trouble))
                return redirect(f"{request.path}?line={line or ''}")
            return _text_page(request, study, form, trouble, line, 422)
    line = request.GET.get("line", "")
    return _text_page(request, study, form, trouble, int(line) if line.isdigit() else None, 200)


def _text_page(
    request: HttpRequest, study: Study, form: StudyText, trouble: str, line: int | None, status: int
) -> HttpResponse:
    lines = str(form["text"].value() or "").splitlines()
    around = (
        [(number, lines[number - 1]) for number in range(line - 2, line + 3) if 0 < number <= len(lines)]
        if line
        else []
    )
    return render(
        request, "studies/text.html", {"study": study, "form": form, "trouble": trouble, "line": line, "around": around},
        status=status,
    )  # fmt: skip


@of_study()
def history(request: HttpRequest, study: Study) -> HttpResponse:
    """Every state of the study file, and of its runs."""
    states = list(study.history.select_related("history_user")[:200])
    runs = Run.history.filter(study=study).select_related("history_user")[:200]
    return render(request, "studies/history.html", {"study": study, "states": states, "runs": runs})


@require_POST
@of_study()
def undo(request: HttpRequest, study: Study, state: int) -> HttpResponse:
    """Bring a state of the study file back."""
    was = get_object_or_404(study.history, history_id=state)
    study.title, study.text = was.title, was.text
    study.save()
    folder.write(study)
    messages.success(request, _("Brought back to the state of {time}.", time=moment(was.history_date)))
    return redirect("studies:shown", study.pk)


@require_POST
@of_study()
def delete(request: HttpRequest, study: Study) -> HttpResponse:
    """Put the study into the bin; its files stay."""
    study.bin()
    messages.success(request, _("Deleted. It stays in the bin, from which it can be taken back."))
    return redirect("studies:list")


@require_POST
@analysts
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a study back from the bin."""
    study = get_object_or_404(studies_of(request.user, binned=True), pk=pk)
    study.restore()
    messages.success(request, _("Taken back."))
    return redirect("studies:shown", study.pk)


@of_study()
def report(request: HttpRequest, study: Study, run: int, language: str) -> HttpResponse:
    """The report of an edition: shown without any right to the site, or (`?download`) as a file."""
    one = get_object_or_404(Run, study=study, pk=run)
    if not one.edition or language not in LANGUAGES or not re.fullmatch(r"[\w.-]+", one.edition):
        raise Http404
    path = study.folder / "reports" / f"{one.edition}-{language}.html"
    if "download" in request.GET:
        return _download(path)
    if not path.is_file():
        raise Http404
    response = FileResponse(path.open("rb"), content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = REPORT
    return response


@require_POST
@of_study(Role.MANAGER)
def publish(request: HttpRequest, study: Study, run: int) -> HttpResponse:
    """Show the edition of a run to the public, or no longer."""
    one = get_object_or_404(Run, study=study, pk=run, state="done", what="run")
    try:
        if request.POST.get("act") == "withdraw":
            publishing.withdraw(one)
            messages.success(request, _("The edition is no longer public."))
        else:
            publishing.publish(one, request.user)
            messages.success(request, _("The edition is public."))
    except AlmazError as why:
        messages.error(request, str(why))
    return redirect("studies:shown", study.pk)
