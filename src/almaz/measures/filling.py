"""Fillings of hidden cells: the one nearest to what is expected, and as many random ones as wanted, all true to the totals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from numba import njit, prange
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csr_array, diags_array
from scipy.sparse.csgraph import connected_components

FloatArray: TypeAlias = npt.NDArray[np.float64]
IntArray: TypeAlias = npt.NDArray[np.int64]

TOLERANCE = 1e-7
"""How far the sum of a group may stay from its total, relative to the total (or to one, if that is more)."""
SWEEPS = 60
RIDGE = 1e-9
LARGEST = 4000
"""Totals of one connected part beyond which its equations are not factorised: proportional fitting alone must do."""


@dataclass(frozen=True)
class Totals:
    """What is left of published totals for groups of hidden cells: Σ of the cells `member[start[j]:start[j + 1]]` = target[j].

    start: (groups + 1,); member: numbers of cells; target: (groups,), not negative; disjoint: the first so many groups have no
    cell in common (those of each region along its industries), the others may cross them (those of the region above).
    """

    start: IntArray
    member: IntArray
    target: FloatArray
    disjoint: int

    def sums(self, value: FloatArray) -> FloatArray:
        """The sum of every group, (groups,)."""
        if not self.target.size:
            return np.zeros(0)
        return np.add.reduceat(value[self.member], self.start[:-1])

    def off(self, value: FloatArray) -> FloatArray:
        """How far every group is from its total, relative to it (or to one, if that is more)."""
        return (self.sums(value) - self.target) / np.maximum(1.0, self.target)

    def matrix(self, cells: int) -> csr_array:
        """Groups × cells, 1 where a cell is a member."""
        return csr_array((np.ones(self.member.size), self.member, self.start), shape=(self.target.size, cells))


@dataclass(frozen=True)
class Filling:
    """value: (cells,), the filling; target: (groups,), the totals it reaches: those given, or the nearest possible ones where
    published figures contradict each other; the rest is what `draws` needs."""

    value: FloatArray
    target: FloatArray
    totals: Totals
    weight: FloatArray
    low: FloatArray
    high: FloatArray
    parts: _Parts


@dataclass(frozen=True)
class _Parts:
    """Groups that hang together through common cells. order: groups, part by part; first: where each part begins in it."""

    order: IntArray
    first: IntArray

    def groups(self, part: int) -> IntArray:
        return self.order[self.first[part] : self.first[part + 1]]


class _Equations:
    """The linear equations A D Aᵀ λ = r of one part, D diagonal, with its disjoint groups eliminated."""

    def __init__(self, matrix: csr_array, disjoint: int, diagonal: FloatArray) -> None:
        inner, crossing = matrix[:disjoint], matrix[disjoint:]
        self.matrix, self.diagonal = matrix, diagonal
        self.inner = inner @ diagonal + 1e-300
        self.between = csr_array(inner @ diags_array(diagonal) @ crossing.T)
        whole = crossing @ diags_array(diagonal) @ crossing.T
        left = whole - self.between.T @ diags_array(1.0 / self.inner) @ self.between
        own = whole.diagonal()
        dense = left.toarray()
        dense[np.diag_indices_from(dense)] += RIDGE * own + 1e-12 * max(float(own.max(initial=0.0)), 1e-12)
        self.factor = cho_factor(dense, overwrite_a=True, check_finite=False)

    def solve(self, off: FloatArray) -> FloatArray:
        """Aᵀ λ for the residuals `off` of the part's groups, (cells,)."""
        disjoint = self.inner.size
        crossing = cho_solve(
            self.factor, off[disjoint:] - self.between.T @ (off[:disjoint] / self.inner), check_finite=False
        )
        inner = (off[:disjoint] - self.between @ crossing) / self.inner
        return np.asarray(self.matrix.T @ np.concatenate([inner, crossing]))


def fill(
    prior: FloatArray,
    totals: Totals,
    *,
    weight: FloatArray | None = None,
    low: FloatArray | None = None,
    high: FloatArray | None = None,
) -> Filling:
    """The filling of hidden cells that satisfies every total and departs least from what is expected of them.

        minimise Σ_c (x_c ln(x_c / p_c) − x_c + p_c) / w_c   under  Σ_{c in g} x_c = T_g,  low ≤ x ≤ high
        so  x_c = clip(p_c exp(w_c Σ_{g ∋ c} λ_g), low_c, high_c)

    prior: p, (cells,), positive; weight: w, (cells,), by default 1: the maximum-entropy filling that iterative proportional
    fitting finds (RAS where groups are rows and columns). With w the usual size of the cell's establishments, entropy is
    counted in establishments, not in persons: they are the independent draws, and large ones carry more of what is left.
    Proportional fitting (Newton's method within a group) until it slows down, then Newton's method on all λ of the groups
    that hang together, and a last least-squares step that makes the totals exact. Totals that contradict each other are
    missed by the least weighted squares; `Filling.target` says what they became.
    Source: Deming and Stephan (1940); Csiszár (1975); Kullback and Khairat (1966); Bregman (1967) for the bounds.
    """
    cells = prior.size
    weight = np.ones(cells) if weight is None else np.array(weight, np.float64)
    low = np.zeros(cells) if low is None else np.array(low, np.float64)
    high = np.full(cells, np.inf) if high is None else np.array(high, np.float64)
    parts = _parts(totals, cells)
    started = Filling(np.array(prior, np.float64), totals.target, totals, weight, low, high, parts)
    logs = np.log(np.maximum(prior, 1e-12))
    value = fitted(started, logs, SWEEPS)
    for part in _unsolved(started, value):
        _newton(started, part, value, logs)
        _least_squares(started, part, value)
    reached = np.where(np.abs(totals.off(value)) > TOLERANCE, totals.sums(value), totals.target)
    return Filling(value, reached, totals, weight, low, high, parts)


def _parts(totals: Totals, cells: int) -> _Parts:
    groups = totals.target.size
    owner = np.repeat(np.arange(groups), np.diff(totals.start))
    links = csr_array(
        (np.ones(owner.size, dtype=np.int8), (owner, groups + totals.member)), shape=(groups + cells,) * 2
    )
    _number, label = connected_components(links, directed=False)
    order = np.argsort(label[:groups], kind="stable")
    ordered = label[:groups][order]
    begins = np.nonzero(np.r_[True, ordered[1:] != ordered[:-1]])[0] if groups else np.zeros(0, dtype=np.int64)
    return _Parts(order.astype(np.int64), np.r_[begins, groups].astype(np.int64))


def _unsolved(filling: Filling, value: FloatArray) -> IntArray:
    """Parts in which a total is missed."""
    parts, totals = filling.parts, filling.totals
    if not totals.target.size:
        return np.zeros(0, dtype=np.int64)
    worst = np.maximum.reduceat(np.abs(totals.off(value))[parts.order], parts.first[:-1])
    return np.nonzero(worst > TOLERANCE)[0]


def fitted(filling: Filling, logs: FloatArray, sweeps: int) -> FloatArray:
    totals, parts = filling.totals, filling.parts
    _fit(
        logs, filling.weight, filling.low, filling.high, totals.start, totals.member, totals.target,
        parts.order, parts.first, sweeps, TOLERANCE,
    )  # fmt: skip
    return np.clip(np.exp(logs), filling.low, filling.high)


def _of_part(filling: Filling, part: int) -> tuple[IntArray, IntArray, csr_array, int]:
    """Groups and cells of a part, the matrix between them, and how many of its groups are disjoint."""
    totals, groups = filling.totals, filling.parts.groups(part)
    sizes = np.diff(totals.start)[groups]
    inner = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    member = totals.member[np.repeat(totals.start[groups], sizes) + inner]
    cells, local = np.unique(member, return_inverse=True)
    matrix = csr_array((np.ones(local.size), local, np.r_[0, np.cumsum(sizes)]), shape=(groups.size, cells.size))
    return groups, cells, matrix, int((groups < totals.disjoint).sum())


def _newton(filling: Filling, part: int, value: FloatArray, logs: FloatArray, rounds: int = 12) -> None:
    """Newton's method on λ of one part: `value` and `logs` of its cells are changed in place."""
    groups, cells, matrix, disjoint = _of_part(filling, part)
    if matrix.shape[0] - disjoint > LARGEST or matrix.shape[0] == disjoint:
        return
    target, weight = filling.totals.target[groups], filling.weight[cells]
    low, high = filling.low[cells], filling.high[cells]
    scale = np.maximum(1.0, target)
    log, off = logs[cells], target - matrix @ value[cells]
    for _round in range(rounds):
        if np.abs(off / scale).max() < TOLERANCE:
            break
        free = np.exp(log)
        inside = (free > low) & (free < high)
        step = weight * _Equations(matrix, disjoint, np.where(inside, weight * free, 0.0) + 1e-12).solve(off)
        step = np.clip(step, -2.0, 2.0)
        for _half in range(4):
            tried = target - matrix @ np.clip(np.exp(log + step), low, high)
            if (tried**2 / scale).sum() < (off**2 / scale).sum():
                break
            step /= 2.0
        else:
            break
        log, off = log + step, tried
    logs[cells] = log
    value[cells] = np.clip(np.exp(log), low, high)


def _least_squares(filling: Filling, part: int, value: FloatArray, rounds: int = 24) -> None:
    """Move the cells of one part, each in proportion to what it holds, until the totals are exact; in place."""
    groups, cells, matrix, disjoint = _of_part(filling, part)
    if matrix.shape[0] - disjoint > LARGEST or matrix.shape[0] == disjoint:
        return
    target = filling.totals.target[groups]
    low, high, now = filling.low[cells], filling.high[cells], value[cells]
    scale, best, missed = np.maximum(1.0, target), now, np.inf
    equations: _Equations | None = None
    for number in range(rounds):
        off = target - matrix @ now
        worst = float(np.abs(off / scale).max())
        if worst < missed:
            best, missed = now, worst
        if worst < TOLERANCE:
            break
        if equations is None or number % 4 == 0:
            reach = np.where(high > low, np.maximum(filling.weight[cells] * now, 1e-3), 0.0)
            equations = _Equations(matrix, disjoint, reach)
        now = np.clip(now + equations.diagonal * equations.solve(off), low, high)
    value[cells] = best


@njit(cache=True, parallel=True)  # type: ignore[untyped-decorator]
def _fit(
    logs: FloatArray,
    weight: FloatArray,
    low: FloatArray,
    high: FloatArray,
    start: IntArray,
    member: IntArray,
    target: FloatArray,
    order: IntArray,
    first: IntArray,
    sweeps: int,
    tolerance: float,
) -> None:
    """Proportional fitting, part by part (each on one core): every group in turn is brought to its total."""
    for part in prange(first.size - 1):
        for _sweep in range(sweeps):
            worst = 0.0
            for place in range(first[part], first[part + 1]):
                j = order[place]
                worst = max(worst, _group(logs, weight, low, high, member[start[j] : start[j + 1]], target[j]))
            if worst < tolerance:
                break


@njit(cache=True)  # type: ignore[untyped-decorator]
def _group(
    logs: FloatArray, weight: FloatArray, low: FloatArray, high: FloatArray, member: IntArray, target: float
) -> float:
    """Bring one group to its total by x_c ← clip(x_c exp(w_c δ)); returns how far it was from it."""
    bottom, top, delta = -700.0, 700.0, 0.0
    total, slope = _at(logs, weight, low, high, member, delta)
    before = abs(total - target) / max(1.0, target)
    for _step in range(100):
        if abs(total - target) <= 1e-13 * max(1.0, target) or top - bottom < 1e-14 * (1.0 + abs(delta)):
            break
        if total > target:
            top = min(top, delta)
        else:
            bottom = max(bottom, delta)
        newton = np.inf
        if slope > 0.0 and total > 0.0 and target > 0.0:
            newton = delta + np.log(target / total) * total / slope
        delta = newton if bottom < newton < top else (bottom + top) / 2.0
        total, slope = _at(logs, weight, low, high, member, delta)
    for c in member:
        logs[c] += weight[c] * delta
    return before


@njit(cache=True)  # type: ignore[untyped-decorator]
def _at(
    logs: FloatArray, weight: FloatArray, low: FloatArray, high: FloatArray, member: IntArray, delta: float
) -> tuple[float, float]:
    """The group's sum and its slope at δ."""
    total, slope = 0.0, 0.0
    for c in member:
        x = np.exp(logs[c] + weight[c] * delta)
        if x < low[c]:
            x = low[c]
        elif x > high[c]:
            x = high[c]
        else:
            slope += weight[c] * x
        total += x
    return total, slope
