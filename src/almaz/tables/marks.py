"""What is written in a cell: a number, or a mark that says why there is none.

Offices do not leave cells empty for one reason only: "-" says that there is none, "…" that there is no figure, "x" that the
figure exists and is hidden. The three stay different from here to the last chart.
"""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Iterable, Mapping
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
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?", re.ASCII)
_FOOTNOTE = re.compile(r"(?<=\d)\s*(\*+|(?<=\s)\d\)|[¹²³⁴⁵]+\)?)$", re.ASCII)
_ERRORS = frozenset(
    ("#n/a", "#div/0!", "#ref!", "#name?", "#num!", "#value!", "#null!", "#spill!", "#calc!", "#getting_data",
     "#н/д", "#дел/0!", "#ссылка!", "#имя?", "#число!", "#знач!", "#пусто!")
)  # fmt: skip
"""What Excel writes where a formula fails, in English and in Russian."""


@dataclass(frozen=True)
class Merged:
    """A cell that shows what the first cell of its merged range holds."""

    cell: object


@dataclass(frozen=True)
class Uncounted:
    """A formula whose result was never stored in the file."""

    formula: str


@dataclass(frozen=True)
class Written:
    """A cell as understood: a number, or the status that stands for it.

    note: the cell as written, where a footnote mark was set aside; problem: a kind of `problems`, where neither a number
    nor a mark was meant.
    """

    value: float | None
    status: Status
    note: str = ""
    problem: str = ""


def understand(cell: object, marks: Mapping[str, Status] = MARKS, decimal: str | None = None) -> Written:
    """Read one cell: 1 234,5 and 1,234.5 and "…" alike.

    cell: text, number, date or None; marks: texts (lower case) that stand for no number; decimal: "." or "," where the file
    or its column says so (`decimal_of`); otherwise the last separator that is not followed by exactly three digits is the
    decimal one, and a lone comma is decimal, because a thousands separator by itself cannot be told from it (the offices we
    serve write decimal commas).
    """
    if isinstance(cell, Status):
        return Written(None, cell)
    if isinstance(cell, str):
        return _understood(cell.strip(), marks, decimal)
    if cell is None or (isinstance(cell, float) and not math.isfinite(cell)):
        return Written(None, marks.get("", Status.NOT_AVAILABLE))
    if isinstance(cell, (int, float)) and not isinstance(cell, bool) and abs(cell) < 1e300:
        return Written(float(cell), Status.PUBLISHED)
    return Written(None, Status.NOT_AVAILABLE, problem=_strange(cell))


def _understood(written: str, marks: Mapping[str, Status], decimal: str | None) -> Written:
    if written.lower() in marks:
        status = marks[written.lower()]
        return Written(0.0 if status is Status.NIL else None, status)
    if written.lower() in _ERRORS:
        return Written(None, Status.NOT_AVAILABLE, problem="error_cell")
    plain = _SPACES.sub("", _FOOTNOTE.sub("", written))
    note = written if _FOOTNOTE.search(written) else ""
    read = _with_point(plain, decimal)
    if read is None:
        return Written(None, Status.NOT_AVAILABLE, problem="not_a_number")
    return Written(read, Status.PUBLISHED, note=note)


def _strange(cell: object) -> str:
    if isinstance(cell, (datetime.date, datetime.time, datetime.timedelta)):
        return "date_in_number"
    if isinstance(cell, Merged):
        return "merged_value"
    return "formula_without_value" if isinstance(cell, Uncounted) else "not_a_number"


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
    if thousands in rest or (
        thousands in whole and not re.fullmatch(rf"[+-]?\d{{1,3}}(\{thousands}\d{{3}})+", whole, re.ASCII)
    ):
        return None
    candidate = whole.replace(thousands, "") + ("." + rest if rest else "")
    if not _NUMBER.fullmatch(candidate):
        return None
    number = float(candidate)
    return number if abs(number) < float("inf") else None


_DECIMAL_COMMA = re.compile(r"\d,(\d{1,2}|\d{4,})$|\.\d{3},\d|[\s\u00a0\u202f]\d{3},\d|^[+-]?0,\d")
_DECIMAL_POINT = re.compile(r"\d\.(\d{1,2}|\d{4,})$|,\d{3}\.\d|,\d{3},\d{3}|[\s\u00a0\u202f]\d{3}\.\d|^[+-]?0\.\d")
_AMBIGUOUS = re.compile(r"^[+-]?[1-9]\d{0,2},\d{3}$")


def decimal_of(column: Iterable[str]) -> tuple[str | None, list[str]]:
    """The decimal separator that the texts of one column give away, and those that stay ambiguous ("1,234").

    None where no text tells, or where some tell of one and some of the other: each cell is then read by itself.
    """
    comma = point = False
    unclear: list[str] = []
    for written in column:
        plain = written.strip()
        comma = comma or _DECIMAL_COMMA.search(plain) is not None
        point = point or _DECIMAL_POINT.search(plain) is not None
        if _AMBIGUOUS.match(plain):
            unclear.append(written)
    if comma != point:
        return ("," if comma else "."), []
    return None, unclear
