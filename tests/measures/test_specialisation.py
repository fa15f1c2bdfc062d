"""Specialisation held to EconGeo and REAT, and to what must be true of it."""

from __future__ import annotations

from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from almaz.measures import inequality
from almaz.measures import specialisation as measures

STATES = "econgeo/est_state_naics3.csv"
tables = arrays(np.float64, st.tuples(st.integers(2, 6), st.integers(2, 6)), elements=st.integers(1, 10_000).map(float))

# EconGeo rounds entropy to three decimals (and adds 1e-9 inside the logarithm): half a unit of the last place is allowed.
ECONGEO = [
    ("out_location_quotient", measures.location_quotient, 0.0),
    ("out_herfindahl", inequality.herfindahl, 0.0),
    ("out_entropy", inequality.entropy, 0.00051),
    ("out_krugman_index", measures.krugman_index, 0.0),
    ("out_hachman", measures.hachman_index, 0.0),
    ("out_diversity", measures.diversity, 0.0),
]


@pytest.mark.parametrize(("file", "measure", "rounded"), ECONGEO, ids=[case[0] for case in ECONGEO])
def test_econgeo_gives_the_same(known: ModuleType, file: str, measure, rounded: float) -> None:
    expected = known.matrix(f"econgeo/{file}.csv")
    found = measure(known.matrix(STATES)).reshape(expected.shape)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=rounded)


def test_reat_gives_the_same_quotients(known: ModuleType) -> None:
    expected = known.column("reat/reat_locq2.csv", "LQ").reshape(16, 17)
    np.testing.assert_allclose(measures.location_quotient(known.german_states()), expected, rtol=1e-9)


def test_reat_gives_the_same_single_quotient() -> None:
    found = measures.location_quotient(
        np.array([[1714.0]]),
        np.array([879213.0]),
        base=np.array([79006.0]),
        reference_base=np.float64(15593224),
    )
    np.testing.assert_allclose(found, 0.384762342301, rtol=1e-9)


def test_reat_gives_the_same_krugman(known: ModuleType) -> None:
    states = known.german_states()
    found = measures.krugman_index(states, against="mean_of_others")
    np.testing.assert_allclose(found, known.column("reat/reat_spec.csv", "K j"), rtol=1e-9)
    goettingen = "reat/reat_data_Goettingen.csv"
    town, country = known.column(goettingen, "Goettingen2017")[1:], known.column(goettingen, "BRD2017")[1:]
    np.testing.assert_allclose(measures.krugman_index(town[None, :], country), 0.450846878362, rtol=1e-9)


@settings(max_examples=40, deadline=None)
@given(tables, st.floats(0.01, 100))
def test_quotients_average_to_one_and_ignore_the_unit(table: np.ndarray, unit: float) -> None:
    quotient = measures.location_quotient(table)
    weights = table.sum(axis=1) / table.sum()
    np.testing.assert_allclose(weights @ quotient, 1.0, rtol=1e-9)
    np.testing.assert_allclose(measures.location_quotient(table * unit), quotient, rtol=1e-9)
    folded = measures.symmetric_quotient(quotient)
    assert (np.abs(folded) < 1).all()
    assert ((folded > 0) == (quotient > 1)).all()


@settings(max_examples=40, deadline=None)
@given(tables, st.randoms(use_true_random=False))
def test_indices_keep_their_bounds_and_follow_the_order_of_regions(table: np.ndarray, chance) -> None:
    order = list(range(table.shape[0]))
    chance.shuffle(order)
    for against in ("country", "rest", "mean_of_others"):
        index = measures.krugman_index(table, against=against)
        assert ((index >= 0) & (index <= 2)).all()
        np.testing.assert_allclose(measures.krugman_index(table[order], against=against), index[order], atol=1e-12)
    hachman = measures.hachman_index(table)
    assert ((hachman > 0) & (hachman <= 1 + 1e-12)).all()
    np.testing.assert_allclose(measures.location_quotient(table[order]), measures.location_quotient(table)[order])


def test_draws_go_through_as_leading_axes() -> None:
    draws = np.arange(1.0, 61.0).reshape(3, 4, 5)
    for measure in (measures.location_quotient, measures.krugman_index, measures.hachman_index, measures.diversity):
        np.testing.assert_allclose(measure(draws), np.stack([measure(draw) for draw in draws]))


def test_the_region_can_be_left_out_of_its_reference() -> None:
    table = np.array([[10.0, 30.0], [20.0, 20.0], [30.0, 10.0]])
    np.testing.assert_allclose(measures.location_quotient(table, excluding=True)[0, 0], (10 / 40) / (50 / 80))


def test_same_kind_measures_against_its_own_kind_only() -> None:
    table = np.array([[10.0, 30.0, 5.0], [20.0, 20.0, 15.0]])
    kinds = np.array(["traded", "traded", "local"])
    found = measures.same_kind_quotient(table, kinds)
    np.testing.assert_allclose(found[:, :2], measures.location_quotient(table[:, :2]))
    np.testing.assert_allclose(found[:, 2], 1.0)
    table[0, 2] = np.nan
    assert np.isnan(measures.same_kind_quotient(table, kinds)[:, 2]).all()
    assert not np.isnan(measures.same_kind_quotient(table, kinds)[:, :2]).any()
    with pytest.raises(ValueError, match="kinds"):
        measures.same_kind_quotient(table, kinds[:2])


def test_an_unknown_cell_makes_unknown_only_what_depends_on_it() -> None:
    table, country = np.array([[10.0, 30.0], [20.0, np.nan]]), np.array([100.0, 200.0])
    base = np.array([50.0, 60.0])
    found = measures.location_quotient(table, country, base=base)
    np.testing.assert_array_equal(np.isnan(found), [[False, False], [False, True]])
    found = measures.location_quotient(table, country)
    np.testing.assert_array_equal(np.isnan(found), [[False, False], [True, True]])
    assert np.isnan(measures.krugman_index(table, country)).tolist() == [False, True]
    assert np.isnan(measures.hachman_index(table, country)).tolist() == [False, True]
    assert np.isnan(measures.diversity(table)).all()


def test_standardised_quotients_have_mean_zero_and_deviation_one() -> None:
    quotient = np.array([[0.5, 2.0], [1.0, 0.4], [2.5, 1.0]])
    for logarithmic in (False, True):
        found = measures.standardised_quotient(quotient, logarithmic=logarithmic)
        np.testing.assert_allclose(found.mean(axis=0), 0.0, atol=1e-12)
        np.testing.assert_allclose(found.std(axis=0, ddof=1), 1.0)
