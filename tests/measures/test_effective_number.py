"""Establishments as draws: known designs, sizes, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from almaz.measures.effective_number import Counts, effective_n, size_variation


def one(employment: float, establishments: float | None = None) -> Counts:
    return Counts(np.array([employment]), None if establishments is None else np.array([establishments]))


def test_equal_establishments_count_as_one_draw_each() -> None:
    assert effective_n(one(100, 10), one(1000, 100)) == pytest.approx([100.0], rel=1e-12)


def test_employees_as_draws_give_the_employment_of_the_region() -> None:
    assert effective_n(one(37), one(1000)) == pytest.approx([1000.0], rel=1e-12)


def test_a_factory_among_shops_is_nearly_one_draw() -> None:
    # log-odds variance 1/1 + 1/500 = 1.002 must be 1 / (n/4)
    assert effective_n(one(500, 1), one(1000, 501)) == pytest.approx([4 / 1.002], rel=1e-12)


def test_an_empty_cell_is_measured_in_establishments_of_its_industry() -> None:
    assert effective_n(one(0, 0), one(1000, 100), typical_size=50.0) == pytest.approx([20.0])
    assert effective_n(one(0, 0), one(1000, 100)) == pytest.approx([100.0])
    assert effective_n(one(0, 0), one(1000, 100), typical_size=50.0, size_variation=3.0) == pytest.approx([5.0])


def test_a_cell_that_fills_its_region_has_its_establishments() -> None:
    assert effective_n(one(80, 4), one(80, 4), size_variation=1.0) == pytest.approx([2.0])


def test_unknown_and_contradictory_counts_stay_unknown() -> None:
    cell = Counts(np.array([np.nan, 5.0, 5.0, 0.0]), np.array([2.0, 0.0, np.nan, 0.0]))
    total = Counts(np.array([10.0, 10.0, 10.0, 0.0]), np.array([4.0, 4.0, 4.0, 0.0]))
    assert np.isnan(effective_n(cell, total)).all()


def test_impossible_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        effective_n(one(-1, 1), one(10, 2))
    with pytest.raises(ValueError, match="1 cells are larger"):
        effective_n(one(11, 1), one(10, 2))


@settings(max_examples=60, deadline=None)
@given(
    share=st.floats(0.001, 0.999),
    cell=st.floats(0.25, 1e4),
    rest=st.floats(0.25, 1e6),
    factor=st.floats(1.1, 50),
    persons=st.floats(1, 1e7),
)
def test_properties(share: float, cell: float, rest: float, factor: float, persons: float) -> None:
    n = effective_n(one(share * persons, cell), one(persons, cell + rest))[0]
    assert n == pytest.approx(effective_n(one(share, cell), one(1.0, cell + rest))[0], rel=1e-9)  # unit of employment
    more = effective_n(one(share, cell * factor), one(1.0, (cell + rest) * factor))[0]
    assert more == pytest.approx(n * factor, rel=1e-6)
    spread = effective_n(one(share, cell), one(1.0, cell + rest), size_variation=factor)[0]
    assert spread == pytest.approx(n / (1 + factor), rel=1e-9)


def test_size_variation_recovers_the_spread_of_simulated_establishments() -> None:
    generator = np.random.default_rng(20260101)
    establishments = generator.integers(1, 60, size=(6000, 3)).astype(float)
    shapes = np.array([4.0, 1.0, 0.5])  # gamma sizes: squared coefficient of variation 1 / shape
    employment = generator.gamma(establishments * shapes, 20.0 / shapes)  # a sum of gammas is gamma
    np.testing.assert_allclose(size_variation(employment, establishments), 1 / shapes, rtol=0.1)


def test_size_variation_by_hand() -> None:
    # sizes 10 and 30 with one establishment each: b = 20, v = (0.25 + 0.25) / 1; the unknown region is left out
    employment = np.array([[10.0], [30.0], [np.nan], [0.0]])
    establishments = np.array([[1.0], [1.0], [7.0], [0.0]])
    assert size_variation(employment, establishments) == pytest.approx([0.5])
    assert np.isnan(size_variation(employment[:1], establishments[:1])).all()
