from __future__ import annotations

from typing import Any

import pyarrow as pa

from almaz.tables.check import EXAMPLES, check
from almaz.tables.classification import industries_from_codes
from almaz.tables.problems import spoken
from almaz.tables.schema import OBSERVATIONS

Cell = tuple[str, str, int, float | None]


def problems(*cells: Cell, codes: list[str] | None = None, system: str | None = "NACE") -> list[dict[str, Any]]:
    rows = [
        {"region": r, "industry": i, "year": y, "measure": "employment", "value": v,
         "status": "suppressed" if v is None else "published", "file": "f.csv", "row": n, "column": "people"}
        for n, (r, i, y, v) in enumerate(cells, start=2)
    ]  # fmt: skip
    observations = pa.Table.from_pylist(rows, schema=OBSERVATIONS)
    known = codes or sorted({cell[1] for cell in cells})
    found = check(observations, industries_from_codes(known, system), system).to_pylist()
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
