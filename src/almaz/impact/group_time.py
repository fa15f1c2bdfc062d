"""Group–time effects: for each cohort and time, how it changed against units not in the programme."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from almaz.errors import AlmazError
from almaz.impact.panel import FloatArray, IntArray, Panel
from almaz.language import text as _

Control: TypeAlias = Literal["never", "not_yet"]
Base: TypeAlias = Literal["varying", "universal"]
BoolArray: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class GroupTime:
    """Effects of each cohort at each time, and the influence of every unit on them.

    cohort, time: (cells,); effect: (cells,), NaN where nothing compares; influence: (units, cells), 0 on average, so that the
    covariance of the effects is influence' influence / units²; share: (cells,), the cohort's share of all units; treated,
    controls: (cells,), how many units; reference: cells that are 0 by definition (universal base).
    """

    panel: Panel
    cohort: FloatArray
    time: IntArray
    effect: FloatArray
    influence: FloatArray
    share: FloatArray
    treated: IntArray
    controls: IntArray
    reference: BoolArray
    control: Control
    base: Base

    @property
    def after(self) -> BoolArray:
        """Cells at or after the cohort joined."""
        return self.time >= self.cohort

    @property
    def known(self) -> BoolArray:
        """Cells that were estimated."""
        return np.isfinite(self.effect) & ~self.reference

    def covariance(self) -> FloatArray:
        """(cells, cells), by clusters of units: sum over clusters of the products of their summed influences / units²."""
        return covariance(self.influence, self.panel.cluster)

    def errors(self) -> FloatArray:
        """Standard errors; NaN for reference cells and where nothing compares."""
        found = np.sqrt(np.diagonal(self.covariance()))
        return np.where(self.known, found, np.nan)


def covariance(influence: FloatArray, cluster: IntArray) -> FloatArray:
    """Covariance of estimates from the influence of units: (units, k) → (k, k).

        V = sum_c (sum_{i in c} psi_i)(sum_{i in c} psi_i)' / n²

    With every unit its own cluster this is did's analytic covariance; no small-sample factor.
    """
    summed = _by_cluster(influence, cluster)
    scaled = summed / len(influence)
    return np.asarray(scaled.T @ scaled)


def _by_cluster(influence: FloatArray, cluster: IntArray) -> FloatArray:
    count = int(cluster.max()) + 1
    if count == len(cluster):
        return influence
    summed = np.zeros((count, influence.shape[1]))
    np.add.at(summed, cluster, influence)
    return summed


def group_time(
    panel: Panel, control: Control = "never", base: Base = "varying", anticipation: int = 0, *, adjust: bool = False
) -> GroupTime:
    """Callaway and Sant'Anna's group–time average treatment effects.

        ATT(g, t) = mean(Y_t − Y_b | cohort g) − mean(Y_t − Y_b | controls),  b = the last time before g − anticipation

    Before joining, base "varying" takes the time just before t (one-step changes: a placebo each), "universal" keeps b, so
    that paths can be read against one point. control "never": units never in the programme; "not_yet": also those that join
    after both t and b. anticipation: how many times before joining an effect may start. adjust: differences are compared at
    equal covariates (outcome regression on the controls). Raises AlmazError where there is no unit of that kind.

    Source: Callaway & Sant'Anna (2021), Journal of Econometrics 225(2), eq. 2.3-2.9; with covariates the outcome regression
    of Sant'Anna & Zhao (2020). Agrees with R's did to 1e-9 (tests).
    """
    never = ~np.isfinite(panel.first)
    if control == "never" and not never.any():
        raise AlmazError(
            _("there is no unit that never joins"),
            expected=_("units outside the programme for all years"),
            advice=_("compare with units that join later: control = not_yet"),
        )
    times = np.asarray(panel.times)
    matrix = _design(panel) if adjust else None
    cells: list[tuple[float, int, float, FloatArray, int, int, bool]] = []
    for cohort in panel.cohorts:
        start = int(np.searchsorted(times, cohort))
        before = start - 1 - anticipation
        for place in range(1 if base == "varying" else 0, len(times)):
            after = place > before
            at = before if after or base == "universal" else place - 1
            if before < 0 or at < 0:
                continue
            ours = panel.first == cohort
            others = _controls(panel, cohort, max(times[place], times[at]), control, anticipation, never)
            if at == place:
                empty = np.zeros(len(panel.units))
                cells.append((cohort, int(times[place]), 0.0, empty, int(ours.sum()), int(others.sum()), True))
                continue
            change = panel.outcome[:, place] - panel.outcome[:, at]
            effect, influence = _difference(change, ours, others, matrix)
            cells.append((cohort, int(times[place]), effect, influence, int(ours.sum()), int(others.sum()), False))
    return _assembled(panel, cells, control, base)


def _controls(
    panel: Panel, cohort: float, until: int, control: Control, anticipation: int, never: BoolArray
) -> BoolArray:
    if control == "never":
        return never
    return (panel.first > until + anticipation) & (panel.first != cohort)


def _difference(
    change: FloatArray, ours: BoolArray, others: BoolArray, matrix: FloatArray | None
) -> tuple[float, FloatArray]:
    """The difference of mean changes and every unit's influence on it (times the number of units)."""
    units = len(change)
    influence = np.zeros(units)
    if not others.any():
        return float("nan"), influence
    if matrix is None:
        gained, usual = change[ours].mean(), change[others].mean()
        influence[ours] = (change[ours] - gained) * (units / ours.sum())
        influence[others] = -(change[others] - usual) * (units / others.sum())
        return float(gained - usual), influence
    inverse = np.linalg.pinv(matrix[others].T @ matrix[others])
    slope = inverse @ (matrix[others].T @ change[others])
    rest = change - matrix @ slope
    effect = float(rest[ours].mean())
    influence[ours] = (rest[ours] - effect) * (units / ours.sum())
    influence[others] = -(matrix[others] @ (inverse @ matrix[ours].mean(axis=0))) * rest[others] * units
    return effect, influence


def _design(panel: Panel) -> FloatArray:
    if not panel.covariates:
        raise AlmazError(_("there are no covariates to adjust for"), advice=_("name them, or leave adjust out"))
    return np.column_stack([np.ones(len(panel.units)), *panel.covariates.values()])


def _assembled(
    panel: Panel, cells: list[tuple[float, int, float, FloatArray, int, int, bool]], control: Control, base: Base
) -> GroupTime:
    if not any(np.isfinite(cell[2]) and cell[1] >= cell[0] and not cell[6] for cell in cells):
        raise AlmazError(
            _("no cohort can be compared after it joined"),
            expected=_("a time before each cohort joined, and units outside the programme at that time"),
        )
    cohort = np.array([cell[0] for cell in cells])
    share = np.array([(panel.first == value).mean() for value in cohort])
    return GroupTime(
        panel,
        cohort,
        np.array([cell[1] for cell in cells]),
        np.array([cell[2] for cell in cells]),
        np.column_stack([cell[3] for cell in cells]),
        share,
        np.array([cell[4] for cell in cells]),
        np.array([cell[5] for cell in cells]),
        np.array([cell[6] for cell in cells]),
        control,
        base,
    )
