"""Reading Parquet: columns stay columns, so that millions of observations take seconds."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from almaz.errors import AlmazError, Where
from almaz.language import text as _
from almaz.tables.schema import OBSERVATIONS, PROBLEMS, Status
from almaz.tables.source import DIMENSIONS, Reading, Source, need_columns


def read(source: Source) -> Reading:
    """Read a tidy or wide Parquet file: each value column becomes observations of its own."""
    try:
        table = pq.read_table(source.file)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as why:
        raise AlmazError(
            _("this is not a Parquet file that can be read"),
            where=Where(file=str(source.file)),
            expected=str(why).split(".", maxsplit=1)[0],
        ) from None
    need_columns(source, table.column_names)
    rows = pa.array(np.arange(1, table.num_rows + 1, dtype=np.int32))
    mask = _kept(source, table)
    if mask is not None:
        table, rows = table.filter(mask), rows.filter(mask)
    parts = [_observations(source, table, rows, header) for header in source.values]
    return Reading(pa.concat_tables(parts), PROBLEMS.empty_table(), table.num_rows)


def _kept(source: Source, table: pa.Table) -> pa.ChunkedArray | None:
    mask = None
    for column, wanted in source.where.items():
        allowed = pa.array([wanted] if isinstance(wanted, str) else wanted)
        here = pc.is_in(table[column].cast(pa.string()), value_set=allowed)
        mask = here if mask is None else pc.and_(mask, here)
    return mask


def _observations(source: Source, table: pa.Table, rows: pa.Array, header: str) -> pa.Table:
    meaning, count = source.values[header], table.num_rows
    column = table[header]
    if not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type) or pa.types.is_decimal(column.type)):
        raise AlmazError(
            _("the column «{name}» holds {kind}, not numbers", name=header, kind=column.type),
            where=Where(file=str(source.file), column=header),
        )
    values = column.cast(pa.float64())
    values = pc.if_else(pc.is_finite(values), values, None)
    blank = source.all_marks[""]
    status = pc.if_else(pc.is_valid(values), Status.PUBLISHED.value, blank.value)
    if blank is Status.NIL:
        values = pc.fill_null(values, 0.0)
    if "hidden" in meaning:
        flag = table[str(meaning["hidden"])]
        hidden = pc.fill_null(flag.cast(pa.bool_()), False)
        status = pc.if_else(hidden, Status.SUPPRESSED.value, status)
        values = pc.if_else(hidden, None, values)
    columns: dict[str, object] = {"value": values, "status": status, "row": rows}
    for dimension in DIMENSIONS:
        said = meaning.get(dimension, source.constants.get(dimension))
        if said is None or dimension in source.dimensions:
            column = table[source.dimensions[dimension]]
            columns[dimension] = column if dimension == "year" else pc.utf8_trim_whitespace(column.cast(pa.string()))
        else:
            columns[dimension] = pa.array([said]).take(pa.array(np.zeros(count, dtype=np.int8)))
    columns["file"] = pa.array([source.file.name]).take(pa.array(np.zeros(count, dtype=np.int8)))
    columns["column"] = pa.array([header]).take(pa.array(np.zeros(count, dtype=np.int8)))
    columns["sheet"] = pa.nulls(count)
    return pa.table({name: columns[name] for name in OBSERVATIONS.names}).cast(OBSERVATIONS)
