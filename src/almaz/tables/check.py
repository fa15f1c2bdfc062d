"""What is wrong with the observations, each finding with its place: errors stop a run, warnings and notes are kept."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.compute as pc
from ibis import _ as row

from almaz.tables.engine import Connection, arrow, connection
from almaz.tables.problems import problem
from almaz.tables.schema import PROBLEMS
from almaz.tables.vintages import naics_vintage

EXAMPLES = 20
"""Lines shown per kind of problem; the last one says how many more there are."""
KEYS = ("region", "industry", "year", "measure")
ROUNDING = 0.51
"""How far a total may be from its parts, in units per part, before it counts as not adding up."""


def check(observations: pa.Table, industries: pa.Table, system: str | None = None) -> pa.Table:
    """Find duplicates, negatives, unknown industries, totals that do not add up, and regions that vanish between years.

    observations: with region codes (see `places.match_regions`); industries: the study's tree; system: the name of the
    classification: codes of several revisions of NAICS side by side are found where it is NAICS. Returns PROBLEMS.
    """
    data = ibis.memtable(_plain(observations))
    tree = ibis.memtable(industries.select(["industry", "parent"]))
    engine = connection()
    parts = [
        *_lines(engine, duplicates(data), "error", "duplicate"),
        *_lines(engine, negatives(data), "error", "negative"),
        *_lines(engine, unknown_industries(data, tree), "warning", "unknown_industry"),
        *_lines(engine, vanished(data), "warning", "vanished_region"),
        *_lines(engine, totals(data, tree), "warning", "total_mismatch", ("off", "parts")),
        *_vintages(observations, system),
    ]
    return pa.Table.from_pylist(parts, schema=PROBLEMS)


def check_duplicates(table: pa.Table, keys: Sequence[str]) -> pa.Table:
    """Find rows of any table with places whose keys stand more than once. Returns PROBLEMS."""
    data = ibis.memtable(_plain(table.select([*keys, "file", "sheet", "row"])))
    found = _lines(connection(), duplicates(data, keys), "error", "duplicate")
    return pa.Table.from_pylist(found, schema=PROBLEMS)


def duplicates(data: ibis.Table, keys: Sequence[str] = KEYS) -> ibis.Table:
    """Cells that stand more than once."""
    twice = data.group_by(keys).agg(times=row.count(), file=row.file.min(), sheet=row.sheet.min(), row=row.row.max())
    cell = reduce(lambda said, key: said + " × " + row[key].cast("string"), keys[1:], row[keys[0]].cast("string"))
    column = row.measure if "measure" in keys else ibis.literal(keys[0])
    return twice.filter(row.times > 1).mutate(column=column, value=cell, size=row.times.cast("float64"))


def negatives(data: ibis.Table) -> ibis.Table:
    """Figures below zero."""
    return data.filter(row["value"] < 0).mutate(value=row["value"].cast("string"), size=ibis.literal(1.0))


def unknown_industries(data: ibis.Table, tree: ibis.Table) -> ibis.Table:
    """Industries that the tree does not hold, once each, with the number of their cells."""
    strange = data.anti_join(tree, "industry")
    by = strange.group_by("industry").agg(
        file=row.file.min(), sheet=row.sheet.min(), row=row.row.min(), column=row.column.min(), size=row.count()
    )
    return by.mutate(value=row.industry, size=row["size"].cast("float64"))


def vanished(data: ibis.Table) -> ibis.Table:
    """Regions that have figures of a measure in some of its years but not in all."""
    years = data.group_by("measure").agg(years=row.year.nunique())
    held = data.group_by(["region", "measure"]).agg(
        held=row.year.nunique(), file=row.file.min(), sheet=row.sheet.min(), row=row.row.min(), last=row.year.max()
    )
    lost = held.join(years, "measure").filter(row.held < row.years)
    return lost.mutate(column=row.measure, value=row.region + " " + row["last"].cast("string"), size=ibis.literal(1.0))


def totals(data: ibis.Table, tree: ibis.Table) -> ibis.Table:
    """Published totals that their parts exceed, or do not reach although all parts are published; `off` is by how much."""
    parts = data.join(tree.filter(row.parent.notnull()), "industry")
    summed = parts.group_by(["region", "parent", "year", "measure"]).agg(
        parts=row["value"].sum(), known=row["value"].count(), cells=row.count()
    )
    both = data.filter(row["value"].notnull()).join(
        summed.rename(industry="parent"), ["region", "industry", "year", "measure"]
    )
    off = both["parts"] - both["value"]
    slack = ROUNDING * (both["cells"] + 1)
    found = both.mutate(off=off).filter((off > slack) | ((off < -slack) & (both["known"] == both["cells"])))
    return found.mutate(value=_cell(row), size=row.off.abs(), column=row.measure)


def _vintages(observations: pa.Table, system: str | None) -> list[dict[str, object]]:
    vintage = naics_vintage(pc.unique(observations["industry"]).to_pylist())
    if not vintage.mixed or not (system or "").upper().startswith("NAICS"):
        return []
    evidence = "; ".join(
        f"{'/'.join(map(str, revisions))}: {', '.join(codes[:3])}"
        for revisions, codes in sorted(vintage.telling.items())
    )
    number = sum(map(len, vintage.telling.values()))
    return [problem("mixed_vintages", value=evidence, number=number)]


def _plain(table: pa.Table) -> pa.Table:
    """The table with its dictionaries written out: the engine compares texts, not codes."""
    fields = [(f.name, pa.string() if pa.types.is_dictionary(f.type) else f.type) for f in table.schema]
    return table.cast(pa.schema(fields))


def _cell(source: ibis.Deferred) -> ibis.Deferred:
    return source.region + " × " + source.industry + " × " + source.year.cast("string") + " × " + source.measure


def _lines(
    engine: Connection, found: ibis.Table, level: str, kind: str, details: Sequence[str] = ()
) -> list[dict[str, object]]:
    worst = found.order_by([row["size"].desc(), row.file, row.row, row["value"]]).limit(EXAMPLES)
    held = arrow(engine, worst).to_pylist()
    shown = [_line(one, level, kind, {name: one[name] for name in details}) for one in held]
    return shown + _rest(engine, found, len(shown), level, kind)


def _line(held: dict[str, Any], level: str, kind: str, details: dict[str, object]) -> dict[str, object]:
    place = {key: held.get(key) for key in ("file", "sheet", "row", "column", "value")}
    counted = kind in ("duplicate", "unknown_industry")
    return problem(kind, level, **place, number=int(held["size"]) if counted else 1, **details)  # type: ignore[arg-type]


def _rest(engine: Connection, found: ibis.Table, shown: int, level: str, kind: str) -> list[dict[str, object]]:
    if shown < EXAMPLES:
        return []
    more = int(arrow(engine, found.aggregate(number=found.count()))["number"][0].as_py() - shown)
    return [problem(kind, level, number=more, more=more)] if more > 0 else []
