"""Synthetic control: the published application, exactness of the weights, placebos."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from almaz.errors import AlmazError
from almaz.impact.panel import Panel
from almaz.impact.simulation import Scene, simulated
from almaz.impact.synthetic_control import (
    earlier_start,
    placebo_test,
    synthetic_control,
    synthetic_weights,
    without_each_donor,
)


def test_california_is_the_published_mix_and_effect(tobacco: Panel) -> None:
    """Arkhangelsky et al. (2021), table 1: −19.6 by synthetic control on past outcomes, by an iterative solver that stops
    early; the exact optimum is −19.51. Abadie, Diamond and Hainmueller's (2010) donors: Utah, Nevada, Montana, Colorado,
    Connecticut (with covariates); here New Hampshire enters with 5 %."""
    control = synthetic_control(tobacco, "California")
    assert control.effect == pytest.approx(-19.6, abs=0.15)
    mix = {donor: weight for donor, weight in zip(control.donors, control.weight, strict=True) if weight > 0.001}
    assert set(mix) == {"Utah", "Montana", "Nevada", "Connecticut", "New Hampshire", "Colorado"}
    early = np.array([0.0133, 0.1045, 0.0041, 0.2323, 0.2044, 0.0454, 0.3961])
    places = [
        control.donors.index(s)
        for s in ("Colorado", "Connecticut", "Idaho", "Montana", "Nevada", "New Hampshire", "Utah")
    ]
    other = np.zeros(38)
    other[places] = early / early.sum()
    donors = np.array([tobacco.outcome[tobacco.units.index(donor)][:19] for donor in control.donors]).T
    target = tobacco.outcome[tobacco.units.index("California")][:19]
    assert ((target - donors @ control.weight) ** 2).sum() <= ((target - donors @ other) ** 2).sum()


def test_plain_difference_in_differences_on_the_same_data_is_the_published_one(tobacco: Panel) -> None:
    from almaz.impact.comparisons import two_way_fixed_effects

    assert round(two_way_fixed_effects(tobacco).effect, 1) == -27.3


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 8), st.integers(3, 12), st.integers(0, 2**32 - 1))
def test_weights_are_as_good_as_a_general_solver_finds(donors: int, times: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    matrix, target = rng.normal(size=(times, donors)), rng.normal(size=times)
    weight = synthetic_weights(target, matrix)
    assert weight.min() >= 0
    assert weight.sum() == pytest.approx(1.0)

    def loss(part: np.ndarray) -> float:
        return float(((target - matrix @ part) ** 2).sum())

    found = optimize.minimize(
        loss, np.full(donors, 1 / donors), bounds=[(0, 1)] * donors, method="SLSQP",
        constraints={"type": "eq", "fun": lambda part: part.sum() - 1}, options={"ftol": 1e-14, "maxiter": 500},
    )  # fmt: skip
    assert loss(weight) <= found.fun + 1e-7 * max(1.0, found.fun)


def test_a_unit_that_is_a_mix_of_others_is_found_and_its_effect_comes_out() -> None:
    panel, _effect = simulated(Scene(units=9, times=14, cohorts={10: 1}, effect=0.0, growth=0.0), 3)
    place = int(np.flatnonzero(np.isfinite(panel.first))[0])
    outcome = panel.outcome.copy()
    others = [i for i in range(9) if i != place]
    outcome[place] = 0.6 * outcome[others[0]] + 0.4 * outcome[others[1]]
    outcome[place, 10:] += 0.5
    control = synthetic_control(replace(panel, outcome=outcome), panel.units[place])
    assert control.error_before == pytest.approx(0.0, abs=1e-6)
    assert control.effect == pytest.approx(0.5, abs=1e-5)
    assert control.weight[:2] == pytest.approx([0.6, 0.4], abs=1e-4)


def test_placebos_rank_the_unit_and_say_how_small_a_chance_can_be(tobacco: Panel) -> None:
    test = placebo_test(tobacco, "California")
    assert (test.rank, len(test.units)) == (3, 39)
    assert test.p == pytest.approx(3 / 39)
    assert test.smallest_p == pytest.approx(1 / 39)
    assert test.fits
    left = without_each_donor(tobacco, test.control)
    assert set(left) == {"Utah", "Montana", "Nevada", "Connecticut", "New Hampshire", "Colorado"}
    assert all(-21 < effect < -17 for effect in left.values())


def test_an_earlier_start_shows_no_effect(tobacco: Panel) -> None:
    placebo = earlier_start(tobacco, "California", 8)
    assert abs(placebo.effect) < 5
    assert placebo.times[-1] == 1988
    with pytest.raises(AlmazError, match="too few"):
        earlier_start(tobacco, "California", 18)


def test_shifting_all_outcomes_changes_nothing_and_a_larger_unit_needs_the_shift(tobacco: Panel) -> None:
    plain = synthetic_control(tobacco, "California")
    moved = synthetic_control(replace(tobacco, outcome=tobacco.outcome + 50.0), "California")
    np.testing.assert_allclose(moved.weight, plain.weight, atol=1e-6)
    outcome = tobacco.outcome.copy()
    outcome[tobacco.units.index("California")] += 200.0
    larger = replace(tobacco, outcome=outcome)
    assert synthetic_control(larger, "California").error_before > 50
    shifted = synthetic_control(larger, "California", shifted=True)
    assert shifted.error_before < 3
    assert shifted.effect == pytest.approx(synthetic_control(tobacco, "California", shifted=True).effect, abs=1e-4)


def test_what_cannot_have_a_twin_is_refused(tobacco: Panel) -> None:
    with pytest.raises(AlmazError, match="no unit «Atlantis»"):
        synthetic_control(tobacco, "Atlantis")
    with pytest.raises(AlmazError, match="never in the programme"):
        synthetic_control(tobacco, "Utah")
    few = tobacco.take(np.array([tobacco.units.index("California"), 0]))
    with pytest.raises(AlmazError, match="needs more"):
        synthetic_control(few, "California")
