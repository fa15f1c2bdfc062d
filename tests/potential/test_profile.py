from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from almaz.potential.candidates import Candidates
from almaz.potential.elements import KINDS, elements
from almaz.potential.profile import ProfileOptions, profile
from almaz.potential.shortlist import pareto_front
from almaz.potential.signals import Signal, exact
from almaz.tables.expert_form import Judgement


def candidate(regions: int = 30) -> Candidates:
    names = tuple(f"r{number:02}" for number in range(regions))
    there = np.ones((regions, 1), dtype=np.bool_)
    return Candidates(names, ("c",), there, there)


def of(element: str, place: Signal | None, judged: list[Judgement] | None = None) -> dict[str, object]:
    """The row of one element for the last region."""
    chosen = [one for one in elements() if one.id == element]
    proxies = {(one.id, proxy.name): None for one in chosen for proxy in one.proxy}
    if place is not None:
        proxies[element, chosen[0].proxy[0].name] = place
    return profile(candidate(), chosen, proxies, judged or [], ProfileOptions()).to_pylist()[-1]


def said(level: float, confidence: int = 3, evidence: str = "seen", year: int = 2026) -> Judgement:
    return Judgement("e", "r29", "decentralisation", year, level, confidence, evidence, "c")


def spread(low: float = 0.0) -> Signal:
    value = np.arange(30.0)[:, None]
    return Signal(value, value - low, value + low).place(np.ones((30, 1), dtype=np.bool_), 20)


def test_the_article_has_four_conditions_six_preconditions_two_factors_and_five_obstacles() -> None:
    counted = [sum(one.kind == kind for one in elements()) for kind in KINDS]
    assert counted == [4, 6, 2, 5]
    assert {one.article[:2] for one in elements()} == {"A6", "A9", "A1"}


def test_what_nobody_knows_is_unknown_and_lowers_confidence_not_the_status() -> None:
    row = of("decentralisation", None)
    assert (row["status"], row["basis"], row["confidence"]) == ("unknown", "none", 0.0)
    assert row["wanting"] == ["signal:establishments", "signal:employees_per_establishment"]
    known = of("decentralisation", spread())
    assert (known["status"], known["basis"], known["place"]) == ("met", "statistic", 1.0)
    assert known["confidence"] == pytest.approx(0.5)  # one of two proxies


def test_an_interval_that_reaches_another_status_says_so() -> None:
    row = of("trust_and_policy", spread(15.0))
    assert (row["status_low"], row["status"], row["status_high"]) == ("partly", "met", "met")
    assert row["place_low"] < row["place"]
    assert row["confidence"] == pytest.approx(1 - (row["place_high"] - row["place_low"]))


def test_half_the_proxies_missing_give_a_wide_interval_that_says_so() -> None:
    row = of("decentralisation", spread())  # the second of its two proxies is not measured
    assert (row["place"], row["place_low"], row["place_high"]) == (1.0, 0.5, 1.0)
    assert (row["status_low"], row["status"]) == ("partly", "met")
    assert row["wanting"] == ["signal:employees_per_establishment"]
    assert row["confidence"] == 0.5


def test_only_the_last_year_of_a_judgement_counts() -> None:
    row = of("decentralisation", None, [said(1.0, year=2024), said(6.0)])
    assert (row["level"], row["experts"], row["status"]) == (6.0, 1, "met")


def test_a_judgement_takes_precedence_and_a_conflict_is_named() -> None:
    row = of("decentralisation", spread(), [said(2.0)])
    assert (row["status"], row["basis"], row["conflict"], row["experts"]) == ("not", "both", True, 1)
    assert row["evidence"][-1] == "e: seen"
    agreeing = of("decentralisation", spread(), [said(6.0)])
    assert (agreeing["status"], agreeing["conflict"]) == ("met", False)
    guess = of("decentralisation", None, [said(6.0, evidence="")])
    assert guess["level_low"] == 4.5
    assert guess["confidence"] < of("decentralisation", None, [said(6.0)])["confidence"]


def test_few_regions_allow_no_percentile() -> None:
    placed = exact(np.arange(9.0)[:, None]).place(np.ones((9, 1), dtype=np.bool_), 20)
    assert np.isnan(placed.value).all()


@given(st.lists(st.tuples(*[st.floats(0, 1)] * 3), min_size=1, max_size=8), st.integers(0, 999))
def test_the_front_is_what_a_comparison_of_all_pairs_says(rows: list[tuple[float, ...]], seed: int) -> None:
    values = np.array(rows)
    slow = [not any((other >= mine).all() and (other > mine).any() for other in values) for mine in values]
    assert pareto_front(values).tolist() == slow
    order = np.random.default_rng(seed).permutation(len(values))
    assert pareto_front(values[order]).tolist() == [slow[place] for place in order]
    assert pareto_front(values * 4).tolist() == slow
    wide = pareto_front(values, np.zeros_like(values), np.ones_like(values))
    assert (wide | ~np.array(slow)).all()


@given(
    st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=3, max_size=3),
    st.sets(st.integers(0, 2), max_size=2),
)
def test_a_proxy_that_goes_missing_never_narrows_the_interval(ends: list[tuple[float, float]], gone: set[int]) -> None:
    asked = [one for one in elements() if one.id == "specialised_small_firms"]
    full = {
        ("specialised_small_firms", proxy.name): Signal(
            *(np.array([[end]]) for end in (np.mean(pair), min(pair), max(pair)))
        )
        for proxy, pair in zip(asked[0].proxy, ends, strict=True)
    }
    thin = {key: None if place in gone else held for place, (key, held) in enumerate(full.items())}
    whole, part = (profile(candidate(1), asked, held, [], ProfileOptions()).to_pylist()[0] for held in (full, thin))
    assert part["place_low"] <= whole["place_low"] + 1e-9
    assert part["place_high"] >= whole["place_high"] - 1e-9
    assert part["place_low"] - 1e-9 <= part["place"] <= part["place_high"] + 1e-9
    assert part["confidence"] <= whole["confidence"] + 1e-9
    assert len(part["wanting"]) == len(gone)


@given(st.lists(st.integers(-999, 999), min_size=20, max_size=40), st.integers(0, 999), st.floats(0.01, 100))
def test_places_follow_the_regions_and_do_not_know_the_unit(values: list[int], seed: int, unit: float) -> None:
    held, there = np.array(values, float)[:, None], np.ones((len(values), 1), dtype=np.bool_)
    placed = exact(held).place(there, 20).value
    order = np.random.default_rng(seed).permutation(len(values))
    np.testing.assert_allclose(exact(held[order]).place(there, 20).value, placed[order])
    np.testing.assert_allclose(exact(held * unit).place(there, 20).value, placed)
