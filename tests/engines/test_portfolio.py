"""The portfolio that an engine makes: the same bits on all three, and the numbers of the portfolio that is made here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from almaz.cli.app import app
from almaz.clusters.portfolio import PortfolioOptions
from almaz.clusters.portfolio_expression import portfolio_expression
from almaz.errors import AlmazError
from almaz.study.engine_portfolio import engine_portfolio
from almaz.study.file import load
from almaz.study.run import run
from almaz.tables.engine import arrow, connection

KEYS = ["region", "cluster", "kind", "year"]
SUMS = [*KEYS, "employment", "employment_low", "employment_unknown"]
SHARED = (
    "employment", "establishments", "lq", "share_of_region", "share_of_cluster", "productivity", "growth", "cagr",
    "shift_national", "shift_mix", "shift_regional", "competitive_growth", "rank",
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(studies: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return studies.folder_of_rhode_island(tmp_path_factory.mktemp("rhode-island"))


def known(studies: Any) -> str:
    """The register with hidden figures taken as none: then every number of the portfolio is told."""
    return str(studies.registered('file = "counties.parquet"')).replace('empty = "suppressed"', 'empty = "nil"')


@pytest.mark.parametrize("section", ["", '[portfolio]\nbase = "all"\nreference = "excluding"\n'])
def test_it_is_the_portfolio_of_the_same_study(studies: Any, folder: Path, section: str) -> None:
    study = load(studies.study(folder, known(studies), section, name=f"known-{len(section)}.toml"))
    here = run(study, folder / f"known-{len(section)}").table("portfolio").to_pandas()
    here = here[here["subcluster"].isna()].set_index(KEYS)
    made = engine_portfolio(study).table.to_pandas().set_index(KEYS)
    assert len(made) > 500
    assert not made.index.difference(here.index).size
    assert (here.loc[here.index.difference(made.index), ["employment", "establishments"]] == 0).all(axis=None)
    for name in SHARED:
        assert made[name].notna().any(), name
        np.testing.assert_allclose(made[name], here.loc[made.index, name], rtol=1e-12, atol=1e-9, err_msg=name)
    before = made.loc[(slice(None), slice(None), slice(None), 2015)]
    assert before["wages"].isna().all()  # nobody tells the wages of 2015


def test_spark_and_postgresql_give_the_same_bits(studies: Any, folder: Path, cluster: Any, postgresql: str) -> None:
    place = 'file = "counties.parquet"'
    mine = engine_portfolio(load(studies.study(folder, studies.registered(place), name="duckdb.toml")))
    named = studies.study(folder, studies.registered(place), studies.spark(cluster.master), name="spark.toml")
    on_spark = engine_portfolio(load(named))
    assert on_spark.table.equals(mine.table)
    assert on_spark.problems.equals(mine.problems)
    studies.load_table(postgresql, "portfolio_counties", pq.read_table(folder / "counties.parquet"))
    engine = f'[engine]\nkind = "postgresql"\naddress = "{postgresql}"\n'
    table = studies.registered('table = "portfolio_counties"\nversion = "2016"')
    inside = engine_portfolio(load(studies.study(folder, table, engine, name="postgresql.toml")))
    assert inside.table.equals(mine.table)


def test_what_is_unknown_is_not_zero(studies: Any, folder: Path) -> None:
    rows = engine_portfolio(
        load(studies.study(folder, studies.registered('file = "counties.parquet"')))
    ).table.to_pandas()
    hidden = rows["employment_unknown"] > 0
    assert 0 < hidden.sum() < len(rows)
    assert rows.loc[hidden, ["employment", "lq", "share_of_region", "rank", "growth"]].isna().all(axis=None)
    assert rows.loc[~hidden, "employment"].equals(rows.loc[~hidden, "employment_low"])
    inside = rows.groupby(["region", "kind", "year"])["employment_unknown"].transform("sum")
    assert (rows["region_unknown"] == inside).all()
    assert (rows["cluster_unknown"] == rows.groupby(["cluster", "year"])["employment_unknown"].transform("sum")).all()


CENTS = st.integers(0, 10**8).map(lambda one: one / 100)


def test_what_is_left_out_is_counted_in_records(studies: Any, folder: Path) -> None:
    rows = [("44001", "311111", 5), ("44001", "311111", 6), (None, "311111", 1), (" ", "311111", 1), ("44001", "3111", 2),
            ("44003", "311119", 3), ("99999", "311119", 4), ("44001", "zzz", 1), ("44001", None, 1)]  # fmt: skip
    region, industry, people = zip(*rows, strict=True)
    pq.write_table(pa.table({"region": region, "industry": industry, "people": people}), folder / "few.parquet")
    register = """
[[registers]]
file = "few.parquet"
dimensions = { region = "region", industry = "industry" }
constants = { year = 2016 }
values = { people = { measure = "employment" } }
counts = { establishments = "*" }
"""
    made = engine_portfolio(load(studies.study(folder, register, name="few.toml")))
    told = {(row["kind"], row["column"]): row["count"] for row in made.problems.to_pylist()}
    assert told["codeless_records", "region"] == 2
    assert told["codeless_records", "industry"] == 1
    assert told["unknown_industry", None] == 1
    assert told["coarse_records", None] == 1
    assert ("unknown_region", "region") in told
    found = made.table.to_pandas().set_index("region")
    assert found.loc["44001", ["employment", "establishments"]].tolist() == [11, 2]
    assert sorted(found.index) == ["44001", "44003"]


RECORDS = st.lists(
    st.tuples(
        st.sampled_from("abc"), st.sampled_from(["1", "2", "3", "4"]), st.sampled_from([2015, 2016]), CENTS
    ),
    min_size=1, max_size=40, unique_by=lambda one: one[:3],
)  # fmt: skip
MEMBERS = pa.table(
    {
        "industry": ["1", "2", "2", "3"],
        "cluster": ["A", "A", "B", "B"],
        "kind": ["traded"] * 4,
        "weight": [1.0, 0.5, 0.5, 1.0],
    }
)


def measured(
    rows: list[tuple[str, str, int, float]], scale: float = 1.0, told: dict[str, list[int]] | None = None
) -> pd.DataFrame:
    region, industry, year, value = zip(*rows, strict=True)
    table = pa.table(
        {
            "region": region,
            "industry": industry,
            "year": pa.array(year, pa.int32()),
            "employment": pa.array([scale * one for one in value]),
            "employment_unknown": pa.array([0.0] * len(rows)),
        }
    )
    engine = connection(threads=1)
    cells = engine.create_table("cells", ibis.memtable(table))
    wages = cells.mutate(wages=cells.employment, wages_unknown=cells.employment_unknown)
    table_of, years = (cells, {"employment": sorted({*year})}) if told is None else (wages, told)
    found = arrow(engine, portfolio_expression(table_of, MEMBERS, years, PortfolioOptions())).to_pandas()
    engine.disconnect()
    return found.sort_values(KEYS).reset_index(drop=True)


@settings(max_examples=15, deadline=None)
@given(RECORDS, st.randoms(use_true_random=False))
def test_the_order_of_cells_changes_no_bit_of_a_sum_and_their_unit_no_quotient(rows: Any, random: Any) -> None:
    found = measured(rows)
    shuffled = list(rows)
    random.shuffle(shuffled)
    again = measured(shuffled)
    pd.testing.assert_frame_equal(found[SUMS], again[SUMS], check_exact=True)
    pd.testing.assert_frame_equal(found, again, rtol=1e-12, atol=1e-6)
    scaled = measured(rows, 1024.0)
    np.testing.assert_allclose(scaled["lq"], found["lq"], rtol=1e-9)
    np.testing.assert_allclose(scaled["employment"], 1024.0 * found["employment"], rtol=1e-9, atol=1e-9)


def test_a_year_that_nobody_tells_is_not_a_year_without_any() -> None:
    rows = [("a", "1", 2015, 5.0), ("a", "1", 2016, 6.0), ("b", "3", 2016, 1.0)]
    found = measured(rows, told={"employment": [2016], "wages": [2015, 2016]}).set_index(KEYS)
    before, after = found.loc[("a", "A", "traded", 2015)], found.loc[("a", "A", "traded", 2016)]
    assert np.isnan(before["employment"])
    assert before["wages"] == 5.0
    assert after["employment"] == 6.0
    assert after[["growth", "shift_national", "shift_regional", "competitive_growth"]].isna().all()


@settings(max_examples=15, deadline=None)
@given(RECORDS)
def test_shares_add_up_to_one_and_the_parts_of_the_change_to_the_change(rows: Any) -> None:
    found = measured(rows)
    shares = found.groupby(["cluster", "year"])["share_of_cluster"].sum(min_count=1)
    np.testing.assert_allclose(shares.dropna(), 1.0, rtol=1e-9)
    assert (found["share_of_region"].dropna() <= 1 + 1e-9).all()
    if "growth" not in found or found["year"].nunique() < 2:
        return
    wide = found.pivot_table(index=["region", "cluster"], columns="year", values="employment")
    last = found[found["year"] == 2016].set_index(["region", "cluster"])
    parts = last["shift_national"] + last["shift_mix"] + last["shift_regional"]
    change = (wide[2016] - wide[2015]).reindex(parts.index)
    told = parts.notna()
    np.testing.assert_allclose(parts[told], change[told], rtol=1e-9, atol=1e-3)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda text: text.split("[[registers]]", maxsplit=1)[0] + "[[data]]\nfile = 'counties.csv'\n",
            "of registers alone",
        ),
        (lambda text: text.replace('absent = "nil"', 'absent = "not_available"'), "what it does not hold is none"),
        (lambda text: text + '\n[portfolio]\nmeasure = "output"\n', "no register tells the measure «output»"),
        (lambda text: text + '\n[portfolio]\nbase = "population"\n', "the base «population» is not in the data"),
        (lambda text: text.replace("year = 2015", "year = 2016"), "told more than once"),
        (lambda text: text.replace('file = "regions.csv"', 'file = "elsewhere.csv"'), "none of the data's regions"),
    ],
)
def test_what_it_cannot_do_is_said(studies: Any, folder: Path, change: Any, said: str) -> None:
    (folder / "elsewhere.csv").write_text("region,name_en\nx,Elsewhere\n")
    file = studies.study(folder, known(studies), name="wrong.toml")
    file.write_text(change(file.read_text()))
    with pytest.raises(AlmazError, match=said):
        engine_portfolio(load(file))


def test_a_figure_below_zero_stops_it(studies: Any, folder: Path) -> None:
    table = pq.read_table(folder / "counties.parquet")
    wrong = table.set_column(
        table.column_names.index("employment_dec2016"),
        "employment_dec2016",
        pc.if_else(pc.equal(table["employment_dec2016"], 62), -62, table["employment_dec2016"]),
    )
    pq.write_table(wrong, folder / "wrong.parquet")
    study = studies.study(folder, studies.registered('file = "wrong.parquet"'), name="below.toml")
    with pytest.raises(AlmazError, match="10 records hold a negative figure") as caught:
        engine_portfolio(load(study))
    assert caught.value.where.column == "employment_dec2016"


@pytest.mark.parametrize(("language", "said"), [("en", "rows"), ("ru", "строк"), ("ky", "сап")])
def test_the_command_prints_the_first_rows_and_writes_them_all(
    studies: Any, folder: Path, tmp_path: Path, language: str, said: str
) -> None:
    study = studies.study(folder, known(studies), name="command.toml")
    for name in ("portfolio.csv", "portfolio.parquet"):
        told = CliRunner().invoke(
            app, ["portfolio", str(study), "-o", str(tmp_path / name), "--rows", "3", "--language", language]
        )
        assert told.exit_code == 0, told.output
        assert said in told.output
    assert not list(tmp_path.glob("*.partial"))
    written = pq.read_table(tmp_path / "portfolio.parquet")
    assert written.num_rows == pyarrow.csv.read_csv(tmp_path / "portfolio.csv").num_rows > 500
