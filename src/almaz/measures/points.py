"""How establishments stand to each other on the map, at every distance: Ripley's K and L, Marcon and Puech's M.

Points are exact to 100,000 (as many pairs as these make, at most); above, pairs that are not near are counted on a grid, and
the result says by how much that misses the exact count of a sample. Duranton and Overman's Kd is in `point_density`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from almaz.measures.point_grid import discs, grid_of, lag_counts, lags
from almaz.measures.point_pairs import strips, weights_around
from almaz.measures.translation import translated_weights

FloatArray: TypeAlias = npt.NDArray[np.float64]
Mask: TypeAlias = npt.NDArray[np.bool_]
Places: TypeAlias = npt.NDArray[np.int64]
Method: TypeAlias = Literal["auto", "exact", "grid"]
Window: TypeAlias = tuple[float, float, float, float]

EXACT_PAIRS = 5_000_000_000
"""The pairs of 100,000 points: up to here every pair is met."""
CELLS_OF_K, CELLS_OF_M = 2048, 1024
NEAR_PAIRS = 300_000_000
SAMPLE = 200


@dataclass(frozen=True)
class PointCurve:
    """A function of distance over a set of points.

    distances: (R,), in the unit of the coordinates; values: (R,), NaN where no point has a neighbour;
    expected: what points without a pattern would show; method: exact or grid; error: the largest relative difference from
    the exact curve of a sample of the points, 0 where the method is exact; bandwidth: of a smoothed function.
    """

    distances: FloatArray
    values: FloatArray
    expected: FloatArray
    method: Literal["exact", "grid"]
    error: float = 0.0
    bandwidth: float | None = None


def k_function(
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    distances: npt.ArrayLike,
    *,
    window: Window | None = None,
    edge: Literal["translation", "none"] = "translation",
    method: Method = "auto",
    seed: int = 0,
    jobs: int = -1,
) -> PointCurve:
    """How many further points lie within r of a point, over the density of points. About π r² without a pattern.

        K(r) = |W|² / (n (n − 1)) Σ_i Σ_{j≠i} 1(d_ij ≤ r) / |W ∩ W shifted by (x_j − x_i, y_j − y_i)|

    x, y: (n,); distances: (R,) ascending; window: (left, bottom, right, top) in which points could lie, by default
    the smallest rectangle that holds them. edge `none` puts |W| for the intersection: too small near the border. K supposes
    that every place of the window could hold an establishment, which no region is: where the stock of sites is known, M
    and Kd say more. Above 100,000 points the grid is taken (see `PointCurve.error`).
    Source: Ripley (1976, 1977); translation correction Ohser (1983).
    """
    points = checked(x, y, distances)
    px, py, r = points
    left, bottom, right, top = window or (px.min(), py.min(), px.max(), py.max())
    wide, high = float(right - left), float(top - bottom)
    if window is not None and (px.min() < left or px.max() > right or py.min() < bottom or py.max() > top):
        raise ValueError("some points lie outside the window")
    if edge == "translation" and r[-1] >= min(wide, high):
        raise ValueError(f"distance {r[-1]:g} is not smaller than the window's shorter side, {min(wide, high):g}")
    n, area = px.size, wide * high
    sides = (wide, high) if edge == "translation" else (np.inf, np.inf)
    on_grid = method == "grid" or (method == "auto" and n * (n - 1) // 2 > EXACT_PAIRS)
    if on_grid:
        counts, error = _counts_on_grid(px, py, r, sides, seed, jobs)
    else:
        everyone = np.arange(n)
        counts, error = translated_weights(px, py, everyone, r, *sides, jobs=jobs), 0.0
    scale = area**2 if edge == "translation" else area
    values = counts * scale / (n * (n - 1.0))
    return PointCurve(r, values, np.pi * r**2, "grid" if on_grid else "exact", error)


def l_function(
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    distances: npt.ArrayLike,
    *,
    window: Window | None = None,
    edge: Literal["translation", "none"] = "translation",
    method: Method = "auto",
) -> PointCurve:
    """K made a straight line: L(r) = √(K(r) / π), about r without a pattern, with the same spread at every distance.

    Parameters and errors as for `k_function`. Source: Besag (1977).
    """
    k = k_function(x, y, distances, window=window, edge=edge, method=method)
    return PointCurve(k.distances, np.sqrt(k.values / np.pi), k.distances, k.method, k.error / 2.0)


def m_function(
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    distances: npt.ArrayLike,
    *,
    reference: npt.ArrayLike,
    neighbours: npt.ArrayLike | None = None,
    weight: npt.ArrayLike | None = None,
    method: Method = "auto",
    seed: int = 0,
    jobs: int = -1,
) -> PointCurve:
    """How many times more present an industry is within r of its establishments than everywhere: the location quotient of
    points. 1 = like all activity; 2 = twice its share.

        M(r) = Σ_i [ Σ_j w_j 1(j of the neighbours, d_ij ≤ r) / Σ_j w_j 1(d_ij ≤ r) ] / Σ_i [ (W_n − w_i) / (W − w_i) ],  j ≠ i

    i runs over the reference points that have any neighbour within r; between two industries W_n replaces W_n − w_i.
    x, y: (n,) all establishments; reference: (n,) which are of the industry; neighbours: (n,) which are of the industry
    looked for, by default the same (intra-industry); the two are the same or have no point in common; weight: (n,), for
    example employees, by default 1. Cumulative; NaN where no reference point has a neighbour. No edge needs correcting: both
    counts lose the same. Source: Marcon and Puech (2010), eq. 4–6; (2017); the convention is that of dbmss.
    """
    px, py, r = checked(x, y, distances)
    mine, others = masks(reference, neighbours, px.size)
    w = weights_or_ones(weight, px.size)
    centres = np.flatnonzero(mine)
    ratio = _global_ratio(w, mine, others)
    on_grid = method == "grid" or (method == "auto" and centres.size * px.size > EXACT_PAIRS)
    if on_grid:
        values, error = _m_on_grid(px, py, w, r, mine, others, ratio, seed, jobs)
        return PointCurve(r, values, np.ones_like(r), "grid", error)
    values = _m_exact(px, py, w, r, centres, others, ratio, jobs)
    return PointCurve(r, values, np.ones_like(r), "exact")


def masks(reference: npt.ArrayLike, neighbours: npt.ArrayLike | None, size: int) -> tuple[Mask, Mask]:
    """Which points are of the industry, and which of the industry looked for: one and the same array where it is one.

    Raises ValueError where they are not (n,), hold too few points, or share some points and not others.
    """
    mine = np.asarray(reference, dtype=np.bool_)
    others = mine if neighbours is None else np.asarray(neighbours, dtype=np.bool_)
    if mine.shape != (size,) or others.shape != (size,):
        raise ValueError(f"reference and neighbours must be ({size},), one mark per point")
    if np.array_equal(mine, others):
        others = mine
    elif (mine & others).any():
        raise ValueError("the two industries must be the same or have no point in common")
    if mine.sum() < (2 if others is mine else 1) or not others.any():
        raise ValueError("too few points of the industry: a distance needs two points")
    return mine, others


def checked(x: npt.ArrayLike, y: npt.ArrayLike, distances: npt.ArrayLike) -> tuple[FloatArray, FloatArray, FloatArray]:
    px, py, r = (np.ascontiguousarray(values, dtype=np.float64) for values in (x, y, distances))
    if px.ndim != 1 or px.shape != py.shape:
        raise ValueError(f"x and y must be of one length, not {px.shape} and {py.shape}")
    if px.size < 2 or not (np.isfinite(px).all() and np.isfinite(py).all()):
        raise ValueError("at least two points are needed, and every coordinate must be a number")
    if r.ndim != 1 or r.size == 0 or r[0] < 0.0 or (np.diff(r) <= 0.0).any() or not np.isfinite(r).all():
        raise ValueError("distances must ascend from 0 or more")
    return px, py, r


def weights_or_ones(weight: npt.ArrayLike | None, size: int) -> FloatArray:
    if weight is None:
        return np.ones(size)
    w = np.ascontiguousarray(weight, dtype=np.float64)
    if w.shape != (size,) or not (w >= 0.0).all():
        raise ValueError(f"weights must be ({size},), none negative and none unknown")
    return w


def _global_ratio(w: FloatArray, mine: Mask, others: Mask) -> FloatArray:
    """Per reference point, the share of the industry looked for in all activity but its own."""
    own = w[mine]
    wanted = w[others].sum() - (own if others is mine else 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(wanted / (w.sum() - own), dtype=np.float64)


def mean_ratio(interest: FloatArray, everyone: FloatArray, ratio: FloatArray) -> FloatArray:
    """Sum of local ratios over the sum of the ratios expected, over the points that have a neighbour: (m, R) → (R,)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        local = interest / everyone
        met = np.isfinite(local) & (everyone > 0.0)
        return np.asarray(np.where(met, local, 0.0).sum(axis=0) / (met * ratio[:, None]).sum(axis=0))


def weights_near(
    x: FloatArray, y: FloatArray, w: FloatArray, r: FloatArray, centres: Places, chosen: Mask | None, jobs: int = -1
) -> FloatArray:
    """Per centre (places among the points), the weight of the chosen points (by default all) within each distance."""
    which = np.arange(x.size) if chosen is None else np.flatnonzero(chosen)
    points = strips(x[which], y[which], float(r[-1]))
    place = np.full(x.size, -1)
    place[which[points.order]] = np.arange(which.size)
    # centres are met in the order of their places on the map, so that their neighbours stay in the cache
    turn = np.lexsort((x[centres], np.floor((y[centres] - points.bottom) / points.size)))
    met = centres[turn]
    found = weights_around(points, w[which][points.order], place[met], r, x=x[met], y=y[met], jobs=jobs)
    held = np.empty_like(found)
    held[turn] = found
    return held


def _m_exact(
    x: FloatArray,
    y: FloatArray,
    w: FloatArray,
    r: FloatArray,
    centres: Places,
    others: Mask,
    ratio: FloatArray,
    jobs: int,
) -> FloatArray:
    interest = weights_near(x, y, w, r, centres, others, jobs)
    return mean_ratio(interest, weights_near(x, y, w, r, centres, None, jobs), ratio)


def drawn_places(centres: Places, seed: int) -> Places:
    """Places, among the centres, of those whose exact curve the approximate one is held against."""
    draw = np.random.default_rng(seed).choice(centres.size, min(SAMPLE, centres.size), replace=False)
    return np.sort(draw)


def relative_error(approximate: FloatArray, exact: FloatArray) -> float:
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(np.nanmax(np.where(exact > 0.0, np.abs(approximate / exact - 1.0), np.nan), initial=0.0))


def _counts_on_grid(
    x: FloatArray, y: FloatArray, r: FloatArray, sides: tuple[float, float], seed: int, jobs: int
) -> tuple[FloatArray, float]:
    """The corrected number of ordered pairs within each distance, and the error measured on a sample of the points."""
    everyone = np.arange(x.size)
    sample = drawn_places(everyone, seed)
    ones = np.ones(x.size)
    counted = weights_near(x, y, ones, r, sample, None, jobs).mean(axis=0) * x.size
    near = int(np.searchsorted(counted, NEAR_PAIRS))
    grid = grid_of(x, y, CELLS_OF_K)
    cells = grid.weights(ones)

    def counts(centres: Places) -> FloatArray:
        chosen = np.zeros(x.size, dtype=np.bool_)
        chosen[centres] = True
        first = cells if centres is everyone else grid.weights(ones, chosen)
        found = lag_counts(lags(grid, first, cells, grid.with_itself(ones, chosen), float(r[-1])), grid.size, r, sides)
        if near:
            exact = translated_weights(x, y, centres, r[:near], *sides, jobs=jobs)
            found = np.concatenate((exact, exact[-1] + found[near:] - found[near - 1]))
        return found

    exact = translated_weights(x, y, sample, r, *sides, jobs=jobs)
    return counts(everyone), relative_error(counts(sample), exact)


def _m_on_grid(
    x: FloatArray,
    y: FloatArray,
    w: FloatArray,
    r: FloatArray,
    mine: Mask,
    others: Mask,
    ratio: FloatArray,
    seed: int,
    jobs: int,
) -> tuple[FloatArray, float]:
    """M with near neighbours counted one by one and far ones on a grid, and its error on a sample of the reference points."""
    centres = np.flatnonzero(mine)
    sample = drawn_places(centres, seed)
    exact = _m_exact(x, y, w, r, centres[sample], others, ratio[sample], jobs)
    counted = weights_near(x, y, np.ones(x.size), r, centres[sample], None, jobs).mean(axis=0) * centres.size
    near = int(np.searchsorted(counted, NEAR_PAIRS))
    values, drawn = np.empty(r.size), np.empty(r.size)
    if near:
        values[:near] = _m_exact(x, y, w, r[:near], centres, others, ratio, jobs)
        drawn[:near] = exact[:near]
    if near == r.size:
        return values, 0.0
    grid = grid_of(x, y, CELLS_OF_M)
    layers = (grid.weights(w, others), grid.weights(w))
    own = w[centres]
    least = w[w > 0.0].min(initial=np.inf) / 2.0
    for k, (wanted, all_of_them) in enumerate(discs(grid, layers, r[near:]), start=near):
        interest = grid.values(wanted, centres) - (own if others is mine else 0.0)
        everyone = grid.values(all_of_them, centres) - own
        everyone = np.where(everyone < least, 0.0, everyone)
        values[k] = mean_ratio(interest[:, None], everyone[:, None], ratio)[0]
        drawn[k] = mean_ratio(interest[sample, None], everyone[sample, None], ratio[sample])[0]
    return values, relative_error(drawn, exact)
