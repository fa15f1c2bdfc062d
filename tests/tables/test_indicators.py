from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from almaz.errors import AlmazError
from almaz.study.checking import check
from almaz.study.file import load
from almaz.tables.indicators import About, read_indicators
from almaz.tables.source import Source

STUDY = """
[study]
name = "small"
title = { en = "Small" }
[[data]]
file = "data.csv"
dimensions = { region = "region" }
constants = { year = 2021, measure = "output" }
values = { a = { industry = "a" } }
[regions]
file = "regions.csv"
"""


def write(folder: Path, **files: str) -> Path:
    base = {"study.toml": STUDY, "data.csv": "region,a\n1,5\n2,6\n", "regions.csv": "region,name_en\n1,One\n2,Two\n"}
    for name, text in (base | {name.replace("_", "."): text for name, text in files.items()}).items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder / "study.toml"


def test_a_wide_file_gives_an_indicator_for_each_column_with_the_year_of_its_header(tmp_path: Path) -> None:
    file = tmp_path / "wide.csv"
    file.write_text("region,income_2019,income 2020,density\n1,10,11,…\n2,x,13,5\n", encoding="utf-8")
    source = Source(
        file,
        dimensions={"region": "region"},
        constants={"year": 2018},
        values={
            "income_2019": {"indicator": "income", "year": 2019},
            "income 2020": {"indicator": "income", "year": 2020},
            "density": {},
        },
    )
    about = {"income": About("som", "NSC", 1, "factor_conditions", {"ky": "киреше"})}
    rows = read_indicators(source, about).observations.to_pylist()
    got = {(row["indicator"], row["region"], row["year"]): (row["value"], row["status"]) for row in rows}
    assert got == {
        ("income", "1", 2019): (10.0, "published"),
        ("income", "2", 2019): (None, "suppressed"),
        ("income", "1", 2020): (11.0, "published"),
        ("income", "2", 2020): (13.0, "published"),
        ("density", "1", 2018): (None, "not_available"),
        ("density", "2", 2018): (5.0, "published"),
    }
    first = next(row for row in rows if row["indicator"] == "income")
    assert (first["unit"], first["source"], first["direction"], first["corner"], first["name_ky"]) == (
        "som", "NSC", 1, "factor_conditions", "киреше",
    )  # fmt: skip


def test_the_year_is_taken_from_a_header_that_ends_in_one(tmp_path: Path) -> None:
    file = tmp_path / "wide.csv"
    file.write_text("region,income_2019\n1,10\n", encoding="utf-8")
    (row,) = read_indicators(
        Source(file, dimensions={"region": "region"}, values={"income_2019": {}}), {}
    ).observations.to_pylist()
    assert (row["indicator"], row["year"], row["direction"]) == ("income", 2019, None)


def test_a_tidy_file_names_its_indicators_in_a_column(tmp_path: Path) -> None:
    file = tmp_path / "tidy.csv"
    file.write_text("what;where;when;figure\npoverty;1;2020;25,3\nroads;1;2020;-\n", encoding="utf-8")
    source = Source(file, dimensions={"indicator": "what", "region": "where", "year": "when"}, values={"figure": {}})
    rows = read_indicators(source, {"poverty": About(direction=-1)}).observations.to_pylist()
    assert [(r["indicator"], r["year"], r["value"], r["status"], r["direction"]) for r in rows] == [
        ("poverty", 2020, 25.3, "published", -1),
        ("roads", 2020, 0.0, "nil", None),
    ]


def material(study: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    got = check(load(study))
    return got.indicators.to_pylist(), got.problems.to_pylist()


def test_indicators_of_a_study_find_their_regions_and_their_duplicates(tmp_path: Path) -> None:
    section = """
[[indicators]]
file = "wide.csv"
dimensions = { region = "name" }
values = { income_2019 = {} }
about = { income = { unit = "som", direction = 1, corner = "factor_conditions" } }
"""
    study = write(tmp_path, study_toml=STUDY + section, wide_csv="name,income_2019\nOne,10\nTwo,20\nTwo,21\nThree,30\n")
    indicators, problems = material(study)
    assert [(row["region"], row["value"]) for row in indicators] == [("1", 10.0), ("2", 20.0), ("2", 21.0)]
    assert {(row["level"], row["kind"], row["value"]) for row in problems if row["file"] == "wide.csv"} == {
        ("warning", "unknown_region", "Three"),
        ("error", "duplicate", "income × 2 × 2019"),
    }


def test_a_wrong_key_in_the_second_section_names_its_line(tmp_path: Path) -> None:
    section = """
[[indicators]]
file = "data.csv"
values = { a = {} }
[[indicators]]
file = "data.csv"
valeus = { a = {} }
"""
    study = write(tmp_path, study_toml=STUDY + section)
    with pytest.raises(AlmazError, match="did you mean «values»") as error:
        load(study)
    assert error.value.where.line == (STUDY + section).splitlines().index("valeus = { a = {} }") + 1


def test_an_edition_without_indicators_has_no_such_table_and_one_with_them_has(tmp_path: Path) -> None:
    assert check(load(write(tmp_path))).indicators.num_rows == 0
