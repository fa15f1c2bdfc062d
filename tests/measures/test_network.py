"""Networks with published values (karate club, Krackhardt's kite, the Florentine families), networkx's numbers, brute force."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from almaz.measures import (
    Network,
    brokers,
    coopetition,
    core_periphery,
    coreness,
    introductions,
    isolation,
    layer_overlaps,
    layer_summaries,
    network,
    trust_survey,
)
from almaz.measures.core_periphery import best_division, division_fit

ANSWERS: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "data" / "known_answers" / "networkx" / "networks.json").read_text()
)
FAMILIES = [
    "Acciaiuoli", "Albizzi", "Barbadori", "Bischeri", "Castellani", "Ginori", "Guadagni", "Lamberteschi",
    "Medici", "Pazzi", "Peruzzi", "Pucci", "Ridolfi", "Salviati", "Strozzi", "Tornabuoni",
]  # fmt: skip
BUSINESS = [
    "Barbadori-Castellani", "Barbadori-Ginori", "Barbadori-Medici", "Barbadori-Peruzzi", "Bischeri-Guadagni",
    "Bischeri-Lamberteschi", "Bischeri-Peruzzi", "Castellani-Lamberteschi", "Castellani-Peruzzi", "Ginori-Medici",
    "Guadagni-Lamberteschi", "Lamberteschi-Peruzzi", "Medici-Pazzi", "Medici-Salviati", "Medici-Tornabuoni",
]  # fmt: skip


def plain(name: str, layer: str = "cooperation") -> Network:
    held = ANSWERS[name]
    labels = [str(place) for place in range(held["n"])]
    ends = np.array(held["edges"])
    return network(labels, ["firm"] * held["n"], ends[:, 0].astype(str), ends[:, 1].astype(str), [layer] * len(ends))


@pytest.fixture(scope="module")
def florence() -> Network:
    marriage = [(FAMILIES[a], FAMILIES[b]) for a, b in ANSWERS["florentine_marriage"]["edges"]]
    business = [tuple(pair.split("-")) for pair in BUSINESS]
    ends = marriage + business
    return network(
        FAMILIES, ["family"] * 16, [a for a, _b in ends], [b for _a, b in ends], ["marriage"] * 20 + ["business"] * 15
    )


@pytest.mark.parametrize("name", ["karate", "kite", "florentine_marriage"])
def test_it_is_that_of_networkx(name: str) -> None:
    held, known = plain(name), ANSWERS[name]
    summary = layer_summaries(held)[0]
    assert summary.density == pytest.approx(known["density"], rel=1e-12)
    assert summary.transitivity == pytest.approx(known["transitivity"], rel=1e-12)
    assert summary.components == known["components"]
    found = {one.participant: one for one in brokers(held, draws=0)}
    for place in range(known["n"]):
        assert found[str(place)].betweenness == pytest.approx(known["betweenness"][place], rel=1e-9, abs=1e-12)
        if known["constraint"][place] is not None:
            assert found[str(place)].constraint == pytest.approx(known["constraint"][place], rel=1e-9)
    assert list(coreness(held)) == known["coreness"]


def test_reciprocity_is_that_of_networkx() -> None:
    summary = layer_summaries(plain("directed", "supply"))[0]
    assert summary.reciprocity == pytest.approx(ANSWERS["directed"]["reciprocity"], rel=1e-12)
    assert summary.density == pytest.approx(ANSWERS["directed"]["density"], rel=1e-12)


def test_published_values() -> None:
    # Krackhardt (1990): Heather stands between most, 14 of 36 pairs' paths; Zachary (1977) as in Freeman's measure: 231.07
    kite = brokers(plain("kite"))
    assert (kite[0].participant, kite[0].betweenness * 36) == ("7", pytest.approx(14.0))
    karate = brokers(plain("karate"))
    assert (karate[0].participant, karate[0].betweenness * 33 * 32 / 2) == ("0", pytest.approx(231.0714, abs=1e-4))


def test_the_florentine_families(florence: Network) -> None:
    # Wasserman and Faust (1994), Padgett and Ansell (1993): 20 marriages, 15 ties of business, 8 pairs with both; the Medici
    # stand between 47.5 pairs' paths; Hanneman and Riddle (2005): correlation of the two 0.372, p < 0.01
    overlap = layer_overlaps(florence)[0]
    assert overlap.shared == 8
    assert overlap.jaccard == pytest.approx(8 / 27)
    assert overlap.correlation == pytest.approx(0.372, abs=5e-4)
    assert overlap.p_value < 0.01
    first = brokers(florence, ("marriage",))[0]
    assert (first.participant, first.betweenness * 105) == ("Medici", pytest.approx(47.5))
    assert (first.rank, first.rank_low, first.rank_high) == (1, 1, 2)
    whole = layer_summaries(florence)[-1]
    assert (whole.layer, whole.ties) == ("all", 27)
    assert whole.alone == pytest.approx(1 / 16)


def every_division(tied: np.ndarray) -> float:
    n = tied.shape[0]
    fits = []
    for size in range(1, n - 1):
        for chosen in combinations(range(n), size):
            core = np.zeros(n, dtype=bool)
            core[list(chosen)] = True
            fits.append(division_fit(tied, core))
    return float(np.nanmax(fits))


@pytest.mark.parametrize("name", ["kite", "florentine_marriage"])
def test_the_core_is_the_best_of_all_divisions(name: str) -> None:
    tied = plain(name).matrix()
    core, fit = best_division(tied)
    assert fit == pytest.approx(every_division(tied) if len(tied) < 12 else fit, rel=1e-12)
    upper = np.triu_indices(len(tied), 1)
    ideal = (core[:, None] | core[None, :])[upper]
    assert fit == pytest.approx(np.corrcoef(tied[upper], ideal)[0, 1], rel=1e-12)


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 1000), st.floats(0.15, 0.8))
def test_the_search_finds_the_best_division_of_small_networks(seed: int, density: float) -> None:
    drawn = np.triu(np.random.default_rng(seed).random((8, 8)) < density, 1)
    tied = drawn | drawn.T
    if 0 < tied.sum() < 56:
        assert best_division(tied)[1] == pytest.approx(every_division(tied), rel=1e-12)


def test_a_star_and_its_friends_is_a_perfect_core() -> None:
    ties = [(a, b) for a in range(3) for b in range(a + 1, 12)]
    held = network(
        [str(i) for i in range(12)],
        ["firm"] * 12,
        [str(a) for a, _ in ties],
        [str(b) for _, b in ties],
        ["supply"] * len(ties),
    )
    found = core_periphery(held)
    assert found.core.tolist() == [True] * 3 + [False] * 9
    assert (found.fit, found.inside, found.between, found.outside) == pytest.approx((1.0, 1.0, 1.0, 0.0))
    assert found.p_value < 0.02
    # everyone's number of ties allows no other network: the degrees explain it all
    assert core_periphery(held, null="degrees").p_value == 1.0


def triangle() -> Network:
    ties = [
        ("a", "b", "competition"), ("a", "b", "cooperation"), ("b", "c", "competition"), ("b", "d", "cooperation"),
        ("c", "d", "cooperation"), ("c", "e", "cooperation"), ("u", "a", "knowledge"), ("u", "v", "knowledge"),
    ]  # fmt: skip
    kinds = {"u": "science", "v": "science", "w": "science"}
    names = ["a", "b", "c", "d", "e", "u", "v", "w"]
    return network(
        names, [kinds.get(name, "firm") for name in names], *(list(part) for part in zip(*ties, strict=True))
    )


def test_rivals_who_cooperate_are_counted() -> None:
    found = coopetition(triangle())
    # pairs a-b (cooperate) and b-c (do not); triads with a cooperating third: a-b: d; b-c: a, d, e; closed: b-c-d
    assert (found.rivals, found.cooperating, found.share) == (2, 1, 0.5)
    assert (found.triads, found.closed) == (4, 1)
    # dealt anew, a rival pair is one of the 4 cooperating of 28 pairs
    assert found.expected == pytest.approx(4 / 28, abs=0.02)
    nothing = coopetition(plain("kite"))
    assert nothing.rivals == 0
    assert np.isnan(nothing.share)


def test_science_apart_from_firms_is_seen() -> None:
    found = isolation(triangle())
    assert found.ties == 1
    assert found.outside == pytest.approx(1 / 3)  # of three ends of ties of science one is a firm's
    assert found.first_alone == pytest.approx(2 / 3)  # v and w
    assert found.second_alone == pytest.approx(4 / 5)
    assert (found.reach, found.steps) == pytest.approx((1.0, 3.0))  # a 1, b 2, d 3, c 4, e 5
    assert found.low <= found.expected <= found.high


def test_isolation_counts_paths(florence: Network) -> None:
    held = triangle()
    found = isolation(held, layers=("knowledge", "cooperation", "competition"))
    assert found.reach == 1.0
    # a 1, b 2, c 3, d 3, e 4
    assert found.steps == pytest.approx(13 / 5)
    none = isolation(florence)
    assert np.isnan(none.outside)
    assert np.isnan(none.reach)


def test_the_order_of_the_participants_changes_nothing(florence: Network) -> None:
    order = np.random.default_rng(0).permutation(16)
    names = [FAMILIES[i] for i in order]
    ends = [
        (florence.participants[a], florence.participants[b])
        for a, b in zip(florence.source, florence.target, strict=True)
    ]
    turned = network(names, ["family"] * 16, [b for _a, b in ends], [a for a, _b in ends], florence.layer.tolist())
    assert str(layer_summaries(turned)) == str(layer_summaries(florence))
    one, two = ({b.participant: b.betweenness for b in brokers(held, draws=0)} for held in (florence, turned))
    assert one == pytest.approx(two)
    assert core_periphery(turned).fit == pytest.approx(core_periphery(florence).fit, rel=1e-12)


def test_a_tie_with_a_stranger_is_refused() -> None:
    with pytest.raises(ValueError, match="tie 2: «x» is no participant"):
        network(["a", "b"], ["firm", "firm"], ["a", "b"], ["b", "x"], ["supply", "supply"])
    assert network(["a", "b"], ["firm"] * 2, ["a", "a", "b"], ["a", "b", "a"], ["cooperation"] * 3).source.size == 1


def test_silence_in_a_survey_is_an_interval() -> None:
    answers = [[7.0, 4.0], [5.0, np.nan], [np.nan, np.nan], [6.0, np.nan]]
    found = trust_survey(answers, ("they keep their word", "they share what they know"))
    assert found.mean == pytest.approx([6.0, 4.0])
    assert found.low == pytest.approx([(18 + 1) / 4, (4 + 3) / 4])
    assert found.high == pytest.approx([(18 + 7) / 4, (4 + 21) / 4])
    assert found.answered.tolist() == [0.75, 0.25]
    assert found.ci_low[0] < 6.0 < found.ci_high[0]
    assert np.isnan(found.ci_low[1])
    assert found.trusting == pytest.approx([1.0, 0.0])
    with pytest.raises(ValueError, match="person 1, question «trust»: 9"):
        trust_survey([[9.0]], ("trust",))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 500), st.floats(0.0, 0.7))
def test_the_mean_of_all_lies_in_the_bounds_of_silence(seed: int, silent: float) -> None:
    rng = np.random.default_rng(seed)
    whole = rng.integers(1, 8, (20, 3)).astype(float)
    heard = np.where(rng.random(whole.shape) < silent, np.nan, whole)
    found = trust_survey(heard, ("a", "b", "c"), draws=10)
    assert (found.low <= whole.mean(axis=0) + 1e-12).all()
    assert (whole.mean(axis=0) <= found.high + 1e-12).all()


@pytest.mark.parametrize("name", ["karate", "kite", "florentine_marriage"])
def test_introductions_are_weighed_as_igraph_weighs_them(name: str) -> None:
    held = plain(name)
    weighed = np.array(held.graph().similarity_inverse_log_weighted())
    found = introductions(held, most=10_000)
    place = {participant: at for at, participant in enumerate(held.participants)}
    tied = held.matrix()
    expected = sum(weighed[a, b] > 0 and not tied[a, b] for a, b in combinations(range(len(place)), 2))
    assert len(found) == expected > 0
    for one in found:
        assert one.score == pytest.approx(weighed[place[one.first], place[one.second]])
        assert not tied[place[one.first], place[one.second]]
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    assert introductions(held, most=3) == found[:3]


def test_rivals_do_not_introduce_and_are_not_introduced() -> None:
    held = network(
        ["a", "b", "c", "d"], ["firm"] * 4, ["a", "c", "a", "a"], ["b", "b", "d", "c"],
        ["supply", "supply", "competition", "competition"],
    )  # fmt: skip
    assert introductions(held) == (), "a and c share b but are rivals; d is known by a rival alone"
    without = network(["a", "b", "c"], ["firm"] * 3, ["a", "c"], ["b", "b"], ["supply", "supply"])
    assert [(one.first, one.second, one.shared) for one in introductions(without)] == [("a", "c", 1)]
    assert introductions(without)[0].score == pytest.approx(1 / np.log(2))
