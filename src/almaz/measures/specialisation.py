"""How specialised a region is, and in what."""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from almaz.measures.inequality import shares

FloatArray: TypeAlias = npt.NDArray[np.float64]
Against: TypeAlias = Literal["country", "rest", "mean_of_others"]


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
        quotient = np.asarray(activity / rows[..., :, None])
        quotient /= columns / whole
    quotient[~np.isfinite(quotient)] = np.nan
    return quotient


def location_quotient_bounds(
    low: FloatArray, high: FloatArray, base_low: FloatArray, base_high: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """What a location quotient can be when cells are known only between bounds, the reference including the region.

        LQ = (x / b) / (X / B),  X = x + o, B = b + d (o, d: the other regions)
           = x (b + d) / (b (x + o)):  rises with x and d, falls with b and o

    The four are moved to their extremes one by one, so the bounds hold for every filling but need not be reached: where x is
    part of b, the quotient can peak inside the bounds of x. low, high: (regions, industries); base_low, base_high: (regions,).
    Returns two arrays of the shape of low; 0 to 0 where the region has none, inf where nothing limits it.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        others_low = low.sum(axis=-2, keepdims=True) - low
        others_high = high.sum(axis=-2, keepdims=True) - high
        below, above = base_low[..., :, None], base_high[..., :, None]
        rest_low = base_low.sum(axis=-1)[..., None, None] - below
        rest_high = base_high.sum(axis=-1)[..., None, None] - above
        lowest = (low / (low + others_high)) * (1.0 + rest_low / above)
        highest = (high / (high + others_low)) * (1.0 + rest_high / below)
    lowest = np.where(np.isfinite(lowest), lowest, 0.0)
    highest = np.where(high == 0, 0.0, np.where(np.isnan(highest), np.inf, highest))
    return lowest, np.maximum(lowest, highest)


def same_kind_quotient(
    activity: FloatArray, kinds: npt.ArrayLike, reference: FloatArray | None = None, *, excluding: bool = False
) -> FloatArray:
    """Location quotient against activity of the same kind: traded industries against all traded ones, local against local.

        LQ[r, i] = (x[r, i] / Σ_{j of i's kind} x[r, j]) / (X[i] / Σ_{j of i's kind} X[j])

    activity: (..., regions, industries); kinds: (industries,) labels or a mask; reference, excluding: as in location_quotient.
    An unknown cell makes only its own kind unknown. Raises ValueError unless there is one kind per industry.
    Source: U.S. Cluster Mapping Project (traded clusters on the traded base).
    """
    kind = np.asarray(kinds)
    if kind.shape != activity.shape[-1:]:
        raise ValueError(f"kinds of shape {kind.shape} for {activity.shape[-1]} industries")
    quotient = np.empty(activity.shape)
    for one in np.unique(kind):
        of_kind = kind == one
        part = None if reference is None else reference[..., of_kind]
        quotient[..., of_kind] = location_quotient(activity[..., of_kind], part, excluding=excluding)
    return quotient


def symmetric_quotient(quotient: FloatArray) -> FloatArray:
    """The location quotient folded to −1 … 1 with 0 where it is 1: (LQ − 1) / (LQ + 1). Any shape.

    Source: Laursen (1998), revealed symmetric comparative advantage.
    """
    return (quotient - 1.0) / (quotient + 1.0)


def standardised_quotient(quotient: FloatArray, *, logarithmic: bool = False) -> FloatArray:
    """How many standard deviations a region's location quotient is above the mean of the regions in that industry.

        (LQ[r, i] − mean_r LQ[·, i]) / sd_r LQ[·, i],  sd with n − 1

    quotient: (..., regions, industries); logarithmic: of ln LQ (NaN in industries where a region has none). Same shape.
    Source: O'Donoghue and Gleave (2004); of logarithms Tian (2013).
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        values = np.log(quotient) if logarithmic else quotient
        spread = values.std(axis=-2, ddof=1, keepdims=True)
        return np.asarray((values - values.mean(axis=-2, keepdims=True)) / spread)


def krugman_index(
    activity: FloatArray, reference: FloatArray | None = None, *, against: Against = "country"
) -> FloatArray:
    """How far a region's industrial structure is from the reference's: 0 the same, 2 nothing in common.

        K[r] = Σ_i | s[r, i] − s[i] |,  s the shares within the region and within the reference

    activity: (..., regions, industries); reference: (..., industries), a given one. Without it, against "country": the column
    sums with the region (EconGeo's Krugman.index); "rest": the column sums without it; "mean_of_others": the plain mean of the
    other regions' shares (REAT's spec). Half of it is Hoover's coefficient of specialisation. Returns (..., regions).
    Source: Krugman (1991), Geography and Trade; Midelfart-Knarvik et al. (2000).
    """
    own = shares(activity)
    if reference is not None:
        other = shares(reference)[..., None, :]
    elif against == "country":
        other = shares(activity.sum(axis=-2, keepdims=True))
    elif against == "rest":
        other = shares(activity.sum(axis=-2, keepdims=True) - activity)
    else:
        with np.errstate(divide="ignore", invalid="ignore"):
            other = (own.sum(axis=-2, keepdims=True) - own) / np.float64(activity.shape[-2] - 1)
    return np.asarray(np.abs(own - other).sum(axis=-1))


def hachman_index(activity: FloatArray, reference: FloatArray | None = None) -> FloatArray:
    """How close a region's structure is to the reference's: 1 the same, towards 0 the more specialised.

        H[r] = 1 / Σ_i LQ[r, i] · s[r, i] = 1 / Σ_i s[r, i]² / s[i]

    activity: (..., regions, industries); reference: (..., industries), by default the column sums; an industry the region does
    not have adds nothing. Returns (..., regions). Source: Hachman (1995).
    """
    own = shares(activity)
    whole = shares(activity.sum(axis=-2) if reference is None else reference)[..., None, :]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(1.0 / np.where(own == 0, 0.0, own**2 / whole).sum(axis=-1))


def diversity(activity: FloatArray, threshold: float = 1.0) -> FloatArray:
    """In how many industries a region is specialised: the number with LQ ≥ threshold.

    activity: (..., regions, industries). Returns (..., regions); NaN where a quotient is not known (an industry that the region
    does not have is known not to count). EconGeo's diversity with RCA. Source: Hidalgo and Hausmann (2009).
    """
    quotient = np.where(activity == 0, 0.0, location_quotient(activity))
    return np.where(np.isnan(quotient), np.nan, quotient >= threshold).sum(axis=-1)
