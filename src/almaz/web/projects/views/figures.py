"""Pages of pictures, each with its table and its download: time, money, risks, indicators, the label's audit."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from almaz.language import text as _
from almaz.web.centre.access import Access, of_cluster
from almaz.web.centre.roles import Role
from almaz.web.exports import table_response
from almaz.web.projects.models import Indicator, LabelIndicator, Milestone, Programme, Project, Reading
from almaz.web.projects.models.indicators import interval
from almaz.web.projects.models.money import amount
from almaz.web.projects.pictured import PHONE, budget_of, gantt_of, indicator_of, matrix_of
from almaz.web.projects.standing import GOLD_INDICATORS, audit, last_readings, open_risks, reached, sums, total
from almaz.web.projects.warnings import early_outcome, warnings


def picture(content: str, name: str) -> HttpResponse:
    """A picture as a download."""
    response = HttpResponse(content, content_type="image/svg+xml")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.svg"'
    response.headers["Content-Security-Policy"] = "sandbox"
    return response


@of_cluster(Role.MEMBER)
def plan(request: HttpRequest, access: Access) -> HttpResponse:
    """Projects over time."""
    projects = _projects(access)
    return render(
        request, "projects/plan.html",
        {"access": access, "projects": projects, "wide": gantt_of(access.cluster, projects),
         "narrow": gantt_of(access.cluster, projects, PHONE), "headings": _plan_headings(),
         "rows": [(one, _plan_row(access, one)) for one in projects], "warnings": warnings(access.cluster)},
    )  # fmt: skip


@of_cluster(Role.MEMBER)
def plan_file(request: HttpRequest, access: Access, form: str) -> HttpResponse:  # noqa: ARG001
    """Projects over time, to take along: svg, xlsx or csv."""
    projects, name = _projects(access), f"{access.cluster.slug}-projects"
    if form == "svg":
        return picture(gantt_of(access.cluster, projects, linked=False), name)
    rows = ([str(one), *_plan_row(access, one, plain=True)] for one in projects)
    return table_response(name, form, [_("project"), *_plan_headings()], rows)


def _projects(access: Access) -> list[Project]:
    return list(Project.of(access.cluster).select_related("owner", "person"))


def _plan_headings() -> list[str]:
    return [
        _("status"), _("owner"), _("start"), _("end"), _("done, per cent"), _("outcome promised"), _("milestones"), _("warning"),
    ]  # fmt: skip


def _plan_row(access: Access, one: Project, *, plain: bool = False) -> list[Any]:
    from almaz.language import date as day

    marks = Milestone.of(access.cluster).filter(project=one)
    listed = "; ".join(f"{mark}: {day(mark.actual or mark.planned) or '—'} ({mark.state()})" for mark in marks)
    owner = str(one.owner or one.get_actor_display() or "")
    dates = [one.start, one.end] if plain else [day(one.start), day(one.end)]
    early = early_outcome(one, access.cluster.start)
    return [str(one.get_status_display()), owner, *dates, one.progress, one.outcome, listed, early]


@of_cluster(Role.MEMBER)
def money(request: HttpRequest, access: Access) -> HttpResponse:
    """Money: plan and fact, by project."""
    rows, currency = sums(access.cluster), Programme.at(access.cluster).currency
    return render(
        request, "projects/money.html",
        {"access": access, "rows": rows, "total": total(access.cluster, _("all projects")), "currency": currency,
         "programme": Programme.at(access.cluster), "amount": amount, "warnings": warnings(access.cluster),
         "wide": budget_of(rows, currency, 980) if rows else "", "narrow": budget_of(rows, currency, PHONE) if rows else ""},
    )  # fmt: skip


@of_cluster(Role.MEMBER)
def money_file(request: HttpRequest, access: Access, form: str) -> HttpResponse:  # noqa: ARG001
    """Money: plan and fact, to take along."""
    rows, currency = sums(access.cluster), Programme.at(access.cluster).currency
    name = f"{access.cluster.slug}-money"
    if form == "svg":
        return picture(budget_of(rows, currency, 980), name)
    headings = [
        _("project"), _("currency"), _("planned"), _("at least"), _("at most"), _("committed"), _("spent"),
        _("lines without a plan"),
    ]  # fmt: skip
    lines = ((one.name, currency, *(_number(value) for value in _money_values(one)), one.unplanned) for one in rows)
    return table_response(name, form, headings, lines)


def _money_values(one: Any) -> tuple[Any, ...]:
    return (one.planned, one.least, one.most, one.committed, one.spent)


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


@of_cluster(Role.MEMBER)
def risk_matrix(request: HttpRequest, access: Access) -> HttpResponse:
    """Open risks by likelihood and impact."""
    risks = list(open_risks(access.cluster))
    return render(
        request, "projects/risks.html",
        {"access": access, "risks": list(enumerate(risks, 1)), "wide": matrix_of(risks), "narrow": matrix_of(risks, PHONE),
         "unjudged": sum(one.score is None for one in risks), "warnings": warnings(access.cluster)},
    )  # fmt: skip


@of_cluster(Role.MEMBER)
def risk_file(request: HttpRequest, access: Access, form: str) -> HttpResponse:  # noqa: ARG001
    """The matrix, to take along; its table is the list of risks."""
    risks = list(open_risks(access.cluster))
    if form == "svg":
        return picture(matrix_of(risks), f"{access.cluster.slug}-risks")
    headings = [
        _("number"),
        _("risk"),
        _("project"),
        _("likelihood, 1 to 5"),
        _("impact, 1 to 5"),
        _("likelihood × impact"),
        _("answer"),
    ]
    rows = (
        [number, str(one), str(one.project or ""), one.likelihood, one.impact, one.score, one.answer]
        for number, one in enumerate(risks, 1)
    )
    return table_response(f"{access.cluster.slug}-risks", form, headings, rows)


@of_cluster(Role.MEMBER)
def measured(request: HttpRequest, access: Access) -> HttpResponse:
    """Every indicator against its target."""
    held, newest = _readings(access), last_readings(access.cluster)
    shown = [
        (one, indicator_of(one, held.get(one.pk, [])), reached(one, newest.get(one.pk)))
        for one in Indicator.of(access.cluster).select_related("project")
    ]
    groups = [
        (_("The cluster's outcomes"), [row for row in shown if row[0].project is None]),
        (_("Indicators of projects"), [row for row in shown if row[0].project is not None]),
    ]
    return render(
        request, "projects/measured.html",
        {"access": access, "groups": [group for group in groups if group[1]], "warnings": warnings(access.cluster)},
    )  # fmt: skip


def _readings(access: Access) -> dict[int, list[Reading]]:
    held: dict[int, list[Reading]] = {}
    for one in Reading.of(access.cluster).order_by("year"):
        held.setdefault(one.indicator_id, []).append(one)
    return held


@of_cluster(Role.MEMBER)
def measured_file(request: HttpRequest, access: Access, form: str) -> HttpResponse:  # noqa: ARG001
    """Indicators and their figures, a row for each year; their pictures are on the page."""
    if form == "svg":
        raise Http404
    held = _readings(access)
    headings = [
        _("indicator"), _("project"), _("unit"), _("what"), _("year"), _("value"), _("at least"), _("at most"), _("source"),
    ]  # fmt: skip
    rows: list[list[Any]] = []
    for one in Indicator.of(access.cluster).select_related("project"):
        start = [str(one), str(one.project or ""), one.unit]
        rows.append(
            [*start, _("baseline"), one.baseline_year, one.baseline, one.baseline_low, one.baseline_high, one.edition]
        )
        rows += [
            [*start, _("figure"), each.year, each.value, each.low, each.high, each.source]
            for each in held.get(one.pk, [])
        ]
        rows.append([*start, _("target"), one.target_year, one.target, None, None, ""])
    return table_response(f"{access.cluster.slug}-indicators", form, headings, rows)


@of_cluster(Role.MEMBER)
def audited(request: HttpRequest, access: Access) -> HttpResponse:
    """The label's indicators: evidence, thresholds, share of points."""
    return render(
        request, "projects/audit.html",
        {"access": access, "audit": audit(access.cluster), "interval": interval, "wanted": GOLD_INDICATORS,
         "warnings": warnings(access.cluster)},
    )  # fmt: skip


@require_POST
@of_cluster(Role.ANALYST)
def audit_begun(request: HttpRequest, access: Access) -> HttpResponse:
    """Rows 1 to 31 for the label's indicators, where there are none yet."""
    if not LabelIndicator.of(access.cluster).exists():
        with transaction.atomic():
            for number in range(1, GOLD_INDICATORS + 1):
                LabelIndicator.objects.create(cluster=access.cluster, number=number)
        messages.success(request, _("The rows stand. Word each indicator as your copy of the label's rules does."))
    return redirect("projects:audit", access.cluster.slug)
