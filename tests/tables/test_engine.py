from __future__ import annotations

from pathlib import Path

import ibis
import pyarrow as pa

from almaz.tables.engine import arrow, connection


def test_settings_reach_the_engine(tmp_path: Path) -> None:
    engine = connection(threads=1, memory_limit="500MB", temporary=tmp_path)
    held = dict(engine.con.execute("select name, value from duckdb_settings()").fetchall())
    assert held["threads"] == "1"
    assert held["temp_directory"] == str(tmp_path)
    assert held["memory_limit"].startswith("476")
    assert held["preserve_insertion_order"] == "false"


def test_nothing_is_fetched_from_a_network() -> None:
    held = dict(connection().con.execute("select name, value from duckdb_settings()").fetchall())
    assert held["autoinstall_known_extensions"] == "false"
    assert held["autoload_known_extensions"] == "false"


def test_rows_come_back_as_arrow_with_nulls_kept() -> None:
    table = ibis.memtable(pa.table({"a": ["x", "y", "x"], "b": [1.0, None, 2.0]}))
    found = arrow(connection(), table.group_by("a").agg(total=table.b.sum()).order_by("a"))
    assert found.to_pydict() == {"a": ["x", "y"], "total": [3.0, None]}
