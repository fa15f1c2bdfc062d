"""How activity changed, and how much of the change is the region's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float64]


def growth(before: FloatArray, after: FloatArray) -> FloatArray:
    """Relative change after/before − 1; NaN where there was nothing or it is not known. Any equal shapes."""
    with np.errstate(divide="ignore", invalid="ignore"):
        change = after / before - 1.0
    return np.where(np.isfinite(change), change, np.nan)


def compound_growth(before: FloatArray, after: FloatArray, years: float) -> FloatArray:
    """Compound annual growth rate (after/before)^(1/years) − 1; NaN where there was nothing. Any equal shapes."""
    return (1.0 + growth(before, after)) ** (1.0 / years) - 1.0


def industry_growth(before: FloatArray, after: FloatArray) -> FloatArray:
    """Growth of every industry over all regions. Both (..., regions, industries). Returns (..., industries).

    EconGeo's growth.ind is 100 times this number to two decimals, with 0 where there was nothing.
    """
    return growth(before.sum(axis=-2), after.sum(axis=-2))


@dataclass(frozen=True)
class ShiftShare:
    """Parts of the change after − before, each (..., regions, industries); they add up to it.

    national: had the region grown as the country; mix: because its industries grew otherwise than the country; regional: what is
    the region's own; allocation: specialisation in what the region does better (Esteban-Marquillas only, else 0).
    """

    national: FloatArray
    mix: FloatArray
    regional: FloatArray
    allocation: FloatArray

    def by_region(self) -> ShiftShare:
        """The same parts summed over industries: (..., regions)."""
        return ShiftShare(*(part.sum(axis=-1) for part in self._parts()))

    def over_periods(self) -> ShiftShare:
        """The same parts summed over the first axis: from yearly parts to dynamic ones."""
        return ShiftShare(*(part.sum(axis=0) for part in self._parts()))

    def _parts(self) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        return self.national, self.mix, self.regional, self.allocation


def shift_share(
    before: FloatArray,
    after: FloatArray,
    country_before: FloatArray | None = None,
    country_after: FloatArray | None = None,
    method: Literal["dunn", "esteban_marquillas"] = "dunn",
) -> ShiftShare:
    """Split the change of every region × industry cell.

        national = x g,  mix = x (g_i − g),  regional = x (g_ri − g_i)   (= after − before − national − mix)
        esteban_marquillas: regional = h (g_ri − g_i), allocation = (x − h)(g_ri − g_i), h = x_r · X_i / X

    before, after: (..., regions, industries), one unit; country_*: (..., industries), by default the column sums. NaN stays NaN.
    An industry that the country did not have before has its whole change in `regional`. Esteban-Marquillas needs a rate g_ri:
    where the region had nothing and got something, the split is not defined: both parts are NaN (their sum is Dunn's);
    where it had nothing and got nothing, both are 0.
    Source: Dunn (1960); Esteban-Marquillas (1972).
    """
    old = before.sum(axis=-2, keepdims=True) if country_before is None else np.asarray(country_before)[..., None, :]
    new = after.sum(axis=-2, keepdims=True) if country_after is None else np.asarray(country_after)[..., None, :]
    overall = growth(old.sum(axis=-1, keepdims=True), new.sum(axis=-1, keepdims=True))
    by_industry = np.where((old == 0) & ~np.isnan(new), 0.0, growth(old, new))
    national, mix = before * overall, before * (by_industry - overall)
    regional = after - before - national - mix
    if method == "dunn":
        return ShiftShare(national, mix, regional, 0.0 * regional)
    with np.errstate(divide="ignore", invalid="ignore"):
        weight = before.sum(axis=-1, keepdims=True) * (old / old.sum(axis=-1, keepdims=True)) / before
        even = np.where((before == 0) & (after == 0), 0.0, regional * weight)
    even = np.where(np.isfinite(even), even, np.nan)
    return ShiftShare(national, mix, even, regional - even)


def dynamic_shift_share(
    series: FloatArray,
    country: FloatArray | None = None,
    method: Literal["dunn", "esteban_marquillas"] = "dunn",
) -> ShiftShare:
    """Shift-share year by year, the yearly parts added, so that structure and rates may change on the way.

        part = Σ_t part(x_t → x_{t+1})

    series: (years, ..., regions, industries), in order; country: (years, ..., industries), by default the column sums.
    Returns parts of (..., regions, industries). Source: Barff and Knight (1988).
    """
    old, new = (None, None) if country is None else (country[:-1], country[1:])
    return shift_share(series[:-1], series[1:], old, new, method).over_periods()


@dataclass(frozen=True)
class ShiftFactors:
    """Growth factors relative to the country's, each (..., regions): net = structure × location."""

    structure: FloatArray
    location: FloatArray
    net: FloatArray


def shift_factors(
    before: FloatArray,
    after: FloatArray,
    country_before: FloatArray | None = None,
    country_after: FloatArray | None = None,
) -> ShiftFactors:
    """Shift-share as an index: by what factor the region outgrew the country, by its structure and by itself.

        structure = (Σ_i x_i G_i / Σ x) / G,  location = Σ after / Σ_i x_i G_i,  net = (Σ after / Σ x) / G,  G = after/before

    Arguments as in shift_share. An industry the region did not have adds nothing to what was expected. For a dynamic index pass
    series[:-1] and series[1:] and multiply over the first axis. Source: Gerfin (1964).
    """
    old = before.sum(axis=-2, keepdims=True) if country_before is None else np.asarray(country_before)[..., None, :]
    new = after.sum(axis=-2, keepdims=True) if country_after is None else np.asarray(country_after)[..., None, :]
    with np.errstate(divide="ignore", invalid="ignore"):
        expected = np.where((before == 0) & ~np.isnan(old + new), 0.0, before * (new / old)).sum(axis=-1)
        start, end = before.sum(axis=-1), after.sum(axis=-1)
        overall = new.sum(axis=-1) / old.sum(axis=-1)
        return ShiftFactors(expected / start / overall, end / expected, end / start / overall)
