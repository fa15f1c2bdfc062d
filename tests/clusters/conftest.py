"""The clusters of the U.S. states, measured once from the sample through the Python API."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import almaz
from almaz.study.checking import check
from almaz.study.file import load
from almaz.study.frames import Clusters
from almaz.study.run import laid_out
from almaz.tables.activity import Activity

NAMES = {"employment": "employment", "establishments": "establishments", "wages": "wages"}


def long_table() -> pd.DataFrame:
    """Two years of the states: employment (hidden: NaN), establishments, and wages of 2016."""
    rows = pd.read_parquet(almaz.sample("us") / "states.parquet").query("own_code == '5'")
    years = [
        rows[["region", "industry"]].assign(
            year=year,
            employment=rows[f"employment_dec{year}"],
            establishments=rows[f"establishments_q4_{year}"].astype(float),
            wages=rows["wages_usd"] if year == 2016 else float("nan"),
        )
        for year in (2015, 2016)
    ]
    return pd.concat(years, ignore_index=True)


@pytest.fixture(scope="session")
def states_clusters() -> Clusters:
    folder = almaz.sample("us")
    return almaz.portfolio(
        long_table(),
        definition=folder / "naics_to_cluster.csv",
        concordance=folder / "naics_2017_to_2012.csv",
        system="NAICS 2012",
    )


@pytest.fixture(scope="session")
def states_activity() -> tuple[Activity, Path]:
    study = load(almaz.sample("us") / "study.toml")
    return laid_out(study, check(study), lambda _stage: None), almaz.sample("us") / "naics_to_cluster.csv"
