"""The pictures of the report: specifications whose rows the page fills in for the chosen region or cluster.

Colours say the location quotient on one scale everywhere: sand below the country's average, teal above it. Pale or hollow
is what hidden cells leave open; grey is what nobody knows: unknown is not zero.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from almaz.language import text as _

INK, QUIET, STRONG, HOLLOW = "#1f2933", "#9aa5b1", "#0b6e6e", "#ffffff"
SCALE = ["#f4efe1", "#c9dfc4", "#7fbfae", "#2f8f93", "#0a4f63"]
LQ_BREAKS = [0.5, 0.8, 1.0, 1.25, 2.0, 4.0]
LQ_SCALE = ["#d9b777", "#e9d7ae", "#f4ecd8", "#d3e6df", "#8cc3bc", "#3f9a97", "#0a4f63"]
UNKNOWN, UNSURE = "#d5d9de", "#c2571a"
PALETTE = {"strong": STRONG, "other": "#8fa3ad", "local": "#c9b38a"}
ONE = alt.InlineData(values=[{"one": 1}])


def themed(chart: alt.Chart | alt.LayerChart | alt.HConcatChart | alt.VConcatChart) -> dict[str, Any]:
    """A specification with the house's type and colours, as wide as its place on the page."""
    wide = chart if isinstance(chart, (alt.HConcatChart, alt.VConcatChart)) else chart.properties(width="container")
    spec: dict[str, Any] = (
        wide.properties(background="transparent")
        .configure(font="system-ui, 'Segoe UI', Roboto, 'Noto Sans', sans-serif")
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=INK, titleColor=INK, gridColor="#e6e8eb", labelFontSize=12, titleFontSize=12, labelLimit=260,
            titleFontWeight=500, domainColor=QUIET, tickColor=QUIET,
        )
        .configure_legend(
            labelColor=INK, titleColor=INK, orient="bottom", titleLimit=400, titleFontWeight=500, labelFontSize=12
        )
        .to_dict()
    )  # fmt: skip
    return spec


def lines_axis(width: int) -> alt.Axis:
    """An axis of long names, a new line at each line break, that leaves a narrow screen room for the picture."""
    limit = alt.expr(f"containerSize()[0] < 480 ? 110 : {width}")
    lines = "containerSize()[0] < 480 ? split(datum.label, '\\n')[0] : split(datum.label, '\\n')"
    return alt.Axis(labelLimit=limit, labelExpr=lines, labelLineHeight=13)


def wrapped(label: str, width: int = 30) -> str:
    """A long name broken into lines, for `wrapped_axis`."""
    return "\n".join(textwrap.wrap(label, width, break_long_words=False))


def wrapped_axis() -> alt.Axis:
    """An axis of names broken by `wrapped`, all of whose lines are shown at every width."""
    limit = alt.expr("containerSize()[0] < 480 ? 150 : 240")
    return alt.Axis(labelLimit=limit, labelExpr="split(datum.label, '\\n')", labelLineHeight=13)


def with_rows(chart: alt.Chart | alt.LayerChart, **rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """A themed specification that carries named rows (`alt.NamedData`): many rows are not checked one by one."""
    spec = themed(chart)
    return {**spec, "datasets": {**spec.get("datasets", {}), **{name: list(held) for name, held in rows.items()}}}


def region_map(borders: dict[str, Any], projection: str) -> dict[str, Any]:
    """Choropleth of one number per region; pale where hidden cells leave it open on which side of 1 it lies.

    The page fills in rows with `shade` (a class of `LQ_SCALE`, or a place between 0 and 1 on `SCALE`) and the tooltip's text.
    """
    if borders["type"] == "Topology":
        layer = next(iter(borders["objects"]))
        data = alt.Data(values=borders, format=alt.TopoDataFormat(type="topojson", feature=layer))
        number = len(borders["objects"][layer]["geometries"])
    else:
        data = alt.Data(values=borders, format=alt.JsonDataFormat(property="features"))
        number = len(borders["features"])
    chart = (
        alt.Chart(data)
        .mark_geoshape(stroke="white", strokeWidth=0.8 if number < 500 else 0.15)
        .transform_lookup(
            lookup="id",
            from_=alt.LookupData(data=alt.NamedData("rows"), key="region", fields=["name", "colour", "shown", "sure"]),
        )
        .transform_calculate(fill=f"isValid(datum.colour) ? datum.colour : '{UNKNOWN}'")
        .encode(
            color=alt.Color("fill:N", scale=None, legend=None),
            opacity=alt.condition("datum.sure === false", alt.value(0.55), alt.value(1)),
            stroke=alt.condition(
                f"datum.sure === false && {str(number < 500).lower()}", alt.value(UNSURE), alt.value("white")
            ),
            tooltip=[alt.Tooltip("name:N", title=_("region")), alt.Tooltip("shown:N", title=_("value"))],
        )
        .project(type=projection)
        .properties(height=420)
    )
    return themed(chart)


def bubbles() -> dict[str, Any]:
    """Specialisation (log) against growth, area by size; hollow where part of the size is hidden."""
    chart = (
        alt.Chart(alt.NamedData("rows"))
        .mark_circle(opacity=0.85, strokeWidth=1.6)
        .encode(
            x=alt.X("lq:Q", scale=alt.Scale(type="log", nice=False), title=_("location quotient (log scale)")),
            y=alt.Y("growth:Q", axis=alt.Axis(format="+.0%"), title=_("growth")),
            size=alt.Size("size:Q", scale=alt.Scale(range=[12, 1800]), title=_("size"), legend=None),
            fill=alt.condition("datum.hidden_share > 0.1", alt.value(HOLLOW), alt.Color("colour:N", scale=None)),
            stroke=alt.Color("colour:N", scale=None),
            tooltip=_tooltip(),
        )
    )
    names = (
        alt.Chart(alt.NamedData("rows"))
        .transform_filter("datum.label")
        .mark_text(align="left", dx=9, fontSize=11, color=INK, limit=150)
        .encode(x="lq:Q", y="growth:Q", text="name:N")
    )
    average = alt.Chart(ONE).mark_rule(color=QUIET, strokeDash=[4, 4]).encode(x="one:Q")
    return themed((average + chart + names).properties(height=420))


def ranking() -> dict[str, Any]:
    """Location quotients with their sampling interval (bar) and what hidden cells allow (thin line); hollow = part hidden."""
    rule = alt.Chart(ONE).mark_rule(color=INK, strokeDash=[4, 4]).encode(x="one:Q")
    return themed(_intervals(_("location quotient"), "", rule))


def strengths() -> dict[str, Any]:
    """Cluster strength of regions: a share, with all that hidden cells allow."""
    return themed(_intervals(_("cluster strength"), ".0%", None))


def _intervals(title: str, form: str, rule: alt.Chart | None) -> alt.LayerChart:
    base = alt.Chart(alt.NamedData("rows")).encode(
        y=alt.Y("name:N", sort=alt.EncodingSortField("lq", order="descending"), title=None)
    )
    axis = alt.X(
        "low:Q",
        title=title,
        scale=alt.Scale(zero=True),
        axis=alt.Axis(orient="top", **({"format": form} if form else {})),
    )
    hidden = base.mark_rule(color=QUIET, strokeWidth=1).encode(x=axis, x2="high:Q")
    sampled = base.mark_bar(height=5, color="#b7d7cf").encode(x=alt.X("ci_low:Q"), x2="ci_high:Q")
    point = base.mark_point(filled=True, size=70, strokeWidth=1.6, opacity=1).encode(
        x="lq:Q",
        fill=alt.condition("datum.hidden_share > 0.1", alt.value(HOLLOW), alt.Color("colour:N", scale=None)),
        stroke=alt.Color("colour:N", scale=None),
        tooltip=_tooltip() if rule is not None else [alt.Tooltip("name:N", title=" "), alt.Tooltip("shown:N", title=title)],
    )  # fmt: skip
    layers = [hidden, sampled, point] if rule is None else [hidden, sampled, rule, point]
    return alt.layer(*layers).properties(height=alt.Step(21))


def treemap() -> dict[str, Any]:
    """The portfolio by size, coloured by the location quotient; hatched out (pale, outlined) where part of the size is hidden.

    A Vega specification: Vega-Lite has no treemap. The page fills in rows with id, parent, name, size and colour.
    """
    return {
        "$schema": "https://vega.github.io/schema/vega/v6.json",
        "background": "transparent",
        "autosize": {"type": "none"},
        "padding": 0,
        "height": 420,
        "signals": [
            {
                "name": "width",
                "init": "containerSize()[0] || 600",
                "on": [{"events": "window:resize", "update": "containerSize()[0] || 600"}],
            }
        ],
        "data": [
            {
                "name": "rows",
                "values": [],
                "transform": [
                    {"type": "stratify", "key": "id", "parentKey": "parent"},
                    {
                        "type": "treemap", "field": "size", "method": "squarify", "ratio": 1.4, "paddingInner": 1.5,
                        "paddingTop": 0, "round": True, "sort": {"field": "value", "order": "descending"},
                        "size": [{"signal": "width"}, {"signal": "height"}],
                    },
                ],
            },
            {"name": "leaves", "source": "rows", "transform": [{"type": "filter", "expr": "!datum.children"}]},
        ],
        "marks": [
            {
                "type": "rect",
                "from": {"data": "leaves"},
                "encode": {
                    "update": {
                        "x": {"field": "x0"}, "x2": {"field": "x1"}, "y": {"field": "y0"}, "y2": {"field": "y1"},
                        "fill": {"field": "colour"},
                        "fillOpacity": {"signal": "datum.hidden_share > 0.1 ? 0.35 : 1"},
                        "stroke": {"signal": f"datum.hidden_share > 0.1 ? '{QUIET}' : '#ffffff'"},
                        "strokeDash": {"signal": "datum.hidden_share > 0.1 ? [4, 3] : [1, 0]"},
                        "tooltip": {"signal": "datum.tip"},
                    }
                },
            },
            {
                "type": "text",
                "from": {"data": "leaves"},
                "interactive": False,
                "encode": {
                    "update": {
                        "x": {"signal": "datum.x0 + 6"}, "y": {"signal": "datum.y0 + 15"},
                        "text": {"field": "name"},
                        "limit": {"signal": "datum.x1 - datum.x0 - 10"},
                        "fill": {"signal": "datum.dark && !(datum.hidden_share > 0.1) ? '#ffffff' : '#1f2933'"},
                        "fontSize": {"signal": "(datum.x1 - datum.x0) > 130 && (datum.y1 - datum.y0) > 50 ? 13 : 11"},
                        "opacity": {"signal": "(datum.x1 - datum.x0) > 52 && (datum.y1 - datum.y0) > 19 ? 1 : 0"},
                        "font": {"value": "system-ui, 'Segoe UI', Roboto, 'Noto Sans', sans-serif"},
                    }
                },
            },
            {
                "type": "text",
                "from": {"data": "leaves"},
                "interactive": False,
                "encode": {
                    "update": {
                        "x": {"signal": "datum.x0 + 6"}, "y": {"signal": "datum.y0 + 32"},
                        "text": {"field": "shown"},
                        "limit": {"signal": "datum.x1 - datum.x0 - 10"},
                        "fill": {"signal": "datum.dark && !(datum.hidden_share > 0.1) ? '#ffffff' : '#1f2933'"},
                        "fontSize": {"value": 11},
                        "opacity": {"signal": "(datum.x1 - datum.x0) > 70 && (datum.y1 - datum.y0) > 40 ? 0.85 : 0"},
                        "font": {"value": "system-ui, 'Segoe UI', Roboto, 'Noto Sans', sans-serif"},
                    }
                },
            },
        ],
    }  # fmt: skip


def _tooltip() -> list[alt.Tooltip]:
    return [
        alt.Tooltip("name:N", title=" "),
        alt.Tooltip("size:Q", format=",.0f", title=_("size")),
        alt.Tooltip("lq:Q", format=".2f", title=_("location quotient")),
        alt.Tooltip("interval:N", title=_("interval")),
        alt.Tooltip("chance:N", title=_("chance that LQ ≥ 1")),
        alt.Tooltip("hidden:N", title=_("hidden share")),
    ]
