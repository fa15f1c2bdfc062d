"""Studies of Rhode Island's counties for the engines' tests: the same figures by a [[data]] section and as a register."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

DATA = Path(__file__).parents[1] / "data"
SAMPLE = Path(__file__).parents[2] / "src" / "almaz" / "samples" / "us_states_2016"
HEAD = """
[study]
name = "rhode-island"
title = { en = "Rhode Island" }
[regions]
file = "regions.csv"
[industries]
system = "NAICS 2012"
absent = "nil"
[clusters]
definition = "naics_to_cluster.csv"
concordance = "naics_2017_to_2012.csv"
"""
VALUES = """
employment_dec2015 = { measure = "employment", year = 2015 }
employment_dec2016 = { measure = "employment", year = 2016 }
establishments_q4_2015 = { measure = "establishments", year = 2015 }
establishments_q4_2016 = { measure = "establishments", year = 2016 }
wages_usd = { measure = "wages", year = 2016 }
"""
TIDY = f"""
[[data]]
file = "counties.parquet"
where = {{ own_code = "5" }}
dimensions = {{ region = "region", industry = "industry" }}
marks = {{ "" = "suppressed" }}
[data.values]{VALUES}"""


QUICK = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1"
"""For short runs: Java compiles once and little."""


def spark(master: str) -> str:
    """The section of a Spark engine."""
    return f"""
[engine]
kind = "spark"
master = "{master}"
memory = "900m"
[engine.settings]
"spark.sql.shuffle.partitions" = "4"
"spark.driver.extraJavaOptions" = "{QUICK}"
"spark.executor.extraJavaOptions" = "{QUICK}"
"""


def registered(place: str) -> str:
    """The section of the same figures as a register. place: its first line, file, address or table."""
    return f"""
[[registers]]
{place}
where = {{ own_code = "5" }}
dimensions = {{ region = "region", industry = "industry" }}
empty = "suppressed"
[registers.values]{VALUES}"""


def folder_of_rhode_island(folder: Path) -> Path:
    """A folder with the figures, the regions and the definition of the study."""
    folder.mkdir(parents=True, exist_ok=True)
    table = pq.read_table(DATA / "qcew_2016_rhode_island.parquet")
    pq.write_table(table, folder / "counties.parquet")
    pyarrow.csv.write_csv(table, folder / "counties.csv", pyarrow.csv.WriteOptions(quoting_style="needed"))
    counties = [code for code in sorted(set(table["region"].to_pylist())) if code[2:] not in ("000", "999")]
    (folder / "regions.csv").write_text("region,name_en\n" + "".join(f"{code},County {code}\n" for code in counties))
    for name in ("naics_to_cluster.csv", "naics_2017_to_2012.csv"):
        shutil.copy(SAMPLE / name, folder / name)
    return folder


def study(folder: Path, *sections: str, name: str = "study.toml") -> Path:
    file = folder / name
    file.write_text(HEAD + "".join(sections))
    return file


def load_table(address: str, name: str, table: pa.Table) -> None:
    """Put an Arrow table into PostgreSQL by COPY."""
    import io

    import psycopg

    kinds = {
        pa.string(): "text",
        pa.int64(): "bigint",
        pa.int32(): "integer",
        pa.float64(): "float8",
        pa.bool_(): "boolean",
    }
    columns = ", ".join(f'"{part.name}" {kinds.get(part.type, "numeric(12, 2)")}' for part in table.schema)
    held = io.BytesIO()
    pyarrow.csv.write_csv(table, held)
    with psycopg.connect(address, autocommit=True) as server:
        server.execute(f"DROP TABLE IF EXISTS {name}")
        server.execute(f"CREATE TABLE {name} ({columns})")
        with server.cursor() as cursor, cursor.copy(f"COPY {name} FROM STDIN (FORMAT csv, HEADER)") as rows:
            rows.write(held.getvalue())
