"""The evaluation of a programme from a panel: every estimator, every check, and what may be claimed, as tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from almaz.errors import AlmazError
from almaz.impact.aggregation import Aggregate, Kind, aggregate
from almaz.impact.comparisons import before_after, two_way_fixed_effects
from almaz.impact.group_time import Base, Control, GroupTime, group_time
from almaz.impact.imputation import aggregate_imputed, impute
from almaz.impact.inference import MINIMUM_CLUSTERS, Claim, claim, interval, pointwise, sup_t
from almaz.impact.loop import Finding, amendments_table, findings_table, propose
from almaz.impact.panel import Panel
from almaz.impact.power import Design, minimum_detectable_effect, noise, power_curve
from almaz.impact.pretrends import drift_that_overturns, pretrends
from almaz.impact.synthetic_control import Placebos, placebo_test, without_each_donor
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
    effects = group_time(panel, options.control, options.base, options.anticipation, adjust=options.adjust)
    found = {kind: aggregate(effects, kind) for kind in KINDS}
    imputed = impute(panel)
    filled = {kind: aggregate_imputed(imputed, kind) for kind in KINDS}
    judged = _judged(panel, found["simple"], options)
    tables = {
        "programme_paths": _paths(panel),
        "programme_group_time": _cells(effects, options),
        "programme_effects": pa.concat_tables(
            [
                _labelled(estimator, kind, part, options)
                for estimator, parts in (("group_time", found), ("imputation", filled))
                for kind, part in parts.items()
                if kind != "simple"
            ]
        ),
        "programme_summary": _summary(panel, found, filled, options),
        "programme_pretrends": _before(effects, found["dynamic"], judged, options),
        "programme_claim": pa.Table.from_pylist([_row(vars(judged))]),
        "programme_design": _design(panel, effects, options),
        "programme_notes": pa.table({"note": pa.array(list(panel.notes), pa.string())}),
    }
    tables |= _synthetic(panel, options)
    tables |= _power(panel, options)
    findings = _findings(panel, judged, options)
    tables["programme_findings"] = findings_table(findings)
    tables["programme_amendments"] = amendments_table(propose(findings, options.project))
    return Evaluation(tables, findings)


def _judged(panel: Panel, simple: Aggregate, options: EvaluationOptions) -> Claim:
    def again(shuffled: Panel) -> float:
        try:
            effects = group_time(shuffled, options.control, options.base, options.anticipation, adjust=options.adjust)
        except AlmazError:  # a shuffle that leaves nothing to compare says nothing
            return float("nan")
        return aggregate(effects, "simple").overall

    return claim(
        panel, simple.overall, simple.overall_error, again,
        level=options.level, minimum=options.minimum, seed=options.seed,
    )  # fmt: skip


def _row(values: Mapping[str, object]) -> dict[str, object]:
    """A row without not-a-number: null says it."""
    return {
        key: None if isinstance(value, float) and not np.isfinite(value) else value for key, value in values.items()
    }


def _rows(columns: Mapping[str, Sequence[object] | npt.NDArray[Any]]) -> pa.Table:
    return pa.table(
        {
            name: pa.array(np.where(np.isfinite(values), values, np.nan), from_pandas=True)
            if isinstance(values, np.ndarray) and values.dtype.kind == "f"
            else pa.array(values)
            for name, values in columns.items()
        }
    )


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


def _cells(effects: GroupTime, options: EvaluationOptions) -> pa.Table:
    error = effects.errors()
    covariance = effects.covariance()[np.ix_(effects.known, effects.known)]
    low, high = interval(effects.effect, error, pointwise(options.level))
    band = interval(effects.effect, error, sup_t(covariance, options.level, seed=options.seed))
    return _rows(
        {
            "cohort": effects.cohort.astype(np.int64), "time": effects.time.astype(np.int64), "effect": effects.effect,
            "error": error, "low": low, "high": high, "band_low": band[0], "band_high": band[1],
            "after": effects.after, "reference": effects.reference, "treated": effects.treated,
            "controls": effects.controls,
        }
    )  # fmt: skip


def _labelled(estimator: str, kind: Kind, part: Aggregate, options: EvaluationOptions) -> pa.Table:
    error = part.errors()
    low, high = interval(part.effect, error, pointwise(options.level))
    band = interval(part.effect, error, sup_t(part.covariance(), options.level, seed=options.seed))
    count = len(part.label)
    return _rows(
        {
            "estimator": [estimator] * count, "kind": [kind] * count, "label": part.label.astype(np.int64),
            "effect": part.effect, "error": error, "low": low, "high": high, "band_low": band[0], "band_high": band[1],
        }
    )  # fmt: skip


def _summary(
    panel: Panel, found: Mapping[Kind, Aggregate], filled: Mapping[Kind, Aggregate], options: EvaluationOptions
) -> pa.Table:
    critical = pointwise(options.level)
    lines: list[tuple[str, str, float, float, bool, float]] = [
        (estimator, kind, part.overall, part.overall_error, False, 0.0)
        for estimator, parts in (("group_time", found), ("imputation", filled))
        for kind, part in parts.items()
    ]
    for name, other in (("before_after", before_after(panel)), ("two_way", two_way_fixed_effects(panel))):
        lines.append((name, "simple", other.effect, other.error, True, other.negative_weight))
    return pa.Table.from_pylist(
        [
            _row(
                {
                    "estimator": estimator, "kind": kind, "effect": effect, "error": error,
                    "low": effect - critical * error, "high": effect + critical * error, "naive": naive,
                    "negative_weight": weight,
                }
            )
            for estimator, kind, effect, error, naive, weight in lines
        ]
    )  # fmt: skip


def _before(effects: GroupTime, dynamic: Aggregate, judged: Claim, options: EvaluationOptions) -> pa.Table:
    checked = pretrends(effects, dynamic, options.level)
    universal = effects.base == "universal"
    overall = dynamic.overall
    reach = pointwise(options.level) * dynamic.overall_error
    drift, step = drift_that_overturns(dynamic, overall - reach, overall + reach, universal)
    row = _row(vars(checked) | {"drift_overturns": drift, "largest_step": step, "effect": judged.effect})
    schema = pa.schema([(name, pa.int64() if name == "freedom" else pa.float64()) for name in row])
    return pa.Table.from_pylist([row], schema=schema)


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


def _synthetic(panel: Panel, options: EvaluationOptions) -> dict[str, pa.Table]:
    """For few units in the programme: the twin of each, the placebos, the weights."""
    treated = [unit for unit, first in zip(panel.units, panel.first, strict=True) if np.isfinite(first)]
    untreated = int((~np.isfinite(panel.first)).sum())
    starts = np.searchsorted(np.asarray(panel.times), panel.first[np.isfinite(panel.first)])
    if len(treated) > options.synthetic or untreated < 2 or starts.min() < 2:
        return {}
    tests = [placebo_test(panel, unit) for unit in treated]
    return {
        "programme_synthetic": pa.concat_tables([_twins(test) for test in tests]),
        "programme_synthetic_weights": pa.Table.from_pylist(
            [
                {"unit": test.control.unit, "donor": donor, "weight": float(weight)}
                for test in tests
                for donor, weight in zip(test.control.donors, test.control.weight, strict=True)
                if weight > 1e-6
            ]
        ),
        "programme_synthetic_tests": pa.Table.from_pylist([_test_row(panel, test, options) for test in tests]),
    }


def _twins(test: Placebos) -> pa.Table:
    """Gaps of the unit and its placebos; actual and synthetic paths for the unit itself."""
    control, times = test.control, len(test.control.times)
    count = len(test.units)
    close = test.error_before <= 5 * max(test.error_before[0], np.finfo(float).tiny)
    nothing = np.full((count - 1) * times, np.nan)
    return _rows(
        {
            "unit": [control.unit] * (count * times),
            "placebo": [unit for unit in test.units for _time in range(times)],
            "own": [place == 0 for place in range(count) for _time in range(times)],
            "time": np.tile(np.asarray(control.times, dtype=np.int64), count),
            "start": np.full(count * times, control.times[control.start], dtype=np.int64),
            "gap": test.gap.ravel(),
            "actual": np.concatenate([control.actual, nothing]),
            "synthetic": np.concatenate([control.synthetic, nothing]),
            "close": np.repeat(close, times),
        }
    )


def _test_row(panel: Panel, test: Placebos, options: EvaluationOptions) -> dict[str, object]:
    control = test.control
    left = list(without_each_donor(panel, control).values())
    spread = float(control.actual[: control.start].std())
    return _row(
        {
            "unit": control.unit, "effect": control.effect, "start": int(control.times[control.start]),
            "times_before": control.start, "donors": len(control.donors), "error_before": control.error_before,
            "relative_error": control.error_before / spread if spread > 0 else float("nan"),
            "ratio": control.ratio, "rank": test.rank, "of": len(test.units), "p": test.p,
            "smallest_p": test.smallest_p, "allowed": test.smallest_p <= 1 - options.level + 1e-12, "fits": test.fits,
            "effect_low": min(left, default=control.effect), "effect_high": max(left, default=control.effect),
        }
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
    table = _rows({"effect": effects, "power": curve})
    row = _row(
        vars(replace(found))
        | {"deviation": heard.deviation, "correlation": heard.correlation}
        | {"treated": design.treated, "untreated": design.untreated, "before": design.before, "after": design.after}
    )
    schema = pa.schema(
        [(name, pa.string() if name == "reason" else pa.int64() if isinstance(value, int) else pa.float64())
         for name, value in row.items()]
    )  # fmt: skip
    return {"programme_power": table, "programme_detectable": pa.Table.from_pylist([row], schema=schema)}


def _findings(panel: Panel, judged: Claim, options: EvaluationOptions) -> tuple[Finding, ...]:
    years = int(panel.times[-1] - panel.cohorts[0] + 1)
    return (
        Finding(
            "overall", options.outcome, options.desired, judged.effect, judged.low, judged.high, judged.p,
            judged.verdict, judged.reason, years, options.source,  # type: ignore[arg-type]
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
