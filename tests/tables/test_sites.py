"""A table of establishments: places in metres, rows that cannot be placed said one by one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from pyproj import Geod

from almaz.errors import AlmazError
from almaz.language import use
from almaz.tables.problems import spoken
from almaz.tables.sites import read_sites

DEGREES = {"site": "id", "longitude": "lon", "latitude": "lat", "industry": "code", "weight": "jobs"}
ROWS = [
    ("a", "74.5900", "42.8746", "C10", "12"),
    ("b", "72.7985", "40.5283", "C10", "3"),
    ("c", "", "42.1", "C13", "5"),
    ("d", "274.6", "42.9", "C13", "5"),
    ("e", "78.3936", "42.4907", "", "5"),
    ("f", "78.3936", "42.4907", "C13", "x"),
]


def written(folder: Path, delimiter: str = ",", decimal: str = ".") -> Path:
    file = folder / "sites.csv"
    lines = [delimiter.join(("id", "lon", "lat", "code", "jobs"))]
    lines += [
        delimiter.join(cell.replace(".", decimal) if place in (1, 2) else cell for place, cell in enumerate(row))
        for row in ROWS
    ]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


@pytest.mark.parametrize(("delimiter", "decimal"), [(",", "."), (";", ",")])
def test_rows_that_cannot_be_placed_are_said_with_their_row(tmp_path: Path, delimiter: str, decimal: str) -> None:
    held = read_sites(written(tmp_path, delimiter, decimal), DEGREES)
    assert held.rows == 6
    assert held.table["site"].to_pylist() == ["a", "b", "f"]
    assert held.table["weight"].to_pylist() == [12.0, 3.0, None]
    assert held.table["row"].to_pylist() == [2, 3, 7]
    said = {(row["kind"], row["row"], row["column"]) for row in held.problems.to_pylist()}
    assert said == {
        ("no_place", 4, "lon"),
        ("outside_place", 5, "lon"),
        ("no_industry", 6, "code"),
        ("no_weight", 7, "jobs"),
    }
    with use("ky"):
        assert spoken(held.problems.slice(0, 1).to_pylist()[0])["problem"] == "орду көрсөтүлбөгөн мекеме; ал калтырылды"


def test_distances_are_those_on_the_earth_within_what_is_said(tmp_path: Path) -> None:
    held = read_sites(written(tmp_path), DEGREES)
    x, y, longitude, latitude = (held.table[name].to_numpy() for name in ("x", "y", "longitude", "latitude"))
    _there, _back, true = Geod(ellps="WGS84").inv(
        longitude[[0, 0]], latitude[[0, 0]], longitude[[1, 2]], latitude[[1, 2]]
    )
    flat = np.hypot(x[0] - x[1:], y[0] - y[1:])
    assert np.abs(flat / true - 1.0).max() <= held.distortion + 1e-9
    assert held.distortion < 1e-3
    zone = read_sites(written(tmp_path), DEGREES, crs="EPSG:32643")
    assert zone.projection == "EPSG:32643"
    assert zone.table["x"].to_pylist()[0] < 500_000.0 < zone.table["x"].to_pylist()[2]  # either side of 75° E
    far = np.hypot(*(np.subtract(*zone.table[name].to_numpy()[[0, 2]]) for name in ("x", "y")))
    assert far == pytest.approx(true[1], rel=2e-3)


def test_metres_stay_as_they_are_and_find_their_degrees_if_the_projection_is_known(tmp_path: Path) -> None:
    file = tmp_path / "sites.parquet"
    pq.write_table(pa.table({"e": [466_490.0, 470_000.0], "n": [4_746_867.0, 4_747_000.0], "k": ["a", "b"]}), file)
    columns = {"x": "e", "y": "n", "industry": "k"}
    plain = read_sites(file, columns)
    assert plain.table["x"].to_pylist() == [466_490.0, 470_000.0]
    assert np.isnan(plain.table["longitude"].to_numpy()).all()
    assert np.isnan(plain.distortion)
    placed = read_sites(file, columns, crs="EPSG:32643")
    assert placed.table["longitude"].to_pylist()[0] == pytest.approx(74.59, abs=1e-3)
    assert placed.table["latitude"].to_pylist()[0] == pytest.approx(42.8746, abs=1e-3)


def test_a_workbook_is_read_like_a_text_file(tmp_path: Path) -> None:
    file = tmp_path / "sites.xlsx"
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Ишканалар"])
        sheet.write_row(1, 0, ["id", "lon", "lat", "code", "jobs"])
        for place, row in enumerate(ROWS[:2], start=2):
            sheet.write_row(place, 0, [row[0], float(row[1]), float(row[2]), row[3], int(row[4])])
    held = read_sites(file, DEGREES)
    assert held.table["site"].to_pylist() == ["a", "b"]
    assert held.table["row"].to_pylist() == [3, 4]


@pytest.mark.parametrize(
    ("columns", "crs", "says"),
    [
        (DEGREES | {"industry": "kod"}, None, "there is no column «kod»"),
        ({"industry": "code"}, None, "longitude and latitude, or x and y"),
        (DEGREES, "EPSG:4326", "in degrees"),
        (DEGREES, "EPSG:99999999", "not known"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path: Path, columns: dict[str, str], crs: str | None, says: str) -> None:
    with pytest.raises(AlmazError, match=says) as error:
        read_sites(written(tmp_path), columns, crs=crs)
    assert "sites.csv" in str(error.value)


def test_nothing_to_place_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "sites.csv"
    file.write_text("lon,lat,code\n,,a\n", encoding="utf-8")
    with pytest.raises(AlmazError, match="no establishment can be placed"):
        read_sites(file, {"longitude": "lon", "latitude": "lat", "industry": "code"})
