"""How specialised a region is, and in what."""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float64]


def location_quotient(
    activity: FloatArray,
    reference: FloatArray | None = None,
    *,
    base: FloatArray | None = None,
    reference_base: FloatArray | None = None,
    excluding: bool = False,
) -> FloatArray:
    """How many times larger an industry's share is in a region than in the reference economy.

        LQ[r, i] = (activity[r, i] / base[r]) / (reference[i] / reference_base)

    activity: (..., regions, industries), any additive unit, NaN = not known, leading axes (draws, years) at will;
    reference: (..., industries), by default the column sums; base: (..., regions), what a share is a share of, by default
    the row sums (pass the traded total, or population for activity per head); reference_base: (...,), by default the sum
    of base when base is given and of reference otherwise; excluding: take the region itself out of the reference.
    Returns the shape of activity; NaN where a region or an industry of the reference is empty or not known.
    Source: Florence (1939); Isard (1960), ch. 7.
    """
    rows = activity.sum(axis=-1) if base is None else base
    columns = activity.sum(axis=-2) if reference is None else reference
    summed = columns if base is None else rows
    whole = summed.sum(axis=-1) if reference_base is None else reference_base
    columns, whole = columns[..., None, :], np.asarray(whole)[..., None, None]
    if excluding:
        columns, whole = columns - activity, whole - rows[..., :, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        quotient = (activity / rows[..., :, None]) / (columns / whole)
    return np.where(np.isfinite(quotient), quotient, np.nan)


def location_quotient_bounds(
    low: FloatArray, high: FloatArray, base_low: FloatArray, base_high: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """What a location quotient can be when cells are known only between bounds, the reference including the region.

        LQ = (x / b) / (X / B),  X = x + o, B = b + d (o, d: the other regions)
           = x (b + d) / (b (x + o)):  rises with x and d, falls with b and o

    The four are moved to their extremes one by one, so the bounds hold for every filling but need not be reached (x is part
    of b). low, high: (regions, industries); base_low, base_high: (regions,). Returns two arrays of the shape of low.
    """
    others_low = low.sum(axis=-2, keepdims=True) - low
    others_high = high.sum(axis=-2, keepdims=True) - high
    below, above = base_low[..., :, None], base_high[..., :, None]
    rest_low = base_low.sum(axis=-1)[..., None, None] - below
    rest_high = base_high.sum(axis=-1)[..., None, None] - above
    # x is part of b: b cannot be less than x, nor less than its own bound.
    with np.errstate(divide="ignore", invalid="ignore"):
        lowest = (low / (low + others_high)) * (1.0 + rest_low / np.maximum(above, low))
        highest = (high / (high + others_low)) * (1.0 + rest_high / np.maximum(below, high * (below > 0)))
    lowest = np.where(np.isfinite(lowest), lowest, 0.0)
    highest = np.where(np.isnan(highest), np.inf, highest)
    return np.minimum(lowest, highest), np.maximum(lowest, highest)


def krugman_index(activity: FloatArray, reference: FloatArray | None = None) -> FloatArray:
    """How far a region's industrial structure is from the reference's: 0 the same, 2 nothing in common.

        K[r] = Σ_i | s[r, i] − s[i] |,  s the shares within the region and within the reference

    activity: (regions, industries); reference: (industries,), by default the column sums. Returns (regions,).
    Source: Krugman (1991), Geography and Trade.
    """
    columns = activity.sum(axis=-2) if reference is None else reference
    return np.abs(shares(activity) - shares(columns)).sum(axis=-1)


def hachman_index(activity: FloatArray, reference: FloatArray | None = None) -> FloatArray:
    """How close a region's structure is to the reference's: 1 the same, towards 0 the more specialised.

        H[r] = 1 / Σ_i LQ[r, i] · s[r, i]

    activity: (regions, industries); reference: (industries,). Returns (regions,). Source: Hachman (1995).
    """
    return 1.0 / np.nansum(location_quotient(activity, reference) * shares(activity), axis=-1)


def entropy(activity: FloatArray) -> FloatArray:
    """How evenly a region's activity is spread over industries, in bits: −Σ_i s log₂ s, 0 to log₂(industries).

    activity: (..., industries). Returns (...). Source: Shannon (1948).
    """
    share = shares(activity)
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(share > 0, -share * np.log2(share), 0.0 * share)
    return terms.sum(axis=-1)


def diversity(activity: FloatArray) -> npt.NDArray[np.int64]:
    """In how many industries a region is specialised: the number with LQ ≥ 1. activity: (regions, industries).

    Source: Hidalgo and Hausmann (2009).
    """
    return np.asarray((location_quotient(activity) >= 1).sum(axis=-1), dtype=np.int64)


def litzenberger_sternberg(
    employment: FloatArray,
    establishments: FloatArray,
    area: FloatArray,
    population: FloatArray,
) -> FloatArray:
    """The cluster index of one industry over regions: density × stock × establishments, each relative to the country.

        CI = ((e/E) / (a/A)) · ((e/E) / (p/P)) · ((b/B) / (e/E))

    e employment and b establishments of the industry, a area, p population of each region, capitals their sums; all (regions,).
    Source: Litzenberger and Sternberg (2006), after Sternberg and Litzenberger (2004).
    """
    e, b, a, p = (array / array.sum() for array in (employment, establishments, area, population))
    return (e / a) * (e / p) * (b / e)


def shares(activity: FloatArray, axis: Literal[-1, -2] = -1) -> FloatArray:
    """Shares along an axis; NaN where the whole is zero or not known. activity: (...)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return activity / activity.sum(axis=axis, keepdims=True)
