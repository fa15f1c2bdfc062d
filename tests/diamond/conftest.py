"""A small panel of made-up figures with known structure, and the real excerpt of counties."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from almaz.diamond.indicators import CORNERS, SCHEMA, Indicator, IndicatorSet, Panel, panel

DATA = Path(__file__).parents[1] / "data"
REGIONS = tuple(f"r{number:02d}" for number in range(24))


def the_set() -> IndicatorSet:
    """Two indicators a corner, one of government, one outcome."""
    corners = [
        Indicator(code=f"{corner}_{n}", role=corner, direction=1 if n == 1 else -1, name={"en": f"{corner} {n}"})
        for corner in CORNERS
        for n in (1, 2)
    ]
    beside = [
        Indicator(code="rules", role="government", direction=1, name={"en": "rules"}),
        Indicator(code="income", role="outcome", direction=1, name={"en": "income"}, index="competitiveness"),
    ]
    return IndicatorSet(title={"en": "made up"}, indicator=(*corners, *beside))


def table(seed: int = 7, years: tuple[int, ...] = (2020, 2022)) -> pa.Table:
    """Figures that move together: made up."""
    random = np.random.default_rng(seed)
    strength = random.normal(size=len(REGIONS))
    rows = []
    for one in the_set().indicator:
        for year in years:
            figures = 50 + 10 * one.direction * strength + random.normal(0, 5, len(REGIONS)) + (year - years[0])
            rows += [
                {"indicator": one.code, "region": region, "year": year, "value": float(figure)}
                for region, figure in zip(REGIONS, figures, strict=True)
            ]
    return pa.Table.from_pylist(rows, schema=SCHEMA)


@pytest.fixture
def made_up() -> Panel:
    return panel(table(), the_set(), REGIONS)


@pytest.fixture(scope="session")
def counties() -> pa.Table:
    return pq.read_table(DATA / "us_county_indicators_excerpt.parquet")
