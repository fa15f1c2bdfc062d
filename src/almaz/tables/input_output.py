"""An input–output table: who sells what to whom. Every layout is read into a grid of cells; the grid is laid out into blocks.

A row or a column is a product or an industry, or belongs to a named block (consumption, exports, wages, taxes …). Codes that the
U.S. Bureau of Economic Analysis, the OECD and Eurostat use for them are known; others are named in the file or in the study.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from almaz.errors import AlmazError, Where
from almaz.language import text as _
from almaz.tables.problems import problem

FloatArray: TypeAlias = npt.NDArray[np.float64]
Layout: TypeAlias = Literal["auto", "plain", "bea", "icio", "long"]


class Block(StrEnum):
    """What a row or a column is."""

    PRODUCT = "product"
    INDUSTRY = "industry"
    CONSUMPTION = "consumption"
    INVESTMENT = "investment"
    """A column: products bought to invest; a row: what each industry invests."""
    INVENTORIES = "inventories"
    EXPORTS = "exports"
    IMPORTS = "imports"
    """Imported products, by product: a column (in most tables below zero) or a row."""
    WAGES = "wages"
    TAXES = "taxes"
    """Taxes on production, less subsidies."""
    SURPLUS = "surplus"
    VALUE_ADDED = "value_added"
    PRODUCT_TAXES = "product_taxes"
    """Taxes, less subsidies, on the products that an industry uses."""
    IMPORTED = "imported"
    """Imported products, by the industry that uses them, where the flows are domestic ones alone."""
    JOBS = "jobs"
    OUTPUT = "output"
    OTHER = "other"
    TOTAL = "total"
    """Sums of other cells: not used."""


_CODES: Final[Mapping[Block, str]] = {
    Block.CONSUMPTION: "F010 F06C F07C F10C HFCE NPISH NPS GGFC DPABR DIRP CONS_ABR CONS_NONRES P33 "
    "P3 P3_S13 P3_S14 P3_S15 P3_S14_S15",
    Block.INVESTMENT: "F02S F02E F02N F02R F06S F06E F06N F07S F07E F07N F10S F10E F10N GFCF P51G P51",
    Block.INVENTORIES: "F030 INVNT INV P52 P53 P5M P52_P53",
    Block.EXPORTS: "F040 EXPO P6",
    Block.IMPORTS: "F050 IMPO P7",
    Block.WAGES: "V001 D1 LABR",
    Block.TAXES: "V002 D29X39 D29_D39 OTXS",
    Block.SURPLUS: "V003 B2A3G B2G_B3G GOPS",
    Block.VALUE_ADDED: "VALU VA B1G",
    Block.PRODUCT_TAXES: "TXS_INT_FNL TXS_IMP_FNL TLS TAXSUB D21X31",
    Block.IMPORTED: "IMP",
    Block.JOBS: "EMP EMPN EMP_DC JOBS",
    Block.OUTPUT: "T008 OUTPUT OUT P1 T007",
    Block.OTHER: "DISC OP_RES OP_NRES",
    Block.TOTAL: "T001 T004 T005 T006 TTL_INT_FNL TOTAL CPA_TOTAL TU TFU P2 P5 P9 TS_BP TS_PP D11 D12 P51C K1 K2",
}
KNOWN: Final = {code: block for block, codes in _CODES.items() for code in codes.split()}
_SPECIAL: Final = frozenset(["S00401", "S00402", "S00300", "S00900", "Used", "Other"])
"""Products of the U.S. tables that no industry makes as its own: scrap, used goods, noncomparable imports and the like."""
MADE_AS: Final = {"331314": "33131A", "S00101": "221100", "S00202": "221100", "S00201": "485000"}
"""U.S. industries without a product of their own → the product they make: notes ‡ and ** of the sheet "NAICS codes"."""
_PARTS: Final = {
    "P3": ("P3_",),
    "P52_P53": ("P52", "P53"),
    "P5M": ("P52", "P53"),
    "P51": ("P51G",),
    "TLS": ("D21X31",),
}


@dataclass(frozen=True)
class Grid:
    """The cells of one table as read: (code, name, place) of every row and column, where place is a row number or a header."""

    file: str
    sheet: str | None
    rows: tuple[tuple[str, str, int], ...]
    columns: tuple[tuple[str, str, str], ...]
    cells: FloatArray
    """(rows, columns); NaN where a figure is not known."""
    named: Mapping[str, Block] = field(default_factory=dict)
    """Blocks that the file itself names, by code."""


@dataclass(frozen=True)
class InputOutputTable:
    """A table laid out.

    flows: (products, industries), imported products included unless `domestic`; final, inputs: block → its sum over the table's
    columns, by product, and over its rows, by industry; output by industry; product_output: what home makes of each product;
    made_as: industry without a product of its own → the product it makes; problems: as in `schema.PROBLEMS`.
    """

    file: str
    sheet: str | None
    year: int | None
    unit: str
    products: tuple[str, ...]
    industries: tuple[str, ...]
    names: Mapping[str, str]
    flows: FloatArray
    domestic: bool
    final: Mapping[Block, FloatArray]
    inputs: Mapping[Block, FloatArray]
    output: FloatArray
    product_output: FloatArray
    made_as: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Mapping[str, Any], ...] = ()

    @property
    def imports(self) -> FloatArray:
        """Imported products; zeros where the table does not say. Below zero only where the office's own adjustments are."""
        column = self.final.get(Block.IMPORTS)
        return np.zeros(len(self.products)) if column is None else -column

    @property
    def value_added(self) -> FloatArray:
        """Value added by industry: the table's own row, or wages, taxes and surplus together."""
        if Block.VALUE_ADDED in self.inputs:
            return self.inputs[Block.VALUE_ADDED]
        parts = [self.inputs[name] for name in (Block.WAGES, Block.TAXES, Block.SURPLUS) if name in self.inputs]
        return np.sum(parts, axis=0) if parts else np.zeros(len(self.industries))


def read_input_output(
    file: Path,
    *,
    layout: Layout = "auto",
    sheet: str | None = None,
    year: int | None = None,
    country: str | None = None,
    unit: str = "",
    blocks: Mapping[str, str] | None = None,
    domestic: bool | None = None,
) -> InputOutputTable:
    """Read one year of one country's table.

    layout: "bea" (workbooks of the U.S. Bureau of Economic Analysis), "icio" (OECD's table of all countries), "long" (Eurostat,
    OECD and FIGARO: one cell a row; CSV, TSV or Parquet) or "plain" (CSV or Excel: codes in the first row and column); "auto"
    tells them apart. blocks: code → block, for codes that are not known; domestic: whether flows leave out imported products
    (by default as the layout says). Raises AlmazError naming file, sheet, row and column.
    """
    from almaz.tables import bea, input_output_files

    chosen = input_output_files.layout_of(file) if layout == "auto" else layout
    readers: dict[str, Callable[[], tuple[Grid, bool]]] = {
        "bea": lambda: (bea.read_grid(file, sheet or (None if year is None else str(year))), False),
        "icio": lambda: (input_output_files.read_icio(file, country), True),
        "long": lambda: input_output_files.read_long(file, year, country),
        "plain": lambda: (input_output_files.read_plain(file, sheet), False),
    }
    grid, home = readers[chosen]()
    return lay_out(grid, blocks or {}, year=year, unit=unit, domestic=home if domestic is None else domestic)


def block_of(code: str, own: Mapping[str, Block]) -> Block | None:
    """The block of a code: as named in the study or the file, else as known; BEA's detailed codes end in 00."""
    if code in own:
        return own[code]
    return KNOWN.get(code) or (KNOWN.get(code[:-2]) if code.startswith(("F", "V")) and code.endswith("00") else None)


def lay_out(
    grid: Grid, blocks: Mapping[str, str], *, year: int | None = None, unit: str = "", domestic: bool = False
) -> InputOutputTable:
    """Lay a grid out into blocks and check that it adds up.

    Raises AlmazError for a code whose block nobody names, for a table without industries or output, for a code that stands twice.
    """
    own = {**grid.named, **_named(blocks, grid)}
    _no_repeats(grid)
    row_codes, column_codes = [row[0] for row in grid.rows], [column[0] for column in grid.columns]
    row_blocks = [block_of(code, own) for code in row_codes]
    column_blocks = [block_of(code, own) for code in column_codes]
    industries = _plain(column_codes, column_blocks, Block.INDUSTRY)
    products = _plain(row_codes, row_blocks, Block.PRODUCT)
    _recognised(grid, products, industries, own)
    at_row = {code: place for place, code in enumerate(row_codes)}
    at_column = {code: place for place, code in enumerate(column_codes)}
    rows, columns = [at_row[code] for code in products], [at_column[code] for code in industries]
    cells = np.nan_to_num(grid.cells)
    final = _sums(cells[rows].T, column_codes, column_blocks)
    inputs = _sums(cells[:, columns], row_codes, row_blocks)
    flows = cells[np.ix_(rows, columns)]
    if Block.IMPORTS in inputs:
        final[Block.IMPORTS] = -_by_product(inputs.pop(Block.IMPORTS), industries, products)
    output = inputs.pop(Block.OUTPUT, None)
    bought = flows.sum(axis=0) + sum((inputs[name] for name in _COSTS if name in inputs), np.zeros(len(industries)))
    if not any(name in inputs for name in (Block.WAGES, Block.SURPLUS, Block.TAXES)):
        bought = bought + inputs.get(Block.VALUE_ADDED, np.zeros(len(industries)))
    if Block.IMPORTS in final and final[Block.IMPORTS].sum() > 0:
        final[Block.IMPORTS] = -final[Block.IMPORTS]
    made = final.pop(Block.OUTPUT, None)
    sold = flows.sum(axis=1) + sum(final.values(), np.zeros(len(products)))
    made_as = {one: other for one, other in MADE_AS.items() if one in industries and other in products}
    table = InputOutputTable(
        grid.file, grid.sheet, year, unit, tuple(products), tuple(industries),
        {code: name for code, name, _place in (*grid.columns, *grid.rows) if name},
        flows, domestic, final, inputs, bought if output is None else output, sold if made is None else made, made_as,
    )  # fmt: skip
    problems = [*_unknown_cells(grid), *_unbalanced(grid, table, bought, sold)]
    return replace(table, problems=tuple(problems))


_COSTS = (Block.WAGES, Block.TAXES, Block.SURPLUS, Block.PRODUCT_TAXES, Block.IMPORTED, Block.OTHER)


def _named(blocks: Mapping[str, str], grid: Grid) -> dict[str, Block]:
    for code, name in blocks.items():
        if name not in {block.value for block in Block}:
            raise AlmazError(
                _("there is no block «{name}»", name=name),
                where=Where(file=grid.file, sheet=grid.sheet, key=f"chains.blocks.{code}"),
                expected=_("one of: {keys}", keys=", ".join(block.value for block in Block)),
            )
    return {code: Block(name) for code, name in blocks.items()}


def _no_repeats(grid: Grid) -> None:
    seen: set[str] = set()
    for code, _name, place in grid.rows:
        if code in seen:
            raise AlmazError(
                _("the code «{code}» stands twice", code=code), where=Where(grid.file, grid.sheet, row=place)
            )
        seen.add(code)
    seen.clear()
    for code, _name, header in grid.columns:
        if code in seen:
            raise AlmazError(
                _("the code «{code}» stands twice", code=code), where=Where(grid.file, grid.sheet, column=header)
            )
        seen.add(code)


def _plain(codes: Sequence[str], blocks: Sequence[Block | None], kind: Block) -> list[str]:
    return [code for code, block in zip(codes, blocks, strict=True) if block in (None, kind)]


def _recognised(grid: Grid, products: list[str], industries: list[str], own: Mapping[str, Block]) -> None:
    """A code that is only a row or only a column must be named: a misspelt «wages» would else pass for a product."""
    if not set(products) & set(industries):
        raise AlmazError(
            _("no code stands both as a row and as a column"),
            where=Where(file=grid.file, sheet=grid.sheet),
            expected=_("industries with the same codes in the first row and the first column"),
        )
    told = {*own, *_SPECIAL, *MADE_AS}
    for code, _name, place in grid.rows:
        if code in products and code not in industries and code not in told:
            raise _unnamed(code, Where(grid.file, grid.sheet, row=place), "product")
    for code, _name, header in grid.columns:
        if code in industries and code not in products and code not in told:
            raise _unnamed(code, Where(grid.file, grid.sheet, column=header), "industry")


def _unnamed(code: str, where: Where, kind: str) -> AlmazError:
    return AlmazError(
        _("nothing says what «{code}» is", code=code),
        where=where,
        expected=_("one of: {keys}", keys=", ".join(block.value for block in Block)),
        advice=_("name it in the study: [chains.blocks] «{code}» = «{kind}», or another block", code=code, kind=kind),
    )


def _sums(cells: FloatArray, codes: Sequence[str], blocks: Sequence[Block | None]) -> dict[Block, FloatArray]:
    """Cells (codes, n) added up by block; an aggregate is left out where its parts are there."""
    present, sums = set(codes), dict[Block, FloatArray]()
    for place, (code, block) in enumerate(zip(codes, blocks, strict=True)):
        if block in (None, Block.PRODUCT, Block.INDUSTRY, Block.TOTAL):
            continue
        parts = _PARTS.get(code, ())
        if any(other != code and other.startswith(part) for part in parts for other in present):
            continue
        assert block is not None
        sums[block] = cells[place] if block not in sums else sums[block] + cells[place]
    return sums


def _by_product(row: FloatArray, industries: list[str], products: list[str]) -> FloatArray:
    held = dict(zip(industries, row.tolist(), strict=True))
    return np.array([held.get(code, 0.0) for code in products])


def _unknown_cells(grid: Grid) -> list[dict[str, object]]:
    unknown = np.argwhere(np.isnan(grid.cells))
    if not unknown.size:
        return []
    row, column = (int(place) for place in unknown[0])
    place = {"row": grid.rows[row][2], "column": grid.columns[column][2]}
    return [problem("unknown_flows", **_in(grid), **place, number=len(unknown))]  # type: ignore[arg-type]


def _unbalanced(grid: Grid, table: InputOutputTable, bought: FloatArray, sold: FloatArray) -> list[dict[str, object]]:
    """Industries whose inputs, and products whose uses, miss the stated total by more than one per cent and rounding."""
    found: list[dict[str, object]] = []
    rows = {code: {"row": place} for code, _name, place in grid.rows}
    columns = {code: {"column": header} for code, _name, header in grid.columns}
    sides = (
        ("unbalanced_industry", table.industries, bought, table.output, columns),
        ("unbalanced_product", table.products, sold, table.product_output, rows),
    )
    for kind, codes, sums, totals, places in sides:
        rounding = 0.5 * (len(table.products) + 3) * (np.abs(totals) > 1000)
        off = np.abs(sums - totals) > np.maximum(rounding, 0.01 * np.abs(totals))
        for at in np.flatnonzero(off & (totals != 0)).tolist():
            place: dict[str, Any] = {**_in(grid), **places[codes[at]], "value": f"{sums[at]:g}"}
            found.append(problem(kind, **place, total=float(totals[at])))
    return found


def _in(grid: Grid) -> dict[str, str | None]:
    return {"file": Path(grid.file).name, "sheet": grid.sheet}
