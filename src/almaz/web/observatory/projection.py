"""Projections of maps: from degrees onto a plane, in units of the earth's radius, y upward.

`albersUsa` is the composite in use for the United States (Bostock, d3-geo): the lower states in an equal-area conic, Alaska at
about a third of its scale and Hawaii moved in below them. Mercator is conformal; every other name gives Lambert's azimuthal
equal-area projection around the middle of the shapes, in which regions can be compared by size.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import shapely

Points = np.ndarray
Projection = Callable[[Points], Points]


def projected(shapes: Sequence[shapely.Geometry], name: str) -> list[shapely.Geometry]:
    """Shapes in degrees on the plane; those outside the projection come back empty."""
    held = np.array(shapes)
    if name == "albersUsa":
        return [_of_the_states(one) for one in shapes]
    project = mercator if name == "mercator" else equal_area(_middle(held))
    return list(shapely.transform(held, project))


def mercator(points: Points) -> Points:
    """x = λ, y = ln tan(π/4 + φ/2), cut off at 85 degrees."""
    along, up = np.radians(points).T
    up = np.clip(up, -1.4844, 1.4844)
    return np.column_stack([along, np.log(np.tan(np.pi / 4 + up / 2))])


def equal_area(centre: tuple[float, float]) -> Projection:
    """Lambert's azimuthal equal-area projection around a point (degrees east and north)."""
    east, north = np.radians(centre)

    def project(points: Points) -> Points:
        along, up = np.radians(points).T
        along = along - east
        cosine = np.sin(north) * np.sin(up) + np.cos(north) * np.cos(up) * np.cos(along)
        scale = np.sqrt(2 / np.maximum(1 + cosine, 1e-9))
        x = scale * np.cos(up) * np.sin(along)
        y = scale * (np.cos(north) * np.sin(up) - np.sin(north) * np.cos(up) * np.cos(along))
        return np.column_stack([x, y])

    return project


def conic_equal_area(axis: float, centre: tuple[float, float], parallels: tuple[float, float]) -> Projection:
    """Albers's conic equal-area projection: its axis and two standard parallels, its origin at the centre (all in degrees)."""
    first, second = np.sin(np.radians(parallels))
    n = (first + second) / 2
    c = 1 + first * (2 * n - first)

    def cone(points: Points) -> Points:
        along, up = np.radians(points).T
        along = (along - np.radians(axis) + np.pi) % (2 * np.pi) - np.pi
        radius = np.sqrt(np.maximum(c - 2 * n * np.sin(up), 0)) / n
        return np.column_stack([radius * np.sin(n * along), -radius * np.cos(n * along)])

    origin = cone(np.array([centre]))
    return lambda points: cone(points) - origin


_LOWER = conic_equal_area(-96.0, (-96.6, 38.7), (29.5, 45.5))
_ALASKA = conic_equal_area(-154.0, (-156.0, 58.5), (55.0, 65.0))
_HAWAII = conic_equal_area(-157.0, (-160.0, 19.9), (8.0, 18.0))


def _of_the_states(held: shapely.Geometry) -> shapely.Geometry:
    """A shape where albersUsa puts it; territories elsewhere have no place on it."""
    west, south, east, north = held.bounds
    if south > 50 and (west < -128 or east > 170):
        return shapely.transform(held, lambda points: 0.35 * _ALASKA(points) + np.array([-0.307, -0.201]))
    if south > 18 and north < 30 and west >= -180 and east < -150:
        return shapely.transform(held, lambda points: _HAWAII(points) + np.array([-0.205, -0.212]))
    if west > -128 and east < -65 and south > 24 and north < 50:
        return shapely.transform(held, _LOWER)
    return shapely.Polygon()


def _middle(held: np.ndarray) -> tuple[float, float]:
    west, south, east, north = shapely.total_bounds(held)
    return float((west + east) / 2), float((south + north) / 2)
