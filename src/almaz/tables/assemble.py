"""From checked observations to `Activity`: region × industry × year, hidden cells bounded and estimated."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from almaz.measures.bounds import Tree, tree_bounds, tree_estimate
from almaz.tables.activity import CODE, Activity, Cells, FloatArray, StatusArray
from almaz.tables.classification import leaves
from almaz.tables.schema import STATUSES, Status

SIZED_BY = "establishments"
"""The measure that says how large a hidden cell may be: offices publish it where they hide the others."""


def assemble(observations: pa.Table, regions: Sequence[str], industries: pa.Table, *, absent: Status) -> Activity:
    """Lay observations out as matrices of the finest industries, and fill hidden cells from the totals above them.

    absent: what a region × industry without a row means: `NIL` (the office lists every cell there is) or `NOT_AVAILABLE`.
    A hidden or missing cell gets bounds from the published cells of its branch (`measures.bounds.tree_bounds`) and, where
    the number of establishments and the branch's total are published, an estimate (`tree_estimate`).
    """
    codes = industries["industry"].to_pylist()
    years = sorted(pc.unique(observations["year"]).to_pylist())
    fine = leaves(industries)
    columns = np.array([codes.index(code) for code in fine], dtype=np.intp)
    tree, root = _tree(industries)
    all_cells = {
        measure: _laid_out(observations, measure, list(regions), codes, years, absent)
        for measure in sorted(pc.unique(observations["measure"]).to_pylist())
    }
    sizes = all_cells.get(SIZED_BY)
    measures, totals = {}, {}
    for measure, cells in all_cells.items():
        whole = _filled(cells, sizes, tree, root) if tree and measure != SIZED_BY else cells
        fine_cells = _columns(whole, columns)
        if (fine_cells.status != CODE[Status.NOT_AVAILABLE]).any() and np.isfinite(fine_cells.high).any():
            measures[measure] = fine_cells
        if root is not None:
            totals[measure] = _columns(whole, np.array([root]))
    return Activity(tuple(regions), tuple(fine), tuple(years), measures, totals)


def _columns(cells: Cells, columns: npt.NDArray[np.intp]) -> Cells:
    return Cells(cells.value[:, columns], cells.low[:, columns], cells.high[:, columns], cells.status[:, columns])


def _laid_out(
    observations: pa.Table, measure: str, regions: list[str], codes: list[str], years: list[int], absent: Status
) -> Cells:
    mine = observations.filter(pc.equal(observations["measure"], measure))
    place = [
        pc.index_in(mine[name], value_set=pa.array(labels, kind))
        for name, labels, kind in (
            ("region", regions, pa.string()),
            ("industry", codes, pa.string()),
            ("year", years, pa.int32()),
        )
    ]
    known = pc.and_(pc.is_valid(place[0]), pc.is_valid(place[1]))
    mine = mine.filter(known)
    at = tuple(np.asarray(part.filter(known)).astype(np.intp) for part in place)
    shape = (len(regions), len(codes), len(years))
    status: StatusArray = np.full(shape, CODE[Status.NOT_AVAILABLE], dtype=np.int8)
    status[:, :, np.unique(at[2])] = CODE[absent]
    value: FloatArray = np.where(status == CODE[Status.NIL], 0.0, np.nan)
    written = pc.index_in(mine["status"].cast(pa.string()), value_set=pa.array([s.value for s in STATUSES]))
    status[at] = np.asarray(written).astype(np.int8)
    value[at] = mine["value"].to_numpy()
    unknown = np.isnan(value)
    return Cells(value, np.where(unknown, 0.0, value), np.where(unknown, np.inf, value), status)


def _tree(industries: pa.Table) -> tuple[Tree, int | None]:
    """Parents with their children as columns, from the root down; the root's column."""
    codes, parents = industries["industry"].to_pylist(), industries["parent"].to_pylist()
    levels = dict(zip(codes, industries["level"].to_pylist(), strict=True))
    column = {code: place for place, code in enumerate(codes)}
    children: dict[str, list[int]] = {}
    for code, parent in zip(codes, parents, strict=True):
        if parent in column:
            children.setdefault(parent, []).append(column[code])
    ordered = sorted(children, key=lambda parent: (levels[parent], parent))
    root = next((column[code] for code, parent in zip(codes, parents, strict=True) if parent is None), None)
    deep = max(levels.values(), default=0) > 1
    return [(column[parent], np.array(children[parent], dtype=np.intp)) for parent in ordered] if deep else [], root


def _filled(cells: Cells, sizes: Cells | None, tree: Tree, root: int | None) -> Cells:
    value, low, high = (_cases(array) for array in (cells.value, cells.low, cells.high))
    if root is None or not np.isnan(value).any():
        return cells
    size = None if sizes is None else _cases(sizes.value)
    if size is not None:
        nobody = (size == 0) & np.isnan(value)
        high = np.where(nobody, 0.0, high)
    low, high = tree_bounds(low, high, tree)
    if size is not None and size.shape == value.shape:
        filled = tree_estimate(_prior(value, size), low, high, tree, root)
        value = np.where(np.isnan(value) & np.isfinite(filled) & np.isfinite(high), filled, value)
    shape = cells.value.shape
    return Cells(_back(value, shape), _back(low, shape), _back(high, shape), cells.status)


def _prior(value: FloatArray, size: FloatArray) -> FloatArray:
    """Establishments × the industry's mean size over the cells that publish both; the overall mean where none does."""
    known = ~np.isnan(value) & (size > 0)
    people = np.where(known, value, 0.0).sum(axis=0)
    places = np.where(known, size, 0.0).sum(axis=0)
    overall = people.sum() / max(places.sum(), 1.0)
    mean = np.where(places > 0, people / np.maximum(places, 1.0), overall)
    return np.where(np.isnan(value), np.nan_to_num(size) * mean, value)


def _cases(array: FloatArray) -> FloatArray:
    regions, codes, years = array.shape
    return array.transpose(0, 2, 1).reshape(regions * years, codes)


def _back(array: FloatArray, shape: tuple[int, ...]) -> FloatArray:
    regions, codes, years = shape
    return array.reshape(regions, years, codes).transpose(0, 2, 1)
