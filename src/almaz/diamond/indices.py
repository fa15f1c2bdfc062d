"""Two headline indices of a region, innovativeness and competitiveness, and where they are heading."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from almaz.diamond.frame import Options
from almaz.diamond.indicators import FloatArray, Panel
from almaz.measures.composite.normalisation import LIMITS, given_ends, goalposts, normalise
from almaz.measures.composite.treatment import identity, treat

Index: TypeAlias = Literal["innovativeness", "competitiveness"]
INDICES: Final[tuple[Index, ...]] = ("innovativeness", "competitiveness")


@dataclass(frozen=True)
class Trend:
    """level, low, high, measured: (regions, years), NaN in years without any figure; measured: share of the weight that was
    measured in that very year; slope: points a year; slope_low, slope_high: its 95 % interval, NaN below 4 years."""

    indicators: tuple[str, ...]
    years: tuple[int, ...]
    level: FloatArray
    low: FloatArray
    high: FloatArray
    measured: FloatArray
    slope: FloatArray
    slope_low: FloatArray
    slope_high: FloatArray


def yearly_scores(figures: Panel, options: Options) -> FloatArray:
    """Scores (regions, indicators, years) against goalposts over all years, so that years can be compared."""
    values = np.moveaxis(figures.value, 1, 2)
    pooled = values.reshape(-1, values.shape[-1])
    mapped = treat(pooled)[1] if options.treatment and pooled.size else identity(pooled.shape[1])
    ends = [[np.nan if end is None else end for end in (one.low, one.high)] for one in figures.indicators]
    low, high = np.array(ends).reshape(-1, 2).T
    posts = given_ends(goalposts(mapped(pooled)), mapped(low), mapped(high))
    direction = np.array([float(one.direction) for one in figures.indicators])
    return np.moveaxis(normalise(mapped(values), direction, posts, options.normalisation).values, 2, 1)


def trend(figures: Panel, which: Index, options: Options) -> Trend | None:
    """The index of every region in every year: the weighted mean of its indicators' scores.

    Between two measured years an indicator moves along the straight line; before the first and after the last it stays
    where it was, so that an indicator that comes or goes moves nothing by itself. One that a region never has may be anywhere on
    the scale (low, high; the level takes the middle). A year without any figure of the region is NaN. None where no indicator
    carries the index. Slope: least squares over the years with a level.
    """
    numbers = [number for number, one in enumerate(figures.indicators) if one.index == which]
    if not numbers:
        return None
    part = figures.only(numbers)
    scores = yearly_scores(part, options)
    weights = np.array([one.weight for one in part.indicators])
    weights = weights / weights.sum()
    measured = np.einsum("riy,i->ry", ~np.isnan(scores), weights)
    whole = _between(scores, np.array(part.years, dtype=np.float64))
    ends = [np.einsum("riy,i->ry", np.where(np.isnan(whole), end, whole), weights) for end in LIMITS]
    low, high = (np.where(measured > 0, end, np.nan) for end in ends)
    level = (low + high) / 2.0
    return Trend(
        tuple(one.code for one in part.indicators),
        part.years,
        level,
        low,
        high,
        measured,
        *_slope(np.array(part.years, dtype=np.float64), level),
    )


def _between(scores: FloatArray, years: FloatArray) -> FloatArray:
    """Scores with the gaps between years filled along straight lines, (regions, indicators, years); never-known stay NaN."""
    flat = scores.reshape(-1, scores.shape[2])
    filled = np.full_like(flat, np.nan)
    for row, values in enumerate(flat):
        known = ~np.isnan(values)
        if known.any():
            filled[row] = np.interp(years, years[known], values[known])
    return filled.reshape(scores.shape)


def _slope(years: FloatArray, level: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Least-squares slope a year with its 95 % interval (Student's t), (regions,)."""
    from scipy.stats import t as student

    known = ~np.isnan(level)
    number = known.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean_year = (known * years).sum(axis=1) / number
        mean = np.nansum(level, axis=1) / number
        apart = np.where(known, years - mean_year[:, None], 0.0)
        spread = (apart**2).sum(axis=1)
        slope = np.where(number > 1, (apart * np.nan_to_num(level - mean[:, None])).sum(axis=1) / spread, np.nan)
        rest = np.where(known, level - mean[:, None] - slope[:, None] * apart, 0.0)
        error = np.sqrt((rest**2).sum(axis=1) / (number - 2) / spread)
        half = np.where(number >= 4, student.ppf(0.975, np.maximum(number - 2, 1)) * error, np.nan)
    return slope, slope - half, slope + half


def heading(slope_low: FloatArray, slope_high: FloatArray) -> npt.NDArray[np.object_]:
    """rising, falling, flat (the interval holds 0) or unknown (fewer than 4 years), (regions,)."""
    words = np.where(slope_low > 0, "rising", np.where(slope_high < 0, "falling", "flat"))
    return np.where(np.isnan(slope_low), "unknown", words).astype(object)
