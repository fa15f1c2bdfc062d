"""How the programme is doing, what owners tell of their projects, and the quarterly report."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import modelform_factory
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from almaz.language import language
from almaz.language import text as _
from almaz.report.quarterly_document import as_docx
from almaz.report.quarterly_pdf import as_pdf
from almaz.web.centre.access import Access, of_cluster
from almaz.web.centre.forms import form_field
from almaz.web.centre.records import tried
from almaz.web.centre.roles import Role
from almaz.web.projects.forms import ProgressForm, ReachedForm
from almaz.web.projects.models import Milestone, Programme, Project, ProjectTask, QuarterlyReport
from almaz.web.projects.models.money import amount
from almaz.web.projects.pictured import PHONE, gantt_of
from almaz.web.projects.quarter import told
from almaz.web.projects.standing import current_round, standing, total

KINDS = {
    "pdf": (as_pdf, "application/pdf"),
    "docx": (as_docx, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
}


@of_cluster(Role.MEMBER)
def dashboard(request: HttpRequest, access: Access) -> HttpResponse:
    """How the programme is doing; every number leads to its list."""
    now = standing(access.cluster)
    programme = Programme.at(access.cluster)
    return render(
        request, "projects/dashboard.html",
        {"access": access, "now": now, "programme": programme, "total": total(access.cluster, _("all projects")),
         "amount": amount, "round": current_round(access.cluster), "warnings": now.warnings,
         "wide": gantt_of(access.cluster, now.projects) if now.projects else "",
         "narrow": gantt_of(access.cluster, now.projects, PHONE) if now.projects else ""},
    )  # fmt: skip


@of_cluster(Role.MEMBER)
def progress(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """What the owner of a project tells: how far it is, and how it stands."""
    project = get_object_or_404(Project.of(access.cluster), pk=pk)
    return _told_by_owner(request, access, project, project, ProgressForm, ("status", "progress", "standing"))


@of_cluster(Role.MEMBER)
def reached(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """What the owner of a project tells of a milestone: when it was reached, and what shows it."""
    one = get_object_or_404(Milestone.of(access.cluster).select_related("project"), pk=pk)
    return _told_by_owner(request, access, one.project, one, ReachedForm, ("actual", "note", "link", "file"))


@of_cluster(Role.MEMBER)
def done(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """What who has a task tells of it: when it was done."""
    one = get_object_or_404(ProjectTask.of(access.cluster).select_related("project", "person"), pk=pk)
    return _told_by_owner(request, access, one, one, ProgressForm, ("done", "note"))


def _told_by_owner(
    request: HttpRequest, access: Access, owned: Any, record: Any, form: Any, fields: tuple[str, ...]
) -> HttpResponse:
    """A form of some fields of a record, for who owns it (`owned.owned_by`) and for analysts."""
    if not (access.covers(Role.ANALYST) or owned.owned_by(access)):
        raise PermissionDenied
    made = modelform_factory(type(record), form=form, fields=list(fields), formfield_callback=form_field)
    filled = made(access, request.POST or None, request.FILES or None, instance=record)
    kind = "projects" if isinstance(owned, Project) else "project-tasks"
    back = reverse("centre:shown", args=(access.cluster.slug, kind, owned.pk))
    if request.method == "POST" and filled.is_valid() and tried(request, filled.save, _("Saved.")):
        return redirect(back)
    return render(
        request, "projects/told.html",
        {"access": access, "form": filled, "record": record, "owned": owned, "back": back,
         "key": f"told-{type(record).__name__}-{record.pk}"},
        status=422 if request.method == "POST" else 200,
    )  # fmt: skip


@of_cluster(Role.MEMBER)
def report(request: HttpRequest, access: Access, pk: int, form: str) -> HttpResponse:  # noqa: ARG001
    """The quarterly report in the language of the address, as PDF or for Word."""
    one = get_object_or_404(QuarterlyReport.of(access.cluster), pk=pk)
    if form not in KINDS:
        raise Http404
    make, kind = KINDS[form]
    response = HttpResponse(make(told(one)), content_type=kind)
    name = f"{access.cluster.slug}-{one.year}-{one.quarter}-{language()}.{form}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@of_cluster(Role.ANALYST)
def report_begun(request: HttpRequest, access: Access) -> HttpResponse:
    """The report of the quarter that ended last; made with a word about each project whose owner told one."""
    from django.utils import timezone

    if request.method != "POST":
        return redirect("centre:list", access.cluster.slug, "quarters")
    today = timezone.localdate()
    quarter = (today.month - 1) // 3
    year, quarter = (today.year, quarter) if quarter else (today.year - 1, 4)
    one, new = QuarterlyReport.objects.get_or_create(cluster=access.cluster, year=year, quarter=quarter, deleted=None)
    if new:
        messages.success(request, _("The report is begun: write what was done, then take it as PDF or for Word."))
    return redirect("centre:shown", access.cluster.slug, "quarters", one.pk)
