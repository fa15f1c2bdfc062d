from __future__ import annotations

from pathlib import Path

import openpyxl
import pyarrow as pa
import pytest

from almaz.errors import AlmazError
from almaz.tables.firms import placed_firms, read_firms
from almaz.tables.schema import FIRMS, REGIONS

REGION = pa.Table.from_pylist([{"region": "41705", "kind": "oblast", "name_en": "Batken"}], schema=REGIONS)
TABLE = """organisation,name,kind,region,industry,employees,lon,lat
f1,Apricot LLC,firm,Batken oblast,C10,"1 200",70.82,40.06
f2,Batken State University,university,41705,P85,x,,
f3,Nomad,firm,Nowhere,C10,5,70,40
f4,Guild,association,,,…,999,40
,,firm,41705,C10,3,70,40
f1,Apricot LLC,firm,41705,C10,-4,70,40
"""


def test_organisations_keep_what_is_known_of_them_and_what_is_hidden(tmp_path: Path) -> None:
    file = tmp_path / "firms.csv"
    file.write_text(TABLE, encoding="utf-8")
    reading = read_firms(file)
    assert reading.observations.schema == FIRMS
    rows = reading.observations.to_pylist()
    assert (reading.rows, len(rows)) == (6, 5)
    assert [(row["organisation"], row["employees"], row["status"]) for row in rows[:4]] == [
        ("f1", 1200.0, "published"),
        ("f2", None, "suppressed"),
        ("f3", 5.0, "published"),
        ("f4", None, "not_available"),
    ]
    assert (rows[0]["lon"], rows[0]["lat"], rows[1]["lon"], rows[3]["lat"]) == (70.82, 40.06, None, None)
    assert [(line["level"], line["kind"], line["row"]) for line in reading.problems.to_pylist()] == [
        ("warning", "outside_place", 5),
        ("error", "no_name", 6),
        ("error", "negative", 7),
    ]


def test_firms_find_their_regions_and_twins_are_named(tmp_path: Path) -> None:
    file = tmp_path / "firms.csv"
    file.write_text(TABLE, encoding="utf-8")
    placed, problems = placed_firms(read_firms(file).observations, REGION)
    assert sorted((row["organisation"], row["region"] or "") for row in placed.to_pylist()) == [
        ("f1", "41705"),
        ("f1", "41705"),
        ("f2", "41705"),
        ("f4", ""),
    ]
    assert {(line["kind"], line["value"]) for line in problems.to_pylist()} == {
        ("unknown_region", "Nowhere"),
        ("duplicate", "f1 × None"),
    }


def test_other_headers_and_constants_of_a_whole_file(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Ишкана", "Кызматкерлер"])
    book.active.append(["Алмаз", 12])
    book.save(tmp_path / "firms.xlsx")
    called = {"name": "Ишкана", "employees": "Кызматкерлер"}
    reading = read_firms(tmp_path / "firms.xlsx", called, {"region": "41705", "kind": "firm", "year": 2024})
    (row,) = reading.observations.to_pylist()
    assert (row["organisation"], row["name"], row["region"], row["kind"], row["year"], row["employees"]) == (
        "Алмаз", "Алмаз", "41705", "firm", 2024, 12.0,
    )  # fmt: skip


def test_a_list_without_names_says_what_there_is(tmp_path: Path) -> None:
    file = tmp_path / "firms.csv"
    file.write_text("who,region\na,1\n", encoding="utf-8")
    with pytest.raises(AlmazError, match="no column «organisation»") as error:
        read_firms(file)
    assert error.value.expected == "one of: who, region"
