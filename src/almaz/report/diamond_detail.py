"""The diamond in detail: where a score comes from, other ways to make it, the years, the clusters, the interplay."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any

import pyarrow as pa

from almaz.language import decimal, language
from almaz.language import text as _
from almaz.report import diamond_charts as charts
from almaz.report.section import Figure
from almaz.study.edition import Edition

CLUSTERS = 12
"""Clusters of a region in its picture and table, the highest scores first."""
MANY = 120
"""Regions above which the clusters of each are not listed on the page: the tables of the edition hold them."""
Rows = list[dict[str, Any]]


def interval(low: float, high: float, places: int = 0) -> str:
    return f"{decimal(low, places)} – {decimal(high, places)}"


def bases() -> dict[str, str]:
    return {
        "statistic": _("statistics"),
        "judgement": _("judgement"),
        "mixed": _("statistics and judgement"),
        "none": _("nothing known"),
    }


def _indicator_names(edition: Edition) -> dict[str, str]:
    return {row["indicator"]: row[f"name_{language()}"] for row in edition.table("diamond_set").to_pylist()}


def parts(edition: Edition, regions: Mapping[str, str], first: str) -> Figure:
    long, short, names = charts.corner_names(), charts.short_names(), _indicator_names(edition)
    basis = bases()
    table = edition.table("diamond_indicators").to_pylist()
    rows = [
        {
            "region": row["region"], "indicator": charts.lines(names[row["indicator"]]), "corner": short[row["corner"]], "known": row["known"],
            "score": round(row["score"], 1), "contribution": round(row["contribution"], 3), "figure": _figure(row),
        }
        for row in table
    ]  # fmt: skip
    listed = [
        {
            "region": regions[row["region"]], "indicator": names[row["indicator"]], "corner": long[row["corner"]],
            "figure": _figure(row), "year": str(row["year"] or "—"), "basis": basis[row["basis"]],
            "score": row["score"] if row["known"] else None, "contribution": row["contribution"],
        }
        for row in table
    ]  # fmt: skip
    return Figure(
        "diamond-parts",
        _("Where the score comes from"),
        pa.Table.from_pylist(listed),
        {
            "region": _("region"), "indicator": _("indicator"), "corner": _("corner"), "figure": _("figure"), "year": _("year"),
            "basis": _("basis"), "score": _("score"), "contribution": _("contribution"),
        },
        charts.parts(rows, regions, first),
        {},
        _("The bars add up to the difference between the region's score and that of a region with every indicator at the median."),
    )  # fmt: skip


def _figure(row: Mapping[str, Any]) -> str:
    if not row["known"]:
        return _("unknown")
    if row["value"] is None:
        return interval(row["low"], row["high"], 2)
    exact = row["low"] == row["high"]
    return decimal(row["value"], 2) + ("" if exact else f" ({interval(row['low'], row['high'], 2)})")


def ways(scores: Rows, regions: Mapping[str, str]) -> Figure:
    listed = [
        {
            "region": regions[row["region"]],
            **{way: row[way] for way in ("arithmetic", "geometric", "mazziotta_pareto", "weakest_link", "imbalance")},
            "statistics": row["score_of_statistics"],
            "government": None
            if row["government"] is None
            else interval(row["government_low"], row["government_high"]),
        }
        for row in sorted(scores, key=lambda row: -row["score"])
    ]
    headings = {
        "region": _("region"), "geometric": _("geometric (headline)"), "arithmetic": _("arithmetic"),
        "mazziotta_pareto": _("Mazziotta–Pareto"), "weakest_link": _("weakest link"), "imbalance": _("imbalance"),
        "statistics": _("score of statistics alone"), "government": _("government (beside the score)"),
    }  # fmt: skip
    kept = [name for name in headings if name != "government" or any(row["government"] for row in listed)]
    judged = any(abs(row["score"] - row["score_of_statistics"]) > 1e-9 for row in scores)
    kept = [name for name in kept if name != "statistics" or judged]
    return Figure(
        "diamond-ways",
        _("Four ways to add corners up"),
        pa.Table.from_pylist(listed).select(kept),
        {name: headings[name] for name in kept},
        None,
        {},
        _("From full compensation to none. Imbalance is what unevenness costs: arithmetic less geometric mean."),
    )


def alternatives(edition: Edition, regions: Mapping[str, str]) -> Figure:
    words = {
        "headline": _("headline"), "treatment True": _("outliers treated"), "treatment False": _("outliers left as they are"),
        "normalisation min_max": _("shares of the way"), "normalisation z_score": _("standard deviations"),
        "normalisation rank": _("ranks instead of figures"), "weights given": _("weights as given"),
        "weights components": _("weights by components"), "aggregation geometric": _("geometric (headline)"),
        "aggregation arithmetic": _("arithmetic"), "aggregation mazziotta_pareto": _("Mazziotta–Pareto"),
        "aggregation weakest_link": _("weakest link"), "missing observed": _("unknown lent by all"),
        "missing similar": _("unknown lent by similar regions"), "missing left_out": _("unknown left out"),
    }  # fmt: skip
    found: dict[str, dict[str, Any]] = {}
    for row in edition.table("diamond_alternatives").to_pylist():
        name = row["choice"] if row["choice"] == "headline" else f"{row['choice']} {row['alternative']}"
        found.setdefault(row["region"], {"region": regions[row["region"]]})[name] = int(row["rank"])
    listed = sorted(found.values(), key=lambda row: row["headline"])
    return Figure(
        "diamond-alternatives",
        _("Ranks with one choice changed"),
        pa.Table.from_pylist(listed),
        {"region": _("region"), **{name: words[name] for name in listed[0] if name != "region"}},
        None,
        {},
        _(
            "The whole sequence again, with one choice changed at a time. A region whose rank hardly moves may be spoken of firmly."
        ),
        wide=True,
    )


def indices(edition: Edition, regions: Mapping[str, str], first: str) -> list[Figure]:
    if "diamond_indices" not in edition.tables:
        return []
    words = {"innovativeness": _("innovativeness"), "competitiveness": _("competitiveness")}
    heading = {
        "rising": _("rising"),
        "falling": _("falling"),
        "flat": _("no clear trend"),
        "unknown": _("too few years"),
    }
    table = edition.table("diamond_indices").to_pylist()
    rows = [
        {
            "region": row["region"], "name": regions[row["region"]], "index": row["index"], "year": row["year"],
            **{name: round(row[name], 2) for name in ("level", "low", "high", "measured")},
        }
        for row in table
    ]  # fmt: skip
    newest: dict[tuple[str, str], dict[str, Any]] = {}
    for row in table:
        newest[row["index"], row["region"]] = row
    return [
        Figure(
            f"diamond-{index}",
            word,
            pa.Table.from_pylist(
                [
                    {
                        "region": regions[region], "year": str(row["year"]), "level": row["level"],
                        "slope": row["slope"], "heading": heading[row["heading"]],
                    }
                    for (of, region), row in newest.items()
                    if of == index
                ]
            ),
            {
                "region": _("region"), "year": _("year"), "level": _("level"),
                "slope": _("points a year"), "heading": _("trend"),
            },
            charts.trend([row for row in rows if row["index"] == index], regions, first),
            {},
            _("Goalposts are the same for all years. Hollow: less than half was measured in that very year. Grey: the other regions."),
        )
        for index, word in words.items()
        if any(of == index for of, _region in newest)
    ]  # fmt: skip


def clusters(edition: Edition, regions: Mapping[str, str], first: str) -> list[Figure]:
    if "diamond_clusters" not in edition.tables or len(regions) > MANY:
        return []
    short = charts.short_names()
    names = {
        row["cluster"]: row[f"name_{language()}"] or row["cluster"] for row in edition.table("clusters").to_pylist()
    }
    rows: Rows = []
    table = sorted(edition.table("diamond_clusters").to_pylist(), key=lambda row: (row["region"], -row["score"]))
    for _region, held in groupby(table, key=lambda row: row["region"]):
        rows += [
            {
                "region": row["region"], "cluster": names[row["cluster"]], "binding": short[row["binding"]],
                **{name: round(row[name], 2) for name in ("score", "low", "high")},
            }
            for row in list(held)[:CLUSTERS]
        ]  # fmt: skip
    listed = [{**row, "region": regions[row["region"]], "interval": interval(row["low"], row["high"])} for row in rows]
    return [
        Figure(
            "diamond-clusters",
            _("The diamond of a region's clusters"),
            pa.Table.from_pylist(listed),
            {
                "region": _("region"), "cluster": _("cluster"), "score": _("score"), "interval": _("interval"),
                "binding": _("binding corner"),
            },
            charts.clusters(rows, regions, first),
            {},
            _("Factor and demand conditions are the region's; related industries and rivalry also the cluster's own. The first {number}.", number=CLUSTERS),
        )
    ]  # fmt: skip


def interaction(edition: Edition) -> list[Figure]:
    table = edition.table("diamond_interaction").to_pylist()
    if not table:
        return []
    short, names = charts.short_names(), _indicator_names(edition)
    rows = [
        {
            "term": " × ".join(short[part] for part in row["term"].split("_x_")), "outcome": names[row["outcome"]],
            "estimate": row["estimate"], "low": row["estimate"] - 1.96 * row["error"], "high": row["estimate"] + 1.96 * row["error"],
            "p": row["p"], "joint": row["joint_p"], "gain": row["r2_products"] - row["r2_sum"],
        }
        for row in table
        if "_x_" in row["term"]
    ]  # fmt: skip
    return [
        Figure(
            "diamond-interaction",
            _("Do the corners reinforce each other?"),
            pa.Table.from_pylist(rows),
            {
                "outcome": _("outcome"), "term": _("product of corners"), "estimate": _("coefficient"), "low": _("lower bound"), "high": _("upper bound"),
                "p": _("p value"), "joint": _("p value of all products together"), "gain": _("explained besides the sum"),
            },
            charts.terms(rows),
            {"gain": "percent"},
            _("Tested, not asserted: an outcome regressed on corners and their products. Outcomes are scored so that more is better; right of zero: two corners together go with more. It is association, not effect."),
        )
    ]  # fmt: skip


def notes(edition: Edition, regions: Mapping[str, str]) -> list[Figure]:
    figures = []
    if "diamond_agreement" in edition.tables:
        verdicts = {
            "reliable": _("reliable"),
            "tentative": _("tentative"),
            "doubtful": _("doubtful"),
            "unknown": _("unknown"),
        }
        held = [{**row, "verdict": verdicts[row["verdict"]]} for row in edition.table("diamond_agreement").to_pylist()]
        heads = {
            "alpha": _("Krippendorff's alpha"), "experts": _("experts"), "compared": _("answers given by two or more"),
            "verdict": _("agreement"),
        }  # fmt: skip
        figures.append(Figure("diamond-agreement", _("Do the experts agree?"), pa.Table.from_pylist(held), heads))
    if "diamond_chance" in edition.tables:
        noted = [
            {
                "region": regions.get(row["region"], row["region"]),
                "year": str(row["year"]),
                "note": row[f"note_{language()}"],
            }
            for row in edition.table("diamond_chance").to_pylist()
        ]
        heads = {"region": _("region"), "year": _("year"), "note": _("event")}
        figures.append(Figure("diamond-chance", _("Chance, noted and not scored"), pa.Table.from_pylist(noted), heads))
    return figures
