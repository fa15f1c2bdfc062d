"""A country's own cluster definition, searched for: many candidate sets, each validated, the best one corrected and kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from almaz.clusters.candidates import (
    FUNCTIONS,
    TRANSFORMATIONS,
    Function,
    Labels,
    Transformation,
    candidate_sets,
    renumbered,
    transformed,
)
from almaz.clusters.validation import (
    Prepared,
    ValidationScores,
    adjusted_rand,
    group_relatedness,
    groups_of,
    overall,
    prepared,
    score_all,
)
from almaz.language import text as _
from almaz.measures.loops import each

FloatArray: TypeAlias = npt.NDArray[np.float64]
Tell: TypeAlias = Callable[[str], None]


@dataclass(frozen=True)
class DeriveOptions:
    """functions, transformations: tried with every matrix; fewest, most, step: numbers of clusters; seed: of every start;
    workers: processes (the result does not depend on them)."""

    functions: tuple[Function, ...] = FUNCTIONS
    transformations: tuple[Transformation, ...] = TRANSFORMATIONS
    fewest: int = 30
    most: int = 60
    step: int = 5
    seed: int = 1
    workers: int = 2

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers of clusters asked for."""
        return tuple(range(self.fewest, self.most + 1, self.step))


@dataclass(frozen=True)
class Candidate:
    """One set: how it was made, the group of each industry, and its scores by matrix."""

    matrix: str
    transformation: Transformation
    function: Function
    asked: int
    labels: Labels
    scores: Mapping[str, ValidationScores]

    @property
    def clusters(self) -> int:
        """How many clusters it has."""
        return int(self.labels.max()) + 1

    @property
    def score(self) -> float:
        """The mean over matrices of the validation score."""
        return overall(self.scores)

    @property
    def margin(self) -> float:
        """The mean over matrices of the margin."""
        return float(np.mean([score.margin for score in self.scores.values()]))


@dataclass(frozen=True)
class Derived:
    """candidates: the best first; labels: of the best one with its marginal industries moved; moved: which industries;
    scores: of `labels`, by matrix."""

    candidates: tuple[Candidate, ...]
    labels: Labels
    moved: npt.NDArray[np.intp]
    scores: Mapping[str, ValidationScores] = field(default_factory=dict)

    @property
    def best(self) -> Candidate:
        """The candidate that the definition comes from."""
        return self.candidates[0]


def derive(
    matrices: Mapping[str, FloatArray],
    options: DeriveOptions,
    tell: Tell = lambda _stage: None,
    judge: str | None = None,
) -> Derived:
    """Search the sets of clusters that hold together best over all matrices of relatedness.

    Every matrix × transformation × function × number of clusters gives a candidate; each is scored against every matrix
    (`validation_scores`), the best by the mean wins (ties: the larger margin, then the order of the search). Its
    marginal industries, those closer to another cluster than to their own by the matrix `judge` (by default the
    combined one), are moved. The same matrices, options and seed give the same result on any number of workers. Source:
    Delgado, Porter & Stern (2016), Journal of Economic Geography 16(1).
    """
    tasks = [
        (name, how, function) for name in matrices for how in options.transformations for function in options.functions
    ]
    found: list[Candidate] = []
    for number, part in enumerate(_searched(matrices, tasks, options), start=1):
        found += part
        tell(
            _(
                "candidate sets: {number} of {all}",
                number=len(found),
                all=len(tasks) * len(options.numbers) if number < len(tasks) else len(found),
            )
        )
    order = sorted(
        range(len(found)), key=lambda place: (-round(found[place].score, 12), -round(found[place].margin, 12), place)
    )
    ranked = tuple(found[place] for place in order)
    steering = matrices[judge or ("combined" if "combined" in matrices else ranked[0].matrix)]
    labels, moved = without_marginal(ranked[0].labels, steering, matrices)
    return Derived(ranked, labels, moved, score_all(matrices, labels))


def _searched(
    matrices: Mapping[str, FloatArray], tasks: list[tuple[str, Transformation, Function]], options: DeriveOptions
) -> Iterator[list[Candidate]]:
    ready = {name: prepared(matrix) for name, matrix in matrices.items()}
    yield from each(_candidates, ((*task, matrices, ready, options) for task in tasks), jobs=options.workers)


def _candidates(
    name: str,
    how: Transformation,
    function: Function,
    matrices: Mapping[str, FloatArray],
    ready: Mapping[str, Prepared],
    options: DeriveOptions,
) -> list[Candidate]:
    with threadpool_limits(1):  # the same sums in the same order, however many processes there are
        similarity = transformed(matrices[name], how)
        sets = candidate_sets(similarity, function, options.numbers, options.seed)
        return [
            Candidate(name, how, function, asked, labels, score_all(ready, labels))
            for asked, labels in zip(options.numbers, sets, strict=True)
        ]


def without_marginal(
    labels: Labels, steering: FloatArray, matrices: Mapping[str, FloatArray], passes: int = 10
) -> tuple[Labels, npt.NDArray[np.intp]]:
    """The set with its marginal industries moved to the cluster they are closest to, and which ones moved.

    marginal: mean relatedness to another cluster above that to its own. All are moved at once; if that lowers the score
    over all matrices, the half of them with most to gain, and so on; then again, until nothing moves. A cluster that
    empties vanishes. Source: Delgado, Porter & Stern (2016), section 5.
    """
    ready = {name: prepared(matrix) for name, matrix in matrices.items()}
    current, best = labels, overall(score_all(ready, labels))
    for _pass in range(passes):
        closest, gain = _closest(current, steering)
        marginal = np.argsort(-gain, kind="stable")[: int((gain > 0.0).sum())]
        better = None
        while marginal.size and better is None:
            tried = current.copy()
            tried[marginal] = closest[marginal]
            tried = renumbered(tried)
            score = overall(score_all(ready, tried))
            better = (tried, score) if score >= best else None
            marginal = marginal[: marginal.size // 2]
        if better is None:
            break
        current, best = better
    together = groups_of(labels).T @ groups_of(current)
    home = together.argmax(axis=1)
    return current, np.flatnonzero(home[labels] != current)


def _closest(labels: Labels, steering: FloatArray) -> tuple[Labels, FloatArray]:
    """The cluster to which each industry is most related, and by how much more than to its own."""
    towards = group_relatedness(steering, groups_of(labels)).towards
    known = np.where(np.isnan(towards), -np.inf, towards)
    line = np.arange(labels.size)
    closest = known.argmax(axis=1).astype(np.intp)
    with np.errstate(invalid="ignore"):
        gain = known[line, closest] - known[line, labels]
    return closest, np.where(np.isnan(gain) | (closest == labels), 0.0, gain)


def overlap(candidates: tuple[Candidate, ...], number: int = 20) -> FloatArray:
    """Adjusted Rand agreement between the best candidates, (number, number): do other roads lead to the same clusters?"""
    best = candidates[:number]
    return np.array([[adjusted_rand(one.labels, two.labels) for two in best] for one in best])
