"""The engine under the tables: Ibis expressions on an embedded DuckDB, on Spark or in PostgreSQL."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias
from uuid import uuid4

import ibis
import pyarrow as pa

from almaz.errors import AlmazError
from almaz.language import text as _

Connection: TypeAlias = Any
"""An Ibis backend (DuckDB, PySpark or PostgreSQL); Ibis ships no types."""
Tell: TypeAlias = Callable[[str], None]
Keep: TypeAlias = Callable[[ibis.Table], ibis.Table]
Kind: TypeAlias = Literal["duckdb", "spark", "postgresql"]
SECONDS = 2.0
"""Between two looks at how far a query is."""


@dataclass(frozen=True)
class Engine:
    """Which engine runs the expressions, and what it may use.

    master: Spark's master URL (local[*], spark://host:7077, yarn …); address: PostgreSQL's (postgresql://user@host/database), or
    a DuckDB database file; memory: as "8GB", DuckDB's limit, Spark's heap of driver and executors, or PostgreSQL's memory for
    one sort or hash; threads: how many on this machine or in one query; temporary: folder for what does not fit in memory;
    settings: further settings of the engine by their own names.
    """

    kind: Kind = "duckdb"
    master: str | None = None
    address: str | None = None
    memory: str | None = None
    threads: int | None = None
    temporary: Path | None = None
    settings: Mapping[str, str] = field(default_factory=dict)


def connection(
    *, threads: int | None = None, memory_limit: str | None = None, temporary: str | Path | None = None
) -> Connection:
    """A DuckDB of our own, in memory, that touches no network.

    threads: how many to use, all cores by default; memory_limit: as DuckDB writes it ("2GB"), 80 % of the machine by
    default; temporary: the folder for what does not fit in memory, DuckDB's own choice by default.
    Rows come back in no particular order (that is what lets large results stream): sort where order matters.
    """
    settings: dict[str, Any] = {
        "preserve_insertion_order": False,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    if threads is not None:
        settings["threads"] = threads
    if memory_limit is not None:
        settings["memory_limit"] = memory_limit
    if temporary is not None:
        settings["temp_directory"] = str(temporary)
    return ibis.duckdb.connect(":memory:", **settings)


@contextmanager
def connected(engine: Engine) -> Iterator[Connection]:
    """A connection to the engine that is closed at the end of the block.

    Raises AlmazError where the engine is not installed, does not answer, or does not let this user in.
    """
    if engine.kind == "spark":
        from almaz.tables import spark

        with spark.connected(engine) as opened:
            yield opened
    elif engine.kind == "postgresql":
        from almaz.tables import postgresql

        with postgresql.connected(engine) as opened:
            yield opened
    else:
        with _duckdb(engine) as opened:
            yield opened


@contextmanager
def _duckdb(engine: Engine) -> Iterator[Connection]:
    import duckdb

    if engine.temporary is not None and not engine.temporary.is_dir():
        raise AlmazError(
            _("there is no folder {folder}", folder=engine.temporary), advice=_("look at the section [engine]")
        )
    with tempfile.TemporaryDirectory(prefix="almaz-", dir=engine.temporary) as spilled:
        try:
            opened = connection(threads=engine.threads, memory_limit=engine.memory, temporary=spilled)
            for name, value in engine.settings.items():
                opened.con.execute(f"SET {name} = '{value}'")
            if engine.address is not None:
                opened.attach(engine.address, name="study", read_only=True)
                opened.con.execute("USE study")
        except duckdb.Error as why:
            raise AlmazError(
                _("DuckDB does not start: {why}", why=first_line(why)), advice=_("look at the section [engine]")
            ) from None
        try:
            yield opened
        finally:
            opened.disconnect()


def arrow(engine: Connection, expression: ibis.Table, tell: Tell | None = None) -> pa.Table:
    """The rows of an expression as an Arrow table. tell: hears how far a long query is.

    Raises AlmazError where the engine fails, with its own reason.
    """
    if engine.name == "pyspark":
        from almaz.tables import spark

        return spark.arrow(engine, expression, tell)
    if engine.name == "postgres":
        from almaz.tables import postgresql

        return postgresql.arrow(engine, expression)
    with _by_duckdb(engine, tell):
        table: pa.Table = engine.to_pyarrow(expression)
    return table


def kept(engine: Connection, expression: ibis.Table, tell: Tell | None = None) -> ibis.Table:
    """The rows of an expression kept in the engine while the connection is open, for several expressions to begin with."""
    name = f"almaz_{uuid4().hex}"
    if engine.name == "pyspark":
        from almaz.tables import spark

        return spark.kept(engine, expression, name)
    if engine.name == "postgres":
        from almaz.tables import postgresql

        with postgresql.working():
            return engine.create_table(name, expression, temp=True)
    with _by_duckdb(engine, tell):
        return engine.create_table(name, expression, temp=True)


@contextmanager
def _by_duckdb(engine: Connection, tell: Tell | None) -> Iterator[None]:
    import duckdb

    try:
        with watched(lambda: _percent(engine), tell):
            yield
    except (duckdb.OutOfMemoryException, duckdb.IOException, duckdb.InvalidInputException) as why:
        raise AlmazError(
            _("DuckDB could not finish: {why}", why=first_line(why)),
            advice=_("give it more memory, or a temporary folder with more room, in the section [engine]"),
        ) from None


def _percent(engine: Connection) -> str:
    done = float(engine.con.query_progress())
    return _("{share} % of the query done", share=round(done)) if done > 0 else ""


@contextmanager
def watched(look: Callable[[], str], tell: Tell | None) -> Iterator[None]:
    """Look every two seconds, in a thread, how far the work of the block is, and tell it where it changed."""
    if tell is None:
        yield
        return
    over, context = threading.Event(), copy_context()

    def looking() -> None:
        said = ""
        while not over.wait(SECONDS):
            seen = look()
            if seen and seen != said:
                tell(seen)
                said = seen

    watcher = threading.Thread(target=context.run, args=(looking,), daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()


def first_line(why: object) -> str:
    """The first line of what an engine says that holds a word."""
    return next((line.strip() for line in str(why).splitlines() if line.strip()), type(why).__name__)
