"""Real figures of counties: added up to states with the right weights, bounds where counties hide."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from almaz.diamond.frame import Options
from almaz.diamond.indicators import CORNERS, panel, read_set
from almaz.diamond.indices import INDICES, heading, trend
from almaz.diamond.interaction import interaction
from almaz.diamond.score import diamond, side_scores
from almaz.diamond.wide import from_wide
from almaz.errors import AlmazError


def of(table: pa.Table, indicator: str, region: str, year: int) -> dict[str, object]:
    rows = [r for r in table.to_pylist() if (r["indicator"], r["region"], r["year"]) == (indicator, region, year)]
    assert len(rows) == 1
    return rows[0]


def states(counties: pa.Table) -> pa.Table:
    return from_wide(counties, read_set("us"), [code[:2] for code in counties["fips"].to_pylist()])


def test_states_are_weighted_sums_of_their_counties(counties: pa.Table) -> None:
    frame = counties.to_pandas()
    rhode = frame[frame["fips"].str[:2] == "44"]
    table = states(counties)
    expected = {
        ("bachelors", 2019): (rhode.bachelors_2019 * rhode.pop_2019).sum() / rhode.pop_2019.sum(),
        ("manufacturing", 2007): rhode.manufacturer_shipments_2007.sum() / rhode.pop2010.sum(),
        ("unemployment", 2017): 100 * rhode.unemployed_2017.sum() / rhode.civilian_labor_force_2017.sum(),
        ("establishments", 2009): 1000
        * rhode.private_nonfarm_establishments_2009.sum()
        / rhode.private_nonfarm_employment_2009.sum(),
        ("density", 2010): rhode.pop2010.sum() / rhode.area_2010.sum(),
    }
    for (indicator, year), figure in expected.items():
        row = of(table, indicator, "44", year)
        assert row["value"] == pytest.approx(figure, rel=1e-12)
        assert row["low"] == row["high"] == row["value"]
    country = (frame.per_capita_income_2019 * frame.pop_2019).sum() / frame.pop_2019.sum()
    mine = (rhode.per_capita_income_2019 * rhode.pop_2019).sum() / rhode.pop_2019.sum()
    assert of(table, "income", "44", 2019)["value"] == pytest.approx(100 * mine / country, rel=1e-12)


def test_counties_that_hide_leave_the_state_an_interval(counties: pa.Table) -> None:
    frame = counties.to_pandas()
    hiding = sorted({code[:2] for code in frame.loc[frame.mercent_whole_sales_2007.isna(), "fips"]})
    assert hiding
    table = states(counties)
    for state in hiding:
        part = frame[frame["fips"].str[:2] == state]
        known = part[part.mercent_whole_sales_2007.notna()]
        if known.empty:  # nobody tells: the state has no figure, not a zero
            assert ("wholesale", state) not in {(r["indicator"], r["region"]) for r in table.to_pylist()}
            continue
        row = of(table, "wholesale", state, 2007)
        assert row["low"] < row["high"]
        at_least = known.mercent_whole_sales_2007.sum() / part.pop2010.sum()
        assert row["low"] >= at_least - 1e-9
        assert row["value"] is None or row["low"] <= row["value"] <= row["high"]


def test_areas_themselves_keep_their_own_figures_and_a_wrong_column_is_named(counties: pa.Table) -> None:
    table = from_wide(counties, read_set("us"), counties["fips"].to_pylist())
    frame = counties.to_pandas().set_index("fips")
    assert of(table, "bachelors", "44007", 2019)["value"] == pytest.approx(frame.loc["44007", "bachelors_2019"])
    with pytest.raises(AlmazError, match="there is no column «pop2010»"):
        from_wide(counties.drop_columns(["pop2010"]), read_set("us"), counties["fips"].to_pylist())


def test_the_indices_move_with_their_figures_and_outcomes_are_scored_by_their_direction(counties: pa.Table) -> None:
    table = states(counties)
    regions = sorted(set(table["region"].to_pylist()))
    held = panel(table, read_set("us"), regions)
    found = {index: trend(held, index, Options()) for index in INDICES}
    compete = found["competitiveness"]
    assert compete is not None
    assert compete.indicators == ("income", "unemployment", "poverty")
    level = dict(zip(compete.years, compete.level.T, strict=True))
    assert ((compete.level >= 1) & (compete.level <= 100) | np.isnan(compete.level)).all()
    assert (level[2017] > level[2010]).all()  # unemployment fell everywhere between the two years
    assert set(heading(compete.slope_low, compete.slope_high)) == {"rising"}
    assert found["innovativeness"] is not None
    assert np.isnan(level[2007]).all()  # no figure of the index in that year


def test_the_interaction_is_found_where_it_is_and_not_where_it_is_not() -> None:
    random = np.random.default_rng(5)
    corners = random.normal(50, 10, size=(300, 4))
    standard = (corners - corners.mean(axis=0)) / corners.std(axis=0)
    noise = random.normal(size=300)
    alone = interaction(corners, standard.sum(axis=1) + noise, "y")
    together = interaction(corners, standard.sum(axis=1) + 0.5 * standard[:, 0] * standard[:, 2] + noise, "y")
    assert alone is not None
    assert together is not None
    assert alone.joint_p > 0.05
    assert together.joint_p < 1e-6
    names = dict(zip(together.terms, together.p, strict=True))
    assert names["factor_x_related"] < 1e-6
    assert interaction(corners[:20], noise[:20], "y") is None
    grouped = interaction(corners, standard.sum(axis=1) + noise, "y", np.arange(300) // 10 * np.ones(300, dtype=object))
    assert grouped is not None
    assert grouped.groups == 30


@pytest.fixture
def whole() -> pa.Table:
    folder = os.environ.get("ALMAZ_DATA")
    if not folder:
        pytest.skip("ALMAZ_DATA is not set")
    return pq.read_table(Path(folder) / "us_county_indicators" / "county_indicators.parquet")


@pytest.mark.full
def test_the_whole_country_by_county_and_by_state(whole: pa.Table) -> None:
    chosen = read_set("us")
    for digits, number in ((2, 51), (5, 3142)):
        table = from_wide(whole, chosen, [code[:digits] for code in whole["fips"].to_pylist()])
        regions = sorted(set(table["region"].to_pylist()))
        assert len(regions) == number
        held = panel(table, chosen, regions)
        scored = diamond(held, Options(draws=200))
        assert not np.isnan(scored.score).any()
        assert ((scored.data.low <= scored.data.high) & (scored.data.low >= 1)).all()
        thin = scored.known.mean(axis=1) < 0.8
        width = scored.data.high - scored.data.low
        if number == 3142:
            assert thin.sum() > 300
            assert np.median(width[thin]) > 1.5 * np.median(width[~thin])
            income = side_scores(
                held.only([n for n, one in enumerate(held.indicators) if one.code == "income"]), Options()
            )
            found = interaction(
                scored.corners, income[:, 0], "income", np.array([r[:2] for r in regions], dtype=object)
            )
            assert found is not None
            assert found.regions > 3000
            assert found.groups == 51
            assert len(CORNERS) == 4
