"""What statistics say of a cluster in a region: signals as values with bounds, and their place among the regions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from almaz.clusters.portfolio import Portfolio
from almaz.clusters.rules import column
from almaz.measures.quantiles import percentile_place, place_among
from almaz.measures.specialisation import location_quotient
from almaz.potential.elements import Proxy
from almaz.tables.activity import Activity

FloatArray: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Signal:
    """value, low, high: (regions, clusters), or (regions, 1) where it is the region's and not the cluster's; NaN: not known."""

    value: FloatArray
    low: FloatArray
    high: FloatArray

    def turned(self) -> Signal:
        """The same where less is better."""
        return Signal(-self.value, -self.high, -self.low)

    def place(self, present: npt.NDArray[np.bool_], minimum_regions: int) -> Signal:
        """Its place among the regions that have the cluster, in [0, 1]; the interval is the place of its bounds.

        present: (regions, clusters). NaN in a column where fewer than minimum_regions are known: no percentile is claimed.
        """
        value, low, high = (np.broadcast_to(array, present.shape) for array in (self.value, self.low, self.high))
        compared = np.where(present & np.isfinite(value), value, np.nan)
        enough = (~np.isnan(compared)).sum(axis=0) >= minimum_regions
        places = percentile_place(compared)
        known = enough[None, :] & ~np.isnan(places)
        lower, upper = place_among(low, compared), place_among(high, compared)
        return Signal(
            np.where(known, places, np.nan),
            np.where(known, np.fmin(np.nan_to_num(lower, nan=0.0), places), np.nan),
            np.where(known, np.fmax(np.nan_to_num(upper, nan=1.0), places), np.nan),
        )


def exact(value: FloatArray) -> Signal:
    """A signal without bounds of its own."""
    return Signal(value, value, value)


def cluster_signals(portfolio: Portfolio, measure: str) -> dict[str, Signal]:
    """The signals that a portfolio gives, by name; absent where the data do not have them.

    establishments; establishments_lq; employees_per_establishment; lq; growth; national_growth (of the cluster in the country);
    exports_per_employee; productivity.
    """
    size, low, high = (column(portfolio, measure + suffix) for suffix in ("", "_low", "_high"))
    units, exports = column(portfolio, "establishments"), column(portfolio, "exports")
    with np.errstate(divide="ignore", invalid="ignore"):
        found = {
            "establishments": exact(units),
            "establishments_lq": exact(location_quotient(units)),
            "employees_per_establishment": Signal(size / units, low / units, high / units),
            "lq": Signal(*(column(portfolio, name) for name in ("lq", "lq_low", "lq_high"))),
            "growth": exact(column(portfolio, "growth")),
            "national_growth": exact(_national_growth(portfolio, measure)),
            "exports_per_employee": exact(exports / size),
            "productivity": exact(column(portfolio, "productivity")),
        }
    return {name: held for name, held in found.items() if np.isfinite(held.value).any()}


def _national_growth(portfolio: Portfolio, measure: str) -> FloatArray:
    """The cluster's growth in the country against all clusters' mean, the same in every region that has it."""
    outer = portfolio.table.filter(pc.is_null(portfolio.table["subcluster"]))
    shape = (len(portfolio.regions), len(portfolio.keys), len(portfolio.years))
    if len(portfolio.years) < 2 or measure not in outer.column_names:
        return np.full(shape[:2], np.nan)
    values = np.asarray(outer[measure].to_numpy(), np.float64).reshape(shape)
    whole = np.nansum(values, axis=0)
    growth = whole[:, -1] / whole[:, 0] - 1.0
    return np.broadcast_to(growth, shape[:2])


def industry_signal(activity: Activity, prefixes: Sequence[str]) -> Signal | None:
    """Location quotient of establishments in industries that start with these codes, per region; None where there are none."""
    measure = "establishments" if "establishments" in activity.measures else None
    chosen = [i for i, code in enumerate(activity.industries) if code.startswith(tuple(prefixes))]
    if measure is None or not chosen:
        return None
    last = activity.cells(measure).value[:, :, -1]
    inside = np.nansum(last[:, chosen], axis=1, keepdims=True)
    parts = np.hstack([inside, np.nansum(last, axis=1, keepdims=True) - inside])
    return exact(location_quotient(parts)[:, :1])


def indicator_signal(indicators: pa.Table, regions: Sequence[str], codes: Sequence[str]) -> tuple[str, Signal] | None:
    """The latest year of the first of these indicators that the study has: its code and its values per region."""
    for code in codes:
        mine = indicators.filter(pc.equal(indicators["indicator"], code))
        mine = mine.filter(pc.is_valid(mine["value"]))
        if mine.num_rows == 0:
            continue
        year = pc.max(mine["year"]).as_py()
        latest = mine.filter(pc.equal(mine["year"], year))
        said = dict(zip(latest["region"].to_pylist(), latest["value"].to_pylist(), strict=True))
        return code, exact(np.array([[said.get(region, np.nan)] for region in regions]))
    return None


def proxy_signal(
    proxy: Proxy, signals: Mapping[str, Signal], activity: Activity, indicators: pa.Table, system: str | None
) -> Signal | None:
    """What the data say of a proxy, more being better; None where they say nothing."""
    if proxy.signal is not None:
        held = signals.get(proxy.signal)
    elif proxy.industries:
        prefixes = proxy.industries.get((system or "").split(" ")[0].upper(), [])
        held = industry_signal(activity, prefixes) if prefixes else None
    else:
        found = indicator_signal(indicators, activity.regions, proxy.indicator)
        held = found[1] if found else None
    return held.turned() if held is not None and proxy.direction < 0 else held
