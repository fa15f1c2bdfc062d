"""What is wrong with the observations, each finding with its place: errors stop a run, warnings and notes are kept.

The checks are Ibis expressions over a coded copy of the observations: regions, industries and measures as whole numbers, and
`at`, the observation's own number, by which a finding is shown in the user's file again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from ibis import _ as row

from almaz.tables.engine import Connection, arrow, connection
from almaz.tables.plausible import RATIOS, implausible_ratios, unit_slips
from almaz.tables.problems import problem
from almaz.tables.schema import PROBLEMS
from almaz.tables.totals import totals
from almaz.tables.vintages import check_vintages

EXAMPLES = 20
"""Lines shown per kind of problem; the last one says how many more there are."""
KEYS = ("region", "industry", "measure", "year")


@dataclass(frozen=True)
class Coded:
    """Observations as the checks see them: `data` with regions, industries and measures as places in these lists."""

    engine: Connection
    data: ibis.Table
    observations: pa.Table
    regions: list[str]
    industries: list[str]
    measures: list[str]


def check(
    observations: pa.Table,
    industries: pa.Table,
    system: str | None = None,
    regions: pa.Table | None = None,
    *,
    absent_nil: bool = False,
) -> pa.Table:
    """Find duplicates, negatives, unknown industries, totals that do not add up, regions that vanish between years, figures
    that cannot be right, and codes of several revisions side by side.

    observations: with region codes (see `places.match_regions`); industries, regions: the study's trees (of REGIONS, a
    region's published figure is compared with the sum of the regions under it); system: the name of the classification;
    absent_nil: whether a cell without a row is none. Returns PROBLEMS.
    """
    if observations.num_rows == 0:
        return PROBLEMS.empty_table()
    coded = _coded(observations)
    data = coded.data
    branches = _tree(industries, "industry", coded.industries)
    lines = [
        *_lines(coded, duplicates(data, KEYS), "error", "duplicate"),
        *_lines(coded, negatives(data), "error", "negative"),
        *_lines(coded, strangers(data, industries, coded.industries), "warning", "unknown_industry"),
        *_lines(coded, vanished(data), "warning", "vanished_region"),
        *_lines(coded, totals(data, branches, "industry", "some"), "warning", "total_mismatch", ("off", "parts")),
    ]
    if regions is not None and regions["parent"].null_count < regions.num_rows:
        above = _tree(regions, "region", coded.regions)
        found = totals(data, above, "region", "nil" if absent_nil else "all")
        lines += _lines(coded, found, "warning", "region_total_mismatch", ("off", "parts"))
    lines += _implausible(coded)
    lines += check_vintages(coded.industries, system)
    coded.engine.disconnect()
    return pa.Table.from_pylist(lines, schema=PROBLEMS)


def check_duplicates(table: pa.Table, keys: Sequence[str]) -> pa.Table:
    """Find rows of any table with places whose keys stand more than once. Returns PROBLEMS."""
    if table.num_rows == 0:
        return PROBLEMS.empty_table()
    engine = connection()
    chosen = {key: pc.fill_null(table[key], "" if pa.types.is_string(table[key].type) else -1) for key in keys}
    data = engine.create_table("rows", ibis.memtable(pa.table({**chosen, "at": _numbers(table)})))
    coded = Coded(engine, data, table, [], [], [])
    return pa.Table.from_pylist(_lines(coded, duplicates(data, keys), "error", "duplicate", keys=keys), schema=PROBLEMS)


def _coded(observations: pa.Table) -> Coded:
    names: dict[str, list[str]] = {}
    columns: dict[str, object] = {}
    for name in ("region", "industry", "measure"):
        encoded = observations[name].combine_chunks().dictionary_encode()
        names[name], columns[name] = encoded.dictionary.to_pylist(), encoded.indices.cast(pa.int32())
    columns |= {"year": observations["year"], "value": observations["value"], "at": _numbers(observations)}
    engine = connection()
    data = engine.create_table("observations", ibis.memtable(pa.table(columns)))
    return Coded(engine, data, observations, names["region"], names["industry"], names["measure"])


def _numbers(table: pa.Table) -> pa.Array:
    return pa.array(np.arange(table.num_rows, dtype=np.int64))


def _tree(table: pa.Table, name: str, codes: list[str]) -> ibis.Table:
    """Child and parent as places in the codes that the observations hold, and how many children the parent has in all."""
    place = {code: number for number, code in enumerate(codes)}
    pairs = [
        (child, parent)
        for child, parent in zip(table[name].to_pylist(), table["parent"].to_pylist(), strict=True)
        if parent is not None
    ]
    counts: dict[str, int] = {}
    for _child, parent in pairs:
        counts[parent] = counts.get(parent, 0) + 1
    held = [(place[child], place[parent], counts[parent]) for child, parent in pairs if {child, parent} <= place.keys()]
    columns = list(zip(*held, strict=True)) or [(), (), ()]
    kinds = {name: pa.int32(), "parent": pa.int32(), "children": pa.int32()}
    return ibis.memtable(
        pa.table({key: pa.array(values, kind) for (key, kind), values in zip(kinds.items(), columns, strict=True)})
    )


def duplicates(data: ibis.Table, keys: Sequence[str]) -> ibis.Table:
    """Cells that stand more than once."""
    twice = data.group_by(list(keys)).agg(number=row.count(), at=row.at.max()).filter(row.number > 1)
    return twice.mutate(size=row.number.cast("float64")).select("at", "number", "size")


def negatives(data: ibis.Table) -> ibis.Table:
    """Figures below zero."""
    return data.filter(row["value"] < 0).select("at", number=ibis.literal(1), size=ibis.literal(1.0))


def strangers(data: ibis.Table, industries: pa.Table, codes: list[str]) -> ibis.Table:
    """Industries that the tree does not hold, once each, with the number of their cells."""
    known = set(industries["industry"].to_pylist())
    strange = [number for number, code in enumerate(codes) if code not in known]
    mine = data.filter(row.industry.isin(strange)) if strange else data.filter(ibis.literal(False))
    counted = mine.group_by("industry").agg(number=row.count(), at=row.at.min())
    return counted.mutate(size=row.number.cast("float64")).select("at", "number", "size")


def vanished(data: ibis.Table) -> ibis.Table:
    """Regions that have figures of a measure in some of its years but not in all; `at` is in the last year they have."""
    held = data.group_by(["region", "measure", "year"]).agg(at=row.at.min())
    years = held.group_by("measure").agg(years=row.year.nunique())
    each = held.group_by(["region", "measure"]).agg(held=row.count(), at=row.at.argmax(row.year))
    lost = each.join(years, "measure").filter(row.held < row.years)
    return lost.select("at", number=ibis.literal(1), size=ibis.literal(1.0))


def _implausible(coded: Coded) -> list[dict[str, object]]:
    lines = _lines(coded, unit_slips(coded.data), "warning", "unit_slip", ("times", "usual"))
    for measure, per, at_least in RATIOS:
        if measure in coded.measures and per in coded.measures:
            found = implausible_ratios(coded.data, coded.measures.index(measure), coded.measures.index(per), at_least)
            named = {"measure": measure, "per": per}
            lines += _lines(coded, found, "warning", "implausible_ratio", ("ratio", "low", "high"), named)
    return lines


def _lines(
    coded: Coded,
    found: ibis.Table,
    level: str,
    kind: str,
    details: Sequence[str] = (),
    said: dict[str, str] | None = None,
    keys: Sequence[str] = ("region", "industry", "year", "measure"),
) -> list[dict[str, object]]:
    """The worst examples of what was found, at their places in the files, and how many more there are."""
    counted = found.mutate(total=ibis._.count().over(ibis.window()))
    worst = arrow(coded.engine, counted.order_by([row["size"].desc(), row["at"]]).limit(EXAMPLES)).to_pylist()
    lines = [
        _line(coded, one, level, kind, {**{key: one[key] for key in details}, **(said or {})}, keys) for one in worst
    ]
    if worst and worst[0]["total"] > EXAMPLES:
        more = worst[0]["total"] - EXAMPLES
        lines.append(problem(kind, level, number=more, more=more))
    return lines


def _line(
    coded: Coded, one: dict[str, Any], level: str, kind: str, details: dict[str, object], keys: Sequence[str]
) -> dict[str, object]:
    held = coded.observations.slice(one["at"], 1).to_pylist()[0]
    cell = " × ".join(str(held[key]) for key in keys)
    value = {
        "unknown_industry": held.get("industry"),
        "vanished_region": f"{held.get('region')} {held.get('year')}",
        "negative": held.get("value"),
    }.get(kind, cell)
    place = {key: held.get(key) for key in ("file", "sheet", "row", "column")}
    return problem(kind, level, **place, value=value, number=int(one["number"]), **details)  # type: ignore[arg-type]
