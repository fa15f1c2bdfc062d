"""What changed from one edition to another."""

from __future__ import annotations

import ibis
import pyarrow as pa
from ibis import _ as row

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
    return lines


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
