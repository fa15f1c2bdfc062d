"""Small tables (regions, firms, titles, what indicators are) as records: a row's line and its cells as texts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from almaz.errors import AlmazError, Where
from almaz.tables.block import labels
from almaz.tables.layout import blocks
from almaz.tables.problems import said
from almaz.tables.source import Findings, Source


@dataclass(frozen=True)
class Records:
    """headers: of all the columns; rows: (line in the file, header → text) of every row that is not blank."""

    headers: tuple[str, ...]
    rows: list[tuple[int, dict[str, str]]]


def read_records(path: Path, wanted: Iterable[str], sheet: str | None = None) -> Records:
    """Read a CSV, Excel or Parquet file as records, by the header row that holds most of the wanted columns.

    Of a workbook whose sheet is not named, the sheet that holds most of them is read. Raises AlmazError where
    the file cannot be read, or a row does not fit the header: such tables are small and are to be whole.
    """
    names = frozenset(wanted)
    source = Source(path, sheet=sheet)
    findings = Findings(source)
    found = blocks(source, findings, names.__contains__)
    if not found:
        return Records((), [])
    for fault in findings.found:
        if fault["level"] == "error":
            what, expected = said(fault)
            where = Where(file=str(path), sheet=fault["sheet"], row=fault["row"], column=fault["column"])  # type: ignore[arg-type]
            raise AlmazError(what, where=where, expected=expected)
    block = max(found, key=lambda part: len(names & set(part.headers)))
    columns = {name: labels(column).to_pylist() for name, column in block.columns.items() if name in names}
    lines = block.rows.tolist()
    rows = [(line, {name: column[place] for name, column in columns.items()}) for place, line in enumerate(lines)]
    return Records(block.headers, rows)
