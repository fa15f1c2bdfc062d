"""The whole sequence in one call, every step recorded; sensitivity is the same sequence with one choice changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from almaz.measures.composite.aggregation import Aggregation, aggregate
from almaz.measures.composite.normalisation import LIMITS, Normalisation, goalposts, normalise
from almaz.measures.composite.screening import screen
from almaz.measures.composite.step import FloatArray, Step
from almaz.measures.composite.treatment import treat


@dataclass(frozen=True)
class Level:
    """How the parts of one level belong to the groups of the next: group (parts,) from 0, weights (parts,)."""

    group: FloatArray
    weights: FloatArray


@dataclass(frozen=True)
class Choices:
    """The choices somebody must make. ways: of aggregation, one a level, the last repeated for higher levels."""

    treatment: Literal["none", "winsorise_or_log"] = "winsorise_or_log"
    normalisation: Normalisation = "min_max"
    limits: tuple[float, float] = LIMITS
    ways: tuple[Aggregation, ...] = ("arithmetic", "geometric")


@dataclass(frozen=True)
class Construction:
    """What a sequence of steps made: the last step's values are the index."""

    choices: Choices
    steps: tuple[Step, ...]

    @property
    def index(self) -> FloatArray:
        """The values of the last step, (units, groups of the last level)."""
        return self.steps[-1].values

    def step(self, name: str, which: int = 0) -> Step:
        """A step by its name; which: its number among those of the name."""
        return [step for step in self.steps if step.name == name][which]


def construct(data: FloatArray, direction: FloatArray, levels: Sequence[Level], choices: Choices) -> Construction:
    """Screening, treatment, normalisation, and aggregation level by level.

    data: (units, indicators), NaN = unknown (left out of the means; for draws instead see imputation); direction:
    (indicators,), 1 or −1; levels: from the indicators upward. Source: OECD/JRC (2008); COINr's regenerate.
    """
    steps = [screen(data)]
    treated = data
    if choices.treatment != "none":
        step, _map = treat(data)
        steps.append(step)
        treated = step.values
    steps.append(normalise(treated, direction, goalposts(treated), choices.normalisation, choices.limits))
    for number, level in enumerate(levels):
        way = choices.ways[min(number, len(choices.ways) - 1)]
        steps.append(aggregate(steps[-1].values, level.group, level.weights, way))
    return Construction(choices, tuple(steps))


def one_changed(
    data: FloatArray,
    direction: FloatArray,
    levels: Sequence[Level],
    choices: Choices,
    alternatives: Mapping[str, Sequence[object]],
) -> dict[tuple[str, object], Construction]:
    """The construction again with one choice changed at a time. alternatives: name of the choice → its other values."""
    return {
        (name, value): construct(data, direction, levels, replace(choices, **{name: value}))  # type: ignore[arg-type]
        for name, values in alternatives.items()
        for value in values
    }


def rank_shift(first: FloatArray, second: FloatArray) -> float:
    """Mean absolute difference of ranks between two indices of the same units, (units,). Source: OECD/JRC (2008), step 8."""
    ranks = [np.argsort(np.argsort(-values, kind="stable"), kind="stable") for values in (first, second)]
    return float(np.abs(ranks[0] - ranks[1]).mean())
