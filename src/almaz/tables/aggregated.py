"""From the cells that an engine added up to observations, and what was wrong with the records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from almaz.tables.assemble import AT_LEAST
from almaz.tables.block import years
from almaz.tables.problems import problem
from almaz.tables.register import CODES, EVERY, Register, Sum, joined
from almaz.tables.schema import OBSERVATIONS, PROBLEMS, STATUSES, Status
from almaz.tables.source import Reading, keeps

Line = dict[str, object]
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Added:
    """What an engine gave for a register. cells: of `register.cells`; every: how many records there are in all, those that
    `where` leaves out too, or None where there is no `where`; faults: of `register.faults`; repeated: of `register.repeated`."""

    cells: pa.Table
    every: int | None
    faults: pa.Table
    repeated: pa.Table


def reading(added: Added, register: Register) -> Reading:
    """The observations of a register, sorted by their codes, and every problem with the number of records it stands for.

    A cell with records without a figure is what the register's `empty` says; what the other records add up to is then the least
    that it can be, and stands in a measure of its own (employment_at_least).
    """
    codes = [name for name in CODES if name in added.cells.column_names]
    cells = joined(_trimmed(added.cells, codes)).sort_by([(name, "ascending") for name in codes])
    (faults,) = added.faults.to_pylist()
    kept = _total(cells["records"])
    lines = about_records(added.every, kept, faults, added.repeated, register)
    cells, lost = _with_codes(cells, register, codes)
    lines += lost
    when = None
    if "year" in codes:
        when = years(cells["year"])
        lines += _without_year(cells, register, when)
        keep = pa.array(when >= 0)
        cells, when = cells.filter(keep), when[when >= 0]
    parts = [OBSERVATIONS.empty_table()]
    for number, part in enumerate(register.sums):
        lines += about_figures(cells, register, number, part, faults)
        parts += _summed(cells, register, number, part, when)
    for number, (measure, column) in enumerate(register.counts.items()):
        value = cells["records" if column == EVERY else f"count_{number}"]
        parts.append(_observed(cells, register, measure, column, value, Status.PUBLISHED, when))
    observations = pa.concat_tables(parts).unify_dictionaries()
    return Reading(
        observations, pa.Table.from_pylist(lines, schema=PROBLEMS), kept if added.every is None else added.every
    )


def _trimmed(cells: pa.Table, codes: list[str]) -> pa.Table:
    """The cells by codes without blanks around them, null where nothing is left; added up again where that made two one."""
    changed = False
    for name in codes:
        written = cells[name].cast(pa.string()).dictionary_encode().unify_dictionaries().combine_chunks()
        written = written.chunk(0) if isinstance(written, pa.ChunkedArray) else written
        plain = pc.utf8_trim_whitespace(written.dictionary)
        plain = pc.if_else(pc.equal(plain, ""), None, plain)
        changed = changed or not plain.equals(written.dictionary)
        cells = cells.set_column(cells.column_names.index(name), name, plain.take(written.indices))
    if not changed:
        return cells
    figures = [name for name in cells.column_names if name not in codes]
    again = cells.group_by(codes).aggregate([(name, "sum") for name in figures])
    return again.select([*codes, *(f"{name}_sum" for name in figures)]).rename_columns([*codes, *figures])


def _total(column: pa.ChunkedArray) -> int:
    return round(pc.sum(column).as_py() or 0.0)


def about_records(
    every: int | None, kept: int, faults: dict[str, Any], repeated: pa.Table, register: Register
) -> list[Line]:
    """How many records `where` left out, how many stand more than once and how many have no identifier."""
    lines: list[Line] = []
    left_out = 0 if every is None else every - kept
    if left_out > 0:
        wanted = [f"{column} = {' | '.join(keeps(values))}" for column, values in register.where.items()]
        lines.append(problem("set_aside", "note", file=register.name, number=left_out, wanted=wanted))
    for one in repeated.to_pylist():
        if one["records"]:
            said = {"column": register.identifier, "value": one["first"], "number": one["records"]}
            lines.append(problem("repeated_records", "error", file=register.name, **said))
    if number := faults.get("nameless"):
        lines.append(problem("nameless_records", file=register.name, column=register.identifier, number=number))
    return lines


def _with_codes(cells: pa.Table, register: Register, codes: list[str]) -> tuple[pa.Table, list[Line]]:
    lines = []
    for name in codes:
        lost = pc.is_null(cells[name])
        if pc.any(lost).as_py():
            number = _total(cells["records"].filter(lost))
            lines.append(
                problem("codeless_records", file=register.name, column=register.dimensions[name], number=number)
            )
            cells = cells.filter(pc.invert(lost))
    return cells, lines


def _without_year(cells: pa.Table, register: Register, when: npt.NDArray[np.int32]) -> list[Line]:
    lost = cells.filter(pa.array(when < 0)).group_by("year").aggregate([("records", "sum")]).sort_by("year")
    said = {"file": register.name, "column": register.dimensions["year"]}
    return [
        problem("no_year", "error", **said, value=one["year"], number=round(one["records_sum"]))  # type: ignore[arg-type]
        for one in lost.to_pylist()
    ]


def about_figures(cells: pa.Table, register: Register, number: int, part: Sum, faults: dict[str, Any]) -> list[Line]:
    """How many records have no figure, a text that is none, or one below zero. cells: or one row of their sums."""
    lines: list[Line] = []
    place = {"file": register.name, "column": part.column}
    strange = _total(cells[f"strange_{number}"]) if f"strange_{number}" in cells.column_names else 0
    if strange:
        lines.append(problem("strange_records", **place, number=strange))  # type: ignore[arg-type]
    if empty := _total(cells[f"empty_{number}"]) - strange:
        level = "warning" if register.empty is Status.NOT_AVAILABLE else "note"
        lines.append(problem("empty_records", level, **place, number=empty, status=register.empty.value))  # type: ignore[arg-type]
    if below := faults[f"number_{number}"]:
        said = {"value": faults[f"value_{number}"], "record": faults[f"name_{number}"]}
        lines.append(problem("negative_records", "error", **place, number=below, **said))  # type: ignore[arg-type]
    return lines


def _summed(
    cells: pa.Table, register: Register, number: int, part: Sum, when: npt.NDArray[np.int32] | None
) -> list[pa.Table]:
    value, empty = cells[f"value_{number}"], pc.greater(cells[f"empty_{number}"], 0)
    years_of = np.full(cells.num_rows, part.year, dtype=np.int32) if part.year is not None else when
    if register.empty is Status.NIL:
        nil = pc.equal(cells[f"empty_{number}"], cells["records"])
        status = pc.if_else(nil, Status.NIL.value, Status.PUBLISHED.value)
        return [_observed(cells, register, part.measure, part.column, pc.fill_null(value, 0.0), status, years_of)]
    status = pc.if_else(empty, register.empty.value, Status.PUBLISHED.value)
    told = pc.if_else(empty, None, value)
    least = pc.and_(empty, pc.fill_null(pc.greater(value, 0), False))
    chosen = None if years_of is None else years_of[np.asarray(least)]
    found = [_observed(cells, register, part.measure, part.column, told, status, years_of)]
    if pc.any(least).as_py():
        some = cells.filter(least)
        name = part.measure + AT_LEAST
        found.append(_observed(some, register, name, part.column, value.filter(least), Status.PUBLISHED, chosen))
    return found


def _observed(
    cells: pa.Table,
    register: Register,
    measure: str,
    column: str,
    value: pa.ChunkedArray,
    status: Status | pa.ChunkedArray,
    when: npt.NDArray[np.int32] | None,
) -> pa.Table:
    count = cells.num_rows
    if isinstance(status, Status):
        status = pa.array(np.full(count, status.value))
    place = pc.index_in(status, value_set=pa.array([one.value for one in STATUSES]))
    place = place.combine_chunks() if isinstance(place, pa.ChunkedArray) else place
    if when is None:
        when = np.full(count, int(register.constants["year"]), dtype=np.int32)
    columns = {
        name: cells[name] if name in cells.column_names else _all(register.constants[name], count)
        for name in ("region", "industry")
    } | {
        "year": pa.array(when, pa.int32()),
        "measure": _all(measure, count),
        "value": value,
        "status": pa.DictionaryArray.from_arrays(place.cast(pa.int8()), [one.value for one in STATUSES]),
        "file": _all(register.name, count),
        "sheet": pa.nulls(count, pa.string()),
        "row": pa.nulls(count, pa.int32()),
        "column": _all(column, count),
    }
    return pa.table({name: _as(columns[name], OBSERVATIONS.field(name).type) for name in OBSERVATIONS.names})


def _all(said: object, count: int) -> pa.Array:
    return pa.array([str(said)], pa.string()).take(pa.array(np.zeros(count, dtype=np.int8)))


def _as(column: pa.Array, kind: pa.DataType) -> pa.Array:
    if column.type == kind:
        return column
    return column.dictionary_encode().cast(kind) if pa.types.is_dictionary(kind) else column.cast(kind)
