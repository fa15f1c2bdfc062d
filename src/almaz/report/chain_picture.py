"""The picture of a value chain: four layers from suppliers' suppliers to buyers, flows as wide as the money, gaps hollow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import altair as alt

from almaz.clusters.chain_flows import OTHERS
from almaz.language import text as _
from almaz.report import charts
from almaz.report.section import later

HEIGHT: Final = 1000.0
SPACE: Final = 8.0
LEAST: Final = 13.0
"""Room that a small node takes all the same, so that its name does not fall on its neighbour's."""
NODE: Final = 0.012
COLUMNS: Final = {"second": 0.0, "first": 0.31, "cluster": 0.63, "buyer": 1.0 - NODE}
FILLS: Final = {
    "inside": charts.STRONG,
    "gap": charts.HOLLOW,
    "unknown": charts.UNKNOWN,
    "second": "#eadfc6",
    "buyer": "#cfe3dc",
    "added": "#8fa3ad",
    "bought": "#c9d2d8",
}


@dataclass
class Drawing:
    """Ribbons and nodes of several chains: `k` says of which chain a row is; lengths are in thousandths of the height."""

    ribbons: list[dict[str, Any]] = field(default_factory=list)
    nodes: list[dict[str, Any]] = field(default_factory=list)


def draw(drawing: Drawing, k: int, flows: Sequence[Mapping[str, Any]], output: float, name: Any) -> None:
    """Add one chain. flows: rows of `clusters.chain_flows`; output: of the cluster; name: code → what the reader sees."""
    layers: dict[str, list[Mapping[str, Any]]] = {layer: [] for layer in ("second", "first", "buyer")}
    for flow in flows:
        layers[flow["layer"]].append(flow)
    places = max(len(layers["first"]), len({flow["from"] for flow in layers["second"]}), len(layers["buyer"]))
    whole = max(output, sum(flow["value"] for flow in layers["first"]), sum(flow["value"] for flow in layers["buyer"]))
    if whole <= 0:
        return
    scale = (HEIGHT - (SPACE + LEAST) * places) / whole
    suppliers = _stack([(flow["from"], flow["value"] * scale) for flow in layers["first"]])
    second: dict[str, float] = {}
    for flow in layers["second"]:
        second[flow["from"]] = second.get(flow["from"], 0.0) + flow["value"] * scale
    deeper = _stack(sorted(second.items(), key=lambda one: one[0] == OTHERS))
    buyers = _stack([(flow["to"], flow["value"] * scale) for flow in layers["buyer"]])
    top = (HEIGHT - output * scale) / 2.0
    _to_cluster(drawing, k, layers["first"], suppliers, scale, top, name)
    _from_second(drawing, k, layers["second"], deeper, suppliers, scale, name)
    _to_buyers(drawing, k, layers["buyer"], buyers, scale, top, name)
    bought = min(sum(flow["value"] for flow in layers["first"]), output)
    _node(drawing, k, "cluster", top, bought * scale, "bought", _("purchases"), bought)
    added = output - bought
    middle, height = top + (bought + added / 2.0) * scale, added * scale
    _node(drawing, k, "cluster", top + bought * scale, height, "added", _("value added"), added)
    if height > 2 * LEAST:
        _label(drawing, k, "cluster", middle, _("value added"), added, height)


def _stack(sizes: Sequence[tuple[str, float]]) -> dict[str, tuple[float, float]]:
    """Place and size of every node of a layer, centred, largest first as given."""
    total = sum(max(size, LEAST) + SPACE for _code, size in sizes) - SPACE
    at, placed = (HEIGHT - total) / 2.0, dict[str, tuple[float, float]]()
    for code, size in sizes:
        placed[code] = (at + max(LEAST - size, 0.0) / 2.0, size)
        at += max(size, LEAST) + SPACE
    return placed


def _to_cluster(
    drawing: Drawing,
    k: int,
    flows: Sequence[Mapping[str, Any]],
    placed: Mapping[str, tuple[float, float]],
    scale: float,
    top: float,
    name: Any,
) -> None:
    into = top
    for flow in flows:
        start, size = placed[flow["from"]]
        known = flow["inside"] is not None
        met = (flow["inside"] or 0.0) * scale
        parts = [("inside", met), ("gap", size - met)] if known else [("unknown", size)]
        at = start
        for kind, width in parts:
            if width > 0:
                words = name(flow["from"])
                _ribbon(drawing, k, kind, ("first", "cluster"), (at, into), width, words, width / scale)
                _node(drawing, k, "first", at, width, kind, "", width / scale)
                at, into = at + width, into + width
        _label(drawing, k, "first", start + size / 2.0, name(flow["from"]), flow["value"], size)


def _from_second(
    drawing: Drawing,
    k: int,
    flows: Sequence[Mapping[str, Any]],
    placed: Mapping[str, tuple[float, float]],
    suppliers: Mapping[str, tuple[float, float]],
    scale: float,
    name: Any,
) -> None:
    leaving = {code: start for code, (start, _size) in placed.items()}
    arriving = {code: start for code, (start, _size) in suppliers.items()}
    for flow in sorted(flows, key=lambda one: (suppliers[one["to"]][0], placed[one["from"]][0])):
        width = flow["value"] * scale
        words = f"{name(flow['from'])} → {name(flow['to'])}"
        ends = (leaving[flow["from"]], arriving[flow["to"]])
        _ribbon(drawing, k, "second", ("second", "first"), ends, width, words, flow["value"])
        leaving[flow["from"]] += width
        arriving[flow["to"]] += width
    for code, (start, size) in placed.items():
        _node(drawing, k, "second", start, size, "second", "", size / scale)
        _label(drawing, k, "second", start + size / 2.0, name(code), size / scale, size)


def _to_buyers(
    drawing: Drawing,
    k: int,
    flows: Sequence[Mapping[str, Any]],
    placed: Mapping[str, tuple[float, float]],
    scale: float,
    top: float,
    name: Any,
) -> None:
    out = top
    for flow in flows:
        start, size = placed[flow["to"]]
        _ribbon(drawing, k, "buyer", ("cluster", "buyer"), (out, start), size, name(flow["to"]), flow["value"])
        _node(drawing, k, "buyer", start, size, "buyer", "", flow["value"])
        _label(drawing, k, "buyer", start + size / 2.0, name(flow["to"]), flow["value"], size)
        out += flow["value"] * scale


def _ribbon(
    drawing: Drawing,
    k: int,
    kind: str,
    layers: tuple[str, str],
    ends: tuple[float, float],
    width: float,
    words: str,
    value: float,
) -> None:
    start, end = COLUMNS[layers[0]] + NODE, COLUMNS[layers[1]]
    drawing.ribbons.append(
        {
            "k": k,
            "t": kind,
            "a": round(start, 3),
            "b": round(end, 3),
            "c": round(ends[0], 1),
            "d": round(ends[1], 1),
            "w": round(width, 2),
            "n": words,
            "v": round(value, 1),
        }
    )


def _node(drawing: Drawing, k: int, layer: str, at: float, size: float, kind: str, words: str, value: float) -> None:
    if size > 0:
        drawing.nodes.append(
            {
                "k": k,
                "t": kind,
                "x": COLUMNS[layer],
                "y": round(at, 1),
                "w": round(size, 2),
                "n": words,
                "v": round(value, 1),
            }
        )


def _label(drawing: Drawing, k: int, layer: str, at: float, words: str, value: float, size: float) -> None:
    drawing.nodes.append(
        {
            "k": k,
            "t": f"label-{layer}",
            "x": COLUMNS[layer],
            "y": round(at, 1),
            "w": round(size, 2),
            "n": words,
            "v": round(value, 1),
        }
    )


@later
def chain_chart(drawing: Drawing, names: Sequence[str], first: int, unit: str) -> dict[str, Any]:
    """The picture with a list to choose the region and cluster from. names: of every chain; first: the one shown at first."""
    order = sorted(range(len(names)), key=lambda at: names[at])
    pick = alt.param(
        name="pick",
        value=first,
        bind=alt.binding_select(options=order, labels=[names[at] for at in order], name=_("region and cluster") + " "),
    )
    x = alt.Scale(domain=[0, 1], nice=False, zero=False)
    y = alt.Scale(domain=[HEIGHT + 10, -40], nice=False, zero=False)
    tooltip = [alt.Tooltip("n:N", title=" "), alt.Tooltip("v:Q", format=",.0f", title=unit)]
    kinds = alt.Color("t:N", scale=alt.Scale(domain=list(FILLS), range=list(FILLS.values())), legend=None)
    edge = alt.condition("datum.t === 'gap'", alt.value(charts.STRONG), alt.value("transparent"))
    ribbons = (
        alt.Chart(alt.NamedData("ribbons"))
        .transform_filter("datum.k === pick")
        .transform_calculate(
            id="datum.a + '|' + datum.c + '|' + datum.d + '|' + datum.t", s="sequence(0, 1.01, 0.0625)"
        )
        .transform_flatten(["s"])
        .transform_calculate(
            px="datum.a + (datum.b - datum.a) * datum.s",
            py="datum.c + (datum.d - datum.c) * datum.s * datum.s * (3 - 2 * datum.s)",
        )
        .transform_calculate(pz="datum.py + datum.w")
        .mark_area(fillOpacity=0.72, strokeWidth=1, strokeDash=[3, 2], line=False)
        .encode(
            x=alt.X("px:Q", scale=x, axis=None),
            y=alt.Y("py:Q", scale=y, axis=None),
            y2="pz:Q",
            fill=alt.Fill("t:N", scale=alt.Scale(domain=list(FILLS), range=list(FILLS.values())), legend=None),
            stroke=edge,
            detail="id:N",
            tooltip=tooltip,
        )
    )
    held = alt.Chart(alt.NamedData("nodes")).transform_filter("datum.k === pick")
    boxes = (
        held.transform_filter("!test(/^label/, datum.t)")
        .transform_calculate(x2=f"datum.x + {NODE}", y2="datum.y + datum.w")
        .mark_rect(strokeWidth=1)
        .encode(
            x=alt.X("x:Q", scale=x),
            x2="x2:Q",
            y=alt.Y("y:Q", scale=y),
            y2="y2:Q",
            color=kinds,
            stroke=alt.condition("datum.t === 'gap'", alt.value(charts.STRONG), alt.value(charts.QUIET)),
            tooltip=tooltip,
        )
    )
    picture = alt.layer(ribbons, boxes, *_labels(held, x, y), _heads(x)).add_params(pick).properties(height=560)
    return charts.with_rows(picture, ribbons=drawing.ribbons, nodes=drawing.nodes)


def _labels(held: alt.Chart, x: alt.Scale, y: alt.Scale) -> list[alt.Chart]:
    size = {"expr": "width < 560 ? 8.5 : 11"}
    made = []
    for layer, align, shift, share in (
        ("second", "left", 1, 0.27),
        ("first", "left", 1, 0.29),
        ("cluster", "left", 1, 0.2),
        ("buyer", "right", -1, 0.3),
    ):
        chosen = held.transform_filter(f"datum.t === 'label-{layer}'")
        at = f"datum.x + {NODE if shift > 0 else 0}"
        for halo in (True, False):
            mark = {
                "align": align,
                "baseline": "middle",
                "dx": 5 * shift,
                "fontSize": size,
                "limit": {"expr": f"width * {share}"},
                **(
                    {"stroke": "white", "strokeWidth": 3, "strokeOpacity": 0.9, "strokeJoin": "round"}
                    if halo
                    else {"color": charts.INK}
                ),
            }
            made.append(
                chosen.transform_calculate(lx=at)
                .mark_text(**mark)
                .encode(x=alt.X("lx:Q", scale=x), y=alt.Y("y:Q", scale=y), text="n:N")
            )
    return made


def _heads(x: alt.Scale) -> alt.Chart:
    """What each layer is, above it."""
    rows = [
        {"x": COLUMNS["second"], "n": _("suppliers' suppliers"), "al": "left"},
        {"x": COLUMNS["first"], "n": _("suppliers"), "al": "left"},
        {"x": COLUMNS["cluster"], "n": _("the cluster"), "al": "left", "wide": True},
        {"x": 1.0, "n": _("buyers"), "al": "right"},
    ]
    return (
        alt.Chart(alt.InlineData(values=rows))
        .mark_text(
            baseline="bottom",
            fontWeight=600,
            color=charts.INK,
            align={"expr": "datum.al"},
            fontSize={"expr": "width < 560 ? 9 : 12"},
            limit={"expr": "width * 0.3"},
            opacity={"expr": "datum.wide && width < 560 ? 0 : 1"},
        )
        .encode(x=alt.X("x:Q", scale=x), y=alt.value(16), text="n:N")
    )
