from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from almaz.measures.quotient_bounds import shared_quotient_bounds
from almaz.measures.specialisation import location_quotient


def cells(seed: int) -> tuple[np.ndarray, np.ndarray, np.random.Generator]:
    random = np.random.default_rng(seed)
    low = random.integers(0, 20, size=(4, 3)).astype(float)
    return low, low + random.integers(0, 30, size=(4, 3)) * (random.random((4, 3)) < 0.5), random


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 2**32 - 1), st.booleans())
def test_no_filling_leaves_the_bounds(seed: int, excluding: bool) -> None:
    low, high, random = cells(seed)
    least, most = shared_quotient_bounds(low, high, excluding=excluding)
    for kind in range(12):
        part = random.random(low.shape) if kind < 6 else random.integers(0, 2, low.shape)
        quotient = location_quotient(low + part * (high - low), excluding=excluding)
        known = ~np.isnan(quotient)
        assert (quotient[known] >= least[known] * (1 - 1e-9)).all()
        assert (quotient[known] <= most[known] * (1 + 1e-9)).all()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.booleans())
def test_the_bounds_are_reached(seed: int, excluding: bool) -> None:
    low, high, _random = cells(seed)
    low, high = low + 1.0, high + 1.0
    least, most = shared_quotient_bounds(low, high, excluding=excluding)
    r, c = 1, 2
    for bound, own_row, column, rest in ((most, low, low, high), (least, high, high, low)):
        extreme = rest.copy()
        extreme[r], extreme[:, c] = own_row[r], column[:, c]

        def at(x: float, table: np.ndarray = extreme) -> float:
            filled = table.copy()
            filled[r, c] = x
            return float(location_quotient(filled, excluding=excluding)[r, c])

        sign = -1.0 if bound is most else 1.0
        ends = [at(low[r, c]), at(high[r, c])]
        if high[r, c] > low[r, c]:
            inside = minimize_scalar(lambda x, sign=sign, at=at: sign * at(x), bounds=(low[r, c], high[r, c]), method="bounded",
                                     options={"xatol": 1e-9})  # fmt: skip
            ends.append(at(inside.x))
        reached = max(ends) if bound is most else min(ends)
        np.testing.assert_allclose(bound[r, c], reached, rtol=1e-6)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_a_known_base_tightens_the_bounds_and_no_filling_with_that_base_leaves_them(seed: int) -> None:
    low, high, random = cells(seed)
    truth = low + random.random(low.shape) * (high - low)
    base = truth.sum(axis=1)
    free = shared_quotient_bounds(low, high)
    held = shared_quotient_bounds(low, high, held=(base, base))
    assert (held[0] >= free[0] - 1e-9).all()
    assert (held[1] <= free[1] + 1e-9).all()
    quotient = location_quotient(truth)
    known = ~np.isnan(quotient)
    assert (quotient[known] >= held[0][known] * (1 - 1e-9)).all()
    assert (quotient[known] <= held[1][known] * (1 + 1e-9)).all()
    # Another filling with the same totals: move a little between two cells of each region.
    for _try in range(10):
        a, b = random.permutation(low.shape[1])[:2]
        step = random.random(4) * np.minimum(high[:, a] - truth[:, a], truth[:, b] - low[:, b])
        moved = truth.copy()
        moved[:, a] += step
        moved[:, b] -= step
        other = location_quotient(moved)
        known = ~np.isnan(other)
        assert (other[known] >= held[0][known] * (1 - 1e-9)).all()
        assert (other[known] <= held[1][known] * (1 + 1e-9)).all()


def test_the_upper_bound_is_the_peak_inside_the_bounds_of_the_cell() -> None:
    low, high = np.array([[0.0, 5.0], [1.0, 94.0]]), np.array([[10.0, 5.0], [1.0, 94.0]])
    _least, most = shared_quotient_bounds(low, high)
    peaks = [location_quotient(np.array([[x, 5.0], [1.0, 94.0]]))[0, 0] for x in np.linspace(0.01, 10.0, 20_000)]
    assert max(peaks) > peaks[-1] + 0.2
    np.testing.assert_allclose(most[0, 0], max(peaks), rtol=1e-7)


def test_what_nothing_limits_has_no_upper_bound_and_nothing_is_nothing() -> None:
    low, high = np.array([[0.0, 5.0], [1.0, 9.0]]), np.array([[0.0, 5.0], [np.inf, 9.0]])
    least, most = shared_quotient_bounds(low, high)
    assert (least[0, 0], most[0, 0]) == (0.0, 0.0)
    assert np.isfinite(most[1, 0])
    assert most[1, 0] > 1.0
    assert np.isinf(most[0, 1])  # the country without limit, this region's other cells nil


def test_published_cells_give_the_quotient_itself() -> None:
    table = np.array([[3.0, 7.0, 1.0], [2.0, 2.0, 5.0]])
    least, most = shared_quotient_bounds(table, table)
    np.testing.assert_allclose(least, location_quotient(table))
    np.testing.assert_allclose(most, location_quotient(table))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_industries_of_the_base_that_are_in_no_column_count_in_it(seed: int) -> None:
    low, high, _random = cells(seed)
    whole = shared_quotient_bounds(low, high)
    rows = (low.sum(axis=1, keepdims=True), high.sum(axis=1, keepdims=True))
    part = shared_quotient_bounds(low[:, :2], high[:, :2], rows)
    np.testing.assert_allclose(part[0], whole[0][:, :2])
    np.testing.assert_allclose(part[1], whole[1][:, :2])


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_a_known_sum_of_the_country_tightens_the_bounds_and_no_filling_with_that_sum_leaves_them(seed: int) -> None:
    low, high, random = cells(seed)
    truth = low + random.random(low.shape) * (high - low)
    whole = truth.sum(axis=0)
    free, held = shared_quotient_bounds(low, high), shared_quotient_bounds(low, high, columns=(whole, whole))
    assert (held[0] >= free[0] * (1 - 1e-9)).all()
    assert (held[1] <= free[1] * (1 + 1e-9)).all()
    for _try in range(10):
        quotient = location_quotient(truth)
        known = ~np.isnan(quotient)
        assert (quotient[known] >= held[0][known] * (1 - 1e-9)).all()
        assert (quotient[known] <= held[1][known] * (1 + 1e-9)).all()
        a, b = random.permutation(low.shape[0])[:2]  # another filling: move a little from one region to another
        step = random.random(3) * np.minimum(high[a] - truth[a], truth[b] - low[b])
        truth[a] += step
        truth[b] -= step


def test_with_a_known_sum_of_the_country_the_bounds_are_reached() -> None:
    low, high = np.array([[1.0, 5.0], [1.0, 9.0], [2.0, 20.0]]), np.array([[8.0, 6.0], [6.0, 9.0], [9.0, 30.0]])
    ends = (np.array([12.0, 0.0]), np.array([12.0, np.inf]))
    least, most = shared_quotient_bounds(low, high, columns=ends)
    reached = []
    for x in np.linspace(1.0, 8.0, 141):
        for y in np.linspace(1.0, 6.0, 101):
            for u in (5.0, 6.0):
                for v in (20.0, 30.0):
                    table = np.array([[x, u], [y, 9.0], [12.0 - x - y, v]])
                    if (table >= low - 1e-9).all() and (table <= high + 1e-9).all():
                        reached.append(location_quotient(table)[0, 0])
    np.testing.assert_allclose([least[0, 0], most[0, 0]], [min(reached), max(reached)], rtol=1e-3)
