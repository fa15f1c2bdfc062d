"""Ranks among regions: how sure a rank is, and whether a percentile may be claimed among so few."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class RankInterval:
    """Rank 1 is the largest. best <= rank <= worst, NaN where unknown; n: how many were ranked (per column)."""

    rank: FloatArray
    best: FloatArray
    worst: FloatArray
    n: NDArray[np.int64]


@dataclass(frozen=True)
class PercentileClaim:
    """What a percentile rule says among n regions: to be among the `top` of them.

    standard_error: of the share of regions below the percentile, were these n a sample; allowed: whether the rule may
    be shown as a percentile rather than as a rank.
    """

    n: int
    percentile: float
    top: int
    standard_error: float
    minimum_n: int
    allowed: bool

    def __str__(self) -> str:
        rank = f"among the first {self.top} of {self.n}"
        if self.allowed:
            return f"at or above percentile {100 * self.percentile:g}: {rank}"
        return (
            f"{rank}; {self.n} are too few to speak of percentile {100 * self.percentile:g} (at least {self.minimum_n})"
        )


def percentile_claim(n: int, percentile: float, minimum_n: int = 20) -> PercentileClaim:
    """Whether "above the p-th percentile" may be said among n regions, and which rank it means.

        top = n - ceil((n - 1) p)      regions at or above the linearly interpolated quantile (no ties)
        standard error = sqrt(p (1 - p) / n)

    n: regions with a known value; percentile: p in (0, 1); minimum_n: below it the claim is refused, by default 20,
    where the upper quartile's standard error falls below a tenth. ValueError: n < 1 or p outside (0, 1).
    Source: Hyndman & Fan (1996), The American Statistician 50(4), 361-365, type 7 quantile; binomial standard error.
    """
    if n < 1 or not 0.0 < percentile < 1.0:
        raise ValueError(f"a percentile rule needs regions and a percentile inside (0, 1), not {n} and {percentile}")
    # Rounded first: 100 x 0.55 is 55.00000000000001 and would lose a region.
    top = n - ceil(round((n - 1) * percentile, 9))
    return PercentileClaim(n, percentile, top, sqrt(percentile * (1.0 - percentile) / n), minimum_n, n >= minimum_n)


def rank_interval(estimate: FloatArray, low: FloatArray, high: FloatArray) -> RankInterval:
    """Ranks of regions and the ranks that their intervals leave possible.

        rank = 1 + #{j: estimate_j > estimate_i}
        best = 1 + #{j: low_j > high_i},   worst = n - #{j: high_j < low_i}

    estimate, low, high: (regions,) or (regions, columns), ranked within each column; a region with any of the three
    unknown is not ranked. If all intervals hold jointly with probability 1 - a, so do all rank intervals: for joint
    95 % give intervals of level 0.95 ** (1 / n); with 95 % intervals each they are indicative. O(n log n) per column.
    Source: Klein, Wright & Wieczorek (2020), Journal of the Royal Statistical Society C 69(3), 589-606.
    """
    shape = estimate.shape
    values = [np.asarray(array, np.float64).reshape(shape[0], -1) for array in (estimate, low, high)]
    known = np.isfinite(values[0]) & ~np.isnan(values[1]) & ~np.isnan(values[2])
    rank, best, worst = (np.full(known.shape, np.nan) for _ in range(3))
    for column in range(known.shape[1]):
        ranked = known[:, column]
        middle, lower, upper = (array[ranked, column] for array in values)
        n = middle.size
        rank[ranked, column] = 1 + n - np.searchsorted(np.sort(middle), middle, side="right")
        best[ranked, column] = 1 + n - np.searchsorted(np.sort(lower), upper, side="right")
        worst[ranked, column] = n - np.searchsorted(np.sort(upper), lower, side="left")
    counted = known.sum(axis=0).reshape(shape[1:])
    return RankInterval(rank.reshape(shape), best.reshape(shape), worst.reshape(shape), counted)


def rank_interval_from_draws(draws: FloatArray, level: float = 0.95) -> RankInterval:
    """Ranks of regions with the interval that a share `level` of the draws leaves.

        rank = median_k rank_k;   best, worst = the (1 - level) / 2 and (1 + level) / 2 quantiles of rank_k

    with rank_k = 1 + #{j: draw_kj > draw_ki}. draws: (k, regions) or (k, regions, columns); a region unknown in any
    draw is not ranked. Quantiles are ranks that occurred (the outer of two). ValueError: no draws, or an
    impossible level.
    Source: Goldstein & Spiegelhalter (1996), Journal of the Royal Statistical Society A 159(3), 385-443.
    """
    if draws.ndim < 2 or draws.shape[0] == 0 or not 0.0 < level < 1.0:
        raise ValueError("draws need axes (draws, regions, ...) and a level inside (0, 1)")
    known = ~np.isnan(draws).any(axis=0)
    ordered = rankdata(np.where(known, -draws, np.inf), method="min", axis=1)
    tail = (1.0 - level) / 2.0
    best, worst = (
        np.quantile(ordered, tail, axis=0, method="lower"),
        np.quantile(ordered, 1 - tail, axis=0, method="higher"),
    )
    rank, best, worst = (np.where(known, array, np.nan) for array in (np.median(ordered, axis=0), best, worst))
    return RankInterval(rank, best, worst, known.sum(axis=0))
