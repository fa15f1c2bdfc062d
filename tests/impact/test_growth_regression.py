"""Growth regressions: a known process is recovered, fixed effects are those of dummies, the real signs are the papers'."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from almaz.clusters.definition import ClusterDefinition
from almaz.errors import AlmazError
from almaz.impact.growth_regression import GrowthOptions, growth_regression, growth_sample
from almaz.study.edition import Edition
from almaz.tables.activity import CODE, Activity, Cells
from almaz.tables.schema import DEFINITION, Status

OPTIONS = GrowthOptions("employment", related=2, errors="region")


def made(seed: int = 0, noise: float = 0.05, hidden: float = 0.0) -> tuple[Activity, ClusterDefinition]:
    """Regions × industries whose growth follows a known law of the initial level and of the rest of the cluster."""
    import pyarrow as pa

    rng = np.random.default_rng(seed)
    regions, industries, clusters = 40, 30, 6
    start = np.exp(rng.normal(4, 1, (regions, industries)) + rng.normal(0, 0.5, (regions, 1)))
    member = np.arange(industries) % clusters
    sums = start @ np.eye(clusters)[member]
    whole = start.sum(axis=1)
    rest = (sums[:, member] - start) / (whole[:, None] - start)
    usual = (sums.sum(axis=0)[member] - start.sum(axis=0)) / (whole.sum() - start.sum(axis=0))
    growth = -0.10 * np.log(start) + 0.05 * np.log(rest / usual) + rng.normal(0, 0.1, (regions, 1))
    end = start * np.exp(growth + rng.normal(0, 0.1, (1, industries)) + rng.normal(0, noise, start.shape))
    value = np.stack([start, end], axis=2)
    status = np.where(rng.random(value.shape) < hidden, CODE[Status.SUPPRESSED], CODE[Status.PUBLISHED]).astype(np.int8)
    cells = Cells(value, value, value, status)
    names = tuple(f"i{number:02d}" for number in range(industries))
    activity = Activity(
        tuple(f"r{number:02d}" for number in range(regions)), names, (2010, 2020), {"employment": cells}, {}
    )
    rows = [
        {"industry": name, "cluster": f"c{member[place]}", "subcluster": None, "kind": "traded", "weight": 1.0}
        for place, name in enumerate(names)
    ]
    nothing = pa.table({"industry": pa.array([], pa.string()), "side": pa.array([], pa.string())})
    return activity, ClusterDefinition(pa.Table.from_pylist(rows, schema=DEFINITION), nothing, True)


def test_a_known_law_is_recovered() -> None:
    activity, definition = made()
    sample = growth_sample(activity, definition, None, OPTIONS)
    assert (sample.cells, sample.possible, sample.years) == (1200, 1200, (2010, 2020))
    rows = {(r["model"], r["term"]): r for r in growth_regression(sample, OPTIONS).to_pylist()}
    assert rows["cluster", "initial"]["estimate"] == pytest.approx(-0.10, abs=0.01)
    assert rows["cluster", "cluster"]["estimate"] == pytest.approx(0.05, abs=0.01)
    assert rows["full", "related"]["low"] < 0 < rows["full", "related"]["high"]
    assert ("full", "neighbours") not in rows
    assert rows["convergence", "initial"]["groups"] == 40


def test_estimates_are_those_of_least_squares_with_dummies() -> None:
    activity, definition = made(3)
    sample = growth_sample(activity, definition, None, OPTIONS)
    columns = sample.columns
    region, industry = (np.unique(columns[name].astype(str), return_inverse=True)[1] for name in ("region", "industry"))
    matrix = np.column_stack([columns["initial"], columns["cluster"], np.eye(40)[region], np.eye(30)[industry][:, 1:]])
    plain = np.linalg.lstsq(matrix, columns["growth"], rcond=None)[0]
    rows = {r["term"]: r["estimate"] for r in growth_regression(sample, OPTIONS).to_pylist() if r["model"] == "cluster"}
    assert [rows["initial"], rows["cluster"]] == pytest.approx(plain[:2].tolist(), rel=1e-6)


def test_only_published_cells_are_used_and_their_share_is_told() -> None:
    activity, definition = made(hidden=0.2)
    sample = growth_sample(activity, definition, None, OPTIONS)
    assert sample.cells / sample.possible == pytest.approx(0.64, abs=0.04)
    table = growth_regression(sample, OPTIONS)
    assert table["share_of_cells"][0].as_py() == pytest.approx(sample.cells / sample.possible)


def test_neighbours_enter_where_borders_are_known() -> None:
    activity, definition = made()
    ring = np.zeros((40, 40))
    ring[np.arange(40), (np.arange(40) + 1) % 40] = 1
    rows = growth_regression(growth_sample(activity, definition, ring + ring.T, OPTIONS), OPTIONS).to_pylist()
    found = next(row for row in rows if row["term"] == "neighbours")
    assert found["low"] < 0 < found["high"]


def test_a_cluster_that_is_the_industry_alone_is_flagged_not_dropped() -> None:
    activity, definition = made()
    cells = activity.measures["employment"]
    value = cells.value.copy()
    value[:5, 6::6] = 0.0
    emptied = replace(activity, measures={"employment": replace(cells, value=value, low=value, high=value)})
    sample = growth_sample(emptied, definition, None, OPTIONS)
    assert sample.columns["none_cluster"].sum() == 5
    formula = growth_regression(sample, OPTIONS)["formula"].to_pylist()
    assert any("none_cluster" in one for one in formula)


@pytest.mark.parametrize(("change", "says"), [
    ({"first": 2011}, "no year 2011"), ({"first": 2020}, "needs two years"), ({"measure": "wages"}, "no measure «wages»"),
])  # fmt: skip
def test_what_the_data_do_not_hold_is_refused(change: dict[str, object], says: str) -> None:
    activity, definition = made()
    with pytest.raises(AlmazError, match=says):
        growth_sample(activity, definition, None, replace(OPTIONS, **change))  # type: ignore[arg-type]


def test_hidden_through_and_through_is_refused() -> None:
    activity, definition = made(hidden=0.99)
    with pytest.raises(AlmazError, match="cells are published") as error:
        growth_sample(activity, definition, None, OPTIONS)
    assert "establishments" in str(error.value)


def test_states_have_the_signs_of_the_papers(states: Edition) -> None:
    """Delgado, Porter and Stern (2014), table 3: the initial level slows growth, the rest of the cluster speeds it."""
    rows = {(r["measure"], r["model"], r["term"]): r for r in states.table("growth_regression").to_pylist()}
    for measure in ("establishments", "employment"):
        assert rows[measure, "cluster", "initial"]["high"] < 0
        assert rows[measure, "cluster", "cluster"]["low"] > 0
        assert ("full", "neighbours") in {(model, term) for held, model, term in rows if held == measure}
    assert rows["establishments", "cluster", "initial"]["share_of_cells"] > 0.99
    assert 0.6 < rows["employment", "cluster", "initial"]["share_of_cells"] < 0.7
    small, large = (rows["establishments", model, "initial"]["estimate"] for model in ("full", "full_from_ten"))
    assert small < 2 * large < 0
