"""Hidden cells recovered: published cells are hidden in the pattern of the truly hidden ones, filled, and compared with the truth.

Needs ALMAZ_DATA, the folder that holds us_qcew_2016/ (counties.parquet, states.parquet, us_industry_shares_dec2016.csv). `main()`
prints a Markdown section: accuracy of cells and of cluster quotients against three rules in use, coverage, and growth with size.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import almaz.tables.hidden as hidden_cells
from almaz.measures.bounds import bounds
from almaz.tables.classification import parents_of
from almaz.tables.constraints import Forest, Lattice, forest, lattice
from almaz.tables.hidden import Filled, filled

SAMPLE = Path(__file__).parent.parent / "src" / "almaz" / "samples" / "us_states_2016"
CLASSES = np.array([0, 20, 100, 250, 500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000])
"""The employment-size classes that County Business Patterns publishes where it hides employment (A 0–19, B 20–99, C 100–249 …)."""
MIDDLES = np.array([10, 60, 175, 375, 750, 1750, 3750, 7500, 17_500, 37_500, 75_000, 100_000], dtype=float)
PARTS = ("accuracy", "held_out", "growth")
STRATA = np.array([1, 2, 3, 4, 5, 7, 10, 15, 20, 30, 50, 100])


@dataclass(frozen=True)
class Table:
    """Private employment (NaN where hidden) and establishments, (regions, industries), with their hierarchies."""

    regions: list[str]
    industries: list[str]
    region_tree: Forest
    industry_tree: Forest
    there: np.ndarray
    employment: np.ndarray
    establishments: np.ndarray
    everybody: dict[str, float]


def load(states: Sequence[str] | None = None) -> Table:
    """December 2016: counties and, but for California and Texas, their states."""
    import pandas as pd

    folder = Path(os.environ["ALMAZ_DATA"]) / "us_qcew_2016"
    rows = pd.concat([pd.read_parquet(folder / f"{name}.parquet") for name in ("states", "counties")])
    if states is not None:
        rows = rows[rows["region"].str[:2].isin(states)]
    everybody = dict(
        zip(rows["region"][rows["own_code"] == "0"], rows["employment_dec2016"][rows["own_code"] == "0"], strict=True)
    )
    rows = rows[(rows["own_code"] == "5") & ~((rows["industry"].str[:2] == "10") & (rows["industry"].str.len() > 2))]
    regions, industries = sorted(rows["region"].unique()), sorted(rows["industry"].unique())
    above = parents_of(industries, "NAICS 2012")
    at = (pd.Categorical(rows["region"], regions).codes, pd.Categorical(rows["industry"], industries).codes)
    arrays = []
    for column in ("employment_dec2016", "establishments_q4_2016"):
        arrays.append(np.zeros((len(regions), len(industries))))
        arrays[-1][at] = rows[column]
    there = np.zeros(arrays[0].shape, dtype=bool)
    there[at] = True
    return Table(
        regions, industries, forest(regions, [None if code.endswith("000") else code[:2] + "000" for code in regions]),
        forest(industries, [above[code] for code in industries]), there, *arrays, everybody,
    )  # fmt: skip


def hide(table: Table, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Employment with more cells hidden, and which of them were hidden first (the others so that totals do not give those away).

    A published county cell is hidden with the share of hidden ones among the cells of its stratum: level of the industry,
    establishments, size of the county. Then, as an office does: where a hidden cell follows from a total, the smallest published
    neighbour under the same total is hidden too (or the total itself, where there is none), and so on.
    """
    random = np.random.default_rng(seed)
    cells = lattice(table.region_tree, table.industry_tree, table.there)
    value, units = table.employment[cells.region, cells.industry], table.establishments[cells.region, cells.industry]
    depth, county = table.industry_tree.depth[cells.industry], table.region_tree.leaf[cells.region]
    whole = table.establishments[:, table.industry_tree.depth == 0].sum(axis=1)
    stratum = (depth * 20 + np.digitize(units, STRATA)) * 4 + np.digitize(whole[cells.region], [500, 2000, 10_000])
    hidden = np.isnan(value)
    number = np.bincount(stratum[county], minlength=stratum.max() + 1)
    rate = np.bincount(stratum[county & hidden], minlength=number.size) / np.maximum(number, 1)
    first = county & ~hidden & (depth > 0) & (random.random(value.size) < rate[stratum])
    value = value.copy()
    value[first] = np.nan
    for _round in range(6):
        given_away = np.nonzero(first & _determined(cells, value, units))[0]
        more = _neighbours(cells, value, given_away)
        if not more.size:
            break
        value[more] = np.nan
    result, chosen = table.employment.copy(), np.zeros(table.employment.shape, dtype=bool)
    result[cells.region, cells.industry] = value
    chosen[cells.region, cells.industry] = first
    return result, chosen


def _determined(cells: Lattice, value: np.ndarray, units: np.ndarray) -> np.ndarray:
    hidden = np.isnan(value)
    found = bounds(np.where(hidden, 0.0, value), np.where(hidden, np.where(units == 0, 0.0, np.inf), value), cells.sums)
    return hidden & (found.high - found.low < 1e-6)


def _neighbours(cells: Lattice, value: np.ndarray, given_away: np.ndarray) -> np.ndarray:
    """For every cell given away, in both hierarchies: the smallest published neighbour of a lone hidden cell, or its total."""
    published, chosen = ~np.isnan(value), []
    for tree, node, other in ((cells.industries, cells.industry, 0), (cells.regions, cells.region, 1)):
        above = tree.parent[node]
        total = np.full(value.size, -1)
        inside = above >= 0
        place = (cells.region[inside], above[inside]) if other == 0 else (above[inside], cells.industry[inside])
        total[inside] = cells.at[place]
        wanted = np.unique(total[given_away])
        wanted = wanted[wanted >= 0]
        alone = np.bincount(total[(total >= 0) & ~published], minlength=value.size)
        wanted = wanted[(alone[wanted] == 1) & published[wanted]]
        near = np.nonzero(published & np.isin(total, wanted))[0]
        near = near[np.lexsort((value[near], total[near]))]
        smallest = near[np.r_[True, total[near][1:] != total[near][:-1]]] if near.size else near
        lone = wanted[~np.isin(wanted, total[near])]
        lone = lone[(cells.industries.depth[cells.industry[lone]] > 0) & cells.regions.leaf[cells.region[lone]]]
        chosen += [smallest, lone]
    return np.unique(np.concatenate(chosen))


def national_mean(table: Table, value: np.ndarray) -> np.ndarray:
    """Establishments × the industry's mean size over the counties that publish it."""
    county = table.region_tree.leaf
    known = ~np.isnan(value[county])
    people = np.where(known, value[county], 0.0).sum(axis=0)
    places = np.where(known, table.establishments[county], 0.0).sum(axis=0)
    mean = np.where(places > 0, people / np.maximum(places, 1), people.sum() / places.sum())
    return table.establishments * mean


def errors(estimate: np.ndarray, truth: np.ndarray) -> tuple[float, float, float]:
    """Median absolute percentage error, absolute error as a share of what was hidden, and bias."""
    off = np.abs(estimate - truth)
    return (
        float(np.median(off / np.maximum(truth, 1.0))),
        float(off.sum() / truth.sum()),
        float(estimate.sum() / truth.sum() - 1),
    )


def clusters(table: Table) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Cluster names, their industries as weights, and every industry's share in the country, as BLS' own quotients pin it down."""
    folder = Path(os.environ["ALMAZ_DATA"]) / "us_qcew_2016"
    with (folder / "us_industry_shares_dec2016.csv").open() as source:
        share = {
            row["industry"]: (float(row["share_low"]) + float(row["share_high"])) / 2 for row in csv.DictReader(source)
        }
    with (SAMPLE / "naics_to_cluster.csv").open() as source:
        of = {row["industry"]: row["cluster"] for row in csv.DictReader(source) if row["industry"] in share}
    names = sorted(set(of.values()))
    weights = np.zeros((len(table.industries), len(names)))
    for code, cluster in of.items():
        if code in table.industries:
            weights[table.industries.index(code), names.index(cluster)] = 1.0
    return names, weights, np.array([share.get(code, 0.0) for code in table.industries])


def accuracy(table: Table, seed: int, draws: int) -> list[str]:
    """The lines on accuracy: cells, quotients, coverage."""
    value, first = hide(table, seed)
    done = filled(
        value, table.establishments, table.there, table.region_tree, table.industry_tree, number=draws, seed=(seed,)
    )
    leaf = table.region_tree.leaf[:, None] & table.industry_tree.leaf[None, :]
    every = np.isnan(value) & ~np.isnan(table.employment)
    sure = first & (done.high - done.low <= 1e-6 * np.maximum(1.0, done.low))
    judged = first & leaf & ~sure
    truth = table.employment
    inside = (done.low <= truth + 1e-6) & (truth <= done.high + 1e-6)
    middle = MIDDLES[np.maximum(np.digitize(np.nan_to_num(truth), CLASSES) - 1, 0)]
    low, high = np.zeros(truth.shape), np.full(truth.shape, np.inf)
    which = np.maximum(np.digitize(truth[judged], CLASSES) - 1, 0)
    low[judged], high[judged] = CLASSES[which], np.r_[CLASSES[1:] - 1, np.inf][which]
    classed = filled(
        value, table.establishments, table.there, table.region_tree, table.industry_tree, low=low, high=high
    )
    rules = {
        "zero": np.zeros(truth.shape),
        "mid-point of the cell's true size class": np.where(every, middle, value),
        "establishments × national mean": np.where(every, national_mean(table, value), value),
        "**Almaz**": done.value,
        "**Almaz**, given the same size classes": classed.value,
    }
    lines = [
        f"{int(first.sum()):,} published county cells were hidden first and {int((every & ~first).sum()):,} more so that totals do not "
        f"give them away, beside the {int(np.isnan(table.employment).sum()):,} truly hidden ones. Of those hidden first "
        f"{int(sure.sum()):,} follow exactly from totals all the same and are left out below; {int(judged.sum()):,} six-digit cells are "
        f"judged. Truth inside the bounds: {inside[every].mean():.2%} of {int(every.sum()):,}.",
        "",
        "| six-digit cells | median error | error, share of hidden | bias | 3 | 4–6 | 7–14 | 15–49 | 50 and more establishments |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    group = np.digitize(table.establishments[judged], [4, 7, 15, 50])
    for name, estimate in rules.items():
        median, absolute, bias = errors(estimate[judged], truth[judged])
        by = " | ".join(f"{errors(estimate[judged][group == g], truth[judged][group == g])[0]:.1%}" for g in range(5))
        lines.append(f"| {name} | {median:.1%} | {absolute:.1%} | {bias:+.1%} | {by} |")
    return [
        *lines,
        "",
        *_quotients(table, value, truth, rules),
        "",
        *_coverage(done, judged, truth, group, draws),
    ]


def _quotients(table: Table, value: np.ndarray, truth: np.ndarray, rules: dict[str, np.ndarray]) -> list[str]:
    names, weights, share = clusters(table)
    county = np.nonzero(table.region_tree.leaf)[0]
    base = np.array([table.everybody.get(table.regions[r], np.nan) for r in county])
    told = ~np.isnan(truth[county])
    whole = told.astype(float) @ (weights * share[:, None])
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = 1.0 / base[:, None] / whole
    touched = (np.isnan(value[county]) & told).astype(float) @ weights > 0
    exact = np.where(told, truth[county], 0.0) @ weights * factor
    judged = touched & (exact > 0) & np.isfinite(exact)
    lines = [
        f"Location quotients of {len(names)} clusters in counties (base: all covered employment; the country's shares as BLS' own "
        f"published quotients pin them down), each cluster made of the industries that the county really publishes, so that the truth "
        f"is known: {int(judged.sum()):,} pairs of which a part was hidden.",
        "",
        "| quotients | median error | 9 in 10 within | mean error of LQ | on the wrong side of 1 |",
        "|---|---:|---:|---:|---:|",
    ]
    for name, estimate in rules.items():
        mine = np.where(np.isnan(value[county]), estimate[county], value[county])
        quotient = np.where(told, mine, 0.0) @ weights * factor
        off = np.abs(quotient / np.where(judged, exact, 1.0) - 1.0)[judged]
        plain = np.abs(quotient - exact)[judged].mean()
        wrong = ((quotient >= 1) != (exact >= 1))[judged].mean()
        lines.append(f"| {name} | {np.median(off):.1%} | {np.quantile(off, 0.9):.1%} | {plain:.2f} | {wrong:.1%} |")
    return lines


def _coverage(done: Filled, judged: np.ndarray, truth: np.ndarray, group: np.ndarray, draws: int) -> list[str]:
    place = np.full(truth.shape, -1)
    place[done.drawn_region, done.drawn_industry] = np.arange(done.drawn_region.size)
    drawn = done.draws[:, place[judged]]
    low, high = np.quantile(drawn, [0.05, 0.95], axis=0)
    # Figures are whole persons: an interval holds a figure when it reaches to within half a person of it.
    held = (truth[judged] >= low - 0.5) & (truth[judged] <= high + 0.5)
    width = np.median((high - low) / np.maximum(truth[judged], 1.0))
    by = " | ".join(f"{held[group == g].mean():.1%}" for g in range(5))
    return [
        f"Coverage of the interval of 90 % of {draws} draws (median width {width:.2f} × the figure):",
        "",
        "| all | 3 | 4–6 | 7–14 | 15–49 | 50 and more establishments |",
        "|---:|---:|---:|---:|---:|---:|",
        f"| {held.mean():.1%} | {by} |",
    ]


def held_out(seed: int, draws: int) -> list[str]:
    """The lines of the check of the spread on what it was not chosen on: every second state chooses, the others judge."""
    every = sorted({region[:2] for region in load().regions})
    choosing, judging = every[::2], every[1::2]
    tried = {factor: _held(load(choosing), seed, draws, factor) for factor in (1.0, 1.25, 1.5, 1.75, 2.0)}
    best = min(tried, key=lambda factor: abs(tried[factor] - 0.9))
    there = _held(load(judging), seed + 1, draws, best)
    return [
        f"Of the factors on the spread of hidden cells, {', '.join(f'{factor:g} ({held:.1%})' for factor, held in tried.items())}, {best:g} comes "
        f"nearest to 90 % in {len(choosing)} states. In the {len(judging)} others, hidden by another seed, the interval of 90 % of {draws} draws "
        f"with that factor holds {there:.1%} of the truths.",
    ]


def _held(table: Table, seed: int, draws: int, factor: float) -> float:
    """Share of the truths that the interval of 90 % of draws holds, with this factor on the spread."""
    value, first = hide(table, seed)
    usual, hidden_cells.WIDER = hidden_cells.WIDER, factor
    try:
        done = filled(
            value, table.establishments, table.there, table.region_tree, table.industry_tree, number=draws, seed=(seed,)
        )
    finally:
        hidden_cells.WIDER = usual
    leaf = table.region_tree.leaf[:, None] & table.industry_tree.leaf[None, :]
    judged = first & leaf & (done.high - done.low > 1e-6 * np.maximum(1.0, done.low))
    place = np.full(table.employment.shape, -1)
    place[done.drawn_region, done.drawn_industry] = np.arange(done.drawn_region.size)
    low, high = np.quantile(done.draws[:, place[judged]], [0.05, 0.95], axis=0)
    truth = table.employment[judged]
    return float(((truth >= low - 0.5) & (truth <= high + 0.5)).mean())


def work(states: Sequence[str] | None, draws: int) -> dict[str, object]:
    """One size in this process: cells, seconds and processor seconds without and with draws, peak memory."""
    table = load(states)
    filled(*_small(), number=1)  # compiled before the clock starts
    clocks = []
    for number in (0, draws):
        start = time.perf_counter(), time.process_time()
        done = filled(
            table.employment, table.establishments, table.there, table.region_tree, table.industry_tree, number=number
        )
        clocks.append((time.perf_counter() - start[0], time.process_time() - start[1]))
    return {
        "cells": done.table.region.size,
        "hidden": int(np.isnan(table.employment).sum()),
        "estimate": clocks[0],
        "all": clocks[1],
        "gigabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2,
    }


def _small() -> tuple[np.ndarray, np.ndarray, np.ndarray, Forest, Forest]:
    regions, industries = forest(["s", "a", "b"], [None, "s", "s"]), forest(["t", "x", "y"], [None, "t", "t"])
    value = np.array([[30.0, 12.0, 18.0], [12.0, np.nan, np.nan], [18.0, np.nan, np.nan]])
    return value, np.ones((3, 3)), np.ones((3, 3), dtype=bool), regions, industries


def growth(draws: int) -> list[str]:
    """The lines on size: an eighth, a quarter, half of the states and all, each in a process of its own."""
    every = sorted({region[:2] for region in load().regions})
    lines = [
        f"| states | cells | hidden | bounds and estimate, s | with {draws} draws, s | the same, processor s | peak GB |",
        "|---:|---:|---:|---:|---:|---:|---:|",
    ]
    points = []
    for step in (8, 4, 2, 1):
        states = every[::step]
        command = [sys.executable, "-m", "benchmarks.hidden_cells", "--work", ",".join(states), "--draws", str(draws)]
        one = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        points.append((np.log(one["cells"]), np.log(one["estimate"][1]), np.log(one["all"][1])))
        lines.append(
            f"| {len(states)} | {one['cells']:,} | {one['hidden']:,} | {one['estimate'][0]:.1f} | {one['all'][0]:.1f} "
            f"| {one['estimate'][1]:.1f} / {one['all'][1]:.1f} | {one['gigabytes']:.2f} |"
        )
    x, estimate, whole = np.array(points).T
    powers = [np.polyfit(x, y, 1)[0] for y in (estimate, whole)]
    return [
        *lines,
        "",
        f"Processor time grows with the number of cells to the power {powers[0]:.2f} (bounds and estimate) and {powers[1]:.2f} "
        "(with draws).",
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the section; or, called by itself, do the work of one size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=50)
    parser.add_argument("--seed", type=int, default=2016)
    parser.add_argument("--states", default="", help="state codes, comma-separated: judge the accuracy on these only")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--work", default="", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.work:
        print(json.dumps(work(given.work.split(","), given.draws)))
        return
    if "ALMAZ_DATA" not in os.environ:
        raise SystemExit("set ALMAZ_DATA to the folder that holds us_qcew_2016/")
    lines = ["## Hidden cells"]
    if "accuracy" in given.parts:
        lines += ["", *accuracy(load(given.states.split(",") if given.states else None), given.seed, given.draws)]
    if "held_out" in given.parts:
        lines += ["", *held_out(given.seed, given.draws)]
    if "growth" in given.parts:
        lines += ["", *growth(given.draws)]
    print("\n".join(lines))


if __name__ == "__main__":
    main()
