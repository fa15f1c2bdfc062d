"""The pictures of the report: Altair specifications whose rows the page fills in for the chosen region or cluster."""

from __future__ import annotations

from typing import Any

import altair as alt

from almaz.language import text as _

INK, QUIET, STRONG, HOLLOW = "#1f2933", "#9aa5b1", "#0b6e6e", "#ffffff"
SCALE = ["#f4efe1", "#c9dfc4", "#7fbfae", "#2f8f93", "#0a4f63"]


def themed(chart: alt.Chart | alt.LayerChart) -> dict[str, Any]:
    """A specification with the house's type and colours, as wide as its place on the page."""
    spec: dict[str, Any] = (
        chart.properties(width="container", background="transparent")
        .configure(font="system-ui, 'Segoe UI', Roboto, 'Noto Sans', sans-serif")
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=INK, titleColor=INK, gridColor="#e6e8eb", labelFontSize=12, titleFontSize=12, labelLimit=260
        )
        .configure_legend(labelColor=INK, titleColor=INK, orient="bottom", titleLimit=400)
        .to_dict()
    )
    return spec


def region_map(borders: dict[str, Any], projection: str) -> dict[str, Any]:
    """Choropleth of one number per region; regions without a figure are grey, not white: unknown is not zero."""
    if borders["type"] == "Topology":
        layer = next(iter(borders["objects"]))
        data = alt.Data(values=borders, format=alt.TopoDataFormat(type="topojson", feature=layer))
    else:
        data = alt.Data(values=borders, format=alt.JsonDataFormat(property="features"))
    chart = (
        alt.Chart(data)
        .mark_geoshape(stroke="white", strokeWidth=0.8)
        .transform_lookup(
            lookup="id",
            from_=alt.LookupData(data=alt.NamedData("rows"), key="region", fields=["name", "value", "shown", "sure"]),
        )
        .encode(
            color=alt.condition(
                "isValid(datum.value)",
                alt.Color("value:Q", scale=alt.Scale(range=SCALE), title=None, legend=alt.Legend(gradientLength=220)),
                alt.value("#d5d9de"),
            ),
            stroke=alt.condition("datum.sure === false", alt.value("#c2571a"), alt.value("white")),
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
            size=alt.Size("size:Q", scale=alt.Scale(range=[12, 1800]), title=_("size")),
            fill=alt.condition("datum.hidden_share > 0.1", alt.value(HOLLOW), alt.Color("colour:N", scale=None)),
            stroke=alt.Color("colour:N", scale=None),
            tooltip=_tooltip(),
        )
        .properties(height=420)
    )
    rules = alt.Chart(alt.InlineData(values=[{"one": 1}])).mark_rule(color=QUIET, strokeDash=[4, 4]).encode(x="one:Q")
    return themed(rules + chart)


def ranking() -> dict[str, Any]:
    """Location quotients with their sampling interval (bar) and what hidden cells allow (thin line); hollow = part hidden."""
    base = alt.Chart(alt.NamedData("rows")).encode(
        y=alt.Y("name:N", sort=alt.EncodingSortField("lq", order="descending"), title=None)
    )
    axis = alt.X("low:Q", title=_("location quotient"), scale=alt.Scale(zero=True))
    hidden = base.mark_rule(color=QUIET, strokeWidth=1).encode(x=axis, x2="high:Q")
    sampled = base.mark_bar(height=5, color="#b7d7cf").encode(x=alt.X("ci_low:Q"), x2="ci_high:Q")
    point = base.mark_point(filled=True, size=70, strokeWidth=1.6, opacity=1).encode(
        x="lq:Q",
        fill=alt.condition("datum.hidden_share > 0.1", alt.value(HOLLOW), alt.Color("colour:N", scale=None)),
        stroke=alt.Color("colour:N", scale=None),
        tooltip=_tooltip(),
    )
    rule = alt.Chart(alt.InlineData(values=[{"one": 1}])).mark_rule(color=INK, strokeDash=[4, 4]).encode(x="one:Q")
    return themed((hidden + sampled + rule + point).properties(height=alt.Step(21)))


def bars() -> dict[str, Any]:
    """The portfolio by size; the part that is estimated because cells are hidden is hollow."""
    base = alt.Chart(alt.NamedData("rows")).encode(
        y=alt.Y("name:N", sort=alt.EncodingSortField("size", order="descending"), title=None)
    )
    whole = base.mark_bar(fill=HOLLOW, stroke=STRONG, height=13).encode(
        x=alt.X("size:Q", title=_("size")), tooltip=_tooltip()
    )
    known = base.mark_bar(height=13).encode(
        x="published:Q", color=alt.Color("colour:N", scale=None), tooltip=_tooltip()
    )
    return themed((whole + known).properties(height=alt.Step(21)))


def _tooltip() -> list[alt.Tooltip]:
    return [
        alt.Tooltip("name:N", title=" "),
        alt.Tooltip("size:Q", format=",.0f", title=_("size")),
        alt.Tooltip("lq:Q", format=".2f", title=_("location quotient")),
        alt.Tooltip("interval:N", title=_("interval")),
        alt.Tooltip("chance:N", title=_("chance that LQ ≥ 1")),
        alt.Tooltip("hidden:N", title=_("hidden share")),
    ]
