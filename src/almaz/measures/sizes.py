"""How large a hidden cell is expected to be, and how far it may be from that: learned from the cells that are published."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.optimize import nnls

FloatArray: TypeAlias = npt.NDArray[np.float64]
IntArray: TypeAlias = npt.NDArray[np.int64]

PRIOR_UNITS = 5.0
"""An industry's mean size counts as much as that of its branch once so many units of it are published."""


def typical_sizes(people: FloatArray, units: FloatArray, parent: IntArray, depth: IntArray) -> FloatArray:
    """The mean size of an industry's units, drawn towards that of its branch where few of them are published.

        m_i = (people_i + k m_parent(i)) / (units_i + k),  k = PRIOR_UNITS;  the total mean at a root

    people, units: (industries,), sums over published cells, each figure counted once; parent: (industries,), −1 at a root;
    depth: (industries,), 0 at a root. Returns (industries,), positive. Source: Efron and Morris (1975), shrinkage.
    """
    whole = max(float(people.sum()), 1e-9) / max(float(units.sum()), 1e-9)
    size = np.full(people.size, whole)
    for level in range(int(depth.max(initial=0)) + 1):
        here = np.nonzero(depth == level)[0]
        above = np.where(parent[here] >= 0, size[np.maximum(parent[here], 0)], whole)
        size[here] = (people[here] + PRIOR_UNITS * above) / (units[here] + PRIOR_UNITS)
    return np.maximum(size, 1e-9)


def spread(value: FloatArray, expected: FloatArray, units: FloatArray) -> tuple[float, float]:
    """How far figures are from what was expected, in logarithms: a part that many units average out, and one that stays.

        Var ln(value / expected) = κ² / units + τ²,  least squares over published cells, neither negative

    value, expected, units: (cells,), positive. Returns (κ, τ); (1, 0.5) where fewer than ten cells say anything.
    """
    told = (value > 0) & (expected > 0) & (units > 0)
    if told.sum() < 10:
        return 1.0, 0.5
    off = np.log(value[told] / expected[told])
    each = 1.0 / units[told]
    if np.ptp(each) < 1e-12:
        return 0.0, float(np.sqrt(np.mean(off**2)))
    (within, between), _miss = nnls(np.column_stack([each, np.ones(each.size)]), off**2)
    return float(np.sqrt(within)), float(np.sqrt(between))


def region_scales(value: FloatArray, region: IntArray, industry: IntArray, regions: int, industries: int) -> FloatArray:
    """How large regions are against each other, where nothing but the figures themselves tells: units of a kind.

        a_r = Σ_i x_ri / Σ_i m_i over the published industries of r,  m_i = mean of x_ri over the regions that publish it

    value, region, industry: (cells,), the published ones. Returns (regions,), 1 where a region publishes nothing.
    The expected figure a_r m_i is that of independence of rows and columns.
    """
    count = np.bincount(industry, minlength=industries)
    mean = np.bincount(industry, value, industries) / np.maximum(count, 1)
    relative = np.where(mean[industry] > 0, value / np.maximum(mean[industry], 1e-300), 1.0)
    seen = np.bincount(region, minlength=regions)
    return np.where(seen > 0, np.bincount(region, relative, regions) / np.maximum(seen, 1), 1.0)
