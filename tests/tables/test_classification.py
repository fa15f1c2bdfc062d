from __future__ import annotations

import csv
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from almaz.tables.classification import industries_from_codes, is_aggregate, leaves, parent_of
from almaz.tables.vintages import naics_vintage

DATA = Path(__file__).parents[1] / "data"


def parents(codes: list[str], system: str | None) -> dict[str, str | None]:
    table = industries_from_codes(codes, system)
    return dict(zip(table["industry"].to_pylist(), table["parent"].to_pylist(), strict=True))


def test_naics_sectors_that_span_several_divisions() -> None:
    found = parents(["10", "31-33", "311", "3111", "311111", "332", "44-45", "452", "48-49", "491"], "NAICS 2012")
    assert found["311"] == found["332"] == "31-33"
    assert found["311111"] == "3111"
    assert found["452"] == "44-45"
    assert found["491"] == "48-49"
    assert found["31-33"] == "10"
    assert found["10"] is None


def test_supersectors_stand_outside_the_tree() -> None:
    assert all(is_aggregate(code, "NAICS 2012") for code in ("101", "1011", "1029"))
    assert not any(is_aggregate(code, "NAICS 2012") for code in ("10", "11", "111"))
    assert not is_aggregate("1011", "ISIC Rev. 4")


@pytest.mark.parametrize("system", ["NACE Rev. 2", "ISIC Rev. 4"])
def test_sections_and_divisions(system: str) -> None:
    found = parents(["total", "A", "01", "C", "10", "33", "U", "99", "S", "96", "L", "68"], system)
    assert (found["01"], found["10"], found["33"], found["99"], found["96"], found["68"]) == (
        "A",
        "C",
        "C",
        "U",
        "S",
        "L",
    )
    assert found["C"] == "total"


def test_nace_groups_with_points_and_without() -> None:
    assert parent_of("10.11", frozenset({"10.1", "10"}), "NACE") == "10.1"
    assert parent_of("1011", frozenset({"101", "10"}), "NACE") == "101"
    assert parent_of("10.1", frozenset({"10", "C"}), "NACE") == "10"
    assert parent_of("10.1", frozenset({"C"}), "NACE") == "C"


def test_without_a_system_every_industry_stands_under_the_total() -> None:
    assert parents(["wheat", "fruits", "total"], None) == {"wheat": "total", "fruits": "total", "total": None}


def test_names_and_leaves() -> None:
    table = industries_from_codes(["total", "C", "10", "11"], "NACE", {"10": {"en": "Food", "ky": "Тамак-аш"}})
    line = next(row for row in table.to_pylist() if row["industry"] == "10")
    assert (line["name_en"], line["name_ru"], line["name_ky"], line["level"]) == ("Food", None, "Тамак-аш", 2)
    assert leaves(table) == ["10", "11"]


def test_every_code_of_the_census_finds_its_place() -> None:
    with (DATA / "qcew_industries.csv").open(newline="") as source:
        digits = {row["industry"]: int(row["digits"]) for row in csv.DictReader(source)}
    table = industries_from_codes(digits, "NAICS 2012")
    rows = {row["industry"]: row for row in table.to_pylist()}
    assert [code for code, row in rows.items() if row["parent"] is None] == ["10"]
    assert all(rows[code]["parent"] == "10" for code, size in digits.items() if size == 2)
    assert all(digits[rows[code]["parent"]] < size for code, size in digits.items() if size > 2)
    assert sum(digits[code] == 6 for code in leaves(table)) == 1054


def test_the_census_is_of_2012_and_the_definitions_of_2017() -> None:
    census = set(pq.read_table(DATA / "qcew_2016_rhode_island.parquet", columns=["industry"])["industry"].to_pylist())
    with (DATA / "naics_to_cluster.csv").open(newline="") as source:
        defined = {row["industry"] for row in csv.DictReader(source)}
    assert naics_vintage(census).fits == (2012,)
    assert naics_vintage(defined).fits == (2017,)
    mixed = naics_vintage(census | defined)
    assert mixed.mixed
    assert "454110" in mixed.telling[(2017,)]
    assert "454111" in mixed.telling[(2012,)]


def test_codes_that_tell_nothing_fit_every_revision() -> None:
    assert naics_vintage(["111110", "31-33", "total"]).fits == (2012, 2017, 2022)
    assert naics_vintage(["513110", "541713"]).fits == (2022,)
