"""What could come next: clusters that a region lacks and is close to, and the chance that a missing industry enters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from almaz.measures.presence import presence_matrix
from almaz.measures.relatedness import co_occurrence, co_occurrence_relatedness, relatedness_density
from almaz.measures.specialisation import location_quotient

FloatArray: TypeAlias = npt.NDArray[np.float64]
PREDICTORS: Final = ("density", "diversity", "region_size", "ubiquity", "industry_size")
"""Density, and what stands for mere size: how much of everything the region has and how common the industry is."""
TENTHS: Final = 10
FLOOR: Final = 0.005
"""Added to shares before their logarithm: half a per cent."""


@dataclass(frozen=True)
class Accuracy:
    """Of chances that regions outside the estimation were given. cases, entries: how many; auc: chance that an entry was given
    more than a non-entry; auc_without_density: the same without the density; auc_density: by density alone; brier: mean squared
    error; brier_constant: that of the mean rate."""

    cases: int
    entries: int
    auc: float
    auc_without_density: float
    auc_density: float
    brier: float
    brier_constant: float


@dataclass(frozen=True)
class Calibration:
    """By tenths of the given chance: (tenths,) each. predicted, observed: mean chance and share that entered; low, high: 95 %
    interval of the observed share (Wilson 1927); cases: how many."""

    predicted: FloatArray
    observed: FloatArray
    low: FloatArray
    high: FloatArray
    cases: npt.NDArray[np.intp]


@dataclass(frozen=True)
class Entry:
    """probability: (regions, industries), of the absent ones in the last year, NaN where present; density: of the last year;
    coefficients: of the standardised predictors; accuracy and calibration: out of sample, None with too few entries."""

    probability: FloatArray
    density: FloatArray
    presence: FloatArray
    coefficients: dict[str, float]
    accuracy: Accuracy | None
    calibration: Calibration | None


def entry(before: FloatArray, after: FloatArray, *, folds: int = 5, seed: int = 1, least: int = 50) -> Entry:
    """The chance that an industry which a region lacks (LQ < 1) is one that it is specialised in (LQ ≥ 1) a period later.

        logit P(entry[r, i]) = a + b ln density[r, i] + controls     density by proximity, both of the first year

    before, after: (regions, industries), activity of two years without unknown cells. Scored out of sample: regions fall into
    `folds`; proximity, ubiquity and coefficients come from the other regions alone. With fewer than `least` entries nothing is
    estimated and probability is NaN. The chances of the last year assume that the next period is like the one measured.
    Source: Hidalgo et al. (2007); Neffke, Henning & Boschma (2011), Economic Geography 87; Boschma, Balland & Kogler (2015).
    """
    first, last = (_present(year) for year in (before, after))
    absent = first == 0.0
    entered = absent & (last == 1.0)
    now = _predictors(last, last, after)
    density = np.exp(now[..., 0]) - FLOOR
    if entered.sum() < least or entered.sum() == absent.sum():
        return Entry(np.full(density.shape, np.nan), density, last, {}, None, None)
    given, without = np.full(density.shape, np.nan), np.full(density.shape, np.nan)
    nearness = np.full(density.shape, np.nan)
    order = np.random.default_rng(seed).permutation(len(before))
    for fold in range(folds):
        test = np.sort(order[fold::folds])
        train = np.setdiff1d(np.arange(len(before)), test)
        learnt = _predictors(first[train], first[train], before[train])
        asked = _predictors(first[train], first[test], before[test], before[train])
        known, cases = entered[train][absent[train]], absent[train]
        given[test] = _chance(learnt[cases], known, asked)
        without[test] = _chance(learnt[cases][:, 1:], known, asked[..., 1:])
        nearness[test] = asked[..., 0]
    every = _predictors(first, first, before)
    probability = np.where(last == 0.0, _chance(every[absent], entered[absent], now), np.nan)
    coefficients = dict(zip(PREDICTORS, _fitted(every[absent], entered[absent])[1].tolist(), strict=True))
    truth = entered[absent]
    accuracy = Accuracy(
        int(truth.size),
        int(truth.sum()),
        _auc(truth, given[absent]),
        _auc(truth, without[absent]),
        _auc(truth, nearness[absent]),
        float(np.mean((given[absent] - truth) ** 2)),
        float(truth.mean() * (1.0 - truth.mean())),
    )
    return Entry(probability, density, last, coefficients, accuracy, calibration(truth, given[absent]))


def _present(activity: FloatArray) -> FloatArray:
    """1 where specialised, 0 where not; a region without any activity has nothing."""
    return np.asarray(np.nan_to_num(presence_matrix(location_quotient(activity))), np.float64)


def _predictors(
    learnt: FloatArray, present: FloatArray, activity: FloatArray, country: FloatArray | None = None
) -> FloatArray:
    """(regions, industries, predictors); learnt: presence of the regions that proximity and ubiquity come from."""
    proximity = np.nan_to_num(co_occurrence_relatedness(co_occurrence(learnt)))
    density = np.nan_to_num(relatedness_density(present, proximity))
    size = (activity if country is None else country).sum(axis=0)
    shape = density.shape
    columns = (
        np.log(density + FLOOR),
        np.broadcast_to(np.log(present.mean(axis=1) + FLOOR)[:, None], shape),
        np.broadcast_to(np.log1p(activity.sum(axis=1))[:, None], shape),
        np.broadcast_to(np.log(learnt.mean(axis=0) + FLOOR)[None, :], shape),
        np.broadcast_to(np.log1p(size)[None, :], shape),
    )
    return np.stack(columns, axis=-1)


def _fitted(cases: FloatArray, entered: npt.NDArray[np.bool_]) -> tuple[float, FloatArray, FloatArray, FloatArray]:
    from sklearn.linear_model import LogisticRegression

    mean, deviation = cases.mean(axis=0), cases.std(axis=0)
    deviation = np.where(deviation > 0.0, deviation, 1.0)
    model = LogisticRegression(C=1e9, solver="newton-cholesky", max_iter=100)
    model.fit((cases - mean) / deviation, entered)
    return float(model.intercept_[0]), np.asarray(model.coef_[0]), mean, deviation


def _chance(cases: FloatArray, entered: npt.NDArray[np.bool_], asked: FloatArray) -> FloatArray:
    constant, slopes, mean, deviation = _fitted(cases, entered)
    return np.asarray(1.0 / (1.0 + np.exp(-(constant + ((asked - mean) / deviation) @ slopes))))


def _auc(truth: npt.NDArray[np.bool_], score: FloatArray) -> float:
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(truth, score))


def calibration(truth: npt.NDArray[np.bool_], chance: FloatArray) -> Calibration:
    """Do chances keep their word? Cases in tenths by the chance they were given: the mean of it, and the share that came true."""
    parts = np.array_split(np.argsort(chance, kind="stable"), TENTHS)
    parts = [part for part in parts if part.size]
    cases = np.array([part.size for part in parts])
    predicted = np.array([chance[part].mean() for part in parts])
    observed = np.array([truth[part].mean() for part in parts])
    z = 1.959963984540054
    centre = (observed + z**2 / (2 * cases)) / (1 + z**2 / cases)
    half = z * np.sqrt(observed * (1 - observed) / cases + z**2 / (4 * cases**2)) / (1 + z**2 / cases)
    return Calibration(predicted, observed, centre - half, centre + half, cases)


@dataclass(frozen=True)
class WhiteSpace:
    """Each (regions, clusters). density: mean over the cluster's industries that the region lacks; relative: that mean
    over the mean of all that the region lacks; percentile: of `relative` among regions, 0 to 1; present: share of its
    industries that the region has; expected: sum of the chances of entry; open: weak and close."""

    density: FloatArray
    relative: FloatArray
    percentile: FloatArray
    present: FloatArray
    expected: FloatArray
    open: npt.NDArray[np.bool_]


def white_space(found: Entry, membership: FloatArray, quotient: FloatArray, *, near: float = 0.75) -> WhiteSpace:
    """Clusters that a region lacks although it is close to them.

    membership: (industries, clusters); quotient: (regions, clusters), location quotients of the clusters. A region with
    many industries is dense everywhere; what counts is where it is denser than it is on the whole. open: LQ < 1 and a
    relative density in the top quarter of regions (`near`). NaN where no industry is missing. Source: relative density
    as in Pinheiro, Balland, Boschma & Hartmann (2022), Regional Studies; the rule for `open` is ours.
    """
    missing = 1.0 - found.presence
    with np.errstate(invalid="ignore", divide="ignore"):
        number = missing @ membership
        density = np.where(number > 0.0, (missing * found.density) @ membership / number, np.nan)
        whole = (missing * found.density).sum(axis=1) / missing.sum(axis=1)
        relative = density / whole[:, None]
        present = found.presence @ membership / membership.sum(axis=0)
    expected = np.nan_to_num(found.probability) @ membership
    expected = np.where(np.isnan(found.probability).all(), np.nan, expected)
    ordered = np.argsort(np.argsort(np.where(np.isnan(relative), -np.inf, relative), axis=0, kind="stable"), axis=0)
    percentile = np.where(np.isnan(relative), np.nan, ordered / max(len(relative) - 1, 1))
    with np.errstate(invalid="ignore"):
        weak = ~(quotient >= 1.0)
        return WhiteSpace(density, relative, percentile, present, expected, weak & (percentile >= near))
