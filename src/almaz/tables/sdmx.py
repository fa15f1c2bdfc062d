"""SDMX-CSV 1.0 and 2.0, and Eurostat's own forms of it: SDMX-CSV with OBS_FLAG and CONF_STATUS, and TSV with all dimensions in
one column, years in columns, and flags behind the figures (": c", "12.3 p").

Sources: SDMX technical working group, "SDMX-CSV field guide" 1.0 and 2.0; Eurostat, "API: TSV data format" and "Flags" (from
27 January 2025 flags of observation, small letters, and of confidentiality, large letters, are apart).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from almaz.language import text as _
from almaz.tables.block import Block, Column, holds, labels, through_distinct, year_of
from almaz.tables.grid import Wanted
from almaz.tables.source import Findings, Source, keeps

_ROLES = {
    "value": ("OBS_VALUE",),
    "year": ("TIME_PERIOD", "TIME"),
    "flag": ("OBS_STATUS", "OBS_FLAG"),
    "confidentiality": ("CONF_STATUS", "OBS_CONF"),
    "multiplier": ("UNIT_MULT",),
    "region": ("GEO", "REF_AREA", "REGION"),
    "industry": ("NACE_R2", "NACE_R1", "NACE_R21", "ACTIVITY", "ECONOMIC_ACTIVITY", "INDUSTRY"),
}
"""What the columns are called, in large letters."""
_NO_DIMENSIONS = ("DATAFLOW", "STRUCTURE", "STRUCTURE_ID", "STRUCTURE_NAME", "ACTION", "LAST UPDATE")
_DELETES = ("D", "DELETE")
_CELL = re.compile(r"^\s*(:|[+-]?[\d.]+(?:[eE][+-]?\d+)?)\s*(.*?)\s*$")


def wanted(_source: Source) -> Wanted:
    """Every column: which are dimensions shows only in the header."""
    return bool


def is_tsv(headers: tuple[str, ...]) -> bool:
    """Whether the headers are of Eurostat's TSV: all dimensions in the first, a backslash, the name of the time."""
    return bool(headers) and "\\" in headers[0]


def laid_out(block: Block, source: Source, findings: Findings) -> tuple[Block, Source]:
    """A file of either form as a block whose columns have the names of the dimensions, without labels behind codes.

    Raises AlmazError where the form is another, where the study's dimensions are not there, and where rows differ only in
    a dimension that the study does not mention (it must say which of its codes it wants, under `where`).
    """
    return _wide(block, source, findings) if is_tsv(block.headers) else _long(block, source, findings)


def _long(block: Block, source: Source, findings: Findings) -> tuple[Block, Source]:
    codes = {header: header.split(":", 1)[0].strip() for header in block.headers}
    both = any(":" in header for header in block.headers)
    columns = {codes[header]: _coded(column) if both else column for header, column in block.columns.items()}
    block = replace(block, columns=columns, headers=tuple(columns))
    roles = {role: found for role, names in _ROLES.items() if (found := _among(names, block.headers))}
    for role in ("value", "year"):
        if role not in roles:
            raise findings.fault(
                _("there is no column «{name}»", name=_ROLES[role][0]),
                sheet=block.sheet,
                expected=_("SDMX-CSV, or Eurostat's TSV"),
            )
    block = _without_deletions(block, findings)
    meaning: dict[str, str | int | float] = {
        role: roles[role] for role in ("flag", "confidentiality", "multiplier") if role in roles
    }
    dimensions = {"year": roles["year"], **_dimensions(block, source, roles, findings)}
    meant = replace(source, dimensions=dimensions, values={roles["value"]: meaning}, where=_where(block, source))
    _need_one_row_a_cell(block, meant, roles, findings)
    return block, meant


def _wide(block: Block, source: Source, findings: Findings) -> tuple[Block, Source]:
    first = block.headers[0]
    names = [name.strip() for name in first.split("\\", 1)[0].split(",")]
    keys, at = through_distinct(labels(block.columns[first]), lambda key: [part.strip() for part in key.split(",")])
    ragged = np.array([len(key) != len(names) for key in keys], dtype=bool)[at] if keys else np.zeros(0, dtype=bool)
    for row in np.flatnonzero(ragged).tolist():
        key = ",".join(keys[at[row]])
        place = {"sheet": block.sheet, "row": int(block.rows[row])}
        findings.problem("ragged_row", "error", **place, value=key, expected=len(names))  # type: ignore[arg-type]
    block, at = block.filtered(~ragged), at[~ragged]
    columns: dict[str, Column] = {
        name: pa.array([key[place] if place < len(key) else "" for key in keys], pa.string()).take(pa.array(at))
        for place, name in enumerate(names)
    }
    values: dict[str, Mapping[str, str | int | float]] = {}
    others = []
    for period in block.headers[1:]:
        year = year_of(period)
        if year is None:
            others.append(period)
            continue
        columns[period], columns[f"{period} flag"] = _apart(labels(block.columns[period]))
        values[period] = {"year": year, "flag": f"{period} flag"}
    if not values:
        raise findings.fault(
            _("no header with years was found"),
            sheet=block.sheet,
            expected=_("a row whose cells are years, such as 2020, 2021"),
        )
    if others:
        findings.problem("other_periods", "note", sheet=block.sheet, value=", ".join(others[:5]), number=len(others))
    block = replace(block, columns=columns, headers=tuple(columns))
    dimensions = _dimensions(block, source, {role: _among(_ROLES[role], block.headers) for role in _ROLES}, findings)
    meant = replace(source, dimensions=dimensions, values=values, where=_where(block, source))
    _need_one_row_a_cell(block, meant, {}, findings)
    return block, meant


def _apart(cells: pa.Array) -> tuple[pa.Array, pa.Array]:
    """The figures of a column of Eurostat's TSV, and the flags behind them."""

    def split(cell: str) -> tuple[str, str]:
        found = _CELL.match(cell)
        figure, flag = (found.group(1), found.group(2)) if found else (cell, "")
        return (cell, "") if len(flag) > 8 else (figure, flag.replace(" ", ""))

    parts, at = through_distinct(cells, split)
    place = pa.array(at)
    return (
        pa.array([figure for figure, _flag in parts], pa.string()).take(place),
        pa.array([flag for _figure, flag in parts], pa.string()).take(place),
    )


def _coded(column: Column) -> pa.Array:
    """The codes of a column that writes labels behind them ("A: Annual")."""
    codes, at = through_distinct(labels(column), lambda cell: cell.split(":", 1)[0].strip() if cell != ":" else cell)
    return pa.array(codes, pa.string()).take(pa.array(at))


def _among(names: tuple[str, ...], headers: tuple[str, ...]) -> str:
    return next((header for name in names for header in headers if header.upper() == name), "")


def _without_deletions(block: Block, findings: Findings) -> Block:
    action = _among(("ACTION",), block.headers)
    if not action:
        return block
    lost = holds(labels(block.columns[action]), lambda cell: cell.upper() in _DELETES)
    if lost.any():
        findings.problem("deleted", "note", sheet=block.sheet, number=int(lost.sum()))
    return block.filtered(~lost)


def _dimensions(block: Block, source: Source, roles: Mapping[str, str], findings: Findings) -> dict[str, str]:
    """The columns of region, industry and measure: as the study names them, in small or large letters, else the usual."""
    found = {}
    for dimension in ("region", "industry", "measure"):
        name = source.dimensions.get(dimension)
        if name is None and dimension not in source.constants and roles.get(dimension):
            name = roles[dimension]
        if name is None:
            continue
        match = _among((name.upper(),), block.headers)
        if not match:
            close = get_close_matches(name, block.headers, n=1)
            raise findings.fault(
                _("there is no column «{name}»", name=name),
                sheet=block.sheet,
                expected=_("one of: {keys}", keys=", ".join(block.headers)),
                advice=_("did you mean «{close}»?", close=close[0]) if close else "",
            )
        found[dimension] = match
    return found


def _where(block: Block, source: Source) -> dict[str, str | list[str]]:
    return {_among((name.upper(),), block.headers) or name: kept for name, kept in source.where.items()}


def _need_one_row_a_cell(block: Block, meant: Source, roles: Mapping[str, str], findings: Findings) -> None:
    """Raise AlmazError where rows of the same cell differ in a dimension that the study does not choose from."""
    for column, kept in meant.where.items():
        if column in block.columns:
            block = block.filtered(holds(labels(block.columns[column]), keeps(kept).__contains__))
    keys = [name for name in meant.dimensions.values() if name in block.columns]
    table = pa.table({name: labels(block.columns[name]) for name in keys})
    if not table.num_rows or not keys:
        return
    times = table.group_by(keys, use_threads=False).aggregate([([], "count_all")])
    twice = times.filter(pc.greater(times["count_all"], 1)).slice(0, 1).to_pylist()
    if not twice:
        return
    same = np.ones(table.num_rows, dtype=bool)
    for name in keys:
        same &= np.asarray(pc.equal(table[name], twice[0][name]))
    one = block.filtered(same)
    used = {*keys, *roles.values(), *meant.values, *(str(meaning.get("flag")) for meaning in meant.values.values())}
    for header in block.headers:
        held = pc.unique(labels(one.columns[header])).to_pylist()
        if len(held) > 1 and header not in used and header.upper() not in _NO_DIMENSIONS:
            raise findings.fault(
                _("rows differ in «{name}», which the study does not choose from", name=header),
                sheet=block.sheet,
                expected=_("one of: {keys}", keys=", ".join(held[:20])),
                advice=_('choose under where: {name} = "…"', name=header),
            )
