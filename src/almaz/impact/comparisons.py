"""What is often reported instead, shown beside so that its failing is seen: before against after, and two-way fixed effects."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from almaz.impact.group_time import covariance
from almaz.impact.panel import FloatArray, Panel


@dataclass(frozen=True)
class Comparison:
    """An effect and its clustered error; negative_weight: the sum of negative weights that it gives to treated cells, where
    weights add up to 1."""

    effect: float
    error: float
    negative_weight: float = 0.0


def before_after(panel: Panel) -> Comparison:
    """The mean of treated units after joining minus before: what the years did to everyone is counted as the programme's.

    Each treated unit counts once. Not an estimate of the effect unless nothing else changed.
    """
    treated = panel.treated & np.isfinite(panel.first)[:, None]
    joined = treated.any(axis=1)
    after = np.where(treated, panel.outcome, np.nan)[joined]
    before = np.where(treated, np.nan, panel.outcome)[joined]
    change = np.nanmean(after, axis=1) - np.nanmean(before, axis=1)
    influence = (change - change.mean())[:, None]
    cluster = np.unique(panel.cluster[joined], return_inverse=True)[1]
    return Comparison(float(change.mean()), float(np.sqrt(covariance(influence, cluster)[0, 0])))


def two_way_fixed_effects(panel: Panel) -> Comparison:
    """The coefficient of "in the programme" with unit and time effects, and the weight it gives to each effect.

        δ = Σ d̃_it Y_it / Σ d̃_it²,  d̃: the indicator without unit and time means (balanced panel)

    With staggered joining and effects that grow, cells late in the programme serve as controls and weigh negatively.
    Source: de Chaisemartin & D'Haultfœuille (2020), American Economic Review 110(9); Goodman-Bacon (2021).
    """
    inside = panel.treated.astype(np.float64)
    left = _demeaned(inside)
    whole = float((left**2).sum())
    if whole <= 0:
        return Comparison(float("nan"), float("nan"))
    effect = float((left * panel.outcome).sum() / whole)
    rest = _demeaned(panel.outcome) - effect * left
    influence = len(panel.units) * (left * rest).sum(axis=1, keepdims=True) / whole
    weight = left[panel.treated] / whole
    return Comparison(
        effect,
        float(np.sqrt(covariance(influence, panel.cluster)[0, 0])),
        float(-weight[weight < 0].sum()),
    )


def _demeaned(values: FloatArray) -> FloatArray:
    return values - values.mean(axis=1, keepdims=True) - values.mean(axis=0, keepdims=True) + values.mean()
