"""What a design could show: against simulation on the same noise, and against textbook numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from almaz.errors import AlmazError
from almaz.impact.power import (
    Design,
    Noise,
    expected_error,
    minimum_detectable_effect,
    noise,
    placebo_errors,
    power_curve,
    units_needed,
)
from almaz.impact.simulation import Scene, simulated

DESIGN = Design(treated=12, untreated=28, before=5, after=7)


@pytest.mark.parametrize("correlation", [0.0, 0.3, 0.6])
def test_noise_is_heard_without_the_bias_of_short_panels(correlation: float) -> None:
    scene = Scene(units=80, times=6, cohorts={}, deviation=0.1, correlation=correlation)
    heard = [noise(simulated(scene, seed)[0].outcome) for seed in range(40)]
    assert np.mean([one.correlation for one in heard]) == pytest.approx(correlation, abs=0.05)
    assert np.mean([one.deviation for one in heard]) == pytest.approx(0.1, rel=0.05)


def test_without_correlation_the_error_is_the_textbook_one() -> None:
    expected = 0.1 * np.sqrt((1 / 12 + 1 / 28) * (1 / 5 + 1 / 7))
    assert expected_error(DESIGN, Noise(0.1, 0.0)) == pytest.approx(expected)


@pytest.mark.parametrize(("correlation", "lag"), [(0.0, 0), (0.6, 0), (0.6, 4)])
def test_the_error_is_that_of_simulated_programmes_without_effect(correlation: float, lag: int) -> None:
    scene = Scene(units=300, times=30, cohorts={}, deviation=0.1, correlation=correlation)
    design = replace(DESIGN, lag=lag)
    drawn = np.concatenate([placebo_errors(simulated(scene, seed)[0].outcome, design, 400, seed) for seed in range(5)])
    assert drawn.std() == pytest.approx(expected_error(design, Noise(0.1, correlation)), rel=0.08)


def test_the_detectable_effect_is_found_with_the_power_asked_for() -> None:
    heard = Noise(0.1, 0.5)
    found = minimum_detectable_effect(DESIGN, heard)
    assert power_curve(DESIGN, heard, np.array([found.effect]))[0] == pytest.approx(0.8, abs=0.003)
    assert power_curve(DESIGN, heard, np.zeros(1))[0] == pytest.approx(0.05, abs=1e-9)
    reach = stats.t.ppf(0.975, 38) + stats.t.ppf(0.8, 38)
    assert found.effect == pytest.approx(reach * found.error)


def test_with_one_of_nine_no_effect_of_any_size_could_be_claimed() -> None:
    found = minimum_detectable_effect(replace(DESIGN, treated=1, untreated=8), Noise(0.1, 0.5))
    assert np.isnan(found.effect)
    assert "0.111" in found.reason
    assert np.isfinite(minimum_detectable_effect(replace(DESIGN, treated=2, untreated=7), Noise(0.1, 0.5)).effect)


def test_units_needed_are_the_fewest_that_do() -> None:
    heard = Noise(0.1, 0.5)
    needed = units_needed(DESIGN, heard, 0.05)
    assert needed is not None
    enough, few = (
        minimum_detectable_effect(replace(DESIGN, treated=n, untreated=n), heard).effect for n in (needed, needed - 1)
    )
    assert enough <= 0.05 < few
    assert units_needed(DESIGN, heard, 1e-9) is None


@given(st.integers(10, 60), st.integers(10, 60), st.floats(0.01, 10), st.floats(-0.5, 0.9))
def test_more_units_and_less_noise_show_smaller_effects(
    treated: int, untreated: int, deviation: float, correlation: float
) -> None:
    design, heard = replace(DESIGN, treated=treated, untreated=untreated), Noise(deviation, correlation)
    one = minimum_detectable_effect(design, heard).effect
    assert minimum_detectable_effect(replace(design, treated=treated + 5), heard).effect < one
    assert minimum_detectable_effect(design, Noise(2 * deviation, correlation)).effect == pytest.approx(2 * one)


def test_designs_and_figures_that_say_nothing_are_refused() -> None:
    with pytest.raises(AlmazError, match="nothing to compare"):
        expected_error(replace(DESIGN, lag=7), Noise(0.1, 0.0))
    with pytest.raises(AlmazError, match="cannot be told"):
        noise(np.zeros((2, 5)))
    with pytest.raises(AlmazError, match="units and"):
        placebo_errors(np.zeros((5, 5)), DESIGN)
    assert noise(np.arange(5) + np.arange(6)[:, None] * 1.0) == Noise(0.0, 0.0)
