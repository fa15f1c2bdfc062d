"""What the quarterly report of a programme says, as blocks that both writers (PDF and Word) lay out the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True)
class Heading:
    """A heading; level 1 begins a chapter."""

    words: str
    level: int = 1


@dataclass(frozen=True)
class Paragraph:
    """A text of its own; strong: a warning, which is marked as one."""

    words: str
    strong: bool = False


@dataclass(frozen=True)
class Listing:
    """Points."""

    points: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """Rows under headings. widths: how wide columns are against each other; numbers: columns aligned to the right."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]
    numbers: tuple[int, ...] = ()


@dataclass(frozen=True)
class Picture:
    """An SVG and what it says to who cannot see it. width: share of the text's width."""

    svg: str
    alternative: str
    width: float = 1.0


@dataclass(frozen=True)
class Pictures:
    """Small pictures side by side, two to a row."""

    each: tuple[Picture, ...]


Block: TypeAlias = Heading | Paragraph | Listing | Table | Picture | Pictures


@dataclass(frozen=True)
class Report:
    """A report. language: of its texts; date: day it is made, ISO; running: what stands at the foot of every page."""

    title: str
    subtitle: str
    language: str
    date: str
    running: str
    blocks: Sequence[Block]
