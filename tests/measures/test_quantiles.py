"""Passing a percentile, held to NumPy's quantile and, for bounds, to every filling tried."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import percentileofscore

from almaz.measures import quantiles

SHARES = st.sampled_from([0.25, 0.5, 0.75, 0.8, 0.9])
columns = arrays(np.float64, st.tuples(st.integers(1, 30), st.just(2)), elements=st.integers(0, 8).map(float))


@settings(max_examples=80, deadline=None)
@given(columns, SHARES, st.booleans())
def test_counting_says_what_the_interpolated_quantile_says(values: np.ndarray, share: float, strict: bool) -> None:
    present = values > 0
    found = quantiles.passes_quantile(values, present, share, strict=strict)
    cuts = quantiles.quantile(values, present, share)
    for c in range(2):
        held = values[present[:, c], c]
        if held.size == 0:
            assert np.isnan(cuts[c])
            continue
        cut = np.quantile(held, share)
        assert cuts[c] == cut
        apart = np.abs(values[:, c] - cut) > 1e-9  # on the cut itself rounding would decide
        expected = present[:, c] & (values[:, c] > cut if strict else values[:, c] >= cut)
        np.testing.assert_array_equal(found[apart, c], expected[apart])


@settings(max_examples=60, deadline=None)
@given(st.data(), st.integers(1, 4), SHARES, st.booleans())
def test_bounds_are_exact_over_every_filling_of_small_cases(data, n: int, share: float, strict: bool) -> None:
    low = np.array(data.draw(st.lists(st.integers(0, 3), min_size=n, max_size=n)), dtype=float)
    high = low + np.array(data.draw(st.lists(st.integers(0, 2), min_size=n, max_size=n)))
    surely, possibly = low > 0, high > 0
    outcomes = []
    # In halves: between nothing and one there are fillings that whole numbers leave out.
    for filling in itertools.product(*[np.arange(a, b + 0.5, 0.5) for a, b in zip(low, high, strict=True)]):
        one = np.array(filling)[:, None]
        outcomes.append(quantiles.passes_quantile(one, one > 0, share, strict=strict)[:, 0])
    bounds = (low[:, None], high[:, None], surely[:, None], possibly[:, None], share)
    np.testing.assert_array_equal(
        quantiles.surely_passes_quantile(*bounds, strict=strict)[:, 0], np.all(outcomes, axis=0)
    )
    np.testing.assert_array_equal(
        quantiles.possibly_passes_quantile(*bounds, strict=strict)[:, 0], np.any(outcomes, axis=0)
    )


@settings(max_examples=40, deadline=None)
@given(columns, st.permutations(range(5)))
def test_places_are_scipys_mid_ranks_and_do_not_depend_on_the_order(values: np.ndarray, order: list[int]) -> None:
    found = quantiles.percentile_place(values)
    n = values.shape[0]
    for row in range(n):
        others = np.delete(values[:, 0], row)
        expected = percentileofscore(others, values[row, 0], kind="mean") / 100 if n > 1 else 0.5
        assert found[row, 0] == pytest.approx(expected, abs=1e-12)
    mixed = [place for place in order if place < n] + list(range(5, n))
    np.testing.assert_array_equal(quantiles.percentile_place(values[mixed]), found[mixed])


def test_an_unknown_region_has_no_place_and_takes_none() -> None:
    found = quantiles.percentile_place(np.array([[1.0], [np.nan], [3.0], [3.0]]))
    np.testing.assert_allclose(found[:, 0], [0.0, np.nan, 0.75, 0.75])


@given(arrays(np.float64, (7, 2), elements=st.one_of(st.integers(0, 4).map(float), st.just(np.nan))))
def test_a_value_put_among_its_own_column_has_its_own_place(values: np.ndarray) -> None:
    there = (~np.isnan(values)).sum(axis=0) > 1
    np.testing.assert_allclose(
        quantiles.place_among(values, values)[:, there], quantiles.percentile_place(values)[:, there]
    )
    assert np.isnan(quantiles.place_among(values, values)[:, ~there]).all()
