"""Rules in use in the world that call a cluster strong, each with its criteria, so that a reader sees why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow.compute as pc

from almaz.clusters.criteria import Criterion, every, fixed_criterion, met_and_unknown, percentile_criterion
from almaz.clusters.portfolio import Portfolio
from almaz.measures.quantiles import percentile_place

FloatArray: TypeAlias = npt.NDArray[np.float64]
CodeArray: TypeAlias = npt.NDArray[np.int8]

RULES: Final = ("us_cluster_mapping", "european_stars", "five_factors", "european_stars_older")
REASONS: Final = ("few_regions", "size_not_published", "criteria_not_published")
MAPPING: Final = ("none", "qualifying", "significant", "strong", "strong10", "unknown")
STARS: Final = ("0", "1", "2", "3", "4", "unknown")
FACTORS: Final = ("none", "strong", "unknown")
NO_REASON: Final = -1
LEAST_FACTORS: Final = 3


@dataclass(frozen=True)
class StrengthOptions:
    """Thresholds as percentiles over the regions that have the cluster; below minimum_regions no percentile is claimed.

    strong, strong10, significant: of the quotient; floor: of employment and establishments, and of the quotient for
    qualifying; star: of each European criterion; older_quotient, older_top: of the older European rule.
    """

    strong: float = 0.75
    strong10: float = 0.90
    significant: float = 0.50
    floor: float = 0.25
    star: float = 0.80
    older_quotient: float = 2.0
    older_top: float = 0.90
    minimum_regions: int = 20


@dataclass(frozen=True)
class Verdicts:
    """What one rule says of every (region, cluster).

    verdict: index into words; score: the figure that the rule orders by; strong: 1, 0 or NaN; reason: index into REASONS
    or NO_REASON; criteria: what the verdict stands on.
    """

    rule: str
    words: tuple[str, ...]
    verdict: CodeArray
    score: FloatArray
    strong: FloatArray
    reason: CodeArray
    criteria: tuple[Criterion, ...]


@dataclass(frozen=True)
class Judged:
    """What the rules judge, in the last year: size (regions, clusters), whether the cluster is there, and how many have it."""

    portfolio: Portfolio
    size: FloatArray
    present: FloatArray
    few: npt.NDArray[np.bool_]

    def column(self, name: str) -> FloatArray:
        """A column of the portfolio, (regions, clusters)."""
        return column(self.portfolio, name)


def judged(portfolio: Portfolio, measure: str, options: StrengthOptions) -> Judged:
    """Lay out what the rules judge. measure: what size means."""
    size = column(portfolio, measure)
    present = np.where(np.isnan(size), np.nan, size > 0)
    return Judged(portfolio, size, present, (present == 1.0).sum(axis=0) < options.minimum_regions)


def column(portfolio: Portfolio, name: str) -> FloatArray:
    """A column of the cluster rows in the last year, as (regions, clusters); NaN throughout where there is none."""
    if name in portfolio.columns:
        return portfolio.columns[name][:, :, -1]
    shape = (len(portfolio.regions), len(portfolio.keys), len(portfolio.years))
    if name not in portfolio.table.column_names:
        return np.full(shape[:2], np.nan)
    outer = portfolio.table.filter(pc.is_null(portfolio.table["subcluster"]))
    return np.asarray(outer[name].to_numpy(), dtype=np.float64).reshape(shape)[:, :, -1]


def us_cluster_mapping(data: Judged, options: StrengthOptions) -> Verdicts:
    """strong: LQ ≥ p75 and ≥ 1, employment and establishments > p25; strong10: LQ ≥ p90; significant: LQ > p50 without
    LQ ≥ 1; qualifying: LQ > p25. Percentiles over the regions that have the cluster. Source: U.S. Cluster Mapping Project.
    """
    quotient, present = data.column("lq"), data.present
    floors = (
        percentile_criterion("size", data.size, present, options.floor, strict=True),
        percentile_criterion("establishments", data.column("establishments"), present, options.floor, strict=True),
    )
    at_least_one = fixed_criterion("lq_minimum", quotient, present, 1.0)
    strong = percentile_criterion("lq", quotient, present, options.strong)
    levels = {
        "qualifying": [percentile_criterion("lq", quotient, present, options.floor, strict=True)],
        "significant": [percentile_criterion("lq", quotient, present, options.significant, strict=True)],
        "strong": [strong, at_least_one],
        "strong10": [percentile_criterion("lq", quotient, present, options.strong10), at_least_one],
    }
    verdict = np.zeros(quotient.shape, dtype=np.int8)
    for word, criteria in levels.items():
        holds = every([*criteria, *floors])
        verdict[holds == 1.0] = MAPPING.index(word)
        verdict[np.isnan(holds)] = MAPPING.index("unknown")
    strength = every([strong, at_least_one, *floors])
    return _said(data, "us_cluster_mapping", MAPPING, verdict, quotient, strength, (strong, at_least_one, *floors))


def european_stars(data: Judged, options: StrengthOptions) -> Verdicts:
    """A star each for the top fifth of regions by size, quotient, productivity (wage per employee) and growth; two make it
    strong. Source: European Cluster Observatory (European cluster panorama).
    """
    figures = {"size": data.size} | {name: data.column(name) for name in ("lq", "productivity", "growth")}
    criteria = [percentile_criterion(name, value, data.present, options.star) for name, value in figures.items()]
    return _stars(data, "european_stars", criteria)


def european_stars_older(data: Judged, options: StrengthOptions) -> Verdicts:
    """A star each for LQ ≥ 2, and for the top tenth of regions by size and by focus (share of the region's activity).

    Source: European Cluster Observatory, first methodology (Center for Strategy and Competitiveness, Stockholm).
    """
    focus = data.column("share_of_region")
    criteria = [
        fixed_criterion("lq", data.column("lq"), data.present, options.older_quotient),
        percentile_criterion("size", data.size, data.present, options.older_top),
        percentile_criterion("focus", focus, data.present, options.older_top),
    ]
    return _stars(data, "european_stars_older", criteria)


def _stars(data: Judged, rule: str, criteria: list[Criterion]) -> Verdicts:
    met, unknown = met_and_unknown(criteria)
    verdict = met.astype(np.int8)
    strong = np.where(met >= 2, 1.0, np.where(met + unknown >= 2, np.nan, 0.0))
    score = np.where(np.isnan(data.size), np.nan, met)
    verdict[np.isnan(data.size)] = STARS.index("unknown")
    return _said(data, rule, STARS, verdict, score, np.where(np.isnan(data.size), np.nan, strong), tuple(criteria))


def five_factors(data: Judged, options: StrengthOptions) -> Verdicts:
    """Mean percentile of earnings per worker, growth, competitive (shift-share) growth, quotient and value added, equal weights.

    Ties share their mid-rank; judged where three factors are known. strong: mean ≥ options.strong. Source: a practice of
    U.S. regional cluster studies.
    """
    names = ("productivity", "growth", "competitive_growth", "lq", "value_added")
    there = data.present == 1.0
    criteria, places = [], []
    for name in names:
        value = np.where(there, data.column(name), np.nan)
        place = percentile_place(value)
        met = np.where(data.present == 0.0, 0.0, np.where(np.isnan(place), np.nan, place >= options.strong))
        threshold = np.full(value.shape, options.strong)
        criteria.append(Criterion(name, place, threshold, met, bool((~np.isnan(value)).any())))
        places.append(place)
    known = ~np.isnan(np.stack(places))
    enough = known.sum(axis=0) >= LEAST_FACTORS
    score = np.where(enough, np.nan_to_num(np.stack(places)).sum(axis=0) / np.maximum(known.sum(axis=0), 1), np.nan)
    strong = np.where(data.present == 0.0, 0.0, np.where(np.isnan(score), np.nan, score >= options.strong))
    verdict = np.where(np.isnan(strong), FACTORS.index("unknown"), strong).astype(np.int8)
    return _said(data, "five_factors", FACTORS, verdict, score, strong, tuple(criteria))


def _said(
    data: Judged,
    rule: str,
    words: tuple[str, ...],
    verdict: CodeArray,
    score: FloatArray,
    strong: FloatArray,
    criteria: tuple[Criterion, ...],
) -> Verdicts:
    """The verdict with its reason; where too few regions have the cluster, no percentile is claimed of those that may have it."""
    unknown = words.index("unknown")
    few = data.few[None, :] & (data.present != 0.0)
    verdict = np.where(few, unknown, verdict).astype(np.int8)
    reason = np.full(verdict.shape, NO_REASON, dtype=np.int8)
    reason[verdict == unknown] = REASONS.index("criteria_not_published")
    reason[(verdict == unknown) & np.isnan(data.size)] = REASONS.index("size_not_published")
    reason[few] = REASONS.index("few_regions")
    return Verdicts(rule, words, verdict, np.where(few, np.nan, score), np.where(few, np.nan, strong), reason, criteria)
