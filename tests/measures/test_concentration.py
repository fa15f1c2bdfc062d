"""Concentration, inequality and agglomeration held to EconGeo and REAT, and to what must be true of them."""

from __future__ import annotations

from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from almaz.measures import agglomeration, concentration, inequality

tables = arrays(np.float64, st.tuples(st.integers(2, 6), st.integers(2, 6)), elements=st.integers(1, 10_000).map(float))
INCOMES = np.array([10.0, 10.0, 10.0, 20.0, 50.0])
MARKET = np.array([20.0, 50.0, 20.0, 10.0])
# Gross domestic product (billion euros) and population of the 16 German states in 2015, as printed in REAT's manual of hoover().
GDP = [
    460.69,
    549.19,
    124.16,
    65.29,
    31.59,
    109.27,
    263.44,
    39.87,
    258.53,
    645.59,
    131.95,
    35.03,
    112.66,
    56.22,
    85.61,
    56.81,
]
PEOPLE = [10879618, 12843514, 3520031, 2484826, 671489, 1787408, 6176172, 1612362, 7926599, 17865516, 4052803, 995597]
PEOPLE += [4084851, 2245470, 2858714, 2170714]

REAT = [
    ("gini", inequality.gini(MARKET), 0.3),
    ("gini normalised", inequality.gini(MARKET, normalised=True), 0.4),
    (
        "gini of classes",
        inequality.gini([500, 1500, 2500, 4000, 7500, 15000], [1000, 1200, 1600, 400, 200, 600]),
        0.527826086957,
    ),
    ("theil is kind L", inequality.theil(INCOMES, kind="L"), 0.232630161961),
    ("herf", inequality.herfindahl(MARKET), 0.34),
    ("atkinson", inequality.atkinson(INCOMES, 0.8), 0.173718025631),
    ("hoover", inequality.hoover_index(GDP, PEOPLE), 0.0735899088867),
    (
        "litzenberger",
        concentration.litzenberger_sternberg(
            np.array([[1743.0]]),
            np.array([[35.0]]),
            np.array([50.0]),
            np.array([488.0]),
            (np.array([5740.0]), np.array([53.0]), 576.0, 4621.0),
        )[0, 0],
        21.8749110167,
    ),
    ("howard.cl", agglomeration.colocation(np.array([[2.0, 2.0], [1.0, 1.0]]))[0, 1], 0.555555555556),
]


@pytest.mark.parametrize(("found", "expected"), [case[1:] for case in REAT], ids=[case[0] for case in REAT])
def test_reat_gives_the_same_number(found: float, expected: float) -> None:
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_reat_gives_the_same_williamson_in_its_own_convention(known: ModuleType) -> None:
    name = "reat/reat_data_GoettingenHealth2.csv"
    people, doctors = known.column(name, "pop"), known.column(name, "phys_gen")
    inhabited = people > 0  # REAT drops the districts where doctors per head is 0/0
    found = inequality.williamson(doctors[inhabited] / people[inhabited], people[inhabited], convention="reat")
    np.testing.assert_allclose(found, 1.23998819714, rtol=1e-9)


def test_reat_gives_the_same_concentration_of_industries(known: ModuleType) -> None:
    states, file = known.german_states(), "reat/reat_conc.csv"
    hoover = inequality.hoover_index(states, states.sum(axis=1), axis=-2)
    gini = concentration.locational_gini(states, convention="unweighted")
    krugman = concentration.krugman_concentration(states, against="mean_of_others")
    for header, found in (("H i", hoover), ("G i", gini), ("K i", krugman)):
        np.testing.assert_allclose(found, known.column(file, header), rtol=1e-9)


def test_reat_gives_the_same_specialisation_of_regions(known: ModuleType) -> None:
    states, file = known.german_states(), "reat/reat_spec.csv"
    hoover = inequality.hoover_index(states, states.sum(axis=0)[None, :])
    gini = concentration.specialisation_gini(states, convention="unweighted")
    for header, found in (("H j", hoover), ("G j", gini)):
        np.testing.assert_allclose(found, known.column(file, header), rtol=1e-9)


def test_econgeo_gives_the_same_hoover_curves_to_its_printed_digits(known: ModuleType) -> None:
    states = known.matrix("econgeo/est_state_naics3.csv")
    some, people = states[:, :10], states.sum(axis=1)
    gini = known.column("econgeo/out_hoover_gini.csv", "Hoover.Gini")  # three decimals
    np.testing.assert_allclose(inequality.hoover_gini(some, people), gini, rtol=0, atol=0.000501)
    index = known.column("econgeo/out_hoover_index.csv", "Hoover.index")  # per cent, two decimals
    np.testing.assert_allclose(100 * inequality.hoover_index(some, people, axis=-2), index, rtol=0, atol=0.00501)


def test_reat_gives_the_same_ellison_glaeser(known: ModuleType) -> None:
    name, answer = "reat/reat_data_FK2014_EGC.csv", "reat/reat_ellison.a2.csv"
    sizes, region = known.column(name, "emp_firm"), known.labels(name, "region")
    firms = agglomeration.plants(sizes, region, known.labels(name, "industry"))
    found = agglomeration.ellison_glaeser(firms.activity, firms.herfindahl, firms.fourth_powers)
    assert found.z is not None
    for header, values in (
        ("Gamma i", found.gamma),
        ("G i", found.raw_concentration),
        ("z Gi", found.z),
        ("K i", firms.number),
        ("HHI i", firms.herfindahl),
    ):
        np.testing.assert_allclose(values, known.column(answer, header), rtol=1e-9)
    size = np.array([known.column(name, "emp_region")[region == one][0] for one in firms.regions])
    group = agglomeration.group_coagglomeration(firms.activity, firms.herfindahl, size, convention="reat")
    np.testing.assert_allclose(group, 12.0728978772, rtol=1e-9)


def test_reat_gives_the_same_ellison_glaeser_of_one_industry() -> None:
    sizes = [200, 650, 12000, 100, 50, 16000, 13000, 1500, 1500, 25000]
    firms = agglomeration.plants(sizes, ["a Wien"] * 5 + ["b Linz"] * 4 + ["c Graz"], ["one"] * 10)
    found = agglomeration.ellison_glaeser(
        firms.activity, firms.herfindahl, firms.fourth_powers, np.array([500000.0, 400000.0, 100000.0])
    )
    assert found.z is not None
    np.testing.assert_allclose(found.gamma, 0.0599062841165389, rtol=1e-9)
    np.testing.assert_allclose(found.raw_concentration, 0.168163265306122, rtol=1e-9)
    np.testing.assert_allclose(found.z, 0.195900197026136, rtol=1e-9)
    np.testing.assert_allclose(firms.herfindahl, 0.244688775510204, rtol=1e-9)


def test_a_group_settled_like_one_industry_has_the_gamma_of_that_industry() -> None:
    activity = np.array([[30.0, 30.0], [10.0, 10.0], [0.0, 0.0]])
    fine, size = np.zeros(2), np.array([100.0, 100.0, 100.0])
    single = agglomeration.ellison_glaeser(activity, fine, region_size=size).gamma
    np.testing.assert_allclose(agglomeration.group_coagglomeration(activity, fine, size), single[0])


def test_excess_colocation_is_what_dealing_the_industries_at_random_gives() -> None:
    firms = np.array([[2.0, 2.0], [1.0, 1.0]])
    sites, chance = np.array([0, 0, 0, 0, 1, 1]), np.random.default_rng(7)
    drawn = [
        np.mean(dealt[:3, None] == dealt[None, 3:]) for dealt in (chance.permutation(sites) for _ in range(20_000))
    ]
    found = agglomeration.excess_colocation(firms)
    np.testing.assert_allclose(found[0, 1], 5 / 9 - np.mean(drawn), atol=0.005)
    assert np.isnan(np.diag(found)).all()


@settings(max_examples=40, deadline=None)
@given(tables, st.floats(0.01, 100))
def test_indices_keep_their_bounds_and_ignore_the_unit(table: np.ndarray, unit: float) -> None:
    n = table.shape[1]
    for measure, low, high in (
        (inequality.herfindahl, 1 / n, 1.0),
        (inequality.entropy, 0.0, np.log2(n)),
        (inequality.gini, 0.0, 1 - 1 / n),
        (inequality.hoover_index, 0.0, 1.0),
        (inequality.theil, 0.0, np.log(n)),
        (inequality.atkinson, 0.0, 1.0),
    ):
        index = measure(table)
        assert ((index >= low - 1e-12) & (index <= high + 1e-12)).all(), measure
        np.testing.assert_allclose(measure(table * unit), index, rtol=1e-7, atol=1e-12)
        np.testing.assert_allclose(measure(table[:, ::-1]), index, rtol=1e-7, atol=1e-12)
        np.testing.assert_allclose(measure(table.T, axis=-2), index, rtol=1e-7, atol=1e-12)


@settings(max_examples=40, deadline=None)
@given(tables)
def test_localisation_keeps_its_bounds(table: np.ndarray) -> None:
    half, full = concentration.locational_gini(table), concentration.locational_gini(table, convention="hoover")
    np.testing.assert_allclose(2 * half, full)
    assert ((full > -1e-12) & (full <= 1)).all()
    krugman = concentration.krugman_concentration(table)
    hoover = inequality.hoover_index(table, table.sum(axis=1), axis=-2)
    np.testing.assert_allclose(krugman, 2 * hoover, atol=1e-12)
    assert ((concentration.specialisation_gini(table) > -1e-12) & (concentration.specialisation_gini(table) < 1)).all()


def test_weights_count_as_repetitions() -> None:
    values, times = np.array([3.0, 1.0, 7.0]), np.array([2, 5, 1])
    spelled = np.repeat(values, times)
    for measure in (inequality.gini, inequality.theil):
        np.testing.assert_allclose(measure(values, times), measure(spelled))
    np.testing.assert_allclose(inequality.atkinson(values, 1.0, times), inequality.atkinson(spelled, 1.0))
    np.testing.assert_allclose(inequality.williamson(values, times), spelled.std() / spelled.mean())


def test_an_unknown_value_makes_only_its_own_list_unknown() -> None:
    table = np.array([[1.0, 2.0, np.nan], [1.0, 0.0, 5.0]])
    for measure in (inequality.herfindahl, inequality.entropy, inequality.gini, inequality.theil, inequality.atkinson):
        assert np.isnan(measure(table)).tolist() == [True, False], measure
    assert np.isnan(inequality.hoover_gini(table, [1.0, 2.0])).tolist() == [False, False, True]


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match="normalisation"):
        inequality.gini(MARKET, MARKET, normalised=True)
    with pytest.raises(ValueError, match="aversion"):
        inequality.atkinson(MARKET, -1.0)
    with pytest.raises(ValueError, match="weights"):
        inequality.hoover_index(MARKET, MARKET[:3])
    with pytest.raises(ValueError, match="firms"):
        agglomeration.plants([1.0, 2.0], ["a"], ["b", "b"])
