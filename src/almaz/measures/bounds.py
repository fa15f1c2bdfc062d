"""What a hidden cell can be: bounds that follow from published figures and from cells adding up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from numba import njit

FloatArray: TypeAlias = npt.NDArray[np.float64]
IntArray: TypeAlias = npt.NDArray[np.int64]

STEP = 1e-9
"""A bound moves only by more than this part of itself: sums in floating point are not exact."""


@dataclass(frozen=True)
class Sums:
    """Cells that are the sum of others: cell `whole[j]` = Σ cells `part[start[j]:start[j + 1]]`, for j = 0 … m − 1.

    whole: (m,), start: (m + 1,), part: (members,) numbers of cells; the sums nearer to the leaves first, so that one
    pass carries what is known all the way up. A cell may be a part of several wholes (its region's and its industry's)
    and be made up in several ways.
    """

    whole: IntArray
    start: IntArray
    part: IntArray

    @property
    def sizes(self) -> IntArray:
        """How many parts every sum has, (m,)."""
        return np.diff(self.start)

    def owners(self) -> IntArray:
        """The sum that every member of `part` belongs to, (members,)."""
        return np.repeat(np.arange(self.whole.size), self.sizes)

    def off(self, value: FloatArray) -> FloatArray:
        """By how much the parts exceed the whole, (m,); value: (cells,)."""
        return np.bincount(self.owners(), value[self.part], self.whole.size) - value[self.whole]


@dataclass(frozen=True)
class Bounds:
    """Least and greatest possible figure of every cell, and the least by which sums had to be relaxed to leave any.

    low, high: (cells,); relaxed: (sums,), zero where the published figures do not contradict each other;
    passes: how often all sums were gone through; settled: whether the last pass moved nothing.
    """

    low: FloatArray
    high: FloatArray
    relaxed: FloatArray
    passes: int
    settled: bool


def bounds(low: FloatArray, high: FloatArray, sums: Sums, slack: FloatArray | None = None, passes: int = 200) -> Bounds:
    """Bounds of every cell by interval propagation to a fixed point, along industries and regions at once.

    For whole w, parts C and slack s (what rounding may take from the sum), and each c in C:
        low[w]  ← max(low[w],  Σ_C low − s)                  high[w] ← min(high[w], Σ_C high + s)
        low[c]  ← max(low[c],  low[w] − s − Σ_{C∖c} high)    high[c] ← min(high[c], high[w] + s − Σ_{C∖c} low)
    On a tree these are the exact bounds; where two trees cross they hold for every filling but can be wider than the
    exact ones, which `tightest_bounds` finds for chosen cells.

    low, high: (cells,), the same additive unit: a published cell has low = high, a hidden one its least and greatest
    conceivable figure (0 and inf); slack: (sums,), by default none. Returns new arrays with low ≤ high.
    Where published figures contradict each other a sum is relaxed by the gap between what its parts and its whole allow
    (the least that makes this one sum possible given the others), and every published figure stays as published.
    Time and memory grow with the members of the sums times the passes (5 to 30 for the U.S. counties).
    Source: Dandekar and Cox (2002), "Synthetic tabular data"; Willenborg and de Waal (2001), ch. 6.
    """
    low, high = np.array(low, np.float64), np.array(high, np.float64)
    allowed = np.zeros(sums.whole.size) if slack is None else np.array(slack, np.float64)
    given = allowed.copy()
    done, moved = 0, True
    while moved and done < passes:
        moved = _pass(low, high, sums.whole, sums.start, sums.part, allowed, done % 2 == 1)
        done += 1
    return Bounds(low, high, allowed - given, done, not moved)


@njit(cache=True)  # type: ignore[untyped-decorator]
def _pass(
    low: FloatArray,
    high: FloatArray,
    whole: IntArray,
    start: IntArray,
    part: IntArray,
    slack: FloatArray,
    downwards: bool,
) -> bool:
    """Go through every sum once, from the leaves up or from the root down; whether a bound moved."""
    moved = False
    count = whole.size
    for place in range(count):
        j = count - 1 - place if downwards else place
        members = part[start[j] : start[j + 1]]
        least, most, endless = _range(low, high, members)
        w, tiny = whole[j], STEP * (1.0 + abs(least))
        gap = least - slack[j] - high[w]
        if endless == 0:
            gap = max(gap, low[w] - slack[j] - most)
        if gap > tiny:
            slack[j] += gap
            moved = True
        upper = np.inf if endless else most + slack[j]
        moved |= _narrow(low, high, w, least - slack[j], upper, tiny)
        for c in members:
            if low[c] >= high[c]:
                continue
            last = endless - 1 if np.isinf(high[c]) else endless
            others = most if np.isinf(high[c]) else most - high[c]
            before_low, before_high = low[c], high[c]
            bottom = -np.inf if last else low[w] - slack[j] - others
            if _narrow(low, high, c, bottom, high[w] + slack[j] - (least - low[c]), tiny):
                moved = True
                least += low[c] - before_low
                if np.isinf(before_high) and not np.isinf(high[c]):
                    endless -= 1
                    most += high[c]
                elif not np.isinf(before_high):
                    most += high[c] - before_high
    return bool(moved)


@njit(cache=True)  # type: ignore[untyped-decorator]
def _range(low: FloatArray, high: FloatArray, members: IntArray) -> tuple[float, float, int]:
    """Least and most that the parts can add up to (the endless ones left out of the most, and counted)."""
    least, most, endless = 0.0, 0.0, 0
    for c in members:
        least += low[c]
        if np.isinf(high[c]):
            endless += 1
        else:
            most += high[c]
    return least, most, endless


@njit(cache=True)  # type: ignore[untyped-decorator]
def _narrow(low: FloatArray, high: FloatArray, cell: int, bottom: float, top: float, tiny: float) -> bool:
    """Narrow one cell that is not known, never beyond its own bounds; whether that moved anything."""
    if low[cell] >= high[cell]:
        return False
    moved = False
    if bottom > low[cell] + tiny:
        low[cell] = min(bottom, high[cell])
        moved = True
    if top < high[cell] - tiny:
        high[cell] = max(top, low[cell])
        moved = True
    return moved
