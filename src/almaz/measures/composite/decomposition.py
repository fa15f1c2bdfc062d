"""Decomposition: which parts carry a score above or below a reference, to the last point."""

from __future__ import annotations

from itertools import combinations
from math import factorial

import numpy as np

from almaz.measures.composite.aggregation import WAYS, Aggregation
from almaz.measures.composite.step import FloatArray


def part_contributions(parts: FloatArray, reference: FloatArray, weights: FloatArray, way: Aggregation) -> FloatArray:
    """What each part adds to score(parts) − score(reference): its Shapley value, exact for every aggregation.

        φ_i = Σ_{S ∌ i} |S|! (n−|S|−1)! / n! · [score(S ∪ i at parts, rest at reference) − score(S at parts, rest at reference)]

    parts: (units, n) with n up to about a dozen; reference, weights: (n,). Returns (units, n), rows adding up to the
    difference. Source: Shapley (1953); Shorrocks (2013), Journal of Economic Inequality 11.
    """
    number = parts.shape[1]
    held = {
        chosen: WAYS[way](np.where(np.isin(np.arange(number), chosen), parts, reference), weights)
        for size in range(number + 1)
        for chosen in combinations(range(number), size)
    }
    result = np.zeros_like(parts)
    for part in range(number):
        for chosen, score in held.items():
            if part not in chosen:
                size = len(chosen)
                share = factorial(size) * factorial(number - size - 1) / factorial(number)
                result[:, part] += share * (held[tuple(sorted((*chosen, part)))] - score)
    return result


def indicator_contributions(
    indicators: FloatArray, reference: FloatArray, membership: FloatArray, of_parts: FloatArray
) -> FloatArray:
    """The parts' contributions handed down to indicators, in proportion to w (x − reference) within each part.

    indicators: (units, indicators) whole, on the scale; reference: (indicators,); membership: (indicators, parts), columns
    adding up to 1, parts being arithmetic means of their indicators; of_parts: (units, parts) from part_contributions.
    Returns (units, indicators), rows adding up as of_parts do.
    """
    apart = indicators - reference
    of_part = apart @ membership
    flat = np.isclose(of_part, 0.0, atol=1e-12)
    slope = np.where(flat, 0.0, of_parts / np.where(flat, 1.0, of_part))
    return np.asarray(apart * (slope @ membership.T))
