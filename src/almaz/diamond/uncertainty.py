"""Uncertainty: the diamond again and again, under every choice that somebody else could make and every figure that may be."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from almaz.diamond.frame import Frame, Options
from almaz.diamond.indicators import CORNERS, FloatArray, Snapshot
from almaz.measures.composite.aggregation import WAYS
from almaz.measures.composite.imputation import NOBODY, observed_donors, similar_donors
from almaz.measures.composite.normalisation import LIMITS
from almaz.measures.composite.sensitivity import SobolIndices, sobol_indices
from almaz.measures.composite.weights import perturbed_weights

IntArray = npt.NDArray[np.int64]
CHOICES = ("normalisation", "weights", "aggregation", "missing", "figures")
"""What a draw decides. figures: which of the possible values unknown and uncertain figures take."""


@dataclass(frozen=True)
class Plan:
    """One number a draw for each choice: which alternative, or which of the prepared sets of weights or figures."""

    normalisation: IntArray
    aggregation: IntArray
    missing: IntArray
    weights: IntArray
    figures: IntArray


@dataclass(frozen=True)
class Possible:
    """Everything a draw may pick from, prepared once.

    base: one (regions, indicators) a normalisation, NaN where unknown; row, column: the unknown cells; lent: scores for them
    by normalisation and way of filling, (sets, cells); loose: where a figure has bounds, with its scores by normalisation;
    weights: (sets, indicators); corner_weights: (sets, 4); empty: corners without any indicator, drawn over the whole scale.
    """

    base: tuple[FloatArray, ...]
    row: IntArray
    column: IntArray
    lent: tuple[tuple[FloatArray, ...], ...]
    loose_row: IntArray
    loose_column: IntArray
    loose: tuple[FloatArray, ...]
    weights: FloatArray
    corner_weights: FloatArray
    empty: FloatArray


@dataclass(frozen=True)
class Simulated:
    """scores: (draws, regions); corners: (draws, regions, 4)."""

    scores: FloatArray
    corners: npt.NDArray[np.float32]


def possible(held: Frame, now: Snapshot, options: Options, sets: int) -> Possible:
    """Prepare `sets` possible worlds: weights off by up to a share; unknown figures lent by regions that have one (all
    regions, or the most similar); figures with bounds from a triangle over their bounds with its top at the value."""
    random = np.random.default_rng(options.seed)
    bounded = np.isfinite(now.low) & np.isfinite(now.high) & (now.low < now.high)
    known = ~np.isnan(now.value) | bounded
    middle = np.where(np.isnan(now.value) & bounded, (now.low + now.high) / 2.0, now.value)
    base = tuple(held.scores(middle, method) for method in options.normalisations)
    row, column = np.nonzero(~known)
    donors = (
        observed_donors(known, sets, random),
        similar_donors(np.where(known, base[0], np.nan), sets, random),
    )
    nobody = random.uniform(*LIMITS, size=donors[0].shape)
    lent = tuple(tuple(np.where(donor == NOBODY, nobody, scores[donor, column]) for donor in donors) for scores in base)
    loose_row, loose_column = np.nonzero(bounded)
    loose = tuple(
        _loose(held, now, loose_row, loose_column, sets, method, options.seed) for method in options.normalisations
    )
    return Possible(
        base,
        row,
        column,
        lent,
        loose_row,
        loose_column,
        loose,
        perturbed_weights(held.weights, options.weights_off, sets, random),
        perturbed_weights(held.corner_weights, options.weights_off, sets, random),
        random.uniform(*LIMITS, size=(sets, now.value.shape[0] if (held.membership.sum(axis=0) == 0).any() else 1, 4)),
    )


def _loose(
    held: Frame, now: Snapshot, rows: IntArray, columns: IntArray, sets: int, method: object, seed: int
) -> FloatArray:
    """Scores of the figures with bounds, (sets, cells), the same worlds for every normalisation."""
    if rows.size == 0:
        return np.zeros((sets, 0))
    random = np.random.default_rng(seed + 1)
    low, high, value = (array[rows, columns] for array in (now.low, now.high, now.value))
    even = np.isnan(value)
    drawn = random.triangular(low, np.where(even, (low + high) / 2, value), high, size=(sets, rows.size))
    drawn = np.where(even, random.uniform(low, high, size=drawn.shape), drawn)
    scores = np.empty_like(drawn)
    width = len(held.indicators)
    for column in np.unique(columns):
        cells = columns == column
        laid = np.full((*drawn[:, cells].shape, width), np.nan)
        laid[..., column] = drawn[:, cells]
        scores[:, cells] = held.scores(laid, method)[..., column]  # type: ignore[arg-type]
    return scores


def simulate(held: Frame, worlds: Possible, plan: Plan, options: Options) -> Simulated:
    """The diamond of every region in every draw of the plan."""
    draws, (regions, _indicators) = plan.figures.size, worlds.base[0].shape
    scores, corners = np.empty((draws, regions)), np.empty((draws, regions, len(CORNERS)), dtype=np.float32)
    shown = np.ones_like(worlds.base[0])
    shown[worlds.row, worlds.column] = 0.0
    inside = held.membership > 0
    for draw in range(draws):
        method, way, missing = plan.normalisation[draw], plan.aggregation[draw], plan.missing[draw]
        which, weighed = plan.figures[draw], plan.weights[draw]
        parts = worlds.base[method].copy()
        parts[worlds.loose_row, worlds.loose_column] = worlds.loose[method][which]
        filling = options.missings[missing]
        parts[worlds.row, worlds.column] = worlds.lent[method][filling == "similar"][which]
        membership = np.where(inside, worlds.weights[weighed][:, None], 0.0)
        total = membership.sum(axis=0)
        corner = parts @ membership / np.where(total > 0, total, 1.0)
        if filling == "left_out":
            weight = shown @ membership
            held_out = (parts * shown) @ membership / np.where(weight > 0, weight, 1.0)
            corner = np.where(weight > 0, held_out, corner)
        corner = np.where(total > 0, corner, worlds.empty[which])
        scores[draw] = WAYS[options.aggregations[way]](corner, worlds.corner_weights[weighed])
        corners[draw] = corner
    return Simulated(scores, corners)


def middle_parts(worlds: Possible, options: Options, number: int) -> FloatArray:
    """Indicator scores under one normalisation, an unknown one being the mean of what it may be, (regions, indicators)."""
    filled = worlds.base[number].copy()
    if worlds.row.size:
        filled[worlds.row, worlds.column] = worlds.lent[number][options.missing == "similar"].mean(axis=0)
    return filled


def middle_corners(held: Frame, filled: FloatArray) -> FloatArray:
    """Corners of such scores, (regions, 4); one without any indicator stands in the middle."""
    return np.where(held.membership.sum(axis=0) > 0, filled @ held.membership, sum(LIMITS) / 2.0)


def on_the_headline_scale(
    simulated: Simulated, plan: Plan, held: Frame, worlds: Possible, options: Options
) -> FloatArray:
    """Scores of draws brought to the mean and the spread over regions that the headline choices give.

    Ranks instead of shares, or a minimum instead of a mean, move and stretch everybody's score: that says nothing of a
    region. The straight line is that of the choices alone, found on what is known, so that no figure's doubt is shrunk.
    Returns (draws, regions).
    """
    moments = np.empty((len(options.normalisations), len(options.aggregations), 2))
    for method in range(len(options.normalisations)):
        corners = middle_corners(held, middle_parts(worlds, options, method))
        for number, way in enumerate(options.aggregations):
            scores = WAYS[way](corners, held.corner_weights)
            moments[method, number] = scores.mean(), scores.std()
    usual = moments[
        options.normalisations.index(options.normalisation), options.aggregations.index(options.aggregation)
    ]
    mean, spread = moments[plan.normalisation, plan.aggregation].T
    stretch = np.where((spread > 1e-9) & (usual[1] > 1e-9), usual[1] / np.where(spread > 1e-9, spread, 1.0), 1.0)
    return np.asarray(usual[0] + (simulated.scores - mean[:, None]) * stretch[:, None])


def all_choices(options: Options) -> Plan:
    """A plan that lets every choice loose at once."""
    random, draws = np.random.default_rng(options.seed + 2), options.draws
    return Plan(
        random.integers(0, len(options.normalisations), draws),
        random.integers(0, len(options.aggregations), draws),
        random.integers(0, len(options.missings), draws),
        np.arange(draws),
        np.arange(draws),
    )


def headline_only(options: Options) -> Plan:
    """A plan that keeps the headline choices and lets the figures and weights be what they may."""
    draws = options.draws
    same = np.zeros(draws, dtype=np.int64)
    return Plan(
        same + options.normalisations.index(options.normalisation),
        same + options.aggregations.index(options.aggregation),
        same + options.missings.index(options.missing),
        np.arange(draws),
        np.arange(draws),
    )


def steered(points: FloatArray, options: Options, sets: int) -> Plan:
    """A plan steered by uniform numbers, (runs, CHOICES): how Sobol's points become choices."""

    def pick(column: int, among: int) -> IntArray:
        return (points[:, column] * among).astype(np.int64)

    return Plan(
        pick(0, len(options.normalisations)),
        pick(2, len(options.aggregations)),
        pick(3, len(options.missings)),
        pick(1, sets),
        pick(4, sets),
    )


def sensitivity(
    held: Frame, worlds: Possible, options: Options, regions: int = 100
) -> tuple[SobolIndices, SobolIndices]:
    """Sobol indices of the choices: for the mean absolute shift of ranks from the headline (one result), and for the score of
    each region where there are not more than `regions`. Source: Saisana, Saltelli and Tarantola (2005)."""
    sets = worlds.weights.shape[0]
    middle = simulate(held, worlds, headline_only(replace(options, draws=sets)), options).scores.mean(axis=0)
    usual = np.argsort(np.argsort(-middle, kind="stable"), kind="stable")
    few = middle.size <= regions

    def evaluate(points: FloatArray) -> FloatArray:
        plan = steered(points, options, sets)
        scores = on_the_headline_scale(simulate(held, worlds, plan, options), plan, held, worlds, options)
        ranks = np.argsort(np.argsort(-scores, axis=1, kind="stable"), axis=1, kind="stable")
        shift = np.abs(ranks - usual).mean(axis=1, keepdims=True)
        return np.hstack([shift, scores]) if few else shift

    found = sobol_indices(evaluate, CHOICES, options.sobol_draws, options.seed)
    parts = [getattr(found, name) for name in ("first", "total", "first_half", "total_half")]
    return SobolIndices(*(part[:1] for part in parts)), SobolIndices(*(part[1:] for part in parts))
