"""Where the establishments of an industry stand thickest: the cores of a cluster on the map, with their outlines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Cores:
    """Cores in the order of their weight, the heaviest first.

    label: (n,) the core of each point, -1 = in none; number: points per core; weight: their weight; area: of the outline, in the
    square of the coordinates' unit; outline: per core (m, 2) corners, first = last; none encloses a single place.
    """

    label: npt.NDArray[np.int64]
    number: npt.NDArray[np.int64]
    weight: FloatArray
    area: FloatArray
    outline: tuple[FloatArray, ...]

    @property
    def share(self) -> FloatArray:
        """Which share of the points each core holds."""
        return self.number / max(self.label.size, 1)


def cores(
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    *,
    weight: npt.ArrayLike | None = None,
    method: Literal["hdbscan", "dbscan"] = "hdbscan",
    minimum: int = 5,
    reach: float | None = None,
    tightness: float = 1.0,
) -> Cores:
    """Groups of points that stand close together among points that do not.

    method `hdbscan` finds groups of any density with at least `minimum` points; `dbscan` joins points that have at
    least `minimum` points within `reach` (itself included). weight: (n,), by default 1, is summed, it does not draw cores.
    tightness: 1 = convex outline, 0 = as tight as it goes without holes. ValueError: dbscan without a reach.
    Source: Ester et al. (1996); Campello, Moulavi and Sander (2013); computed by scikit-learn, outlines by GEOS.
    """
    from sklearn.cluster import DBSCAN, HDBSCAN  # half a second that only this function needs

    points = np.column_stack((np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)))
    w = np.ones(points.shape[0]) if weight is None else np.asarray(weight, dtype=np.float64)
    if method == "dbscan":
        if reach is None or reach <= 0.0:
            raise ValueError("dbscan needs a reach above 0")
        found = DBSCAN(eps=reach, min_samples=minimum).fit(points).labels_
    elif points.shape[0] < max(minimum, 2):
        found = np.full(points.shape[0], -1)
    else:
        found = HDBSCAN(min_cluster_size=max(minimum, 2), copy=True).fit(points).labels_
    found = np.where(found < 0, -1, found).astype(np.int64)
    held = np.bincount(found[found >= 0], weights=w[found >= 0]) if (found >= 0).any() else np.empty(0)
    order = np.argsort(-held, kind="stable")
    rank = np.empty(order.size, dtype=np.int64)
    rank[order] = np.arange(order.size)
    label = np.where(found >= 0, rank[found], -1) if order.size else found
    shapes = [_outline(points[label == core], tightness) for core in range(order.size)]
    number = np.bincount(label[label >= 0], minlength=order.size).astype(np.int64)
    areas = np.array([area for area, _corners in shapes], dtype=np.float64)
    return Cores(label, number, held[order].astype(np.float64), areas, tuple(corners for _area, corners in shapes))


def _outline(points: FloatArray, tightness: float) -> tuple[float, FloatArray]:
    """Area and corners, the first again at the end; of a polygon, a line or a point."""
    import shapely

    together = shapely.multipoints(points)
    shape = shapely.convex_hull(together) if tightness >= 1.0 else shapely.concave_hull(together, ratio=tightness)
    corners = shapely.get_coordinates(shape)
    closed = corners if np.array_equal(corners[0], corners[-1]) else np.vstack((corners, corners[:1]))
    return float(shape.area), closed
