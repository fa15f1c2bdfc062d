"""Random fillings of hidden cells: each satisfies every total exactly, together they show how unsure the filling is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from numba import njit, prange

from almaz.measures.filling import Filling, fitted

FloatArray: TypeAlias = npt.NDArray[np.float64]
IntArray: TypeAlias = npt.NDArray[np.int64]

SWEEPS = 20
ROUNDS = 20
LONGEST = 200
"""Cells of a circuit beyond which it is not used: a step along it would be too short to matter."""


@dataclass(frozen=True)
class Circuits:
    """Ways to move figures between cells that leave every total as it is: cells with +1 and −1 in turn, part by part.

    start: (circuits + 1,), cell, sign: (steps,); first: (parts + 1,), where the circuits of each part begin.
    """

    start: IntArray
    cell: IntArray
    sign: FloatArray
    first: IntArray


def draws(filling: Filling, spread: FloatArray, number: int, seed: int | Sequence[int]) -> Iterator[FloatArray]:
    """Random fillings, each true to every total and every bound.

        x^k = the filling nearest to  x̂_c exp(σ_c z_c − σ_c² / 2),  z ~ N(0, 1)   (in the sense of `fill`)

    filling: x̂, from `fill`; spread: σ, (cells,), standard deviation of the logarithm of a figure about its expectation.
    The shaken figures are brought towards the totals by proportional fitting, then made exact: from x̂ one walks towards them
    along circuits of the graph whose nodes are the groups and whose edges are the cells (an edge joins the group of its
    region and that of the region above). Adding t to every other cell of a circuit and taking it from those between leaves all
    sums as they are; the circuits are those that one cell closes with a spanning tree, so that every filling with these totals
    can be reached (with one or two tiers of regions; with more, the estimated sums of the upper tiers are kept).
    Yields `number` arrays (cells,); the same seed gives the same figures on any number of cores.
    Source: Rubin (1987), multiple imputation; Diaconis and Sturmfels (1998), moves that keep the margins of a table.
    """
    circuits = _circuits(filling)
    generator = np.random.default_rng(seed)
    base = np.log(np.maximum(filling.value, 1e-12))
    for _draw in range(number):
        logs = base + spread * generator.standard_normal(base.size) - spread**2 / 2
        wanted = fitted(filling, logs, SWEEPS)
        value = filling.value.copy()
        _towards(
            value,
            wanted,
            filling.low,
            filling.high,
            circuits.start,
            circuits.cell,
            circuits.sign,
            circuits.first,
            ROUNDS,
        )
        yield value


def _circuits(filling: Filling) -> Circuits:
    totals, cells = filling.totals, filling.value.size
    groups = totals.target.size
    owner = np.repeat(np.arange(groups), np.diff(totals.start))
    ends = np.full((2, cells), groups, dtype=np.int64)  # the last node stands for "no total": it may take up anything
    inner = owner < totals.disjoint
    ends[0, totals.member[inner]] = owner[inner]
    ends[1, totals.member[~inner][::-1]] = owner[~inner][::-1]
    degree = np.bincount(ends.ravel(), minlength=groups + 1)
    incident = np.argsort(ends.ravel(), kind="stable") % cells
    begin = np.r_[0, np.cumsum(degree)]
    up, edge, depth = _spanning(ends, begin, incident, filling.value)
    return _closed(ends, up, edge, depth, _part_of(filling, cells))


def _part_of(filling: Filling, cells: int) -> IntArray:
    totals, parts = filling.totals, filling.parts
    number = np.zeros(totals.target.size, dtype=np.int64)
    number[parts.order] = np.repeat(np.arange(parts.first.size - 1), np.diff(parts.first))
    part = np.full(cells, parts.first.size - 1, dtype=np.int64)
    part[totals.member] = np.repeat(number, np.diff(totals.start))
    return part


def _closed(ends: IntArray, up: IntArray, edge: IntArray, depth: IntArray, part: IntArray) -> Circuits:
    """The circuit that every cell outside the tree closes."""
    outside = np.ones(ends.shape[1], dtype=bool)
    outside[edge[edge >= 0]] = False
    chosen = np.nonzero(outside)[0]
    chosen = chosen[np.argsort(part[chosen], kind="stable")]
    length = _lengths(ends, up, depth, chosen)
    chosen, length = chosen[length <= LONGEST], length[length <= LONGEST]
    start = np.r_[0, np.cumsum(length)].astype(np.int64)
    cell, sign = np.empty(start[-1], dtype=np.int64), np.empty(start[-1])
    _write(ends, up, edge, depth, chosen, start, cell, sign, up.size - 1)
    held = part[chosen]
    begins = np.nonzero(np.r_[True, held[1:] != held[:-1]])[0] if held.size else np.zeros(0, dtype=np.int64)
    return Circuits(start, cell, sign, np.r_[begins, held.size].astype(np.int64))


@njit(cache=True)  # type: ignore[untyped-decorator]
def _spanning(
    ends: IntArray, begin: IntArray, incident: IntArray, value: FloatArray
) -> tuple[IntArray, IntArray, IntArray]:
    """A spanning forest of few levels, breadth first from the node with most cells: parent, cell to it, depth of each node."""
    nodes = begin.size - 1
    up, edge, depth = np.full(nodes, -1), np.full(nodes, -1), np.full(nodes, -1)
    queue = np.empty(nodes, dtype=np.int64)
    order = np.argsort(-(begin[1:] - begin[:-1]), kind="mergesort")
    for place in range(-1, nodes):
        root = nodes - 1 if place < 0 else order[place]
        if depth[root] >= 0:
            continue
        depth[root], head, tail = 0, 0, 1
        queue[0] = root
        while head < tail:
            node = queue[head]
            head += 1
            for k in range(begin[node], begin[node + 1]):
                c = incident[k]
                other = ends[0, c] if ends[1, c] == node else ends[1, c]
                if depth[other] < 0:
                    depth[other], up[other], edge[other] = depth[node] + 1, node, c
                    queue[tail] = other
                    tail += 1
                elif up[other] == node and value[c] > value[edge[other]]:
                    edge[other] = c  # of parallel cells the largest: it leaves the others most room
    return up, edge, depth


@njit(cache=True)  # type: ignore[untyped-decorator]
def _lengths(ends: IntArray, up: IntArray, depth: IntArray, chosen: IntArray) -> IntArray:
    result = np.empty(chosen.size, dtype=np.int64)
    for place in range(chosen.size):
        a, b = ends[0, chosen[place]], ends[1, chosen[place]]
        steps = 1
        while a != b:
            if depth[a] >= depth[b]:
                a = up[a]
            else:
                b = up[b]
            steps += 1
        result[place] = steps
    return result


@njit(cache=True)  # type: ignore[untyped-decorator]
def _write(
    ends: IntArray,
    up: IntArray,
    edge: IntArray,
    depth: IntArray,
    chosen: IntArray,
    start: IntArray,
    cell: IntArray,
    sign: FloatArray,
    free: int,
) -> None:
    """Write the cells of every circuit with their signs: opposite at every node but the free one."""
    for place in range(chosen.size):
        a, b, k = ends[0, chosen[place]], ends[1, chosen[place]], start[place]
        cell[k], sign[k] = chosen[place], 1.0
        at_a = -1.0 if a != free else 1.0
        at_b = -1.0 if b != free else 1.0
        while a != b:
            k += 1
            if depth[a] >= depth[b]:
                cell[k], sign[k] = edge[a], at_a
                a = up[a]
                at_a = -at_a
            else:
                cell[k], sign[k] = edge[b], at_b
                b = up[b]
                at_b = -at_b


@njit(cache=True, parallel=True)  # type: ignore[untyped-decorator]
def _towards(
    value: FloatArray,
    wanted: FloatArray,
    low: FloatArray,
    high: FloatArray,
    start: IntArray,
    cell: IntArray,
    sign: FloatArray,
    first: IntArray,
    rounds: int,
) -> None:
    """Move the closing cell of every circuit to the figure wanted, as far as all bounds let it; in place."""
    for part in prange(first.size - 1):
        for _round in range(rounds):
            moved = 0.0
            for j in range(first[part], first[part + 1]):
                step = wanted[cell[start[j]]] - value[cell[start[j]]]
                if step == 0.0:
                    continue
                for k in range(start[j], start[j + 1]):
                    c = cell[k]
                    room = high[c] - value[c] if sign[k] * step > 0.0 else value[c] - low[c]
                    if room < abs(step):
                        step = room if step > 0.0 else -room
                for k in range(start[j], start[j + 1]):
                    value[cell[k]] += sign[k] * step
                moved = max(moved, abs(step))
            if moved < 1e-6:
                break
    for c in range(value.size):
        value[c] = min(max(value[c], low[c]), high[c])
