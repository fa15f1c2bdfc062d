"""What goes wrong with engines is said in words, with advice; a lost Spark worker's part is done again by another."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from almaz.errors import AlmazError
from almaz.study.engine_section import EngineSection, RegisterSection, RegisterValue
from almaz.study.registers import read_registers
from almaz.tables import engine as engines
from almaz.tables import spark
from almaz.tables.engine import Engine, connected


def test_without_java_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(AlmazError, match="needs Java") as caught, connected(Engine("spark")):
        pass
    assert "openjdk-17-jre-headless" in caught.value.advice


def test_an_old_java_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    java = tmp_path / "bin" / "java"
    java.write_text("#!/bin/sh\necho 'openjdk version \"1.8.0_402\"' >&2\n")
    java.chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(AlmazError, match="here is Java 8"):
        spark.need_java()


def test_a_master_that_does_not_answer_is_named() -> None:
    with (
        pytest.raises(AlmazError, match=r"does not answer: spark://127\.0\.0\.1:9"),
        connected(Engine("spark", master="spark://127.0.0.1:9")),
    ):
        pass


def test_postgresql_without_an_address_or_with_nobody_there() -> None:
    with pytest.raises(AlmazError, match="where the database is"), connected(Engine("postgresql")):
        pass
    nobody = Engine("postgresql", address="postgresql://analyst:secret@127.0.0.1:9/statistics")
    with pytest.raises(AlmazError, match="does not let us in") as caught, connected(nobody):
        pass
    assert "secret" not in str(caught.value)


def test_a_wrong_password_is_said_and_never_repeated(postgresql: str) -> None:
    import psycopg

    with psycopg.connect(postgresql, autocommit=True) as server:
        server.execute("DROP ROLE IF EXISTS analyst")
        server.execute("CREATE ROLE analyst LOGIN PASSWORD 'right'")
        (file,) = server.execute("SHOW hba_file").fetchone()  # type: ignore[misc]
        rules = Path(file).read_text()
        Path(file).write_text("local all analyst scram-sha-256\n" + rules)
        server.execute("SELECT pg_reload_conf()")
    address = postgresql.replace("postgres:@", "analyst:{word}@")
    with (
        pytest.raises(AlmazError, match="password authentication failed") as caught,
        connected(Engine("postgresql", address=address.format(word="wrong"))),
    ):
        pass
    assert "PGPASSWORD" in caught.value.advice
    assert "wrong" not in str(caught.value)
    with connected(Engine("postgresql", address=address.format(word="right"))) as opened:
        assert opened.list_tables() is not None


def test_files_cannot_be_read_inside_postgresql(postgresql: str, tmp_path: Path) -> None:
    pq.write_table(pa.table({"county": ["1"]}), tmp_path / "records.parquet")
    section = RegisterSection(
        file=str(tmp_path / "records.parquet"), dimensions={"region": "county"}, counts={"establishments": "*"}
    )
    with pytest.raises(AlmazError, match="reads its own tables"):
        read_registers([section], EngineSection(kind="postgresql", address=postgresql), lambda _stage: None)


def test_a_setting_that_the_engine_does_not_know(postgresql: str) -> None:
    with (
        pytest.raises(AlmazError, match="does not take a setting"),
        connected(Engine("postgresql", address=postgresql, settings={"work_mum": "1GB"})),
    ):
        pass
    with pytest.raises(AlmazError, match="does not start"), connected(Engine(settings={"work_mum": "1GB"})):
        pass


def test_a_temporary_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(AlmazError, match="there is no folder"), connected(Engine(temporary=tmp_path / "nowhere")):
        pass


def test_a_query_that_needs_more_memory_than_it_may_have_says_so(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    keys = pa.array(random.integers(0, 10**9, 3_000_000)).cast(pa.string())
    pq.write_table(pa.table({"county": keys, "pay": random.random(3_000_000)}), tmp_path / "records.parquet")
    section = RegisterSection(
        file=str(tmp_path / "records.parquet"),
        dimensions={"region": "county"},
        constants={"industry": "1", "year": 2016},
        values={"pay": RegisterValue(measure="wages")},
    )
    engine = EngineSection(memory="40MB", threads=1, settings={"max_temp_directory_size": "10MB"})
    with pytest.raises(AlmazError, match="DuckDB could not finish") as caught:
        read_registers([section], engine, lambda _stage: None)
    assert "more memory" in caught.value.advice


def test_a_worker_killed_in_mid_run_and_then_the_last_one(
    clusters: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, studies: Any
) -> None:
    monkeypatch.setattr(engines, "SECONDS", 0.1)
    monkeypatch.setattr(spark, "WAITING", 60.0)
    random = np.random.default_rng(3)
    for number in range(24):
        county = pa.array(random.integers(1, 3000, 150_000)).cast(pa.string())
        people = random.integers(1, 90, 150_000)
        pq.write_table(pa.table({"county": county, "people": people}), tmp_path / f"part-{number}.parquet")
    section = RegisterSection(
        file=str(tmp_path / "*.parquet"),
        dimensions={"region": "county"},
        constants={"industry": "1", "year": 2016},
        values={"people": RegisterValue(measure="employment")},
    )
    cluster = clusters(workers=2)
    said = {
        "spark.sql.shuffle.partitions": "4",
        "spark.executor.memory": "900m",
        "spark.sql.files.maxPartitionBytes": "400000",
        "spark.executor.extraJavaOptions": studies.QUICK,
    }
    engine = EngineSection(kind="spark", master=cluster.master, settings=said)
    killed: list[int] = []

    def killer(number: int) -> Callable[[str], None]:
        def tell(stage: str) -> None:
            if stage.startswith("Spark: ") and not stage.startswith("Spark: 0") and number not in killed:
                killed.append(number)
                cluster.kill(number)
                if len(killed) == 2:
                    monkeypatch.setattr(spark, "WAITING", 1.0)

        return tell

    (expected,) = read_registers([section], EngineSection(), lambda _stage: None)
    (found,) = read_registers([section], engine, killer(0))
    assert killed == [0]
    assert found.observations.equals(expected.observations)
    with pytest.raises(AlmazError, match="no worker for us"):
        read_registers([section], engine, killer(1))
    assert killed == [0, 1]
    with pytest.raises(AlmazError, match="no worker for us"), connected(Engine("spark", master=cluster.master)):
        pass
