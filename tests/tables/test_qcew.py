"""The Bureau's raw layouts: Rhode Island's real figures laid out in them again (tests/data/relaid), and made-up quarters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from almaz.errors import AlmazError
from almaz.tables.source import Reading, Source, read

DATA = Path(__file__).parents[1] / "data"
ANNUAL = DATA / "relaid" / "rhode_island_2016.annual.singlefile.csv"
FOURTH = DATA / "relaid" / "rhode_island_2016.q4.singlefile.csv"


def cells(reading: Reading) -> dict[tuple[str, str, str], tuple[float | None, str]]:
    return {
        (row["region"], row["industry"], row["measure"]): (row["value"], row["status"])
        for row in reading.observations.to_pylist()
    }


@pytest.fixture(scope="module")
def published() -> dict[tuple[str, str], dict[str, Any]]:
    rows = pq.read_table(DATA / "qcew_2016_rhode_island.parquet").to_pylist()
    return {(row["region"], row["industry"]): row for row in rows if row["own_code"] == "5"}


def test_annual_averages_are_those_that_were_published(published: dict[tuple[str, str], dict[str, Any]]) -> None:
    reading = read(Source(ANNUAL, format="qcew"))
    got = cells(reading)
    assert len(got) == 3 * len({key[:2] for key in got})
    for (region, industry, measure), (value, status) in got.items():
        row = published[region, industry]
        assert got[region, industry, "establishments"] == (float(row["establishments"]), "published")
        if measure != "establishments":
            real = row["employment" if measure == "employment" else "wages_usd"]
            assert (value, status) == ((None, "suppressed") if row["suppressed"] else (float(round(real)), "published"))


def test_a_hidden_figure_shows_zero_in_the_file_and_is_no_zero_here(
    published: dict[tuple[str, str], dict[str, Any]],
) -> None:
    hidden = [key for key, row in published.items() if row["suppressed"]]
    got = cells(read(Source(ANNUAL, format="qcew")))
    shown = [got[(*key, "employment")] for key in hidden if (*key, "employment") in got]
    assert len(shown) > 20
    assert set(shown) == {(None, "suppressed")}
    assert 0.0 not in {value for value, _status in got.values()}


def test_ownership_and_areas_are_chosen_and_the_others_counted() -> None:
    everything = read(Source(ANNUAL, format="qcew"))
    counties = read(Source(ANNUAL, format="qcew", areas="county"))
    assert {row["region"] for row in counties.observations.to_pylist()} == {
        row["region"] for row in everything.observations.to_pylist()
    } - {"44000"}
    (note,) = counties.problems.to_pylist()
    kept = len({row["row"] for row in counties.observations.to_pylist()})
    assert (note["kind"], note["count"]) == ("set_aside", counties.rows - kept)
    total = cells(read(Source(ANNUAL, format="qcew", ownership="0")))
    assert total["44000", "10", "employment"] == (473406.0, "published")


def test_hyphenated_sectors_keep_their_code() -> None:
    got = cells(read(Source(ANNUAL, format="qcew")))
    assert got["44000", "31-33", "employment"] == (40421.0, "published")
    assert ("44000", "48-49", "employment") in got


def test_one_quarter_gives_the_employment_of_its_third_month(
    published: dict[tuple[str, str], dict[str, Any]],
) -> None:
    got = cells(read(Source(FOURTH, format="qcew", quarter=4)))
    for (region, industry, measure), (value, status) in got.items():
        row = published[region, industry]
        if measure == "employment":
            real = row["employment_dec2016"]
            assert (value, status) == ((None, "suppressed") if real is None else (float(real), "published"))
        if measure == "establishments":
            assert value == row["establishments_q4_2016"]


def test_a_year_out_of_one_quarter_is_refused() -> None:
    with pytest.raises(AlmazError, match="four quarters; the file has 4"):
        read(Source(FOURTH, format="qcew"))


HEADER = "area_fips,own_code,industry_code,agglvl_code,size_code,year,qtr,disclosure_code,qtrly_estabs,month1_emplvl,"
HEADER += "month2_emplvl,month3_emplvl,total_qtrly_wages\n"


def quarters(hidden: str = "", owners: str = "5") -> str:
    """Made-up quarters of one county: months 10, 20 … 120 in each ownership."""
    lines = [
        f"01001,{owner},111,75,0,2020,{q},{hidden if q == 3 else ''},{q},{q * 30 - 20},{q * 30 - 10},{q * 30},{q * 100}"
        for owner in owners
        for q in (1, 2, 3, 4)
    ]
    return HEADER + "\n".join(lines) + "\n"


def test_four_quarters_make_the_annual_averages_of_the_bureau(tmp_path: Path) -> None:
    file = tmp_path / "2020.q1-q4.csv"
    file.write_text(quarters())
    reading = read(Source(file, format="qcew"))
    got = cells(reading)
    assert got["01001", "111", "employment"] == (65.0, "published")
    assert got["01001", "111", "establishments"] == (2.5, "published")
    assert got["01001", "111", "wages"] == (1000.0, "published")
    assert [(row["kind"], row["count"]) for row in reading.problems.to_pylist()] == [("quarters", 3)]


def test_a_quarter_that_is_hidden_hides_the_year_but_not_the_number_of_establishments(tmp_path: Path) -> None:
    file = tmp_path / "2020.q1-q4.csv"
    file.write_text(quarters("N"))
    got = cells(read(Source(file, format="qcew")))
    assert got["01001", "111", "employment"] == (None, "suppressed")
    assert got["01001", "111", "wages"] == (None, "suppressed")
    assert got["01001", "111", "establishments"] == (2.5, "published")


def test_several_ownerships_are_added_up(tmp_path: Path) -> None:
    file = tmp_path / "2020.q1-q4.csv"
    file.write_text(quarters(owners="135"))
    got = cells(read(Source(file, format="qcew", ownership=["1", "2", "3", "5"])))
    assert got["01001", "111", "employment"] == (195.0, "published")
    one = cells(read(Source(file, format="qcew", ownership=["3", "5"], quarter=2)))
    assert one["01001", "111", "employment"] == (120.0, "published")


def test_another_layout_is_refused_by_its_missing_column(tmp_path: Path) -> None:
    file = tmp_path / "other.csv"
    file.write_text("region,employment\n1,2\n")
    with pytest.raises(AlmazError, match="area_fips"):
        read(Source(file, format="qcew"))
