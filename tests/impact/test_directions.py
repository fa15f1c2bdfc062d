"""The three directions: a complete set in three languages, numbers by hand, hidden cells as intervals."""

from __future__ import annotations

import numpy as np
import pyarrow.compute as pc
import pytest

from almaz.clusters.definition import ClusterDefinition, each_industry_itself
from almaz.impact.directions import DIRECTIONS, coverage, directions, indicators
from almaz.impact.neighbours import neighbours
from almaz.study.edition import Edition
from almaz.tables.activity import CODE, Activity, Cells
from almaz.tables.schema import Status


def cells(value: object, low: object | None = None, high: object | None = None) -> Cells:
    given = np.asarray(value, dtype=np.float64)
    bottom = given if low is None else np.asarray(low, dtype=np.float64)
    top = given if high is None else np.asarray(high, dtype=np.float64)
    status = np.where(bottom == top, CODE[Status.PUBLISHED], CODE[Status.SUPPRESSED]).astype(np.int8)
    return Cells(given, bottom, top, status)


def small(**measures: Cells) -> tuple[Activity, ClusterDefinition]:
    return Activity(("north", "south"), ("a", "b"), (2014, 2016), measures, {}), each_industry_itself(("a", "b"))


WAGES = cells([[[10, 20], [0, 0]], [[30, 60], [5, 5]]])
STAFF = cells(
    [[[2, 4], [0, 0]], [[3, 4], [1, 1]]], [[[1, 4], [0, 0]], [[3, 4], [1, 1]]], [[[4, 4], [0, 0]], [[3, 4], [1, 1]]]
)


def test_the_set_covers_three_directions_in_three_languages() -> None:
    found = indicators()
    assert {one.direction for one in found} == set(DIRECTIONS)
    assert all(sum(one.direction == direction for one in found) >= 5 for direction in DIRECTIONS)
    assert len({one.name for one in found}) == len(found)
    for one in found:
        assert one.better in ("up", "down")
        assert one.unit
        assert one.numerator in one.formula
        assert (one.form == "growth") == (one.denominator is None)
        for words in (one.title, one.why, one.source):
            assert set(words) == {"en", "ru", "ky"}
            assert all(words.values())


def test_quotients_their_bounds_and_the_country_are_those_of_a_hand_calculation() -> None:
    table = directions(*small(wages=WAGES, employment=STAFF))
    rows = {
        (r["region"], r["cluster"], r["year"]): r for r in table.to_pylist() if r["indicator"] == "wage_per_employee"
    }
    assert set(rows) == {
        ("north", "a", 2014), ("north", "a", 2016), ("south", "a", 2014), ("south", "a", 2016), ("south", "b", 2014),
        ("south", "b", 2016),
    }  # fmt: skip
    hidden = rows["north", "a", 2014]
    assert (hidden["value"], hidden["low"], hidden["high"], hidden["status"]) == (5.0, 2.5, 10.0, "estimated")
    assert hidden["country"] == pytest.approx(40 / 5)
    assert hidden["relative"] == pytest.approx(5 / 8)
    assert rows["south", "a", 2016]["status"] == "known"
    assert rows["south", "a", 2016]["value"] == 15.0


def test_growth_is_yearly_and_told_from_the_second_year() -> None:
    table = directions(*small(establishments=WAGES))
    rows = {(r["region"], r["cluster"]): r for r in table.to_pylist() if r["indicator"] == "establishment_growth"}
    assert {row["year"] for row in rows.values()} == {2016}
    grown = [r for r in table.to_pylist() if r["indicator"] == "establishment_growth" and r["year"] == 2016]
    north = next(row for row in grown if (row["region"], row["cluster"]) == ("north", "a"))
    assert north["value"] == pytest.approx(2**0.5 - 1)
    assert north["country"] == pytest.approx((80 / 40) ** 0.5 - 1)
    assert north["relative"] == pytest.approx(0.0)
    assert all(row["cluster"] != "b" or row["region"] != "north" for row in grown)


def test_a_denominator_next_to_nothing_leaves_the_value_unknown_and_its_bounds() -> None:
    tiny = cells(
        [[[1e-20, 4], [1, 1]], [[3, 4], [1, 1]]],
        [[[0, 4], [1, 1]], [[3, 4], [1, 1]]],
        [[[9, 4], [1, 1]], [[3, 4], [1, 1]]],
    )
    table = directions(*small(wages=WAGES, employment=tiny))
    row = next(r for r in table.to_pylist() if r["region"] == "north" and r["cluster"] == "a" and r["year"] == 2014)
    assert row["value"] is None
    assert row["status"] == "unknown"
    assert row["low"] == pytest.approx(10 / 9)
    assert row["high"] is None


def test_what_the_data_lack_is_named_and_has_no_rows() -> None:
    activity, definition = small(wages=WAGES, employment=STAFF)
    said = {row["indicator"]: row for row in coverage(activity).to_pylist()}
    assert said["wage_per_employee"]["measured"]
    assert said["export_share"]["missing"] == "exports, output"
    assert not said["establishment_growth"]["measured"]
    assert set(directions(activity, definition)["indicator"].to_pylist()) == {"wage_per_employee"}


def test_on_the_states_three_indicators_are_measured_and_lie_within_their_bounds(states: Edition) -> None:
    table = states.table("directions")
    assert set(pc.unique(table["indicator"]).to_pylist()) == {
        "wage_per_employee", "establishment_growth", "establishments_per_thousand",
    }  # fmt: skip
    known = table.filter(pc.is_valid(table["value"]))
    slack = 1 + 1e-9
    ratio = known.filter(pc.not_equal(known["indicator"], "establishment_growth"))
    assert pc.all(pc.less_equal(ratio["low"], pc.multiply(ratio["value"], slack))).as_py()
    top = pc.fill_null(ratio["high"], np.inf)
    assert pc.all(pc.greater_equal(pc.multiply(top, slack), ratio["value"])).as_py()
    growth = table.filter(pc.equal(table["indicator"], "establishment_growth"))
    assert set(pc.unique(growth["status"]).to_pylist()) == {"known"}
    estimated = table.filter(pc.equal(table["status"], "estimated"))
    assert estimated.num_rows > 1000


def test_neighbours_share_a_border(states: Edition, raions: Edition) -> None:
    assert states.geometry is not None
    codes = ["06000", "32000", "36000", "02000", "41000"]
    matrix = neighbours(states.geometry, codes)
    assert matrix[0, 1] == matrix[1, 4] == 1
    assert matrix[0, 2] == 0
    assert (matrix[3] == 0).all()
    np.testing.assert_array_equal(matrix, matrix.T)
    assert raions.geometry is not None
    places = [row["region"] for row in raions.table("regions").to_pylist()]
    touching = neighbours(raions.geometry, places)
    assert (touching.diagonal() == 0).all()
    assert 3 < touching.sum(axis=1).mean() < 8
