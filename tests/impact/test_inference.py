"""Bands, permutation, claims and refusals."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from almaz.impact.aggregation import aggregate
from almaz.impact.evaluation import EvaluationOptions, evaluate
from almaz.impact.group_time import group_time
from almaz.impact.inference import assignments, multiplier_bootstrap, permutation_p, pointwise, shuffles, sup_t
from almaz.impact.panel import Panel
from almaz.impact.pretrends import detectable_slope, drift_that_overturns, pretrends
from almaz.impact.simulation import Scene, simulated


def overall(panel: Panel) -> float:
    return aggregate(group_time(panel), "simple").overall


def test_the_band_is_as_wide_as_the_bootstrap_of_did(wages: Panel) -> None:
    """R's did prints bands of ± 2.6 … 2.7 standard errors here, by bootstrap; the normal one is a little wider."""
    effects = group_time(wages)
    critical = sup_t(effects.covariance())
    assert 2.6 < critical < 2.9
    errors, largest = multiplier_bootstrap(effects.influence, wages.cluster, draws=4000)
    np.testing.assert_allclose(errors, effects.errors(), rtol=0.08)
    assert np.quantile(largest, 0.95) == pytest.approx(2.67, abs=0.1)


def test_a_single_effect_has_the_pointwise_value_and_more_have_a_larger_one() -> None:
    assert sup_t(np.eye(1)) == pointwise(0.95) == pytest.approx(1.959964, abs=1e-6)
    assert sup_t(np.eye(10)) == pytest.approx(2.80, abs=0.03)
    assert sup_t(np.ones((10, 10))) == pytest.approx(1.96, abs=0.03)


@pytest.mark.parametrize(("treated", "untreated", "verdict", "smallest"), [
    (1, 8, "cannot_say", 1 / 9), (2, 7, "raised", 1 / 36), (12, 30, "raised", 0.0),
])  # fmt: skip
def test_a_huge_effect_is_claimed_only_where_chance_could_be_told_apart(
    treated: int, untreated: int, verdict: str, smallest: float
) -> None:
    panel, _effect = simulated(Scene(units=treated + untreated, times=10, cohorts={5: treated}, effect=2.0), 1)
    row = evaluate(panel, EvaluationOptions()).tables["programme_claim"].to_pylist()[0]
    assert row["verdict"] == verdict
    assert row["smallest_p"] == pytest.approx(smallest)
    assert (row["low"] is None) == (verdict == "cannot_say")
    assert str(treated) in row["reason"]


def test_among_nine_regions_nothing_is_claimed_and_no_interval_is_drawn() -> None:
    panel, _effect = simulated(Scene(units=9, times=10, cohorts={5: 1}, effect=2.0), 1)
    tables = evaluate(panel, EvaluationOptions()).tables
    for name in ("programme_effects", "programme_group_time", "programme_summary"):
        assert tables[name]["low"].null_count == tables[name].num_rows, name
    assert tables["programme_amendments"]["action"].to_pylist() == ["measure_better"]
    assert tables["programme_synthetic_tests"]["allowed"].to_pylist() == [False]


def test_permutation_tries_every_way_where_there_are_few() -> None:
    panel, _effect = simulated(Scene(units=9, times=8, cohorts={4: 2}, effect=0.0, growth=0.0), 7)
    assert assignments(panel) == pytest.approx(36)
    made = shuffles(panel, lambda one: np.array([overall(one)]))
    assert made.every
    assert len(made.effect) == 36
    p, smallest = permutation_p(panel, overall)
    effects = np.abs(made.effect[:, 0])
    assert p == pytest.approx((effects >= abs(overall(panel)) - 1e-12).mean())
    assert smallest == pytest.approx(1 / 36)


def test_without_an_effect_the_chance_is_uniform() -> None:
    found = [
        permutation_p(simulated(Scene(units=10, times=6, cohorts={3: 3}, effect=0.0, growth=0.0), seed)[0], overall)[0]
        for seed in range(60)
    ]
    assert 0.35 < np.mean(found) < 0.65
    assert np.mean(np.array(found) <= 0.2) < 0.4


def test_shuffled_joining_on_real_figures_covers_zero(wages: Panel) -> None:
    rng = np.random.default_rng(0)
    covered = 0
    for _draw in range(100):
        shuffled = aggregate(group_time(replace(wages, first=rng.permutation(wages.first))), "simple")
        covered += abs(shuffled.overall) < 1.96 * shuffled.overall_error
    assert covered >= 88


def test_clusters_are_shuffled_whole(wages: Panel) -> None:
    states = np.unique([unit[:-3] for unit in wages.units], return_inverse=True)[1]
    by_state = replace(wages, cluster=states)
    p_county, _smallest = permutation_p(wages, overall, draws=200)
    p_state, _smallest = permutation_p(by_state, overall, draws=200)
    assert p_state > p_county


def test_the_pre_test_says_what_it_would_miss(wages: Panel) -> None:
    effects = group_time(wages)
    dynamic = aggregate(effects, "dynamic")
    found = pretrends(effects, dynamic)
    assert found.p == pytest.approx(0.16812, abs=5e-6)
    assert 0 < found.slope_half < found.slope_most
    assert found.bias_half == pytest.approx(found.slope_half * 2.5)
    drifting = Scene(units=400, times=8, cohorts={5: 150}, effect=0.0, growth=0.0)
    noticed = 0
    half = None
    for seed in range(40):
        panel, _effect = simulated(drifting, seed)
        calm = group_time(panel)
        half = half or detectable_slope(aggregate(calm, "dynamic"), False, 0.5)
        drifted, _effect = simulated(replace(drifting, trend=half), seed + 1000)
        later = group_time(drifted)
        noticed += pretrends(later, aggregate(later, "dynamic")).p < 0.05
    assert 10 <= noticed <= 30


def test_a_drift_that_overturns_is_a_multiple_of_the_largest_step_seen(wages: Panel) -> None:
    dynamic = aggregate(group_time(wages), "dynamic")
    multiple, largest = drift_that_overturns(dynamic, -0.117, -0.038, False)
    assert largest == pytest.approx(0.0305, abs=1e-4)
    assert multiple == pytest.approx(0.038 / (largest * 2.5))
    assert drift_that_overturns(dynamic, -0.1, 0.1, False)[0] == 0.0
