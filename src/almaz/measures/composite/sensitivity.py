"""Sensitivity: how much of a result's variance each choice explains, alone and with the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from almaz.measures.composite.step import FloatArray


@dataclass(frozen=True)
class SobolIndices:
    """first: share of variance a choice explains alone; total: with all its interactions; (results, choices), NaN where a
    result does not vary. first_half, total_half: half-widths of their 95 % bootstrap intervals."""

    first: FloatArray
    total: FloatArray
    first_half: FloatArray
    total_half: FloatArray


def sobol_indices(
    evaluate: Callable[[FloatArray], FloatArray], choices: Sequence[str], draws: int = 512, seed: int = 1
) -> SobolIndices:
    """Variance-based indices of choices that are each steered by a uniform number in [0, 1).

    evaluate: (runs, choices) → (runs, results); draws: a power of two; runs = draws × (choices + 2).
    Source: Sobol' (2001); Saltelli et al. (2010); Saisana, Saltelli and Tarantola (2005) for composite indicators; SALib.
    """
    from SALib.analyze import sobol as analysis
    from SALib.sample import sobol as sampling

    problem = {"num_vars": len(choices), "names": list(choices), "bounds": [[0.0, 1.0]] * len(choices)}
    # Sobol' points may touch 1; the numbers pick among alternatives and must stay below it.
    points = np.minimum(sampling.sample(problem, draws, calc_second_order=False, seed=seed), np.nextafter(1.0, 0.0))
    results = np.asarray(evaluate(points), dtype=np.float64)
    table = np.full((4, results.shape[1], len(choices)), np.nan)
    for number, values in enumerate(results.T):
        if np.ptp(values) > 1e-12:
            found = analysis.analyze(problem, values, calc_second_order=False, num_resamples=100, seed=seed)
            table[:, number] = [found[key] for key in ("S1", "ST", "S1_conf", "ST_conf")]
    return SobolIndices(*table)
