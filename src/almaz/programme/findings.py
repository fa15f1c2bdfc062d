"""What an edition finds wanting for a cluster in a region: every line of a programme says which finding made it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from almaz.language import LANGUAGES
from almaz.potential.elements import elements

CORNERS: Final = ("factor", "demand", "related", "strategy", "government")
GAPS: Final = (
    "supply_gap", "white_space", "critical_mass", "one_firm", "few_firms", "shrinking", "loses_share", "low_wages",
    "dependence", "hidden", "unknown", "hub_and_satellites", "territorial_production_complex", "sheltered_local", "emerging",
)  # fmt: skip
RISKS: Final = {
    "one_firm": 0.7, "few_firms": 0.6, "shrinking": 0.6, "loses_share": 0.5, "low_wages": 0.4, "dependence": 0.5,
}  # fmt: skip
"""Drawbacks of the shortlist that a measure can answer, and how severe each is taken to be."""
SEVERITY: Final = {"not": 1.0, "partly": 0.5, "unknown": 0.3}
"""How severe an element's status is taken to be; what nobody knows asks for finding out."""
TYPES: Final = {
    "hub_and_satellites": 0.6, "territorial_production_complex": 0.6, "sheltered_local": 0.6, "emerging": 0.5, "none": 0.6,
    "unknown": 0.3,
}  # fmt: skip
"""Classes of the typology that are no cluster yet, and how severe each is taken to be."""
GATES_TO_ANSWER: Final = {"G3": 0.9, "G5": 0.9, "G6": 0.5}
"""Gates that no programme passes without a project of their own (a centre, an evaluation, an income), and their weight."""
MOST: Final = 3
"""Gaps of a kind that a programme names: the largest."""


@dataclass(frozen=True)
class Finding:
    """One thing that is wanting.

    code: what (an element, a corner, a gap, a gate); kind: "element", "corner", "gap" or "gate" (what the programme itself
    needs); severity: 0…1; certain: whether the interval leaves no doubt; table, value, low, high: where in the edition it
    stands, and its figure; detail: which one, where a gap may stand several times; sort: of an element, its kind; unit: what
    the figure is ("place", "level", "score", "million", "quotient", "establishments"); names: of the element or of the detail,
    by language.
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
    sort: str = ""
    unit: str = ""
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """A name for it that stays the same from one draft to the next."""
        return f"{self.kind}:{self.code}" + (f":{self.detail}" if self.detail else "")


def codes() -> tuple[str, ...]:
    """Everything that a measure may answer."""
    return (*CORNERS, *(one.id for one in elements()), *GAPS, *GATES_TO_ANSWER)


def findings(tables: Mapping[str, pa.Table], region: str, cluster: str) -> list[Finding]:
    """What the tables of an edition find wanting, the most severe first.

    tables: by name: potential, potential_elements, diamond_corners, typology, shortlist, critical_mass, portfolio, supply_gap,
    chain_industries, opportunities, cluster_relatedness, clusters; those that are not there say nothing.
    """
    parts = (
        _elements(_of(tables, "potential", region, cluster), _named(tables, "potential_elements", "element")),
        _corners(_of(tables, "diamond_corners", region)),
        _type(_of(tables, "typology", region, cluster)),
        _risks(_of(tables, "shortlist", region, cluster)),
        _mass(tables, _of(tables, "portfolio", region, cluster)),
        _supply(_of(tables, "supply_gap", region, cluster), _named(tables, "chain_industries", "industry")),
        _missing(tables, region, cluster, _named(tables, "clusters", "cluster")),
        (Finding(code, "gate", severity, True, "gates", "to_show") for code, severity in GATES_TO_ANSWER.items()),
    )
    found = [finding for part in parts for finding in part]
    return sorted(found, key=lambda one: (-one.severity, not one.certain, one.id))


def _named(tables: Mapping[str, pa.Table], name: str, key: str) -> dict[str, dict[str, str]]:
    """Code → its name by language, where the edition has them."""
    if name not in tables:
        return {}
    columns = {f"name_{spoken}": spoken for spoken in LANGUAGES if f"name_{spoken}" in tables[name].column_names}
    rows = tables[name].select([key, *columns]).to_pylist()
    return {row[key]: {spoken: row[column] for column, spoken in columns.items() if row[column]} for row in rows}


def _of(tables: Mapping[str, pa.Table], name: str, region: str, cluster: str | None = None) -> list[dict[str, Any]]:
    if name not in tables:
        return []
    table = tables[name].filter(pc.equal(tables[name]["region"], region))
    if cluster is not None and "cluster" in table.column_names:
        table = table.filter(pc.equal(table["cluster"], cluster))
    return list(table.to_pylist())


def _elements(rows: Sequence[dict[str, Any]], names: Mapping[str, Mapping[str, str]]) -> Iterator[Finding]:
    for row in rows:
        if row["status"] == "met":
            continue
        stem = "level" if row["basis"] in ("judgement", "both") else "place"
        yield Finding(
            row["element"], "element", SEVERITY[row["status"]], row["status_low"] == row["status_high"] != "unknown",
            "potential", row["status"], row[stem], row[f"{stem}_low"], row[f"{stem}_high"],
            sort=row["kind"], unit=stem, names=names.get(row["element"], {}),
        )  # fmt: skip


def _corners(rows: Sequence[dict[str, Any]]) -> Iterator[Finding]:
    for row in rows:
        if row["basis"] == "none":
            yield Finding(row["corner"], "corner", SEVERITY["unknown"], False, "diamond_corners", "unknown")
        elif row["binding"] or row["score"] < row["median"]:
            yield Finding(
                row["corner"], "corner", 0.9 if row["binding"] else 0.5, row["high"] < row["median"],
                "diamond_corners", "binding" if row["binding"] else "below_median",
                row["score"], row["low"], row["high"], unit="score",
            )  # fmt: skip


def _type(rows: Sequence[dict[str, Any]]) -> Iterator[Finding]:
    """Where the concentration is no cluster: rivalry inside or a position outside is wanting."""
    row = max(rows, key=lambda one: one["year"], default=None)
    if row is None or row["class"] not in TYPES:
        return
    code = {"none": "emerging"}.get(row["class"], row["class"])
    certain = row["class"] != "unknown" and not row["near_border"] and row["possible"] in (None, "", row["class"])
    status = "unknown" if code == "unknown" else row["class"]
    yield Finding(code, "gap", TYPES[row["class"]], certain, "typology", status)


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
            size, entry[0]["size_low"], entry[0]["size_high"], unit="establishments",
        )  # fmt: skip


def _supply(rows: Sequence[dict[str, Any]], names: Mapping[str, Mapping[str, str]]) -> Iterator[Finding]:
    """The largest purchases of the cluster, in millions of the table's unit, that the region does not meet."""
    gaps = [row for row in rows if row["supplier"] is not None and (row["gap"] or 0.0) > 0]
    whole = sum(row["gap"] for row in gaps) or 1.0
    for row in sorted(gaps, key=lambda one: (-one["gap"], one["supplier"]))[:MOST]:
        yield Finding(
            "supply_gap", "gap", min(1.0, 0.4 + row["gap"] / whole), (row["gap_low"] or 0.0) > 0, "supply_gap", "unmet",
            row["gap"], row["gap_low"], row["gap_high"], row["supplier"], unit="million", names=names.get(row["supplier"], {}),
        )  # fmt: skip


def _missing(
    tables: Mapping[str, pa.Table], region: str, cluster: str, names: Mapping[str, Mapping[str, str]]
) -> Iterator[Finding]:
    """Related clusters that the region has not, or has below the country's share, the closest first; the figure is its
    location quotient."""
    if "cluster_relatedness" not in tables:
        return
    table = tables["cluster_relatedness"]
    mine = table.filter(pc.and_(pc.equal(table["cluster"], cluster), pc.fill_null(table["related"], False)))
    related = {row["cluster_2"]: row["relatedness"] for row in mine.to_pylist()}
    open_ones = [row for row in _of(tables, "opportunities", region) if row["cluster"] in related and row["open"]]
    for row in sorted(open_ones, key=lambda one: (-related[one["cluster"]], one["cluster"]))[:MOST]:
        severity = 0.3 + 0.3 * (row["percentile"] or 0.0)
        yield Finding(
            "white_space", "gap", severity, False, "opportunities", "missing", row["lq"],
            detail=row["cluster"], unit="quotient", names=names.get(row["cluster"], {}),
        )  # fmt: skip
