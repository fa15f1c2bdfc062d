"""A source of activity: a file and what its columns mean; reading ends in observations and problems, nothing is lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from almaz.errors import AlmazError, Where
from almaz.language import text as _
from almaz.tables.marks import MARKS
from almaz.tables.problems import problem
from almaz.tables.schema import OBSERVATIONS, PROBLEMS, Status

DIMENSIONS = ("region", "industry", "year", "measure")
FORMATS = ("table", "statgov", "qcew", "sdmx", "eurostat")
ENDINGS = (".csv", ".tsv", ".txt", ".gz", ".xlsx", ".xlsm", ".parquet", ".pq")


@dataclass(frozen=True)
class Source:
    """One [[data]] section of a study file.

    dimensions: region / industry / year / measure → header of the column that says it;
    constants: the same, where the whole file has one; values: header of a value column → what it holds: measure, year,
    industry; `scale`, by which its figures are multiplied; `hidden`, the header of a flag that says that the figure is
    suppressed; `flag` and `confidentiality`, headers of columns of flags; `multiplier`, the header of a power of ten;
    measures: what the file calls a measure → what Almaz calls it, other measures are left out; where: rows to keep, by
    column; marks: this source's own marks for missing figures; sheets: sheet name → its constants;
    ownership, areas, quarter: which rows of a census of employment are meant (format qcew).
    """

    file: Path
    format: str = "table"
    sheet: str | None = None
    dimensions: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str | int] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str | int | float]] = field(default_factory=dict)
    measures: Mapping[str, str] = field(default_factory=dict)
    where: Mapping[str, str | list[str]] = field(default_factory=dict)
    marks: Mapping[str, Status] = field(default_factory=dict)
    sheets: Mapping[str, Mapping[str, str | int]] = field(default_factory=dict)
    encoding: str | None = None
    delimiter: str | None = None
    decimal: str | None = None
    ownership: str | list[str] = "5"
    areas: str | None = None
    quarter: int | None = None

    @property
    def all_marks(self) -> Mapping[str, Status]:
        """The marks in use at statistical offices and this source's own."""
        return {**MARKS, **{mark.lower(): Status(status) for mark, status in self.marks.items()}}


@dataclass(frozen=True)
class Reading:
    """What a file gave: observations, problems, and the number of data rows seen.

    Every row is among the observations, has a line of its own in the problems, or is counted in a line for many.
    """

    observations: pa.Table
    problems: pa.Table
    rows: int


@dataclass
class Findings:
    """Collects the problems of one file while it is read, and counts its data rows."""

    source: Source
    found: list[dict[str, object]] = field(default_factory=list)
    rows: int = 0

    def problem(
        self,
        kind: str,
        level: str = "warning",
        *,
        sheet: str | None = None,
        row: int | None = None,
        column: str | None = None,
        value: object = None,
        number: int = 1,
        **details: object,
    ) -> None:
        """Keep one problem with its place."""
        place = {"sheet": sheet, "row": row, "column": column}
        self.found.append(
            problem(kind, level, file=self.source.file.name, **place, value=value, number=number, **details)  # type: ignore[arg-type]
        )

    @property
    def table(self) -> pa.Table:
        """What was found, as PROBLEMS."""
        return pa.Table.from_pylist(self.found, schema=PROBLEMS)

    def fault(self, message: str, *, sheet: str | None = None, **said: str) -> AlmazError:
        """An error that names the file and the sheet. said: expected, advice."""
        return AlmazError(message, where=Where(file=str(self.source.file), sheet=sheet), **said)


def named_columns(source: Source) -> frozenset[str]:
    """The headers that a source names."""
    named = {*source.dimensions.values(), *source.values, *source.where}
    for meaning in source.values.values():
        named |= {str(meaning[key]) for key in ("hidden", "flag", "confidentiality", "multiplier") if key in meaning}
    return frozenset(named)


def keeps(wanted: str | Sequence[str]) -> list[str]:
    """What a `where` keeps, as a list."""
    return [wanted] if isinstance(wanted, str) else list(wanted)


def read(source: Source) -> Reading:
    """Read a source: CSV, TSV, Excel or Parquet by its ending, in the form the study names.

    Raises AlmazError where the file cannot be read at all; everything smaller ends in the problems.
    """
    from almaz.tables.layout import laid_out
    from almaz.tables.observe import observe

    findings = Findings(source)
    parts = [observe(block, meant, findings) for block, meant in laid_out(source, findings)]
    observations = pa.concat_tables([OBSERVATIONS.empty_table(), *parts]).unify_dictionaries()
    return Reading(observations, findings.table, findings.rows)


def no_such_ending(file: Path) -> AlmazError:
    """The error for a file in a form that is not read."""
    return AlmazError(
        _("files ending in «{ending}» cannot be read", ending=file.suffix.lower()),
        where=Where(file=str(file)),
        expected=", ".join(ENDINGS),
        advice=_("save it in one of these forms"),
    )
