"""The activity of the U.S. states' sample, laid out once."""

from __future__ import annotations

from pathlib import Path

import pytest

from almaz.study.file import load
from almaz.study.run import check, laid_out
from almaz.tables.activity import Activity

SAMPLE = Path(__file__).parents[2] / "src" / "almaz" / "samples" / "us_states_2016"


@pytest.fixture(scope="session")
def states_activity() -> tuple[Activity, Path]:
    study = load(SAMPLE / "study.toml")
    return laid_out(study, check(study), lambda _stage: None), SAMPLE / "naics_to_cluster.csv"
