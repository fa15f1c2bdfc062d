"""The clusters that a cluster is related to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import pyarrow as pa

from almaz.language import text as _
from almaz.report.charts import HOLLOW, STRONG, themed
from almaz.report.section import Figure, Section, later
from almaz.web.observatory.reading import Reading

DRAWN = 20


def related_sections(reading: Reading, cluster: str) -> list[Section]:
    """The other clusters by their relatedness with this one; which the published rule calls related."""
    names = reading.names("clusters")
    rows = [
        {**row, "name": names.get(row["cluster_2"], row["cluster_2"])}
        for row in reading.part(cluster=cluster).table("cluster_relatedness").to_pylist()
        if row["cluster_2"] != cluster and row["relatedness"] is not None
    ]
    if not rows:
        return []
    rows.sort(key=lambda row: -row["relatedness"])
    table = pa.table(
        {
            "cluster": [row["name"] for row in rows],
            **{name: pa.array([row[name] for row in rows], pa.float64()) for name in ("relatedness", "percentile")},
            "related": [_("yes") if row["related"] else _("no") for row in rows],
        }
    )
    figure = Figure(
        "related",
        _("The clusters that go with it"),
        table,
        {"cluster": _("cluster"), "relatedness": _("relatedness"), "percentile": _("share of pairs below"), "related": _("related by the published rule")},
        _lollipops(rows[:DRAWN]),
        {"percentile": "percent"},
        _("Related clusters share regions, trade or occupations. Full: related by the published rule."),
        wide=True,
    )  # fmt: skip
    return [Section("related", _("Related clusters"), "", (figure,))]


@later
def _lollipops(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    held = [
        {name: row[name] for name in ("name", "relatedness", "percentile", "related")} | {"zero": 0} for row in rows
    ]
    base = alt.Chart(alt.InlineData(values=held)).encode(
        y=alt.Y("name:N", sort=None, title=None, axis=alt.Axis(labelLimit=260)),
        x=alt.X("relatedness:Q", title=_("relatedness"), axis=alt.Axis(orient="top")),
        tooltip=[
            alt.Tooltip("name:N", title=_("cluster")),
            alt.Tooltip("relatedness:Q", format=".2f", title=_("relatedness")),
            alt.Tooltip("percentile:Q", format=".0%", title=_("share of pairs below")),
        ],
    )
    points = base.mark_point(size=75, strokeWidth=1.8, filled=True, opacity=1, stroke=STRONG).encode(
        fill=alt.condition("datum.related", alt.value(STRONG), alt.value(HOLLOW))
    )
    return themed((base.mark_rule(color="#c9d4d3").encode(x2="zero:Q") + points).properties(height=alt.Step(22)))
