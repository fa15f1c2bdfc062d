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


@dataclass(frozen=True)
class ShiftShare:
    """Parts of the change after − before, each (regions, industries); they add up to it.

    national: had the region grown as the country; mix: because its industries grew otherwise than the country; regional: what is
    the region's own; allocation: specialisation in what the region does better (Esteban-Marquillas only, else 0).
    """

    national: FloatArray
    mix: FloatArray
    regional: FloatArray
    allocation: FloatArray


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

    before, after: (regions, industries), one unit; country_*: (industries,), by default the column sums. NaN stays NaN.
    An industry that did not exist before has its whole change in `regional`.
    Source: Dunn (1960); Esteban-Marquillas (1972).
    """
    old = before.sum(axis=0) if country_before is None else country_before
    new = after.sum(axis=0) if country_after is None else country_after
    overall = new.sum() / old.sum() - 1.0
    by_industry = np.nan_to_num(growth(old, new))
    national, mix = before * overall, before * (by_industry - overall)
    regional = after - before - national - mix
    if method == "dunn":
        return ShiftShare(national, mix, regional, np.zeros_like(regional) + 0.0 * regional)
    with np.errstate(divide="ignore", invalid="ignore"):
        even = np.where(before > 0, before.sum(axis=1, keepdims=True) * old / old.sum() / before, 0.0)
    return ShiftShare(national, mix, regional * even, regional * (1.0 - even))
