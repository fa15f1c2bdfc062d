"""What the tests of impact share: the two real panels."""

from __future__ import annotations

from pathlib import Path

import pytest

from almaz.impact.panel import Panel
from almaz.impact.panel_file import Columns, read_panel

DATA = Path(__file__).parent.parent / "data"


@pytest.fixture(scope="session")
def wages() -> Panel:
    columns = Columns("countyreal", "year", "lemp", first="first.treat", covariates=("lpop",))
    return read_panel(DATA / "policy_panel" / "county_minimum_wage.csv", columns)


@pytest.fixture(scope="session")
def tobacco() -> Panel:
    columns = Columns("state", "year", "packs_per_capita", treated="treated")
    return read_panel(DATA / "tobacco" / "california_prop99.csv", columns)
