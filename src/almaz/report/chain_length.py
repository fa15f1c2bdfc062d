"""Longer chains, more tax? The scatter with its line and yardsticks, and every estimate with its interval."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import altair as alt
import pyarrow as pa

from almaz.language import percent
from almaz.language import text as _
from almaz.report import charts
from almaz.report.section import Figure, later
from almaz.study.edition import Edition

Row = Mapping[str, Any]


def length_figures(edition: Edition, name: Callable[[str | None], str]) -> list[Figure]:
    """The two pictures of length against tax; none where the table has no taxes."""
    if "chain_line" not in edition.tables:
        return []
    industries = edition.table("chain_industries").to_pylist()
    estimates = edition.table("chain_relations").to_pylist()
    return [_scatter(edition, industries, estimates, name), _estimates(estimates)]


def _scatter(
    edition: Edition, industries: Sequence[Row], estimates: Sequence[Row], name: Callable[[str | None], str]
) -> Figure:
    points = [
        {
            "n": name(row["industry"]),
            "x": round(row["stages"], 3),
            "y": round(row["chain_taxes"], 4),
            "o": round(row["output"]),
            "t": round(row["own_taxes"], 4),
        }
        for row in industries
        if row["stages"] is not None and row["chain_taxes"] is not None and row["output"]
    ]
    across = next(row for row in estimates if _is(row, "chain_taxes", "across"))
    within = next((row for row in estimates if _is(row, "chain_taxes", "within")), None)
    table = pa.Table.from_pylist(
        [{"industry": r["n"], "stages": r["x"], "taxes": r["y"], "own": r["t"], "output": r["o"]} for r in points]
    )
    headings = {
        "industry": _("industry"),
        "stages": _("stages of production at home"),
        "taxes": _("tax per unit of final demand, along the chain"),
        "own": _("tax per unit of own output"),
        "output": _("output"),
    }
    return Figure(
        "length-tax",
        _("Do longer chains bring more tax?"),
        table,
        headings,
        chart=_scatter_chart(points, edition.table("chain_line").to_pylist(), across),
        formats={"taxes": "percent", "own": "percent", "output": "count"},
        hint=_verdict(across, within),
    )


def _is(row: Row, outcome: str, design: str, length: str = "stages") -> bool:
    return bool(row["outcome"] == outcome and row["design"] == design and row["length"] == length)


def _verdict(across: Row, within: Row | None) -> str:
    """The finding in words, whichever way it comes out."""
    parts = [
        _(
            "With one more stage, tax per unit of final demand changes by {change} across industries "
            "(95% interval {low} to {high}): "
            "{finding}.",
            change=percent(across["estimate"]),
            low=percent(across["low"]),
            high=percent(across["high"]),
            finding=_finding(across),
        ),
    ]
    if within is not None:
        parts.append(
            _(
                "Within industries over the years: {change} ({low} to {high}): {finding}.",
                change=percent(within["estimate"]),
                low=percent(within["low"]),
                high=percent(within["high"]),
                finding=_finding(within),
            )
        )
    parts.append(
        _(
            "Were every industry taxed alike per unit of output, arithmetic alone would give {alike} per "
            "stage (dashed); alike per unit of value added, nothing.",
            alike=percent(across["alike_by_output"]),
        )
    )
    return " ".join(parts)


def _finding(row: Row) -> str:
    if row["low"] > 0:
        return _("longer chains carry more")
    return _("longer chains carry less") if row["high"] < 0 else _("no clear difference")


@later
def _scatter_chart(points: Sequence[Row], line: Sequence[Row], across: Row) -> dict[str, Any]:
    mean_x = sum(row["x"] for row in points) / len(points)
    mean_y = sum(row["y"] for row in points) / len(points)
    low, high = min(row["x"] for row in points), max(row["x"] for row in points)
    alike = [{"x": x, "y": mean_y + across["alike_by_output"] * (x - mean_x)} for x in (low, high)]
    x = alt.X("x:Q", title=_("stages of production at home"), scale=alt.Scale(zero=False))
    title = _("tax per unit of final demand")
    dots = (
        alt.Chart(alt.NamedData("industries"))
        .mark_circle(opacity=0.5, color=charts.QUIET)
        .encode(
            x=x,
            y=alt.Y(
                "y:Q", title=title, axis=alt.Axis(format=".0%"), scale=alt.Scale(domain=_range(points), clamp=True)
            ),
            size=alt.Size("o:Q", scale=alt.Scale(range=[10, 600]), legend=None),
            tooltip=[
                alt.Tooltip("n:N", title=" "),
                alt.Tooltip("x:Q", format=".2f", title=_("stages of production at home")),
                alt.Tooltip("y:Q", format=".1%", title=title),
                alt.Tooltip("t:Q", format=".1%", title=_("tax per unit of own output")),
            ],
        )
    )
    fitted = alt.Chart(alt.InlineData(values=list(line)))
    band = fitted.mark_area(opacity=0.25, color=charts.STRONG).encode(x=x, y="low:Q", y2="high:Q")
    drawn = fitted.mark_line(color=charts.STRONG, strokeWidth=2.5).encode(x=x, y="y:Q")
    yardstick = (
        alt.Chart(alt.InlineData(values=alike)).mark_line(color=charts.UNSURE, strokeDash=[5, 4]).encode(x=x, y="y:Q")
    )
    return charts.with_rows((dots + band + drawn + yardstick).properties(height=420), industries=points)


def _range(points: Sequence[Row]) -> list[float]:
    """From the lowest to the highest but the outermost hundredths: a few heavily taxed goods would flatten the picture."""
    held = sorted(row["y"] for row in points)
    cut = len(held) // 100
    return [min(0.0, held[cut]), held[-1 - cut]]


def _estimates(estimates: Sequence[Row]) -> Figure:
    outcomes = {
        "chain_taxes": _("tax of the chain"),
        "own_taxes": _("own tax"),
        "chain_surplus": _("surplus of the chain"),
        "chain_investment": _("investment of the chain"),
        "chain_value_added": _("home value added"),
    }
    lengths = {
        "stages": _("stages of production at home"),
        "upstreamness": _("upstreamness: steps to final use"),
        "propagation_length": _("average propagation length"),
    }
    designs = {"across": _("across industries"), "within": _("within industries")}
    rows = [
        {
            "outcome": outcomes[row["outcome"]],
            "length": lengths[row["length"]],
            "design": designs[row["design"]],
            "estimate": row["estimate"],
            "low": row["low"],
            "high": row["high"],
            "p": row["p"],
            "alike": row["alike_by_output"],
            "n": row["observations"],
        }
        for row in estimates
    ]
    headings = {
        "outcome": _("per unit"),
        "length": _("length"),
        "design": _("compared"),
        "estimate": _("change with one more"),
        "low": _("lowest (95%)"),
        "high": _("highest (95%)"),
        "p": "p",
        "alike": _("by arithmetic alone"),
        "n": _("observations"),
    }
    formats = dict.fromkeys(("estimate", "low", "high", "alike"), "percent")
    taxes = (outcomes["chain_taxes"], outcomes["chain_investment"])
    shown = [
        row if row["outcome"] in taxes else {**row, "alike": None} for row in rows if row["length"] == lengths["stages"]
    ]
    base = alt.Chart(alt.InlineData(values=shown)).encode(
        y=alt.Y("outcome:N", title=None, sort=list(outcomes.values())),
        yOffset=alt.YOffset("design:N", sort=list(designs.values())),
        color=alt.Color(
            "design:N",
            title=None,
            sort=list(designs.values()),
            scale=alt.Scale(domain=list(designs.values()), range=[charts.STRONG, charts.UNSURE]),
            legend=alt.Legend(columns=1, labelLimit=300),
        ),
    )
    x = alt.X("low:Q", title=_("change per stage"), axis=alt.Axis(format="+.0%"))
    chart = (
        alt.Chart(alt.InlineData(values=[{"zero": 0}]))
        .mark_rule(color=charts.INK, strokeDash=[4, 4])
        .encode(x="zero:Q")
        + base.mark_rule(strokeWidth=2).encode(x=x, x2="high:Q")
        + base.mark_point(filled=True, size=70, opacity=1).encode(
            x="estimate:Q",
            tooltip=[
                alt.Tooltip("outcome:N", title=" "),
                alt.Tooltip("design:N", title=" "),
                alt.Tooltip("estimate:Q", format="+.1%", title=_("change with one more")),
            ],
        )
        + base.mark_tick(thickness=2, size=14).encode(x="alike:Q", color=alt.value(charts.QUIET))
    )
    return Figure(
        "length-estimates",
        _("What goes with one more stage"),
        pa.Table.from_pylist(rows),
        headings,
        chart=charts.themed(chart.properties(height=alt.Step(20))),
        formats=formats,
        hint=_(
            "Point and 95% interval (robust, clustered by industry within). Grey tick: what arithmetic alone "
            "would give. Right of the line: more with length. These are associations, not effects; a chain "
            "kept longer at home leaves more value added at home by definition."
        ),
    )
