"""The records as the pictures of `report.programme_pictures` take them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.urls import reverse
from django.utils import timezone
from markupsafe import Markup

from almaz.programme.gates import EARLIEST
from almaz.report.programme_pictures import Bar, Dot, Mark, Money, Point, budget, gantt, indicator, risk_matrix
from almaz.web.centre.models import Cluster
from almaz.web.projects.models import Indicator, Milestone, Project, Reading, Risk
from almaz.web.projects.standing import Sums
from almaz.web.projects.warnings import early_outcome

PHONE = 356


def bars(cluster: Cluster, projects: Sequence[Project], today: date, *, linked: bool = True) -> list[Bar]:
    """Projects with their milestones; the outcome's milestone is the ring already."""
    marks: dict[int, list[Mark]] = {}
    for one in Milestone.of(cluster).exclude(point__in=("start", "outcomes")):
        when = one.actual or one.planned
        if when:
            marks.setdefault(one.project_id, []).append(Mark(when, one.actual is not None, one.late(today), str(one)))
    return [
        Bar(
            str(one), str(one.status), str(one.get_status_display()), one.start, one.end, one.progress, one.outcome,
            bool(early_outcome(one, cluster.start)), tuple(marks.get(one.pk, ())),
            reverse("centre:shown", args=(cluster.slug, "projects", one.pk)) if linked else "",
        )
        for one in projects
    ]  # fmt: skip


def span(cluster: Cluster, projects: Sequence[Project], today: date) -> tuple[int, int]:
    """First and last year of the picture: all that is planned, and the programme's own years."""
    years = [day.year for one in projects for day in (one.start, one.end) if day]
    years += [one.outcome for one in projects if one.outcome]
    if cluster.start:
        years += [cluster.start, cluster.start + cluster.horizon]
    years = years or [today.year]
    return min(years), max(min(max(years), min(years) + 40), min(years))


def gantt_of(
    cluster: Cluster, projects: Sequence[Project], width: int = 1060, *, linked: bool = True, today: date | None = None
) -> Markup:
    """Projects over time, with the day that is today, or another."""
    today = today or timezone.localdate()
    first, last = span(cluster, projects, today)
    fifth = cluster.start + EARLIEST if cluster.start else None
    return Markup(gantt(bars(cluster, projects, today, linked=linked), first, last, today, fifth, width))


def matrix_of(risks: Sequence[Risk], width: int = 520) -> Markup:
    """Risks that somebody judged, numbered as in their list."""
    dots = [
        Dot(number, str(one), one.likelihood, one.impact)
        for number, one in enumerate(risks, 1)
        if one.likelihood and one.impact
    ]
    return Markup(risk_matrix(dots, width))


def budget_of(rows: Sequence[Sums], currency: str, width: int = 760) -> Markup:
    """Money planned, committed and spent."""
    held = [
        Money(one.name, one.planned, one.least, one.most, one.committed, one.spent)
        for one in rows
    ]  # fmt: skip
    return Markup(budget(held, currency, width))


def indicator_of(one: Indicator, readings: Sequence[Reading], width: int = 340) -> Markup:
    """An indicator's baseline, figures and target."""
    points = [Point(reading.year, reading.value, reading.low, reading.high) for reading in readings]
    baseline = (
        Point(one.baseline_year, one.baseline, one.baseline_low, one.baseline_high) if one.baseline_year else None
    )
    target = Point(one.target_year, one.target) if one.target_year and one.target is not None else None
    years = [point.year for point in (*points, *filter(None, (baseline,)))]
    years += [one.target_year] if one.target_year else []
    first, last = (min(years), max(years)) if years else (0, 1)
    return Markup(indicator(str(one), points, baseline, target, first, max(last, first + 1), width))
