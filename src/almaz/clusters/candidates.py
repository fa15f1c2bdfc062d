"""Candidate sets of clusters: many ways to group industries by one matrix of relatedness, each for many numbers of clusters."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Final, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.cluster.hierarchy import cut_tree, linkage
from scipy.spatial.distance import cdist
from scipy.stats import rankdata

FloatArray: TypeAlias = npt.NDArray[np.float64]
Labels: TypeAlias = npt.NDArray[np.intp]
Transformation = Literal["levels", "ranks", "profiles"]
Function = Literal["ward", "k_means", "k_medians", "spectral", "leiden"]
TRANSFORMATIONS: Final[tuple[Transformation, ...]] = ("levels", "ranks", "profiles")
FUNCTIONS: Final[tuple[Function, ...]] = ("ward", "k_means", "k_medians", "spectral", "leiden")
NEIGHBOURS: Final = 15


def transformed(relatedness: FloatArray, how: Transformation) -> FloatArray:
    """A full symmetric matrix to group by, mean 0 and deviation 1 over pairs.

    levels: as it is; ranks: every pair by its rank among pairs; profiles: the correlation of two industries' rows, so
    that industries are alike which are related to the same others. Unknown pairs take the mean of the known ones: for
    the grouping alone, never for the scores. The diagonal is the row's largest tie.
    """
    pairs = ~np.eye(len(relatedness), dtype=np.bool_)
    known = pairs & np.isfinite(relatedness)
    filled = np.where(known, relatedness, relatedness[known].mean())
    if how == "ranks":
        ranked = np.zeros_like(filled)
        ranked[pairs] = rankdata(filled[pairs])
        filled = (ranked + ranked.T) / 2.0
    elif how == "profiles":
        np.fill_diagonal(filled, 0.0)
        np.fill_diagonal(filled, filled.sum(axis=1) / max(len(filled) - 1, 1))
        centred = filled - filled.mean(axis=1, keepdims=True)
        length = np.sqrt((centred**2).sum(axis=1))
        centred /= np.where(length > 0.0, length, 1.0)[:, None]
        filled = centred @ centred.T
    values = filled[pairs]
    filled = (filled - values.mean()) / max(values.std(), 1e-12)
    np.fill_diagonal(filled, -np.inf)
    np.fill_diagonal(filled, filled.max(axis=1))
    return filled


def candidate_sets(similarity: FloatArray, function: Function, numbers: Sequence[int], seed: int) -> list[Labels]:
    """The industries grouped by one function into each number of clusters.

    similarity: (industries, industries) of `transformed`; numbers: of clusters asked for (Leiden comes as near as its
    resolution allows). Returns one array of group numbers, 0 … in the order of first appearance, per number asked.
    """
    return [renumbered(labels) for labels in _FUNCTIONS[function](similarity, numbers, seed)]


def renumbered(labels: npt.ArrayLike) -> Labels:
    """Group numbers 0, 1 … in the order of first appearance; −1 stays."""
    given = np.asarray(labels)
    order: dict[int, int] = {}
    return np.array([-1 if label < 0 else order.setdefault(int(label), len(order)) for label in given], dtype=np.intp)


def ward(similarity: FloatArray, numbers: Sequence[int], _seed: int = 0) -> list[Labels]:
    """Ward's tree over the rows of the matrix, cut. Source: Ward (1963), J. of the American Statistical Association 58."""
    cut = cut_tree(linkage(similarity, "ward"), n_clusters=list(numbers))
    return list(np.asarray(cut, np.intp).T)


def k_means(similarity: FloatArray, numbers: Sequence[int], seed: int) -> list[Labels]:
    """k-means over the rows, one k-means++ start. Source: MacQueen (1967); Arthur & Vassilvitskii (2007)."""
    from sklearn.cluster import KMeans

    rows = similarity.astype(np.float32)
    return [
        np.asarray(KMeans(number, n_init=1, max_iter=50, random_state=seed).fit_predict(rows), np.intp)
        for number in numbers
    ]


def k_medians(similarity: FloatArray, numbers: Sequence[int], seed: int) -> list[Labels]:
    """The same with medians and absolute distances. Source: Bradley, Mangasarian & Street (1997), NIPS 9."""
    return [_k_medians(similarity, number, seed) for number in numbers]


def _k_medians(rows: FloatArray, number: int, seed: int) -> Labels:
    generator = np.random.default_rng([seed, number])
    centres = _spread_out(rows, number, generator)
    labels = np.full(len(rows), -1)
    for _step in range(25):
        distance = cdist(rows, centres, "cityblock")
        new = distance.argmin(axis=1)
        for empty in np.setdiff1d(np.arange(number), new):
            # The industry farthest from its centre starts a group of its own.
            new[np.where(np.bincount(new, minlength=number)[new] > 1, distance.min(axis=1), -1.0).argmax()] = empty
        if np.array_equal(new, labels):
            break
        labels = new
        centres = np.stack([np.median(rows[labels == group], axis=0) for group in range(number)])
    return labels.astype(np.intp)


def _spread_out(rows: FloatArray, number: int, generator: np.random.Generator) -> FloatArray:
    """k-means++ seeds by absolute distance."""
    chosen = [int(generator.integers(len(rows)))]
    nearest = cdist(rows, rows[chosen], "cityblock")[:, 0]
    while len(chosen) < number:
        weight = nearest if nearest.sum() > 0.0 else np.ones(len(rows))
        chosen.append(int(generator.choice(len(rows), p=weight / weight.sum())))
        nearest = np.minimum(nearest, cdist(rows, rows[chosen[-1:]], "cityblock")[:, 0])
    return rows[chosen]


def spectral(similarity: FloatArray, numbers: Sequence[int], seed: int) -> list[Labels]:
    """k-means in the leading eigenvectors of the normalised affinity, rows of length 1.

    Affinity: the matrix moved to start at 0. Source: Ng, Jordan & Weiss (2002), NIPS 14.
    """
    from sklearn.cluster import KMeans

    affinity = similarity - similarity.min()
    np.fill_diagonal(affinity, 0.0)
    scale = 1.0 / np.sqrt(np.maximum(affinity.sum(axis=1), 1e-12))
    _values, vectors = np.linalg.eigh(scale[:, None] * affinity * scale)
    leading = vectors[:, ::-1]
    leading = leading * np.where(leading.sum(axis=0) < 0.0, -1.0, 1.0)
    found = []
    for number in numbers:
        rows = leading[:, :number]
        rows = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
        labels = KMeans(number, n_init=3, max_iter=100, random_state=seed).fit_predict(rows)
        found.append(np.asarray(labels, np.intp))
    return found


def leiden(similarity: FloatArray, numbers: Sequence[int], seed: int) -> list[Labels]:
    """Leiden communities of the network of nearest neighbours, its resolution moved until the number of clusters fits.

    Network: each industry's 15 strongest ties, weight above the weakest tie kept. Quality: Reichardt & Bornholdt (2006).
    Source: Traag, Waltman & van Eck (2019), Scientific Reports 9.
    """
    import igraph

    size = len(similarity)
    ranked = similarity.copy()
    np.fill_diagonal(ranked, -np.inf)
    nearest = np.argsort(-ranked, axis=1, kind="stable")[:, : min(NEIGHBOURS, size - 1)]
    ties = np.stack([np.repeat(np.arange(size), nearest.shape[1]), nearest.ravel()], axis=1)
    pairs = np.unique(np.sort(ties, axis=1), axis=0)
    weight = ranked[pairs[:, 0], pairs[:, 1]]
    graph = igraph.Graph(n=size, edges=pairs.tolist())
    strength = (weight - weight.min() + 0.05 * (np.ptp(weight) or 1.0)).tolist()

    def communities(resolution: float) -> Labels:
        igraph.set_random_number_generator(random.Random(seed))
        found = graph.community_leiden(
            objective_function="modularity", weights=strength, resolution=resolution, n_iterations=3
        )
        return np.asarray(found.membership, np.intp)

    tried: dict[float, Labels] = {}
    return [_with_number(communities, number, tried) for number in numbers]


def _with_number(communities: Callable[[float], Labels], number: int, tried: dict[float, Labels]) -> Labels:
    """The communities whose number comes nearest, by halving the logarithm of the resolution between what was tried."""
    for _step in range(10):
        counts = {power: int(labels.max()) + 1 for power, labels in tried.items()}
        if number in counts.values():
            break
        low = max((power for power, count in counts.items() if count < number), default=-1.0)
        high = min((power for power, count in counts.items() if count > number and power > low), default=6.0)
        if high - low < 0.01:
            break
        middle = (low + high) / 2.0
        tried[middle] = communities(2.0**middle)
    return min(tried.items(), key=lambda item: (abs(int(item[1].max()) + 1 - number), item[0]))[1]


_FUNCTIONS: Final[dict[Function, Callable[[FloatArray, Sequence[int], int], list[Labels]]]] = {
    "ward": ward,
    "k_means": k_means,
    "k_medians": k_medians,
    "spectral": spectral,
    "leiden": leiden,
}
