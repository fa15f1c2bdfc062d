"""Whole tables of an edition to take away: Parquet as it lies, CSV and Excel written as they are read, a batch at a time."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from django.http import Http404, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.views.decorators.http import require_safe

from almaz.study.edition import spoken_table
from almaz.web.exports import harmless, table_response
from almaz.web.observatory.answers import FOREVER, WHILE, Shown, find

BATCH = 20_000
SHEET = 100_000
"""Rows that an Excel sheet is made of at most; beyond, CSV and Parquet are the better choice."""
PARQUET, CSV = "application/vnd.apache.parquet", "text/csv; charset=utf-8"


@require_safe
def table(
    _request: HttpRequest, table: str, form: str, edition: str | None = None, study: str | None = None
) -> HttpResponseBase:
    """A table of an edition as a file. form: parquet, csv or xlsx."""
    return table_file(find(edition, study), table, form)


def table_file(shown: Shown, name: str, form: str) -> HttpResponseBase:
    """The answer that downloads a table; 404 where there is none, or where Excel cannot hold it."""
    if name not in shown.reading.tables or form not in ("parquet", "csv", "xlsx"):
        raise Http404
    file = shown.reading.path / f"{name}.parquet"
    called = f"{shown.publication.study}-{shown.publication.short}-{name}"
    if form == "parquet":
        response: HttpResponseBase = StreamingHttpResponse(_pieces(file), content_type=PARQUET)
        response.headers["Content-Length"] = str(file.stat().st_size)
    elif form == "csv":
        response = StreamingHttpResponse(csv_lines(pq.ParquetFile(file)), content_type=CSV)
    else:
        held = shown.reading.table(name) if pq.ParquetFile(file).metadata.num_rows <= SHEET else None
        if held is None:
            raise Http404
        rows = (
            [_cell(value) for value in row]
            for row in zip(*(column.to_pylist() for column in held.columns), strict=True)
        )
        response = table_response(called, "xlsx", held.column_names, rows)
    response.headers["Content-Disposition"] = f'attachment; filename="{called}.{form}"'
    response.headers["Cache-Control"] = FOREVER if shown.fixed else WHILE
    response.headers["ETag"] = f'"{shown.publication.short}-{name}-{form}"'
    return response


def _pieces(file: Path) -> Iterator[bytes]:
    with file.open("rb") as source:
        while piece := source.read(1 << 20):
            yield piece


def csv_lines(held: pq.ParquetFile) -> Iterator[bytes]:
    """The table as CSV in UTF-8 with a byte-order mark, a batch at a time; texts that a spreadsheet would run are made harmless.

    Kept messages are said in English: a file for machines is the same in every language.
    """
    yield "\ufeff".encode()
    yield _lines([held.schema_arrow.names])
    for batch in held.iter_batches(batch_size=BATCH):
        rows = spoken_table(pa.Table.from_batches([batch]))
        yield _lines(
            [
                [_plain(value) for value in row]
                for row in zip(*(column.to_pylist() for column in rows.columns), strict=True)
            ]
        )


def _lines(rows: list[list[object]]) -> bytes:
    target = io.StringIO()
    csv.writer(target).writerows(rows)
    return target.getvalue().encode()


def _plain(value: object) -> object:
    """A value as a cell: nothing where it is not known."""
    if isinstance(value, float):
        return None if math.isnan(value) else value
    return harmless("; ".join(map(str, value)) if isinstance(value, list) else value)


def _cell(value: object) -> object:
    """A value as an Excel sheet holds it: it knows no infinity."""
    return str(value) if isinstance(value, float) and math.isinf(value) else _plain(value)
