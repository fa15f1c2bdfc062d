"""Figures of neighbouring regions: which are like their neighbours, or unlike them, beyond chance."""

from __future__ import annotations

from typing import Any

import altair as alt
import pyarrow as pa

from almaz.language import decimal, language
from almaz.language import text as _
from almaz.report import charts
from almaz.report.section import Figure, later
from almaz.study.edition import Edition

Rows = list[dict[str, Any]]

COLOURS = {
    "high_high": "#0a4f63", "low_low": "#b7803a", "high_low": "#6fb3ae", "low_high": "#e6c88f",
    "none": "#eceff1", "unknown": "#ffffff",
}  # fmt: skip
SURE = 0.8
"""Share of fillings of hidden cells under which a verdict must stand to be drawn as sure."""


def neighbour_figures(edition: Edition) -> list[Figure]:
    """The map of neighbours, and how alike they are cluster by cluster."""
    return [_map(edition), _alikeness(edition)]


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


def names_of(edition: Edition, table: str, key: str) -> dict[str, str]:
    spoken_name = f"name_{language()}"
    return {row[key]: row[spoken_name] or row["name_en"] or row[key] for row in edition.table(table).to_pylist()}


def _map(edition: Edition) -> Figure:
    regions, clusters = names_of(edition, "regions", "region"), names_of(edition, "clusters", "cluster")
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
        [{key: row[key] for key in ("cluster", "name", "said", "lq", "p", "agreement")} for row in digits(shown, ("p",), 4)],
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


def geometry(borders: dict[str, Any]) -> alt.NamedData:
    """The borders by a name: they stand once in the specification, however many layers draw them."""
    if borders["type"] == "Topology":
        layer = next(iter(borders["objects"]))
        return alt.NamedData("borders", format=alt.TopoDataFormat(type="topojson", feature=layer))
    return alt.NamedData("borders", format=alt.JsonDataFormat(property="features"))


@later
def _neighbour_map(edition: Edition, rows: Rows, clusters: list[str], first: str) -> dict[str, Any]:
    borders = edition.geometry
    assert borders is not None
    chosen = alt.param(
        "places_cluster", value=first, bind=alt.binding_select(options=clusters, name=_("cluster") + " ")
    )
    ground = alt.Chart(geometry(borders)).mark_geoshape(fill="#f7f8f9", stroke="#d5d9de", strokeWidth=0.5)
    words = alike_words()
    shapes = (
        alt.Chart(alt.InlineData(values=[thin(row) for row in rows]))
        .mark_geoshape()
        .transform_filter("datum.cluster === places_cluster")
        .transform_lookup(lookup="region", from_=alt.LookupData(data=geometry(borders), key="id"), as_="geo")
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


def thin(row: dict[str, Any]) -> dict[str, Any]:
    """A row with no more digits than a tooltip shows."""
    return {key: float(f"{value:.4g}") if isinstance(value, float) else value for key, value in row.items()}


def _alikeness(edition: Edition) -> Figure:
    clusters = names_of(edition, "clusters", "cluster")
    table = edition.table("neighbourhood")
    names = pa.array([clusters[code] for code in table["cluster"].to_pylist()], pa.string())
    table = table.set_column(0, "cluster", names).sort_by([("moran", "descending")])
    rows = [{**row, "beyond": row["p_value"] is not None and row["p_value"] <= 0.05} for row in table.to_pylist()]
    base = alt.Chart(alt.InlineData(values=[thin(row) for row in rows if row["moran"] is not None])).encode(
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
        pa.Table.from_pylist(digits(table.to_pylist(), ("p_value",), 3)),
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


def digits(rows: Rows, names: tuple[str, ...], places: int) -> Rows:
    """Rows with some numbers written out to so many decimals."""
    return [
        {**row, **{name: "—" if row[name] is None else decimal(row[name], places) for name in names}} for row in rows
    ]
