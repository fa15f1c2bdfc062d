"""What a quarterly report tells: the words of who wrote it, and the records' own figures for its days."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from almaz.language import count, language
from almaz.language import date as day
from almaz.language import text as _
from almaz.programme.explained import stage_words
from almaz.report.quarterly import Block, Heading, Listing, Paragraph, Picture, Pictures, Report, Table
from almaz.web.centre.models import Cluster, Record
from almaz.web.events.models import Decision
from almaz.web.projects.models import (
    Amendment,
    BudgetLine,
    Criterion,
    Indicator,
    Milestone,
    Programme,
    Project,
    ProjectTask,
    QuarterlyReport,
    Reading,
    Risk,
    StageGate,
)
from almaz.web.projects.models.indicators import interval
from almaz.web.projects.models.money import amount
from almaz.web.projects.pictured import budget_of, gantt_of, indicator_of, matrix_of
from almaz.web.projects.standing import Sums, entry_sums, reached, summed
from almaz.web.projects.warnings import warnings

MOST_PICTURES = 12
LATER = timedelta(days=31)
"""How long after its quarter a report takes in what is entered; then it stays as it was."""


def told(report: QuarterlyReport) -> Report:
    """The report in the language in use."""
    cluster = report.cluster
    parts = (_done, _milestones, _money, _risks, _indicators, _decisions, _ahead)
    blocks: list[Block] = [Paragraph(words, strong=True) for words in warnings(cluster)]
    for part in parts:
        blocks += part(report, cluster)
    today, on = timezone.localdate(), stood_on(report)
    period = f"{day(report.first)} – {day(report.last)} · " + _(
        "Projects, risks and indicators as they stood on {day}.", day=day(on)
    )
    return Report(
        title=_("Quarterly report: {cluster}", cluster=cluster), subtitle=f"{report} · {period}", language=language(),
        date=today.isoformat(), running=f"{cluster} · {report}", blocks=blocks,
    )  # fmt: skip


def stood_on(report: QuarterlyReport) -> date:
    """The day whose records a report tells: today, but never more than a month after its quarter."""
    return min(timezone.localdate(), report.last + LATER)


def stood(model: type[Record], cluster: Cluster, on: date) -> list[Any]:
    """Records that were not in the bin at the end of a day, as their history tells; of today as they are."""
    if on >= timezone.localdate():
        return list(model.of(cluster))
    end = timezone.make_aware(datetime.combine(on, time.max))
    return list(
        model.history.as_of(end).filter(cluster=cluster, deleted=None).order_by(*model._meta.ordering or ("pk",))
    )


def _done(report: QuarterlyReport, cluster: Cluster) -> Iterable[Block]:
    yield Heading(_("What was done"))
    yield Paragraph(report.done or _("Nothing was written here."))
    projects = stood(Project, cluster, stood_on(report))
    if not projects:
        return
    yield Picture(
        gantt_of(cluster, projects, 800, linked=False, today=stood_on(report)),
        _("Projects over time; the table below says the same."),
    )
    rows = tuple(
        (str(one), str(one.get_status_display()), str(one.owner or one.get_actor_display() or "—"),
         "—" if one.progress is None else count(one.progress), one.standing or "—")
        for one in projects
    )  # fmt: skip
    yield Table(
        (_("project"), _("status"), _("owner"), _("done, per cent"), _("how it stands")),
        rows,
        (3.6, 2, 2.3, 1.9, 2.8),
        (3,),
    )


def _milestones(report: QuarterlyReport, cluster: Cluster) -> Iterable[Block]:
    yield Heading(_("Milestones"))
    here = Q(planned__range=(report.first, report.last)) | Q(actual__range=(report.first, report.last))
    late = Q(actual=None, planned__lt=report.first) | Q(actual__gt=report.last, planned__lt=report.first)
    held = Milestone.of(cluster).filter(here | late, project__deleted=None).exclude(project__status="stopped")
    rows = tuple(
        (str(one.project), str(one), day(one.planned) or "—", day(_by(one.actual, report.last)) or "—",
         _milestone_state(one, report.last), _yes(one.shown))
        for one in held.select_related("project")
    )  # fmt: skip
    if not rows:
        yield Paragraph(_("No milestone was due or reached in this quarter."))
        return
    heads = (_("project"), _("milestone"), _("planned"), _("reached"), _("state"), _("evidence"))
    yield Table(heads, rows, (3.2, 2.3, 1.9, 2, 2, 2.4))


def _by(when: date | None, last: date) -> date | None:
    """The day, if it had come by the end of the quarter."""
    return when if when is not None and when <= last else None


def _milestone_state(one: Milestone, last: date) -> str:
    if _by(one.actual, last):
        return _("reached")
    return _("late") if one.planned and one.planned <= last else _("ahead")


def _yes(true: bool) -> str:
    return _("yes") if true else _("no")


def _money(report: QuarterlyReport, cluster: Cluster) -> Iterable[Block]:
    currency = Programme.at(cluster).currency
    yield Heading(_("Budget, {currency}", currency=currency))
    projects = {one.pk: one for one in stood(Project, cluster, stood_on(report))}
    lines: dict[int, list[BudgetLine]] = {}
    for line in stood(BudgetLine, cluster, stood_on(report)):
        if line.project_id in projects:
            lines.setdefault(line.project_id, []).append(line)
    if not lines:
        yield Paragraph(_("No budget was planned yet."))
        return
    before = entry_sums(cluster, last=report.last)
    here = entry_sums(cluster, report.first, report.last)
    rows = [summed(str(one), one, lines[pk], before) for pk, one in projects.items() if pk in lines]
    yield Picture(budget_of(rows, currency, 760), _("Budget: plan and fact; the table below says the same."))
    said = [_money_row(one, lines[one.project.pk], here) for one in rows if one.project]
    every = [line for held in lines.values() for line in held]
    said.append(_money_row(summed(_("all projects"), None, every, before), every, here))
    heads = (_("project"), _("planned"), _("committed"), _("spent"), _("spent in the quarter"))
    yield Table(heads, tuple(said), (2.6, 2.5, 2.5, 2.4, 2.4), (1, 2, 3, 4))
    if any(one.unplanned for one in rows):
        yield Paragraph(_("A range is the cost class of lines for which no figure is planned yet."))


def _money_row(one: Sums, lines: list[BudgetLine], here: Any) -> tuple[str, ...]:
    now = summed(one.name, None, lines, here)
    span = f"{amount(one.least)} – {amount(one.most)}" if one.least is not None and one.most is not None else "—"
    planned = amount(one.planned) if one.planned is not None else span
    return one.name, planned, amount(one.committed), amount(one.spent), amount(now.spent)


def _risks(report: QuarterlyReport, cluster: Cluster) -> Iterable[Block]:
    yield Heading(_("Risks"))
    on = stood_on(report)
    lively = {one.pk for one in stood(Project, cluster, on) if one.status != "stopped"} | {None}
    held = [one for one in stood(Risk, cluster, on) if one.closed is None and one.project_id in lively]
    if not held:
        yield Paragraph(_("No open risk is registered."))
        return
    judged = [one for one in held if one.score is not None]
    if judged:
        yield Picture(matrix_of(held), _("Risks by likelihood and impact; the table below says the same."), 0.6)
    numbered = sorted(enumerate(held, 1), key=lambda pair: -(pair[1].score or 0))
    rows = tuple(
        (
            str(number),
            str(one),
            str(one.project or "—"),
            one.weight(),
            one.answer or "—",
            one.owner.name if one.owner else "—",
        )
        for number, one in numbered
    )
    heads = ("№", _("risk"), _("project"), _("likelihood × impact"), _("answer"), _("watched by"))
    yield Table(heads, rows, (0.6, 2.7, 2.5, 1.9, 2.4, 1.7), (0, 3))
    if len(judged) < len(held):
        yield Paragraph(_("Nobody has judged {number} of them yet.", number=count(len(held) - len(judged))))


def _indicators(report: QuarterlyReport, cluster: Cluster) -> Iterable[Block]:
    yield Heading(_("Indicators"))
    held: dict[int, list[Reading]] = {}
    for one in sorted(stood(Reading, cluster, stood_on(report)), key=lambda one: one.year):
        held.setdefault(one.indicator_id, []).append(one)
    all_of = stood(Indicator, cluster, stood_on(report))
    if not all_of:
        yield Paragraph(_("No indicator is set yet."))
        return
    drawn = [one for one in all_of if held.get(one.pk) or one.baseline is not None][:MOST_PICTURES]
    if drawn:
        yield Pictures(
            tuple(
                Picture(indicator_of(one, held.get(one.pk, []), 400), _indicator_words(one, held.get(one.pk, [])), 0.5)
                for one in drawn
            )
        )
    rows = tuple(
        (str(one), str(one.project or "—"), one.baseline_words(), _newest_words(held.get(one.pk, [])), one.target_words(),
         _state(one, held.get(one.pk, [])),
         _yes(one.shown))
        for one in all_of
    )  # fmt: skip
    heads = (
        _("indicator"),
        _("project"),
        _("baseline"),
        _("newest figure"),
        _("target"),
        _("target reached"),
        _("evidence"),
    )
    yield Table(heads, rows, (2.3, 2.2, 1.9, 1.9, 1.5, 1.9, 2.3), (2, 3, 4))


def _indicator_words(one: Indicator, readings: list[Reading]) -> str:
    figures = "; ".join(str(reading).split(": ", 1)[-1] for reading in readings) or "—"
    return _(
        "{name}: baseline {baseline}; figures {figures}; target {target}",
        name=one, baseline=one.baseline_words(), figures=figures, target=one.target_words(),
    )  # fmt: skip


def _newest(readings: list[Reading]) -> Reading | None:
    """The newest known figure."""
    return next((one for one in reversed(readings) if one.value is not None), None)


def _newest_words(readings: list[Reading]) -> str:
    one = _newest(readings)
    return "—" if one is None else interval(one.value, one.low, one.high, one.year)


def _state(one: Indicator, readings: list[Reading]) -> str:
    at = reached(one, _newest(readings))
    return _("unknown") if at is None else _yes(at)


def _decisions(report: QuarterlyReport, cluster: Cluster) -> Iterable[Block]:
    yield Heading(_("Decisions"))
    span = (report.first, report.last)
    passed = StageGate.of(cluster).filter(passed__range=span)
    confirmed = Criterion.of(cluster).filter(confirmed__range=span).select_related("gate")
    agreed = Decision.of(cluster).filter(event__start__date__range=span, event__deleted=None).select_related("event")
    decided = Amendment.of(cluster).filter(decided__range=span)
    points = [
        *(f"{day(timezone.localtime(one.event.start).date())}: {one} ({one.event})" for one in agreed),
        *(_("{day}: gate passed: {gate} ({stage})", day=day(one.passed), gate=one, stage=stage_words()[one.stage])
          for one in passed),
        *(_("{day}: confirmed for {gate}: {criterion}", day=day(one.confirmed), gate=one.gate, criterion=one)
          for one in confirmed),
        *(_("{day}: amendment {decision}: {amendment}", day=day(one.decided), decision=one.get_decision_display(), amendment=one)
          for one in decided),
    ]  # fmt: skip
    if report.decisions:
        yield Paragraph(report.decisions)
    if points:
        yield Listing(tuple(points))
    if not points and not report.decisions:
        yield Paragraph(_("No decision was taken."))


def _ahead(report: QuarterlyReport, cluster: Cluster) -> Iterable[Block]:
    yield Heading(_("Next quarter"))
    if report.ahead:
        yield Paragraph(report.ahead)
    until = report.next_last
    due = Milestone.of(cluster).filter(actual=None, planned__gt=report.last, planned__lte=until, project__deleted=None)
    tasks = ProjectTask.of(cluster).filter(done=None, due__lte=until)
    points = [
        *(f"{day(one.planned)}: {one.project}: {one}" for one in due.select_related("project")),
        *(
            f"{day(one.due)}: {one}" + (f" ({one.person.name})" if one.person else "")
            for one in tasks.select_related("person")
        ),
    ]
    if points:
        yield Listing(tuple(points))
    if not points and not report.ahead:
        yield Paragraph(_("Nothing is planned for the next quarter yet."))
