"""Whether neighbouring regions are alike, and where: Moran's I, of the whole map and of every region."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numba
import numpy as np
import numpy.typing as npt

from almaz.measures.point_pairs import in_threads

FloatArray: TypeAlias = npt.NDArray[np.float64]
Neighbours: TypeAlias = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]

KINDS = ("high_high", "low_high", "low_low", "high_low")
"""Quadrants 1 … 4 of Moran's diagram: the region, then its neighbours; 0 = not to be said."""


@dataclass(frozen=True)
class LocalMoran:
    """Per map (leading axes) and region: how much it is like its neighbours.

    local: I_i, NaN where the value or all neighbours are unknown; lag: mean z of the neighbours; z: the standardised value;
    quadrant: 1 … 4 of `KINDS`, 0 = unknown; p_value: two-sided, by conditional permutation; significant: after the
    correction for testing every region; overall: Moran's I of the map; overall_p: one-sided, that neighbours are alike.
    """

    local: FloatArray
    lag: FloatArray
    z: FloatArray
    quadrant: npt.NDArray[np.int8]
    p_value: FloatArray
    significant: npt.NDArray[np.bool_]
    overall: FloatArray
    overall_p: FloatArray


def neighbours_of(pairs: npt.ArrayLike, regions: int) -> Neighbours:
    """Neighbours of every region in one row: where each region's begin (regions + 1,), and who they are.

    pairs: (m, 2) places of regions that touch, in either or both directions.
    """
    given = np.asarray(pairs, dtype=np.int64).reshape(-1, 2)
    both = np.unique(np.vstack((given, given[:, ::-1])), axis=0)
    both = both[both[:, 0] != both[:, 1]]
    return np.searchsorted(both[:, 0], np.arange(regions + 1)), both[:, 1].copy()


def local_moran(
    values: npt.ArrayLike,
    neighbours: Neighbours,
    *,
    permutations: int = 9_999,
    false_discovery: float = 0.05,
    seed: int = 0,
) -> LocalMoran:
    """Regions that are high among high ones, low among low ones, or unlike their neighbours, beyond chance.

        z_i = (v_i − v̄) / s,   I_i = z_i Σ_j w_ij z_j / Σ_j w_ij,   w = 1 for neighbours;   I = Σ I_i / n

    values: (..., regions), NaN = not known: it is no neighbour and gets no verdict; neighbours: of `neighbours_of`. Chance:
    the other regions' values dealt at random around each region (conditional permutation, 2 (k + 1) / (permutations + 1) at most
    1); verdicts keep the share of false ones below `false_discovery` (Benjamini and Hochberg; for maps Caldas de Castro
    and Singer 2006). The same dealing serves every map of the leading axes.
    Source: Moran (1950); Anselin (1995), eq. 12.
    """
    maps = np.atleast_2d(np.asarray(values, dtype=np.float64))
    shape = np.asarray(values).shape
    starts, others = neighbours
    flat = maps.reshape(-1, maps.shape[-1])
    if starts.size != flat.shape[-1] + 1:
        raise ValueError(f"neighbours of {starts.size - 1} regions for values of {flat.shape[-1]}")
    known = np.isfinite(flat)
    number = known.sum(axis=1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(known, flat, 0.0).sum(axis=1, keepdims=True) / number
        spread = np.sqrt((np.where(known, flat - mean, 0.0) ** 2).sum(axis=1, keepdims=True) / number)
        z = np.where(known & (spread > 0.0), (flat - mean) / spread, np.nan)
    keys = np.random.default_rng(seed).random((permutations, flat.shape[1]))
    order = np.argsort(keys, axis=1).astype(np.int32)
    runs = [
        (z[a:b], starts, others, order)
        for a, b in pairwise(np.linspace(0, z.shape[0], min(z.shape[0], 16) + 1).astype(int))
    ]
    lag, p = (np.concatenate(part) for part in zip(*in_threads(_permuted, runs), strict=True))
    local = z * lag
    quadrant = np.where(z > 0.0, np.where(lag > 0.0, 1, 4), np.where(lag > 0.0, 2, 3))
    quadrant = np.where(np.isfinite(local), quadrant, 0).astype(np.int8)
    significant = _discoveries(p, false_discovery)
    overall, overall_p = _overall(z, lag, starts, others, order[:999])

    return LocalMoran(
        local.reshape(shape),
        lag.reshape(shape),
        z.reshape(shape),
        quadrant.reshape(shape),
        p.reshape(shape),
        significant.reshape(shape),
        overall.reshape(shape[:-1]),
        overall_p.reshape(shape[:-1]),
    )


@numba.njit(nogil=True, cache=True)
def _permuted(z, starts, others, order):  # type: ignore[no-untyped-def]  # pragma: no cover
    """Mean z of each region's known neighbours, and how rarely a dealing gives one as far out."""
    maps, regions = z.shape
    lag, p = np.full((maps, regions), np.nan), np.full((maps, regions), np.nan)
    for m in range(maps):
        for i in range(regions):
            total, count = 0.0, 0
            for k in range(starts[i], starts[i + 1]):
                if not np.isnan(z[m, others[k]]):
                    total += z[m, others[k]]
                    count += 1
            if count == 0 or np.isnan(z[m, i]):
                continue
            lag[m, i] = total / count
            above, below = 0, 0
            for dealing in range(order.shape[0]):
                dealt, taken, place = 0.0, 0, 0
                while taken < count:
                    j = order[dealing, place]
                    place += 1
                    if j != i and not np.isnan(z[m, j]):
                        dealt += z[m, j]
                        taken += 1
                above += dealt >= total - 1e-12
                below += dealt <= total + 1e-12
            p[m, i] = min(1.0, 2.0 * (min(above, below) + 1.0) / (order.shape[0] + 1.0))
    return lag, p


def _discoveries(p: FloatArray, rate: float) -> npt.NDArray[np.bool_]:
    """Benjamini and Hochberg (1995), map by map: the largest k with p_(k) ≤ rate k / m, and all below."""
    held = np.zeros(p.shape, dtype=np.bool_)
    for m in range(p.shape[0]):
        tested = np.flatnonzero(np.isfinite(p[m]))
        ordered = np.sort(p[m, tested])
        passing = np.flatnonzero(ordered <= rate * np.arange(1, tested.size + 1) / max(tested.size, 1))
        if passing.size:
            held[m, tested] = p[m, tested] <= ordered[passing[-1]]
    return held


def _overall(
    z: FloatArray,
    lag: FloatArray,
    starts: npt.NDArray[np.int64],
    others: npt.NDArray[np.int64],
    order: npt.NDArray[np.int32],
) -> tuple[FloatArray, FloatArray]:
    """Moran's I with rows summing to 1, over the regions that have known neighbours, against dealing all values anew."""
    rows = np.repeat(np.arange(starts.size - 1), np.diff(starts))
    held, p = np.full(z.shape[0], np.nan), np.full(z.shape[0], np.nan)
    for m in range(z.shape[0]):
        known = np.isfinite(z[m])
        used = known[rows] & known[others]
        if not used.any():
            continue
        degree = np.bincount(rows[used], minlength=known.size)
        weight = 1.0 / degree[rows[used]]
        size, norm = int(known.sum()), float((degree > 0).sum())
        held[m] = np.nansum(z[m] * lag[m]) / norm
        place = np.full(known.size, -1)
        place[known] = np.arange(size)
        dealt = z[m, order[known[order]].reshape(order.shape[0], size)]
        chance = (dealt[:, place[rows[used]]] * dealt[:, place[others[used]]]) @ weight / norm
        p[m] = ((chance >= held[m] - 1e-12).sum() + 1.0) / (order.shape[0] + 1.0)
    return held, p
