"""A file with a column for each indicator and year, by small area → figures of those areas, or of the regions they make up."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from almaz.diamond.indicators import SCHEMA, FloatArray, Indicator, IndicatorSet
from almaz.errors import AlmazError
from almaz.language import text as _

TAIL = 0.05
"""An area without a figure may be anywhere between these quantiles of the areas that have one, when areas are added up."""


def from_wide(table: pa.Table, indicators: IndicatorSet, regions: Sequence[str]) -> pa.Table:
    """Figures of the set's indicators that name columns, as the tidy table of indicators.

        rate:   Σ over · x / Σ over          total:  Σ x / Σ over

    table: one row an area; regions: the region of each row (its own code for the areas themselves). Where areas lack a
    figure, the region's has bounds: the lacking areas at the 5th and the 95th percentile of the others, weighted by over; it has
    no value where more than half of it is lacking. Raises AlmazError for a column that is not there.
    """
    names, place = np.unique(np.array(regions, dtype=object).astype(str), return_inverse=True)
    parts = []
    for one in indicators.indicator:
        for year, column in one.columns.items():
            figures, over = _column(table, column), _column(table, one.over[year])
            value, low, high = _added(figures, over, place, names.size, one)
            if one.relative:
                country = _added(figures, over, np.zeros_like(place), 1, one)[0][0]
                value, low, high = (100.0 * part / country for part in (value, low, high))
            parts.append(_rows(one, int(year), names, value, low, high))
    return pa.concat_tables(parts) if parts else SCHEMA.empty_table()


def _column(table: pa.Table, name: str) -> FloatArray:
    if name not in table.column_names:
        raise AlmazError(
            _("there is no column «{name}»", name=name),
            expected=_("one of: {keys}", keys=", ".join(table.column_names[:12]) + " …"),
        )
    return np.asarray(table[name].cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)


def _added(
    figures: FloatArray, over: FloatArray, place: npt.NDArray[np.int64], number: int, one: Indicator
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Value, low and high of each region, NaN where not even bounds are known."""
    counted = ~np.isnan(over) & (over > 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        rate = figures if one.kind == "rate" else figures / over
        known = counted & ~np.isnan(rate)
        ends = np.quantile(rate[known], [TAIL, 1 - TAIL]) if known.any() else (np.nan, np.nan)

        def mean(chosen: npt.NDArray[np.bool_], filled: FloatArray) -> FloatArray:
            top = np.bincount(place[chosen], (filled * over)[chosen], number)
            return np.asarray(one.factor * top / np.bincount(place[chosen], over[chosen], number))

        value = mean(known, rate)
        low, high = (mean(counted, np.where(known, rate, end)) for end in ends)
        share = np.bincount(place[known], over[known], number) / np.bincount(place[counted], over[counted], number)
    nothing = ~(share > 0)
    value = np.where(share > 0.5, value, np.nan)
    low, high = (
        np.fmin(low, np.where(np.isnan(value), low, value)),
        np.fmax(high, np.where(np.isnan(value), high, value)),
    )
    return value, np.where(nothing, np.nan, low), np.where(nothing, np.nan, high)


def _rows(
    one: Indicator, year: int, names: npt.NDArray[np.str_], value: FloatArray, low: FloatArray, high: FloatArray
) -> pa.Table:
    kept = ~np.isnan(low) & ~np.isnan(high)
    count = int(kept.sum())
    return pa.table(
        {
            "indicator": [one.code] * count,
            "region": names[kept].tolist(),
            "year": [year] * count,
            "value": pa.array(value[kept], from_pandas=True),
            "low": low[kept],
            "high": high[kept],
            "unit": [one.unit.get("en")] * count,
            "source": [one.source.get("en")] * count,
            "basis": ["statistic"] * count,
        },
        schema=SCHEMA,
    )
