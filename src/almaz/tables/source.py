"""A source of activity: a file and what its columns mean; reading ends in observations and problems, nothing is lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

import pyarrow as pa

from almaz.errors import AlmazError, Where
from almaz.language import text as _
from almaz.tables.marks import MARKS
from almaz.tables.schema import OBSERVATIONS, PROBLEMS, Status

DIMENSIONS = ("region", "industry", "year", "measure")


@dataclass(frozen=True)
class Source:
    """One [[data]] section of a study file.

    dimensions: region / industry / year / measure → header of the column that says it;
    constants: the same, where the whole file has one; values: header of a value column → what it holds (measure, year,
    industry, and `hidden`, the header of a flag that says the figure is suppressed); where: rows to keep, by column;
    marks: this source's own marks for missing figures; sheets: sheet name → its constants.
    """

    file: Path
    format: str = "table"
    sheet: str | None = None
    dimensions: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str | int] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str | int]] = field(default_factory=dict)
    where: Mapping[str, str | list[str]] = field(default_factory=dict)
    marks: Mapping[str, Status] = field(default_factory=dict)
    sheets: Mapping[str, Mapping[str, str | int]] = field(default_factory=dict)
    encoding: str | None = None
    delimiter: str | None = None
    decimal: str | None = None

    @property
    def all_marks(self) -> Mapping[str, Status]:
        """The marks in use at statistical offices and this source's own."""
        return {**MARKS, **{mark.lower(): Status(status) for mark, status in self.marks.items()}}


@dataclass(frozen=True)
class Reading:
    """What a file gave: observations, problems, and the number of data rows seen; every row is in one of the two."""

    observations: pa.Table
    problems: pa.Table
    rows: int


@dataclass
class Findings:
    """Collects observations and problems of one file while it is read."""

    source: Source
    observed: list[dict[str, object]] = field(default_factory=list)
    found: list[dict[str, object]] = field(default_factory=list)

    def problem(
        self,
        kind: str,
        problem: str,
        *,
        level: str = "warning",
        sheet: str | None = None,
        row: int | None = None,
        column: str | None = None,
        value: object = None,
        expected: str = "",
    ) -> None:
        """Keep one problem with its place."""
        self.found.append(
            {
                "level": level,
                "kind": kind,
                "file": self.source.file.name,
                "sheet": sheet,
                "row": row,
                "column": column,
                "value": None if value is None else str(value),
                "problem": problem,
                "expected": expected,
                "count": 1,
            }
        )

    def reading(self, rows: int) -> Reading:
        """What was collected, as tables."""
        return Reading(
            pa.Table.from_pylist(self.observed, schema=OBSERVATIONS),
            pa.Table.from_pylist(self.found, schema=PROBLEMS),
            rows,
        )


def need_columns(source: Source, headers: list[str], sheet: str | None = None) -> None:
    """Raise AlmazError for the first column that the study names and the file does not have."""
    named = [*source.dimensions.values(), *source.values, *source.where]
    named += [str(meaning["hidden"]) for meaning in source.values.values() if "hidden" in meaning]
    for name in named:
        if name not in headers:
            close = get_close_matches(name, headers, n=1)
            raise AlmazError(
                _("there is no column «{name}»", name=name),
                where=Where(file=str(source.file), sheet=sheet),
                expected=_("one of: {keys}", keys=", ".join(headers[:40]) or "—"),
                advice=_("did you mean «{close}»?", close=close[0])
                if close
                else _("name the column in the study file"),
            )
    missing = [
        dimension
        for dimension in DIMENSIONS
        if dimension not in source.dimensions
        and dimension not in source.constants
        and not all(dimension in meaning for meaning in source.values.values())
    ]
    if missing or not source.values:
        raise AlmazError(
            _("the study does not say where to find: {missing}", missing=", ".join(missing or ["values"])),
            where=Where(file=str(source.file), sheet=sheet),
            advice=_("name a column under dimensions, or one value for the whole file under constants"),
        )


def kept(source: Source, row: Mapping[str, object]) -> bool:
    """Whether the study's `where` keeps this row."""
    for column, wanted in source.where.items():
        allowed = [wanted] if isinstance(wanted, str) else wanted
        if str(row.get(column, "") or "").strip() not in allowed:
            return False
    return True


def read(source: Source) -> Reading:
    """Read a source: CSV, TSV, Excel or Parquet by its ending, in the form the study names.

    Raises AlmazError where the file cannot be read at all; everything smaller ends in the problems.
    """
    from almaz.tables import delimited, parquet, spreadsheet

    ending = source.file.suffix.lower()
    try:
        if source.file.stat().st_size == 0:
            raise AlmazError(
                _("the file is empty"), where=Where(file=str(source.file)), expected=_("a table with a header row")
            )
        if ending in (".parquet", ".pq"):
            return parquet.read(source)
        if ending in (".xlsx", ".xlsm"):
            return spreadsheet.read(source)
        if ending in (".csv", ".tsv", ".txt", ".gz"):
            return delimited.read(source)
    except OSError as why:
        raise AlmazError(
            _("the file cannot be read: {why}", why=why.strerror or why), where=Where(file=str(source.file))
        ) from None
    raise AlmazError(
        _("files ending in «{ending}» cannot be read", ending=ending),
        where=Where(file=str(source.file)),
        expected=".csv, .tsv, .txt, .csv.gz, .xlsx, .parquet",
        advice=_("save it in one of these forms"),
    )
