"""County × industry 2015→2016, establishments (never hidden): the full file of the Bureau."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from almaz.clusters.definition import read_definition
from almaz.impact.growth_regression import GrowthOptions, growth_regression, growth_sample
from almaz.tables.activity import CODE, Activity, Cells
from almaz.tables.concordance import read_concordance
from almaz.tables.schema import Status

SAMPLE = Path(__file__).parent.parent.parent / "src" / "almaz" / "samples" / "us_states_2016"


@pytest.fixture(scope="module")
def counties() -> Activity:
    folder = os.environ.get("ALMAZ_DATA")
    if not folder:
        pytest.skip("ALMAZ_DATA does not name the folder that holds us_qcew_2016/")
    table = pq.read_table(
        Path(folder) / "us_qcew_2016" / "counties.parquet",
        columns=["region", "own_code", "industry", "establishments_q4_2015", "establishments_q4_2016"],
    )
    kept = pc.and_(pc.equal(table["own_code"], "5"), pc.equal(pc.utf8_length(table["industry"]), 6))
    table = table.filter(pc.and_(kept, pc.invert(pc.ends_with(table["region"], "999"))))
    regions, region = np.unique(table["region"].to_numpy(zero_copy_only=False).astype(str), return_inverse=True)
    industries, industry = np.unique(table["industry"].to_numpy(zero_copy_only=False).astype(str), return_inverse=True)
    value = np.zeros((len(regions), len(industries), 2))
    for year in (2015, 2016):
        value[region, industry, year - 2015] = np.nan_to_num(table[f"establishments_q4_{year}"].to_numpy())
    status = np.full(value.shape, CODE[Status.PUBLISHED], np.int8)
    cells = Cells(value, value, value, status)
    return Activity(tuple(regions.tolist()), tuple(industries.tolist()), (2015, 2016), {"establishments": cells}, {})


@pytest.mark.full
def test_counties_have_the_signs_of_the_papers_and_small_cells_revert_most(counties: Activity) -> None:
    rule = read_concordance(SAMPLE / "naics_2017_to_2012.csv")
    later = {code: list(weights) for code, weights in rule.weights.items()}
    definition = read_definition(SAMPLE / "naics_to_cluster.csv", counties.industries, later)
    options = GrowthOptions("establishments")
    sample = growth_sample(counties, definition, None, options)
    assert sample.cells > 300_000
    rows = {(row["model"], row["term"]): row for row in growth_regression(sample, options).to_pylist()}
    assert rows["cluster", "initial"]["estimate"] == pytest.approx(-0.049, abs=0.004)
    assert rows["cluster", "cluster"]["estimate"] == pytest.approx(0.018, abs=0.003)
    assert rows["full", "related"]["low"] > 0
    small, large = (rows[model, "initial"]["estimate"] for model in ("full", "full_from_ten"))
    assert small < 3 * large < 0
