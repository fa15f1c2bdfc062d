"""How fast figures are read and checked: the 1.6 million rows of U.S. counties, as Parquet and as CSV, beside bare CSV parsers.

    ALMAZ_DATA=/folder/with/us_qcew_2016 python -m benchmarks reading

The bare parsers only make columns of texts and numbers; Almaz reads marks and hidden figures, keeps every figure's place, and, in
the last line, matches regions and checks duplicates, totals, units and ratios too.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pyarrow.csv
import pyarrow.parquet as pq

COLUMNS = ["region", "own_code", "industry", "employment_dec2015", "employment_dec2016", "establishments_q4_2015",
           "establishments_q4_2016", "wages_usd"]  # fmt: skip
VALUES = {
    "employment_dec2015": {"measure": "employment", "year": 2015},
    "employment_dec2016": {"measure": "employment", "year": 2016},
    "establishments_q4_2015": {"measure": "establishments", "year": 2015},
    "establishments_q4_2016": {"measure": "establishments", "year": 2016},
    "wages_usd": {"measure": "wages", "year": 2016},
}
CAREFUL = 100_000
"""Rows that the careful way is given."""


def source(file: Path):
    from almaz.tables.schema import Status
    from almaz.tables.source import Source

    return Source(
        file,
        dimensions={"region": "region", "industry": "industry"},
        values=VALUES,
        where={"own_code": "5"},
        marks={"": Status.SUPPRESSED},
    )


def almaz_parquet(folder: Path) -> int:
    from almaz.tables.source import read

    return read(source(folder / "counties.parquet")).rows


def almaz_csv(folder: Path) -> int:
    from almaz.tables.source import read

    return read(source(folder / "counties.csv")).rows


def almaz_csv_careful(folder: Path) -> int:
    from almaz.tables.source import read

    return read(source(folder / "irregular.csv")).rows


def almaz_check(folder: Path) -> int:
    from almaz.study.checking import check
    from almaz.study.file import load

    material = check(load(folder / "study.toml"))
    return sum(material.sources["rows"].to_pylist())


def pandas_csv(folder: Path) -> int:
    import pandas

    return len(pandas.read_csv(folder / "counties.csv", dtype={"region": str, "own_code": str, "industry": str}))


def polars_csv(folder: Path) -> int:
    import polars

    return polars.read_csv(folder / "counties.csv", schema_overrides={"region": str, "own_code": str}).height


CONTENDERS = {
    "Almaz, Parquet: read": almaz_parquet,
    "Almaz, CSV: read": almaz_csv,
    f"Almaz, irregular CSV ({CAREFUL:,} rows), row by row: read": almaz_csv_careful,
    "pandas.read_csv, bare": pandas_csv,
    "Polars read_csv, bare": polars_csv,
    "Almaz, Parquet: read, placed and checked": almaz_check,
}


def prepared(folder: Path) -> None:
    """The same figures as Parquet, as a regular CSV, and as a smaller one with an empty line in it."""
    data = Path(os.environ["ALMAZ_DATA"]) / "us_qcew_2016"
    for name in ("counties.parquet", "regions.csv"):
        (folder / name).symlink_to(data / name)
    table = pq.read_table(data / "counties.parquet", columns=COLUMNS)
    pyarrow.csv.write_csv(table, folder / "counties.csv", pyarrow.csv.WriteOptions(quoting_style="needed"))
    lines = (folder / "counties.csv").read_text().splitlines(keepends=True)[: CAREFUL + 1]
    (folder / "irregular.csv").write_text("".join([*lines, "\n", lines[-1]]))
    values = "\n".join(
        f'{name} = {{ measure = "{said["measure"]}", year = {said["year"]} }}' for name, said in VALUES.items()
    )
    (folder / "study.toml").write_text(
        '[study]\nname = "counties"\ntitle = { en = "Counties" }\n[[data]]\nfile = "counties.parquet"\nwhere = { own_code = "5" }\n'
        'dimensions = { region = "region", industry = "industry" }\nmarks = { "" = "suppressed" }\n'
        f'[data.values]\n{values}\n[regions]\nfile = "regions.csv"\n[industries]\nsystem = "NAICS 2012"\nabsent = "nil"\n'
    )


def main() -> int:
    if len(sys.argv) == 3:
        start = time.perf_counter()
        rows = CONTENDERS[sys.argv[1]](Path(sys.argv[2]))
        print(rows, time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6)
        return 0
    if "ALMAZ_DATA" not in os.environ:
        print("set ALMAZ_DATA to the folder that holds us_qcew_2016/")
        return 2
    with tempfile.TemporaryDirectory() as folder:
        prepared(Path(folder))
        print("## Reading\n\n| contender | rows | seconds | rows a second | peak GB |\n|---|---|---|---|---|")
        for name in CONTENDERS:
            command = [sys.executable, "-m", "benchmarks.reading", name, folder]
            rows, seconds, peak = map(
                float, subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
            )
            print(f"| {name} | {rows:,.0f} | {seconds:.1f} | {rows / seconds:,.0f} | {peak:.2f} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
