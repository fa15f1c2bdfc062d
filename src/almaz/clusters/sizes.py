"""Establishments by size class, read from CSV for the typology."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from almaz.errors import AlmazError, Where
from almaz.language import text as _


def read_size_classes(path: Path) -> pa.Table:
    """Establishments by size class: region, industry, least and most persons (most empty: no limit), establishments.

    Raises AlmazError naming the row and the column of what is not a number of zero or more.
    """
    return _read(path, ("region", "industry"), ("least", "most", "establishments"))


def _read(path: Path, labels: Sequence[str], numbers: Sequence[str]) -> pa.Table:
    with path.open(encoding="utf-8-sig", newline="") as source:
        reader = csv.DictReader(source)
        heads, rows = reader.fieldnames or [], list(reader)
    for name in (*labels, *numbers):
        if name not in heads:
            raise AlmazError(
                _("there is no column «{name}»", name=name),
                where=Where(file=str(path)),
                expected=", ".join([*labels, *numbers]),
            )
    columns: dict[str, pa.Array] = {name: pa.array([row[name] or None for row in rows], pa.string()) for name in labels}
    for name in numbers:
        columns[name] = pa.array(
            [_number(row[name], path, line, name) for line, row in enumerate(rows, start=2)], pa.float64()
        )
    return pa.table(columns)


def _number(written: str, path: Path, row: int, column: str) -> float | None:
    if not written.strip():
        return None
    try:
        value = float(written.replace("\u00a0", "").replace(" ", "").replace(",", "."))
    except ValueError:
        value = -1.0
    if value < 0:
        raise AlmazError(
            _("«{value}» is not a number of zero or more", value=written),
            where=Where(file=str(path), row=row, column=column),
            expected=_("a number, or nothing where it is not known"),
        )
    return value
