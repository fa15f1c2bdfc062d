"""What the office hides, region by region: bounds, estimate and draws of the largest hidden cells."""

from __future__ import annotations

from typing import Any

import altair as alt
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from almaz.language import count, language, percent
from almaz.language import text as _
from almaz.report.charts import HOLLOW, INK, QUIET, STRONG, themed
from almaz.report.section import Figure, Section, later
from almaz.study.edition import Edition

ROWS = 3000
"""Rows on the page at most; the edition's table has all."""
CELLS = 15
"""Cells of a region at most."""


def sections(edition: Edition) -> list[Section]:
    """The section on hidden cells, where there are any."""
    if "hidden_cells" not in edition.tables:
        return []
    cells = edition.table("hidden_cells")
    known = int(pc.sum(cells["known"]).as_py())
    return [
        Section(
            name="hidden",
            title=_("What the office hides"),
            lead=_(
                "{number} figures of the finest industries are hidden to protect single firms. None is taken for zero: published "
                "totals of the industry, the region and the region above say how small and how large each can be. {known} "
                "of them ({share}) follow exactly; the others are estimated.",
                number=count(cells.num_rows),
                known=count(known),
                share=percent(known / cells.num_rows),
            ),
            figures=(_of_regions(edition, _largest(cells)),),
        )
    ]


def _largest(cells: pa.Table) -> pa.Table:
    """The largest hidden cells of every region, as many regions as the page holds, those that hide most first."""
    region = np.array(cells["region"].to_pylist())
    value = cells["value"].to_numpy()
    _codes, place = np.unique(region, return_inverse=True)
    hidden = np.bincount(place, value)
    kept = set(np.argsort(-hidden, kind="stable")[: max(1, ROWS // CELLS)].tolist())
    order = np.lexsort((np.arange(value.size), -value, place))
    ordered = place[order]
    rank = np.arange(order.size) - np.searchsorted(ordered, ordered)
    chosen = order[(rank < CELLS) & np.isin(ordered, list(kept))]
    return cells.take(pa.array(chosen))


def _of_regions(edition: Edition, cells: pa.Table) -> Figure:
    spoken = f"name_{language()}"
    regions, industries = (
        {row[key]: row[spoken] or row["name_en"] or row[key] for row in edition.table(table).to_pylist()}
        for table, key in (("regions", "region"), ("industries", "industry"))
    )
    rows = [
        {
            **{
                key: round(row[key], 1)
                for key in ("value", "low", "high", "draw_low", "draw_high")
                if row[key] is not None
            },
            "region": regions[row["region"]],
            "industry": f"{row['industry']} {industries[row['industry']]}",
            "units": row.get("establishments"),
            "known": row["known"],
        }
        for row in cells.to_pylist()
    ]
    rows.sort(key=lambda row: (row["region"], -row["value"]))
    names = ("region", "industry", "units", "low", "value", "high", "draw_low", "draw_high")
    table = pa.table({name: [row.get(name) for row in rows] for name in names})
    headings = {
        "region": _("region"), "industry": _("industry"), "units": _("establishments"), "low": _("at least"),
        "value": _("estimate"), "high": _("at most"), "draw_low": _("nine fillings in ten: from"), "draw_high": _("to"),
    }  # fmt: skip
    return Figure(
        "hidden-cells", _("The largest hidden figures of a region"), table, headings, _chart(rows),
        formats=dict.fromkeys(("units", "low", "value", "high", "draw_low", "draw_high"), "count"), wide=True,
        hint=_(
            "Thin line: what published totals leave possible. Band: where nine in ten fillings that satisfy every total put it. "
            "Hollow: estimate. Filled: hidden, yet known exactly. The scale is stretched near zero."
        ),
    )  # fmt: skip


@later
def _chart(rows: list[dict[str, Any]]) -> dict[str, Any]:
    options = sorted({row["region"] for row in rows})
    # What nothing limits is drawn to the edge of the picture, and said in the table.
    edge = max((row["high"] for row in rows if np.isfinite(row["high"])), default=1.0)
    drawn = [{**row, "high": min(row["high"], edge)} for row in rows]
    chosen = alt.param(
        name="hidden_region", value=options[0], bind=alt.binding_select(options=options, name=_("region") + " ")
    )
    scale = alt.Scale(type="symlog", constant=10, nice=False)
    axis = alt.Axis(
        values=[0, 10, 100, 1000, 10_000, 100_000], format=",d", orient="top", domain=False, ticks=False, offset=6
    )
    base = (
        alt.Chart(alt.InlineData(values=drawn))
        .transform_filter("datum.region === hidden_region")
        .encode(
            y=alt.Y("industry:N", sort=alt.EncodingSortField("value", order="descending"), axis=None),
            tooltip=[
                alt.Tooltip("industry:N", title=_("industry")), alt.Tooltip("units:Q", title=_("establishments")),
                alt.Tooltip("low:Q", title=_("at least"), format=",.0f"),
                alt.Tooltip("value:Q", title=_("estimate"), format=",.0f"),
                alt.Tooltip("high:Q", title=_("at most"), format=",.0f"),
            ],
        )
    )  # fmt: skip
    possible = base.mark_rule(color=QUIET, strokeWidth=1.2).encode(
        x=alt.X("low:Q", scale=scale, axis=axis, title=_("size")), x2="high:Q"
    )
    likely = base.mark_bar(height=7, color="#b7d7cf").encode(x="draw_low:Q", x2="draw_high:Q")
    point = base.mark_point(filled=True, size=75, strokeWidth=1.7, opacity=1, stroke=STRONG).encode(
        x="value:Q", fill=alt.condition("datum.known", alt.value(STRONG), alt.value(HOLLOW))
    )
    # The names stand above their lines: beside them a narrow screen would leave no room for the figures.
    name = base.mark_text(align="left", dy=-12, fontSize=11, color=INK, limit=330).encode(
        x=alt.value(0), text="industry:N"
    )
    return themed((possible + likely + point + name).add_params(chosen).properties(height=alt.Step(32)))
