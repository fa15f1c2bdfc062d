"""Which regions share a border, from the borders of the map."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from almaz.impact.panel import FloatArray


def neighbours(borders: Mapping[str, Any], regions: Sequence[str]) -> FloatArray:
    """1 where two regions share a border: (regions, regions), symmetric, 0 on the diagonal.

    TopoJSON: regions that share an arc. GeoJSON: regions whose borders touch, with a tolerance for simplified shapes
    (libpysal's fuzzy contiguity). Regions without borders have no neighbours.
    """
    pairs = _sharing_arcs(borders) if borders["type"] == "Topology" else _touching(borders)
    place = {region: number for number, region in enumerate(regions)}
    matrix = np.zeros((len(regions), len(regions)))
    for one, other in pairs:
        if one in place and other in place and one != other:
            matrix[place[one], place[other]] = matrix[place[other], place[one]] = 1.0
    return matrix


def _sharing_arcs(borders: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    users: dict[int, set[str]] = {}
    for layer in borders["objects"].values():
        for shape in layer["geometries"]:
            for arc in _flat(shape.get("arcs", [])):
                users.setdefault(arc if arc >= 0 else ~arc, set()).add(str(shape.get("id")))
    for sharing in users.values():
        ordered = sorted(sharing)
        yield from ((one, other) for place, one in enumerate(ordered) for other in ordered[place + 1 :])


def _flat(arcs: Any) -> Iterator[int]:
    for arc in arcs:
        if isinstance(arc, list):
            yield from _flat(arc)
        else:
            yield arc


def _touching(borders: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    import geopandas
    from libpysal.graph import Graph
    from shapely.geometry import shape

    named = [(str(part["id"]), shape(part["geometry"])) for part in borders["features"] if part.get("id")]
    frame = geopandas.GeoDataFrame(
        {"region": [code for code, _shape in named]}, geometry=[one for _code, one in named]
    ).dissolve("region")
    graph = Graph.build_fuzzy_contiguity(frame, tolerance=0.002)
    for one, others in graph.neighbors.items():
        yield from ((str(one), str(other)) for other in others)
