"""The engine under the tables: Ibis expressions on an embedded DuckDB."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeAlias

import ibis
import pyarrow as pa

Connection: TypeAlias = Any
"""An Ibis DuckDB backend; Ibis ships no types."""


def connection(
    *, threads: int | None = None, memory_limit: str | None = None, temporary: str | Path | None = None
) -> Connection:
    """A DuckDB of our own, in memory, that touches no network.

    threads: how many to use, all cores by default; memory_limit: as DuckDB writes it ("2GB"), 80 % of the machine by
    default; temporary: the folder for what does not fit in memory, the system's temporary place by default.
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


def arrow(engine: Connection, expression: ibis.Table) -> pa.Table:
    """The rows of an expression as an Arrow table."""
    table: pa.Table = engine.to_pyarrow(expression)
    return table
