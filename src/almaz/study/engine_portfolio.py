"""`almaz portfolio`: the portfolio of a study's registers made by its engine, for more cells than one machine can hold.

What comes back is a row for each region, cluster and year. Labels of regions, industries and years are the only other thing that
leaves the engine: what they mean is decided here, by the rules of every study.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import ibis
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from almaz.clusters.portfolio import PortfolioOptions
from almaz.clusters.portfolio_expression import KEYS, portfolio_expression
from almaz.errors import AlmazError, Where
from almaz.language import text as _
from almaz.study.checking import definition_of, industries_of, nothing_placed, regions_of
from almaz.study.file import Study
from almaz.study.registers import REPEATED, engine_of, every, faulty, place_of, register_of, repeated_records
from almaz.tables.aggregated import about_figures, about_records
from almaz.tables.block import year_of
from almaz.tables.classification import leaves
from almaz.tables.engine import Connection, Keep, Tell, arrow, connected, kept
from almaz.tables.names import match_regions
from almaz.tables.opening import opened
from almaz.tables.problems import problem, spoken
from almaz.tables.register import (
    CODES,
    UNKNOWN,
    Register,
    by_measure,
    check_columns,
    meant,
    plain_cells,
    told_twice,
)
from almaz.tables.schema import PROBLEMS
from almaz.whole import whole

Said = list[dict[str, object]]
Label = tuple[str, str | None, int]
"""Register, what is written, and in how many records."""
Cells = tuple[Register, ibis.Table]
"""A register and its `plain_cells`."""
TIMES = "_times"
"""Ending of the number of sources that tell a measure of a cell."""


@dataclass(frozen=True)
class EnginePortfolio:
    """table: see `clusters.portfolio_expression`, sorted by its keys; problems: PROBLEMS, records where it counts records."""

    table: pa.Table
    problems: pa.Table


def engine_portfolio(study: Study, tell: Tell = lambda _stage: None) -> EnginePortfolio:
    """The portfolio of a study's registers, added up, placed and measured by its engine.

    Only the finest industries count, and regions of the study's kind. Raises AlmazError where the study has no register or also
    reads tables, where a missing row is not nil, where the check of the records finds errors, or where two records of
    cells tell the same.
    """
    _check(study)
    registers = [register_of(section) for section in study.registers]
    measures = sorted(
        {part.measure for one in registers for part in one.sums} | {m for one in registers for m in one.counts}
    )
    if study.portfolio.measure not in measures:
        raise AlmazError(
            _("no register tells the measure «{measure}»", measure=study.portfolio.measure),
            expected=_("one of: {keys}", keys=", ".join(measures)),
            advice=_("name it under measure in the section [portfolio]"),
        )
    with connected(engine_of(study.engine)) as engine:
        keep = partial(kept, engine, tell=tell)
        lines: Said = []
        summed = []
        for section, register in zip(study.registers, registers, strict=True):
            records = opened(engine, place_of(section))
            check_columns(records, register)
            tell(_("adding up the register {name}", name=register.name))
            cells = keep(plain_cells(meant(records, register), register))
            lines += _records(engine, records, cells, register, tell)
            summed.append((register, cells))
        _stop_at_errors(lines)
        tell(_("placing the regions"))
        placed, industries, about = _placed(engine, study, summed, measures, keep)
        told = _told(engine, study, placed, measures)
        tell(_("measuring the clusters"))
        members = definition_of(study, industries).table
        options = PortfolioOptions(study.portfolio.measure, study.portfolio.base, study.portfolio.reference)
        made = portfolio_expression(placed, members, told, options, keep)
        table = arrow(engine, made, tell).sort_by([(name, "ascending") for name in KEYS])
    return EnginePortfolio(table, pa.Table.from_pylist([*lines, *about], schema=PROBLEMS))


def write_portfolio(made: EnginePortfolio, file: Path) -> Path:
    """The rows as Parquet or, where the name ends so, CSV; whole or not there."""
    with whole(file) as target:
        if file.suffix.lower() == ".csv":
            pyarrow.csv.write_csv(made.table, target)
        else:
            pq.write_table(made.table, target)
    return file


def _check(study: Study) -> None:
    advice = _("for tables beside registers, and for hidden cells with their bounds, use: almaz run")
    if not study.registers or study.data:
        raise AlmazError(_("the engine's portfolio is of registers alone"), expected="[[registers]]", advice=advice)
    if study.industries.absent != "nil":
        raise AlmazError(
            _("a register lists every record there is: what it does not hold is none"),
            expected='[industries] absent = "nil"',
            advice=advice,
        )


def _records(engine: Connection, records: ibis.Table, cells: ibis.Table, register: Register, tell: Tell) -> Said:
    """What is wrong with the records, as `almaz check` says it."""
    figures = [name for name in cells.columns if name == "records" or name.startswith(("empty_", "strange_"))]
    totals = arrow(engine, cells.agg(**{name: cells[name].sum().cast("float64").fill_null(0.0) for name in figures}))
    held = faulty(engine, records, register)
    (wrong,) = held["faults"].to_pylist()
    again = REPEATED.empty_table()
    if register.identifier is not None:
        again = repeated_records(engine, records, register, tell)
    lines = about_records(every(held), round(totals["records"][0].as_py()), wrong, again, register)
    for number, part in enumerate(register.sums):
        lines += about_figures(totals, register, number, part, wrong)
    return lines


def _stop_at_errors(lines: Said) -> None:
    for line in lines:
        if line["level"] == "error":
            told = spoken(line)
            raise AlmazError(
                told["problem"], where=Where(file=told["file"], column=told["column"]), expected=told["expected"]
            )


def _placed(
    engine: Connection, study: Study, summed: list[Cells], measures: list[str], keep: Keep
) -> tuple[ibis.Table, list[str], Said]:
    """The cells of all registers by the study's codes, how many tell a measure, the industries, and what was lost."""
    labels = {name: _labels(engine, summed, name) for name in CODES}
    regions, lines = _regions(labels["region"], *regions_of(study))
    industries, outside = _industries(labels["industry"], study)
    years, timeless = _years(labels["year"])
    tables = [by_measure(cells, register, measures) for register, cells in summed]
    cells = ibis.union(*tables) if len(tables) > 1 else tables[0]
    for name, meanings in (("region", regions), ("industry", industries), ("year", years)):
        cells = _meaning(cells, name, meanings)
    figures = [name for name in cells.columns if name not in CODES]
    sums = {name: cells[name].sum().fill_null(0.0) for name in figures}
    times = {f"{name}{TIMES}": cells[name].count() for name in figures if not name.endswith(UNKNOWN)}
    return keep(cells.group_by(list(CODES)).agg(**sums, **times)), sorted(industries), [*lines, *outside, *timeless]


def _told(engine: Connection, study: Study, cells: ibis.Table, measures: list[str]) -> dict[str, list[int]]:
    """The years that each measure is told of; AlmazError where cells are told more than once, or none is there."""
    each = cells.group_by("year").agg(**{name: cells[f"{name}{TIMES}"].max() for name in measures})
    rows = arrow(engine, each).sort_by("year").to_pylist()
    if not rows:
        raise nothing_placed(study)
    for measure in measures:
        if any(row[measure] > 1 for row in rows):
            raise told_twice(measure)
    return {measure: [row["year"] for row in rows if row[measure]] for measure in measures}


def _labels(engine: Connection, summed: list[Cells], name: str) -> list[Label]:
    """Every label of a dimension, with its register and the number of its records; of a constant 0."""
    found: list[Label] = []
    for register, cells in summed:
        if name in cells.columns:
            rows = arrow(engine, cells.group_by(name).agg(records=cells.records.sum())).to_pylist()
            found += [(register.name, row[name], round(row["records"])) for row in rows]
        elif name in register.constants:
            found.append((register.name, str(register.constants[name]), 0))
        if name == "year":
            found += [(register.name, str(part.year), 0) for part in register.sums if part.year is not None]
    return sorted(found, key=lambda one: (one[0], one[1] or ""))


def _meaning(cells: ibis.Table, name: str, meanings: Mapping[str, str | int]) -> ibis.Table:
    """The cells whose label means something, by what it means."""
    kind = pa.int32() if name == "year" else pa.string()
    table = ibis.memtable(
        pa.table({"label": pa.array(list(meanings), pa.string()), "meant": pa.array(list(meanings.values()), kind)})
    )
    joined = cells.inner_join(table, cells[name] == table.label)
    return joined.select(
        **{column: joined[column] for column in cells.columns if column != name}, **{name: joined.meant}
    )


def _regions(labels: list[Label], everywhere: pa.Table, mine: pa.Table) -> tuple[dict[str, str], Said]:
    told = [one for one in labels if one[1] is not None]
    table = pa.table(
        {
            "region": pa.array([label for _file, label, _records in told], pa.string()),
            "label": pa.array([label for _file, label, _records in told], pa.string()),
            "file": pa.array([file for file, _label, _records in told], pa.string()),
            "sheet": pa.nulls(len(told), pa.string()),
            "row": pa.nulls(len(told), pa.int32()),
        }
    )
    placed, unplaced = match_regions(table, everywhere)
    here = placed.filter(pc.is_in(placed["region"], value_set=mine["region"]))
    meanings = dict(zip(here["label"].to_pylist(), here["region"].to_pylist(), strict=True))
    return meanings, [*_without(labels, "region"), *unplaced.to_pylist()]


def _industries(labels: list[Label], study: Study) -> tuple[dict[str, str], Said]:
    """The finest industries, each by itself; a line for every code outside the tree, one for all that are divided further."""
    codes = sorted({label for _file, label, _records in labels if label is not None})
    tree = industries_of(study, codes)
    known, fine = set(tree["industry"].to_pylist()), set(leaves(tree))
    lines = [
        problem("unknown_industry", file=file, value=label, number=records)
        for file, label, records in labels
        if label is not None and label not in known
    ]
    coarse = [(label, records) for _file, label, records in labels if label in known - fine]
    if coarse:
        lines.append(problem("coarse_records", value=coarse[0][0], number=sum(records for _label, records in coarse)))
    return {code: code for code in codes if code in fine}, [*_without(labels, "industry"), *lines]


def _years(labels: list[Label]) -> tuple[dict[str, int], Said]:
    found = {label: year_of(label) for _file, label, _records in labels if label is not None}
    lines = [
        problem("no_year", "error", file=file, value=label, number=records)
        for file, label, records in labels
        if label is not None and found[label] is None
    ]
    _stop_at_errors(lines)
    return {label: year for label, year in found.items() if year is not None}, _without(labels, "year")


def _without(labels: list[Label], column: str) -> Said:
    return [
        problem("codeless_records", file=file, column=column, number=records)
        for file, label, records in labels
        if label is None
    ]
