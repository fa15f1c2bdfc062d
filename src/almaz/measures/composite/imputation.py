"""Imputation: an unknown figure is drawn from figures that somebody has, many times; it is never one made-up number."""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from almaz.measures.composite.step import FloatArray

BoolArray: TypeAlias = npt.NDArray[np.bool_]
IntArray: TypeAlias = npt.NDArray[np.int64]
Missing: TypeAlias = Literal["observed", "similar", "left_out"]
NOBODY = -1


def observed_donors(known: BoolArray, draws: int, random: np.random.Generator) -> IntArray:
    """Who lends an unknown figure, drawn from all who know it: the widest honest guess.

    A unit takes all that it lacks from one donor in a draw, so that indicators which move together stay together; what that
    donor lacks too comes from another. known: (units, indicators). Returns (draws, unknown cells) in the order of
    np.nonzero(~known): numbers of units, NOBODY where no unit knows the indicator.
    Source: random hot deck, Andridge and Little (2010), International Statistical Review 78(1).
    """
    units, columns = np.nonzero(~known)
    lacking, place = np.unique(units, return_inverse=True)
    first = random.integers(0, known.shape[0], size=(draws, lacking.size))
    chosen = np.full((draws, units.size), NOBODY, dtype=np.int64)
    for column in np.unique(columns):
        cells = np.flatnonzero(columns == column)
        givers = np.flatnonzero(known[:, column])
        if givers.size == 0:
            continue
        donor = first[:, place[cells]]
        other = givers[random.integers(0, givers.size, size=donor.shape)]
        chosen[:, cells] = np.where(known[donor, column], donor, other)
    return chosen


def similar_donors(scores: FloatArray, draws: int, random: np.random.Generator, neighbours: int = 10) -> IntArray:
    """The same from the few units most like it: mean squared difference over the indicators that both know.

    scores: (units, indicators) on one scale, NaN = unknown; neighbours: how many lend. Shape and order of the result as in
    observed_donors. Source: nearest-neighbour hot deck, Andridge and Little (2010).
    """
    known = ~np.isnan(scores)
    units, columns = np.nonzero(~known)
    lacking, place = np.unique(units, return_inverse=True)
    order = np.argsort(_apart(scores, known, lacking), axis=1, kind="stable")
    turn = random.random(size=(draws, lacking.size))
    chosen = np.full((draws, units.size), NOBODY, dtype=np.int64)
    for column in np.unique(columns):
        cells = np.flatnonzero(columns == column)
        near = order[place[cells]]
        knows = known[near, column]
        number = np.minimum(knows.sum(axis=1), neighbours)
        if number.max(initial=0) == 0:
            continue
        nearest = np.argsort(~knows, axis=1, kind="stable")[:, : int(number.max())]
        lenders = np.take_along_axis(near, nearest, axis=1)
        pick = (turn[:, place[cells]] * number).astype(np.int64)
        chosen[:, cells] = lenders[np.arange(cells.size), pick]
    return chosen


def _apart(scores: FloatArray, known: BoolArray, lacking: IntArray) -> FloatArray:
    """Mean squared difference of the lacking units from all units, over what both know; inf where that is nothing."""
    held, shown = np.nan_to_num(scores), known.astype(np.float64)
    mine, seen = held[lacking], shown[lacking]
    squares = (mine**2) @ shown.T - 2.0 * mine @ held.T + seen @ (held**2).T
    both = seen @ shown.T
    with np.errstate(invalid="ignore", divide="ignore"):
        distance = np.where(both > 0, np.maximum(squares, 0.0) / both, np.inf)
    distance[np.arange(lacking.size), lacking] = np.inf
    return np.asarray(distance)
