"""Complexity against EconGeo, ecomplexity, hand-worked examples and its own properties."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from almaz.measures.complexity import economic_complexity, fitness, method_of_reflections
from almaz.measures.presence import presence_matrix

KNOWN = Path(__file__).parents[1] / "data" / "known_answers" / "econgeo"
Matrix = NDArray[np.float64]

# Hidalgo & Hausmann (2009), supporting material, figure S4: four countries, four products.
FIGURE_S4 = np.array([[1, 1, 1, 1], [0, 1, 0, 0], [0, 0, 1, 1], [0, 0, 0, 1]], dtype=float)


def table(name: str) -> Matrix:
    return np.genfromtxt(KNOWN / name, delimiter=",", skip_header=1)[:, 1:]


def econgeo_presence() -> NDArray[np.float32]:
    counts = table("est_state_naics3.csv")
    return presence_matrix(counts / counts.sum(axis=1, keepdims=True) / (counts.sum(axis=0) / counts.sum()))


def standardised(values: Matrix) -> Matrix:
    return (values - values.mean()) / values.std()


def projection_eigenvector(present: Matrix, decimals: int | None) -> Matrix:
    """EconGeo's way: the regions' projection, rounded by it to four decimals before its second eigenvector is taken."""
    projection = (present / present.sum(axis=1, keepdims=True)) @ (present / present.sum(axis=0)).T
    values, vectors = np.linalg.eig(projection if decimals is None else projection.round(decimals))
    second = np.real(vectors[:, np.argsort(-np.abs(values))[1]])
    return second * np.sign(np.corrcoef(second, present.sum(axis=1))[0, 1])


def test_eci_is_econgeos_kci_up_to_its_scale_and_its_rounding() -> None:
    """EconGeo gives v / |sum v| of a projection rounded to 4 decimals: the rounding is all that stands between."""
    kci = table("out_kci.csv").ravel()
    present = econgeo_presence().astype(float)
    rounded = projection_eigenvector(present, 4)
    np.testing.assert_allclose(rounded / abs(rounded.sum()), kci, rtol=1e-9)
    eci = economic_complexity(present).eci
    np.testing.assert_allclose(eci, standardised(projection_eigenvector(present, None)), rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(eci, standardised(kci), atol=5e-3)


def test_eci_and_pci_equal_ecomplexity() -> None:
    ecomplexity = pytest.importorskip("ecomplexity")
    pandas = pytest.importorskip("pandas")
    counts = np.stack([table("est2015_state_naics3.csv"), table("est_state_naics3.csv")])
    years, regions, industries = counts.shape
    year, region, industry = np.indices(counts.shape)
    frame = pandas.DataFrame(
        {"time": year.ravel(), "loc": region.ravel(), "prod": industry.ravel(), "val": counts.ravel()}
    )
    names = {"time": "time", "loc": "loc", "prod": "prod", "val": "val"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cells = ecomplexity.ecomplexity(frame, names, check_logsupermodularity=False, verbose=False)
    cells = cells.sort_values(["time", "loc", "prod"])
    quotient = counts / counts.sum(axis=2, keepdims=True)
    quotient /= counts.sum(axis=1, keepdims=True) / counts.sum(axis=(1, 2), keepdims=True)
    found = economic_complexity(presence_matrix(quotient))
    shape = (years, regions, industries)
    np.testing.assert_allclose(found.eci, cells["eci"].to_numpy().reshape(shape)[:, :, 0], rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(found.pci, cells["pci"].to_numpy().reshape(shape)[:, 0, :], rtol=1e-8, atol=1e-10)


def test_a_region_is_the_mean_of_its_industries() -> None:
    present = econgeo_presence().astype(float)
    found = economic_complexity(present)
    np.testing.assert_allclose(present @ found.pci / present.sum(axis=1), found.eci, atol=1e-10)
    assert found.eigenvalue == pytest.approx(0.20126337894, rel=1e-6)
    assert found.gap == pytest.approx(0.20126338 - 0.12537664, rel=1e-4)


@pytest.mark.parametrize("turned", [False, True])
def test_either_side_of_the_matrix_gives_the_same_pattern(turned: bool) -> None:
    """More regions than industries takes the other road through the computation."""
    generator = np.random.default_rng(1)
    present = (generator.random((30, 12)) < np.linspace(0.2, 0.8, 30)[:, None]).astype(float)
    present = present[present.sum(axis=1) > 0]
    matrix = present.T if turned else present
    found = economic_complexity(matrix)
    expected = standardised(projection_eigenvector(matrix, None))
    np.testing.assert_allclose(found.eci, expected, rtol=1e-8, atol=1e-9)


def test_reflections_by_hand() -> None:
    first, second = method_of_reflections(FIGURE_S4, 1), method_of_reflections(FIGURE_S4, 2)
    np.testing.assert_allclose(method_of_reflections(FIGURE_S4, 0).regions, [4, 1, 2, 1])
    np.testing.assert_allclose(method_of_reflections(FIGURE_S4, 0).industries, [1, 2, 2, 3])
    np.testing.assert_allclose(first.regions, [2, 2, 2.5, 3])
    np.testing.assert_allclose(first.industries, [4, 2.5, 3, 7 / 3])
    np.testing.assert_allclose(second.regions, [(4 + 2.5 + 3 + 7 / 3) / 4, 2.5, (3 + 7 / 3) / 2, 7 / 3])
    np.testing.assert_allclose(second.industries, [2, 2, 2.25, 2.5])


def test_even_reflections_tend_to_the_eigenvector() -> None:
    present = econgeo_presence()
    reflected = standardised(method_of_reflections(present, 18).regions)
    found = economic_complexity(present)
    np.testing.assert_allclose(reflected, found.eci, atol=0.05)
    assert np.corrcoef(reflected, found.eci)[0, 1] > 0.9999


def test_fitness_equals_plain_loops() -> None:
    present = (np.random.default_rng(2).random((6, 5)) < 0.6).astype(float)
    present[0] = 1.0
    steps = 25
    fit, complexity = [1.0] * 6, [1.0] * 5
    for _ in range(steps):
        new = [sum(present[r, i] * complexity[i] for i in range(5)) for r in range(6)]
        simple = [1 / sum(present[r, i] / fit[r] for r in range(6)) for i in range(5)]
        fit = [value / (sum(new) / 6) for value in new]
        complexity = [value / (sum(simple) / 5) for value in simple]
    found = fitness(present, iterations=steps, tolerance=0.0)
    np.testing.assert_allclose(found.fitness, fit, rtol=1e-10)
    np.testing.assert_allclose(found.complexity, complexity, rtol=1e-10)
    assert found.iterations == steps
    assert not found.converged


def test_fitness_settles_at_a_fixed_point() -> None:
    present = econgeo_presence().astype(float)
    found = fitness(present, tolerance=1e-12)
    assert found.converged
    fixed = present @ found.complexity
    np.testing.assert_allclose(fixed / fixed.mean(), found.fitness, rtol=1e-6)
    assert found.fitness.mean() == pytest.approx(1.0)
    assert found.complexity.mean() == pytest.approx(1.0)


def test_fitness_of_a_nested_world_follows_the_nesting() -> None:
    found = fitness(np.tri(5), iterations=200)
    assert (np.diff(found.fitness) > 0).all()
    assert (np.diff(found.complexity) > 0).all()


def test_an_undetermined_index_is_unknown_and_says_why() -> None:
    apart = np.kron(np.eye(2), np.ones((3, 4)))
    found = economic_complexity(apart)
    assert np.isnan(found.eci).all()
    assert found.eigenvalue == pytest.approx(1.0)
    assert found.gap == pytest.approx(0.0, abs=1e-9)
    alike = economic_complexity(np.ones((4, 3)))
    assert np.isnan(alike.pci).all()
    assert np.isnan(economic_complexity(np.ones((1, 3))).eigenvalue)


def test_empty_and_unknown_regions_and_industries_are_unknown_and_change_nothing() -> None:
    inner = (np.random.default_rng(3).random((9, 7)) < 0.5).astype(float)
    inner[:, 0] = inner[0] = 1.0
    outer = np.zeros((11, 9))
    outer[1:10, 1:8] = inner
    outer[10] = np.nan
    outer[:, 8] = np.nan
    found, alone = economic_complexity(outer), economic_complexity(inner)
    np.testing.assert_allclose(found.eci[1:10], alone.eci, rtol=1e-10)
    np.testing.assert_allclose(found.pci[1:8], alone.pci, rtol=1e-10)
    assert np.isnan(found.eci[[0, 10]]).all()
    assert np.isnan(found.pci[[0, 8]]).all()
    for values in (fitness(outer).fitness, method_of_reflections(outer, 4).regions):
        np.testing.assert_array_equal(np.isnan(values), np.isnan(found.eci))


def test_a_single_unknown_cell_is_refused() -> None:
    present = FIGURE_S4.copy()
    present[1, 1] = np.nan
    for measure in (economic_complexity, fitness):
        with pytest.raises(ValueError, match="unknown in 1 cells"):
            measure(present)


def test_numbers_of_steps_are_checked() -> None:
    with pytest.raises(ValueError, match="reflections"):
        method_of_reflections(FIGURE_S4, -1)
    with pytest.raises(ValueError, match="iteration"):
        fitness(FIGURE_S4, iterations=0)


@settings(max_examples=50, deadline=None)
@given(
    arrays(np.float64, (9, 6), elements=st.sampled_from([0.0, 1.0])),
    st.permutations(range(9)),
    st.permutations(range(6)),
)
def test_complexity_properties(present: Matrix, regions: list[int], industries: list[int]) -> None:
    found = economic_complexity(present)
    assume(np.isfinite(found.eci).sum() > 2)
    assume(found.gap > 1e-4)
    known = np.isfinite(found.eci)
    assert found.eci[known].mean() == pytest.approx(0.0, abs=1e-9)
    assert found.eci[known].std() == pytest.approx(1.0)
    diversity = present.sum(axis=1)[known]
    agreement = float((diversity - diversity.mean()) @ found.eci[known])
    assert agreement >= -1e-6
    assume(agreement > 1e-3)  # where it is zero the order of regions may decide the sign
    shuffled = economic_complexity(present[np.ix_(regions, industries)])
    np.testing.assert_allclose(shuffled.eci, found.eci[regions], atol=1e-6, equal_nan=True)
    np.testing.assert_allclose(shuffled.pci, found.pci[industries], atol=1e-6, equal_nan=True)


@settings(max_examples=40, deadline=None)
@given(
    arrays(np.float64, (6, 5), elements=st.sampled_from([0.0, 1.0])),
    st.permutations(range(6)),
    st.permutations(range(5)),
)
def test_fitness_and_reflections_do_not_care_for_the_order(
    present: Matrix, regions: list[int], industries: list[int]
) -> None:
    shuffled = present[np.ix_(regions, industries)]
    first, second = fitness(present, iterations=30), fitness(shuffled, iterations=30)
    np.testing.assert_allclose(second.fitness, first.fitness[regions], rtol=1e-8, equal_nan=True)
    np.testing.assert_allclose(second.complexity, first.complexity[industries], rtol=1e-8, equal_nan=True)
    before, after = method_of_reflections(present, 5), method_of_reflections(shuffled, 5)
    np.testing.assert_allclose(after.regions, before.regions[regions], rtol=1e-10, equal_nan=True)


def test_years_in_one_call_equal_single_years() -> None:
    present = (np.random.default_rng(4).random((3, 25, 10)) < 0.4).astype(np.float32)
    together, fit = economic_complexity(present), fitness(present, iterations=50)
    reflected = method_of_reflections(present, 6)
    for year in range(3):
        np.testing.assert_array_equal(together.eci[year], economic_complexity(present[year]).eci)
        np.testing.assert_array_equal(together.pci[year], economic_complexity(present[year]).pci)
        np.testing.assert_array_equal(fit.fitness[year], fitness(present[year], iterations=50).fitness)
        np.testing.assert_array_equal(reflected.industries[year], method_of_reflections(present[year], 6).industries)
