from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from almaz.measures import (
    cross_industry_quotient,
    flegg_quotient,
    leontief_inverse,
    regional_coefficients,
    simple_trading_share,
    size_factor,
    trading_share,
)

QUOTIENTS = arrays(np.float64, st.integers(1, 6), elements=st.floats(0, 5).map(lambda x: round(x, 4)))
Quotients = npt.NDArray[np.float64]


def test_the_quotients_are_those_of_a_hand_calculation() -> None:
    quotient = np.array([0.5, 2.0, 0.0])
    np.testing.assert_allclose(simple_trading_share(quotient), [[0.5] * 3, [1.0] * 3, [0.0] * 3])
    np.testing.assert_allclose(cross_industry_quotient(quotient), [[0.5, 0.25, np.inf], [4, 2, np.inf], [0, 0, 0]])
    factor = np.log2(1.1) ** 0.3  # a region with a tenth of the country's jobs
    np.testing.assert_allclose(size_factor(0.1, 0.3), 0.5514, atol=5e-5)
    flq = flegg_quotient(quotient, 0.1, 0.3)
    np.testing.assert_allclose(flq[:2, :2], np.array([[0.5, 0.25], [4, 2]]) * factor)
    augmented = flegg_quotient(quotient, 0.1, 0.3, augmented=True)
    np.testing.assert_allclose(augmented[:, 1], flq[:, 1] * np.log2(3.0))
    np.testing.assert_allclose(augmented[:, 0], flq[:, 0])


def test_the_country_itself_keeps_everything() -> None:
    assert size_factor(1.0, 0.3) == 1.0
    np.testing.assert_allclose(trading_share(flegg_quotient(np.ones(3), 1.0, 0.3)), 1.0)


def test_sizes_and_deltas_that_mean_nothing_are_refused() -> None:
    for size, delta in ((1.2, 0.3), (-0.1, 0.3), (0.2, 1.0), (0.2, -0.1)):
        with pytest.raises(ValueError, match="δ must be"):
            size_factor(size, delta)


@given(QUOTIENTS, st.floats(0.001, 1), st.floats(0, 0.98), st.floats(0, 0.01))
def test_the_share_falls_with_delta_and_never_passes_one(
    quotient: Quotients, size: float, delta: float, more: float
) -> None:
    flq, higher = (trading_share(flegg_quotient(quotient, size, d)) for d in (delta, delta + more))
    assert np.all(higher <= flq + 1e-12)
    assert np.all((flq >= 0) & (flq <= 1))
    assert np.all(flegg_quotient(quotient, size, delta) <= cross_industry_quotient(quotient) + 1e-12)


@given(QUOTIENTS, st.floats(0, 0.5), st.floats(0.001, 1))
def test_bounds_of_the_quotients_hold_the_point(quotient: Quotients, width: float, size: float) -> None:
    low, high = quotient * (1 - width), quotient * (1 + width)
    point = trading_share(flegg_quotient(quotient, size, 0.3))
    assert np.all(trading_share(flegg_quotient(low, size, 0.4, high)) <= point + 1e-12)
    assert np.all(trading_share(flegg_quotient(high, size, 0.2, low)) >= point - 1e-12)


def test_a_region_needs_less_of_itself_than_the_country() -> None:
    coefficients = np.array([[0.15, 0.25], [0.20, 0.05]])
    share = trading_share(flegg_quotient(np.array([0.8, 1.4]), 0.2, 0.3))
    own = regional_coefficients(coefficients, share)
    assert np.all(own <= coefficients)
    assert np.all(leontief_inverse(own) <= leontief_inverse(coefficients) + 1e-12)
