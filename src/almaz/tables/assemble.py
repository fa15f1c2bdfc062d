"""From checked observations to `Activity`: region × industry × year, hidden cells bounded, estimated and drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from almaz.tables.activity import CODE, Activity, Cells, Draws, FloatArray, StatusArray, take, take_industries
from almaz.tables.classification import leaves
from almaz.tables.constraints import Forest, forest
from almaz.tables.hidden import Filled, filled
from almaz.tables.problems import problem
from almaz.tables.schema import PROBLEMS, STATUSES, Status

SIZED_BY = "establishments"
"""The measure that says how large a hidden cell may be: offices publish it where they hide the others."""
AT_LEAST, AT_MOST = "_at_least", "_at_most"
"""Endings of measures that say what is known of hidden cells beforehand: a size class, a total that holds more than the cell."""
EXAMPLES = 20


@dataclass(frozen=True)
class Filling:
    """How hidden cells are drawn: how many draws, from which seed, of which measures (all by default)."""

    draws: int = 50
    seed: int = 2016
    measures: tuple[str, ...] | None = None


def assemble(
    observations: pa.Table,
    regions: Sequence[str],
    industries: pa.Table,
    *,
    absent: Status,
    places: pa.Table | None = None,
    filling: Filling | None = None,
) -> Activity:
    """Lay observations out as matrices of the finest industries, and fill hidden cells from the totals around them.

    regions: those of the activity, in its order; places: the regions table with parents (and further regions whose figures are
    only totals or parts of totals: the state above counties, what no county could be found for); absent: what a region ×
    industry without a row means: `NIL` (the office lists every cell there is) or `NOT_AVAILABLE`. A hidden or missing cell
    gets bounds from both hierarchies (`measures.bounds`), an estimate (`measures.filling`) where a total or establishments
    say how large, and draws (`measures.draws`). A measure called employment_at_most (or _at_least) limits the hidden cells
    of employment.
    """
    how = filling or Filling()
    codes = industries["industry"].to_pylist()
    years = sorted(pc.unique(observations["year"]).to_pylist())
    every, tree = _nodes(observations, regions, places)
    branches = forest(codes, industries["parent"].to_pylist())
    all_cells = {
        measure: _laid_out(observations, measure, every, codes, years, absent)
        for measure in sorted(pc.unique(observations["measure"]).to_pylist())
    }
    sizes = all_cells.get(SIZED_BY)
    fine = leaves(industries)
    columns = np.array([codes.index(code) for code in fine], dtype=np.intp)
    rows = np.arange(len(regions), dtype=np.intp)
    measures, totals, country, wrong = {}, {}, {}, []
    for number, (measure, cells) in enumerate(all_cells.items()):
        if measure.endswith((AT_LEAST, AT_MOST)):
            continue
        whole = cells
        if measure != SIZED_BY:
            drawn = how.draws if how.measures is None or measure in how.measures else 0
            limited = _limited(cells, measure, all_cells)
            whole, relaxed = _filled(limited, sizes, tree, branches, drawn, (how.seed, number))
            wrong += [_told(found, measure, every, codes, years) for found in relaxed]
        mine = take(whole, rows)
        fine_cells = take_industries(mine, columns)
        if (fine_cells.status != CODE[Status.NOT_AVAILABLE]).any() and np.isfinite(fine_cells.high).any():
            measures[measure] = fine_cells
            country[measure] = _country(take_industries(whole, columns), tree, rows)
        root = np.nonzero(branches.parent < 0)[0]
        if root.size == 1:
            totals[measure] = take_industries(mine, root)
    return Activity(tuple(regions), tuple(fine), tuple(years), measures, totals, _contradictions(wrong), country)


def _country(cells: Cells, tree: Forest, rows: npt.NDArray[np.intp]) -> tuple[FloatArray, FloatArray]:
    """Least and most of the sum over the regions measured, (industries, years), from the regions above them where there are any.

    What lies under a root is the root's figure; parts that are not measured (no county could be found for) are taken off.
    """
    low, high = cells.low[rows].sum(axis=0), cells.high[rows].sum(axis=0)
    roots, other = tree.parent < 0, tree.leaf.copy()
    other[rows] = False
    if not tree.leaf[rows].all() or not (roots & ~tree.leaf).any():
        return low, high
    off = other & ~roots
    roots[other & roots] = False
    least = cells.low[roots].sum(axis=0) - cells.high[off].sum(axis=0)
    with np.errstate(invalid="ignore"):
        most = cells.high[roots].sum(axis=0) - cells.low[off].sum(axis=0)
    low = np.fmax(low, least)
    return low, np.maximum(np.fmin(high, most), low)


def _nodes(observations: pa.Table, regions: Sequence[str], places: pa.Table | None) -> tuple[list[str], Forest]:
    """The regions measured, then the others that have figures or lie above one that has: with their hierarchy."""
    if places is None:
        return list(regions), forest(list(regions), [None] * len(regions))
    parents = dict(zip(places["region"].to_pylist(), places["parent"].to_pylist(), strict=True))
    there = set(pc.unique(observations["region"]).to_pylist()) & parents.keys()
    above = {parents[code] for code in parents if parents[code] in there}
    counted = {code for code in parents if code in there or parents[code] in above}
    every = [*regions, *(code for code in parents if code in counted and code not in set(regions))]
    return every, forest(every, [parents.get(code) for code in every])


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


def _limited(cells: Cells, measure: str, every: Mapping[str, Cells]) -> Cells:
    """The cells with what the data say of hidden ones beforehand: at least, at most."""
    low, high = cells.low, cells.high
    if measure + AT_LEAST in every:
        low = np.where(np.isnan(cells.value), np.fmax(low, np.nan_to_num(every[measure + AT_LEAST].value)), low)
    if measure + AT_MOST in every:
        told = every[measure + AT_MOST]
        most = np.where(told.status == CODE[Status.PUBLISHED], told.value, np.inf)
        high = np.where(np.isnan(cells.value), np.fmin(high, most), high)
    return replace(cells, low=low, high=high)


def _filled(
    cells: Cells, sizes: Cells | None, regions: Forest, industries: Forest, number: int, seed: tuple[int, ...]
) -> tuple[Cells, list[tuple[int, Filled]]]:
    """The cells of one measure with every year filled that can be, and the fillings in which sums had to be relaxed."""
    value, low, high = cells.value.copy(), cells.low.copy(), cells.high.copy()
    if sizes is not None:  # where there is no establishment nobody works
        value[np.isnan(value) & (sizes.value == 0)] = 0.0
        high[(value == 0) & np.isinf(high)] = 0.0
    drawn, where, wrong = [], [], []
    for year in range(value.shape[2]):
        figures = value[:, :, year].copy()
        hidden, used = np.isnan(figures), _additive(figures, regions, industries)
        if not hidden.any() or used is None:
            continue
        there = cells.status[:, :, year] != CODE[Status.NIL]
        units = None if sizes is None or np.isnan(sizes.value[:, :, year]).all() else sizes.value[:, :, year]
        done = filled(
            figures, units, there, *used, number=number, seed=(*seed, year), low=low[:, :, year], high=high[:, :, year]
        )
        value[:, :, year] = np.where(hidden, done.value, figures)
        low[:, :, year] = np.where(hidden, done.low, figures)
        high[:, :, year] = np.where(hidden, done.high, figures)
        if number and done.draws.size:
            drawn.append(done.draws)
            when = np.full(done.drawn_region.size, year)
            where.append(np.ravel_multi_index((done.drawn_region, done.drawn_industry, when), value.shape))
        if (done.relaxed > 0).any():
            wrong.append((year, done))
    draws = Draws(np.concatenate(drawn, axis=1), np.concatenate(where).astype(np.int64)) if drawn else None
    return Cells(value, low, high, cells.status, draws), wrong


def _additive(figures: FloatArray, regions: Forest, industries: Forest) -> tuple[Forest, Forest] | None:
    """The hierarchies in which a total is published at all: products without a common total are never added up."""
    published = ~np.isnan(figures)
    used = []
    for tree, axis in ((regions, 1), (industries, 0)):
        whole = np.zeros(tree.parent.size, dtype=bool)
        whole[tree.parent[tree.parent >= 0]] = True
        told = whole & (published & (figures > 0)).any(axis=axis)
        keep = (tree.parent >= 0) & _under(tree, told)
        used.append(Forest(np.where(keep, tree.parent, -1), np.where(keep, tree.depth, 0)) if not told.all() else tree)
    return None if all((tree.parent < 0).all() for tree in used) else (used[0], used[1])


def _under(tree: Forest, told: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Nodes with a told one above them."""
    under = np.zeros(told.size, dtype=bool)
    for depth in range(1, int(tree.depth.max(initial=0)) + 1):
        here = np.nonzero(tree.depth == depth)[0]
        under[here] = told[tree.parent[here]] | under[tree.parent[here]]
    return under


def _told(
    found: tuple[int, Filled], measure: str, regions: list[str], codes: list[str], years: list[int]
) -> list[tuple[float, str]]:
    """What was relaxed in one filling: by how much, and which total."""
    year, done = found
    table = done.table
    unknown = np.bincount(table.sums.owners(), done.unknown[table.sums.part], table.sums.whole.size) > 0
    # Sums along industries with all parts published are told by the check already.
    sums = np.nonzero((done.relaxed > 0) & (unknown | (table.kind == 1)))[0]
    whole = table.sums.whole[sums]
    return [
        (float(off), f"{regions[region]} × {codes[industry]} × {years[year]} × {measure}")
        for off, region, industry in zip(done.relaxed[sums], table.region[whole], table.industry[whole], strict=True)
    ]


def _contradictions(wrong: list[list[tuple[float, str]]]) -> pa.Table:
    every = sorted((line for lines in wrong for line in lines), key=lambda line: (-line[0], line[1]))
    lines = [problem("contradiction", value=where, off=off) for off, where in every[:EXAMPLES]]
    if len(every) > EXAMPLES:
        lines.append(problem("contradiction", number=len(every) - EXAMPLES, more=len(every) - EXAMPLES))
    return pa.Table.from_pylist(lines, schema=PROBLEMS)
