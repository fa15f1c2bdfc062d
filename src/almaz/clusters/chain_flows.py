"""The flows behind the picture of a value chain: suppliers' suppliers → suppliers → the cluster → its buyers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from almaz.clusters.supply_table import SupplyGaps
from almaz.tables.industry_system import IndustrySystem
from almaz.tables.input_output import Block

FloatArray: TypeAlias = npt.NDArray[np.float64]
FIRST, SECOND, BUYERS = 8, 6, 6
"""How many suppliers, suppliers of suppliers and buyers are shown by name; the others are one flow."""
OTHERS: Final = "others"
FLOWS: Final = pa.schema(
    [
        ("region", pa.string()),
        ("cluster", pa.string()),
        ("layer", pa.string()),  # second | first | buyer
        ("from", pa.string()),  # an industry of the table, "others", or null: the cluster
        ("to", pa.string()),  # the same, or a final use: consumption, investment, exports
        ("value", pa.float64()),
        ("inside", pa.float64()),  # the part met in the region; null: not known, or nobody's to say (buyers)
    ]
)
"""Flows of money, what is bought standing before who buys it."""


def chain_flows(system: IndustrySystem, gaps: SupplyGaps, pairs: Sequence[tuple[str, str]]) -> pa.Table:
    """The flows of some region × cluster pairs.

    First layer: the cluster's largest suppliers (of `supply_gaps`). Second: what these buy in turn to make what they sell to the
    cluster, by the country's technique; where that is made is not judged again. Buyers: who uses the products of the cluster's
    industries in the country, in proportion to its output there: a region's own sales are not published.
    """
    region, cluster = ({code: at for at, code in enumerate(codes)} for codes in (gaps.regions.codes, gaps.clusters))
    suppliers: dict[tuple[str, str], list[dict[str, Any]]] = {pair: [] for pair in pairs}
    names = ("region", "cluster", "supplier", "purchases", "inside", "unknown")
    for row in gaps.table.select(names).to_pylist():
        if (row["region"], row["cluster"]) in suppliers:
            suppliers[row["region"], row["cluster"]].append(row)
    rows: list[dict[str, Any]] = []
    for pair in pairs:
        first = _first(suppliers[pair])
        output = np.nan_to_num(gaps.outputs[region[pair[0]], :, cluster[pair[1]]])
        for flow in [*first, *_second(system, first), *_buyers(system, output)]:
            rows.append({"region": pair[0], "cluster": pair[1], **flow})
    return pa.Table.from_pylist(rows, schema=FLOWS)


def _first(suppliers: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The largest suppliers by name, all others as one."""
    flows: list[dict[str, Any]] = []
    others, inside = 0.0, 0.0
    for row in suppliers:
        bought, met = row["purchases"] or 0.0, row["inside"]
        if row["supplier"] is not None and len(flows) < FIRST:
            flows.append({"layer": "first", "from": row["supplier"], "to": None, "value": bought, "inside": met})
            continue
        others += bought
        inside += met or 0.0
    return [*flows, {"layer": "first", "from": OTHERS, "to": None, "value": others, "inside": inside}]


def _second(system: IndustrySystem, first: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the named suppliers buy: the largest industries by name, all others as one."""
    place = {code: at for at, code in enumerate(system.industries)}
    named = [flow for flow in first if flow["from"] != OTHERS]
    columns = [place[flow["from"]] for flow in named]
    bought = np.maximum(system.coefficients[:, columns], 0.0) * np.array([flow["value"] for flow in named])
    top = np.argsort(-bought.sum(axis=1), kind="stable")[:SECOND]
    rest = np.delete(bought, top, axis=0).sum(axis=0)
    flows = []
    for column, flow in enumerate(named):
        for row in top.tolist():
            flows.append((system.industries[row], flow["from"], float(bought[row, column])))
        flows.append((OTHERS, flow["from"], float(rest[column])))
    return [
        {"layer": "second", "from": one, "to": other, "value": value, "inside": None}
        for one, other, value in flows
        if value > 0
    ]


def _buyers(system: IndustrySystem, output: FloatArray) -> list[dict[str, Any]]:
    """The output of the cluster's industries by who uses their products: exports first, the rest like all home use."""
    uses = np.maximum(system.flows, 0.0)
    exported = np.clip(system.final_use(Block.EXPORTS) / np.where(system.supply > 0, system.supply, np.inf), 0.0, 1.0)
    final = {block: np.maximum(system.final_use(block), 0.0) for block in (Block.CONSUMPTION, Block.INVESTMENT)}
    home = uses.sum(axis=1) + sum(final.values())
    per_unit = output * (1.0 - exported) / np.where(home > 0, home, np.inf)
    industries = per_unit @ uses
    top = np.argsort(-industries, kind="stable")[:BUYERS]
    flows = [(system.industries[at], float(industries[at])) for at in top.tolist()]
    flows.append((OTHERS, float(np.delete(industries, top).sum())))
    flows += [(block.value, float(per_unit @ column)) for block, column in final.items()]
    flows.append((Block.EXPORTS.value, float(output @ exported)))
    return [
        {"layer": "buyer", "from": None, "to": to, "value": value, "inside": None} for to, value in flows if value > 0
    ]
