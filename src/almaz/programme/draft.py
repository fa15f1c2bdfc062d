"""The draft: from an edition's findings to measures, from measures to projects; deterministic, each line explained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from almaz.errors import AlmazError
from almaz.language import text as _
from almaz.programme.catalogue import Measure
from almaz.programme.findings import Finding, findings
from almaz.programme.gates import EARLIEST, HORIZON, Gate, gates
from almaz.tables.expert_form import ILLUSTRATION

COSTS: Final = {"low": (0.0, 0.05), "medium": (0.05, 0.5), "high": (0.5, 5.0)}
"""Cost classes in millions of U.S. dollars over the whole project: orders of magnitude, to be replaced by quotes."""
LINES: Final = ("people", "services", "equipment")
SHARES: Final = {
    "low": {"people": 0.6, "services": 0.4, "equipment": 0.0},
    "medium": {"people": 0.4, "services": 0.4, "equipment": 0.2},
    "high": {"people": 0.2, "services": 0.25, "equipment": 0.55},
}
"""How a project's cost is split over budget lines at first, by its cost class: a start for the centre's own figures."""
PRICE: Final = {"low": 1.0, "medium": 1.6, "high": 2.6}
"""What a measure's cost class weighs against the severity that it answers, when measures are chosen."""


@dataclass(frozen=True)
class Baseline:
    """An outcome of the cluster frozen from the edition, against which the programme will be measured. low, high: its bounds."""

    name: str
    year: int
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Project:
    """A measure made a project of this programme: because: ids of the findings that made it; start, outputs, outcome: years
    from the programme's start; cost: least and most, in millions of U.S. dollars, and by line.
    """

    number: int
    measure: Measure
    because: tuple[str, ...]
    start: int
    outputs: int
    outcome: int
    cost: tuple[float, float]
    lines: Mapping[str, tuple[float, float]]

    @property
    def codes(self) -> tuple[str, ...]:
        """What it answers: the codes of the findings that made it, each once."""
        return tuple(dict.fromkeys(one.split(":")[1] for one in self.because))


@dataclass(frozen=True)
class ProgrammeDraft:
    """A draft programme for one cluster in one region. unanswered: findings that no measure of the catalogue answers; left:
    findings whose measures did not fit; warnings: codes of `explained.warning_words`."""

    region: str
    cluster: str
    edition: str
    start: int
    horizon: int
    findings: tuple[Finding, ...]
    projects: tuple[Project, ...]
    gates: tuple[Gate, ...]
    baselines: tuple[Baseline, ...]
    unanswered: tuple[str, ...]
    left: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def cost(self) -> tuple[float, float]:
        """Least and most that all projects cost, in millions of U.S. dollars."""
        return sum(one.cost[0] for one in self.projects), sum(one.cost[1] for one in self.projects)


@dataclass(frozen=True)
class DraftOptions:
    """start: calendar year; horizon: years; most: projects; promised: year of the programme in which benefits are promised."""

    start: int
    horizon: int = HORIZON
    most: int = 15
    promised: int | None = None


def draft(
    tables: Mapping[str, pa.Table],
    measures: Sequence[Measure],
    region: str,
    cluster: str,
    edition: str,
    options: DraftOptions,
) -> ProgrammeDraft:
    """Draft a programme from the tables of an edition.

    Measures are chosen one after another: the one that answers most severity not yet answered per price of its cost class
    (greedy weighted set cover, Chvátal 1979; ties by id), until every finding that can be answered is, the severe ones by two
    measures, or `most` projects are chosen. Projects of the article's stage 1 start at once, of stage 2 in year 1, of stage 3
    in year 4, before its gate.
    Raises AlmazError where the edition has no candidate of this name in this region.
    """
    _candidate(tables, region, cluster)
    found = findings(tables, region, cluster)
    chosen, left = choose(found, measures, options.most)
    projects = tuple(
        _project(number, measure, because) for number, (measure, because) in enumerate(_ordered(chosen), 1)
    )
    return ProgrammeDraft(
        region=region,
        cluster=cluster,
        edition=edition,
        start=options.start,
        horizon=options.horizon,
        findings=tuple(found),
        projects=projects,
        gates=gates(tables, region, cluster),
        baselines=tuple(_baselines(tables, region, cluster)),
        unanswered=tuple(one.id for one in found if not _measures_for(one, measures)),
        left=tuple(one.id for one in left if _measures_for(one, measures)),
        warnings=_warnings(found, projects, options, _made_up(tables, region, cluster)),
    )


def choose(
    found: Sequence[Finding], measures: Sequence[Measure], most: int
) -> tuple[list[tuple[Measure, list[Finding]]], list[Finding]]:
    """Measures with the findings that each was chosen for, and the findings left over."""
    wanted = {one.id: TWICE if one.severity >= SEVERE and one.status != "unknown" else 1 for one in found}
    open_findings = list(found)
    chosen: list[tuple[Measure, list[Finding]]] = []
    rest = list(measures)
    while open_findings and rest and len(chosen) < most:
        scored = [
            (sum(one.severity for one in _answered(measure, open_findings)) / PRICE[measure.cost], measure)
            for measure in rest
        ]
        worth, best = max(scored, key=lambda pair: (pair[0], [-ord(letter) for letter in pair[1].id]))
        if worth <= 0:
            break
        mine = _answered(best, open_findings)
        chosen.append((best, mine))
        rest.remove(best)
        for one in mine:
            wanted[one.id] -= 1
        open_findings = [one for one in open_findings if wanted[one.id] > 0]
    answered = {one.id for _measure, mine in chosen for one in mine}
    return chosen, [one for one in found if one.id not in answered]


def _answered(measure: Measure, found: Sequence[Finding]) -> list[Finding]:
    """What a measure answers; what nobody knows is answered by finding out (cheap, stage 1), not by building."""
    finds_out = measure.stage == 1 and measure.cost == "low"
    return [one for one in found if one.code in measure.answers and (finds_out or one.status != "unknown")]


def _measures_for(finding: Finding, measures: Sequence[Measure]) -> list[Measure]:
    return [measure for measure in measures if _answered(measure, [finding])]


def _ordered(chosen: list[tuple[Measure, list[Finding]]]) -> list[tuple[Measure, list[Finding]]]:
    return sorted(chosen, key=lambda pair: (pair[0].stage, -sum(one.severity for one in pair[1]), pair[0].id))


SEVERE, TWICE = 0.8, 2
"""A finding of this severity is answered by two measures: one alone may fail."""
STARTS: Final = {1: 0, 2: 1, 3: 4}


def _project(number: int, measure: Measure, because: Sequence[Finding]) -> Project:
    start = STARTS[measure.stage]
    least, most = COSTS[measure.cost]
    return Project(
        number, measure, tuple(one.id for one in because), start, start + measure.lead, start + measure.effect, (least, most),
        {line: (least * share, most * share) for line, share in SHARES[measure.cost].items() if share},
    )  # fmt: skip


def _candidate(tables: Mapping[str, pa.Table], region: str, cluster: str) -> None:
    if "shortlist" not in tables:
        raise AlmazError(
            _("this edition has no diagnosis of potential"),
            expected=_("a study with a section [potential]"),
            advice=_("add the section and run the study again"),
        )
    here = tables["shortlist"].filter(pc.equal(tables["shortlist"]["region"], region))
    there = here["cluster"].to_pylist()
    if not there:
        known = sorted(set(tables["shortlist"]["region"].to_pylist()))
        raise AlmazError(
            _("the region «{region}» has no candidates", region=region),
            expected=_("one of: {keys}", keys=", ".join(known[:60])),
        )
    if cluster not in there:
        raise AlmazError(
            _("«{cluster}» is no candidate in this region", cluster=cluster),
            expected=_("one of: {keys}", keys=", ".join(there)),
        )


BASELINES: Final = ("lq", "productivity", "growth", "establishments")


def _baselines(tables: Mapping[str, pa.Table], region: str, cluster: str) -> list[Baseline]:
    """The cluster's figures of the last year, with their bounds where cells are hidden."""
    table = tables["portfolio"]
    mine = table.filter(pc.and_(pc.equal(table["region"], region), pc.equal(table["cluster"], cluster)))
    mine = mine.filter(pc.is_null(mine["subcluster"]))
    last = max(mine.to_pylist(), key=lambda row: row["year"])
    sizes = [name for name in ("employment", "output", "value_added", "exports", "wages", "production") if name in last]
    return [_baseline(last, name) for name in (*sizes, *BASELINES) if last.get(name) is not None]


def _baseline(row: Mapping[str, Any], name: str) -> Baseline:
    return Baseline(name, row["year"], row[name], row.get(f"{name}_low"), row.get(f"{name}_high"))


def _made_up(tables: Mapping[str, pa.Table], region: str, cluster: str) -> bool:
    """Whether a judgement of this candidate is of a form that only illustrates."""
    if "potential_judgements" not in tables:
        return False
    rows = tables["potential_judgements"].to_pylist()
    return any(
        row["region"] == region and row["cluster"] in (None, cluster) and row["note"] == ILLUSTRATION for row in rows
    )


def _warnings(
    found: Sequence[Finding], projects: Sequence[Project], options: DraftOptions, made_up: bool
) -> tuple[str, ...]:
    promised = options.promised if options.promised is not None else options.horizon
    said = {
        "illustration": made_up,
        "early_benefit": promised < EARLIEST,
        "short_horizon": options.horizon < HORIZON,
        "late_outcome": any(one.outcome > options.horizon for one in projects),
        "many_unknown": sum(one.status == "unknown" for one in found) > sum(one.kind != "gate" for one in found) / 2,
    }
    return tuple(code for code, true in said.items() if true)
