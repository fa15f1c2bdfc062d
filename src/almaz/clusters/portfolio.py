"""A region's portfolio: how much of each cluster it has, how specialised it is, how sure that is, how it changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from almaz.clusters.definition import ClusterDefinition
from almaz.errors import AlmazError
from almaz.language import text as _
from almaz.measures.change import compound_growth, growth, shift_share
from almaz.measures.effective_number import Counts
from almaz.measures.intervals import probability_at_least, profile_interval, quotient_model
from almaz.measures.ranks import rank_interval
from almaz.measures.specialisation import location_quotient, location_quotient_bounds
from almaz.tables.activity import CODE, Activity, Cells
from almaz.tables.schema import Status

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
    bases: Mapping[str, tuple[FloatArray, FloatArray | None]] = field(default_factory=dict)
    """By kind and for "all": activity and establishments of the last year of which shares are taken, (regions,)."""
    draws: Mapping[str, FloatArray] = field(default_factory=dict)
    """Fillings of hidden cells in the last year: "size" and "lq", (k, regions, clusters); empty where there are none."""


def portfolio(activity: Activity, definition: ClusterDefinition, options: PortfolioOptions) -> Portfolio:
    """Measure every cluster in every region.

    The quotient is of `options.measure`; its draws are establishments where the data have them (`measures.intervals`); bounds
    come from hidden cells (`measures.specialisation.location_quotient_bounds`). Raises AlmazError for an unknown base.
    """
    activity.cells(options.measure)
    tables: list[pa.Table] = []
    cluster_columns: Mapping[str, FloatArray] = {}
    cluster_keys: tuple[Key, ...] = ()
    bases = _bases(activity, definition, options)
    for level in ("cluster", "subcluster"):
        keys, weights = definition.membership(activity.industries, level)
        if not keys:
            continue
        sums = {name: _summed(cells, weights) for name, cells in activity.measures.items()}
        columns = _columns(activity, sums, keys, bases, options)
        tables.append(_table(activity, keys, columns, sums))
        if level == "cluster":
            cluster_columns, cluster_keys = columns, tuple(keys)
    last = {
        name: (base.size.value[:, 0, -1], None if (u := base.establishments) is None else u.value[:, 0, -1])
        for name, base in bases.items()
    }
    return Portfolio(
        pa.concat_tables(tables), activity.regions, cluster_keys, activity.years, cluster_columns, options, last
    )


@dataclass(frozen=True)
class _Sum:
    value: FloatArray
    low: FloatArray
    high: FloatArray
    published: FloatArray


def _summed(cells: Cells, weights: FloatArray) -> _Sum:
    def total(array: FloatArray) -> FloatArray:
        return np.einsum("riy,ic->rcy", array, weights, optimize=True)

    endless = total(np.isinf(cells.high).astype(np.float64)) > 0
    shown = cells.status <= CODE[Status.NIL]
    unknown = total(np.isnan(cells.value).astype(np.float64)) > 0
    value = np.where(unknown, np.nan, total(np.nan_to_num(cells.value)))
    high = np.where(endless, np.inf, total(np.where(np.isinf(cells.high), 0.0, cells.high)))
    return _Sum(value, total(cells.low), high, total(np.where(shown, np.nan_to_num(cells.value), 0.0)))


@dataclass(frozen=True)
class _Base:
    """What shares are taken of, for the clusters of one kind: activity (regions, 1, years) and its establishments."""

    size: _Sum
    establishments: _Sum | None


def _bases(activity: Activity, definition: ClusterDefinition, options: PortfolioOptions) -> dict[str, _Base]:
    """The base of every kind, and of "all": every industry of the data, those of no cluster too."""
    keys, weights = definition.membership(activity.industries)
    chosen = {"all": np.ones((len(activity.industries), 1))}
    for kind in sorted({kind for _cluster, _sub, kind in keys}):
        chosen[kind] = weights[:, [key[2] == kind for key in keys]].sum(axis=1, keepdims=True)
    units = activity.measures.get("establishments")
    return {
        name: _Base(_summed(activity.cells(options.measure), part), None if units is None else _summed(units, part))
        for name, part in chosen.items()
    }


def _columns(
    activity: Activity,
    sums: Mapping[str, _Sum],
    keys: list[Key],
    bases: Mapping[str, _Base],
    options: PortfolioOptions,
) -> dict[str, FloatArray]:
    main, units = sums[options.measure], sums.get("establishments")
    shape = main.value.shape
    columns: dict[str, FloatArray] = {}
    names = ("lq", "lq_low", "lq_high", "lq_ci_low", "lq_ci_high", "p_lq_above_1")
    columns.update({name: np.full(shape, np.nan) for name in names})
    for year in range(len(activity.years)):
        for kind, chosen in groups(keys, options):
            part = _quotients(activity, main, units, bases[kind], chosen, year, options)
            for name, values in part.items():
                columns[name][:, chosen, year] = values
    with np.errstate(divide="ignore", invalid="ignore"):
        columns["hidden_share"] = np.clip(1.0 - main.published / main.value, 0.0, 1.0)
        columns["share_of_region"] = main.value / bases["all"].size.value
        columns["share_of_cluster"] = main.value / main.value.sum(axis=0, keepdims=True)
        if "wages" in sums:
            columns["productivity"] = sums["wages"].value / main.value
    if options.base not in ("same_kind", "all"):
        columns["share_of_region"] = np.full(shape, np.nan)
    columns["hidden_share"] = np.where(main.value == 0, 0.0, columns["hidden_share"])
    additive = options.base in ("same_kind", "all")
    columns.update(_change(main.value, bases["all"].size.value if additive else None, activity.years))
    ranks = rank_interval(
        columns["lq"],
        np.fmin(columns["lq_ci_low"], columns["lq_low"]) if units is not None else columns["lq_low"],
        np.fmax(columns["lq_ci_high"], columns["lq_high"]) if units is not None else columns["lq_high"],
    )
    columns |= {"rank": ranks.rank, "rank_low": ranks.best, "rank_high": ranks.worst}
    columns["regions_in_rank"] = np.broadcast_to(ranks.n.astype(np.float64), shape)
    return columns


def groups(keys: Sequence[Key], options: PortfolioOptions) -> list[tuple[str, npt.NDArray[np.intp]]]:
    """Columns that share a base, with its name: traded with traded, local with local, or "all" together."""
    if options.base != "same_kind":
        return [("all", np.arange(len(keys)))]
    kinds = sorted({kind for _cluster, _sub, kind in keys})
    return [(kind, np.array([i for i, key in enumerate(keys) if key[2] == kind])) for kind in kinds]


def _quotients(
    activity: Activity,
    main: _Sum,
    units: _Sum | None,
    shared: _Base,
    chosen: npt.NDArray[np.intp],
    year: int,
    options: PortfolioOptions,
) -> dict[str, FloatArray]:
    value, low, high = (array[:, chosen, year] for array in (main.value, main.low, main.high))
    excluding = options.reference == "excluding"
    if options.base not in ("same_kind", "all"):
        base = _region_total(activity, options.base, year)
        quotient = location_quotient(value, base=base, excluding=excluding)
        bounds = location_quotient_bounds(low, high, base, base)
        unknown = np.isnan(base)[:, None]
        return {
            "lq": quotient,
            "lq_low": np.where(unknown, np.nan, bounds[0]),
            "lq_high": np.where(unknown, np.nan, bounds[1]),
        }
    base, base_low, base_high = (a[:, 0, year] for a in (shared.size.value, shared.size.low, shared.size.high))
    bounds = location_quotient_bounds(low, high, base_low, base_high)
    quotient = location_quotient(value, base=base, excluding=excluding)
    result = {"lq": quotient, "lq_low": bounds[0], "lq_high": bounds[1]}
    if units is None or shared.establishments is None:
        return result
    model = quotient_model(
        Counts(value, units.value[:, chosen, year]),
        regions=Counts(base, shared.establishments.value[:, 0, year]),
        region_in_reference="excluded" if excluding else "included",
    )
    interval = profile_interval(model, options.level)
    return result | {
        "lq_ci_low": interval.low,
        "lq_ci_high": interval.high,
        "p_lq_above_1": probability_at_least(model, 1.0),
    }


def _region_total(activity: Activity, measure: str, year: int) -> FloatArray:
    if measure not in activity.totals:
        raise AlmazError(
            _("the base «{base}» is not in the data", base=measure),
            expected=_("one of: {keys}", keys=", ".join(["same_kind", "all", *activity.totals])),
        )
    return activity.totals[measure].value[:, 0, year]


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


def _table(
    activity: Activity, keys: list[Key], columns: Mapping[str, FloatArray], sums: Mapping[str, _Sum]
) -> pa.Table:
    regions, years = len(activity.regions), len(activity.years)
    labels = {
        "region": np.repeat(np.array(activity.regions), len(keys) * years),
        "cluster": np.tile(np.repeat(np.array([key[0] for key in keys]), years), regions),
        "kind": np.tile(np.repeat(np.array([key[2] for key in keys]), years), regions),
        "year": np.tile(np.array(activity.years, dtype=np.int32), regions * len(keys)),
    }
    table = pa.table(labels)
    inner = [sub for _cluster, sub, _kind in keys for _year in range(years)] * regions
    table = table.add_column(2, "subcluster", pa.array(inner, pa.string()))
    for name, part in sums.items():
        for suffix, array in (("", part.value), ("_low", part.low), ("_high", part.high)):
            table = table.append_column(name + suffix, pa.array(array.ravel(), from_pandas=True))
    for name, array in columns.items():
        table = table.append_column(name, pa.array(np.ascontiguousarray(array).ravel(), from_pandas=True))
    return table
