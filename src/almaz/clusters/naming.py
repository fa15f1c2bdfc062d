"""From groups of industries to a definition file: subclusters, proposed names, and what the portfolio reads."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy.cluster.hierarchy import cut_tree, linkage
from scipy.spatial.distance import squareform

from almaz.clusters.candidates import Labels, renumbered, transformed
from almaz.language import LANGUAGES
from almaz.whole import whole

FloatArray: TypeAlias = npt.NDArray[np.float64]
Titles: TypeAlias = Mapping[str, Mapping[str, str | None]]
LEAST: Final = 6
"""Industries that a cluster needs to be looked at for subclusters."""
CLEAR: Final = 0.10
"""Mean silhouette from which subclusters are kept; below it the cluster stays whole. Ours."""

DEFINITION_COLUMNS: Final = ("industry", "kind", "cluster", "subcluster", "weight", "stability", "title")
NAMES_COLUMNS: Final = ("cluster", *(f"name_{language}" for language in LANGUAGES))


def subclusters(labels: Labels, relatedness: FloatArray) -> Labels:
    """Groups inside each cluster, (industries,), 0 … within it; −1 where the cluster stays whole.

    Average-linkage trees over the cluster's own relatedness, cut where the mean silhouette is largest (2 … a third of
    its industries). Source: Rousseeuw (1987), Journal of Computational and Applied Mathematics 20.
    """
    full = transformed(relatedness, "levels")
    distance = np.maximum(np.quantile(full[~np.eye(len(full), dtype=np.bool_)], 0.995) - full, 0.0)
    np.fill_diagonal(distance, 0.0)
    inner = np.full(labels.size, -1, dtype=np.intp)
    for cluster in range(int(labels.max()) + 1):
        members = np.flatnonzero(labels == cluster)
        if members.size >= LEAST:
            inner[members] = _split(distance[np.ix_(members, members)])
    return inner


def _split(distance: FloatArray) -> Labels:
    numbers = list(range(2, max(len(distance) // 3, 2) + 1))
    cuts = cut_tree(linkage(squareform(distance, checks=False), "average"), n_clusters=numbers).T
    silhouettes = [silhouette(distance, cut) for cut in cuts]
    best = int(np.argmax(silhouettes))
    return renumbered(cuts[best]) if silhouettes[best] >= CLEAR else np.full(len(distance), -1, dtype=np.intp)


def silhouette(distance: FloatArray, labels: Labels) -> float:
    """Mean over industries of (b − a) / max(a, b): a the mean distance to its own group, b to the nearest other; 0 alone."""
    groups = np.eye(int(labels.max()) + 1)[labels]
    sizes = groups.sum(axis=0)
    sums = distance @ groups
    line = np.arange(labels.size)
    own = sums[line, labels] / np.maximum(sizes[labels] - 1.0, 1.0)
    others = sums / sizes
    others[line, labels] = np.inf
    nearest = others.min(axis=1)
    scale = np.maximum(own, nearest)
    alone = (sizes[labels] == 1.0) | ~np.isfinite(nearest) | (scale == 0.0)
    return float(np.where(alone, 0.0, (nearest - own) / np.where(alone, 1.0, scale)).mean())


def by_size(labels: Labels, size: FloatArray) -> Labels:
    """The same groups numbered from the largest down. size: (industries,), the country's activity, unknown as 0."""
    totals = np.bincount(labels, weights=np.nan_to_num(size))
    place = np.empty(totals.size, dtype=np.intp)
    place[np.argsort(-totals, kind="stable")] = np.arange(totals.size)
    return place[labels]


def proposed_names(
    labels: Labels, industries: Sequence[str], size: FloatArray, titles: Titles, codes: Sequence[str]
) -> list[dict[str, str]]:
    """A name for each cluster from the titles of its two largest industries, in each language that has them.

    codes: of the clusters, by number. Meant to be edited: the file of names is the study's own.
    """
    rows = []
    for cluster, code in enumerate(codes):
        members = np.flatnonzero(labels == cluster)
        largest = members[np.argsort(-np.nan_to_num(size[members]), kind="stable")][:2]
        row = {"cluster": code}
        for language in LANGUAGES:
            parts = [titles.get(industries[place], {}).get(f"name_{language}") or "" for place in largest]
            row[f"name_{language}"] = "; ".join(part for part in parts if part)
        rows.append(row)
    return rows


def sectors(industries: pa.Table) -> dict[str, str]:
    """Industry → the code of its first level under the total (its sector), or itself."""
    parent = dict(zip(industries["industry"].to_pylist(), industries["parent"].to_pylist(), strict=True))

    def top(code: str) -> str:
        above = parent.get(code)
        return code if above is None or parent.get(above) is None else top(above)

    return {code: top(code) for code in parent}


def write_rows(rows: Sequence[Mapping[str, object]], columns: Sequence[str], file: Path) -> None:
    """Write a CSV so that the file is either whole or not there."""
    with whole(file) as partial, partial.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
