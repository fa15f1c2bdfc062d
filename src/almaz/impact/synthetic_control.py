"""Synthetic control: one region against the mix of others that moved like it before the programme."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import optimize

from almaz.errors import AlmazError
from almaz.impact.panel import FloatArray, Panel
from almaz.language import text as _


@dataclass(frozen=True)
class SyntheticControl:
    """A unit, its synthetic twin, and how well they agree before.

    weight: (donors,), >= 0, adding up to 1; actual, synthetic: (times,); start: place of the first time in the programme;
    shift: a constant added to the twin (0 unless asked for); error_before, error_after: root mean squared gap.
    """

    unit: str
    donors: tuple[str, ...]
    weight: FloatArray
    times: tuple[int, ...]
    actual: FloatArray
    synthetic: FloatArray
    start: int
    shift: float
    error_before: float
    error_after: float

    @property
    def gap(self) -> FloatArray:
        """(times,): actual minus synthetic."""
        return self.actual - self.synthetic

    @property
    def effect(self) -> float:
        """The mean gap after joining."""
        return float(self.gap[self.start :].mean())

    @property
    def ratio(self) -> float:
        """The gap after against the gap before: large where the unit left its twin only after joining."""
        return self.error_after / self.error_before if self.error_before > 0 else float("inf")


@dataclass(frozen=True)
class Placebos:
    """The same exercise for every donor, as if it had joined.

    units: the unit first, then the donors; gap: (units, times); error_before, ratio: (units,); rank: the unit's place by
    ratio, 1 the largest; p: share of units with a ratio as large; smallest_p: 1 / units; fits: whether the twin of the unit
    agrees before as well as the median placebo does.
    """

    control: SyntheticControl
    units: tuple[str, ...]
    gap: FloatArray
    error_before: FloatArray
    ratio: FloatArray
    rank: int
    p: float
    smallest_p: float
    fits: bool


def synthetic_weights(target: FloatArray, donors: FloatArray, ridge: float = 0.0) -> FloatArray:
    """The mix of donors nearest to the target: min ‖target − donors w‖² + ridge ‖w‖², w >= 0, Σ w = 1.

    target: (k,); donors: (k, donors); ridge: makes the mix unique where several fit alike. Exact, by non-negative least
    squares: with A = donors − target, min ‖A z‖² + (1 − Σ z)² over z >= 0 has its solution along the w sought, because for a
    given direction w its value is a rising function of ‖A w‖². Returns (donors,).
    Source: Abadie & Gardeazabal (2003); Abadie, Diamond & Hainmueller (2010), outcomes before as the only predictors.
    """
    apart = donors - target[:, None]
    scale = float(np.sqrt((apart**2).mean())) or 1.0
    rows = [apart / scale, np.ones((1, donors.shape[1]))]
    if ridge > 0:
        rows.insert(1, np.sqrt(ridge) / scale * np.eye(donors.shape[1]))
    matrix = np.concatenate(rows)
    right = np.zeros(len(matrix))
    right[-1] = 1.0
    found = optimize.nnls(matrix, right, maxiter=50 * donors.shape[1])[0]
    return np.asarray(found / found.sum())


def synthetic_control(
    panel: Panel, unit: str, *, shifted: bool = False, ridge: float = 0.0, without: tuple[str, ...] = ()
) -> SyntheticControl:
    """The synthetic twin of one unit from those never in the programme.

    shifted: match changes, not levels (Ferman & Pinto 2021), for a region larger or smaller than all others; without: donors
    to leave out. Raises AlmazError for an unknown unit, one never in the programme, fewer than two donors, or fewer than two
    times before.
    """
    if unit not in panel.units:
        raise AlmazError(
            _("there is no unit «{unit}»", unit=unit), expected=_("one of: {keys}", keys=", ".join(panel.units[:20]))
        )
    place = panel.units.index(unit)
    if not np.isfinite(panel.first[place]):
        raise AlmazError(
            _("the unit «{unit}» is never in the programme", unit=unit),
            expected=", ".join(str(panel.units[i]) for i in np.flatnonzero(np.isfinite(panel.first))[:20]),
        )
    start = int(np.searchsorted(np.asarray(panel.times), panel.first[place]))
    pool = [i for i in np.flatnonzero(~np.isfinite(panel.first)) if panel.units[i] not in without]
    if len(pool) < 2 or start < 2:
        raise AlmazError(
            _(
                "a synthetic control needs more: {donors} units outside, {times} times before",
                donors=len(pool),
                times=start,
            ),
            expected=_("at least two units never in the programme and two times before, better ten of each"),
        )
    return _twin(panel, place, np.array(pool), start, shifted, ridge)


def _twin(panel: Panel, place: int, pool: np.ndarray, start: int, shifted: bool, ridge: float) -> SyntheticControl:
    actual, donors = panel.outcome[place], panel.outcome[pool].T
    middle = actual[:start].mean() if shifted else 0.0
    means = donors[:start].mean(axis=0) if shifted else np.zeros(len(pool))
    weight = synthetic_weights(actual[:start] - middle, donors[:start] - means, ridge)
    shift = float(middle - means @ weight)
    synthetic = donors @ weight + shift
    gap = actual - synthetic
    return SyntheticControl(
        panel.units[place], tuple(panel.units[i] for i in pool), weight, panel.times, actual, synthetic, start, shift,
        float(np.sqrt((gap[:start] ** 2).mean())), float(np.sqrt((gap[start:] ** 2).mean())),
    )  # fmt: skip


def placebo_test(panel: Panel, unit: str, *, shifted: bool = False, ridge: float = 0.0) -> Placebos:
    """Repeat for every donor, the treated unit left out, and rank the unit among them by its ratio.

    With J donors the smallest chance that can come out is 1 / (J + 1): among eight, nothing below 0.11. Source: Abadie,
    Diamond & Hainmueller (2010, 2015).
    """
    control = synthetic_control(panel, unit, shifted=shifted, ridge=ridge)
    pool = np.array([panel.units.index(donor) for donor in control.donors])
    twins = [control]
    if len(pool) > 2:
        twins += [_twin(panel, int(one), pool[pool != one], control.start, shifted, ridge) for one in pool]
    ratio = np.array([twin.ratio for twin in twins])
    before = np.array([twin.error_before for twin in twins])
    larger = int((ratio >= ratio[0] * (1 - 1e-12)).sum())
    return Placebos(
        control,
        tuple(twin.unit for twin in twins),
        np.array([twin.gap for twin in twins]),
        before,
        ratio,
        larger,
        larger / len(twins),
        1 / len(twins),
        bool(len(twins) > 1 and before[0] <= np.median(before[1:]) * 2),
    )


def without_each_donor(panel: Panel, control: SyntheticControl, *, ridge: float = 0.0) -> dict[str, float]:
    """The effect when each donor that carries weight is left out: does the finding hang on one region?"""
    return {
        donor: synthetic_control(
            panel, control.unit, shifted=control.shift != 0.0, ridge=ridge, without=(donor,)
        ).effect
        for donor, weight in zip(control.donors, control.weight, strict=True)
        if weight > 0.01 and len(control.donors) > 2
    }


def earlier_start(
    panel: Panel, unit: str, times: int, *, shifted: bool = False, ridge: float = 0.0
) -> SyntheticControl:
    """The placebo in time: as if the unit had joined so many times earlier; the gap until it joined should be nil."""
    control = synthetic_control(panel, unit, shifted=shifted, ridge=ridge)
    if control.start - times < 2:
        raise AlmazError(
            _("there are {times} times before: too few to start {earlier} earlier", times=control.start, earlier=times)
        )
    pool = np.array([panel.units.index(donor) for donor in control.donors])
    kept = Panel(
        panel.units, panel.times[: control.start], panel.outcome[:, : control.start], panel.first, panel.cluster
    )
    return _twin(kept, panel.units.index(unit), pool, control.start - times, shifted, ridge)
