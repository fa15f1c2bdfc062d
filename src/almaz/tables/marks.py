"""What is written in a cell: a number, or a mark that says why there is none.

Offices do not leave cells empty for one reason only: "-" says that there is none, "…" that there is no figure, "x" that the
figure exists and is hidden. The three stay different from here to the last chart.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from almaz.tables.schema import Status

MARKS: Final[Mapping[str, Status]] = {
    "-": Status.NIL,
    "–": Status.NIL,
    "—": Status.NIL,
    "…": Status.NOT_AVAILABLE,
    "...": Status.NOT_AVAILABLE,
    "..": Status.NOT_AVAILABLE,
    ":": Status.NOT_AVAILABLE,
    "n/a": Status.NOT_AVAILABLE,
    "na": Status.NOT_AVAILABLE,
    "nan": Status.NOT_AVAILABLE,
    "null": Status.NOT_AVAILABLE,
    "": Status.NOT_AVAILABLE,
    "x": Status.SUPPRESSED,
    "х": Status.SUPPRESSED,  # the Cyrillic letter
    "c": Status.SUPPRESSED,
    ":c": Status.SUPPRESSED,
    "(d)": Status.SUPPRESSED,
    "d": Status.SUPPRESSED,
    "(n)": Status.SUPPRESSED,
}
"""Marks in use at statistical offices, in lower case; a study file may add its own."""

_SPACES = re.compile(r"[\s\u00a0\u2007\u2009\u202f']")
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?")
_FOOTNOTE = re.compile(r"(?<=\d)\s*(\*+|\d\)|[¹²³⁴⁵]+)$")


@dataclass(frozen=True)
class Written:
    """A cell as understood: a number, or the status that stands for it; `problem` where neither was meant."""

    value: float | None
    status: Status
    note: str = ""
    problem: str = ""


def understand(cell: object, marks: Mapping[str, Status] = MARKS, decimal: str | None = None) -> Written:
    """Read one cell: 1 234,5 and 1,234.5 and "…" alike.

    cell: text, number or None; marks: texts (lower case) that stand for no number; decimal: "." or "," where the file says
    so; otherwise the last separator that is not followed by exactly three digits is the decimal one, and a lone comma is
    decimal, because a thousands separator by itself cannot be told from it (the offices we serve write decimal commas).
    """
    if cell is None:
        return Written(None, marks.get("", Status.NOT_AVAILABLE))
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        if not math.isfinite(cell):
            return Written(None, marks.get("", Status.NOT_AVAILABLE))
        return Written(float(cell), Status.PUBLISHED)
    written = str(cell).strip()
    if written.lower() in marks:
        status = marks[written.lower()]
        return Written(0.0 if status is Status.NIL else None, status)
    plain = _SPACES.sub("", _FOOTNOTE.sub("", written))
    note = written if _FOOTNOTE.search(written) else ""
    number = _with_point(plain, decimal)
    if number is None:
        return Written(None, Status.NOT_AVAILABLE, problem=written)
    return Written(number, Status.PUBLISHED, note=note)


def _with_point(plain: str, decimal: str | None) -> float | None:
    if decimal is None:
        comma, point = plain.rfind(","), plain.rfind(".")
        if comma >= 0 and point >= 0:
            decimal = "," if comma > point else "."
        elif plain.count(",") > 1 or plain.count(".") > 1:
            decimal = "." if "," in plain else ","
        else:
            decimal = "," if comma >= 0 else "."
    thousands = "." if decimal == "," else ","
    whole, _, rest = plain.partition(decimal)
    if thousands in rest or (thousands in whole and not re.fullmatch(rf"[+-]?\d{{1,3}}(\{thousands}\d{{3}})+", whole)):
        return None
    candidate = whole.replace(thousands, "") + ("." + rest if rest else "")
    if not _NUMBER.fullmatch(candidate):
        return None
    number = float(candidate)
    return number if abs(number) < float("inf") else None
