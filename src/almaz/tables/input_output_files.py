"""Layouts of input–output tables in text files: codes in the first row and column, all countries at once, one cell a row."""

from __future__ import annotations

import csv
import gzip
import io
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq

from almaz.errors import AlmazError, Where
from almaz.language import text as _
from almaz.tables.input_output import KNOWN, Block, Grid, Layout
from almaz.tables.marks import understand
from almaz.tables.schema import Status
from almaz.tables.spreadsheet import plain_sheets, sheet_names

_AXES: Final[Mapping[str, tuple[str, ...]]] = {
    "row": ("row", "ind_ava", "prd_ava", "prod_na", "rowpi", "t_rows2"),
    "column": ("column", "col", "ind_use", "prd_use", "induse", "colpi", "t_cols2"),
    "value": ("value", "obs_value", "obsvalue", "values"),
    "year": ("year", "time_period", "time"),
    "country": ("country", "geo", "ref_area", "cou", "refarea"),
    "flow": ("flow", "stk_flow", "var"),
    "unit": ("unit", "unit_measure"),
}
"""The dimensions of tables that hold one cell a row, and the names that Eurostat, the OECD and FIGARO give them."""
_PREFIX = re.compile(r"^(TTL_|DOM_|CPA_)(?!INT_FNL|INT$|TOTAL)")
_FLAGGED = re.compile(r"\s+[a-z]{1,3}$")


def layout_of(file: Path) -> Layout:
    """Which layout a file has, by its ending and its first row."""
    if file.suffix.lower() == ".xlsx":
        return "bea" if any("NAICS" in name for name in sheet_names(file)) else "plain"
    if file.suffix.lower() in (".parquet", ".pq"):
        return "long"
    header = next(iter(_rows(file)), (1, []))[1]
    names = {name.strip().lower() for cell in header for name in re.split(r"[,\\]", cell)}
    if names & set(_AXES["row"]) and names & set(_AXES["column"]):
        return "long"
    used = {cell.split("_", 1)[1] for cell in header[1:] if "_" in cell}
    return "icio" if {"HFCE", "GFCF"} <= used else "plain"


def read_plain(file: Path, sheet: str | None = None) -> Grid:
    """A table with codes in the first row and the first column; CSV, TSV or Excel.

    Columns headed `name` and `block` may follow the codes: titles, and blocks of rows; a row that begins with `block` names the
    blocks of columns. Raises AlmazError naming row and column for a cell that is no number, and for a row that is too long.
    """
    if file.suffix.lower() == ".xlsx":
        sheet = sheet or sheet_names(file)[0]
        found = plain_sheets(file, [sheet])[sheet]
        rows = [(number, ["" if cell is None else str(cell) for cell in row]) for number, row in found]
    else:
        rows = _rows(file)
    rows = [(number, row) for number, row in rows if any(cell.strip() for cell in row)]
    if len(rows) < 2:
        raise AlmazError(
            _("the table has no rows"), where=Where(file=str(file), sheet=sheet), expected=_("codes in the first row")
        )
    header = [cell.strip() for cell in rows[0][1]]
    labels = {name: at for at, name in enumerate(header[:3]) if name.lower() in ("name", "block")}
    first = 1 + len(labels)
    named: dict[str, Block] = {}
    columns = [(code, at) for at, code in enumerate(header) if at >= first and code]
    body = rows[1:]
    if body[0][1][0].strip().lower() == "block":
        _blocks(file, sheet, body[0], columns, named)
        body = body[1:]
    kept, cells = [], []
    for number, row in body:
        if len(row) > len(header) and any(cell.strip() for cell in row[len(header) :]):
            raise AlmazError(
                _("the row has more cells than there are codes"), where=Where(file=str(file), sheet=sheet, row=number)
            )
        code = _bare(row[0])
        kept.append((code, row[labels["name"]].strip() if "name" in labels else "", number))
        if "block" in labels and row[labels["block"]].strip():
            named[code] = _block(row[labels["block"]], Where(file=str(file), sheet=sheet, row=number, column="block"))
        cells.append([_number(row[at] if at < len(row) else "", file, sheet, number, name) for name, at in columns])
    heads = tuple((_industry_code(code), "", code) for code, _at in columns)
    return Grid(str(file), sheet, tuple(kept), heads, np.array(cells), named)


def _blocks(
    file: Path,
    sheet: str | None,
    row: tuple[int, Sequence[str]],
    columns: Sequence[tuple[str, int]],
    named: dict[str, Block],
) -> None:
    for code, at in columns:
        if at < len(row[1]) and row[1][at].strip():
            named[code] = _block(row[1][at], Where(file=str(file), sheet=sheet, row=row[0], column=code))


def _block(written: str, where: Where) -> Block:
    try:
        return Block(written.strip().lower())
    except ValueError:
        raise AlmazError(
            _("there is no block «{name}»", name=written),
            where=where,
            expected=_("one of: {keys}", keys=", ".join(block.value for block in Block)),
        ) from None


def _industry_code(code: str) -> str:
    """A column's code as the OECD's rows write it: without the D of its editions up to 2021."""
    return re.sub(r"^D(?=\d\d)", "", _PREFIX.sub("", code)) if code not in KNOWN else code


def _bare(code: str) -> str:
    return _PREFIX.sub("", code.strip()) if code.strip() not in KNOWN else code.strip()


def _number(cell: str, file: Path, sheet: str | None, row: int, column: str) -> float:
    if not cell or not cell.strip():
        return 0.0
    with suppress(ValueError):
        if math.isfinite(plain := float(cell)):
            return plain
    written = understand(_FLAGGED.sub("", cell))
    if written.problem:
        raise AlmazError(
            _("the cell «{value}» is not a number", value=cell),
            where=Where(file=str(file), sheet=sheet, row=row, column=column),
            expected=_("a number, a blank or a mark such as «:»"),
        )
    return float("nan") if written.value is None and written.status is not Status.NIL else written.value or 0.0


def read_icio(file: Path, country: str | None) -> Grid:
    """One country out of the OECD's table of all countries: rows and columns COUNTRY_INDUSTRY, final uses COUNTRY_USE.

    What the country sells abroad, to industries and final users, becomes its exports; what its industries and its final users buy
    abroad becomes a row of imported products by industry. Flows are domestic ones. Raises AlmazError for an unknown country.
    """
    rows = _rows(file)
    header = [cell.strip() for cell in rows[0][1]]
    countries = sorted({code.split("_", 1)[0] for code in header[1:] if "_" in code})
    if country not in countries:
        raise AlmazError(
            _("there is no country «{country}» in the table", country=country or ""),
            where=Where(file=str(file), key="chains.country"),
            expected=_("one of: {keys}", keys=", ".join(countries)),
        )
    cells = np.array(
        [[_number(cell, file, None, n, header[at]) for at, cell in enumerate(row[1:], 1)] for n, row in rows[1:]]
    )
    mine = np.array([code.startswith(f"{country}_") for code in header[1:]])
    foreign = ~mine & np.array(["_" in code and code not in KNOWN for code in header[1:]])
    kind = np.array([_icio_row(row[0].strip(), country) for _n, row in rows[1:]])
    kept_rows, kept = [], []
    for at in np.flatnonzero((kind == "home") | (kind == "input")):
        number, row = rows[1 + at]
        kept_rows.append((row[0].strip().removeprefix(f"{country}_"), "", number))
        kept.append(np.append(cells[at, mine], cells[at, foreign].sum() if kind[at] == "home" else 0.0))
    for code, which in (("IMP", "abroad"), ("TAXSUB", "tax")):
        if (kind == which).any():
            kept_rows.append((code, "", 0))
            kept.append(np.append(cells[kind == which][:, mine].sum(axis=0), 0.0))
    columns = [(code.removeprefix(f"{country}_"), "", code) for code in np.array(header[1:])[mine].tolist()]
    return Grid(str(file), None, tuple(kept_rows), (*columns, ("EXPO", "", "exports")), np.array(kept))


def _icio_row(code: str, country: str) -> str:
    """What a row of OECD's table is to one country: home, abroad, a tax on what is used, another input, or a total."""
    if code in KNOWN:
        return "total" if KNOWN[code] is Block.TOTAL else "input"
    if code.endswith("_TAXSUB"):
        return "tax"
    return "home" if code.startswith(f"{country}_") else "abroad"


def read_long(file: Path, year: int | None, country: str | None) -> tuple[Grid, bool]:
    """A table that holds one cell a row: Eurostat (SDMX-CSV or TSV), the OECD's national tables, FIGARO, or Parquet.

    Where flows are given apart (TOTAL, DOM, IMP), the totals are read; where there are no totals, the domestic ones, with the
    imported ones added up by industry. Returns the grid and whether its flows are domestic ones alone.
    Raises AlmazError where a dimension has several values and neither year nor country says which.
    """
    header, records = _records(file, year)
    at = {
        axis: next((i for i, n in enumerate(header) if n.strip().lower() in names), None)
        for axis, names in _AXES.items()
    }
    for axis in ("row", "column", "value"):
        if at[axis] is None:
            raise AlmazError(
                _("there is no column «{name}»", name=axis),
                where=Where(file=str(file)),
                expected=_("one of: {keys}", keys=", ".join(_AXES[axis])),
            )
    wanted = {"year": None if year is None else str(year), "country": country}
    for axis in ("year", "country", "unit"):
        place = at[axis]
        if place is not None:
            records = _of_one(file, records, axis, place, wanted.get(axis))
    flow = at["flow"]
    flows = {str(record[1][flow]) for record in records} if flow is not None else set()
    domestic = "DOM" in flows and "TOTAL" not in flows and "TTL" not in flows
    cells: dict[tuple[str, str], float] = {}
    places: dict[str, int] = {}
    for number, record in records:
        row, column = _bare(str(record[_at(at, "row")])), _industry_code(str(record[_at(at, "column")]))
        value = record[_at(at, "value")]
        amount = float(value) if isinstance(value, (int, float)) else _number(str(value), file, None, number, "value")
        kind = str(record[flow]) if flow is not None else ""
        if kind == "IMP" and flows - {"IMP"}:
            if not domestic or row in KNOWN or row.endswith("TOTAL"):
                continue
            cells["IMP", column] = cells.get(("IMP", column), 0.0) + amount
            places.setdefault("IMP", number)
            continue
        if kind == "DOM" and not domestic:
            continue
        cells[row, column] = amount
        places.setdefault(row, number)
    return _gridded(file, cells, places), domestic


def _at(places: Mapping[str, int | None], axis: str) -> int:
    place = places[axis]
    assert place is not None
    return place


Records = list[tuple[int, Sequence[Any]]]


def _of_one(file: Path, records: Records, axis: str, place: int, wanted: str | None) -> Records:
    there = sorted({str(record[1][place]).strip() for record in records})
    if wanted is None and len(there) == 1:
        return records
    if wanted not in there:
        raise AlmazError(
            _("the table has several values of «{axis}»; the study does not say which", axis=axis)
            if wanted is None
            else _("there is no {axis} «{value}» in the table", axis=axis, value=wanted),
            where=Where(file=str(file), key=f"chains.{axis}"),
            expected=_("one of: {keys}", keys=", ".join(there[:40])),
        )
    return [record for record in records if str(record[1][place]).strip() == wanted]


def _records(file: Path, year: int | None) -> tuple[list[str], Records]:
    if file.suffix.lower() in (".parquet", ".pq"):
        table = pq.read_table(file)
        if year is not None and "year" in table.column_names:
            table = table.filter(pc.equal(table["year"], year))
        columns = [column.to_pylist() for column in table.columns]
        return table.column_names, list(enumerate(zip(*columns, strict=True), start=1))
    rows = _rows(file)
    header = rows[0][1]
    if "\\TIME_PERIOD" in header[0]:
        return _unfolded(rows)
    return list(header), [(number, row) for number, row in rows[1:] if len(row) == len(header)]


def _unfolded(rows: Sequence[tuple[int, Sequence[str]]]) -> tuple[list[str], Records]:
    """Eurostat's TSV: the key's parts joined by commas in the first column, a column a year."""
    names = rows[0][1][0].split("\\")[0].split(",")
    years = [cell.strip() for cell in rows[0][1][1:]]
    return [*names, "year", "value"], [
        (number, [*row[0].split(","), year, cell])
        for number, row in rows[1:]
        for year, cell in zip(years, row[1:], strict=False)
    ]


def _gridded(file: Path, cells: Mapping[tuple[str, str], float], places: Mapping[str, int]) -> Grid:
    rows, columns = list(dict.fromkeys(row for row, _c in cells)), list(dict.fromkeys(column for _r, column in cells))
    matrix = np.zeros((len(rows), len(columns)))
    at_row, at_column = ({code: at for at, code in enumerate(codes)} for codes in (rows, columns))
    for (row, column), amount in cells.items():
        matrix[at_row[row], at_column[column]] = amount
    heads = tuple((code, "", code) for code in columns)
    return Grid(str(file), None, tuple((code, "", places.get(code, 0)) for code in rows), heads, matrix)


def _rows(file: Path) -> list[tuple[int, list[str]]]:
    content = file.read_bytes()
    written = (gzip.decompress(content) if file.name.endswith(".gz") else content).decode("utf-8-sig")
    first = written.split("\n", 1)[0]
    delimiter = "\t" if "\\TIME_PERIOD" in first else max("\t;,", key=first.count)
    return list(enumerate(_cells(written, delimiter), start=1))


def _cells(written: str, delimiter: str) -> Iterable[list[str]]:
    return csv.reader(io.StringIO(written, newline=""), delimiter=delimiter)
