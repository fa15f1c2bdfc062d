"""How well a set of clusters holds together: relatedness within against between, scored matrix by matrix."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float64]
Labels: TypeAlias = npt.NDArray[np.intp]
HIGH = 0.95
"""The percentile of relatedness between clusters that a strict reader asks relatedness within to reach."""


@dataclass(frozen=True)
class GroupRelatedness:
    """within: (groups,), WCR; between: (groups, groups), BCR, NaN on the diagonal; towards: (industries, groups), the
    mean relatedness of an industry to the (other) industries of a group."""

    within: FloatArray
    between: FloatArray
    towards: FloatArray


@dataclass(frozen=True)
class Prepared:
    """A matrix made ready to be scored many times. values: unknown pairs and the diagonal 0; known: 1 and 0, or None where
    every pair is known; deviation: over known pairs."""

    values: FloatArray
    known: FloatArray | None
    deviation: float


@dataclass(frozen=True)
class ValidationScores:
    """Shares of clusters, and of industries, whose relatedness within exceeds the mean of that between, and reaches its
    95th percentile; 0 to 1, a cluster of one industry counts as one that does not. margin: mean over industries of the
    relatedness to their own cluster less that to the next one, in standard deviations of the matrix; it tells sets apart
    that pass alike."""

    cluster_mean: float
    cluster_high: float
    industry_mean: float
    industry_high: float
    margin: float

    @property
    def overall(self) -> float:
        """The mean of the four shares."""
        return (self.cluster_mean + self.cluster_high + self.industry_mean + self.industry_high) / 4.0


def groups_of(labels: Labels) -> FloatArray:
    """Membership (industries, groups), 0 or 1, of group numbers 0, 1 …; −1 belongs to none."""
    membership = np.zeros((labels.size, int(labels.max(initial=-1)) + 1))
    placed = np.flatnonzero(labels >= 0)
    membership[placed, labels[placed]] = 1.0
    return membership


def group_relatedness(relatedness: FloatArray, membership: FloatArray) -> GroupRelatedness:
    """Mean relatedness inside and between groups of industries.

        WCR_c = mean of M[i, j] over i ≠ j in c;   BCR_cd = mean of M[i, j] over i in c, j in d

    relatedness: M, (industries, industries), NaN where unknown (such pairs are left out); membership: (industries, groups),
    weights ≥ 0. Returns NaN where a group has no known pair. Source: Delgado, Porter & Stern (2016), section 4.
    """
    return _of_groups(prepared(relatedness), membership)


def prepared(relatedness: FloatArray) -> Prepared:
    """A matrix of relatedness, its unknown pairs and its diagonal set aside."""
    known = np.isfinite(relatedness)
    np.fill_diagonal(known, False)
    values = np.where(known, relatedness, 0.0)
    every = int(known.sum()) == known.size - len(known)
    deviation = float(relatedness[known].std()) if known.any() else 0.0
    return Prepared(values, None if every else known.astype(np.float64), deviation or 1.0)


def _of_groups(matrix: Prepared, membership: FloatArray) -> GroupRelatedness:
    sums = matrix.values @ membership
    counts = membership.sum(axis=0) - membership if matrix.known is None else matrix.known @ membership
    with np.errstate(divide="ignore", invalid="ignore"):
        towards = np.where(counts > 0.0, sums / counts, np.nan)
        pairs = membership.T @ counts
        means = np.where(pairs > 0.0, membership.T @ sums / pairs, np.nan)
    within = np.diagonal(means).copy()
    np.fill_diagonal(means, np.nan)
    return GroupRelatedness(within, means, towards)


def validation_scores(relatedness: FloatArray | Prepared, labels: Labels) -> ValidationScores:
    """Score one set of clusters against one matrix of relatedness.

    cluster level: WCR_c > mean over d of BCR_cd, and WCR_c ≥ its 95th percentile (linear interpolation); industry level: the
    same of an industry's mean relatedness to its own cluster and to each other one. labels: (industries,), −1 for none.
    On the published matrices this gives the figures of the published 51 clusters. Source: Delgado, Porter & Stern (2016).
    """
    matrix = relatedness if isinstance(relatedness, Prepared) else prepared(relatedness)
    used = np.unique(labels[labels >= 0])  # a number that no industry has is no cluster
    labels = np.where(labels >= 0, np.searchsorted(used, labels), -1)
    found = _of_groups(matrix, groups_of(labels))
    placed = np.flatnonzero(labels >= 0)
    others = found.towards[placed].copy()
    own = others[np.arange(placed.size), labels[placed]]
    others[np.arange(placed.size), labels[placed]] = np.nan
    nearest = np.where(np.isnan(others), -np.inf, others).max(axis=1, initial=-np.inf)
    gap = (own - nearest)[np.isfinite(own) & np.isfinite(nearest)]
    margin = float(gap.sum() / max(placed.size, 1) / matrix.deviation)
    return ValidationScores(*passing(found.within, found.between), *passing(own, others), margin)


def passing(own: FloatArray, others: FloatArray) -> tuple[float, float]:
    """Share of lines whose own value exceeds the mean of the others, and reaches their 95th percentile.

    own: (n,); others: (n, groups), NaN is left out; an unknown own value does not pass. NaN without a line.
    """
    if own.size == 0:
        return float("nan"), float("nan")
    ordered = np.sort(others, axis=1)
    number = np.isfinite(ordered).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.nansum(ordered, axis=1) / number
        place = np.maximum((number - 1) * HIGH, 0.0)
        lower = np.floor(place).astype(np.intp)
        upper = np.minimum(lower + 1, np.maximum(number - 1, 0))
        line = np.arange(own.size)
        low, high = ordered[line, lower], ordered[line, upper]
        return float(np.mean(own > mean)), float(np.mean(own >= low + (high - low) * (place - lower)))


def score_all(matrices: Mapping[str, FloatArray | Prepared], labels: Labels) -> dict[str, ValidationScores]:
    """The scores of one set against every matrix, by the matrix's name."""
    return {name: validation_scores(matrix, labels) for name, matrix in matrices.items()}


def overall(scores: Mapping[str, ValidationScores]) -> float:
    """The mean over matrices of the overall score."""
    return float(np.mean([score.overall for score in scores.values()]))


def adjusted_rand(first: Labels, second: Labels) -> float:
    """Agreement of two sets beyond chance: 1 the same, 0 as by chance; industries that one of them leaves out are left out.

    Source: Hubert & Arabie (1985), Journal of Classification 2.
    """
    both = (first >= 0) & (second >= 0)
    if not both.any():
        return float("nan")
    table = groups_of(first[both]).T @ groups_of(second[both])

    def pairs(counts: FloatArray) -> float:
        return float((counts * (counts - 1.0) / 2.0).sum())

    together, rows, columns = pairs(table), pairs(table.sum(axis=1)), pairs(table.sum(axis=0))
    expected = rows * columns / pairs(np.array([float(both.sum())])) if both.sum() > 1 else 0.0
    most = (rows + columns) / 2.0
    return 1.0 if most == expected else (together - expected) / (most - expected)


def best_match(labels: Labels, others: Labels) -> tuple[npt.NDArray[np.intp], FloatArray, FloatArray]:
    """For each group the group of another set that holds most of it.

    Returns (match, share, jaccard), each (groups,): which one, the share of the group's industries found there, and
    industries in both over industries in either; −1 and 0 for an empty group.
    """
    table = groups_of(labels).T @ groups_of(others)
    size, other = table.sum(axis=1), groups_of(others).sum(axis=0)
    match = np.argmax(table, axis=1)
    held = table[np.arange(len(match)), match]
    whole = groups_of(labels).sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(whole > 0, held / whole, 0.0)
        jaccard = np.where(held > 0, held / (whole + other[match] - held), 0.0)
    return np.where(size > 0, match, -1), share, jaccard
