from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from almaz.errors import AlmazError
from almaz.tables.engine import arrow, connection
from almaz.tables.location_quotients import location_quotients

DATA = Path(__file__).parents[1] / "data"


def quotients(rows: dict[str, list[Any]], **options: Any) -> dict[tuple[Any, ...], float | None]:
    found = arrow(connection(threads=1), location_quotients(ibis.memtable(pa.table(rows)), **options)).to_pylist()
    return {(row["region"], row["industry"], row.get("year")): row["lq"] for row in found}


def econgeo(name: str) -> tuple[list[str], list[str], list[list[float]]]:
    with (DATA / "known_answers" / "econgeo" / name).open(newline="") as source:
        rows = list(csv.reader(source))
    return [row[0] for row in rows[1:]], rows[0][1:], [[float(cell) for cell in row[1:]] for row in rows[1:]]


def test_econgeo() -> None:
    regions, industries, counts = econgeo("est_state_naics3.csv")
    _, _, answers = econgeo("out_location_quotient.csv")
    cells = [(r, i) for r in range(len(regions)) for i in range(len(industries))]
    found = quotients(
        {
            "region": [str(r) for r, _ in cells],
            "industry": [str(i) for _, i in cells],
            "employment": [counts[r][i] for r, i in cells],
        },
        value="employment",
        by=(),
    )
    for r, i in cells:
        assert found[str(r), str(i), None] == pytest.approx(answers[r][i], rel=1e-9)


def published(rows: str) -> list[tuple[str, str, float, float, float]]:
    """Region, industry, published quotient, and the quotients that the two ends of the pinned national share give."""
    engine = connection(threads=2)
    engine.con.execute(f"create table data as select * from ({rows})")
    engine.con.execute(f"create table shares as from '{DATA / 'us_industry_shares_dec2016.csv'}'")
    engine.raw_sql(
        "create or replace table shares as select industry::varchar industry, share_low, share_high from shares"
    )
    data, shares = engine.table("data"), engine.table("shares")
    mine = data.filter(data.own_code == "5").select("region", "industry", "employment_dec2016", "bls_lq_dec2016")
    base = data.filter(data.own_code == "0").select("region", "employment_dec2016")
    ends = [
        location_quotients(
            mine,
            value="employment_dec2016",
            by=(),
            base=base,
            reference=shares.select("industry", share=shares[end]),
            name=name,
        )
        for end, name in (("share_high", "least"), ("share_low", "most"))
    ]
    both = ends[0].join(ends[1].select("region", "industry", "most"), ["region", "industry"])
    both = both.filter(both.bls_lq_dec2016.notnull())
    columns = both.select("region", "industry", "bls_lq_dec2016", "least", "most")
    return [tuple(row.values()) for row in arrow(engine, columns).to_pylist()]


def differences(rows: list[tuple[str, str, float, float, float]]) -> dict[str, list[tuple[str, str]]]:
    """The rows whose published quotient does not lie within half a hundredth of what the shares allow, by reason."""
    off: dict[str, list[tuple[str, str]]] = {}
    for region, industry, said, least, most in rows:
        if least is None or most is None:
            off.setdefault("no national share or no employment is published", []).append((region, industry))
        elif not least - 0.005 - 1e-9 <= said <= most + 0.005 + 1e-9:
            off.setdefault("outside the bounds", []).append((region, industry))
    return off


def test_every_quotient_published_for_rhode_island() -> None:
    found = published(f"from '{DATA / 'qcew_2016_rhode_island.parquet'}'")
    assert len(found) == 2793
    assert differences(found) == {}


@pytest.mark.full
def test_every_published_quotient_of_states_and_counties() -> None:
    folder = os.environ.get("ALMAZ_DATA")
    if folder is None:
        pytest.skip("ALMAZ_DATA does not name the folder that holds us_qcew_2016/")
    for name, number in (("states", 52_195), ("counties", 569_458)):
        found = published(f"from '{Path(folder) / 'us_qcew_2016' / name}.parquet'")
        assert len(found) == number
        # One published quotient of 621,653: the country's share of household refrigerators and freezers (335222) is in no
        # published file and could not be pinned, because Florida (12000) alone publishes a quotient of it.
        left = {"no national share or no employment is published": [("12000", "335222")]} if name == "states" else {}
        assert differences(found) == left


ROWS = {
    "region": ["a", "a", "b", "b"],
    "industry": ["i", "j", "i", "j"],
    "year": [2020] * 4,
    "kind": ["traded", "local", "traded", "local"],
    "employment": [30.0, 70.0, 10.0, 90.0],
}


def test_base_is_all_activity_by_default() -> None:
    assert quotients(ROWS, value="employment")["a", "i", 2020] == pytest.approx((30 / 100) / (40 / 200))


def test_base_of_the_same_kind() -> None:
    assert quotients(ROWS, value="employment", base="kind")["a", "i", 2020] == pytest.approx((30 / 30) / (40 / 40))


def test_base_of_another_table() -> None:
    people = ibis.memtable(pa.table({"region": ["a", "b"], "year": [2020, 2020], "employment": [1000.0, 3000.0]}))
    found = quotients(ROWS, value="employment", base=people)
    assert found["a", "i", 2020] == pytest.approx((30 / 1000) / (40 / 4000))


def test_reference_without_the_region_itself() -> None:
    found = quotients(ROWS, value="employment", reference="excluding")
    assert found["a", "i", 2020] == pytest.approx((30 / 100) / (10 / 100))


def test_unknown_stays_unknown_and_nothing_over_nothing_is_no_number() -> None:
    rows = {**ROWS, "employment": [None, 70.0, 0.0, 0.0]}
    found = quotients(rows, value="employment")
    assert found["a", "i", 2020] is None
    assert found["b", "j", 2020] is None


def test_years_do_not_mix() -> None:
    twice = {name: cells * 2 for name, cells in ROWS.items()} | {"year": [2020] * 4 + [2021] * 4}
    twice["employment"] = [*ROWS["employment"], 1.0, 1.0, 1.0, 1.0]
    found = quotients(twice, value="employment")
    assert found["a", "i", 2020] == pytest.approx(1.5)
    assert found["a", "i", 2021] == pytest.approx(1.0)


def test_a_missing_column_is_named() -> None:
    with pytest.raises(AlmazError, match="wages"):
        location_quotients(ibis.memtable(pa.table(ROWS)), value="wages")


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 1000), min_size=12, max_size=12))
def test_weighted_by_reference_shares_the_quotients_of_a_region_average_to_one(counts: list[int]) -> None:
    matrix = np.array(counts, dtype=float).reshape(3, 4)
    cells = [(r, i) for r in range(3) for i in range(4)]
    found = quotients(
        {
            "region": [str(r) for r, _ in cells],
            "industry": [str(i) for _, i in cells],
            "employment": [float(matrix[r, i]) for r, i in cells],
        },
        value="employment",
        by=(),
    )
    shares = matrix.sum(axis=0) / matrix.sum()
    for r in range(3):
        quotient = np.array([found[str(r), str(i), None] for i in range(4)])
        assert quotient @ shares == pytest.approx(1.0, rel=1e-12)
