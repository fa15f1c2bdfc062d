"""Group–time effects and their averages against R's did, and the properties any difference-in-differences has."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from almaz.errors import AlmazError
from almaz.impact.aggregation import Kind, aggregate
from almaz.impact.group_time import GroupTime, group_time
from almaz.impact.inference import wald
from almaz.impact.panel import NEVER, Panel
from almaz.impact.simulation import Scene, simulated

KNOWN = Path(__file__).parent.parent / "data" / "known_answers" / "did"
SCENARIOS = ("never", "not_yet", "adjusted")


def of_scenario(panel: Panel, scenario: str) -> GroupTime:
    return group_time(panel, "not_yet" if scenario == "not_yet" else "never", adjust=scenario == "adjusted")


def known(name: str, scenario: str) -> list[dict[str, str]]:
    with (KNOWN / name).open(encoding="utf-8") as source:
        return [row for row in csv.DictReader(source) if row["scenario"] == scenario]


def test_the_published_table_comes_out_to_four_decimals(wages: Panel) -> None:
    published = {
        (2004, 2004): -0.0105, (2004, 2005): -0.0704, (2004, 2006): -0.1373, (2004, 2007): -0.1008,
        (2006, 2004): 0.0065, (2006, 2005): -0.0028, (2006, 2006): -0.0046, (2006, 2007): -0.0412,
        (2007, 2004): 0.0305, (2007, 2005): -0.0027, (2007, 2006): -0.0311, (2007, 2007): -0.0261,
    }  # fmt: skip
    effects = group_time(wages)
    cells = zip(effects.cohort, effects.time, effects.effect, strict=True)
    assert {(int(g), int(t)): round(effect, 4) for g, t, effect in cells} == published
    assert round(aggregate(effects, "simple").overall, 4) == -0.0400


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_effects_and_errors_are_those_of_did(wages: Panel, scenario: str) -> None:
    effects = of_scenario(wages, scenario)
    rows = known("att_gt.csv", scenario)
    assert [(int(g), int(t)) for g, t in zip(effects.cohort, effects.time, strict=True)] == [
        (int(row["cohort"]), int(row["time"])) for row in rows
    ]
    np.testing.assert_allclose(effects.effect, [float(row["effect"]) for row in rows], rtol=1e-9)
    np.testing.assert_allclose(effects.errors(), [float(row["error"]) for row in rows], rtol=1e-9)


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("kind", ["simple", "dynamic", "group", "calendar"])
def test_averages_and_their_errors_are_those_of_did(wages: Panel, scenario: str, kind: Kind) -> None:
    found = aggregate(of_scenario(wages, scenario), kind)
    effects, errors = (dict(zip(found.label, part, strict=True)) for part in (found.effect, found.errors()))
    rows = [row for row in known("aggte.csv", scenario) if row["kind"] == kind]
    assert rows
    for row in rows:
        assert found.overall == pytest.approx(float(row["overall"]), rel=1e-9)
        assert found.overall_error == pytest.approx(float(row["overall_error"]), rel=1e-9)
        if row["label"]:
            assert effects[float(row["label"])] == pytest.approx(float(row["effect"]), rel=1e-9)
            assert errors[float(row["label"])] == pytest.approx(float(row["error"]), rel=1e-9)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_pre_test_is_that_of_did(wages: Panel, scenario: str) -> None:
    effects = of_scenario(wages, scenario)
    before = ~effects.after
    row = known("pretest.csv", scenario)[0]
    statistic, freedom, p = wald(effects.effect[before], effects.covariance()[np.ix_(before, before)])
    assert statistic == pytest.approx(float(row["statistic"]), rel=1e-9)
    assert freedom == 5
    assert round(p, 5) == float(row["p"])


def test_against_one_base_early_steps_add_up(wages: Panel) -> None:
    """did with base_period = "universal", as published: (2006, 2003) −0.0038, (2007, 2003) 0.0033, (2007, 2004) 0.0338."""
    effects = group_time(wages, base="universal")
    cells = dict(zip(zip(effects.cohort.astype(int), effects.time, strict=True), effects.effect, strict=True))
    assert [round(cells[cell], 4) for cell in ((2006, 2003), (2006, 2004), (2007, 2003), (2007, 2004), (2007, 2005))] == [
        -0.0038, 0.0028, 0.0033, 0.0338, 0.0311,
    ]  # fmt: skip
    assert cells[2006, 2005] == 0
    assert np.isnan(effects.errors()[effects.reference]).all()


def test_errors_clustered_by_the_state_that_decided_are_larger(wages: Panel) -> None:
    states = np.unique([unit[:-3] for unit in wages.units], return_inverse=True)[1]
    by_state = aggregate(group_time(replace(wages, cluster=states)), "simple")
    assert by_state.overall == pytest.approx(aggregate(group_time(wages), "simple").overall)
    assert by_state.overall_error > 1.2 * 0.0120340


scenes = st.builds(
    Scene,
    units=st.integers(12, 40),
    times=st.integers(4, 8),
    cohorts=st.fixed_dictionaries({2: st.integers(1, 4), 3: st.integers(1, 4)}),
    effect=st.floats(-1, 1),
    growth=st.floats(-0.2, 0.2),
)


@settings(max_examples=40, deadline=None)
@given(scenes, st.integers(0, 2**32 - 1))
def test_shifts_scale_order_and_names_of_years_do_not_matter(scene: Scene, seed: int) -> None:
    panel, _effect = simulated(scene, seed)
    rng = np.random.default_rng(seed)
    plain = aggregate(group_time(panel), "dynamic")
    shifts = rng.normal(size=(scene.units, 1)) + rng.normal(size=(1, scene.times))
    shifted = aggregate(group_time(replace(panel, outcome=panel.outcome + shifts)), "dynamic")
    np.testing.assert_allclose(shifted.effect, plain.effect, atol=1e-9)
    np.testing.assert_allclose(shifted.errors(), plain.errors(), atol=1e-9)
    scaled = aggregate(group_time(replace(panel, outcome=panel.outcome * -3.0)), "dynamic")
    np.testing.assert_allclose(scaled.effect, -3.0 * plain.effect, atol=1e-9)
    np.testing.assert_allclose(scaled.errors(), 3.0 * plain.errors(), atol=1e-9)
    mixed = aggregate(group_time(panel.take(rng.permutation(scene.units))), "dynamic")
    np.testing.assert_allclose(mixed.effect, plain.effect, atol=1e-9)
    np.testing.assert_allclose(mixed.errors(), plain.errors(), atol=1e-9)
    later = replace(panel, times=tuple(time + 1990 for time in panel.times), first=panel.first + 1990)
    renamed = aggregate(group_time(later), "dynamic")
    np.testing.assert_allclose(renamed.effect, plain.effect, atol=1e-9)
    assert renamed.label.tolist() == plain.label.tolist()


@settings(max_examples=25, deadline=None)
@given(scenes, st.integers(0, 2**32 - 1))
def test_influence_is_zero_on_average_and_a_known_effect_without_noise_comes_out(scene: Scene, seed: int) -> None:
    panel, effect = simulated(replace(scene, deviation=0.0), seed)
    effects = group_time(panel, "not_yet")
    np.testing.assert_allclose(effects.influence.mean(axis=0), 0.0, atol=1e-9)
    for cohort, time, found in zip(effects.cohort, effects.time, effects.effect, strict=True):
        true = np.nan_to_num(effect[panel.first == cohort][:, int(time)]).mean()
        assert found == pytest.approx(true, abs=1e-9)


def test_anticipation_moves_the_base_back(wages: Panel) -> None:
    effects = group_time(wages, anticipation=1)
    cell = (effects.cohort == 2006) & (effects.time == 2006)
    ours, others = wages.first == 2006, ~np.isfinite(wages.first)
    change = wages.outcome[:, 3] - wages.outcome[:, 1]
    assert effects.effect[cell][0] == pytest.approx(change[ours].mean() - change[others].mean(), rel=1e-12)


def test_without_units_outside_only_later_joiners_compare(wages: Panel) -> None:
    joined = wages.take(np.isfinite(wages.first))
    with pytest.raises(AlmazError, match="never joins") as error:
        group_time(joined)
    assert "not_yet" in str(error.value)
    effects = group_time(joined, "not_yet")
    last = effects.cohort == 2007
    assert np.isnan(effects.effect[last & effects.after]).all()
    assert np.isfinite(effects.effect[effects.cohort == 2004][:3]).all()


def test_adjusting_without_covariates_is_refused(wages: Panel) -> None:
    with pytest.raises(AlmazError, match="no covariates"):
        group_time(replace(wages, covariates={}), adjust=True)


def test_a_cohort_that_joins_after_the_panel_changes_nothing(wages: Panel) -> None:
    """Never and not yet are the same controls where nobody joins later."""
    one = wages.take((wages.first == 2004) | (wages.first == NEVER))
    never, not_yet = group_time(one), group_time(one, "not_yet")
    np.testing.assert_allclose(never.effect, not_yet.effect)
