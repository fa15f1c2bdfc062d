"""Establishments as points: read from a table, their places brought to metres, what cannot be placed said row by row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from almaz.errors import AlmazError, Where
from almaz.language import text as _
from almaz.tables.block import Block, figures, labels
from almaz.tables.layout import blocks
from almaz.tables.schema import SITES
from almaz.tables.source import Findings, Source

FloatArray = npt.NDArray[np.float64]
MEANINGS = ("site", "longitude", "latitude", "x", "y", "industry", "weight")


@dataclass(frozen=True)
class Sites:
    """table: of SITES, in the order of the file; projection: how places became metres; distortion: the largest error of a
    distance, measured on pairs of sites against the ellipsoid, NaN where the file gave metres; problems: of PROBLEMS."""

    table: pa.Table
    projection: str
    distortion: float
    problems: pa.Table
    rows: int


def read_sites(
    file: Path,
    columns: Mapping[str, str],
    *,
    crs: str | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    decimal: str | None = None,
) -> Sites:
    """Read a table of establishments: CSV, Excel or Parquet.

    columns: what is meant → header: `industry`, `longitude` and `latitude` (degrees) or `x` and `y` (metres), and, where there
    are, `site` (its code) and `weight` (employees). crs: the projection to compute in (with degrees), or the one x and y are in,
    for example EPSG:32643; by default an equal-area projection around the middle of the sites.
    A row without a place or an industry is left out, and one whose weight is not known keeps none; each is a problem with
    its row. Raises AlmazError where a column is missing or nothing can be placed.
    """
    _check_columns(file, columns)
    source = Source(file, encoding=encoding, delimiter=delimiter, decimal=decimal)
    findings = Findings(source)
    wanted = set(columns.values())
    parts = [_sites(block, columns, source, findings) for block in blocks(source, findings, wanted.__contains__)]
    held = pa.concat_tables(parts)
    if held.num_rows == 0:
        raise AlmazError(
            _("no establishment can be placed"),
            where=Where(file=str(file)),
            expected=_("a longitude and a latitude, or x and y in metres, in every row"),
        )
    table, projection, distortion = _projected(held, "x" in columns, crs, file)
    return Sites(table, projection, distortion, findings.table, findings.rows)


def _check_columns(file: Path, columns: Mapping[str, str]) -> None:
    degrees, metres = {"longitude", "latitude"} <= columns.keys(), {"x", "y"} <= columns.keys()
    if "industry" not in columns or degrees == metres:
        missing = "industry" if "industry" not in columns else _("longitude and latitude, or x and y")
        raise AlmazError(
            _("the study does not say where to find: {missing}", missing=missing),
            where=Where(file=str(file), key="places.columns"),
            advice=_("name a column under columns"),
        )


def _sites(block: Block, columns: Mapping[str, str], source: Source, findings: Findings) -> pa.Table:
    for meaning, header in columns.items():
        if header not in block.headers:
            raise AlmazError(
                _("there is no column «{name}»", name=header),
                where=Where(file=str(source.file), sheet=block.sheet, key=f"places.columns.{meaning}"),
                expected=_("one of: {keys}", keys=", ".join(block.headers[:40]) or "—"),
            )
    number = len(block.rows)

    def read(meaning: str) -> FloatArray:
        if meaning not in columns:
            return np.full(number, np.nan)
        return figures(block.columns[columns[meaning]], source.all_marks, source.decimal).value

    pair = ("x", "y") if "x" in columns else ("longitude", "latitude")
    first, second = read(pair[0]), read(pair[1])
    industry = np.array(labels(block.columns[columns["industry"]]).to_pylist(), dtype=object)
    weight = read("weight") if "weight" in columns else np.ones(number)
    placed = np.isfinite(first) & np.isfinite(second)
    outside = placed & (pair[0] == "longitude") & ((np.abs(first) > 180.0) | (np.abs(second) > 90.0))
    lines = block.rows
    for kind, column, mask in (
        ("no_place", columns[pair[0]], ~placed),
        ("outside_place", columns[pair[0]], outside),
        ("no_industry", columns["industry"], industry == ""),
        ("no_weight", columns.get("weight"), placed & ~(weight >= 0.0)),
    ):
        for row in np.flatnonzero(mask)[:100].tolist():
            findings.problem(kind, sheet=block.sheet, row=int(lines[row]), column=column)
        if mask.sum() > 100:
            findings.problem(
                kind, sheet=block.sheet, column=column, number=int(mask.sum()) - 100, more=int(mask.sum()) - 100
            )
    kept = placed & ~outside & (industry != "")
    names = labels(block.columns[columns["site"]]).to_pylist() if "site" in columns else [str(line) for line in lines]
    return pa.table(
        {
            "site": pa.array([name for name, there in zip(names, kept, strict=True) if there], pa.string()),
            "industry": pa.array(industry[kept].tolist(), pa.string()),
            "weight": pa.array(np.where(weight[kept] >= 0.0, weight[kept], np.nan), from_pandas=True),
            "first": first[kept],
            "second": second[kept],
            "row": pa.array(lines[kept], pa.int32()),
        }
    )


def _projected(held: pa.Table, metres: bool, crs: str | None, file: Path) -> tuple[pa.Table, str, float]:
    from pyproj import CRS, Geod, Transformer
    from pyproj.exceptions import CRSError

    first, second = (held[name].to_numpy() for name in ("first", "second"))
    distortion, x, y = float("nan"), first, second
    said: str = crs or "metres"
    try:
        if metres:
            chosen = None if crs is None else CRS.from_user_input(crs)
            longitude = latitude = np.full(first.size, np.nan)
            if chosen is not None:
                longitude, latitude = Transformer.from_crs(chosen, "EPSG:4326", always_xy=True).transform(first, second)
        else:
            middle = (float(np.ptp(values) / 2.0 + values.min()) for values in (second, first))
            said = crs or "+proj=laea +lat_0={:.4f} +lon_0={:.4f} +datum=WGS84 +units=m".format(*middle)
            chosen = CRS.from_user_input(said)
            x, y = Transformer.from_crs("EPSG:4326", chosen, always_xy=True).transform(first, second)
            longitude, latitude = first, second
            distortion = _distortion(first, second, x, y, Geod(ellps="WGS84"))
    except CRSError as why:
        raise AlmazError(
            _("this projection is not known: {why}", why=why),
            where=Where(file=str(file), key="places.crs"),
            expected=_("for example EPSG:32643"),
        ) from None
    if chosen is not None and chosen.is_geographic:
        raise AlmazError(
            _("distances need a projection in metres, and this one is in degrees"),
            where=Where(file=str(file), key="places.crs"),
            expected=_("for example EPSG:32643"),
        )
    columns = {"site": held["site"], "industry": held["industry"], "weight": held["weight"], "x": x, "y": y}
    columns |= {"longitude": longitude, "latitude": latitude, "row": held["row"]}
    return pa.table(columns).cast(SITES), said, distortion


def _distortion(longitude: FloatArray, latitude: FloatArray, x: FloatArray, y: FloatArray, ellipsoid: Any) -> float:
    """The largest relative error of a distance among 500 pairs of sites."""
    one, other = np.random.default_rng(0).integers(0, x.size, (2, 500))
    _to, _back, true = ellipsoid.inv(longitude[one], latitude[one], longitude[other], latitude[other])
    flat = np.hypot(x[one] - x[other], y[one] - y[other])
    far = true > 1.0
    return float(np.abs(flat[far] / true[far] - 1.0).max(initial=0.0))
