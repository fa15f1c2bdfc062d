"""A region's clusters over the years."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import pyarrow as pa
import pyarrow.compute as pc

from almaz.language import text as _
from almaz.report.charts import HOLLOW, QUIET, STRONG, themed
from almaz.report.section import Figure, later

MOST = 12
"""Clusters in the picture: the most specialised of the last year that have a figure in every year."""


def trend_figure(table: pa.Table, names: Mapping[str, str], measure: str) -> Figure:
    """Location quotients over the years. table: the portfolio of one region, without subclusters."""
    rows = [
        {**row, "name": names.get(row["cluster"], row["cluster"])}
        for row in table.select(
            ["cluster", "kind", "year", measure, "lq", "lq_low", "lq_high", "hidden_share"]
        ).to_pylist()
        if row["lq"] is not None
    ]
    last = pc.max(table["year"]).as_py()
    years = set(pc.unique(table["year"]).to_pylist())
    found: dict[str, set[int]] = {}
    for row in rows:
        found.setdefault(row["name"], set()).add(row["year"])
    newest = sorted(
        (row for row in rows if row["year"] == last and row["kind"] == "traded"), key=lambda row: -row["lq"]
    )
    chosen = [row["name"] for row in newest if found[row["name"]] == years][:MOST]
    drawn = [row for row in rows if row["name"] in chosen]
    listed = sorted(rows, key=lambda row: (row["name"], row["year"]))
    columns = {
        "cluster": [row["name"] for row in listed],
        "year": [str(row["year"]) for row in listed],
        **{name: pa.array([row[name] for row in listed], pa.float64()) for name in (measure, "lq", "hidden_share")},
        **{f"lq_{end}": pa.array([row[f"lq_{end}"] for row in listed], pa.float64()) for end in ("low", "high")},
    }
    return Figure(
        "trend",
        _("The years: is the specialisation growing?"),
        pa.table(columns),
        {
            "cluster": _("cluster"), "year": _("year"), measure: _("size"), "lq": _("location quotient"), "hidden_share": _("hidden share"),
        },
        _lines(drawn, chosen),
        {measure: "count", "hidden_share": "percent"},
        _("The most specialised traded clusters, those with a figure in every year. Teal: the last year; pale: before. Hollow: more than a tenth is estimated."),
        wide=True,
    )  # fmt: skip


@later
def _lines(rows: Sequence[Mapping[str, Any]], order: Sequence[str]) -> dict[str, Any]:
    """A small panel for each cluster, one scale for all: a change is seen, an unsure one is hollow."""
    held = [
        {"name": row["name"], "year": str(row["year"]), "lq": row["lq"], "hidden": (row["hidden_share"] or 0) > 0.1}
        for row in rows
    ]
    base = alt.Chart(alt.InlineData(values=held)).encode(
        y=alt.Y("name:N", sort=list(order), title=None, axis=alt.Axis(labelLimit=260)),
        x=alt.X("lq:Q", title=_("location quotient"), scale=alt.Scale(zero=False), axis=alt.Axis(orient="top")),
        tooltip=[
            alt.Tooltip("name:N", title=_("cluster")),
            alt.Tooltip("year:N", title=_("year")),
            alt.Tooltip("lq:Q", format=".2f", title=_("location quotient")),
        ],
    )
    years = sorted({row["year"] for row in held})
    line = base.mark_line(color=QUIET, strokeWidth=1.5).encode(detail="name:N", order="year:O")
    colour = alt.Scale(domain=years, range=[*(["#b7c6cc"] * (len(years) - 1)), STRONG])
    points = base.mark_point(size=60, strokeWidth=1.7, opacity=1, filled=True).encode(
        stroke=alt.Color("year:N", scale=colour, legend=None),
        fill=alt.condition("datum.hidden", alt.value(HOLLOW), alt.Color("year:N", scale=colour, legend=None)),
    )
    return themed((line + points).properties(height=alt.Step(22)))
