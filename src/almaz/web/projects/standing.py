"""How the programme is doing: what is where, late, spent, risked, shown and measured. Unknown is counted as unknown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q, Sum
from django.utils import timezone

from almaz.web.centre.models import Cluster
from almaz.web.projects.models import (
    BudgetLine,
    Criterion,
    Entry,
    Indicator,
    LabelIndicator,
    Milestone,
    Project,
    ProjectTask,
    Reading,
    Risk,
    StageGate,
)
from almaz.web.projects.models.project import Status
from almaz.web.projects.warnings import warnings

SOON = timedelta(days=92)
SEVERE = 15
"""Likelihood × impact from which a risk is called severe."""
GOLD_INDICATORS, GOLD_SHARE = 31, Decimal("0.8")
"""A gold label of cluster management: so many indicators, each at its threshold, and this share of all points."""


@dataclass(frozen=True)
class Sums:
    """Money of a project or of all; None is not known. unplanned: lines without a planned figure."""

    name: str
    project: Project | None
    planned: Decimal | None
    least: Decimal | None
    most: Decimal | None
    committed: Decimal | None
    spent: Decimal | None
    unplanned: int


@dataclass(frozen=True)
class Standing:
    """The programme today."""

    projects: list[Project]
    by_status: dict[str, int]
    late: list[Milestone]
    soon: list[Milestone]
    tasks_late: list[ProjectTask]
    risks: list[Risk]
    severe: list[Risk]
    unjudged: int
    gates: int
    passed: int
    indicators: int
    measured: int
    reached: int
    warnings: list[str]


def standing(cluster: Cluster, today: date | None = None) -> Standing:
    """The programme on a day, by default today."""
    on = today or timezone.localdate()
    projects = list(Project.of(cluster).select_related("owner"))
    counts = Counter(str(one.status) for one in projects)
    ahead = Milestone.of(cluster).filter(actual=None, project__deleted=None).exclude(project__status="stopped")
    ahead = ahead.select_related("project")
    risks = list(open_risks(cluster))
    indicators = list(Indicator.of(cluster))
    newest = last_readings(cluster)
    round_now = current_round(cluster)
    gates = StageGate.of(cluster).filter(round=round_now)
    return Standing(
        projects,
        {status: counts[status] for status in Status.values},
        list(ahead.filter(planned__lt=on)),
        list(ahead.filter(planned__gte=on, planned__lte=on + SOON)),
        list(ProjectTask.of(cluster).filter(done=None, due__lt=on)),
        risks,
        [one for one in risks if one.score is not None and one.score >= SEVERE],
        sum(one.score is None for one in risks),
        gates.count(),
        gates.exclude(passed=None).count(),
        len(indicators),
        sum(one.pk in newest for one in indicators),
        sum(reached(one, newest.get(one.pk)) is True for one in indicators),
        warnings(cluster),
    )


def current_round(cluster: Cluster) -> int:
    """The newest round of the programme's life."""
    newest = StageGate.of(cluster).order_by("-round").first()
    return int(newest.round) if newest else 1


def open_risks(cluster: Cluster) -> Any:
    """Risks that nobody closed, of projects that are not in the bin or stopped."""
    lively = Q(project=None) | (Q(project__deleted=None) & ~Q(project__status="stopped"))
    return Risk.of(cluster).filter(lively, closed=None).select_related("project", "owner")


def last_readings(cluster: Cluster) -> dict[int, Reading]:
    """The newest known figure of every indicator."""
    found = Reading.of(cluster).exclude(value=None).order_by("year")
    return {one.indicator_id: one for one in found}


def reached(indicator: Indicator, newest: Reading | None) -> bool | None:
    """Whether the newest figure is at the target; None where either is not known, or the interval lies on both sides of it."""
    if indicator.target is None or newest is None or newest.value is None:
        return None
    ends = [newest.value] if newest.low is None or newest.high is None else [newest.low, newest.high]
    at = {end >= indicator.target if indicator.wanted == "up" else end <= indicator.target for end in ends}
    return at.pop() if len(at) == 1 else None


def sums(cluster: Cluster) -> list[Sums]:
    """The money of every project that has a budget, in the projects' order."""
    entries = entry_sums(cluster)
    lines: dict[int, list[BudgetLine]] = {}
    for line in BudgetLine.of(cluster).filter(project__deleted=None):
        lines.setdefault(line.project_id, []).append(line)
    return [
        summed(str(project), project, lines[project.pk], entries)
        for project in Project.of(cluster)
        if project.pk in lines
    ]


def entry_sums(cluster: Cluster, first: date | None = None, last: date | None = None) -> dict[tuple[int, str], Decimal]:
    """(line, sort) → sum of its entries between two days."""
    entries = Entry.of(cluster).filter(line__deleted=None, line__project__deleted=None)
    entries = entries.filter(day__gte=first) if first else entries
    entries = entries.filter(day__lte=last) if last else entries
    rows = entries.order_by().values("line", "sort").annotate(all=Sum("amount"))
    return {(row["line"], row["sort"]): row["all"] for row in rows}


def summed(
    name: str, project: Project | None, lines: Iterable[BudgetLine], entries: dict[tuple[int, str], Decimal]
) -> Sums:
    """Lines added up. A planned figure stands in place of its line's cost class in least and most; planned is known only
    where every line has a figure."""
    held = list(lines)
    unplanned = [line for line in held if line.planned is None]
    return Sums(
        name,
        project,
        _added(line.planned for line in held) if not unplanned else None,
        _added(line.least if line.planned is None else line.planned for line in held),
        _added(line.most if line.planned is None else line.planned for line in held),
        _known(entries.get((line.pk, "commitment")) for line in held),
        _known(entries.get((line.pk, "payment")) for line in held),
        len(unplanned),
    )


def _added(values: Iterable[Decimal | None]) -> Decimal | None:
    """The sum; None where any is not known."""
    held = list(values)
    return None if not held or any(one is None for one in held) else sum(filter(None, held), Decimal(0))


def _known(values: Iterable[Decimal | None]) -> Decimal | None:
    """The sum of what was entered; None where nothing was."""
    held = [one for one in values if one is not None]
    return sum(held, Decimal(0)) if held else None


def total(cluster: Cluster, name: str) -> Sums:
    """All projects together."""
    lines = BudgetLine.of(cluster).filter(project__deleted=None)
    return summed(name, None, lines, entry_sums(cluster))


@dataclass(frozen=True)
class Audit:
    """The label's indicators: how many there are, have evidence, reach their threshold; the share of points, None where some
    are not known; golden: whether the rule for gold is met."""

    rows: list[LabelIndicator]
    evidenced: int
    above: int
    known: int
    share: Decimal | None

    @property
    def golden(self) -> bool:
        """31 indicators with evidence, each at its threshold, and 80 % of all points."""
        enough = len(self.rows) >= GOLD_INDICATORS and self.evidenced == self.above == len(self.rows)
        return enough and self.share is not None and self.share >= GOLD_SHARE


def audit(cluster: Cluster) -> Audit:
    """How far the centre is towards a label of cluster management."""
    rows = list(LabelIndicator.of(cluster))
    points = _added(one.points for one in rows)
    most = _added(one.most for one in rows)
    return Audit(
        rows,
        sum(one.shown for one in rows),
        sum(one.above is True for one in rows),
        sum(one.above is not None for one in rows),
        points / most if points is not None and most else None,
    )


def criteria(cluster: Cluster) -> list[tuple[StageGate, list[Criterion]]]:
    """Every gate of the newest round with what it asks for."""
    gates = StageGate.of(cluster).filter(round=current_round(cluster)).select_related("passed_by")
    held = Criterion.of(cluster).select_related("gate", "confirmed_by")
    return [(gate, [one for one in held if one.gate_id == gate.pk]) for gate in gates]
