"""The tightest bounds and the least relaxation of a system of sums, by linear programming: exact, for chosen cells."""

from __future__ import annotations

from typing import TypeAlias

import highspy
import numpy as np
import numpy.typing as npt
from highspy.highs import _Highs
from scipy.sparse import csr_array, hstack
from scipy.sparse.csgraph import connected_components

from almaz.measures.bounds import Sums

FloatArray: TypeAlias = npt.NDArray[np.float64]
IntArray: TypeAlias = npt.NDArray[np.int64]


def tightest_bounds(
    cells: IntArray, low: FloatArray, high: FloatArray, sums: Sums, slack: FloatArray | None = None
) -> tuple[FloatArray, FloatArray]:
    """The exact least and greatest figure of some cells, given every sum and every other cell's bounds.

        min and max of x_c  under  |Σ_{part} x − x_whole| ≤ slack,  low ≤ x ≤ high

    cells: (chosen,); low, high: (all cells,), best those that `bounds.bounds` found, which leave less to search; sums, slack: as
    there, slack with what had to be relaxed. Only the part of the table that hangs together with a chosen cell through unknown
    cells is solved; from one cell to the next the simplex method starts where it stopped. Returns two arrays (chosen,); inf where
    nothing limits a cell. ValueError: the sums cannot be met.
    Source: Dantzig (1963); Huangfu and Hall (2018), the HiGHS solver; on disclosure Fischetti and Salazar (2000).
    """
    allowed = np.zeros(sums.whole.size) if slack is None else slack
    label = _hanging_together(low, high, sums)
    least, most = low[cells].astype(np.float64), high[cells].astype(np.float64)
    for part in np.unique(label[cells[low[cells] < high[cells]]]):
        model, place = _model(np.nonzero(label == part)[0], low, high, sums, allowed)
        for chosen in np.nonzero((label[cells] == part) & (low[cells] < high[cells]))[0]:
            column = place[int(cells[chosen])]
            least[chosen] = _end(model, column, 1.0)
            most[chosen] = _end(model, column, -1.0)
    return least, most


def least_relaxation(
    low: FloatArray,
    high: FloatArray,
    sums: Sums,
    slack: FloatArray | None = None,
    *,
    only: npt.NDArray[np.bool_] | None = None,
    largest: int = 5000,
) -> FloatArray:
    """By how much each sum must at least be relaxed for the table to be possible: the smallest total, exactly.

        min Σ_j |e_j|  under  Σ_{part} x − x_whole = e_j beyond the slack,  low ≤ x ≤ high

    Returns (sums,), zero everywhere where the published figures do not contradict each other, NaN where the part of the table
    that hangs together has more than `largest` unknown cells. only: (sums,), solve the parts that hold one of these sums.
    Source: least absolute deviations (Barrodale and Roberts 1973).
    """
    allowed = np.zeros(sums.whole.size) if slack is None else slack
    relaxed = np.zeros(sums.whole.size)
    label = _hanging_together(low, high, sums)
    known = low == high
    free = np.bincount(sums.owners(), ~known[sums.part], sums.whole.size) + ~known[sums.whole]
    off = np.where(free == 0, sums.off(np.where(known, low, 0.0)), 0.0)
    relaxed[:] = np.maximum(np.abs(off) - allowed, 0.0) * (free == 0)
    asked = np.ones(sums.whole.size, dtype=bool) if only is None else only
    member = np.zeros(low.size, dtype=bool)
    member[sums.part[np.repeat(asked, sums.sizes)]] = member[sums.whole[asked]] = True
    for part in np.unique(label[~known & member]):
        held = np.nonzero((label == part) & ~known)[0]
        rows = _rows_of(held, low, high, sums)
        if rows.size:
            relaxed[rows] = _least(held, rows, low, high, sums, allowed) if held.size <= largest else np.nan
    return relaxed


def _hanging_together(low: FloatArray, high: FloatArray, sums: Sums) -> IntArray:
    """A number per cell, the same for unknown cells that share sums; known cells stand alone."""
    cells, unknown = low.size, low < high
    owner = sums.owners()
    rows = np.r_[owner, np.arange(sums.whole.size)]
    columns = np.r_[sums.part, sums.whole]
    kept = unknown[columns]
    links = csr_array(
        (np.ones(kept.sum(), dtype=np.int8), (cells + rows[kept], columns[kept])), shape=(cells + sums.whole.size,) * 2
    )
    return np.asarray(connected_components(links, directed=False)[1][:cells], dtype=np.int64)


def _rows_of(cells: IntArray, low: FloatArray, high: FloatArray, sums: Sums) -> IntArray:
    """Sums with an unknown cell among these."""
    inside = np.zeros(low.size, dtype=bool)
    inside[cells] = low[cells] < high[cells]
    held = np.bincount(sums.owners(), inside[sums.part], sums.whole.size) + inside[sums.whole]
    return np.nonzero(held)[0]


def _equations(
    cells: IntArray, rows: IntArray, low: FloatArray, high: FloatArray, sums: Sums
) -> tuple[csr_array, FloatArray, IntArray]:
    """The sums over the unknown cells among these: matrix, right-hand side, and the unknown cells."""
    unknown = cells[low[cells] < high[cells]]
    place = np.full(low.size, -1)
    place[unknown] = np.arange(unknown.size)
    sizes = sums.sizes[rows]
    inner = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    row = np.r_[np.repeat(np.arange(rows.size), sizes), np.arange(rows.size)]
    column = np.r_[sums.part[np.repeat(sums.start[rows], sizes) + inner], sums.whole[rows]]
    factor = np.r_[np.ones(sizes.sum()), -np.ones(rows.size)]
    free = place[column] >= 0
    right = np.asarray(-np.bincount(row[~free], factor[~free] * low[column[~free]], rows.size), dtype=np.float64)
    matrix = csr_array((factor[free], (row[free], place[column[free]])), shape=(rows.size, unknown.size))
    return matrix, right, unknown


def _model(
    cells: IntArray, low: FloatArray, high: FloatArray, sums: Sums, slack: FloatArray
) -> tuple[_Highs, dict[int, int]]:
    rows = _rows_of(cells, low, high, sums)
    matrix, right, unknown = _equations(cells, rows, low, high, sums)
    model = _highs(
        matrix, right - slack[rows], right + slack[rows], low[unknown], high[unknown], np.zeros(unknown.size)
    )
    return model, {int(cell): number for number, cell in enumerate(unknown)}


def _least(
    cells: IntArray, rows: IntArray, low: FloatArray, high: FloatArray, sums: Sums, slack: FloatArray
) -> FloatArray:
    matrix, right, unknown = _equations(cells, rows, low, high, sums)
    identity = csr_array((np.ones(rows.size), (np.arange(rows.size), np.arange(rows.size))), shape=(rows.size,) * 2)
    wide = _beside([matrix, -identity, identity])
    bounds_low = np.r_[low[unknown], np.zeros(2 * rows.size)]
    bounds_high = np.r_[high[unknown], np.full(2 * rows.size, np.inf)]
    cost = np.r_[np.zeros(unknown.size), np.ones(2 * rows.size)]
    model = _highs(wide, right - slack[rows], right + slack[rows], bounds_low, bounds_high, cost)
    model.run()
    found = np.array(model.getSolution().col_value)[unknown.size :]
    return np.asarray(found[: rows.size] + found[rows.size :])


def _beside(parts: list[csr_array]) -> csr_array:
    return csr_array(hstack(parts))


def _highs(
    matrix: csr_array, least: FloatArray, most: FloatArray, low: FloatArray, high: FloatArray, cost: FloatArray
) -> _Highs:
    programme = highspy.HighsLp()
    programme.num_col_, programme.num_row_ = matrix.shape[1], matrix.shape[0]
    programme.col_cost_, programme.col_lower_, programme.col_upper_ = cost, low, high
    programme.row_lower_, programme.row_upper_ = least, most
    programme.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    programme.a_matrix_.start_ = matrix.indptr
    programme.a_matrix_.index_ = matrix.indices
    programme.a_matrix_.value_ = matrix.data
    model = _Highs()  # its subclass Highs greets on standard output before it can be told to be silent
    model.setOptionValue("output_flag", False)
    model.passModel(programme)
    return model


def _end(model: _Highs, column: int, sign: float) -> float:
    model.changeColCost(column, sign)
    model.run()
    status = model.getModelStatus()
    value = sign * float(model.getInfo().objective_function_value)
    model.changeColCost(column, 0.0)
    if status in (highspy.HighsModelStatus.kUnbounded, highspy.HighsModelStatus.kUnboundedOrInfeasible):
        return np.inf
    if status != highspy.HighsModelStatus.kOptimal:
        raise ValueError("the published figures contradict each other: relax the sums first (least_relaxation)")
    return value
