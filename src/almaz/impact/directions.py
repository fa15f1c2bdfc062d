"""The three directions of a cluster's effect: productivity, innovation, new business, measured in every region and year.

An indicator is a formula over measures of the activity; the set is data (`directions.toml`). What the data do not hold is
unknown, and stays so; what the office hides is an interval.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from almaz.clusters.definition import ClusterDefinition
from almaz.impact.panel import FloatArray
from almaz.language import language
from almaz.tables.activity import Activity

SMALLEST: Final = 0.5
"""A denominator estimated below this (half a person) is next to nothing: the quotient is unknown, its bounds stay."""
DIRECTIONS: Final = ("productivity", "innovation", "new_business")


@dataclass(frozen=True)
class Indicator:
    """One indicator: value = factor × numerator / denominator, or the yearly growth of numerator."""

    name: str
    direction: Literal["productivity", "innovation", "new_business"]
    form: Literal["ratio", "growth"]
    numerator: str
    denominator: str | None
    factor: float
    unit: str
    better: Literal["up", "down"]
    source: Mapping[str, str]
    title: Mapping[str, str]
    why: Mapping[str, str]

    @property
    def measures(self) -> tuple[str, ...]:
        """The measures that it needs."""
        return (self.numerator,) if self.denominator is None else (self.numerator, self.denominator)

    @property
    def formula(self) -> str:
        """As it is computed, in the names of the measures."""
        if self.form == "growth":
            return f"({self.numerator}[t] / {self.numerator}[t0]) ** (1 / (t - t0)) - 1"
        factor = "" if self.factor == 1.0 else f"{self.factor:g} * "
        return f"{factor}{self.numerator} / {self.denominator}"

    def spoken(self, words: Mapping[str, str]) -> str:
        """A text of the indicator in the language in use."""
        return words[language()]


@lru_cache
def indicators() -> tuple[Indicator, ...]:
    """The indicators of the three directions, in the order of the file."""
    written = tomllib.loads((files("almaz.impact") / "directions.toml").read_text(encoding="utf-8"))
    return tuple(Indicator(**{"denominator": None, "factor": 1.0, **row}) for row in written["indicator"])


SCHEMA: Final = pa.schema(
    [
        ("region", pa.string()),
        ("cluster", pa.string()),
        ("year", pa.int32()),
        ("direction", pa.string()),
        ("indicator", pa.string()),
        ("value", pa.float64()),  # null: a figure is unknown
        ("low", pa.float64()),  # what hidden cells allow
        ("high", pa.float64()),
        ("country", pa.float64()),  # the same over all regions
        ("relative", pa.float64()),  # value / country; difference to it for growth
        ("status", pa.string()),  # known | estimated | unknown
    ]
)


@dataclass(frozen=True)
class _Sums:
    value: FloatArray
    low: FloatArray
    high: FloatArray


def directions(
    activity: Activity, definition: ClusterDefinition, chosen: Sequence[Indicator] | None = None
) -> pa.Table:
    """Every indicator that the measures allow, for each region × cluster and year: `SCHEMA`.

    A quotient of intervals is low / high … high / low; growth is yearly, against the year before in the data. Cells where the
    cluster is nil are left out; indicators whose measures are missing have no rows (see `coverage`).
    """
    keys, weights = definition.membership(activity.industries, "cluster")
    sums = {name: _summed(activity, name, weights) for name in activity.measures}
    parts = [
        _rows(activity, [key[0] for key in keys], indicator, sums)
        for indicator in (indicators() if chosen is None else chosen)
        if all(measure in sums for measure in indicator.measures)
        and not (indicator.form == "growth" and len(activity.years) < 2)
    ]
    return pa.concat_tables(parts) if parts else SCHEMA.empty_table()


def coverage(activity: Activity, chosen: Sequence[Indicator] | None = None) -> pa.Table:
    """Which indicators the data allow, and which measures the others lack: formula, unit, missing."""
    rows = []
    for indicator in indicators() if chosen is None else chosen:
        missing = [name for name in indicator.measures if name not in activity.measures]
        if not missing and indicator.form == "growth" and len(activity.years) < 2:
            missing = ["year"]
        rows.append(
            {
                "direction": indicator.direction,
                "indicator": indicator.name,
                "formula": indicator.formula,
                "unit": indicator.unit,
                "better": indicator.better,
                "measured": not missing,
                "missing": ", ".join(missing) or None,
            }
        )
    kinds = {"measured": pa.bool_()}
    schema = pa.schema([(name, kinds.get(name, pa.string())) for name in rows[0]])
    return pa.Table.from_pylist(rows, schema=schema)


def _summed(activity: Activity, measure: str, weights: FloatArray) -> _Sums:
    """A measure over clusters: (regions, clusters, years); NaN where an industry of the cluster is unknown."""
    cells = activity.measures[measure]

    def total(array: FloatArray) -> FloatArray:
        return np.asarray(np.einsum("riy,ic->rcy", array, weights, optimize=True))

    unknown = total(np.isnan(cells.value).astype(np.float64)) > 0
    endless = total(np.isinf(cells.high).astype(np.float64)) > 0
    value = np.where(unknown, np.nan, total(np.nan_to_num(cells.value)))
    high = np.where(endless, np.inf, total(np.where(np.isinf(cells.high), 0.0, cells.high)))
    low = total(cells.low)
    return _Sums(value, np.where(low < 1e-9 * np.fmax(1.0, np.nan_to_num(value)), 0.0, low), high)


def _rows(activity: Activity, clusters: Sequence[str], indicator: Indicator, sums: Mapping[str, _Sums]) -> pa.Table:
    above = sums[indicator.numerator]
    with np.errstate(divide="ignore", invalid="ignore"):
        if indicator.form == "growth":
            value, low, high, country = _growth(above, activity.years)
            relative = value - country[None]
            nil = np.concatenate([np.ones_like(value[:, :, :1], bool), (above.value == 0)[:, :, :-1]], axis=2)
        else:
            below = sums[indicator.denominator or indicator.numerator]
            whole = np.where(below.value < SMALLEST, np.nan, below.value)
            value, low, high = (
                indicator.factor * part
                for part in (above.value / whole, above.low / below.high, above.high / below.low)
            )
            country = indicator.factor * above.value.sum(axis=0) / below.value.sum(axis=0)
            relative = value / country[None]
            nil = (below.high == 0) | (np.isnan(above.value) & np.isinf(above.high))
    return _tidy(activity, clusters, indicator, (value, low, high, country, relative), ~nil)


def _growth(above: _Sums, years: Sequence[int]) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    span = 1.0 / np.diff(np.asarray(years, dtype=np.float64))

    def yearly(now: FloatArray, before: FloatArray) -> FloatArray:
        grown = (now[..., 1:] / before[..., :-1]) ** span - 1.0
        return np.concatenate([np.full((*grown.shape[:-1], 1), np.nan), grown], axis=-1)

    country = above.value.sum(axis=0)
    return (
        yearly(above.value, above.value),
        yearly(above.low, above.high),
        yearly(above.high, above.low),
        yearly(country, country),
    )


def _tidy(
    activity: Activity,
    clusters: Sequence[str],
    indicator: Indicator,
    numbers: tuple[FloatArray, ...],
    shown: npt.NDArray[np.bool_],
) -> pa.Table:
    value, low, high, country, relative = numbers
    region, cluster, year = shown.nonzero()
    at = (region, cluster, year)
    known = np.isfinite(value[at])
    sure = known & np.isclose(low[at], high[at], rtol=1e-9, atol=0.0)
    status = np.where(sure, "known", np.where(known, "estimated", "unknown"))

    def column(numbers: FloatArray) -> pa.Array:
        return pa.array(np.where(np.isfinite(numbers), numbers, np.nan), pa.float64(), from_pandas=True)

    count = len(region)
    return pa.table(
        {
            "region": pa.array(activity.regions).take(pa.array(region)),
            "cluster": pa.array(list(clusters)).take(pa.array(cluster)),
            "year": pa.array(activity.years, pa.int32()).take(pa.array(year)),
            "direction": pa.array([indicator.direction] * count, pa.string()),
            "indicator": pa.array([indicator.name] * count, pa.string()),
            "value": column(value[at]),
            "low": column(low[at]),
            "high": column(high[at]),
            "country": column(country[cluster, year]),
            "relative": column(relative[at]),
            "status": pa.array(status.tolist(), pa.string()),
        },
        schema=SCHEMA,
    )
