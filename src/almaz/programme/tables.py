"""A draft as tables: for an edition, a page, a workspace; and back from nothing but them."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from almaz.language import LANGUAGES, use
from almaz.programme.catalogue import Measure
from almaz.programme.draft import ProgrammeDraft

_PLACE = [("region", pa.string()), ("cluster", pa.string())]
_NAMES = [(f"name_{spoken}", pa.string()) for spoken in LANGUAGES]
PROJECTS = pa.schema(
    [*_PLACE, ("number", pa.int32()), ("measure", pa.string()), *_NAMES, ("stage", pa.int8()), ("actor", pa.string()),
     ("cost", pa.string()), ("cost_low", pa.float64()), ("cost_high", pa.float64()), ("start", pa.int32()),
     ("outputs", pa.int32()), ("outcome", pa.int32()), ("because", pa.list_(pa.string()))]
)  # fmt: skip
FINDINGS = pa.schema(
    [*_PLACE, ("finding", pa.string()), ("kind", pa.string()), ("code", pa.string()), ("detail", pa.string()),
     ("status", pa.string()), ("severity", pa.float64()), ("certain", pa.bool_()), ("table", pa.string()),
     ("value", pa.float64()), ("low", pa.float64()), ("high", pa.float64()), ("answered", pa.string())]
)  # fmt: skip
GATES = pa.schema(
    [*_PLACE, ("gate", pa.string()), ("stage", pa.int8()), ("year", pa.int32()), ("need", pa.string()), ("shown", pa.bool_())]
)  # fmt: skip
BASELINES = pa.schema(
    [*_PLACE, ("name", pa.string()), ("year", pa.int32()), ("value", pa.float64()), ("low", pa.float64()), ("high", pa.float64())]
)  # fmt: skip


def draft_tables(drafts: Sequence[ProgrammeDraft]) -> dict[str, pa.Table]:
    """Projects, findings, gates and baselines of some drafts; years are calendar years, costs millions of U.S. dollars."""
    rows: dict[str, list[dict[str, object]]] = {"projects": [], "findings": [], "gates": [], "baselines": []}
    for one in drafts:
        place: dict[str, object] = {"region": one.region, "cluster": one.cluster}
        rows["projects"] += [place | row for row in _projects(one)]
        rows["findings"] += [place | row for row in _findings(one)]
        rows["gates"] += [
            place
            | {"gate": gate.code, "stage": gate.stage, "year": one.start + gate.year, "need": need}
            | {"shown": need in gate.shown}
            for gate in one.gates
            for need in gate.needs
        ]  # fmt: skip
        rows["baselines"] += [place | vars(baseline) for baseline in one.baselines]
    schemas = {"projects": PROJECTS, "findings": FINDINGS, "gates": GATES, "baselines": BASELINES}
    return {f"programme_{name}": pa.Table.from_pylist(rows[name], schema=schema) for name, schema in schemas.items()}


def catalogue_table(catalogues: Sequence[Sequence[Measure]]) -> pa.Table:
    """Whole catalogues, by number in the order given: catalogue, measure, json."""
    rows = [
        {"catalogue": number, "measure": one.id, "json": one.model_dump_json()}
        for number, measures in enumerate(catalogues)
        for one in measures
    ]
    schema = pa.schema([("catalogue", pa.int32()), ("measure", pa.string()), ("json", pa.string())])
    return pa.Table.from_pylist(rows, schema=schema)


def measures_of(table: pa.Table) -> list[tuple[Measure, ...]]:
    """The catalogues of such a table."""
    found: dict[int, list[Measure]] = {}
    for row in table.to_pylist():
        found.setdefault(row["catalogue"], []).append(Measure.model_validate_json(row["json"]))
    return [tuple(found[number]) for number in sorted(found)]


def _projects(one: ProgrammeDraft) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for project in one.projects:
        names = {}
        for spoken in LANGUAGES:
            with use(spoken):
                names[f"name_{spoken}"] = str(project.measure.name)
        rows.append(
            {
                "number": project.number, "measure": project.measure.id, **names, "stage": project.measure.stage,
                "actor": project.measure.actor, "cost": project.measure.cost, "cost_low": project.cost[0],
                "cost_high": project.cost[1], "start": one.start + project.start, "outputs": one.start + project.outputs,
                "outcome": one.start + project.outcome, "because": list(project.because),
            }
        )  # fmt: skip
    return rows


def _findings(one: ProgrammeDraft) -> list[dict[str, object]]:
    by = {finding: project.measure.id for project in one.projects for finding in project.because}
    return [
        {
            "finding": found.id, "kind": found.kind, "code": found.code, "detail": found.detail, "status": found.status,
            "severity": found.severity, "certain": found.certain, "table": found.table, "value": found.value,
            "low": found.low, "high": found.high, "answered": by.get(found.id),
        }
        for found in one.findings
    ]  # fmt: skip
