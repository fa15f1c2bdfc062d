"""Regions: their names in three languages, how a name in a table finds its region, and their borders."""

from __future__ import annotations

import csv
import json
import re
from difflib import get_close_matches
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from almaz.errors import AlmazError, Where
from almaz.language import text as _
from almaz.tables.problems import problem
from almaz.tables.schema import PROBLEMS, REGIONS

_ADMINISTRATIVE = re.compile(
    r"\b(облусу|облус|области|область|обл|oblast|region|району|район|районы|raion|rayon|district|шаары|ш|город|г|city"
    r"|республикасы|республика|republic)\b\.?",
    re.IGNORECASE,
)
_KINDS = {
    "oblast": re.compile(r"\b(облусу|облус|области|область|обл|oblast|region)\b", re.IGNORECASE),
    "raion": re.compile(r"\b(району|район|районы|raion|rayon|district)\b", re.IGNORECASE),
    "city": re.compile(r"\b(шаары|ш|город|г|city)\b", re.IGNORECASE),
}
"""The words that tell the oblast of Osh from the city of Osh."""
_SPELLINGS = (("dzh", "j"), ("zh", "j"), ("dj", "j"), ("kh", "h"), ("gh", "g"), ("y", "i"), ("iu", "u"), ("ck", "k"))
"""Ways to write the same Kyrgyz sound in Latin letters."""
_KYRGYZ = str.maketrans({"ӊ": "ң", "ё": "е"})


def read_regions(path: Path, kind: str | None = None) -> pa.Table:
    """Read the regions of a study: a CSV with `region` and any of `parent`, `kind`, `name_en`, `name_ru`, `name_ky`.

    kind: keep only regions of this kind. Raises AlmazError for a missing column, an empty or a repeated code.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as source:
            rows = list(csv.DictReader(source))
    except (UnicodeDecodeError, csv.Error):
        raise AlmazError(_("the regions cannot be read"), where=Where(file=str(path)), expected="CSV, UTF-8") from None
    if not rows or "region" not in rows[0]:
        raise AlmazError(
            _("there is no column «{name}»", name="region"),
            where=Where(file=str(path)),
            expected=_("one of: {keys}", keys=", ".join(REGIONS.names)),
        )
    seen: set[str] = set()
    for number, row in enumerate(rows, start=2):
        code = (row["region"] or "").strip()
        if not code or code in seen:
            problem = _("the region «{code}» stands twice", code=code) if code else _("a region without a code")
            raise AlmazError(problem, where=Where(file=str(path), row=number, column="region"))
        seen.add(code)
    kept = [
        {name: (row.get(name) or "").strip() or None for name in REGIONS.names}
        for row in rows
        if kind is None or row.get("kind") == kind
    ]
    if not kept:
        raise AlmazError(_("no region is of the kind «{kind}»", kind=kind), where=Where(file=str(path), column="kind"))
    return pa.Table.from_pylist(kept, schema=REGIONS)


def simplified(name: str) -> str:
    """A name without case, administrative words and punctuation: "Баткен облусу" and "Батkен обл." meet here."""
    plain = _ADMINISTRATIVE.sub(" ", name.lower().translate(_KYRGYZ))
    return re.sub(r"[^\w]+", "", plain)


def spelling(name: str) -> str:
    """A simplified Latin name with the usual transliterations made one: "Dzhety-Oghuz" and "Jeti-Oguz" meet here."""
    plain = simplified(name)
    for written, meant in _SPELLINGS:
        plain = plain.replace(written, meant)
    return re.sub(r"(.)\1+", r"\1", plain)


def _kinds(name: str | None) -> set[str]:
    return {kind for kind, words in _KINDS.items() if words.search(name or "")}


def _of_the_same_kind(label: str, meant: set[str], kinds: dict[str, set[str]]) -> set[str]:
    """Of the regions that a label fits, those of the kind that the label says; all of them where it says none."""
    said = _kinds(label)
    fitting = {code for code in meant if said & kinds[code]}
    return fitting or meant


def match_regions(observations: pa.Table, regions: pa.Table) -> tuple[pa.Table, pa.Table]:
    """Give every observation its region's code: by code, else by name in any of the three languages.

    A label such as "Баткен облусу / Баткенская область / Batken oblast" is tried whole and part by part.
    A name that two regions share goes to the one of the kind that the label says (облусу, район, г. …); a name that only
    another transliteration makes fit is taken where it fits one region, and noted. Returns the observations that found a
    region, and a problem for every label that did not (or that fits two), with the nearest codes.
    """
    codes = set(regions["region"].to_pylist())
    named: dict[str, set[str]] = {}
    spelled: dict[str, set[str]] = {}
    kinds: dict[str, set[str]] = {}
    for row in regions.to_pylist():
        names = [row[f"name_{language}"] for language in ("en", "ru", "ky") if row[f"name_{language}"]]
        kinds[row["region"]] = {row["kind"] or ""}.union(*(_kinds(name) for name in names))
        for name in names:
            named.setdefault(simplified(name), set()).add(row["region"])
            spelled.setdefault(spelling(name), set()).add(row["region"])
    labels = pc.unique(observations["region"]).to_pylist()
    found: dict[str, str] = {}
    problems = []
    for label in labels:
        parts = [label, *re.split(r"\s*[/|\n]\s*", label or "")]
        meant = {label} & codes or set().union(*(named.get(simplified(part), set()) for part in parts))
        meant = _of_the_same_kind(label or "", meant, kinds)
        near = set() if meant else set().union(*(spelled.get(spelling(part), set()) for part in parts if part))
        near = _of_the_same_kind(label or "", near, kinds)
        if len(meant or near) == 1:
            found[label] = next(iter(meant or near))
            if meant:
                continue
        close = get_close_matches(simplified(parts[-1]), list(named), n=3)
        suggested = sorted(meant or near or {code for name in close for code in named[name]})
        lines = observations.filter(pc.equal(observations["region"], label))
        problems.append(_placed_badly(lines, label, suggested, known=label in found, several=len(meant or near) > 1))
    known = observations.filter(pc.is_in(observations["region"], value_set=pa.array(list(found), pa.string())))
    place = pc.index_in(known["region"], value_set=pa.array(list(found), pa.string()))
    matched = pa.array(list(found.values()), pa.string()).take(place)
    known = known.set_column(known.schema.get_field_index("region"), "region", matched)
    return known, pa.Table.from_pylist(problems, schema=PROBLEMS)


def _placed_badly(lines: pa.Table, label: str, close: list[str], *, known: bool, several: bool) -> dict[str, object]:
    """A line of PROBLEMS for a label that found its region by spelling only, that fits several, or that fits none."""
    first = lines.slice(0, 1).to_pylist()[0]
    kind = "spelling" if known else "ambiguous_region" if several else "unknown_region"
    place = {key: first[key] for key in ("file", "sheet", "row")}
    level = "note" if known else "warning"
    return problem(kind, level, **place, column="region", value=label, number=lines.num_rows, close=close)


def read_geometry(path: Path) -> dict[str, Any]:
    """Borders as GeoJSON or TopoJSON, every shape with the region's code as its `id`.

    GeoJSON rings are turned the way that maps on a sphere are drawn (outer rings clockwise), whatever the file has.
    """
    try:
        borders: dict[str, Any] = json.loads(path.read_text(encoding="utf-8-sig"))
        if borders["type"] == "Topology":
            return borders
        features = borders["features"]
    except (json.JSONDecodeError, UnicodeDecodeError, KeyError, TypeError):
        raise AlmazError(
            _("these are not borders that can be read"), where=Where(file=str(path)), expected="GeoJSON, TopoJSON"
        ) from None
    for feature in features:
        properties = feature.get("properties") or {}
        feature["id"] = feature.get("id") or properties.get("region")
        shape = feature.get("geometry") or {}
        if shape.get("type") == "Polygon":
            shape["coordinates"] = _wound(shape["coordinates"])
        elif shape.get("type") == "MultiPolygon":
            shape["coordinates"] = [_wound(polygon) for polygon in shape["coordinates"]]
    return {"type": "FeatureCollection", "features": features}


def _wound(polygon: list[list[list[float]]]) -> list[list[list[float]]]:
    def clockwise(ring: list[list[float]]) -> bool:
        return sum((b[0] - a[0]) * (b[1] + a[1]) for a, b in pairwise(ring)) > 0

    return [ring if clockwise(ring) == (place == 0) else ring[::-1] for place, ring in enumerate(polygon)]


def geometry_ids(borders: dict[str, Any]) -> set[str]:
    """The region codes that the borders hold."""
    if borders["type"] == "Topology":
        layers = borders["objects"].values()
        return {str(shape["id"]) for layer in layers for shape in layer["geometries"] if shape.get("id")}
    return {str(feature["id"]) for feature in borders["features"] if feature.get("id")}
