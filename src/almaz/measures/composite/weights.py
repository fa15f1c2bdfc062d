"""Weights: equal, given, or by principal components; and how far they may be off."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from almaz.measures.composite.multivariate import principal_components
from almaz.measures.composite.step import FloatArray


def equal_weights(number: int) -> FloatArray:
    """1 / n each: the choice when nothing is known of importance."""
    return np.full(number, 1.0 / number)


def component_weights(data: FloatArray) -> FloatArray:
    """Squared loadings on the first principal component of the correlations, adding up to 1.

    data: (units, indicators); units with an unknown are left out. They reward indicators that move together, which is not
    the same as importance: shown beside equal weights, not instead. Source: Nicoletti, Scarpetta and Boylaud (2000).
    """
    loading = principal_components(data).loadings[:, 0] ** 2
    return np.asarray(loading / loading.sum())


def perturbed_weights(weights: FloatArray, share: float, draws: int, random: np.random.Generator) -> FloatArray:
    """Weights that are each off by up to ± share, uniformly. weights: (n,). Returns (draws, n), not scaled to add up."""
    return np.asarray(weights * random.uniform(1.0 - share, 1.0 + share, size=(draws, weights.size)))


def memberships(group: Sequence[int], weights: FloatArray, groups: int) -> FloatArray:
    """Weights laid out as (..., indicators, groups), zero outside an indicator's group; each group adds up to 1.

    group: of each indicator; weights: (..., indicators).
    """
    laid = np.zeros((*weights.shape, groups))
    laid[..., np.arange(len(group)), np.asarray(group, dtype=np.intp)] = weights
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.nan_to_num(laid / laid.sum(axis=-2, keepdims=True))
