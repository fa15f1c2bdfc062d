"""Regions: codes, names in three languages, hierarchy and borders; from a table or from the borders themselves."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa

from almaz.errors import AlmazError, Where
from almaz.language import language
from almaz.language import text as _
from almaz.tables.records import Records, read_records
from almaz.tables.schema import REGIONS

MAPS = (".geojson", ".json", ".topojson")


def read_regions(
    path: Path, kind: str | None = None, columns: Mapping[str, str] | None = None, sheet: str | None = None
) -> pa.Table:
    """Read the regions of a study: `region` and any of `parent`, `kind`, `name_en`, `name_ru`, `name_ky`.

    path: CSV, Excel or Parquet with these columns, or GeoJSON or TopoJSON with these properties; columns: what the file calls
    them, where otherwise; kind: keep only regions of this kind. Raises AlmazError for a missing column, an empty or a
    repeated code, a region that lies under itself.
    """
    called = {name: (columns or {}).get(name, name) for name in REGIONS.names}
    records = _from_map(path) if path.suffix.lower() in MAPS else read_records(path, called.values(), sheet)
    if called["region"] not in records.headers:
        raise AlmazError(
            _("there is no column «{name}»", name=called["region"]),
            where=Where(file=str(path), sheet=sheet),
            expected=_("one of: {keys}", keys=", ".join(records.headers) or "—"),
            advice=_("say under columns what the file calls: {keys}", keys=", ".join(REGIONS.names)),
        )
    rows: dict[str, dict[str, str | None]] = {}
    for number, record in records.rows:
        code = record.get(called["region"], "")
        if not code or code in rows:
            problem = _("the region «{code}» stands twice", code=code) if code else _("a region without a code")
            raise AlmazError(problem, where=Where(file=str(path), row=number, column=called["region"]))
        rows[code] = {name: record.get(header) or None for name, header in called.items()}
    _climb(path, {code: row["parent"] for code, row in rows.items()})
    kept = [row for row in rows.values() if kind is None or row["kind"] == kind]
    if not kept:
        raise AlmazError(
            _("no region is of the kind «{kind}»", kind=kind) if rows else _("the file has no regions"),
            where=Where(file=str(path), column=called["kind"]),
            expected=_("one of: {keys}", keys=", ".join(sorted({row["kind"] or "—" for row in rows.values()})))
            if rows
            else "",
        )
    return pa.Table.from_pylist(kept, schema=REGIONS)


def _climb(path: Path, parents: Mapping[str, str | None]) -> None:
    """Raise AlmazError for a region that lies under itself."""
    for code in parents:
        seen = {code}
        above = parents[code]
        while above is not None and above in parents:
            if above in seen:
                raise AlmazError(
                    _("the region «{code}» lies under itself", code=code), where=Where(file=str(path), column="parent")
                )
            seen.add(above)
            above = parents[above]


def region_names(path: Path, kind: str | None = None) -> dict[str, str]:
    """Code → name in the language in use, of the regions that read_regions reads."""
    name = f"name_{language()}"
    return {row["region"]: row[name] or row["name_en"] or row["region"] for row in read_regions(path, kind).to_pylist()}


def _from_map(path: Path) -> Records:
    """The properties of the shapes of a map as records, numbered from 1; a shape's own id is its region where it says none."""
    rows = []
    for number, shape in enumerate(_shapes(_map(path)), start=1):
        said = shape.get("properties") or {}
        record = {str(key): " ".join(str(value).split()) for key, value in said.items() if value is not None}
        if shape.get("id") is not None:
            record.setdefault("region", str(shape["id"]))
        rows.append((number, record))
    headers = dict.fromkeys(header for _number, record in rows for header in record)
    return Records(tuple(headers), rows)


def _map(path: Path) -> dict[str, Any]:
    try:
        borders = json.loads(path.read_text(encoding="utf-8-sig"))
        shapes = list(_shapes(borders))
        if not all(isinstance(shape, dict) and isinstance(shape.get("properties") or {}, dict) for shape in shapes):
            raise TypeError
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OSError):
        raise AlmazError(
            _("these are not borders that can be read"), where=Where(file=str(path)), expected="GeoJSON, TopoJSON"
        ) from None
    return dict(borders)


def _shapes(borders: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    if borders["type"] == "Topology":
        for layer in borders["objects"].values():
            yield from layer.get("geometries", [layer])
    else:
        yield from borders["features"]


def read_geometry(path: Path, code: str = "region") -> dict[str, Any]:
    """Borders as GeoJSON or TopoJSON, every shape with the region's code as its `id`.

    code: the property that holds it where a shape has no id. GeoJSON rings are turned the way that maps on a sphere are drawn
    (outer rings clockwise), whatever the file has.
    """
    borders = _map(path)
    for shape in _shapes(borders):
        said = (shape.get("properties") or {}).get(code)
        if shape.get("id") is None or (code != "region" and said is not None):
            shape["id"] = None if said is None else str(said)
    if borders["type"] == "Topology":
        return borders
    features = borders["features"]
    try:
        for feature in features:
            shape = feature.get("geometry") or {}
            if shape.get("type") == "Polygon":
                shape["coordinates"] = _wound(shape["coordinates"])
            elif shape.get("type") == "MultiPolygon":
                shape["coordinates"] = [_wound(polygon) for polygon in shape["coordinates"]]
    except (KeyError, TypeError, IndexError, AttributeError):
        raise AlmazError(
            _("these are not borders that can be read"), where=Where(file=str(path)), expected="GeoJSON, TopoJSON"
        ) from None
    return {"type": "FeatureCollection", "features": features}


def _wound(polygon: list[list[list[float]]]) -> list[list[list[float]]]:
    def clockwise(ring: list[list[float]]) -> bool:
        return sum((b[0] - a[0]) * (b[1] + a[1]) for a, b in pairwise(ring)) > 0

    return [ring if clockwise(ring) == (place == 0) else ring[::-1] for place, ring in enumerate(polygon)]


def geometry_ids(borders: dict[str, Any]) -> set[str]:
    """The region codes that the borders hold."""
    return {str(shape["id"]) for shape in _shapes(borders) if shape.get("id") is not None}
