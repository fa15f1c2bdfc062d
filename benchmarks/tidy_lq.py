"""Location quotients over a long tidy table, side by side: Almaz, Polars, DuckDB, pandas.

Each contender reads the same generated Parquet file and writes the rows with their quotient to Parquet (snappy), in a
process of its own. `main()` prints a Markdown section. The table is generated, not observed; its parameters say so.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

FORMULA = "employment, its share in the region over its share in the country, by year"


def generate(file: Path, regions: int, industries: int, years: int, threads: int) -> None:
    """A table of made-up employment: sizes of regions and industries are log-normal, a tenth of the cells is empty."""
    import duckdb

    with duckdb.connect() as engine:
        engine.sql(f"set threads = {threads}")
        engine.sql(f"""
            copy (
                select printf('%05d', r) region, printf('%06d', 110000 + i * 7) industry, (2001 + y)::int as year,
                    case when hash(r, i, y, 'empty') % 10 = 0 then 0 else
                        round(exp(hash(r, 'region') % 700 / 100 + hash(i, 'industry') % 400 / 100
                            + hash(r, i, y) % 300 / 100)) end::double employment
                from range({years}) a(y), range({regions}) b(r), range({industries}) c(i)
            ) to '{file}' (format parquet, compression snappy)""")


def almaz(source: Path, result: Path, threads: int) -> None:
    from almaz.tables.engine import connection
    from almaz.tables.location_quotients import location_quotients

    engine = connection(threads=threads, memory_limit="2GB", temporary=result.parent)
    quotients = location_quotients(engine.read_parquet(source), value="employment")
    engine.to_parquet(quotients, result, compression="snappy")


def polars_joins(source: Path, result: Path, _threads: int) -> None:
    import polars as pl

    rows = pl.scan_parquet(source)
    region = rows.group_by("year", "region").agg(b=pl.col("employment").sum())
    industry = rows.group_by("year", "industry").agg(x=pl.col("employment").sum())
    nation = industry.group_by("year").agg(total=pl.col("x").sum())
    share = industry.join(nation, on="year").select("year", "industry", share=pl.col("x") / pl.col("total"))
    joined = rows.join(region, on=["year", "region"]).join(share, on=["year", "industry"])
    lq = pl.col("employment") / pl.col("b") / pl.col("share")
    joined.select("region", "industry", "year", "employment", lq=lq).sink_parquet(result, compression="snappy")


def polars_windows(source: Path, result: Path, _threads: int) -> None:
    import polars as pl

    x = pl.col("employment")
    lq = (x / x.sum().over("year", "region")) / (x.sum().over("year", "industry") / x.sum().over("year"))
    pl.scan_parquet(source).with_columns(lq=lq).sink_parquet(result, compression="snappy")


def duckdb_joins(source: Path, result: Path, threads: int) -> None:
    _duckdb(
        f"""
        with region as (select year, region, sum(employment) b from '{source}' group by all),
            industry as (select year, industry, sum(employment) x from '{source}' group by all),
            nation as (select year, sum(x) total from industry group by all),
            share as (select year, industry, x / total share from industry join nation using (year))
        select t.region, t.industry, t.year, t.employment, t.employment / b / share lq
        from '{source}' t join region using (year, region) join share using (year, industry)""",
        result,
        threads,
    )


def duckdb_windows(source: Path, result: Path, threads: int) -> None:
    _duckdb(
        f"""
        select region, industry, year, employment,
            (employment / sum(employment) over (partition by year, region))
            / (sum(employment) over (partition by year, industry) / sum(employment) over (partition by year)) lq
        from '{source}'""",
        result,
        threads,
    )


def _duckdb(query: str, result: Path, threads: int) -> None:
    import duckdb

    with duckdb.connect() as engine:
        engine.sql(f"set threads = {threads}")
        engine.sql(f"set temp_directory = '{result.parent}'")
        engine.sql("set preserve_insertion_order = false")
        engine.sql(f"copy ({query}) to '{result}' (format parquet, compression snappy)")


def pandas(source: Path, result: Path, _threads: int) -> None:
    import pandas as pd

    rows = pd.read_parquet(source, dtype_backend="pyarrow")
    x = rows["employment"]
    region = x.groupby([rows["year"], rows["region"]]).transform("sum")
    industry = x.groupby([rows["year"], rows["industry"]]).transform("sum")
    rows["lq"] = (x / region) / (industry / x.groupby(rows["year"]).transform("sum"))
    rows.to_parquet(result, compression="snappy")


CONTENDERS: dict[str, Callable[[Path, Path, int], None]] = {
    "Almaz": almaz,
    "Polars, lazy joins": polars_joins,
    "Polars, lazy windows": polars_windows,
    "DuckDB, joins": duckdb_joins,
    "DuckDB, windows": duckdb_windows,
    "pandas": pandas,
}
IMPORTS = {"Almaz": "ibis.backends.duckdb", "Polars": "polars", "DuckDB": "duckdb", "pandas": "pandas"}


def largest_difference(one: Path, other: Path, years: int) -> float:
    """The largest relative difference between two results, row by row; every row must have its partner."""
    import duckdb

    largest = 0.0
    with duckdb.connect() as engine:
        engine.sql(f"set memory_limit = '2GB'; set temp_directory = '{one.parent}'")
        for year in range(2001, 2001 + years):
            lost, worst = engine.sql(f"""
                select count(*) filter (a.lq is distinct from b.lq and (a.lq is null or b.lq is null)),
                    max(abs(a.lq - b.lq) / greatest(abs(b.lq), 1e-300))
                from (from '{one}' where year = {year}) a
                full join (from '{other}' where year = {year}) b using (region, industry)""").fetchall()[0]
            largest = float("inf") if lost else max(largest, worst or 0.0)
    return largest


def work(name: str, source: Path, result: Path, threads: int) -> None:
    """One contender in this process: seconds without the imports, peak memory with them."""
    import importlib
    import resource

    importlib.import_module(IMPORTS[name.split(",", maxsplit=1)[0]])
    start = time.perf_counter()
    CONTENDERS[name](source, result, threads)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(json.dumps({"seconds": seconds, "gigabytes": peak}))


def run(arguments: Sequence[str], threads: int) -> str:
    environment = {**os.environ, "POLARS_MAX_THREADS": str(threads), "OMP_NUM_THREADS": str(threads)}
    command = [sys.executable, __file__, *arguments, "--threads", str(threads)]
    finished = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if finished.returncode:
        return json.dumps({"failed": (finished.stderr.strip().splitlines() or [f"code {finished.returncode}"])[-1]})
    return finished.stdout


def section(regions: int, industries: int, years: int, threads: int, contenders: Sequence[str]) -> str:
    """The Markdown section: one row per contender."""
    lines = [
        "## Location quotients over a tidy table",
        "",
        f"{regions * industries * years:,} generated rows ({regions:,} regions × {industries:,} industries × {years} "
        f"years, Parquet), {FORMULA}; Parquet (snappy) to Parquet, {threads} threads, one process each.",
        "",
        "| contender | seconds | peak memory, GB | largest relative difference from Almaz |",
        "|---|---:|---:|---:|",
    ]
    with tempfile.TemporaryDirectory(prefix="almaz-tidy-lq-") as folder:
        source, ours, theirs = (Path(folder) / f"{name}.parquet" for name in ("source", "almaz", "peer"))
        size = ["--regions", str(regions), "--industries", str(industries), "--years", str(years)]
        run([*size, "--generate", str(source)], threads)
        for name in contenders:
            result = ours if name == "Almaz" else theirs
            found = json.loads(run(["--work", name, "--source", str(source), "--result", str(result)], threads))
            if "failed" in found:
                lines.append(f"| {name} | failed: {found['failed']} | | |")
                continue
            difference = "" if name == "Almaz" else run([*size, "--compare", str(ours), str(theirs)], threads).strip()
            lines.append(f"| {name} | {found['seconds']:.1f} | {found['gigabytes']:.2f} | {difference} |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the section; or, called by itself, do the work of one process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--regions", type=int, default=3200)
    parser.add_argument("--industries", type=int, default=1000)
    parser.add_argument("--years", type=int, default=16)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--without", nargs="*", default=[], help="contenders to leave out, by the first word")
    parser.add_argument("--generate", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--compare", type=Path, nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--work", choices=list(CONTENDERS), help=argparse.SUPPRESS)
    parser.add_argument("--source", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--result", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.generate:
        generate(given.generate, given.regions, given.industries, given.years, given.threads)
    elif given.compare:
        print(f"{largest_difference(*given.compare, given.years):.1e}")
    elif given.work:
        work(given.work, given.source, given.result, given.threads)
    else:
        chosen = [name for name in CONTENDERS if not any(name.startswith(word) for word in given.without)]
        print(section(given.regions, given.industries, given.years, given.threads, chosen))


if __name__ == "__main__":
    main()
