"""Pictures of the diamond: rhombus, ranks, binding constraints, what matters, decomposition, trends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import Any

import altair as alt

from almaz.language import text as _
from almaz.report.charts import HOLLOW, INK, QUIET, SCALE, STRONG, themed
from almaz.report.section import later

Rows = Sequence[Mapping[str, Any]]
BAND, WARM = "#b7d7cf", "#c2571a"
OF_CORNER = {"factor": "#0b6e6e", "demand": "#c2571a", "related": "#3b5b92", "strategy": "#8a6d1f"}
SIDE, ACROSS, UP = 320, 175, 150
"""Width of the rhombus in pixels, and half its width and height in points: equal units, for its axes are compared by eye."""
X: dict[str, Any] = {"scale": alt.Scale(domain=[-ACROSS, ACROSS], nice=False), "axis": None}
Y: dict[str, Any] = {"scale": alt.Scale(domain=[-UP, UP], nice=False), "axis": None}


def corner_names() -> dict[str, str]:
    """Corner → what a reader sees."""
    return {
        "factor": _("factor conditions"),
        "demand": _("demand conditions"),
        "related": _("related and supporting industries"),
        "strategy": _("firm strategy, structure and rivalry"),
    }


def short_names() -> dict[str, str]:
    """Corner → two or three words."""
    return {
        "factor": _("factors"),
        "demand": _("demand"),
        "related": _("related industries"),
        "strategy": _("strategy and rivalry"),
    }


def lines(words: str, width: int = 33) -> str:
    """Words on lines of about this many letters."""
    return "\n".join(wrap(words, width, break_long_words=False))


LINES = "split(datum.label, '\\n')"
"""A label's lines, as Vega wants them."""


def chooser(regions: Mapping[str, str], first: str, label: str) -> alt.Parameter:
    """A menu of regions above a chart."""
    ordered = sorted(regions, key=lambda code: regions[code])
    menu = alt.binding_select(options=ordered, labels=[regions[code] for code in ordered], name=label + " ")
    return alt.param(name="chosen", value=first, bind=menu)


@later
def rhombus(rows: Rows, regions: Mapping[str, str], first: str) -> dict[str, Any]:
    """Four corners of the chosen region: outline, interval band, and the country's median; hollow points: nothing known.

    rows: region, corner, place 0…4 (4 closes the outline), score, low, high, median, known, and the government's figure,
    which stands in the centre as a cross: it has no axis of its own.
    """
    menu = chooser(regions, first, _("region"))
    angle = "(90 - 90 * datum.place) * PI / 180"
    base = (
        alt.Chart(alt.InlineData(values=[dict(row) for row in rows]))
        .transform_filter("datum.region == chosen")
        .transform_calculate(
            **{f"x_{name}": f"datum.{name} * cos({angle})" for name in ("score", "low", "high", "median")},
            **{f"y_{name}": f"datum.{name} * sin({angle})" for name in ("score", "low", "high", "median")},
            x_name=f"138 * cos({angle})",
            y_name=f"(datum.place == 2 ? 128 : 122) * sin({angle})",
        )
    )

    def at(name: str) -> dict[str, Any]:
        return {"x": alt.X(f"x_{name}:Q", **X), "y": alt.Y(f"y_{name}:Q", **Y)}

    def outline(name: str, **mark: Any) -> alt.Chart:
        return base.mark_line(**mark).encode(**at(name), order="place:O")

    corners = base.transform_filter("datum.place < 4")
    spread = corners.mark_rule(strokeWidth=7, color=STRONG, opacity=0.28).encode(
        **at("low"), x2="x_high:Q", y2="y_high:Q"
    )
    tips = [
        alt.Tooltip("name:N", title=" "),
        alt.Tooltip("score:Q", format=".0f", title=_("score")),
        alt.Tooltip("interval:N", title=_("interval")),
        alt.Tooltip("median:Q", format=".0f", title=_("country's median")),
        alt.Tooltip("known:Q", format=".0%", title=_("share known")),
    ]
    points = corners.mark_point(size=90, strokeWidth=2, opacity=1, filled=True, stroke=STRONG).encode(
        **at("score"), fill=alt.condition("datum.known > 0", alt.value(STRONG), alt.value(HOLLOW)), tooltip=tips
    )
    words = corners.mark_text(fontSize=11, color=INK, lineBreak="\n", lineHeight=13).encode(
        **at("name"), text="label:N", tooltip=tips
    )
    centre = (
        base.transform_filter("datum.place == 0")
        .mark_point(shape="cross", size=110, stroke=INK, strokeWidth=1, opacity=0.9)
        .encode(
            x=alt.XDatum(0, **X),
            y=alt.YDatum(0, **Y),
            fill=alt.condition("datum.governed", alt.value(INK), alt.value(HOLLOW)),
            tooltip=[alt.Tooltip("government:N", title=_("government, the catalyst"))],
        )
    )
    layers = [
        _guides(),
        outline("high", filled=True, color=BAND, opacity=0.55, strokeWidth=0),
        outline("low", filled=True, color=HOLLOW, opacity=1, strokeWidth=0),
        outline("median", color=QUIET, strokeDash=[5, 4], strokeWidth=1.5),
        spread,
        outline("score", color=STRONG, strokeWidth=2.5),
        points,
        words,
        centre,
    ]
    chart = alt.layer(*layers).add_params(menu).properties(height=SIDE * UP / ACROSS)
    return {**themed(chart), "width": SIDE}


def _guides() -> alt.Chart:
    lines = [
        {"ring": ring, "place": place, "x": ring * x, "y": ring * y}
        for ring in (25, 50, 75, 100)
        for place, (x, y) in enumerate(((0, 1), (1, 0), (0, -1), (-1, 0), (0, 1)))
    ]
    marks = alt.Chart(alt.InlineData(values=lines)).mark_line(color="#dfe3e8", strokeWidth=1)
    return marks.encode(x=alt.X("x:Q", **X), y=alt.Y("y:Q", **Y), detail="ring:N", order="place:O")


def _around(rows: Rows, low: Sequence[str], high: Sequence[str]) -> list[float]:
    """Tens around the intervals of the rows, inside 0 … 100."""
    least = min((row[name] for row in rows for name in low), default=0.0)
    most = max((row[name] for row in rows for name in high), default=100.0)
    return [max(0.0, 10.0 * (least // 10)), min(100.0, 10.0 * (most // 10 + 1))]


@later
def ranks(rows: Rows) -> dict[str, Any]:
    """Scores of regions: point = headline, thick = what figures and weights leave open, thin = every choice; best first."""
    base = alt.Chart(alt.InlineData(values=[dict(row) for row in rows])).encode(
        y=alt.Y("name:N", sort=alt.EncodingSortField("score", order="descending"), title=None)
    )
    axis = alt.X(
        "score_low:Q",
        title=_("score, 1 to 100"),
        scale=alt.Scale(domain=_around(rows, ("score_low", "data_low"), ("score_high", "data_high"))),
        axis=alt.Axis(orient="top", tickCount=5, labelOverlap="greedy", labelSeparation=8),
    )
    tips = [
        alt.Tooltip("name:N", title=" "),
        alt.Tooltip("score:Q", format=".1f", title=_("score")),
        alt.Tooltip("data_interval:N", title=_("from figures and weights")),
        alt.Tooltip("all_interval:N", title=_("under every choice")),
        alt.Tooltip("rank_interval:N", title=_("rank")),
        alt.Tooltip("known_share:Q", format=".0%", title=_("share known")),
    ]
    every = base.mark_rule(color=QUIET, strokeWidth=1.5).encode(x=axis, x2="score_high:Q", tooltip=tips)
    data = base.mark_bar(height=6, color=BAND).encode(x="data_low:Q", x2="data_high:Q", tooltip=tips)
    point = base.mark_point(filled=True, size=64, stroke=STRONG, strokeWidth=1.6, opacity=1).encode(
        x="score:Q", fill=alt.condition("datum.thin", alt.value(HOLLOW), alt.value(STRONG)), tooltip=tips
    )
    words = base.mark_text(align="left", dx=4, fontSize=11, color="#52606d").encode(
        x=alt.value("width"), text="rank_interval:N"
    )
    chart = (every + data + point + words).properties(height=alt.Step(19))
    return {**themed(chart), "padding": {"left": 5, "top": 5, "bottom": 5, "right": 58}}


@later
def binding(rows: Rows) -> dict[str, Any]:
    """Corners of every region by score; the binding one is ringed, the surer the bolder; a corner nobody knows is blank."""
    names = list(short_names().values())
    base = alt.Chart(alt.InlineData(values=[dict(row) for row in rows])).encode(
        x=alt.X(
            "corner:N",
            sort=names,
            title=None,
            axis=alt.Axis(orient="top", labelAngle=-30, labelAlign="left", labelLimit=150, labelFontSize=11),
        ),
        y=alt.Y("name:N", sort=alt.EncodingSortField("order", order="ascending"), title=None),
        tooltip=[
            alt.Tooltip("name:N", title=" "),
            alt.Tooltip("corner:N", title=_("corner")),
            alt.Tooltip("shown:N", title=_("score")),
            alt.Tooltip("interval:N", title=_("interval")),
            alt.Tooltip("share:N", title=_("lowest in so many draws")),
        ],
    )
    cells = base.transform_filter("datum.known > 0").mark_rect(stroke="white", strokeWidth=1).encode(
        color=alt.Color("score:Q", scale=alt.Scale(domain=[1, 100], range=SCALE), title=_("score"),
                        legend=alt.Legend(gradientLength=180))
    )  # fmt: skip
    blank = base.transform_filter("datum.known == 0").mark_rect(
        fill=HOLLOW, stroke=QUIET, strokeDash=[3, 3], strokeWidth=0.8
    )
    rings = base.transform_filter("datum.binding").mark_point(shape="circle", size=85, strokeWidth=2.4, color=WARM).encode(
        opacity=alt.Opacity("binding_share:Q", scale=alt.Scale(domain=[0, 1], range=[0.25, 1]), legend=None)
    )  # fmt: skip
    chart = (cells + blank + rings).properties(height=alt.Step(17))
    return {**themed(chart), "padding": {"left": 5, "top": 5, "bottom": 5, "right": 70}}


@later
def choices(rows: Rows) -> dict[str, Any]:
    """Share of the ranks' variance that each choice explains: solid alone, outlined with its interactions."""
    base = alt.Chart(alt.InlineData(values=[dict(row) for row in rows])).encode(
        y=alt.Y(
            "choice:N",
            sort=alt.EncodingSortField("total", order="descending"),
            title=None,
            axis=alt.Axis(labelExpr=LINES, labelLineHeight=13),
        )
    )
    tips = [
        alt.Tooltip("choice:N", title=" "),
        alt.Tooltip("first:Q", format=".0%", title=_("alone")),
        alt.Tooltip("total:Q", format=".0%", title=_("with its interactions")),
    ]
    axis = alt.X(
        "total:Q",
        title=_("share of the variance of ranks"),
        axis=alt.Axis(format=".0%", tickCount=5, labelOverlap="greedy", labelSeparation=8),
    )
    whole = base.mark_bar(fill=HOLLOW, stroke=STRONG, height=20).encode(x=axis, tooltip=tips)
    alone = base.mark_bar(color=STRONG, height=20).encode(x="first:Q", tooltip=tips)
    doubt = base.mark_rule(color=WARM, strokeWidth=1.5).encode(x="total_low:Q", x2="total_high:Q")
    return themed((whole + alone + doubt).properties(height=alt.Step(38)))


@later
def parts(rows: Rows, regions: Mapping[str, str], first: str) -> dict[str, Any]:
    """What each indicator adds to or takes from the chosen region's score against the medians; hollow = figure unknown."""
    names, colours = list(short_names().values()), list(OF_CORNER.values())
    menu = chooser(regions, first, _("region"))
    chart = (
        alt.Chart(alt.InlineData(values=[dict(row) for row in rows]))
        .transform_filter("datum.region == chosen")
        .mark_bar(height=14, strokeWidth=1.4)
        .encode(
            x=alt.X("contribution:Q", title=_("points of the score, against the country's medians")),
            y=alt.Y(
                "indicator:N",
                sort=alt.EncodingSortField("contribution", order="descending"),
                title=None,
                axis=alt.Axis(labelLimit=230, labelExpr=LINES, labelLineHeight=12, labelFontSize=11),
            ),
            fill=alt.condition(
                "datum.known",
                alt.Color("corner:N", scale=alt.Scale(domain=names, range=colours), title=None,
                          legend=alt.Legend(columns=2)),
                alt.value(HOLLOW),
            ),
            stroke=alt.Color("corner:N", scale=alt.Scale(domain=names, range=colours), legend=None),
            tooltip=[
                alt.Tooltip("indicator:N", title=" "),
                alt.Tooltip("corner:N", title=_("corner")),
                alt.Tooltip("figure:N", title=_("figure")),
                alt.Tooltip("score:Q", format=".0f", title=_("score")),
                alt.Tooltip("contribution:Q", format="+.1f", title=_("contribution")),
            ],
        )
        .add_params(menu)
        .properties(height=alt.Step(36))
    )  # fmt: skip
    return themed(chart)


@later
def trend(rows: Rows, regions: Mapping[str, str], first: str) -> dict[str, Any]:
    """A headline index over the years: the chosen region among all others."""
    menu = chooser(regions, first, _("region"))
    base = alt.Chart(alt.InlineData(values=[dict(row) for row in rows])).encode(
        x=alt.X(
            "year:Q",
            title=None,
            scale=alt.Scale(zero=False, nice=False),
            axis=alt.Axis(format="d", tickMinStep=1, tickCount=6),
        ),
        y=alt.Y("level:Q", title=_("index, 1 to 100"), scale=alt.Scale(domain=[0, 100])),
        detail="region:N",
    )
    tips = [
        alt.Tooltip("name:N", title=" "),
        alt.Tooltip("year:Q", format="d", title=_("year")),
        alt.Tooltip("level:Q", format=".1f", title=_("index")),
        alt.Tooltip("measured:Q", format=".0%", title=_("measured in that year")),
    ]
    others = base.mark_line(
        color=QUIET, opacity=0.35, strokeWidth=1, point={"size": 8, "color": QUIET, "opacity": 0.35}
    )
    mine = base.transform_filter("datum.region == chosen")
    line = mine.mark_line(color=STRONG, strokeWidth=3)
    band = mine.mark_rule(color=STRONG, opacity=0.3, strokeWidth=6).encode(y="low:Q", y2="high:Q")
    dots = mine.mark_point(size=60, filled=True, opacity=1, stroke=STRONG).encode(
        fill=alt.condition("datum.measured > 0.5", alt.value(STRONG), alt.value(HOLLOW)), tooltip=tips
    )
    return themed(alt.layer(others, band, line, dots).add_params(menu).properties(height=230))


@later
def clusters(rows: Rows, regions: Mapping[str, str], first: str) -> dict[str, Any]:
    """Clusters of the chosen region by the score of their own diamond, with its interval."""
    menu = chooser(regions, first, _("region"))
    base = (
        alt.Chart(alt.InlineData(values=[dict(row) for row in rows]))
        .transform_filter("datum.region == chosen")
        .encode(y=alt.Y("cluster:N", sort=alt.EncodingSortField("score", order="descending"), title=None))
    )
    tips = [
        alt.Tooltip("cluster:N", title=" "),
        alt.Tooltip("score:Q", format=".1f", title=_("score")),
        alt.Tooltip("binding:N", title=_("binding corner")),
    ]
    axis = alt.X(
        "low:Q",
        title=_("score, 1 to 100"),
        scale=alt.Scale(domain=_around(rows, ("low",), ("high",))),
        axis=alt.Axis(tickCount=5, labelOverlap="greedy", labelSeparation=8),
    )
    bars = base.mark_bar(height=6, color=BAND).encode(x=axis, x2="high:Q", tooltip=tips)
    points = base.mark_point(filled=True, size=64, color=STRONG, opacity=1).encode(x="score:Q", tooltip=tips)
    return themed((bars + points).add_params(menu).properties(height=alt.Step(20)))


@later
def terms(rows: Rows) -> dict[str, Any]:
    """Coefficients of the products of corners with their 95 % intervals, by outcome."""
    base = alt.Chart(alt.InlineData(values=[dict(row) for row in rows])).encode(
        y=alt.Y("term:N", sort=None, title=None, axis=alt.Axis(labelLimit=280)),
        color=alt.Color("outcome:N", title=None, legend=alt.Legend(columns=2, labelLimit=330)),
        yOffset="outcome:N",
    )  # fmt: skip
    axis = alt.X("low:Q", title=_("standard deviations of the outcome"))
    lines = base.mark_rule(strokeWidth=2).encode(x=axis, x2="high:Q")
    points = base.mark_point(filled=True, size=60, opacity=1).encode(x="estimate:Q")
    zero = alt.Chart(alt.InlineData(values=[{"zero": 0}])).mark_rule(color=INK, strokeDash=[4, 4]).encode(x="zero:Q")
    return themed((zero + lines + points).properties(height=alt.Step(14)))
