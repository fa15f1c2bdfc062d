"""Types of concentration on the U.S. states, and rivalry from firms, size classes and establishments."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import almaz
from almaz.clusters.rivalry import rivalry_of_establishments, rivalry_of_firms, rivalry_of_size_classes
from almaz.clusters.sizes import read_size_classes
from almaz.clusters.typology import CLASSES, TypologyOptions, typology
from almaz.errors import AlmazError
from almaz.study.frames import Clusters

KNOWN = Path(__file__).parents[1] / "data" / "known_answers" / "reat"


@pytest.fixture(scope="module")
def types(states_clusters: Clusters) -> pd.DataFrame:
    return states_clusters.typology().to_pandas()


def test_the_states_show_every_class_that_the_data_can_tell(types: pd.DataFrame) -> None:
    found = types["class"].value_counts()
    assert set(found.index) <= set(CLASSES)
    assert found["cluster"] > 500
    assert found["territorial_production_complex"] > 10
    assert found["hub_and_satellites"] > 5
    assert (types.loc[types["class"] == "cluster", "outward"] >= 1).all()
    assert (types.loc[types["class"] == "cluster", "rivals"] >= 10).all()
    assert (types.loc[types["class"] == "territorial_production_complex", "rivals"] < 10).all()
    assert types.loc[types["class"] == "sheltered_local", "outward"].isna().all()


def test_establishments_alone_leave_cluster_and_hub_open_and_say_so(types: pd.DataFrame) -> None:
    open_ones = types[types["class"].isin(["cluster", "hub_and_satellites"])]
    assert (open_ones["missing"] == "firm_sizes").mean() > 0.9
    assert (open_ones["possible"] == "hub_and_satellites,cluster").mean() > 0.9
    settled = types[types["class"] == "territorial_production_complex"]
    assert settled["missing"].isna().all()
    assert (types["hhi_low"] <= types["hhi"] + 1e-12)[types["hhi"].notna()].all()


def test_distances_tell_how_far_each_border_is_and_who_is_near(types: pd.DataFrame) -> None:
    np.testing.assert_allclose(types["distance_outward"], types["outward"] - 1)
    np.testing.assert_allclose(types["distance_rivals"], types["rivals"] / 10 - 1)
    near = (types[["distance_rivals", "distance_hhi", "distance_outward"]].abs() <= 0.15).any(axis=1)
    classed = ~types["class"].isin(["unknown", "none"])
    assert (types["near_border"] == (near & classed)).all()


def plain(industries: list[str], rows: list[tuple[str, str, float, float]]) -> Clusters:
    table = pd.DataFrame(rows, columns=["region", "industry", "employment", "establishments"])
    return almaz.portfolio(table, definition=dict.fromkeys(industries, "all"))


def test_rivalry_of_firms_is_reats_herfindahl() -> None:
    with (KNOWN / "reat_data_FK2014_EGC.csv").open() as source:
        firms = list(csv.DictReader(source))
    with (KNOWN / "reat_ellison.a2.csv").open() as source:
        expected = {row[""] if "" in row else next(iter(row.values())): row for row in csv.DictReader(source)}
    names = sorted({row["industry"] for row in firms})
    table = pd.DataFrame({"region": "all", "industry": names, "employment": 1.0, "establishments": 2.0})
    found = almaz.portfolio(table)
    listed = pa.table(
        {
            "region": ["all"] * len(firms),
            "industry": [row["industry"] for row in firms],
            "employees": [float(row["emp_firm"]) for row in firms],
        }
    )
    rivalry = rivalry_of_firms(listed, found.activity, found.definition)
    answers = [float(row["HHI i"]) for row in expected.values()]
    np.testing.assert_allclose(sorted(rivalry.hhi[0]), sorted(answers), rtol=1e-9)


def test_one_owner_of_many_sites_is_one_firm_and_an_unknown_size_leaves_a_bound() -> None:
    found = plain(["i", "j"], [("a", "i", 100, 4), ("a", "j", 50, 2), ("b", "i", 10, 2)])
    firms = pa.table(
        {
            "region": ["a", "a", "a", "b", "b", "zz"],
            "industry": ["i", "i", "j", "i", "i", "i"],
            "employees": [50.0, 50.0, 50.0, 10.0, None, 1.0],
            "organisation": ["x", "y", "x", None, None, "q"],
        }
    )
    rivalry = rivalry_of_firms(firms, found.activity, found.definition)
    assert rivalry.rivals[0, 0] == 2
    assert rivalry.hhi[0, 0] == pytest.approx((100 / 150) ** 2 + (50 / 150) ** 2)
    assert np.isnan(rivalry.hhi[1, 0])
    assert (rivalry.low[1, 0], rivalry.high[1, 0]) == (0.5, 1.0)
    few = typology(found.portfolio, rivalry, TypologyOptions(rivals=2)).to_pylist()
    assert few[0]["rivalry_basis"] == "firms"
    assert few[0]["possible"] == few[0]["class"]


def test_a_hub_is_told_from_a_cluster_by_its_firms() -> None:
    rows = [("a", "i", 1000, 20), ("b", "i", 10, 2), ("a", "j", 10, 5), ("b", "j", 1000, 20)]
    found = almaz.portfolio(pd.DataFrame(rows, columns=["region", "industry", "employment", "establishments"]))
    for largest, expected in ((50.0, "cluster"), (800.0, "hub_and_satellites")):
        sizes = [largest] + [(1000 - largest) / 19] * 19
        firms = pa.table({"region": ["a"] * 20, "industry": ["i"] * 20, "employees": sizes})
        rivalry = rivalry_of_firms(firms, found.activity, found.definition)
        named = {
            (r["region"], r["cluster"]): r for r in typology(found.portfolio, rivalry, TypologyOptions()).to_pylist()
        }
        assert named["a", "i"]["class"] == expected
        assert named["a", "i"]["missing"] is None
        assert named["b", "j"]["class"] == "unknown"
        assert named["b", "j"]["missing"] == "establishments"


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(1, 400), min_size=1, max_size=25))
def test_size_classes_bound_the_true_index(sizes: list[int]) -> None:
    found = plain(["i"], [("a", "i", sum(sizes), len(sizes)), ("b", "i", 5, 1)])
    limits = [(1, 9), (10, 49), (50, 99), (100, 499)]
    counts = [sum(low <= size <= high for size in sizes) for low, high in limits]
    classes = pa.table(
        {
            "region": ["a"] * 4,
            "industry": ["i"] * 4,
            "least": [float(low) for low, _high in limits],
            "most": [float(high) for _low, high in limits],
            "establishments": [float(count) for count in counts],
        }
    )
    rivalry = rivalry_of_size_classes(classes, found.activity, found.definition)
    true = sum((size / sum(sizes)) ** 2 for size in sizes)
    assert rivalry.low[0, 0] - 1e-9 <= true <= rivalry.high[0, 0] + 1e-9
    assert rivalry.low[0, 0] <= rivalry.hhi[0, 0] <= rivalry.high[0, 0]
    of_units = rivalry_of_establishments(found.activity, found.definition)
    assert of_units.low[0, 0] - 1e-9 <= true <= of_units.high[0, 0]


def test_exports_where_there_are_decide_the_outward_position() -> None:
    rows = [("a", "i", 80, 20, 0.0), ("a", "j", 20, 20, 50.0), ("b", "i", 20, 20, 90.0), ("b", "j", 80, 20, 10.0)]
    names = ["region", "industry", "employment", "establishments", "exports"]
    found = almaz.portfolio(pd.DataFrame(rows, columns=names))
    types = {(row["region"], row["cluster"]): row for row in found.typology().to_pylist()}
    assert types["a", "i"]["outward_basis"] == "exports"
    assert types["a", "i"]["class"] == "sheltered_local"  # specialised, but it sells at home
    assert types["a", "j"]["class"] == "cluster"


def test_a_wrong_size_class_file_names_its_row_and_column(tmp_path: Path) -> None:
    file = tmp_path / "classes.csv"
    file.write_text("region,industry,least,most,establishments\na,i,1,9,4\na,i,ten,49,2\n")
    with pytest.raises(AlmazError, match="row 3, column least"):
        read_size_classes(file)
    file.write_text("region,industry,least,establishments\n")
    with pytest.raises(AlmazError, match="most"):
        read_size_classes(file)
