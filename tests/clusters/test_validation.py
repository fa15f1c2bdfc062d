"""Validation scores by plain loops, and what every set of clusters must satisfy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.metrics import adjusted_rand_score

from almaz.clusters.validation import (
    adjusted_rand,
    best_match,
    group_relatedness,
    groups_of,
    passing,
    prepared,
    validation_scores,
)

Matrix = NDArray[np.float64]


def symmetric(size: int, seed: int, holes: float = 0.0) -> Matrix:
    generator = np.random.default_rng(seed)
    matrix = generator.normal(size=(size, size))
    matrix = (matrix + matrix.T) / 2
    lost = generator.random((size, size)) < holes
    matrix[lost | lost.T] = np.nan
    return matrix


def by_loops(matrix: Matrix, labels: NDArray[np.intp]) -> tuple[float, float, float, float]:
    groups = range(labels.max() + 1)

    def mean(pairs: list[float]) -> float:
        known = [value for value in pairs if np.isfinite(value)]
        return float(np.mean(known)) if known else np.nan

    def between(one: int, two: int) -> float:
        return mean([matrix[i, j] for i in range(len(labels)) for j in range(len(labels))
                     if labels[i] == one and labels[j] == two and i != j])  # fmt: skip

    def towards(i: int, group: int) -> float:
        return mean([matrix[i, j] for j in range(len(labels)) if labels[j] == group and i != j])

    def shares(own: list[float], others: list[list[float]]) -> tuple[float, float]:
        known = [[value for value in line if np.isfinite(value)] for line in others]
        above = [a > np.mean(line) for a, line in zip(own, known, strict=True)]
        top = [a >= np.percentile(line, 95) for a, line in zip(own, known, strict=True)]
        return float(np.mean(above)), float(np.mean(top))

    cluster = shares([between(c, c) for c in groups], [[between(c, d) for d in groups if d != c] for c in groups])
    placed = [i for i in range(len(labels)) if labels[i] >= 0]
    industry = shares(
        [towards(i, labels[i]) for i in placed], [[towards(i, d) for d in groups if d != labels[i]] for i in placed]
    )
    return (*cluster, *industry)


@pytest.mark.parametrize("holes", [0.0, 0.1])
def test_scores_equal_plain_loops(holes: float) -> None:
    matrix = symmetric(24, 3, holes)
    labels = np.random.default_rng(4).integers(-1, 5, 24)
    found = validation_scores(matrix, labels)
    assert (found.cluster_mean, found.cluster_high, found.industry_mean, found.industry_high) == pytest.approx(
        by_loops(matrix, labels)
    )
    assert validation_scores(prepared(matrix), labels) == found


def test_a_perfect_set_scores_one_and_a_cluster_of_one_does_not_pass() -> None:
    labels = np.repeat(np.arange(4), 5)
    matrix = (labels[:, None] == labels[None, :]).astype(float)
    assert validation_scores(matrix, labels).overall == 1.0
    alone = labels.copy()
    alone[0] = 4
    found = validation_scores(matrix, alone)
    assert found.cluster_mean == pytest.approx(4 / 5)
    assert found.industry_high == pytest.approx(19 / 20)


def test_an_unknown_own_value_does_not_pass() -> None:
    assert passing(np.array([np.nan, 2.0]), np.array([[1.0, np.nan], [3.0, 0.5]])) == (0.5, 0.0)


@settings(max_examples=40, deadline=None)
@example(3235, list(range(18)))  # a cluster's number that no industry has
@given(st.integers(0, 10_000), st.permutations(range(18)))
def test_scores_do_not_care_for_order_names_or_scale(seed: int, order: list[int]) -> None:
    matrix = symmetric(18, seed)
    labels = np.random.default_rng(seed).integers(0, 4, 18)
    found = validation_scores(matrix, labels)
    shuffled = validation_scores(3.0 * matrix[np.ix_(order, order)] + 1.0, (labels.max() - labels)[order])
    assert shuffled.overall == pytest.approx(found.overall)
    groups = group_relatedness(matrix, groups_of(labels))
    np.testing.assert_allclose(groups.between, groups.between.T, equal_nan=True)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=3, max_size=40))
def test_adjusted_rand_equals_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    first, second = (np.array(column) for column in zip(*pairs, strict=True))
    assert adjusted_rand(first, second) == pytest.approx(adjusted_rand_score(first, second), abs=1e-12)


def test_best_match_by_hand() -> None:
    match, share, jaccard = best_match(np.array([0, 0, 0, 1, -1]), np.array([2, 2, 0, 0, 0]))
    assert match.tolist() == [2, 0]
    np.testing.assert_allclose(share, [2 / 3, 1])
    np.testing.assert_allclose(jaccard, [2 / 3, 1 / 3])
