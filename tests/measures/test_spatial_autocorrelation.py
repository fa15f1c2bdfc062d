"""Local Moran against esda, an independent program, and against what must hold."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from esda import Moran_Local
from libpysal.weights import lat2W

from almaz.measures import local_moran, neighbours_of

SIDE = 9


@pytest.fixture(scope="module")
def board() -> tuple[np.ndarray, object, np.ndarray]:
    weights = lat2W(SIDE, SIDE)
    weights.transform = "r"
    pairs = np.array([(i, j) for i in weights.neighbors for j in weights.neighbors[i]])
    values = np.random.default_rng(3).random(SIDE * SIDE)
    values[[0, 1, 2, 9, 10, 11, 18, 19]] += 3.0
    values[[60, 61, 62, 69, 70, 71, 78, 79, 80]] -= 1.5
    values[40] += 3.0
    return values, weights, pairs


def test_it_is_that_of_esda(board: tuple[np.ndarray, object, np.ndarray]) -> None:
    values, weights, pairs = board
    ours = local_moran(values, neighbours_of(pairs, values.size))
    theirs = Moran_Local(values, weights, permutations=0)
    n = values.size
    # esda divides by n − 1 where the formula here has n
    assert ours.local * (n - 1) / n == pytest.approx(theirs.Is, rel=1e-12)
    assert (ours.quadrant == theirs.q).all()
    assert float(ours.overall) * n == pytest.approx(np.nansum(theirs.Is) * n / (n - 1), rel=1e-12)


def test_its_p_value_is_that_of_every_possible_dealing() -> None:
    values = np.array([3.0, 1.0, 4.0, 1.5, 9.0, 2.6, 5.3])
    pairs = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 6)]
    ours = local_moran(values, neighbours_of(pairs, 7), permutations=20_000)
    for region, near in ((0, [1]), (3, [2, 4])):
        others = np.delete(values, region)
        dealt = np.array([others[list(two)].sum() for two in combinations(range(6), len(near))])
        total = values[near].sum()
        tail = min((dealt >= total - 1e-9).mean(), (dealt <= total + 1e-9).mean())
        assert ours.p_value[region] == pytest.approx(min(1.0, 2.0 * tail), abs=0.015)


def test_a_high_corner_is_found_and_noise_is_not(board: tuple[np.ndarray, object, np.ndarray]) -> None:
    values, _weights, pairs = board
    ours = local_moran(values, neighbours_of(pairs, values.size))
    assert ours.significant[[1, 10, 70]].all()
    assert ours.quadrant[[1, 10, 70]].tolist() == [1, 1, 3]
    assert ours.significant.sum() < 16
    assert ours.overall_p < 0.01
    rng = np.random.default_rng(0)
    chance = local_moran(rng.random((200, SIDE * SIDE)), neighbours_of(pairs, values.size), permutations=1999)
    # a map with any false cluster at all: 5 % and the noise of 200 maps
    assert chance.significant.any(axis=1).mean() < 0.1


def test_the_unit_and_the_sign_of_the_values(board: tuple[np.ndarray, object, np.ndarray]) -> None:
    values, _weights, pairs = board
    held = neighbours_of(pairs, values.size)
    one, scaled, turned = (local_moran(v, held, permutations=499) for v in (values, 5.0 + 3.0 * values, -values))
    assert scaled.local == pytest.approx(one.local, rel=1e-9)
    assert (scaled.p_value == one.p_value).all()
    assert turned.local == pytest.approx(one.local, rel=1e-9)
    assert (np.array([0, 3, 4, 1, 2])[turned.quadrant] == one.quadrant).all()


def test_an_unknown_region_is_no_neighbour_and_gets_no_verdict(board: tuple[np.ndarray, object, np.ndarray]) -> None:
    values, _weights, pairs = board
    gone = values.copy()
    gone[1] = np.nan
    with_gap = local_moran(gone, neighbours_of(pairs, values.size), permutations=499)
    assert np.isnan(with_gap.local[1])
    assert with_gap.quadrant[1] == 0
    assert not with_gap.significant[1]
    known = np.delete(np.arange(values.size), 1)
    place = {old: new for new, old in enumerate(known)}
    kept = [(place[a], place[b]) for a, b in pairs.tolist() if 1 not in (a, b)]
    without = local_moran(values[known], neighbours_of(kept, known.size), permutations=499)
    assert with_gap.local[known] == pytest.approx(without.local, rel=1e-12)


def test_an_island_gets_no_verdict() -> None:
    alone = local_moran([1.0, 2.0, 3.0, 9.0], neighbours_of([(0, 1), (1, 2)], 4), permutations=99)
    assert np.isnan(alone.local[3])
    assert alone.quadrant[3] == 0
