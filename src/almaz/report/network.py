"""A picture of the network of participants: who is tied to whom, by what kind of tie, and who holds it together."""

from __future__ import annotations

from typing import Any

import altair as alt
import numpy as np
import pyarrow as pa

from almaz.language import text as _
from almaz.measures.network import Broker, LayerSummary, Network, brokers, layer_summaries
from almaz.report import charts
from almaz.report.section import Figure

LAYER_COLOURS = {
    "supply": "#0b6e6e", "cooperation": "#4c8f2f", "competition": "#c2571a", "membership": "#7a869a", "knowledge": "#6b4fa3",
}  # fmt: skip
KIND_SHAPES = (
    "circle", "square", "diamond", "triangle-up", "triangle-down", "cross", "triangle-right", "triangle-left"
)  # fmt: skip
NAMED = 45
"""Participants up to which each bears its name; of more, those that stand between most do."""
ALONE = 0.14
"""Share of the picture's height, at its foot, for those without a tie."""


def layer_words() -> dict[str, str]:
    """The kinds of tie for readers."""
    return {
        "supply": _("supply"), "cooperation": _("cooperation"), "competition": _("competition"),
        "membership": _("membership"), "knowledge": _("knowledge"), "all": _("all ties together"),
    }  # fmt: skip


def kind_words() -> dict[str, str]:
    """The kinds of participant for readers."""
    return {
        "firm": _("firm"), "supplier": _("supplier"), "service": _("service provider"), "science": _("science and education"),
        "association": _("association"), "government": _("public authority"), "finance": _("finance"),
        "standards": _("standards or testing body"),
    }  # fmt: skip


def figures(held: Network, silent: frozenset[str] = frozenset()) -> list[Figure]:
    """The network drawn, its layers and its brokers, each with its table. silent: participants who told nothing of their ties."""
    found = brokers(held)
    return [_drawn(held, found, silent), _layers(layer_summaries(held))]


def _drawn(held: Network, found: tuple[Broker, ...], silent: frozenset[str]) -> Figure:
    words = kind_words()
    table = pa.table(
        {
            "participant": [one.participant for one in found],
            "kind": [words.get(one.kind, one.kind) for one in found],
            "degree": [one.degree for one in found],
            "betweenness": [one.betweenness for one in found],
            "constraint": pa.array([one.constraint for one in found], from_pandas=True),
            "rank": [f"{one.rank} ({one.rank_low}–{one.rank_high})" for one in found],
        }
    )
    return Figure(
        "network-picture",
        _("Participants and their ties"),
        table,
        {
            "participant": _("participant"), "kind": _("kind"), "degree": _("ties"), "betweenness": _("betweenness"),
            "constraint": _("constraint"), "rank": _("rank as broker, were a tenth of the ties not reported"),
        },
        chart=network_chart(held, found, silent),
        formats={"betweenness": "percent", "rank": "text"},
        hint=_(
            "Size: how many of the shortest paths between others lead through the participant. Hollow: told nothing of its ties. "
            "Choose a kind of tie in the legend to see it alone."
        ),
        wide=True,
    )  # fmt: skip


def network_chart(held: Network, found: tuple[Broker, ...], silent: frozenset[str] = frozenset()) -> dict[str, Any]:
    """Ties as lines coloured by their kind, participants as marks by theirs; the same network gives the same picture."""
    places, words, kinds = layout(held), layer_words(), kind_words()
    spread = _apart(held)
    ties = [
        {
            "x": places[a][0], "y": places[a][1] + shift, "x2": places[b][0], "y2": places[b][1] + shift,
            "layer": words.get(str(layer), str(layer)), "from": held.participants[a], "to": held.participants[b],
        }
        for a, b, layer, shift in zip(held.source.tolist(), held.target.tolist(), held.layer.tolist(), spread, strict=True)
    ]  # fmt: skip
    between = {one.participant: one for one in found}
    nodes: list[dict[str, Any]] = [
        {
            "x": places[i][0], "y": places[i][1], "participant": name, "kind": kinds.get(held.kinds[i], held.kinds[i]),
            "degree": between[name].degree, "betweenness": round(between[name].betweenness, 4), "silent": name in silent,
        }
        for i, name in enumerate(held.participants)
    ]  # fmt: skip
    none = alt.Axis(grid=False, ticks=False, labels=False, domain=False, title=None)
    scale = alt.Scale(domain=[-0.08, 1.08])
    layers = [words.get(name, name) for name in held.layers]
    picked = alt.selection_point(fields=["layer"], bind="legend", name="network_layer")
    lines = (
        alt.Chart(alt.InlineData(values=ties))
        .mark_rule(strokeWidth=1.4)
        .encode(
            x=alt.X("x:Q", axis=none, scale=scale),
            y=alt.Y("y:Q", axis=none, scale=scale),
            x2="x2:Q",
            y2="y2:Q",
            color=alt.Color(
                "layer:N",
                title=_("kind of tie"),
                scale=alt.Scale(domain=layers, range=[LAYER_COLOURS.get(name, charts.QUIET) for name in held.layers]),
                legend=alt.Legend(columns=3),
            ),
            opacity=alt.condition(picked, alt.value(0.75), alt.value(0.05)),
            tooltip=[
                alt.Tooltip("layer:N", title=_("kind of tie")),
                alt.Tooltip("from:N", title=_("from")),
                alt.Tooltip("to:N", title=_("to")),
            ],
        )
        .add_params(picked)
    )
    present = sorted({node["kind"] for node in nodes})
    base = alt.Chart(alt.InlineData(values=nodes)).encode(x="x:Q", y="y:Q")
    marks = base.mark_point(filled=True, opacity=1, strokeWidth=1.6, stroke=charts.INK).encode(
        size=alt.Size("betweenness:Q", scale=alt.Scale(range=[90, 700], zero=True), legend=None),
        shape=alt.Shape(
            "kind:N",
            title=_("kind"),
            scale=alt.Scale(domain=present, range=[KIND_SHAPES[i % len(KIND_SHAPES)] for i in range(len(present))]),
            legend=alt.Legend(columns=4, labelLimit=150),
        ),
        fill=alt.condition("datum.silent", alt.value(charts.HOLLOW), alt.value("#c9dfc4")),
        tooltip=[
            alt.Tooltip("participant:N", title=_("participant")),
            alt.Tooltip("kind:N", title=_("kind")),
            alt.Tooltip("degree:Q", title=_("ties")),
            alt.Tooltip("betweenness:Q", format=".1%", title=_("betweenness")),
        ],
    )
    named = [node for node in nodes if between[node["participant"]].rank <= NAMED or len(nodes) <= NAMED]
    names = (
        alt.Chart(alt.InlineData(values=named))
        .mark_text(dy=-15, fontSize=11, color=charts.INK, limit=150)
        .encode(x="x:Q", y="y:Q", text="participant:N")
    )
    return charts.themed(alt.layer(lines, marks, names).properties(height=520))


def layout(held: Network) -> list[tuple[float, float]]:
    """Places between 0 and 1 for all participants, near where they are tied (Kamada and Kawai 1989), from a fixed start.

    Those without a tie stand in a row at the foot.
    """
    graph = held.graph()
    if graph.vcount() < 2:
        return [(0.5, 0.5)] * graph.vcount()
    alone = np.array(graph.degree()) == 0
    places = np.empty((graph.vcount(), 2))
    places[alone] = np.column_stack(((np.arange(alone.sum()) + 0.5) / max(alone.sum(), 1), np.zeros(alone.sum())))
    if not alone.all():
        joined = graph.induced_subgraph(np.flatnonzero(~alone).tolist())
        found = np.array(joined.layout_kamada_kawai(seed=joined.layout_circle()).coords)
        extent = np.where(np.ptp(found, axis=0) > 0.0, np.ptp(found, axis=0), 1.0)
        foot = ALONE if alone.any() else 0.0
        places[~alone] = (found - found.min(axis=0)) / extent * (1.0, 1.0 - foot) + (0.0, foot)
    return [(round(float(x), 4), round(float(y), 4)) for x, y in places]


def _apart(held: Network) -> list[float]:
    """How far each tie is drawn beside its middle, so that two ties of the same two participants both show."""
    seen: dict[tuple[int, int], int] = {}
    shifts = []
    for a, b in zip(held.source.tolist(), held.target.tolist(), strict=True):
        pair = (min(a, b), max(a, b))
        number = seen.get(pair, 0)
        seen[pair] = number + 1
        shifts.append(0.012 * ((number + 1) // 2) * (1 if number % 2 else -1))
    return shifts


def _layers(found: tuple[LayerSummary, ...]) -> Figure:
    words = layer_words()
    table = pa.table(
        {
            "layer": [words.get(one.layer, one.layer) for one in found],
            "ties": [one.ties for one in found],
            **{
                name: pa.array([getattr(one, name) for one in found], pa.float64(), from_pandas=True)
                for name in ("density", "reciprocity", "transitivity", "largest", "alone")
            },
            "components": [one.components for one in found],
        }
    )
    return Figure(
        "network-layers",
        _("How dense and how whole each kind of tie is"),
        table,
        {
            "layer": _("kind of tie"), "ties": _("ties"), "density": _("share of possible ties"),
            "reciprocity": _("share returned"), "transitivity": _("share of closed triads"), "components": _("separate groups"),
            "largest": _("share in the largest group"), "alone": _("share without a tie"),
        },
        formats=dict.fromkeys(("density", "reciprocity", "transitivity", "largest", "alone"), "percent"),
        wide=True,
    )  # fmt: skip
