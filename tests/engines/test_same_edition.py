"""One study, three engines: the tables of the edition are the same, bit for bit, and so is the edition where the files are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from almaz.study.edition import Edition
from almaz.study.file import load
from almaz.study.run import run

NAMED = ("problems", "sources")
"""Tables that name the file a figure comes from."""


@pytest.fixture(scope="module")
def folder(studies: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return studies.folder_of_rhode_island(tmp_path_factory.mktemp("rhode-island"))


@pytest.fixture(scope="module")
def tidy(studies: Any, folder: Path) -> Edition:
    return run(load(studies.study(folder, studies.TIDY, name="tidy.toml")), folder / "tidy")


@pytest.fixture(scope="module")
def duckdb(studies: Any, folder: Path) -> Edition:
    return run(
        load(studies.study(folder, studies.registered('file = "counties.parquet"'), name="duckdb.toml")),
        folder / "duckdb",
    )


def same_tables(one: Edition, other: Edition, but: tuple[str, ...] = ()) -> None:
    assert one.tables == other.tables
    for name in one.tables:
        if name not in but:
            assert one.table(name).equals(other.table(name)), name


def test_a_register_with_one_record_a_cell_gives_the_edition_of_the_tidy_table(tidy: Edition, duckdb: Edition) -> None:
    same_tables(tidy, duckdb, but=NAMED)
    assert [row["rows"] for row in duckdb.table("sources").to_pylist()] == [6329]
    kinds = set(duckdb.table("problems")["kind"].to_pylist())
    assert kinds == set(tidy.table("problems")["kind"].to_pylist()) | {"empty_records"}


def test_spark_with_two_workers_makes_the_same_bytes(studies: Any, folder: Path, duckdb: Edition, cluster: Any) -> None:
    engine = studies.spark(cluster.master)
    file = studies.study(folder, studies.registered('file = "counties.parquet"'), engine, name="spark.toml")
    made = run(load(file), folder / "spark")
    assert made.path.name == duckdb.path.name
    for part in sorted(duckdb.path.iterdir()):
        assert part.read_bytes() == (made.path / part.name).read_bytes(), part.name


def test_postgresql_gives_the_same_tables(studies: Any, folder: Path, duckdb: Edition, postgresql: str) -> None:
    studies.load_table(postgresql, "public.counties", pq.read_table(folder / "counties.parquet"))
    engine = f'[engine]\nkind = "postgresql"\naddress = "{postgresql}"\nmemory = "64MB"\n'
    place = 'table = "public.counties"\nversion = "2016"'
    made = run(
        load(studies.study(folder, studies.registered(place), engine, name="postgresql.toml")), folder / "postgresql"
    )
    same_tables(duckdb, made, but=NAMED)
    (source,) = made.table("sources").to_pylist()
    assert source == {"file": "public.counties", "sha256": "version 2016", "rows": 6329, "cells": 31610}
    assert "postgres:" not in (made.path / "manifest.json").read_text()


@pytest.mark.parametrize("kind", ["csv", "address of parquet", "address of csv", "a duckdb database"])
def test_it_does_not_matter_where_the_records_lie(studies: Any, folder: Path, duckdb: Edition, kind: str) -> None:
    engine = ""
    if kind == "csv":
        place = 'file = "counties.csv"'
    elif kind == "a duckdb database":
        import duckdb as bare

        base = folder / "warehouse.duckdb"
        with bare.connect(str(base)) as made:
            made.execute(f"CREATE TABLE counties AS SELECT * FROM '{folder / 'counties.parquet'}'")
        place, engine = 'table = "counties"\nversion = "2016"', f'[engine]\naddress = "{base}"\n'
    else:
        ending = kind.rsplit(maxsplit=1)[-1]
        place = f'address = "{(folder / f"counties.{ending}").as_uri()}"\nversion = "2016"\nformat = "{ending}"'
    name = kind.replace(" ", "_")
    made = run(load(studies.study(folder, studies.registered(place), engine, name=f"{name}.toml")), folder / name)
    same_tables(duckdb, made, but=NAMED)
