"""How the records of the programme are listed, shown and edited, and what they say at a glance."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Q
from django.urls import reverse

from almaz.language import count
from almaz.web.centre.access import Access
from almaz.web.centre.kinds import Due, Kind, Page, Room
from almaz.web.centre.roles import Role
from almaz.web.language import lazy as _
from almaz.web.projects import models
from almaz.web.projects.forms import EvidenceForm, FrameForm, ProgrammeForm, ProjectForm, RiskForm
from almaz.web.projects.models.project import measures
from almaz.web.projects.standing import SOON, criteria, standing

EVIDENCE = ("note", "link", "file")
OF_RECORD = "projects/record.html"


def _number(access: Access, project: Any) -> None:
    """A new project stands after the others."""
    if project.number is None:
        last = models.Project.everything.filter(cluster=access.cluster).exclude(number=None).order_by("-number").first()
        project.number = (last.number if last else 0) + 1


def _in_the_catalogue(query: str) -> Q:
    """Projects that bear the name of their measure, where it holds the words in the language in use."""
    found = [code for code, measure in measures().items() if query.casefold() in str(measure.name).casefold()]
    return Q(name="", measure__in=found)


KINDS = (
    Kind(
        name="projects", model=models.Project, title=_("Projects"), one=_("project"),
        columns=("name", "number", "stage", "status", "owner", "start", "end", "outcome", "progress"),
        fields=(
            "name", "number", "stage", "status", "actor", "owner", "person", "start", "end", "outcome", "progress", "standing",
        ),
        search=("name",), also=_in_the_catalogue, filters=("status", "stage", "owner"), order=("number", "pk"),
        form=ProjectForm, template="projects/project.html",
        parts=(
            ("frame", "project"), ("milestones", "project"), ("budget", "project"), ("risks", "project"),
            ("project-tasks", "project"), ("indicators", "project"),
        ), prepare=_number,
    ),
    Kind(
        name="milestones", model=models.Milestone, title=_("Milestones"), one=_("milestone"),
        columns=("name", "project", "planned", "actual", "state", "has_evidence"),
        fields=("project", "name", "planned", "actual", *EVIDENCE), filters=("project",), order=("planned", "pk"),
        form=EvidenceForm, template="projects/milestone.html",
    ),
    Kind(
        name="project-tasks", model=models.ProjectTask, title=_("Tasks of projects"), one=_("task"),
        columns=("name", "project", "person", "due", "done"),
        fields=("project", "name", "person", "due", "done", "note"), search=("name", "note"), filters=("project", "person"),
        order=("done", "due", "pk"), template="projects/task.html",
    ),
    Kind(
        name="risks", menu=False, model=models.Risk, title=_("Risks"), one=_("risk"),
        columns=("name", "project", "likelihood", "impact", "weight", "owner", "closed"),
        fields=("project", "name", "likelihood", "impact", "answer", "owner", "closed"), filters=("project",),
        form=RiskForm, template=OF_RECORD,
    ),
    Kind(
        name="budget", menu=False, model=models.BudgetLine, title=_("Budget lines"), one=_("budget line"),
        columns=("line", "project", "source", "year", "planned", "least", "most", "committed", "spent"),
        fields=("project", "line", "source", "year", "planned", "least", "most"), search=("source",),
        filters=("project", "line"), order=("project__number", "pk"), parts=(("money-entries", "line"),), template=OF_RECORD,
        hint=_("Costs by class are orders of magnitude from the catalogue: plan a figure when a quote is there."),
    ),
    Kind(
        name="money-entries", menu=False, model=models.Entry, title=_("Commitments and payments"), one=_("money entry"),
        columns=("sort", "line", "day", "amount", "what", "has_evidence"),
        fields=("line", "sort", "day", "amount", "what", *EVIDENCE), search=("what",), filters=("sort", "line"),
        order=("-day", "-pk"), form=EvidenceForm, template=OF_RECORD,
    ),
    Kind(
        name="indicators", menu=False, model=models.Indicator, title=_("Indicators"), one=_("indicator"),
        columns=("name", "project", "unit", "baseline_words", "target_words", "last_words", "has_evidence"),
        fields=(
            "project", "name", "unit", "wanted", "baseline_year", "baseline", "baseline_low", "baseline_high", "target_year",
            "target", "verification", *EVIDENCE,
        ), filters=("project",), order=("project__number", "pk"), form=EvidenceForm, parts=(("readings", "indicator"),),
        template="projects/indicator.html",
    ),
    Kind(
        name="readings", model=models.Reading, title=_("Figures by year"), one=_("figure of a year"),
        columns=("year", "indicator", "value", "low", "high", "source", "has_evidence"),
        fields=("indicator", "year", "value", "low", "high", "source", *EVIDENCE), filters=("indicator",),
        order=("indicator", "year"), form=EvidenceForm, menu=False, template=OF_RECORD,
    ),
    Kind(
        name="quarters", model=models.QuarterlyReport, title=_("Quarterly reports"), one=_("quarterly report"),
        columns=("__str__", "year", "quarter"), fields=("year", "quarter", "done", "decisions", "ahead"),
        order=("-year", "-quarter"), template="projects/quarter.html",
    ),
    Kind(
        name="programme", model=models.Programme, title=_("The programme as a whole"), one=_("programme"),
        columns=("__str__", "promised", "currency"), fields=("goal", "purpose", "promised", "currency", "rate"),
        form=ProgrammeForm, menu=False, template=OF_RECORD,
    ),
    Kind(
        name="frame", model=models.FrameLine, title=_("Logical frame"), one=_("line of the logical frame"),
        columns=("level", "words", "indicator", "verification", "assumption"),
        fields=("project", "level", "words", "indicator", "verification", "assumption"), filters=("project", "level"),
        form=FrameForm, menu=False, template=OF_RECORD,
    ),
    Kind(
        name="gates", model=models.StageGate, title=_("Gates"), one=_("gate"),
        columns=("code", "round", "year", "passed", "passed_by"), fields=("code", "round", "year"),
        order=("round", "code"), parts=(("criteria", "gate"),), add=Role.MANAGER, change=Role.MANAGER, menu=False,
        template=OF_RECORD,
    ),
    Kind(
        name="criteria", model=models.Criterion, title=_("What gates ask for"), one=_("criterion"),
        columns=("name", "gate", "has_evidence", "confirmed", "confirmed_by"),
        fields=("gate", "name", *EVIDENCE), filters=("gate",), order=("gate__round", "gate__code", "pk"),
        form=EvidenceForm, menu=False, template="projects/criterion.html",
    ),
    Kind(
        name="label-indicators", model=models.LabelIndicator, title=_("Indicators of the label"),
        one=_("indicator of the label"),
        columns=("__str__", "points", "threshold", "most", "has_evidence"),
        fields=("number", "name", "points", "threshold", "most", *EVIDENCE), search=("name",), order=("number", "pk"),
        form=EvidenceForm, menu=False, template=OF_RECORD,
    ),
    Kind(
        name="amendments", model=models.Amendment, title=_("Suggested amendments"), one=_("amendment"),
        columns=("__str__", "project", "reason", "decision", "decided"), fields=("project", "note"),
        filters=("decision", "project"), order=("-pk",), add=Role.ADMINISTRATOR, menu=False, template="projects/amendment.html",
    ),
    Kind(
        name="drafts", model=models.Draft, title=_("Draft programmes"), one=_("draft programme"),
        columns=("source", "created", "edition", "taken"),
        fields=(), order=("-pk",), view=Role.ANALYST, add=Role.ADMINISTRATOR, menu=False, template="projects/draft_record.html",
    ),
)  # fmt: skip


def glance(access: Access) -> list[tuple[str, str, str]]:
    """What the overview says of the programme."""
    now = standing(access.cluster)
    if not now.projects:
        return []
    said = [
        (str(_("projects running")), count(now.by_status["running"]), _listed(access, "projects", "status=running")),
        (str(_("milestones late")), count(len(now.late)), _page(access, "plan")),
        (str(_("risks of 15 and more")), count(len(now.severe)), _page(access, "risk_matrix")),
        (str(_("gates passed")), f"{now.passed} / {now.gates}", _page(access, "stages")),
    ]
    return [*said, (str(_("warnings")), count(len(now.warnings)), _page(access, "dashboard"))] if now.warnings else said


def due(access: Access, today: date) -> list[Due]:
    """The person's own tasks and the milestones of its own projects; for a manager, a gate of which everything is shown."""
    slug, until = access.cluster.slug, today + SOON
    tasks = models.ProjectTask.of(access.cluster).filter(done=None).select_related("project", "person")
    ahead = models.Milestone.of(access.cluster).filter(actual=None, planned__lte=until, project__deleted=None)
    ahead = ahead.exclude(project__status="stopped").select_related("project", "project__person")
    made = [
        Due(str(_("task")), str(one), one.due, _own(slug, "done", one), bool(one.due and one.due < today))
        for one in tasks
        if one.owned_by(access)
    ]
    made += [
        Due(str(_("milestone")), f"{one.project}: {one}", one.planned, _own(slug, "reached", one), one.late(today))
        for one in ahead
        if one.project.owned_by(access)
    ]
    gates = criteria(access.cluster) if access.covers(Role.MANAGER) else []
    waiting = next((gate for gate, _held in gates if not gate.passed), None)
    if waiting is not None and not waiting.lacking():
        made.append(Due(str(_("gate")), str(waiting), None, f"{_page(access, 'stages')}#gate-{waiting.pk}"))
    return made


def _own(slug: str, view: str, one: Any) -> str:
    return reverse(f"projects:{view}", args=(slug, one.pk))


def _page(access: Access, view: str) -> str:
    return reverse(f"projects:{view}", args=(access.cluster.slug,))


def _listed(access: Access, kind: str, query: str = "") -> str:
    address = reverse("centre:list", args=(access.cluster.slug, kind))
    return f"{address}?{query}" if query else address


ROOM = Room(
    title=_("Programme"),
    kinds=KINDS,
    pages=(
        Page(_("How the programme is doing"), "projects:dashboard"),
        Page(_("Take a draft"), "projects:take", Role.ANALYST),
        Page(_("Projects over time"), "projects:plan"),
        Page(_("Stages and gates"), "projects:stages"),
        Page(_("Money: plan and fact"), "projects:money"),
        Page(_("Risk matrix"), "projects:risk_matrix"),
        Page(_("Indicators against targets"), "projects:measured"),
        Page(_("Audit for a label"), "projects:audit"),
        Page(_("Evaluation and amendments"), "projects:evaluation"),
    ),
    glance=glance,
    due=due,
)
