"""Reading a panel from a file: CSV, Excel or Parquet, one row a unit and time."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from almaz.errors import AlmazError, Where
from almaz.impact.panel import FloatArray, Gaps, Panel, Rows, panel
from almaz.language import text as _
from almaz.tables.marks import understand


@dataclass(frozen=True)
class Columns:
    """Headers of a panel file. first: the first time in the programme, 0 or blank for never; treated: 0 or 1; one of both."""

    unit: str = "region"
    time: str = "year"
    outcome: str = "outcome"
    first: str | None = None
    treated: str | None = None
    cluster: str | None = None
    covariates: tuple[str, ...] = ()

    @property
    def named(self) -> list[str]:
        """All headers that are needed."""
        some = [self.unit, self.time, self.outcome, self.first, self.treated, self.cluster, *self.covariates]
        return [name for name in some if name]


def read_panel(file: Path, columns: Columns, gaps: Gaps = "refuse") -> Panel:
    """Read a panel file and lay it out.

    Numbers may be written with decimal commas; marks for missing figures ("…", "-", blank) are gaps, except in `first`, where
    they mean never. Raises AlmazError for a missing column, a cell that is no number, and all that `panel.panel` refuses.
    """
    table = _checked(file, columns)
    if (columns.first is None) == (columns.treated is None):
        raise AlmazError(
            _("the panel does not say who was in the programme"),
            where=Where(file=str(file)),
            expected=_("a column with the first time in the programme, or one with 0 and 1"),
        )
    time = _numbers(table, columns.time, file)
    if np.isnan(time).any() or (time != np.round(time)).any():
        place = int(np.flatnonzero(np.isnan(time) | (time != np.round(time)))[0])
        raise AlmazError(
            _("this time is not a whole number"),
            where=Where(file=str(file), row=place + 2, column=columns.time),
            expected=_("a year, or the number of a quarter"),
        )
    outcome = _numbers(table, columns.outcome, file)
    return panel(
        Rows(
            _labels(table, columns.unit), time.astype(np.int64), outcome,
            _numbers(table, columns.first, file) if columns.first else None,
            _numbers(table, columns.treated, file) if columns.treated else None,
            _labels(table, columns.cluster) if columns.cluster else None,
            {name: _numbers(table, name, file) for name in columns.covariates},
            np.arange(2, table.num_rows + 2), str(file),
        ),
        gaps,
    )  # fmt: skip


def _checked(file: Path, columns: Columns) -> pa.Table:
    """The file as a table that has the columns named."""
    table = _table(file)
    for name in columns.named:
        if name not in table.column_names:
            close = get_close_matches(name, table.column_names, n=1)
            raise AlmazError(
                _("there is no column «{name}»", name=name),
                where=Where(file=str(file)),
                expected=_("one of: {keys}", keys=", ".join(table.column_names[:40])),
                advice=_("did you mean «{close}»?", close=close[0])
                if close
                else _("name it with --unit, --time, --outcome …"),
            )
    return table


def _table(file: Path) -> pa.Table:
    if not file.is_file():
        raise AlmazError(_("there is no such file"), where=Where(file=str(file)))
    ending = file.suffix.lower()
    try:
        if ending in (".parquet", ".pq"):
            return pq.read_table(file)
        if ending == ".xlsx":
            return _sheet(file)
        with file.open(encoding="utf-8-sig") as source:
            head = source.readline()
        delimiter = max(",;\t", key=head.count)
        return pyarrow.csv.read_csv(file, parse_options=pyarrow.csv.ParseOptions(delimiter=delimiter))
    except (pa.ArrowInvalid, UnicodeDecodeError, OSError, StopIteration) as why:
        raise AlmazError(
            _("the file cannot be read: {why}", why=why),
            where=Where(file=str(file)),
            expected=".csv, .tsv, .xlsx, .parquet",
        ) from None


def _sheet(file: Path) -> pa.Table:
    import openpyxl

    with contextlib.closing(openpyxl.load_workbook(file, read_only=True, data_only=True)) as book:
        rows = book.worksheets[0].iter_rows(values_only=True)
        header = [str(cell or "") for cell in next(rows)]
        lines = [row for row in rows if any(cell is not None for cell in row)]
    return pa.table(
        {
            name: pa.array([None if row[place] is None else str(row[place]) for row in lines], pa.string())
            for place, name in enumerate(header)
            if name
        }
    )


def _labels(table: pa.Table, name: str) -> Sequence[str]:
    return ["" if value is None else str(value) for value in table[name].to_pylist()]


def _numbers(table: pa.Table, name: str, file: Path) -> FloatArray:
    column = table[name]
    if pa.types.is_boolean(column.type):
        column = column.cast(pa.int8())
    if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
        return np.asarray(column.cast(pa.float64()).to_numpy(zero_copy_only=False))
    found = np.full(table.num_rows, np.nan)
    for place, cell in enumerate(column.to_pylist()):
        written = understand(cell)
        if written.problem:
            raise AlmazError(
                _("«{value}» is not a number", value=cell),
                where=Where(file=str(file), row=place + 2, column=name),
                expected=_("a number, or a mark for a missing figure"),
            )
        if written.value is not None:
            found[place] = written.value
    return found


def read_outcome(file: Path, unit: str, time: str, outcome: str) -> FloatArray:
    """The complete units of a panel file as (units, times), whoever is in a programme: for planning one."""
    columns = Columns(unit, time, outcome)
    table = _checked(file, columns)
    units, rows = np.unique(np.asarray(_labels(table, unit)), return_inverse=True)
    times, places = np.unique(_numbers(table, time, file), return_inverse=True)
    laid = np.full((len(units), len(times)), np.nan)
    laid[rows, places] = _numbers(table, outcome, file)
    return np.asarray(laid[np.isfinite(laid).all(axis=1)])
