"""Multivariate analysis: whether indicators of a group measure one thing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from almaz.measures.composite.step import FloatArray


def pairwise_covariance(data: FloatArray) -> FloatArray:
    """Covariances (n − 1), each over the units that know both indicators. data: (units, indicators). NaN below two units."""
    known = (~np.isnan(data)).astype(np.float64)
    centred = np.nan_to_num(data - np.nanmean(data, axis=0))
    both = known.T @ known
    # The means over the common units of each pair, as deviations from the indicators' own means.
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = (centred.T @ known) / both
        covariance = (centred.T @ centred - both * mean * mean.T) / (both - 1.0)
    return np.asarray(np.where(both > 1, covariance, np.nan))


def cronbach_alpha(data: FloatArray) -> float:
    """Consistency of the indicators of a group: α = k/(k−1) · (1 − trace C / Σ C), C their pairwise covariances.

    data: (units, indicators), as they stand (standardise first for the standardised α), NaN = unknown. 1: they move as one;
    below 0.7 usually called loose; NaN for one indicator. Source: Cronbach (1951); COINr's get_cronbach.
    """
    number = data.shape[1]
    if number < 2 or (~np.isnan(data)).sum(axis=0).min() < 2:
        return float("nan")
    covariance = pairwise_covariance(data)
    total = np.nansum(covariance)
    return float(number / (number - 1) * (1.0 - np.trace(covariance) / total)) if total != 0 else float("nan")


@dataclass(frozen=True)
class Components:
    """variances: eigenvalues of the correlations, largest first; shares of the whole; loadings: (indicators, components),
    correlations of indicators with components; units: how many were whole."""

    variances: FloatArray
    shares: FloatArray
    loadings: FloatArray
    units: int


def principal_components(data: FloatArray) -> Components:
    """Principal components of the correlations of the indicators.

    data: (units, indicators); units with an unknown are left out, indicators without spread load 0. A component's sign is
    that which makes its largest loading positive. Source: Pearson (1901); OECD/JRC (2008), step 4.
    """
    whole = data[~np.isnan(data).any(axis=1)]
    number = data.shape[1]
    if whole.shape[0] < 3:
        unknown = np.full(number, np.nan)
        return Components(unknown, unknown, np.full((number, number), np.nan), whole.shape[0])
    spread = whole.std(axis=0)
    standard = np.where(spread > 0, (whole - whole.mean(axis=0)) / np.where(spread > 0, spread, 1.0), 0.0)
    values, vectors = np.linalg.eigh(standard.T @ standard / whole.shape[0])
    values, vectors = np.maximum(values[::-1], 0.0), vectors[:, ::-1]
    signs = np.sign(vectors[np.abs(vectors).argmax(axis=0), np.arange(number)])
    return Components(values, values / values.sum(), vectors * signs * np.sqrt(values), whole.shape[0])
