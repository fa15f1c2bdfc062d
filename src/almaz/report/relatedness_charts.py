"""The pictures of relatedness: industry space, heat map, tree, white space, calibration, complexity.

The page sets every parameter whose name ends in `_region` to the region chosen on it; the overlay of the industry space starts
with none and is the reader's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import numpy as np

from almaz.language import text as _
from almaz.report.charts import HOLLOW, INK, QUIET, SCALE, STRONG, UNKNOWN, UNSURE, themed
from almaz.report.section import later

Rows = Sequence[Mapping[str, Any]]
MOST_NAMED = 100
"""Regions up to which dots are large."""
FAMILY = ["#0b6e6e", "#b5651d", "#5b5ea6", "#8a8d2b", "#9b2335", "#2f6db5", "#6b8e23", "#7d4e8c", "#c2571a", "#3f7f5f",
"#a0783a", "#4f6d7a"]  # fmt: skip


def shades(values: Sequence[float | None]) -> list[str]:
    """A colour of the scale for each value, by fifths of the known ones; grey for the unknown."""
    known = np.array([value for value in values if value is not None])
    edges = np.quantile(known, [0.2, 0.4, 0.6, 0.8]) if known.size else np.zeros(4)
    return [UNKNOWN if value is None else SCALE[int(np.searchsorted(edges, value))] for value in values]


def _select(name: str, label: str, options: Sequence[Any], labels: Sequence[str], value: Any) -> alt.Parameter:
    bound = alt.binding_select(options=list(options), labels=list(labels), name=f"{label}: ")
    return alt.param(name=name, bind=bound, value=value)


@later
def industry_space(rows: Rows, ties: Rows, regions: Mapping[int, str], clusters: Mapping[str, str]) -> dict[str, Any]:
    """Industries and their strongest ties; a region laid over, a cluster picked out.

    rows: x, y, size, name, cluster, shade, r and o (the regions that have it, and that may soon); ties: x, y, x2, y2, tree.
    """
    axis = {"axis": None, "scale": alt.Scale(domain=[-0.01, 1.01], nice=False)}
    cluster = _select("space_cluster", _("cluster"), ["", *clusters], [_("all"), *clusters.values()], "")
    region = _select("space_overlay", _("region"), [-1, *regions], [_("none"), *regions.values()], -1)
    lines = (
        alt.Chart(alt.InlineData(values=list(ties)))
        .mark_rule(color="#9fb0b8")
        .encode(
            x=alt.X("x:Q", **axis),
            y=alt.Y("y:Q", **axis),
            x2="x2:Q",
            y2="y2:Q",
            opacity=alt.condition("datum.tree", alt.value(0.75), alt.value(0.3)),
            strokeWidth=alt.condition("datum.tree", alt.value(1.1), alt.value(0.6)),
        )
    )
    has, near = "indexof(datum.r, space_overlay) >= 0", "indexof(datum.o, space_overlay) >= 0"
    dots = (
        alt.Chart(alt.InlineData(values=list(rows)))
        .transform_calculate(fill=f"space_overlay < 0 ? datum.shade : {has} ? '{STRONG}' : '{HOLLOW}'")
        .mark_circle(strokeWidth=1)
        .encode(
            x=alt.X("x:Q", **axis),
            y=alt.Y("y:Q", **axis),
            size=alt.Size("size:Q", scale=alt.Scale(range=[22, 620]), legend=None),
            fill=alt.Fill("fill:N", scale=None, legend=None),
            stroke=alt.when(f"space_overlay >= 0 && {near}").then(alt.value(UNSURE)).otherwise(alt.value("#4b6470")),
            strokeWidth=alt.when(f"space_overlay >= 0 && {near}").then(alt.value(3)).otherwise(alt.value(0.7)),
            opacity=alt.when("space_cluster == '' || datum.cluster == space_cluster")
            .then(alt.value(1))
            .otherwise(alt.value(0.13)),
            tooltip=[
                alt.Tooltip("name:N", title=_("industry")),
                alt.Tooltip("code:N", title=_("code")),
                alt.Tooltip("cluster_name:N", title=_("cluster")),
                alt.Tooltip("size:Q", format=",.0f", title=_("employment")),
                alt.Tooltip("pci:Q", format=".2f", title=_("complexity")),
            ],
        )
    )
    params = [cluster, region] if regions else [cluster, alt.param(name="space_overlay", value=-1)]
    return themed(alt.layer(lines, dots).add_params(*params).properties(height=640))


@later
def heat_map(rows: Rows, names: Sequence[str]) -> dict[str, Any]:
    """Every pair of clusters by percentile of relatedness, in the order of the tree; a dot where the rule says related."""
    thinned = f"width < 420 && datum.value % 3 ? '' : {_quoted(names)}[datum.value]"
    axis = {
        "ticks": False, "domain": False, "labelFontSize": 9.5, "values": list(range(len(names))), "labelExpr": thinned,
        "title": None, "grid": False, "labelOverlap": False,
    }  # fmt: skip
    whole = {**axis, "labelExpr": f"{_quoted(names)}[datum.value]"}
    edge = alt.Scale(domain=[-0.5, len(names) - 0.5], nice=False)
    turned = alt.Scale(domain=[len(names) - 0.5, -0.5], nice=False)
    base = alt.Chart(alt.InlineData(values=list(rows))).transform_calculate(
        a0="datum.a - 0.5", a1="datum.a + 0.5", b0="datum.b - 0.5", b1="datum.b + 0.5"
    )
    cells = base.mark_rect(strokeWidth=0).encode(
        x=alt.X("a0:Q", scale=edge, axis=alt.Axis(**axis, labelAngle=-90, orient="top")),
        x2="a1:Q",
        y=alt.Y("b0:Q", scale=turned, axis=alt.Axis(**whole)),
        y2="b1:Q",
        fill=alt.condition(
            "isValid(datum.percentile)",
            alt.Fill("percentile:Q", scale=alt.Scale(range=SCALE, type="quantize", domain=[0, 1]),
                     title=_("share of pairs below"),
                     legend=alt.Legend(format=".0%")),
            alt.value("#ffffff"),
        ),
        tooltip=[
            alt.Tooltip("name:N", title=_("cluster")),
            alt.Tooltip("other:N", title=_("related cluster")),
            alt.Tooltip("value:Q", format=".2f", title=_("relatedness")),
            alt.Tooltip("percentile:Q", format=".0%", title=_("share of pairs below")),
        ],
    )  # fmt: skip
    dots = (
        base.transform_filter("datum.related")
        .mark_circle(color="#ffd37a", size=16, opacity=1)
        .encode(
            x=alt.X("a:Q", scale=edge, axis=alt.Axis(**axis, labelAngle=-90, orient="top")),
            y=alt.Y("b:Q", scale=turned, axis=alt.Axis(**whole)),
        )
    )
    return themed(alt.layer(cells, dots).properties(height=13 * len(names)))


def _quoted(names: Sequence[str]) -> str:
    return "[" + ",".join("'" + name.replace("\\", "").replace("'", "’") + "'" for name in names) + "]"


@later
def tree(leaves: Rows, lines: Rows, cut: float) -> dict[str, Any]:
    """How clusters join; families beyond the cut in colours."""
    names = _quoted([row["name"] for row in leaves])
    axis = alt.Axis(values=list(range(len(leaves))), labelExpr=f"{names}[datum.value]", ticks=False,
                    domain=False, grid=False, title=None, labelFontSize=10.5, labelPadding=8, labelOverlap=False)  # fmt: skip
    scale = alt.Scale(domain=[len(leaves) - 0.5, -0.5], nice=False)
    branches = (
        alt.Chart(alt.InlineData(values=list(lines)))
        .mark_line(color="#4b6470", strokeWidth=1.2, interpolate="linear")
        .encode(
            x=alt.X("height:Q", title=_("distance at which they join"), axis=alt.Axis(grid=False, format=".0%")),
            y=alt.Y("place:Q", scale=scale, axis=axis),
            detail="merge:N",
            order="corner:Q",
        )
    )
    families = list(dict.fromkeys(row["family"] for row in leaves))
    ends = (
        alt.Chart(alt.InlineData(values=[{**row, "zero": 0} for row in leaves]))
        .mark_square(size=55, opacity=1)
        .encode(
            x="zero:Q",
            y=alt.Y("place:Q", scale=scale, axis=axis),
            color=alt.Color(
                "family:N",
                scale=alt.Scale(
                    domain=families, range=[FAMILY[number % len(FAMILY)] for number in range(len(families))]
                ),
                legend=None,
            ),
            tooltip=[alt.Tooltip("name:N", title=_("cluster"))],
        )
    )
    rule = alt.Chart(alt.InlineData(values=[{"cut": cut}])).mark_rule(color=UNSURE, strokeDash=[5, 4]).encode(x="cut:Q")
    return themed(alt.layer(branches, ends, rule).properties(height=15 * len(leaves)))


@later
def scores(rows: Rows, parts: Sequence[str]) -> dict[str, Any]:
    """Shares that pass each test, by matrix of relatedness."""
    chart = (
        alt.Chart(alt.InlineData(values=list(rows)))
        .mark_point(filled=True, size=85, opacity=1)
        .encode(
            x=alt.X(
                "value:Q", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format=".0%"), title=_("share that passes")
            ),
            y=alt.Y("name:N", title=None, sort=None),
            color=alt.Color(
                "part:N",
                sort=list(parts),
                scale=alt.Scale(domain=list(parts), range=["#0a4f63", "#b5651d", "#7fbfae", "#e0b070"]),
                legend=alt.Legend(title=None, columns=1, labelLimit=300),
            ),
            shape=alt.Shape("part:N", sort=list(parts), scale=alt.Scale(domain=list(parts)), legend=None),
            tooltip=[
                alt.Tooltip("part:N", title=" "),
                alt.Tooltip("value:Q", format=".0%", title=_("share that passes")),
            ],
        )
    )
    return themed(chart.properties(height=alt.Step(36)))


@later
def opportunities(rows: Rows, regions: Sequence[str]) -> dict[str, Any]:
    """A region's clusters by closeness, complexity and size; white space in orange."""
    region = _select("white_region", _("region"), regions, regions, regions[0])
    base = alt.Chart(alt.InlineData(values=list(rows))).transform_filter("datum.region == white_region")
    x = alt.X(
        "near:Q",
        axis=alt.Axis(format=".0%"),
        scale=alt.Scale(domain=[-0.02, 1.02]),
        title=_("regions that are less close"),
    )
    y = alt.Y("pci:Q", title=_("complexity"), scale=alt.Scale(zero=False, nice=True))
    colour = alt.when("datum.open").then(alt.value(UNSURE)).otherwise(alt.value(STRONG))
    dots = base.mark_circle(opacity=0.82, strokeWidth=1.5).encode(
        x=x,
        y=y,
        size=alt.Size("size:Q", scale=alt.Scale(range=[25, 1500]), legend=None),
        fill=alt.when("datum.open")
        .then(alt.value(UNSURE))
        .when("datum.lq >= 1")
        .then(alt.value(STRONG))
        .otherwise(alt.value(HOLLOW)),
        stroke=colour,
        tooltip=[
            alt.Tooltip("name:N", title=_("cluster")),
            alt.Tooltip("near:Q", format=".0%", title=_("regions that are less close")),
            alt.Tooltip("lq:Q", format=".2f", title=_("location quotient")),
            alt.Tooltip("present:Q", format=".0%", title=_("industries that it has")),
            alt.Tooltip("expected:Q", format=".2f", title=_("expected entries in a period")),
            alt.Tooltip("missing:N", title=_("likeliest missing industries")),
        ],
    )
    at_right, at_left = "datum.named && datum.near < 0.5", "datum.named && datum.near >= 0.5"
    label = {"fontSize": 11, "color": INK, "limit": 380}
    height = alt.Y("label:Q", scale=alt.Scale(zero=False, nice=True))
    leaders = base.transform_filter("datum.named").mark_rule(color=UNSURE, opacity=0.5).encode(x=x, y=y, y2="label:Q")
    right = base.transform_filter(at_right).mark_text(align="left", dx=12, **label).encode(x=x, y=height, text="name:N")
    left = base.transform_filter(at_left).mark_text(align="right", dx=-12, **label).encode(x=x, y=height, text="name:N")
    return themed(alt.layer(dots, leaders, right, left).add_params(region).properties(height=460))


@later
def missing(rows: Rows, regions: Sequence[str], chances: bool) -> dict[str, Any]:
    """A region's missing industries by their chance of entry, or by density where no chance could be estimated."""
    field, title = ("probability", _("chance of entry")) if chances else ("density", _("density"))
    region = _select("missing_region", _("region"), regions, regions, regions[0])
    chart = (
        alt.Chart(alt.InlineData(values=list(rows)))
        .transform_filter("datum.region == missing_region")
        .mark_bar(color=UNSURE, height=12)
        .encode(
            x=alt.X(f"{field}:Q", axis=alt.Axis(format=".1%"), title=title),
            y=alt.Y("name:N", sort=alt.EncodingSortField("rank"), title=None),
            tooltip=[
                alt.Tooltip("name:N", title=_("industry")),
                alt.Tooltip("cluster:N", title=_("cluster")),
                alt.Tooltip("probability:Q", format=".1%", title=_("chance of entry")),
                alt.Tooltip("density:Q", format=".0%", title=_("density")),
            ],
        )
        .add_params(region)
    )
    spec = themed(chart.properties(height=alt.Step(22)))
    spec["config"]["axis"]["labelLimit"] = 420
    return spec


@later
def calibration(rows: Rows) -> dict[str, Any]:
    """Chance given against share that entered, by tenths, with intervals; on the dashed line they are equal."""
    top = max(max(row["predicted"], row["high"]) for row in rows)
    base = alt.Chart(alt.InlineData(values=list(rows)))
    x = alt.X("predicted:Q", axis=alt.Axis(format=".1%"), title=_("chance given"))
    line = (
        alt.Chart(alt.InlineData(values=[{"p": 0, "q": 0}, {"p": top, "q": top}]))
        .mark_line(color=QUIET, strokeDash=[5, 4])
        .encode(x="p:Q", y="q:Q")
    )
    bars = base.mark_rule(color=STRONG, strokeWidth=2, opacity=0.6).encode(
        x=x, y=alt.Y("low:Q", axis=alt.Axis(format=".1%"), title=_("share that entered")), y2="high:Q"
    )
    dots = base.mark_circle(size=70, color=STRONG, opacity=1).encode(
        x=x,
        y="observed:Q",
        tooltip=[
            alt.Tooltip("predicted:Q", format=".2%", title=_("chance given")),
            alt.Tooltip("observed:Q", format=".2%", title=_("share that entered")),
            alt.Tooltip("cases:Q", format=",.0f", title=_("cases")),
        ],
    )
    return themed(alt.layer(line, bars, dots).properties(height=360))


@later
def complexity(rows: Rows) -> dict[str, Any]:
    """Regions by complexity and wage, or by complexity and diversity where there is no wage."""
    wage = any(row["wage"] is not None for row in rows)
    field, title = ("wage", _("wage per employee")) if wage else ("diversity", _("industries it is specialised in"))
    few = len(rows) <= MOST_NAMED
    base = alt.Chart(alt.InlineData(values=list(rows)))
    x = alt.X("eci:Q", title=_("complexity index"))
    y = alt.Y(f"{field}:Q", title=title, scale=alt.Scale(zero=False), axis=alt.Axis(format=",.0f"))
    dots = base.mark_circle(color=STRONG, opacity=0.85, size=60 if few else 22).encode(
        x=x,
        y=y,
        tooltip=[
            alt.Tooltip("name:N", title=_("region")),
            alt.Tooltip("eci:Q", format=".2f", title=_("complexity index")),
            alt.Tooltip("fitness:Q", format=".2f", title=_("fitness")),
            alt.Tooltip("diversity:Q", title=_("industries it is specialised in")),
            alt.Tooltip("wage:Q", format=",.0f", title=_("wage per employee")),
        ],
    )
    return themed(dots.properties(height=360))
