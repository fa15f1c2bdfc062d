from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from almaz.clusters.chain_flows import chain_flows
from almaz.clusters.definition import each_industry_itself
from almaz.clusters.supply_gap import Flows, GapOptions, cluster_outputs, effects, regional_jobs, trading_shares
from almaz.clusters.supply_table import supply_gaps
from almaz.tables.activity import Activity, Cells
from almaz.tables.bridge import Bridge, bridge
from almaz.tables.industry_system import IndustrySystem

FloatArray = npt.NDArray[np.float64]
CODES = ("A", "B", "C")


def economy(coefficients: FloatArray, imported: float = 0.2) -> IndustrySystem:
    """Made up: three industries with an output of 1,000 each; C has no activity."""
    output = np.full(3, 1000.0)
    intensities = {
        "value_added": 1 - coefficients.sum(axis=0),
        "jobs": np.array([0.01, 0.02, 0.03]),
        "taxes": np.array([0.05, -0.02, 0.1]),
        "surplus": np.array([0.2, 0.1, 0.3]),
    }
    return IndustrySystem(
        CODES,
        {},
        2020,
        "",
        coefficients,
        coefficients * (1 - imported),
        output,
        output,
        {},
        np.zeros(3),
        intensities,
        np.zeros(3),
        0.0,
    )


def cells(value: FloatArray, low: FloatArray | None = None, high: FloatArray | None = None) -> Cells:
    least, most = value if low is None else low, value if high is None else high
    hidden = (np.isnan(value) | (least < most)).astype(np.int8) * 4
    return Cells(value[:, :, None], least[:, :, None], most[:, :, None], hidden[:, :, None])


def setting(
    value: FloatArray, low: FloatArray | None = None, high: FloatArray | None = None
) -> tuple[Activity, Bridge]:
    activity = Activity(("1", "2"), ("a", "b"), (2020,), {"employment": cells(value, low, high)}, {})
    return activity, bridge(CODES, ("a", "b"), {"A": ["a"], "B": ["b"]}, np.ones(3))


COEFFICIENTS = np.array([[0.1, 0.3, 0.1], [0.2, 0.1, 0.1], [0.1, 0.1, 0.1]])
JOBS = np.array([[4.0, 2.0], [6.0, 18.0]])


def test_a_gap_is_that_of_a_hand_calculation() -> None:
    activity, tie = setting(JOBS)
    gaps = supply_gaps(
        economy(COEFFICIENTS), tie, activity, each_industry_itself(("a", "b")), ["b"], "employment", GapOptions()
    )
    rows = {(r["region"], r["supplier"]): r for r in gaps.table.to_pylist()}
    # region 1 has 2 of the country's 20 jobs in B: output 100; it buys 30 from A, of which 6 abroad
    row = rows["1", "A"]
    assert row["purchases"] == pytest.approx(30)
    assert row["abroad"] == pytest.approx(6)
    size = 6 / 30
    share = min(1, (4 / 10 / size) / (2 / 20 / size) * np.log2(1 + size) ** 0.3)
    assert row["inside"] == pytest.approx(24 * share)
    assert row["gap"] == pytest.approx(30 - 24 * share)
    assert row["status"] == "specialised"
    assert row["elsewhere"] == "2"
    own = min(1, (2 / 20 / size) * np.log2(1 + size) ** 0.3)  # on the diagonal the plain quotient
    assert rows["1", "B"]["inside"] == pytest.approx(10 * 0.8 * own)
    assert rows["1", "B"]["in_cluster"]
    # nothing is known of C: not a zero, but anything between nothing and all that is made at home
    unknown = rows["1", "C"]
    assert unknown["inside"] is None
    assert (unknown["inside_low"], unknown["inside_high"]) == (0, pytest.approx(8))
    assert unknown["unknown"] == pytest.approx(10)
    assert unknown["status"] == "unknown"


def test_the_parts_of_what_is_bought_add_up() -> None:
    activity, tie = setting(JOBS)
    options = GapOptions(suppliers=1)
    gaps = supply_gaps(
        economy(COEFFICIENTS), tie, activity, each_industry_itself(("a", "b")), ["a", "b"], "employment", options
    )
    whole = {(r["region"], r["cluster"]): r for r in gaps.totals.to_pylist()}
    for pair, total in whole.items():
        parts = [r for r in gaps.table.to_pylist() if (r["region"], r["cluster"]) == pair]
        assert len(parts) == 2
        for name in ("purchases", "purchases_high", "abroad", "gap_low", "gap_high", "filled_jobs_high"):
            assert sum(part[name] for part in parts) == pytest.approx(total[name], rel=1e-5)
        assert total["purchases"] == pytest.approx(total["inside"] + total["gap"] + total["unknown"], rel=1e-5)


@pytest.mark.parametrize("method", ["flq", "aflq", "cilq", "slq"])
@given(
    jobs=arrays(np.float64, (2, 2), elements=st.floats(0, 50).map(lambda x: round(x, 2))),
    width=arrays(np.float64, (2, 2), elements=st.floats(0, 0.9)),
    coefficients=arrays(np.float64, (3, 3), elements=st.floats(0, 0.3)),
)
@settings(deadline=None, max_examples=40)
def test_intervals_hold_the_point(method: str, jobs: FloatArray, width: FloatArray, coefficients: FloatArray) -> None:
    activity, tie = setting(jobs + 1, (jobs + 1) * (1 - width), (jobs + 1) * (1 + width))
    system = economy(coefficients)
    options = GapOptions(method)  # type: ignore[arg-type]
    held = activity.cells("employment")
    regions = regional_jobs(held, activity, tie, system)
    shares = trading_shares(regions, 0, options)
    known = ~np.isnan(shares.point)
    assert np.all((shares.low <= shares.point + 1e-9)[known])
    assert np.all((shares.high >= shares.point - 1e-9)[known])
    output = cluster_outputs(held, 0, tie, np.eye(2), system, regions)
    flows = Flows.of(system, shares, output)
    for part in (output, flows.purchases, flows.abroad, flows.inside, flows.gap, *effects(system, shares).values()):
        known = ~np.isnan(part.point)
        assert np.all((part.low <= part.point + 1e-9)[known])
        assert np.all((part.high >= part.point - 1e-9)[known])
    gaps = supply_gaps(system, tie, activity, each_industry_itself(("a", "b")), ["a", "b"], "employment", options)
    for row in gaps.table.to_pylist():
        for name in (
            "purchases",
            "inside",
            "gap",
            "filled_value_added",
            "filled_jobs",
            "filled_taxes",
            "filled_surplus",
        ):
            if row[name] is not None:
                assert row[f"{name}_low"] <= row[name] + 1e-3
                assert row[name] <= row[f"{name}_high"] + 1e-3


def test_every_filling_of_a_hidden_cell_gives_a_gap_within_the_bounds() -> None:
    low, high = JOBS.copy(), JOBS.copy()
    low[0, 0], high[0, 0] = 0.0, 9.0
    value = JOBS.copy()
    activity, tie = setting(value, low, high)
    system, definition = economy(COEFFICIENTS), each_industry_itself(("a", "b"))
    # the country's jobs are the table's own, so that they stay the same under every filling
    bounded = supply_gaps(system, tie, activity, definition, ["b"], "employment", GapOptions()).table.to_pylist()
    bounds = {r["supplier"]: r for r in bounded if r["region"] == "1"}
    for filling in np.linspace(0.1, 9.0, 9):
        value = JOBS.copy()
        value[0, 0] = filling
        held, _tie = setting(value)
        regions = regional_jobs(held.cells("employment"), held, tie, system)
        lq = regions.quotient.point[0]
        share = min(1.0, float(lq[0] / lq[1] * np.log2(1 + regions.size[0]) ** 0.3))
        # cross-industry quotients do not change with the region's total, which the filling changes
        gap = 30 - 24 * share
        assert bounds["A"]["gap_low"] - 0.5 <= gap <= bounds["A"]["gap_high"] + 0.5


def test_a_region_s_size_shrinks_what_it_keeps_and_delta_widens_the_interval() -> None:
    activity, tie = setting(JOBS)
    args = (economy(COEFFICIENTS), tie, activity, each_industry_itself(("a", "b")), ["b"], "employment")
    narrow, wide = (
        supply_gaps(*args, GapOptions(delta=delta)).totals.to_pylist()[0]
        for delta in ((0.3, 0.3, 0.3), (0.1, 0.3, 0.5))
    )
    assert wide["gap_high"] - wide["gap_low"] > narrow["gap_high"] - narrow["gap_low"]
    assert wide["gap"] == pytest.approx(narrow["gap"])


def test_firms_are_named_where_they_are_known() -> None:
    activity, tie = setting(JOBS)
    firms = {("1", "A"): ["First", "Second"]}
    args = (economy(COEFFICIENTS), tie, activity, each_industry_itself(("a", "b")), ["b"], "employment", GapOptions())
    rows = supply_gaps(*args, firms).table.to_pylist()
    assert {(r["region"], r["supplier"]): r["firms"] for r in rows}["1", "A"] == "First; Second"


def test_the_flows_of_a_picture_are_those_of_the_tables() -> None:
    activity, tie = setting(JOBS)
    system = economy(COEFFICIENTS)
    gaps = supply_gaps(system, tie, activity, each_industry_itself(("a", "b")), ["b"], "employment", GapOptions())
    flows = chain_flows(system, gaps, [("1", "b")]).to_pylist()
    first = {row["from"]: row for row in flows if row["layer"] == "first"}
    assert first["A"]["value"] == pytest.approx(30)
    assert first["C"]["inside"] is None
    second = [row for row in flows if row["layer"] == "second" and row["to"] == "A"]
    assert sum(row["value"] for row in second) == pytest.approx(30 * COEFFICIENTS[:, 0].sum(), rel=1e-6)
    sold = sum(row["value"] for row in flows if row["layer"] == "buyer")
    assert sold == pytest.approx(100)


def test_activities_are_tied_by_the_longest_code_and_shared_by_wages() -> None:
    tie = bridge(
        ("X", "Y", "Z"),
        ("1110", "1121", "2200", "9999"),
        {"X": ["11"], "Y": ["112", "22"], "Z": ["22"]},
        np.array([1.0, 3.0, 1.0]),
    )
    np.testing.assert_allclose(tie.weights, [[1, 0, 0, 0], [0, 1, 0.75, 0], [0, 0, 0.25, 0]])
    assert tie.unmatched == ("9999",)
    assert tie.without == ()
