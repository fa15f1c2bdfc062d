from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from almaz.measures.bounds import Sums, bounds
from almaz.tables.constraints import Lattice, forest, lattice

INDUSTRIES = forest(list("tabcdef"), [None, "t", "t", "a", "a", "b", "b"])
TREE_ONLY = forest(["r"], [None])
TWO_WAY = forest(["s", "p", "q"], [None, "s", "s"])


def table(regions, random: np.random.Generator, share: float) -> tuple[Lattice, np.ndarray, np.ndarray, np.ndarray]:
    """A consistent table of whole numbers, some cells hidden: lattice, truth, lower and upper bounds before propagation."""
    leaves = random.integers(0, 30, size=(regions.leaf.sum(), 4)).astype(float)
    whole = np.zeros((regions.parent.size, 7))
    whole[regions.leaf, 3:] = leaves
    if regions.parent.size > 1:
        whole[0, 3:] = leaves.sum(axis=0)
    whole[:, 1], whole[:, 2] = whole[:, 3] + whole[:, 4], whole[:, 5] + whole[:, 6]
    whole[:, 0] = whole[:, 1] + whole[:, 2]
    cells = lattice(regions, INDUSTRIES, np.ones(whole.shape, dtype=bool))
    truth = whole[cells.region, cells.industry]
    hidden = random.random(truth.size) < share
    hidden[0] = False
    return cells, truth, np.where(hidden, 0.0, truth), np.where(hidden, np.inf, truth)


def exact(sums: Sums, low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The exact bounds by brute force: two linear programmes a cell."""
    rows = np.zeros((sums.whole.size, low.size))
    for j in range(sums.whole.size):
        rows[j, sums.part[sums.start[j] : sums.start[j + 1]]] = 1.0
        rows[j, sums.whole[j]] = -1.0
    limits = list(zip(low, [None if np.isinf(h) else h for h in high], strict=True))
    ends = []
    for sign in (1.0, -1.0):
        found = [
            linprog(sign * np.eye(low.size)[c], A_eq=rows, b_eq=np.zeros(len(rows)), bounds=limits)
            for c in range(low.size)
        ]
        ends.append(np.array([sign * one.fun if one.status == 0 else np.inf for one in found]))
    return ends[0], ends[1]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.2, 0.9))
def test_along_a_tree_propagation_finds_the_exact_bounds(seed: int, share: float) -> None:
    cells, _truth, low, high = table(TREE_ONLY, np.random.default_rng(seed), share)
    found = bounds(low, high, cells.sums)
    least, most = exact(cells.sums, low, high)
    np.testing.assert_allclose(found.low, least, atol=1e-6)
    np.testing.assert_allclose(found.high, most, atol=1e-6)
    assert found.settled
    assert not found.relaxed.any()


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.2, 0.9))
def test_along_two_trees_the_bounds_hold_the_exact_ones_and_the_truth(seed: int, share: float) -> None:
    cells, truth, low, high = table(TWO_WAY, np.random.default_rng(seed), share)
    found = bounds(low, high, cells.sums)
    least, most = exact(cells.sums, low, high)
    assert (found.low <= least + 1e-6).all()
    assert (found.high >= most - 1e-6).all()
    assert (found.low <= truth + 1e-9).all()
    assert (truth <= found.high + 1e-9).all()
    one_tree = bounds(low, high, _along(cells, 0))
    assert (found.high <= one_tree.high + 1e-9).all()


def _along(cells: Lattice, kind: int) -> Sums:
    chosen = np.nonzero(cells.kind == kind)[0]
    sizes = cells.sums.sizes[chosen]
    part = np.concatenate([cells.sums.part[cells.sums.start[j] : cells.sums.start[j + 1]] for j in chosen])
    return Sums(cells.sums.whole[chosen], np.r_[0, np.cumsum(sizes)], part)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.1, 1000.0))
def test_bounds_scale_with_the_figures_and_do_not_know_the_order_of_the_parts(seed: int, scale: float) -> None:
    random = np.random.default_rng(seed)
    cells, _truth, low, high = table(TWO_WAY, random, 0.5)
    found, scaled = bounds(low, high, cells.sums), bounds(low * scale, high * scale, cells.sums)
    np.testing.assert_allclose(scaled.low, found.low * scale, rtol=1e-6, atol=1e-6 * scale)
    np.testing.assert_allclose(scaled.high, found.high * scale, rtol=1e-6, atol=1e-6 * scale)
    sums = cells.sums
    order = random.permutation(sums.whole.size)
    part = np.concatenate([random.permutation(sums.part[sums.start[j] : sums.start[j + 1]]) for j in order])
    other = bounds(low, high, Sums(sums.whole[order], np.r_[0, np.cumsum(sums.sizes[order])], part))
    np.testing.assert_allclose(other.low, found.low, atol=1e-6)
    np.testing.assert_allclose(other.high, found.high, atol=1e-6)


def test_one_hidden_cell_under_a_published_total_is_known_exactly() -> None:
    one = Sums(np.array([0]), np.array([0, 2]), np.array([1, 2]))
    found = bounds(np.array([10.0, 4.0, 0.0]), np.array([10.0, 4.0, np.inf]), one)
    assert found.low[2] == found.high[2] == 6.0


def test_published_cells_that_contradict_each_other_stay_and_the_sum_is_relaxed_by_the_gap() -> None:
    one = Sums(np.array([0]), np.array([0, 2]), np.array([1, 2]))
    found = bounds(np.array([10.0, 12.0, 0.0]), np.array([10.0, 12.0, np.inf]), one)
    assert found.low[:2].tolist() == [10.0, 12.0]
    assert found.relaxed.tolist() == [2.0]
    assert (found.low[2], found.high[2]) == (0.0, 0.0)


def test_rounding_widens_what_a_total_says() -> None:
    one = Sums(np.array([0]), np.array([0, 2]), np.array([1, 2]))
    found = bounds(np.array([10.0, 4.0, 0.0]), np.array([10.0, 4.0, np.inf]), one, slack=np.array([0.1]))
    assert (found.low[2], found.high[2]) == pytest.approx((5.9, 6.1))
    assert not found.relaxed.any()


def test_a_known_size_class_narrows_the_neighbours_too() -> None:
    one = Sums(np.array([0]), np.array([0, 3]), np.array([1, 2, 3]))
    found = bounds(np.array([100.0, 0.0, 20.0, 0.0]), np.array([100.0, np.inf, 49.0, 9.0]), one)
    assert (found.low[1], found.high[1]) == (42.0, 80.0)
