"""Intervals and probabilities of location quotients against brute force, simulation and their own properties."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import brentq, minimize_scalar
from scipy.stats import binom

from almaz.measures.effective_number import Counts
from almaz.measures.intervals import (
    QuotientModel,
    delta_interval,
    probability_at_least,
    probability_from_draws,
    probability_strong,
    profile_interval,
    quotient_draws,
    quotient_model,
)

Z95 = 1.959963984540054


def share_model(count: float, n: float, reference: float = 1.0, **rest: float) -> QuotientModel:
    """A single quotient with a given number of trials, so that the likelihood is the textbook's."""
    arrays = [np.array([value]) for value in (count / n / reference, count / n, n, reference, rest.get("weight", 0.0))]
    if "rest_count" not in rest:
        return QuotientModel(*arrays)
    return QuotientModel(*arrays, np.array([rest["rest_count"] / rest["rest_n"]]), np.array([rest["rest_n"]]))


def log_likelihood(count: float, n: float, p: float) -> float:
    return (count * np.log(p) if count else 0.0) + ((n - count) * np.log(1 - p) if n > count else 0.0)


def brute_share_limits(count: float, n: float, z: float) -> tuple[float, float]:
    top = log_likelihood(count, n, count / n)

    def gap(p: float) -> float:
        return float(2 * (top - log_likelihood(count, n, p)) - z**2)

    return brentq(gap, 1e-15, count / n, xtol=1e-15), brentq(gap, count / n, 1 - 1e-15, xtol=1e-15)


@pytest.mark.parametrize(("count", "n"), [(10, 100), (1, 7), (250.5, 300.25), (3, 4.5e6), (0.25, 40)])
@pytest.mark.parametrize("level", [0.5, 0.95, 0.999])
def test_profile_limits_of_a_share_equal_a_brute_force_root_finder(count: float, n: float, level: float) -> None:
    from scipy.stats import norm

    low, high = brute_share_limits(count, n, norm.ppf(0.5 + level / 2))
    found = profile_interval(share_model(count, n), level)
    assert found.low[0] == pytest.approx(low, rel=1e-9)
    assert found.high[0] == pytest.approx(high, rel=1e-9)


def test_ten_in_a_hundred() -> None:
    """D(p) = 20 log(0.1/p) + 180 log(0.9/(1-p)) = 3.841459 is solved by 0.0514 and 0.1688."""
    found = profile_interval(share_model(10, 100))
    for limit in (found.low[0], found.high[0]):
        assert 20 * np.log(0.1 / limit) + 180 * np.log(0.9 / (1 - limit)) == pytest.approx(Z95**2, rel=1e-9)
    assert (round(found.low[0], 4), round(found.high[0], 4)) == (0.0514, 0.1688)


def brute_ratio_deviance(x1: float, n1: float, x0: float, n0: float) -> Callable[[float], float]:
    top = log_likelihood(x1, n1, x1 / n1) + log_likelihood(x0, n0, x0 / n0)

    def deviance(log_ratio: float) -> float:
        ratio = np.exp(log_ratio)
        ceiling = min(1.0, 1.0 / ratio)
        found = minimize_scalar(
            lambda p: -log_likelihood(x1, n1, ratio * p) - log_likelihood(x0, n0, p),
            bounds=(1e-12, ceiling * (1 - 1e-12)),
            method="bounded",
            options={"xatol": 1e-14},
        )
        return float(2 * (top + found.fun))

    return deviance


@pytest.mark.parametrize(("x1", "n1", "x0", "n0"), [(10, 100, 40, 900), (3, 12, 30, 400), (55.5, 70.25, 20, 95)])
def test_profile_limits_of_a_ratio_equal_a_brute_force_profile(x1: float, n1: float, x0: float, n0: float) -> None:
    deviance = brute_ratio_deviance(x1, n1, x0, n0)
    middle = np.log(x1 / n1 / (x0 / n0))
    low = np.exp(brentq(lambda t: deviance(t) - Z95**2, middle - 6, middle, xtol=1e-13))
    high = np.exp(brentq(lambda t: deviance(t) - Z95**2, middle, middle + 3, xtol=1e-13))
    outside = profile_interval(share_model(x1, n1, x0 / n0, rest_count=x0, rest_n=n0))
    np.testing.assert_allclose([outside.low[0], outside.high[0]], [low, high], rtol=1e-6)
    weight = 0.1
    included = profile_interval(share_model(x1, n1, 0.05, rest_count=x0, rest_n=n0, weight=weight))
    expected = [limit / (weight * limit + 1 - weight) for limit in (low, high)]
    np.testing.assert_allclose([included.low[0], included.high[0]], expected, rtol=1e-6)


def test_delta_limits_by_hand() -> None:
    model = share_model(20, 100, 0.1)
    found = delta_interval(model)
    error = np.sqrt(0.8 / 20)
    np.testing.assert_allclose([found.low[0], found.high[0]], 2 * np.exp([-Z95 * error, Z95 * error]), rtol=1e-12)


def test_delta_limits_with_an_uncertain_reference_are_katz_limits() -> None:
    """Katz et al. (1978): the log of a ratio of shares varies by 1/x1 - 1/n1 + 1/x0 - 1/n0."""
    model = share_model(20, 100, 0.1, rest_count=30, rest_n=300)
    error = np.sqrt(1 / 20 - 1 / 100 + 1 / 30 - 1 / 300)
    assert delta_interval(model).high[0] == pytest.approx(2 * np.exp(Z95 * error), rel=1e-12)


def test_delta_with_the_region_inside_the_reference_equals_numerical_differentiation() -> None:
    weight, p, n, rest_share, rest_n = 0.3, 0.2, 150.0, 0.08, 700.0

    def log_quotient(a: float, b: float) -> float:
        return float(np.log(a / (weight * a + (1 - weight) * b)))

    step = 1e-6
    by_p = (log_quotient(p + step, rest_share) - log_quotient(p - step, rest_share)) / (2 * step)
    by_rest = (log_quotient(p, rest_share + step) - log_quotient(p, rest_share - step)) / (2 * step)
    variance = by_p**2 * p * (1 - p) / n + by_rest**2 * rest_share * (1 - rest_share) / rest_n
    reference = weight * p + (1 - weight) * rest_share
    model = share_model(p * n, n, reference, rest_count=rest_share * rest_n, rest_n=rest_n, weight=weight)
    found = delta_interval(model)
    assert np.log(found.high[0] / model.quotient[0]) == pytest.approx(Z95 * np.sqrt(variance), rel=1e-8)


def exact_coverage(n: int, p: float, interval: Callable[..., object]) -> float:
    counts = np.arange(n + 1)
    shares = counts / n
    model = QuotientModel(shares, shares, np.full(n + 1, float(n)), np.ones(n + 1), np.zeros(n + 1))
    found = interval(model)
    covered = (found.low <= p) & (p <= found.high)  # type: ignore[attr-defined]
    return float(binom.pmf(counts, n, p)[covered].sum())


def test_exact_coverage_averages_to_its_level() -> None:
    """Summed over all binomial outcomes, no simulation; single p ripple because counts are whole numbers."""
    shares = np.linspace(0.05, 0.3, 26)
    profile = np.array([exact_coverage(300, p, profile_interval) for p in shares])
    delta = np.array([exact_coverage(300, p, delta_interval) for p in shares])
    assert profile.min() > 0.935
    assert delta.min() > 0.93
    assert 0.945 < profile.mean() < 0.955
    assert 0.945 < delta.mean() < 0.965


def simulated_regions(seed: int, variation: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """4,000 regions: 40 big establishments of the industry expected among 400 small ones; gamma sizes."""
    generator = np.random.default_rng(seed)
    units = np.stack([generator.poisson(40.0, 4000), generator.poisson(400.0, 4000)], axis=1).astype(float)
    sizes = np.array([50.0, 5.0])
    if variation == 0.0:
        return units * sizes, units
    return generator.gamma(units / variation, sizes * variation), units


def covered(employment: NDArray[np.float64], establishments: NDArray[np.float64] | None, variation: float) -> float:
    """Share of regions whose 95 % interval holds the true share 2000 / (2000 + 2000)."""
    country = Counts(np.array(2.0), None if establishments is None else np.array(2.0))
    reference = Counts(np.array([1.0, 1.0]), None if establishments is None else np.array([1.0, 1.0]))
    model = quotient_model(
        Counts(employment, establishments),
        reference=reference,
        country=country,
        region_in_reference="outside",
        size_variation=variation,
    )
    found = profile_interval(model)
    return float(((found.low <= 1.0) & (found.high >= 1.0))[:, 0].mean())


def test_coverage_with_establishments_as_draws() -> None:
    employment, establishments = simulated_regions(11, 0.0)
    assert 0.93 <= covered(employment, establishments, 0.0) <= 0.97


def test_coverage_with_unequal_establishments_needs_their_variation() -> None:
    employment, establishments = simulated_regions(12, 1.0)
    assert 0.93 <= covered(employment, establishments, 1.0) <= 0.97
    assert covered(employment, establishments, 0.0) < 0.88


def test_employees_as_draws_cover_far_too_little() -> None:
    employment, _ = simulated_regions(13, 0.0)
    assert covered(employment, None, 0.0) < 0.5


def test_coverage_with_an_uncertain_reference() -> None:
    """Two regions make the country; LQ = 1.25 in the first (share 0.25 against 0.2), region inside the reference."""
    generator = np.random.default_rng(14)
    first = generator.binomial(200, 0.25, 4000)
    second = generator.binomial(200, 0.15, 4000)
    units = np.stack([np.stack([first, 200 - first], -1), np.stack([second, 200 - second], -1)], axis=1).astype(float)
    model = quotient_model(Counts(units * 8.0, units), reference_known=False)
    for interval in (profile_interval(model), delta_interval(model)):
        inside = (interval.low[:, 0, 0] <= 1.25) & (interval.high[:, 0, 0] >= 1.25)
        assert 0.93 <= inside.mean() <= 0.97


def test_the_estimate_is_the_quotient_of_employment() -> None:
    employment = np.array([[30.0, 70.0], [10.0, 90.0]])
    model = quotient_model(Counts(employment, np.array([[3.0, 14.0], [1.0, 9.0]])))
    np.testing.assert_allclose(model.quotient, [[1.5, 0.875], [0.5, 1.125]])
    excluded = quotient_model(Counts(employment, employment), region_in_reference="excluded")
    np.testing.assert_allclose(excluded.quotient, [[3.0, 0.7 / 0.9], [1 / 3, 0.9 / 0.7]])


def test_nothing_counted_gives_a_one_sided_interval() -> None:
    employment = np.array([[0.0, 100.0], [40.0, 160.0]])
    establishments = np.array([[0.0, 10.0], [4.0, 16.0]])
    for known in (True, False):
        model = quotient_model(Counts(employment, establishments), reference_known=known)
        for found in (profile_interval(model), delta_interval(model)):
            assert found.low[0, 0] == 0.0
            assert found.high[0, 0] > 0.0
    reference = 40 / 300
    model = quotient_model(Counts(employment, establishments))
    expected = (1 - np.exp(-(Z95**2) / 2 / 10)) / reference  # an empty region of ten typical establishments
    assert profile_interval(model).high[0, 0] == pytest.approx(expected, rel=1e-9)


def test_an_industry_found_in_one_region_only_reaches_the_largest_possible_quotient() -> None:
    employment = np.array([[50.0, 50.0], [0.0, 300.0]])
    establishments = np.array([[5.0, 5.0], [0.0, 30.0]])
    model = quotient_model(Counts(employment, establishments), reference_known=False)
    found = profile_interval(model)
    assert model.quotient[0, 0] == pytest.approx(4.0)
    assert found.high[0, 0] == pytest.approx(4.0)  # 1 / w
    assert 1.0 < found.low[0, 0] < 4.0
    assert delta_interval(model).low[0, 0] == pytest.approx(found.low[0, 0])


def test_unknown_in_unknown_out() -> None:
    employment = np.array([[np.nan, 20.0], [10.0, 30.0], [5.0, 5.0]])
    establishments = np.array([[2.0, 4.0], [2.0, 6.0], [np.nan, 1.0]])
    totals = Counts(np.array([40.0, 40.0, 10.0]), np.array([8.0, 8.0, 3.0]))
    model = quotient_model(
        Counts(employment, establishments),
        regions=totals,
        reference=Counts(np.array([30.0, 55.0]), np.array([8.0, 11.0])),
        country=Counts(np.array(90.0), np.array(19.0)),
    )
    for values in (profile_interval(model).low, delta_interval(model).high, probability_at_least(model, 1.0)):
        np.testing.assert_array_equal(np.isnan(values), [[True, False], [False, False], [True, False]])
    assert np.isnan(quotient_draws(model, 3, seed=1)[:, 0, 0]).all()
    assert np.isnan(probability_strong(model, 1.0)[0, 0])


@pytest.mark.parametrize("level", [0.0, 1.0, 95.0])
def test_an_impossible_level_is_refused(level: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        profile_interval(share_model(1, 2), level)


@settings(max_examples=60, deadline=None)
@given(
    count=st.floats(0.3, 500),
    others=st.floats(0.3, 5000),
    rest_count=st.floats(0.5, 5000),
    rest_others=st.floats(0.5, 50000),
    level=st.floats(0.5, 0.99),
    known=st.booleans(),
)
def test_interval_properties(
    count: float, others: float, rest_count: float, rest_others: float, level: float, known: bool
) -> None:
    establishments = np.array([[count, others], [rest_count, rest_others]])
    sizes = np.array([[30.0, 6.0], [12.0, 9.0]])

    def model(units: NDArray[np.float64], scale: float = 1.0) -> QuotientModel:
        return quotient_model(Counts(units * sizes * scale, units), reference_known=known)

    base = model(establishments)
    for interval in (profile_interval, delta_interval):
        found, wider = interval(base, level), interval(base, 0.5 + level / 2)
        narrower, scaled = interval(model(establishments * 3), level), interval(model(establishments, 1000.0), level)
        tolerance = 1e-7 * base.quotient
        assert (found.low <= base.quotient + tolerance).all()
        assert (base.quotient <= found.high + tolerance).all()
        assert (wider.low <= found.low + tolerance).all()
        assert (wider.high >= found.high - tolerance).all()
        assert (np.log(narrower.high / narrower.low) <= np.log(found.high / found.low) + 1e-7).all()
        np.testing.assert_allclose(scaled.low, found.low, rtol=1e-6)
        np.testing.assert_allclose(scaled.high, found.high, rtol=1e-6)


@settings(max_examples=60, deadline=None)
@given(
    count=st.floats(0.0, 300),
    others=st.floats(0.5, 3000),
    known=st.booleans(),
    level=st.floats(0.3, 0.999),
)
def test_probability_falls_with_the_threshold_and_agrees_with_the_interval(
    count: float, others: float, known: bool, level: float
) -> None:
    count = 0.0 if count < 0.01 else count
    establishments = np.array([[count, others], [80.0, 700.0]])
    model = quotient_model(Counts(establishments * 7.0, establishments), reference_known=known)
    thresholds = np.concatenate([[-1.0, 0.0], np.geomspace(1e-3, 50, 40)])
    chances = np.stack([probability_at_least(model, t) for t in thresholds])
    assert ((chances >= 0) & (chances <= 1)).all()
    assert (np.diff(chances, axis=0) <= 1e-12).all()
    found = profile_interval(model, level)
    at_high = probability_at_least(model, found.high)
    ends = 1 / (model.reference if known else model.weight)  # an industry in one region only: half sits at the end
    expected = np.where(found.high < ends * (1 - 1e-9), (1 - level) / 2, 0.5)
    np.testing.assert_allclose(at_high, expected, atol=1e-6)
    if count > 0:
        np.testing.assert_allclose(probability_at_least(model, found.low), (1 + level) / 2, atol=1e-7)
        np.testing.assert_allclose(probability_at_least(model, model.quotient), 0.5, atol=1e-6)


def test_probability_is_calibrated() -> None:
    """Where the true quotient is the threshold, the probability is uniform over repeated tables."""
    generator = np.random.default_rng(15)
    n = 40_000  # so many that steps between whole counts do not show
    share = generator.binomial(n, 0.2, 4000) / n
    model = QuotientModel(share / 0.2, share, np.full(4000, float(n)), np.full(4000, 0.2), np.zeros(4000))
    chances = probability_at_least(model, 1.0)
    for level in (0.1, 0.25, 0.5, 0.75, 0.9):
        assert (chances <= level).mean() == pytest.approx(level, abs=0.02)


def test_strong_takes_threshold_minimum_and_floors() -> None:
    model = share_model(30, 200, 0.1)
    assert probability_strong(model, 1.3) == pytest.approx(probability_at_least(model, 1.3))
    assert probability_strong(model, 0.4) == pytest.approx(probability_at_least(model, 1.0))
    assert probability_strong(model, 1.3, floors=np.array([False])) == pytest.approx([0.0])
    assert probability_strong(model, 1.3, floors=0.25) == pytest.approx(0.25 * probability_at_least(model, 1.3))


def test_an_estimated_threshold_averages_over_its_error() -> None:
    model = share_model(30, 200, 0.1)
    generator = np.random.default_rng(16)
    thresholds = np.maximum(1.3 * np.exp(0.2 * generator.standard_normal(200_000)), 1.0)
    many = QuotientModel(*(np.broadcast_to(a, thresholds.shape) for a in (model.quotient, model.share, model.n)),
                         np.full(thresholds.shape, 0.1), np.zeros(thresholds.shape))  # fmt: skip
    expected = probability_at_least(many, thresholds).mean()
    assert probability_strong(model, 1.3, threshold_error=0.2)[0] == pytest.approx(expected, abs=0.004)
    assert probability_strong(model, 1.3, threshold_error=1e-9) == pytest.approx(probability_strong(model, 1.3))
    half = probability_strong(model, 1.3, threshold_error=0.2, floors=0.5)[0]
    assert half == pytest.approx(expected / 2, abs=0.002)
    assert np.isnan(probability_strong(model, np.nan)).all()


def test_share_of_draws() -> None:
    draws = np.array([[1.0, 2.0, np.nan], [3.0, 0.5, 4.0], [1.0, 0.1, 9.0], [2.0, 5.0, 9.0]])
    np.testing.assert_array_equal(probability_from_draws(draws, 1.0), [1.0, 0.5, np.nan])
    np.testing.assert_array_equal(
        probability_from_draws(draws[:, :2], np.array([[2.0], [2.0], [0.5], [3.0]])), [0.5, 0.5]
    )
    with pytest.raises(ValueError, match="at least one draw"):
        probability_from_draws(np.zeros((0, 3)), 1.0)


@pytest.mark.parametrize("known", [True, False])
def test_draws_agree_with_the_likelihood_and_repeat_with_their_seed(known: bool) -> None:
    establishments = np.array([[12.0, 90.0], [40.0, 700.0], [25.0, 210.0]])
    model = quotient_model(Counts(establishments * 7.0, establishments), reference_known=known)
    draws = quotient_draws(model, 20_000, seed=3)
    assert draws.shape == (20_000, 3, 2)
    for threshold in (0.8, 1.0, 1.3):
        found = probability_from_draws(draws, threshold)
        np.testing.assert_allclose(found, probability_at_least(model, threshold), atol=0.025)
    np.testing.assert_array_equal(draws[:50], quotient_draws(model, 20_000, seed=3)[:50])


def test_years_in_front() -> None:
    establishments = np.array([[12.0, 90.0], [40.0, 700.0]])
    two = np.stack([establishments, establishments * 2])
    found = profile_interval(quotient_model(Counts(two * 5, two), reference_known=False))
    second = profile_interval(quotient_model(Counts(establishments * 10, establishments * 2), reference_known=False))
    np.testing.assert_allclose(found.high[1], second.high, rtol=1e-10)
