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


def industry_space(relatedness: FloatArray, *, ties: float = 2.0, seed: int = 1) -> IndustrySpace:
    """The maximum spanning tree of relatedness and the strongest ties beside it, laid out by forces.

    relatedness: (industries, industries), NaN unknown: such pairs come last. ties: edges per industry in all. The layout
    (Fruchterman & Reingold 1991, started from the tree's own layout) is the same for the same seed.
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
    graph = igraph.Graph(n=size, edges=edges.tolist())
    start = igraph.Graph(n=size, edges=edges[tree].tolist()).layout_kamada_kawai(maxiter=20 * size)
    weights = np.where(tree, 1.0, 0.35).tolist()
    layout = graph.layout_fruchterman_reingold(weights=weights, seed=start, niter=400, start_temp=size**0.5 / 20)
    places = np.array(layout.coords)
    span = places.max(axis=0) - places.min(axis=0)
    return IndustrySpace(
        edges, relatedness[edges[:, 0], edges[:, 1]], tree, (places - places.min(axis=0)) / np.where(span > 0, span, 1)
    )
