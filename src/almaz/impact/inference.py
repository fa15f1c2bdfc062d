"""How sure: bands, chance by permutation, and when no claim may be made because units are too few."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal, TypeAlias

import numpy as np
from scipy import stats

from almaz.impact.panel import FloatArray, IntArray, Panel
from almaz.language import text as _

Verdict: TypeAlias = Literal["raised", "lowered", "not_shown", "cannot_say"]
MINIMUM_CLUSTERS = 10
"""Fewer units than this, in the programme or outside, and normal theory misleads (docs/methods/impact.md, coverage table)."""
MOST_ASSIGNMENTS = 2000
"""Up to so many ways to choose who joins are all tried; beyond, as many are drawn."""


@dataclass(frozen=True)
class Claim:
    """What may be said of one effect.

    low, high: at the level asked for, NaN where no claim is allowed; p: chance of so large an effect without any; by: "normal" or
    "permutation"; smallest_p: the smallest chance that the design can show; allowed: whether significance may be claimed or
    denied at all; verdict: "raised", "lowered", "not_shown" or "cannot_say"; reason: in words, with the numbers.
    """

    effect: float
    error: float
    low: float
    high: float
    p: float
    by: str
    smallest_p: float
    treated: int
    untreated: int
    allowed: bool
    verdict: Verdict
    reason: str


def interval(effect: FloatArray, error: FloatArray, critical: float) -> tuple[FloatArray, FloatArray]:
    """effect ± critical × error."""
    return effect - critical * error, effect + critical * error


def pointwise(level: float = 0.95) -> float:
    """The critical value of one interval by normal theory."""
    return float(stats.norm.ppf(0.5 + level / 2))


def sup_t(covariance: FloatArray, level: float = 0.95, draws: int = 20_000, seed: int = 0) -> float:
    """The critical value with which all intervals cover together: the quantile of max |z| with z ~ N(0, correlation).

    covariance: (k, k); estimates with variance 0 or NaN do not count. Source: Montiel Olea & Plagborg-Møller (2019), Journal
    of Applied Econometrics 34(1); asymptotically the same as the multiplier bootstrap of Callaway & Sant'Anna (2021).
    """
    variance = np.diagonal(covariance)
    known = np.isfinite(variance) & (variance > 0)
    if known.sum() < 2:
        return pointwise(level)
    error = np.sqrt(variance[known])
    correlation = covariance[np.ix_(known, known)] / np.outer(error, error)
    values, vectors = np.linalg.eigh(correlation)
    root = vectors * np.sqrt(np.clip(values, 0.0, None))
    largest = np.abs(np.random.default_rng(seed).standard_normal((draws, len(error))) @ root.T).max(axis=1)
    return max(pointwise(level), float(np.quantile(largest, level)))


def multiplier_bootstrap(
    influence: FloatArray, cluster: IntArray, draws: int = 1000, seed: int = 0
) -> tuple[FloatArray, FloatArray]:
    """Standard errors and the largest |t| of each draw, from influence functions: no re-estimation.

        θ*_b − θ = (1/n) Σ_c v_bc Σ_{i in c} ψ_i,  v = −1 or 1

    influence: (units, k). Returns errors (k,), by the interquartile range as R's did takes them, and (draws,) largest |t|: its
    quantile at a level is the critical value of uniform bands. Source: Callaway & Sant'Anna (2021), algorithm 1.
    """
    units, rng = len(influence), np.random.default_rng(seed)
    summed = np.zeros((int(cluster.max()) + 1, influence.shape[1]))
    np.add.at(summed, cluster, influence)
    shaken = np.concatenate(
        [
            rng.choice(np.array([-1.0, 1.0]), size=(min(200, draws - start), len(summed))) @ summed / units
            for start in range(0, draws, 200)
        ]
    )
    quarter = np.quantile(shaken, [0.25, 0.75], axis=0)
    error = (quarter[1] - quarter[0]) / (stats.norm.ppf(0.75) - stats.norm.ppf(0.25))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.abs(shaken / error)
    return error, np.nanmax(np.where(error > 0, ratio, np.nan), axis=1, initial=0.0)


def assignments(panel: Panel) -> float:
    """How many ways there are to share the joining times out over the clusters: what chance could have done."""
    _label, first = _cluster_first(panel)
    counts = np.unique(first, return_counts=True)[1]
    return float(math.exp(math.lgamma(len(first) + 1) - sum(math.lgamma(count + 1) for count in counts)))


@dataclass(frozen=True)
class Shuffles:
    """Effects of programmes that never were: joining times shuffled over clusters.

    effect: (shuffles, k), the effects of each shuffle; seen: (k,), the real ones; every: whether all ways were tried (the real
    one among them); smallest_p: the smallest chance that can come out.
    """

    effect: FloatArray
    seen: FloatArray
    every: bool
    smallest_p: float

    def take(self, columns: slice) -> Shuffles:
        """The same for some of the effects."""
        return replace(self, effect=self.effect[:, columns], seen=self.seen[columns])

    def p(self) -> FloatArray:
        """(k,): the chance of an effect as large, either way, without any."""
        extra = 0 if self.every else 1
        as_large = (np.abs(self.effect) >= np.abs(self.seen) * (1 - 1e-9)).sum(axis=0)
        return np.asarray((as_large + extra) / (len(self.effect) + extra))

    def spread(self) -> FloatArray:
        """(k,): the standard deviation of effects without any, around 0: the error to give."""
        return np.asarray(np.sqrt((self.effect**2).mean(axis=0)))

    def reach(self, level: float = 0.95) -> FloatArray:
        """(k,): the half-width of an interval: effects ± it hold what a shuffle would not reject. NaN where none could be."""
        if self.smallest_p > 1 - level + 1e-12:
            return np.full(self.seen.shape, np.nan)
        return np.asarray(np.quantile(np.abs(self.effect), level, axis=0, method="higher"))

    def together(self, level: float = 0.95) -> FloatArray:
        """(k,): half-widths with which all intervals hold together, each in proportion to its spread."""
        spread = self.spread()
        with np.errstate(divide="ignore", invalid="ignore"):
            largest = np.nanmax(np.abs(self.effect) / np.where(spread > 0, spread, np.nan), axis=1, initial=0.0)
        wide = np.quantile(largest, level, method="higher") * spread
        return np.where(np.isfinite(self.reach(level)), np.fmax(wide, self.reach(level)), np.nan)


def shuffles(
    panel: Panel, estimate: Callable[[Panel], FloatArray], draws: int = MOST_ASSIGNMENTS, seed: int = 0
) -> Shuffles:
    """Shuffle joining times over clusters and estimate again.

    estimate: panel → effects (k,), NaN where a shuffle leaves nothing to compare (such shuffles do not count). With one joining
    time and few ways to choose who joins all are tried; otherwise `draws` shuffles. The interval takes effects to be alike.
    Source: Fisher (1935); for differences-in-differences Conley & Taber (2011), MacKinnon & Webb (2020).
    """
    cluster, first = _cluster_first(panel)
    seen = estimate(panel)
    ways, rng = assignments(panel), np.random.default_rng(seed)
    joining = np.flatnonzero(np.isfinite(first))
    every = len(np.unique(first[joining])) == 1 and ways <= draws
    tries: list[FloatArray] = []
    if every:
        for chosen in combinations(range(len(first)), len(joining)):
            shuffled = np.full(len(first), np.inf)
            shuffled[list(chosen)] = first[joining[0]]
            tries.append(shuffled)
    else:
        tries = [rng.permutation(first) for _draw in range(draws)]
    found = np.array([estimate(replace(panel, first=one[cluster])) for one in tries])
    found = found[np.isfinite(found).all(axis=1)]
    return Shuffles(found, seen, every, max(1.0 / ways, 1.0 / (len(found) + (not every))))


def permutation_p(
    panel: Panel, estimate: Callable[[Panel], float], draws: int = MOST_ASSIGNMENTS, seed: int = 0
) -> tuple[float, float]:
    """The chance of an effect as large as the one seen, were joining times shuffled; and the smallest chance possible."""
    made = shuffles(panel, lambda one: np.array([estimate(one)]), draws, seed)
    return float(made.p()[0]), made.smallest_p


def _cluster_first(panel: Panel) -> tuple[IntArray, FloatArray]:
    """The clusters whose joining times are shuffled; units, where a cluster joined bit by bit."""
    clusters = int(panel.cluster.max()) + 1
    lowest, highest = np.full(clusters, np.inf), np.full(clusters, -np.inf)
    np.minimum.at(lowest, panel.cluster, panel.first)
    np.maximum.at(highest, panel.cluster, panel.first)
    if np.array_equal(lowest, highest):
        return panel.cluster, lowest
    return np.arange(len(panel.units)), panel.first


def few(panel: Panel, minimum: int = MINIMUM_CLUSTERS) -> bool:
    """Whether clusters on either side are too few for normal theory."""
    return min(panel.treated_clusters, panel.untreated_clusters) < minimum


def claim(panel: Panel, effect: float, error: float, shuffled: Shuffles | None, level: float = 0.95) -> Claim:
    """Judge one effect: by normal theory where clusters are many (shuffled None), by shuffling who joined where they are few,
    not at all where they are so few that chance could never be told from an effect.

    Normal theory takes t with as many degrees of freedom as the smaller side has clusters, less one: ten on a side are few
    (coverage in docs/methods/impact.md). shuffled: its first column is this effect; its spread takes the place of the error.
    Sources: MacKinnon & Webb (2018) on few
    treated clusters; Abadie, Diamond & Hainmueller (2010) on ranks.
    """
    if shuffled is None:
        freedom = min(panel.treated_clusters, panel.untreated_clusters) - 1
        reach = float(stats.t.ppf(0.5 + level / 2, freedom)) * error
        p = float(2 * stats.t.sf(abs(effect / error), freedom)) if error > 0 else float("nan")
        by, smallest = "normal", 0.0
    else:
        reach, p = float(shuffled.reach(level)[0]), float(shuffled.p()[0])
        by, smallest = "permutation", shuffled.smallest_p
        error = float(shuffled.spread()[0])
    allowed = smallest <= 1 - level + 1e-12
    made = Claim(
        effect, error, effect - reach, effect + reach, p, by, smallest, panel.treated_clusters,
        panel.untreated_clusters, allowed, "cannot_say", "",
    )  # fmt: skip
    return _judged(made, level)


def _judged(made: Claim, level: float) -> Claim:
    numbers = {"treated": made.treated, "untreated": made.untreated}
    if not made.allowed:
        reason = _(
            "{treated} units in the programme and {untreated} outside: even the largest effect could be chance once in {times}"
            " draws, so nothing is claimed",
            times=round(1 / made.smallest_p),
            **numbers,
        )
        return replace(made, verdict="cannot_say", reason=reason)
    if made.by == "permutation":
        reason = _(
            "{treated} units in the programme and {untreated} outside are too few for normal theory: judged by shuffling who"
            " joined",
            **numbers,
        )
    else:
        reason = _("{treated} units in the programme, {untreated} outside", **numbers)
    shown = made.p <= 1 - level
    verdict: Verdict = "not_shown" if not shown else "raised" if made.effect > 0 else "lowered"
    return replace(made, verdict=verdict, reason=reason)


def wald(effect: FloatArray, covariance: FloatArray) -> tuple[float, int, float]:
    """Whether effects are all zero: (W, degrees of freedom, chance), W = θ' V⁻¹ θ against χ²."""
    if len(effect) == 0:
        return float("nan"), 0, float("nan")
    statistic = float(effect @ np.linalg.pinv(covariance) @ effect)
    rank = int(np.linalg.matrix_rank(covariance))
    return statistic, rank, float(stats.chi2.sf(statistic, rank))
