"""The score of a region: four corners, four ways to add them up, what binds it, and how sure all of that is."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from almaz.diamond.frame import Frame, Options, frame
from almaz.diamond.indicators import CORNERS, FloatArray, Panel, Snapshot, as_of
from almaz.diamond.indices import yearly_scores
from almaz.diamond.uncertainty import (
    all_choices,
    headline_only,
    middle_corners,
    middle_parts,
    on_the_headline_scale,
    possible,
    simulate,
)
from almaz.measures.composite.aggregation import WAYS, Aggregation
from almaz.measures.composite.decomposition import indicator_contributions, part_contributions
from almaz.measures.composite.normalisation import LIMITS
from almaz.measures.ranks import RankInterval, rank_interval_from_draws

HALF = 0.5
"""A region that does not know more than this share of its four corners, by weight, is said to be thin."""


@dataclass(frozen=True)
class Interval:
    """Ends of an interval, (regions,) or (regions, corners)."""

    low: FloatArray
    high: FloatArray


@dataclass(frozen=True)
class Diamond:
    """The diamond of every region.

    filled: indicator scores (regions, indicators), an unknown one being the mean of what it may be; corners: (regions, 4);
    ways: (regions,) by aggregation; score: the headline; all_choices: its interval under every choice; data: under the
    headline choices, from figures and weights alone; of_corners: likewise by corner; ranks: under every choice;
    binding: number of the lowest corner; binding_share: in which share of the draws it is the lowest;
    known: share of the weight that figures carry, by corner (regions, 4); judged: share that judgements carry.
    """

    panel: Panel
    frame: Frame
    snapshot: Snapshot
    options: Options
    filled: FloatArray
    corners: FloatArray
    ways: dict[Aggregation, FloatArray]
    all_choices: Interval
    data: Interval
    of_corners: Interval
    ranks: RankInterval
    binding: npt.NDArray[np.int64]
    binding_share: FloatArray
    known: FloatArray
    judged: FloatArray
    enough: npt.NDArray[np.bool_]

    @property
    def score(self) -> FloatArray:
        """The headline score, (regions,)."""
        return self.ways[self.options.aggregation]

    @property
    def imbalance(self) -> FloatArray:
        """What unevenness costs: arithmetic − geometric mean of the corners, points."""
        return self.ways["arithmetic"] - self.ways["geometric"]


def diamond(figures: Panel, options: Options | None = None, held: Frame | None = None) -> Diamond:
    """Score every region of a panel.

    held: a frame fixed before (what-if), by default that of the panel. The headline aggregation is geometric because corners
    reinforce each other: a weak one cannot be bought off at par. The area of the polygon is never a score: it depends on
    the order in which the corners are drawn.
    """
    chosen = options or Options()
    fixed = held or frame(figures, chosen)
    now = as_of(figures.only(figures.of_role(*CORNERS)), chosen.year)
    worlds = possible(fixed, now, chosen, chosen.draws)
    filled = middle_parts(worlds, chosen, chosen.normalisations.index(chosen.normalisation))
    corners = middle_corners(fixed, filled)
    every = all_choices(chosen)
    free = on_the_headline_scale(simulate(fixed, worlds, every, chosen), every, fixed, worlds, chosen)
    data = simulate(fixed, worlds, headline_only(chosen), chosen)
    lowest = data.corners.argmin(axis=2)
    known = np.ones(now.value.shape)
    known[worlds.row, worlds.column] = 0.0
    total = fixed.membership.sum(axis=0)
    of_corner = np.where(total > 0, known @ fixed.membership, 0.0)
    # A corner of which nothing is known cannot be said to bind; how often the named one is the lowest says how sure that is.
    binding = np.where(of_corner > 0, corners, np.inf).argmin(axis=1)
    return Diamond(
        panel=figures,
        frame=fixed,
        snapshot=now,
        options=chosen,
        filled=filled,
        corners=corners,
        ways={way: mean(corners, fixed.corner_weights) for way, mean in WAYS.items()},
        all_choices=_interval(free, chosen.level),
        data=_interval(data.scores, chosen.level),
        of_corners=_interval(data.corners.astype(np.float64), chosen.level),
        ranks=rank_interval_from_draws(free, chosen.level),
        binding=binding,
        binding_share=(lowest == binding).mean(axis=0),
        known=of_corner,
        judged=np.where(total > 0, (now.judged * known) @ fixed.membership, 0.0),
        enough=of_corner.mean(axis=1) > HALF,
    )


def _interval(draws: FloatArray, level: float) -> Interval:
    low, high = np.quantile(draws, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return Interval(np.asarray(low, dtype=np.float64), np.asarray(high, dtype=np.float64))


@dataclass(frozen=True)
class Decomposition:
    """Where a region's score stands above or below the profile of medians: corners (regions, 4), indicators
    (regions, indicators), each adding up to score − reference; reference: the score of that profile."""

    corners: FloatArray
    indicators: FloatArray
    reference: float


def decompose(scored: Diamond) -> Decomposition:
    """Back to the data: Shapley values of the corners, handed down to the indicators."""
    fixed, way = scored.frame, scored.options.aggregation
    profile = np.median(scored.filled, axis=0)
    reference = middle_corners(fixed, profile[None, :])[0]
    corners = part_contributions(scored.corners, reference, fixed.corner_weights, way)
    indicators = indicator_contributions(scored.filled, profile, fixed.membership, corners)
    return Decomposition(corners, indicators, float(WAYS[way](reference[None, :], fixed.corner_weights)[0]))


ALTERNATIVES: dict[str, tuple[object, ...]] = {
    "treatment": (True, False),
    "normalisation": ("min_max", "z_score", "rank"),
    "weights": ("given", "components"),
    "aggregation": ("geometric", "arithmetic", "mazziotta_pareto", "weakest_link"),
    "missing": ("observed", "similar", "left_out"),
}
"""Every choice and what else it could have been."""


def headline(figures: Panel, options: Options) -> FloatArray:
    """The headline scores alone, (regions,): the sequence without the simulation."""
    fixed = frame(figures, options)
    now = as_of(figures.only(figures.of_role(*CORNERS)), options.year)
    worlds = possible(fixed, now, options, min(options.draws, 200))
    filled = middle_parts(worlds, options, options.normalisations.index(options.normalisation))
    corners = middle_corners(fixed, filled)
    if options.missing == "left_out":
        shown = np.ones(filled.shape)
        shown[worlds.row, worlds.column] = 0.0
        weight = shown @ fixed.membership
        corners = np.where(weight > 0, (filled * shown) @ fixed.membership / np.where(weight > 0, weight, 1.0), corners)
    return WAYS[options.aggregation](corners, fixed.corner_weights)


def one_changed(figures: Panel, options: Options) -> dict[tuple[str, object], FloatArray]:
    """The scores again with one choice changed at a time: (choice, other value) → (regions,)."""
    return {
        (choice, value): headline(figures, _with(options, choice, value))
        for choice, values in ALTERNATIVES.items()
        for value in values
        if value != getattr(options, choice)
    }


def _with(options: Options, choice: str, value: object) -> Options:
    """The choices with one changed; it is always among its own rivals."""
    rivals = {"normalisation": "normalisations", "aggregation": "aggregations", "missing": "missings"}.get(choice)
    changed: dict[str, object] = {choice: value}
    if rivals and value not in getattr(options, rivals):
        changed[rivals] = (*getattr(options, rivals), value)
    return replace(options, **changed)  # type: ignore[arg-type]


def catalyst(figures: Panel, options: Options) -> tuple[FloatArray, FloatArray, FloatArray] | None:
    """Government as catalyst: the mean of its indicators' scores with an interval, beside the diamond and not in it.

    Unknown figures may be anywhere on the scale. Returns score, low, high, (regions,), or None where no indicator is given.
    """
    numbers = figures.of_role("government")
    if not numbers:
        return None
    part = figures.only(numbers)
    scores = side_scores(part, options)
    weights = np.array([one.weight for one in part.indicators])
    weights = weights / weights.sum()
    low, high = np.nan_to_num(scores, nan=LIMITS[0]) @ weights, np.nan_to_num(scores, nan=LIMITS[1]) @ weights
    return np.where(np.isnan(scores).any(axis=1), (low + high) / 2, low), low, high


def side_scores(part: Panel, options: Options) -> FloatArray:
    """Scores (regions, indicators) of indicators beside the corners, newest figures, goalposts over all years."""
    scores = yearly_scores(part, options)
    now = as_of(part, options.year)
    place = {year: number for number, year in enumerate(part.years)}
    number = np.vectorize(lambda year: place.get(year, 0))(now.year)
    taken = np.take_along_axis(scores, number[:, :, None], axis=2)[:, :, 0]
    return np.where(now.year > 0, taken, np.nan)
