"""A region's portfolio: how much of each cluster it has, how specialised it is, how sure that is, how it changed."""

from __future__ import annotations

from collections.abc import Mapping
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
from almaz.measures.quotient_bounds import shared_quotient_bounds
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
    draws: Mapping[str, FloatArray] = field(default_factory=dict)
    """Fillings of the hidden cells in the last year, "size" and "lq": (k, regions, clusters); empty where nothing is hidden."""


def portfolio(activity: Activity, definition: ClusterDefinition, options: PortfolioOptions) -> Portfolio:
    """Measure every cluster in every region.

    The quotient is of `options.measure`; its draws are establishments where the data have them (`measures.intervals`); bounds
    come from hidden cells (`measures.specialisation.location_quotient_bounds`). Raises AlmazError for an unknown base.
    """
    activity.cells(options.measure)
    tables: list[pa.Table] = []
    cluster_columns: Mapping[str, FloatArray] = {}
    cluster_keys: tuple[Key, ...] = ()
    draws: Mapping[str, FloatArray] = {}
    for level in ("cluster", "subcluster"):
        keys, weights = definition.membership(activity.industries, level)
        if not keys:
            continue
        sums = {name: _summed(cells, weights) for name, cells in activity.measures.items()}
        columns, drawn = _columns(activity, sums, weights, keys, options)
        tables.append(_table(activity, keys, columns, sums))
        if level == "cluster":
            cluster_columns, cluster_keys, draws = columns, tuple(keys), drawn
    return Portfolio(pa.concat_tables(tables), activity.regions, cluster_keys, activity.years, cluster_columns, draws)


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
    high = np.where(endless, np.inf, total(np.where(np.isinf(cells.high), 0.0, cells.high)))
    return _Sum(cells.summed(weights), total(cells.low), high, total(np.where(shown, np.nan_to_num(cells.value), 0.0)))


def _columns(
    activity: Activity, sums: Mapping[str, _Sum], weights: FloatArray, keys: list[Key], options: PortfolioOptions
) -> tuple[dict[str, FloatArray], dict[str, FloatArray]]:
    """Every number of the rows, (regions, clusters, years), and the draws of the last year."""
    main, units = sums[options.measure], sums.get("establishments")
    shape = main.value.shape
    columns: dict[str, FloatArray] = {}
    names = ("lq", "lq_low", "lq_high", "lq_ci_low", "lq_ci_high", "p_lq_above_1")
    columns.update({name: np.full(shape, np.nan) for name in names})
    draws: dict[str, FloatArray] = {}
    for year in range(len(activity.years)):
        drawn = activity.cells(options.measure).summed_draws(weights, year)
        quotients = None if drawn is None else np.full(drawn.shape, np.nan)
        for chosen in _groups(keys, options):
            base = _base_bounds(activity, weights, chosen, year, options)
            part = _quotients(activity, main, units, chosen, year, options, base)
            if drawn is not None and quotients is not None:
                quotients[:, :, chosen] = _drawn_quotients(activity, drawn[:, :, chosen], year, options)
                hidden = (main.high - main.low)[:, chosen, year] > 0
                of_units = None if units is None else units.value[:, chosen, year]
                part |= _with_draws(part, drawn[:, :, chosen], quotients[:, :, chosen], of_units, hidden, options)
            for name, values in part.items():
                columns[name][:, chosen, year] = values
        if year == len(activity.years) - 1 and drawn is not None and quotients is not None:
            draws = {"size": drawn, "lq": quotients}
    columns |= _shares(main, sums, options)
    columns.update(_change(main.value, activity.years))
    columns |= _ranks(columns)
    return columns, draws


def _shares(main: _Sum, sums: Mapping[str, _Sum], options: PortfolioOptions) -> dict[str, FloatArray]:
    """What part of the region and of the cluster this is, what part of it is hidden, and what a person earns."""
    columns: dict[str, FloatArray] = {}
    with np.errstate(divide="ignore", invalid="ignore"):
        hidden = np.clip(1.0 - main.published / main.value, 0.0, 1.0)
        columns["hidden_share"] = np.where(main.value == 0, 0.0, hidden)
        columns["share_of_region"] = main.value / main.value.sum(axis=1, keepdims=True)
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


def _base_bounds(
    activity: Activity, weights: FloatArray, chosen: npt.NDArray[np.intp], year: int, options: PortfolioOptions
) -> tuple[FloatArray, FloatArray] | None:
    """What the published total of a region leaves for the base of these clusters: it less what can be outside them."""
    whole, cells = activity.totals.get(options.measure), activity.cells(options.measure)
    if whole is None or options.base not in ("same_kind", "all"):
        return None
    inside = weights[:, chosen].sum(axis=1)
    if not np.all(np.isin(inside, (0.0, 1.0))):
        return None
    outside = inside == 0.0
    others = [array[:, outside, year].sum(axis=1) for array in (cells.low, cells.high)]
    return whole.low[:, 0, year] - others[1], whole.high[:, 0, year] - others[0]


def _drawn_quotients(activity: Activity, drawn: FloatArray, year: int, options: PortfolioOptions) -> FloatArray:
    if options.base in ("same_kind", "all"):
        return location_quotient(drawn, excluding=options.reference == "excluding")
    base = _region_total(activity, options.base, year)
    return location_quotient(
        drawn, base=np.broadcast_to(base, drawn.shape[:2]), excluding=options.reference == "excluding"
    )


def _with_draws(
    part: Mapping[str, FloatArray],
    size: FloatArray,
    quotient: FloatArray,
    units: FloatArray | None,
    hidden: npt.NDArray[np.bool_],
    options: PortfolioOptions,
) -> dict[str, FloatArray]:
    """Interval and chance with what hidden cells add to them.

    Chance: the mean over draws of the chance given that draw. Interval: on the log scale the arms of the sampling interval
    and of the draws' quantiles add up by squares (two independent sources of error; Rubin 1987, within and between).
    """
    draws = size.shape[0]
    tails = np.quantile(quotient, [(1 - options.level) / 2, (1 + options.level) / 2], axis=0)
    if units is None:
        return {"lq_ci_low": np.where(hidden, tails[0], part["lq"]), "lq_ci_high": np.where(hidden, tails[1], part["lq"]),
                "p_lq_above_1": np.where(np.isnan(part["lq"]), np.nan, (quotient >= 1.0).mean(axis=0))}  # fmt: skip
    excluding: Literal["excluded", "included"] = "excluded" if options.reference == "excluding" else "included"
    chance = np.zeros(units.shape)
    for draw in size:
        chance += probability_at_least(quotient_model(Counts(draw, units), region_in_reference=excluding), 1.0) / draws
    with np.errstate(divide="ignore", invalid="ignore"):
        below = np.hypot(np.log(part["lq"] / part["lq_ci_low"]), np.log(np.maximum(part["lq"] / tails[0], 1.0)))
        above = np.hypot(np.log(part["lq_ci_high"] / part["lq"]), np.log(np.maximum(tails[1] / part["lq"], 1.0)))
        low = np.where(hidden & ~np.isnan(below), part["lq"] * np.exp(-below), part["lq_ci_low"])
        high = np.where(hidden & np.isfinite(above), part["lq"] * np.exp(above), part["lq_ci_high"])
    return {"lq_ci_low": low, "lq_ci_high": high, "p_lq_above_1": chance}


def _groups(keys: list[Key], options: PortfolioOptions) -> list[npt.NDArray[np.intp]]:
    """Columns that share a base: traded with traded, local with local, or all together."""
    if options.base != "same_kind":
        return [np.arange(len(keys))]
    kinds = sorted({kind for _cluster, _sub, kind in keys})
    return [np.array([i for i, key in enumerate(keys) if key[2] == kind]) for kind in kinds]


def _quotients(
    activity: Activity,
    main: _Sum,
    units: _Sum | None,
    chosen: npt.NDArray[np.intp],
    year: int,
    options: PortfolioOptions,
    base_bounds: tuple[FloatArray, FloatArray] | None,
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
    bounds = shared_quotient_bounds(low, high, *(base_bounds or (None, None)), excluding=excluding)
    result = {"lq": location_quotient(value, excluding=excluding), "lq_low": bounds[0], "lq_high": bounds[1]}
    if units is None:
        return result
    establishments = units.value[:, chosen, year]
    model = quotient_model(Counts(value, establishments), region_in_reference="excluded" if excluding else "included")
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


def _change(value: FloatArray, years: tuple[int, ...]) -> dict[str, FloatArray]:
    """From the first year to the last, told on the rows of the last year."""
    names = ("growth", "cagr", "shift_national", "shift_mix", "shift_regional")
    columns = {name: np.full(value.shape, np.nan) for name in names}
    if len(years) < 2:
        return columns
    before, after = value[:, :, 0], value[:, :, -1]
    parts = shift_share(before, after)
    columns["growth"][:, :, -1] = growth(before, after)
    columns["cagr"][:, :, -1] = compound_growth(before, after, years[-1] - years[0])
    columns["shift_national"][:, :, -1] = parts.national
    columns["shift_mix"][:, :, -1] = parts.mix
    columns["shift_regional"][:, :, -1] = parts.regional
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
