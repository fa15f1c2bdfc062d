"""Which regions touch, by their borders."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt


def shapes(borders: dict[str, Any]) -> dict[str, Any]:
    """Borders (`places.read_geometry`) as polygons of shapely, by the region's code; shapes without a code are left out."""
    import shapely  # only maps need it

    if borders["type"] == "Topology":
        arcs = _arcs(borders)
        held = [
            (shape.get("id"), _coordinates(shape, arcs))
            for layer in borders["objects"].values()
            for shape in layer["geometries"]
        ]
    else:
        held = [(feature.get("id"), _polygons(feature.get("geometry") or {})) for feature in borders["features"]]
    return {
        str(code): shapely.make_valid(
            shapely.MultiPolygon(
                [
                    shapely.Polygon(rings[0], [hole for hole in rings[1:] if len(hole) >= 4])
                    for rings in polygons
                    if len(rings[0]) >= 4
                ]
            )
        )
        for code, polygons in held
        if code
    }


def touching(borders: dict[str, Any], regions: list[str], tolerance: float) -> npt.NDArray[np.int64]:
    """Pairs of places in `regions` whose borders come within `tolerance` (in the borders' unit, degrees) of each other.

    Corners count (queen's rule); the tolerance closes the slits that simplifying borders one by one leaves. (m, 2), a < b.
    """
    import shapely

    known = shapes(borders)
    places = [place for place, code in enumerate(regions) if code in known]
    if not places:
        return np.empty((0, 2), dtype=np.int64)
    geometries = np.array([known[regions[place]] for place in places], dtype=object)
    one, other = shapely.STRtree(geometries).query(geometries, predicate="dwithin", distance=tolerance)
    at = np.array(places, dtype=np.int64)
    pairs = np.column_stack((at[one], at[other]))
    return np.unique(np.sort(pairs[pairs[:, 0] != pairs[:, 1]], axis=1), axis=0).reshape(-1, 2)


def _polygons(geometry: dict[str, Any]) -> list[Any]:
    kind = geometry.get("type")
    held = geometry.get("coordinates") or []
    return [held] if kind == "Polygon" else list(held) if kind == "MultiPolygon" else []


def _arcs(topology: dict[str, Any]) -> list[npt.NDArray[np.float64]]:
    """Arcs with their real coordinates: those of a quantised topology are differences, scaled and shifted."""
    arcs = [np.asarray(arc, dtype=np.float64)[:, :2] for arc in topology["arcs"]]
    if "transform" not in topology:
        return arcs
    scale, shift = (np.array(topology["transform"][key]) for key in ("scale", "translate"))
    return [np.cumsum(arc, axis=0) * scale + shift for arc in arcs]


def _coordinates(shape: dict[str, Any], arcs: list[npt.NDArray[np.float64]]) -> list[Any]:
    def ring(numbers: list[int]) -> npt.NDArray[np.float64]:
        parts = [arcs[number] if number >= 0 else arcs[~number][::-1] for number in numbers]
        return np.vstack([parts[0], *(part[1:] for _before, part in pairwise(parts))])

    held = shape.get("arcs") or []
    polygons = [held] if shape.get("type") == "Polygon" else held if shape.get("type") == "MultiPolygon" else []
    return [[ring(numbers) for numbers in polygon] for polygon in polygons]
