"""Every county of the United States, 2016: the edition of DuckDB, of Spark with two workers and of PostgreSQL is one edition."""

from __future__ import annotations

import csv
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from almaz.clusters.portfolio import PortfolioOptions, portfolio
from almaz.study.checking import check, definition_of
from almaz.study.edition import Edition
from almaz.study.engine_portfolio import engine_portfolio
from almaz.study.file import load
from almaz.study.run import laid_out, run

pytestmark = pytest.mark.full
COLUMNS = ["region", "own_code", "industry", "employment_dec2016", "establishments_q4_2016"]
VALUES = """
[registers.values]
employment_dec2016 = { measure = "employment", year = 2016 }
establishments_q4_2016 = { measure = "establishments", year = 2016 }
"""


@pytest.fixture(scope="module")
def folder(studies: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    data, made = Path(os.environ["ALMAZ_DATA"]) / "us_qcew_2016", tmp_path_factory.mktemp("counties")
    pq.write_table(pq.read_table(data / "counties.parquet", columns=COLUMNS), made / "counties.parquet")
    with (data / "regions.csv").open(encoding="utf-8", newline="") as source:
        rows = [row for row in csv.DictReader(source) if row["region"][2:] not in ("000", "999")]
    with (made / "regions.csv").open("w", encoding="utf-8", newline="") as target:
        csv.writer(target).writerows([["region", "name_en"], *([row["region"], row["region_title"]] for row in rows)])
    for name in ("naics_to_cluster.csv", "naics_2017_to_2012.csv"):
        shutil.copy(studies.SAMPLE / name, made / name)
    return made


def section(studies: Any, place: str) -> str:
    """The register's section without the two other years and wages."""
    return str(studies.registered(place)).split("[registers.values]", maxsplit=1)[0] + VALUES


@pytest.fixture(scope="module")
def duckdb(studies: Any, folder: Path) -> Edition:
    return run(load(studies.study(folder, section(studies, 'file = "counties.parquet"'), name="d.toml")), folder / "d")


def test_spark_makes_the_same_bytes_of_every_county(studies: Any, folder: Path, duckdb: Edition, cluster: Any) -> None:
    named = section(studies, 'file = "counties.parquet"')
    made = run(load(studies.study(folder, named, studies.spark(cluster.master), name="s.toml")), folder / "s")
    assert duckdb.table("portfolio").num_rows > 200_000
    for part in sorted(duckdb.path.iterdir()):
        assert part.read_bytes() == (made.path / part.name).read_bytes(), part.name


def test_postgresql_gives_the_same_tables_of_every_county(
    studies: Any, folder: Path, duckdb: Edition, postgresql: str
) -> None:
    studies.load_table(postgresql, "every_county", pq.read_table(folder / "counties.parquet"))
    named = section(studies, 'table = "every_county"\nversion = "2016"')
    engine = f'[engine]\nkind = "postgresql"\naddress = "{postgresql}"\nmemory = "256MB"\n'
    made = run(load(studies.study(folder, named, engine, name="p.toml")), folder / "p")
    assert made.tables == duckdb.tables
    for name in made.tables:
        if name not in ("problems", "sources"):
            assert made.table(name).equals(duckdb.table(name)), name


def test_the_clusters_of_every_county_measured_in_each_engine_are_those_measured_here(
    studies: Any, folder: Path, cluster: Any, postgresql: str
) -> None:
    known = section(studies, 'file = "counties.parquet"').replace('empty = "suppressed"', 'empty = "nil"')
    study = load(studies.study(folder, known, name="k.toml"))
    activity = laid_out(study, check(study), lambda _stage: None)
    keys = ["region", "cluster", "kind", "year"]
    here = portfolio(activity, definition_of(study, activity.industries), PortfolioOptions()).table.to_pandas()
    here = here[here["subcluster"].isna()].set_index(keys)
    mine = engine_portfolio(study).table
    rows = mine.to_pandas().set_index(keys)
    assert len(rows) > 130_000
    assert (here.loc[here.index.difference(rows.index), "employment"] == 0).all()
    for name in ("employment", "establishments", "lq", "share_of_region", "share_of_cluster", "rank"):
        np.testing.assert_allclose(rows[name], here.loc[rows.index, name], rtol=1e-12, atol=1e-9, err_msg=name)
    on_spark = load(studies.study(folder, known, studies.spark(cluster.master), name="ks.toml"))
    assert engine_portfolio(on_spark).table.equals(mine)
    studies.load_table(postgresql, "counties_again", pq.read_table(folder / "counties.parquet"))
    table = known.replace('file = "counties.parquet"', 'table = "counties_again"\nversion = "2016"')
    engine = f'[engine]\nkind = "postgresql"\naddress = "{postgresql}"\nmemory = "256MB"\n'
    assert engine_portfolio(load(studies.study(folder, table, engine, name="kp.toml"))).table.equals(mine)
