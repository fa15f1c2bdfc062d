from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
import shapely

from almaz.study.edition import Edition
from almaz.web.observatory.borders import LEVELS, levels, light, sheet, write_levels
from almaz.web.observatory.projection import conic_equal_area, equal_area, mercator, projected

SCALE, ACROSS, DOWN = 1070, 480, 250
"""The defaults of d3.geoAlbersUsa."""


@pytest.mark.parametrize(
    ("place", "x", "y"),
    [
        (
            (-122.4194, 37.7749),
            107.4,
            214.1,
        ),  # San Francisco, New York, Anchorage, Honolulu: the expectations of d3-geo's own tests
        ((-74.0064, 40.7142), 794.6, 176.5),
        ((-149.9003, 61.2181), 171.2, 446.9),
        ((-157.8583, 21.3069), 298.5, 451.0),
    ],
)
def test_albers_usa_puts_cities_where_d3_does(place: tuple[float, float], x: float, y: float) -> None:
    [spot] = projected([shapely.Point(place).buffer(1e-6)], "albersUsa")
    assert ACROSS + SCALE * spot.centroid.x == pytest.approx(x, abs=0.06)
    assert DOWN - SCALE * spot.centroid.y == pytest.approx(y, abs=0.06)


def test_equal_area_projections_keep_areas() -> None:
    squares = [shapely.box(east, north, east + 1, north + 1) for east, north in ((70, 40), (75, 42), (80, 38))]
    true = [np.radians(1) * (np.sin(np.radians(n + 1)) - np.sin(np.radians(n))) for n in (40, 42, 38)]
    for project in (equal_area((75.0, 41.0)), conic_equal_area(75.0, (75.0, 41.0), (38.0, 43.0))):
        fine = [shapely.segmentize(square, 0.01) for square in squares]
        areas = [shapely.transform(square, project).area for square in fine]
        assert areas == pytest.approx(true, rel=1e-5)


def test_mercator_keeps_meridians_upright() -> None:
    points = mercator(np.array([[74.0, 40.0], [74.0, 42.0], [76.0, 40.0]]))
    assert points[0, 0] == points[1, 0]
    assert points[0, 1] == points[2, 1]


def overlap_and_gaps(shapes: list[shapely.Geometry]) -> tuple[float, float]:
    """Shares of the whole: what is covered twice, and what lies inside and is covered by nothing."""
    whole = shapely.union_all(shapes)
    twice = sum(shape.area for shape in shapes) - whole.area
    filled = shapely.union_all([shapely.Polygon(part.exterior) for part in shapely.get_parts(whole)])
    return twice / whole.area, (filled.area - whole.area) / whole.area


def test_simplified_neighbours_keep_their_common_border(raions: Edition) -> None:
    borders = raions.geometry
    assert borders is not None
    codes = {str(feature["id"]): None for feature in borders["features"]}
    held = sheet(borders, "mercator", codes)
    whole = list(held.shapes.values())
    simple = list(shapely.coverage_simplify(np.array(whole), 2.0))
    assert sum(shapely.get_num_coordinates(simple)) < 0.3 * sum(shapely.get_num_coordinates(whole))
    before, after = overlap_and_gaps(whole), overlap_and_gaps(simple)
    assert after[0] < before[0] + 1e-3
    assert after[1] < before[1] + 1e-3


def test_every_region_stays_on_the_map_at_every_level(raions: Edition) -> None:
    borders = raions.geometry
    assert borders is not None
    regions = raions.table("regions")
    parents = dict(zip(regions["region"].to_pylist(), regions["parent"].to_pylist(), strict=True))
    held = sheet(borders, "mercator", parents)
    sizes = []
    for drawn in levels(held):
        assert set(drawn["regions"]) == set(parents)
        assert all(path.startswith("M") and path.endswith("z") for path in drawn["regions"].values())
        assert len(drawn["outlines"]) == len(set(parents.values()))
        sizes.append(len(json.dumps(drawn)))
    assert sizes == sorted(sizes)
    assert drawn["width"] <= 960


def test_a_path_closes_and_stays_near_the_border(raions: Edition) -> None:
    borders = raions.geometry
    assert borders is not None
    held = sheet(borders, "mercator", {str(feature["id"]): None for feature in borders["features"]})
    drawn = levels(held)[0]
    for code, path in drawn["regions"].items():
        first = path[1:].split("z")[0]
        start, steps = first.split("l")
        numbers = np.array([float(word) for word in steps.replace("-", " -").split()]).reshape(-1, 2)
        ring = np.vstack([[float(word) for word in start.split()], numbers]).cumsum(axis=0) / drawn["units"]
        border = held.shapes[code].boundary
        assert max(border.distance(shapely.Point(point)) for point in ring) < 0.5


def test_a_region_off_the_sheet_has_no_shape_and_the_rest_stays() -> None:
    square = [[[0, 0], [0, 1], [1, 1], [1, 0], [0, 0]]]
    iowa = [[[-95, 41], [-95, 43], [-91, 43], [-91, 41], [-95, 41]]]
    features = [
        {"id": code, "geometry": {"type": "Polygon", "coordinates": rings}}
        for code, rings in (("gulf", square), ("iowa", iowa))
    ]
    held = sheet(
        {"type": "FeatureCollection", "features": features}, "albersUsa", {"gulf": None, "iowa": None, "nowhere": None}
    )
    assert set(held.shapes) == {"iowa"}


def test_light_borders_are_small_and_wound_for_the_sphere(states: Edition) -> None:
    borders = states.geometry
    assert borders is not None
    small = light(borders)
    assert len(json.dumps(small)) < 60_000
    for feature in small["features"]:
        for polygon in feature["geometry"]["coordinates"]:
            assert not shapely.LinearRing(polygon[0]).is_ccw


def test_the_same_borders_make_the_same_files(states: Edition, tmp_path: Path) -> None:
    borders = states.geometry
    assert borders is not None
    codes = dict.fromkeys(states.table("regions")["region"].to_pylist())
    for name in ("one", "other"):
        write_levels(sheet(borders, "albersUsa", codes), tmp_path / name)
    for number in range(len(LEVELS)):
        file = f"map-{number}.json.gz"
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "other" / file).read_bytes()


def test_a_heavy_file_becomes_a_light_map() -> None:
    """Twelve thousand points to a border: what a national file has and no eye sees."""
    rng = np.random.default_rng(8)
    along = np.linspace(0, 2 * np.pi, 12_000, endpoint=False)
    features = []
    for place in range(25):
        radius = 0.45 + 0.02 * np.cumsum(rng.normal(size=along.size)) / along.size**0.5
        ring = np.column_stack([70 + place % 5 + radius * np.cos(along), 40 + place // 5 + radius * np.sin(along)])
        closed = np.vstack([ring, ring[:1]])
        features.append({"id": str(place), "geometry": {"type": "Polygon", "coordinates": [closed.tolist()]}})
    borders = {"type": "FeatureCollection", "features": features}
    assert len(features) * len(json.dumps(features[0])) > 9_000_000
    held = sheet(borders, "equalEarth", {str(place): None for place in range(25)})
    packed = [len(gzip.compress(json.dumps(drawn).encode())) for drawn in levels(held)]
    assert packed[0] < 100_000
    assert packed[-1] < 1_000_000
