from __future__ import annotations

import numpy as np
import pytest

from almaz.tables.constraints import forest, lattice, leftover, rounding_slack

REGIONS = forest(["country", "north", "south", "n1", "n2"], [None, "country", "country", "north", "north"])
INDUSTRIES = forest(["t", "a", "b", "a1", "a2"], [None, "t", "t", "a", "a"])


def test_every_cell_is_the_sum_of_its_industries_and_of_its_regions() -> None:
    cells = lattice(REGIONS, INDUSTRIES, np.ones((5, 5), dtype=bool))
    leaves = np.arange(1.0, 10.0).reshape(3, 3)  # south, n1, n2 × b, a1, a2
    whole = np.zeros((5, 5))
    whole[2:, 2:] = leaves
    whole[1] = whole[3] + whole[4]
    whole[0] = whole[1] + whole[2]
    whole[:, 1] = whole[:, 3] + whole[:, 4]
    whole[:, 0] = whole[:, 1] + whole[:, 2]
    value = whole[cells.region, cells.industry]
    assert np.abs(cells.sums.off(value)).max() == 0
    assert (cells.kind == 0).sum() == 10  # two totals of industries in each of five regions
    assert (cells.kind == 1).sum() == 10  # two totals of regions for each of five industries
    assert cells.leaf.sum() == 9


def test_a_total_that_is_missing_is_unknown_and_a_region_without_rows_is_not_nil() -> None:
    there = np.ones((5, 5), dtype=bool)
    there[2] = False  # the south has no row, the country has
    there[3, 1] = False  # the row of a is missing above a1 and a2
    cells = lattice(REGIONS, INDUSTRIES, there)
    assert cells.at[3, 1] >= 0
    assert (cells.at[2] >= 0).all()


def test_regions_whose_ancestors_have_no_rows_stand_alone() -> None:
    there = np.zeros((5, 5), dtype=bool)
    there[3:] = True
    cells = lattice(REGIONS, INDUSTRIES, there)
    assert (cells.at[:3] < 0).all()
    assert (cells.kind == 1).sum() == 0


def test_rounding_is_found_not_assumed() -> None:
    cells = lattice(forest(["r"], [None]), forest(["t", "a", "b"], [None, "t", "t"]), np.ones((1, 3), dtype=bool))
    assert rounding_slack(cells, np.array([10.0, 4.0, 6.0])).tolist() == [0.0]
    assert rounding_slack(cells, np.array([10.1, 4.0, 6.0])) == pytest.approx([0.15])
    assert rounding_slack(cells, np.array([15.0, 4.0, 6.0])).tolist() == [0.0]  # that is no rounding


def test_what_is_left_for_hidden_cells_is_the_nearest_total_less_what_is_known_under_it() -> None:
    value = np.full((5, 5), np.nan)
    value[:, 0] = [100, 60, 40, 35, 25]
    value[3:, 2] = [5, 5]  # b is published in n1 and n2
    value[1, 3] = 20  # a1 is published in the north
    cells = lattice(REGIONS, INDUSTRIES, np.ones((5, 5), dtype=bool))
    flat = value[cells.region, cells.industry]
    hidden, totals = leftover(cells, ~np.isnan(flat), flat)
    named = {(int(cells.region[c]), int(cells.industry[c])): number for number, c in enumerate(hidden)}
    groups = {
        tuple(sorted(totals.member[totals.start[j] : totals.start[j + 1]].tolist())): float(totals.target[j])
        for j in range(totals.target.size)
    }
    n1 = tuple(sorted((named[3, 3], named[3, 4])))
    assert groups[n1] == 30.0  # 35 less the 5 of b
    assert groups[tuple(sorted((named[3, 3], named[4, 3])))] == 20.0  # a1 in the north
    assert groups[tuple(sorted((named[3, 4], named[4, 4])))] == 30.0  # the north's 60 less 20 less 5 less 5
