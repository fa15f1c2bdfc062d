"""Whether a network has a core that is tied to everyone and a periphery tied to the core alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from numba import njit

from almaz.measures.network import Network

FloatArray = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

_STARTS = 12


@dataclass(frozen=True)
class CorePeriphery:
    """core: (n,) who is in it; participants: their labels; fit: correlation of the ties with the ideal pattern, 1 = exactly so;
    density of ties inside the core, between it and the periphery, inside the periphery; p_value: share of chance networks, this
    one among them, that fit as well."""

    participants: tuple[str, ...]
    core: Mask
    fit: float
    inside: float
    between: float
    outside: float
    p_value: float


def core_periphery(
    held: Network,
    layers: Iterable[str] | None = None,
    *,
    null: Literal["density", "degrees"] = "density",
    permutations: int = 199,
    seed: int = 0,
) -> CorePeriphery:
    """The division into core and periphery that fits best, and whether chance fits as well.

        maximise corr(A_ij, δ_ij),  δ_ij = 1 if i or j is in the core, i < j

    Found by a search that starts, for every k, from the k participants with most ties and from drawn ones, and exchanges two
    as long as that helps; on networks small enough to try all divisions it finds the best one (tests).
    null: chance networks with as many ties (`density`) or with everyone's own number of ties (`degrees`: a core beyond what
    some having many ties makes).
    Source: Borgatti and Everett (2000), eq. 1 and 3.
    """
    tied = held.matrix(layers)
    core, fit = best_division(tied)
    rng = np.random.default_rng(seed)
    at_least = sum(best_division(_chance(tied, null, rng))[1] >= fit - 1e-12 for _draw in range(permutations))
    return CorePeriphery(
        held.participants,
        core,
        fit,
        _density(tied, core, core),
        _density(tied, core, ~core),
        _density(tied, ~core, ~core),
        (at_least + 1) / (permutations + 1) if np.isfinite(fit) else float("nan"),
    )


def best_division(tied: Mask) -> tuple[Mask, float]:
    """Who is in the core, and the fit; fit NaN for a network with no tie, or with every tie."""
    n = tied.shape[0]
    degree, ties = tied.sum(axis=1), int(tied.sum()) // 2
    if not 0 < ties < n * (n - 1) // 2:
        return np.zeros(n, dtype=np.bool_), float("nan")
    rng = np.random.default_rng(0)
    # ties inside the periphery cost, so those with most ties are a good start; the drawn orders leave what is only nearly best
    orders = [
        np.argsort(-degree, kind="stable"),
        *(np.argsort(rng.random(n) - degree / n) for _start in range(_STARTS)),
    ]
    best = _searched(tied, np.array(orders))
    return best, division_fit(tied, best)


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _exchanged(tied: Mask, core: Mask) -> Mask:
    """Exchange one of the core for one of the periphery while that leaves fewer ties inside the periphery."""
    core = core.copy()
    n = core.size
    within = np.zeros(n, dtype=np.int64)
    for i in range(n):
        for j in range(n):
            within[i] += tied[i, j] and not core[j]
    while True:
        best, one, other = 0, -1, -1
        for i in range(n):
            if core[i]:
                for j in range(n):
                    if not core[j] and within[i] - within[j] - tied[i, j] < best:
                        best, one, other = within[i] - within[j] - tied[i, j], i, j
        if one < 0:
            return core
        core[one], core[other] = False, True
        for i in range(n):
            within[i] += np.int64(tied[i, one]) - np.int64(tied[i, other])


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator]
def _searched(tied: Mask, orders: npt.NDArray[np.int64]) -> Mask:
    """The best division found from the first k of every order, for every k."""
    n = tied.shape[0]
    pairs, ties = n * (n - 1) / 2.0, tied.sum() / 2.0
    best, found = np.zeros(n, dtype=np.bool_), -np.inf
    for k in range(1, n - 1):
        outside = n - k
        ideal = (n * (n - 1) - outside * (outside - 1)) / 2.0
        for start in range(orders.shape[0]):
            core = np.zeros(n, dtype=np.bool_)
            core[orders[start, :k]] = True
            core = _exchanged(tied, core)
            idle = 0
            for i in range(n):
                for j in range(i + 1, n):
                    idle += tied[i, j] and not core[i] and not core[j]
            fit = ((ties - idle) * pairs - ties * ideal) / np.sqrt(ties * (pairs - ties) * ideal * (pairs - ideal))
            if fit > found:
                best, found = core, fit
    return best


def division_fit(tied: Mask, core: Mask) -> float:
    """Correlation, over pairs, of being tied with having an end in the core; NaN where either is the same for all pairs."""
    n, k = core.size, int((~core).sum())
    pairs, ideal = n * (n - 1) / 2.0, (n * (n - 1) - k * (k - 1)) / 2.0
    ties = tied.sum() / 2.0
    hits = ties - tied[np.ix_(~core, ~core)].sum() / 2.0
    spread = ties * (pairs - ties) * ideal * (pairs - ideal)
    return float((hits * pairs - ties * ideal) / np.sqrt(spread)) if spread > 0.0 else float("nan")


def _chance(tied: Mask, null: Literal["density", "degrees"], rng: np.random.Generator) -> Mask:
    n = tied.shape[0]
    upper = np.triu_indices(n, 1)
    made = np.zeros_like(tied)
    if null == "density":
        made[upper] = rng.permutation(tied[upper])
        return made | made.T
    edges = np.argwhere(np.triu(tied, 1))
    return _rewired(edges, n, rng)


def _rewired(edges: npt.NDArray[np.int64], n: int, rng: np.random.Generator) -> Mask:
    """Ties exchanged two by two, everyone keeping the number of his ties (ten attempts a tie)."""
    tied = np.zeros((n, n), dtype=np.bool_)
    tied[edges[:, 0], edges[:, 1]] = tied[edges[:, 1], edges[:, 0]] = True
    ends = edges.copy()
    for one, other, turned in zip(
        *(rng.integers(0, len(ends), 10 * len(ends)) for _end in range(2)),
        rng.random(10 * len(ends)) < 0.5,
        strict=True,
    ):
        a, b = ends[one]
        c, d = ends[other][::-1] if turned else ends[other]
        if len({a, b, c, d}) == 4 and not tied[a, d] and not tied[c, b]:
            for i, j, value in ((a, b, False), (c, d, False), (a, d, True), (c, b, True)):
                tied[i, j] = tied[j, i] = value
            ends[one], ends[other] = (a, d), (c, b)
    return tied


def _density(tied: Mask, one: Mask, other: Mask) -> float:
    a, b = int(one.sum()), int(other.sum())
    same = bool((one == other).all())
    possible = a * (a - 1) if same else a * b
    return float(tied[np.ix_(one, other)].sum() / possible) if possible else float("nan")


def coreness(held: Network, layers: Iterable[str] | None = None) -> tuple[int, ...]:
    """Per participant, the largest k for which it belongs to a group all of whose members have k ties in it (Seidman 1983)."""
    return tuple(held.graph(layers).coreness())
