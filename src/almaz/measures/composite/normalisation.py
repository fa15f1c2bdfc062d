"""Normalisation: every indicator on one scale, against goalposts that stay where they are when time or a figure moves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np

from almaz.measures.composite.step import FloatArray, Step

Normalisation: TypeAlias = Literal["min_max", "z_score", "rank"]
LIMITS = (1.0, 100.0)
"""The scale of scores. It starts at 1: a geometric mean of a zero would forget everything else."""


@dataclass(frozen=True)
class Goalposts:
    """What figures are held against: low and high ends, mean and deviation, and the sorted known figures of each indicator."""

    low: FloatArray
    high: FloatArray
    mean: FloatArray
    deviation: FloatArray
    ordered: tuple[FloatArray, ...]


def goalposts(data: FloatArray) -> Goalposts:
    """Goalposts of the figures given: all years together, so that a score that rises means that the region rose.

    data: (..., indicators), NaN = unknown. deviation: with n − 1. An indicator nobody knows has NaN everywhere.
    """
    flat = data.reshape(-1, data.shape[-1])
    ordered = tuple(np.sort(column[~np.isnan(column)]) for column in flat.T)

    def each(of: str) -> FloatArray:
        return np.array([_one(column, of) for column in ordered])

    return Goalposts(each("low"), each("high"), each("mean"), each("deviation"), ordered)


def _one(column: FloatArray, of: str) -> float:
    if column.size == 0:
        return float("nan")
    if of == "deviation":
        return float(column.std(ddof=1)) if column.size > 1 else 0.0
    return float({"low": column[0], "high": column[-1], "mean": column.mean()}[of])


def given_ends(posts: Goalposts, low: FloatArray, high: FloatArray) -> Goalposts:
    """The same goalposts with the ends that somebody has set; NaN in low or high leaves an end as found."""
    return replace(posts, low=np.where(np.isnan(low), posts.low, low), high=np.where(np.isnan(high), posts.high, high))


def normalise(
    data: FloatArray,
    direction: FloatArray,
    posts: Goalposts,
    method: Normalisation = "min_max",
    limits: tuple[float, float] = LIMITS,
) -> Step:
    """Put data on the scale from limits[0] (worst) to limits[1] (best).

        min_max:  share of the way from the low to the high goalpost
        z_score:  (1 + z / 3) / 2 of the way: the middle is the mean, the ends three deviations off
        rank:     mean rank among the reference figures, 0 the lowest, 1 the highest (between two figures: half-way)

    data: (..., indicators), NaN stays NaN; direction: (indicators,), 1 = more is better, −1 = less is. Figures beyond the
    goalposts score as the goalpost. An indicator without spread scores in the middle.
    Source: OECD/JRC (2008), step 6; COINr's n_minmax, n_zscore, n_rank.
    """
    if method == "rank":
        share = np.stack([_place(data[..., i], reference) for i, reference in enumerate(posts.ordered)], axis=-1)
    else:
        with np.errstate(invalid="ignore", divide="ignore"):
            if method == "min_max":
                share = (data - posts.low) / (posts.high - posts.low)
                flat = posts.high == posts.low
            else:
                share = 0.5 + (data - posts.mean) / (6.0 * posts.deviation)
                flat = posts.deviation == 0
        share = np.where(flat & ~np.isnan(data), 0.5, share)
    share = np.where(direction < 0, 1.0 - share, share)
    bottom, top = limits
    values = np.clip(share, 0.0, 1.0) * (top - bottom) + bottom
    return Step("normalisation", method, values, {"low": posts.low, "high": posts.high, "direction": direction})


def _place(values: FloatArray, reference: FloatArray) -> FloatArray:
    if reference.size < 2:
        return np.where(np.isnan(values), np.nan, 0.5)
    below = np.searchsorted(reference, values, side="left")
    upto = np.searchsorted(reference, values, side="right")
    place = np.clip((below + upto - 1) / 2.0, 0, reference.size - 1) / (reference.size - 1)
    return np.where(np.isnan(values), np.nan, place)
