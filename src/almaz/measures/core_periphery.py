"""Whether a network has a core that is tied to everyone and a periphery tied to the core alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

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
    best, found = np.zeros(n, dtype=np.bool_), float("nan")
    if not 0 < ties < n * (n - 1) // 2:
        return best, found
    rng = np.random.default_rng(0)
    # ties inside the periphery cost, so those with most ties are a good start; the drawn orders leave what is only nearly best
    orders = [
        np.argsort(-degree, kind="stable"),
        *(np.argsort(rng.random(n) - degree / n) for _start in range(_STARTS)),
    ]
    for k in range(1, n - 1):
        for order in orders:
            core = np.zeros(n, dtype=np.bool_)
            core[order[:k]] = True
            core = _exchanged(tied, core)
            fit = division_fit(tied, core)
            if not fit <= found:
                best, found = core, fit
    return best, found


def _exchanged(tied: Mask, core: Mask) -> Mask:
    """Exchange one of the core for one of the periphery while that leaves fewer ties inside the periphery."""
    core = core.copy()
    while True:
        within = (tied & ~core[None, :]).sum(axis=1)
        inner, outer = np.flatnonzero(core), np.flatnonzero(~core)
        change = within[inner][:, None] - within[outer][None, :] - tied[np.ix_(inner, outer)]
        place = int(np.argmin(change))
        if change.flat[place] >= 0:
            return core
        one, other = np.unravel_index(place, change.shape)
        core[inner[one]], core[outer[other]] = False, True


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
