"""From an input–output table to a square system of industries: who needs whom, at home and with imports.

Conventions taken (each is stated in docs/methods/chains.md):
- Industry technology and fixed product sales: A = W B, B the products that an industry uses per unit of its output, W the share
  of each product that each industry makes. With a make table W is exact; without one the industry of its code makes a product.
- Imports are spread over all home uses of a product alike: m = imports / (home output + imports − exports), A_home = W (1 − m) B.
  That is the U.S. Bureau of Economic Analysis' own assumption for its import matrix.
- Products that no industry makes (scrap, used goods, noncomparable imports) are inputs from outside the system.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from almaz.errors import AlmazError, Where
from almaz.language import text as _
from almaz.measures.chains import leontief_inverse, technical_coefficients
from almaz.tables.input_output import Block, InputOutputTable, block_of

FloatArray: TypeAlias = npt.NDArray[np.float64]
INTENSITIES: Final = ("value_added", "wages", "taxes", "surplus", "jobs", "investment")


@dataclass(frozen=True)
class IndustrySystem:
    """A square system.

    coefficients: (n, n), imported products included; domestic: home-made ones alone; output: (n,) by industry; supply, imports,
    final: (n,) of the products that each industry makes; intensities: name → (n,) per unit of output; outside: (n,) share of
    output spent on products that no industry makes; mismatch: share of all output by which the products shared out to industries
    miss their outputs (near 0 with a make table).
    """

    industries: tuple[str, ...]
    names: Mapping[str, str]
    year: int | None
    unit: str
    coefficients: FloatArray
    domestic: FloatArray
    output: FloatArray
    supply: FloatArray
    final: Mapping[Block, FloatArray]
    imports: FloatArray
    intensities: Mapping[str, FloatArray]
    outside: FloatArray
    mismatch: float

    @property
    def flows(self) -> FloatArray:
        """(n, n) money, imported products included."""
        return self.coefficients * self.output

    @property
    def inverse(self) -> FloatArray:
        """The Leontief inverse of home-made inputs: what a unit of final demand brings forth in the country."""
        return leontief_inverse(self.domestic)

    def final_use(self, block: Block) -> FloatArray:
        """(n,) one kind of final use of the products that each industry makes; zeros where the table has none."""
        return self.final.get(block, np.zeros(len(self.industries)))


def industry_system(table: InputOutputTable, make: FloatArray | None = None) -> IndustrySystem:
    """The square system of a use table (with its make table, (industries, products), where there is one) or of a symmetric table.

    Raises AlmazError where an industry buys but has no output, or where the chain does not end.
    """
    shares = market_shares(table, make)
    try:
        used = technical_coefficients(table.flows, table.output)
    except ValueError:
        empty = next(
            code for code, output, flow in zip(table.industries, table.output, np.abs(table.flows).sum(axis=0), strict=True)
            if output == 0 and flow > 0
        )  # fmt: skip
        raise AlmazError(
            _("the industry «{code}» buys but has no output", code=empty),
            where=Where(table.file, table.sheet, column=empty),
        ) from None
    exports = table.final.get(Block.EXPORTS, np.zeros(len(table.products)))
    imported = (
        np.zeros(len(table.products)) if table.domestic else import_shares(table.product_output, table.imports, exports)
    )
    made = shares.sum(axis=0) > 0
    supply = shares @ table.product_output
    return IndustrySystem(
        table.industries, table.names, table.year, table.unit,
        shares @ used, shares @ (used * (1.0 - imported)[:, None]), table.output, supply,
        {block: shares @ column for block, column in table.final.items()}, shares @ table.imports,
        _intensities(table), used[~made].sum(axis=0), float(np.abs(supply - table.output).sum() / (2 * table.output.sum())),
    )  # fmt: skip


def import_shares(output: FloatArray, imports: FloatArray, exports: FloatArray) -> FloatArray:
    """The imported share of what is used at home: M / (Q + M − X), kept between 0 and 1; 0 where nothing is used. All (n,)."""
    used = output + imports - exports
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(used > 0, imports / used, 0.0)
    return np.clip(share, 0.0, 1.0)


def market_shares(table: InputOutputTable, make: FloatArray | None = None) -> FloatArray:
    """(industries, products): the share of each product's home output that each industry makes; columns sum to 1, or to 0 where
    no industry makes it. Without a make table: the industry of the product's code, with those that `made_as` adds, by output."""
    if make is not None:
        total = make.sum(axis=0)
        return np.where(total > 0, make / np.where(total > 0, total, 1.0), 0.0)
    weights = np.zeros((len(table.industries), len(table.products)))
    place = {code: at for at, code in enumerate(table.products)}
    for at, code in enumerate(table.industries):
        product = table.made_as.get(code, code)
        if product in place:
            weights[at, place[product]] = max(table.output[at], 0.0) or 1e-12
    total = weights.sum(axis=0)
    return np.where(total > 0, weights / np.where(total > 0, total, 1.0), 0.0)


def implied_market_shares(requirements: FloatArray, domestic_use: FloatArray) -> FloatArray:
    """The market shares W that a published industry-by-commodity requirements matrix R must come from.

        R = W (I − B_d W)⁻¹   ⇒   W = (I + R B_d)⁻¹ R

    requirements: (industries, products); domestic_use: (products, industries), home-made products per unit of output. Returns
    (industries, products): where the two belong together, its columns sum to 1 and nothing is below zero.
    """
    return np.asarray(np.linalg.solve(np.eye(requirements.shape[0]) + requirements @ domestic_use, requirements))


def read_make(
    file: Path,
    table: InputOutputTable,
    *,
    layout: Literal["bea", "plain", "long"] = "plain",
    sheet: str | None = None,
    country: str | None = None,
    rows: Literal["industries", "products"] = "industries",
) -> FloatArray:
    """The make (supply) table that belongs to a use table, as (industries, products) in its order.

    rows: what stands in its rows: industries (U.S. Bureau of Economic Analysis) or products (Eurostat's supply tables).
    Raises AlmazError for an industry or product of the use table that the make table does not have.
    """
    from almaz.tables import bea, input_output_files

    if layout == "bea":
        grid = bea.read_grid(file, sheet or (None if table.year is None else str(table.year)))
    elif layout == "long":
        grid, _domestic = input_output_files.read_long(file, table.year, country)
    else:
        grid = input_output_files.read_plain(file, sheet)
    at_row = {code: at for at, (code, _n, _p) in enumerate(grid.rows) if block_of(code, {}) is None}
    at_column = {code: at for at, (code, _n, _p) in enumerate(grid.columns) if block_of(code, {}) is None}
    down, across = (table.industries, table.products) if rows == "industries" else (table.products, table.industries)
    for codes, there, kind in ((down, at_row, "row"), (across, at_column, "column")):
        lost = [code for code in codes if code not in there and code not in _unmade(table)]
        if lost:
            raise AlmazError(
                _("the make table has no {kind} «{code}» of the use table", kind=kind, code=lost[0]),
                where=Where(file=str(file), sheet=sheet),
                advice=_("give the make table of the same year and level, or leave it out"),
            )
    cells = np.nan_to_num(grid.cells)
    found = np.zeros((len(down), len(across)))
    for i, code in enumerate(down):
        for j, other in enumerate(across):
            if code in at_row and other in at_column:
                found[i, j] = cells[at_row[code], at_column[other]]
    return found if rows == "industries" else found.T


def _unmade(table: InputOutputTable) -> set[str]:
    return set(table.products) - set(table.industries)


def _intensities(table: InputOutputTable) -> dict[str, FloatArray]:
    rows = {
        "value_added": table.value_added,
        "wages": table.inputs.get(Block.WAGES),
        "taxes": table.inputs.get(Block.TAXES),
        "surplus": table.inputs.get(Block.SURPLUS),
        "jobs": table.inputs.get(Block.JOBS),
        "investment": table.inputs.get(Block.INVESTMENT),
    }
    output = np.where(table.output == 0, np.inf, table.output)
    return {name: row / output for name, row in rows.items() if row is not None}


def investment_rate(system: IndustrySystem) -> float | None:
    """The country's fixed investment per unit of gross surplus, or None where the table lacks one of the two."""
    surplus = system.intensities.get("surplus")
    invested = system.final_use(Block.INVESTMENT).sum()
    return None if surplus is None or invested == 0 else float(invested / (surplus * system.output).sum())


def investing_at(system: IndustrySystem, rate: float | None) -> IndustrySystem:
    """The system with investment by industry: the table's own row, or else its surplus × the country's rate, an assumption."""
    if "investment" in system.intensities or rate is None or "surplus" not in system.intensities:
        return system
    return replace(system, intensities={**system.intensities, "investment": rate * system.intensities["surplus"]})
