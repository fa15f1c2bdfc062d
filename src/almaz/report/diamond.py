"""The diamond on the page: four corners, ranks, what binds, which choice matters, where a score comes from."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any

import pyarrow as pa

from almaz.language import decimal, language, percent, texts
from almaz.language import text as _
from almaz.report import diamond_charts as charts
from almaz.report.section import Figure, Section
from almaz.study.edition import Edition

SHOWN = 60
"""Regions in a picture with a row each; the table holds them all."""
CLUSTERS = 12
"""Clusters of a region in its picture and table, the highest scores first."""
Rows = list[dict[str, Any]]


def sections(edition: Edition) -> list[Section]:
    """The diamond's section, or none where the edition has no diamond."""
    if "diamond_scores" not in edition.tables:
        return []
    scores = edition.table("diamond_scores").to_pylist()
    names = _names(edition)
    regions = {row["region"]: names.get(row["region"], row["region"]) for row in scores}
    first = max(scores, key=lambda row: (row["known_share"], row["score"]))["region"]
    figures = [
        _rhombus(edition, regions, first),
        _ranks(scores, regions),
        _binding(edition, scores, regions),
        _choices(edition),
        _parts(edition, regions, first),
        _ways(scores, regions),
        *_indices(edition, regions, first),
        *_clusters(edition, regions, first),
        *_interaction(edition),
        *_notes(edition, regions),
    ]
    return [
        Section(
            "diamond",
            _("The diamond"),
            _(
                "Four corners of a region's competitiveness, each 1 to 100 against goalposts that stay where they are. The score is"
                " their geometric mean: a weak corner is not bought off by a strong one. The area of the shape is never a score."
            ),
            tuple(figures),
            tuple(_warnings(edition, scores)),
        )
    ]


def _names(edition: Edition) -> dict[str, str]:
    name = f"name_{language()}"
    return {row["region"]: row[name] or row["name_en"] or row["region"] for row in edition.table("regions").to_pylist()}


def _indicator_names(edition: Edition) -> dict[str, str]:
    return {row["indicator"]: row[f"name_{language()}"] for row in edition.table("diamond_set").to_pylist()}


def _interval(low: float, high: float, places: int = 0) -> str:
    return f"{decimal(low, places)} – {decimal(high, places)}"


def _warnings(edition: Edition, scores: Rows) -> list[str]:
    lines = []
    corners = edition.table("diamond_corners").to_pylist()
    unknown = [
        charts.corner_names()[corner]
        for corner in charts.corner_names()
        if all(row["known_share"] <= 0 for row in corners if row["corner"] == corner)
    ]
    if unknown:
        lines.append(
            _("Nothing is known of: {corners}. These corners may be anywhere on the scale, and every interval says so.",
              corners="; ".join(unknown))
        )  # fmt: skip
    thin = sum(row["thin"] for row in scores)
    if thin:
        lines.append(
            texts(
                "{number} region knows no more than half of its corners: its interval is wide, and its score is hollow.",
                "{number} regions know no more than half of their corners: their intervals are wide, and their scores are hollow.",
                thin,
            )
        )
    if any(row["judged_share"] > 0 for row in scores):
        lines.append(
            _(
                "Some corners rest on experts' judgements; the tables name the basis and give the score of statistics alone."
            )
        )
    if all(row["government"] is None for row in scores):
        lines.append(_("Government, the catalyst in the centre, has no indicator here: it is unknown, not absent."))
    return lines


def _rhombus(edition: Edition, regions: Mapping[str, str], first: str) -> Figure:
    long, short = charts.corner_names(), charts.short_names()
    order = list(long)
    rows: Rows = []
    basis = _bases()
    centre = {
        row["region"]: _("unknown")
        if row["government"] is None
        else _interval(row["government_low"], row["government_high"])
        for row in edition.table("diamond_scores").to_pylist()
    }
    table = edition.table("diamond_corners").to_pylist()
    for region, held in groupby(table, key=lambda row: row["region"]):
        of_corner = {row["corner"]: row for row in held}
        for place, corner in enumerate([*order, order[0]]):
            row = of_corner[corner]
            shown = decimal(row["score"], 0) if row["known_share"] > 0 else "?"
            rows.append(
                {
                    "region": region, "place": place, "name": long[corner], "label": f"{charts.lines(short[corner], 12)}\n{shown}",
                    "score": round(row["score"], 1), "low": round(row["low"], 1), "high": round(row["high"], 1),
                    "median": round(row["median"], 1), "known": round(row["known_share"], 3), "interval": _interval(row["low"], row["high"]),
                    "government": centre[region], "governed": centre[region] != _("unknown"),
                }
            )  # fmt: skip
    listed = pa.Table.from_pylist(
        [
            {
                "region": regions[row["region"]], "corner": long[row["corner"]], "score": row["score"] if row["known_share"] > 0 else None,
                "low": row["low"], "high": row["high"], "median": row["median"], "known": row["known_share"],
                "basis": basis[row["basis"]],
            }
            for row in table
        ]
    )  # fmt: skip
    return Figure(
        "diamond-rhombus",
        _("Four corners of a region"),
        listed,
        {
            "region": _("region"), "corner": _("corner"), "score": _("score"), "low": _("low"), "high": _("high"),
            "median": _("country's median"), "known": _("share known"), "basis": _("basis"),
        },
        charts.rhombus(rows, regions, first),
        {"known": "percent"},
        _("Line: the region. Band: what unknown figures and weights leave open. Dashes: the median of regions. Hollow: nothing known."),
    )  # fmt: skip


def _bases() -> dict[str, str]:
    return {
        "statistic": _("statistics"),
        "judgement": _("judgement"),
        "mixed": _("statistics and judgement"),
        "none": _("nothing known"),
    }


def _ranks(scores: Rows, regions: Mapping[str, str]) -> Figure:
    ordered = sorted(scores, key=lambda row: -row["score"])
    rows = [
        {
            "name": regions[row["region"]], "score": round(row["score"], 2), "thin": row["thin"], "known_share": row["known_share"],
            **{name: round(row[name], 2) for name in ("score_low", "score_high", "data_low", "data_high")},
            "data_interval": _interval(row["data_low"], row["data_high"]),
            "all_interval": _interval(row["score_low"], row["score_high"]),
            "rank_interval": f"{row['rank_low']:.0f}–{row['rank_high']:.0f}",
        }
        for row in ordered
    ]  # fmt: skip
    listed = [
        {"region": row["name"], "score": row["score"], "data": row["data_interval"], "all": row["all_interval"],
         "rank": row["rank_interval"], "known": row["known_share"]}
        for row in rows
    ]  # fmt: skip
    hint = _(
        "Point: the score. Bar: what figures and weights leave open. Thin line: every choice let loose. Right: ranks that are possible."
    )
    if len(rows) > SHOWN:
        hint += " " + _("The picture shows the first {number}; the table all.", number=SHOWN)
    return Figure(
        "diamond-ranks",
        _("Scores and ranks, with what is not certain"),
        pa.Table.from_pylist(listed),
        {
            "region": _("region"), "score": _("score"), "data": _("from figures and weights"), "all": _("under every choice"),
            "rank": _("rank"), "known": _("share known"),
        },
        charts.ranks(rows[:SHOWN]),
        {"known": "percent", "score": "decimal"},
        hint,
    )  # fmt: skip


def _binding(edition: Edition, scores: Rows, regions: Mapping[str, str]) -> Figure:
    long, short = charts.corner_names(), charts.short_names()
    place = {row["region"]: (number, row) for number, row in enumerate(sorted(scores, key=lambda row: -row["score"]))}
    rows: Rows = []
    for row in edition.table("diamond_corners").to_pylist():
        number, score = place[row["region"]]
        if number < SHOWN:
            known = row["known_share"] > 0
            rows.append(
                {
                    "name": regions[row["region"]], "order": number, "corner": short[row["corner"]], "score": round(row["score"], 1),
                    "known": round(row["known_share"], 3), "binding": row["binding"], "binding_share": round(score["binding_share"], 3),
                    "shown": decimal(row["score"], 0) if known else _("unknown"), "interval": _interval(row["low"], row["high"]),
                    "share": percent(score["binding_share"], 0) if row["binding"] else "",
                }
            )  # fmt: skip
    listed = [
        {
            "region": regions[code],
            "binding": long[row["binding"]],
            "share": row["binding_share"],
            "imbalance": row["imbalance"],
        }
        for code, (_number, row) in place.items()
    ]
    return Figure(
        "diamond-binding",
        _("What binds each region"),
        pa.Table.from_pylist(listed),
        {
            "region": _("region"), "binding": _("binding corner"), "share": _("lowest in so many draws"),
            "imbalance": _("imbalance: points lost to unevenness"),
        },
        charts.binding(rows),
        {"share": "percent"},
        _("Ring: the lowest corner; the bolder, the surer. Dashed: a corner of which nothing is known, so that it cannot be said to bind."),
    )  # fmt: skip


def _choices(edition: Edition) -> Figure:
    words = {
        "normalisation": _("how figures are put on a scale"),
        "weights": _("weights of indicators and corners"),
        "aggregation": _("how corners are added up"),
        "missing": _("how unknown figures are filled"),
        "figures": _("which of the possible figures is true"),
    }
    table = edition.table("diamond_sensitivity").to_pylist()
    rows = [
        {
            "choice": words[row["choice"]], "first": max(row["first"], 0.0), "total": row["total"],
            "total_low": max(row["total"] - row["total_half"], 0.0), "total_high": row["total"] + row["total_half"],
        }
        for row in table
        if row["region"] == "" and row["total"] == row["total"]
    ]  # fmt: skip
    wrapped = [{**row, "choice": charts.lines(str(row["choice"]), 26)} for row in rows]
    return Figure(
        "diamond-choices",
        _("Which choice moves the ranks"),
        pa.Table.from_pylist(rows) if rows else pa.table({"choice": pa.array([], pa.string())}),
        {"choice": _("choice"), "first": _("alone"), "total": _("with its interactions")},
        charts.choices(wrapped),
        {"first": "percent", "total": "percent"},
        _(
            "Sobol indices of the mean shift of ranks. Solid: alone; outlined: with its interactions; line: 95 % interval."
        ),
    )


def _parts(edition: Edition, regions: Mapping[str, str], first: str) -> Figure:
    long, short, names = charts.corner_names(), charts.short_names(), _indicator_names(edition)
    basis = _bases()
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
        return _interval(row["low"], row["high"], 2)
    exact = row["low"] == row["high"]
    return decimal(row["value"], 2) + ("" if exact else f" ({_interval(row['low'], row['high'], 2)})")


def _ways(scores: Rows, regions: Mapping[str, str]) -> Figure:
    listed = [
        {
            "region": regions[row["region"]],
            **{way: row[way] for way in ("arithmetic", "geometric", "mazziotta_pareto", "weakest_link", "imbalance")},
            "statistics": row["score_of_statistics"],
            "government": None
            if row["government"] is None
            else _interval(row["government_low"], row["government_high"]),
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


def _indices(edition: Edition, regions: Mapping[str, str], first: str) -> list[Figure]:
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


def _clusters(edition: Edition, regions: Mapping[str, str], first: str) -> list[Figure]:
    if "diamond_clusters" not in edition.tables or len(regions) > 2 * SHOWN:
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
    listed = [{**row, "region": regions[row["region"]], "interval": _interval(row["low"], row["high"])} for row in rows]
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


def _interaction(edition: Edition) -> list[Figure]:
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
                "outcome": _("outcome"), "term": _("product of corners"), "estimate": _("coefficient"), "low": _("low"), "high": _("high"),
                "p": _("p value"), "joint": _("p value of all products together"), "gain": _("explained besides the sum"),
            },
            charts.terms(rows),
            {"gain": "percent"},
            _("Tested, not asserted: an outcome regressed on corners and their products. Outcomes are scored so that more is better; right of zero: two corners together go with more. It is association, not effect."),
        )
    ]  # fmt: skip


def _notes(edition: Edition, regions: Mapping[str, str]) -> list[Figure]:
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
