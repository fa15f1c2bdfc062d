from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from almaz.measures.draws import draws
from almaz.measures.filling import Totals, fill


def margins(shape: tuple[int, int], rows: np.ndarray, columns: np.ndarray, there: np.ndarray | None = None) -> Totals:
    """The totals of a table with rows and columns; there: its cells that are not structurally nil, numbered in order."""
    there = np.ones(shape, dtype=bool) if there is None else there
    number = np.full(shape, -1)
    number[there] = np.arange(there.sum())
    groups = [line[line >= 0] for line in [*number, *number.T]]
    return Totals(
        np.r_[0, np.cumsum([group.size for group in groups])],
        np.concatenate(groups),
        np.concatenate([rows, columns]).astype(float),
        shape[0],
    )


def test_the_maximum_entropy_filling_is_that_of_ras() -> None:
    """The three-sector example of Miller and Blair (2009), Input-Output Analysis, section 7.4.3.

    The expected table is made by the textbook's own steps (scale rows, scale columns) to convergence."""
    prior = np.array([[0.120, 0.100, 0.049], [0.210, 0.247, 0.265], [0.026, 0.249, 0.145]]) * [421.0, 284.0, 283.0]
    rows, columns = np.array([245.0, 136.0, 197.0]), np.array([100.0, 278.0, 200.0])
    expected = prior.copy()
    for _step in range(2000):
        expected *= (rows / expected.sum(axis=1))[:, None]
        expected *= columns / expected.sum(axis=0)
    got = fill(prior.ravel(), margins(prior.shape, rows, columns)).value.reshape(prior.shape)
    np.testing.assert_allclose(got, expected, rtol=1e-6)


def test_a_closed_form_two_by_two() -> None:
    """With a prior of ones the filling is independence: row × column / total."""
    got = fill(np.ones(4), margins((2, 2), np.array([30.0, 70.0]), np.array([40.0, 60.0]))).value
    np.testing.assert_allclose(got, [12.0, 18.0, 28.0, 42.0], rtol=1e-7)


def test_shares_follow_the_prior_until_a_bound_binds() -> None:
    one = Totals(np.array([0, 2]), np.array([0, 1]), np.array([10.0]), 1)
    got = fill(np.array([1.0, 4.0]), one, high=np.array([9.0, 6.0]))
    np.testing.assert_allclose(got.value, [4.0, 6.0], rtol=1e-9)


def test_weights_let_large_units_carry_more_of_what_is_left() -> None:
    one = Totals(np.array([0, 2]), np.array([0, 1]), np.array([80.0]), 1)
    even = fill(np.array([20.0, 20.0]), one).value
    uneven = fill(np.array([20.0, 20.0]), one, weight=np.array([1.0, 3.0])).value
    np.testing.assert_allclose(even, [40.0, 40.0])
    assert uneven[1] > uneven[0]
    assert uneven.sum() == pytest.approx(80.0)
    assert np.log(uneven[1] / 20.0) == pytest.approx(3.0 * np.log(uneven[0] / 20.0))


def sparse(seed: int) -> tuple[Totals, np.ndarray, np.random.Generator]:
    """A random table with holes, its margins and its truth, zeros among it."""
    random = np.random.default_rng(seed)
    shape = (int(random.integers(3, 12)), int(random.integers(3, 9)))
    there = random.random(shape) < 0.6
    there[:, 0] = there[0] = True
    truth = np.where(there, random.integers(0, 60, size=shape), 0).astype(float)
    return margins(shape, truth.sum(axis=1), truth.sum(axis=0), there), truth[there], random


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_the_filling_and_every_draw_satisfy_every_total(seed: int) -> None:
    totals, truth, random = sparse(seed)
    filling = fill(random.lognormal(2.0, 1.0, truth.size), totals)
    assert np.abs(totals.off(filling.value)).max() < 1e-6
    assert (filling.value >= 0).all()
    for draw in draws(filling, np.full(truth.size, 0.8), 3, seed):
        assert np.abs(totals.off(draw)).max() < 1e-6
        assert (draw >= 0).all()


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_bounds_hold_in_the_filling_and_in_every_draw(seed: int) -> None:
    totals, truth, random = sparse(seed)
    low, high = np.maximum(truth - random.integers(0, 20, truth.size), 0.0), truth + random.integers(0, 20, truth.size)
    filling = fill(random.lognormal(2.0, 1.0, truth.size), totals, low=low, high=high)
    for one in (filling.value, *draws(filling, np.full(truth.size, 1.0), 3, seed)):
        assert np.abs(totals.off(one)).max() < 1e-6
        assert (one >= low - 1e-9).all()
        assert (one <= high + 1e-9).all()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.01, 100.0))
def test_fillings_scale_with_the_totals(seed: int, scale: float) -> None:
    totals, truth, random = sparse(seed)
    prior = random.lognormal(2.0, 1.0, truth.size)
    larger = Totals(totals.start, totals.member, totals.target * scale, totals.disjoint)
    one, other = fill(prior, totals), fill(prior * scale, larger)
    reached = np.abs(one.totals.off(one.value)).max() < 1e-7 and np.abs(other.totals.off(other.value)).max() < 1e-7
    assert reached
    np.testing.assert_allclose(other.value, one.value * scale, rtol=2e-2, atol=1e-2 * scale)


def test_totals_that_contradict_each_other_are_missed_as_little_as_can_be_and_draws_keep_what_was_reached() -> None:
    totals = margins((2, 2), np.array([30.0, 70.0]), np.array([40.0, 61.0]))
    filling = fill(np.ones(4), totals)
    assert np.abs(totals.sums(filling.value) - totals.target).sum() < 1.5
    assert np.abs(totals.sums(filling.value) - totals.target).sum() > 0.9
    for draw in draws(filling, np.full(4, 0.5), 3, 1):
        np.testing.assert_allclose(totals.sums(draw), filling.target, rtol=1e-6)


def test_draws_are_spread_about_the_filling_and_repeat_with_the_seed() -> None:
    totals, truth, random = sparse(5)
    filling = fill(random.lognormal(2.0, 1.0, truth.size), totals)
    one, same, other = (np.array(list(draws(filling, np.full(truth.size, 0.5), 200, seed))) for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)
    free = one.std(axis=0) > 1e-6
    assert free.sum() > truth.size / 2
    assert np.abs(one.mean(axis=0) / np.maximum(filling.value, 1.0) - 1.0)[free].mean() < 0.25


def test_nothing_hidden_is_nothing_filled() -> None:
    none = Totals(np.zeros(1, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0), 0)
    assert fill(np.zeros(0), none).value.size == 0
