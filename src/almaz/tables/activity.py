"""`Activity`: region × industry × year, with bounds and a status for every cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from almaz.errors import AlmazError
from almaz.tables.schema import STATUSES, Status

FloatArray: TypeAlias = npt.NDArray[np.float64]
StatusArray: TypeAlias = npt.NDArray[np.int8]

CODE: dict[Status, int] = {status: code for code, status in enumerate(STATUSES)}


@dataclass(frozen=True)
class Cells:
    """One measure over (regions, industries, years).

    value: the published figure, or an estimate where one was made, NaN where nothing is known;
    low, high: what it can be at least and at most (equal to value where published; 0 and inf where nothing is known);
    status: index into `STATUSES`; an estimated cell keeps the status that says why it had to be estimated;
    draws: (k, regions, industries, years) fillings of the unknown cells that satisfy every published total, or None.
    """

    value: FloatArray
    low: FloatArray
    high: FloatArray
    status: StatusArray
    draws: FloatArray | None = None

    @property
    def hidden(self) -> npt.NDArray[np.bool_]:
        """Cells whose figure is not published: estimated or unknown."""
        return self.status > CODE[Status.NIL]


@dataclass(frozen=True)
class Activity:
    """What a country's statistics say: for each measure, region × industry × year with bounds.

    The industries are those of one level (the leaves that cluster definitions name); totals live in `totals`, per
    measure (regions, years), because the published total of a region holds more than the leaves shown.
    """

    regions: tuple[str, ...]
    industries: tuple[str, ...]
    years: tuple[int, ...]
    measures: Mapping[str, Cells]
    totals: Mapping[str, Cells]

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
            regions=tuple(regions),
            measures={name: take(cells, rows) for name, cells in self.measures.items()},
            totals={name: take(cells, rows) for name, cells in self.totals.items()},
        )


def take(cells: Cells, rows: npt.NDArray[np.intp]) -> Cells:
    """The rows of some regions."""
    draws = None if cells.draws is None else cells.draws[:, rows]
    return Cells(cells.value[rows], cells.low[rows], cells.high[rows], cells.status[rows], draws)
