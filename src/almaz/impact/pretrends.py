"""Were the two sides alike before? What the test can see, and how much drift would overturn the finding."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import optimize, stats

from almaz.impact.aggregation import Aggregate
from almaz.impact.group_time import GroupTime
from almaz.impact.inference import wald
from almaz.impact.panel import FloatArray


@dataclass(frozen=True)
class Pretrends:
    """The joint test of the effects before joining, and what it is worth.

    statistic, freedom, p: Wald; NaN and 0 where there is no time to look at; slope_half, slope_most: the drift per time that
    the test would notice in 50 and in 80 of 100 cases; bias_half: what the first would add to the overall effect.
    """

    statistic: float
    freedom: int
    p: float
    slope_half: float
    slope_most: float
    bias_half: float


def pretrends(effects: GroupTime, dynamic: Aggregate, level: float = 0.95) -> Pretrends:
    """Test the effects of the times before joining, and find the drift it would miss.

    The joint test uses every cell before joining, as R's did reports it (Callaway & Sant'Anna 2021); the drift the averages
    by years before joining. An unnoticed drift of slope γ adds γ (e + 1) to the effect e years after joining.
    Source of the second part: Roth (2022), American Economic Review: Insights 4(3).
    """
    before = ~effects.after & effects.known
    if not before.any():
        return Pretrends(*[float("nan"), 0, float("nan"), float("nan"), float("nan"), float("nan")])  # type: ignore[arg-type]
    statistic, freedom, p = wald(effects.effect[before], effects.covariance()[np.ix_(before, before)])
    half, most = (detectable_slope(dynamic, effects.base == "universal", chance, level) for chance in (0.5, 0.8))
    after = dynamic.label[dynamic.label >= 0]
    return Pretrends(statistic, freedom, p, half, most, float(half * (after + 1).mean()))


def detectable_slope(dynamic: Aggregate, universal: bool, chance: float, level: float = 0.95) -> float:
    """The drift per time that the joint test of effects before joining notices with this chance; NaN without such effects.

    dynamic: effects by years since joining; universal: whether they are against one base, so that drift adds up backwards.
    """
    errors = dynamic.errors()
    before = (dynamic.label < 0) & np.isfinite(errors)
    if not before.any():
        return float("nan")
    shape = dynamic.label[before] + 1 if universal else np.ones(int(before.sum()))
    inverse = np.linalg.pinv(dynamic.covariance()[np.ix_(before, before)])
    unit = float(shape @ inverse @ shape)
    freedom = int(before.sum())
    limit = stats.chi2.ppf(level, freedom)
    if unit <= 0:
        return float("nan")
    strength = optimize.brentq(lambda value: stats.ncx2.sf(limit, freedom, value) - chance, 1e-9, 1e4)
    return float(np.sqrt(strength / unit))


def drift_that_overturns(dynamic: Aggregate, low: float, high: float, universal: bool) -> tuple[float, float]:
    """How strong a drift after joining, as a multiple of the largest step seen before, would make the interval hold 0.

    low, high: the interval of the overall effect. The drift may be up to M × the largest difference between neighbouring times
    before joining, each time anew. Returns (M, that largest step): M 0 where the interval holds 0 already, NaN without times
    before. A sensitivity, not a test: the largest step is itself estimated.
    Source: the relative-magnitudes restriction of Rambachan & Roth (2023), Review of Economic Studies 90(5).
    """
    steps = _steps_before(dynamic, universal)
    if len(steps) == 0:
        return float("nan"), float("nan")
    largest = float(np.abs(steps).max())
    if low <= 0 <= high:
        return 0.0, largest
    after = dynamic.label[dynamic.label >= 0]
    distance = low if low > 0 else -high
    reach = largest * float((after + 1).mean())
    return (float("inf") if reach == 0 else distance / reach), largest


def _steps_before(dynamic: Aggregate, universal: bool) -> FloatArray:
    before = dynamic.label < 0
    effect = dynamic.effect[before]
    return np.diff(effect) if universal else effect
