"""The search for a cluster definition on the real counties: how long, how good, and against the published 51 clusters.

`ALMAZ_DATA=… python -m benchmarks derive` needs the folder that holds us_qcew_2016/counties.parquet; everything else is the sample's.
"""

from __future__ import annotations

import csv
import os
import sys
import tempfile
import time
from importlib.resources import files
from pathlib import Path

import numpy as np

from almaz.clusters.derive import DeriveOptions, derive, overlap
from almaz.clusters.opportunity import entry
from almaz.clusters.similarity import Places, Similarities, places, similarities
from almaz.clusters.stability import stability
from almaz.clusters.traded import dispersion
from almaz.clusters.validation import adjusted_rand, best_match, overall, score_all
from almaz.study.checking import check
from almaz.study.file import Study, load
from almaz.study.relatedness import traded_between
from almaz.study.run import laid_out
from almaz.tables.activity import Activity

SAMPLE = Path(str(files("almaz"))) / "samples" / "us_states_2016"


def counties(folder: Path) -> tuple[Study, Activity]:
    """The states' study with the counties' file instead, laid out: hidden employment estimated."""
    with tempfile.TemporaryDirectory() as place:
        study = Path(place) / "study.toml"
        written = (SAMPLE / "study.toml").read_text(encoding="utf-8").split("[potential]")[0]
        for name in ("naics_to_cluster.csv", "clusters.csv", "naics_2017_to_2012.csv", "industries.csv", "use_2007.csv",
                     "table_industries.csv", "industries_to_naics.csv", "use_1997_2015.parquet"):  # fmt: skip
            written = written.replace(f'"{name}"', f'"{SAMPLE / name}"')
        written = written.replace('"states.parquet"', f'"{folder / "us_qcew_2016" / "counties.parquet"}"')
        written = written.replace('geometry = "states.json"\n', "")
        study.write_text(written, encoding="utf-8")
        with (folder / "us_qcew_2016" / "regions.csv").open(encoding="utf-8", newline="") as source:
            codes = [row for row in csv.DictReader(source) if len(row["region"]) == 5 and row["region"].isdigit()]
        with (Path(place) / "regions.csv").open("w", encoding="utf-8", newline="") as target:
            writer = csv.writer(target)
            writer.writerow(["region", "parent", "kind", "name_en", "name_ru", "name_ky"])
            for row in codes:
                if not row["region"].endswith(("000", "999")):
                    writer.writerow([row["region"], "", "county", row["region_title"], "", ""])
        loaded = load(study)
        return loaded, laid_out(loaded, check(loaded, _tell), _tell)


def _tell(stage: str) -> None:
    sys.stderr.write(f"  {stage}\n")


def published(activity: Activity) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Columns of the published traded industries, their cluster by number, the clusters' names."""
    with (SAMPLE / "naics_to_cluster.csv").open(encoding="utf-8", newline="") as source:
        given = {row["industry"]: row["cluster"] for row in csv.DictReader(source) if row["kind"] == "traded"}
    columns = np.array([place for place, code in enumerate(activity.industries) if code in given])
    names = sorted({given[activity.industries[place]] for place in columns})
    return columns, np.array([names.index(given[activity.industries[place]]) for place in columns]), names


def matrices(
    study: Study, activity: Activity, columns: np.ndarray
) -> tuple[Places, dict[str, np.ndarray], Similarities]:
    """Relatedness by place and by trade of these columns."""
    codes = tuple(activity.industries[place] for place in columns)
    held = places(activity, columns, "employment")
    assert study.chains is not None
    trade = {"input_output": traded_between(study.chains, codes)}
    return held, trade, similarities(codes, held, trade)


def main() -> None:
    """Run all and print a Markdown section."""
    data = os.environ.get("ALMAZ_DATA")
    if data is None:
        sys.exit("ALMAZ_DATA does not name the folder that holds us_qcew_2016/")
    out = [
        f"**A definition from the counties.** `ALMAZ_DATA=… python -m benchmarks derive`, {os.cpu_count()} cores.",
        "",
    ]
    start = time.perf_counter()
    study, activity = counties(Path(data))
    out.append(
        f"Reading and laying out {len(activity.regions):,} counties × {len(activity.industries):,} industries: {time.perf_counter() - start:.0f} s."
    )

    spread = dispersion(places(activity, np.arange(len(activity.industries)), "employment").employment)
    columns = np.flatnonzero(spread.traded)
    _held, _trade, found = matrices(study, activity, columns)
    start = time.perf_counter()
    wide = derive(found.matrices, DeriveOptions())
    out += [
        f"Search with kinds by dispersion: {len(wide.candidates)} candidate sets of {len(columns)} traded industries in {time.perf_counter() - start:.0f} s.",
        "",
    ]

    columns, theirs, names = published(activity)
    known = np.isin(np.arange(len(activity.industries)), columns)
    agree = (spread.traded == known)[[i for i, code in enumerate(activity.industries) if code in _kinds()]].mean()
    out.append(f"Kinds by dispersion agree with the published ones for {agree:.1%} of industries.")
    held, trade, found = matrices(study, activity, columns)
    start = time.perf_counter()
    made = derive(found.matrices, DeriveOptions())
    seconds = time.perf_counter() - start
    best = made.best
    out += [
        f"Search over the published traded industries: {len(made.candidates)} sets of {len(columns)} industries in {seconds:.0f} s; the best: "
        f"{best.matrix}, {best.transformation}, {best.function}, {best.clusters} clusters; {len(made.moved)} marginal industries moved.",
        "", "| scored on | ours | published 51 |", "|---|---|---|",
    ]  # fmt: skip
    given = score_all(found.matrices, theirs)
    out += [f"| {name} | {made.scores[name].overall:.3f} | {given[name].overall:.3f} |" for name in found.matrices]
    out += [f"| **mean** | **{overall(made.scores):.3f}** | **{overall(given):.3f}** |", ""]
    out += ["| level and test, combined matrix | ours | published |", "|---|---|---|"]
    out += [f"| {part} | {getattr(made.scores['combined'], part):.3f} | {getattr(given['combined'], part):.3f} |"
            for part in ("cluster_mean", "cluster_high", "industry_mean", "industry_high", "margin")]  # fmt: skip
    out += ["", f"Adjusted Rand, ours against published: {adjusted_rand(made.labels, theirs):.3f}; the candidate nearest to the published set: "
            f"{max(adjusted_rand(c.labels, theirs) for c in made.candidates):.3f}. Mean agreement among the twenty best candidates: "
            f"{overlap(made.candidates)[~np.eye(20, dtype=bool)].mean():.2f}."]  # fmt: skip
    out += halves(study, activity, columns, theirs)
    start = time.perf_counter()
    sure = stability(made, held, trade, draws=20)
    out.append(
        f"Stability over 20 draws of counties ({time.perf_counter() - start:.0f} s): mean {sure.mean():.2f}, lowest tenth below {np.quantile(sure, 0.1):.2f}."
    )
    _match, share, jaccard = best_match(theirs, made.labels)
    out += ["", "| published cluster | industries | in one of ours | Jaccard |", "|---|---|---|---|"]
    out += [f"| {names[c]} | {(theirs == c).sum()} | {share[c]:.0%} | {jaccard[c]:.2f} |" for c in np.argsort(-jaccard)]
    start = time.perf_counter()
    units = activity.cells("establishments").value[:, columns, :]
    came = entry(units[:, :, 0].copy(), units[:, :, -1].copy())
    assert came.accuracy is not None
    assert came.calibration is not None
    out += ["", f"Entry 2015–2016, {came.accuracy.cases:,} cases, {came.accuracy.entries:,} entries ({time.perf_counter() - start:.0f} s), out of sample: AUC "
            f"{came.accuracy.auc:.3f}, without density {came.accuracy.auc_without_density:.3f}, density alone {came.accuracy.auc_density:.3f}; "
            f"chance given and share that came, by tenths: " + ", ".join(f"{p:.2%}/{o:.2%}" for p, o in zip(came.calibration.predicted, came.calibration.observed, strict=True)) + "."]  # fmt: skip
    sys.stdout.write("\n".join(out) + "\n")


def _kinds() -> set[str]:
    with (SAMPLE / "naics_to_cluster.csv").open(encoding="utf-8", newline="") as source:
        return {row["industry"] for row in csv.DictReader(source)}


def halves(study: Study, activity: Activity, columns: np.ndarray, theirs: np.ndarray) -> list[str]:
    """Out of sample: derived from half of the counties, scored on relatedness by place in the other half."""
    order = np.random.default_rng(1).permutation(len(activity.regions))
    half = [activity.take_regions([activity.regions[place] for place in np.sort(order[part::2])]) for part in (0, 1)]
    first, second = (matrices(study, part, columns)[2] for part in half)
    small = derive(first.matrices, DeriveOptions(functions=("spectral", "leiden"), transformations=("levels", "ranks")))
    other = {name: matrix for name, matrix in second.matrices.items() if name not in ("input_output", "combined")}
    ours, given = overall(score_all(other, small.labels)), overall(score_all(other, theirs))
    return [
        f"Derived from half of the counties and scored by place in the other half: {ours:.3f}, published {given:.3f}."
    ]


if __name__ == "__main__":
    main()
