"""A block of a file: columns under their headers, each row with its line in the user's file; read column by column.

Every reader ends in blocks, whatever the form of the file. A column is an Arrow array (Parquet, regular CSV) or a list of
cells (spreadsheets, irregular text); either is understood through its distinct values, so that both are read alike and fast.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from almaz.tables.marks import Merged, Written, decimal_of, understand
from almaz.tables.schema import STATUSES, Status

Column: TypeAlias = Any
"""pa.ChunkedArray of texts or numbers, or a list of cells."""
Answer = TypeVar("Answer")

_PLAIN = {None: r"^[+-]?[0-9]+(\.[0-9]+)?$", ".": r"^[+-]?[0-9]+(\.[0-9]+)?$", ",": r"^[+-]?[0-9]+$"}
_CODE = {status: code for code, status in enumerate(STATUSES)}


@dataclass(frozen=True)
class Block:
    """columns: header → cells, of the columns that were read; rows: their lines in the file, from 1.

    sheet: where they stand, None outside workbooks; headers: of all the columns of the file.
    """

    sheet: str | None
    columns: Mapping[str, Column]
    rows: npt.NDArray[np.int32]
    headers: tuple[str, ...]

    def filtered(self, mask: npt.NDArray[np.bool_]) -> Block:
        """The rows where the mask holds."""
        if mask.all():
            return self
        chosen = pa.array(mask)
        columns = {
            header: [cell for cell, kept in zip(column, mask, strict=True) if kept]
            if isinstance(column, list)
            else column.filter(chosen)
            for header, column in self.columns.items()
        }
        return replace(self, columns=columns, rows=self.rows[mask])


def label(cell: object) -> str:
    """A cell as text: 41702205.0 of a spreadsheet is the code 41702205; line breaks become spaces; a day is its date."""
    if cell is None or isinstance(cell, Status):
        return ""
    if isinstance(cell, Merged):
        return label(cell.cell)
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        cell = int(cell)
    if isinstance(cell, datetime.datetime) and cell.time() == datetime.time():
        cell = cell.date()
    return " ".join(str(cell).split())


def through_distinct(column: Column, answer: Callable[[Any], Answer]) -> tuple[list[Answer], npt.NDArray[np.intp]]:
    """The answers for the distinct cells of a column, and for each row which of them is its own."""
    if isinstance(column, list):
        places: dict[Hashable, int] = {}
        answers: list[Answer] = []
        at = np.empty(len(column), dtype=np.intp)
        for row, cell in enumerate(column):
            key = (type(cell), cell)
            place = places.get(key)
            if place is None:
                place = places[key] = len(answers)
                answers.append(answer(cell))
            at[row] = place
        return answers, at
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    if not pa.types.is_dictionary(column.type):
        column = pc.dictionary_encode(column, null_encoding="encode")
    at = pc.fill_null(column.indices, -1).to_numpy(zero_copy_only=False).astype(np.intp)
    answers = [answer(cell) for cell in column.dictionary.to_pylist()]
    if (at < 0).any():
        at = np.where(at < 0, len(answers), at)
        answers.append(answer(None))
    return answers, at


def holds(column: Column, answer: Callable[[Any], bool]) -> npt.NDArray[np.bool_]:
    """For each row of a column whether the answer for its cell is yes."""
    answers, at = through_distinct(column, answer)
    return np.array(answers, dtype=np.bool_)[at] if answers else np.zeros(len(at), dtype=np.bool_)


def labels(column: Column) -> pa.Array:
    """A column as texts, as `label` writes each cell; an empty cell is ""."""
    if not isinstance(column, list) and pa.types.is_integer(column.type):
        column = column.cast(pa.string())
    answers, at = through_distinct(column, label)
    return pa.array(answers, pa.string()).take(pa.array(at))


def years(column: Column) -> npt.NDArray[np.int32]:
    """A column of years; -1 where a cell is none. 2021, "2021-ж.", "2021 г.", "2021*" and the first of January 2021 are."""
    answers, at = through_distinct(column, lambda cell: year_of(cell) or -1)
    return np.array(answers, dtype=np.int32)[at] if answers else np.empty(0, dtype=np.int32)


_YEAR_WORDS = r"(?:ж|г|жыл\w*|год\w*|йил|year)"
_YEAR = re.compile(
    rf"^(1[89]\d\d|20\d\d|2100)(?:[.,]0+)?\s*(?:[-–.]?\s*{_YEAR_WORDS}\.?)?\s*"
    r"(?:\*+|[¹²³⁴⁵]+\)?|\s\d\)|\([^)]*\))?\s*$",
    re.IGNORECASE,
)
_DAY = re.compile(r"^(1[89]\d\d|20\d\d)-(01-01|12-31)$")


def year_of(cell: object) -> int | None:
    """The year that a cell is, or None. A cell in several languages ("2021-жыл / 2021 год / 2021") must say one year."""
    written = label(cell)
    day = _DAY.match(written)
    if day:
        return int(day.group(1))
    found = {match.group(1) if (match := _YEAR.match(part)) else "" for part in re.split(r"\s*/\s*", written)}
    return int(found.pop()) if len(found) == 1 and "" not in found else None


@dataclass(frozen=True)
class Figures:
    """A column of figures: value (NaN where there is none), status as an index into STATUSES, and what was strange.

    strange: (row of the block, kind of problem, the cell as written); unclear: rows whose comma may be either.
    """

    value: npt.NDArray[np.float64]
    status: npt.NDArray[np.int8]
    strange: list[tuple[int, str, object]]
    unclear: list[int]


def figures(column: Column, marks: Mapping[str, Status], decimal: str | None) -> Figures:
    """Read a column of figures. decimal: as the study says; None: as the column's own texts give away."""
    if not isinstance(column, list) and not _textual(column.type):
        return _numbers(column, marks)
    unclear: set[str] = set()
    if decimal is None:
        texts = column if isinstance(column, list) else pc.unique(column).to_pylist()
        decimal, found = decimal_of({cell for cell in texts if isinstance(cell, str)})
        unclear = set(found)
    plain = None
    if not isinstance(column, list):
        column, plain = _set_apart(column, decimal)
    answers, at = through_distinct(column, lambda cell: (understand(cell, marks, decimal), cell))
    read = [answer for answer, _cell in answers]
    value = np.array([np.nan if one.value is None else one.value for one in read], dtype=np.float64)
    status = np.array([_CODE[one.status] for one in read], dtype=np.int8)
    odd = np.array([bool(one.problem or one.note) for one in read], dtype=bool)
    vague = np.array([cell in unclear if isinstance(cell, str) else False for _one, cell in answers], dtype=bool)
    if not answers:
        return Figures(np.empty(0), np.empty(0, dtype=np.int8), [], [])
    values, statuses = value[at], status[at]
    if plain is not None:
        known = ~np.isnan(plain)
        values, statuses = np.where(known, plain, values), np.where(known, _CODE[Status.PUBLISHED], statuses)
    strange = [(row, _kind(read[at[row]]), answers[at[row]][1]) for row in np.flatnonzero(odd[at]).tolist()]
    return Figures(values, statuses.astype(np.int8), strange, np.flatnonzero(vague[at]).tolist())


def _kind(written: Written) -> str:
    return written.problem or "footnote"


def _textual(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return not (
        pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind) or pa.types.is_null(kind)
    )


def _numbers(column: Column, marks: Mapping[str, Status]) -> Figures:
    value = pc.fill_null(column.cast(pa.float64()), np.nan).to_numpy(zero_copy_only=False).astype(np.float64)
    value = np.where(np.isfinite(value), value, np.nan)
    blank = marks.get("", Status.NOT_AVAILABLE)
    status = np.where(np.isnan(value), _CODE[blank], _CODE[Status.PUBLISHED]).astype(np.int8)
    if blank is Status.NIL:
        value = np.nan_to_num(value)
    return Figures(value, status, [], [])


def _set_apart(column: Column, decimal: str | None) -> tuple[Column, npt.NDArray[np.float64]]:
    """The column with its plain numbers taken out, and those numbers (NaN elsewhere): they need no second look."""
    column = column.cast(pa.string())
    digits = pc.fill_null(pc.match_substring_regex(column, _PLAIN[decimal]), False)
    number = pc.if_else(digits, column, None).cast(pa.float64())
    plain = pc.fill_null(number, np.nan).to_numpy(zero_copy_only=False).astype(np.float64)
    plain = np.where(np.isfinite(plain), plain, np.nan)
    return pc.if_else(pa.array(~np.isnan(plain)), "0", column), plain
