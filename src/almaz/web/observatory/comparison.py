"""Up to ten regions side by side: how strong, in which clusters, and what their diamonds lack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import pyarrow as pa

from almaz.errors import AlmazError
from almaz.language import count
from almaz.language import text as _
from almaz.report.charts import LQ_BREAKS, LQ_SCALE, UNKNOWN, UNSURE, themed
from almaz.report.diamond_charts import corner_names, short_names
from almaz.report.section import Figure, Section, later
from almaz.web.observatory.neighbours import strengths
from almaz.web.observatory.portfolio import Row, per_head, portfolio_rows
from almaz.web.observatory.reading import Reading

MOST = 10
DRAWN = 24
"""Clusters in the picture: those in which one of the regions is most specialised."""


def chosen(reading: Reading, asked: Sequence[str]) -> list[str]:
    """The regions to compare, each once. Raises AlmazError for more than ten, or a code that the edition does not have."""
    codes = list(dict.fromkeys(code for code in asked if code))
    there = reading.names("regions")
    strange = [code for code in codes if code not in there]
    if strange:
        raise AlmazError(
            _("this edition has no region with the code «{code}»", code=strange[0]),
            advice=_("find it by its name in the search"),
        )
    if len(codes) > MOST:
        raise AlmazError(
            _("{asked} regions were chosen", asked=count(len(codes))),
            expected=_("{most} at most: more cannot be told apart on a picture", most=count(MOST)),
            advice=_("take some away"),
        )
    return codes


def comparison(reading: Reading, codes: Sequence[str]) -> list[Section]:
    """The regions side by side; nothing to see of fewer than one."""
    if not codes:
        return []
    names = reading.names("regions")
    rows = {code: portfolio_rows(reading.part(region=code), ("us_cluster_mapping",)) for code in codes}
    figures = [] if per_head(reading) else [_headline(reading, codes, names)]
    figures.append(_quotients(reading, rows, names))
    if "diamond_corners" in reading.manifest["tables"]:
        figures.append(_corners(reading, codes, names))
    return [Section("comparison", _("Side by side"), "", tuple(figures))]


def _headline(reading: Reading, codes: Sequence[str], names: Mapping[str, str]) -> Figure:
    strong = strengths(reading, list(codes))
    rows = [strong.get(code, {}) for code in codes]
    columns: dict[str, Any] = {"region": [names[code] for code in codes]}
    keys = (
        "cluster_strength",
        "cluster_strength_low",
        "cluster_strength_high",
        "strong_clusters",
        "hidden_share",
        "traded",
    )
    columns |= {name: pa.array([row.get(name) for row in rows], pa.float64()) for name in keys}
    return Figure(
        "headline", _("In short"), pa.table(columns),
        {
            "region": _("region"), "cluster_strength": _("cluster strength"), "strong_clusters": _("strong clusters"),
            "traded": _("size of its traded clusters"), "hidden_share": _("hidden share"),
        },
        None, {"cluster_strength": "percent", "hidden_share": "percent", "strong_clusters": "count", "traded": "count"}, wide=True,
    )  # fmt: skip


def _quotients(reading: Reading, rows: Mapping[str, list[Row]], names: Mapping[str, str]) -> Figure:
    clusters = reading.names("clusters")
    held = {code: {row["cluster"]: row for row in found} for code, found in rows.items()}
    best: dict[str, float] = {}
    for found in rows.values():
        for row in found:
            if row["kind"] == "traded" or per_head(reading):
                best[row["cluster"]] = max(best.get(row["cluster"], 0.0), row["lq"] or 0.0)
    order = sorted(best, key=lambda cluster: -best[cluster])
    columns: dict[str, Any] = {"cluster": [clusters.get(cluster, cluster) for cluster in order]}
    for place, code in enumerate(rows):
        found = [held[code].get(cluster, {}) for cluster in order]
        columns |= {f"r{place}": pa.array([row.get("lq") for row in found], pa.float64())}
        columns |= {f"r{place}_{end}": pa.array([row.get(f"lq_{end}") if row.get("hidden_share") else row.get("lq") for row in found], pa.float64()) for end in ("low", "high")}  # fmt: skip
    drawn = [
        {
            "cluster": clusters.get(cluster, cluster), "region": names[code], "place": place, "lq": row.get("lq"),
            "shade": _shade(row.get("lq")), "hidden": (row.get("hidden_share") or 0.0) > 0.1,
        }
        for place, code in enumerate(rows)
        for cluster in order[:DRAWN]
        for row in (held[code].get(cluster, {}),)
    ]  # fmt: skip
    return Figure(
        "quotients", _("What each is specialised in"), pa.table(columns),
        {"cluster": _("cluster")} | {f"r{place}": names[code] for place, code in enumerate(rows)},
        _grid(drawn, [names[code] for code in rows]),
        hint=_("Location quotients. The darker, the more specialised; sand: less than the country; orange border: more than a tenth is estimated; grey: no figure. In brackets: what hidden cells allow."),
        wide=True,
    )  # fmt: skip


def _shade(quotient: float | None) -> str:
    return UNKNOWN if quotient is None else LQ_SCALE[sum(quotient >= edge for edge in LQ_BREAKS)]


@later
def _grid(rows: Sequence[Row], order: Sequence[str]) -> dict[str, Any]:
    base = alt.Chart(alt.InlineData(values=list(rows))).encode(
        x=alt.X("region:N", sort=list(order), title=None, axis=alt.Axis(orient="top", labelAngle=-35, labelLimit=170)),
        y=alt.Y("cluster:N", sort=None, title=None, axis=alt.Axis(labelLimit=260)),
        tooltip=[
            alt.Tooltip("region:N", title=_("region")), alt.Tooltip("cluster:N", title=_("cluster")),
            alt.Tooltip("lq:Q", format=".2f", title=_("location quotient")),
        ],
    )  # fmt: skip
    cells = base.mark_rect(cornerRadius=3, strokeWidth=1.6).encode(
        fill=alt.Fill("shade:N", scale=None),
        stroke=alt.condition("datum.hidden", alt.value(UNSURE), alt.value("white")),
    )
    words = base.transform_filter("isValid(datum.lq)").mark_text(fontSize=11).encode(
        text=alt.Text("lq:Q", format=".1f"), color=alt.condition("datum.lq >= 2", alt.value("white"), alt.value("#1f2933"))
    )  # fmt: skip
    return themed((cells + words).properties(height=alt.Step(24)))


def _corners(reading: Reading, codes: Sequence[str], names: Mapping[str, str]) -> Figure:
    long, short = corner_names(), short_names()
    rows = [
        {**row, "name": names[code], "said": long[row["corner"]], "short": short[row["corner"]]}
        for code in codes
        for row in reading.part(region=code).table("diamond_corners").to_pylist()
    ]
    table = pa.table(
        {
            "region": [row["name"] for row in rows],
            "corner": [row["said"] for row in rows],
            "score": pa.array([row["score"] if row["known_share"] > 0 else None for row in rows], pa.float64()),
            **{f"score_{end}": pa.array([row[end] for row in rows], pa.float64()) for end in ("low", "high")},
            "known_share": pa.array([row["known_share"] for row in rows], pa.float64()),
        }
    )
    return Figure(
        "corners", _("The four corners of the diamond"), table,
        {"region": _("region"), "corner": _("corner"), "score": _("score"), "known_share": _("share known")},
        _dots([{name: row[name] for name in ("name", "short", "score", "low", "high", "known_share")} for row in rows], list(short.values())),
        {"known_share": "percent"},
        _("Line: what unknown figures and weights leave open. Hollow: nothing known."), wide=True,
    )  # fmt: skip


@later
def _dots(rows: Sequence[Mapping[str, Any]], order: Sequence[str]) -> dict[str, Any]:
    base = alt.Chart(alt.InlineData(values=[dict(row) for row in rows])).encode(
        y=alt.Y("name:N", sort=None, title=None, axis=alt.Axis(labelLimit=200)),
    )
    scale = alt.Scale(domain=[0, 100])
    spread = base.mark_rule(color="#b7d7cf", strokeWidth=5).encode(
        x=alt.X("low:Q", scale=scale, title=_("score")), x2="high:Q"
    )
    points = base.mark_point(filled=True, size=70, strokeWidth=1.8, opacity=1, stroke="#0b6e6e").encode(
        x="score:Q", fill=alt.condition("datum.known_share > 0", alt.value("#0b6e6e"), alt.value("white")),
        tooltip=[alt.Tooltip("name:N", title=_("region")), alt.Tooltip("score:Q", format=".0f", title=_("score"))],
    )  # fmt: skip
    parts = [
        (spread + points)
        .transform_filter(alt.datum.short == name)
        .properties(title=name, width=190, height=alt.Step(20))
        for name in order
    ]
    return themed(alt.hconcat(*parts))
