"""Points: M, Kd and K exactly and on a grid, their errors, and simulations on a stock of sites.

R's dbmss is not run here: its seconds are those of tests/data/known_answers/README.md, on this kind of machine with two
cores, and are named as such. Points are generated (clusters in a square of 100 km); one run each after one that compiles.
"""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from almaz.measures import concentration_by_industry, k_function, kd_envelope, kd_function, m_envelope, m_function

DBMSS = {"M": {5_000: 0.05, 20_000: 0.5, 40_000: 2.1}, "Kd": {5_000: 0.4, 20_000: 3.9, 40_000: 15.3}}
"""Seconds of Mhat and of exact Kdhat (dbmss 2.11-0), as quoted."""


def points(number: int) -> tuple[np.ndarray, np.ndarray]:
    """Half of the points in 200 towns, half anywhere, metres."""
    rng = np.random.default_rng(1)
    towns, which = rng.random((200, 2)), rng.integers(0, 200, number)
    near = rng.random(number) < 0.5
    found = []
    for axis in (0, 1):
        spread = 1.0 - np.abs(1.0 - np.abs(towns[which, axis] + rng.normal(0.0, 0.02, number)))
        found.append(np.where(near, spread, rng.random(number)) * 1e5)
    return found[0], found[1]


def timed(job: Callable[..., Any], *given: Any, **named: Any) -> tuple[str, Any]:
    """Seconds of a job by the clock, those of the processor (all its threads) in brackets, and what it gave."""
    start, spent = time.perf_counter(), time.process_time()
    result = job(*given, **named)
    return f"{time.perf_counter() - start:.2f} ({time.process_time() - spent:.2f})", result


def main() -> None:
    """Print the section."""
    r_kd, r_m = np.linspace(0.0, 40_000.0, 51), np.linspace(0.0, 70_000.0, 65)[1:]
    small = points(1_000)
    for function in (kd_function, k_function):
        function(*small, r_kd[1:5])
        function(*small, r_kd[1:5], method="grid")
    m_function(*small, r_m[:5], reference=np.arange(1_000) < 100)
    m_function(*small, r_m[:5], reference=np.arange(1_000) < 100, method="grid")
    print(
        f"**Points.** `python -m benchmarks points` on {os.cpu_count()} cores, CPython {platform.python_version()}; seconds by the clock, of the processor in brackets."
    )
    print("dbmss' seconds are quoted from its run with R on this kind of machine, not measured here.\n")
    print("| points | M, a tenth is the industry | M, half is | dbmss M | Kd exact | dbmss Kd exact | K exact |")
    print("|---|---|---|---|---|---|---|")
    for number in (5_000, 20_000, 40_000):
        x, y = points(number)
        rank = np.random.default_rng(0).permutation(number)
        few, half = (timed(m_function, x, y, r_m, reference=rank < number * share)[0] for share in (0.1, 0.5))
        kd = timed(kd_function, x, y, r_kd)[0]
        k = timed(k_function, x, y, r_kd[1:], window=(0, 0, 1e5, 1e5))[0]
        quoted = (DBMSS["M"][number], DBMSS["Kd"][number])
        print(f"| {number:,} | {few} | {half} | {quoted[0]} | {kd} | {quoted[1]} | {k} |")
    _million(r_kd)
    _simulations()


def _million(r: np.ndarray) -> None:
    number = 1_000_000
    x, y = points(number)
    industry = np.random.default_rng(0).random(number) < 0.1
    print("\n| one million points | seconds | largest error against the exact curve of 200 points | distances |")
    print("|---|---|---|---|")
    for name, job, distances, given in (
        ("K", k_function, r[1:], {"window": (0, 0, 1e5, 1e5)}),
        ("Kd", kd_function, r, {}),
        ("M, a tenth is the industry", m_function, r[2::2], {"reference": industry}),
    ):
        seconds, curve = timed(job, x, y, distances, **given)
        reach = curve.distances[-1] / 1000.0
        print(f"| {name} | {seconds} | {curve.error:.1e} | {curve.distances.size} to {reach:.0f} km |")


def _simulations() -> None:
    number = 100_000
    x, y = points(number)
    r = np.linspace(0.0, 20_000.0, 41)
    rank = np.random.default_rng(0).permutation(number)
    weight = np.random.default_rng(2).lognormal(2.0, 1.0, number)
    print("\n| 1,000 simulations on 100,000 sites | seconds |")
    print("|---|---|")
    for size in (100, 1_000):
        seconds = timed(kd_envelope, x, y, r, reference=rank < size)[0]
        print(f"| Kd, {size:,} establishments | {seconds} |")
        seconds = timed(m_envelope, x, y, r[1:], reference=rank < size)[0]
        print(f"| M, {size:,} establishments, random location | {seconds} |")
    seconds = timed(m_envelope, x, y, r[1:], reference=rank < 100, weight=weight)[0]
    print(f"| M, 100 establishments, weighted by employees, random location | {seconds} |")
    sizes = np.random.default_rng(3).zipf(1.6, 60).clip(10, 2_000)
    labels = np.repeat(np.arange(sizes.size), sizes).astype(str)
    at = rank[: labels.size]
    seconds = timed(concentration_by_industry, x[at], y[at], r, industries=labels)[0]
    print(f"| Kd of {sizes.size} industries, {labels.size:,} establishments in all, one by one by joblib | {seconds} |")


if __name__ == "__main__":
    main()
