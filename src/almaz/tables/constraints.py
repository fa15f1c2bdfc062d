"""The constraint system of a published table: which cells are sums of which, along industries and along regions at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from almaz.measures.bounds import Sums
from almaz.measures.filling import Totals

IntArray: TypeAlias = npt.NDArray[np.int64]
FloatArray: TypeAlias = npt.NDArray[np.float64]
BoolArray: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Forest:
    """A hierarchy: parent: (nodes,), −1 at a root; depth: (nodes,), 0 at a root."""

    parent: IntArray
    depth: IntArray

    @property
    def leaf(self) -> BoolArray:
        """Nodes that no other lies under."""
        under = np.ones(self.parent.size, dtype=bool)
        under[self.parent[self.parent >= 0]] = False
        return under


def forest(codes: list[str], parents: list[str | None]) -> Forest:
    """A hierarchy of codes; a parent that is not among the codes makes a root."""
    place = {code: number for number, code in enumerate(codes)}
    parent = np.array([place.get(above, -1) if above is not None else -1 for above in parents], dtype=np.int64)
    depth = np.zeros(parent.size, dtype=np.int64)
    above = parent.copy()
    while (above >= 0).any():
        depth += above >= 0
        above = np.where(above >= 0, parent[above], -1)
    return Forest(parent, depth)


@dataclass(frozen=True)
class Lattice:
    """The cells of one measure and year that can be anything but nil, and how they add up.

    region, industry: (cells,) nodes of the two hierarchies; at: (regions, industries) number of a cell, −1 where there is
    none; sums: the additivity of the table; kind: (sums,) 0 along industries, 1 along regions.
    """

    regions: Forest
    industries: Forest
    region: IntArray
    industry: IntArray
    at: npt.NDArray[np.int32]
    sums: Sums
    kind: npt.NDArray[np.int8]

    @property
    def leaf(self) -> BoolArray:
        """Cells that are the sum of no others: the finest industries of the finest regions, (cells,)."""
        lowest = np.ones(self.region.size, dtype=bool)
        lowest[self.sums.whole] = False
        return lowest


def lattice(regions: Forest, industries: Forest, there: BoolArray) -> Lattice:
    """Number the cells of a table and write down its sums.

    there: (regions, industries), True for every cell that is not known to be nil. A total is added where it is missing
    above a cell (unknown, then), a region without any row is unknown in all that its parent has, and a region whose
    ancestors have no row at all stands alone: what is not published bounds nothing, and is not taken for zero.
    """
    there = _closed(regions, industries, there)
    region, industry = (axis.astype(np.int64) for axis in there.nonzero())
    at = np.full(there.shape, -1, dtype=np.int32)
    at[region, industry] = np.arange(region.size, dtype=np.int32)
    parts = []
    upwards = (_above(at, region, industries.parent[industry]), _above(at, regions.parent[region], industry))
    for kind, parent in enumerate(upwards):
        child = np.nonzero(parent >= 0)[0]
        tree, node = (industries, industry) if kind == 0 else (regions, region)
        order = np.lexsort((child, parent[child], -tree.depth[node[child]]))
        child, owner = child[order], parent[child[order]]
        first = np.nonzero(np.r_[True, owner[1:] != owner[:-1]])[0] if owner.size else np.zeros(0, dtype=np.int64)
        parts.append((owner[first], np.diff(np.r_[first, owner.size]), child))
    whole, sizes, members = (np.concatenate(column).astype(np.int64) for column in zip(*parts, strict=True))
    kinds = np.repeat(np.arange(2, dtype=np.int8), [part[0].size for part in parts])
    sums = Sums(whole, np.r_[0, np.cumsum(sizes)].astype(np.int64), members)
    return Lattice(regions, industries, region, industry, at, sums, kinds)


def _above(at: npt.NDArray[np.int32], region: IntArray, industry: IntArray) -> IntArray:
    inside = (region >= 0) & (industry >= 0)
    return np.where(inside, at[np.maximum(region, 0), np.maximum(industry, 0)], -1).astype(np.int64)


def _closed(regions: Forest, industries: Forest, there: BoolArray) -> BoolArray:
    """The same cells and the totals above them; regions without a row, where a row above them counts them in."""
    closed: BoolArray = np.array(there, dtype=bool)
    held: BoolArray = np.asarray(closed.any(axis=1))
    counted: BoolArray = held.copy()
    deepest = int(regions.depth.max(initial=0))
    for depth in range(1, deepest + 1):
        here = np.nonzero((regions.depth == depth) & (regions.parent >= 0))[0]
        counted[here] |= counted[regions.parent[here]]
    for depth in range(deepest, 0, -1):
        here = np.nonzero((regions.depth == depth) & counted & counted[regions.parent])[0]
        np.logical_or.at(closed, regions.parent[here], closed[here])
    for depth in range(1, deepest + 1):
        missing = np.nonzero((regions.depth == depth) & counted & ~held & counted[regions.parent])[0]
        closed[missing] |= closed[regions.parent[missing]]
    for depth in range(int(industries.depth.max(initial=0)), 0, -1):
        here = np.nonzero(industries.depth == depth)[0]
        np.logical_or.at(closed.T, industries.parent[here], closed.T[here])
    return closed


def rounding_slack(table: Lattice, value: FloatArray) -> FloatArray:
    """What rounding can take from every sum: half a unit for each published figure in it, if the figures show rounding at all.

    value: (cells,), NaN where not published. The unit is the last decimal place written (up to four). Figures count as rounded
    where more than one in a hundred of the sums whose figures are all published is off, but within this slack. Returns (sums,).
    """
    sums, known = table.sums, ~np.isnan(value)
    figures = value[known]
    unit = next((10.0**-places for places in range(5) if _whole(figures * 10.0**places)), 0.0)
    published = np.bincount(sums.owners(), known[sums.part], sums.whole.size) + known[sums.whole]
    slack = unit / 2.0 * published * (1.0 + 1e-9)
    complete = published == sums.sizes + 1
    if not complete.any():
        return np.zeros(sums.whole.size)
    off = np.abs(sums.off(np.nan_to_num(value)))[complete]
    rounded = (off > 1e-6 * unit) & (off <= slack[complete])
    return np.asarray(slack) if rounded.mean() > 0.01 else np.zeros(sums.whole.size)


def _whole(figures: FloatArray) -> bool:
    return bool(np.all(np.abs(figures - np.round(figures)) <= 1e-7 * np.maximum(1.0, np.abs(figures))))


def leftover(table: Lattice, known: BoolArray, value: FloatArray) -> tuple[IntArray, Totals]:
    """What published totals leave for the hidden cells of the lowest level.

    Every such cell lies in one group at its region and in one at each region above: those of the nearest known total of its
    industries there. A group's total is the known one less the known figures under it.
    known: (cells,); value: (cells,), read where known. Returns the hidden lowest cells and the totals of their groups.
    """
    near, above = _nearest(table, known)
    left = np.where(known, value, 0.0)
    under = np.nonzero(known & (above >= 0))[0]
    np.subtract.at(left, above[under], value[under])
    leaf = np.nonzero(table.leaf)[0]
    hidden = leaf[~known[leaf]]
    members: list[tuple[IntArray, IntArray]] = []
    targets: list[FloatArray] = []
    disjoint = 0
    region = table.region[leaf]
    while (region >= 0).any():
        group = _group_at(table, near, region, table.industry[leaf])
        target = left.copy()
        if members:
            taken = known[leaf] & (group >= 0)
            np.subtract.at(target, group[taken], value[leaf[taken]])
        of_hidden = group[~known[leaf]]
        inside = np.nonzero(of_hidden >= 0)[0]
        order = inside[np.argsort(of_hidden[inside], kind="stable")]
        groups, sizes = np.unique(of_hidden[order], return_counts=True)
        members.append((order, sizes))
        targets.append(np.maximum(target[groups], 0.0))
        disjoint = disjoint or groups.size
        region = np.where(region >= 0, table.regions.parent[np.maximum(region, 0)], -1)
    sizes = np.concatenate([size for _order, size in members]) if members else np.zeros(0, dtype=np.int64)
    start = np.r_[0, np.cumsum(sizes)].astype(np.int64)
    member = (
        np.concatenate([order for order, _size in members]).astype(np.int64) if members else np.zeros(0, dtype=np.int64)
    )
    return hidden, Totals(start, member, np.concatenate(targets) if targets else np.zeros(0), disjoint)


def _group_at(table: Lattice, near: IntArray, region: IntArray, industry: IntArray) -> IntArray:
    cell = _above(table.at, region, industry)
    return np.where(cell >= 0, near[np.maximum(cell, 0)], -1)


def _nearest(table: Lattice, known: BoolArray) -> tuple[IntArray, IntArray]:
    """The nearest known cell along the industries of the same region: from the cell itself on, and strictly above it."""
    parent = _above(table.at, table.region, table.industries.parent[table.industry])
    near = np.where(known, np.arange(known.size), -1)
    above = np.full(known.size, -1, dtype=np.int64)
    depth = table.industries.depth[table.industry]
    for level in range(int(depth.max(initial=0)) + 1):
        here = np.nonzero(depth == level)[0]
        above[here] = np.where(parent[here] >= 0, near[np.maximum(parent[here], 0)], -1)
        near[here] = np.where(known[here], here, above[here])
    return near, above
