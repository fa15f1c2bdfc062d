"""Location quotients of clusters in one year: the estimate, what hidden cells allow, and how sure it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from almaz.clusters.definition import ClusterDefinition
from almaz.errors import AlmazError
from almaz.language import text as _
from almaz.measures.effective_number import Counts
from almaz.measures.intervals import QuotientModel, probability_at_least, profile_interval, quotient_model
from almaz.measures.quotient_bounds import shared_quotient_bounds
from almaz.measures.specialisation import location_quotient, location_quotient_bounds
from almaz.tables.activity import CODE, Activity, Cells, adder
from almaz.tables.schema import Status

FloatArray: TypeAlias = npt.NDArray[np.float64]

QUOTIENTS: Final = ("lq", "lq_low", "lq_high", "lq_ci_low", "lq_ci_high", "p_lq_above_1")


class Options(Protocol):
    """What of the portfolio's options matters here."""

    @property
    def reference(self) -> Literal["including", "excluding"]: ...

    @property
    def level(self) -> float: ...


@dataclass(frozen=True)
class Sum:
    """Sums of cells: (regions, groups, years), or (regions, groups) in one year. published: the part that is published."""

    value: FloatArray
    low: FloatArray
    high: FloatArray
    published: FloatArray

    def at(self, chosen: npt.NDArray[np.intp], year: int) -> Sum:
        """Some groups in one year."""
        return Sum(*(array[:, chosen, year] for array in (self.value, self.low, self.high, self.published)))


def summed(cells: Cells, weights: FloatArray) -> Sum:
    """Sums of cells over groups of industries; weights: (industries, groups)."""
    total = adder(weights)
    endless = total(np.isinf(cells.high).astype(np.float64)) > 0
    shown = cells.status <= CODE[Status.NIL]
    high = np.where(endless, np.inf, total(np.where(np.isinf(cells.high), 0.0, cells.high)))
    return Sum(cells.summed(weights), total(cells.low), high, total(np.where(shown, np.nan_to_num(cells.value), 0.0)))


@dataclass(frozen=True)
class Base:
    """What shares are taken of, for the clusters of one kind: activity (regions, 1, years) and its establishments.

    weights: (industries, 1), the industries in it; left: least and most that the published totals of the regions leave for it,
    (regions, years) each."""

    size: Sum
    establishments: Sum | None
    weights: FloatArray
    left: tuple[FloatArray, FloatArray] | None = None

    def in_year(self, activity: Activity, measure: str, year: int) -> YearBase:
        """The base in one year, with what the region's published total leaves for it, and its draws."""
        only = np.zeros(1, dtype=np.intp)
        size = self.size.at(only, year)
        units = None if self.establishments is None else self.establishments.value[:, 0, year]
        drawn = activity.cells(measure).summed_draws(self.weights, year)
        left = None if self.left is None else (self.left[0][:, year], self.left[1][:, year])
        return YearBase(size, units, left, None if drawn is None else drawn[:, :, 0])


@dataclass(frozen=True)
class YearBase:
    """size: (regions, 1); establishments: (regions,); held: least and most that the published total of the region leaves;
    draws: (k, regions)."""

    size: Sum
    establishments: FloatArray | None
    held: tuple[FloatArray, FloatArray] | None
    draws: FloatArray | None


def bases_of(activity: Activity, definition: ClusterDefinition, measure: str) -> dict[str, Base]:
    """The base of every kind, and of "all": every industry of the data, those of no cluster too."""
    keys, weights = definition.membership(activity.industries)
    chosen = {"all": np.ones((len(activity.industries), 1))}
    for kind in sorted({kind for _cluster, _sub, kind in keys}):
        chosen[kind] = weights[:, [key[2] == kind for key in keys]].sum(axis=1, keepdims=True)
    units = activity.measures.get("establishments")
    return {
        name: Base(
            summed(activity.cells(measure), part),
            None if units is None else summed(units, part),
            part,
            _left_by_totals(activity, measure, part[:, 0]),
        )
        for name, part in chosen.items()
    }


def _left_by_totals(activity: Activity, measure: str, inside: FloatArray) -> tuple[FloatArray, FloatArray] | None:
    """What the published totals of the regions leave for a base, (regions, years): they less what can be outside the base."""
    whole, cells = activity.totals.get(measure), activity.cells(measure)
    if whole is None or not np.all(np.isin(inside, (0.0, 1.0))):
        return None
    outside = inside == 0.0
    others = [array[:, outside].sum(axis=1) for array in (cells.low, cells.high)]
    low, high = whole.low[:, 0] - others[1], whole.high[:, 0] - others[0]
    # Figures that contradict each other by rounding or revision must not cut off what the cells themselves say.
    slack = 1e-6 * np.maximum(1.0, np.where(np.isfinite(high), high, 0.0))
    return np.where(np.isnan(low), 0.0, low - slack), np.where(np.isnan(high), np.inf, high + slack)


def country_bounds(
    activity: Activity, measure: str, weights: FloatArray, year: int
) -> tuple[FloatArray, FloatArray] | None:
    """Least and most of every group's sum over the regions, (groups,): totals of regions above say more than the regions."""
    if measure not in activity.country:
        return None
    low, high = (ends[:, year] for ends in activity.country[measure])
    endless = weights.T @ np.isinf(high).astype(np.float64) > 0
    most = np.where(endless, np.inf, weights.T @ np.where(np.isinf(high), 0.0, high))
    slack = 1e-6 * np.maximum(1.0, np.where(endless, 0.0, most))
    return weights.T @ low - slack, most + slack


def quotients(
    main: Sum,
    units: Sum | None,
    shared: YearBase,
    population: FloatArray | None,
    options: Options,
    drawn: FloatArray | None,
    country: tuple[FloatArray, FloatArray] | None = None,
) -> dict[str, FloatArray]:
    """The columns `QUOTIENTS` of one year, (regions, clusters), and "draws", (k, regions, clusters), where drawn is given.

    main, units: activity and establishments of the clusters; shared: their base; population: (regions,), a base of another
    kind instead; drawn: (k, regions, clusters) fillings of main; country: see `country_bounds`.
    Bounds: every filling of the hidden cells. Chance: the mean over the fillings of the chance given each. Interval: on the log
    scale the arms of the sampling interval and of the fillings' quantiles add up by squares: two independent sources of error
    (Rubin 1987, within and between).
    """
    excluding = options.reference == "excluding"
    if population is not None:
        return _per(main, population, options, drawn)
    base = shared.size.value[:, 0]
    rows = (shared.size.low, shared.size.high)
    bounds = shared_quotient_bounds(main.low, main.high, rows, shared.held, country, excluding=excluding)
    quotient = location_quotient(main.value, base=base, excluding=excluding)
    result = {"lq": quotient, "lq_low": bounds[0], "lq_high": bounds[1]}
    fillings = None
    if drawn is not None:
        fillings = location_quotient(drawn, base=shared.draws, excluding=excluding)
        result["draws"] = fillings
    if units is None or shared.establishments is None:
        return result if fillings is None else result | _from_draws(main, quotient, fillings, options.level)
    result |= _sampled(Counts(main.value, units.value), Counts(base, shared.establishments), options)
    if drawn is not None and fillings is not None and shared.draws is not None:
        result |= _with_draws(main, result, fillings, options.level)
        chances = [
            probability_at_least(
                _model(Counts(size, units.value), Counts(whole, shared.establishments), excluding), 1.0
            )
            for size, whole in zip(drawn, shared.draws, strict=True)
        ]
        result["p_lq_above_1"] = np.mean(chances, axis=0)
    return result


def _per(main: Sum, population: FloatArray, options: Options, drawn: FloatArray | None) -> dict[str, FloatArray]:
    """Quotients of activity per head: the base is known and not made of the cells, so every end of a bound is reached."""
    excluding = options.reference == "excluding"
    quotient = location_quotient(main.value, base=population, excluding=excluding)
    bounds = location_quotient_bounds(main.low, main.high, population, population)
    unknown = np.isnan(population)[:, None]
    result = {
        "lq": quotient,
        "lq_low": np.where(unknown, np.nan, bounds[0]),
        "lq_high": np.where(unknown, np.nan, bounds[1]),
    }
    if drawn is None:
        return result
    fillings = location_quotient(drawn, base=np.broadcast_to(population, drawn.shape[:2]), excluding=excluding)
    return result | {"draws": fillings} | _from_draws(main, quotient, fillings, options.level)


def _model(cells: Counts, base: Counts, excluding: bool) -> QuotientModel:
    return quotient_model(cells, regions=base, region_in_reference="excluded" if excluding else "included")


def _sampled(cells: Counts, base: Counts, options: Options) -> dict[str, FloatArray]:
    model = _model(cells, base, options.reference == "excluding")
    interval = profile_interval(model, options.level)
    return {"lq_ci_low": interval.low, "lq_ci_high": interval.high, "p_lq_above_1": probability_at_least(model, 1.0)}


def _tails(fillings: FloatArray, level: float) -> FloatArray:
    return np.asarray(np.quantile(fillings, [(1 - level) / 2, (1 + level) / 2], axis=0))


def _from_draws(main: Sum, quotient: FloatArray, fillings: FloatArray, level: float) -> dict[str, FloatArray]:
    """Interval and chance from the fillings alone, where there are no establishments to sample."""
    known = main.low == main.high
    low, high = (np.where(known, quotient, tail) for tail in _tails(fillings, level))
    chance = np.where(np.isnan(quotient), np.nan, (fillings >= 1.0).mean(axis=0))
    return {"lq_ci_low": low, "lq_ci_high": high, "p_lq_above_1": chance}


def _with_draws(main: Sum, part: Mapping[str, FloatArray], fillings: FloatArray, level: float) -> dict[str, FloatArray]:
    hidden, tails, lq = main.low < main.high, _tails(fillings, level), part["lq"]
    with np.errstate(divide="ignore", invalid="ignore"):
        below = np.hypot(np.log(lq / part["lq_ci_low"]), np.log(np.maximum(lq / tails[0], 1.0)))
        above = np.hypot(np.log(part["lq_ci_high"] / lq), np.log(np.maximum(tails[1] / lq, 1.0)))
        low = np.where(hidden & ~np.isnan(below), lq * np.exp(-below), part["lq_ci_low"])
        high = np.where(hidden & np.isfinite(above), lq * np.exp(above), part["lq_ci_high"])
    return {"lq_ci_low": low, "lq_ci_high": high}


def region_total(activity: Activity, measure: str, year: int) -> FloatArray:
    """The published total of every region, (regions,): what a share is a share of where it is not made of the cells."""
    if measure not in activity.totals:
        raise AlmazError(
            _("the base «{base}» is not in the data", base=measure),
            expected=_("one of: {keys}", keys=", ".join(["same_kind", "all", *activity.totals])),
        )
    return activity.totals[measure].value[:, 0, year]
