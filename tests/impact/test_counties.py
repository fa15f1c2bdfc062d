"""County × industry 2015→2016, establishments (never hidden): the full file of the Bureau."""

from __future__ import annotations

from pathlib import Path

import pytest

from almaz.clusters.definition import read_definition
from almaz.impact.growth_regression import GrowthOptions, growth_regression, growth_sample
from almaz.tables.activity import Activity
from almaz.tables.concordance import read_concordance

SAMPLE = Path(__file__).parent.parent.parent / "src" / "almaz" / "samples" / "us_states_2016"


@pytest.mark.full
def test_counties_have_the_signs_of_the_papers_and_small_cells_revert_most(county_establishments: Activity) -> None:
    rule = read_concordance(SAMPLE / "naics_2017_to_2012.csv")
    later = {code: list(weights) for code, weights in rule.weights.items()}
    definition = read_definition(SAMPLE / "naics_to_cluster.csv", county_establishments.industries, later)
    options = GrowthOptions("establishments")
    sample = growth_sample(county_establishments, definition, None, options)
    assert sample.cells > 300_000
    rows = {(row["model"], row["term"]): row for row in growth_regression(sample, options).to_pylist()}
    assert rows["cluster", "initial"]["estimate"] == pytest.approx(-0.049, abs=0.004)
    assert rows["cluster", "cluster"]["estimate"] == pytest.approx(0.018, abs=0.003)
    assert rows["full", "related"]["low"] > 0
    small, large = (rows[model, "initial"]["estimate"] for model in ("full", "full_from_ten"))
    assert small < 3 * large < 0
