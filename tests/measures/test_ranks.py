"""Ranks with their intervals, and percentiles among few regions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from almaz.measures.ranks import percentile_claim, rank_interval, rank_interval_from_draws


@pytest.mark.parametrize(
    ("n", "percentile", "top", "allowed"),
    [
        (9, 0.75, 3, False),
        (51, 0.75, 13, True),
        (11, 0.7, 4, False),
        (101, 0.55, 46, True),
        (20, 0.9, 2, True),
        (1, 0.5, 1, False),
    ],
)
def test_a_percentile_among_n_regions_is_a_rank(n: int, percentile: float, top: int, allowed: bool) -> None:
    claim = percentile_claim(n, percentile)
    values = np.arange(n, dtype=float)
    assert claim.top == top == np.count_nonzero(values >= np.quantile(values, percentile) - 1e-9)
    assert claim.allowed is allowed
    assert f"first {top} of {n}" in str(claim)
    assert ("too few" in str(claim)) is not allowed


def test_the_least_number_of_regions_is_a_parameter() -> None:
    assert percentile_claim(9, 0.75, minimum_n=9).allowed
    assert percentile_claim(9, 0.75).standard_error == pytest.approx(0.14433756729740643)
    with pytest.raises(ValueError, match="percentile"):
        percentile_claim(9, 75)


def test_ranks_that_overlapping_intervals_leave_possible() -> None:
    estimate = np.array([5.0, 3.0, 2.9, 1.0, np.nan])
    low = np.array([4.0, 2.0, 2.5, 0.5, 0.0])
    high = np.array([6.0, 3.5, 3.2, 1.5, 9.0])
    found = rank_interval(estimate, low, high)
    np.testing.assert_array_equal(found.rank, [1, 2, 3, 4, np.nan])
    np.testing.assert_array_equal(found.best, [1, 2, 2, 4, np.nan])
    np.testing.assert_array_equal(found.worst, [1, 3, 3, 4, np.nan])
    assert found.n == 4


@settings(max_examples=60, deadline=None)
@given(arrays(np.float64, (8, 2), elements=st.floats(-5, 5)), arrays(np.float64, (2, 8, 2), elements=st.floats(0, 3)))
def test_rank_intervals_equal_counting_pair_by_pair(
    estimate: np.ndarray[tuple[int, int], np.dtype[np.float64]],
    width: np.ndarray[tuple[int, int, int], np.dtype[np.float64]],
) -> None:
    low, high = estimate - width[0], estimate + width[1]
    found = rank_interval(estimate, low, high)
    best = 1 + (low[None, :, :] > high[:, None, :]).sum(axis=1)
    worst = 8 - (high[None, :, :] < low[:, None, :]).sum(axis=1)
    np.testing.assert_array_equal(found.best, best)
    np.testing.assert_array_equal(found.worst, worst)
    np.testing.assert_array_equal(found.rank, 1 + (estimate[None] > estimate[:, None]).sum(axis=1))
    assert (found.best <= found.rank).all()
    assert (found.rank <= found.worst).all()


def test_joint_intervals_hold_all_ranks_at_once() -> None:
    """Nine regions, true values 1 to 9 with noise: all nine ranks are held in at least 95 % of tables."""
    generator = np.random.default_rng(4)
    truth = np.arange(1.0, 10.0)
    estimate = truth[:, None] + generator.standard_normal((9, 2000))
    z = 2.766  # 0.95 ** (1/9) two-sided normal
    found = rank_interval(estimate, estimate - z, estimate + z)
    true_rank = (10.0 - truth)[:, None]
    assert ((found.best <= true_rank) & (true_rank <= found.worst)).all(axis=0).mean() >= 0.95


def test_ranks_from_draws() -> None:
    draws = np.array([[3.0, 2.0, 1.0, np.nan], [3.0, 1.0, 2.0, 1.0], [9.0, 5.0, 4.0, 1.0]])
    found = rank_interval_from_draws(draws, level=0.9)
    np.testing.assert_array_equal(found.rank, [1, 2, 3, np.nan])
    np.testing.assert_array_equal(found.best, [1, 2, 2, np.nan])
    np.testing.assert_array_equal(found.worst, [1, 3, 3, np.nan])
    assert found.n == 3
    with pytest.raises(ValueError, match="draws"):
        rank_interval_from_draws(np.zeros(3))
