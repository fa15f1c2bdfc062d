"""Relatedness known for other codes, carried to the industries of the data."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from almaz.errors import AlmazError
from almaz.tables.industry_pairs import carried_by_codes, read_borrowed, read_occupations


def test_pairs_of_industries_from_pairs_of_codes() -> None:
    matrix = np.array([[0.5, 0.2, 0.0], [0.2, 0.1, 0.4], [0.0, 0.4, 0.3]])
    covered = {"A": ("1111",), "B": ("1112", "23"), "C": ("23",)}
    industries = ("111110", "111120", "111211", "236115", "111999", "999999")
    found = carried_by_codes(matrix, ("A", "B", "C"), covered, industries)
    assert found.matrix[0, 1] == 0.5  # two industries of one code: its diagonal
    assert found.matrix[0, 2] == 0.2
    assert found.matrix[0, 3] == pytest.approx(0.1)  # construction has two codes here: their mean
    assert found.nearest == ("111999",)
    assert found.matrix[4, 3] == pytest.approx((0.5 * (0.2 + 0.0) + 0.5 * (0.1 + 0.4)) / 2)
    assert found.unknown == ("999999",)
    assert np.isnan(found.matrix[5]).all()
    np.testing.assert_allclose(found.matrix, found.matrix.T, equal_nan=True)


def test_borrowed_relatedness_through_a_concordance(tmp_path: Path) -> None:
    file = tmp_path / "borrowed.csv"
    file.write_text('industry,industry_2,relatedness\nA,B,0.8\nA,C,"0,2"\n', encoding="utf-8")
    concordance = {"A": {"01": 1.0}, "B": {"02": 0.5, "03": 0.5}, "C": {"03": 1.0}}
    found = read_borrowed(file, ("01", "02", "03", "04"), concordance)
    assert found.matrix[0, 1] == found.matrix[1, 0] == 0.8
    assert found.matrix[0, 2] == pytest.approx((0.5 * 0.8 + 0.2) / 1.5)
    assert np.isnan(found.matrix[1, 2])
    assert found.unknown == ("04",)
    file.write_text("industry,industry_2,relatedness\nA,B,much\n", encoding="utf-8")
    with pytest.raises(AlmazError, match="«much» is not a number") as problem:
        read_borrowed(file, ("01",), concordance)
    assert "row 2" in str(problem.value)
    file.write_text("one,two\nA,B\n", encoding="utf-8")
    with pytest.raises(AlmazError, match="there is no column «industry»"):
        read_borrowed(file, ("01",), concordance)


def test_occupations_of_coarser_codes(tmp_path: Path) -> None:
    file = tmp_path / "occupations.csv"
    file.write_text("industry,occupation,employment\n3111,baker,10\n3111,driver,5\n31,driver,7\n", encoding="utf-8")
    found = read_occupations(file, ("311110", "312110", "999999"))
    np.testing.assert_array_equal(found[0], [10, 5])
    np.testing.assert_array_equal(found[1], [0, 7])
    assert np.isnan(found[2]).all()
