"""Change held to EconGeo and REAT, and to what must be true of it."""

from __future__ import annotations

from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from almaz.measures import change

BEFORE, AFTER = np.array([[90.0, 20.0, 10.0, 60.0]]), np.array([[100.0, 40.0, 10.0, 55.0]])
OLD, NEW = np.array([400.0, 150.0, 150.0, 400.0]), np.array([440.0, 210.0, 135.0, 480.0])
series = arrays(
    np.float64, st.tuples(st.just(4), st.integers(1, 4), st.integers(1, 5)), elements=st.integers(1, 999).map(float)
)


def test_econgeo_gives_the_same_industry_growth_to_its_two_decimals(known: ModuleType) -> None:
    before = known.matrix("econgeo/est2015_state_naics3.csv")
    after = known.matrix("econgeo/est_state_naics3.csv")
    expected = known.matrix("econgeo/out_growth_ind.csv")[:, 0]
    np.testing.assert_allclose(100 * change.industry_growth(before, after), expected, rtol=0, atol=0.00501)


@pytest.mark.parametrize(
    ("method", "expected"),
    [("dunn", (27, 1, -3, 0)), ("esteban_marquillas", (27, 1, -0.636363636364, -2.363636363636))],
)
def test_reat_gives_the_same_shift_share(method, expected: tuple[float, ...]) -> None:
    parts = change.shift_share(BEFORE, AFTER, OLD, NEW, method).by_region()
    found = [parts.national[0], parts.mix[0], parts.regional[0], parts.allocation[0]]
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


def test_reat_gives_the_same_shift_share_of_freiburg(known: ModuleType) -> None:
    name = "reat/reat_data_Freiburg.csv"
    before, after = known.column(name, "e_Freiburg2008")[None, :], known.column(name, "e_Freiburg2014")[None, :]
    old, new = known.column(name, "e_Germany2008"), known.column(name, "e_Germany2014")
    parts = change.shift_share(before, after, old, new).by_region()
    found = [
        (after - before).sum(),
        parts.national[0],
        parts.mix[0],
        parts.regional[0],
        (parts.mix + parts.regional)[0],
    ]
    np.testing.assert_allclose(found, [14373, 9887.27839826, 2501.61187842, 1984.10972332, 4485.72160174], rtol=1e-9)


@settings(max_examples=40, deadline=None)
@given(series, st.sampled_from(["dunn", "esteban_marquillas"]))
def test_the_parts_add_up_at_once_and_year_by_year(years: np.ndarray, method) -> None:
    for parts in (
        change.shift_share(years[0], years[-1], method=method),
        change.dynamic_shift_share(years, method=method),
    ):
        total = parts.national + parts.mix + parts.regional + parts.allocation
        np.testing.assert_allclose(total, years[-1] - years[0], rtol=1e-7, atol=1e-6)
    country = change.shift_share(years[0], years[-1])
    np.testing.assert_allclose(country.mix.sum(), 0, atol=1e-6)
    np.testing.assert_allclose(country.regional.sum(), 0, atol=1e-6)


@settings(max_examples=40, deadline=None)
@given(series)
def test_gerfins_factors_multiply_and_agree_with_dunn(years: np.ndarray) -> None:
    before, after = years[0], years[-1]
    factors, parts = change.shift_factors(before, after), change.shift_share(before, after).by_region()
    np.testing.assert_allclose(factors.structure * factors.location, factors.net)
    expected = before.sum(axis=1) + parts.national + parts.mix
    np.testing.assert_allclose(factors.location, after.sum(axis=1) / expected)
    chained = change.shift_factors(years[:-1], years[1:]).net.prod(axis=0)
    np.testing.assert_allclose(chained, factors.net)


def test_gerfins_factors_of_the_textbook_example_by_hand() -> None:
    """Expected at the country's rates 90·1.1 + 20·1.4 + 10·0.9 + 60·1.2 = 208; the country grows by 1265/1100 = 1.15."""
    factors = change.shift_factors(BEFORE, AFTER, OLD, NEW)
    np.testing.assert_allclose(factors.structure, 208 / 180 / 1.15, rtol=1e-12)
    np.testing.assert_allclose(factors.location, 205 / 208, rtol=1e-12)
    np.testing.assert_allclose(factors.net, 205 / 180 / 1.15, rtol=1e-12)


def test_growth_compounds_and_needs_something_to_grow_from() -> None:
    np.testing.assert_allclose(change.compound_growth(np.array([100.0]), np.array([121.0]), 2), 0.1)
    found = change.growth(np.array([0.0, np.nan, 10.0]), np.array([5.0, 5.0, 0.0]))
    np.testing.assert_array_equal(found, [np.nan, np.nan, -1.0])


def test_a_new_industry_is_the_regions_own_and_an_unknown_cell_stays_unknown() -> None:
    before, after = np.array([[10.0, 0.0], [10.0, 0.0]]), np.array([[12.0, 4.0], [10.0, 0.0]])
    parts = change.shift_share(before, after)
    np.testing.assert_allclose(parts.regional[:, 1], [4.0, 0.0])
    homothetic = change.shift_share(before, after, method="esteban_marquillas")
    np.testing.assert_array_equal(np.isnan(homothetic.regional), [[False, True], [False, False]])
    after[0, 1] = np.nan
    given_country = change.shift_share(before, after, np.array([50.0, 5.0]), np.array([60.0, 6.0]))
    np.testing.assert_array_equal(np.isnan(given_country.regional), [[False, True], [False, False]])
    assert np.isnan(change.shift_share(before, after).mix).all()
    unknown = change.shift_share(before, np.full((2, 2), 1.0), np.array([0.0, 5.0]), np.array([np.nan, 6.0]))
    assert np.isnan(unknown.mix).all()
