"""From the command line: a register is checked and run; killed after the engine's work, the run goes on without the engine."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from almaz.cli import app
from almaz.errors import AlmazError
from almaz.study.edition import open_edition
from almaz.study.file import load
from almaz.study.run import run
from almaz.tables.engine import Engine, arrow, connected
from almaz.tables.location_quotients import location_quotients

ENGINE = '[engine]\nmemory = "500MB"\nthreads = 2\n'


@pytest.fixture(scope="module")
def folder(studies: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made: Path = studies.folder_of_rhode_island(tmp_path_factory.mktemp("rhode-island"))
    return made


def test_the_commands_check_and_run_a_register(studies: Any, folder: Path) -> None:
    file = studies.study(folder, studies.registered('file = "counties.parquet"'), ENGINE)
    runner = CliRunner()
    checked = runner.invoke(app, ["check", str(file), "--language", "ru"])
    assert checked.exit_code == 0, checked.output
    assert "counties.parquet" in checked.output
    assert "записей без цифры" in checked.output
    ran = runner.invoke(app, ["run", str(file), "-o", str(folder / "editions")])
    assert ran.exit_code == 0, ran.output
    assert open_edition(folder / "editions").table("portfolio").num_rows > 0


def test_killed_after_the_register_was_added_up_the_run_goes_on_without_the_engine(studies: Any, folder: Path) -> None:
    named = studies.registered('file = "counties.parquet"').replace("empty =", 'identifier = "suppressed"\nempty =')
    named = named.replace('identifier = "suppressed"', 'identifier = "row"')
    table = pq.read_table(folder / "counties.parquet")
    table = table.append_column("row", pa.array(range(table.num_rows), pa.int64()))
    pq.write_table(table, folder / "numbered.parquet")
    file = studies.study(folder, named.replace("counties.parquet", "numbered.parquet"), ENGINE, name="killed.toml")
    whole = run(load(file), folder / "whole")
    output = folder / "killed"
    stage = output / (whole.path.name + ".partial") / "stages" / "register-1-repeated"
    command = [sys.executable, "-m", "almaz", "run", str(file), "-o", str(output)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 120
        while not stage.is_dir():
            assert process.poll() is None, "the run ended before it could be killed"
            assert time.monotonic() < deadline
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGKILL)
    with pytest.raises(AlmazError, match="no edition"):
        open_edition(output)
    told: list[str] = []
    again = run(load(file), output, told.append)
    assert not [line for line in told if line.startswith(("starting", "adding up", "looking for"))]
    for part in whole.path.iterdir():
        assert part.read_bytes() == (again.path / part.name).read_bytes(), part.name


def test_an_edition_is_found_again_until_the_records_change(studies: Any, folder: Path) -> None:
    pq.write_table(pq.read_table(folder / "counties.parquet"), folder / "changing.parquet")
    file = studies.study(folder, studies.registered('file = "changing.parquet"'), name="changing.toml")
    first = run(load(file), folder / "changing")
    assert run(load(file), folder / "changing").path == first.path
    pq.write_table(pq.read_table(folder / "counties.parquet").slice(1), folder / "changing.parquet")
    assert run(load(file), folder / "changing").path != first.path


@pytest.mark.parametrize("kind", ["postgresql", "spark"])
def test_location_quotients_of_a_table_are_the_same_on_every_engine(
    studies: Any, folder: Path, kind: str, request: pytest.FixtureRequest
) -> None:
    whole = pq.read_table(folder / "counties.parquet")
    table = whole.filter(pc.equal(whole["own_code"], "5")).select(["region", "industry", "employment_dec2016"])
    pq.write_table(table, folder / "table.parquet")
    found = {}
    for engine in ("duckdb", kind):
        named = Engine("duckdb")
        if engine == "postgresql":
            named = Engine("postgresql", address=request.getfixturevalue("postgresql"))
            studies.load_table(named.address, "tidy", table)
        elif engine == "spark":
            named = Engine("spark", master="local[1]", settings={"spark.sql.shuffle.partitions": "2"})
        with connected(named) as opened:
            held = (
                opened.table("tidy") if engine == "postgresql" else opened.read_parquet(str(folder / "table.parquet"))
            )
            quotients = location_quotients(held, value="employment_dec2016", by=())
            got = arrow(opened, quotients).sort_by([("region", "ascending"), ("industry", "ascending")])
            found[engine] = np.array(got["lq"].to_pylist(), dtype=float)
    assert np.isfinite(found["duckdb"]).sum() > 2000
    np.testing.assert_allclose(found[kind], found["duckdb"], rtol=1e-12, atol=0)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ('file = "counties.parquet"\ntable = "counties"', "exactly one of file, address and table"),
        ('table = "counties"', "version is missing"),
        ('file = "nowhere-*.parquet"', "there is no file"),
        ('file = "counties.parquet"\nidentifer = "row"', "did you mean «identifier»"),
    ],
)
def test_what_a_study_says_wrongly_of_a_register_is_said_with_its_line(
    studies: Any, folder: Path, lines: str, said: str
) -> None:
    with pytest.raises(AlmazError, match=said) as caught:
        run(load(studies.study(folder, studies.registered(lines), name="wrong.toml")), folder / "wrong")
    assert "[engine]" not in str(caught.value)


def test_a_study_without_data_and_registers_says_so(studies: Any, folder: Path) -> None:
    with pytest.raises(AlmazError, match="neither a"):
        load(studies.study(folder, name="nothing.toml"))
