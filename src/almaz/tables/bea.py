"""The use table of the U.S. Bureau of Economic Analysis: who buys what from whom, with the NAICS codes of its industries."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from almaz.errors import AlmazError, Where
from almaz.language import text as _
from almaz.tables.block import label

FloatArray: TypeAlias = npt.NDArray[np.float64]
NAICS_SHEET: Final = "NAICS codes"
TOTAL_INPUT, TOTAL_OUTPUT, OUTPUT_ROW = "T005", "T007", "T008"
MISPRINTS: Final = {"5719": "5179"}
"""Codes that the Bureau's sheet misprints: 517A00 names 5719, which no NAICS has, for other telecommunications, 5179."""


@dataclass(frozen=True)
class Use:
    """codes, titles: of the industries that both sell and buy; flows: (sellers, buyers), million dollars;
    total_input: (buyers,), all intermediate inputs; total_output: (sellers,), all uses of the commodity, final ones too;
    naics: code → the beginnings of NAICS codes that it covers."""

    codes: tuple[str, ...]
    titles: tuple[str, ...]
    flows: FloatArray
    total_input: FloatArray
    total_output: FloatArray
    naics: Mapping[str, tuple[str, ...]]


def read_bea_use(path: Path) -> Use:
    """Read a detailed use table (before redefinitions, producers' prices) and its sheet of NAICS codes.

    The commodity of an industry carries its code; commodities without an industry (scrap, noncomparable imports) and
    industries without a commodity are left out of the square, but stay in the totals. A blank is no purchase. Raises
    AlmazError naming the sheet where the workbook has another form.
    """
    from openpyxl import load_workbook

    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as why:
        raise AlmazError(
            _("the file cannot be opened: {why}", why=why),
            where=Where(file=str(path)),
            expected=_("a use table of the Bureau of Economic Analysis (.xlsx)"),
        ) from None
    if NAICS_SHEET not in book.sheetnames:
        raise AlmazError(
            _("there is no sheet «{sheet}»", sheet=NAICS_SHEET),
            where=Where(file=str(path)),
            expected=_("a use table of the Bureau of Economic Analysis (.xlsx)"),
        )
    sheet = next((name for name in reversed(book.sheetnames) if re.fullmatch(r"(19|20)\d\d", name)), "")
    if not sheet:
        raise AlmazError(
            _("there is no sheet «{sheet}»", sheet="2007"),
            where=Where(file=str(path)),
            expected=_("a use table of the Bureau of Economic Analysis (.xlsx)"),
        )
    rows: list[list[object]] = [list(row) for row in book[sheet].iter_rows(values_only=True)]
    naics = _naics([list(row) for row in book[NAICS_SHEET].iter_rows(values_only=True)])
    book.close()
    return _square(rows, naics, path, sheet)


def _square(rows: list[list[object]], naics: dict[str, tuple[str, ...]], path: Path, sheet: str) -> Use:
    header = next((number for number, row in enumerate(rows) if row and label(row[0]) == "Code"), None)
    if header is None:
        raise AlmazError(
            _("the row of industry codes was not found"),
            where=Where(file=str(path), sheet=sheet),
            expected=_("a row that begins with «Code»"),
        )
    column = {label(cell): place for place, cell in enumerate(rows[header]) if place > 1 and label(cell)}
    line = {label(row[0]): row for row in rows[header + 1 :] if row and label(row[0])}
    for name, held in ((TOTAL_INPUT, line), (TOTAL_OUTPUT, column)):
        if name not in held:
            raise AlmazError(_("the total {name} is missing", name=name), where=Where(file=str(path), sheet=sheet))
    codes = tuple(code for code in line if code in column and code in naics)

    def figures(row: list[object], places: list[int]) -> FloatArray:
        return np.array([_number(row[place] if place < len(row) else None) for place in places])

    places = [column[code] for code in codes]
    return Use(
        codes,
        tuple(label(line[code][1]) for code in codes),
        np.stack([figures(line[code], places) for code in codes]),
        figures(line[TOTAL_INPUT], places),
        np.array([figures(line[code], [column[TOTAL_OUTPUT]])[0] for code in codes]),
        {code: naics[code] for code in codes},
    )


def _number(cell: object) -> float:
    return float(cell) if isinstance(cell, (int, float)) else 0.0


def _naics(rows: list[list[object]]) -> dict[str, tuple[str, ...]]:
    """The detailed codes (third column) with the NAICS codes of the sixth."""
    found = {}
    for row in rows:
        code = label(row[2]) if len(row) > 5 else ""
        written = label(row[5]) if code else ""
        if code and written and written != "n/a":
            found[code] = naics_codes(written)
    return found


def naics_codes(written: str) -> tuple[str, ...]:
    """A list of codes as the Bureau writes it: "1122, 1124-5, 1129" is 1122, 1124, 1125 and 1129.

    A range repeats the last digits: "442-4" is 442, 443 and 444.
    """
    codes: list[str] = []
    for part in re.split(r"\s*,\s*", written.strip().rstrip("*")):
        first, dash, last = part.partition("-")
        if not dash:
            codes.append(MISPRINTS.get(first, first))
            continue
        end = first[: len(first) - len(last)] + last
        codes += [str(code) for code in range(int(first), int(end) + 1)]
    return tuple(codes)
