from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from almaz.tables.activity import CODE, Activity
from almaz.tables.assemble import assemble
from almaz.tables.classification import industries_from_codes
from almaz.tables.schema import OBSERVATIONS, Status


def laid_out(cells: list[tuple[Any, ...]], absent: Status = Status.NIL) -> Activity:
    rows = [
        {"region": r, "industry": i, "year": y, "measure": m, "value": v, "status": s} for r, i, y, m, v, s in cells
    ]
    observations = pa.Table.from_pylist(rows, schema=OBSERVATIONS)
    tree = industries_from_codes({cell[1] for cell in cells}, "NACE")
    return assemble(observations, sorted({cell[0] for cell in cells}), tree, absent=absent)


CELLS = [
    ("a", "total", 2020, "employment", 100.0, "published"),
    ("a", "C", 2020, "employment", 70.0, "published"),
    ("a", "10", 2020, "employment", 50.0, "published"),
    ("a", "11", 2020, "employment", None, "suppressed"),
    ("a", "13", 2020, "employment", None, "suppressed"),
    ("b", "total", 2020, "employment", 10.0, "published"),
    ("b", "C", 2020, "employment", 10.0, "published"),
    ("b", "10", 2020, "employment", 10.0, "published"),
]


def test_the_finest_industries_are_the_columns_and_totals_stand_apart() -> None:
    activity = laid_out(CELLS)
    assert (activity.regions, activity.industries, activity.years) == (("a", "b"), ("10", "11", "13"), (2020,))
    assert activity.totals["employment"].value.squeeze().tolist() == [100.0, 10.0]


def test_a_hidden_cell_is_an_interval_that_its_total_bounds() -> None:
    cells = laid_out(CELLS).cells("employment")
    hidden = cells.status[0, 1, 0]
    assert hidden == CODE[Status.SUPPRESSED]
    assert (cells.low[0, 1, 0], cells.high[0, 1, 0]) == (0.0, 20.0)


def test_a_hidden_cell_alone_under_its_total_is_known() -> None:
    cells = laid_out([cell for cell in CELLS if cell[1] != "13"]).cells("employment")
    assert (cells.low[0, 1, 0], cells.high[0, 1, 0]) == (20.0, 20.0)


def test_an_absent_row_means_what_the_study_says() -> None:
    nil = laid_out(CELLS, Status.NIL).cells("employment")
    assert (nil.value[1, 1, 0], nil.high[1, 1, 0], nil.status[1, 1, 0]) == (0.0, 0.0, CODE[Status.NIL])
    open_ended = [cell for cell in CELLS if cell[:2] not in (("b", "total"), ("b", "C"))]
    unknown = laid_out(open_ended, Status.NOT_AVAILABLE).cells("employment")
    assert np.isnan(unknown.value[1, 1, 0])
    assert np.isinf(unknown.high[1, 1, 0])
    assert unknown.status[1, 1, 0] == CODE[Status.NOT_AVAILABLE]
    deduced = laid_out(CELLS, Status.NOT_AVAILABLE).cells("employment")  # 10 of the 10 in C are already accounted for
    assert (deduced.value[1, 1, 0], deduced.high[1, 1, 0]) == (0.0, 0.0)


def test_a_year_without_a_measure_is_not_nil() -> None:
    later = [(*cell[:2], 2021, "establishments", 1.0, "published") for cell in CELLS]
    activity = laid_out([*CELLS, *later])
    employment = activity.cells("employment")
    assert np.isnan(employment.value[0, :, 1]).all()
    assert employment.value[1, 1, 1] == 0  # no establishments, so nobody works there


def test_published_figures_lie_at_their_place() -> None:
    cells = laid_out(CELLS).cells("employment")
    assert (cells.value[0, 0, 0], cells.low[0, 0, 0], cells.high[0, 0, 0]) == (50.0, 50.0, 50.0)
    assert cells.value[1, 0, 0] == 10.0
