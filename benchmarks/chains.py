"""All chain measures of the 389 U.S. industries of 2007, side by side with pymrio where it has the same measure.

The table is the sample's (U.S. Bureau of Economic Analysis, public domain). Each time is the best of five; the largest difference
between the two results is printed beside it. `main()` prints a Markdown section.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from almaz.measures import (
    allocation_coefficients,
    average_propagation_length,
    backward_length,
    backward_linkage,
    cross_industry_quotient,
    downstreamness,
    flegg_quotient,
    forward_linkage,
    ghosh_inverse,
    hypothetical_extraction,
    leontief_inverse,
    linkage_spread,
    multipliers,
    technical_coefficients,
    upstreamness,
)


def best(work: Callable[[], Any], times: int = 5) -> tuple[float, Any]:
    """The shortest of some runs in seconds, and the result."""
    seconds, result = [], None
    for _run in range(times):
        start = time.perf_counter()
        result = work()
        seconds.append(time.perf_counter() - start)
    return min(seconds), result


def main() -> None:
    import pandas as pd
    import pymrio

    from almaz.tables.industry_system import industry_system
    from almaz.tables.input_output import Block, read_input_output

    sample = Path(str(files("almaz"))) / "samples" / "us_states_2016" / "use_2007.csv"
    reading, table = best(lambda: read_input_output(sample, year=2007), 2)
    making, system = best(lambda: industry_system(table))
    flows, output = np.maximum(system.domestic * system.output, 0.0), system.output
    supply = np.maximum(system.supply, flows.sum(axis=1))
    intensity = np.array([system.intensities[name] for name in ("value_added", "wages", "taxes", "surplus", "jobs")])
    used = np.maximum(system.flows, 0.0)
    trade = {
        "exports": system.final_use(Block.EXPORTS),
        "imports": system.imports,
        "inventories": system.final_use(Block.INVENTORIES),
    }
    coefficients, allocation = technical_coefficients(flows, output), allocation_coefficients(flows, supply)
    inverse, ghosh = leontief_inverse(coefficients), ghosh_inverse(allocation)
    quotient = np.random.default_rng(0).lognormal(0, 1, output.size)
    ours: dict[str, Callable[[], Any]] = {
        "technical coefficients": lambda: technical_coefficients(flows, output),
        "Leontief inverse": lambda: leontief_inverse(coefficients),
        "allocation coefficients": lambda: allocation_coefficients(flows, supply),
        "Ghosh inverse": lambda: ghosh_inverse(allocation),
        "multipliers (5 kinds)": lambda: multipliers(intensity, inverse),
        "backward, forward linkages and spreads": lambda: (
            backward_linkage(inverse, normalised=True), forward_linkage(ghosh, normalised=True), linkage_spread(inverse), linkage_spread(ghosh, forward=True)),
        "upstreamness, trade and inventories": lambda: upstreamness(used, system.supply, **trade),
        "downstreamness": lambda: downstreamness(flows, output),
        "average propagation lengths (389 × 389)": lambda: average_propagation_length(inverse),
        "backward lengths": lambda: backward_length(inverse),
        "extraction of each of 389 industries": lambda: hypothetical_extraction(inverse, output),
        "CILQ and FLQ of one region": lambda: (cross_industry_quotient(quotient), flegg_quotient(quotient, 0.02, 0.3)),
    }  # fmt: skip
    names = pd.MultiIndex.from_product([["us"], system.industries])
    Z, x = pd.DataFrame(flows, names, names), pd.DataFrame({"indout": output}, names)
    xs = pd.DataFrame({"indout": supply}, names)
    A, B = pymrio.calc_A(Z, x), pymrio.calc_B(Z, xs)
    L, S = pymrio.calc_L(A), pd.DataFrame(intensity, columns=names)
    theirs: dict[str, Callable[[], Any]] = {
        "technical coefficients": lambda: pymrio.calc_A(Z, x),
        "Leontief inverse": lambda: pymrio.calc_L(A),
        "allocation coefficients": lambda: pymrio.calc_B(Z, xs),
        "Ghosh inverse": lambda: pymrio.calc_G(B),
        "multipliers (5 kinds)": lambda: pymrio.calc_M(S, L),
    }
    print(
        "## Value chains: 389 industries\n\n| measure | Almaz, ms | pymrio, ms | largest difference |\n|---|---|---|---|"
    )
    total = 0.0
    for name, work in ours.items():
        seconds, result = best(work)
        total += seconds
        peer, off = "—", "—"
        if name in theirs:
            other, found = best(theirs[name])
            peer, off = f"{other * 1000:.1f}", f"{np.abs(np.asarray(found) - result).max():.1e}"
        print(f"| {name} | {seconds * 1000:.1f} | {peer} | {off} |")
    print(f"| **all measures together** | **{total * 1000:.0f}** | | |")
    print(f"\nReading the table took {reading:.2f} s, making the square system {making * 1000:.0f} ms.")


if __name__ == "__main__":
    main()
