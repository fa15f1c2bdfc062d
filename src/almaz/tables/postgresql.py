"""The tables' expressions inside PostgreSQL: nothing but their results leaves the database."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import ibis
import pyarrow as pa
import pyarrow.csv

from almaz.errors import AlmazError
from almaz.language import text as _

if TYPE_CHECKING:
    from almaz.tables.engine import Engine

SECONDS = 15
"""How long a server may take to answer at all."""


@contextmanager
def connected(engine: Engine) -> Iterator[Any]:
    """A session of the database at the engine's address, closed at the end of the block.

    A password is best kept out of the study: PostgreSQL's own PGPASSWORD, ~/.pgpass and service files are read.
    """
    from almaz.tables.engine import first_line

    try:
        import psycopg

        backend: Any = ibis.postgres
    except (ImportError, AttributeError):
        raise AlmazError(
            _("what speaks to PostgreSQL is not installed"),
            advice=_("install it: {command}", command="pip install 'almaz[postgresql]'"),
        ) from None
    if engine.address is None:
        raise AlmazError(
            _("the study does not say where the database is"),
            expected='address = "postgresql://user@host:5432/database"',
            advice=_("name it in the section [engine]"),
        )
    try:
        opened = psycopg.connect(engine.address, autocommit=True, connect_timeout=SECONDS)
    except (psycopg.OperationalError, psycopg.ProgrammingError) as why:
        raise AlmazError(
            _("PostgreSQL does not let us in: {why}", why=_reason(first_line(why))),
            expected='address = "postgresql://user@host:5432/database"',
            advice=_("look at the address in [engine]; the password may stand in PGPASSWORD or in ~/.pgpass"),
        ) from None
    with opened:
        try:
            for name, value in _settings(engine).items():
                opened.execute("SELECT set_config(%s, %s, false)", (name, value))
        except psycopg.Error as why:
            raise AlmazError(
                _("PostgreSQL does not take a setting: {why}", why=first_line(why)),
                advice=_("look at the section [engine]"),
            ) from None
        yield backend.from_connection(opened)


def _reason(why: str) -> str:
    """What the server said, without the list of addresses that were tried, and never with a password."""
    return re.sub(r"(postgres(?:ql)?://[^:@/\s]*):[^@\s]*@", r"\1@", why)


def _settings(engine: Engine) -> dict[str, str]:
    settings = {"statement_timeout": "0"}
    if engine.memory is not None:
        settings["work_mem"] = engine.memory.replace(" ", "")
    if engine.threads is not None:
        settings["max_parallel_workers_per_gather"] = str(max(engine.threads - 1, 0))
    return settings | dict(engine.settings)


def arrow(backend: Any, expression: ibis.Table) -> pa.Table:
    """The rows of an expression by PostgreSQL's COPY, which is many times as fast as row by row."""
    schema = expression.schema().to_pyarrow()
    backend._run_pre_execute_hooks(expression)
    held = io.BytesIO()
    with (
        working(),
        backend.con.cursor() as cursor,
        cursor.copy(f"COPY ({backend.compile(expression)}) TO STDOUT (FORMAT csv, HEADER, FORCE_QUOTE *)") as rows,
    ):
        for part in rows:
            held.write(part)
    held.seek(0)
    options = pyarrow.csv.ConvertOptions(
        column_types=schema, strings_can_be_null=True, quoted_strings_can_be_null=False, null_values=[""],
        true_values=["t"], false_values=["f"],
    )  # fmt: skip
    return pyarrow.csv.read_csv(held, convert_options=options).select(schema.names)


@contextmanager
def working() -> Iterator[None]:
    """Raise AlmazError where PostgreSQL fails in the block, with its own reason."""
    import psycopg

    from almaz.tables.engine import first_line

    try:
        yield
    except psycopg.Error as why:
        raise AlmazError(
            _("PostgreSQL could not finish: {why}", why=first_line(why)),
            advice=_("look at the server's log, its disk and its memory, and run again"),
        ) from None
