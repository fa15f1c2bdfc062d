"""Critical mass on the Bureau's full file: county × traded cluster, December 2015 to December 2016."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from almaz.clusters.definition import ClusterDefinition, read_definition
from almaz.potential.critical_mass import critical_mass
from almaz.tables.activity import CODE, Activity, Cells
from almaz.tables.concordance import read_concordance
from almaz.tables.schema import Status

SAMPLE = Path(__file__).parents[2] / "src" / "almaz" / "samples" / "us_states_2016"


@pytest.fixture(scope="module")
def counties() -> tuple[Activity, ClusterDefinition]:
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
    cells = Cells(value, value, value, np.full(value.shape, CODE[Status.PUBLISHED], np.int8))
    names = tuple(industries.tolist())
    later = {code: list(held) for code, held in read_concordance(SAMPLE / "naics_2017_to_2012.csv").weights.items()}
    definition = read_definition(SAMPLE / "naics_to_cluster.csv", names, later)
    return Activity(tuple(regions.tolist()), names, (2015, 2016), {"establishments": cells}, {}), definition


@pytest.mark.full
def test_beyond_nine_establishments_slightly_more_of_a_cluster_s_absent_industries_come(
    counties: tuple[Activity, ClusterDefinition],
) -> None:
    found = critical_mass(*counties, "entry", draws=99)
    held = found.threshold
    assert held is not None
    assert found.found
    assert np.exp([held.threshold, held.low, held.high]) == pytest.approx([9, 8, 9])
    assert sum(held.observations) == 78_158
    assert held.above[0] - held.below[0] == pytest.approx(0.0028, abs=0.0003)
    assert held.improvement < 0.01  # next to nothing of what differs


@pytest.mark.full
def test_establishments_grow_less_beyond_any_size_and_no_critical_mass_is_claimed(
    counties: tuple[Activity, ClusterDefinition],
) -> None:
    found = critical_mass(*counties, "growth", draws=99)
    assert found.threshold is not None
    assert found.threshold.above[0] < found.threshold.below[0]  # small numbers revert to the mean
    assert not found.found
