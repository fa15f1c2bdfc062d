"""The draft programme on one page: findings, projects on a Gantt chart, gates, baselines."""

from __future__ import annotations

import textwrap
from typing import Any

import altair as alt
import pyarrow as pa
import pyarrow.compute as pc

from almaz.language import figure, language
from almaz.language import text as _
from almaz.programme.draft import ProgrammeDraft
from almaz.programme.explained import (
    actor_words,
    cost_words,
    explained,
    gate_words,
    line_words,
    need_words,
    stage_words,
    warning_words,
)
from almaz.programme.findings import Finding
from almaz.programme.frames import assumptions, impact
from almaz.programme.gates import EARLIEST
from almaz.report import charts
from almaz.report.charts import INK, QUIET, SCALE, STRONG, themed
from almaz.report.codes import in_words
from almaz.report.section import Figure, Section
from almaz.report.words import measure_words
from almaz.study.edition import Edition
from almaz.study.programme import drafts

Row = dict[str, Any]
STAGE_COLOURS = [SCALE[1], SCALE[2], SCALE[3]]


def sections(edition: Edition) -> list[Section]:
    """A section for every programme that the study asks for."""
    if "programme_projects" not in edition.tables:
        return []
    return [
        draft_section(
            one, names(edition, "regions", "region", one.region), names(edition, "clusters", "cluster", one.cluster)
        )
        for one in drafts(edition)
    ]


def gantt_rows(draft: ProgrammeDraft) -> list[dict[str, Any]]:
    """One bar a project from its start to its outputs, and the year of its outcome."""
    return [
        {
            "name": f"{one.number}. {one.measure.name}", "number": one.number,
            "stage": stage_words()[one.measure.stage].split(":")[0],
            "start": draft.start + one.start, "end": draft.start + max(one.outputs, one.start + 1),
            "outcome": draft.start + one.outcome, "owner": actor_words()[one.measure.actor], "first": draft.start,
            "last": draft.start + draft.horizon,
        }
        for one in draft.projects
    ]  # fmt: skip


def gantt(rows: list[dict[str, Any]], label: int = 330) -> dict[str, Any]:
    """Projects over the years: a bar of work, a diamond where the outcome may be expected, a line at year 5.

    label: pixels that a project's name may take; a longer one goes on in a second line.
    """
    first = rows[0]["first"] if rows else 0
    last = max([rows[0]["last"], *(row["outcome"] for row in rows)]) if rows else 1
    letters = label // 7
    shown = [
        row | {"name": "\n".join(textwrap.wrap(row["name"], letters, max_lines=2, placeholder="…"))} for row in rows
    ]
    base = alt.Chart(alt.InlineData(values=shown)).encode(
        y=alt.Y(
            "name:N", sort=alt.EncodingSortField("number"), title=None,
            axis=charts.lines_axis(label),
        )
    )  # fmt: skip
    stages = sorted({row["stage"] for row in rows})
    years = alt.X(
        "start:Q", title=None, scale=alt.Scale(domain=[first, last], nice=False, zero=False),
        axis=alt.Axis(format="d", values=list(range(first, last + 1)), labelFontSize=11, labelOverlap=True, orient="top"),
    )  # fmt: skip
    bars = base.mark_bar(height=12, cornerRadius=3).encode(
        x=years,
        x2="end:Q",
        color=alt.Color(
            "stage:N",
            scale=alt.Scale(domain=stages, range=STAGE_COLOURS[: len(stages)]),
            title=None,
            legend=alt.Legend(labelLimit=0),
        ),
        tooltip=[alt.Tooltip("name:N", title=" "), alt.Tooltip("owner:N", title=_("owner"))],
    )
    outcomes = base.mark_point(shape="diamond", filled=True, size=70, color=STRONG, opacity=1, clip=False).encode(
        x="outcome:Q", tooltip=[alt.Tooltip("outcome:Q", title=_("outcome expected"), format="d")]
    )
    waits = base.mark_rule(color=QUIET, strokeDash=[2, 3]).encode(x="end:Q", x2="outcome:Q")
    fifth = alt.Chart(alt.InlineData(values=[{"year": first + EARLIEST}]))
    early = fifth.mark_rule(color=INK, strokeDash=[5, 4]).encode(x="year:Q")
    return themed((early + waits + bars + outcomes).properties(height=alt.Step(30)))


def draft_section(draft: ProgrammeDraft, region: str, cluster: str) -> Section:
    """The page of one draft. region, cluster: their names."""
    name = f"programme-{draft.region}-{abs(hash_of(draft.cluster))}"
    return Section(
        name=name,
        title=_("Draft programme: {cluster}, {region}", cluster=cluster, region=region),
        lead=_(
            "From what this edition found to measures, from measures to projects. Each project names the findings that "
            "made it. Bar: work until the outputs. Diamond: the year in which the outcome may be expected. Dashed: year 5, "
            "before which no benefit should be promised."
        ),
        warnings=tuple(warning_words(code) for code in draft.warnings),
        figures=(
            _projects(draft, name),
            _frame(draft, name),
            _findings(draft, name),
            _gates(draft, name),
            _baselines(draft, name),
        ),
    )


def hash_of(text: str) -> int:
    """A short number for a name, the same in every run."""
    return sum((place + 1) * ord(letter) for place, letter in enumerate(text)) % 100_000


def _projects(draft: ProgrammeDraft, name: str) -> Figure:
    said = {one.id: explained(one) for one in draft.findings}
    table = pa.table(
        {
            "project": [f"{one.number}. {one.measure.name}" for one in draft.projects],
            "because": ["; ".join(said[finding] for finding in one.because) for one in draft.projects],
            "owner": [actor_words()[one.measure.actor] for one in draft.projects],
            "cost": [cost_words()[one.measure.cost] for one in draft.projects],
            "start": [str(draft.start + one.start) for one in draft.projects],
            "outcome": [str(draft.start + one.outcome) for one in draft.projects],
            "indicator": [str(one.measure.indicator) for one in draft.projects],
            "experience": [f"{one.measure.experience} — {one.measure.source}" for one in draft.projects],
        }
    )
    headings = {
        "project": _("project"), "because": _("because"), "owner": _("owner"), "cost": _("cost class"), "start": _("start"),
        "outcome": _("outcome expected"), "indicator": _("indicator"), "experience": _("known experience"),
    }  # fmt: skip
    rows = gantt_rows(draft)
    return Figure(f"{name}-projects", _("Projects"), table, headings, gantt(rows) if rows else None, wide=True)


def _frame(draft: ProgrammeDraft, name: str) -> Figure:
    """The logical frame: what goes in, what is done, what comes of it, and what must hold."""
    rows = [
        {
            "project": f"{one.number}. {one.measure.name}", "inputs": ", ".join(line_words()[line] for line in one.lines),
            "activities": str(one.measure.activity), "outputs": str(one.measure.output),
            "outcomes": str(one.measure.outcome), "impact": " ".join(map(str, impact(one.codes))),
            "assumptions": " ".join(map(str, assumptions(one.codes))), "risk": str(one.measure.risk),
        }
        for one in draft.projects
    ]  # fmt: skip
    headings = {
        "project": _("project"), "inputs": _("inputs"), "activities": _("activities"), "outputs": _("outputs"),
        "outcomes": _("outcomes"), "impact": _("impact"), "assumptions": _("assumptions"), "risk": _("risk"),
    }  # fmt: skip
    table = pa.table({key: [row[key] for row in rows] for key in headings})
    return Figure(f"{name}-frame", _("Logical frame"), table, headings, wide=True)


def _findings(draft: ProgrammeDraft, name: str) -> Figure:
    by = {finding: project.number for project in draft.projects for finding in project.because}
    table = pa.table(
        {
            "finding": [explained(one) for one in draft.findings],
            "severity": [one.severity for one in draft.findings],
            "project": pa.array([by.get(one.id) for one in draft.findings], pa.int32()),
        }
    )
    headings = {"finding": _("finding"), "severity": _("severity"), "project": _("project")}
    return Figure(
        f"{name}-findings", _("What was found"), table, headings, _severity_chart(draft.findings, by), wide=True
    )


def _severity_chart(found: tuple[Finding, ...], by: dict[str, int]) -> dict[str, Any] | None:
    if not found:
        return None
    rows = [
        {"name": explained(one), "severity": one.severity, "known": one.status != "unknown", "answered": one.id in by, "order": i}
        for i, one in enumerate(found)
    ]  # fmt: skip
    chart = (
        alt.Chart(alt.InlineData(values=rows))
        .mark_bar(height=12, strokeWidth=1.4)
        .encode(
            y=alt.Y("name:N", sort=alt.EncodingSortField("order"), title=None, axis=charts.lines_axis(620)),
            x=alt.X("severity:Q", title=_("severity"), scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(orient="top")),
            fill=alt.condition("datum.known", alt.value("#c2571a"), alt.value("white")),
            stroke=alt.condition("datum.known", alt.value("#c2571a"), alt.value(QUIET)),
            tooltip=["name:N"],
        )
        .properties(height=alt.Step(22))
    )
    return themed(chart)


def _gates(draft: ProgrammeDraft, name: str) -> Figure:
    rows = [(gate, need) for gate in draft.gates for need in gate.needs]
    table = pa.table(
        {
            "stage": [stage_words()[gate.stage] for gate, _need in rows],
            "gate": [f"{gate.code}: {gate_words()[gate.code]}" for gate, _need in rows],
            "year": [str(draft.start + gate.year) for gate, _need in rows],
            "need": [need_words()[need] for _gate, need in rows],
            "shown": [
                _("shown by the edition") if need in gate.shown else _("to be shown, with evidence") for gate, need in rows
            ],
        }
    )  # fmt: skip
    headings = {
        "stage": _("stage"),
        "gate": _("gate"),
        "year": _("year"),
        "need": _("what must be shown"),
        "shown": _("status"),
    }
    return Figure(f"{name}-gates", _("Stages and gates"), table, headings, wide=True)


def _baselines(draft: ProgrammeDraft, name: str) -> Figure:
    table = pa.table(
        {
            "name": [baseline_words(one.name) for one in draft.baselines],
            "year": [str(one.year) for one in draft.baselines],
            "value": [figure(one.value) if one.value is not None else "—" for one in draft.baselines],
            "low": [figure(one.low) if one.low is not None else "—" for one in draft.baselines],
            "high": [figure(one.high) if one.high is not None else "—" for one in draft.baselines],
        }
    )
    headings = {
        "name": _("indicator"),
        "year": _("year"),
        "value": _("value"),
        "low": _("at least"),
        "high": _("at most"),
    }
    return Figure(f"{name}-baselines", _("Baselines, frozen from the edition"), table, headings)


def baseline_words(name: str) -> str:
    """What a baseline is called."""
    return measure_words().get(name) or in_words(name)


def names(edition: Edition, table: str, key: str, code: str) -> str:
    """The name of a region or a cluster in the language in use, or its code."""
    held = edition.table(table)
    mine = held.filter(pc.equal(held[key], code))
    return (mine[f"name_{language()}"][0].as_py() if mine.num_rows else None) or code
