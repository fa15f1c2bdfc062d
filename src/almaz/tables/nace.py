"""Codes of NACE and ISIC: sections, divisions, groups, classes and Eurostat's aggregates, as spans of four-digit classes.

A code is understood with and without its letter and its points: C10.11, 10.11 and 1011 are one. Every code spans some classes:
10.1 those from 1010 to 1019, section C of NACE Rev. 2 those from 1000 to 3399, the aggregate C10-C12 those from 1000 to 1299.
A code's parent is then the smallest span around it that the data hold.

Sections and divisions: Regulations (EC) No 29/2002 (NACE Rev. 1.1), No 1893/2006 (Rev. 2), (EU) 2023/137 (Rev. 2.1); United
Nations, ISIC Rev. 3.1, Rev. 4 and Rev. 5, which have the same divisions as these three.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

_SECTIONS: Final = {
    "1.1": "A 1-2 B 5-5 C 10-14 D 15-37 E 40-41 F 45-45 G 50-52 H 55-55 I 60-64 J 65-67 K 70-74 L 75-75 M 80-80 N 85-85"
    " O 90-93 P 95-97 Q 99-99",
    "2": "A 1-3 B 5-9 C 10-33 D 35-35 E 36-39 F 41-43 G 45-47 H 49-53 I 55-56 J 58-63 K 64-66 L 68-68 M 69-75 N 77-82"
    " O 84-84 P 85-85 Q 86-88 R 90-93 S 94-96 T 97-98 U 99-99",
    "2.1": "A 1-3 B 5-9 C 10-33 D 35-35 E 36-39 F 41-43 G 46-47 H 49-53 I 55-56 J 58-60 K 61-63 L 64-66 M 68-68 N 69-75"
    " O 77-82 P 84-84 Q 85-85 R 86-88 S 90-93 T 94-96 U 97-98 V 99-99",
}
_NONE: Final = {
    "1.1": {3, 4, 38, 39, 42, 43, 44, 46, 47, 48, 49, 53, 54},
    "2": {4, 34, 40, 44, 48, 54, 57, 67, 76, 83, 89},
    "2.1": {4, 34, 40, 44, 45, 48, 54, 57, 67, 76, 83, 89},
}
"""Numbers between the first and the last division of a section that are no division."""
REVISIONS: Final = tuple(_SECTIONS)
NAMES: Final = {
    "1.1": "NACE Rev. 1.1, ISIC Rev. 3.1",
    "2": "NACE Rev. 2, ISIC Rev. 4",
    "2.1": "NACE Rev. 2.1, ISIC Rev. 5",
}
_CODE = re.compile(r"^([A-V])?(?:\.?(\d\d)(?:\.?(\d)(?:\.?(\d))?)?)?$")
_TOTALS = frozenset(("TOTAL", "TOT", "_T"))
_JOINT = re.compile(r"[-_]")


@dataclass(frozen=True)
class Span:
    """first, last: four-digit classes; rank: of spans that are equal, the one with the lower rank lies above."""

    first: int
    last: int
    rank: int

    def holds(self, other: Span) -> bool:
        """Whether this span lies above the other."""
        inside = self.first <= other.first and other.last <= self.last
        return (
            inside
            and (self.first, self.last, self.rank) != (other.first, other.last, other.rank)
            and (self.last - self.first > other.last - other.first or self.rank < other.rank)
        )

    def crosses(self, other: Span) -> bool:
        """Whether the two share classes and neither lies in the other."""
        apart = self.last < other.first or other.last < self.first
        inside = self.first <= other.first and other.last <= self.last
        around = other.first <= self.first and self.last <= other.last
        return not (apart or inside or around)


@lru_cache
def sections(revision: str) -> dict[str, tuple[int, int]]:
    """The sections of a revision with their first and last division."""
    words = _SECTIONS[revision].split()
    return {
        letter: (int(span.split("-")[0]), int(span.split("-")[1]))
        for letter, span in zip(words[::2], words[1::2], strict=True)
    }


def revision_of(system: str | None) -> str:
    """The revision that a study's `system` names; NACE Rev. 2 (ISIC Rev. 4) where it names none."""
    number = re.search(r"(\d+(?:\.\d+)?)", system or "")
    said = number.group(1) if number else ""
    if "ISIC" in (system or "").upper():
        return {"3": "1.1", "3.1": "1.1", "5": "2.1"}.get(said, "2")
    return {"1": "1.1", "1.1": "1.1", "2.1": "2.1"}.get(said, "2")


def span_of(code: str, revision: str) -> Span | None:
    """The classes that a code spans in a revision; None where it is no code of it, or adds up what does not lie together.

    The letter of a code with digits is not looked at: which revision it fits is another question (`vintages`).
    """
    written = code.strip().upper()
    if written in _TOTALS:
        return Span(0, 9999, 0)
    parts = _JOINT.split(written)
    if len(parts) == 1:
        return _plain(written, revision)
    spans = [_plain(part, revision) for part in parts]
    if any(span is None for span in spans) or (len(parts) > 2 and "-" in written):
        return None
    held = [span for span in spans if span is not None]
    together = all(_next(one, two, revision) for one, two in pairwise(held))
    if held[0].last >= held[-1].first or not ("-" in written or together):
        return None
    return Span(held[0].first, held[-1].last, held[0].rank - 1)


def _plain(code: str, revision: str) -> Span | None:
    found = _CODE.match(code)
    if found is None or not code:
        return None
    letter, division, group, cls = found.groups()
    if division is None:
        bounds = sections(revision).get(letter)
        return None if bounds is None else Span(bounds[0] * 100, bounds[1] * 100 + 99, 2)
    if not is_division(int(division), revision):
        return None
    if cls is not None:
        place = int(division + group + cls)
        return Span(place, place, 8)
    if group is not None:
        return Span(int(division + group) * 10, int(division + group) * 10 + 9, 6)
    return Span(int(division) * 100, int(division) * 100 + 99, 4)


def _next(one: Span, two: Span, revision: str) -> bool:
    """Whether no class lies between two spans."""
    between = range(one.last // 100 + 1, two.first // 100)
    if one.last // 100 == two.first // 100:
        return one.last + 1 == two.first
    return (
        one.last % 100 == 99 and two.first % 100 == 0 and not any(is_division(number, revision) for number in between)
    )


def is_division(number: int, revision: str) -> bool:
    """Whether a revision has this division."""
    return section_of(number, revision) is not None


def section_of(division: int, revision: str) -> str | None:
    """The letter of the section that a division lies in; None where the revision has no such division."""
    if division in _NONE[revision]:
        return None
    return next((letter for letter, (first, last) in sections(revision).items() if first <= division <= last), None)


def fitting(code: str) -> frozenset[str]:
    """The revisions that a code can belong to, by its letter and its division; empty where it is no code of any."""
    fits = set()
    for revision in REVISIONS:
        parts = _JOINT.split(code.strip().upper())
        if all(_fits(part, revision) for part in parts):
            fits.add(revision)
    return frozenset(fits)


def _fits(part: str, revision: str) -> bool:
    found = _CODE.match(part)
    if part in _TOTALS:
        return True
    if found is None or not part or _plain(part, revision) is None:
        return False
    letter, division = found.group(1), found.group(2)
    return letter is None or division is None or section_of(int(division), revision) == letter
