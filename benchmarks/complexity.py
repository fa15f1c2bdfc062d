"""Quotients, proximity, density and complexity of 3,200 regions × 1,000 industries: Almaz, bare NumPy, ecomplexity.

`python -m benchmarks complexity` runs all, each in a process of its own; made-up activity (gamma, sparse), the same for all.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
import warnings
from collections.abc import Callable

import numpy as np

REGIONS, INDUSTRIES, YEARS = 3_200, 1_000, 10


def activity(years: int = 1) -> np.ndarray:
    """Made-up establishments: scaled gamma draws, four fifths of the cells empty, regions and industries of unlike size."""
    generator = np.random.default_rng(7)
    size = generator.lognormal(0.0, 1.2, REGIONS)[:, None] * generator.lognormal(0.0, 1.0, INDUSTRIES)[None, :]
    shape = (years, REGIONS, INDUSTRIES)
    return np.where(generator.random(shape) < 0.2, np.ceil(generator.gamma(0.6, 8.0, shape) * size), 0.0)


def almaz(years: int = 1) -> dict[str, np.ndarray]:
    """The measures as a user calls them, all years in one call."""
    from almaz.measures import (
        co_occurrence,
        co_occurrence_relatedness,
        economic_complexity,
        location_quotient,
        presence_matrix,
        relatedness_density,
    )

    present = presence_matrix(location_quotient(given := activity(years)))
    del given
    proximity = co_occurrence_relatedness(co_occurrence(present))
    density = relatedness_density(present, proximity)
    found = economic_complexity(present)
    return {"proximity": proximity, "density": density, "eci": found.eci, "pci": found.pci}


def bare_numpy(_years: int = 1) -> dict[str, np.ndarray]:
    """The same formulas with nothing around them: no unknown cells, no checks, single precision where whole numbers allow it."""
    x = activity()[0]
    quotient = x / x.sum(1, keepdims=True) / (x.sum(0) / x.sum())
    m = (quotient >= 1).astype(np.float32)
    u = m.sum(0)
    proximity = (m.T @ m).astype(np.float64) / np.maximum(u[:, None], u[None, :])
    m64 = m.astype(np.float64)
    density = m64 @ (proximity / proximity.sum(1, keepdims=True)).T
    d, u = m64.sum(1), m64.sum(0)
    s = m64 / np.sqrt(d)[:, None] / np.sqrt(u)
    _values, vectors = np.linalg.eigh(s.T @ s)
    pci = vectors[:, -2] / np.sqrt(u)
    eci = m64 @ pci / d
    sign = np.sign(np.corrcoef(eci, d)[0, 1])
    scale = sign / eci.std()
    return {
        "proximity": proximity,
        "density": density,
        "eci": (eci - eci.mean()) * scale,
        "pci": (pci - eci.mean()) * scale,
    }


def peer(_years: int = 1) -> dict[str, np.ndarray]:
    """The Growth Lab's ecomplexity: its ecomplexity() and proximity() on a table of all cells."""
    import ecomplexity
    import pandas

    x = activity()[0]
    region, industry = np.indices(x.shape)
    frame = pandas.DataFrame({"time": 1, "loc": region.ravel(), "prod": industry.ravel(), "val": x.ravel()})
    names = {"time": "time", "loc": "loc", "prod": "prod", "val": "val"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cells = ecomplexity.ecomplexity(frame, names, check_logsupermodularity=False, verbose=False)
        pairs = ecomplexity.proximity(frame, names)
    cells = cells.sort_values(["loc", "prod"])
    pairs = pairs.sort_values(["prod_1", "prod_2"])
    return {
        "proximity": pairs["proximity"].to_numpy().reshape(INDUSTRIES, INDUSTRIES),
        "density": cells["density"].to_numpy().reshape(x.shape),
        "eci": cells["eci"].to_numpy().reshape(x.shape)[:, 0],
        "pci": cells["pci"].to_numpy().reshape(x.shape)[0],
    }


RUNNERS: dict[str, tuple[Callable[[int], dict[str, np.ndarray]], int]] = {
    "Almaz": (almaz, 1),
    "bare NumPy": (bare_numpy, 1),
    "Almaz, ten years in one call": (almaz, YEARS),
    "ecomplexity": (peer, 1),
}


def once(name: str) -> None:
    """Run one contender; print seconds without making the data, peak memory, and a few of its numbers."""
    function, years = RUNNERS[name]
    data = activity(years)
    globals()["activity"] = lambda years=1: data[:years]
    if name != "ecomplexity":
        function(1)  # the first call pays for loading libraries and waking threads
    start = time.perf_counter()
    found = function(years)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    told = {
        key: np.asarray(value).reshape(-1)[:: max(np.size(value) // 500, 1)][:500].tolist()
        for key, value in found.items()
    }
    sys.stdout.write("\n" + json.dumps({"seconds": seconds, "peak": peak, "told": told}))


def main() -> None:
    """Run all contenders and print a Markdown section."""
    if len(sys.argv) > 2 and sys.argv[1] == "once":
        once(sys.argv[2])
        return
    results = {}
    for name in RUNNERS:
        command = [sys.executable, "-m", "benchmarks.complexity", "once", name]
        runs = [
            json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1])
            for _ in range(1 if name == "ecomplexity" else 3)
        ]
        results[name] = min(runs, key=lambda run: run["seconds"])
    base = results["bare NumPy"]["seconds"]
    lines = [
        "## Complexity: 3,200 regions × 1,000 industries", "",
        "Location quotients, proximity, density, ECI and PCI; made-up activity; the best of three runs (ecomplexity: one), without making the data.",
        "", "| contender | seconds | against bare NumPy | peak MB, data included |", "|---|---|---|---|",
    ]  # fmt: skip
    for name, run in results.items():
        lines.append(f"| {name} | {run['seconds']:.2f} | {run['seconds'] / base:.2f} | {run['peak']:.0f} |")
    apart = {
        key: max(
            np.abs(np.array(results["Almaz"]["told"][key]) - np.array(results[other]["told"][key])).max()
            for other in ("bare NumPy", "ecomplexity")
        )
        for key in ("proximity", "density", "eci", "pci")
    }
    lines += [
        "",
        "Largest differences between the three: "
        + ", ".join(f"{key} {value:.1e}" for key, value in apart.items())
        + ".",
    ]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
