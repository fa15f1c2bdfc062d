"""From a data frame of any kind to a portfolio."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pytest

import almaz
from almaz.errors import AlmazError

ROWS = {
    "region": ["a", "a", "b", "b", "c", "c"],
    "industry": ["i", "j", "i", "j", "i", "j"],
    "employment": [30.0, 70.0, 10.0, 90.0, 50.0, 50.0],
    "establishments": [3, 7, 1, 9, 5, 5],
}


@pytest.mark.parametrize(
    "made", [pd.DataFrame, pl.DataFrame, pa.table, pl.LazyFrame], ids=["pandas", "polars", "arrow", "lazy"]
)
def test_every_kind_of_table_gives_the_same_portfolio(made: Any) -> None:
    found = almaz.portfolio(made(ROWS))
    rows = {(row["region"], row["cluster"]): row for row in found.table.to_pylist()}
    assert rows["a", "i"]["lq"] == pytest.approx((30 / 100) / (90 / 300))
    assert rows["a", "i"]["lq_ci_low"] < rows["a", "i"]["lq"] < rows["a", "i"]["lq_ci_high"]
    assert found.to_polars().shape == found.to_pandas().shape == found.table.shape
    assert found.table.equals(almaz.portfolio(pd.DataFrame(ROWS)).table)


def test_columns_may_have_other_names_and_definitions_be_a_table_or_a_mapping() -> None:
    table = pd.DataFrame(ROWS).rename(columns={"region": "oblast", "employment": "people"})
    names = {"region": "oblast", "employment": "people"}
    pairs = {"i": "first", "j": "second"}
    one = almaz.portfolio(table, names=names, definition=pairs)
    rows = pl.DataFrame({"industry": list(pairs), "cluster": list(pairs.values()), "kind": ["traded", "traded"]})
    other = almaz.portfolio(table, names=names, definition=rows)
    assert one.table.equals(other.table)
    assert set(one.table["cluster"].to_pylist()) == {"first", "second"}


def test_population_may_be_the_base() -> None:
    people = pd.DataFrame({"region": ["a", "b", "c"], "industry": "total", "population": [100.0, 200.0, 300.0]})
    table = pd.concat([pd.DataFrame(ROWS), people], ignore_index=True)
    found = almaz.portfolio(table, base="population").table
    mine = found.filter(pc.and_(pc.equal(found["region"], "a"), pc.equal(found["cluster"], "i")))
    assert mine["lq"][0].as_py() == pytest.approx((30 / 100) / (90 / 600))


def test_an_empty_cell_is_an_interval_never_a_zero() -> None:
    table = pd.DataFrame(ROWS)
    table.loc[0, "employment"] = np.nan
    row = almaz.portfolio(table).table.to_pylist()[0]
    assert (row["employment"], row["employment_low"], row["employment_high"]) == (None, 0.0, np.inf)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda t: t.drop(columns="region"), "«region»"),
        (lambda t: t.drop(columns="employment"), "«employment»"),
        (lambda t: t.assign(employment=-1.0), "negative"),
        (lambda t: pd.concat([t, t.head(1)]), "more than once: a × i"),
        (lambda _t: "a table", "not a table: str"),
    ],
)
def test_a_wrong_table_is_refused_in_words(change: Any, says: str) -> None:
    with pytest.raises(AlmazError, match=says):
        almaz.portfolio(change(pd.DataFrame(ROWS)))


def test_every_public_name_is_there_and_importing_almaz_imports_none_of_its_parts() -> None:
    for name in almaz.__all__:
        assert callable(getattr(almaz, name))
    with pytest.raises(AttributeError):
        almaz.nothing  # noqa: B018
    code = "import sys, almaz; print([m for m in ('numpy', 'pyarrow', 'duckdb', 'almaz.study') if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
