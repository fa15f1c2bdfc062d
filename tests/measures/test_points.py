"""K, L, Kd and M against dbmss (R), astropy and brute force; what must hold for any points; the grid against the exact count."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from almaz.measures import k_function, kd_function, l_function, m_function, point_density, points

ANSWERS = Path(__file__).parents[1] / "data" / "known_answers"
Points = tuple[np.ndarray, np.ndarray]


@pytest.fixture(scope="module")
def trees() -> dict[str, np.ndarray]:
    with (ANSWERS / "dbmss" / "dbmss_paracou16.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    numbers = {name: np.array([float(row[name]) for row in rows]) for name in ("x", "y", "weight")}
    return numbers | {"type": np.array([row["type"] for row in rows])}


def answer(name: str, column: str) -> tuple[np.ndarray, np.ndarray]:
    with (ANSWERS / "dbmss" / name).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return np.array([float(row["r"]) for row in rows]), np.array([float(row[column]) for row in rows])


def some_points(number: int, seed: int = 0) -> Points:
    rng = np.random.default_rng(seed)
    return rng.random(number) * 1000.0, rng.random(number) * 700.0


def kernel_sum(d: np.ndarray, r: np.ndarray, h: float, w: np.ndarray | None = None) -> np.ndarray:
    weight = np.ones_like(d) if w is None else w
    both = np.exp(-0.5 * ((r[:, None] - d) / h) ** 2) + np.exp(-0.5 * ((r[:, None] + d) / h) ** 2)
    return (both * weight).sum(axis=1) / weight.sum() / h / np.sqrt(2 * np.pi)


def test_m_is_that_of_dbmss(trees: dict[str, np.ndarray]) -> None:
    r, expected = answer("dbmss_M_intra.csv", "M")
    got = m_function(trees["x"], trees["y"], r, reference=trees["type"] == "V. Americana", weight=trees["weight"])
    assert got.values == pytest.approx(expected, rel=1e-12, abs=1e-15)


def test_kd_in_the_convention_of_dbmss_is_that_of_dbmss(trees: dict[str, np.ndarray]) -> None:
    r, expected = answer("dbmss_Kd.csv", "Kd")
    mine = trees["type"] == "V. Americana"
    got = kd_function(trees["x"], trees["y"], r, reference=mine, convention="dbmss")
    assert got.values == pytest.approx(expected, rel=1e-12)
    ours = kd_function(trees["x"], trees["y"], r, reference=mine)
    assert np.abs(ours.values / expected - 1.0).max() < 2.5e-3
    assert ours.bandwidth == got.bandwidth


def test_k_is_that_of_astropy(trees: dict[str, np.ndarray]) -> None:
    known = json.loads((ANSWERS / "astropy" / "ripley_k.json").read_text())
    chosen = trees["type"] != "Other"
    x, y, r = trees["x"][chosen], trees["y"][chosen], np.array(known["r"])
    for edge in ("translation", "none"):
        got = k_function(x, y, r, window=(0.0, 0.0, 500.0, 500.0), edge=edge)
        assert got.values == pytest.approx(np.array(known[edge]), rel=1e-12)


def test_kd_is_the_kernel_sum_over_every_pair(trees: dict[str, np.ndarray]) -> None:
    mine, r = trees["type"] == "V. Americana", np.linspace(0.0, 100.0, 77)
    x, y, w = trees["x"][mine], trees["y"][mine], trees["weight"][mine]
    i, j = np.triu_indices(x.size, 1)
    d = np.hypot(x[i] - x[j], y[i] - y[j])
    near = d[d <= 200.0]
    quartiles = np.quantile(near, [0.25, 0.75])
    h = 0.9 * min(near.std(ddof=1), (quartiles[1] - quartiles[0]) / 1.34) * near.size**-0.2
    for weight in (None, trees["weight"]):
        got = kd_function(trees["x"], trees["y"], r, reference=mine, weight=weight)
        assert got.bandwidth == pytest.approx(h, rel=1e-12)
        assert got.values == pytest.approx(kernel_sum(d, r, h, None if weight is None else w[i] * w[j]), rel=1e-10)


def test_kd_between_two_industries_is_the_kernel_sum_over_their_pairs(trees: dict[str, np.ndarray]) -> None:
    one, other, r = trees["type"] == "V. Americana", trees["type"] == "Q. Rosea", np.linspace(0.0, 80.0, 9)
    d = np.hypot(*(np.subtract.outer(trees[c][one], trees[c][other]) for c in ("x", "y"))).ravel()
    got = kd_function(trees["x"], trees["y"], r, reference=one, neighbours=other)
    assert got.values == pytest.approx(kernel_sum(d, r, got.bandwidth), rel=1e-10)


def test_kd_integrates_to_one() -> None:
    x, y = some_points(300)
    got = kd_function(x, y, np.linspace(0.0, 1500.0, 4001))
    assert np.trapezoid(got.values, got.distances) == pytest.approx(1.0, abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 60), st.integers(0, 10_000), st.booleans())
def test_counts_are_those_of_brute_force(number: int, seed: int, lattice: bool) -> None:
    x, y = some_points(number, seed)
    if lattice:  # many pairs at exactly the distances asked for
        x, y = np.round(x / 100.0) * 100.0, np.round(y / 100.0) * 100.0
    r = np.array([0.0, 100.0, 200.0, 300.0, 555.0])
    d2 = np.subtract.outer(x, x) ** 2 + np.subtract.outer(y, y) ** 2
    counts = (d2[None] <= r[:, None, None] ** 2).sum(axis=(1, 2)) - number
    area = 1000.0 * 700.0
    got = k_function(x, y, r, window=(0.0, 0.0, 1000.0, 700.0), edge="none")
    assert got.values == pytest.approx(counts * area / (number * (number - 1)), rel=1e-12)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1000), st.floats(-1e4, 1e4), st.floats(0.01, 100.0), st.floats(0.0, 6.3), st.booleans())
def test_moving_turning_and_scaling_the_map_changes_nothing(
    seed: int, move: float, scale: float, turn: float, between: bool
) -> None:
    x, y = some_points(80, seed)
    rng = np.random.default_rng(seed)
    kind, weight, r = rng.integers(0, 3, 80), rng.random(80) + 0.1, np.array([50.0, 120.0, 300.0])
    mine, others = kind == 0, (kind == 1 if between else None)
    xx = (np.cos(turn) * x - np.sin(turn) * y) * scale + move
    yy = (np.sin(turn) * x + np.cos(turn) * y) * scale - move
    before = m_function(x, y, r, reference=mine, neighbours=others, weight=weight)
    after = m_function(xx, yy, r * scale, reference=mine, neighbours=others, weight=weight * 7.0)
    assert after.values == pytest.approx(before.values, rel=1e-9, nan_ok=True)
    one = kd_function(x, y, r, reference=mine, neighbours=others)
    two = kd_function(xx, yy, r * scale, reference=mine, neighbours=others)
    assert two.values * scale == pytest.approx(one.values, rel=1e-6)


def test_the_order_of_the_points_changes_nothing() -> None:
    x, y = some_points(500)
    mine, order = np.arange(500) % 5 == 0, np.random.default_rng(1).permutation(500)
    r = np.linspace(10.0, 300.0, 20)
    for function in (m_function, kd_function):
        one, two = function(x, y, r, reference=mine), function(x[order], y[order], r, reference=mine[order])
        assert two.values == pytest.approx(one.values, rel=1e-12)


def test_without_a_pattern_k_is_the_disc_and_l_the_distance() -> None:
    curves = [k_function(*some_points(1500, seed), [20.0, 60.0, 150.0], window=(0, 0, 1000, 700)) for seed in range(12)]
    ratio = np.array([curve.values / curve.expected for curve in curves])
    assert ratio.mean(axis=0) == pytest.approx(1.0, abs=0.02)
    line = l_function(*some_points(1500), [20.0, 60.0, 150.0], window=(0, 0, 1000, 700))
    assert line.values == pytest.approx(line.expected, rel=0.06)
    plain = k_function(*some_points(1500), [150.0], window=(0, 0, 1000, 700), edge="none")
    assert plain.values[0] < 0.95 * plain.expected[0]  # what the correction is for


def test_an_industry_dealt_at_random_has_an_m_of_one() -> None:
    x, y = some_points(1500)
    rng, r = np.random.default_rng(0), [40.0, 100.0, 300.0]
    curves = [m_function(x, y, r, reference=rng.permutation(1500) < 150).values for _deal in range(30)]
    assert np.mean(curves, axis=0) == pytest.approx(1.0, abs=0.03)


def test_m_of_all_activity_is_one_and_points_without_neighbours_say_nothing() -> None:
    x, y = some_points(200)
    got = m_function(x, y, [1e-6, 50.0, 400.0], reference=np.ones(200, dtype=bool))
    assert np.isnan(got.values[0])
    assert got.values[1:] == pytest.approx(1.0, rel=1e-12)


@pytest.fixture
def rough(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pair counted one by one on the grid: its own error shows."""
    for module in (points, point_density):
        monkeypatch.setattr(module, "NEAR_PAIRS", 0)


def clustered(number: int) -> Points:
    rng = np.random.default_rng(5)
    centres, which = rng.random((50, 2)), rng.integers(0, 50, number)
    x, y = (1 - np.abs(1 - np.abs(centres[which, axis] + rng.normal(0, 0.05, number))) for axis in (0, 1))
    return x * 1e5, y * 1e5


def test_the_grid_says_what_the_exact_count_says(rough: None) -> None:
    x, y = clustered(10_000)
    r = np.array([3_000.0, 10_000.0, 30_000.0])
    mine = np.random.default_rng(0).random(x.size) < 0.3
    weight = np.random.default_rng(1).random(x.size) + 0.5
    for function, extra, limit in (
        (k_function, {"window": (0, 0, 1e5, 1e5)}, 2e-4),
        (kd_function, {}, 1e-3),
        (m_function, {"reference": mine, "weight": weight}, 2e-3),
    ):
        exact, grid = function(x, y, r, method="exact", **extra), function(x, y, r, method="grid", **extra)
        assert exact.error == 0.0
        assert grid.method == "grid"
        assert 0.0 < grid.error < 0.02
        assert np.abs(grid.values / exact.values - 1.0).max() < limit, function


def test_one_core_and_two_give_the_same_bytes() -> None:
    x, y = some_points(9_000)
    r, mine = np.linspace(0.0, 300.0, 31), np.arange(9_000) % 2 == 0
    for function in (m_function, kd_function):
        one, two = function(x, y, r, reference=mine, jobs=1), function(x, y, r, reference=mine, jobs=2)
        assert one.values.tobytes() == two.values.tobytes()


@pytest.mark.parametrize(
    ("given_", "says"),
    [
        ({"distances": [3.0, 1.0]}, "ascend"),
        ({"x": [0.0, np.nan, 2.0]}, "number"),
        ({"reference": [True, False, False]}, "too few"),
        ({"neighbours": [True, False, True]}, "no point in common"),
        ({"weight": [1.0, -1.0, 1.0]}, "negative"),
    ],
)
def test_points_that_make_no_sense_are_refused(given_: dict[str, object], says: str) -> None:
    held = {"x": [0.0, 1.0, 2.0], "y": [0.0, 1.0, 0.0], "distances": [1.0], "reference": [True, True, False]} | given_
    with pytest.raises(ValueError, match=says):
        m_function(held.pop("x"), held.pop("y"), held.pop("distances"), **held)  # type: ignore[arg-type]
