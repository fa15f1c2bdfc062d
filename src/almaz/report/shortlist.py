"""The shortlist: which candidates first, the ranks they could take, and both sides of each."""

from __future__ import annotations

from typing import Any

import altair as alt
import pyarrow as pa

from almaz.language import text as _
from almaz.programme.explained import gap_words
from almaz.report.charts import QUIET, STRONG, themed
from almaz.report.section import Figure, later
from almaz.study.edition import Edition

CRITERIA = ("specialisation", "size", "growth", "productivity", "potential")


def shortlist_figure(edition: Edition, regions: dict[str, str], clusters: dict[str, str]) -> Figure:
    """Ranks with intervals, filled where the candidate is on the front. regions, clusters: their names."""
    rows, words = edition.table("shortlist").to_pylist(), gap_words()
    shown = [
        {
            "region": regions[row["region"]], "cluster": clusters[row["cluster"]], "rank": row["rank"], "low": row["rank_low"],
            "high": row["rank_high"], "front": row["front"], "score": round(row["score"], 3),
            "on_front": _("yes") if row["front"] else _("possibly") if row["front_possible"] else _("no"),
            **{name: None if row[name] is None else round(row[name], 3) for name in CRITERIA},
            "advantages": ", ".join(words[code] for code in row["advantages"]) or "—",
            "drawbacks": ", ".join(words[code] for code in row["drawbacks"]) or "—",
        }
        for row in rows
    ]  # fmt: skip
    headings = {
        "region": _("region"), "cluster": _("cluster"), "rank": _("rank"), "low": _("best rank"), "high": _("worst rank"),
        "score": _("score"), "on_front": _("on the front"), "specialisation": _("specialisation"), "size": _("size"),
        "growth": _("growth"), "productivity": _("wage per employee"), "potential": _("potential"),
        "advantages": _("advantages"), "drawbacks": _("drawbacks"),
    }  # fmt: skip
    table = pa.table({name: [row[name] for row in shown] for name in headings})
    return Figure(
        "potential-shortlist", _("Shortlist of candidates"), table, headings, _chart(shown), wide=True,
        formats=dict.fromkeys((*CRITERIA, "score"), "percent"),
        hint=_(
            "Filled: no other candidate of the region beats it on every criterion. Bar: the ranks it takes in nine of ten "
            "draws of weights and of values inside their intervals. Point at it to see its advantages and its drawbacks. "
            "Criteria are places among the regions that have the cluster."
        ),
    )  # fmt: skip


@later
def _chart(shown: list[dict[str, Any]]) -> dict[str, Any]:
    options = sorted({row["region"] for row in shown})
    choice = alt.param(
        name="shortlist_region", value=options[0], bind=alt.binding_select(options=options, name=_("region") + " ")
    )
    names = ("region", "cluster", "rank", "low", "high", "front", "score", "advantages", "drawbacks")
    base = (
        alt.Chart(alt.InlineData(values=[{name: row[name] for name in names} for row in shown]))
        .transform_filter("datum.region == shortlist_region")
        .encode(y=alt.Y("cluster:N", sort=alt.EncodingSortField("rank"), title=None, axis=alt.Axis(labelLimit=260)))
    )
    axis = alt.X(
        "low:Q", title=_("rank"), axis=alt.Axis(orient="top", tickMinStep=1, format="d"),
        scale=alt.Scale(zero=False, nice=False, padding=12),
    )  # fmt: skip
    spans = base.mark_bar(height=6, color="#b7d7cf").encode(x=axis, x2="high:Q")
    points = base.mark_point(filled=True, size=90, strokeWidth=1.8, opacity=1).encode(
        x="rank:Q",
        fill=alt.condition("datum.front", alt.value(STRONG), alt.value("white")),
        stroke=alt.condition("datum.front", alt.value(STRONG), alt.value(QUIET)),
        tooltip=[
            alt.Tooltip("cluster:N", title=" "), alt.Tooltip("score:Q", title=_("score"), format=".2f"),
            alt.Tooltip("advantages:N", title=_("advantages")), alt.Tooltip("drawbacks:N", title=_("drawbacks")),
        ],
    )  # fmt: skip
    return themed((spans + points).add_params(choice).properties(height=alt.Step(24)))
