"""What an edition finds wanting for a cluster in a region: every line of a programme says which finding made it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from almaz.potential.elements import elements

CORNERS: Final = ("factor", "demand", "related", "strategy", "government")
GAPS: Final = (
    "supply_gap", "white_space", "critical_mass", "one_firm", "few_firms", "shrinking", "loses_share", "low_wages",
    "dependence", "hidden", "unknown",
)  # fmt: skip
RISKS: Final = {
    "one_firm": 0.7, "few_firms": 0.6, "shrinking": 0.6, "loses_share": 0.5, "low_wages": 0.4, "dependence": 0.5,
}  # fmt: skip
"""Drawbacks of the shortlist that a measure can answer, and how severe each is taken to be."""
SEVERITY: Final = {"not": 1.0, "partly": 0.5, "unknown": 0.3}
"""How severe an element's status is taken to be; what nobody knows asks for finding out."""


@dataclass(frozen=True)
class Finding:
    """code: what is wanting (an element, a corner, a gap); kind: "element", "corner" or "gap"; severity: 0…1; certain: whether
    the interval leaves no doubt; table, value, low, high: where in the edition it stands, and its figure.
    """

    code: str
    kind: str
    severity: float
    certain: bool
    table: str
    status: str = ""
    value: float | None = None
    low: float | None = None
    high: float | None = None
    detail: str = ""

    @property
    def id(self) -> str:
        """A name for it that stays the same from one draft to the next."""
        return f"{self.kind}:{self.code}" + (f":{self.detail}" if self.detail else "")


def codes() -> tuple[str, ...]:
    """Everything that a measure may answer."""
    return (*CORNERS, *(one.id for one in elements()), *GAPS)


def findings(tables: Mapping[str, pa.Table], region: str, cluster: str) -> list[Finding]:
    """What the tables of an edition find wanting, the most severe first.

    tables: by name: potential, shortlist, diamond_corners, supply_gap, opportunities; those that are not there say nothing.
    """
    parts = (
        _elements(_of(tables, "potential", region, cluster)),
        _corners(_of(tables, "diamond_corners", region)),
        _risks(_of(tables, "shortlist", region, cluster)),
        _mass(tables, _of(tables, "portfolio", region, cluster)),
        _supply(_of(tables, "supply_gap", region, cluster)),
    )
    found = [finding for part in parts for finding in part]
    return sorted(found, key=lambda one: (-one.severity, not one.certain, one.id))


def _of(tables: Mapping[str, pa.Table], name: str, region: str, cluster: str | None = None) -> list[dict[str, Any]]:
    if name not in tables:
        return []
    table = tables[name].filter(pc.equal(tables[name]["region"], region))
    if cluster is not None and "cluster" in table.column_names:
        table = table.filter(pc.equal(table["cluster"], cluster))
    return list(table.to_pylist())


def _elements(rows: Sequence[dict[str, Any]]) -> Iterator[Finding]:
    for row in rows:
        if row["status"] == "met":
            continue
        value = row["level"] if row["basis"] in ("judgement", "both") else row["place"]
        stem = "level" if row["basis"] in ("judgement", "both") else "place"
        yield Finding(
            row["element"], "element", SEVERITY[row["status"]], row["status_low"] == row["status_high"] != "unknown",
            "potential", row["status"], value, row[f"{stem}_low"], row[f"{stem}_high"],
        )  # fmt: skip


def _corners(rows: Sequence[dict[str, Any]]) -> Iterator[Finding]:
    for row in rows:
        if row["basis"] == "none":
            yield Finding(row["corner"], "corner", SEVERITY["unknown"], False, "diamond_corners", "unknown")
        elif row["binding"] or row["score"] < row["median"]:
            yield Finding(
                row["corner"], "corner", 0.9 if row["binding"] else 0.5, row["high"] < row["median"],
                "diamond_corners", "binding" if row["binding"] else "below_median", row["score"], row["low"], row["high"],
            )  # fmt: skip


def _risks(rows: Sequence[dict[str, Any]]) -> Iterator[Finding]:
    for row in rows:
        for code in row["drawbacks"]:
            if code in RISKS:
                yield Finding(code, "gap", RISKS[code], True, "shortlist", "drawback")


def _mass(tables: Mapping[str, pa.Table], rows: Sequence[dict[str, Any]]) -> Iterator[Finding]:
    """Below a critical mass, where one was found; never where none was."""
    if "critical_mass" not in tables:
        return
    entry = [row for row in tables["critical_mass"].to_pylist() if row["outcome"] == "entry" and row["found"]]
    here = [row for row in rows if row.get("subcluster") is None]
    size = max(here, key=lambda row: row["year"])["establishments"] if here else None
    if entry and size is not None and size < entry[0]["size"]:
        certain = bool(size < entry[0]["size_low"])
        yield Finding(
            "critical_mass", "gap", 0.7, certain, "critical_mass", "below",
            size, entry[0]["size_low"], entry[0]["size_high"],
        )  # fmt: skip


def _supply(rows: Sequence[dict[str, Any]], most: int = 3) -> Iterator[Finding]:
    """The largest purchases that the region does not meet."""
    worst = sorted((row for row in rows if (row.get("gap") or 0) > 0), key=lambda row: -row["gap"])[:most]
    whole = sum(row["gap"] for row in rows if row.get("gap")) or 1.0
    for row in worst:
        severity = min(1.0, 0.4 + row["gap"] / whole)
        yield Finding(
            "supply_gap", "gap", severity, (row.get("gap_low") or 0.0) > 0, "supply_gap", "unmet",
            row["gap"], row.get("gap_low"), row.get("gap_high"), str(row["supplier"]),
        )  # fmt: skip
