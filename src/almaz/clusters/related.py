"""Which clusters are related: the published rule, between clusters of any definition."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.cluster.hierarchy import dendrogram, fcluster, linkage
from scipy.spatial.distance import squareform

from almaz.clusters.validation import group_relatedness

FloatArray: TypeAlias = npt.NDArray[np.float64]
Flags: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class RelatedOptions:
    """top: share of ordered pairs whose relatedness counts as high; linked: share of industries that must be linked across the
    pair, strictly above; both_ways: "min", each way, or "mean" of the two ways."""

    top: float = 0.10
    linked: float = 0.20
    both_ways: Literal["min", "mean"] = "min"


@dataclass(frozen=True)
class RelatedClusters:
    """relatedness: (clusters, clusters), WCR on the diagonal, BCR off it; percentile: of a pair among ordered pairs, 0 to 1;
    linked: directional relatedness; high, related: the two rules, never true on the diagonal."""

    relatedness: FloatArray
    percentile: FloatArray
    linked: FloatArray
    high: Flags
    related: Flags


def related_clusters(relatedness: FloatArray, membership: FloatArray, options: RelatedOptions) -> RelatedClusters:
    """Relatedness between all clusters, and which pairs count as related.

    relatedness: (industries, industries), NaN unknown; membership: (industries, clusters), weights ≥ 0. A pair is
    related if its BCR is among the top 10 % of ordered pairs and more than 20 % of the industries are linked to the
    other cluster. Source: U.S. Cluster Mapping Project, published relatedness file; Delgado, Porter & Stern (2016).
    """
    groups = group_relatedness(relatedness, membership)
    between = groups.between
    high = top_pairs(between, options.top)
    linked = linked_share(groups.towards, membership, options.top)
    ways = np.minimum(linked, linked.T) if options.both_ways == "min" else (linked + linked.T) / 2.0
    full = between.copy()
    np.fill_diagonal(full, groups.within)
    with np.errstate(invalid="ignore"):
        related = high & (ways > options.linked)
    return RelatedClusters(full, percentiles(between), linked, high, related)


def top_pairs(between: FloatArray, share: float, excluded: Flags | None = None) -> Flags:
    """The ordered pairs with the highest values: as many as `share` of all pairs, and those equal to the last of them.

    between: (clusters, clusters), the diagonal and NaN do not count; excluded: pairs set aside beforehand, which still count
    towards the number of pairs. Returns flags of the same shape.
    """
    pairs: Flags = np.asarray(np.isfinite(between) & ~np.eye(len(between), dtype=np.bool_))
    number = int(np.ceil(share * pairs.sum() - 1e-9))
    kept: Flags = pairs if excluded is None else np.asarray(pairs & ~excluded)
    values = np.sort(between[kept])[::-1]
    if number == 0 or values.size == 0:
        return np.zeros_like(pairs)
    with np.errstate(invalid="ignore"):
        return np.asarray(kept & (between >= values[min(number, values.size) - 1]))


def linked_share(towards: FloatArray, membership: FloatArray, share: float) -> FloatArray:
    """Directional relatedness: the share of a cluster's industries that are linked to another cluster.

    towards: (industries, clusters), mean relatedness of an industry to each cluster. An industry is linked to a cluster
    other than its own if that mean is among the top `share` of all such pairs. Returns (clusters, clusters), from row
    to column, NaN on the diagonal. The published file has the flags but not the values: the threshold of a link is
    ours.
    """
    own: Flags = np.asarray(membership > 0.0)
    outside: Flags = np.asarray(~own & np.isfinite(towards) & np.any(own, axis=1, keepdims=True))
    if not outside.any():
        return np.full((membership.shape[1], membership.shape[1]), np.nan)
    threshold = np.quantile(towards[outside], 1.0 - share)
    with np.errstate(invalid="ignore", divide="ignore"):
        linked = (outside & (towards >= threshold)).astype(np.float64)
        result = membership.T @ linked / membership.sum(axis=0)[:, None]
    np.fill_diagonal(result, np.nan)
    return result


def percentiles(between: FloatArray) -> FloatArray:
    """The share of ordered pairs below each pair, 0 to 1; NaN on the diagonal and for unknown pairs."""
    pairs: Flags = np.asarray(np.isfinite(between) & ~np.eye(len(between), dtype=np.bool_))
    ordered = np.sort(between[pairs])
    result = np.full(between.shape, np.nan)
    result[pairs] = np.searchsorted(ordered, between[pairs], side="left") / max(ordered.size, 1)
    return result


@dataclass(frozen=True)
class ClusterTree:
    """order: clusters as the leaves of the tree stand; lines: (merges, 4, 2), the corners (place, height) of each merge,
    heights from 0 to 1, leaves at 5, 15, 25 …; groups: (clusters,), which branch at the cut; cut: its height."""

    order: npt.NDArray[np.intp]
    lines: FloatArray
    groups: npt.NDArray[np.intp]
    cut: float


def cluster_tree(between: FloatArray, groups: int = 12) -> ClusterTree:
    """How clusters join into larger families: Ward's tree over BCR, cut into so many branches.

    Distance: by rank of the pair, 0 the most related, 1 the least; unknown pairs are the least related. Heights are
    shares of the last one's.
    """
    size = len(between)
    distance = 1.0 - np.nan_to_num(percentiles(between), nan=0.0)
    distance = (distance + distance.T) / 2.0
    np.fill_diagonal(distance, 0.0)
    tree = linkage(squareform(distance, checks=False), "ward")
    tree[:, 2] /= max(tree[-1, 2], 1e-12)
    drawn = dendrogram(tree, no_plot=True)
    lines = np.stack([np.array(drawn["icoord"]), np.array(drawn["dcoord"])], axis=2)
    number = min(groups, size)
    heights = tree[:, 2]
    cut = float((heights[size - number - 1] + heights[size - number]) / 2.0) if 1 < number < size else 0.0
    return ClusterTree(
        np.array(drawn["leaves"], dtype=np.intp), lines, fcluster(tree, number, "maxclust").astype(np.intp) - 1, cut
    )
