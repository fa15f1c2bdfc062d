"""The imputation estimator: what the untreated observations say each treated one would have been."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from almaz.errors import AlmazError
from almaz.impact.aggregation import Aggregate, Kind
from almaz.impact.group_time import BoolArray
from almaz.impact.panel import FloatArray, Panel
from almaz.language import text as _


@dataclass(frozen=True)
class Imputation:
    """Effects of each unit at each time after it joined.

    effect: (units, times), NaN before joining and where no unit outside the programme says what the time did; unit, time:
    the effects of units and times fitted on untreated observations; residual: (units, times): their fit errors, and for the
    treated how far their effect is from their cohort's at that time.
    """

    panel: Panel
    effect: FloatArray
    unit: FloatArray
    time: FloatArray
    residual: FloatArray


def impute(panel: Panel) -> Imputation:
    """Fit unit and time effects on untreated observations alone, and take what is left of the treated.

        min Σ_{untreated} (Y_it − α_i − β_t)²;  τ_it = Y_it − α_i − β_t for the treated

    Raises AlmazError where untreated observations do not tie units and times together. Source: Borusyak, Jaravel & Spiess
    (2024), Review of Economic Studies 91(6); the point estimates are those of Gardner (2021) and, without covariates, of
    Wooldridge's extended two-way regression (agrees with R's etwfe to 1e-9, tests).
    """
    outside = ~panel.treated
    weight = outside.astype(np.float64)
    seen = weight.sum(axis=1)
    usable = weight.sum(axis=0) > 0
    if (seen == 0).any():
        raise AlmazError(
            _("a unit has no time before it joined"), expected=_("at least one time before each unit joins")
        )
    mean = (weight * panel.outcome).sum(axis=1) / seen
    shared = np.diag(weight.sum(axis=0)) - (weight / seen[:, None]).T @ weight
    inverse = _inverse(shared[np.ix_(usable, usable)])
    time = np.full(len(panel.times), np.nan)
    right = (weight * (panel.outcome - mean[:, None])).sum(axis=0)
    time[usable] = inverse @ right[usable]
    unit = mean - (weight @ np.nan_to_num(time)) / seen
    rest = panel.outcome - unit[:, None] - time[None, :]
    effect = np.where(outside, np.nan, rest)
    residual = np.where(outside, rest, effect - _usual(panel, effect))
    return Imputation(panel, effect, unit, time, np.nan_to_num(residual))


def _inverse(shared: FloatArray) -> FloatArray:
    """The pseudo-inverse of the times' normal equations, which know time effects up to one constant."""
    if np.linalg.matrix_rank(shared, tol=1e-9 * float(np.abs(shared).max()), hermitian=True) < len(shared) - 1:
        raise AlmazError(
            _("no unit ties the early and the late years together before the programme"),
            expected=_("units outside the programme that are seen in all years"),
        )
    return np.asarray(np.linalg.pinv(shared, rcond=1e-10, hermitian=True))


def _usual(panel: Panel, effect: FloatArray) -> FloatArray:
    """The mean effect of each cohort at each time; cohorts of one unit are pooled by years since joining."""
    usual = np.full(effect.shape, np.nan)
    single = np.zeros(len(panel.units), dtype=np.bool_)
    for cohort in panel.cohorts:
        members = panel.first == cohort
        if members.sum() == 1:
            single |= members
        else:
            usual[members] = effect[members].mean(axis=0)
    if single.any():
        since = np.asarray(panel.times)[None, :] - panel.first[:, None]
        known = np.isfinite(effect)
        for event in np.unique(since[known]):
            at = known & (since == event)
            usual[at & single[:, None]] = effect[at].mean()
    return usual


def aggregate_imputed(imputed: Imputation, kind: Kind) -> Aggregate:
    """Average imputed effects over treated observations; kinds as `aggregation.aggregate`.

    Errors are Borusyak, Jaravel and Spiess' conservative ones, clustered: the influence of a unit is the sum over its times of
    the weight of each observation in the estimate times its residual.
    """
    panel = imputed.panel
    known = np.isfinite(imputed.effect)
    times = np.broadcast_to(np.asarray(panel.times, dtype=np.float64), known.shape)
    first = np.broadcast_to(panel.first[:, None], known.shape)
    if kind == "simple":
        effect, influence = _mean(imputed, known)
        return Aggregate(
            kind, np.zeros(0), np.zeros(0), np.zeros((len(panel.units), 0)), effect, influence, panel.cluster
        )
    mark = {"dynamic": times - first, "group": first, "calendar": times}[kind]
    label = np.unique(mark[known])
    parts = [_mean(imputed, known & (mark == value)) for value in label]
    effects = np.array([part[0] for part in parts])
    influences = np.column_stack([part[1] for part in parts])
    size = np.array([(panel.first == value).sum() for value in label], dtype=np.float64)
    share = size / size.sum() if kind == "group" else np.full(len(label), 1 / len(label))
    return Aggregate(kind, label, effects, influences, float(effects @ share), influences @ share, panel.cluster)


def _mean(imputed: Imputation, chosen: BoolArray) -> tuple[float, FloatArray]:
    """The mean effect over some treated observations and the influence of each unit on it (times the number of units)."""
    panel = imputed.panel
    wanted = chosen / chosen.sum()
    outside = (~panel.treated).astype(np.float64)
    seen = outside.sum(axis=1)
    usable = outside.sum(axis=0) > 0
    of_unit, of_time = wanted.sum(axis=1), wanted.sum(axis=0)
    shared = np.diag(outside.sum(axis=0)) - (outside / seen[:, None]).T @ outside
    time = np.zeros(len(panel.times))
    right = of_time - (outside / seen[:, None]).T @ of_unit
    time[usable] = _inverse(shared[np.ix_(usable, usable)]) @ right[usable]
    unit = (of_unit - outside @ time) / seen
    weight = wanted - outside * (unit[:, None] + time[None, :])
    influence = len(panel.units) * (weight * imputed.residual).sum(axis=1)
    return float(imputed.effect[chosen].mean()), influence
