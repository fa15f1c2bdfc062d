"""Figures that can hardly be right: slips of the unit in time, and ratios of two measures far from all others'."""

from __future__ import annotations

import math

import ibis
from ibis import _ as row

RATIOS = (
    ("wages", "employment", 20.0),
    ("employment", "establishments", 500.0),
    ("output", "employment", 100.0),
    ("value_added", "employment", 100.0),
    ("exports", "employment", 500.0),
)
"""Measures whose ratio has usual limits (pay, size, output per head), and how many times a ratio must be off at least: a car
factory has two hundred times the people of the usual establishment, but nobody has twenty times the usual pay."""
SLIP = 1000.0
"""What a slip of the unit multiplies by: persons for thousands, som for thousands of som."""
NEAR = 2.0
"""How far from `SLIP`, or its square, a jump may be and still be taken for one."""
DEVIATIONS = 8.0
"""Robust standard deviations (1.4826 × the median absolute deviation of the logarithm) that a ratio may be off."""
ENOUGH = 12
"""Cells from which an industry's own median is taken; with fewer, that of all industries."""


def unit_slips(data: ibis.Table) -> ibis.Table:
    """Figures about 1000 or 1,000,000 times the usual figure of their series over the years, or that much less.

    The usual figure is the median, of an even number the lower of the middle two: of two years, the larger is named.
    Returns at, times, usual, number, size.
    """
    keys = ["region", "industry", "measure"]
    positive = data.filter(row["value"] > 0)
    wild = positive.group_by(keys).agg(low=row["value"].min(), high=row["value"].max(), years=row.count())
    series = positive.join(wild.filter(row.high / row.low >= SLIP / NEAR), keys)
    series = series.mutate(place=ibis.row_number().over(ibis.window(group_by=keys, order_by="value")))
    middle = series.filter(row.place == (row.years - 1) // 2).select(*keys, usual=row["value"])
    found = series.join(middle, keys).mutate(times=row["value"] / row.usual)
    found = found.mutate(size=row.times.log().abs() / math.log(SLIP))
    close = math.log(NEAR) / math.log(SLIP)
    slips = found.filter(((row["size"] - 1).abs() < close) | ((row["size"] - 2).abs() < close))
    return slips.select("at", "times", "usual", "size", number=ibis.literal(1))


def implausible_ratios(data: ibis.Table, measure: int, per: int, at_least: float) -> ibis.Table:
    """Cells whose ratio of two measures is far from the median of their industry, in robust deviations of the logarithm.

    measure, per: their codes in the data; at_least: times that a ratio must be off besides. Returns at (of the first
    measure), ratio, low, high (the limits), number, size.
    """
    keys = ["region", "industry", "year"]
    above = data.filter((row.measure == measure) & (row["value"] > 0)).select(*keys, "at", "value")
    below = data.filter((row.measure == per) & (row["value"] > 0)).select(*keys, base=row["value"])
    cells = above.join(below, keys).mutate(ratio=row["value"] / row.base)
    cells = _with_median(cells.mutate(log=row.ratio.log()), "log", "middle")
    cells = _with_median(cells.mutate(away=(row["log"] - row.middle).abs()), "away", "deviation")
    most = ibis.greatest(DEVIATIONS * 1.4826 * cells.deviation, math.log(at_least))
    far = cells.mutate(most=most).filter(row.away > row.most)
    limits = {"low": (row.middle - row.most).exp(), "high": (row.middle + row.most).exp()}
    return far.select("at", "ratio", **limits, number=ibis.literal(1), size=row.away)


def _with_median(cells: ibis.Table, column: str, name: str) -> ibis.Table:
    """The cells with the median of a column: of their industry where it has `ENOUGH` cells, else of all."""
    own = cells.group_by("industry").agg(held=row.count(), own=row[column].median())
    everywhere = cells.agg(everywhere=row[column].median())
    joined = cells.join(own, "industry").cross_join(everywhere)
    return joined.mutate(**{name: ibis.ifelse(row.held >= ENOUGH, row.own, row.everywhere)}).drop(
        "held", "own", "everywhere"
    )
