"""The pictures of impact: each takes rows with words in them and gives a specification with its data inside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from almaz.language import text as _
from almaz.report.charts import HOLLOW, INK, QUIET, STRONG, themed
from almaz.report.section import later

Rows = Sequence[Mapping[str, object]]
ORANGE, PALE = "#c2571a", "#b7d7cf"
HUES = ["#0b6e6e", "#c2571a", "#4a6fa5", "#8a6d3b", "#7a4b8c", "#5c7f3a"]
YEARS = alt.Axis(format="d", tickMinStep=1)
PERIOD = alt.Scale(zero=False, nice=False)


def _zero(at: float = 0.0, field: str = "x") -> alt.Chart:
    scale = PERIOD if at else alt.Undefined
    encoding = {field: alt.X("at:Q", scale=scale) if field == "x" else alt.Y("at:Q")}
    return alt.Chart(alt.InlineData(values=[{"at": at}])).mark_rule(color=INK, strokeDash=[4, 4]).encode(**encoding)


def _rows(rows: Rows) -> alt.Chart:
    return alt.Chart(alt.InlineData(values=[dict(row) for row in rows]))


def _names(title: str | None = None) -> alt.Axis:
    """An axis of names that leaves a narrow screen room for the picture."""
    narrow = alt.expr("containerSize()[0] < 480 ? 130 : 260")
    return alt.Axis(labelLimit=narrow, title=title)


@later
def directions(
    rows: Rows, regions: Sequence[str], clusters: Sequence[str], indicators: Sequence[tuple[str, bool, bool]]
) -> dict[str, Any]:
    """One region's clusters against the country, an indicator at a time; hollow where hidden cells were estimated.

    rows: r, c, i (places in the lists), v, l, h (value and what hidden cells allow, None: no end), n (country), s (1 known);
    indicators: title, whether it is compared by division (else by difference), whether it is a share.
    """
    titles = [title for title, _divided, _share in indicators]
    lists = {"places": list(regions), "names": list(clusters), "titles": titles}
    divided, share = [one[1] for one in indicators], [one[2] for one in indicators]
    parameters = [
        alt.param(name=name, value=value) for name, value in {**lists, "divided": divided, "share": share}.items()
    ]
    parameters += [
        alt.param(
            name="place", value=regions[0], bind=alt.binding_select(options=list(regions), name=_("region") + " ")
        ),
        alt.param(name="what", value=titles[0], bind=alt.binding_select(options=titles, name=_("indicator") + " ")),
    ]
    against = "divided[datum.i] ? {0} / datum.n : {0} - datum.n"
    reach = "(divided[datum.i] ? 1.5 * max(1, datum.relative) : 1)"
    written = "isValid({0}) ? format({0}, share[datum.i] ? ',.1%' : ',.4~g') : '∞'"
    base = (
        _rows(rows)
        .transform_filter("places[datum.r] === place && titles[datum.i] === what")
        .transform_calculate(
            cluster="names[datum.c]",
            relative=against.format("datum.v"),
            bottom=f"max({against.format('datum.l')}, datum.relative - {reach})",
            top=f"min(isValid(datum.h) ? ({against.format('datum.h')}) : 1e9, datum.relative + {reach})",
            shown=written.format("datum.v"),
            bounds=f"({written.format('datum.l')}) + ' … ' + ({written.format('datum.h')})",
            country=written.format("datum.n"),
            one="divided[datum.i] ? 1 : 0",
        )
    )
    order = alt.EncodingSortField("relative", order="descending")
    named = base.encode(y=alt.Y("cluster:N", sort=order, title=None, axis=_names()))
    scale, top = alt.Scale(zero=False, nice=True), alt.Axis(orient="top", format=".3~g", tickCount=5)
    title = _("against the country")
    hidden = named.mark_rule(color=QUIET).encode(x=alt.X("bottom:Q", title=title, scale=scale, axis=top), x2="top:Q")
    point = named.mark_point(filled=True, size=65, opacity=1, strokeWidth=1.6, stroke=STRONG).encode(
        x=alt.X("relative:Q", scale=scale, axis=top, title=title),
        fill=alt.condition("datum.s === 1", alt.value(STRONG), alt.value(HOLLOW)),
        tooltip=[
            alt.Tooltip("cluster:N", title=" "),
            alt.Tooltip("shown:N", title=_("value")),
            alt.Tooltip("bounds:N", title=_("what hidden cells allow")),
            alt.Tooltip("country:N", title=_("country")),
        ],
    )
    rule = base.mark_rule(color=INK, strokeDash=[4, 4]).encode(x=alt.X("mean(one):Q", title=title, axis=top))
    return themed((hidden + rule + point).add_params(*parameters).properties(height=alt.Step(19)))


@later
def coefficients(rows: Rows, models: Sequence[str]) -> dict[str, Any]:
    """Coefficients with intervals. rows: term, model, estimate, low, high."""
    legend = alt.Legend(columns=1, labelLimit=340, labelFontSize=12)
    hue = alt.Color("model:N", scale=alt.Scale(domain=list(models), range=HUES), title=None, legend=legend)
    lanes = alt.YOffset("model:N", sort=list(models))
    base = _rows(rows).encode(y=alt.Y("term:N", title=None, sort=None, axis=_names()), yOffset=lanes, color=hue)
    axis = alt.Axis(format=".3~g", tickCount=5)
    bar = base.mark_rule(strokeWidth=2).encode(x=alt.X("low:Q", title=_("coefficient"), axis=axis), x2="high:Q")
    point = base.mark_point(filled=True, size=70, opacity=1).encode(
        x="estimate:Q",
        tooltip=[
            alt.Tooltip("term:N", title=" "),
            alt.Tooltip("model:N", title=_("specification")),
            alt.Tooltip("estimate:Q", format=".4f", title=_("coefficient")),
            alt.Tooltip("low:Q", format=".4f", title=_("interval from")),
            alt.Tooltip("high:Q", format=".4f", title=_("to")),
        ],
    )
    return themed((bar + _zero() + point).properties(height=alt.Step(15)))


@later
def paths(rows: Rows, groups: Sequence[str], joined: Rows, outcome: str) -> dict[str, Any]:
    """Mean outcome of each cohort and of the untreated. rows: group, time, mean; joined: group, time."""
    shades = alt.Scale(domain=list(groups), range=[*HUES[: len(groups) - 1], QUIET])
    hue = alt.Color("group:N", title=None, scale=shades, legend=alt.Legend(columns=2, labelLimit=300))
    line = (
        _rows(rows)
        .mark_line(point=alt.OverlayMarkDef(size=26), strokeWidth=2)
        .encode(
            x=alt.X("time:Q", axis=YEARS, title=None, scale=PERIOD),
            y=alt.Y("mean:Q", title=outcome, scale=alt.Scale(zero=False)),
            color=hue,
            tooltip=[
                alt.Tooltip("group:N", title=" "),
                alt.Tooltip("time:Q", format="d", title=_("year")),
                alt.Tooltip("mean:Q", format=".4~g", title=_("mean")),
            ],
        )
    )
    start = _rows(joined).mark_rule(strokeDash=[3, 3], opacity=0.7).encode(x=alt.X("time:Q", scale=PERIOD), color=hue)
    return themed((start + line).properties(height=320))


@later
def event_study(rows: Rows, estimators: Sequence[str]) -> dict[str, Any]:
    """Effects by years since joining. rows: label, estimator, effect, low, high, band_low, band_high."""
    legend = alt.Legend(columns=1, labelLimit=300)
    hue = alt.Color("estimator:N", title=None, scale=alt.Scale(domain=list(estimators), range=HUES), legend=legend)
    lanes = alt.XOffset("estimator:N", sort=list(estimators))
    axis = alt.Axis(labelAngle=0, labelOverlap=True)
    base = _rows(rows).encode(
        x=alt.X("label:O", title=_("years since joining"), axis=axis), xOffset=lanes, color=hue,
        tooltip=_effect_tooltip(alt.Tooltip("label:O", title=_("years since joining"))),
    )  # fmt: skip
    band = base.mark_rule(strokeWidth=1.4).encode(y=alt.Y("band_low:Q", title=_("effect")), y2="band_high:Q")
    bar = base.mark_rule(strokeWidth=4, opacity=0.55).encode(y="low:Q", y2="high:Q")
    point = base.mark_point(filled=True, size=70, opacity=1).encode(y="effect:Q")
    before = base.transform_filter("datum.label < 0").mark_point(filled=True, size=28, opacity=1, color=HOLLOW)
    hollow = before.encode(y="effect:Q", color=alt.value(HOLLOW))
    return themed((band + bar + _zero(field="y") + point + hollow).properties(height=340))


def _effect_tooltip(first: alt.Tooltip) -> list[alt.Tooltip]:
    return [
        first,
        alt.Tooltip("estimator:N", title=_("estimator")),
        alt.Tooltip("effect:Q", format=".4~g", title=_("effect")),
        alt.Tooltip("low:Q", format=".4~g", title=_("interval from")),
        alt.Tooltip("high:Q", format=".4~g", title=_("to")),
    ]


@later
def estimates(rows: Rows) -> dict[str, Any]:
    """The overall effect by estimator; hollow: naive. rows: estimator, effect, low, high, naive."""
    base = _rows(rows).encode(y=alt.Y("estimator:N", title=None, sort=None, axis=_names()))
    bar = base.mark_rule(strokeWidth=3).encode(
        x=alt.X("low:Q", title=_("effect"), axis=alt.Axis(tickCount=5)),
        x2="high:Q",
        color=alt.condition("datum.naive", alt.value(QUIET), alt.value(PALE)),
    )
    point = base.mark_point(filled=True, size=110, opacity=1, strokeWidth=2).encode(
        x="effect:Q",
        fill=alt.condition("datum.naive", alt.value(HOLLOW), alt.value(STRONG)),
        stroke=alt.condition("datum.naive", alt.value(QUIET), alt.value(STRONG)),
        tooltip=_effect_tooltip(alt.Tooltip("estimator:N", title=" ")),
    )
    return themed((bar + _zero() + point).properties(height=alt.Step(34)))


@later
def cells(rows: Rows, digits: int) -> dict[str, Any]:
    """Group–time effects as a heat map. rows: cohort, time, effect, low, high, after, sure (interval without 0)."""
    widest = max((abs(float(str(row["effect"]))) for row in rows if row["effect"] is not None), default=1.0) or 1.0
    base = _rows(rows).encode(
        x=alt.X("time:O", title=_("year"), axis=alt.Axis(labelAngle=0)), y=alt.Y("cohort:O", title=_("joined in"))
    )
    colour = alt.Color(
        "effect:Q",
        title=_("effect"),
        scale=alt.Scale(domain=[-widest, 0, widest], range=[ORANGE, "#f7f7f7", STRONG]),
        legend=alt.Legend(gradientLength=160, format=".2~g"),
    )
    box = base.mark_rect(stroke="white").encode(
        color=colour,
        opacity=alt.condition("datum.after", alt.value(1.0), alt.value(0.45)),
        tooltip=[
            alt.Tooltip("cohort:O", title=_("joined in")),
            alt.Tooltip("time:O", title=_("year")),
            alt.Tooltip("effect:Q", format=".4~g", title=_("effect")),
            alt.Tooltip("low:Q", format=".4~g", title=_("interval from")),
            alt.Tooltip("high:Q", format=".4~g", title=_("to")),
        ],
    )
    dark = f"datum.after && abs(datum.effect) > {0.55 * widest}"
    label = base.mark_text(fontSize=12).encode(
        text=alt.Text("effect:Q", format=f".{digits}f"), color=alt.condition(dark, alt.value("white"), alt.value(INK))
    )
    return themed((box + label).properties(height=alt.Step(42)))


@later
def twin(rows: Rows, names: Sequence[str], start: int, outcome: str) -> dict[str, Any]:
    """A unit and its synthetic control. rows: path, time, value."""
    hue = alt.Color("path:N", title=None, scale=alt.Scale(domain=list(names), range=[STRONG, ORANGE]))
    line = (
        _rows(rows)
        .mark_line(strokeWidth=2.2)
        .encode(
            x=alt.X("time:Q", axis=YEARS, title=None, scale=PERIOD),
            y=alt.Y("value:Q", title=outcome, scale=alt.Scale(zero=False)),
            color=hue,
            strokeDash=alt.StrokeDash(
                "path:N", scale=alt.Scale(domain=list(names), range=[[1, 0], [6, 4]]), legend=None
            ),
        )
    )
    return themed((_zero(start - 0.5) + line).properties(height=320))


@later
def placebos(rows: Rows, start: int) -> dict[str, Any]:
    """Gaps of the unit (bold) and of every donor as if it had joined. rows: placebo, time, gap, own."""
    base = _rows(rows).encode(
        x=alt.X("time:Q", axis=YEARS, title=None, scale=PERIOD),
        y=alt.Y("gap:Q", title=_("actual minus synthetic")),
        detail="placebo:N",
    )
    tooltip = [alt.Tooltip("placebo:N", title=" "), alt.Tooltip("gap:Q", format=".3~g", title=_("gap"))]
    others = (
        base.transform_filter("!datum.own").mark_line(color=QUIET, opacity=0.45, strokeWidth=1).encode(tooltip=tooltip)
    )
    own = base.transform_filter("datum.own").mark_line(color=STRONG, strokeWidth=3).encode(tooltip=tooltip)
    return themed((_zero(start - 0.5) + _zero(field="y") + others + own).properties(height=320))


@later
def power(rows: Rows, marks: Rows) -> dict[str, Any]:
    """The chance to find an effect. rows: effect, power; marks: at, words."""
    line = (
        _rows(rows)
        .mark_line(color=STRONG, strokeWidth=2.5)
        .encode(
            x=alt.X("effect:Q", title=_("true effect"), axis=alt.Axis(format=".3~g")),
            y=alt.Y(
                "power:Q", title=_("chance to find it"), axis=alt.Axis(format=".0%"), scale=alt.Scale(domain=[0, 1])
            ),
            tooltip=[alt.Tooltip("effect:Q", format=".3~g"), alt.Tooltip("power:Q", format=".0%")],
        )
    )
    rule = _rows(marks).mark_rule(color=ORANGE, strokeDash=[5, 4]).encode(x="at:Q")
    words = (
        _rows(marks)
        .mark_text(align="left", dx=6, color=ORANGE, fontSize=12)
        .encode(x="at:Q", y=alt.value(290), text="words:N")
    )
    return themed((line + rule + words).properties(height=300))


@later
def fan(rows: Rows, money: str, turning: Rows) -> dict[str, Any]:
    """The balance so far, by scenario. rows: year, p10 … p90; turning: at, words."""
    base = _rows(rows).encode(x=alt.X("year:Q", axis=YEARS, title=None, scale=PERIOD))
    title = _("benefits minus costs so far, discounted") + (f" ({money})" if money else "")
    wide = base.mark_area(color=STRONG, opacity=0.16).encode(y=alt.Y("p10:Q", title=title), y2="p90:Q")
    narrow = base.mark_area(color=STRONG, opacity=0.28).encode(y="p25:Q", y2="p75:Q")
    middle = base.mark_line(color=STRONG, strokeWidth=2.5).encode(
        y="p50:Q",
        tooltip=[
            alt.Tooltip("year:Q", format="d", title=_("year")),
            *(alt.Tooltip(f"p{p}:Q", format=",.3~g", title=f"{p} %") for p in (10, 50, 90)),
        ],
    )
    layers = wide + narrow + _zero(field="y") + middle
    if turning:
        mark = _rows(turning).encode(x="at:Q")
        words = mark.mark_text(align="right", dx=-6, color=ORANGE, fontSize=12).encode(y=alt.value(14), text="words:N")
        layers = layers + mark.mark_rule(color=ORANGE, strokeDash=[5, 4]) + words
    return themed(layers.properties(height=340))


@later
def yearly(rows: Rows, names: Sequence[str], money: str) -> dict[str, Any]:
    """Cost and benefit of each year with their spread. rows: year, path, low, middle, high."""
    hue = alt.Color("path:N", title=None, scale=alt.Scale(domain=list(names), range=[ORANGE, STRONG]))
    base = _rows(rows).encode(x=alt.X("year:Q", axis=YEARS, title=None, scale=PERIOD), color=hue)
    spread = base.mark_area(opacity=0.2).encode(y=alt.Y("low:Q", title=money or _("a year")), y2="high:Q")
    line = base.mark_line(strokeWidth=2.2).encode(y="middle:Q")
    return themed((spread + line).properties(height=300))


@later
def tornado(rows: Rows, middle: float) -> dict[str, Any]:
    """What the final balance hangs on. rows: parameter, low, high (balances), span."""
    base = _rows(rows).encode(y=alt.Y("parameter:N", title=None, sort=None, axis=_names()))
    bar = base.mark_bar(height=17, color=PALE, stroke=STRONG, strokeWidth=0.8).encode(
        x=alt.X("low:Q", title=_("balance at the end"), scale=alt.Scale(zero=False)),
        x2="high:Q",
        tooltip=[alt.Tooltip("parameter:N", title=" "), alt.Tooltip("span:N", title=_("from … to"))],
    )
    return themed((bar + _zero(middle) + _zero(0.0)).properties(height=alt.Step(30)))


@later
def survey(rows: Rows, lowest: int, highest: int) -> dict[str, Any]:
    """Scores of the blocks. rows: block, mean, low, high, bound_low, bound_high, answered."""
    base = _rows(rows).encode(y=alt.Y("block:N", title=None, sort=None, axis=_names()))
    scale = alt.Scale(domain=[lowest, highest])
    bounds = base.mark_rule(color=QUIET, strokeWidth=1.4).encode(
        x=alt.X("bound_low:Q", scale=scale, title=_("score, {low} to {high}", low=lowest, high=highest)),
        x2="bound_high:Q",
    )
    bar = base.mark_bar(height=7, color=PALE).encode(x=alt.X("low:Q", scale=scale), x2="high:Q")
    point = base.mark_point(filled=True, size=90, color=STRONG, opacity=1).encode(
        x=alt.X("mean:Q", scale=scale),
        tooltip=[
            alt.Tooltip("block:N", title=" "),
            alt.Tooltip("mean:Q", format=".2f", title=_("score")),
            alt.Tooltip("answered:N", title=_("answered")),
        ],
    )
    return themed((bounds + bar + point).properties(height=alt.Step(34)))
