"""The portfolio of a data frame is that of the edition of the same figures, and keeps what must be true of it."""

from __future__ import annotations

import numpy as np

from almaz.study.edition import Edition
from almaz.study.frames import Clusters

KEYS = ["region", "cluster", "subcluster", "year"]


def test_a_data_frame_gives_what_the_study_of_the_same_figures_gives(
    states: Edition, states_clusters: Clusters
) -> None:
    made = states.table("portfolio").to_pandas().set_index(KEYS)
    mine = states_clusters.to_pandas().set_index(KEYS)
    assert len(mine) == len(made)
    for name in ("lq", "lq_low", "lq_high", "lq_ci_low", "p_lq_above_1", "growth", "shift_regional", "share_of_region"):
        np.testing.assert_allclose(mine[name], made[name].reindex(mine.index), rtol=1e-9, atol=1e-12, err_msg=name)


def test_a_cluster_is_the_sum_of_its_subclusters_and_a_kind_of_its_clusters(states_clusters: Clusters) -> None:
    rows = states_clusters.to_pandas()
    inner = rows[rows["subcluster"].notna()].groupby(["region", "cluster", "year"])["employment"].sum()
    outer = rows[rows["subcluster"].isna()].set_index(["region", "cluster", "year"])["employment"]
    np.testing.assert_allclose(inner, outer.reindex(inner.index), rtol=1e-9, atol=1e-6)


def test_the_quotients_of_a_kind_average_to_one_with_the_countrys_shares(states_clusters: Clusters) -> None:
    rows = states_clusters.to_pandas()
    last = rows[(rows["year"] == 2016) & rows["subcluster"].isna()]
    for _kind, part in last.groupby("kind"):
        size = part.pivot_table(index="region", columns="cluster", values="employment")
        quotient = part.pivot_table(index="region", columns="cluster", values="lq")
        share = size.sum() / size.sum().sum()
        np.testing.assert_allclose((quotient * share).sum(axis=1), 1.0, rtol=1e-9)


def test_subclusters_take_their_share_of_the_whole_kind(states_clusters: Clusters) -> None:
    rows = states_clusters.to_pandas()
    last = rows[(rows["year"] == 2016) & (rows["kind"] == "traded")]
    base = last[last["subcluster"].isna()].groupby("region")["employment"].sum()
    inner = last[last["subcluster"].notna()]
    country = inner.groupby(["cluster", "subcluster"])["employment"].sum()
    expected = (inner["employment"] / inner["region"].map(base)) / (
        inner.set_index(["cluster", "subcluster"]).index.map(country).to_numpy() / base.sum()
    )
    np.testing.assert_allclose(inner["lq"], expected, rtol=1e-9)
