"""Borders of regions for maps on pages: projected once onto a sheet, and simplified for each level of zoom.

A national file of borders may hold tens of megabytes; a map on a page needs what the eye can see. At publication the borders
are put onto a sheet of `WIDTH` points, and for each level simplified as one coverage: neighbours keep their common border,
so that no gaps or overlaps come about (Visvalingam and Whyatt 1993, on the edges of the coverage). What is smaller than a
point goes, except that every region keeps its largest part.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import shapely
import shapely.geometry

from almaz.tables.contiguity import shapes as polygons
from almaz.web.observatory.projection import projected
from almaz.whole import whole

WIDTH, TALLEST = 960, 720
"""Points of the sheet across; and down at most."""
LEVELS = (1, 4, 16)
"""How many times each level of zoom is larger than the sheet."""
UNITS = 4
"""Whole numbers of the paths to a point of the sheet, at the first level."""
SEEN = 0.6
"""Points below which a bend of a border is not seen."""

Shape: TypeAlias = shapely.Geometry


@dataclass(frozen=True)
class Sheet:
    """Borders on a sheet: code → shape in points, y downward; outlines: of the regions above; width and height in points."""

    shapes: Mapping[str, Shape]
    outlines: Mapping[str, Shape]
    width: int
    height: int


def sheet(borders: Mapping[str, Any], projection: str, parents: Mapping[str, str | None]) -> Sheet:
    """The borders of an edition on a sheet. parents: region → the region above it, for the outlines seen from afar."""
    found = {code: _areas(held) for code, held in polygons(dict(borders)).items() if not held.is_empty}
    codes = [code for code in parents if code in found]
    flat = projected([found[code] for code in codes], projection)
    kept = [(code, held) for code, held in zip(codes, flat, strict=True) if not held.is_empty]
    if not kept:
        return Sheet({}, {}, WIDTH, 0)
    west, south, east, north = shapely.total_bounds(np.array([held for _code, held in kept]))
    scale = min(WIDTH / (east - west), TALLEST / (north - south))
    shapes = {code: _placed(held, scale, west, north) for code, held in kept}
    groups: dict[str, list[Shape]] = {}
    for code, held in shapes.items():
        groups.setdefault(parents[code] or "", []).append(held)
    outlines = {above: _joined(parts) for above, parts in groups.items()} if len(groups) > 1 else {}
    return Sheet(shapes, outlines, round((east - west) * scale), round((north - south) * scale))


def levels(held: Sheet) -> list[dict[str, Any]]:
    """What a page draws of a sheet at each level, the coarsest first. The finest is simplified first, each coarser one from it."""
    made = []
    for times in reversed(LEVELS):
        held = simplified(held, times)
        made.append(level(held, times))
    return made[::-1]


def simplified(held: Sheet, times: int) -> Sheet:
    """The sheet without the bends that cannot be seen at this zoom."""
    parts = [
        dict(zip(shapes, _simplified(list(shapes.values()), SEEN / times), strict=True))
        for shapes in (held.shapes, held.outlines)
    ]
    return replace(held, shapes=parts[0], outlines=parts[1])


def level(held: Sheet, times: int) -> dict[str, Any]:
    """A simplified sheet as a page draws it: paths of regions and outlines in whole numbers, `units` to a point."""
    units = UNITS * times
    return {
        "width": held.width,
        "height": held.height,
        "units": units,
        "regions": {code: _path(one, units, times) for code, one in held.shapes.items()},
        "outlines": [_path(one, units, times) for one in held.outlines.values()],
    }


def write_levels(held: Sheet, folder: Path) -> None:
    """Write `map-0.json.gz`, `map-1.json.gz` … : the sheet at each level."""
    for number, drawn in enumerate(levels(held)):
        write_packed(drawn, folder / f"map-{number}.json.gz")


def write_packed(content: object, file: Path) -> None:
    """Write JSON, compressed; the file is whole or not there, and the same content gives the same bytes."""
    written = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    with whole(file) as partial:
        partial.write_bytes(gzip.compress(written, compresslevel=9, mtime=0))


def light(borders: Mapping[str, Any]) -> dict[str, Any]:
    """The borders in degrees as GeoJSON, as fine as a chart of a page shows them: for the charts that are drawn on the sphere."""
    found = {code: _areas(held) for code, held in polygons(dict(borders)).items() if not held.is_empty}
    if not found:
        return {"type": "FeatureCollection", "features": []}
    west, south, east, north = shapely.total_bounds(np.array(list(found.values())))
    simple = _simplified(list(found.values()), SEEN * max(east - west, north - south) / WIDTH)
    wound = shapely.orient_polygons(np.array([_seen(held) for held in simple]), exterior_cw=True)
    rounded = shapely.transform(wound, lambda points: np.round(points, 3))
    features = [
        {"type": "Feature", "id": code, "properties": {}, "geometry": shapely.geometry.mapping(held)}
        for code, held in zip(found, rounded, strict=True)
    ]
    return {"type": "FeatureCollection", "features": features}


def _seen(held: Shape) -> Shape:
    """A shape without its smallest parts; the largest stays."""
    parts = sorted(shapely.get_parts(held), key=lambda part: -part.area)
    return shapely.MultiPolygon([part for part in parts if part.area > parts[0].area / 2000])


def _areas(held: Shape) -> Shape:
    """What of a shape has an area."""
    if held.geom_type in ("Polygon", "MultiPolygon"):
        return held
    return shapely.MultiPolygon([part for part in shapely.get_parts(held) if part.geom_type == "Polygon"])


def _placed(held: Shape, scale: float, west: float, north: float) -> Shape:
    return shapely.transform(held, lambda points: (points - (west, north)) * (scale, -scale))


def _joined(parts: Sequence[Shape]) -> Shape:
    try:
        return shapely.coverage_union_all(np.array(parts))
    except shapely.GEOSException:  # borders that overlap are no coverage
        return shapely.union_all(shapely.make_valid(np.array(parts)))


def _simplified(shapes: list[Shape], tolerance: float) -> Sequence[Shape]:
    return list(shapely.coverage_simplify(np.array(shapes), tolerance)) if shapes else []


def _path(held: Shape, units: int, times: int) -> str:
    """The path of a shape: absolute starts, relative whole steps, closed."""
    parts = sorted(shapely.get_parts(held), key=lambda part: -part.area)
    drawn = [part for number, part in enumerate(parts) if number == 0 or part.area * times**2 > 1.0]
    written = []
    for part in drawn:
        holes = [hole for hole in part.interiors if shapely.Polygon(hole).area * times**2 > 1.0]
        written += [text for ring in (part.exterior, *holes) if (text := _ring(shapely.get_coordinates(ring), units))]
    return "".join(written)


def _ring(points: np.ndarray, units: int) -> str:
    whole = np.rint(points * units).astype(int)
    steps = np.diff(whole[:-1], axis=0)
    steps = steps[(steps != 0).any(axis=1)]
    if len(steps) < 2:
        return f"M{whole[0, 0]} {whole[0, 1]}h1v1z"
    said = " ".join(f"{x} {y}" for x, y in steps.tolist()).replace(" -", "-")
    return f"M{whole[0, 0]} {whole[0, 1]}l{said}z"
