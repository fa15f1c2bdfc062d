"""Corners fed by the measured clusters: related and supporting industries, rivalry; per region, and per region × cluster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from almaz.clusters.portfolio import Portfolio
from almaz.clusters.strength import Strength
from almaz.diamond.indicators import CORNERS, SCHEMA, FloatArray
from almaz.diamond.score import Diamond
from almaz.diamond.uncertainty import headline_only, possible, simulate
from almaz.measures.composite.aggregation import WAYS
from almaz.measures.composite.normalisation import LIMITS

RELATED, STRATEGY = CORNERS.index("related"), CORNERS.index("strategy")
CLUSTER_DRAWS: Final = 200
"""Draws per region × cluster: there are many of them, and the interval is for reading, not for ranking."""


def from_portfolio(portfolio: Portfolio, strength: Strength) -> pa.Table:
    """The figures of the ready set «portfolio», as the tidy table of indicators, bounds of hidden cells carried along.

    What the portfolio does not hold is not in the table: no establishments, no rivalry.
    """
    year = portfolio.years[-1]
    rows: list[tuple[str, FloatArray, FloatArray, FloatArray]] = []
    table = strength.region_strength
    place = {region: number for number, region in enumerate(table["region"].to_pylist())}
    order = [place[region] for region in portfolio.regions]
    held = {
        name: table[name].to_numpy(zero_copy_only=False).astype(float)[order]
        for name in ("cluster_strength", "cluster_strength_low", "cluster_strength_high")
    }
    main = held["cluster_strength"]
    rows.append(
        (
            "cluster_strength",
            main,
            np.fmin(held["cluster_strength_low"], main),
            np.fmax(held["cluster_strength_high"], main),
        )
    )
    traded = np.array([key[2] == "traded" for key in portfolio.keys])
    chance = portfolio.columns["p_lq_above_1"][:, traded, -1]
    if not np.isnan(chance).all():
        number = np.nansum(chance, axis=1)
        rows.append(("specialised_clusters", number, number, number))
    rows += _of_activity(portfolio, traded)
    parts = [_tidy(code, year, portfolio.regions, *figures) for code, *figures in rows]
    return pa.concat_tables(parts)


def _of_activity(
    portfolio: Portfolio, traded: np.ndarray[tuple[int], np.dtype[np.bool_]]
) -> list[tuple[str, FloatArray, FloatArray, FloatArray]]:
    rows: list[tuple[str, FloatArray, FloatArray, FloatArray]] = []
    units, people, wages = (_sums(portfolio, name) for name in ("establishments", "employment", "wages"))
    with np.errstate(invalid="ignore", divide="ignore"):
        if units is not None and people is not None:
            count = units["value"][:, traded, -1].sum(axis=1)
            low, high = (people[end][:, traded, -1].sum(axis=1) for end in ("low", "high"))
            middle = people["value"][:, traded, -1].sum(axis=1)
            rows.append(
                (
                    "traded_establishments",
                    1000 * count / middle,
                    1000 * count / high,
                    1000 * count / np.maximum(low, 1.0),
                )
            )
        if units is not None and len(portfolio.years) > 1:
            rows.append(("establishment_growth", *_growth(units, traded, portfolio.years)))
        if wages is not None and people is not None:
            pay = wages["value"][:, :, -1].sum(axis=1) / people["value"][:, :, -1].sum(axis=1)
            rows.append(("wage", pay, pay, pay))
        if people is not None and len(portfolio.years) > 1:
            rows.append(("employment_growth", *_growth(people, np.ones_like(traded), portfolio.years)))
    return rows


def _growth(
    sums: Mapping[str, FloatArray], chosen: np.ndarray[tuple[int], np.dtype[np.bool_]], years: Sequence[int]
) -> tuple[FloatArray, FloatArray, FloatArray]:
    first, last = (sums["value"][:, chosen, at].sum(axis=1) for at in (0, -1))
    rate = (last / first) ** (1.0 / (years[-1] - years[0])) - 1.0
    return rate, rate, rate


def _sums(portfolio: Portfolio, measure: str) -> dict[str, FloatArray] | None:
    """A measure of the cluster rows with its bounds, (regions, clusters, years)."""
    outer = portfolio.table.filter(pc.is_null(portfolio.table["subcluster"]))
    if measure not in outer.column_names:
        return None
    shape = (len(portfolio.regions), len(portfolio.keys), len(portfolio.years))
    names = {"value": measure, "low": measure + "_low", "high": measure + "_high"}
    return {
        key: np.asarray(outer[name].to_numpy(zero_copy_only=False), dtype=np.float64).reshape(shape)
        for key, name in names.items()
    }


def _tidy(
    code: str, year: int, regions: Sequence[str], value: FloatArray, low: FloatArray, high: FloatArray
) -> pa.Table:
    known = np.isfinite(value)
    low, high = np.where(np.isfinite(low), low, value), np.where(np.isfinite(high), high, value)
    count = int(known.sum())
    return pa.table(
        {
            "indicator": [code] * count,
            "region": [region for region, held in zip(regions, known, strict=True) if held],
            "year": [year] * count,
            "value": value[known],
            "low": np.minimum(low, value)[known],
            "high": np.maximum(high, value)[known],
            "unit": pa.nulls(count, pa.string()),
            "source": ["portfolio"] * count,
            "basis": ["statistic"] * count,
        },
        schema=SCHEMA,
    )


@dataclass(frozen=True)
class OfClusters:
    """The diamond of a cluster in a region: arrays (regions, clusters), corners (regions, clusters, 4); NaN where the region has
    none of the cluster."""

    clusters: tuple[str, ...]
    score: FloatArray
    low: FloatArray
    high: FloatArray
    corners: FloatArray
    binding: FloatArray


def of_clusters(
    scored: Diamond, portfolio: Portfolio, related: Mapping[str, Sequence[str]] | None = None
) -> OfClusters:
    """The diamond per region × traded cluster: factor and demand are the region's; related and strategy also the cluster's own.

        related:   mean of the region's corner and (Q + 1)/2 on the scale, Q = (LQ − 1)/(LQ + 1) of the cluster; and, where the
                   clusters related to it are known, their mean Q too
        strategy:  mean of the region's corner and ln(1 + establishments) of the cluster against the other regions

    related: cluster → its related clusters. Draws: those of the region's corners (headline choices), and the quotient within
    its interval. The reading is ours: the sources define the diamond for a region or a nation.
    """
    keys = [number for number, key in enumerate(portfolio.keys) if key[2] == "traded"]
    names = tuple(portfolio.keys[number][0] for number in keys)
    place = {name: number for number, name in enumerate(names)}
    quotient = _symmetric(portfolio.columns["lq"][:, keys, -1])
    low, high = (
        np.where(np.isfinite(side), side, quotient)
        for side in (_symmetric(_side(portfolio, end)[:, keys, -1]) for end in ("low", "high"))
    )
    present = ~np.isnan(quotient) & (quotient > -1.0)
    rivals = _rivals(portfolio, keys, present)
    chosen = scored.options
    worlds = possible(scored.frame, scored.snapshot, chosen, CLUSTER_DRAWS)

    few = replace(chosen, draws=CLUSTER_DRAWS)
    corners = simulate(scored.frame, worlds, headline_only(few), few).corners.astype(np.float64)
    shape = (len(portfolio.regions), len(names))
    result = {name: np.full(shape, np.nan) for name in ("score", "low", "high", "binding")}
    middle = np.full((*shape, len(CORNERS)), np.nan)
    random = np.random.default_rng(chosen.seed + 3)
    tails = [(1 - chosen.level) / 2, (1 + chosen.level) / 2]
    for number, name in enumerate(names):
        there = present[:, number]
        near = [place[other] for other in (related or {}).get(name, ()) if other in place and other != name]
        around = _around(quotient, near)
        own = _scale(quotient[there, number])
        middle[there, number] = _with_cluster(scored.corners[there], own, around[there], rivals[there, number])
        top = np.clip(quotient, low, high)[there, number]
        drawn = _triangle(random, low[there, number], top, high[there, number], CLUSTER_DRAWS)
        parts = _with_cluster(corners[:, there], _scale(drawn), around[there], rivals[there, number])
        scores = WAYS[chosen.aggregation](parts, scored.frame.corner_weights)
        result["score"][there, number] = WAYS[chosen.aggregation](middle[there, number], scored.frame.corner_weights)
        result["low"][there, number], result["high"][there, number] = np.quantile(scores, tails, axis=0)
        result["binding"][there, number] = middle[there, number].argmin(axis=1)
    return OfClusters(names, result["score"], result["low"], result["high"], middle, result["binding"])


def _triangle(
    random: np.random.Generator, low: FloatArray, top: FloatArray, high: FloatArray, draws: int
) -> FloatArray:
    wide = high > low
    drawn = np.broadcast_to(top, (draws, top.size)).copy()
    drawn[:, wide] = random.triangular(low[wide], top[wide], high[wide], size=(draws, int(wide.sum())))
    return drawn


def _symmetric(quotient: FloatArray) -> FloatArray:
    with np.errstate(invalid="ignore"):
        return np.where(np.isinf(quotient), 1.0, (quotient - 1.0) / (quotient + 1.0))


def _side(portfolio: Portfolio, end: str) -> FloatArray:
    """The wider of the sampling interval and what hidden cells allow."""
    parts = [portfolio.columns[f"lq_ci_{end}"], portfolio.columns[f"lq_{end}"]]
    return np.fmin(*parts) if end == "low" else np.fmax(*parts)


def _scale(share: FloatArray) -> FloatArray:
    return np.asarray(LIMITS[0] + (LIMITS[1] - LIMITS[0]) * (share + 1.0) / 2.0)


def _around(quotient: FloatArray, near: Sequence[int]) -> FloatArray:
    if not near:
        return np.full(quotient.shape[0], np.nan)
    held = quotient[:, list(near)]
    known = (~np.isnan(held)).sum(axis=1)
    return np.where(known > 0, _scale(np.nansum(held, axis=1) / np.maximum(known, 1)), np.nan)


def _rivals(
    portfolio: Portfolio, keys: Sequence[int], present: np.ndarray[tuple[int, int], np.dtype[np.bool_]]
) -> FloatArray:
    """ln(1 + establishments) of each cluster between the fewest and the most of any region, on the scale; NaN if unknown."""
    units = _sums(portfolio, "establishments")
    if units is None:
        return np.full(present.shape, np.nan)
    logged = np.where(present, np.log1p(units["value"][:, list(keys), -1]), np.nan)
    low, high = np.fmin.reduce(logged, axis=0), np.fmax.reduce(logged, axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(high > low, (logged - low) / (high - low), 0.5)
    return np.asarray(_scale(2.0 * share - 1.0))


def _with_cluster(corners: FloatArray, own: FloatArray, around: FloatArray, rivals: FloatArray) -> FloatArray:
    """Corners (..., regions, 4) with the cluster's own figures averaged into related and strategy."""
    parts = corners.copy()
    related = np.stack(np.broadcast_arrays(corners[..., RELATED], own, around))
    strategy = np.stack(np.broadcast_arrays(corners[..., STRATEGY], rivals))
    parts[..., RELATED] = np.nansum(related, axis=0) / (~np.isnan(related)).sum(axis=0)
    parts[..., STRATEGY] = np.nansum(strategy, axis=0) / (~np.isnan(strategy)).sum(axis=0)
    return parts
