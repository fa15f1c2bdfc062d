"""The years ahead: costs now, benefits no earlier than five to seven years on, and what the plan hangs on.

A scenario, not a forecast: every path follows from assumptions that the plan states and the report repeats.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from almaz.errors import AlmazError, Where
from almaz.impact.panel import FloatArray
from almaz.language import text as _

EARLIEST_BENEFIT = 5
"""Years after the start before which no benefit is to be expected (the source article: real benefits after 5-7 years)."""
SHORTEST, LONGEST = 7, 15
PERCENTILES = (10, 25, 50, 75, 90)


@dataclass(frozen=True)
class Range:
    """What a parameter can be: drawn from a triangle between low and high with its peak at middle."""

    low: float
    middle: float
    high: float


@dataclass(frozen=True)
class Plan:
    """A programme's money over its years, in any one unit of money of constant prices.

    start: first year; years: how many, 7 to 15; cost: planned cost of each year (the last one given goes on); benefit: yearly
    benefit when all has taken effect; lag: years from the start to the first benefit; ramp: years from the first to the full
    benefit; overrun: factor on costs; attributable: share of the benefit that would not have come without the programme;
    discount: yearly rate; promised: year → benefit that the programme's paper promises.
    """

    start: int
    years: int
    cost: tuple[float, ...]
    benefit: Range
    lag: Range = Range(5, 6, 7)
    ramp: Range = Range(2, 4, 6)
    overrun: Range = Range(1.0, 1.1, 1.4)
    attributable: Range = Range(0.3, 0.6, 0.9)
    discount: Range = Range(0.03, 0.05, 0.08)
    promised: Mapping[int, float] | None = None


RANGES = ("benefit", "lag", "ramp", "overrun", "attributable", "discount")


@dataclass(frozen=True)
class Horizon:
    """What the plan's assumptions give.

    year: (years,); benefit, cost, balance: (percentiles, years), yearly benefit and cost, and the discounted sum of both so
    far; break_even: (percentiles,), the year in which the balance turns positive for good, NaN where it does not within the
    plan; never: share of draws without one; tornado: parameter → final balance with it at its low and high end, others at
    their middle; middle: final balance with all at their middle; warnings: for the reader.
    """

    plan: Plan
    year: FloatArray
    benefit: FloatArray
    cost: FloatArray
    balance: FloatArray
    break_even: FloatArray
    never: float
    tornado: Mapping[str, tuple[float, float]]
    middle: float
    warnings: tuple[str, ...]


def horizon(plan: Plan, draws: int = 5000, seed: int = 0) -> Horizon:
    """Play the plan through with parameters drawn from their ranges.

        benefit_t = B · attributable · min(1, max(0, (t − lag + 1) / ramp)),  t = 0 in the first year
        balance_t = Σ_{s <= t} (benefit_s − overrun · cost_s) / (1 + discount)^s

    Raises AlmazError for a plan shorter than 7 or longer than 15 years, a range out of order, or a plan without costs.
    """
    _checked(plan)
    rng = np.random.default_rng(seed)
    drawn = {name: _triangle(rng, getattr(plan, name), draws) for name in RANGES}
    benefit, cost, balance = _paths(plan, drawn)
    years = np.arange(plan.start, plan.start + plan.years, dtype=np.float64)
    turned = _turning(balance, years)
    never = float(np.isnan(turned).mean())
    ranked = np.sort(np.where(np.isnan(turned), np.inf, turned))
    at = [ranked[min(draws - 1, int(draws * p / 100))] for p in PERCENTILES]
    middle = {name: np.array([getattr(plan, name).middle]) for name in RANGES}
    centre = float(_paths(plan, middle)[2][0, -1])
    tornado = {
        name: tuple(
            float(_paths(plan, middle | {name: np.array([end])})[2][0, -1])
            for end in (getattr(plan, name).low, getattr(plan, name).high)
        )
        for name in RANGES
    }
    return Horizon(
        plan, years,
        np.percentile(benefit, PERCENTILES, axis=0), np.percentile(cost, PERCENTILES, axis=0),
        np.percentile(balance, PERCENTILES, axis=0), np.where(np.isinf(at), np.nan, at), never,
        dict(sorted(tornado.items(), key=lambda item: -abs(item[1][1] - item[1][0]))),  # type: ignore[arg-type]
        centre, early_benefits(plan.start, plan.promised or {}),
    )  # fmt: skip


def early_benefits(start: int, promised: Mapping[int, float], earliest: int = EARLIEST_BENEFIT) -> tuple[str, ...]:
    """A warning for each year in which a plan promises a benefit earlier than clusters are known to bring any."""
    return tuple(
        _(
            "the plan promises a benefit in {year}, year {number} of the programme: real benefits come no earlier than"
            " {earliest} to 7 years after the start",
            year=year,
            number=year - start + 1,
            earliest=earliest,
        )
        for year, amount in sorted(promised.items())
        if amount > 0 and year < start + earliest
    )


def _triangle(rng: np.random.Generator, span: Range, draws: int) -> FloatArray:
    if span.low == span.high:
        return np.full(draws, span.low)
    return rng.triangular(span.low, span.middle, span.high, draws)


def _paths(plan: Plan, drawn: Mapping[str, FloatArray]) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Yearly benefit and cost and the discounted balance so far, each (draws, years)."""
    time = np.arange(plan.years)[None, :]
    column = {name: values[:, None] for name, values in drawn.items()}
    reached = np.clip((time - column["lag"] + 1) / np.maximum(column["ramp"], 1e-9), 0.0, 1.0)
    benefit = column["benefit"] * column["attributable"] * np.where(time >= np.floor(column["lag"]), reached, 0.0)
    planned = np.array([plan.cost[min(year, len(plan.cost) - 1)] for year in range(plan.years)])
    cost = planned[None, :] * column["overrun"]
    factor = (1.0 + column["discount"]) ** -time
    return benefit, np.broadcast_to(cost, benefit.shape), np.cumsum((benefit - cost) * factor, axis=1)


def _turning(balance: FloatArray, years: FloatArray) -> FloatArray:
    """The first year from which the balance stays positive; NaN where it is not at the end."""
    positive = balance > 0
    stays = np.flip(np.cumprod(np.flip(positive, axis=1), axis=1), axis=1).astype(np.bool_)
    return np.where(stays.any(axis=1), years[stays.argmax(axis=1)], np.nan)


def _checked(plan: Plan) -> None:
    if not SHORTEST <= plan.years <= LONGEST:
        raise AlmazError(
            _("a plan of {years} years", years=plan.years),
            where=Where(key="years"),
            expected=_("7 to 15 years: benefits of clusters come after 5 to 7 years"),
            advice=_("plan at least to the seventh year; beyond the fifteenth nothing can be said"),
        )
    if not plan.cost or any(not np.isfinite(cost) or cost < 0 for cost in plan.cost):
        raise AlmazError(
            _("the plan's costs are not amounts of money"), where=Where(key="cost"), expected=_("a number >= 0 a year")
        )
    for name in RANGES:
        span: Range = getattr(plan, name)
        if not span.low <= span.middle <= span.high:
            raise AlmazError(
                _("low, middle and high are out of order"), where=Where(key=name), expected="low <= middle <= high"
            )
        if span.low < 0 or (name == "attributable" and span.high > 1):
            raise AlmazError(
                _("this range leaves what the parameter can be"),
                where=Where(key=name),
                expected="0 … 1" if name == "attributable" else ">= 0",
            )


def read_plan(path: Path) -> Plan:
    """Read a plan from a TOML file: start, years, cost and benefit; the other ranges where they differ from the defaults.

    Raises AlmazError for a file that cannot be read, an unknown or missing key, or a value of the wrong kind.
    """
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise AlmazError(_("there is no such file"), where=Where(file=str(path))) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as why:
        raise AlmazError(_("this is not valid TOML: {why}", why=why), where=Where(file=str(path))) from None
    return plan_from(written, str(path))


def plan_from(written: Mapping[str, Any], file: str | None = None) -> Plan:
    """A plan from the keys of a study or plan file."""
    known = [field.name for field in fields(Plan)]
    for key in written:
        if key not in known:
            raise AlmazError(
                _("there is no key «{key}»", key=key),
                where=Where(file=file, key=key),
                expected=_("one of: {keys}", keys=", ".join(known)),
            )
    for key in ("start", "years", "cost", "benefit"):
        if key not in written:
            raise AlmazError(_("the key «{key}» is missing", key=key), where=Where(file=file, key=key))
    try:
        cost = written["cost"]
        plan = Plan(
            int(written["start"]),
            int(written["years"]),
            tuple(float(part) for part in (cost if isinstance(cost, (list, tuple)) else [cost])),
            _range(written["benefit"]),
        )
        others: dict[str, Any] = {
            key: _range(value) for key, value in written.items() if key in RANGES and key != "benefit"
        }
        promised = {int(year): float(amount) for year, amount in (written.get("promised") or {}).items()}
    except (TypeError, ValueError, KeyError) as why:
        raise AlmazError(
            _("a value of the plan is not of its kind: {why}", why=why),
            where=Where(file=file),
            expected="{ low = 1.0, middle = 2.0, high = 4.0 }",
        ) from None
    return replace(plan, promised=promised, **others)


def _range(value: Any) -> Range:
    if isinstance(value, (int, float)):
        return Range(float(value), float(value), float(value))
    return Range(float(value["low"]), float(value["middle"]), float(value["high"]))
