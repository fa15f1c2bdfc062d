"""`Activity`: region × industry × year, with bounds, a status and draws for every cell that is not published."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy.sparse import csr_array

from almaz.errors import AlmazError
from almaz.tables.schema import PROBLEMS, STATUSES, Status

FloatArray: TypeAlias = npt.NDArray[np.float64]
IntArray: TypeAlias = npt.NDArray[np.int64]
StatusArray: TypeAlias = npt.NDArray[np.int8]

CODE: dict[Status, int] = {status: code for code, status in enumerate(STATUSES)}


@dataclass(frozen=True)
class Draws:
    """Fillings of the hidden cells alone. value: (k, hidden); place: (hidden,), their flat places in the shape of the cells."""

    value: FloatArray
    place: IntArray


@dataclass(frozen=True)
class Cells:
    """One measure over (regions, industries, years).

    value: the published figure, or an estimate where one was made, NaN where nothing is known;
    low, high: what it can be at least and at most (equal to value where published; 0 and inf where nothing is known);
    status: index into `STATUSES`; an estimated cell keeps the status that says why it had to be estimated;
    draws: fillings of the hidden cells that satisfy every published total, or None where there are none.
    """

    value: FloatArray
    low: FloatArray
    high: FloatArray
    status: StatusArray
    draws: Draws | None = None

    @property
    def hidden(self) -> npt.NDArray[np.bool_]:
        """Cells whose figure is not published: estimated or unknown."""
        return self.status > CODE[Status.NIL]

    def summed(self, weights: FloatArray) -> FloatArray:
        """Σ over industries of cell × weight, unknown where a cell with weight is; weights: (industries, groups).

        Returns (regions, groups, years)."""
        total, unknown = adder(weights), np.isnan(self.value)
        if not unknown.any():
            return total(self.value)
        return np.where(total(unknown.astype(np.float64)) > 0, np.nan, total(np.where(unknown, 0.0, self.value)))

    def summed_draws(self, weights: FloatArray, year: int) -> FloatArray | None:
        """The same for every draw, in one year (by its place): (k, regions, groups); None where nothing was drawn."""
        if self.draws is None:
            return None
        regions = self.value.shape[0]
        region, industry, when = np.unravel_index(self.draws.place, self.value.shape)
        chosen = np.nonzero(when == year)[0]
        # Only what the draws change is added to the sum of the values, which holds everything else.
        group = csr_array(weights)[industry[chosen]].tocoo()
        at = csr_array(
            (group.data, (group.row, region[chosen][group.row] * weights.shape[1] + group.col)),
            shape=(chosen.size, regions * weights.shape[1]),
        )
        change = (self.draws.value[:, chosen] - self.value.ravel()[self.draws.place[chosen]]) @ at
        once = Cells(
            self.value[:, :, [year]], self.low[:, :, [year]], self.high[:, :, [year]], self.status[:, :, [year]]
        )
        drawn = once.summed(weights)[None, :, :, 0] + change.reshape(-1, regions, weights.shape[1])
        return np.maximum(drawn, 0.0)


@dataclass(frozen=True)
class Activity:
    """What a country's statistics say: for each measure, region × industry × year with bounds.

    The industries are those of one level (the leaves that cluster definitions name); totals live in `totals`, per
    measure (regions, years), because the published total of a region holds more than the leaves shown.
    contradictions: published figures that do not add up, and by how much a sum was relaxed for them (PROBLEMS);
    country: least and most of the sum over the regions, per measure (industries, years): narrower than the sums of the
    regions' own bounds where regions above them publish totals.
    """

    regions: tuple[str, ...]
    industries: tuple[str, ...]
    years: tuple[int, ...]
    measures: Mapping[str, Cells]
    totals: Mapping[str, Cells]
    contradictions: pa.Table = field(default_factory=PROBLEMS.empty_table)
    country: Mapping[str, tuple[FloatArray, FloatArray]] = field(default_factory=dict)

    def cells(self, measure: str) -> Cells:
        """The cells of one measure; an error that lists what there is, if it is not there."""
        if measure not in self.measures:
            there = ", ".join(self.measures) or "none"
            raise AlmazError(f"the data hold no measure «{measure}»", expected=f"one of: {there}")
        return self.measures[measure]

    def take_regions(self, regions: Sequence[str]) -> Activity:
        """The same activity for some of its regions, in the order given."""
        place = {region: number for number, region in enumerate(self.regions)}
        rows = np.array([place[region] for region in regions], dtype=np.intp)
        return replace(
            self,
            country={},
            regions=tuple(regions),
            measures={name: take(cells, rows) for name, cells in self.measures.items()},
            totals={name: take(cells, rows) for name, cells in self.totals.items()},
        )


def adder(weights: FloatArray) -> Callable[[FloatArray], FloatArray]:
    """Adds (regions, industries, years) up to (regions, groups, years), in one fixed order of the industries.

    weights: (industries, groups). Nearly every industry belongs to one group, so only its members are touched.
    """
    group, industry = np.nonzero(weights.T)
    share = weights[industry, group][None, :, None]
    plain, everyone = bool((share == 1.0).all()), np.array_equal(industry, np.arange(weights.shape[0]))
    filled, starts = np.unique(group, return_index=True)

    def total(array: FloatArray) -> FloatArray:
        result = np.zeros((array.shape[0], weights.shape[1], array.shape[2]))
        if filled.size:
            members = array if everyone else np.take(array, industry, axis=1)
            result[:, filled, :] = np.add.reduceat(members if plain else members * share, starts, axis=1)
        return result

    return total


def take(cells: Cells, rows: npt.NDArray[np.intp]) -> Cells:
    """The rows of some regions, each at most once."""
    draws = None if cells.draws is None else _moved(cells.draws, cells.value.shape, 0, rows)
    return Cells(cells.value[rows], cells.low[rows], cells.high[rows], cells.status[rows], draws)


def take_industries(cells: Cells, columns: npt.NDArray[np.intp]) -> Cells:
    """The columns of some industries, each at most once."""
    draws = None if cells.draws is None else _moved(cells.draws, cells.value.shape, 1, columns)
    return Cells(
        cells.value[:, columns], cells.low[:, columns], cells.high[:, columns], cells.status[:, columns], draws
    )


def _moved(draws: Draws, shape: tuple[int, ...], axis: int, kept: npt.NDArray[np.intp]) -> Draws:
    """The draws of the places that are kept along an axis, at their new places."""
    new = np.full(shape[axis], -1, dtype=np.int64)
    new[kept] = np.arange(kept.size)
    index = list(np.unravel_index(draws.place, shape))
    index[axis] = new[index[axis]]
    chosen = np.nonzero(index[axis] >= 0)[0]
    smaller = list(shape)
    smaller[axis] = kept.size
    place = (
        np.ravel_multi_index([part[chosen] for part in index], smaller) if chosen.size else np.zeros(0, dtype=np.int64)
    )
    return Draws(draws.value[:, chosen], np.asarray(place, dtype=np.int64))
