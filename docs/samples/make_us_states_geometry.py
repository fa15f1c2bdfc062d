"""Makes `src/almaz/samples/us_states_2016/states.json` from the npm package us-atlas.

Run: npm pack us-atlas && tar xzf us-atlas-*.tgz && python make_us_states_geometry.py package/states-10m.json OUT
Every arc is simplified (Douglas–Peucker, about 3 km), so that neighbours keep one common border.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

TOLERANCE = 0.03  # degrees


def simplify(points: np.ndarray) -> np.ndarray:
    keep = np.zeros(len(points), dtype=bool)
    keep[[0, -1]] = True
    spans = [(0, len(points) - 1)]
    while spans:
        first, last = spans.pop()
        if last - first < 2:
            continue
        chord = points[last] - points[first]
        offset = points[first + 1 : last] - points[first]
        length = float(np.hypot(*chord))
        distance = np.abs(chord[0] * offset[:, 1] - chord[1] * offset[:, 0]) / length if length else np.hypot(*offset.T)
        far = int(distance.argmax())
        if distance[far] > TOLERANCE:
            middle = first + 1 + far
            keep[middle] = True
            spans += [(first, middle), (middle, last)]
    return points[keep]


def delta_coded(points: np.ndarray) -> list[list[int]]:
    steps = np.diff(points, axis=0)
    steps = steps[(steps != 0).any(axis=1)]
    return [points[0].tolist(), *(steps if len(steps) else np.zeros((1, 2), dtype=int)).tolist()]


def main(source: Path, target: Path) -> None:
    atlas = json.loads(source.read_text())
    scale, shift = np.array(atlas["transform"]["scale"]), np.array(atlas["transform"]["translate"])
    arcs = [simplify(np.cumsum(np.array(arc), axis=0) * scale + shift) for arc in atlas["arcs"]]
    grid = np.array([0.005, 0.005])
    origin = np.floor(np.min([arc.min(axis=0) for arc in arcs], axis=0))
    coded = [delta_coded(np.round((arc - origin) / grid).astype(int)) for arc in arcs]
    states = atlas["objects"]["states"]["geometries"]
    for state in states:
        state["id"] = state["id"] + "000"
    topology = {
        "type": "Topology",
        "transform": {"scale": grid.tolist(), "translate": origin.tolist()},
        "objects": {"regions": {"type": "GeometryCollection", "geometries": states}},
        "arcs": coded,
    }
    target.write_text(json.dumps(topology, separators=(",", ":"), ensure_ascii=False))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
