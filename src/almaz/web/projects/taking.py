"""From a draft to records: what would be made is shown first, then made in one transaction; twice taken makes nothing twice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from almaz.programme.explained import gate_words, line_words, need_words, stage_words
from almaz.programme.gates import GATES
from almaz.report.programme import baseline_words
from almaz.web.centre.models import Cluster
from almaz.web.projects.drafts import Content
from almaz.web.projects.models import (
    BudgetLine,
    Criterion,
    Draft,
    FrameLine,
    Indicator,
    Milestone,
    Programme,
    Project,
    Risk,
    StageGate,
)
from almaz.web.projects.models.programme import in_language

MILLION = Decimal(1_000_000)
CENT = Decimal("0.01")


@dataclass(frozen=True)
class Proposal:
    """A project of a draft as the preview shows it: a record not yet saved, its frame, its money, and what is new about it."""

    project: Project
    frame: list[FrameLine]
    lines: list[tuple[str, Decimal, Decimal]]
    there: Project | None
    findings: list[str]

    @property
    def new(self) -> bool:
        """Whether taking makes it."""
        return self.there is None


@dataclass(frozen=True)
class Preview:
    """What taking a draft would make, and what is there already."""

    proposals: list[Proposal]
    gates: list[tuple[str, str, int, bool, list[tuple[str, bool]]]]
    baselines: list[tuple[str, int, Any, bool]]

    @property
    def news(self) -> dict[str, int]:
        """How many of each are new."""
        return {
            "projects": sum(one.new for one in self.proposals),
            "findings": sum(len(one.findings) for one in self.proposals if not one.new),
            "gates": sum(new for _code, _name, _year, new, _needs in self.gates),
            "indicators": sum(new for _name, _year, _figures, new in self.baselines),
        }


def preview(cluster: Cluster, content: Content, rate: Decimal) -> Preview:
    """What taking the draft would make in this cluster. rate: units of the programme's currency for a U.S. dollar."""
    there = {one.measure: one for one in Project.everything.filter(cluster=cluster).exclude(measure="")}
    gates = set(StageGate.everything.filter(cluster=cluster, round=1).values_list("code", flat=True))
    figures = set(Indicator.everything.filter(cluster=cluster).exclude(code="").values_list("code", "baseline_year"))
    return Preview(
        [_proposal(cluster, content, one, there.get(one["measure"]), rate) for one in content["projects"]],
        [
            (one["code"], gate_words()[one["code"]], one["year"], one["code"] not in gates,
             [(need_words().get(need["code"], need["code"]), need["shown"]) for need in one["needs"]])
            for one in content["gates"]
        ],
        [
            (baseline_words(one["name"]), one["year"], one, (one["name"], one["year"]) not in figures)
            for one in content["baselines"]
        ],
    )  # fmt: skip


def _proposal(cluster: Cluster, content: Content, one: Content, there: Project | None, rate: Decimal) -> Proposal:
    project = _project(cluster, content, one)
    known = {found["id"] or in_language(found["says"]) for found in there.because} if there else set()
    fresh = [found for found in one["because"] if (found["id"] or in_language(found["says"])) not in known]
    return Proposal(
        project,
        _frame(project, one),
        [(line_words()[line], *_money(amounts, rate)) for line, amounts in one["budget"].items()],
        there,
        [in_language(found["says"]) for found in fresh],
    )


def _money(amounts: list[float], rate: Decimal) -> tuple[Decimal, Decimal]:
    """Millions of U.S. dollars in the programme's currency, to the cent."""
    least, most = ((Decimal(str(amount)) * MILLION * rate).quantize(CENT) for amount in amounts)
    return least, most


def _project(cluster: Cluster, content: Content, one: Content) -> Project:
    years = one["years"]
    start = years.get("start")
    outputs = years.get("outputs")
    return Project(
        cluster=cluster, number=one["number"], measure=one["measure"], name=one["own"].get("name", ""),
        stage=one["stage"], actor=one["actor"], because=one["because"], source=content["edition"],
        start=date(start, 1, 1) if start else None, end=date(max(outputs, start or outputs), 12, 31) if outputs else None,
        outcome=years.get("outcomes"),
    )  # fmt: skip


def _frame(project: Project, one: Content) -> list[FrameLine]:
    """The logical frame: a line of the goal for each impact, then purpose, outputs, activities."""
    own = one["own"]

    def made(level: str, words: str = "", place: int = 0, **more: str) -> FrameLine:
        line = FrameLine(cluster=project.cluster, project=project, level=level, words=words, place=place, **more)
        line.drawn = True
        return line

    drawn = [made("goal", place=place) for place in range(12)]
    goals = [made("goal", words, place) for place, words in enumerate(one["impact"])]
    return [
        *(goals or [line for line in drawn if line.get_words_display()]),
        made(
            "purpose",
            own.get("outcome", ""),
            assumption="\n".join(one["assumptions"]),
            indicator=own.get("indicator", ""),
        ),
        made("output", own.get("output", "")),
        made("activity", own.get("activity", "")),
    ]


@transaction.atomic
def take(draft: Draft) -> dict[str, int]:
    """Make what is new in the draft. Returns how many of each were made; a second time, none."""
    content, cluster = draft.content, draft.cluster
    Cluster.objects.select_for_update().get(pk=cluster.pk)
    programme = _programme(cluster, content)
    seen = preview(cluster, content, programme.rate)
    for proposal, one in zip(seen.proposals, content["projects"], strict=True):
        if proposal.there is None:
            _made(proposal, one, programme.rate)
        elif proposal.findings and not proposal.there.deleted:
            _explained_further(proposal.there, one)
    codes = {code for code, _name, _year, new, _needs in seen.gates if new}
    for gate in content["gates"]:
        if gate["code"] in codes:
            _gate(cluster, gate, content["edition"])
    for one, (_name, _year, _figures, new) in zip(content["baselines"], seen.baselines, strict=True):
        if new:
            _baseline(cluster, one, content["edition"])
    draft.taken = timezone.now()
    draft.save()
    return seen.news


def _programme(cluster: Cluster, content: Content) -> Programme:
    """The programme, with the edition that it came from; the cluster gets its first year and horizon where it has none."""
    programme = Programme.at(cluster)
    programme.edition = content["edition"]
    programme.illustration = programme.illustration or "illustration" in content["warnings"]
    programme.save()
    if cluster.start is None:
        cluster.start, cluster.horizon = content["start"], content["horizon"]
        cluster.save()
    return programme


def _made(proposal: Proposal, one: Content, rate: Decimal) -> None:
    project, cluster = proposal.project, proposal.project.cluster
    project.save()
    for line in proposal.frame:
        line.project = project
        line.save()
    for point, year in one["years"].items():
        day = date(year, 1, 1) if point == "start" else date(year, 12, 31)
        Milestone.objects.create(cluster=cluster, project=project, point=point, planned=day)
    for line, amounts in one["budget"].items():
        least, most = _money(amounts, rate)
        BudgetLine.objects.create(cluster=cluster, project=project, line=line, least=least, most=most)
    Risk.objects.create(cluster=cluster, project=project, name=one["own"].get("risk", ""))
    Indicator.objects.create(
        cluster=cluster, project=project, name=one["own"].get("indicator", ""), target_year=one["years"].get("outcomes")
    )


def _explained_further(project: Project, one: Content) -> None:
    """A project that is there gets the findings that a newer draft adds."""
    known = {found["id"] or in_language(found["says"]) for found in project.because}
    project.because = [
        *project.because,
        *(found for found in one["because"] if (found["id"] or in_language(found["says"])) not in known),
    ]
    project.save()


def _gate(cluster: Cluster, one: Content, edition: str) -> None:
    """A gate of the first round; what the edition shows is its evidence, for a person to confirm."""
    needs = {gate.code: gate.needs for gate in GATES}[one["code"]]
    gate = StageGate.objects.create(cluster=cluster, code=one["code"], round=1, year=one["year"])
    shown = {need["code"] for need in one["needs"] if need["shown"]}
    for need in needs:
        Criterion.objects.create(cluster=cluster, gate=gate, need=need, edition=edition if need in shown else "")


def _baseline(cluster: Cluster, one: Content, edition: str) -> None:
    Indicator.objects.create(
        cluster=cluster, code=one["name"], baseline_year=one["year"], baseline=one["value"], baseline_low=one["low"],
        baseline_high=one["high"], target_year=cluster.start + cluster.horizon if cluster.start else None, edition=edition,
    )  # fmt: skip


def stage_title(stage: int) -> str:
    """What a stage is called; the third says that it is reconstructed."""
    return stage_words()[stage]
