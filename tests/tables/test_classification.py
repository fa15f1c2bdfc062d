from __future__ import annotations

import csv
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from almaz.tables.classification import industries_from_codes, is_aggregate, is_code, leaves
from almaz.tables.nace import is_division
from almaz.tables.vintages import nace_vintage, naics_vintage

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
    assert parents(["10.11", "10.1", "10"], "NACE")["10.11"] == "10.1"
    assert parents(["1011", "101", "10"], "NACE")["1011"] == "101"
    assert parents(["10.1", "10", "C"], "NACE")["10.1"] == "10"
    assert parents(["10.1", "C"], "NACE")["10.1"] == "C"


def test_nace_codes_with_their_letters_are_the_same_tree() -> None:
    found = parents(["TOTAL", "A", "A01", "A01.1", "A01.11", "C", "C10.1", "C1011", "D", "D35"], "NACE Rev. 2")
    assert found == {
        "TOTAL": None, "A": "TOTAL", "A01": "A", "A01.1": "A01", "A01.11": "A01.1",
        "C": "TOTAL", "C10.1": "C", "C1011": "C10.1", "D": "TOTAL", "D35": "D",
    }  # fmt: skip


def test_sums_that_eurostat_publishes_stand_between_what_they_add_up() -> None:
    codes = ["TOTAL", "B-E", "B", "C", "D", "E", "C10-C12", "C10", "C11", "C12", "J59_J60", "J", "J59", "J60", "F"]
    found = parents(codes, "NACE Rev. 2")
    assert {found[code] for code in "BCDE"} == {"B-E"}
    assert (found["B-E"], found["F"], found["J"]) == ("TOTAL", "TOTAL", "TOTAL")
    assert {found[code] for code in ("C10", "C11", "C12")} == {"C10-C12"}
    assert (found["C10-C12"], found["J59_J60"], found["J60"]) == ("C", "J", "J59_J60")


def test_of_sums_that_cross_each_other_none_is_taken_for_a_part() -> None:
    found = parents(["B-E", "C-G", "C", "D", "G"], "NACE Rev. 2")
    assert (found["C"], found["B-E"], found["C-G"]) == ("B-E", "total", "total")


def test_sums_with_exceptions_stand_outside() -> None:
    assert is_aggregate("B-N_X_K642", "NACE Rev. 2")
    assert "B-N_X_K642" not in parents(["B-N_X_K642", "C"], "NACE Rev. 2")


@pytest.mark.parametrize("code", ["C99.999", "X", "34", "C-", "10-C", "C12-C10", "K_A", "0", "abc", "C10.1.1.1"])
def test_what_is_no_code_of_the_classification_is_left_out(code: str) -> None:
    assert not is_code(code, "NACE Rev. 2")
    assert parents([code, "C"], "NACE Rev. 2") == {"C": "total"}


def test_sections_moved_between_the_revisions() -> None:
    assert parents(["62", "J", "K"], "NACE Rev. 2")["62"] == "J"
    assert parents(["62", "J", "K"], "NACE Rev. 2.1")["62"] == "K"
    assert parents(["72", "K", "M"], "NACE Rev. 1.1")["72"] == "K"
    assert parents(["72", "K", "M"], "ISIC Rev. 3.1")["72"] == "K"
    assert not is_code("45", "NACE Rev. 2.1")
    assert is_code("45", "ISIC Rev. 4")


@pytest.mark.parametrize(
    ("codes", "fits"),
    [
        (["A01", "C10", "J62"], ("2",)),
        (["A01", "C10", "K62"], ("2.1",)),
        (["D15", "K72"], ("1.1",)),
        (["45", "46"], ("2",)),
        (["01", "15"], ("1.1", "2", "2.1")),
        (["J62", "K72"], ()),
        (["34", "03"], ()),
    ],
)
def test_letters_and_divisions_tell_the_revision_of_nace(codes: list[str], fits: tuple[str, ...]) -> None:
    assert nace_vintage(codes).fits == fits


def test_every_division_of_a_revision_lies_in_one_section() -> None:
    counts = {"1.1": 62, "2": 88, "2.1": 87}  # as the regulations count them
    for revision, number in counts.items():
        divisions = [d for d in range(1, 100) if is_division(d, revision)]
        assert len(divisions) == number


def test_codes_of_the_census_are_all_known() -> None:
    with (DATA / "qcew_industries.csv").open(encoding="utf-8") as source:
        codes = [row["industry"] for row in csv.DictReader(source)]
    assert [code for code in codes if not is_code(code, "NAICS 2012")] == []
    assert not is_code("9876543", "NAICS 2012")
    assert not is_code("87", "NAICS 2012")


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
