"""A region beside those it borders on: how strong each is, and what each is specialised in."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from almaz.language import text as _
from almaz.report.neighbours import alike_words
from almaz.report.section import Figure, Section
from almaz.web.observatory.portfolio import Row, per_head, portfolio_rows
from almaz.web.observatory.reading import Reading

NAMED = 3


def neighbour_sections(reading: Reading, region: str) -> list[Section]:
    """The region and its neighbours side by side; where it is like them beyond chance, cluster by cluster."""
    around = reading.neighbours.get(region, [])
    figures = [_beside(reading, region, around)]
    if "neighbours" in reading.manifest["tables"]:
        figures.append(_alike(reading, region))
    warnings = (
        () if around else (_("This region borders on no other region of the study, or its borders are not known."),)
    )
    return [Section("neighbours", _("The region among its neighbours"), "", tuple(figures), warnings)]


def strengths(reading: Reading, regions: list[str]) -> dict[str, Row]:
    """Region → its cluster strength with bounds, number of strong clusters and hidden share."""
    return {code: row for code in regions for row in reading.part(region=code).table("region_strength").to_pylist()}


def _beside(reading: Reading, region: str, around: list[str]) -> Figure:
    names, clusters = reading.names("regions"), reading.names("clusters")
    codes = [region, *sorted(around, key=lambda code: names.get(code, code))]
    strong = strengths(reading, codes)
    rows: list[dict[str, Any]] = []
    for code in codes:
        best = [row for row in portfolio_rows(reading.part(region=code)) if row["lq"] and row["kind"] == "traded"][
            :NAMED
        ]
        held = strong.get(code, {})
        rows.append(
            {
                "region": names.get(code, code),
                **{name: held.get(name) for name in ("cluster_strength", "cluster_strength_low", "cluster_strength_high", "strong_clusters", "hidden_share")},
                "best": "; ".join(f"{clusters.get(row['cluster'], row['cluster'])}" for row in best),
            }
        )  # fmt: skip
    columns = {
        name: pa.array([row[name] for row in rows], pa.string() if name in ("region", "best") else pa.float64())
        for name in rows[0]
    }
    headings = {
        "region": _("region"), "cluster_strength": _("cluster strength"), "strong_clusters": _("strong clusters"),
        "hidden_share": _("hidden share"), "best": _("what it is most specialised in"),
    }  # fmt: skip
    if per_head(reading):
        headings = {name: said for name, said in headings.items() if name in ("region", "best")}
    return Figure(
        "beside", _("The region and those it borders on"), pa.table(columns), headings, None,
        {"cluster_strength": "percent", "strong_clusters": "count", "hidden_share": "percent"},
        _("The region itself stands first."), wide=True,
    )  # fmt: skip


def _alike(reading: Reading, region: str) -> Figure:
    clusters, words = reading.names("clusters"), alike_words()
    rows = reading.part(region=region).table("neighbours").to_pylist()
    rows.sort(key=lambda row: (row["alike"] in ("none", "unknown"), row["alike"] == "unknown", -(row["lq"] or 0.0)))
    table = pa.table(
        {
            "cluster": [clusters.get(row["cluster"], row["cluster"]) for row in rows],
            "said": [words[row["alike"]] for row in rows],
            **{name: pa.array([row[name] for row in rows], pa.float64()) for name in ("lq", "lag", "p_value", "agreement")},
        }
    )  # fmt: skip
    return Figure(
        "alike", _("Like its neighbours, or unlike them"), table,
        {
            "cluster": _("cluster"), "said": _("verdict"), "lq": _("location quotient"), "p_value": _("p-value"),
            "agreement": _("share of fillings of hidden cells that agree"),
        },
        None, {"agreement": "percent", "p_value": "fine"},
        _("Local Moran: neighbours share a border. Verdicts beyond chance first, after allowing for all regions being tested at once."),
        wide=True,
    )  # fmt: skip
