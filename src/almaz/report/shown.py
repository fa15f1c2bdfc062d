"""A table of an edition as it is shown or exported: chosen rows and columns, codes in words for readers, plain in files."""

from __future__ import annotations

import csv
import io
import json
import math

import pyarrow as pa
import pyarrow.compute as pc

from almaz.errors import AlmazError
from almaz.language import text as _
from almaz.study.edition import Edition

FIRST = {
    "portfolio": ("region", "cluster", "year", "lq", "lq_ci_low", "lq_ci_high", "p_lq_above_1", "hidden_share", "rank"),
    "strength": ("region", "cluster", "rule", "verdict", "certainty", "p_strong_fillings", "p_strong_sampling", "reason",
                 "missing"),
    "typology": ("region", "cluster", "class", "possible", "near_border", "rivals", "hhi", "outward", "missing"),
}  # fmt: skip
"""The columns that matter most, where a table has many."""
MOST = 9


def contents(edition: Edition) -> list[dict[str, object]]:
    """The edition's tables: name, number of rows, columns."""
    tables = {name: edition.table(name) for name in edition.tables}
    return [
        {"table": name, "rows": held.num_rows, "columns": ", ".join(held.column_names)} for name, held in tables.items()
    ]


def shown(
    edition: Edition,
    table: str,
    *,
    region: str | None = None,
    cluster: str | None = None,
    columns: list[str] | None = None,
) -> pa.Table:
    """Rows of one region or cluster and some columns of a table.

    columns: by default those that matter most. Raises AlmazError for a table, a column or a region that is not there.
    """
    held = edition.table(table)
    for name, wanted in (("region", region), ("cluster", cluster)):
        if wanted is not None:
            held = _only(held, name, wanted)
    for name in columns or ():
        if name not in held.column_names:
            raise AlmazError(
                _("there is no column «{name}»", name=name),
                expected=_("one of: {keys}", keys=", ".join(held.column_names)),
            )
    chosen = columns or [name for name in FIRST.get(table, ()) if name in held.column_names]
    return held.select(chosen or held.column_names[:MOST])


def _only(held: pa.Table, name: str, wanted: str) -> pa.Table:
    if name not in held.column_names:
        raise AlmazError(
            _("there is no column «{name}»", name=name), expected=_("one of: {keys}", keys=", ".join(held.column_names))
        )
    chosen = held.filter(pc.equal(held[name], wanted))
    if chosen.num_rows == 0:
        there = sorted(str(value) for value in pc.unique(held[name]).to_pylist())
        raise AlmazError(
            _("there is no row with {column} «{value}»", column=name, value=wanted),
            expected=_("one of: {keys}", keys=", ".join(there[:30]) + (" …" if len(there) > 30 else "")),
        )
    return chosen


def written(table: pa.Table, form: str) -> str:
    """The rows as CSV, or as a JSON list; codes and numbers as stored, nothing where a figure is not known."""
    rows = table.to_pylist()
    if form == "json":
        plain = [{name: _finite(value) for name, value in row.items()} for row in rows]
        return json.dumps(plain, ensure_ascii=False, indent=1) + "\n"
    held = io.StringIO()
    writer = csv.DictWriter(held, table.column_names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return held.getvalue()


def _finite(value: object) -> object:
    return None if isinstance(value, float) and not math.isfinite(value) else value
