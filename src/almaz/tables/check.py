"""What is wrong with the observations, each finding with its place: errors stop a run, warnings and notes are kept."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

import ibis
import pyarrow as pa
import pyarrow.compute as pc
from ibis import _ as row

from almaz.language import decimal
from almaz.language import text as _
from almaz.tables.engine import Connection, arrow, connection
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
        *_lines(engine, duplicates(data), "error", "duplicate", _("this cell stands more than once")),
        *_lines(engine, negatives(data), "error", "negative", _("a negative figure"), expected=_("zero or more")),
        *_lines(
            engine,
            unknown_industries(data, tree),
            "warning",
            "unknown_industry",
            _("this industry is not part of the classification and is left out"),
        ),
        *_lines(
            engine,
            vanished(data),
            "warning",
            "vanished_region",
            _("this region is there in one year and missing in another"),
        ),
        *_totals(engine, data, tree),
        *_vintages(observations, system),
    ]
    return pa.Table.from_pylist(parts, schema=PROBLEMS)


def check_duplicates(table: pa.Table, keys: Sequence[str]) -> pa.Table:
    """Find rows of any table with places whose keys stand more than once. Returns PROBLEMS."""
    data = ibis.memtable(_plain(table.select([*keys, "file", "sheet", "row"])))
    found = _lines(connection(), duplicates(data, keys), "error", "duplicate", _("this cell stands more than once"))
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
    return both.mutate(off=off).filter((off > slack) | ((off < -slack) & (both["known"] == both["cells"])))


def _vintages(observations: pa.Table, system: str | None) -> list[dict[str, object]]:
    vintage = naics_vintage(pc.unique(observations["industry"]).to_pylist())
    if not vintage.mixed or not (system or "").upper().startswith("NAICS"):
        return []
    evidence = "; ".join(
        f"{'/'.join(map(str, revisions))}: {', '.join(codes[:3])}"
        for revisions, codes in sorted(vintage.telling.items())
    )
    number = sum(map(len, vintage.telling.values()))
    problem = _("codes of several revisions of the classification stand side by side")
    expected = _("codes of one revision, or a concordance")
    return [
        {"level": "warning", "kind": "mixed_vintages", "value": evidence, "problem": problem, "expected": expected,
         "count": number}
    ]  # fmt: skip


def _plain(table: pa.Table) -> pa.Table:
    """The table with its dictionaries written out: the engine compares texts, not codes."""
    fields = [(f.name, pa.string() if pa.types.is_dictionary(f.type) else f.type) for f in table.schema]
    return table.cast(pa.schema(fields))


def _cell(source: ibis.Deferred) -> ibis.Deferred:
    return source.region + " × " + source.industry + " × " + source.year.cast("string") + " × " + source.measure


def _totals(engine: Connection, data: ibis.Table, tree: ibis.Table) -> list[dict[str, object]]:
    found = totals(data, tree).mutate(value=_cell(row), size=row.off.abs(), column=row.measure)
    worst = found.order_by([row["size"].desc(), row.region, row.industry, row.year]).limit(EXAMPLES)
    shown = [
        _line(
            held,
            "warning",
            "total_mismatch",
            _("the parts add up to {off} more than the total", off=decimal(held["off"], 1))
            if held["off"] > 0
            else _("the parts add up to {off} less than the total", off=decimal(-held["off"], 1)),
            _("a total of {total}", total=decimal(held["parts"], 1)),
        )
        for held in arrow(engine, worst).to_pylist()
    ]
    return shown + _rest(engine, found, len(shown), "warning", "total_mismatch")


def _lines(
    engine: Connection, found: ibis.Table, level: str, kind: str, problem: str, expected: str = ""
) -> list[dict[str, object]]:
    worst = found.order_by([row["size"].desc(), row.file, row.row, row["value"]]).limit(EXAMPLES)
    shown = [_line(held, level, kind, problem, expected) for held in arrow(engine, worst).to_pylist()]
    return shown + _rest(engine, found, len(shown), level, kind)


def _line(held: dict[str, object], level: str, kind: str, problem: str, expected: str) -> dict[str, object]:
    place = {key: held.get(key) for key in ("file", "sheet", "row", "column", "value")}
    size = held.get("size")
    number = int(size) if kind in ("duplicate", "unknown_industry") and isinstance(size, float) else 1
    return {"level": level, "kind": kind, **place, "problem": problem, "expected": expected, "count": number}


def _rest(engine: Connection, found: ibis.Table, shown: int, level: str, kind: str) -> list[dict[str, object]]:
    if shown < EXAMPLES:
        return []
    more = int(arrow(engine, found.aggregate(number=found.count()))["number"][0].as_py() - shown)
    if more <= 0:
        return []
    problem = _("and {number} more of the same kind", number=more)
    return [{"level": level, "kind": kind, "problem": problem, "expected": "", "count": more}]
