"""The draft as a file: TOML that a person can edit and the workspace takes in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import tomli_w

from almaz.programme.draft import Baseline, ProgrammeDraft, Project
from almaz.programme.explained import actor_words, explained, gate_words, line_words, need_words, warning_words
from almaz.programme.frames import assumptions, impact
from almaz.whole import whole

FORMAT = "almaz-programme-1"


def as_record(draft: ProgrammeDraft, region: str, cluster: str) -> dict[str, Any]:
    """Everything of a draft, in the language in use; region, cluster: their names. Unknown figures are left out, not zero."""
    return {
        "format": FORMAT,
        "edition": draft.edition,
        "region": {"code": draft.region, "name": region},
        "cluster": {"code": draft.cluster, "name": cluster},
        "start": draft.start,
        "horizon": draft.horizon,
        "warnings": [warning_words(code) for code in draft.warnings],
        "unanswered": list(draft.unanswered),
        "left": list(draft.left),
        "baseline": [_figures(one) for one in draft.baselines],
        "finding": [
            {"id": one.id, "says": explained(one), "severity": one.severity, "certain": one.certain, "table": one.table}
            for one in draft.findings
        ],
        "project": [_project(draft, one) for one in draft.projects],
        "gate": [
            {
                "code": gate.code, "name": gate_words()[gate.code], "stage": gate.stage, "year": draft.start + gate.year,
                "need": [{"code": need, "says": need_words()[need], "shown": need in gate.shown} for need in gate.needs],
            }
            for gate in draft.gates
        ],
    }  # fmt: skip


def _figures(one: Baseline) -> dict[str, Any]:
    return {name: value for name, value in vars(one).items() if value is not None}


def _project(draft: ProgrammeDraft, one: Project) -> dict[str, Any]:
    measure = one.measure
    said = {found.id: explained(found) for found in draft.findings}
    return {
        "number": one.number,
        "measure": measure.id,
        "name": str(measure.name),
        "because": [said[finding] for finding in one.because],
        "owner": actor_words()[measure.actor],
        "stage": measure.stage,
        "logical_frame": {
            "inputs": ", ".join(line_words()[line] for line in one.lines),
            "activities": str(measure.activity),
            "outputs": str(measure.output),
            "outcomes": str(measure.outcome),
            "impact": [str(text) for text in impact(one.codes)],
            "assumptions": [str(text) for text in assumptions(one.codes)],
            "indicator": str(measure.indicator),
            "risk": str(measure.risk),
        },
        "experience": str(measure.experience),
        "source": measure.source,
        "milestone": [
            {"year": draft.start + one.start, "what": "start"},
            {"year": draft.start + one.outputs, "what": "outputs"},
            {"year": draft.start + one.outcome, "what": "outcomes"},
        ],
        "budget_million_usd": {line: list(amount) for line, amount in one.lines.items()},
    }


def write_toml(draft: ProgrammeDraft, file: Path, region: str, cluster: str) -> Path:
    """Write the draft as TOML; the file is whole or not there."""
    with whole(file) as partial:
        partial.write_text(tomli_w.dumps(as_record(draft, region, cluster), multiline_strings=True), encoding="utf-8")
    return file
