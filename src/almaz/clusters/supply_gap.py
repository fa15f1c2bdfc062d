"""The supply gap of a region's cluster: what it buys from whom, what the region meets itself, what filling the gap would bring.

For a cluster c of region r, with x the output of its industries there (the country's output × the region's share of its jobs):

    purchases[i] = Σ_j A[i, j] x[j],   inside[i] = Σ_j A_home[i, j] t[i, j] x[j],   gap = purchases − inside

t is the share that the region meets itself, by location quotients (`measures.regional_tables`). Every figure has an interval:
hidden cells bound the jobs behind x and t, and δ has a range. What no activity is known of is met between not at all and wholly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from almaz.measures.regional_tables import cross_industry_quotient, flegg_quotient, simple_trading_share, trading_share
from almaz.tables.activity import Activity, Cells
from almaz.tables.bridge import Bridge
from almaz.tables.industry_system import IndustrySystem

FloatArray: TypeAlias = npt.NDArray[np.float64]
Method: TypeAlias = Literal["flq", "aflq", "cilq", "slq"]
EFFECTS: Final = ("value_added", "jobs", "taxes", "surplus", "investment")


@dataclass(frozen=True)
class GapOptions:
    """How trade is judged (method); delta: lowest, middle, highest δ; suppliers: how many each cluster shows, the rest summed up;
    covers: the share of the country's jobs that the regions hold, where the table has no jobs of its own."""

    method: Method = "flq"
    delta: tuple[float, float, float] = (0.2, 0.3, 0.4)
    suppliers: int = 12
    covers: float = 1.0


@dataclass(frozen=True)
class Bounded:
    """A figure, its lowest and its highest value, of one shape; the point is NaN where nothing is known."""

    point: FloatArray
    low: FloatArray
    high: FloatArray


@dataclass(frozen=True)
class Regions:
    """The regions' jobs in the table's industries: (regions, n); quotient: LQ; size: (regions,) share of the country's jobs;
    country: (n,) jobs in the country, NaN where no activity of the data belongs to the industry."""

    codes: tuple[str, ...]
    jobs: Bounded
    quotient: Bounded
    size: FloatArray
    country: FloatArray


def regional_jobs(
    cells: Cells, activity: Activity, tie: Bridge, system: IndustrySystem, covers: float = 1.0
) -> Regions:
    """Jobs of every region in the table's industries, last year, with what hidden cells allow, and their location quotients.

    The country's jobs are the table's own row, or the regions' sum divided by `covers`.
    """
    value, low, high = (array[:, :, -1] for array in (cells.value, cells.low, cells.high))
    held = tie.weights.T
    endless = np.isinf(high).astype(np.float64) @ held > 0
    unknown = np.isnan(value).astype(np.float64) @ held > 0
    jobs = Bounded(
        np.where(unknown, np.nan, np.nan_to_num(value) @ held),
        low @ held,
        np.where(endless, np.inf, np.where(np.isinf(high), 0.0, high) @ held),
    )
    own = system.intensities.get("jobs")
    country = np.nansum(jobs.point, axis=0) / covers if own is None else own * system.output
    country = np.where((tie.weights.sum(axis=1) > 0) & (country > 0), country, np.nan)
    whole = np.nansum(jobs.point, axis=1)
    size = np.clip(whole / np.nansum(country), 0.0, 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        quotient = [part / country / size[:, None] for part in (jobs.point, jobs.low, jobs.high)]
    return Regions(activity.regions, jobs, Bounded(*quotient), size, country)


def trading_shares(regions: Regions, region: int, options: GapOptions) -> Bounded:
    """(n, n) shares of each purchase that one region meets itself; NaN, from 0 to 1, where nothing is known."""
    lq = Bounded(*(part[region] for part in (regions.quotient.point, regions.quotient.low, regions.quotient.high)))
    size, (least, middle, most) = regions.size[region], options.delta
    if options.method == "slq":
        parts = [simple_trading_share(part) for part in (lq.point, lq.low, lq.high)]
    elif options.method == "cilq":
        pairs = ((lq.point, lq.point), (lq.low, lq.high), (lq.high, lq.low))
        parts = [trading_share(cross_industry_quotient(*pair)) for pair in pairs]
    else:
        more = options.method == "aflq"
        parts = [
            trading_share(flegg_quotient(lq.point, size, middle, augmented=more)),
            trading_share(flegg_quotient(lq.low, size, most, lq.high)),
            trading_share(flegg_quotient(lq.high, size, least, lq.low, augmented=more)),
        ]
    point, low, high = parts
    return Bounded(point, np.where(np.isnan(low), 0.0, low), np.where(np.isnan(high), 1.0, high))


def cluster_outputs(
    cells: Cells, region: int, tie: Bridge, members: FloatArray, system: IndustrySystem, regions: Regions
) -> Bounded:
    """(n, clusters) output of each cluster in the table's industries: the country's output × the share of its jobs."""
    with np.errstate(divide="ignore", invalid="ignore"):
        per_job = np.where(regions.country > 0, system.output / regions.country, 0.0)
    parts = []
    for array in (cells.value, cells.low, cells.high):
        jobs = array[region, :, -1]
        endless = np.isinf(jobs)
        made = tie.weights @ (np.where(endless, 0.0, np.nan_to_num(jobs))[:, None] * members) * per_job[:, None]
        unknown = (tie.weights > 0).astype(np.float64) @ ((endless | np.isnan(jobs))[:, None] * (members > 0)) > 0
        parts.append(np.where(unknown, np.nan if array is cells.value else np.inf, made))
    ceiling = np.broadcast_to(system.output[:, None], parts[0].shape)
    return Bounded(*(np.minimum(part, ceiling) for part in parts))


@dataclass(frozen=True)
class Flows:
    """Purchases of every cluster by supplier, (n, clusters): all, from abroad, met in the region, and the gap.

    Where nothing is known of a supplier, inside and gap are NaN with bounds from not at all to wholly.
    """

    purchases: Bounded
    abroad: Bounded
    inside: Bounded
    gap: Bounded

    @classmethod
    def of(cls, system: IndustrySystem, shares: Bounded, output: Bounded) -> Flows:
        # what an industry sells as a by-product (a negative purchase) is no purchase: with it no bound would hold
        needs = np.maximum(system.coefficients, 0.0)
        home = np.minimum(np.maximum(system.domestic, 0.0), needs)
        inside = Bounded(*(home * part for part in (shares.point, shares.low, shares.high)))
        return cls(
            Bounded(needs @ output.point, needs @ output.low, needs @ output.high),
            Bounded(*((needs - home) @ part for part in (output.point, output.low, output.high))),
            Bounded(_known(inside.point, output.point), inside.low @ output.low, inside.high @ output.high),
            Bounded(
                _known(needs - inside.point, output.point),
                (needs - inside.high) @ output.low,
                (needs - inside.low) @ output.high,
            ),
        )

    def of_clusters(self, columns: npt.NDArray[np.intp]) -> Flows:
        """The flows of some clusters."""

        def taken(flow: Bounded) -> Bounded:
            return Bounded(flow.point[:, columns], flow.low[:, columns], flow.high[:, columns])

        return Flows(taken(self.purchases), taken(self.abroad), taken(self.inside), taken(self.gap))


def _known(coefficients: FloatArray, output: FloatArray) -> FloatArray:
    """coefficients @ output, NaN only where an unknown coefficient meets an output."""
    unknown = np.isnan(coefficients).astype(np.float64) @ (output != 0).astype(np.float64) > 0
    return np.where(unknown, np.nan, np.nan_to_num(coefficients) @ output)


def effects(system: IndustrySystem, shares: Bounded) -> dict[str, Bounded]:
    """What a unit of each supplier's output made in the region brings there, through its own suppliers in the region: (n,) each.

    v' (I − R)⁻¹ with R = A_home t; because R ≥ 0 the inverse rises with t, so bounds come from the lowest and highest t, the
    positive and the negative parts of v (subsidies) apart.
    """
    home = np.maximum(system.domestic, 0.0)
    middle = np.where(np.isnan(shares.point), (shares.low + shares.high) / 2.0, shares.point)
    names = [name for name in EFFECTS if name in system.intensities]
    rows = np.array([system.intensities[name] for name in names])
    signed = np.vstack([rows, np.maximum(rows, 0.0), np.minimum(rows, 0.0)]).T
    unit = np.eye(len(system.industries))
    solved = [np.linalg.solve(unit - (home * part).T, signed).T for part in (middle, shares.low, shares.high)]
    k = len(names)
    point, least, most = solved
    low = np.minimum(least[k : 2 * k] + most[2 * k :], point[:k])
    high = np.maximum(most[k : 2 * k] + least[2 * k :], point[:k])
    return {name: Bounded(point[at], low[at], high[at]) for at, name in enumerate(names)}
