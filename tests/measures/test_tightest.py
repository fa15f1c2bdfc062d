from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from almaz.measures.bounds import Sums, bounds
from almaz.measures.tightest import least_relaxation, tightest_bounds

_specification = importlib.util.spec_from_file_location("test_bounds", Path(__file__).with_name("test_bounds.py"))
assert _specification is not None
assert _specification.loader is not None
_bounds = importlib.util.module_from_spec(_specification)
_specification.loader.exec_module(_bounds)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.3, 0.9))
def test_the_tightest_bounds_are_those_of_two_linear_programmes_a_cell(seed: int, share: float) -> None:
    cells, truth, low, high = _bounds.table(_bounds.TWO_WAY, np.random.default_rng(seed), share)
    found = bounds(low, high, cells.sums)
    least, most = tightest_bounds(np.arange(low.size), found.low, found.high, cells.sums)
    expected = _bounds.exact(cells.sums, low, high)
    np.testing.assert_allclose(least, expected[0], atol=1e-6)
    np.testing.assert_allclose(most, expected[1], atol=1e-6)
    assert (least >= found.low - 1e-7).all()
    assert (most <= found.high + 1e-7).all()
    assert (least <= truth + 1e-6).all()
    assert (truth <= most + 1e-6).all()


def test_two_trees_can_know_more_than_propagation_sees() -> None:
    """Two rows and two columns, all four cells hidden, all totals 10, and x ≤ 4 in one corner: the others follow by a cycle."""
    sums = Sums(np.arange(4), np.arange(0, 9, 2), np.array([4, 5, 6, 7, 4, 6, 5, 7]))
    low = np.r_[np.full(4, 10.0), np.zeros(4)]
    high = np.r_[np.full(4, 10.0), 4.0, np.full(3, np.inf)]
    found = bounds(low, high, sums)
    least, most = tightest_bounds(np.array([7]), found.low, found.high, sums)
    assert (least[0], most[0]) == pytest.approx((0.0, 4.0))


def test_the_least_relaxation_is_the_smallest_that_makes_the_table_possible() -> None:
    one = Sums(np.array([0]), np.array([0, 2]), np.array([1, 2]))
    relaxed = least_relaxation(np.array([10.0, 12.0, 0.0]), np.array([10.0, 12.0, np.inf]), one)
    assert relaxed.tolist() == pytest.approx([2.0])
    # Rows 10 and 10, columns 12 and 11: three too many, wherever they are taken from.
    sums = Sums(np.arange(4), np.arange(0, 9, 2), np.array([4, 5, 6, 7, 4, 6, 5, 7]))
    low = np.r_[10.0, 10.0, 12.0, 11.0, np.zeros(4)]
    high = np.r_[10.0, 10.0, 12.0, 11.0, np.full(4, np.inf)]
    assert least_relaxation(low, high, sums).sum() == pytest.approx(3.0)
    assert least_relaxation(low, high, sums, np.full(4, 1.0)).sum() == pytest.approx(0.0, abs=1e-9)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_a_consistent_table_needs_no_relaxation(seed: int) -> None:
    cells, _truth, low, high = _bounds.table(_bounds.TWO_WAY, np.random.default_rng(seed), 0.6)
    assert least_relaxation(low, high, cells.sums).max() < 1e-6


def test_what_nothing_limits_has_no_upper_bound_and_a_contradiction_is_an_error() -> None:
    one = Sums(np.array([0]), np.array([0, 2]), np.array([1, 2]))
    _least, most = tightest_bounds(np.array([1]), np.zeros(3), np.full(3, np.inf), one)
    assert np.isinf(most[0])
    with pytest.raises(ValueError, match="contradict"):
        tightest_bounds(np.array([2]), np.array([10.0, 12.0, 0.0]), np.array([10.0, 12.0, 5.0]), one)
