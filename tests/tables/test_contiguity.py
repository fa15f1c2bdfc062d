from __future__ import annotations

from pathlib import Path

import pytest

from almaz.tables.contiguity import shapes, touching
from almaz.tables.places import read_geometry

SAMPLES = Path(__file__).parents[2] / "src" / "almaz" / "samples"


def neighbours(sample: str, file: str, tolerance: float = 0.01) -> dict[str, set[str]]:
    borders = read_geometry(SAMPLES / sample / file)
    regions = sorted(shapes(borders))
    found: dict[str, set[str]] = {code: set() for code in regions}
    for a, b in touching(borders, regions, tolerance):
        found[regions[a]].add(regions[b])
        found[regions[b]].add(regions[a])
    return found


def test_the_states_have_the_neighbours_they_have() -> None:
    found = neighbours("us_states_2016", "states.json")
    assert found["47000"] == {
        "01000",
        "05000",
        "13000",
        "21000",
        "28000",
        "29000",
        "37000",
        "51000",
    }  # Tennessee: eight
    assert found["23000"] == {"33000"}  # Maine has one
    assert found["02000"] == found["15000"] == set()  # Alaska, Hawaii
    assert "08000" in found["04000"]  # four corners: Arizona and Colorado meet in a point


def test_slits_between_borders_simplified_one_by_one_do_not_part_neighbours() -> None:
    found = neighbours("kyrgyzstan_2021", "raions.geojson")
    assert all(found.values())
    assert "41702220" in found["41702205"] or len(found["41702205"]) >= 2  # Ak-Suu in Issyk-Kul


def test_two_squares_by_hand() -> None:
    def square(code: str, left: float) -> dict[str, object]:
        ring = [[left, 0.0], [left + 1, 0.0], [left + 1, 1.0], [left, 1.0], [left, 0.0]]
        return {"type": "Feature", "id": code, "properties": {}, "geometry": {"type": "Polygon", "coordinates": [ring]}}

    borders = {"type": "FeatureCollection", "features": [square("a", 0.0), square("b", 1.005), square("c", 5.0)]}
    assert touching(borders, ["a", "b", "c", "not drawn"], 0.01).tolist() == [[0, 1]]
    assert touching(borders, ["c", "b", "a"], 0.001).tolist() == []
    assert shapes(borders)["a"].area == pytest.approx(1.0)
