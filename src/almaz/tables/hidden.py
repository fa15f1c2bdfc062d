"""Hidden cells filled: bounds from both hierarchies, an estimate true to every published total, and draws about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from almaz.measures.bounds import Bounds, bounds
from almaz.measures.draws import draws
from almaz.measures.filling import fill
from almaz.measures.sizes import region_scales, spread, typical_sizes
from almaz.measures.tightest import least_relaxation
from almaz.tables.constraints import Forest, Lattice, lattice, leftover, rounding_slack

FloatArray: TypeAlias = npt.NDArray[np.float64]
IntArray: TypeAlias = npt.NDArray[np.int64]
BoolArray: TypeAlias = npt.NDArray[np.bool_]

SURE = 1e-6
"""Bounds nearer to each other than this, relative to the figure, leave nothing to estimate."""
WIDER = 1.5
"""Hidden cells lie further from what is expected than published ones do: offices hide those that one firm dominates. The
factor on the spread makes 90 % of the draws cover what was hidden in the proof (docs/methods/hidden_cells.md)."""
LARGE = 20.0
"""How many times larger (or smaller) than the median an industry's units may count when what is left is shared out."""


@dataclass(frozen=True)
class Filled:
    """One measure and year over (regions, industries): value, low, high; the lattice, its relaxed sums and which of its cells
    were not published; and the draws of the lowest cells `drawn_region` × `drawn_industry`, (k, drawn)."""

    value: FloatArray
    low: FloatArray
    high: FloatArray
    table: Lattice
    relaxed: FloatArray
    unknown: BoolArray
    drawn_region: IntArray
    drawn_industry: IntArray
    draws: FloatArray


def filled(
    value: FloatArray,
    units: FloatArray | None,
    there: BoolArray,
    regions: Forest,
    industries: Forest,
    *,
    number: int = 0,
    seed: tuple[int, ...] = (0,),
    low: FloatArray | None = None,
    high: FloatArray | None = None,
) -> Filled:
    """Fill the hidden cells of one measure and year.

    value: (regions, industries), NaN where hidden; units: establishments, the same shape, or None; there: cells that are not
    known to be nil; low, high: what is known of single cells beforehand (a size class), by default 0 and inf;
    number, seed: of the draws. A cell that neither a published total nor establishments tell of stays NaN.
    """
    table = lattice(regions, industries, there)
    at = (table.region, table.industry)
    figure = value[at]
    unit = None if units is None else units[at]
    published = ~np.isnan(figure)
    least = np.where(published, figure, 0.0 if low is None else low[at])
    most = np.where(published, figure, np.inf if high is None else high[at])
    if unit is not None:
        most = np.where(~published & (unit == 0), least, most)
    slack = rounding_slack(table, figure)
    found = bounds(least, most, table.sums, slack)
    relaxed = _least_relaxed(found, least, most, table, slack)
    known = found.high - found.low <= SURE * np.maximum(1.0, found.low)
    middle = np.where(known, (found.low + np.where(known, found.high, 0.0)) / 2.0, np.nan)
    hidden, totals = leftover(table, known, middle)
    expected, weight, sigma = _expected(table, middle, unit, hidden)
    filling = fill(expected, totals, weight=weight, low=found.low[hidden], high=found.high[hidden])
    # Without an upper bound establishments still say how large; without those nothing does.
    bounded = np.isfinite(found.high[hidden]) | (unit is not None and ~np.isnan(0.0 if unit is None else unit[hidden]))
    middle[hidden] = np.where(bounded, filling.value, np.nan)
    _sum_up(table, middle)
    drawn = [draw[bounded] for draw in draws(filling, sigma, number, seed)] if number and bounded.any() else []
    every = np.array(drawn).reshape(len(drawn), -1) if drawn else np.zeros((0, int(bounded.sum())))
    cells = hidden[bounded]
    result = []
    for numbers in (middle, found.low, found.high):
        array = np.where(there, np.nan, 0.0)
        array[at] = numbers
        result.append(array)
    return Filled(
        result[0],
        result[1],
        result[2],
        table,
        relaxed,
        ~published,
        table.region[cells],
        table.industry[cells],
        every,
    )


def _least_relaxed(found: Bounds, least: FloatArray, most: FloatArray, table: Lattice, slack: FloatArray) -> FloatArray:
    """By how much sums were relaxed: the least in all where a linear programme can tell, else what propagation needed."""
    if not (found.relaxed > 0).any():
        return found.relaxed
    exact = least_relaxation(least, most, table.sums, slack, only=found.relaxed > 0)
    return np.where(np.isnan(exact), found.relaxed, np.where(exact > SURE, exact, 0.0))


def _sum_up(table: Lattice, value: FloatArray) -> None:
    """Unknown totals as the sums of their parts, from the leaves up; a total already known stays."""
    sums = table.sums
    # Along industries the deepest first; then along regions, where a total of industries may still be missing.
    rank = np.where(
        table.kind == 0,
        -table.industries.depth[table.industry[sums.whole]],
        10_000 - table.regions.depth[table.region[sums.whole]],
    )
    owner = sums.owners()
    for level in np.unique(rank):
        chosen = (rank == level)[owner]
        total = np.bincount(owner[chosen], value[sums.part[chosen]], sums.whole.size)
        here = np.nonzero((rank == level) & np.isnan(value[sums.whole]))[0]
        value[sums.whole[here]] = total[here]


def _expected(
    table: Lattice, value: FloatArray, units: FloatArray | None, hidden: IntArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Expected figure, weight of its entropy and spread of its logarithm, for the hidden lowest cells."""
    known = ~np.isnan(value)
    lowest = np.nonzero(known & table.leaf)[0]
    if units is None or np.isnan(units[hidden]).any():
        scale = region_scales(
            value[lowest],
            table.region[lowest],
            table.industry[lowest],
            table.regions.parent.size,
            table.industries.parent.size,
        )
        units = scale[table.region]
        once = lowest
    else:
        once = np.nonzero(
            known & ~_counted_above(table, known) & ((table.industries.depth[table.industry] > 0) | table.leaf)
        )[0]
    number = table.industries.parent.size
    told = once[~np.isnan(units[once])]
    people = np.bincount(table.industry[told], value[told], number).astype(np.float64)
    places = np.bincount(table.industry[told], units[told], number).astype(np.float64)
    size = typical_sizes(people, places, table.industries.parent, table.industries.depth)
    expected = units * size[table.industry]
    within, between = spread(value[lowest], expected[lowest], units[lowest])
    usual = size[table.industry[hidden]]
    weight = np.clip(usual / max(float(np.median(usual)), 1e-9), 1.0 / LARGE, LARGE) if usual.size else usual
    sigma = WIDER * np.sqrt(within**2 / np.maximum(units[hidden], 1.0) + between**2)
    return np.maximum(expected[hidden], 1e-6), weight, sigma


def _counted_above(table: Lattice, known: BoolArray) -> BoolArray:
    """Cells whose figure is part of a known one of the same industry in a region above: they would count twice."""
    above = np.zeros(known.size, dtype=bool)
    parent = table.regions.parent[table.region]
    for depth in range(1, int(table.regions.depth.max(initial=0)) + 1):
        here = np.nonzero((table.regions.depth[table.region] == depth) & (parent >= 0))[0]
        cell = table.at[parent[here], table.industry[here]]
        above[here] = (cell >= 0) & (known[cell] | above[cell])
    return above
