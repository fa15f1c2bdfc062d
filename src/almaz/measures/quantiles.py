"""Passing a percentile of regions: by one set of figures, and by every figure that bounds allow.

Whether a region passes the linearly interpolated quantile of its column needs no interpolation: among n values, sorted,
the quantile lies at position h = (n − 1) p, so

    v ≥ Q  ⟺  #{others ≤ v} ≥ ⌈h⌉,        v > Q  ⟺  #{others < v} ≥ ⌊h⌋ + 1.

That turns "for every filling of hidden cells" into counting, with the effect of fillings on the cut-off included.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

FloatArray: TypeAlias = npt.NDArray[np.float64]
BoolArray: TypeAlias = npt.NDArray[np.bool_]


def quantile(values: FloatArray, chosen: BoolArray, share: float) -> FloatArray:
    """The linearly interpolated quantile of each column over its chosen rows; NaN where a column has none.

    values, chosen: (regions, columns); share: in [0, 1]. Returns (columns,). Source: Hyndman and Fan (1996), type 7.
    """
    result = np.full(values.shape[1], np.nan)
    for column in range(values.shape[1]):
        held = values[chosen[:, column] & ~np.isnan(values[:, column]), column]
        if held.size:
            result[column] = np.quantile(held, share)
    return result


def passes_quantile(values: FloatArray, chosen: BoolArray, share: float, *, strict: bool = False) -> BoolArray:
    """Which chosen regions reach (strict: exceed) the quantile of the chosen regions of their column.

    values, chosen: (regions, columns). Returns the same shape; False where not chosen or not known.
    """
    known = chosen & ~np.isnan(values)
    return surely_passes_quantile(values, values, known, known, share, strict=strict)


def surely_passes_quantile(
    low: FloatArray, high: FloatArray, surely: BoolArray, possibly: BoolArray, share: float, *, strict: bool = False
) -> BoolArray:
    """Which regions reach the quantile whatever the figures between the bounds are, and whoever is then counted.

        own figure at its low, every other at its high; of the regions that may be there, those above it are

    low ≤ high: (regions, columns); surely: there under every filling; possibly: there under some. Exact for bounds that
    are independent of each other, and valid (never True wrongly) for any. A region that may be absent never passes surely.
    """
    columns = [_surely(low[:, c], high[:, c], surely[:, c], possibly[:, c], share, strict) for c in range(low.shape[1])]
    return np.stack(columns, axis=1)


def _surely(
    low: FloatArray, high: FloatArray, surely: BoolArray, possibly: BoolArray, share: float, strict: bool
) -> BoolArray:
    there, maybe = np.sort(high[surely]), np.sort(high[possibly & ~surely])
    result = np.zeros(low.size, dtype=bool)
    own = low[surely]
    side: Literal["left", "right"] = "left" if strict else "right"
    below = np.searchsorted(there, own, side) - ((not strict) & (high[surely] <= own))
    above = maybe.size - np.searchsorted(maybe, own, side)
    result[surely] = below >= _needed(there.size - 1 + above, share, strict)
    return result


def possibly_passes_quantile(
    low: FloatArray, high: FloatArray, surely: BoolArray, possibly: BoolArray, share: float, *, strict: bool = False
) -> BoolArray:
    """Which regions reach the quantile under some figures between the bounds; never False wrongly.

        own figure at its high, every other at its low; of the regions that may be there, those below it are

    Arguments as in `surely_passes_quantile`.
    """
    columns = [
        _possibly(low[:, c], high[:, c], surely[:, c], possibly[:, c], share, strict) for c in range(low.shape[1])
    ]
    return np.stack(columns, axis=1)


def _possibly(
    low: FloatArray, high: FloatArray, surely: BoolArray, possibly: BoolArray, share: float, strict: bool
) -> BoolArray:
    there, maybe = np.sort(low[surely]), np.sort(low[possibly & ~surely])
    result = np.zeros(low.size, dtype=bool)
    own, sure = high[possibly], surely[possibly]
    side: Literal["left", "right"] = "left" if strict else "right"
    itself = low[possibly] < own if strict else np.ones(own.size, dtype=bool)
    below = np.searchsorted(there, own, side) - (sure & itself)
    added = np.searchsorted(maybe, own, side) - (~sure & itself)
    result[possibly] = below + added >= _needed(there.size - sure + added, share, strict)
    return result


def _needed(others: npt.NDArray[np.intp], share: float, strict: bool) -> npt.NDArray[np.float64]:
    # Rounded first: 100 × 0.55 is 55.00000000000001.
    place = np.round(others * share, 9)
    return np.floor(place) + 1.0 if strict else np.ceil(place)


def percentile_place(values: FloatArray) -> FloatArray:
    """Share of the other known regions of the column that lie below, those that tie counting half. 0 to 1.

        (midrank − 1) / (n − 1)

    values: (regions, columns). NaN stays NaN; 0.5 for a region alone. Source: mid-ranks, Kendall (1945).
    """
    known = ~np.isnan(values)
    ranks = rankdata(np.where(known, values, np.inf), axis=0)
    n = known.sum(axis=0)
    place = np.where(n > 1, (ranks - 1.0) / np.maximum(n - 1, 1), 0.5)
    return np.where(known, place, np.nan)


def place_among(values: FloatArray, others: FloatArray) -> FloatArray:
    """Where values would stand among the known ones of each column were they put in place of one of them: ties half. 0 to 1.

        (below + max(ties − 1, 0) / 2) / (n − 1)

    which for `values` = `others` is `percentile_place`. values: (m, columns); others: (regions, columns). NaN for NaN, and where
    fewer than two are known. Source: mid-ranks, Kendall (1945).
    """
    result = np.full(values.shape, np.nan)
    for column in range(values.shape[1]):
        held = np.sort(others[:, column][~np.isnan(others[:, column])])
        if held.size < 2:
            continue
        asked = values[:, column]
        below, up_to = np.searchsorted(held, asked, "left"), np.searchsorted(held, asked, "right")
        place = np.clip((below + np.maximum(up_to - below - 1, 0) / 2) / (held.size - 1), 0.0, 1.0)
        result[:, column] = np.where(np.isnan(asked), np.nan, place)
    return result
