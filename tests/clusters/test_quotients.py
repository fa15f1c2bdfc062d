from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from almaz.clusters.definition import each_industry_itself
from almaz.clusters.portfolio import Portfolio, PortfolioOptions, portfolio
from almaz.tables.assemble import Filling, assemble
from almaz.tables.classification import industries_from_codes
from almaz.tables.schema import OBSERVATIONS, REGIONS, Status

CODES = ["total", "C", "G", "10", "11", "12", "45", "46"]
PLACES = ["s", *(f"r{number}" for number in range(8))]


def measured(reference: str = "including", units: bool = True) -> Portfolio:
    """A made-up table of eight regions under one, half of whose finest cells are hidden."""
    random = np.random.default_rng(7)
    leaves = random.integers(1, 200, size=(8, 5)).astype(float)
    table = np.column_stack([leaves.sum(axis=1), leaves[:, :3].sum(axis=1), leaves[:, 3:].sum(axis=1), leaves])
    table = np.vstack([table.sum(axis=0), table])
    hidden = np.zeros(table.shape, dtype=bool)
    hidden[1:, 3:] = random.random((8, 5)) < 0.5
    rows = [
        {"region": r, "industry": c, "year": 2020, "measure": m, "value": None if m == "employment" and hidden[i, j] else v,
         "status": "suppressed" if m == "employment" and hidden[i, j] else "published"}
        for i, r in enumerate(PLACES) for j, c in enumerate(CODES)
        for m, v in (("employment", table[i, j]), ("establishments", np.ceil(table[i, j] / 8)))
        if units or m == "employment"
    ]  # fmt: skip
    activity = assemble(
        pa.Table.from_pylist(rows, schema=OBSERVATIONS),
        PLACES[1:],
        industries_from_codes(CODES, "NACE"),
        absent=Status.NIL,
        places=pa.Table.from_pylist(
            [{"region": r, "parent": None if r == "s" else "s"} for r in PLACES], schema=REGIONS
        ),
        filling=Filling(draws=60, seed=3),
    )
    options = PortfolioOptions(base="all", reference=reference)  # type: ignore[arg-type]
    return portfolio(activity, each_industry_itself(activity.industries), options)


@pytest.mark.parametrize("reference", ["including", "excluding"])
@pytest.mark.parametrize("units", [True, False])
def test_no_filling_leaves_the_bounds_of_the_quotient_and_chances_and_intervals_know_of_it(
    reference: str, units: bool
) -> None:
    held = measured(reference, units)
    low, high, lq, ci_low, ci_high, chance = (
        held.columns[name][:, :, 0] for name in ("lq_low", "lq_high", "lq", "lq_ci_low", "lq_ci_high", "p_lq_above_1")
    )
    draws = held.draws["lq"]
    assert draws.shape == (60, 8, 5) == held.draws["size"].shape
    assert (draws >= low * (1 - 1e-5)).all()
    assert (draws <= high * (1 + 1e-5)).all()
    hidden = held.columns["hidden_share"][:, :, 0] > 0
    assert hidden.any()
    assert (~hidden).any()
    np.testing.assert_allclose(draws[:, ~hidden].std(axis=0) < 0.02, True)
    assert (draws[:, hidden].std(axis=0) > 0.02).mean() > 0.5
    assert (ci_low <= lq + 1e-9).all()
    assert (lq <= ci_high + 1e-9).all()
    assert ((chance >= 0) & (chance <= 1)).all()
    sure = low > 1
    assert not sure.any() or (chance[sure] > 0.5).all()


def test_hidden_cells_widen_the_interval_and_published_ones_do_not() -> None:
    with_units = measured()
    hidden = with_units.columns["hidden_share"][:, :, 0] > 0
    width = np.log(with_units.columns["lq_ci_high"] / with_units.columns["lq_ci_low"])[:, :, 0]
    spread = np.log(with_units.draws["lq"]).std(axis=0)
    assert (width[hidden] > 2 * spread[hidden]).all()
