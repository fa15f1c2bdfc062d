"""The least and the greatest location quotient that bounds of cells allow: reached, not only safe."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float64]


def shared_quotient_bounds(
    low: FloatArray,
    high: FloatArray,
    rows: tuple[FloatArray, FloatArray] | None = None,
    held: tuple[FloatArray, FloatArray] | None = None,
    columns: tuple[FloatArray, FloatArray] | None = None,
    *,
    excluding: bool = False,
) -> tuple[FloatArray, FloatArray]:
    """Bounds of LQ where the base of a region is the sum of its own cells: sharp over all cells between their bounds.

        LQ = (x / b) / ((x + o) / (b + d)),   b = x + y,  d = o + z

    x the cell, y the region's other cells, o the same column in the other regions, z all the rest. For given x, LQ falls with
    y and o and rises with z, so they stand at their ends: (y, o, z) = (least, least, most) for the greatest LQ and the reverse
    for the least. Along x, with y, o, z fixed, d ln LQ / dx has the sign of −z x² + 2 y o x + (y + o + z) y o: LQ rises to

        x* = (y o + √(y² o² + z (y + o + z) y o)) / z

    and falls beyond it. So the greatest LQ is at x* moved into [low, high], and the least at one of the two ends.
    A base that is known better than its cells, held[0] ≤ x + y ≤ held[1] (published totals), cuts the range of x and y; on the
    edge where b is held LQ rises with x, so the greatest LQ is at x* moved into [held[0] − y_low, high] and the least is
    at low or where b = held[1] begins to bind. d is held between the sums of the other regions' base bounds. A column that is
    known better than its cells (columns: least and most of X, from regions above) does the same for x + o.
    excluding: the reference without the region, LQ = (x / b) / (o / d): rises with x and z, falls with y and o.

    low, high: (regions, columns); rows: least and most of all cells of each region's base, (regions, 1), by default the sums
    of the columns (more where the base has industries of no column); held: (regions,) each; columns: (columns,) each. Returns two
    arrays like low:
    0 to 0 where the region has none, inf where nothing limits it.
    Source: ours (monotone in each argument but one); docs/methods/hidden_cells.md.
    """
    below, above = rows or (low.sum(axis=1, keepdims=True), high.sum(axis=1, keepdims=True))
    least = below if held is None else np.maximum(below, np.minimum(held[0][:, None], above))
    most = above if held is None else np.maximum(np.minimum(above, held[1][:, None]), least)
    y, o, z = (list(pair) for pair in zip(_around(low, below), _around(high, above), strict=True))
    d = _around(least, least)[1], _around(most, most)[1]
    none = (np.zeros(low.shape[1]), np.full(low.shape[1], np.inf))
    column_low, column_high = (np.broadcast_to(end, low.shape) for end in columns or none)
    column_high = np.maximum(column_high, low + o[0])
    with np.errstate(invalid="ignore"):
        x_low = np.fmax(np.fmax(low, least - y[1]), column_low - o[1])
        x_high = np.maximum(np.fmin(np.fmin(high, most - y[0]), column_high - o[0]), low)
    x_low = np.minimum(x_low, x_high)
    greatest = _greatest(x_low, x_high, _Others(y[0], o[0], z[1], d[1], least, column_low), excluding)
    smallest = _smallest(x_low, x_high, _Others(y[1], o[1], z[0], d[0], most, column_high), excluding)
    greatest = np.where(high == 0, 0.0, np.where(np.isnan(greatest), np.inf, greatest))
    smallest = np.where(np.isfinite(smallest), smallest, 0.0)
    return np.minimum(smallest, greatest), greatest


def _around(table: FloatArray, rows: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """For every cell the sums of the others of its row, of the others of its column, and of all the rest.

    rows: (regions, 1), what each row adds up to, columns that are not shown included."""
    endless = np.isinf(table).astype(np.float64)
    unseen = np.where(np.isinf(rows), 0.0, rows - np.where(endless > 0, 0.0, table).sum(axis=1, keepdims=True))
    more = (np.isinf(rows) & (endless.sum(axis=1, keepdims=True) == 0)).astype(np.float64)
    sums = []
    for part, rest in ((np.where(endless > 0, 0.0, table), np.maximum(unseen, 0.0)), (endless, more)):
        row, column = part.sum(axis=1, keepdims=True) + rest, part.sum(axis=0, keepdims=True)
        sums.append((row - part, column - part, row.sum() - row - column + part))
    y, o, z = (np.where(number > 0.5, np.inf, np.maximum(rest, 0.0)) for rest, number in zip(*sums, strict=True))
    return y, o, z


def _quotient(x: FloatArray, b: FloatArray, o: FloatArray, d: FloatArray, excluding: bool) -> FloatArray:
    with np.errstate(divide="ignore", invalid="ignore"):
        if excluding:
            return np.asarray((x / b) / (o / d))
        whole = np.where(np.isinf(d), np.inf, (b + d) / b)
        return np.asarray(np.where(x == 0, 0.0, x / (x + o)) * whole)


@dataclass(frozen=True)
class _Others:
    """The ends at which all but x stand: y, o, z; d, base and column as far as they are known for themselves."""

    y: FloatArray
    o: FloatArray
    z: FloatArray
    d: FloatArray
    base: FloatArray
    column: FloatArray


def _greatest(x_low: FloatArray, x_high: FloatArray, at: _Others, excluding: bool) -> FloatArray:
    z = np.maximum(np.minimum(at.d, at.o + at.z) - at.o, 0.0)
    product = at.y * at.o
    with np.errstate(divide="ignore", invalid="ignore"):
        peak = (product + np.sqrt(product**2 + z * (at.y + at.o + z) * product)) / z
    peak = np.where(np.isnan(peak) | excluding | np.isinf(z), x_high, peak)
    held = np.clip(np.maximum(at.base - at.y, at.column - at.o), x_low, x_high)
    x = np.clip(peak, held, x_high)
    x = np.where(np.isinf(x), np.maximum(held, 1e300), x)
    o = np.maximum(at.o, at.column - x)
    return _quotient(x, np.maximum(at.base, x + at.y), o, np.minimum(at.d, o + at.z), excluding)


def _smallest(x_low: FloatArray, x_high: FloatArray, at: _Others, excluding: bool) -> FloatArray:
    with np.errstate(invalid="ignore"):
        ends = [x_low, *(np.clip(np.where(np.isinf(known), x_high, known - rest), x_low, x_high)
                         for known, rest in ((at.base, at.y), (at.column, at.o)))]  # fmt: skip
        found = []
        for x in ends:
            o = np.maximum(np.fmin(at.o, at.column - x), 0.0)
            found.append(_quotient(x, np.minimum(at.base, x + at.y), o, np.maximum(at.d, o + at.z), excluding))
    return np.asarray(np.fmin.reduce(found))
