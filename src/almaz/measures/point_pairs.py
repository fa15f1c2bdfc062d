"""Counting pairs of points by distance: compiled loops over points sorted into strips, the same numbers on any number of cores.

Work is cut into blocks whose number depends on the points alone, blocks run in joblib's threads (the loops hold no lock),
and their sums are added in order: one core or many give the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numba
import numpy as np
import numpy.typing as npt
from joblib import Parallel, delayed

FloatArray = npt.NDArray[np.float64]
IndexArray = npt.NDArray[np.int64]

BLOCK = 256
MOMENTS = 6
"""Moments 0 … 5 of where a distance lies inside its bin."""
NEAR = 1.0 + 1e-12
"""A point at exactly the distance is within it, however its coordinates were rounded."""
_GUIDE = 4096
_PAIRS_PER_TASK = 20_000_000
_TASKS = 64
_ROW = 8
"""A bin's row: number of pairs, MOMENTS moments, one place to fill a cache line."""


@dataclass(frozen=True)
class Strips:
    """Points sorted by cells of a grid, row by row: all points near a place stand in a few unbroken runs.

    order: (n,) sorted place → given place; x, y: sorted; starts: (rows × columns + 1,) where each cell begins.
    """

    x: FloatArray
    y: FloatArray
    order: IndexArray
    starts: IndexArray
    left: float
    bottom: float
    size: float
    columns: int
    rows: int


def strips(x: FloatArray, y: FloatArray, reach: float) -> Strips:
    """Sort points so that those within `reach` of a place are found fast. O(n log n)."""
    left, bottom = float(x.min(initial=np.inf)), float(y.min(initial=np.inf))
    wide = float(max(x.max(initial=-np.inf) - left, y.max(initial=-np.inf) - bottom, 0.0)) if x.size else 0.0
    finest = wide / max(np.sqrt(x.size / 8.0), 1.0)
    size = max(finest, reach / 8.0) if wide > 0.0 else 1.0
    column = np.floor((x - left) / size).astype(np.int64)
    row = np.floor((y - bottom) / size).astype(np.int64)
    columns, rows = int(column.max(initial=0)) + 1, int(row.max(initial=0)) + 1
    cell = row * columns + column
    order = np.argsort(cell, kind="stable")
    starts = np.searchsorted(cell[order], np.arange(columns * rows + 1))
    return Strips(x[order], y[order], order, starts, left, bottom, size, columns, rows)


def blocks(number: int, others: int) -> list[tuple[int, int]]:
    """Cut `number` points, each met with `others`, into runs of about equal work."""
    many = min(max(1, number * others // _PAIRS_PER_TASK), _TASKS, max(number, 1))
    edges = np.linspace(0, number, many + 1).astype(np.int64).tolist()
    return list(pairwise(edges))


def in_threads(function: Callable[..., Any], tasks: list[tuple[Any, ...]], jobs: int = -1) -> list[Any]:
    """Run a compiled function that holds no lock over tasks in threads; results in the order of the tasks."""
    if len(tasks) == 1 or jobs == 1:
        return [function(*task) for task in tasks]
    return list(Parallel(n_jobs=jobs, require="sharedmem")(delayed(function)(*task) for task in tasks))


def weights_around(
    points: Strips,
    weight: FloatArray,
    own: IndexArray,
    distances: FloatArray,
    *,
    x: FloatArray,
    y: FloatArray,
    jobs: int = -1,
) -> FloatArray:
    """The weight of the points within each distance of each centre, the centre itself left out.

    points: the points, sorted; weight: (n,) in their sorted order; x, y: (m,) centres; own: (m,) the centre's sorted place among
    the points, -1 = it is none of them; distances: (R,) ascending, from 0 on. Returns (m, R).
    """
    squares = np.append((distances * NEAR) ** 2, np.inf)
    reach = float(np.sqrt(squares[-2]))
    scale = _GUIDE / reach if reach > 0.0 else 0.0
    edges = np.arange(_GUIDE + 2) / scale if scale > 0.0 else np.zeros(_GUIDE + 2)
    # a hair before its edge: rounding may not carry a distance past the first of the given ones that holds it
    guide = np.searchsorted(squares[:-1], (edges * (1.0 - 1e-12)) ** 2).astype(np.uint32)
    grid = (points.starts, points.left, points.bottom, points.size, points.columns, points.rows)
    tasks = [
        (points.x, points.y, weight, x[a:b], y[a:b], own[a:b], *grid, squares, guide, scale)
        for a, b in blocks(x.size, points.x.size)
    ]
    found: FloatArray = np.concatenate(in_threads(_weights_around, tasks, jobs))
    return np.asarray(np.cumsum(found, axis=1))


@numba.njit(nogil=True, cache=True)
def _weights_around(  # type: ignore[no-untyped-def]  # pragma: no cover
    x, y, w, centre_x, centre_y, own, starts, left, bottom, size, columns, rows, squares, guide, scale
):
    last = squares.size - 2
    cap = squares[last]
    reach = np.sqrt(cap)
    found = np.zeros((centre_x.size, last + 2))
    step = np.empty(BLOCK, np.uint32)
    square = np.empty(BLOCK)
    for m in range(centre_x.size):
        xm, ym = centre_x[m], centre_y[m]
        held = found[m]
        first = min(max(int((xm - reach - left) / size) - 1, 0), columns - 1)
        final = min(max(int((xm + reach - left) / size) + 1, 0), columns - 1)
        low = min(max(int((ym - reach - bottom) / size) - 1, 0), rows - 1)
        high = min(max(int((ym + reach - bottom) / size) + 1, 0), rows - 1)
        for row in range(low, high + 1):
            begin, end = starts[row * columns + first], starts[row * columns + final + 1]
            for base in range(begin, end, BLOCK):
                many = min(BLOCK, end - base)
                xs, ys, ws = x[base : base + many], y[base : base + many], w[base : base + many]
                for b in range(many):
                    dx, dy = xs[b] - xm, ys[b] - ym
                    d2 = dx * dx + dy * dy
                    square[b] = d2
                    # not min(): it would keep the loop from being vectorised
                    step[b] = np.int32(np.sqrt(d2 if d2 < cap else cap) * scale)
                for b in range(many):
                    k = np.uint64(guide[step[b]])
                    while square[b] > squares[k]:
                        k += np.uint64(1)
                    held[k] += ws[b]
        if own[m] >= 0:
            held[0] -= w[own[m]]
    return found[:, : last + 1]


@dataclass(frozen=True)
class DistanceMoments:
    """Distances of pairs, folded into bins of one width.

    bins: the non-empty bins' numbers; pairs: how many pairs lie in each; moments: (bins, MOMENTS), Σ w u^j with w the pair's
    weight and u, -½ … ½, where in the bin the distance lies. A bin k covers origin + k width … origin + (k + 1) width.
    """

    origin: float
    width: float
    bins: IndexArray
    pairs: FloatArray
    moments: FloatArray

    @property
    def centres(self) -> FloatArray:
        """The middle of every bin."""
        return np.asarray(self.origin + (self.bins + 0.5) * self.width)


@dataclass(frozen=True)
class Pairs:
    """Which pairs are met: every centre with every point, or, `half`, every two points once.

    weight: (n,) in the sorted order of points; x, y, centre_weight: (m,); own: (m,) sorted places, where half.
    """

    points: Strips
    weight: FloatArray
    x: FloatArray
    y: FloatArray
    centre_weight: FloatArray
    own: IndexArray
    half: bool

    @property
    def number(self) -> int:
        """How many pairs there are, near and far."""
        return self.x.size * (self.x.size - 1) // 2 if self.half else self.x.size * self.points.x.size

    @property
    def total_weight(self) -> float:
        """The sum of the weights of all pairs."""
        if self.half:
            return float((self.weight.sum() ** 2 - (self.weight**2).sum()) / 2.0)
        return float(self.centre_weight.sum() * self.weight.sum())


def pairs_within(x: FloatArray, y: FloatArray, weight: FloatArray, reach: float) -> Pairs:
    """Every two of some points, once."""
    points = strips(x, y, reach)
    w = weight[points.order]
    return Pairs(points, w, points.x, points.y, w, np.arange(x.size), half=True)


def pairs_between(
    x: FloatArray,
    y: FloatArray,
    weight: FloatArray,
    centres: npt.NDArray[np.bool_],
    others: npt.NDArray[np.bool_],
    reach: float,
) -> Pairs:
    """Every one of the centres with every one of the others."""
    points = strips(x[others], y[others], reach)
    own = np.full(int(centres.sum()), -1)
    return Pairs(points, weight[others][points.order], x[centres], y[centres], weight[centres], own, half=False)


def distance_moments(
    pairs: Pairs, width: float, bins: int, *, origin: float = 0.0, sign: float = 1.0, reach: float, jobs: int = -1
) -> DistanceMoments:
    """Fold the distances of pairs, times `sign`, up to `reach`, into bins; those outside the bins are left out."""
    p = pairs.points
    grid = (p.starts, p.left, p.bottom, p.size, p.columns, p.rows)
    tasks = [
        (p.x, p.y, pairs.weight, pairs.x[a:b], pairs.y[a:b], pairs.centre_weight[a:b], pairs.own[a:b], *grid,
         pairs.half, reach, origin, 1.0 / width, sign, bins)
        for a, b in blocks(pairs.x.size, p.x.size)
    ]  # fmt: skip
    held = np.add.reduce(in_threads(_distance_moments, tasks, jobs), axis=0)
    full = np.flatnonzero(held[:, 0])
    return DistanceMoments(origin, width, full, held[full, 0], held[full, 1 : 1 + MOMENTS])


@numba.njit(nogil=True, cache=True)
def _distance_moments(  # type: ignore[no-untyped-def]  # pragma: no cover
    x,
    y,
    w,
    centre_x,
    centre_y,
    centre_w,
    own,
    starts,
    left,
    bottom,
    size,
    columns,
    rows,
    half,
    reach,
    origin,
    per,
    sign,
    bins,
):
    held = np.zeros((bins + 1, _ROW))
    cap, beyond = reach * reach, np.float64(bins)
    place = np.empty(BLOCK)
    for m in range(centre_x.size):
        xm, ym, wm = centre_x[m], centre_y[m], centre_w[m]
        first = min(max(int((xm - reach - left) / size) - 1, 0), columns - 1)
        final = min(max(int((xm + reach - left) / size) + 1, 0), columns - 1)
        low = min(max(int((ym - reach - bottom) / size) - 1, 0), rows - 1)
        high = min(max(int((ym + reach - bottom) / size) + 1, 0), rows - 1)
        for row in range(low, high + 1):
            begin, end = starts[row * columns + first], starts[row * columns + final + 1]
            if half and begin <= own[m]:
                begin = own[m] + 1
            for base in range(begin, end, BLOCK):
                many = min(BLOCK, end - base)
                xs, ys, ws = x[base : base + many], y[base : base + many], w[base : base + many]
                for b in range(many):
                    dx, dy = xs[b] - xm, ys[b] - ym
                    d2 = dx * dx + dy * dy
                    t = (sign * np.sqrt(d2) - origin) * per
                    place[b] = t if d2 <= cap and t >= 0.0 and t < beyond else beyond
                for b in range(many):
                    k = np.uint64(place[b])
                    u = place[b] - np.float64(np.int64(k)) - 0.5
                    v, u2 = wm * ws[b], u * u
                    vu, vu2 = v * u, v * u2
                    vu3, vu4 = vu * u2, vu2 * u2
                    held[k, 0] += 1.0
                    held[k, 1] += v
                    held[k, 2] += vu
                    held[k, 3] += vu2
                    held[k, 4] += vu3
                    held[k, 5] += vu4
                    held[k, 6] += vu3 * u2
    return held[:bins]


def distances_in_bins(
    pairs: Pairs, folded: DistanceMoments, wanted: IndexArray, reach: float, jobs: int = -1
) -> FloatArray:
    """The distances themselves of the pairs in some bins (numbers), ascending."""
    p = pairs.points
    grid = (p.starts, p.left, p.bottom, p.size, p.columns, p.rows)
    number = folded.pairs[np.isin(folded.bins, wanted)].sum()
    chosen = np.zeros(int(folded.bins.max()) + 1, dtype=np.bool_)
    chosen[wanted] = True
    tasks = [
        (p.x, p.y, pairs.x[a:b], pairs.y[a:b], pairs.own[a:b], *grid,
         pairs.half, reach, folded.origin, 1.0 / folded.width, chosen, int(number))
        for a, b in blocks(pairs.x.size, p.x.size)
    ]  # fmt: skip
    return np.sort(np.concatenate(in_threads(_distances_in_bins, tasks, jobs)))


@numba.njit(nogil=True, cache=True)
def _distances_in_bins(  # type: ignore[no-untyped-def]  # pragma: no cover
    x, y, centre_x, centre_y, own, starts, left, bottom, size, columns, rows, half, reach, origin, per, chosen, number
):
    kept = np.empty(number)
    many = 0
    cap, beyond = reach * reach, np.float64(chosen.size)
    marked = np.append(chosen, np.array([False]))
    apart = np.empty(BLOCK)
    place = np.empty(BLOCK, np.uint32)
    for m in range(centre_x.size):
        xm, ym = centre_x[m], centre_y[m]
        first = min(max(int((xm - reach - left) / size) - 1, 0), columns - 1)
        final = min(max(int((xm + reach - left) / size) + 1, 0), columns - 1)
        low = min(max(int((ym - reach - bottom) / size) - 1, 0), rows - 1)
        high = min(max(int((ym + reach - bottom) / size) + 1, 0), rows - 1)
        for row in range(low, high + 1):
            begin, end = starts[row * columns + first], starts[row * columns + final + 1]
            if half and begin <= own[m]:
                begin = own[m] + 1
            for base in range(begin, end, BLOCK):
                size_here = min(BLOCK, end - base)
                xs, ys = x[base : base + size_here], y[base : base + size_here]
                for b in range(size_here):
                    dx, dy = xs[b] - xm, ys[b] - ym
                    d2 = dx * dx + dy * dy
                    apart[b] = np.sqrt(d2)
                    t = (apart[b] - origin) * per
                    place[b] = np.uint32(t) if d2 <= cap and t >= 0.0 and t < beyond else np.uint32(chosen.size)
                for b in range(size_here):
                    if marked[place[b]]:
                        kept[many] = apart[b]
                        many += 1
    return kept[:many]
