"""The frame: goalposts, treatment and weights, fixed once from the figures of all years, so that what moves is the region."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from almaz.diamond.indicators import CORNERS, Corner, FloatArray, Indicator, Panel, as_of
from almaz.measures.composite.aggregation import Aggregation
from almaz.measures.composite.imputation import Missing
from almaz.measures.composite.normalisation import Goalposts, Normalisation, given_ends, goalposts, normalise
from almaz.measures.composite.step import Step
from almaz.measures.composite.treatment import Map, identity, treat
from almaz.measures.composite.weights import component_weights, memberships

IntArray: TypeAlias = npt.NDArray[np.int64]
Weights: TypeAlias = Literal["given", "components"]


@dataclass(frozen=True)
class Options:
    """The headline choices, and the rivals that the simulation lets loose on them.

    weights: of indicators within a corner: given (in the set; 1 each), or by the first principal component of their scores.
    weights_off: each weight may be off by this share; level: of every interval; corner_weights: by corner, equal if empty.
    """

    treatment: bool = True
    normalisation: Normalisation = "min_max"
    aggregation: Aggregation = "geometric"
    missing: Missing = "observed"
    weights: Weights = "given"
    corner_weights: dict[Corner, float] = field(default_factory=dict)
    normalisations: tuple[Normalisation, ...] = ("min_max", "z_score", "rank")
    aggregations: tuple[Aggregation, ...] = ("arithmetic", "geometric", "mazziotta_pareto")
    missings: tuple[Missing, ...] = ("observed", "similar", "left_out")
    weights_off: float = 0.25
    draws: int = 1000
    sobol_draws: int = 256
    seed: int = 1
    level: float = 0.9
    year: int | None = None


@dataclass(frozen=True)
class Frame:
    """indicators of the four corners; membership: (indicators, 4), columns adding up to 1, 0 where a corner has none;
    steps: the record of what was done to make it."""

    indicators: tuple[Indicator, ...]
    direction: FloatArray
    membership: FloatArray
    corner_weights: FloatArray
    mapped: Map
    posts: Goalposts
    steps: tuple[Step, ...]

    def scores(self, figures: FloatArray, method: Normalisation) -> FloatArray:
        """Figures on the scale 1 … 100; (..., indicators), NaN stays NaN."""
        return normalise(self.mapped(figures), self.direction, self.posts, method).values

    @property
    def weights(self) -> FloatArray:
        """The weight of each indicator within its corner."""
        return np.asarray(self.membership.sum(axis=1))

    @property
    def group(self) -> list[int]:
        """The number of each indicator's corner."""
        return [CORNERS.index(one.role) for one in self.indicators if one.role in CORNERS]


def frame(figures: Panel, options: Options) -> Frame:
    """Fix the frame from a panel: treatment on all years together, then goalposts (given ends stand), then weights."""
    corner = figures.only(figures.of_role(*CORNERS))
    direction = np.array([float(one.direction) for one in corner.indicators])
    pooled = np.moveaxis(corner.value, 1, 2).reshape(-1, len(corner.indicators))
    steps: tuple[Step, ...] = ()
    mapped = identity(len(corner.indicators))
    if options.treatment and pooled.size:
        step, mapped = treat(pooled)
        steps = (step,)
    posts = goalposts(mapped(pooled))
    ends = (
        np.array([[np.nan if end is None else end for end in (one.low, one.high)] for one in corner.indicators])
        .reshape(-1, 2)
        .T
    )
    posts = given_ends(posts, mapped(ends[0]), mapped(ends[1]))
    group = [CORNERS.index(one.role) for one in corner.indicators]
    weights = np.array([one.weight for one in corner.indicators])
    if options.weights == "components":
        scores = normalise(mapped(as_of(corner, options.year).value), direction, posts).values
        weights = _by_components(scores, np.array(group), weights)
    of_corner = np.array([options.corner_weights.get(name, 1.0) for name in CORNERS])
    membership = memberships(group, weights, len(CORNERS))
    return Frame(corner.indicators, direction, membership, of_corner, mapped, posts, steps)


def _by_components(scores: FloatArray, group: IntArray, given: FloatArray) -> FloatArray:
    """Weights by the first component within each corner; as given where too few regions are whole to have one."""
    weights = given.copy()
    for corner in np.unique(group):
        chosen = np.flatnonzero(group == corner)
        found = component_weights(scores[:, chosen])
        if chosen.size > 1 and not np.isnan(found).any():
            weights[chosen] = found
    return weights
