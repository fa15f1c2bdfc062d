"""Figures of establishments as points: how near they stand, against chance, and where thickest."""

from __future__ import annotations

import json
from typing import Any

import altair as alt
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from almaz.language import count, decimal, percent
from almaz.language import text as _
from almaz.report import charts
from almaz.report.neighbours import Rows, digits, geometry, names_of, thin
from almaz.report.section import Figure
from almaz.study.edition import Edition

MOST_DRAWN = 4000
"""Sites on the map of cores; of more, every so many-th of an industry is drawn."""


def verdict_words() -> dict[str, str]:
    """What a curve says of an industry."""
    return {
        "concentrated": _("concentrated"), "dispersed": _("dispersed"), "neither": _("like chance"),
        "unknown": _("too few to say"),
    }  # fmt: skip


def site_figures(edition: Edition) -> list[Figure]:
    """Verdicts, curves and cores."""
    names = industry_names(edition)
    return [
        _verdicts(edition, names),
        *(_curves(edition, names, measure) for measure in ("kd", "m")),
        _site_map(edition, names),
    ]


def industry_names(edition: Edition) -> dict[str, str]:
    """The names of the sites' industries where the study knows them, else their codes."""
    known = names_of(edition, "industries", "industry")
    return {code: known.get(code, code) for code in pc.unique(edition.table("site_verdicts")["industry"]).to_pylist()}


def _first(edition: Edition) -> str:
    """The industry shown first: the one that chance explains least."""
    return str(min(edition.table("site_verdicts").to_pylist(), key=_order)["industry"])


def _order(row: dict[str, Any]) -> tuple[bool, bool, float, str]:
    """Concentrated industries first, then by how little chance explains; those of which nothing is said last."""
    return row["verdict"] != "concentrated", row["p_value"] is None, row["p_value"] or 0.0, row["industry"]


def _verdicts(edition: Edition, names: dict[str, str]) -> Figure:
    words, measures = verdict_words(), measure_words()
    rows = [
        {
            **row,
            "industry": names[row["industry"]],
            "measure": measures[row["measure"]],
            "verdict": words[row["verdict"]],
        }
        for row in sorted(edition.table("site_verdicts").to_pylist(), key=lambda row: (row["measure"], *_order(row)))
    ]
    return Figure(
        "places-verdicts",
        _("Which industries' establishments stand together"),
        pa.Table.from_pylist(digits(rows, ("p_value", "strongest_km"), 3)),
        {
            "industry": _("industry"), "measure": _("measure"), "establishments": _("establishments"), "verdict": _("verdict"),
            "p_value": _("p-value"), "strongest_km": _("strongest at, km"),
        },
        hint=_(
            "Concentrated: above the band of chance at some distance. Dispersed: below it somewhere and above it nowhere "
            "(Duranton and Overman 2005)."
        ),
        wide=True,
    )  # fmt: skip


def measure_words() -> dict[str, str]:
    """The functions of distance by their names for readers."""
    return {"kd": _("Kd: density of distances, per km"), "m": _("M: relative concentration within a distance")}


def _curves(edition: Edition, names: dict[str, str], measure: str) -> Figure:
    table = edition.table("site_curves")
    table = table.filter(pc.equal(table["measure"], measure)).drop_columns(["measure"])
    table = table.set_column(
        0, "industry", pa.array([names[code] for code in table["industry"].to_pylist()], pa.string())
    )
    hint = _(
        "Line: the industry. Dark band: where chance lies at one distance. Pale band: where it lies at all distances at "
        "once; only leaving the pale band is a finding. Chance deals the establishments over the real sites of all "
        "industries."
    )
    return Figure(
        f"places-{measure}",
        measure_words()[measure],
        table,
        {
            "industry": _("industry"), "distance_km": _("distance, km"), "observed": _("observed"),
            "mean": _("mean of chance"), "low": _("local band, low"), "high": _("local band, high"),
            "global_low": _("global band, low"), "global_high": _("global band, high"),
        },
        chart=curve_chart(table.to_pylist(), names[_first(edition)], measure),
        hint=hint if measure == "kd" else _("1: as present around its own establishments as everywhere. 2: twice as present."),
    )  # fmt: skip


def curve_chart(rows: Rows, first: str, measure: str) -> dict[str, Any]:
    """The curve of one industry at a time between its local and its global band."""
    industries = sorted({row["industry"] for row in rows})
    name = f"places_{measure}"
    chosen = alt.param(
        name,
        value=first if first in industries else next(iter(industries), ""),
        bind=alt.binding_select(options=industries, name=_("industry") + " "),
    )
    base = (
        alt.Chart(alt.InlineData(values=[thin(row) for row in rows]))
        .transform_filter(f"datum.industry === {name}")
        .encode(x=alt.X("distance_km:Q", title=_("distance, km"), axis=alt.Axis(format="~g")))
    )
    axis = alt.Axis(format="~g", title=_("Kd, per km") if measure == "kd" else "M")
    band = alt.Y("global_low:Q", axis=axis, scale=alt.Scale(zero=measure == "kd"))
    wide = base.mark_area(color="#e3eeec").encode(y=band, y2="global_high:Q")
    narrow = base.mark_area(color="#b7d7cf").encode(y="low:Q", y2="high:Q")
    mean = base.mark_line(color=charts.QUIET, strokeDash=[4, 4], strokeWidth=1).encode(y="mean:Q")
    line = base.mark_line(color=charts.INK, strokeWidth=2).encode(
        y="observed:Q",
        tooltip=[
            alt.Tooltip("distance_km:Q", format=".3~g", title=_("distance, km")),
            alt.Tooltip("observed:Q", format=".3~g", title=_("observed")),
            alt.Tooltip("global_low:Q", format=".3~g", title=_("global band, low")),
            alt.Tooltip("global_high:Q", format=".3~g", title=_("global band, high")),
        ],
    )
    return charts.themed(alt.layer(wide, narrow, mean, line).add_params(chosen).properties(height=300))


def _site_map(edition: Edition, names: dict[str, str]) -> Figure:
    sites, outlines = edition.table("sites"), edition.table("site_cores")
    degrees = bool(np.isfinite(sites["longitude"].to_numpy(zero_copy_only=False)).all())
    across, up = ("longitude", "latitude") if degrees else ("x", "y")
    thinned = sites.sort_by("industry").take(_drawn(sites.num_rows))
    points = [
        {"industry": names[row["industry"]], "a": row[across], "b": row[up], "site": row["site"], "core": row["core"]}
        for row in thinned.to_pylist()
    ]
    rows = [{**row, "industry": names[row["industry"]]} for row in outlines.to_pylist()]
    table = pa.Table.from_pylist(
        [{k: row[k] for k in row if k != "outline"} for row in rows], schema=_without(outlines)
    )
    table = table.set_column(1, "core", pc.add(table["core"], 1))
    return Figure(
        "places-cores",
        _("Cores: where an industry's establishments stand thickest"),
        table,
        {
            "industry": _("industry"), "core": _("core"), "establishments": _("establishments"),
            "share": _("share of the industry"), "area_km2": _("area, km²"),
        },
        formats={"share": "percent"},
        chart=site_map(
            points,
            rows,
            sorted({point["industry"] for point in points}),
            names[_first(edition)],
            degrees=degrees,
            borders=edition.geometry,
        ),
        hint=_(
            "Small dots: establishments of other industries. Outlines: cores of the chosen industry, found by HDBSCAN. Of many "
            "establishments only a part is drawn, all are counted."
        ),
        wide=True,
    )  # fmt: skip


def _drawn(number: int) -> pa.Array:
    return pa.array(np.unique(np.linspace(0, number - 1, min(number, MOST_DRAWN)).astype(np.int64)))


def _without(outlines: pa.Table) -> pa.Schema:
    return pa.schema([field for field in outlines.schema if field.name != "outline"])


def site_map(
    points: Rows,
    outlines: Rows,
    industries: list[str],
    first: str,
    *,
    degrees: bool,
    borders: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Sites with the cores of the chosen industry, over the regions' borders where both are in degrees.

    points: a, b (degrees or metres), industry, site, core (-1: none); outlines: rows of `site_cores`.
    """
    chosen = alt.param(
        "places_core_industry", value=first, bind=alt.binding_select(options=industries, name=_("industry") + " ")
    )
    corners = [
        {"industry": row["industry"], "core": f"{row['industry']} {row['core'] + 1}", "order": place, "a": a, "b": b,
         "number": count(row["establishments"]), "share": percent(row["share"], 0), "area": decimal(row["area_km2"], 1)}
        for row in outlines
        for place, (a, b) in enumerate(json.loads(row["outline"]))
    ]  # fmt: skip
    place = {"longitude": alt.Longitude("a:Q"), "latitude": alt.Latitude("b:Q")}
    base = alt.Chart(alt.InlineData(values=[_thin6(point) for point in points])).encode(**place)
    grey = base.transform_filter("datum.industry !== places_core_industry").mark_circle(
        size=8, color="#c3cad1", opacity=0.7
    )
    mine = (
        base.transform_filter("datum.industry === places_core_industry")
        .mark_circle(size=34, opacity=0.95)
        .encode(
            color=alt.condition("datum.core >= 0", alt.value(charts.STRONG), alt.value("#c9b38a")),
            tooltip=[alt.Tooltip("site:N", title=_("establishment")), alt.Tooltip("industry:N", title=_("industry"))],
        )
    )
    around = (
        alt.Chart(alt.InlineData(values=corners))
        .transform_filter("datum.industry === places_core_industry")
        .mark_line(color=charts.UNSURE, strokeWidth=1.6)
        .encode(
            **place,
            order="order:Q",
            detail="core:N",
            tooltip=[
                alt.Tooltip("core:N", title=_("core")),
                alt.Tooltip("number:N", title=_("establishments")),
                alt.Tooltip("share:N", title=_("share of the industry")),
                alt.Tooltip("area:N", title=_("area, km²")),
            ],
        )
    )
    layers = [grey, mine, around]
    if borders is not None and degrees:
        layers.insert(0, alt.Chart(geometry(borders)).mark_geoshape(fill="#f7f8f9", stroke="#d5d9de", strokeWidth=0.6))
    projection = {"type": "mercator"} if degrees else {"type": "identity", "reflectY": True}
    spec = charts.themed(alt.layer(*layers).add_params(chosen).properties(height=440))
    spec["projection"] = projection
    if borders is not None and degrees:
        spec["datasets"] = {**spec.get("datasets", {}), "borders": borders}
    return spec


def _thin6(row: dict[str, Any]) -> dict[str, Any]:
    return {key: float(f"{value:.7g}") if isinstance(value, float) else value for key, value in row.items()}


def site_warnings(edition: Edition) -> list[str]:
    """What the places of the establishments and the simulations do not allow."""
    about = edition.table("site_about").to_pylist()[0]
    found = []
    if about["placed"] < about["rows"]:
        found.append(
            _("{placed} of {rows} establishments could be placed; the rows that could not be are listed by: almaz places",
              placed=count(about["placed"]), rows=count(about["rows"]))
        )  # fmt: skip
    if about["distortion"] is not None:
        found.append(
            _("Distances on the flat map differ from those on the earth by {share} at most.",
              share=percent(about["distortion"], 2))
        )  # fmt: skip
    attained = [row["attained"] for row in edition.table("site_verdicts").to_pylist() if row["attained"] is not None]
    level = edition.manifest["study"]["places"]["level"]
    if attained and min(attained) < level - 1e-9:
        found.append(
            _("There are too few simulations for a band of {level} at all distances at once: the widest has {attained}.",
              level=percent(level, 0), attained=percent(min(attained), 1))
        )  # fmt: skip
    return found
