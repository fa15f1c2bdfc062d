"""A region's portfolio: how much of each cluster it has, how specialised it is, how sure that is, how it changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from almaz.clusters.definition import ClusterDefinition
from almaz.clusters.quotients import QUOTIENTS, Base, Sum, bases_of, country_bounds, quotients, region_total, summed
from almaz.measures.change import compound_growth, growth, shift_share
from almaz.measures.ranks import rank_interval
from almaz.tables.activity import Activity

FloatArray: TypeAlias = npt.NDArray[np.float64]
Key: TypeAlias = tuple[str, str | None, str]


@dataclass(frozen=True)
class PortfolioOptions:
    """measure: what size means; base: "same_kind", "all" or another measure held as a region's total (population);
    reference: the country "including" or "excluding" the region; level: of the sampling interval."""

    measure: str = "employment"
    base: str = "same_kind"
    reference: Literal["including", "excluding"] = "including"
    level: float = 0.95


@dataclass(frozen=True)
class Portfolio:
    """The table (one row per region × cluster × year, subclusters below) and what the rules need to judge it."""

    table: pa.Table
    regions: tuple[str, ...]
    keys: tuple[Key, ...]
    years: tuple[int, ...]
    columns: Mapping[str, FloatArray]
    """Every number of the cluster rows as (regions, clusters, years)."""
    options: PortfolioOptions = PortfolioOptions()
    bases: Mapping[str, Base] = field(default_factory=dict)
    """By kind and for "all": what shares are taken of."""
    draws: Mapping[str, FloatArray] = field(default_factory=dict)
    """Fillings of hidden cells in the last year: "size" and "lq", (k, regions, clusters); empty where there are none."""


def portfolio(activity: Activity, definition: ClusterDefinition, options: PortfolioOptions) -> Portfolio:
    """Measure every cluster in every region.

    The quotient is of `options.measure`; its draws are establishments where the data have them (`measures.intervals`); bounds,
    chances and part of the intervals come from hidden cells (`clusters.quotients`). Raises AlmazError for an unknown base.
    """
    activity.cells(options.measure)
    tables: list[pa.Table] = []
    cluster_columns: Mapping[str, FloatArray] = {}
    cluster_keys: tuple[Key, ...] = ()
    bases = bases_of(activity, definition, options.measure)
    draws: Mapping[str, FloatArray] = {}
    for level in ("cluster", "subcluster"):
        keys, weights = definition.membership(activity.industries, level)
        if not keys:
            continue
        sums = {name: summed(cells, weights) for name, cells in activity.measures.items()}
        columns, drawn = _columns(activity, weights, sums, keys, bases, options)
        tables.append(_table(activity, keys, columns, sums))
        if level == "cluster":
            cluster_columns, cluster_keys, draws = columns, tuple(keys), drawn
    return Portfolio(
        pa.concat_tables(tables), activity.regions, cluster_keys, activity.years, cluster_columns, options, bases, draws
    )


def _columns(
    activity: Activity,
    weights: FloatArray,
    sums: Mapping[str, Sum],
    keys: list[Key],
    bases: Mapping[str, Base],
    options: PortfolioOptions,
) -> tuple[dict[str, FloatArray], dict[str, FloatArray]]:
    """Every number of the rows, (regions, clusters, years), and the draws of the last year, (k, regions, clusters)."""
    main, units = sums[options.measure], sums.get("establishments")
    shape = main.value.shape
    columns = {name: np.full(shape, np.nan) for name in QUOTIENTS}
    draws: dict[str, FloatArray] = {}
    for year in range(len(activity.years)):
        size = activity.cells(options.measure).summed_draws(weights, year)
        quotient = None if size is None else np.full(size.shape, np.nan)
        for kind, chosen in groups(keys, options):
            base = region_total(activity, options.base, year) if options.base not in ("same_kind", "all") else None
            part = quotients(main.at(chosen, year), None if units is None else units.at(chosen, year),
                             bases[kind].in_year(activity, options.measure, year), base, options,
                             None if size is None else size[:, :, chosen],
                             country_bounds(activity, options.measure, weights[:, chosen], year))  # fmt: skip
            if quotient is not None:
                quotient[:, :, chosen] = part.pop("draws")
            for name, values in part.items():
                columns[name][:, chosen, year] = values
        if size is not None and quotient is not None and year == len(activity.years) - 1:
            draws = {"size": size, "lq": quotient}
    columns |= _shares(main, sums, bases["all"].size, options)
    additive = options.base in ("same_kind", "all")
    columns |= _change(main.value, bases["all"].size.value if additive else None, activity.years)
    columns |= _ranks(columns)
    return columns, draws


def _shares(main: Sum, sums: Mapping[str, Sum], everything: Sum, options: PortfolioOptions) -> dict[str, FloatArray]:
    """What part of the region and of the cluster this is, what part of it is hidden, and what a person earns."""
    columns: dict[str, FloatArray] = {}
    with np.errstate(divide="ignore", invalid="ignore"):
        hidden = np.clip(1.0 - main.published / main.value, 0.0, 1.0)
        columns["hidden_share"] = np.where(main.value == 0, 0.0, hidden)
        columns["share_of_region"] = main.value / everything.value
        columns["share_of_cluster"] = main.value / main.value.sum(axis=0, keepdims=True)
        if "wages" in sums:
            columns["productivity"] = sums["wages"].value / main.value
    if options.base not in ("same_kind", "all"):
        columns["share_of_region"] = np.full(main.value.shape, np.nan)
    return columns


def _ranks(columns: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """Ranks by the intervals that sampling and draws leave; by what the bounds leave where there is no interval."""
    low = np.where(np.isnan(columns["lq_ci_low"]), columns["lq_low"], columns["lq_ci_low"])
    high = np.where(np.isnan(columns["lq_ci_high"]), columns["lq_high"], columns["lq_ci_high"])
    ranks = rank_interval(columns["lq"], low, high)
    number = np.broadcast_to(ranks.n.astype(np.float64), low.shape)
    return {"rank": ranks.rank, "rank_low": ranks.best, "rank_high": ranks.worst, "regions_in_rank": number}


def groups(keys: Sequence[Key], options: PortfolioOptions) -> list[tuple[str, npt.NDArray[np.intp]]]:
    """Columns that share a base, with its name: traded with traded, local with local, or "all" together."""
    if options.base != "same_kind":
        return [("all", np.arange(len(keys)))]
    kinds = sorted({kind for _cluster, _sub, kind in keys})
    return [(kind, np.array([i for i, key in enumerate(keys) if key[2] == kind])) for kind in kinds]


def _change(value: FloatArray, everything: FloatArray | None, years: tuple[int, ...]) -> dict[str, FloatArray]:
    """From the first year to the last, told on the rows of the last year.

    everything: (regions, 1, years) activity of all industries, so that those of no cluster count in the country's growth; None
    where clusters have no common unit: then there is growth but no shift-share.
    """
    names = ("growth", "cagr", "shift_national", "shift_mix", "shift_regional", "competitive_growth")
    columns = {name: np.full(value.shape, np.nan) for name in names}
    if len(years) < 2:
        return columns
    before, after = value[:, :, 0], value[:, :, -1]
    columns["growth"][:, :, -1] = growth(before, after)
    columns["cagr"][:, :, -1] = compound_growth(before, after, years[-1] - years[0])
    if everything is None:
        return columns
    start, end = (np.concatenate([x, whole - x.sum(axis=1, keepdims=True)], axis=1)
                  for x, whole in ((before, everything[:, :, 0]), (after, everything[:, :, -1])))  # fmt: skip
    parts = shift_share(start, end)
    for name, part in (("national", parts.national), ("mix", parts.mix), ("regional", parts.regional)):
        columns[f"shift_{name}"][:, :, -1] = part[:, :-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        competitive = columns["shift_regional"][:, :, -1] / before
    columns["competitive_growth"][:, :, -1] = np.where(before > 0, competitive, np.nan)
    return columns


def _table(activity: Activity, keys: list[Key], columns: Mapping[str, FloatArray], sums: Mapping[str, Sum]) -> pa.Table:
    regions, years = len(activity.regions), len(activity.years)
    row, column, year = (
        pa.array(index.ravel(), pa.int32()) for index in np.indices((regions, len(keys), years), dtype=np.int32)
    )
    clusters, inner, kinds = (pa.array([key[part] for key in keys], pa.string()) for part in range(3))
    held = {
        "region": pa.array(activity.regions, pa.string()).take(row),
        "cluster": clusters.take(column),
        "subcluster": inner.take(column),
        "kind": kinds.take(column),
        "year": pa.array(activity.years, pa.int32()).take(year),
    }
    for name, part in sums.items():
        for suffix, array in (("", part.value), ("_low", part.low), ("_high", part.high)):
            held[name + suffix] = pa.array(array.ravel(), from_pandas=True)
    for name, array in columns.items():
        held[name] = pa.array(np.ascontiguousarray(array).ravel(), from_pandas=True)
    return pa.table(held)
