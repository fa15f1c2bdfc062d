"""The diamond on the page: four corners, ranks, what binds, which choice matters, where a score comes from."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any

import pyarrow as pa

from almaz.language import decimal, language, percent, texts
from almaz.language import text as _
from almaz.programme.explained import note_words
from almaz.report import diamond_charts as charts
from almaz.report import diamond_detail as detail
from almaz.report.section import Figure, Section
from almaz.study.edition import Edition

SHOWN = 60
"""Regions in a picture with a row each; the table holds them all."""
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
        detail.parts(edition, regions, first),
        detail.ways(scores, regions),
        detail.alternatives(edition, regions),
        *detail.indices(edition, regions, first),
        *detail.clusters(edition, regions, first),
        *detail.interaction(edition),
        *detail.notes(edition, regions),
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


def _warnings(edition: Edition, scores: Rows) -> list[str]:
    lines = []
    if "diamond_judgements" in edition.tables:
        noted = edition.table("diamond_judgements")["note"].drop_null().to_pylist()
        lines += [note_words(note) for note in sorted(set(noted))]
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
    basis = detail.bases()
    centre = {
        row["region"]: _("unknown")
        if row["government"] is None
        else detail.interval(row["government_low"], row["government_high"])
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
                    "median": round(row["median"], 1), "known": round(row["known_share"], 3), "interval": detail.interval(row["low"], row["high"]),
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
            "region": _("region"), "corner": _("corner"), "score": _("score"), "low": _("lower bound"), "high": _("upper bound"),
            "median": _("country's median"), "known": _("share known"), "basis": _("basis"),
        },
        charts.rhombus(rows, regions, first),
        {"known": "percent"},
        _("Line: the region. Band: what unknown figures and weights leave open. Dashes: the median of regions. Hollow: nothing known."),
    )  # fmt: skip


def _ranks(scores: Rows, regions: Mapping[str, str]) -> Figure:
    ordered = sorted(scores, key=lambda row: -row["score"])
    rows = [
        {
            "name": regions[row["region"]], "score": round(row["score"], 2), "thin": row["thin"], "known_share": row["known_share"],
            **{name: round(row[name], 2) for name in ("score_low", "score_high", "data_low", "data_high")},
            "data_interval": detail.interval(row["data_low"], row["data_high"]),
            "all_interval": detail.interval(row["score_low"], row["score_high"]),
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
                    "shown": decimal(row["score"], 0) if known else _("unknown"), "interval": detail.interval(row["low"], row["high"]),
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
