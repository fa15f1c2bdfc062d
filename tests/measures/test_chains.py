from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from almaz.measures import (
    allocation_coefficients,
    average_propagation_length,
    backward_length,
    backward_linkage,
    closed_coefficients,
    downstreamness,
    forward_linkage,
    ghosh_inverse,
    group_extraction,
    hypothetical_extraction,
    leontief_inverse,
    linkage_spread,
    multipliers,
    technical_coefficients,
    upstreamness,
)

Flows = tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]
MILLER_BLAIR = (np.array([[150.0, 500.0], [200.0, 100.0]]), np.array([1000.0, 2000.0]))
"""Miller and Blair (2009), ch. 2, table 2.3: two sectors, final demand 350 and 1,700."""


@st.composite
def economies(draw: st.DrawFn) -> Flows:
    """An economy whose industries sell some and keep some: flows and an output above what is sold and bought."""
    size = draw(st.integers(2, 6))
    flows = draw(arrays(np.float64, (size, size), elements=st.floats(0, 100).map(lambda x: round(x, 3))))
    margin = draw(arrays(np.float64, size, elements=st.floats(1, 100)))
    return flows, np.maximum(flows.sum(axis=0), flows.sum(axis=1)) + margin


def test_the_two_sectors_of_miller_and_blair() -> None:
    flows, output = MILLER_BLAIR
    coefficients = technical_coefficients(flows, output)
    np.testing.assert_allclose(coefficients, [[0.15, 0.25], [0.20, 0.05]])
    inverse = leontief_inverse(coefficients)
    np.testing.assert_allclose(inverse, [[1.2541, 0.3300], [0.2640, 1.1221]], atol=5e-5)
    np.testing.assert_allclose(inverse @ [600, 1500], [1247.52, 1841.58], atol=5e-3)
    np.testing.assert_allclose(backward_linkage(inverse), [1.518, 1.452], atol=5e-4)
    ghosh = ghosh_inverse(allocation_coefficients(flows, output))
    np.testing.assert_allclose(ghosh, [[1.254, 0.660], [0.132, 1.122]], atol=5e-4)


def test_households_as_one_more_industry_as_in_miller_and_blair() -> None:
    coefficients = technical_coefficients(*MILLER_BLAIR)
    closed = closed_coefficients(coefficients, np.array([0.30, 0.25]), np.array([0.05, 0.40, 0.05]))
    expected = [[1.365, 0.425, 0.251], [0.527, 1.348, 0.595], [0.570, 0.489, 1.289]]
    np.testing.assert_allclose(leontief_inverse(closed), expected, atol=5e-4)


def test_the_first_problem_of_miller_and_blair() -> None:
    flows, output = np.array([[500.0, 350.0], [320.0, 360.0]]), np.array([1000.0, 800.0])
    inverse = leontief_inverse(technical_coefficients(flows, output))
    np.testing.assert_allclose(inverse, [[4.0741, 3.2407], [2.3704, 3.7037]], atol=5e-5)
    np.testing.assert_allclose(inverse @ [200, 100], [1138.90, 844.40], atol=0.05)


def test_the_measures_of_pymrio_on_its_own_test_system() -> None:
    pymrio = pytest.importorskip("pymrio")
    system = pymrio.load_test().calc_all()
    flows, output = system.Z.to_numpy(), system.x.to_numpy().ravel()
    coefficients = technical_coefficients(flows, output)
    inverse = leontief_inverse(coefficients)
    np.testing.assert_allclose(coefficients, system.A.to_numpy(), rtol=1e-12)
    np.testing.assert_allclose(inverse, system.L.to_numpy(), rtol=1e-10, atol=1e-14)
    factors = system.factor_inputs
    intensity = factors.S.to_numpy()
    np.testing.assert_allclose(multipliers(intensity, inverse), factors.M.to_numpy(), rtol=1e-9)
    allocation = pymrio.calc_B(system.Z, system.x)
    np.testing.assert_allclose(allocation_coefficients(flows, output), np.asarray(allocation), rtol=1e-12)
    upstream = pymrio.calc_G(allocation)
    np.testing.assert_allclose(ghosh_inverse(np.asarray(allocation)), np.asarray(upstream), rtol=1e-9, atol=1e-13)


def test_a_straight_chain_has_the_lengths_one_counts() -> None:
    flows = np.array([[0.0, 10.0, 0.0], [0.0, 0.0, 10.0], [0.0, 0.0, 0.0]])
    output = np.full(3, 10.0)
    np.testing.assert_allclose(upstreamness(flows, output), [3, 2, 1])
    np.testing.assert_allclose(downstreamness(flows, output), [1, 2, 3])
    lengths = average_propagation_length(leontief_inverse(technical_coefficients(flows, output)))
    np.testing.assert_allclose(lengths, [[np.nan, 1, 2], [np.nan, np.nan, 1], [np.nan, np.nan, np.nan]])
    np.testing.assert_allclose(
        backward_length(leontief_inverse(technical_coefficients(flows, output))), [np.nan, 1, 1.5]
    )


def test_upstreamness_counts_trade_and_inventories_by_hand() -> None:
    flows, output = np.array([[20.0, 30.0], [0.0, 0.0]]), np.array([100.0, 80.0])
    exports, imports, inventories = np.array([30.0, 0.0]), np.array([10.0, 0.0]), np.array([5.0, 0.0])
    # of 100 − 30 + 10 − 5 = 75: 20 to itself, 30 to the second, which is final: U = 1 + 20/75 U + 30/75
    expected = (1 + 30 / 75) / (1 - 20 / 75)
    got = upstreamness(flows, output, exports=exports, imports=imports, inventories=inventories)
    np.testing.assert_allclose(got, [expected, 1.0])


def test_an_industry_that_is_all_exported_has_no_upstreamness() -> None:
    got = upstreamness(np.zeros((2, 2)), np.array([10.0, 10.0]), exports=np.array([10.0, 0.0]))
    np.testing.assert_array_equal(got, [np.nan, 1.0])


def test_what_does_not_end_is_refused() -> None:
    with pytest.raises(ValueError, match="does not end"):
        leontief_inverse(np.array([[0.5, 0.6], [0.6, 0.5]]))
    with pytest.raises(ValueError, match="no inverse"):
        leontief_inverse(np.eye(2))
    with pytest.raises(ValueError, match="without output buys"):
        technical_coefficients(np.ones((2, 2)), np.array([1.0, 0.0]))


@given(economies())
@settings(deadline=None, max_examples=60)
def test_the_inverse_undoes_what_the_industries_use(economy: Flows) -> None:
    coefficients = technical_coefficients(*economy)
    inverse = leontief_inverse(coefficients)
    np.testing.assert_allclose(inverse @ (np.eye(len(inverse)) - coefficients), np.eye(len(inverse)), atol=1e-8)
    assert np.all(inverse >= np.eye(len(inverse)) - 1e-9)
    flows, output = economy
    np.testing.assert_allclose(inverse @ (output - flows.sum(axis=1)), output, rtol=1e-8)


@given(economies(), st.floats(1e-3, 1e6))
@settings(deadline=None, max_examples=60)
def test_the_unit_of_money_does_not_matter(economy: Flows, unit: float) -> None:
    flows, output = economy
    for measure in (technical_coefficients, allocation_coefficients, upstreamness, downstreamness):
        np.testing.assert_allclose(measure(flows * unit, output * unit), measure(flows, output), rtol=1e-7)


@given(economies(), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=60)
def test_the_order_of_industries_does_not_matter(economy: Flows, random: object) -> None:
    flows, output = economy
    order = np.arange(output.size)
    random.shuffle(order)  # type: ignore[attr-defined]
    swapped, moved = flows[np.ix_(order, order)], output[order]
    inverse, other = (leontief_inverse(technical_coefficients(f, x)) for f, x in ((flows, output), (swapped, moved)))
    for measure in (backward_linkage, forward_linkage, linkage_spread, backward_length):
        np.testing.assert_allclose(measure(other), measure(inverse)[order], rtol=1e-7)
    np.testing.assert_allclose(upstreamness(swapped, moved), upstreamness(flows, output)[order], rtol=1e-7)
    np.testing.assert_allclose(
        average_propagation_length(other), average_propagation_length(inverse)[np.ix_(order, order)], rtol=1e-6
    )


@given(economies())
@settings(deadline=None, max_examples=60)
def test_lengths_of_both_inverses_are_the_same_and_no_shorter_than_a_step(economy: Flows) -> None:
    flows, output = economy
    lengths = average_propagation_length(leontief_inverse(technical_coefficients(flows, output)))
    sold = average_propagation_length(ghosh_inverse(allocation_coefficients(flows, output)))
    np.testing.assert_allclose(lengths, sold, rtol=1e-5)
    assert np.nanmin(lengths, initial=1.0) >= 1.0 - 1e-9


@given(economies())
@settings(deadline=None, max_examples=60)
def test_stages_upstreamness_and_linkages_are_sums_of_the_inverses(economy: Flows) -> None:
    flows, output = economy
    inverse = leontief_inverse(technical_coefficients(flows, output))
    np.testing.assert_allclose(downstreamness(flows, output), backward_linkage(inverse), rtol=1e-9)
    ghosh = ghosh_inverse(allocation_coefficients(flows, output))
    np.testing.assert_allclose(upstreamness(flows, output), forward_linkage(ghosh), rtol=1e-9)
    np.testing.assert_allclose(backward_linkage(inverse, normalised=True).mean(), 1.0)
    # every unit of final demand is paid out as primary input somewhere along the chain
    primary = (output - flows.sum(axis=0)) / output
    np.testing.assert_allclose(multipliers(primary, inverse), 1.0, rtol=1e-8)


@given(economies(), st.integers(0, 5))
@settings(deadline=None, max_examples=60)
def test_extraction_is_the_difference_of_two_solutions(economy: Flows, place: int) -> None:
    flows, output = economy
    place %= output.size
    coefficients, final = technical_coefficients(flows, output), output - flows.sum(axis=1)
    kept = np.arange(output.size) != place
    without = np.zeros_like(output)
    without[kept] = np.linalg.solve(np.eye(kept.sum()) - coefficients[np.ix_(kept, kept)], final[kept])
    inverse = leontief_inverse(coefficients)
    np.testing.assert_allclose(hypothetical_extraction(inverse, output)[place], (output - without).sum(), rtol=1e-7)
    np.testing.assert_allclose(group_extraction(inverse, output, [place]), output - without, rtol=1e-6, atol=1e-7)


def test_several_years_are_measured_at_once() -> None:
    flows, output = MILLER_BLAIR
    years, outputs = np.stack([flows, flows * 1.1]), np.stack([output, output])
    inverse = leontief_inverse(technical_coefficients(years, outputs))
    for year in range(2):
        alone = leontief_inverse(technical_coefficients(years[year], outputs[year]))
        np.testing.assert_allclose(inverse[year], alone)
        np.testing.assert_allclose(upstreamness(years, outputs)[year], upstreamness(years[year], outputs[year]))
        np.testing.assert_allclose(downstreamness(years, outputs)[year], backward_linkage(alone))
