"""Simulated panels with known effects: to show which estimators tell the truth. Never mixed with observed figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from almaz.impact.panel import NEVER, FloatArray, Panel


@dataclass(frozen=True)
class Scene:
    """A world to simulate.

    units, times: how many; cohorts: time of joining (0 … times − 1) → how many units; effect: after joining at once; growth:
    more of it each time; selection: how much higher than others those who join stood by chance in the last time before (mean
    reversion follows); trend: a drift of those who join that is not the programme's; deviation, correlation: of the noise;
    common: deviation of the steps of the shared path; drift: mean step of that path.
    """

    units: int = 100
    times: int = 10
    cohorts: Mapping[int, int] = field(default_factory=lambda: {4: 20, 6: 20})
    effect: float = 0.05
    growth: float = 0.02
    selection: float = 0.0
    trend: float = 0.0
    deviation: float = 0.1
    correlation: float = 0.5
    common: float = 0.05
    drift: float = 0.03


def simulated(scene: Scene, seed: int) -> tuple[Panel, FloatArray]:
    """A panel of the scene and the true effect in each cell (units, times), NaN where not treated.

    Noise is a stationary AR(1). With selection > 0 the units whose noise at the last time before is highest join first, as
    programmes pick their regions: their noise then falls back on its own.
    """
    rng = np.random.default_rng(seed)
    shape = (scene.units, scene.times)
    noise = np.empty(shape)
    noise[:, 0] = rng.normal(0, scene.deviation, scene.units)
    step = scene.deviation * np.sqrt(1 - scene.correlation**2)
    for time in range(1, scene.times):
        noise[:, time] = scene.correlation * noise[:, time - 1] + rng.normal(0, step, scene.units)
    first = np.full(scene.units, NEVER)
    order = rng.permutation(scene.units)
    for cohort, count in scene.cohorts.items():
        if scene.selection > 0:
            luck = noise[order, cohort - 1] + rng.normal(0, scene.deviation / scene.selection, len(order))
            order = order[np.argsort(-luck)]
        chosen, order = order[:count], order[count:]
        first[chosen] = cohort
    times = np.arange(scene.times)
    since = times[None, :] - first[:, None]
    effect = np.where(since >= 0, scene.effect + scene.growth * np.where(since >= 0, since, 0.0), np.nan)
    level = rng.normal(0, 0.5, scene.units)[:, None]
    path = np.cumsum(rng.normal(scene.drift, scene.common, scene.times))[None, :]
    joined = np.isfinite(first)[:, None]
    outcome = level + path + noise + np.nan_to_num(effect) + joined * scene.trend * times[None, :]
    units = tuple(f"{number:04d}" for number in range(scene.units))
    return Panel(units, tuple(times.tolist()), outcome, first, np.arange(scene.units)), effect
