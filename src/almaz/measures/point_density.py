"""At which distances establishments of an industry stand from each other: Duranton and Overman's Kd."""

from __future__ import annotations

from math import factorial
from typing import Literal

import numba
import numpy as np
import numpy.typing as npt
from scipy import fft

from almaz.measures.point_grid import grid_of, lag_moments, lags
from almaz.measures.point_pairs import (
    MOMENTS,
    NEAR,
    DistanceMoments,
    Pairs,
    distance_moments,
    distances_in_bins,
    pairs_between,
    pairs_within,
)
from almaz.measures.points import (
    CELLS_OF_K,
    EXACT_PAIRS,
    NEAR_PAIRS,
    Mask,
    Method,
    PointCurve,
    checked,
    drawn_places,
    masks,
    relative_error,
    weights_or_ones,
)

FloatArray = npt.NDArray[np.float64]

_BINS = 4096
_FINE = 1.0 / 16.0
"""The widest bin, in bandwidths: five moments inside it give the kernel's sum to 1e-11."""
_BINS_AT_ONE = 96.0
"""Bins for one pair; N pairs have a bandwidth N^(-1/5) times as wide, and need as many more."""
_FAR = 9.0
"""Bandwidths beyond which the kernel is nothing (1e-18)."""


def kd_function(
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    distances: npt.ArrayLike,
    *,
    reference: npt.ArrayLike | None = None,
    neighbours: npt.ArrayLike | None = None,
    weight: npt.ArrayLike | None = None,
    bandwidth: float | None = None,
    convention: Literal["reflection", "dbmss"] = "reflection",
    method: Method = "auto",
    seed: int = 0,
    jobs: int = -1,
) -> PointCurve:
    """The density of the distances between the establishments of an industry.

        Kd(r) = 1 / (h Σ w_i w_j) Σ_{i<j} w_i w_j [φ((r − d_ij) / h) + φ((r + d_ij) / h)]
        h = 0.9 min(s, IQR / 1.34) N^(−1/5), of the N distances up to twice the largest r (Silverman's rule)

    φ: the normal density; the second term reflects at 0, so that Kd integrates to 1 over all r ≥ 0 exactly.
    x, y: (n,); reference, neighbours: (n,) as for `m_function`, by default all points; weight: (n,), by default 1;
    bandwidth: h in the unit of the coordinates. `expected` is NaN: what chance would show comes from the stock of sites
    (`kd_envelope`). Source: Duranton and Overman (2005), eq. 1–2; Silverman (1986), eq. 3.31.
    `dbmss` repeats the R package's Kdhat(Adjust = 1, Approximate = 0) to the last digits: R's density() on a grid of 512 to
    4,096 points, the reflected mass divided out by a rectangle sum; it departs from the formula by some 0.1 %.
    """
    px, py, r = checked(x, y, distances)
    mine, others = masks(np.ones(px.size, dtype=np.bool_) if reference is None else reference, neighbours, px.size)
    w = weights_or_ones(weight, px.size)
    reach = 2.0 * float(r[-1])
    within = others is mine
    pairs = (
        pairs_within(px[mine], py[mine], w[mine], reach) if within else pairs_between(px, py, w, mine, others, reach)
    )
    if method == "grid" or (method == "auto" and pairs.number > EXACT_PAIRS):
        if convention != "reflection" or others is not mine:
            raise ValueError("on the grid there is only the convention of reflection, within one industry")
        return _on_grid(px[mine], py[mine], w[mine], r, pairs, bandwidth, seed, jobs)
    bins = int(np.clip(_BINS_AT_ONE * max(pairs.number, 1) ** 0.2, 64, 2 * _BINS))
    folded = distance_moments(pairs, reach * NEAR / bins, bins, reach=reach * NEAR, jobs=jobs)
    h = bandwidth or _silverman(pairs, folded, reach * NEAR, jobs)
    if convention == "dbmss":
        values = _as_density_of_r(pairs, r, h, jobs)
    else:
        values = _kernel_sum(_fine(pairs, folded, r, h, jobs), r, h) / pairs.total_weight
    return PointCurve(r, values, np.full_like(r, np.nan), "exact", bandwidth=h)


def _silverman(pairs: Pairs, folded: DistanceMoments, reach: float, jobs: int) -> float:
    """Silverman's bandwidth from every distance: quartiles are picked from the bins that hold them."""
    number = folded.pairs.sum()
    if number < 2:
        raise ValueError("fewer than two pairs within twice the largest distance: no bandwidth; give one")
    places = np.array([0.25, 0.75]) * (number - 1)
    ranks = np.concatenate((np.floor(places), np.ceil(places))).astype(np.int64)
    upto = np.cumsum(folded.pairs)
    held_in = np.searchsorted(upto, ranks, side="right")
    wanted = np.unique(held_in)
    values = distances_in_bins(pairs, folded, folded.bins[wanted], reach, jobs)
    first = np.concatenate(([0.0], np.cumsum(folded.pairs[wanted])))
    before = np.concatenate(([0.0], upto))[held_in]
    order = (ranks - before + first[np.searchsorted(wanted, held_in)]).astype(np.int64)
    low, high = values[order[:2]], values[order[2:]]
    quartiles = low + (places - np.floor(places)) * (high - low)
    return _rule(_deviation(pairs, folded, reach, jobs), float(quartiles[1] - quartiles[0]), number)


def _deviation(pairs: Pairs, folded: DistanceMoments, reach: float, jobs: int) -> float:
    """Standard deviation of the distances, every pair once whatever its weight."""
    plain = folded
    if not (np.all(pairs.weight == 1.0) and np.all(pairs.centre_weight == 1.0)):
        ones = Pairs(
            pairs.points,
            np.ones_like(pairs.weight),
            pairs.x,
            pairs.y,
            np.ones_like(pairs.centre_weight),
            pairs.own,
            pairs.half,
        )
        plain = distance_moments(ones, folded.width, int(np.ceil(reach / folded.width)), reach=reach, jobs=jobs)
    return _spread(plain)


def _spread(folded: DistanceMoments) -> float:
    """Standard deviation (n − 1) of distances from their bins' first three moments."""
    m0, m1, m2 = folded.moments[:, 0], folded.moments[:, 1], folded.moments[:, 2]
    number = m0.sum()
    mean = (m0 * folded.centres + m1 * folded.width).sum() / number
    apart = folded.centres - mean
    squares = (m0 * apart**2 + 2.0 * apart * m1 * folded.width + m2 * folded.width**2).sum()
    return float(np.sqrt(squares / max(number - 1.0, 1.0)))


def _rule(deviation: float, between_quartiles: float, number: float) -> float:
    """0.9 min(s, IQR / 1.34) N^(−1/5); s alone where half of the distances are one."""
    spread = min(deviation, between_quartiles / 1.34) or deviation
    if spread <= 0.0:
        raise ValueError("all distances are the same: no bandwidth; give one")
    return float(0.9 * spread * number**-0.2)


def _fine(pairs: Pairs, folded: DistanceMoments, r: FloatArray, h: float, jobs: int) -> DistanceMoments:
    """The distances that the kernel reaches, in bins narrow enough for it."""
    if folded.width <= h * _FINE:
        return folded
    reach = float(r[-1]) + _FAR * h
    bins = int(np.ceil(reach / (h * _FINE)))
    return distance_moments(pairs, reach / bins, bins, reach=reach, jobs=jobs)


def _kernel_sum(folded: DistanceMoments, r: FloatArray, h: float) -> FloatArray:
    """Σ w [φ((r − d)/h) + φ((r + d)/h)] / h from the bins' moments: φ(z − u) = φ(z) Σ_j He_j(z) u^j / j!."""
    step = folded.width / h
    scaled = folded.moments * np.array([step**j / factorial(j) for j in range(MOMENTS)])
    return np.asarray(_hermite_sums(folded.centres / h, scaled, r / h) / (h * np.sqrt(2.0 * np.pi)))


@numba.njit(nogil=True, cache=True)
def _hermite_sums(centres, moments, at):  # type: ignore[no-untyped-def]  # pragma: no cover
    held = np.zeros(at.size)
    for m in range(at.size):
        for sign in (1.0, -1.0):
            first = np.searchsorted(centres, at[m] - 10.0) if sign > 0.0 else 0
            for k in range(first, centres.size):
                z = at[m] - sign * centres[k]
                if abs(z) > 10.0:
                    break
                before, hermite, series, turn = 0.0, 1.0, 0.0, 1.0
                for j in range(moments.shape[1]):
                    series += turn * hermite * moments[k, j]
                    before, hermite = hermite, z * hermite - j * before
                    turn *= sign
                held[m] += np.exp(-0.5 * z * z) * series
    return held


def _as_density_of_r(pairs: Pairs, r: FloatArray, h: float, jobs: int) -> FloatArray:
    """What R's density() makes of the distances and of their mirror images, as dbmss calls it (R before 4.4)."""
    furthest = float(np.hypot(np.ptp(pairs.points.x), np.ptp(pairs.points.y))) * NEAR + 1.0
    apart = distance_moments(pairs, furthest / _BINS, _BINS, reach=furthest, jobs=jobs)
    mirrored = distance_moments(pairs, 4.0 * h, 1, reach=4.0 * h * NEAR, jobs=jobs)
    ends = [
        distances_in_bins(pairs, apart, apart.bins[[-1]], furthest, jobs)[-1],
        _nearest_below(pairs, 4.0 * h, jobs),
    ]
    total = pairs.total_weight + float(mirrored.moments[:, 0].sum())
    number = min(max(512.0, ends[0] / r[-1] * 128.0), 4096.0)
    at, density = _density(pairs, (0.0, float(r[-1])), h, number, total, jobs)
    below, image = _density(pairs, (-ends[1] - 3.0 * h, 0.0), h, 512.0, total, jobs)
    lost = image.mean() * (below[-1] - below[0])
    return np.interp(r, at, density / (1.0 - lost))


def _nearest_below(pairs: Pairs, limit: float, jobs: int) -> float:
    """The largest distance up to a limit, or minus the smallest where none is so near (there is no mirror image then)."""
    within = distance_moments(pairs, limit * NEAR / _BINS, _BINS, reach=limit * NEAR, jobs=jobs)
    if within.bins.size == 0:
        furthest = float(np.hypot(np.ptp(pairs.points.x), np.ptp(pairs.points.y))) * NEAR + 1.0
        apart = distance_moments(pairs, furthest / _BINS, _BINS, reach=furthest, jobs=jobs)
        return -float(distances_in_bins(pairs, apart, apart.bins[[0]], furthest, jobs)[0])
    return float(distances_in_bins(pairs, within, within.bins[[-1]], limit * NEAR, jobs)[-1])


def _density(
    pairs: Pairs, ends: tuple[float, float], h: float, number: float, total: float, jobs: int
) -> tuple[FloatArray, FloatArray]:
    """R's density.default on the distances and their images below 4 h: places and values between `ends`."""
    shown = int(np.ceil(number))
    n = max(shown, 512)
    n = 2 ** int(np.ceil(np.log2(n))) if n > 512 else n
    low, high = ends[0] - 4.0 * h, ends[1] + 4.0 * h
    step = (high - low) / (n - 1)
    mass = np.zeros(2 * n)
    for sign, reach in ((1.0, high + step), (-1.0, 4.0 * h * NEAR)):
        folded = distance_moments(pairs, step, n + 1, origin=low - step, sign=sign, reach=reach, jobs=jobs)
        right = folded.moments[:, 1] + folded.moments[:, 0] / 2.0
        inner = folded.bins >= 1
        np.add.at(mass, folded.bins[inner] - 1, (folded.moments[:, 0] - right)[inner])
        np.add.at(mass, folded.bins[folded.bins < n], right[folded.bins < n])
    lags = np.linspace(0.0, 2.0 * (high - low), 2 * n)
    lags[n + 1 :] = -lags[n - 1 : 0 : -1]
    kernel = np.exp(-0.5 * (lags / h) ** 2) / (h * np.sqrt(2.0 * np.pi))
    spread = fft.ifft(fft.fft(mass / total) * np.conj(fft.fft(kernel))).real[:n]
    at = np.linspace(ends[0], ends[1], shown)
    return at, np.interp(at, np.linspace(low, high, n), np.maximum(spread, 0.0))


def _on_grid(
    x: FloatArray,
    y: FloatArray,
    w: FloatArray,
    r: FloatArray,
    pairs: Pairs,
    bandwidth: float | None,
    seed: int,
    jobs: int,
) -> PointCurve:
    """Kd of very many points: near pairs one by one, far ones on the grid; the error against all pairs of a sample of points."""
    reach, bins = 2.0 * float(r[-1]), 4 * _BINS
    grid = grid_of(x, y, CELLS_OF_K)
    cells, everyone = grid.weights(w), np.ones(x.size, dtype=np.bool_)

    def folded(chosen: Mask, weight: FloatArray, nodes: FloatArray) -> DistanceMoments:
        first = nodes if chosen is everyone else grid.weights(weight, chosen)
        lag = lags(grid, first, nodes, grid.with_itself(weight**2, chosen), reach)
        return lag_moments(lag, grid.size, reach, bins)

    far = folded(everyone, w, cells)
    ones = np.ones(x.size)
    plain = far if np.all(w == 1.0) else folded(everyone, ones, grid.weights(ones))
    upto = np.cumsum(plain.pairs) / 2.0
    quartiles = np.interp(np.array([0.25, 0.75]) * upto[-1], upto, plain.centres + plain.width / 2.0)
    h = bandwidth or _rule(_spread(plain), float(quartiles[1] - quartiles[0]), upto[-1])
    near = int(plain.bins[np.searchsorted(upto, NEAR_PAIRS)]) if upto[-1] > NEAR_PAIRS else bins
    close = distance_moments(
        pairs_within(x, y, w, near * far.width), far.width, near, reach=near * far.width, jobs=jobs
    )
    values = (_kernel_sum(close, r, h) + _kernel_sum(_beyond(far, near), r, h) / 2.0) / pairs.total_weight
    sample = np.zeros(x.size, dtype=np.bool_)
    sample[drawn_places(np.arange(x.size), seed)] = True
    exact = _of_sample(x, y, w, sample, far.width, bins, jobs)
    drawn = _kernel_sum(_upto(exact, near), r, h) + _kernel_sum(_beyond(folded(sample, w, cells), near), r, h)
    error = relative_error(drawn, _kernel_sum(exact, r, h))
    return PointCurve(r, values, np.full_like(r, np.nan), "grid", error, h)


def _of_sample(
    x: FloatArray, y: FloatArray, w: FloatArray, sample: Mask, width: float, bins: int, jobs: int
) -> DistanceMoments:
    """Every distance from a point of a sample to any other, pairs inside the sample twice."""
    reach = width * bins
    held = np.zeros((bins, MOMENTS))
    for pairs, times in ((pairs_between(x, y, w, sample, ~sample, reach), 1.0),
                         (pairs_within(x[sample], y[sample], w[sample], reach), 2.0)):  # fmt: skip
        part = distance_moments(pairs, width, bins, reach=reach, jobs=jobs)
        held[part.bins] += times * part.moments
    full = np.flatnonzero(held[:, 0])
    return DistanceMoments(0.0, width, full, held[full, 0], held[full])


def _beyond(folded: DistanceMoments, near: int) -> DistanceMoments:
    at = folded.bins >= near
    return DistanceMoments(folded.origin, folded.width, folded.bins[at], folded.pairs[at], folded.moments[at])


def _upto(folded: DistanceMoments, near: int) -> DistanceMoments:
    at = folded.bins < near
    return DistanceMoments(folded.origin, folded.width, folded.bins[at], folded.pairs[at], folded.moments[at])
