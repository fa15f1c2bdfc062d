from __future__ import annotations

import csv
import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from almaz.study.file import load
from almaz.study.run import run
from almaz.tables.activity import CODE, take
from almaz.tables.assemble import Filling, assemble
from almaz.tables.classification import industries_from_codes
from almaz.tables.constraints import forest
from almaz.tables.hidden import filled
from almaz.tables.schema import OBSERVATIONS, REGIONS, Status

SAMPLES = Path(__file__).parent.parent.parent / "src" / "almaz" / "samples"
PLACES = pa.Table.from_pylist(
    [{"region": "s"}, {"region": "p", "parent": "s"}, {"region": "q", "parent": "s"}], schema=REGIONS
)


def laid_out(cells: list[tuple[str, str, float | None]], units: list[tuple[str, str, float]] | None = None, **more):
    rows = [
        {"region": r, "industry": i, "year": 2020, "measure": m, "value": v, "status": "suppressed" if v is None else "published"}
        for m, table in (("employment", cells), ("establishments", units or []), *more.pop("also", []))
        for r, i, v in table
    ]  # fmt: skip
    observations = pa.Table.from_pylist(rows, schema=OBSERVATIONS)
    tree = industries_from_codes({row["industry"] for row in rows}, "NACE")
    return assemble(observations, ["p", "q"], tree, absent=Status.NIL, places=PLACES, **more)


TWO_WAY = [
    ("s", "total", 100.0), ("s", "C", 60.0), ("s", "G", 40.0),
    ("p", "total", 70.0), ("p", "C", None), ("p", "G", None),
    ("q", "total", 30.0), ("q", "C", None), ("q", "G", 10.0),
]  # fmt: skip


def test_totals_of_the_region_above_make_hidden_cells_known() -> None:
    activity = laid_out(TWO_WAY)
    cells = activity.cells("employment")
    assert activity.regions == ("p", "q")
    np.testing.assert_allclose(cells.value[:, :, 0], [[40.0, 30.0], [20.0, 10.0]])
    np.testing.assert_allclose(cells.low, cells.high)
    assert (cells.status[0, :, 0] == CODE[Status.SUPPRESSED]).all()  # known, but not published


def test_what_is_known_of_a_cell_beforehand_is_kept() -> None:
    hidden = [(r, i, None if (r, i) == ("q", "G") else v) for r, i, v in TWO_WAY]
    free = laid_out(hidden).cells("employment")
    assert free.high[1, 0, 0] == 30.0
    limited = laid_out(
        hidden, also=[("employment_at_most", [("q", "C", 12.0)]), ("employment_at_least", [("q", "C", 3.0)])]
    )
    cells = limited.cells("employment")
    assert tuple(limited.measures) == ("employment",)
    assert (cells.low[1, 0, 0], cells.high[1, 0, 0]) == (3.0, 12.0)
    assert (cells.low[1, 1, 0], cells.high[1, 1, 0]) == (18.0, 27.0)
    assert 3.0 <= cells.value[1, 0, 0] <= 12.0


def test_figures_that_contradict_each_other_are_told_with_the_least_that_mends_them() -> None:
    wrong = [(r, i, 65.0 if (r, i) == ("q", "total") else v) for r, i, v in TWO_WAY]
    told = laid_out(wrong).contradictions.to_pylist()
    assert {row["kind"] for row in told} == {"contradiction"}
    assert any("35" in row["details"] and "s × total" in row["value"] for row in told)


def test_draws_lie_in_the_bounds_and_add_up_and_follow_regions_and_industries() -> None:
    regions, codes = ["s", *(f"r{i}" for i in range(6))], ["total", "C", "G", "10", "11", "12", "45", "46"]
    places = pa.Table.from_pylist([{"region": r, "parent": None if r == "s" else "s"} for r in regions], schema=REGIONS)
    random = np.random.default_rng(3)
    leaves = random.integers(1, 90, size=(6, 5)).astype(float)
    table = np.column_stack([leaves.sum(axis=1), leaves[:, :3].sum(axis=1), leaves[:, 3:].sum(axis=1), leaves])
    table = np.vstack([table.sum(axis=0), table])
    hidden = np.zeros(table.shape, dtype=bool)
    hidden[1:, 3:] = random.random((6, 5)) < 0.7
    rows = [
        {"region": r, "industry": c, "year": 2020, "measure": m, "value": None if m == "employment" and hidden[i, j] else v,
         "status": "suppressed" if m == "employment" and hidden[i, j] else "published"}
        for i, r in enumerate(regions) for j, c in enumerate(codes)
        for m, v in (("employment", table[i, j]), ("establishments", np.ceil(table[i, j] / 8)))
    ]  # fmt: skip
    activity = assemble(
        pa.Table.from_pylist(rows, schema=OBSERVATIONS), regions[1:], industries_from_codes(codes, "NACE"),
        absent=Status.NIL, places=places, filling=Filling(draws=20, seed=1),
    )  # fmt: skip
    cells = activity.cells("employment")
    assert (cells.low[:, :, 0] <= leaves + 1e-9).all()
    assert (leaves <= cells.high[:, :, 0] + 1e-9).all()
    np.testing.assert_allclose(cells.value[:, :, 0].sum(axis=0), leaves.sum(axis=0), rtol=1e-6)
    branches = np.zeros((5, 2))
    branches[:3, 0] = branches[3:, 1] = 1.0
    drawn = cells.summed_draws(branches, 0)
    assert drawn is not None
    np.testing.assert_allclose(drawn, np.broadcast_to(table[1:, 1:3], drawn.shape), rtol=1e-6)
    each = cells.summed_draws(np.eye(5), 0)
    assert each is not None
    np.testing.assert_allclose(each.sum(axis=1), np.broadcast_to(leaves.sum(axis=0), (20, 5)), rtol=1e-6)
    assert (each >= cells.low[:, :, 0] - 1e-6).all()
    assert (each <= cells.high[:, :, 0] + 1e-6).all()
    some = take(cells, np.array([4, 1])).summed_draws(np.eye(5), 0)
    np.testing.assert_array_equal(some, each[:, [4, 1]])


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_the_order_of_regions_changes_nothing_but_their_places(seed: int) -> None:
    random = np.random.default_rng(seed)
    regions, industries = forest(["s", "a", "b", "c"], [None, "s", "s", "s"]), forest(["t", "x", "y"], [None, "t", "t"])
    leaves = random.integers(1, 50, size=(3, 2)).astype(float)
    table = np.column_stack([leaves.sum(axis=1), leaves])
    table = np.vstack([table.sum(axis=0), table])
    value = np.where(random.random(table.shape) < 0.5, np.nan, table)
    value[0, 0] = table[0, 0]
    units, order = np.ceil(table / 5), np.r_[0, 1 + random.permutation(3)]
    there = np.ones(table.shape, dtype=bool)
    one = filled(value, units, there, regions, industries)
    other = filled(value[order], units[order], there, regions, industries)
    np.testing.assert_allclose(other.low, one.low[order], atol=1e-6)
    np.testing.assert_allclose(other.high, one.high[order], atol=1e-6)
    np.testing.assert_allclose(other.value, one.value[order], rtol=1e-3, atol=1e-3)


def raions() -> tuple[list[str], list[str], np.ndarray]:
    """The real raion table of the sample and its oblast sums, which are ours: products × raions and oblasts."""
    with (SAMPLES / "kyrgyzstan_2021" / "raion_agriculture_2021.csv").open(encoding="utf-8") as source:
        rows = list(csv.DictReader(source))
    codes = [row["region"] for row in rows]
    figures = np.array([[float(row[p]) for p in ("wheat", "potatoes", "vegetables", "fruits")] for row in rows])
    oblasts = sorted({code[:5] for code in codes})
    sums = np.array([figures[[code.startswith(oblast) for code in codes]].sum(axis=0) for oblast in oblasts])
    return (
        [*oblasts, *codes],
        [code[:5] if len(code) > 5 else "" for code in [*oblasts, *codes]],
        np.vstack([sums, figures]),
    )


def test_a_few_cells_of_a_small_table_are_bounded_by_their_oblast_and_estimated_without_establishments() -> None:
    """Cells of the raion table are hidden by us, as a yearbook prints «…»; nothing but oblast sums and neighbours is left."""
    codes, parents, truth = raions()
    regions = forest(codes, [parent or None for parent in parents])
    random = np.random.default_rng(1)
    hidden = np.zeros(truth.shape, dtype=bool)
    hidden[regions.parent >= 0] = random.random((int((regions.parent >= 0).sum()), truth.shape[1])) < 0.25
    products = forest(["wheat", "potatoes", "vegetables", "fruits"], [None] * 4)
    done = filled(np.where(hidden, np.nan, truth), None, np.ones(truth.shape, dtype=bool), regions, products, number=40)
    assert (done.low <= truth + 1e-6).all()
    assert (truth <= done.high + 1e-6).all()
    np.testing.assert_allclose(done.value[~hidden], truth[~hidden])
    for oblast in np.nonzero(regions.parent < 0)[0]:
        np.testing.assert_allclose(done.value[regions.parent == oblast].sum(axis=0), truth[oblast], rtol=1e-6)
    open_cells = hidden & (done.high - done.low > 1e-6)
    assert open_cells.sum() > 20
    off = np.abs(done.value - truth)[open_cells].sum()
    shared = np.where(hidden, 0.0, truth)  # the rule in use: what is left, in equal parts
    for oblast in np.nonzero(regions.parent < 0)[0]:
        for product in range(4):
            mine = (regions.parent == oblast) & hidden[:, product]
            left = truth[oblast, product] - shared[regions.parent == oblast, product].sum()
            shared[mine, product] = left / max(mine.sum(), 1)
    assert off < np.abs(shared - truth)[open_cells].sum()


def test_a_yearbook_that_prints_dots_runs_from_the_study_file(tmp_path: Path) -> None:
    """docs/samples/kyrgyz_blanks: bounds of every blank hold what was blanked, and no other figure is touched."""
    folder = Path(__file__).parent.parent.parent / "docs" / "samples" / "kyrgyz_blanks"
    edition = run(load(folder / "study.toml"), tmp_path)
    told = {
        (row["region"], row["industry"]): row
        for row in edition.table("activity").to_pylist()
        if row["measure"] == "production"
    }
    with (SAMPLES / "kyrgyzstan_2021" / "raion_agriculture_2021.csv").open(encoding="utf-8") as source:
        truth = {row["region"]: row for row in csv.DictReader(source)}
    with (folder / "raions.csv").open(encoding="utf-8") as source:
        printed = {row["region"]: row for row in csv.DictReader(source)}
    blanks = 0
    for region in truth:
        for product in ("wheat", "potatoes", "vegetables", "fruits"):
            cell, figure = told.get((region, product)), float(truth[region][product])
            if printed[region][product] == "…":
                blanks += 1
                assert cell is not None
                assert cell["status"] == "suppressed"
                assert cell["low"] - 0.1 <= figure <= cell["high"] + 0.1
                assert cell["low"] - 1e-6 <= cell["value"] <= cell["high"] + 1e-6
            elif figure:
                assert cell is not None
                assert cell["value"] == figure
    assert blanks == 39


@pytest.mark.full
def test_every_county_by_six_digits_runs_from_the_study_file_within_the_memory_of_a_laptop(tmp_path: Path) -> None:
    """docs/samples/us_counties_study.toml through the command; needs the folder of ALMAZ_DATA."""
    data = Path(os.environ["ALMAZ_DATA"]) / "us_qcew_2016"
    samples = Path(__file__).parent.parent.parent / "docs" / "samples"
    study = shutil.copy(samples / "us_counties_study.toml", tmp_path)
    shutil.copytree(samples / "us_counties", tmp_path / "us_counties")
    for name in ("industries", "naics_to_cluster", "clusters", "naics_2017_to_2012"):
        shutil.copy(SAMPLES / "us_states_2016" / f"{name}.csv", tmp_path)
    for name in ("counties", "states"):
        (tmp_path / f"{name}.parquet").symlink_to(data / f"{name}.parquet")
    command = [
        sys.executable,
        "-c",
        "from almaz.cli import main; main()",
        "run",
        str(study),
        "-o",
        str(tmp_path / "editions"),
    ]
    subprocess.run(command, check=True, capture_output=True)
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 6 * 1024**2  # kilobytes
    edition = next((tmp_path / "editions").glob("us-counties-2016-*/"))
    table = pq.read_table(
        edition / "portfolio.parquet", columns=["employment", "lq", "lq_low", "lq_high", "p_lq_above_1"]
    )
    assert table.num_rows > 3000 * 60
    assert pc.sum(pc.is_valid(table["lq"])).as_py() > 200_000
    told = table.filter(pc.is_valid(table["lq"]))
    assert pc.all(pc.less_equal(told["lq_low"], pc.multiply(told["lq"], 1 + 1e-6))).as_py()
    assert pc.all(pc.greater_equal(told["lq_high"], pc.multiply(told["lq"], 1 - 1e-6))).as_py()
    cells = pq.read_table(edition / "hidden_cells.parquet")
    assert cells.num_rows > 600_000
    assert pc.all(pc.less_equal(cells["low"], pc.add(cells["value"], 1e-6))).as_py()
    assert pc.all(pc.less_equal(cells["value"], pc.add(cells["high"], 1e-6))).as_py()
