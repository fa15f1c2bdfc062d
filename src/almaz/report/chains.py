"""The value chains of an edition: the chain of a cluster in a region, its gaps, linkages of industries, length against tax."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import pyarrow as pa

from almaz.language import count, decimal
from almaz.language import text as _
from almaz.report import charts
from almaz.report.chain_length import length_figures
from almaz.report.chain_picture import Drawing, chain_chart, draw
from almaz.report.chain_words import Row, Words, bounded, gap_headings, gap_row, status
from almaz.report.section import Figure, Section, later
from almaz.study.edition import Edition
from almaz.tables.problems import said

SHOWN = 6
"""Gaps of each chain in the table behind the picture."""


def sections(edition: Edition) -> list[Section]:
    """The section of value chains; none where the study names no input–output table."""
    if "supply_gap" not in edition.tables:
        return []
    words = Words(edition)
    flows = edition.table("chain_flows").to_pylist()
    pairs = sorted({(row["region"], row["cluster"]) for row in flows}, key=words.pair)
    figures = [*_chain(edition, words, flows, pairs), _quadrant(edition, words), *length_figures(edition, words.name)]
    lead = _(
        "What a cluster buys, from whom, and how much of it the region can make itself; what would come of making the rest here. "
        "Money is in {unit}.",
        unit=words.unit,
    )
    return [Section("chains", _("Value chains"), lead, tuple(figures), tuple(_warnings(edition)))]


def _chain(edition: Edition, words: Words, flows: Sequence[Row], pairs: Sequence[tuple[str, str]]) -> list[Figure]:
    names = [words.pair(pair) for pair in pairs]
    place = {pair: at for at, pair in enumerate(pairs)}
    totals = {
        (row["region"], row["cluster"]): row
        for row in edition.table("supply_gap_totals").to_pylist()
        if (row["region"], row["cluster"]) in place
    }
    gaps = [row for row in edition.table("supply_gap").to_pylist() if (row["region"], row["cluster"]) in place]
    first = max(range(len(pairs)), key=lambda at: totals[pairs[at]]["gap"] or 0.0)
    drawing = Drawing()
    by_pair: dict[tuple[str, str], list[Row]] = {pair: [] for pair in pairs}
    for flow in flows:
        by_pair[flow["region"], flow["cluster"]].append(flow)
    for pair, at in place.items():
        draw(drawing, at, by_pair[pair], totals[pair]["output"] or 0.0, words.name)
    whole = _totals_table(words, pairs, totals)
    return [
        Figure(
            "chain",
            _("The value chain of a cluster in a region"),
            whole[0],
            whole[1],
            chart=chain_chart(drawing, names, first, words.unit),
            wide=True,
            hint=_(
                "Width is money. Teal: met in the region. Hollow with a dashed border: the gap, bought "
                "outside. Grey: nothing is known of such suppliers here. Sand: what suppliers buy in turn; "
                "pale green: who uses the product in the country."
            ),
        ),
        _gap_figure(words, names, place, gaps, first),
    ]


def _totals_table(
    words: Words, pairs: Sequence[tuple[str, str]], totals: Mapping[tuple[str, str], Row]
) -> tuple[pa.Table, dict[str, str]]:
    rows = []
    for pair in pairs:
        row = totals[pair]
        rows.append(
            {
                "region": words.regions.get(pair[0], pair[0]),
                "cluster": words.clusters.get(pair[1], pair[1]),
                "output": row["output"],
                "purchases": row["purchases"],
                "inside": bounded(row, "inside"),
                "gap": bounded(row, "gap"),
                "abroad": row["abroad"],
                "unknown": row["unknown"],
            }
        )
    headings = {
        "region": _("region"),
        "cluster": _("cluster"),
        "output": _("output"),
        "purchases": _("purchases"),
        "inside": _("met in the region"),
        "gap": _("gap"),
        "abroad": _("of it from abroad"),
        "unknown": _("not known where"),
    }
    return pa.Table.from_pylist(rows), headings


def _gap_figure(
    words: Words, names: Sequence[str], place: Mapping[tuple[str, str], int], gaps: Sequence[Row], first: int
) -> Figure:
    bars, rows = [], []
    by_chain: dict[int, list[Row]] = {}
    for row in gaps:
        if row["supplier"] is not None and (row["gap"] or row["gap_high"] or 0.0) > 0:
            by_chain.setdefault(place[row["region"], row["cluster"]], []).append(row)
    for k in sorted(by_chain):
        for at, row in enumerate(sorted(by_chain[k], key=lambda one: -(one["gap"] or one["gap_high"] or 0.0))):
            name = words.name(row["supplier"])
            bars.append(
                {
                    "k": k,
                    "n": name,
                    "p": _short(row["purchases"]),
                    "i": _short(row["inside"]),
                    "l": _short(row["inside_low"]),
                    "h": _short(row["inside_high"]),
                    "s": status(row),
                    "g": bounded(row, "gap"),
                    "j": bounded(row, "filled_jobs") if "filled_jobs" in row else "—",
                }
            )
            if at < SHOWN:
                rows.append(gap_row(row, words, name))
    return Figure(
        "supply-gap",
        _("What is missing: purchases by supplier"),
        pa.Table.from_pylist(rows),
        gap_headings(),
        chart=_gap_chart(bars, names, first, words.unit),
        wide=True,
        hint=_(
            "Teal: what the region meets itself; line: its interval from δ and hidden cells; hollow: the gap. "
            "In the table: what would come of making it here, through suppliers in the region too, if the "
            "technique is the country's."
        ),
    )


def _short(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.4g}")


@later
def _gap_chart(bars: Sequence[Row], names: Sequence[str], first: int, unit: str) -> dict[str, Any]:
    order = sorted(range(len(names)), key=lambda at: names[at])
    pick = alt.param(
        name="chosen",
        value=first,
        bind=alt.binding_select(options=order, labels=[names[at] for at in order], name=_("region and cluster") + " "),
    )
    tooltip = [
        alt.Tooltip("n:N", title=" "),
        alt.Tooltip("p:Q", format=",.0f", title=_("purchases")),
        alt.Tooltip("g:N", title=_("gap")),
        alt.Tooltip("s:N", title=_("who could supply")),
        alt.Tooltip("j:N", title=_("if filled here: jobs")),
    ]
    base = (
        alt.Chart(alt.NamedData("bars"))
        .transform_filter("datum.k === chosen")
        .encode(y=alt.Y("n:N", sort=alt.EncodingSortField("p", order="descending"), title=None), tooltip=tooltip)
    )
    whole = base.mark_bar(fill=charts.HOLLOW, stroke=charts.STRONG, strokeDash=[3, 2], height=15).encode(
        x=alt.X("p:Q", title=unit, axis=alt.Axis(tickCount=6))
    )
    met = base.mark_bar(color=charts.STRONG, height=15).encode(x="i:Q")
    line = base.mark_rule(color=charts.UNSURE, strokeWidth=2).encode(x="l:Q", x2="h:Q")
    return charts.with_rows((whole + met + line).add_params(pick).properties(height=alt.Step(26)), bars=bars)


def _quadrant(edition: Edition, words: Words) -> Figure:
    rows = []
    for row in edition.table("chain_industries").to_pylist():
        if row["backward"] is None or row["forward"] is None or not row["output"]:
            continue
        key = (row["backward"] > 1, row["forward"] > 1)
        rows.append(
            {
                "n": words.name(row["industry"]),
                "b": _short(row["backward"]),
                "f": _short(row["forward"]),
                "o": _short(row["output"]),
                "c": words.clusters.get(row["cluster"] or "", _("no cluster")),
                "q": int(key[0]) + 2 * int(key[1]),
                "e": _short(row["extraction"]),
            }
        )
    kinds = [_("weak ties"), _("pulls its suppliers"), _("feeds its buyers"), _("key industry: both")]
    table = pa.Table.from_pylist(
        [
            {
                "industry": r["n"],
                "cluster": r["c"],
                "kind": kinds[r["q"]],
                "backward": r["b"],
                "forward": r["f"],
                "output": r["o"],
                "extraction": r["e"],
            }
            for r in sorted(rows, key=lambda r: -(r["o"] or 0.0))
        ]
    )
    headings = {
        "industry": _("industry"),
        "cluster": _("cluster"),
        "kind": _("ties"),
        "backward": _("backward linkage"),
        "forward": _("forward linkage"),
        "output": _("output"),
        "extraction": _("share of all output lost without it"),
    }
    return Figure(
        "linkages",
        _("Which industries pull, which feed the others"),
        table,
        headings,
        chart=_quadrant_chart(rows, kinds),
        formats={"output": "count", "extraction": "percent"},
        hint=_("Above 1: more than the average industry. Area is output. Choose a cluster to see its industries."),
    )


@later
def _quadrant_chart(rows: Sequence[dict[str, Any]], kinds: Sequence[str]) -> dict[str, Any]:
    values = [{**row, "q": kinds[row["q"]]} for row in rows]
    clusters = sorted({row["c"] for row in rows})
    pick = alt.param(
        name="cluster",
        value="",
        bind=alt.binding_select(
            options=["", *clusters], labels=[_("all clusters"), *clusters], name=_("cluster") + " "
        ),
    )
    ones = alt.Chart(charts.ONE)
    rule = {"color": charts.QUIET, "strokeDash": [4, 4]}
    points = (
        alt.Chart(alt.NamedData("industries"))
        .mark_circle(stroke="white", strokeWidth=0.5)
        .encode(
            x=alt.X("b:Q", title=_("backward linkage (pull on suppliers)"), scale=alt.Scale(zero=False)),
            y=alt.Y("f:Q", title=_("forward linkage (feeds buyers)"), scale=alt.Scale(zero=False)),
            size=alt.Size("o:Q", scale=alt.Scale(range=[14, 900]), legend=None),
            color=alt.Color(
                "q:N",
                title=None,
                sort=list(kinds),
                scale=alt.Scale(domain=list(kinds), range=[charts.QUIET, "#c9a85f", "#7fbfae", charts.STRONG]),
                legend=alt.Legend(columns=1, labelLimit=300),
            ),
            opacity=alt.condition("cluster === '' || datum.c === cluster", alt.value(0.85), alt.value(0.07)),
            tooltip=[
                alt.Tooltip("n:N", title=" "),
                alt.Tooltip("c:N", title=_("cluster")),
                alt.Tooltip("b:Q", format=".2f", title=_("backward linkage")),
                alt.Tooltip("f:Q", format=".2f", title=_("forward linkage")),
                alt.Tooltip("o:Q", format=",.0f", title=_("output")),
            ],
        )
    )
    layers = ones.mark_rule(**rule).encode(x="one:Q") + ones.mark_rule(**rule).encode(y="one:Q") + points
    return charts.with_rows(layers.add_params(pick).properties(height=420), industries=values)


def _warnings(edition: Edition) -> list[str]:
    """What the data do not allow, in words."""
    held = edition.manifest["study"]["chains"]
    notes = [
        _(
            "The country's technique is taken for every region, and location quotients judge what a region "
            "makes itself: no office publishes trade between regions. The intervals show what follows from δ "
            "between {low} and {high} and from hidden cells.",
            low=decimal(held["delta"][0], 1),
            high=decimal(held["delta"][2], 1),
        ),
        _(
            "Taxes are those on production and imports less subsidies, as the table has them: no income tax, "
            "no social contributions."
        ),
    ]
    problems = edition.table("chain_problems").to_pylist()
    without = [row for row in problems if row["kind"] == "without_activity"]
    if without:
        notes.append(
            _(
                "{number} industries of the table have no activity in the data: whether a region has them is "
                "not known, and is never taken for nothing.",
                number=count(len(without)),
            )
        )
    investing = edition.table("chain_industries").column_names
    if "own_investment" not in investing and "own_surplus" in investing:
        notes[1] += " " + _(
            "The table does not say who invests: investment is the gross surplus × the country's ratio of investment to "
            "surplus, an assumption."
        )
    others = [row for row in problems if row["kind"] not in ("without_activity",)]
    return [*notes, *(f"{row['value'] or ''} {said(row)[0]}".strip() for row in others[:5])]
