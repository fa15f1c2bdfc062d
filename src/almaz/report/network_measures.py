"""What a network's measures say: ties against chance, core and periphery, kinds of tie that go together, who should meet."""

from __future__ import annotations

import math
from typing import Any

import altair as alt
import pyarrow as pa

from almaz.language import count, decimal
from almaz.language import text as _
from almaz.measures.core_periphery import CorePeriphery, core_periphery
from almaz.measures.network import (
    Coopetition,
    Introduction,
    Isolation,
    LayerOverlap,
    Network,
    coopetition,
    introductions,
    isolation,
    layer_overlaps,
)
from almaz.report import charts
from almaz.report.network import layer_words
from almaz.report.section import Figure

FEWEST = 4
"""Participants below which nothing is compared with chance."""
CORE_AT_MOST = 60
"""Participants above which the core is not sought here: its chance networks would keep a page waiting."""
DEALT = 99
"""Chance networks for the core, and for two kinds of tie."""


def measured(held: Network) -> list[Figure]:
    """The figures of a network beside its picture; none for what it has no ties for."""
    if len(held.participants) < FEWEST or not held.source.size:
        return []
    made = [_chance(coopetition(held), isolation(held))]
    if len(held.participants) <= CORE_AT_MOST:
        made.append(_core(core_periphery(held, permutations=DEALT)))
    overlaps, meetings = layer_overlaps(held, permutations=DEALT), introductions(held)
    if overlaps:
        made.append(_overlaps(overlaps))
    if meetings:
        made.append(_introductions(meetings))
    return [one for one in made if one is not None]


def _chance(rivals: Coopetition, science: Isolation) -> Figure | None:
    """Shares of ties beside what chance would make of them."""
    rows = [
        {"what": _("rivals who also cooperate"), "share": rivals.share, "of": rivals.rivals, "expected": rivals.expected,
         "low": rivals.low, "high": rivals.high, "p": rivals.p_value},
        {"what": _("ties of science that reach firms"), "share": science.outside, "of": science.ties,
         "expected": science.expected, "low": science.low, "high": science.high, "p": science.p_value},
    ]  # fmt: skip
    known: list[dict[str, Any]] = [row for row in rows if math.isfinite(float(str(row["share"])))]
    if not known:
        return None
    drawn = [
        {**row, "what": charts.wrapped(row["what"]), "shown": decimal(float(row["p"]), 3)}
        for row in known
        if math.isfinite(row["low"])
    ]
    return Figure(
        "network-chance",
        _("Ties against chance"),
        pa.Table.from_pylist(known),
        {
            "what": _("what"), "share": _("share"), "of": _("how many"), "expected": _("by chance"), "low": _("chance from"),
            "high": _("to"), "p": _("p-value"),
        },
        chart=_chance_chart(drawn) if drawn else None,
        formats={**dict.fromkeys(("share", "expected", "low", "high"), "percent"), "p": "decimal"},
        hint=_(
            "Dot: the share here. Bar: the middle 95 % of shares, were the same ties dealt to others by chance. "
            "A cluster is marked by rivals who cooperate; science to the left of its bar stands apart from the firms."
        ),
        wide=True,
    )  # fmt: skip


def _chance_chart(rows: list[dict[str, Any]]) -> dict[str, Any]:
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        y=alt.Y("what:N", title=None, sort=None, axis=charts.wrapped_axis())
    )
    scale = alt.Scale(domain=[0, 1])
    bar = base.mark_bar(height=10, color="#c9d8dc").encode(
        x=alt.X("low:Q", scale=scale, title=_("share"), axis=alt.Axis(format="%", tickCount=5)), x2="high:Q"
    )
    dot = base.mark_point(filled=True, size=110, color=charts.STRONG, opacity=1).encode(
        x=alt.X("share:Q", scale=scale),
        tooltip=[
            alt.Tooltip("what:N", title=" "),
            alt.Tooltip("share:Q", format=".0%", title=_("share")),
            alt.Tooltip("expected:Q", format=".0%", title=_("by chance")),
            alt.Tooltip("shown:N", title=_("p-value")),
        ],
    )
    return charts.themed((bar + dot).properties(height=alt.Step(46)))


def _core(found: CorePeriphery) -> Figure | None:
    if not math.isfinite(found.fit):
        return None
    core = [name for name, inside in zip(found.participants, found.core.tolist(), strict=True) if inside]
    row = {
        "number": len(core), "fit": found.fit, "p": found.p_value, "inside": found.inside,
        "between": found.between, "outside": found.outside, "core": ", ".join(core),
    }  # fmt: skip
    return Figure(
        "network-core",
        _("Core and periphery"),
        pa.Table.from_pylist([row]),
        {
            "number": _("in the core"), "fit": _("fit, 1 = exactly so"), "p": _("p-value"),
            "inside": _("share of ties inside the core"), "between": _("between core and periphery"),
            "outside": _("inside the periphery"), "core": _("who"),
        },
        formats=dict.fromkeys(("inside", "between", "outside"), "percent"),
        hint=_("A core that chance explains as well (p above 0.05) is none; a cluster with a true one depends on few."),
    )  # fmt: skip


def _overlaps(found: tuple[LayerOverlap, ...]) -> Figure:
    words = layer_words()
    columns = {
        "first": [words.get(one.first, one.first) for one in found],
        "second": [words.get(one.second, one.second) for one in found],
        "shared": [one.shared for one in found],
        "jaccard": pa.array([one.jaccard for one in found], pa.float64(), from_pandas=True),
        "correlation": pa.array([one.correlation for one in found], pa.float64(), from_pandas=True),
        "p": pa.array([one.p_value for one in found], pa.float64(), from_pandas=True),
    }
    return Figure(
        "network-overlaps",
        _("Kinds of tie that go together"),
        pa.table(columns),
        {
            "first": _("kind of tie"), "second": _("and"), "shared": _("pairs that have both"),
            "jaccard": _("share of pairs that have either"), "correlation": _("correlation"), "p": _("p-value"),
        },
        formats={"jaccard": "percent"},
    )  # fmt: skip


def _introductions(found: tuple[Introduction, ...]) -> Figure:
    rows = [{"first": one.first, "second": one.second, "shared": one.shared, "score": one.score} for one in found]
    return Figure(
        "network-introductions",
        _("Who should meet"),
        pa.Table.from_pylist(rows),
        {
            "first": _("participant"), "second": _("with whom"), "shared": _("partners in common"),
            "score": _("weight (Adamic and Adar)"),
        },
        hint=_(
            "The {number} pairs without a tie who share most partners, those who know few weighing more. Rivals' ties do not "
            "count.",
            number=count(len(found)),
        ),
    )  # fmt: skip
