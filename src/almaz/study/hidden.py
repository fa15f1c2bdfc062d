"""The hidden cells of an edition, one by one: bounds, estimate, and what nine draws in ten leave."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa

from almaz.study.measured import Measured
from almaz.tables.activity import CODE
from almaz.tables.assemble import SIZED_BY
from almaz.tables.schema import STATUSES, Status

LEVEL = 0.9


def tables(measured: Measured, tell: Callable[[str], None]) -> dict[str, pa.Table]:  # noqa: ARG001 (every room is called alike)
    """`hidden_cells`: of the portfolio's measure in the last year; empty where the office hides nothing.

    known: a total leaves the cell no room: hidden, yet known exactly. draw_low, draw_high: the middle 90 % of the draws.
    """
    activity = measured.activity
    measure = measured.study.portfolio.measure
    cells, year = activity.cells(measure), len(activity.years) - 1
    hidden = (cells.status[:, :, year] > CODE[Status.NIL]) & ~np.isnan(cells.value[:, :, year])
    if not hidden.any():
        return {}
    region, industry = hidden.nonzero()
    value, low, high = (array[region, industry, year] for array in (cells.value, cells.low, cells.high))
    draw_low, draw_high = (array[region, industry] for array in _middle(measured, year))
    known = high - low <= 1e-6 * np.maximum(1.0, low)
    units = activity.measures.get(SIZED_BY)
    columns = {
        "region": pa.array(activity.regions).take(pa.array(region)),
        "industry": pa.array(activity.industries).take(pa.array(industry)),
        "year": pa.array(np.full(region.size, activity.years[-1], dtype=np.int32)),
        "measure": pa.array([measure] * region.size, pa.string()),
        "status": pa.array([status.value for status in STATUSES]).take(pa.array(cells.status[region, industry, year])),
        "value": value,
        "low": low,
        "high": high,
        "draw_low": np.where(known, low, draw_low),
        "draw_high": np.where(known, high, draw_high),
        "known": known,
    }
    if units is not None:
        columns[SIZED_BY] = pa.array(units.value[region, industry, year], from_pandas=True)
    return {"hidden_cells": pa.table({name: _column(values) for name, values in columns.items()})}


def _column(values: object) -> object:
    return pa.array(values, from_pandas=True) if isinstance(values, np.ndarray) else values


def _middle(measured: Measured, year: int) -> tuple[np.ndarray, np.ndarray]:
    """The middle of the draws of every cell, (regions, industries); NaN where none were made."""
    cells = measured.activity.cells(measured.study.portfolio.measure)
    ends = np.full((2, *cells.value.shape[:2]), np.nan)
    if cells.draws is not None:
        region, industry, when = np.unravel_index(cells.draws.place, cells.value.shape)
        mine = when == year
        quantiles = np.quantile(cells.draws.value[:, mine], [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
        ends[:, region[mine], industry[mine]] = quantiles
    return ends[0], ends[1]
