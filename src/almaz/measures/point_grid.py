"""Pairs of very many points by distance, on a grid: autocorrelation of the nodes' weights by fast Fourier transform.

Every point is shared out among the four nodes around it, so that its place on average is its own, and a pair's distance errs
only in the second order of the cell's size; near pairs, where even that would show, are counted one by one (`points`). What
error is left is measured on a sample of the points against the exact count, every time, and comes with the result.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numba
import numpy as np
import numpy.typing as npt
from scipy import fft

from almaz.measures.point_pairs import MOMENTS, DistanceMoments, in_threads

FloatArray = npt.NDArray[np.float64]
_CORNERS = ((0, 0), (0, 1), (1, 0), (1, 1))


@dataclass(frozen=True)
class Grid:
    """Nodes over a set of points. cell: (n,) the node to the lower left; across, up: (n,) how far a point is from it, 0 … 1."""

    size: float
    columns: int
    rows: int
    cell: npt.NDArray[np.int64]
    across: FloatArray
    up: FloatArray

    def weights(self, weight: FloatArray, chosen: npt.NDArray[np.bool_] | None = None) -> FloatArray:
        """The weight of the (chosen) points shared out among the nodes: (rows, columns)."""
        at = slice(None) if chosen is None else chosen
        held = np.zeros(self.rows * self.columns)
        for corner in _CORNERS:
            part, place = self._part(corner)
            held += np.bincount(place[at], weights=(part * weight)[at], minlength=held.size)
        return held.reshape(self.rows, self.columns)

    def values(self, field: FloatArray, chosen: npt.NDArray[np.int64]) -> FloatArray:
        """What a field on the nodes says at the places of the chosen points."""
        flat, found = field.ravel(), np.zeros(chosen.size)
        for corner in _CORNERS:
            part, place = self._part(corner)
            found += part[chosen] * flat[place[chosen]]
        return found

    def with_itself(self, weight: FloatArray, chosen: npt.NDArray[np.bool_] | None = None) -> FloatArray:
        """What the (chosen) points, shared out, make with themselves, by lag -1 … 1: (3, 3). Such pairs are none."""
        at = slice(None) if chosen is None else chosen
        beside_up, beside = self.up * (1.0 - self.up), self.across * (1.0 - self.across)
        rows = (beside_up, 1.0 - 2.0 * beside_up, beside_up)
        columns = (beside, 1.0 - 2.0 * beside, beside)
        return np.array([[float((weight * a * b)[at].sum()) for b in columns] for a in rows])

    def _part(self, corner: tuple[int, int]) -> tuple[FloatArray, npt.NDArray[np.int64]]:
        row, column = corner
        share = (self.up if row else 1.0 - self.up) * (self.across if column else 1.0 - self.across)
        return share, self.cell + row * self.columns + column


def grid_of(x: FloatArray, y: FloatArray, cells: int) -> Grid:
    """A grid with `cells` cells along the longer side of the points' extent."""
    left, bottom = x.min(), y.min()
    size = float(max(x.max() - left, y.max() - bottom)) / cells or 1.0
    across, up = (x - left) / size, (y - bottom) / size
    column, row = np.floor(across).astype(np.int64), np.floor(up).astype(np.int64)
    columns, rows = int(column.max()) + 2, int(row.max()) + 2
    return Grid(size, columns, rows, row * columns + column, across - column, up - row)


def lags(grid: Grid, first: FloatArray, second: FloatArray, itself: FloatArray, reach: float) -> FloatArray:
    """The weight of ordered pairs by how many cells up and across the one is from the other: (2 up + 1, 2 across + 1).

    first, second: (rows, columns) of `Grid.weights`; itself: of `Grid.with_itself`, taken off.
    """
    far = int(np.ceil(reach / grid.size)) + 2
    up, across = min(far, grid.rows - 1), min(far, grid.columns - 1)
    shape = (fft.next_fast_len(grid.rows + up), fft.next_fast_len(grid.columns + across, real=True))
    one = fft.rfft2(first, shape, workers=-1)
    other = one if second is first else fft.rfft2(second, shape, workers=-1)
    correlation = fft.irfft2(np.conj(one) * other, shape, workers=-1)
    held = np.empty((2 * up + 1, 2 * across + 1))
    for to, source in ((slice(0, up), slice(-up, None)), (slice(up, None), slice(0, up + 1))):
        held[to, :across], held[to, across:] = correlation[source, -across:], correlation[source, : across + 1]
    held[up - 1 : up + 2, across - 1 : across + 2] -= itself
    return held


def lag_counts(
    lag: FloatArray, size: float, distances: FloatArray, sides: tuple[float, float] = (np.inf, np.inf)
) -> FloatArray:
    """The weight of pairs within each distance, a pair of nodes standing for pairs spread evenly over a cell.

    sides: of the window, where a pair counts 1 / ((wide − |Δx|)(high − |Δy|)).
    """
    return np.cumsum(_in_rows(_lag_counts, lag, size, distances, *sides))


def lag_moments(lag: FloatArray, size: float, reach: float, bins: int) -> DistanceMoments:
    """Distances of pairs, folded into bins up to `reach`; `pairs` holds their weight."""
    held = _in_rows(_lag_moments, lag, size, bins / reach, bins)
    full = np.flatnonzero(held[:, 0] != 0.0)
    return DistanceMoments(0.0, reach / bins, full, held[full, 0], held[full])


def _in_rows(kernel: object, lag: FloatArray, *given: object) -> FloatArray:
    edges = np.linspace(0, lag.shape[0], min(17, lag.shape[0] + 1)).astype(np.int64).tolist()
    tasks = [(lag, a, b, *given) for a, b in pairwise(edges)]
    return np.asarray(np.add.reduce(in_threads(kernel, tasks), axis=0))  # type: ignore[arg-type]


@numba.njit(nogil=True, cache=True)
def _inside(depth, a, b):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Which part of a unit cell lies on this side of a straight line: depth from the middle, along (a, b), |a| ≥ |b| ≥ 0."""
    half, flat = (a + b) / 2.0, (a - b) / 2.0
    t = abs(depth)
    if t >= half:
        part = 0.5
    elif t <= flat or b < 1e-12:
        part = t / a
    else:
        part = 0.5 - (half - t) ** 2 / (2.0 * a * b)
    return 0.5 + part if depth >= 0.0 else 0.5 - part


@numba.njit(nogil=True, cache=True)
def _lag_counts(lag, first, last, size, distances, wide, high):  # type: ignore[no-untyped-def]  # pragma: no cover
    held = np.zeros(distances.size)
    up, across = lag.shape[0] // 2, lag.shape[1] // 2
    plain = np.isinf(wide)
    for i in range(first, last):
        dy = abs(i - up)
        for j in range(lag.shape[1]):
            dx = abs(j - across)
            d = np.sqrt(dx * dx + dy * dy)
            mass = lag[i, j]
            if not plain:
                mass /= (wide - dx * size) * (high - dy * size)
            a, b = (max(dx, dy) / d, min(dx, dy) / d) if d > 0.0 else (1.0, 0.0)
            middle = d + 1.0 / (24.0 * max(d, 1.0))
            before = 0.0
            for k in range(np.searchsorted(distances, (middle - 0.75) * size), distances.size):
                now = _inside(distances[k] / size - middle, a, b)
                held[k] += mass * (now - before)
                before = now
                if now >= 1.0:
                    break
    return held


@numba.njit(nogil=True, cache=True)
def _lag_moments(lag, first, last, size, per, bins):  # type: ignore[no-untyped-def]  # pragma: no cover
    held = np.zeros((bins, MOMENTS))
    up, across = lag.shape[0] // 2, lag.shape[1] // 2
    for i in range(first, last):
        for j in range(lag.shape[1]):
            d = np.sqrt(float((i - up) ** 2 + (j - across) ** 2))
            middle = d + 1.0 / (24.0 * max(d, 1.0))
            for node in range(3):
                t = abs(middle + (node - 1) * 0.5) * size * per
                if t < bins:
                    k = int(t)
                    u = t - k - 0.5
                    v = lag[i, j] * (2.0 / 3.0 if node == 1 else 1.0 / 6.0)
                    for m in range(MOMENTS):
                        held[k, m] += v
                        v *= u
    return held


def discs(grid: Grid, layers: tuple[FloatArray, ...], distances: FloatArray) -> Iterator[list[FloatArray]]:
    """For one distance after the other: around every node, the weight of each layer within it, (rows, columns) each."""
    far = int(np.ceil(distances[-1] / grid.size)) + 2
    up, across = min(far, grid.rows - 1), min(far, grid.columns - 1)
    shape = (fft.next_fast_len(grid.rows + up), fft.next_fast_len(grid.columns + across, real=True))
    turned = [fft.rfft2(layer, shape, workers=-1) for layer in layers]
    for distance in distances:
        kernel = np.zeros(shape)
        _disc(kernel, distance / grid.size, up, across)
        spread = fft.rfft2(kernel, shape, workers=-1)
        yield [fft.irfft2(layer * spread, shape, workers=-1)[: grid.rows, : grid.columns] for layer in turned]


@numba.njit(nogil=True, cache=True)
def _disc(kernel, radius, up, across):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Fill in which part of the cell, so many cells away, lies within the radius (in cells)."""
    rows, columns = kernel.shape
    for i in range(up + 1):
        for j in range(across + 1):
            d = np.sqrt(float(i * i + j * j))
            if d > radius + 1.0:
                break
            a, b = (max(i, j) / d, min(i, j) / d) if d > 0.0 else (1.0, 0.0)
            part = _inside(radius - d - 1.0 / (24.0 * max(d, 1.0)), a, b)
            kernel[i, j] = part
            kernel[i, -j % columns] = part
            kernel[-i % rows, j] = part
            kernel[-i % rows, -j % columns] = part
