"""The 0-1 matrix: thresholds, what is unknown, what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from almaz.measures.presence import known_presence, presence_matrix


def test_threshold_is_reached_not_passed_and_unknown_stays_unknown() -> None:
    found = presence_matrix(np.array([[1.0, 0.999], [np.nan, 7.0]]))
    np.testing.assert_array_equal(found, [[1, 0], [np.nan, 1]])
    assert found.dtype == np.float32
    np.testing.assert_array_equal(presence_matrix(np.array([[1.0, 1.0]]), np.array([0.5, 2.0])), [[1, 0]])


def test_regions_and_industries_unknown_throughout_are_left_out() -> None:
    nan = np.nan
    known = known_presence(np.array([[1, 0, nan], [nan, nan, nan], [0, 1, nan]]))
    np.testing.assert_array_equal(known.matrix, [[1, 0], [0, 1]])
    np.testing.assert_array_equal(known.regions, [True, False, True])
    np.testing.assert_array_equal(known.industries, [True, True, False])


def test_a_single_unknown_cell_is_not_taken_for_a_zero() -> None:
    with pytest.raises(ValueError, match="unknown in 1 cells"):
        known_presence(np.array([[1.0, np.nan], [0.0, 1.0]]))


def test_a_quotient_is_not_a_presence() -> None:
    with pytest.raises(ValueError, match="0, 1 or NaN"):
        known_presence(np.array([[1.7, 0.0]]))


def test_truth_values_will_do() -> None:
    np.testing.assert_array_equal(known_presence(np.array([[True, False]])).matrix, [[1, 0]])
