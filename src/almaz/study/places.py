"""Concentration on the map: which neighbouring regions are alike, and, where there are establishments, how near they stand."""

from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from almaz.language import text as _
from almaz.measures.cores import cores
from almaz.measures.point_envelopes import IndustryCurve, concentration_by_industry
from almaz.measures.spatial_autocorrelation import KINDS, LocalMoran, local_moran, neighbours_of
from almaz.measures.specialisation import symmetric_quotient
from almaz.study.measured import Measured
from almaz.study.places_section import PlacesSection
from almaz.tables.contiguity import touching
from almaz.tables.places import read_geometry
from almaz.tables.sites import Sites, read_sites

FloatArray = npt.NDArray[np.float64]
Tell = Callable[[str], None]

FILLINGS = 9
"""How many fillings of hidden cells a verdict on neighbours is tried under."""


def tables(measured: Measured, tell: Tell) -> dict[str, pa.Table]:
    """The tables of this room, by name; none where the study has no section [places]."""
    section = measured.study.places
    if section is None:
        return {}
    held: dict[str, pa.Table] = {}
    if measured.study.regions.geometry is not None:
        tell(_("comparing neighbouring regions"))
        held |= neighbouring(measured, section)
    if section.sites is not None:
        tell(_("measuring how near establishments stand"))
        held |= standing(section)
    return held


def neighbouring(measured: Measured, section: PlacesSection) -> dict[str, pa.Table]:
    """Local Moran of every cluster's quotient in the last year, and whether hidden cells could change the verdict.

    The quotient enters as (LQ − 1) / (LQ + 1), which has no long tail. Fillings of hidden cells: the drawn ones where there
    are, else the lowest, the highest and some between, region by region.
    """
    geometry, data = measured.study.regions.geometry, measured.portfolio
    assert geometry is not None
    pairs = touching(read_geometry(geometry), list(data.regions), section.tolerance)
    neighbours = neighbours_of(pairs, len(data.regions))
    quotient = data.columns["lq"][:, :, -1].T
    maps = np.stack((quotient, *_fillings(measured, section.seed)))
    with np.errstate(invalid="ignore"):
        found = local_moran(
            np.where(np.isinf(maps), 1.0, symmetric_quotient(maps)),
            neighbours,
            permutations=section.permutations,
            false_discovery=section.false_discovery,
            seed=section.seed,
        )
    clusters = [key[0] for key in data.keys]
    return {
        "neighbours": _neighbours_table(data.regions, clusters, quotient, found, np.diff(neighbours[0])),
        "neighbourhood": pa.table(
            {
                "cluster": clusters,
                "moran": pa.array(found.overall[0], from_pandas=True),
                "p_value": pa.array(found.overall_p[0], from_pandas=True),
                "regions": pa.array(np.isfinite(found.local[0]).sum(axis=1), pa.int64()),
                "significant": pa.array(found.significant[0].sum(axis=1), pa.int64()),
            }
        ),
    }


def _fillings(measured: Measured, seed: int) -> list[FloatArray]:
    """Quotients (clusters, regions) under fillings of hidden cells; none where nothing is hidden."""
    data = measured.portfolio
    drawn = data.draws.get("lq")
    if drawn is not None and drawn.size:
        return [draw.T for draw in drawn[:FILLINGS]]
    if "lq_low" not in data.columns:
        return []
    middle, low, high = (data.columns[name][:, :, -1].T for name in ("lq", "lq_low", "lq_high"))
    low, high = np.where(np.isnan(low), middle, low), np.where(np.isnan(high), middle, high)
    if np.array_equal(low, high, equal_nan=True):
        return []
    rng = np.random.default_rng(seed)
    bottom = symmetric_quotient(low)
    with np.errstate(invalid="ignore"):
        top = np.where(np.isinf(high), 1.0, symmetric_quotient(high))
    between = [bottom + (top - bottom) * rng.random(low.shape) for _draw in range(FILLINGS - 2)]
    with np.errstate(divide="ignore"):
        return [low, high, *((1.0 + share) / (1.0 - share) for share in between)]


def _neighbours_table(
    regions: tuple[str, ...],
    clusters: list[str],
    quotient: FloatArray,
    found: LocalMoran,
    number: npt.NDArray[np.int64],
) -> pa.Table:
    verdict = np.where(found.significant, found.quadrant, 0)
    known = found.quadrant[0] > 0
    agreement = (verdict[1:] == verdict[:1]).mean(axis=0) if verdict.shape[0] > 1 else np.ones(known.shape)
    names = np.array(["none", *KINDS], dtype=object)[verdict[0]]
    kind = np.where(known, names, "unknown")
    count, places = len(clusters), len(regions)
    return pa.table(
        {
            "cluster": np.repeat(clusters, places).tolist(),
            "region": list(regions) * count,
            "lq": pa.array(quotient.ravel(), from_pandas=True),
            "neighbours": np.tile(number, count),
            "z": pa.array(found.z[0].ravel(), from_pandas=True),
            "lag": pa.array(found.lag[0].ravel(), from_pandas=True),
            "local": pa.array(found.local[0].ravel(), from_pandas=True),
            "p_value": pa.array(found.p_value[0].ravel(), from_pandas=True),
            "alike": kind.ravel().tolist(),
            "agreement": pa.array(np.where(known, agreement, np.nan).ravel(), from_pandas=True),
        }
    )


def standing(section: PlacesSection) -> dict[str, pa.Table]:
    """Kd and M of every industry between the bands of chance, its cores, and what could not be read of the sites.

    Kd counts establishments, M their weights where the file has them: those whose weight is not known weigh nothing there.
    """
    held = read(section)
    x, y = (held.table[name].to_numpy() for name in ("x", "y"))
    industries = np.array(held.table["industry"].to_pylist())
    reach = section.reach * 1000.0 if section.reach else _reach(x, y, section.seed)
    distances = np.linspace(0.0, reach, section.steps + 1)
    curves = {
        measure: concentration_by_industry(
            x, y, distances if measure == "kd" else distances[1:], industries=industries, measure=measure,
            weight=None if measure == "kd" else np.nan_to_num(held.table["weight"].to_numpy()),
            simulations=section.simulations, level=section.level, minimum=section.minimum, seed=section.seed,
        )
        for measure in ("kd", "m")
    }  # fmt: skip
    label, outlines = _cores(held, industries, section.core)
    return {
        "sites": held.table.append_column("core", pa.array(label, pa.int32())),
        "site_curves": pa.concat_tables([_curves(measure, found) for measure, found in curves.items()]),
        "site_verdicts": pa.concat_tables([_verdicts(measure, found) for measure, found in curves.items()]),
        "site_cores": outlines,
        "site_problems": held.problems,
        "site_about": pa.table(
            {"projection": [held.projection], "distortion": pa.array([held.distortion], from_pandas=True),
             "rows": [held.rows], "placed": [held.table.num_rows]}
        ),
    }  # fmt: skip


def read(section: PlacesSection) -> Sites:
    """The establishments that the section names."""
    assert section.sites is not None
    columns = {str(meaning): header for meaning, header in section.columns.items()}
    form = {"encoding": section.encoding, "delimiter": section.delimiter, "decimal": section.decimal}
    return read_sites(section.sites, columns, crs=section.crs, **form)


def _reach(x: FloatArray, y: FloatArray, seed: int) -> float:
    """Half the median distance between two sites, from 2,000 pairs."""
    one, other = np.random.default_rng(seed).integers(0, x.size, (2, 2000))
    return float(np.median(np.hypot(x[one] - x[other], y[one] - y[other]))) / 2.0 or 1.0


def _cores(held: Sites, industries: npt.NDArray[np.str_], minimum: int) -> tuple[npt.NDArray[np.int64], pa.Table]:
    """The core of every site (-1: none) and one row per core, its outline in degrees where they are known, else in metres."""
    table = held.table
    x, y, longitude, latitude = (table[name].to_numpy() for name in ("x", "y", "longitude", "latitude"))
    degrees = bool(np.isfinite(longitude).all())
    label, rows = np.full(x.size, -1), []
    for industry in np.unique(industries):
        at = np.flatnonzero(industries == industry)
        found = cores(x[at], y[at], minimum=max(minimum, round(at.size**0.5)))
        label[at] = found.label
        for core, outline in enumerate(found.outline):
            corners = _given_corners(outline, x[at], y[at], longitude[at], latitude[at]) if degrees else outline
            rows.append(
                {
                    "industry": str(industry), "core": core, "establishments": int(found.number[core]),
                    "share": float(found.share[core]), "area_km2": float(found.area[core]) / 1e6,
                    "outline": json.dumps(np.round(corners, 6).tolist()),
                }
            )  # fmt: skip
    schema = pa.schema(
        [("industry", pa.string()), ("core", pa.int32()), ("establishments", pa.int64()), ("share", pa.float64()),
         ("area_km2", pa.float64()), ("outline", pa.string())]
    )  # fmt: skip
    return label, pa.Table.from_pylist(rows, schema=schema)


def _given_corners(
    outline: FloatArray, x: FloatArray, y: FloatArray, longitude: FloatArray, latitude: FloatArray
) -> FloatArray:
    """The corners of an outline, which are sites, by the degrees of those sites."""
    place = [int(np.argmin((x - a) ** 2 + (y - b) ** 2)) for a, b in outline]
    return np.column_stack((longitude[place], latitude[place]))


def _curves(measure: str, found: tuple[IndustryCurve, ...]) -> pa.Table:
    names = ("observed", "mean", "low", "high", "global_low", "global_high")
    per_km = 1000.0 if measure == "kd" else 1.0
    parts = [
        pa.table(
            {
                "industry": [one.industry] * one.envelope.distances.size,
                "measure": [measure] * one.envelope.distances.size,
                "distance_km": one.envelope.distances / 1000.0,
                # a density per metre is one per kilometre a thousand times over
                **{name: pa.array(getattr(one.envelope, name) * per_km, from_pandas=True) for name in names},
            }
        )
        for one in found
        if one.envelope is not None
    ]
    schema = pa.schema(
        [
            ("industry", pa.string()),
            ("measure", pa.string()),
            *((name, pa.float64()) for name in ("distance_km", *names)),
        ]
    )
    return pa.concat_tables([schema.empty_table(), *parts])


def _verdicts(measure: str, found: tuple[IndustryCurve, ...]) -> pa.Table:
    rows = []
    for one in found:
        made = one.envelope
        above = None if made is None else np.nan_to_num(made.localisation)
        at = (
            None
            if made is None or above is None or not above.any()
            else float(made.distances[int(above.argmax())] / 1000.0)
        )
        rows.append(
            {
                "industry": one.industry, "measure": measure, "establishments": one.establishments,
                "verdict": "unknown" if made is None else made.verdict,
                "p_value": None if made is None else made.p_value,
                "strongest_km": at,
                "attained": None if made is None else made.attained,
            }
        )  # fmt: skip
    schema = pa.schema(
        [("industry", pa.string()), ("measure", pa.string()), ("establishments", pa.int64()), ("verdict", pa.string()),
         ("p_value", pa.float64()), ("strongest_km", pa.float64()), ("attained", pa.float64())]
    )  # fmt: skip
    return pa.Table.from_pylist(rows, schema=schema)
