"""What a hidden cell can be: bounds that follow from published totals, and one estimate that satisfies them all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float64]
IntArray: TypeAlias = npt.NDArray[np.intp]
Tree: TypeAlias = Sequence[tuple[int, IntArray]]
"""Every parent with its children, as columns; parents nearer to the root first."""


def tree_bounds(low: FloatArray, high: FloatArray, tree: Tree, passes: int = 20) -> tuple[FloatArray, FloatArray]:
    """The tightest bounds that additivity along a tree allows, found by interval propagation to a fixed point.

    parent = Σ children, so for a parent p with children C and each c in C:
        low[p]  ← max(low[p],  Σ_C low)          high[p] ← min(high[p], Σ_C high)
        low[c]  ← max(low[c],  low[p] − Σ_{C∖c} high)   high[c] ← min(high[c], high[p] − Σ_{C∖c} low)
    On a tree these are the exact bounds (bounds consistency of sums over a tree is tight).

    low, high: (cases, cells), the same additive unit; a published cell has low = high, a hidden one 0 and inf.
    Returns new arrays with low ≤ high. Where published cells contradict each other they stay as published, and a hidden
    cell is narrowed only as far as its own bounds allow: the least relaxation that keeps every published figure.
    Source: Dandekar and Cox (2002), "Synthetic tabular data"; Willenborg and de Waal (2001), ch. 6.
    """
    low, high = low.copy(), high.copy()
    for _pass in range(passes):
        before_low, before_high = low.copy(), high.copy()
        for parent, children in reversed(tree):
            _narrow(low, high, [parent], low[:, children].sum(axis=1)[:, None], high[:, children].sum(axis=1)[:, None])
        for parent, children in tree:
            below, above = low[:, children], high[:, children]
            endless = np.isinf(above)
            finite = np.where(endless, 0.0, above)
            others_endless = endless.sum(axis=1, keepdims=True) - endless > 0
            others_above = np.where(others_endless, np.inf, finite.sum(axis=1, keepdims=True) - finite)
            others_below = below.sum(axis=1, keepdims=True) - below
            _narrow(low, high, children, low[:, [parent]] - others_above, high[:, [parent]] - others_below)
        if np.array_equal(low, before_low) and np.array_equal(high, before_high):
            break
    return low, high


def _narrow(
    low: FloatArray, high: FloatArray, cells: IntArray | list[int], at_least: FloatArray, at_most: FloatArray
) -> None:
    low[:, cells] = np.minimum(np.maximum(low[:, cells], at_least), high[:, cells])
    high[:, cells] = np.maximum(np.minimum(high[:, cells], at_most), low[:, cells])


def tree_estimate(prior: FloatArray, low: FloatArray, high: FloatArray, tree: Tree, root: int) -> FloatArray:
    """The filling nearest to the prior in relative terms that satisfies every total and every bound.

    From the root down, the unknown children of a parent share what the known ones leave in proportion to the prior,
    each inside its bounds (the maximum-entropy share under a prior; a bound that binds is fixed and the rest shared again).

    prior, low, high: (cases, cells); where low = high the cell is known. Returns (cases, cells).
    Source: Kullback and Khairat (1968) on minimum discrimination information; see METHODS on suppressed cells.
    """
    value = np.clip(prior, low, high)
    value[:, root] = np.where(np.isfinite(high[:, root]), value[:, root], np.maximum(prior[:, root], low[:, root]))
    for parent, children in tree:
        value[:, children] = share_out(value[:, parent], prior[:, children], low[:, children], high[:, children])
    return value


def share_out(total: FloatArray, prior: FloatArray, low: FloatArray, high: FloatArray) -> FloatArray:
    """Cells = clip(λ · prior, low, high) with λ ≥ 0 such that they add up to the total; found by bisection on λ.

    total: (cases,); prior, low, high: (cases, cells). A total outside [Σ low, Σ high] gives the nearest bound.
    """
    prior = np.where((prior <= 0) & (high > low), 1e-9, prior)

    def cells(scale: FloatArray) -> FloatArray:
        return np.clip(scale[:, None] * prior, low, high)

    bottom, top = np.zeros_like(total), np.ones_like(total)
    target = np.clip(total, low.sum(axis=1), high.sum(axis=1))
    for _step in range(200):
        short = (cells(top).sum(axis=1) < target) & (top < 1e15)
        if not short.any():
            break
        top = np.where(short, top * 4, top)
    for _step in range(100):
        middle = (bottom + top) / 2
        enough = cells(middle).sum(axis=1) >= target
        bottom, top = np.where(enough, bottom, middle), np.where(enough, middle, top)
    return cells(top)
