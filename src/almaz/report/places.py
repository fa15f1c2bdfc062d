"""The places section of the report: which neighbouring regions are alike, and how near establishments stand."""

from __future__ import annotations

import json
from typing import Any

import altair as alt
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from almaz.language import count, decimal, language, percent
from almaz.language import text as _
from almaz.report import charts
from almaz.report.section import Figure, Section
from almaz.study.edition import Edition
from almaz.tables.problems import spoken

Rows = list[dict[str, Any]]

COLOURS = {
    "high_high": "#0a4f63", "low_low": "#b7803a", "high_low": "#6fb3ae", "low_high": "#e6c88f",
    "none": "#eceff1", "unknown": "#ffffff",
}  # fmt: skip
MOST_DRAWN = 4000
"""Sites on the map of cores; of more, every so many-th of an industry is drawn."""
SURE = 0.8
"""Share of fillings of hidden cells under which a verdict must stand to be drawn as sure."""


def sections(edition: Edition) -> list[Section]:
    """The section, or nothing where the study does not ask for it."""
    figures: list[Figure] = []
    warnings: list[str] = []
    if "neighbours" in edition.tables:
        figures += [_map(edition), _alikeness(edition)]
    if "site_curves" in edition.tables:
        figures += _standing(edition)
        warnings += _warnings(edition)
    if not figures:
        return []
    lead = _(
        "A cluster is a concentration: its firms stand nearer to each other, and its regions border on each other, more than "
        "chance would bring about. Here both are measured, never asserted."
    )
    return [Section("places", _("Places: concentration on the map"), lead, tuple(figures), tuple(warnings))]


def alike_words() -> dict[str, str]:
    """What the map of neighbours says of a region."""
    return {
        "high_high": _("specialised, among specialised neighbours"),
        "low_low": _("not specialised, nor are its neighbours"),
        "high_low": _("specialised, unlike its neighbours"),
        "low_high": _("not specialised, unlike its neighbours"),
        "none": _("like chance"),
        "unknown": _("unknown"),
    }


def verdict_words() -> dict[str, str]:
    """What a curve says of an industry."""
    return {
        "concentrated": _("concentrated"), "dispersed": _("dispersed"), "neither": _("like chance"),
        "unknown": _("too few to say"),
    }  # fmt: skip


def _names(edition: Edition, table: str, key: str) -> dict[str, str]:
    spoken_name = f"name_{language()}"
    return {row[key]: row[spoken_name] or row["name_en"] or row[key] for row in edition.table(table).to_pylist()}


def _map(edition: Edition) -> Figure:
    regions, clusters = _names(edition, "regions", "region"), _names(edition, "clusters", "cluster")
    words = alike_words()
    rows: Rows = [
        {
            "cluster": clusters[row["cluster"]],
            "region": row["region"],
            "name": regions[row["region"]],
            "alike": row["alike"],
            "said": words[row["alike"]],
            "lq": row["lq"],
            "p": row["p_value"],
            "neighbours": row["neighbours"],
            "agreement": row["agreement"],
            "sure": row["agreement"] is None or row["agreement"] >= SURE,
        }
        for row in edition.table("neighbours").to_pylist()
    ]
    ordered = sorted({clusters[code] for code in edition.table("neighbours")["cluster"].to_pylist()})
    verdicts: dict[str, int] = {}
    for row in rows:
        verdicts[row["cluster"]] = verdicts.get(row["cluster"], 0) + (row["alike"] not in ("none", "unknown"))
    first = max(ordered, key=lambda name: (verdicts[name], -ordered.index(name)))
    found = [row for row in rows if row["alike"] not in ("none", "unknown")]
    shown = sorted(found, key=lambda row: (row["cluster"], row["said"], row["name"]))
    table = pa.Table.from_pylist(
        [{key: row[key] for key in ("cluster", "name", "said", "lq", "p", "agreement")} for row in _digits(shown, ("p",), 4)],
        schema=pa.schema(
            [("cluster", pa.string()), ("name", pa.string()), ("said", pa.string()), ("lq", pa.float64()), ("p", pa.string()),
             ("agreement", pa.float64())]
        ),
    )  # fmt: skip
    return Figure(
        "places-neighbours",
        _("Regions that are like their neighbours, or unlike them, beyond chance"),
        table,
        {
            "cluster": _("cluster"), "name": _("region"), "said": _("verdict"), "lq": _("location quotient"), "p": _("p-value"),
            "agreement": _("share of fillings of hidden cells that agree"),
        },
        chart=_neighbour_map(edition, rows, ordered, first),
        formats={"agreement": "percent"},
        hint=_(
            "Local Moran: neighbours share a border. Pale grey: no more than chance, after allowing for all regions being "
            "tested at once. White with a dashed border: no figure or no neighbour. Orange border: hidden cells could change "
            "the verdict."
        ),
        wide=True,
    )  # fmt: skip


def _geometry(borders: dict[str, Any]) -> alt.NamedData:
    """The borders by a name: they stand once in the specification, however many layers draw them."""
    if borders["type"] == "Topology":
        layer = next(iter(borders["objects"]))
        return alt.NamedData("borders", format=alt.TopoDataFormat(type="topojson", feature=layer))
    return alt.NamedData("borders", format=alt.JsonDataFormat(property="features"))


def _neighbour_map(edition: Edition, rows: Rows, clusters: list[str], first: str) -> dict[str, Any]:
    borders = edition.geometry
    assert borders is not None
    chosen = alt.param(
        "places_cluster", value=first, bind=alt.binding_select(options=clusters, name=_("cluster") + " ")
    )
    ground = alt.Chart(_geometry(borders)).mark_geoshape(fill="#f7f8f9", stroke="#d5d9de", strokeWidth=0.5)
    words = alike_words()
    shapes = (
        alt.Chart(alt.InlineData(values=[_thin(row) for row in rows]))
        .mark_geoshape()
        .transform_filter("datum.cluster === places_cluster")
        .transform_lookup(lookup="region", from_=alt.LookupData(data=_geometry(borders), key="id"), as_="geo")
        .transform_filter("isValid(datum.geo)")
        .encode(
            shape=alt.Shape("geo:G"),
            color=alt.Color(
                "said:N",
                scale=alt.Scale(domain=list(words.values()), range=[COLOURS[kind] for kind in words]),
                legend=alt.Legend(
                    title=None, columns=2, labelLimit=340, symbolStrokeColor="#9aa5b1", symbolStrokeWidth=1
                ),
            ),
            stroke=alt.condition("datum.sure === false", alt.value(charts.UNSURE), alt.value("#b9c1c9")),
            strokeDash=alt.condition("datum.alike === 'unknown'", alt.value([3, 3]), alt.value([1, 0])),
            strokeWidth=alt.condition("datum.sure === false", alt.value(1.8), alt.value(0.7)),
            tooltip=[
                alt.Tooltip("name:N", title=_("region")),
                alt.Tooltip("said:N", title=_("verdict")),
                alt.Tooltip("lq:Q", format=".2f", title=_("location quotient")),
                alt.Tooltip("p:Q", format=".4f", title=_("p-value")),
                alt.Tooltip("agreement:Q", format=".0%", title=_("share of fillings of hidden cells that agree")),
            ],
        )
    )
    chart = alt.layer(ground, shapes).add_params(chosen).properties(height=440)
    projection = edition.manifest["study"]["regions"]["projection"]
    spec = charts.themed(chart.project(type=projection))
    spec["datasets"] = {**spec.get("datasets", {}), "borders": borders}
    return spec


def _thin(row: dict[str, Any]) -> dict[str, Any]:
    """A row with no more digits than a tooltip shows."""
    return {key: float(f"{value:.4g}") if isinstance(value, float) else value for key, value in row.items()}


def _alikeness(edition: Edition) -> Figure:
    clusters = _names(edition, "clusters", "cluster")
    table = edition.table("neighbourhood")
    names = pa.array([clusters[code] for code in table["cluster"].to_pylist()], pa.string())
    table = table.set_column(0, "cluster", names).sort_by([("moran", "descending")])
    rows = [{**row, "beyond": row["p_value"] is not None and row["p_value"] <= 0.05} for row in table.to_pylist()]
    base = alt.Chart(alt.InlineData(values=[_thin(row) for row in rows if row["moran"] is not None])).encode(
        y=alt.Y("cluster:N", sort=None, title=None)
    )
    points = base.mark_point(size=70, strokeWidth=1.8, opacity=1).encode(
        x=alt.X("moran:Q", title=_("Moran's I")),
        fill=alt.condition("datum.beyond", alt.value(charts.STRONG), alt.value(charts.HOLLOW)),
        stroke=alt.value(charts.STRONG),
        tooltip=[
            alt.Tooltip("cluster:N", title=_("cluster")),
            alt.Tooltip("moran:Q", format=".2f", title=_("Moran's I")),
            alt.Tooltip("p_value:Q", format=".3f", title=_("p-value")),
            alt.Tooltip("regions:Q", title=_("regions with a figure and a neighbour")),
        ],
    )
    line = base.transform_calculate(none="0").mark_rule(color="#d5d9de").encode(x="none:Q", x2="moran:Q")
    return Figure(
        "places-alikeness",
        _("How far neighbouring regions are alike, cluster by cluster"),
        pa.Table.from_pylist(_digits(table.to_pylist(), ("p_value",), 3)),
        {
            "cluster": _("cluster"), "moran": _("Moran's I"), "p_value": _("p-value"),
            "regions": _("regions with a figure and a neighbour"), "significant": _("regions with a verdict"),
        },
        chart=charts.themed((line + points).properties(height=alt.Step(20))),
        hint=_(
            "0: neighbours are like any two regions; 1: they are the same. Filled: beyond chance (p ≤ 0.05). Hollow: not "
            "beyond it."
        ),
        wide=True,
    )  # fmt: skip


def _standing(edition: Edition) -> list[Figure]:
    names = industry_names(edition)
    return [
        _verdicts(edition, names),
        *(_curves(edition, names, measure) for measure in ("kd", "m")),
        _site_map(edition, names),
    ]


def industry_names(edition: Edition) -> dict[str, str]:
    """The names of the sites' industries where the study knows them, else their codes."""
    known = _names(edition, "industries", "industry")
    return {code: known.get(code, code) for code in pc.unique(edition.table("site_verdicts")["industry"]).to_pylist()}


def _first(edition: Edition) -> str:
    """The industry shown first: the one that chance explains least."""
    return str(min(edition.table("site_verdicts").to_pylist(), key=_order)["industry"])


def _order(row: dict[str, Any]) -> tuple[bool, bool, float, str]:
    """Concentrated industries first, then by how little chance explains; those of which nothing is said last."""
    return row["verdict"] != "concentrated", row["p_value"] is None, row["p_value"] or 0.0, row["industry"]


def _digits(rows: Rows, names: tuple[str, ...], places: int) -> Rows:
    """Rows with some numbers written out to so many decimals."""
    return [
        {**row, **{name: "—" if row[name] is None else decimal(row[name], places) for name in names}} for row in rows
    ]


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
        pa.Table.from_pylist(_digits(rows, ("p_value", "strongest_km"), 3)),
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
        alt.Chart(alt.InlineData(values=[_thin(row) for row in rows]))
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
        layers.insert(0, alt.Chart(_geometry(borders)).mark_geoshape(fill="#f7f8f9", stroke="#d5d9de", strokeWidth=0.6))
    projection = {"type": "mercator"} if degrees else {"type": "identity", "reflectY": True}
    spec = charts.themed(alt.layer(*layers).add_params(chosen).properties(height=440))
    spec["projection"] = projection
    if borders is not None and degrees:
        spec["datasets"] = {**spec.get("datasets", {}), "borders": borders}
    return spec


def _thin6(row: dict[str, Any]) -> dict[str, Any]:
    return {key: float(f"{value:.7g}") if isinstance(value, float) else value for key, value in row.items()}


def _warnings(edition: Edition) -> list[str]:
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


def problems(edition: Edition) -> Rows:
    """What could not be read of the sites, in the language in use."""
    return [spoken(row) for row in edition.table("site_problems").to_pylist()]
