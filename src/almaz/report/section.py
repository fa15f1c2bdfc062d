"""A section of the report: what a room of the house has to show, each picture with its words, table and downloads.

A room's module (`report/<room>.py`) has one function, `sections(edition)`, that makes them from the edition's tables;
`report.html.ROOMS` lists the rooms in the order of the page. The page draws, tabulates and offers the downloads.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa


@dataclass(frozen=True)
class Figure:
    """One picture and the table behind it.

    name: unique on the page, letters, digits and hyphens; chart: a Vega-Lite specification with its data inside, of
    `charts.themed` (None: a table alone); table: the same numbers, columns in reading order; headings: column → what a
    reader sees; formats: column → "count", "decimal", "percent", "fine" (four digits that count) or "text" (by default by the
    column's type);
    wide: takes the whole width of the page; hint: how to read it.
    """

    name: str
    title: str
    table: pa.Table
    headings: Mapping[str, str]
    chart: Mapping[str, Any] | None = None
    formats: Mapping[str, str] = field(default_factory=dict)
    hint: str = ""
    wide: bool = False


@dataclass(frozen=True)
class Section:
    """A part of the page: name: its anchor; warnings: what the data do not allow, said before the pictures."""

    name: str
    title: str
    lead: str
    figures: tuple[Figure, ...]
    warnings: tuple[str, ...] = ()
