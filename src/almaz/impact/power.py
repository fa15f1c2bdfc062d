"""Before the programme starts: how large an effect would have to be for an evaluation to see it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import comb

import numpy as np
from scipy import optimize, stats

from almaz.errors import AlmazError
from almaz.impact.inference import MINIMUM_CLUSTERS
from almaz.impact.panel import FloatArray
from almaz.language import decimal
from almaz.language import text as _


@dataclass(frozen=True)
class Noise:
    """How an outcome moves without a programme, unit and time effects taken out: an autoregression of order one.

    deviation: of a figure of one unit at one time, in the outcome's unit; correlation: of neighbouring times.
    """

    deviation: float
    correlation: float


@dataclass(frozen=True)
class Design:
    """A planned comparison: units in and outside the programme, times before and after, and the lag.

    lag: how many times after joining nothing is to be expected; only later ones are compared.
    """

    treated: int
    untreated: int
    before: int
    after: int
    lag: int = 0
    level: float = 0.95
    power: float = 0.8


@dataclass(frozen=True)
class Detectable:
    """effect: the smallest effect that the design would show with its power, NaN where no claim could be made; error: the
    standard error to expect; smallest_p: the smallest chance that shuffling could give; reason: why no claim, else empty."""

    effect: float
    error: float
    smallest_p: float
    reason: str


def noise(outcome: FloatArray) -> Noise:
    """Estimate the noise from figures before the programme.

    outcome: (units, times), complete, at least three of each. Unit and time means are taken out; what that does to the
    autocovariances in short panels is solved for: ρ is where an AR(1), so treated, has the first autocorrelation seen.
    Raises AlmazError for fewer. Source: the method of moments; on the bias of the naive estimate Nickell (1981).
    """
    units, times = outcome.shape
    if units < 3 or times < 3 or not np.isfinite(outcome).all():
        raise AlmazError(
            _("the noise cannot be told from {units} units and {times} times", units=units, times=times),
            expected=_("complete figures of at least three units and three times before the programme"),
        )
    left = outcome - outcome.mean(axis=1, keepdims=True) - outcome.mean(axis=0, keepdims=True) + outcome.mean()
    squares, products = (left**2).sum(), (left[:, 1:] * left[:, :-1]).sum()
    if squares <= 1e-20 * max(1.0, float((outcome**2).sum())):
        return Noise(0.0, 0.0)
    within = np.eye(times) - 1.0 / times

    def moments(rho: float) -> tuple[float, float]:
        covered = within @ _autoregression(times, rho) @ within
        return float(np.trace(covered)), float(np.trace(covered, offset=1))

    def apart(rho: float) -> float:
        whole, neighbours = moments(rho)
        return neighbours / whole - products / squares

    lowest, highest = -0.95, 0.98
    if apart(lowest) > 0:
        rho = lowest
    elif apart(highest) < 0:
        rho = highest
    else:
        rho = float(optimize.brentq(apart, lowest, highest))
    deviation = float(np.sqrt(squares / ((units - 1) * moments(rho)[0])))
    return Noise(deviation, rho)


def _autoregression(times: int, rho: float) -> FloatArray:
    return np.asarray(rho ** np.abs(np.subtract.outer(np.arange(times), np.arange(times))))


def expected_error(design: Design, noise: Noise) -> float:
    """The standard error of a difference-in-differences of means under that noise.

        Var = (1/N_in + 1/N_out) c' Γ c,  c = −1/before for times before, 1/(after − lag) for times after the lag

    Γ: the covariances of an AR(1). Source: Burlig, Preonas & Woerman (2020), Journal of Development Economics 144, for any
    covariances.
    """
    _checked(design)
    counted = design.after - design.lag
    contrast = np.concatenate(
        [np.full(design.before, -1 / design.before), np.zeros(design.lag), np.full(counted, 1 / counted)]
    )
    spread = noise.deviation**2 * contrast @ _autoregression(len(contrast), noise.correlation) @ contrast
    return float(np.sqrt(spread * (1 / design.treated + 1 / design.untreated)))


def minimum_detectable_effect(design: Design, noise: Noise, minimum: int = MINIMUM_CLUSTERS) -> Detectable:
    """The smallest effect that would be found significant with the design's power.

        effect = (t_{1 − α/2} + t_power) × error,  t with N_in + N_out − 2 degrees of freedom

    With fewer than `minimum` units on either side the judgement is by shuffling who joined; where even that could not come
    below α, no effect of any size could be claimed and the effect is NaN. Source: Bloom (1995).
    """
    error = expected_error(design, noise)
    freedom = design.treated + design.untreated - 2
    ways = comb(design.treated + design.untreated, design.treated)
    smallest = 1 / ways
    if min(design.treated, design.untreated) < minimum and smallest > 1 - design.level + 1e-12:
        reason = _(
            "with {treated} units in the programme and {untreated} outside the smallest chance that can come out is"
            " {smallest}: no effect of any size could be claimed",
            treated=design.treated,
            untreated=design.untreated,
            smallest=decimal(smallest, 3),
        )
        return Detectable(float("nan"), error, smallest, reason)
    critical, reach = stats.t.ppf(0.5 + design.level / 2, freedom), stats.t.ppf(design.power, freedom)
    return Detectable(float((critical + reach) * error), error, smallest, "")


def power_curve(design: Design, noise: Noise, effects: FloatArray) -> FloatArray:
    """The chance that each effect would be found significant: (effects,), by the noncentral t."""
    error = expected_error(design, noise)
    freedom = design.treated + design.untreated - 2
    critical = stats.t.ppf(0.5 + design.level / 2, freedom)
    ratio = effects / error
    return np.asarray(stats.nct.sf(critical, freedom, ratio) + stats.nct.cdf(-critical, freedom, ratio))


def units_needed(design: Design, noise: Noise, effect: float, most: int = 10_000) -> int | None:
    """How many units in the programme (as many outside) would show this effect; None where `most` would not do."""
    _checked(design)

    def enough(count: int) -> bool:
        found = minimum_detectable_effect(replace(design, treated=count, untreated=count), noise)
        return bool(np.isfinite(found.effect) and found.effect <= abs(effect))

    if effect == 0 or not enough(most):
        return None
    low, high = 1, most
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle + 1, high)
    return low


def placebo_errors(outcome: FloatArray, design: Design, draws: int = 2000, seed: int = 0) -> FloatArray:
    """Differences-in-differences of programmes that never were, drawn on real figures before the programme: (draws,).

    outcome: (units, times) with units >= treated + untreated and times >= before + after. Each draw picks who joins and when
    the window starts. Their spread is the standard error without any model. Source: Bertrand, Duflo & Mullainathan (2004).
    """
    _checked(design)
    units, times = outcome.shape
    need = design.before + design.after
    if units < design.treated + design.untreated or times < need:
        raise AlmazError(
            _("there are {units} units and {times} times of figures", units=units, times=times),
            expected=_("at least {units} units and {times} times", units=design.treated + design.untreated, times=need),
        )
    rng = np.random.default_rng(seed)
    found = np.empty(draws)
    for draw in range(draws):
        start = int(rng.integers(times - need + 1))
        chosen = rng.permutation(units)[: design.treated + design.untreated]
        window = outcome[chosen, start : start + need]
        change = window[:, design.before + design.lag :].mean(axis=1) - window[:, : design.before].mean(axis=1)
        found[draw] = change[: design.treated].mean() - change[design.treated :].mean()
    return found


def _checked(design: Design) -> None:
    if min(design.treated, design.untreated, design.before) < 1 or design.after <= design.lag or design.lag < 0:
        raise AlmazError(
            _("this design has nothing to compare"),
            expected=_("at least one unit on each side, one time before, and more times after than the lag"),
        )
    if design.treated + design.untreated < 3:
        raise AlmazError(_("two units leave no degree of freedom"), expected=_("at least three units"))
