"""Critical mass on the Bureau's full file: county × traded cluster, December 2015 to December 2016."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from almaz.clusters.definition import ClusterDefinition, read_definition
from almaz.potential.critical_mass import critical_mass
from almaz.tables.activity import Activity
from almaz.tables.concordance import read_concordance

SAMPLE = Path(__file__).parents[2] / "src" / "almaz" / "samples" / "us_states_2016"


@pytest.fixture(scope="module")
def counties(county_establishments: Activity) -> tuple[Activity, ClusterDefinition]:
    later = {code: list(held) for code, held in read_concordance(SAMPLE / "naics_2017_to_2012.csv").weights.items()}
    return county_establishments, read_definition(
        SAMPLE / "naics_to_cluster.csv", county_establishments.industries, later
    )


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
