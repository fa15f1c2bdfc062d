"""How sure a location quotient is: its interval, and the probability that it passes a threshold.

One model stands behind all of it (`quotient_model`): the share of an industry in a region is a binomial share of as
many trials as there are independent establishments (`effective_number.effective_n`); the quotient itself stays that
of employment. The reference share is known, or has its own uncertainty.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import EllipsisType
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri

from almaz.measures.effective_number import Counts, effective_n, employment_share
from almaz.measures.likelihood import Binomial, TwoBinomials, solve_signed_root

FloatArray = NDArray[np.float64]
Region = Literal["included", "excluded", "outside"]


@dataclass(frozen=True)
class QuotientModel:
    """What the uncertainty of location quotients is computed from; all arrays (..., regions, industries).

    quotient: LQ; share: p, the industry's share in the region; n: its effective number of trials; reference: q, the
    industry's share in the reference economy; weight: the region's part of the reference (0 where it is not in it);
    rest_share, rest_n: share and trials of the reference without the region, None where q is treated as known.
    """

    quotient: FloatArray
    share: FloatArray
    n: FloatArray
    reference: FloatArray
    weight: FloatArray
    rest_share: FloatArray | None = None
    rest_n: FloatArray | None = None


@dataclass(frozen=True)
class Interval:
    """Lower and upper limit at a confidence level; low is 0 where nothing was counted."""

    low: FloatArray
    high: FloatArray
    level: float


def quotient_model(
    cells: Counts,
    *,
    regions: Counts | None = None,
    reference: Counts | None = None,
    country: Counts | None = None,
    region_in_reference: Region = "included",
    reference_known: bool = True,
    size_variation: ArrayLike = 0.0,
) -> QuotientModel:
    """The statistical model of a table of location quotients.

        LQ = p / q,   p = cells / regions,   q = reference / country,   n p ~ Binomial(n, p)

    with n from `effective_n`. With `reference_known=False` the reference without the region is a second, independent
    binomial share p_o of n_o trials, and with w = regions / country

        LQ = phi / (w phi + 1 - w),  phi = p / p_o   (region "included" in the reference);   LQ = phi   otherwise.

    cells: (..., regions, industries). regions: (..., regions), totals of the base against which shares are taken (all
    activity, or traded activity), by default the sums of the cells over industries. reference: (..., industries), by
    default the sums over regions; country: (...), by default the sum of regions. region_in_reference: "included"
    (default); "excluded": it is taken out of the given reference, region by region; "outside": the reference is
    another economy. size_variation: v of `effective_n`, scalar or (industries,).
    NaN wherever a count that the quotient needs is unknown, or a region or an industry is empty.
    Source: Moineddin, Beyene & Boyle (2003), Geographical Analysis 35(3), 249-256; Beyene & Moineddin (2005), BMC
    Medical Research Methodology 5:32, who draw persons; establishments as draws: Guimarães, Figueiredo & Woodward
    (2009), Regional Science and Urban Economics 39(3), 360-364.
    """
    whole = regions or _summed(cells, -1)
    total = _at(whole, (..., slice(None), None))
    given = _at(reference or _summed(cells, -2), (..., None, slice(None)))
    base = _at(country or _summed(whole, -1), (..., None, None))
    rest, rest_base = (given, base) if region_in_reference == "outside" else (_less(given, cells), _less(base, total))
    against, against_base = (given, base) if region_in_reference == "included" else (rest, rest_base)
    with np.errstate(divide="ignore", invalid="ignore"):
        size = given.employment / given.draws()
        share = employment_share(cells, total)
        reference_share = against.employment / against_base.employment
        quotient = np.where(reference_share > 0.0, share / reference_share, np.nan)
        weight = total.employment / base.employment * float(region_in_reference == "included")
        rest_share = employment_share(rest, rest_base)
    n = effective_n(cells, total, typical_size=size, size_variation=size_variation)
    everything = np.broadcast_arrays(quotient, share, n, reference_share, weight)
    if reference_known:
        return QuotientModel(*everything)
    rest_n = effective_n(rest, rest_base, typical_size=size, size_variation=size_variation)
    return QuotientModel(*everything, *np.broadcast_arrays(rest_share + 0.0 * quotient, rest_n + 0.0 * quotient))


def _summed(counts: Counts, axis: int) -> Counts:
    units = None if counts.establishments is None else counts.establishments.sum(axis=axis)
    return Counts(counts.employment.sum(axis=axis), units)


def _at(counts: Counts, index: tuple[slice | EllipsisType | None, ...]) -> Counts:
    units = None if counts.establishments is None else np.asarray(counts.establishments, np.float64)[index]
    return Counts(np.asarray(counts.employment, np.float64)[index], units)


def _less(whole: Counts, part: Counts) -> Counts:
    units = None if whole.establishments is None else _difference(whole.establishments, part.draws())
    return Counts(_difference(whole.employment, part.employment), units)


def _difference(whole: FloatArray, part: FloatArray) -> FloatArray:
    # The same numbers summed in another order leave a rest of -1e-12, which is nothing.
    rest = whole - part
    return np.where(np.abs(rest) <= 1e-9 * np.abs(whole), 0.0, rest)


def delta_interval(model: QuotientModel, level: float = 0.95) -> Interval:
    """Interval of a location quotient on the log scale by the delta method.

        LQ exp(± z sqrt(V)),   V = (1 - p) / (n p)                                              reference known
                               V = (1 - s)² ((1 - p) / (n p) + (1 - p_o) / (n_o p_o))           else,

    s = w LQ being the part of the industry that sits in the region (0 where the region is not in the reference).
    The delta method has no answer where a count is zero or fills its region: there the limits of
    `profile_interval` are given. level: in (0, 1). Shapes as the model's; NaN where the model is unknown.
    Source: Moineddin, Beyene & Boyle (2003), Geographical Analysis 35(3), 249-256, with establishments as draws.
    """
    z = _quantile(level)
    inner = (model.share > 0.0) & (model.share < 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = (1.0 - model.share) / (model.n * model.share)
        if model.rest_share is not None and model.rest_n is not None:
            inner &= (model.rest_share > 0.0) & (model.rest_share < 1.0)
            variance = variance + (1.0 - model.rest_share) / (model.rest_n * model.rest_share)
            variance = variance * (1.0 - model.weight * model.quotient) ** 2
        factor = np.exp(z * np.sqrt(variance))
        low, high = model.quotient / factor, model.quotient * factor
    edge = ~inner & np.isfinite(model.quotient)
    if np.any(edge):
        limits = profile_interval(_cells(model, edge), level)
        low[edge], high[edge] = limits.low, limits.high
    return Interval(low, high, level)


def profile_interval(model: QuotientModel, level: float = 0.95) -> Interval:
    """Interval of a location quotient by profile likelihood: all values the data do not contradict.

        {LQ : D(LQ) <= z²},   D(LQ) = 2 (log L(largest) - log L(LQ)),   z² the chi-square quantile, one degree

    L is the binomial likelihood of the region's share, or of the region's and the rest's with the rest's share
    profiled out (`likelihood`). Limits respect what is possible (LQ <= 1 / q, and <= 1 / w with an uncertain
    reference that includes the region). Nothing counted: (0, high), by the same criterion
    high = (1 - exp(-z² / 2n)) / q.
    level: in (0, 1). Shapes as the model's; NaN where the model is unknown. Found by a safeguarded Newton iteration on
    the signed root of D for all cells at once, relative error below 1e-10.
    Source: Beyene & Moineddin (2005), BMC Medical Research Methodology 5:32 (binomial GLM, profile likelihood);
    Miettinen & Nurminen (1985), Statistics in Medicine 4, 213-226 (ratio of two shares).
    """
    z = _quantile(level)
    low, high = np.full(model.quotient.shape, np.nan), np.full(model.quotient.shape, np.nan)
    known = np.isfinite(model.quotient) & np.isfinite(model.n)
    if model.rest_n is not None:
        known &= np.isfinite(model.rest_n)
    cells = _cells(model, known)
    sample = _sample(cells)
    lowest, highest = solve_signed_root(sample, -z), solve_signed_root(sample, z)
    low[known], high[known] = _quotient_at(cells, lowest), _quotient_at(cells, highest)
    return Interval(low, high, level)


def probability_at_least(model: QuotientModel, threshold: ArrayLike) -> FloatArray:
    """P(LQ >= threshold): the confidence that the quotient reaches a threshold, in [0, 1].

        P = Phi(r),   r = sign(LQ - threshold) sqrt(D(threshold)),   D of `profile_interval`

    It never rises with the threshold, is 1/2 at the estimate, and (1 + level) / 2 and (1 - level) / 2 at the limits of
    the profile interval, for every level. Where nothing was counted it starts at 1/2 above zero (half of the
    confidence sits at zero itself). threshold: a scalar or an array that broadcasts to the model's shape;
    a threshold <= 0 has probability 1. NaN where model or threshold is unknown.
    Source: signed-root likelihood as a confidence distribution: Schweder & Hjort (2016), Confidence, Likelihood,
    Probability, ch. 3-4; Beyene & Moineddin (2005) for the likelihood.
    """
    at = np.broadcast_to(np.asarray(threshold, np.float64), model.quotient.shape)
    result = np.where(at <= 0.0, 1.0, np.nan)
    result = np.where(np.isfinite(model.quotient) & np.isfinite(model.n), result, np.nan)
    known = np.isfinite(model.quotient) & np.isfinite(model.n) & (at > 0.0)
    if model.rest_n is not None:
        result = np.where(np.isfinite(model.rest_n), result, np.nan)
        known &= np.isfinite(model.rest_n)
    cells, limit = _cells(model, known), at[known]
    reached = ndtr(-_sample(cells).signed_root_at(_parameter_at(cells, limit)))
    result[known] = np.where(limit > _largest(cells) * (1.0 + 1e-12), 0.0, reached)
    return result


def probability_strong(
    model: QuotientModel,
    threshold: ArrayLike,
    *,
    minimum_quotient: float = 1.0,
    threshold_error: ArrayLike = 0.0,
    floors: ArrayLike = 1.0,
) -> FloatArray:
    """P(strong): the quotient passes the rule's threshold and its minimum, and the size floors are met.

        P = F E[ P(LQ >= max(T, minimum_quotient)) ],   log T ~ N(log threshold, threshold_error²)

    threshold: the rule's cut-off (e.g. the 75th percentile of LQ over regions), scalar, (industries,) or the model's
    shape. threshold_error: standard error of log threshold where the cut-off is itself estimated (by a bootstrap of
    regions), 0 where it is given; averaged by 16-point Gauss-Hermite quadrature. floors: F, True / False where
    employment and establishments are published facts, the share of draws that meet the floors where they are hidden.
    Returns the model's shape; NaN where quotient, threshold or floors are unknown.
    Source: the rule: U.S. Cluster Mapping Project; an estimated cut-off: Tian (2013), Journal of Regional Analysis and
    Policy 43(2), 186-197; probability: `probability_at_least`.
    """
    at, error = np.asarray(threshold, np.float64), np.asarray(threshold_error, np.float64)
    met = np.asarray(floors, np.float64)
    if not np.any(error > 0.0) and not np.any(np.isnan(error)):
        return met * probability_at_least(model, np.maximum(at, minimum_quotient))
    nodes, weights = np.polynomial.hermite_e.hermegauss(16)
    total = np.zeros(model.quotient.shape)
    for node, weight in zip(nodes, weights / weights.sum(), strict=True):
        total += weight * probability_at_least(model, np.maximum(at * np.exp(error * node), minimum_quotient))
    return met * total


def probability_from_draws(draws: FloatArray, threshold: ArrayLike) -> FloatArray:
    """Share of the draws that reach a threshold.

        P = mean_k [draw_k >= threshold]

    draws: (k, ...), one filling or simulation each; threshold: broadcasts to draws, so that each draw may bring its own
    (k, ...). Returns draws.shape[1:]; NaN where any draw or threshold is unknown. ValueError: no draws.
    Source: Monte Carlo; its standard error is sqrt(P (1 - P) / k).
    """
    if draws.ndim == 0 or draws.shape[0] == 0:
        raise ValueError("draws need a leading axis with at least one draw")
    at = np.broadcast_to(np.asarray(threshold, np.float64), draws.shape)
    unknown = np.isnan(draws).any(axis=0) | np.isnan(at).any(axis=0)
    return np.where(unknown, np.nan, (draws >= at).mean(axis=0))


def quotient_draws(model: QuotientModel, draws: int, seed: int | np.random.Generator) -> FloatArray:
    """Simulated location quotients under the model, for rules that compare regions (ranks, percentiles).

        p ~ Beta(n p + 1/2, n (1 - p) + 1/2)   and likewise the rest's share, where it is uncertain

    draws: k; seed: for a new generator, or a generator. Returns (k, *shape of the model), NaN where unknown; the
    regions are drawn independently of each other. Probabilities from these draws agree with `probability_at_least`
    up to the difference of a Jeffreys posterior from the likelihood (below 0.03 from ten establishments on).
    Source: Brown, Cai & DasGupta (2001), Statistical Science 16(2), 101-133 (Jeffreys prior).
    """
    generator = np.random.default_rng(seed)
    drawn = _beta(model.share, model.n, draws, generator)
    if model.rest_share is None or model.rest_n is None:
        return drawn / model.reference
    ratio = drawn / _beta(model.rest_share, model.rest_n, draws, generator)
    return _included(ratio, model.weight)


def _beta(share: FloatArray, n: FloatArray, draws: int, generator: np.random.Generator) -> FloatArray:
    known = np.isfinite(share) & np.isfinite(n)
    count, rest = (n * share)[known] + 0.5, (n * (1.0 - share))[known] + 0.5
    result = np.full((draws, *share.shape), np.nan)
    result[:, known] = generator.beta(count, rest, size=(draws, count.size))
    return result


def _quantile(level: float) -> float:
    if not 0.0 < level < 1.0:
        raise ValueError(f"a confidence level lies between 0 and 1, not {level}")
    return float(ndtri(0.5 + level / 2.0))


def _cells(model: QuotientModel, chosen: NDArray[np.bool_]) -> QuotientModel:
    rest_share = None if model.rest_share is None else model.rest_share[chosen]
    rest_n = None if model.rest_n is None else model.rest_n[chosen]
    one = (model.quotient[chosen], model.share[chosen], model.n[chosen], model.reference[chosen], model.weight[chosen])
    return QuotientModel(*one, rest_share, rest_n)


def _sample(model: QuotientModel) -> Binomial | TwoBinomials:
    if model.rest_share is None or model.rest_n is None:
        return Binomial(model.share, model.n)
    return TwoBinomials(model.share, model.n, model.rest_share, model.rest_n)


def _included(ratio: FloatArray, weight: FloatArray) -> FloatArray:
    """LQ with the region inside the reference, from the ratio of its share to that of the rest."""
    with np.errstate(divide="ignore", invalid="ignore"):
        inside = np.where(np.isinf(ratio), 1.0 / weight, ratio / (weight * ratio + 1.0 - weight))
        return np.where(weight > 0.0, inside, ratio)


def _quotient_at(model: QuotientModel, parameter: FloatArray) -> FloatArray:
    """LQ at a value of the likelihood's parameter: the region's share, or the ratio of the two shares."""
    return parameter / model.reference if model.rest_n is None else _included(parameter, model.weight)


def _parameter_at(model: QuotientModel, quotient: FloatArray) -> FloatArray:
    """The inverse of `_quotient_at`; what is beyond the largest quotient is put at its end."""
    if model.rest_n is None:
        return np.minimum(quotient * model.reference, 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = quotient * (1.0 - model.weight) / (1.0 - model.weight * quotient)
    return np.where(model.weight * quotient < 1.0 - 1e-12, ratio, np.inf)


def _largest(model: QuotientModel) -> FloatArray:
    """The largest quotient there can be: a region of this industry alone, or an industry in this region alone."""
    with np.errstate(divide="ignore"):
        return 1.0 / model.reference if model.rest_n is None else 1.0 / model.weight
