from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pytest

from almaz.errors import AlmazError
from almaz.tables.names import match_regions
from almaz.tables.places import geometry_ids, read_geometry, read_regions
from almaz.tables.problems import spoken
from almaz.tables.schema import OBSERVATIONS, REGIONS

PLACES = pa.Table.from_pylist(
    [
        {
            "region": "41706",
            "kind": "oblast",
            "name_en": "Osh oblast",
            "name_ru": "Ошская область",
            "name_ky": "Ош облусу",
        },
        {"region": "41721", "kind": "city", "name_en": "Osh city", "name_ru": "г. Ош", "name_ky": "Ош шаары"},
        {"region": "41705", "kind": "oblast", "name_en": "Batken", "name_ru": "Баткенская", "name_ky": "Баткен"},
        {
            "region": "41702210",
            "kind": "raion",
            "name_en": "Dzhety-Oghuz",
            "name_ru": "Джеты-Огузский",
            "name_ky": "Жети-Өгүз",
        },
    ],
    schema=REGIONS,
)


def matched(*labels: str) -> tuple[list[str], list[dict[str, Any]]]:
    rows = [{"region": label, "industry": "C", "year": 2020, "row": n} for n, label in enumerate(labels, start=2)]
    found, problems = match_regions(pa.Table.from_pylist(rows, schema=OBSERVATIONS), PLACES)
    return found["region"].to_pylist(), [spoken(line) for line in problems.to_pylist()]


@pytest.mark.parametrize(
    "label",
    ["41705", "Баткен облусу", "Баткенская область", "БАТКЕНСКАЯ обл.", "Batken oblast", "batken",
     "Баткен облусу / Баткенская область / Batken oblast", "Баткен облусу/ Баткенская область"],
)  # fmt: skip
def test_one_region_under_all_its_names(label: str) -> None:
    assert matched(label) == (["41705"], [])


@pytest.mark.parametrize(
    ("label", "code"),
    [("Ош облусу", "41706"), ("Ош шаары", "41721"), ("г. Ош", "41721"), ("Osh city", "41721"), ("Osh oblast", "41706"),
     ("Ош шаары / г. Ош / Osh city", "41721"), ("Ош облусу / Ошская область / Osh oblast", "41706")],
)  # fmt: skip
def test_the_city_is_not_its_oblast(label: str, code: str) -> None:
    assert matched(label) == ([code], [])


def test_a_name_that_fits_two_is_a_problem_with_both() -> None:
    found, problems = matched("Osh")
    assert found == []
    assert (problems[0]["kind"], problems[0]["expected"]) == ("ambiguous_region", "41706, 41721")


def test_another_transliteration_is_taken_and_noted() -> None:
    found, problems = matched("Jeti-Oguz raion")
    assert found == ["41702210"]
    assert (problems[0]["level"], problems[0]["kind"]) == ("note", "spelling")


def test_an_unknown_name_comes_with_its_row_count_and_suggestion() -> None:
    found, problems = matched("Bakten", "Bakten", "41705")
    assert found == ["41705"]
    assert len(problems) == 1
    assert (problems[0]["kind"], problems[0]["count"], problems[0]["row"]) == ("unknown_region", 2, 2)
    assert "41705" in problems[0]["expected"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("code,name\n1,a\n", "region"),
        ("region\n1\n1\n", "twice"),
        ("region,kind\n,a\n", "without a code"),
        ("", "region"),
    ],
)
def test_what_is_wrong_in_a_regions_file(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "regions.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(AlmazError, match=problem):
        read_regions(path)


def test_borders_carry_the_codes_of_regions(tmp_path: Path) -> None:
    ring = [[0, 0], [1, 0], [1, 1], [0, 0]]
    path = tmp_path / "borders.geojson"
    shape = {"type": "Polygon", "coordinates": [ring]}
    features = [{"type": "Feature", "properties": {"region": "41705"}, "geometry": shape}]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    borders = read_geometry(path)
    assert geometry_ids(borders) == {"41705"}
    assert borders["features"][0]["geometry"]["coordinates"] == [ring[::-1]]


def test_what_are_no_borders_is_said(tmp_path: Path) -> None:
    path = tmp_path / "borders.geojson"
    path.write_text("[1, 2]", encoding="utf-8")
    with pytest.raises(AlmazError, match="borders"):
        read_geometry(path)


def test_a_code_whose_leading_zero_a_spreadsheet_ate_is_taken_and_noted() -> None:
    places = pa.Table.from_pylist([{"region": "01001"}, {"region": "10001"}], schema=REGIONS)
    rows = [{"region": label, "row": n} for n, label in enumerate(["1001", "10001", "001"], start=2)]
    found, problems = match_regions(pa.Table.from_pylist(rows, schema=OBSERVATIONS), places)
    assert found["region"].to_pylist() == ["01001", "10001"]
    assert [(line["level"], line["kind"], line["value"]) for line in problems.to_pylist()] == [
        ("note", "leading_zero", "1001"),
        ("warning", "unknown_region", "001"),
    ]


SHAPE = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}
NAMED = [
    {"code": "41705", "oblast": None, "name_en": "Batken", "name_ky": "Баткен облусу", "level": "oblast"},
    {"code": "41705214", "oblast": "41705", "name_en": "Batken raion", "name_ky": "Баткен району", "level": "raion"},
]
COLUMNS = {"region": "code", "parent": "oblast", "kind": "level"}


def written(folder: Path, form: str) -> Path:
    file = folder / f"regions.{form}"
    if form == "csv":
        lines = [",".join(NAMED[0]), *(",".join(str(value or "") for value in row.values()) for row in NAMED)]
        file.write_text("A title row\n" + "\n".join(lines) + "\n", encoding="utf-8")
    elif form == "xlsx":
        book = openpyxl.Workbook()
        for row in [list(NAMED[0]), *(list(row.values()) for row in NAMED)]:
            book.active.append(row)
        book.save(file)
    else:
        shapes = [{"type": "Feature", "properties": row, "geometry": SHAPE} for row in NAMED]
        topology = {
            "type": "Topology",
            "objects": {"all": {"type": "GeometryCollection", "geometries": shapes}},
            "arcs": [],
        }
        file.write_text(
            json.dumps(topology if form == "topojson" else {"type": "FeatureCollection", "features": shapes})
        )
    return file


@pytest.mark.parametrize("form", ["csv", "xlsx", "geojson", "topojson"])
def test_regions_come_from_a_table_or_from_the_map_itself(tmp_path: Path, form: str) -> None:
    file = written(tmp_path, form)
    both = read_regions(file, columns=COLUMNS).to_pylist()
    assert [(row["region"], row["parent"], row["kind"]) for row in both] == [
        ("41705", None, "oblast"),
        ("41705214", "41705", "raion"),
    ]
    assert (both[0]["name_en"], both[0]["name_ky"], both[0]["name_ru"]) == ("Batken", "Баткен облусу", None)
    assert [row["region"] for row in read_regions(file, "raion", COLUMNS).to_pylist()] == ["41705214"]
    if form.endswith("json"):
        assert geometry_ids(read_geometry(file, "code")) == {"41705", "41705214"}


def test_the_columns_there_are_are_listed_where_the_wanted_one_is_not(tmp_path: Path) -> None:
    with pytest.raises(AlmazError, match="no column «region»") as error:
        read_regions(written(tmp_path, "csv"))
    assert "code" in error.value.expected


def test_a_region_cannot_lie_under_itself(tmp_path: Path) -> None:
    path = tmp_path / "regions.csv"
    path.write_text("region,parent\n1,2\n2,1\n", encoding="utf-8")
    with pytest.raises(AlmazError, match="lies under itself"):
        read_regions(path)


def test_the_kinds_there_are_are_listed_where_the_wanted_one_is_not(tmp_path: Path) -> None:
    with pytest.raises(AlmazError, match="of the kind «city»") as error:
        read_regions(written(tmp_path, "csv"), "city", COLUMNS)
    assert error.value.expected == "one of: oblast, raion"
