"""A register: many records per cell (an establishment, a person, a payroll line), checked and added up by the engine.

The expressions are the same for every engine. Only cells leave it: region × industry × year, with sums, and what was wrong.

Sums do not depend on the order in which records are met, and so neither on the engine nor on the number of workers:

    high = ⌊v · 2¹⁰⌋,  low = ⌊(v · 2¹⁰ − high) · 2³⁶⌋,  Σ v = Σ high · 2⁻¹⁰ + Σ low · 2⁻⁴⁶

Both are whole numbers, which add up exactly; each record loses less than 2⁻⁴⁶ (1.4 · 10⁻¹⁴), whole numbers lose nothing.
Columns of whole numbers and of decimals are added up as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import reduce
from operator import or_
from typing import Any, TypeAlias

import ibis
import pyarrow as pa
import pyarrow.compute as pc
from ibis import _ as row

from almaz.errors import AlmazError, Where
from almaz.language import text as _
from almaz.tables.concordance import Concordance
from almaz.tables.schema import Status
from almaz.tables.source import keeps

Value: TypeAlias = Any
"""An Ibis column."""

EVERY = "*"
"""What `counts` says where every record counts one."""
CODES = ("region", "industry", "year")
UNKNOWN = "_unknown"
"""Ending of the number of records without a figure of a measure."""
LARGEST = 2.0**53
"""A figure beyond it is none: no cell of the world's statistics holds so much."""
_NUMBER = r"^[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]{1,3})?$"


@dataclass(frozen=True)
class Sum:
    """A column of figures that is added up: to which measure, and of which year where the records do not say it."""

    column: str
    measure: str
    year: int | None = None


@dataclass(frozen=True)
class Register:
    """One [[registers]] section of a study file.

    name: how it is called in messages; dimensions: region / industry / year → the column that says it; constants: the same,
    where all records have one; sums: columns that are added up; counts: measure → the column whose distinct values are
    counted, or "*": records; where: records to keep, by column; identifier: the column by which a record is known within a
    year; empty: what a record without a figure means; concordance: the register's industries in the study's, by weights.
    """

    name: str
    dimensions: Mapping[str, str]
    constants: Mapping[str, str | int] = field(default_factory=dict)
    sums: tuple[Sum, ...] = ()
    counts: Mapping[str, str] = field(default_factory=dict)
    where: Mapping[str, str | list[str]] = field(default_factory=dict)
    identifier: str | None = None
    empty: Status = Status.NOT_AVAILABLE
    concordance: Concordance | None = None

    @property
    def columns(self) -> list[str]:
        """The columns that it names, each once."""
        named = [*self.dimensions.values(), *(part.column for part in self.sums), *self.counts.values(), *self.where]
        named += [self.identifier] if self.identifier is not None else []
        return [name for name in dict.fromkeys(named) if name != EVERY]


def check_columns(records: ibis.Table, register: Register) -> None:
    """Raise AlmazError for the first column that is not there, or whose kind cannot be what the register says it is."""
    schema = records.schema()
    for name in register.columns:
        if name not in schema:
            close = get_close_matches(name, schema.names, n=1)
            raise AlmazError(
                _("there is no column «{name}»", name=name),
                where=Where(file=register.name),
                expected=_("one of: {keys}", keys=", ".join(schema.names[:40])),
                advice=_("did you mean «{close}»?", close=close[0])
                if close
                else _("name the column in the study file"),
            )
    for dimension in CODES:
        column = register.dimensions.get(dimension)
        if column is None and dimension not in register.constants:
            if (
                dimension == "year"
                and register.sums
                and not register.counts
                and all(part.year for part in register.sums)
            ):
                continue
            raise AlmazError(
                _("the study does not say where to find: {missing}", missing=dimension),
                where=Where(file=register.name),
                advice=_("name a column under dimensions, or one value for the whole file under constants"),
            )
        if column is not None and not (schema[column].is_string() or schema[column].is_integer()):
            raise _wrong_kind(register, column, schema[column], _("texts or whole numbers"))
    for part in register.sums:
        if not (schema[part.column].is_numeric() or schema[part.column].is_string()):
            raise _wrong_kind(register, part.column, schema[part.column], _("a number"))


def _wrong_kind(register: Register, column: str, kind: object, expected: str) -> AlmazError:
    return AlmazError(
        _("the column «{name}» holds {kind}", name=column, kind=kind),
        where=Where(file=register.name, column=column),
        expected=expected,
    )


def meant(records: ibis.Table, register: Register) -> ibis.Table:
    """The records that the register's `where` keeps."""
    for column, wanted in register.where.items():
        records = records.filter(records[column].cast("string").isin(keeps(wanted)))
    return records


def cells(records: ibis.Table, register: Register) -> ibis.Table:
    """The records added up to region × industry × year.

    Columns: region, industry, year, as they are written, left out where no column says it; records; for the n-th sum value_n, or
    value_n_high and value_n_low, how many of its records are empty_n, and of those strange_n (texts that are no number); for
    the n-th count count_n, left out where it counts records. With a concordance the industries are the study's, trimmed, and
    all figures, records too, are divided by its weights: the engine joins it to the cells, which are few, not to the records.
    """
    by = {name: records[column] for name, column in register.dimensions.items() if name in CODES}
    figures: dict[str, Value] = {"records": records.count()}
    for number, part in enumerate(register.sums):
        value, strange = _figure(records[part.column])
        figures |= _parts(value, f"value_{number}")
        figures[f"empty_{number}"] = value.isnull().sum()
        if strange is not None:
            figures[f"strange_{number}"] = strange.sum()
    for number, column in enumerate(register.counts.values()):
        if column != EVERY:
            figures[f"count_{number}"] = records[column].nunique()
    summed = records.group_by(**by).agg(**figures)
    if register.concordance is None or "industry" not in by:
        return summed
    return _converted(summed, register.concordance, list(by), list(figures))


def _figure(column: Value) -> tuple[Value, Value | None]:
    """A column as figures, null where there is none, and for texts where a text is no number."""
    if column.type().is_string():
        written = column.strip()
        number = written.re_search(_NUMBER).fill_null(False)
        value = ibis.ifelse(number, written, ibis.null("string")).cast("float64")
        return _finite(value), ~number & (written.fill_null("") != "")
    return (_finite(column.cast("float64")) if column.type().is_floating() else column), None


def _finite(value: Value) -> Value:
    return ibis.ifelse((value.abs() < LARGEST).fill_null(False), value, ibis.null("float64"))


def _parts(value: Value, name: str) -> dict[str, Value]:
    """A sum that does not depend on the order: of whole numbers and decimals as it is, of others as high and low."""
    if not value.type().is_floating():
        return {name: value.sum()}
    scaled = value * 2.0**10
    high = scaled.floor()
    return {
        f"{name}_high": high.cast("int64").sum(),
        f"{name}_low": ((scaled - high) * 2.0**36).floor().cast("int64").sum(),
    }


def _converted(summed: ibis.Table, concordance: Concordance, by: list[str], figures: list[str]) -> ibis.Table:
    """Cells by the study's industries, all figures of the register's divided by the concordance's weights, added up again."""
    rules = [(old, new, share) for old, parts in concordance.weights.items() for new, share in parts.items()]
    table = ibis.memtable(pa.table([pa.array(column) for column in zip(*rules, strict=True)], ["old", "new", "share"]))
    summed = summed.mutate(industry=summed.industry.cast("string").strip())
    joined = summed.left_join(table, summed.industry == table.old)
    share = ibis.coalesce(joined.share, 1.0)
    codes = {name: joined[name] for name in by} | {"industry": ibis.coalesce(joined.new, joined.industry)}
    names = _names(figures)
    return added(joined.select(**codes, **{name: _joined(joined, name) * share for name in names}), by, names)


def added(table: ibis.Table, by: Sequence[str], figures: Sequence[str]) -> ibis.Table:
    """The figures of rows with the same codes added up, without regard to their order: as they are, or as high and low."""
    return table.group_by(list(by)).agg(
        **{key: part for name in figures for key, part in _parts(table[name], name).items()}
    )


def whole(table: ibis.Table, by: Sequence[str]) -> ibis.Table:
    """A table of sums with every sum in one column."""
    figures = _names(name for name in table.columns if name not in by)
    return table.select(*by, **{name: _joined(table, name) for name in figures})


def _names(figures: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(name.removesuffix("_high").removesuffix("_low") for name in figures))


def plain_cells(records: ibis.Table, register: Register) -> ibis.Table:
    """`cells` in the engine itself: codes as texts without blanks around them, null where nothing is left, sums in one column."""
    summed = cells(records, register)
    codes = [name for name in CODES if name in summed.columns]
    texts = {name: summed[name].cast("string").strip().nullif("") for name in codes}
    figures = {name: _joined(summed, name) for name in _names(name for name in summed.columns if name not in codes)}
    return whole(added(summed.select(**texts, **figures), codes, list(figures)), codes)


def by_measure(summed: ibis.Table, register: Register, measures: Sequence[str]) -> ibis.Table:
    """`plain_cells` with a column for every measure: region, industry, year (a text); employment: what its records with a figure
    add up to, null where the register does not tell it; employment_unknown: how many of its records have no figure.

    Columns whose figures are of a year of their own make rows of that year. Raises AlmazError where two tell the same.
    """
    parts: dict[int | None, dict[str, Value]] = {}
    for number, part in enumerate(register.sums):
        none = ibis.literal(0.0) if register.empty is Status.NIL else summed[f"empty_{number}"]
        told = {part.measure: summed[f"value_{number}"].fill_null(0.0), f"{part.measure}{UNKNOWN}": none}
        if part.measure in parts.setdefault(part.year, {}):
            raise told_twice(part.measure)
        parts[part.year] |= told
    for number, (measure, column) in enumerate(register.counts.items()):
        parts.setdefault(None, {})[measure] = summed["records" if column == EVERY else f"count_{number}"]
    rows = []
    for year, told in parts.items():
        codes = {
            name: summed[name] if name in summed.columns else ibis.literal(str(register.constants.get(name, year)))
            for name in CODES
        }
        said = codes if year is None else codes | {"year": ibis.literal(str(year))}
        rows.append(summed.select(**said, **{name: told.get(name, empty) for name, empty in _empty(measures).items()}))
    return ibis.union(*rows) if len(rows) > 1 else rows[0]


def told_twice(measure: str) -> AlmazError:
    """Two sources tell one measure of one cell: which of them is meant?"""
    return AlmazError(
        _("{measure} of a region, industry and year is told more than once", measure=measure),
        expected=_("one register or column that tells it"),
        advice=_("see where with: almaz check"),
    )


def _empty(measures: Sequence[str]) -> dict[str, Value]:
    return {
        name: value
        for measure in measures
        for name, value in ((measure, ibis.null("float64")), (f"{measure}{UNKNOWN}", ibis.literal(0.0)))
    }


def _joined(table: ibis.Table, name: str) -> Value:
    """The sum whose parts `_parts` made."""
    if name in table.columns:
        return table[name].cast("float64")
    return table[f"{name}_high"].cast("float64") / 2.0**10 + table[f"{name}_low"].cast("float64") / 2.0**46


def joined(table: pa.Table) -> pa.Table:
    """Cells that an engine gave, with each sum in one column of numbers; the same as in the engine, bit for bit."""
    columns: dict[str, pa.ChunkedArray] = {}
    for name in table.column_names:
        if name in CODES or not name.endswith(("_high", "_low")):
            columns[name] = table[name] if name in CODES else _number(table[name])
        elif name.endswith("_high"):
            low = _number(table[name.removesuffix("_high") + "_low"])
            high = pc.divide(_number(table[name]), 2.0**10)
            columns[name.removesuffix("_high")] = pc.add(high, pc.divide(low, 2.0**46))
    return pa.table(columns)


def _number(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """To the nearest number, as the engines do it too."""
    return pc.cast(column, pa.float64(), safe=False)


def repeated(records: ibis.Table, register: Register) -> ibis.Table:
    """How many identifiers stand more than once in a year (`identifiers`), in how many records too many, and the first."""
    by = [register.identifier, *(column for name, column in register.dimensions.items() if name == "year")]
    counted = records.filter(records[register.identifier].notnull()).group_by(by).agg(number=row.count())
    twice = counted.filter(counted.number > 1)
    return twice.agg(
        identifiers=twice.count(),
        records=(twice.number - 1).sum().fill_null(0),
        first=twice[register.identifier].cast("string").min(),
    )


def faults(records: ibis.Table, register: Register) -> ibis.Table:
    """One row: how many records have no identifier (`nameless`); for the n-th sum how many are below zero (`number_n`), and of
    those the first identifier (`name_n`) and the least figure (`value_n`)."""
    figures: dict[str, Value] = {}
    wrong: list[Value] = []
    if register.identifier is not None:
        nameless = records[register.identifier].isnull()
        figures["nameless"] = nameless.sum()
        wrong.append(nameless)
    for number, part in enumerate(register.sums):
        value = _figure(records[part.column])[0].cast("float64")
        below = (value < 0).fill_null(False)
        name = ibis.null("string") if register.identifier is None else records[register.identifier].cast("string")
        figures[f"number_{number}"] = below.sum()
        figures[f"name_{number}"] = ibis.ifelse(below, name, ibis.null("string")).min()
        figures[f"value_{number}"] = ibis.ifelse(below, value, ibis.null("float64")).min()
        wrong.append(below)
    return records.filter(reduce(or_, wrong)).agg(**figures) if wrong else records.agg(nothing=records.count())
