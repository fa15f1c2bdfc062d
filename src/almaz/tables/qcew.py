"""The raw files of the U.S. Quarterly Census of Employment and Wages: annual averages and quarters, by area or in one file.

Layout: U.S. Bureau of Labor Statistics, "NAICS-based field layouts", annual and quarterly CSV. A row is an area × ownership ×
industry × size class. Where `disclosure_code` is N, employment and wages are hidden although the figures show 0; the
number of establishments never is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import ibis
import numpy as np
import numpy.typing as npt
import pyarrow as pa
from ibis import _ as row

from almaz.language import text as _
from almaz.tables.block import Block, holds, labels
from almaz.tables.engine import arrow, connection
from almaz.tables.grid import Wanted
from almaz.tables.observe import set_aside
from almaz.tables.source import Findings, Source, keeps

AREAS = {
    "nation": re.compile(r"US000"),
    "state": re.compile(r"\d\d000"),
    "county": re.compile(r"\d\d(?!000)\d\d\d"),
    "metropolitan": re.compile(r"C\d{4}"),
    "combined": re.compile(r"CS\d{3}"),
}
"""Kinds of area, by their codes."""
_KEYS = ("area_fips", "own_code", "industry_code", "size_code", "year", "qtr", "disclosure_code")
_ANNUAL = {
    "annual_avg_estabs": "establishments",
    "annual_avg_estabs_count": "establishments",  # the name in older files
    "annual_avg_emplvl": "employment",
    "total_annual_wages": "wages",
}
_QUARTER = {
    "qtrly_estabs": "establishments",
    "qtrly_estabs_count": "establishments",
    "month3_emplvl": "employment",
    "total_qtrly_wages": "wages",
}
_MONTHS = ("month1_emplvl", "month2_emplvl", "month3_emplvl")


def wanted(source: Source) -> Wanted:
    """The columns of the Bureau's layout that are read, and those that the study names."""
    names = {*_KEYS, *_ANNUAL, *_QUARTER, *_MONTHS, *source.values, *source.where}
    return names.__contains__


def laid_out(block: Block, source: Source, findings: Findings) -> tuple[Block, Source]:
    """The rows of the ownership and the areas that the study means, all size classes together, as a block of figures.

    A quarterly file gives the year (mean of twelve months and of four quarters, wages summed, as the Bureau's annual
    averages do) unless the study names one quarter, whose third month is then the employment. Several ownerships are added
    up, and what is hidden in one is hidden in the sum. Raises AlmazError where the layout is another, or a quarter is missing.
    """
    for need in _KEYS:
        if need not in block.headers:
            raise findings.fault(
                _("there is no column «{name}»", name=need), sheet=block.sheet, expected=", ".join(_KEYS)
            )
    annual = "annual_avg_emplvl" in block.headers
    block = _meant(block, source, findings)
    chosen = _ANNUAL if annual else _QUARTER
    values = source.values or {
        name: {"measure": measure, **({} if measure == "establishments" else {"hidden": "disclosure_code"})}
        for name, measure in chosen.items()
        if name in block.headers
    }
    if not values:
        raise findings.fault(_("there is no column «{name}»", name="qtrly_estabs"), sheet=block.sheet)
    dimensions = {"region": "area_fips", "industry": "industry_code", "year": "year"}
    whole_year = not annual and source.quarter is None and not source.values
    if whole_year or len(keeps(source.ownership)) > 1:
        block, values = _added_up(block, findings, whole_year, {name: str(m["measure"]) for name, m in values.items()})
    return block, replace(source, dimensions=dimensions, values=values, measures={})


def _meant(block: Block, source: Source, findings: Findings) -> Block:
    """The rows of the ownership, size class, areas and quarter that are meant."""

    def says(column: str, answer: Callable[[str], bool]) -> npt.NDArray[np.bool_]:
        return holds(labels(block.columns[column]), answer)

    owners = keeps(source.ownership)
    mask = says("own_code", owners.__contains__) & says("size_code", ("0", "").__contains__)
    said = [f"own_code = {' | '.join(owners)}", "size_code = 0"]
    if source.areas is not None:
        mask &= says("area_fips", lambda code: AREAS[str(source.areas)].fullmatch(code) is not None)
        said.append(f"area_fips: {source.areas}")
    if source.quarter is not None:
        mask &= says("qtr", (str(source.quarter), "A").__contains__)
        said.append(f"qtr = {source.quarter}")
    return set_aside(block, mask, findings, said)


def _added_up(
    block: Block, findings: Findings, whole_year: bool, measures: dict[str, str]
) -> tuple[Block, dict[str, dict[str, str]]]:
    """Ownerships added up, and quarters made into years where `whole_year`."""
    names = [*_KEYS, *(name for name in (*measures, *_MONTHS) if name in block.columns)]
    table = pa.table({name: labels(block.columns[name]) for name in dict.fromkeys(names)})
    table = table.append_column("line", pa.array(block.rows))
    data = ibis.memtable(table)
    quarters = sorted(set(table["qtr"].to_pylist()))
    if whole_year and quarters not in ([], ["1", "2", "3", "4"]):
        raise findings.fault(
            _("a year needs its four quarters; the file has {quarters}", quarters=", ".join(quarters)),
            sheet=block.sheet,
            advice=_("name one under quarter, or join the quarters into one file"),
        )
    by = ["area_fips", "industry_code", "year"]
    summed = {}
    for name, measure in measures.items():
        figure = row[name].try_cast("float64")
        if whole_year and measure == "employment":
            figure = sum((row[month].try_cast("float64") for month in _MONTHS[1:]), row[_MONTHS[0]].try_cast("float64"))
        divisor = {"employment": 12, "establishments": 4}.get(measure, 1) if whole_year else 1
        summed[name] = figure.sum() / divisor
    hidden = (row.disclosure_code.strip() == "N").any()
    found = data.group_by(by).agg(**summed, hidden=hidden, line=row.line.min(), merged=row.count()).order_by("line")
    result = arrow(connection(), found)
    merged = table.num_rows - result.num_rows
    if whole_year:
        findings.problem("quarters", "note", sheet=block.sheet, number=merged, quarters=quarters)
    elif merged:
        findings.problem("ownerships", "note", sheet=block.sheet, number=merged)
    columns = {name: result[name] for name in [*by, *summed, "hidden"]}
    values = {
        name: {"measure": measure, **({} if measure == "establishments" else {"hidden": "hidden"})}
        for name, measure in measures.items()
    }
    return Block(block.sheet, columns, result["line"].to_numpy(), tuple(columns)), values
