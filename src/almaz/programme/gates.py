"""Stages and gates of a programme's life: what must be true, with evidence, to pass each.

The article gives stage 1 (find the potential, work out the programme) and stage 2 (activate processes, draw participants in); its
figure with stage 3 is lost. Stage 3 (evaluate, amend, back to stage 1) is our reconstruction from a text of the same vocabulary
and is labelled so wherever it is shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

HORIZON: Final = 7
"""Years a programme runs at least (article A12e: real benefits come no earlier than in 5 to 7 years)."""
EARLIEST: Final = 5
"""The first year in which benefits may be promised without a warning."""


@dataclass(frozen=True)
class Gate:
    """code: G0…G6; stage: 1…3; year: when it is planned; needs: codes of what must be shown; shown: those the edition shows."""

    code: str
    stage: int
    year: int
    needs: tuple[str, ...]
    shown: tuple[str, ...] = ()

    @property
    def open(self) -> bool:
        """Whether everything that it needs is shown."""
        return set(self.needs) <= set(self.shown)


GATES: Final = (
    Gate("G0", 1, 0, ("problem_named", "initiative_group")),
    Gate("G1", 1, 0, ("candidate_shortlisted", "profile_judged", "potential_not_refuted")),
    Gate("G2", 1, 1, ("programme_adopted", "baselines_frozen", "budget_sources")),
    Gate("G3", 2, 1, ("centre_mandate", "centre_staff", "centre_money")),
    Gate("G4", 2, 3, ("participants_signed", "joint_projects_running")),
    Gate("G5", 3, 5, ("evaluated_against_baseline", "counterfactual", "programme_corrected")),
    Gate("G6", 3, 7, ("members_pay", "results_last")),
)


def gates(tables: Mapping[str, pa.Table], region: str, cluster: str) -> tuple[Gate, ...]:
    """The gates with what an edition shows already; the rest is for the centre to show, with evidence."""
    shown: set[str] = {"baselines_frozen"}
    row = _row(tables, "shortlist", region, cluster)
    if row is not None:
        shown |= {"candidate_shortlisted"} if row["front"] else set()
        shown |= {"problem_named"} if row["drawbacks"] else set()
    if "potential" in tables:
        mine = tables["potential"]
        mine = mine.filter(pc.and_(pc.equal(mine["region"], region), pc.equal(mine["cluster"], cluster)))
        status = mine["status"].to_pylist()
        judged = [basis in ("judgement", "both") for basis in mine["basis"].to_pylist()]
        if status and all(judged):
            shown.add("profile_judged")
        if status and status.count("not") < status.count("met") + status.count("partly"):
            shown.add("potential_not_refuted")
    return tuple(
        Gate(gate.code, gate.stage, gate.year, gate.needs, tuple(need for need in gate.needs if need in shown))
        for gate in GATES
    )


def _row(tables: Mapping[str, pa.Table], name: str, region: str, cluster: str) -> dict[str, Any] | None:
    if name not in tables:
        return None
    table = tables[name]
    mine = table.filter(pc.and_(pc.equal(table["region"], region), pc.equal(table["cluster"], cluster)))
    return mine.to_pylist()[0] if mine.num_rows else None
