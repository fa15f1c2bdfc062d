"""A section of the report: what a room of the house has to show, each picture with its words, table and downloads.

A room's module (`report/<room>.py`) has one function, `sections(edition)`, that makes them from the edition's tables;
`report.html.ROOMS` lists the rooms in the order of the page. The page draws, tabulates and offers the downloads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, wraps
from typing import Any, ParamSpec

import pyarrow as pa

from almaz.language import language, use

Given = ParamSpec("Given")


class Later(Mapping[str, Any]):
    """A chart that is made when it is first looked into: a page that shows tables first does not wait for pictures.

    It is made in the language in use when it was asked for.
    """

    def __init__(self, make: Callable[[], Mapping[str, Any]]) -> None:
        self._make, self._language = make, language()

    @cached_property
    def made(self) -> dict[str, Any]:
        """The chart itself."""
        with use(self._language):
            return dict(self._make())

    def __getitem__(self, key: str) -> Any:
        return self.made[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.made)

    def __len__(self) -> int:
        return len(self.made)

    def __bool__(self) -> bool:
        return True


def later(draw: Callable[Given, Mapping[str, Any]]) -> Callable[Given, Mapping[str, Any]]:
    """A function that draws a chart, put off until the chart is looked into."""

    @wraps(draw)
    def put_off(*given: Given.args, **named: Given.kwargs) -> Mapping[str, Any]:
        return Later(lambda: draw(*given, **named))

    return put_off


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
