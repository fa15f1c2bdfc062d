"""A small made-up register with every fault that the engine is to find: counted by hand, the same on every engine."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from almaz.errors import AlmazError
from almaz.study.engine_section import EngineSection, RegisterSection, RegisterValue
from almaz.study.registers import read_registers
from almaz.tables.engine import Engine, arrow, connected, connection
from almaz.tables.register import Register, Sum, cells, joined
from almaz.tables.source import Reading

ROWS = [  # record, county, industry, year, jobs, hours, pay, employer
    ("a", "01001", "111", 2015, 1, 0.1, Decimal("10.10"), "x"),
    ("b", " 01001", "111 ", 2015, 2, 0.2, Decimal("20.20"), "x"),
    ("c", "01001", "old", 2015, 4, 0.3, Decimal("30.30"), "y"),
    ("d", "01003", "111", 2015, None, 1.5, Decimal("1.00"), "z"),
    ("e", "01003", "111", 2015, 3, None, Decimal("2.00"), "z"),
    ("f", "01003", "112", 2016, None, math.inf, None, "z"),
    ("g", None, "112", 2016, 9, 9.0, Decimal("9.00"), "z"),
    ("h", "01003", "  ", 2016, 9, 9.0, Decimal("9.00"), "z"),
    ("a", "01003", "113", 2015, 5, 5.0, Decimal("5.00"), None),
    ("a", "01003", "113", 2016, 6, 6.0, Decimal("6.00"), "w"),
    (None, "01003", "113", 2016, -7, -7.5, Decimal("7.00"), "w"),
    ("i", "01005", "113", 2016, 8, 8.0, Decimal("8.00"), "w"),
]
NAMES = ("record", "county", "industry", "year", "jobs", "hours", "pay", "employer")
TYPES = (pa.string(), pa.string(), pa.string(), pa.int32(), pa.int64(), pa.float64(), pa.decimal128(12, 2), pa.string())
SECTION: dict[str, Any] = {
    "dimensions": {"region": "county", "industry": "industry", "year": "year"},
    "values": {
        "jobs": RegisterValue(measure="employment"),
        "hours": RegisterValue(measure="output"),
        "pay": RegisterValue(measure="wages"),
    },
    "counts": {"establishments": "employer", "production": "*"},
    "where": {"county": ["01001", " 01001", "01003"]},
    "identifier": "record",
}


def table() -> pa.Table:
    columns = list(zip(*ROWS, strict=True))
    return pa.table({name: pa.array(held, kind) for name, held, kind in zip(NAMES, columns, TYPES, strict=True)})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("register")
    for number in range(3):
        (made / "parts").mkdir(exist_ok=True)
        pq.write_table(table().slice(number * 4, 4), made / "parts" / f"part-{number}.parquet")
    pyarrow.csv.write_csv(table(), made / "records.csv")
    (made / "old.csv").write_text("industry,to_industry,weight\nold,111,0.25\nold,112,0.75\n")
    return made


@pytest.fixture(scope="module", params=["duckdb", "csv", "postgresql", "spark"])
def found(request: pytest.FixtureRequest, folder: Path, studies: Any) -> Reading:
    engine, place = EngineSection(), {"file": str(folder / "parts")}
    if request.param == "csv":
        place = {"file": str(folder / "records.csv")}
    if request.param == "postgresql":
        address = request.getfixturevalue("postgresql")
        studies.load_table(address, "records", table())
        engine, place = EngineSection(kind="postgresql", address=address), {"table": "records", "version": "1"}
    if request.param == "spark":
        said = {"spark.driver.extraJavaOptions": studies.QUICK, "spark.sql.shuffle.partitions": "2"}
        engine = EngineSection(kind="spark", master="local[1]", settings=said)
    section = RegisterSection(**SECTION, **place, concordance=folder / "old.csv")
    (reading,) = read_registers([section], engine, lambda _stage: None)
    return reading


def cell(found: Reading, region: str, industry: str, year: int, measure: str) -> tuple[float | None, str] | None:
    keys = {"region": region, "industry": industry, "year": year, "measure": measure}
    mine = [row for row in found.observations.to_pylist() if keys.items() <= row.items()]
    assert len(mine) < 2
    return (mine[0]["value"], mine[0]["status"]) if mine else None


def test_records_are_added_up_by_trimmed_codes_and_the_concordance(found: Reading) -> None:
    assert cell(found, "01001", "111", 2015, "employment") == (1 + 2 + 4 / 4, "published")
    assert cell(found, "01001", "112", 2015, "employment") == (3.0, "published")
    pay = cell(found, "01001", "111", 2015, "wages")
    assert pay is not None
    assert pay[0] == pytest.approx(10.10 + 20.20 + 30.30 / 4, rel=1e-12)
    assert cell(found, "01001", "111", 2015, "production") == (2.25, "published")
    assert cell(found, "01003", "113", 2015, "wages") == (5.0, "published")


def test_an_unknown_figure_makes_its_cell_unknown_and_what_is_known_its_least(found: Reading) -> None:
    assert cell(found, "01003", "111", 2015, "employment") == (None, "not_available")
    assert cell(found, "01003", "111", 2015, "employment_at_least") == (3.0, "published")
    assert cell(found, "01003", "111", 2015, "output_at_least") == (1.5, "published")
    assert cell(found, "01003", "112", 2016, "employment") == (None, "not_available")
    assert cell(found, "01003", "112", 2016, "employment_at_least") is None
    assert cell(found, "01003", "112", 2016, "output") == (None, "not_available")


def test_distinct_employers_are_counted(found: Reading) -> None:
    assert cell(found, "01003", "111", 2015, "establishments") == (1.0, "published")
    assert cell(found, "01003", "113", 2015, "establishments") == (0.0, "published")
    assert cell(found, "01003", "113", 2015, "production") == (1.0, "published")


def test_every_fault_is_told_with_the_number_of_its_records(found: Reading) -> None:
    told = {(row["kind"], row["column"]): row for row in found.problems.to_pylist()}
    assert told["set_aside", None]["count"] == 2  # one of another county, one of none
    assert told["repeated_records", "record"]["count"] == 1
    assert told["repeated_records", "record"]["value"] == "a"
    assert told["nameless_records", "record"]["count"] == 1
    assert told["codeless_records", "industry"]["count"] == 1
    assert told["negative_records", "jobs"]["count"] == 1
    assert told["negative_records", "jobs"]["value"] == "-7.0"
    assert told["empty_records", "jobs"]["count"] == 2
    strange = told.get(("strange_records", "hours"), {"count": 0})["count"]  # a CSV's "inf" is a text that is no number
    assert told["empty_records", "hours"]["count"] + strange == 2
    assert {row["level"] for row in told.values() if row["kind"] in ("repeated_records", "negative_records")} == {
        "error"
    }
    assert found.rows == len(ROWS)


def test_a_register_that_says_what_nothing_means(folder: Path) -> None:
    section = RegisterSection(**SECTION, file=str(folder / "parts" / "*.parquet"), empty="nil")
    (reading,) = read_registers([section], EngineSection(), lambda _stage: None)
    assert cell(reading, "01003", "112", 2016, "employment") == (0.0, "nil")
    assert cell(reading, "01003", "111", 2015, "employment") == (3.0, "published")


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(0, 1e9), min_size=1, max_size=60), st.randoms(use_true_random=False))
def test_a_sum_does_not_depend_on_the_order_and_is_right(values: list[float], random: Any) -> None:
    register = Register("made up", {"region": "region"}, {"industry": "1", "year": 2016}, (Sum("value", "wages"),))
    engine = connection(threads=1)
    totals = []
    for _turn in range(2):
        random.shuffle(values)
        rows = ibis.memtable(pa.table({"region": ["a"] * len(values), "value": values}))
        totals.append(joined(arrow(engine, cells(rows, register)))["value_0"].to_pylist()[0])
    engine.disconnect()
    assert totals[0] == totals[1]
    exact = float(sum(map(Fraction, values)))
    assert abs(totals[0] - exact) <= len(values) * 2.0**-46 + 4 * np.spacing(exact)


def test_records_of_a_cell_in_the_hundred_thousands_are_right_to_1e_12(tmp_path: Path) -> None:
    values = np.random.default_rng(1).lognormal(3, 2, 300_000)
    pq.write_table(pa.table({"region": ["a"] * values.size, "pay": values}), tmp_path / "pay.parquet")
    register = Register("made up", {"region": "region"}, {"industry": "1", "year": 2016}, (Sum("pay", "wages"),))
    with connected(Engine(memory="500MB", threads=2)) as engine:
        found = joined(arrow(engine, cells(engine.read_parquet(str(tmp_path / "pay.parquet")), register)))
    assert found["value_0"].to_pylist()[0] == pytest.approx(math.fsum(values), rel=1e-12)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"identifier": "recrod"}, r"no column «recrod».*\n.*\n.*«record»"),
        ({"dimensions": {"region": "county", "industry": "hours", "year": "year"}}, "holds float64"),
        ({"dimensions": {"region": "county", "year": "year"}}, "where to find: industry"),
        ({"file": "nowhere/*.parquet"}, "no file"),
    ],
)
def test_what_does_not_fit_is_said_with_its_column(folder: Path, change: dict[str, Any], said: str) -> None:
    section = RegisterSection(**{**SECTION, "file": str(folder / "parts"), **change})
    with pytest.raises(AlmazError) as caught:
        read_registers([section], EngineSection(), lambda _stage: None)
    assert pytest.importorskip("re").search(said, str(caught.value))


def test_a_file_that_is_no_parquet_is_said(tmp_path: Path) -> None:
    (tmp_path / "records.parquet").write_text("no")
    section = RegisterSection(**SECTION, file=str(tmp_path / "records.parquet"))
    with pytest.raises(AlmazError, match="cannot be opened"):
        read_registers([section], EngineSection(), lambda _stage: None)


def test_the_year_must_be_one(tmp_path: Path) -> None:
    wrong = table().set_column(3, "year", pa.array(["2015"] * 10 + ["soon"] * 2))
    pq.write_table(wrong, tmp_path / "records.parquet")
    section = RegisterSection(**{**SECTION, "where": {}}, file=str(tmp_path / "records.parquet"))
    (reading,) = read_registers([section], EngineSection(), lambda _stage: None)
    (line,) = reading.problems.filter(pc.equal(reading.problems["kind"], "no_year")).to_pylist()
    assert (line["value"], line["count"], line["level"]) == ("soon", 2, "error")
