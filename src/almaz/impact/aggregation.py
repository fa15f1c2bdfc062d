"""From group–time effects to answers: one number, by years in the programme, by cohort, by calendar year."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from almaz.impact.group_time import BoolArray, GroupTime, covariance
from almaz.impact.panel import FloatArray, IntArray

Kind: TypeAlias = Literal["simple", "dynamic", "group", "calendar"]


@dataclass(frozen=True)
class Aggregate:
    """Effects by `label` (years since joining, cohort or year; none for "simple") and the overall one.

    effect: (k,); influence: (units, k); overall, overall_influence: the summary of the kind; cluster: of the units.
    """

    kind: Kind
    label: FloatArray
    effect: FloatArray
    influence: FloatArray
    overall: float
    overall_influence: FloatArray
    cluster: IntArray

    def covariance(self) -> FloatArray:
        """(k, k), of the effects by label."""
        return covariance(self.influence, self.cluster)

    def errors(self) -> FloatArray:
        """(k,), standard errors of the effects; NaN where the effect is 0 by definition."""
        found = np.sqrt(np.diagonal(self.covariance()))
        return np.where(found == 0, np.nan, found)

    @property
    def overall_error(self) -> float:
        """Standard error of the overall effect."""
        return float(np.sqrt(covariance(self.overall_influence[:, None], self.cluster)[0, 0]))


def aggregate(effects: GroupTime, kind: Kind, balance: int | None = None) -> Aggregate:
    """Average group–time effects, weighted by the size of cohorts.

        simple    all cells at or after joining
        dynamic   by years since joining e = t − g; overall: plain mean over e >= 0
        group     by cohort, plain mean over its times after joining; overall: by cohort size
        calendar  by year, over the cohorts that have joined; overall: plain mean over years

    balance: for "dynamic", only cohorts seen at least so many years after joining, so that the mix does not change with e.
    The cohorts' shares are estimated, and that too enters the errors. Source: Callaway & Sant'Anna (2021), table 1.
    """
    after = effects.after & effects.known
    if kind == "simple":
        overall, overall_influence = _weighted(effects, after)
        none = np.zeros(0)
        return _made(effects, kind, none, none, np.zeros((len(overall_influence), 0)), overall, overall_influence)
    if kind == "dynamic":
        return _dynamic(effects, balance)
    if kind == "group":
        label = np.unique(effects.cohort[after])
        parts = [_plain(effects, after & (effects.cohort == cohort)) for cohort in label]
        share = np.array([effects.share[effects.cohort == cohort][0] for cohort in label])
        effect = np.array([part[0] for part in parts])
        influence = np.column_stack([part[1] for part in parts])
        members = np.column_stack([effects.panel.first == cohort for cohort in label])
        overall_influence = influence @ (share / share.sum()) + _share_influence(members, share) @ effect
        return _made(effects, kind, label, effect, influence, float(share @ effect / share.sum()), overall_influence)
    label = np.unique(effects.time[after]).astype(np.float64)
    parts = [_weighted(effects, after & (effects.time == time)) for time in label]
    return _labelled(effects, kind, label, parts, np.ones(len(label), dtype=np.bool_))


def _dynamic(effects: GroupTime, balance: int | None) -> Aggregate:
    since = effects.time - effects.cohort
    chosen = np.isfinite(effects.effect)
    if balance is not None:
        last = effects.panel.times[-1]
        chosen &= (last - effects.cohort >= balance) & (since <= balance)
    label = np.unique(since[chosen])
    parts = [_weighted(effects, chosen & (since == event)) for event in label]
    return _labelled(effects, "dynamic", label, parts, label >= 0)


def _labelled(
    effects: GroupTime, kind: Kind, label: FloatArray, parts: list[tuple[float, FloatArray]], counted: BoolArray
) -> Aggregate:
    effect = np.array([part[0] for part in parts])
    influence = np.column_stack([part[1] for part in parts])
    overall = influence[:, counted].mean(axis=1)
    return _made(effects, kind, label, effect, influence, float(effect[counted].mean()), overall)


def _plain(effects: GroupTime, chosen: BoolArray) -> tuple[float, FloatArray]:
    return float(effects.effect[chosen].mean()), effects.influence[:, chosen].mean(axis=1)


def _weighted(effects: GroupTime, chosen: BoolArray) -> tuple[float, FloatArray]:
    """Mean of some cells by cohort size, and every unit's influence on it, through the effects and the shares."""
    share, effect = effects.share[chosen], effects.effect[chosen]
    weight = share / share.sum()
    members = effects.panel.first[:, None] == effects.cohort[chosen][None, :]
    influence = effects.influence[:, chosen] @ weight + _share_influence(members, share) @ effect
    return float(weight @ effect), influence


def _share_influence(members: BoolArray, share: FloatArray) -> FloatArray:
    """Influence of units on the weights share / sum(share): (units, cells)."""
    deviation = members - share
    whole = share.sum()
    return np.asarray(deviation / whole - np.outer(deviation.sum(axis=1), share / whole**2))


def _made(
    effects: GroupTime,
    kind: Kind,
    label: FloatArray,
    effect: FloatArray,
    influence: FloatArray,
    overall: float,
    overall_influence: FloatArray,
) -> Aggregate:
    return Aggregate(kind, label, effect, influence, overall, overall_influence, effects.panel.cluster)
