"""Programme evaluation on simulated panels with known effects: bias, coverage, power; and speed beside other programs.

Everything here is simulated, and named so. `main()` prints a Markdown section.
"""

from __future__ import annotations

import argparse
import importlib.util
import time
import warnings
from collections.abc import Callable

import numpy as np
from scipy import stats

from almaz.impact.aggregation import aggregate
from almaz.impact.comparisons import before_after, two_way_fixed_effects
from almaz.impact.group_time import group_time
from almaz.impact.imputation import aggregate_imputed, impute
from almaz.impact.inference import pointwise, shuffles
from almaz.impact.panel import Panel
from almaz.impact.power import Design, Noise, minimum_detectable_effect, power_curve
from almaz.impact.simulation import Scene, simulated
from almaz.impact.synthetic_control import placebo_test

SCENES = {
    "parallel, effect at once": Scene(effect=0.10, growth=0.0),
    "no effect": Scene(effect=0.0, growth=0.0),
    "staggered, effect grows, few never join": Scene(
        units=80, times=12, cohorts={3: 30, 8: 30}, effect=0.05, growth=0.03
    ),
    "joined after a chance peak": Scene(effect=0.10, growth=0.0, selection=3.0),
    "the same, base two years earlier": Scene(effect=0.10, growth=0.0, selection=3.0),
    "drift of their own, 0.02 a year": Scene(effect=0.10, growth=0.0, trend=0.02),
}


def estimates(panel: Panel, back: int = 0) -> dict[str, tuple[float, float]]:
    simple = aggregate(group_time(panel, anticipation=back), "simple")
    filled, two_way, naive = (
        aggregate_imputed(impute(panel), "simple"),
        two_way_fixed_effects(panel),
        before_after(panel),
    )
    return {
        "group–time": (simple.overall, simple.overall_error),
        "imputation": (filled.overall, filled.overall_error),
        "two-way fixed effects": (two_way.effect, two_way.error),
        "before and after": (naive.effect, naive.error),
    }


def bias_and_coverage(repeats: int) -> None:
    print(f"\n**Bias and coverage of 95 % intervals** (simulated, {repeats} panels a row)\n")
    print("| world | true effect | estimator | bias | root mean squared error | coverage |\n|---|---|---|---|---|---|")
    for name, scene in SCENES.items():
        found: dict[str, list[tuple[float, bool]]] = {}
        truths = []
        for seed in range(repeats):
            panel, effect = simulated(scene, seed)
            true = float(np.nanmean(effect))
            truths.append(true)
            for estimator, (value, error) in estimates(panel, 2 if "earlier" in name else 0).items():
                found.setdefault(estimator, []).append((value - true, abs(value - true) < pointwise() * error))
        for estimator, rows in found.items():
            off, covered = np.array(rows, dtype=float).T
            print(
                f"| {name} | {np.mean(truths):.3f} | {estimator} | {off.mean():+.3f} | {np.sqrt((off**2).mean()):.3f} | {covered.mean():.0%} |"
            )


def few_units(repeats: int) -> None:
    print(
        f"\n**How few is too few** (simulated, no effect, {repeats} panels a row): claims made by chance, 5 % wanted\n"
    )
    print(
        "| in the programme | outside | 1.96 errors | t of the smaller side | shuffling who joined | smallest chance that can come out |\n|---|---|---|---|---|---|"
    )
    for treated, untreated in ((1, 8), (2, 7), (2, 40), (5, 40), (10, 10), (10, 40), (20, 40)):
        scene = Scene(units=treated + untreated, times=10, cohorts={5: treated}, effect=0.0, growth=0.0)
        normal, student, shuffled, smallest = [], [], [], 1.0
        critical = stats.t.ppf(0.975, min(treated, untreated) - 1) if treated > 1 else np.inf
        for seed in range(repeats):
            panel, _effect = simulated(scene, seed)
            simple = aggregate(group_time(panel), "simple")
            normal.append(abs(simple.overall) > pointwise() * simple.overall_error)
            student.append(abs(simple.overall) > critical * simple.overall_error)
            made = shuffles(
                panel, lambda one: np.array([aggregate(group_time(one), "simple").overall]), draws=199, seed=seed
            )
            shuffled.append(made.p()[0] <= 0.05)
            smallest = made.smallest_p
        print(
            f"| {treated} | {untreated} | {np.mean(normal):.0%} | {np.mean(student):.0%} | {np.mean(shuffled):.0%} | {smallest:.3f} |"
        )


def power(repeats: int) -> None:
    print(f"\n**Power: foretold and found** (simulated, {repeats} panels a row; deviation 0.1, correlation 0.5)\n")
    print("| in / outside | years before / after | effect | foretold | found |\n|---|---|---|---|---|")
    heard = Noise(0.1, 0.5)
    for treated, untreated in ((10, 20), (20, 40), (40, 80)):
        design = Design(treated, untreated, 1, 6)
        for share in (0.5, 1.0):
            effect = share * minimum_detectable_effect(design, heard).effect
            scene = Scene(units=treated + untreated, times=12, cohorts={6: treated}, effect=effect, growth=0.0)
            hits = []
            for seed in range(repeats):
                simple = aggregate(group_time(simulated(scene, seed)[0]), "simple")
                hits.append(abs(simple.overall) > pointwise() * simple.overall_error)
            foretold = power_curve(design, heard, np.array([effect]))[0]
            print(f"| {treated} / {untreated} | 1 / 6 | {effect:.3f} | {foretold:.0%} | {np.mean(hits):.0%} |")


def synthetic(repeats: int) -> None:
    print(f"\n**Synthetic control, one region of 20** (simulated, {repeats} panels a row): claims at a tenth\n")
    print("| effect | mean estimate | claimed (rank 1 or 2 of 20) |\n|---|---|---|")
    for effect in (0.0, 0.2, 0.4):
        scene = Scene(units=20, times=25, cohorts={18: 1}, effect=effect, growth=0.0, correlation=0.3)
        rows = []
        for seed in range(repeats):
            panel, _effect = simulated(scene, seed)
            unit = panel.units[int(np.flatnonzero(np.isfinite(panel.first))[0])]
            test = placebo_test(panel, unit, shifted=True)
            rows.append((test.control.effect, test.p <= 0.1))
        mean, claimed = np.array(rows, dtype=float).mean(axis=0)
        print(f"| {effect:.1f} | {mean:+.3f} | {claimed:.0%} |")


def timed(job: Callable[[], object], times: int = 3) -> float:
    best = float("inf")
    for _time in range(times):
        start = time.perf_counter()
        job()
        best = min(best, time.perf_counter() - start)
    return best


def speed(units: int) -> None:
    import pandas as pd
    import pyfixest

    scene = Scene(units=units, times=10, cohorts={4: units // 5, 6: units // 5, 8: units // 5})
    panel, _effect = simulated(scene, 1)
    frame = pd.DataFrame(
        {
            "unit": np.repeat(np.arange(units), 10), "time": np.tile(np.arange(10), units), "y": panel.outcome.ravel(),
            "treated": panel.treated.ravel().astype(int),
            "cohort": np.repeat(np.where(np.isfinite(panel.first), panel.first, 0), 10),
        }
    )  # fmt: skip
    print(f"\n**Seconds, {units:,} units × 10 years, three cohorts** (best of three, process warm)\n")
    print("| what | program | seconds | effect | error |\n|---|---|---|---|---|")

    def ours() -> tuple[float, float]:
        found = aggregate(group_time(panel), "simple")
        return found.overall, found.overall_error

    def filled() -> tuple[float, float]:
        found = aggregate_imputed(impute(panel), "simple")
        return found.overall, found.overall_error

    def two_stage() -> tuple[float, float]:
        fit = pyfixest.did2s(
            frame,
            yname="y",
            first_stage="~ 0 | unit + time",
            second_stage="~ treated",
            treatment="treated",
            cluster="unit",
        )
        return float(fit.coef().loc["treated"]), float(fit.se().loc["treated"])

    jobs: list[tuple[str, str, Callable[[], tuple[float, float]]]] = [
        ("group–time effects and errors", "Almaz", ours), ("imputation and errors", "Almaz", filled),
        ("two-stage imputation", "pyfixest did2s", two_stage),
    ]  # fmt: skip
    if importlib.util.find_spec("csdid"):
        jobs.insert(1, ("group–time effects and errors", "csdid", lambda: _csdid(frame)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for what, program, job in jobs:
            seconds, (effect, error) = timed(job), job()
            print(f"| {what} | {program} | {seconds:.3f} | {effect:.6f} | {error:.6f} |")
    if not importlib.util.find_spec("csdid"):
        print("\ncsdid (the Python port of R's did) was not installed here.")


def _csdid(frame: object) -> tuple[float, float]:
    from csdid.att_gt import ATTgt

    fit = ATTgt(yname="y", gname="cohort", idname="unit", tname="time", xformla="y~1", data=frame).fit(bstrap=False)
    found = fit.aggte(typec="simple", bstrap=False, cband=False).atte
    return float(found["overall_att"]), float(np.squeeze(found["overall_se"]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=400)
    parser.add_argument("--units", type=int, default=2_000)
    parser.add_argument("--part", choices=("bias", "few", "power", "synthetic", "speed", "all"), default="all")
    chosen = parser.parse_args()
    print(
        "## Programme evaluation\n\n`python -m benchmarks impact`; all panels are simulated (almaz.impact.simulation)."
    )
    parts = {"bias": bias_and_coverage, "few": few_units, "power": power, "synthetic": synthetic}
    for name, part in parts.items():
        if chosen.part in (name, "all"):
            part(chosen.repeats)
    if chosen.part in ("speed", "all"):
        speed(chosen.units)


if __name__ == "__main__":
    main()
