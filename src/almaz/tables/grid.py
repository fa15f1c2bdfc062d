"""Rows of cells as a file has them, and how the header among them is found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from almaz.tables.block import Block, label
from almaz.tables.source import Findings

Rows: TypeAlias = Sequence[tuple[int, Sequence[object]]]
"""Cells with the line of the file they stand on, counted from 1."""
Wanted: TypeAlias = Callable[[str], bool]
"""Whether a header is one that the study, or the form of the file, asks for."""
SEARCHED = 50
"""How many rows are looked at for the header."""
DEEPEST = 3
"""How many rows one header may take: in three languages, or measures over years."""


@dataclass(frozen=True)
class Grid:
    """The rows of a sheet or of a text file."""

    sheet: str | None
    rows: Rows


@dataclass(frozen=True)
class Header:
    """first: the place of its first row among the rows; depth: how many rows it takes; names: one a column, "" for none."""

    first: int
    depth: int
    names: tuple[str, ...]


def find_header(rows: Rows, wanted: Wanted) -> Header:
    """The row, or up to three rows together, that hold most of the wanted headers; the first and shallowest of equals.

    Headers of several rows are joined from top to bottom ("Employment / 2020"); an upper cell goes for the columns to its
    right that have none.
    """
    best, found = Header(0, 1, ()), -1
    for depth in range(1, DEEPEST + 1):
        for first in range(min(SEARCHED, len(rows) - depth + 1)):
            names = _joined([cells for _line, cells in rows[first : first + depth]])
            score = sum(wanted(name) for name in set(names) if name)
            if score > found:
                best, found = Header(first, depth, names), score
    return best


def _joined(levels: Sequence[Sequence[object]]) -> tuple[str, ...]:
    width = max((len(cells) for cells in levels), default=0)
    parts: list[list[str]] = [[] for _column in range(width)]
    for place, cells in enumerate(levels):
        above = ""
        for column in range(width):
            here = label(cells[column]) if column < len(cells) else ""
            if not here and place < len(levels) - 1:
                here = above
            above = here
            if here and here not in parts[column]:
                parts[column].append(here)
    names = [" / ".join(part) for part in parts]
    while names and not names[-1]:
        names.pop()
    return tuple(names)


def tabular(grid: Grid, wanted: Wanted, findings: Findings) -> Block:
    """The rows under the header as a block. A row with more cells than the header is a problem and left out."""
    header = find_header(grid.rows, wanted)
    report_twins(header.names, wanted, findings, grid.sheet, grid.rows[header.first][0] if grid.rows else None)
    kept: list[Sequence[object]] = []
    lines: list[int] = []
    width = len(header.names)
    for line, cells in grid.rows[header.first + header.depth :]:
        if not any(label(cell) for cell in cells):
            continue
        findings.rows += 1
        if any(label(cell) for cell in cells[width:]):
            findings.problem("ragged_row", "error", sheet=grid.sheet, row=line, value=len(cells), expected=width)
            continue
        kept.append(cells)
        lines.append(line)
    columns = {
        name: [cells[place] if place < len(cells) else None for cells in kept]
        for place, name in enumerate(header.names)
        if name
    }
    return Block(grid.sheet, columns, np.array(lines, dtype=np.int32), tuple(name for name in header.names if name))


def report_twins(names: Sequence[str], wanted: Wanted, findings: Findings, sheet: str | None, line: int | None) -> None:
    """Say which headers stand twice: an error where the study wants one of them."""
    for name in sorted({name for name in names if name and names.count(name) > 1}):
        level = "error" if wanted(name) else "warning"
        findings.problem("duplicate_header", level, sheet=sheet, row=line, column=name)
