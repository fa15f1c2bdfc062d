"""The main job at full size: 892,396 rows of 3,271 counties, from the file to the edition, seconds per stage and peak memory.

Needs ALMAZ_DATA, the folder that holds us_qcew_2016/. Every run is a process of its own; `main()` prints a Markdown section.
"""

from __future__ import annotations

import csv
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

STUDY = """
[study]
name = "us-counties-2016"
title = {{ en = "Clusters of the U.S. counties, 2016" }}
[[data]]
file = "{data}/counties.parquet"
where = {{ own_code = "5" }}
dimensions = {{ region = "region", industry = "industry" }}
marks = {{ "" = "suppressed" }}
[data.values]
employment_dec2015 = {{ measure = "employment", year = 2015 }}
employment_dec2016 = {{ measure = "employment", year = 2016 }}
establishments_q4_2015 = {{ measure = "establishments", year = 2015 }}
establishments_q4_2016 = {{ measure = "establishments", year = 2016 }}
wages_usd = {{ measure = "wages", year = 2016 }}
[regions]
file = "regions.csv"
[industries]
system = "NAICS 2012"
absent = "nil"
[clusters]
definition = "{sample}/naics_to_cluster.csv"
names = "{sample}/clusters.csv"
concordance = "{sample}/naics_2017_to_2012.csv"
"""


def study(folder: Path, data: Path) -> Path:
    """Write the study of all counties (codes ending in 999 are no place) into a folder."""
    sample = Path(__file__).parents[1] / "src" / "almaz" / "samples" / "us_states_2016"
    with (data / "regions.csv").open(encoding="utf-8", newline="") as source:
        rows = [row for row in csv.DictReader(source) if row["region"][2:] not in ("000", "999")]
    with (folder / "regions.csv").open("w", encoding="utf-8", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(["region", "name_en", "name_ru", "name_ky"])
        writer.writerows([row["region"], *[row["region_title"]] * 3] for row in rows)
    file = folder / "study.toml"
    file.write_text(STUDY.format(data=data, sample=sample), encoding="utf-8")
    return file


def work(file: Path, output: Path) -> None:
    """The job in this process, stage by stage, as JSON on the standard output."""
    from almaz.clusters import fillings, portfolio, strength, typology
    from almaz.study import run as run_module
    from almaz.study.file import load

    seconds: dict[str, tuple[float, float]] = {}
    timed = {"portfolio with intervals": (run_module, "portfolio"), "strength, four rules": (run_module, "strength"),
             "typology": (run_module, "typology")}  # fmt: skip
    for name, (module, function) in timed.items():
        setattr(module, function, _timed(getattr(module, function), name, seconds))
    assert all((fillings, portfolio, strength, typology))
    stages: list[tuple[str, tuple[float, float]]] = []
    start = _now()
    edition = run_module.run(load(file), output, lambda stage: stages.append((stage, _now())))
    end = _now()
    whole = {
        name: (after[0] - begun[0], after[1] - begun[1])
        for (name, begun), after in zip(stages, [at for _name, at in stages[1:]] + [end], strict=True)
    }
    table = edition.table("portfolio")
    print(
        json.dumps(
            {
                "stages": whole,
                "inside": seconds,
                "total": (end[0] - start[0], end[1] - start[1]),
                "gigabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2,
                "rows": sum(edition.table("sources")["rows"].to_pylist()),
                "regions": len(set(table["region"].to_pylist())),
                "clusters": len(set(table["cluster"].to_pylist())),
                "bytes": sum(part.stat().st_size for part in edition.path.iterdir()),
            }
        )
    )


def _now() -> tuple[float, float]:
    """Seconds on the wall, and of all this process' processors: on a busy machine only the second means much."""
    return time.perf_counter(), time.process_time()


def _timed(function, name, seconds):  # type: ignore[no-untyped-def]
    def measured(*arguments, **options):  # type: ignore[no-untyped-def]
        start = _now()
        result = function(*arguments, **options)
        end = _now()
        seconds[name] = (end[0] - start[0], end[1] - start[1])
        return result

    return measured


def section(found: dict) -> str:  # type: ignore[type-arg]
    """The Markdown section."""
    lines = [
        "## The whole portfolio of the U.S. counties",
        "",
        f"{found['rows']:,} rows, {found['regions']:,} counties × {found['clusters']} clusters, two years, from Parquet to a "
        f"finished edition ({found['bytes'] / 1e6:.0f} MB), {os.cpu_count()} cores.",
        "",
        "| stage | seconds | processor seconds |",
        "|---|---:|---:|",
        *(f"| {name} | {wall:.1f} | {work:.1f} |" for name, (wall, work) in found["stages"].items()),
        f"| **all** | **{found['total'][0]:.1f}** | **{found['total'][1]:.1f}** |",
        *(f"| of which {name} | {wall:.1f} | {work:.1f} |" for name, (wall, work) in found["inside"].items()),
        "",
        f"Peak memory {found['gigabytes']:.1f} GB.",
    ]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the section; or, called by itself, do the job of one process."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["--work"]:
        work(Path(given[1]), Path(given[2]))
        return
    folder = os.environ.get("ALMAZ_DATA")
    if folder is None:
        print("portfolio: set ALMAZ_DATA to the folder that holds us_qcew_2016/")
        return
    with tempfile.TemporaryDirectory(prefix="almaz-portfolio-") as place:
        file = study(Path(place), Path(folder) / "us_qcew_2016")
        command = [sys.executable, __file__, "--work", str(file), str(Path(place) / "editions")]
        finished = subprocess.run(command, capture_output=True, text=True, check=False)
        if finished.returncode:
            sys.stderr.write(finished.stderr)
            sys.exit(1)
        print(section(json.loads(finished.stdout)))


if __name__ == "__main__":
    main()
