"""How sure a derived set of clusters is: does it come again from other regions of the same kind?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from almaz.clusters.candidates import Labels, candidate_sets, transformed
from almaz.clusters.derive import Candidate, Derived, without_marginal
from almaz.clusters.similarity import Places, by_place, with_combined
from almaz.clusters.validation import groups_of
from almaz.language import text as _
from almaz.measures.loops import each

FloatArray: TypeAlias = npt.NDArray[np.float64]


def stability(
    derived: Derived,
    held: Places,
    others: Mapping[str, FloatArray],
    *,
    draws: int = 30,
    seed: int = 1,
    workers: int = 2,
    tell: Callable[[str], None] = lambda _stage: None,
) -> FloatArray:
    """How well the cluster of each industry comes again when regions are drawn anew, with replacement.

        stability_i = mean over draws of |c_i ∩ c*_i| / |c_i ∪ c*_i|     c_i its cluster, c*_i that of the draw

    held: what relatedness by place is computed from; others: matrices that do not rest on regions, kept as they are.
    Each draw goes the best candidate's way: its matrix, transformation, function and number, and the moving of marginal
    industries. Returns (industries,), 0 to 1; 1 throughout where the best set does not rest on regions. The same seed
    gives the same numbers. Source: Hennig (2007), Computational Statistics & Data Analysis 52, per industry instead of
    per cluster.
    """
    regions = len(held.main)
    rows = [np.random.default_rng([seed, draw]).integers(regions, size=regions) for draw in range(draws)]
    total = np.zeros(derived.labels.size)
    tasks = ((derived.best, derived.labels, held, others, drawn, seed) for drawn in rows)
    for number, agreement in enumerate(each(_again, tasks, jobs=workers), start=1):
        total += agreement
        tell(_("draws of regions: {number} of {all}", number=number, all=draws))
    return total / max(draws, 1)


def _again(
    best: Candidate,
    labels: Labels,
    held: Places,
    others: Mapping[str, FloatArray],
    drawn: npt.NDArray[np.intp],
    seed: int,
) -> FloatArray:
    with threadpool_limits(1):
        matrices = with_combined({**by_place(held.take(drawn)), **others})
        found = candidate_sets(
            transformed(matrices[best.matrix], best.transformation), best.function, [best.asked], seed
        )
        steering = matrices["combined" if "combined" in matrices else best.matrix]
        return peers_again(labels, without_marginal(found[0], steering, matrices)[0])


def peers_again(labels: Labels, others: Labels) -> FloatArray:
    """For each industry, the industries in both its clusters over those in either."""
    first, second = groups_of(labels), groups_of(others)
    both = (first.T @ second)[labels, others]
    either = first.sum(axis=0)[labels] + second.sum(axis=0)[others] - both
    return np.asarray(both / either)
