"""The rules of strength on the U.S. states, and what must be true of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from almaz.clusters.criteria import every, percentile_criterion
from almaz.clusters.fillings import share_of_fillings
from almaz.clusters.portfolio import Portfolio, groups
from almaz.clusters.rules import StrengthOptions, column, judged, us_cluster_mapping
from almaz.clusters.strength import CRITERIA, strength
from almaz.measures.effective_number import Counts
from almaz.measures.intervals import probability_at_least, quotient_model
from almaz.measures.specialisation import location_quotient, location_quotient_bounds
from almaz.study.frames import Clusters

RULES = ["us_cluster_mapping", "european_stars", "five_factors", "european_stars_older"]


@pytest.fixture(scope="module")
def table(states_clusters: Clusters) -> pd.DataFrame:
    return states_clusters.strength().table.to_pandas()


def of_rule(table: pd.DataFrame, rule: str) -> pd.DataFrame:
    return table[table["rule"] == rule].set_index(["region", "cluster"])


def test_every_rule_judges_every_cell_and_shows_its_criteria(table: pd.DataFrame) -> None:
    assert list(table["rule"].unique()) == RULES
    assert (table.groupby("rule").size() == 51 * 67).all()
    shown = {rule: [n for n in CRITERIA if of_rule(table, rule)[f"{n}_threshold"].notna().any()] for rule in RULES}
    assert shown["us_cluster_mapping"] == ["lq", "lq_minimum", "size", "establishments"]
    assert shown["european_stars"] == ["lq", "size", "productivity", "growth"]
    assert shown["five_factors"] == ["lq", "productivity", "growth", "competitive_growth", "value_added"]
    assert shown["european_stars_older"] == ["lq", "size", "focus"]


def test_the_criteria_explain_the_verdict(table: pd.DataFrame) -> None:
    us = of_rule(table, "us_cluster_mapping")
    met = us[["lq_met", "lq_minimum_met", "size_met", "establishments_met"]].astype(bool).all(axis=1)
    assert (met == us["verdict"].isin(["strong", "strong10"])).all()
    assert (met == us["strong"].astype(bool)).all()
    for rule in ("european_stars", "european_stars_older"):
        stars = of_rule(table, rule)
        names = [name for name in CRITERIA if stars[f"{name}_met"].notna().any()]
        assert (stars[[f"{name}_met" for name in names]].eq(True).sum(axis=1) == stars["score"]).all()


def test_the_thresholds_are_pandas_quantiles_of_the_regions_that_have_the_cluster(table: pd.DataFrame) -> None:
    us = of_rule(table, "us_cluster_mapping").reset_index()
    there = us[us["size"] > 0].groupby("cluster")
    for name, share in (("lq", 0.75), ("size", 0.25), ("establishments", 0.25)):
        expected = there[name].quantile(share)
        np.testing.assert_allclose(us.groupby("cluster")[f"{name}_threshold"].first(), expected, rtol=1e-12)
    older = of_rule(table, "european_stars_older").reset_index()
    focus = older[us["size"] > 0].groupby("cluster")["focus"].quantile(0.9)
    np.testing.assert_allclose(older.groupby("cluster")["focus_threshold"].first(), focus, rtol=1e-12)
    assert (older["lq_threshold"] == 2.0).all()


def strong_under(size: np.ndarray, quotient: np.ndarray, units: np.ndarray) -> np.ndarray:
    """The whole U.S. rule, written independently: quantiles by pandas, column by column."""
    there = size > 0
    cut = [
        pd.DataFrame(np.where(there, x, np.nan)).quantile(q) for x, q in ((quotient, 0.75), (size, 0.25), (units, 0.25))
    ]
    with np.errstate(invalid="ignore"):
        return (
            there
            & (quotient >= cut[0].to_numpy() - 1e-12)
            & (quotient >= 1)
            & (size > cut[1].to_numpy() + 1e-9)
            & (units > cut[2].to_numpy())
        )


def certainties(portfolio: Portfolio, traded: list[int]) -> np.ndarray:
    table = strength(portfolio, "employment", StrengthOptions()).table.to_pandas()
    return of_rule(table, "us_cluster_mapping")["certainty"].to_numpy().reshape(51, 67)[:, traded]


def test_no_drawn_filling_contradicts_all_or_none(states_clusters: Clusters) -> None:
    """The draws satisfy every published total, as the bounds assume."""
    portfolio = states_clusters.portfolio
    traded = [i for i, key in enumerate(portfolio.keys) if key[2] == "traded"]
    certainty, units = certainties(portfolio, traded), column(portfolio, "establishments")[:, traded]
    assert {"all", "some", "none"} == set(certainty.ravel())
    assert (certainty == "all").sum() > 100  # the bound is of use
    for size, quotient in zip(portfolio.draws["size"], portfolio.draws["lq"], strict=True):
        strong = strong_under(size[:, traded], quotient[:, traded], units)
        assert not (strong & (certainty == "none")).any()
        assert not (~strong & (certainty == "all")).any()


def loosened(portfolio: Portfolio) -> Portfolio:
    """The same cells with no published total around them: each may be anything between its own bounds."""
    columns = {name: array.copy() for name, array in portfolio.columns.items()}
    low, high = column(portfolio, "employment_low"), column(portfolio, "employment_high")
    for _kind, chosen in groups(portfolio.keys, portfolio.options):
        bounds = location_quotient_bounds(
            low[:, chosen], high[:, chosen], low[:, chosen].sum(1), high[:, chosen].sum(1)
        )
        columns["lq_low"][:, chosen, -1], columns["lq_high"][:, chosen, -1] = bounds
    return replace(
        portfolio, columns=columns, bases={kind: replace(base, left=None) for kind, base in portfolio.bases.items()}
    )


def test_no_draw_that_keeps_the_published_totals_contradicts_all_or_none(states_clusters: Clusters) -> None:
    portfolio = states_clusters.portfolio
    assert portfolio.bases["traded"].left is not None
    traded = [i for i, key in enumerate(portfolio.keys) if key[2] == "traded"]
    certainty, loose = certainties(portfolio, traded), certainties(loosened(portfolio), traded)
    assert (certainty == "some").sum() < (loose == "some").sum()
    units = column(portfolio, "establishments")[:, traded]
    for size, quotient in zip(portfolio.draws["size"], portfolio.draws["lq"], strict=True):
        strong = strong_under(size[:, traded], quotient[:, traded], units)
        assert not (strong & (certainty == "none")).any()
        assert not (~strong & (certainty == "all")).any()


def test_no_filling_contradicts_all_or_none_cut_offs_moving_with_it(states_clusters: Clusters) -> None:
    portfolio = loosened(states_clusters.portfolio)
    traded = [i for i, key in enumerate(portfolio.keys) if key[2] == "traded"]
    names = ("employment_low", "employment_high", "establishments")
    low, high, units = (column(portfolio, name)[:, traded] for name in names)
    certainty = certainties(portfolio, traded)
    assert {"all", "some", "none"} == set(certainty.ravel())
    random = np.random.default_rng(1)
    fillings = [low, high]
    fillings += [low + (high - low) * random.beta(0.2, 0.2, low.shape) for _ in range(40)]
    for region in random.choice(51, 12, replace=False):  # one region against the others, both ways
        one = np.zeros(low.shape, dtype=bool)
        one[region] = True
        fillings += [np.where(one, high, low), np.where(one, low, high)]
    for size in fillings:
        strong = strong_under(size, location_quotient(size), units)
        assert not (strong & (certainty == "none")).any()
        assert not (~strong & (certainty == "all")).any()


def test_cut_offs_held_at_the_estimates_would_be_wrong() -> None:
    """Region a is at its low at the cut-off of the estimates; the others, filled high, drive the cut-off above it."""
    size = np.array([[100.0], [90.0], [80.0], [70.0]])
    low, high = size.copy(), size.copy()
    high[1:] = 200.0
    from almaz.measures.quantiles import passes_quantile, surely_passes_quantile

    there = size > 0
    assert passes_quantile(size, there, 0.75)[0, 0]
    assert low[0, 0] >= np.quantile(size, 0.75)
    assert not surely_passes_quantile(low, high, there, there, 0.75)[0, 0]


def test_draws_give_the_share_of_fillings_under_which_the_whole_rule_holds(states_clusters: Clusters) -> None:
    portfolio = states_clusters.portfolio
    size, units = column(portfolio, "employment"), column(portfolio, "establishments")
    low, high = column(portfolio, "employment_low"), column(portfolio, "employment_high")
    random = np.random.default_rng(2)
    sizes = np.stack([np.clip(low + (high - low) * random.random(size.shape), low, high) for _ in range(8)])
    draws = {"size": sizes, "lq": location_quotient(sizes)}
    data = judged(portfolio, "employment", StrengthOptions())
    found = share_of_fillings(data, draws, StrengthOptions())
    expected = np.mean([strong_under(s, q, units) for s, q in zip(sizes, draws["lq"], strict=True)], axis=0)
    np.testing.assert_allclose(found, expected)
    assert 0 < ((found > 0) & (found < 1)).sum() < found.size
    with_draws = strength(replace(portfolio, draws=draws), "employment", StrengthOptions()).table.to_pandas()
    shown = of_rule(with_draws, "us_cluster_mapping")["p_strong_fillings"].to_numpy().reshape(found.shape)
    np.testing.assert_array_equal(shown, found)
    without = strength(replace(portfolio, draws={}), "employment", StrengthOptions()).table.to_pandas()
    assert of_rule(without, "us_cluster_mapping")["p_strong_fillings"].isna().all()


def test_the_chance_by_sampling_is_that_of_the_model_times_the_floors(
    states_clusters: Clusters, table: pd.DataFrame
) -> None:
    portfolio = states_clusters.portfolio
    us = of_rule(table, "us_cluster_mapping")
    traded = [i for i, key in enumerate(portfolio.keys) if key[2] == "traded"]
    size, units = (column(portfolio, name)[:, traded] for name in ("employment", "establishments"))

    def laid(name: str) -> np.ndarray:
        return us[name].astype(float).to_numpy().reshape(51, 67)[:, traded]

    model = quotient_model(Counts(size, units))
    expected = probability_at_least(model, np.maximum(laid("lq_threshold"), 1.0))
    expected = np.where((laid("size_met") == 1) & (laid("establishments_met") == 1), expected, 0.0)
    np.testing.assert_allclose(laid("p_strong_sampling"), expected, atol=1e-12)
    assert (us.loc[us["verdict"] == "strong10", "p_strong_sampling"] >= 0.5 - 1e-9).all()


def test_an_unknown_number_of_establishments_is_not_judged_and_not_failed(states_clusters: Clusters) -> None:
    portfolio = states_clusters.portfolio
    us = us_cluster_mapping(judged(portfolio, "employment", StrengthOptions()), StrengthOptions())
    strong = np.argwhere(us.strong == 1.0)[0]
    weak = np.argwhere((us.criteria[0].met == 0.0) & (us.strong == 0.0) & (column(portfolio, "employment") > 0))[0]
    place = portfolio.table.column_names.index("establishments")
    outer = portfolio.table["subcluster"].is_null().to_numpy()
    held = portfolio.table["establishments"].to_numpy().copy()
    cells = np.flatnonzero(outer).reshape(51, 67, 2)
    held[cells[*strong, 1]] = held[cells[*weak, 1]] = np.nan
    import pyarrow as pa

    hidden = portfolio.table.set_column(place, "establishments", pa.array(held, from_pandas=True))
    found = strength(replace(portfolio, table=hidden), "employment", StrengthOptions()).table.to_pandas()
    mine = found[found["rule"] == "us_cluster_mapping"].reset_index(drop=True)
    lost = mine.loc[strong[0] * 67 + strong[1]]
    assert (lost["verdict"], lost["reason"], lost["missing"]) == ("unknown", "criteria_not_published", "establishments")
    assert lost["strong"] is None
    assert lost["establishments_met"] is None
    failed = mine.loc[weak[0] * 67 + weak[1]]  # another criterion is failed: that is known
    assert failed["strong"] is False


def test_competitive_growth_is_over_the_initial_size(states_clusters: Clusters) -> None:
    rows = states_clusters.to_pandas()
    last = rows[(rows["year"] == 2016) & rows["subcluster"].isna()].set_index(["region", "cluster"])
    first = rows[(rows["year"] == 2015) & rows["subcluster"].isna()].set_index(["region", "cluster"])["employment"]
    known = first > 0
    np.testing.assert_allclose(
        last["competitive_growth"][known], (last["shift_regional"] / first)[known], rtol=1e-12, equal_nan=True
    )
    # growth = the country's + the mix's + the region's own, each over the initial size
    parts = (last["shift_national"] + last["shift_mix"] + last["shift_regional"])[known] / first[known]
    np.testing.assert_allclose(parts, last["growth"][known], rtol=1e-9, atol=1e-12)


def test_industries_of_no_cluster_count_in_the_countrys_growth(states_clusters: Clusters) -> None:
    whole = states_clusters.activity.cells("employment").value
    assert states_clusters.unmatched.num_rows > 50
    growth = whole[:, :, 1].sum() / whole[:, :, 0].sum() - 1
    rows = states_clusters.to_pandas()
    outer = rows[rows["subcluster"].isna()]
    first, last = (outer[outer["year"] == year].set_index(["region", "cluster"]) for year in (2015, 2016))
    national = last["shift_national"] / first["employment"]
    np.testing.assert_allclose(national[first["employment"] > 0], growth, rtol=1e-9)
    clustered = last["employment"].sum() / first["employment"].sum() - 1
    assert abs(clustered - growth) > 1e-4
    shares = last.reset_index().groupby("region")["share_of_region"].sum()
    assert (shares < 1).all()


def test_ties_share_their_place_whatever_the_order_of_the_regions() -> None:
    value = np.array([[3.0], [1.0], [2.0], [2.0], [2.0]])
    from almaz.measures.quantiles import percentile_place

    np.testing.assert_allclose(percentile_place(value)[:, 0], [1.0, 0.0, 0.5, 0.5, 0.5])


def test_an_edition_holds_codes_only(table: pd.DataFrame) -> None:
    assert set(table["reason"].dropna()) <= {"few_regions", "size_not_published", "criteria_not_published"}
    named = {name for codes in table["missing"].dropna() for name in codes.split(",")}
    assert named <= set(CRITERIA)


def test_with_few_regions_no_percentile_is_claimed_but_none_is_none(states_clusters: Clusters) -> None:
    few = states_clusters.strength(minimum_regions=60).table.to_pandas()
    there = few["size"] > 0
    us = few[few["rule"] == "us_cluster_mapping"]
    assert (us.loc[there, "verdict"] == "unknown").all()
    assert (us.loc[there, "reason"] == "few_regions").all()
    assert (us.loc[us["size"] == 0, "verdict"] == "none").all()


def test_a_regions_strength_lies_in_its_bounds_and_is_the_share_of_its_strong_clusters(
    states_clusters: Clusters, table: pd.DataFrame
) -> None:
    found = states_clusters.strength().region_strength.to_pandas().set_index("region")
    assert (found["cluster_strength_low"] <= found["cluster_strength"] + 1e-12).all()
    assert (found["cluster_strength_high"] >= found["cluster_strength"] - 1e-12).all()
    us = of_rule(table, "us_cluster_mapping").reset_index()
    traded = {key[0] for key in states_clusters.portfolio.keys if key[2] == "traded"}
    us = us[us["cluster"].isin(traded)]
    expected = us[us["strong"].astype(bool)].groupby("region")["size"].sum() / us.groupby("region")["size"].sum()
    np.testing.assert_allclose(found["cluster_strength"], expected.fillna(0), rtol=1e-9)


def test_an_unjudged_criterion_is_left_out_and_an_unknown_one_decides_only_where_it_matters() -> None:
    value = np.array([[1.0], [2.0], [np.nan], [4.0]])
    present = np.ones((4, 1))
    known = percentile_criterion("size", value, present, 0.5)
    nothing = percentile_criterion("growth", np.full((4, 1), np.nan), present, 0.5)
    assert not nothing.judged
    np.testing.assert_array_equal(every([known, nothing])[:, 0], [0.0, 1.0, np.nan, 1.0])
