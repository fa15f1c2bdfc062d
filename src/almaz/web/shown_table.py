"""The table behind a figure: as rows of a page, and as rows of a download."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from almaz.language import count, decimal, figure, percent
from almaz.language import text as _
from almaz.report.section import Figure

FIRST = 40
"""Rows on a page; the figure's own page and the downloads have all."""
MOST = 500
"""Rows on a figure's own page."""
ENDS = ("_low", "_high")


@dataclass(frozen=True)
class Column:
    """A column as it is shown. term: the entry of the glossary that says what it is, or nothing."""

    name: str
    heading: str
    number: bool
    term: str


@dataclass(frozen=True)
class Shown:
    """Rows of a table as texts. more: how many rows there are besides."""

    columns: tuple[Column, ...]
    rows: list[list[str]]
    number: int

    @property
    def more(self) -> int:
        """Rows that are not among these."""
        return self.number - len(self.rows)


def shown(held: Figure, terms: dict[str, str], most: int = FIRST) -> Shown:
    """The first rows of a figure's table. A figure with bounds beside it (`x_low`, `x_high`) is one cell with its interval.

    terms: name of a column → entry of the glossary.
    """
    names = [name for name in held.headings if name in held.table.column_names or _bounded(held.table, name)]
    table = held.table.slice(0, most)
    forms = {name: _form(held, name) for name in names}
    columns = tuple(Column(name, held.headings[name], forms[name] != "text", terms.get(name, "")) for name in names)
    cells = [_cells(table, name, forms[name]) for name in names]
    return Shown(columns, [list(row) for row in zip(*cells, strict=True)], held.table.num_rows)


def _bounded(table: pa.Table, name: str) -> bool:
    return all(f"{name}{end}" in table.column_names for end in ENDS)


def _form(held: Figure, name: str) -> str:
    kind = held.table.schema.field(name if name in held.table.column_names else f"{name}_low").type
    usual = "count" if pa.types.is_integer(kind) else "decimal" if pa.types.is_floating(kind) else "text"
    return held.formats.get(name, usual)


def _cells(table: pa.Table, name: str, form: str) -> list[str]:
    said = table[name].to_pylist() if name in table.column_names else None
    if not _bounded(table, name):
        return [written(value, form) for value in said or []]
    ends = zip(table[f"{name}_low"].to_pylist(), table[f"{name}_high"].to_pylist(), strict=True)
    if said is None:
        return [interval(low, high, form) for low, high in ends]
    return [
        written(value, form) if low is None or low == high else f"{written(value, form)} ({interval(low, high, form)})"
        for value, (low, high) in zip(said, ends, strict=True)
    ]


def written(value: Any, form: str) -> str:
    """A value in its form; a dash for what is not known."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "—"
    if isinstance(value, float) and math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if form == "text":
        return str(value)
    if form == "count":
        return count(value)
    if form == "percent":
        return percent(value, 1)
    return figure(value) if form == "fine" else decimal(value)


def interval(low: float | None, high: float | None, form: str) -> str:
    """From … to …; without an upper end it goes on."""
    if low is None:
        return "—"
    return f"{written(low, form)} – {'∞' if high is None else written(high, form)}"


def downloaded(held: Figure) -> tuple[list[str], Iterator[Sequence[Any]]]:
    """Headings and rows of a download: figures as numbers, an interval as two columns, nothing where a figure is not known."""
    names, headings = [], []
    for name, said in held.headings.items():
        if name in held.table.column_names:
            names.append(name)
            headings.append(said)
        if _bounded(held.table, name):
            names += [f"{name}_low", f"{name}_high"]
            headings += [f"{said}, {_('from')}", f"{said}, {_('to')}"]
    columns = [[_plain(value) for value in held.table[name].to_pylist()] for name in names]
    return headings, zip(*columns, strict=True)


def _plain(value: Any) -> Any:
    """A value that a spreadsheet can hold."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return "; ".join(map(str, value)) if isinstance(value, list) else value
