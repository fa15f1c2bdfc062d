"""What changed from one edition to another."""

from __future__ import annotations

import ibis
import pyarrow as pa
from ibis import _ as row

from almaz.language import count
from almaz.language import text as _
from almaz.study.edition import Edition
from almaz.tables.engine import arrow, connection


def differences(first: Edition, second: Edition) -> list[str]:
    """Inputs, parameters and code that are not the same, a line each."""
    lines = []
    for part in ("inputs", "study"):
        one, two = _flat(first.manifest[part]), _flat(second.manifest[part])
        for key in sorted(one.keys() | two.keys()):
            if one.get(key) != two.get(key):
                lines.append(f"{key}: {one.get(key, '—')} → {two.get(key, '—')}")
    if first.manifest["code"] != second.manifest["code"]:
        lines.append(_("made by different versions of Almaz or its parts"))
    return lines + table_differences(first, second) + problem_differences(first, second)


def table_differences(first: Edition, second: Edition) -> list[str]:
    """Tables and columns that only one of them has, columns whose type changed, and tables of other lengths, a line each."""
    lines = []
    for name in sorted({*first.tables, *second.tables}):
        if name not in first.tables or name not in second.tables:
            where = second if name in second.tables else first
            lines.append(_("table {table}: only in {edition}", table=name, edition=where.path.name))
            continue
        one, two = first.table(name), second.table(name)
        types = [{field.name: str(field.type) for field in table.schema} for table in (one, two)]
        for column in sorted({*types[0], *types[1]}):
            kinds = [held.get(column, "—") for held in types]
            if kinds[0] != kinds[1]:
                lines.append(f"{name}.{column}: {kinds[0]} → {kinds[1]}")
        if one.num_rows != two.num_rows:
            lines.append(
                _("table {table}: {one} rows → {two}", table=name, one=count(one.num_rows), two=count(two.num_rows))
            )
    return lines


def problem_differences(first: Edition, second: Edition) -> list[str]:
    """Problems of the data that only one of them has, a line each."""
    place = ("level", "kind", "file", "sheet", "row", "column", "value")
    seen = [
        {
            tuple("" if row[name] is None else str(row[name]) for name in place)
            for row in edition.table("problems").to_pylist()
        }
        for edition in (first, second)
    ]
    gone = [_("problem gone: {problem}", problem=", ".join(filter(None, row))) for row in sorted(seen[0] - seen[1])]
    return gone + [
        _("problem new: {problem}", problem=", ".join(filter(None, row))) for row in sorted(seen[1] - seen[0])
    ]


def quotient_changes(first: Edition, second: Edition) -> pa.Table:
    """Location quotients of clusters that stand in both editions, the largest differences first."""
    keys = ["region", "cluster", "year"]
    one, two = (
        ibis.memtable(edition.table("portfolio")).filter(row.subcluster.isnull()).select(*keys, "lq")
        for edition in (first, second)
    )
    both = one.join(two, keys, rname="{name}_second")
    changed = both.mutate(change=row.lq_second - row.lq).filter(row.change.abs() > 1e-12)
    return arrow(connection(), changed.order_by([row.change.abs().desc(), *keys]))


def _flat(value: object, key: str = "") -> dict[str, object]:
    if isinstance(value, dict):
        return {
            inner: held
            for name, part in value.items()
            for inner, held in _flat(part, f"{key}.{name}".strip(".")).items()
        }
    if isinstance(value, list):
        return {
            inner: held for place, part in enumerate(value) for inner, held in _flat(part, f"{key}[{place}]").items()
        }
    return {key: value}
