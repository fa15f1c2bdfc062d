"""Counting pairs of points with the translation correction: a pair seen less often because the window ends counts more."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt

from almaz.measures.point_pairs import NEAR, blocks, in_threads, strips

FloatArray = npt.NDArray[np.float64]


def translated_weights(
    x: FloatArray,
    y: FloatArray,
    centres: npt.NDArray[np.int64],
    distances: FloatArray,
    wide: float,
    high: float,
    *,
    jobs: int = -1,
) -> FloatArray:
    """Over the pairs of a centre and another point within each distance, the sum of 1 / ((wide − |Δx|)(high − |Δy|)).

    centres: places among the points; wide, high: sides of the window, both infinite: every pair counts 1. Returns (R,).
    """
    points = strips(x, y, float(distances[-1]))
    place = np.empty(x.size, dtype=np.int64)
    place[points.order] = np.arange(x.size)
    own = np.sort(place[centres])
    half = own.size == x.size  # every pair is met from either end: once is enough
    squares = np.append((distances * NEAR) ** 2, np.inf)
    grid = (points.starts, points.left, points.bottom, points.size, points.columns, points.rows)
    tasks = [(points.x, points.y, own[a:b], *grid, squares, wide, high, half) for a, b in blocks(own.size, x.size)]
    sums = np.cumsum(np.add.reduce(in_threads(_translated, tasks, jobs), axis=0))
    return np.asarray(2.0 * sums if half else sums)


@numba.njit(nogil=True, cache=True)
def _translated(  # type: ignore[no-untyped-def]  # pragma: no cover
    x, y, own, starts, left, bottom, size, columns, rows, squares, wide, high, half
):
    held = np.zeros(squares.size)
    cap = squares[squares.size - 2]
    reach = np.sqrt(cap)
    plain = np.isinf(wide)
    for m in own:
        xm, ym = x[m], y[m]
        first = min(max(int((xm - reach - left) / size) - 1, 0), columns - 1)
        final = min(max(int((xm + reach - left) / size) + 1, 0), columns - 1)
        low = min(max(int((ym - reach - bottom) / size) - 1, 0), rows - 1)
        high_row = min(max(int((ym + reach - bottom) / size) + 1, 0), rows - 1)
        for row in range(low, high_row + 1):
            begin, end = starts[row * columns + first], starts[row * columns + final + 1]
            for j in range(max(begin, m + 1) if half else begin, end):
                dx, dy = abs(x[j] - xm), abs(y[j] - ym)
                d2 = dx * dx + dy * dy
                if d2 <= cap and j != m:
                    k = np.searchsorted(squares, d2)
                    held[k] += 1.0 if plain else 1.0 / ((wide - dx) * (high - dy))
    return held[:-1]
