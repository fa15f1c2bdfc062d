"""Aggregation: four ways from parts to a whole, from full compensation to none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeAlias

import numpy as np

from almaz.measures.composite.step import FloatArray, Step

Aggregation: TypeAlias = Literal["arithmetic", "geometric", "mazziotta_pareto", "weakest_link"]


def arithmetic_mean(parts: FloatArray, weights: FloatArray) -> FloatArray:
    """Σ w x / Σ w over the known parts: a strong part buys off a weak one in full.

    parts: (..., parts), NaN = unknown and left out; weights: broadcastable to parts. NaN where nothing is known.
    """
    known = ~np.isnan(parts)
    held = np.where(known, weights, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((held * np.nan_to_num(parts)).sum(axis=-1) / held.sum(axis=-1))


def geometric_mean(parts: FloatArray, weights: FloatArray) -> FloatArray:
    """exp(Σ w ln x / Σ w) over the known parts, all > 0: a part that falls near the bottom pulls the whole with it."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.exp(arithmetic_mean(np.log(parts), weights))


def adjusted_mazziotta_pareto(parts: FloatArray, weights: FloatArray) -> FloatArray:
    """M − S²/M, M the mean and S the deviation (n) of the parts on the scale 70…130: unevenness is a stated fine.

    parts: (..., parts) on the scale 0…100 of the goalposts; moved to 70 + 0.6 x, where the published index is defined, and
    moved back, so that it reads on the same scale as the others. Known parts only.
    Source: Mazziotta and Pareto (2016), Social Indicators Research 127, eqs. 3–4 (AMPI with negative penalty).
    """
    scaled = 70.0 + 0.6 * parts
    mean = arithmetic_mean(scaled, weights)
    variance = arithmetic_mean((scaled - mean[..., None]) ** 2, weights)
    return np.asarray((mean - variance / mean - 70.0) / 0.6)


def weakest_link(parts: FloatArray, weights: FloatArray) -> FloatArray:
    """The smallest known part with a weight: nothing can be bought off. NaN where nothing is known."""
    held = np.where(np.isnan(parts) | (weights <= 0), np.inf, parts).min(axis=-1)
    return np.where(np.isinf(held), np.nan, held)


WAYS: dict[Aggregation, Callable[[FloatArray, FloatArray], FloatArray]] = {
    "arithmetic": arithmetic_mean,
    "geometric": geometric_mean,
    "mazziotta_pareto": adjusted_mazziotta_pareto,
    "weakest_link": weakest_link,
}


def aggregate(parts: FloatArray, group: FloatArray, weights: FloatArray, way: Aggregation = "arithmetic") -> Step:
    """One level up: parts into the groups they belong to.

    parts: (units, parts); group: (parts,) number of each part's group from 0; weights: (parts,).
    Returns the step whose values are (units, groups). Source: OECD/JRC (2008), step 7; COINr's Aggregate.
    """
    number = int(group.max()) + 1
    mean = WAYS[way]
    values = np.stack([mean(parts[:, group == g], weights[group == g]) for g in range(number)], axis=1)
    known = np.stack([(~np.isnan(parts[:, group == g])).mean(axis=1) for g in range(number)], axis=1)
    return Step("aggregation", way, values, {"known": known, "weights": weights})
