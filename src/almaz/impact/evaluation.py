"""The evaluation of a programme from a panel: every estimator, every check, and what may be claimed, as tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pyarrow as pa

from almaz.errors import AlmazError
from almaz.impact.aggregation import Aggregate, Kind, aggregate
from almaz.impact.comparisons import before_after, two_way_fixed_effects
from almaz.impact.group_time import Base, Control, GroupTime, group_time
from almaz.impact.imputation import aggregate_imputed, impute
from almaz.impact.inference import MINIMUM_CLUSTERS, Claim, Shuffles, claim, few, pointwise, shuffles, sup_t
from almaz.impact.loop import Finding, amendments_table, findings_table, propose
from almaz.impact.panel import FloatArray, Panel
from almaz.impact.power import Design, minimum_detectable_effect, noise, power_curve
from almaz.impact.pretrends import drift_that_overturns, pretrends
from almaz.impact.rows import columns, row
from almaz.impact.synthetic_tables import synthetic_tables
from almaz.language import text as _

KINDS: Final[tuple[Kind, ...]] = ("simple", "dynamic", "group", "calendar")


@dataclass(frozen=True)
class EvaluationOptions:
    """outcome: what was measured, in words; desired: which way is good; project: what an amendment would be about; control,
    base, anticipation, adjust: as of `group_time`; minimum: clusters on each side for normal theory; synthetic: at most so
    many units in the programme for synthetic controls; source: identity of the data and options (a hash)."""

    outcome: str = "outcome"
    desired: Literal["up", "down"] = "up"
    project: str = "programme"
    control: Control = "never"
    base: Base = "varying"
    anticipation: int = 0
    adjust: bool = False
    level: float = 0.95
    minimum: int = MINIMUM_CLUSTERS
    synthetic: int = 5
    seed: int = 0
    source: str = ""


@dataclass(frozen=True)
class Evaluation:
    """Tables by name (`programme_…`), the findings, and what they suggest."""

    tables: Mapping[str, pa.Table]
    findings: tuple[Finding, ...]


def evaluate(panel: Panel, options: EvaluationOptions) -> Evaluation:
    """Evaluate a programme.

    Group–time effects and the imputation estimator side by side, with what naive comparisons would have said; pre-trends and
    their worth; the claim that the number of units allows; for few units synthetic controls with placebos; the effect that
    such a design could have shown at all. Raises AlmazError where the panel cannot carry it.
    """
    effects = _effects(panel, options)
    found = {kind: aggregate(effects, kind) for kind in KINDS}
    imputed = impute(panel)
    filled = {kind: aggregate_imputed(imputed, kind) for kind in KINDS}
    shuffled = _shuffled(panel, options) if few(panel, options.minimum) else None
    simple, chance = found["simple"], None if shuffled is None else shuffled["overall_simple"]
    judged = claim(panel, simple.overall, simple.overall_error, chance, options.level)
    tables = {
        "programme_paths": _paths(panel),
        "programme_group_time": _cells(effects, shuffled, options),
        "programme_effects": pa.concat_tables(
            [
                _labelled(estimator, kind, part, shuffled, options)
                for estimator, parts in (("group_time", found), ("imputation", filled))
                for kind, part in parts.items()
                if kind != "simple"
            ]
        ),
        "programme_summary": _summary(panel, found, filled, shuffled, options),
        "programme_pretrends": _before(effects, found["dynamic"], shuffled, options),
        "programme_claim": pa.Table.from_pylist([row(vars(judged))]),
        "programme_design": _design(panel, effects, options),
        "programme_notes": pa.table({"note": pa.array(list(panel.notes), pa.string())}),
    }
    tables |= synthetic_tables(panel, options.level, options.synthetic)
    power = _power(panel, options)
    tables |= power
    findings = _findings(panel, judged, power, options)
    tables["evaluation_findings"] = findings_table(findings)
    tables["programme_amendments"] = amendments_table(propose(findings, options.project))
    return Evaluation(tables, findings)


def _effects(panel: Panel, options: EvaluationOptions) -> GroupTime:
    return group_time(panel, options.control, options.base, options.anticipation, adjust=options.adjust)


def _shuffled(panel: Panel, options: EvaluationOptions) -> dict[str, Shuffles]:
    """Shuffles of everything that has an interval: overall effects ("simple" … by kind), those by label, and the cells."""
    real = _everything(panel, options)
    size = sum(len(part) for part in real.values())

    def again(one: Panel) -> FloatArray:
        try:
            found = np.concatenate(list(_everything(one, options).values()))
        except AlmazError:  # a shuffle that leaves nothing to compare says nothing
            return np.full(size, np.nan)
        return found if len(found) == size else np.full(size, np.nan)

    made, start, parts = shuffles(panel, again, seed=options.seed), 0, {}
    for name, part in real.items():
        parts[name] = made.take(slice(start, start + len(part)))
        start += len(part)
    return parts


def _everything(panel: Panel, options: EvaluationOptions) -> dict[str, FloatArray]:
    effects = _effects(panel, options)
    parts = {kind: aggregate(effects, kind) for kind in KINDS}
    return {
        **{f"overall_{kind}": np.array([part.overall]) for kind, part in parts.items()},
        **{kind: part.effect for kind, part in parts.items()},
        "cells": effects.effect,
    }


def _intervals(
    effect: FloatArray, error: FloatArray, covariance: FloatArray, chance: Shuffles | None, options: EvaluationOptions
) -> dict[str, FloatArray]:
    """The error and the intervals of each and of all together: by normal theory, or by shuffling where units are few."""
    if chance is None:
        reach, together = pointwise(options.level) * error, sup_t(covariance, options.level, seed=options.seed) * error
    else:
        reach, together, error = (
            np.where(np.isnan(error), np.nan, part)
            for part in (chance.reach(options.level), chance.together(options.level), chance.spread())
        )
    return {
        "error": error, "low": effect - reach, "high": effect + reach, "band_low": effect - together,
        "band_high": effect + together,
    }  # fmt: skip


def _paths(panel: Panel) -> pa.Table:
    """Mean outcome of each cohort and of the untreated, by time: the picture to look at first."""
    rows = []
    for cohort in [*panel.cohorts, np.inf]:
        members = panel.first == cohort
        if members.any():
            mean = panel.outcome[members].mean(axis=0)
            rows += [
                {"cohort": None if np.isinf(cohort) else int(cohort), "time": time, "mean": float(value),
                 "units": int(members.sum())}
                for time, value in zip(panel.times, mean, strict=True)
            ]  # fmt: skip
    schema = pa.schema([("cohort", pa.int64()), ("time", pa.int64()), ("mean", pa.float64()), ("units", pa.int64())])
    return pa.Table.from_pylist(rows, schema=schema)


def _cells(effects: GroupTime, shuffled: Mapping[str, Shuffles] | None, options: EvaluationOptions) -> pa.Table:
    chance = None if shuffled is None else shuffled["cells"]
    covariance = effects.covariance()[np.ix_(effects.known, effects.known)]
    return columns(
        {
            "cohort": effects.cohort.astype(np.int64), "time": effects.time.astype(np.int64), "effect": effects.effect,
            **_intervals(effects.effect, effects.errors(), covariance, chance, options),
            "after": effects.after, "reference": effects.reference, "treated": effects.treated,
            "controls": effects.controls,
        }
    )  # fmt: skip


def _labelled(
    estimator: str, kind: Kind, part: Aggregate, shuffled: Mapping[str, Shuffles] | None, options: EvaluationOptions
) -> pa.Table:
    count = len(part.label)
    chance = None if shuffled is None else shuffled[kind]
    if shuffled is None or estimator == "group_time":
        ends = _intervals(part.effect, part.errors(), part.covariance(), chance, options)
    else:
        ends = dict.fromkeys(("error", "low", "high", "band_low", "band_high"), np.full(count, np.nan))
    return columns(
        {
            "estimator": [estimator] * count, "kind": [kind] * count, "label": part.label.astype(np.int64),
            "effect": part.effect, **ends,
        }
    )  # fmt: skip


def _summary(
    panel: Panel,
    found: Mapping[Kind, Aggregate],
    filled: Mapping[Kind, Aggregate],
    shuffled: Mapping[str, Shuffles] | None,
    options: EvaluationOptions,
) -> pa.Table:
    """Overall effects of both estimators, and of the naive comparisons; intervals by shuffling where units are few."""
    critical = pointwise(options.level)
    rows: list[dict[str, object]] = []
    for kind, part in found.items():
        error, reach = part.overall_error, critical * part.overall_error
        if shuffled is not None:
            chance = shuffled[f"overall_{kind}"]
            error, reach = float(chance.spread()[0]), float(chance.reach(options.level)[0])
        rows.append(_summary_row("group_time", kind, part.overall, error, reach))
    for kind, part in filled.items():
        error = part.overall_error if shuffled is None else float("nan")
        rows.append(_summary_row("imputation", kind, part.overall, error, critical * error))
    for name, other in (("before_after", before_after(panel)), ("two_way", two_way_fixed_effects(panel))):
        error = other.error if shuffled is None else float("nan")
        line = _summary_row(name, "simple", other.effect, error, critical * error)
        rows.append(line | {"naive": True, "negative_weight": other.negative_weight})
    schema = pa.schema(
        [(key, pa.string() if key in ("estimator", "kind") else pa.bool_() if key == "naive" else pa.float64())
         for key in rows[0]]
    )  # fmt: skip
    return pa.Table.from_pylist(rows, schema=schema)


def _summary_row(estimator: str, kind: Kind, effect: float, error: float, reach: float) -> dict[str, object]:
    return row(
        {
            "estimator": estimator, "kind": kind, "effect": effect, "error": error, "low": effect - reach,
            "high": effect + reach, "naive": False, "negative_weight": 0.0,
        }
    )  # fmt: skip


def _before(
    effects: GroupTime, dynamic: Aggregate, shuffled: Mapping[str, Shuffles] | None, options: EvaluationOptions
) -> pa.Table:
    """The pre-trend test and its worth; where units are few, the chance of the largest early effect among the shuffles."""
    checked = pretrends(effects, dynamic, options.level)
    universal = effects.base == "universal"
    reach = pointwise(options.level) * dynamic.overall_error
    line: dict[str, object] = {"by": "normal", **vars(checked)}
    if shuffled is not None:
        reach = float(shuffled["overall_dynamic"].reach(options.level)[0])
        early = ~effects.after & effects.known
        largest = np.abs(shuffled["cells"].effect[:, early]).max(axis=1, initial=0.0)
        seen = np.abs(effects.effect[early]).max(initial=0.0)
        p = float((largest >= seen * (1 - 1e-9)).mean()) if early.any() else float("nan")
        line |= {name: float("nan") for name in ("statistic", "slope_half", "slope_most", "bias_half")}
        line |= {"by": "permutation", "p": p}
    overall = dynamic.overall
    drift, step = drift_that_overturns(dynamic, overall - reach, overall + reach, universal)
    line |= {"drift_overturns": drift if np.isfinite(reach) else float("nan"), "largest_step": step}
    kinds = {"by": pa.string(), "freedom": pa.int64()}
    schema = pa.schema([(name, kinds.get(name, pa.float64())) for name in line])
    return pa.Table.from_pylist([row(line)], schema=schema)


def _design(panel: Panel, effects: GroupTime, options: EvaluationOptions) -> pa.Table:
    joined = np.isfinite(panel.first)
    return pa.Table.from_pylist(
        [
            {
                "outcome": options.outcome, "desired": options.desired, "units": len(panel.units),
                "treated_units": int(joined.sum()), "untreated_units": int((~joined).sum()),
                "treated_clusters": panel.treated_clusters, "untreated_clusters": panel.untreated_clusters,
                "first_time": panel.times[0], "last_time": panel.times[-1], "times": len(panel.times),
                "cohorts": len(panel.cohorts), "control": effects.control, "base": effects.base,
                "anticipation": options.anticipation, "adjusted": options.adjust, "level": options.level,
            }
        ]
    )  # fmt: skip


def _power(panel: Panel, options: EvaluationOptions) -> dict[str, pa.Table]:
    """What a design like this one can show, from the noise of the untreated or of all before the first joining."""
    never = ~np.isfinite(panel.first)
    start = int(np.searchsorted(np.asarray(panel.times), panel.cohorts[0]))
    calm = panel.outcome[:, :start] if start >= 3 else panel.outcome[never]
    if calm.shape[0] < 3 or calm.shape[1] < 3:
        return {}
    heard = noise(calm)
    design = Design(
        panel.treated_clusters, panel.untreated_clusters or 1, max(1, start), len(panel.times) - start,
        level=options.level,
    )  # fmt: skip
    if design.treated + design.untreated < 3 or heard.deviation == 0.0:
        return {}
    found = minimum_detectable_effect(design, heard, options.minimum)
    reach = found.effect if np.isfinite(found.effect) else 4 * found.error
    effects = np.linspace(0.0, 2 * reach, 41)
    curve = power_curve(design, heard, effects) if np.isfinite(found.effect) else np.zeros(len(effects))
    table = columns({"effect": effects, "power": curve})
    line = row(
        vars(found)
        | {"deviation": heard.deviation, "correlation": heard.correlation}
        | {"treated": design.treated, "untreated": design.untreated, "before": design.before, "after": design.after}
    )
    schema = pa.schema(
        [(name, pa.string() if name == "reason" else pa.int64() if isinstance(value, int) else pa.float64())
         for name, value in line.items()]
    )  # fmt: skip
    return {"programme_power": table, "programme_detectable": pa.Table.from_pylist([line], schema=schema)}


def _findings(
    panel: Panel, judged: Claim, power: Mapping[str, pa.Table], options: EvaluationOptions
) -> tuple[Finding, ...]:
    years = int(panel.times[-1] - panel.cohorts[0] + 1)
    detectable = power["programme_detectable"]["effect"][0].as_py() if power else None
    return (
        Finding(
            "overall", options.outcome, options.desired, judged.effect, judged.low, judged.high, judged.p,
            judged.verdict, judged.by, judged.treated, judged.untreated, years, options.source,
            float("nan") if detectable is None else detectable,
        ),
    )  # fmt: skip


def spoken_verdict(verdict: str) -> str:
    """A verdict in words."""
    return {
        "raised": _("raised"),
        "lowered": _("lowered"),
        "not_shown": _("no effect shown"),
        "cannot_say": _("no claim possible"),
    }[verdict]
