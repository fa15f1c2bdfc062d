from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from almaz.measures.threshold import threshold_regression


def simulated(seed: int, jump: float, number: int = 400, at: float = 0.6) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Made-up rows with a known threshold, to see whether it is found."""
    generator = np.random.default_rng(seed)
    q = generator.uniform(0, 1, number)
    x = np.column_stack([np.ones(number), generator.standard_normal(number)])
    y = x @ [1.0, 0.5] + jump * (q > at) + generator.standard_normal(number)
    return y, x, q


def test_every_candidate_has_the_residual_sum_of_two_separate_regressions() -> None:
    y, x, q = simulated(1, 0.5, 120)
    found = threshold_regression(y, x, q, draws=0)
    sums = []
    for candidate in found.candidates:
        parts = [q <= candidate, q > candidate]
        sums.append(sum(np.linalg.lstsq(x[part], y[part], rcond=None)[1][0] for part in parts))
    assert found.threshold == found.candidates[int(np.argmin(sums))]
    pooled = np.linalg.lstsq(x, y, rcond=None)[1][0]
    assert found.improvement == pytest.approx(1 - min(sums) / pooled, rel=1e-9)
    assert found.statistic == pytest.approx(120 * (pooled - min(sums)) / min(sums), rel=1e-9)
    below = q <= found.threshold
    assert found.below == pytest.approx(np.linalg.lstsq(x[below], y[below], rcond=None)[0], rel=1e-9)


@pytest.mark.parametrize(("level", "critical"), [(0.90, 5.94), (0.95, 7.35), (0.99, 10.59)])
def test_critical_values_are_those_of_hansen_2000_table_1(level: float, critical: float) -> None:
    y, x, q = simulated(2, 1.0, 100)
    assert threshold_regression(y, x, q, level=level, draws=0).critical == pytest.approx(critical, abs=0.005)


def test_a_threshold_that_is_there_is_found_and_one_that_is_not_is_not_claimed() -> None:
    there = [threshold_regression(*simulated(seed, 1.0), draws=199) for seed in range(60)]
    assert np.mean([found.found for found in there]) > 0.95
    assert np.mean([found.low <= 0.6 <= found.high for found in there]) > 0.85
    absent = [threshold_regression(*simulated(seed, 0.0), draws=199) for seed in range(120)]
    assert np.mean([found.found for found in absent]) < 0.11


@given(st.floats(0.1, 50), st.floats(-20, 20), st.integers(0, 2**16))
def test_it_moves_with_the_units_and_not_with_the_order_of_rows(scale: float, shift: float, seed: int) -> None:
    y, x, q = simulated(3, 0.8, 90)
    first = threshold_regression(y, x, q, draws=0)
    order = np.random.default_rng(seed).permutation(90)
    other = threshold_regression(y[order] * scale, x[order], q[order] * scale + shift, draws=0)
    assert other.threshold == pytest.approx(first.threshold * scale + shift, rel=1e-9, abs=1e-9)
    assert other.statistic == pytest.approx(first.statistic, rel=1e-6)
    assert other.above == pytest.approx(first.above * scale, rel=1e-6)


def test_rows_with_an_unknown_number_are_left_out_and_too_few_are_an_error() -> None:
    y, x, q = simulated(4, 1.0, 100)
    y[:10] = np.nan
    assert sum(threshold_regression(y, x, q, draws=0).observations) == 90
    with pytest.raises(ValueError, match="no threshold can be tried"):
        threshold_regression(y[:4], x[:4], q[:4])
    with pytest.raises(ValueError, match="no threshold can be tried"):
        threshold_regression(y, x, np.ones(100))
    with pytest.raises(ValueError, match="depend on each other"):
        threshold_regression(y, np.column_stack([x, x[:, 1]]), q)
