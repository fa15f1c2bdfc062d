"""The years ahead: arithmetic by hand, warnings, refusals."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from almaz.errors import AlmazError
from almaz.impact.horizon import Plan, Range, early_benefits, horizon, read_plan

SURE = Plan(
    2027, 10, (10.0, 5.0), Range(20, 20, 20), Range(5, 5, 5), Range(2, 2, 2), Range(1, 1, 1), Range(0.5, 0.5, 0.5),
    Range(0.0, 0.0, 0.0),
)  # fmt: skip


def test_a_plan_without_doubt_is_the_sum_by_hand() -> None:
    found = horizon(SURE, draws=10)
    assert found.benefit[2].tolist() == [0, 0, 0, 0, 0, 5, 10, 10, 10, 10]
    assert found.cost[2].tolist() == [10, 5, 5, 5, 5, 5, 5, 5, 5, 5]
    assert found.balance[2].tolist() == [-10, -15, -20, -25, -30, -30, -25, -20, -15, -10]
    assert np.isnan(found.break_even).all()
    assert found.never == 1.0
    longer = horizon(replace(SURE, years=14), draws=10)
    assert longer.break_even.tolist() == [2039] * 5
    assert longer.never == 0.0


def test_discounting_is_by_the_year() -> None:
    found = horizon(replace(SURE, discount=Range(0.05, 0.05, 0.05)), draws=10)
    rates = 1.05 ** -np.arange(10)
    net = np.array([0, 0, 0, 0, 0, 5, 10, 10, 10, 10]) - np.array([10, 5, 5, 5, 5, 5, 5, 5, 5, 5])
    np.testing.assert_allclose(found.balance[2], np.cumsum(net * rates))
    assert found.middle == pytest.approx((net * rates).sum())


def test_the_tornado_puts_the_largest_swing_first_and_signs_are_right() -> None:
    found = horizon(Plan(2027, 12, (40.0, 20.0), Range(30, 60, 120)), draws=200)
    swings = [abs(high - low) for low, high in found.tornado.values()]
    assert swings == sorted(swings, reverse=True)
    assert found.tornado["benefit"][1] > found.tornado["benefit"][0]
    assert found.tornado["lag"][1] < found.tornado["lag"][0]
    assert found.tornado["overrun"][1] < found.tornado["overrun"][0]


@settings(max_examples=25, deadline=None)
@given(st.integers(7, 15), st.floats(1, 100), st.floats(0, 300), st.integers(0, 1000))
def test_percentiles_are_in_order_and_no_benefit_comes_before_the_lag(
    years: int, cost: float, benefit: float, seed: int
) -> None:
    found = horizon(Plan(2027, years, (cost,), Range(benefit, benefit, 2 * benefit)), draws=200, seed=seed)
    for part in (found.benefit, found.cost, found.balance):
        assert (np.diff(part, axis=0) >= -1e-9).all()
    assert (found.benefit[:, :5] == 0).all()
    again = horizon(found.plan, draws=200, seed=seed)
    assert again.balance.tobytes() == found.balance.tobytes()


def test_a_promise_before_the_fifth_year_is_warned_of() -> None:
    warned = early_benefits(2027, {2028: 1.0, 2031: 0.0, 2032: 5.0, 2030: 2.0})
    assert len(warned) == 2
    assert "2028" in warned[0]
    assert "year 2" in warned[0]
    assert "2030" in warned[1]
    assert horizon(replace(SURE, promised={2029: 1.0}), draws=10).warnings


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"years": 5}, "5 years"), ({"years": 16}, "16 years"), ({"cost": ()}, "costs"), ({"cost": (-1.0,)}, "costs"),
        ({"lag": Range(7, 6, 5)}, "out of order"), ({"attributable": Range(0.5, 1.0, 1.5)}, "leaves what"),
    ],
)  # fmt: skip
def test_a_plan_that_cannot_be_is_refused(change: dict[str, object], says: str) -> None:
    with pytest.raises(AlmazError, match=says):
        horizon(replace(SURE, **change), draws=10)  # type: ignore[arg-type]


def test_a_plan_file_is_read_and_its_mistakes_are_named(tmp_path: Path) -> None:
    file = tmp_path / "plan.toml"
    text = "start = 2027\nyears = 12\ncost = [4, 3]\nbenefit = { low = 1, middle = 2, high = 3 }\npromised = { 2029 = 1 }\n"
    file.write_text(text)
    plan = read_plan(file)
    assert (plan.cost, plan.benefit, plan.promised) == ((4.0, 3.0), Range(1, 2, 3), {2029: 1.0})
    for old, new, says in (
        ("years", "yeers", "no key «yeers»"), ("cost = [4, 3]\n", "", "«cost» is missing"),
        ("low = 1, ", "", "not of its kind"), ("start = 2027", "start =", "TOML"),
    ):  # fmt: skip
        file.write_text(text.replace(old, new, 1))
        with pytest.raises(AlmazError, match=says) as error:
            read_plan(file)
        assert "plan.toml" in str(error.value)
