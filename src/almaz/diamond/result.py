"""The diamond's results as tables: what an edition keeps, a report draws and a spreadsheet opens."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from almaz.clusters.portfolio import Portfolio
from almaz.diamond.corners import of_clusters
from almaz.diamond.frame import Options
from almaz.diamond.indicators import CORNERS, SCHEMA, FloatArray, Panel
from almaz.diamond.indices import INDICES, heading, trend
from almaz.diamond.interaction import interaction
from almaz.diamond.score import Diamond, catalyst, decompose, diamond, one_changed, side_scores
from almaz.diamond.uncertainty import CHOICES, possible, sensitivity
from almaz.language import LANGUAGES
from almaz.measures.composite.multivariate import cronbach_alpha, principal_components
from almaz.measures.composite.screening import screen
from almaz.measures.ranks import rank_interval

INTERACTION = pa.schema(
    [
        ("outcome", pa.string()),
        ("term", pa.string()),
        *((name, pa.float64()) for name in ("estimate", "error", "p", "joint_f", "joint_p", "r2_sum", "r2_products")),
        ("regions", pa.int64()),
        ("groups", pa.int64()),
    ]
)
EVERYBODY = ""
"""The region under which the sensitivity of all ranks together is kept."""


def set_table(scored: Diamond) -> pa.Table:
    place = {one.code: number for number, one in enumerate(scored.frame.indicators)}
    posts = scored.frame.posts
    rows = []
    for one in scored.panel.indicators:
        number = place.get(one.code)
        rows.append(
            {
                "indicator": one.code,
                "role": one.role,
                "direction": one.direction,
                "index": one.index,
                **{f"name_{spoken}": one.name.get(spoken) or one.name["en"] for spoken in LANGUAGES},
                **{f"unit_{spoken}": one.unit.get(spoken) or "" for spoken in LANGUAGES},
                **{f"source_{spoken}": one.source.get(spoken) or "" for spoken in LANGUAGES},
                "weight": None if number is None else float(scored.frame.weights[number]),
                "goalpost_low": None if number is None else float(posts.low[number]),
                "goalpost_high": None if number is None else float(posts.high[number]),
                "logged": None if number is None else bool(scored.frame.mapped.logged[number]),
                "indicator_json": json.dumps(one.model_dump(mode="json"), ensure_ascii=False, sort_keys=True),
            }
        )
    return pa.Table.from_pylist(rows)


def figures_table(figures: Panel) -> pa.Table:
    """The panel as a tidy table, unknown figures left out."""
    region, indicator, year = np.nonzero(~np.isnan(figures.low) | ~np.isnan(figures.value))
    at = (region, indicator, year)
    codes = [one.code for one in figures.indicators]
    return pa.table(
        {
            "indicator": [codes[i] for i in indicator],
            "region": [figures.regions[i] for i in region],
            "year": [figures.years[i] for i in year],
            "value": pa.array(figures.value[at], from_pandas=True),
            "low": figures.low[at],
            "high": figures.high[at],
            "unit": pa.nulls(region.size, pa.string()),
            "source": pa.array(figures.source[at].tolist(), pa.string()),
            "basis": np.where(figures.judged[at], "judgement", "statistic").tolist(),
        },
        schema=SCHEMA,
    )


def scores_table(scored: Diamond) -> pa.Table:
    """One row a region: the headline score with both intervals, the four aggregations, what binds, what is known."""
    year = max(
        (held for held in scored.panel.years if scored.options.year is None or held <= scored.options.year), default=0
    )
    government = catalyst(scored.panel, scored.options)
    judged = scored.judged.mean(axis=1)
    statistics = diamond(_statistics(scored.panel), scored.options).score if judged.any() else scored.score
    columns: dict[str, Any] = {
        "region": list(scored.panel.regions),
        "year": pa.array([year] * len(scored.panel.regions), pa.int32()),
        "score": scored.score,
        "data_low": scored.data.low,
        "data_high": scored.data.high,
        "score_low": scored.all_choices.low,
        "score_high": scored.all_choices.high,
        "rank": scored.ranks.rank,
        "rank_low": scored.ranks.best,
        "rank_high": scored.ranks.worst,
        **{str(way): values for way, values in scored.ways.items()},
        "imbalance": scored.imbalance,
        "binding": [CORNERS[number] for number in scored.binding],
        "binding_share": scored.binding_share,
        "known_share": scored.known.mean(axis=1),
        "judged_share": judged,
        "score_of_statistics": statistics,
        "thin": ~scored.enough,
    }
    for name, values in zip(
        ("government", "government_low", "government_high"), government or (None,) * 3, strict=True
    ):
        columns[name] = pa.nulls(len(scored.panel.regions), pa.float64()) if values is None else values
    return pa.table(columns)


def _statistics(figures: Panel) -> Panel:
    """The panel without its judgements."""
    value, low, high = (np.where(figures.judged, np.nan, part) for part in (figures.value, figures.low, figures.high))
    return replace(figures, value=value, low=low, high=high, judged=np.zeros_like(figures.judged))


def corners_table(scored: Diamond) -> pa.Table:
    """One row a region × corner. basis: statistic, judgement, mixed or none."""
    regions, number = len(scored.panel.regions), len(CORNERS)
    known, judged = scored.known.ravel(), scored.judged.ravel()
    basis = np.where(
        known <= 1e-9,
        "none",
        np.where(judged <= 1e-9, "statistic", np.where(judged >= known - 1e-9, "judgement", "mixed")),
    )
    return pa.table(
        {
            "region": np.repeat(np.array(scored.panel.regions), number).tolist(),
            "corner": list(CORNERS) * regions,
            "score": scored.corners.ravel(),
            "low": scored.of_corners.low.ravel(),
            "high": scored.of_corners.high.ravel(),
            "median": np.tile(np.median(scored.corners, axis=0), regions),
            "known_share": known,
            "judged_share": judged,
            "basis": basis.tolist(),
            "binding": (np.arange(number) == scored.binding[:, None]).ravel(),
            "contribution": decompose(scored).corners.ravel(),
        }
    )


def indicators_table(scored: Diamond) -> pa.Table:
    """One row a region × indicator of the corners: figure, score, and what it adds to the score against the medians."""
    now, parts = scored.snapshot, decompose(scored)
    regions, number = now.value.shape
    known = (~np.isnan(now.value) | ~np.isnan(now.low)).ravel()
    return pa.table(
        {
            "region": np.repeat(np.array(scored.panel.regions), number).tolist(),
            "indicator": [one.code for one in scored.frame.indicators] * regions,
            "corner": [one.role for one in scored.frame.indicators] * regions,
            "year": pa.array(np.where(known, now.year.ravel(), 0), pa.int32()),
            "value": pa.array(now.value.ravel(), from_pandas=True),
            "low": pa.array(now.low.ravel(), from_pandas=True),
            "high": pa.array(now.high.ravel(), from_pandas=True),
            "score": scored.filled.ravel(),
            "known": known,
            "basis": np.where(~known, "none", np.where(now.judged.ravel(), "judgement", "statistic")).tolist(),
            "contribution": parts.indicators.ravel(),
        }
    )


def steps_table(scored: Diamond) -> pa.Table:
    """The record of the steps: what each did to each indicator, and how consistent each corner is."""
    codes = [one.code for one in scored.frame.indicators]
    rows: list[dict[str, object]] = []
    steps = [screen(scored.snapshot.value), *scored.frame.steps]
    for step in steps:
        for fact, values in step.facts.items():
            if len(values) == len(codes) and not fact.endswith("_of_unit"):
                rows += [
                    {"step": step.name, "choice": step.choice, "of": code, "fact": fact, "value": float(value)}
                    for code, value in zip(codes, values, strict=True)
                ]
    base = scored.frame.scores(scored.snapshot.value, scored.options.normalisation)
    for number, corner in enumerate(CORNERS):
        chosen = np.flatnonzero(scored.frame.membership[:, number] > 0)
        if chosen.size >= 2:
            found = principal_components(base[:, chosen])
            facts = {"cronbach_alpha": cronbach_alpha(base[:, chosen]), "first_component": float(found.shares[0])}
            rows += [
                {"step": "multivariate", "choice": "", "of": corner, "fact": fact, "value": value}
                for fact, value in facts.items()
            ]
    for choice in ("normalisation", "missing", "aggregation"):
        rows.append({"step": choice, "choice": getattr(scored.options, choice), "of": "", "fact": "", "value": None})
    return pa.Table.from_pylist(rows)


def sensitivity_table(scored: Diamond) -> pa.Table:
    """Sobol indices by region (EVERYBODY: of the mean shift of ranks) and choice."""
    worlds = possible(scored.frame, scored.snapshot, scored.options, scored.options.sobol_draws)
    ranks, regions = sensitivity(scored.frame, worlds, scored.options)
    rows = []
    for names, found in (([EVERYBODY], ranks), (scored.panel.regions, regions)):
        for number, region in enumerate(names[: found.first.shape[0]]):
            rows += [
                {
                    "region": region,
                    "choice": choice,
                    **{
                        name: float(getattr(found, name)[number, at])
                        for name in ("first", "total", "first_half", "total_half")
                    },
                }
                for at, choice in enumerate(CHOICES)
            ]
    return pa.Table.from_pylist(rows)


def alternatives_table(scored: Diamond) -> pa.Table:
    """Score and rank of each region again with one choice changed at a time; choice "headline": none."""
    found = {("headline", "headline"): scored.score, **one_changed(scored.panel, scored.options)}
    parts = [
        pa.table(
            {
                "region": list(scored.panel.regions),
                "choice": [choice] * scores.size,
                "alternative": [str(value)] * scores.size,
                "score": scores,
                "rank": rank_interval(scores, scores, scores).rank,
            }
        )
        for (choice, value), scores in found.items()
    ]
    return pa.concat_tables(parts)


def indices_table(figures: Panel, chosen: Options) -> dict[str, pa.Table]:
    rows: list[dict[str, object]] = []
    for index in INDICES:
        found = trend(figures, index, chosen)
        if found is None:
            continue
        words = heading(found.slope_low, found.slope_high)
        for region, code in enumerate(figures.regions):
            for year, held in enumerate(found.years):
                if np.isnan(found.level[region, year]):
                    continue
                rows.append(
                    {
                        "region": code,
                        "index": index,
                        "year": held,
                        "level": float(found.level[region, year]),
                        "low": float(found.low[region, year]),
                        "high": float(found.high[region, year]),
                        "measured": float(found.measured[region, year]),
                        "slope": float(found.slope[region]),
                        "slope_low": float(found.slope_low[region]),
                        "slope_high": float(found.slope_high[region]),
                        "heading": str(words[region]),
                    }
                )
    return {"diamond_indices": pa.Table.from_pylist(rows)} if rows else {}


def interaction_table(scored: Diamond, digits: int | None) -> pa.Table:
    """Product terms against every outcome, tidy; empty where there are too few regions or no outcome."""
    rows: list[dict[str, object]] = []
    numbers = scored.panel.of_role("outcome")
    outcomes: FloatArray = side_scores(scored.panel.only(numbers), scored.options) if numbers else np.zeros((0, 0))
    group = None if digits is None else np.array([code[:digits] for code in scored.panel.regions], dtype=object)
    corners = np.where(scored.known > 0, scored.corners, np.nan)
    corners[:, (scored.known <= 0).all(axis=0)] = 0.0
    for place, number in enumerate(numbers):
        found = interaction(corners, outcomes[:, place], scored.panel.indicators[number].code, group)
        if found is None:
            continue
        shared = {
            name: getattr(found, name)
            for name in ("outcome", "joint_f", "joint_p", "r2_sum", "r2_products", "regions", "groups")
        }
        for at, term in enumerate(found.terms):
            rows.append(
                {"term": term, "estimate": found.estimate[at], "error": found.error[at], "p": found.p[at], **shared}
            )
    return pa.Table.from_pylist(rows, schema=INTERACTION)


def clusters_table(
    scored: Diamond, portfolio: Portfolio, related: Mapping[str, Sequence[str]] | None = None
) -> pa.Table:
    """The diamond of every traded cluster in every region that has it. related: cluster → its related clusters, if known."""
    found = of_clusters(scored, portfolio, related)
    region, cluster = np.nonzero(~np.isnan(found.score))
    at = (region, cluster)
    return pa.table(
        {
            "region": [scored.panel.regions[i] for i in region],
            "cluster": [found.clusters[i] for i in cluster],
            "score": found.score[at],
            "low": found.low[at],
            "high": found.high[at],
            **{str(corner): found.corners[..., number][at] for number, corner in enumerate(CORNERS)},
            "binding": [CORNERS[int(number)] for number in found.binding[at]],
        }
    )
