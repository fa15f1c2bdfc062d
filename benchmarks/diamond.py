"""The diamond's simulation: 3,142 counties × 1,000 draws over normalisation, weights, aggregation, filling and figures.

Side by side with the way in which composite-indicator programs do it (COINr's `regenerate`): the whole construction again
for every draw. With ALMAZ_DATA the figures are those of the U.S. counties; without, a made-up table of the same size.
`main()` prints a Markdown section.
"""

from __future__ import annotations

import os
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

DRAWS, AGAIN = 1000, 20


def figures() -> tuple[object, str]:
    from almaz.diamond.indicators import panel, read_set
    from almaz.diamond.wide import from_wide

    chosen, folder = read_set("us"), os.environ.get("ALMAZ_DATA")
    if folder:
        import pyarrow.parquet as pq

        table = pq.read_table(Path(folder) / "us_county_indicators" / "county_indicators.parquet")
        codes = table["fips"].to_pylist()
        return panel(from_wide(table, chosen, codes), chosen, sorted(set(codes))), "U.S. counties, the set «us»"
    from almaz.diamond.indicators import Panel

    random = np.random.default_rng(1)
    value = random.lognormal(3, 1, size=(3142, len(chosen.indicator), 1))
    value[random.random(value.shape) < 0.08] = np.nan
    regions = tuple(f"{number:05d}" for number in range(3142))
    made = Panel(
        chosen.indicator,
        regions,
        (2019,),
        value,
        value,
        value,
        np.zeros(value.shape, bool),
        np.full(value.shape, None, object),
    )
    return made, "made-up figures, 8 % of them missing"


def best(of: object, times: int = 3) -> float:
    """The shortest of a few runs, seconds."""
    taken = []
    for _turn in range(times):
        start = time.perf_counter()
        of()  # type: ignore[operator]
        taken.append(time.perf_counter() - start)
    return min(taken)


def regenerated(panel: object, draws: int) -> None:
    """The whole construction for every draw: fill, treat, normalise, weigh, aggregate, rank."""
    from almaz.diamond.indicators import CORNERS, as_of
    from almaz.measures.composite.construction import Choices, Level, construct

    corner = panel.only(panel.of_role(*CORNERS))  # type: ignore[attr-defined]
    values = as_of(corner).value
    direction = np.array([float(one.direction) for one in corner.indicators])
    group = np.array([CORNERS.index(one.role) for one in corner.indicators])
    random = np.random.default_rng(1)
    for _draw in range(draws):
        filled = values.copy()
        for column in range(filled.shape[1]):
            lacking = np.isnan(filled[:, column])
            filled[lacking, column] = random.choice(values[~np.isnan(values[:, column]), column], int(lacking.sum()))
        choices = Choices(
            normalisation=random.choice(["min_max", "z_score", "rank"]),
            ways=("arithmetic", random.choice(["arithmetic", "geometric", "mazziotta_pareto"])),
        )
        levels = [
            Level(group, random.uniform(0.75, 1.25, group.size)),
            Level(np.zeros(4, dtype=int), random.uniform(0.75, 1.25, 4)),
        ]
        index = construct(filled, direction, levels, choices).index[:, 0]
        np.argsort(np.argsort(-index))


def main() -> int:
    from almaz.diamond.frame import Options, frame
    from almaz.diamond.indicators import CORNERS, as_of
    from almaz.diamond.score import diamond
    from almaz.diamond.uncertainty import all_choices, possible, sensitivity, simulate

    held, said = figures()
    options = Options(draws=DRAWS)
    fixed = frame(held, options)  # type: ignore[arg-type]
    now = as_of(held.only(held.of_role(*CORNERS)))  # type: ignore[attr-defined]
    worlds = possible(fixed, now, options, DRAWS)
    plan = all_choices(options)
    few = possible(fixed, now, replace(options, draws=256), 256)
    rows = [
        (
            f"draws alone: {DRAWS:,} × {now.value.shape[0]:,} regions",
            best(lambda: simulate(fixed, worlds, plan, options)),
        ),
        (
            "the whole diamond: frame, worlds, two simulations, intervals, ranks",
            best(lambda: diamond(held, options), 2),
        ),  # type: ignore[arg-type]
        (
            f"the construction again for every draw ({AGAIN} draws, scaled to {DRAWS:,})",
            best(lambda: regenerated(held, AGAIN), 2) * DRAWS / AGAIN,
        ),
        (f"Sobol indices of the ranks: {256 * 7:,} runs", best(lambda: sensitivity(fixed, few, options), 1)),
    ]
    lines = [
        f"**The diamond's simulation** ({said}; {now.value.shape[1]} indicators in four corners).",
        "",
        "| what | seconds |",
        "|---|---|",
    ]
    lines += [f"| {name} | {seconds:.1f} |" for name, seconds in rows]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
