"""The industry space: a network of industries drawn so that what belongs together stands together."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.sparse.csgraph import minimum_spanning_tree

FloatArray: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True)
class IndustrySpace:
    """edges: (n, 2), industries by number; relatedness: (n,), of each edge; tree: which edges the spanning tree has;
    places: (industries, 2), each coordinate from 0 to 1."""

    edges: npt.NDArray[np.intp]
    relatedness: FloatArray
    tree: npt.NDArray[np.bool_]
    places: FloatArray


def industry_space(relatedness: FloatArray, *, ties: float = 2.5, seed: int = 1) -> IndustrySpace:
    """The maximum spanning tree of relatedness and the strongest ties beside it, laid out by forces.

    relatedness: (industries, industries), NaN unknown: such pairs come last. ties: edges per industry in all. Laid out
    after Kamada & Kawai (1989), Information Processing Letters 31, then spread by ranks; the same for the same seed.
    Source: Hidalgo, Klinger, Barabási & Hausmann (2007), supporting material.
    """
    import igraph

    size = len(relatedness)
    known = np.isfinite(relatedness)
    filled = np.where(known, relatedness, relatedness[known].min() - 1.0)
    ranks = np.empty(filled.size)
    ranks[np.argsort(filled, axis=None, kind="stable")] = np.arange(1, filled.size + 1)
    rank = ranks.reshape(filled.shape)
    rank = np.maximum(rank, rank.T)
    distance = np.triu(filled.size + 1.0 - rank, 1)
    spanning = np.argwhere(minimum_spanning_tree(distance).toarray() > 0.0)
    upper = np.argwhere(np.triu(known, 1))
    strongest = upper[np.argsort(-rank[upper[:, 0], upper[:, 1]], kind="stable")]
    limit = max(int(ties * size) - len(spanning), 0)
    in_tree = {tuple(pair) for pair in np.sort(spanning, axis=1).tolist()}
    others = [pair for pair in strongest[: limit + len(spanning)].tolist() if tuple(pair) not in in_tree][:limit]
    edges = np.array([*np.sort(spanning, axis=1).tolist(), *others], dtype=np.intp)
    tree = np.arange(len(edges)) < len(spanning)
    igraph.set_random_number_generator(random.Random(seed))
    layout = igraph.Graph(n=size, edges=edges.tolist()).layout_kamada_kawai(maxiter=10 * size)
    return IndustrySpace(edges, relatedness[edges[:, 0], edges[:, 1]], tree, _spread(np.array(layout.coords)))


def _spread(places: FloatArray) -> FloatArray:
    """Coordinates from 0 to 1, half as laid out and half by rank: the crowded middle opens up, neighbours stay neighbours."""
    low, span = places.min(axis=0), np.ptp(places, axis=0)
    laid = (places - low) / np.where(span > 0.0, span, 1.0)
    ranks = np.argsort(np.argsort(places, axis=0, kind="stable"), axis=0) / max(len(places) - 1, 1)
    mixed = (laid + ranks) / 2.0
    return np.round((mixed - mixed.min(axis=0)) / np.maximum(np.ptp(mixed, axis=0), 1e-12), 6)
