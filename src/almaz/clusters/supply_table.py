"""Supply gaps as tables: every cluster of every region by its largest suppliers, and who could supply what is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from threadpoolctl import threadpool_limits

from almaz.clusters.definition import ClusterDefinition
from almaz.clusters.supply_gap import (
    Bounded,
    Flows,
    GapOptions,
    Regions,
    cluster_outputs,
    effects,
    regional_jobs,
    trading_shares,
)
from almaz.tables.activity import Activity
from almaz.tables.bridge import Bridge
from almaz.tables.industry_system import IndustrySystem

FloatArray: TypeAlias = npt.NDArray[np.float64]
Places: TypeAlias = npt.NDArray[np.intp]


@dataclass(frozen=True)
class SupplyGaps:
    """table: a row per region × cluster × supplier (the largest, then one without supplier for all others); totals: a row per
    region × cluster. Money is in the table's unit; a figure of which nothing is known is null and has bounds.

    purchases = inside + gap + unknown (bought from suppliers of whom no activity is known); abroad is part of the gap. filled_*:
    what making the gap's products in the region would bring there, through its suppliers in the region too.
    """

    table: pa.Table
    totals: pa.Table
    regions: Regions
    clusters: tuple[str, ...]
    outputs: FloatArray
    """(regions, n, clusters): the output of every cluster by industry of the table."""


def supply_gaps(
    system: IndustrySystem,
    tie: Bridge,
    activity: Activity,
    definition: ClusterDefinition,
    clusters: Sequence[str],
    measure: str,
    options: GapOptions,
    firms: Mapping[tuple[str, str], Sequence[str]] | None = None,
) -> SupplyGaps:
    """The gaps of some clusters in every region.

    measure: the activity that stands for jobs; firms: (region, industry of the table) → names of those who could supply.
    Raises AlmazError where the data do not hold the measure.
    """
    cells = activity.cells(measure)
    regions = regional_jobs(cells, activity, tie, system, options.covers)
    keys, membership = definition.membership(activity.industries)
    columns = [at for at, key in enumerate(keys) if key[0] in set(clusters)]
    names = [keys[at][0] for at in columns]
    suppliers = _suppliers(system, tie, regions, [key[0] for key in keys], membership, firms or {})
    tables, totals, outputs = [], [], []
    with threadpool_limits(1, "blas"):  # matrices this small are solved faster by one thread than by several that wait
        for place, code in enumerate(regions.codes):
            output = cluster_outputs(cells, place, tie, membership[:, columns], system, regions)
            outputs.append(output.point)
            shares = trading_shares(regions, place, options)
            flows = Flows.of(system, shares, output)
            brought = effects(system, shares)
            there = np.flatnonzero(flows.purchases.high.sum(axis=0) > 0)
            tables.append(
                _table(code, place, [names[at] for at in there], flows.of_clusters(there), brought, suppliers, options)
            )
            whole = _amounts(flows.of_clusters(there), brought, np.empty((0, there.size), dtype=np.intp))
            made = {f"output{suffix}": _plain(part[:, there].sum(axis=0)) for suffix, part in _parts(output)}
            labels = {"region": [code] * there.size, "cluster": [names[at] for at in there]}
            totals.append(pa.table({**labels, **made, **{name: _plain(column[-1]) for name, column in whole.items()}}))
    return SupplyGaps(pa.concat_tables(tables), pa.concat_tables(totals), regions, tuple(names), np.array(outputs))


@dataclass(frozen=True)
class _Suppliers:
    """What is known of every supplying industry: its cluster, and for every region how it stands and who else has it."""

    codes: npt.NDArray[np.object_]
    cluster: npt.NDArray[np.object_]
    order: Places
    """(regions, n): the regions of every industry, those with most jobs first."""
    regions: Regions
    firms: Mapping[tuple[str, str], Sequence[str]]

    def elsewhere(self, region: int) -> npt.NDArray[np.object_]:
        """(n,) the three other regions with most jobs in each industry: where an investor or a partner may be found."""
        jobs = np.nan_to_num(self.regions.jobs.point)
        found = [
            " ".join([self.regions.codes[at] for at in best if at != region and jobs[at, supplier] > 0][:3])
            for supplier, best in enumerate(self.order[:4].T.tolist())
        ]
        return np.array(found, dtype=object)

    def status(self, region: int) -> npt.NDArray[np.object_]:
        """(n,) who could supply: nobody here (absent), an industry below its share (small) or above it (specialised)."""
        quotient, high = self.regions.quotient.point[region], self.regions.jobs.high[region]
        known = np.where(np.isnan(quotient), "unknown", np.where(quotient >= 1, "specialised", "small"))
        known = np.where(high == 0, "absent", known)
        return np.where(np.isnan(self.regions.country), "unknown", known).astype(object)


def _suppliers(
    system: IndustrySystem, tie: Bridge, regions: Regions, clusters: Sequence[str], membership: FloatArray,
    firms: Mapping[tuple[str, str], Sequence[str]],
) -> _Suppliers:  # fmt: skip
    belongs = tie.weights @ membership
    names = [clusters[at] if belongs[row, at] > 0 else None for row, at in enumerate(belongs.argmax(axis=1).tolist())]
    order = np.argsort(-np.nan_to_num(regions.jobs.point, nan=-1.0), axis=0, kind="stable")
    return _Suppliers(np.array(system.industries, dtype=object), np.array(names, dtype=object), order, regions, firms)


def _table(
    code: str, region: int, clusters: Sequence[str], flows: Flows, brought: Mapping[str, Bounded],
    suppliers: _Suppliers, options: GapOptions,
) -> pa.Table:  # fmt: skip
    size = np.where(np.isnan(flows.purchases.point), np.minimum(flows.purchases.high, 1e30), flows.purchases.point)
    top = np.argsort(-size, axis=0, kind="stable")[: options.suppliers]
    columns: dict[str, pa.Array] = {
        name: _plain(part.T.ravel()) for name, part in _amounts(flows, brought, top).items()
    }
    rows = top.shape[0] + 1

    def told(values: npt.NDArray[np.object_] | FloatArray, kind: pa.DataType) -> pa.Array:
        shown = np.vstack([values[top].astype(object), np.full((1, top.shape[1]), None)])
        return pa.array(shown.T.ravel().tolist(), kind, from_pandas=True)

    regions, cluster = suppliers.regions, np.array(clusters, dtype=object)
    own = np.vstack([suppliers.cluster[top] == cluster, np.zeros((1, top.shape[1]), dtype=bool)])
    firms = np.array(["; ".join(suppliers.firms.get((code, one), ())) for one in suppliers.codes], dtype=object)
    labels = {
        "region": pa.array([code] * (rows * len(clusters)), pa.string()),
        "cluster": pa.array(np.repeat(cluster, rows).tolist(), pa.string()),
        "supplier": told(suppliers.codes, pa.string()),
        "cluster_of_supplier": told(suppliers.cluster, pa.string()),
        "in_cluster": pa.array(own.T.ravel()),
        "status": told(suppliers.status(region), pa.string()),
        "jobs_here": told(regions.jobs.point[region], pa.float64()),
        "jobs_here_low": told(regions.jobs.low[region], pa.float64()),
        "jobs_here_high": told(regions.jobs.high[region], pa.float64()),
        "lq": told(regions.quotient.point[region], pa.float64()),
        "elsewhere": told(suppliers.elsewhere(region), pa.string()),
        "firms": told(firms, pa.string()),
    }
    table = pa.table({**labels, **columns})
    return table.filter(pc.fill_null(pc.greater(table["purchases_high"], 0), True))


def _amounts(flows: Flows, brought: Mapping[str, Bounded], top: Places) -> dict[str, FloatArray]:
    """Every amount as (suppliers shown + all others, clusters)."""
    others = np.ones(flows.purchases.high.shape, dtype=bool)
    np.put_along_axis(others, top, False, axis=0)

    def ranked(values: FloatArray) -> FloatArray:
        rest = np.where(others, np.nan_to_num(values, nan=0.0, posinf=np.inf), 0.0).sum(axis=0, keepdims=True)
        return np.vstack([np.take_along_axis(values, top, axis=0), rest])

    found: dict[str, FloatArray] = {}
    named = {"purchases": flows.purchases, "abroad": flows.abroad, "inside": flows.inside, "gap": flows.gap}
    for name, flow in named.items():
        found |= {name + suffix: ranked(part) for suffix, part in _parts(flow)}
    found["unknown"] = ranked(np.where(np.isnan(flows.gap.point), flows.purchases.point, 0.0))
    for name, effect in brought.items():
        corners = np.array(
            [_times(gap, unit) for gap in (flows.gap.low, flows.gap.high) for unit in (effect.low, effect.high)]
        )
        found[f"filled_{name}"] = ranked(flows.gap.point * effect.point[:, None])
        found[f"filled_{name}_low"] = ranked(corners.min(axis=0))
        found[f"filled_{name}_high"] = ranked(corners.max(axis=0))
    return found


def _times(gap: FloatArray, unit: FloatArray) -> FloatArray:
    """gap × unit where an endless gap of no effect is none."""
    with np.errstate(invalid="ignore"):
        return np.nan_to_num(gap * unit[:, None], nan=0.0, posinf=np.inf, neginf=-np.inf)


def _parts(bounded: Bounded) -> tuple[tuple[str, FloatArray], ...]:
    return (("", bounded.point), ("_low", bounded.low), ("_high", bounded.high))


def _plain(values: FloatArray) -> pa.Array:
    return pa.array(np.ascontiguousarray(values, dtype=np.float32), from_pandas=True)
