"""A region's portfolio: how much of each cluster it has, how specialised it is, how sure that is, how it changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
    bases: Mapping[str, Base] = field(default_factory=dict)
    """By kind and for "all": what shares are taken of."""
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
    bases: Mapping[str, Base] = {}
    for level in ("cluster", "subcluster"):
        keys, weights = definition.membership(activity.industries, level)
        if not keys:
            continue
        sums = {name: _summed(cells, weights) for name, cells in activity.measures.items()}
        bases = bases or _bases(activity, sums, keys, options)
        columns = _columns(activity, sums, keys, bases, options)
        tables.append(_table(activity, keys, columns, sums))
        if level == "cluster":
            cluster_columns, cluster_keys = columns, tuple(keys)
    return Portfolio(
        pa.concat_tables(tables), activity.regions, cluster_keys, activity.years, cluster_columns, options, bases
    )


@dataclass(frozen=True)
class Sum:
    """Activity added up over industries, (regions, columns, years): value, what it can be at least and at most, and what of it
    is published."""

    value: FloatArray
    low: FloatArray
    high: FloatArray
    published: FloatArray


def _summed(cells: Cells, weights: FloatArray) -> Sum:
    """Cells added up over industries: a known sum has no unknown part, a sum is bounded where all its parts are."""
    total = _adder(weights)
    if np.array_equal(cells.low, cells.value) and np.array_equal(cells.high, cells.value):
        whole = total(cells.value)  # all is published
        return Sum(whole, whole, whole, whole)
    unknown, endless = np.isnan(cells.value), np.isinf(cells.high)
    known = np.where(unknown, 0.0, cells.value) if unknown.any() else cells.value
    shown = np.where(cells.status <= CODE[Status.NIL], known, 0.0)
    value, high = total(known), total(np.where(endless, 0.0, cells.high) if endless.any() else cells.high)
    if unknown.any():
        value[total(unknown.astype(np.float64)) > 0] = np.nan
    if endless.any():
        high[total(endless.astype(np.float64)) > 0] = np.inf
    return Sum(value, total(cells.low), high, total(shown))


def _adder(weights: FloatArray) -> Callable[[FloatArray], FloatArray]:
    """Adds (regions, industries, years) up to (regions, columns of weights, years), in one fixed order of the industries.

    Nearly every industry belongs to one column, so only its members are touched.
    """
    column, industry = np.nonzero(weights.T)
    share = weights[industry, column][None, :, None]
    plain, everyone = bool((share == 1.0).all()), np.array_equal(industry, np.arange(weights.shape[0]))
    filled, starts = np.unique(column, return_index=True)

    def total(array: FloatArray) -> FloatArray:
        result = np.zeros((array.shape[0], weights.shape[1], array.shape[2]))
        if filled.size:
            members = array if everyone else np.take(array, industry, axis=1)
            result[:, filled, :] = np.add.reduceat(members if plain else members * share, starts, axis=1)
        return result

    return total


@dataclass(frozen=True)
class Base:
    """What shares are taken of, for the clusters of one kind: activity (regions, 1, years) and its establishments."""

    size: Sum
    establishments: Sum | None


def _bases(activity: Activity, sums: Mapping[str, Sum], keys: list[Key], options: PortfolioOptions) -> dict[str, Base]:
    """The base of every kind, from the clusters' sums, and of "all": every industry of the data, those of no cluster too."""
    everyone = np.ones((len(activity.industries), 1))

    def base(measure: str, kind: str) -> Sum:
        if kind == "all":
            return _summed(activity.cells(measure), everyone)
        mine, of = [key[2] == kind for key in keys], sums[measure]
        parts = (array[:, mine].sum(axis=1, keepdims=True) for array in (of.value, of.low, of.high, of.published))
        return Sum(*parts)

    counted = "establishments" in activity.measures
    return {
        kind: Base(base(options.measure, kind), base("establishments", kind) if counted else None)
        for kind in ["all", *sorted({key[2] for key in keys})]
    }


def _columns(
    activity: Activity,
    sums: Mapping[str, Sum],
    keys: list[Key],
    bases: Mapping[str, Base],
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
    main: Sum,
    units: Sum | None,
    shared: Base,
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
