from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pytest

from almaz.tables.check import EXAMPLES, check
from almaz.tables.classification import industries_from_codes
from almaz.tables.problems import spoken
from almaz.tables.schema import OBSERVATIONS, REGIONS

Cell = tuple[str, str, int, float | None]


def problems(
    *cells: Cell,
    codes: list[str] | None = None,
    system: str | None = "NACE",
    above: dict[str, str] | None = None,
    absent_nil: bool = False,
) -> list[dict[str, Any]]:
    rows = [
        {"region": r, "industry": i, "year": y, "measure": "employment", "value": v,
         "status": "suppressed" if v is None else "published", "file": "f.csv", "row": n, "column": "people"}
        for n, (r, i, y, v) in enumerate(cells, start=2)
    ]  # fmt: skip
    observations = pa.Table.from_pylist(rows, schema=OBSERVATIONS)
    known = codes or sorted({cell[1] for cell in cells})
    regions = sorted({cell[0] for cell in cells} | set(above or {}) | set((above or {}).values()))
    tree = pa.Table.from_pylist(
        [{"region": code, "parent": (above or {}).get(code)} for code in regions], schema=REGIONS
    )
    industries = industries_from_codes(known, system)
    found = check(observations, industries, system, tree, absent_nil=absent_nil).to_pylist()
    return [spoken(line) for line in found]


def kinds(found: list[dict[str, Any]]) -> set[tuple[str, str]]:
    return {(line["level"], line["kind"]) for line in found}


def test_sound_observations_have_no_problem() -> None:
    assert problems(("a", "C", 2020, 30.0), ("a", "10", 2020, 10.0), ("a", "11", 2020, 20.0)) == []


def test_the_same_cell_twice_is_an_error_with_its_place() -> None:
    found = problems(("a", "C", 2020, 1.0), ("a", "C", 2020, 2.0))
    assert kinds(found) == {("error", "duplicate")}
    assert (found[0]["file"], found[0]["row"], found[0]["count"]) == ("f.csv", 3, 2)


def test_a_negative_figure_is_an_error() -> None:
    found = problems(("a", "C", 2020, -5.0))
    assert kinds(found) == {("error", "negative")}
    assert found[0]["value"] == "-5.0"


def test_an_unknown_industry_is_said_once_with_its_cells() -> None:
    found = problems(
        ("a", "X9", 2020, 1.0), ("b", "X9", 2020, 1.0), ("a", "C", 2020, 1.0), ("b", "C", 2020, 1.0), codes=["C"]
    )
    assert kinds(found) == {("warning", "unknown_industry")}
    assert (found[0]["value"], found[0]["count"]) == ("X9", 2)


def test_parts_that_do_not_reach_their_total_say_by_how_much() -> None:
    found = problems(("a", "C", 2020, 50.0), ("a", "10", 2020, 10.0), ("a", "11", 2020, 20.0))
    assert kinds(found) == {("warning", "total_mismatch")}
    assert "20.0 less" in found[0]["problem"]


def test_a_hidden_part_may_be_the_rest_but_parts_never_exceed_the_total() -> None:
    assert problems(("a", "C", 2020, 50.0), ("a", "10", 2020, 10.0), ("a", "11", 2020, None)) == []
    found = problems(("a", "C", 2020, 50.0), ("a", "10", 2020, 60.0), ("a", "11", 2020, None))
    assert "10.0 more" in found[0]["problem"]


def test_rounding_is_no_mismatch() -> None:
    assert problems(("a", "C", 2020, 31.0), ("a", "10", 2020, 10.0), ("a", "11", 2020, 20.0)) == []


def test_a_region_that_vanishes_is_named() -> None:
    found = problems(("a", "C", 2020, 1.0), ("a", "C", 2021, 1.0), ("b", "C", 2020, 1.0))
    assert kinds(found) == {("warning", "vanished_region")}
    assert found[0]["value"] == "b 2020"


def test_codes_of_two_revisions_side_by_side() -> None:
    found = problems(("a", "541711", 2020, 1.0), ("a", "541713", 2020, 1.0), system="NAICS 2012")
    assert ("warning", "mixed_vintages") in kinds(found)
    assert problems(("a", "541711", 2020, 1.0), ("a", "541713", 2020, 1.0), system=None) == []


def test_a_thousand_duplicates_are_one_screen() -> None:
    cells: list[Cell] = [(f"r{n}", "C", 2020, 1.0) for n in range(1000)]
    found = problems(*cells, *cells)
    assert len(found) == EXAMPLES + 1
    assert found[-1]["count"] == 1000 - EXAMPLES


UNDER = {"a1": "a", "a2": "a"}


def test_a_region_and_the_sum_of_the_regions_under_it() -> None:
    sound = [("a", "C", 2020, 30.0), ("a1", "C", 2020, 10.0), ("a2", "C", 2020, 20.0)]
    assert problems(*sound, above=UNDER) == []  # type: ignore[arg-type]
    found = problems(("a", "C", 2020, 35.0), *sound[1:], above=UNDER)  # type: ignore[arg-type]
    assert kinds(found) == {("warning", "region_total_mismatch")}
    assert (found[0]["problem"], found[0]["value"]) == (
        "the parts add up to 5.0 less than the total",
        "a × C × 2020 × employment",
    )
    assert found[0]["expected"] == "a total of 35.0"


def test_a_region_without_a_row_may_be_the_rest_unless_no_row_means_none() -> None:
    cells: list[Cell] = [
        ("a", "C", 2020, 35.0),
        ("a1", "C", 2020, 10.0),
        ("a1", "D", 2020, 1.0),
        ("a2", "D", 2020, 1.0),
    ]
    assert problems(*cells, above=UNDER) == []
    assert kinds(problems(*cells, above=UNDER, absent_nil=True)) == {("warning", "region_total_mismatch")}
    over: list[Cell] = [("a", "C", 2020, 5.0), ("a1", "C", 2020, 10.0), ("a2", "D", 2020, 1.0)]
    assert "5.0 more" in problems(*over, above=UNDER)[0]["problem"]


@pytest.mark.parametrize(
    ("series", "wrong"),
    [
        ((100.0, 110.0, 120_000.0, 130.0), [(2022, 1000.0)]),
        ((100_000.0, 110.0, 120_000.0), [(2021, 0.001)]),
        ((100.0, 110_000_000.0, 120.0), [(2021, 1e6)]),
        ((100.0, 120_000.0), [(2021, 1200.0)]),
        ((100.0, 200.0, 400.0, 800.0), []),
        ((1.0, 60.0, 3000.0), []),
        ((100.0, 110_000.0, 120_000.0), [(2020, 0.0009)]),
        ((100.0, 0.0, 100.0), []),
    ],
)
def test_a_figure_a_thousand_times_its_neighbours_in_time(
    series: tuple[float, ...], wrong: list[tuple[int, float]]
) -> None:
    found = problems(*(("a", "C", 2020 + n, value) for n, value in enumerate(series)))
    slips = [line for line in found if line["kind"] == "unit_slip"]
    assert len(slips) == len(wrong)
    for line, (year, times) in zip(slips, wrong, strict=True):
        assert f" {year} " in line["value"]
        assert json.loads(line["details"])["times"] == pytest.approx(times, rel=0.2)


def test_a_wage_far_from_all_others_is_named_with_the_limits() -> None:
    rows = []
    for number in range(30):
        pay = 40_000.0 if number else 40_000_000.0
        for measure, value in (("employment", 100.0 + number), ("wages", (100.0 + number) * pay)):
            rows.append({"region": f"r{number}", "industry": "C", "year": 2020, "measure": measure, "value": value,
                         "status": "published", "file": "f.csv", "row": number, "column": measure})  # fmt: skip
    found = check(pa.Table.from_pylist(rows, schema=OBSERVATIONS), industries_from_codes(["C"], "NACE"), "NACE")
    (line,) = [spoken(line) for line in found.to_pylist()]
    assert (line["level"], line["kind"], line["row"], line["column"]) == ("warning", "implausible_ratio", 0, "wages")
    assert line["problem"].startswith("40,000,000.00 of wages per one of employment")
    assert line["expected"] == "between 2,000.00 and 800,000.00"


def test_codes_of_another_revision_than_the_study_names() -> None:
    found = problems(("a", "K62", 2020, 1.0), ("a", "C10", 2020, 1.0), system="NACE Rev. 2")
    assert ("warning", "other_vintage") in kinds(found)
    mixed = problems(("a", "K62", 2020, 1.0), ("a", "J62", 2020, 1.0), system="NACE Rev. 2")
    assert ("warning", "mixed_vintages") in kinds(mixed)
    assert problems(("a", "J62", 2020, 1.0), system="NACE Rev. 2") == []


def test_no_observations_have_no_problem() -> None:
    assert check(OBSERVATIONS.empty_table(), industries_from_codes([], None)).num_rows == 0
