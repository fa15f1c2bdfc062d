"""Reading Parquet: columns stay columns, so that millions of observations take seconds."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from almaz.errors import AlmazError, Where
from almaz.language import text as _
from almaz.tables.block import Block
from almaz.tables.grid import Wanted, report_twins
from almaz.tables.source import Findings, Source


def opened(source: Source, findings: Findings, wanted: Wanted) -> Block:
    """The columns of a Parquet file that the study wants."""
    try:
        file = pq.ParquetFile(source.file)
        names = file.schema_arrow.names
        table = file.read(columns=[name for name in names if wanted(name)])
        table.validate(full=True)  # texts that are not UTF-8
    except (pa.ArrowException, OSError, UnicodeDecodeError) as why:
        raise AlmazError(
            _("this is not a Parquet file that can be read"),
            where=Where(file=str(source.file)),
            expected=str(why).split(".", maxsplit=1)[0],
        ) from None
    nested = [name for name in table.column_names if pa.types.is_nested(table.schema.field(name).type)]
    if nested:
        raise AlmazError(
            _("the column «{name}» holds {kind}, not numbers", name=nested[0], kind=table.schema.field(nested[0]).type),
            where=Where(file=str(source.file), column=nested[0]),
        )
    findings.rows += table.num_rows
    report_twins(names, wanted, findings, None, None)
    columns = dict(zip(table.column_names, table.columns, strict=True))
    return Block(None, columns, np.arange(1, table.num_rows + 1, dtype=np.int32), tuple(names))
