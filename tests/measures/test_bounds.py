from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from almaz.measures.bounds import share_out, tree_bounds, tree_estimate
from almaz.measures.specialisation import location_quotient, location_quotient_bounds

# Column 0 is the total, 1 and 2 its branches, 3 and 4 the children of 1, 5 and 6 those of 2.
TREE = [(0, np.array([1, 2])), (1, np.array([3, 4])), (2, np.array([5, 6]))]


def whole(leaves: np.ndarray) -> np.ndarray:
    one, two = leaves[:, :2].sum(axis=1), leaves[:, 2:].sum(axis=1)
    return np.column_stack([one + two, one, two, leaves])


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_the_truth_lies_inside_the_bounds_and_the_estimate_satisfies_every_published_total(seed: int) -> None:
    random = np.random.default_rng(seed)
    truth = whole(random.integers(0, 50, size=(4, 4)).astype(float))
    hidden = random.random(truth.shape) < 0.5
    hidden[:, 0] = False
    low, high = tree_bounds(np.where(hidden, 0.0, truth), np.where(hidden, np.inf, truth), TREE)
    assert (low <= truth + 1e-9).all()
    assert (truth <= high + 1e-9).all()
    filled = tree_estimate(random.random(truth.shape) * 20, low, high, TREE, root=0)
    np.testing.assert_allclose(filled[~hidden], truth[~hidden])
    for parent, children in TREE:
        np.testing.assert_allclose(filled[:, children].sum(axis=1), filled[:, parent], atol=1e-6)


def test_one_hidden_cell_under_a_published_total_is_known_exactly() -> None:
    low, high = np.array([[10.0, 4.0, 0.0]]), np.array([[10.0, 4.0, np.inf]])
    got_low, got_high = tree_bounds(low, high, [(0, np.array([1, 2]))])
    assert got_low[0, 2] == got_high[0, 2] == 6.0


def test_published_cells_that_contradict_each_other_stay_as_published() -> None:
    low, high = np.array([[10.0, 12.0, 0.0]]), np.array([[10.0, 12.0, np.inf]])
    got_low, got_high = tree_bounds(low, high, [(0, np.array([1, 2]))])
    assert got_low[0, :2].tolist() == [10.0, 12.0]
    assert got_low[0, 2] <= got_high[0, 2]


def test_shares_follow_the_prior_until_a_bound_binds() -> None:
    got = share_out(np.array([10.0]), np.array([[1.0, 4.0]]), np.array([[0.0, 0.0]]), np.array([[9.0, 6.0]]))
    np.testing.assert_allclose(got, [[4.0, 6.0]])


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.booleans())
def test_every_filling_of_hidden_cells_gives_a_quotient_inside_its_bounds(seed: int, population: bool) -> None:
    random = np.random.default_rng(seed)
    low = random.integers(0, 20, size=(5, 4)).astype(float)
    high = low + random.integers(0, 30, size=(5, 4)) * (random.random((5, 4)) < 0.4)
    base = random.integers(1, 100, size=5).astype(float) if population else None
    lowest, highest = location_quotient_bounds(
        low,
        high,
        low.sum(axis=1) if base is None else base,
        high.sum(axis=1) if base is None else base,
    )
    for _try in range(5):
        quotient = location_quotient(low + random.random(low.shape) * (high - low), base=base)
        known = ~np.isnan(quotient)
        assert (quotient[known] >= lowest[known] * (1 - 1e-9)).all()
        assert (quotient[known] <= highest[known] * (1 + 1e-9)).all()


def test_the_upper_bound_holds_where_the_quotient_peaks_inside_the_bounds_of_its_cell() -> None:
    low, high = np.array([[0.0, 5.0], [1.0, 94.0]]), np.array([[10.0, 5.0], [1.0, 94.0]])
    _lowest, highest = location_quotient_bounds(low, high, low.sum(axis=1), high.sum(axis=1))
    peaks = [location_quotient(np.array([[x, 5.0], [1.0, 94.0]]))[0, 0] for x in np.linspace(0.1, 10.0, 200)]
    assert max(peaks) > peaks[-1] + 0.2
    assert highest[0, 0] >= max(peaks)
