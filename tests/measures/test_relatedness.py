"""Relatedness against EconGeo, ecomplexity, brute force and its own properties."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from almaz.measures.presence import presence_matrix
from almaz.measures.relatedness import (
    co_occurrence,
    co_occurrence_relatedness,
    coagglomeration,
    combined_relatedness,
    input_output_relatedness,
    locational_correlation,
    occupation_correlation,
    relatedness_density,
)

KNOWN = Path(__file__).parents[1] / "data" / "known_answers" / "econgeo"
Matrix = NDArray[np.float64]


def table(name: str) -> Matrix:
    return np.genfromtxt(KNOWN / name, delimiter=",", skip_header=1)[:, 1:]


def econgeo_presence() -> NDArray[np.float32]:
    counts = table("est_state_naics3.csv")
    return presence_matrix(counts / counts.sum(axis=1, keepdims=True) / (counts.sum(axis=0) / counts.sum()))


zero_one = arrays(np.float64, (7, 5), elements=st.sampled_from([0.0, 1.0]))
positive = arrays(np.float64, (7, 5), elements=st.floats(0.01, 1e4))


@pytest.mark.parametrize(("method", "file"), [("cosine", "cosine"), ("probability", "prob")])
def test_relatedness_equals_econgeo(method: str, file: str) -> None:
    found = co_occurrence_relatedness(co_occurrence(econgeo_presence()), method, margin="links")  # type: ignore[arg-type]
    np.testing.assert_allclose(found, table(f"out_relatedness_{file}.csv"), rtol=1e-9, atol=1e-15)


def test_proximity_and_density_equal_ecomplexity() -> None:
    ecomplexity = pytest.importorskip("ecomplexity")
    pandas = pytest.importorskip("pandas")
    counts = table("est_state_naics3.csv")
    regions, industries = counts.shape
    frame = pandas.DataFrame(
        {
            "time": 2016,
            "loc": np.repeat(np.arange(regions), industries),
            "prod": np.tile(np.arange(industries), regions),
            "val": counts.ravel(),
        }
    )
    names = {"time": "time", "loc": "loc", "prod": "prod", "val": "val"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pairs = ecomplexity.proximity(frame, names).sort_values(["prod_1", "prod_2"])
        cells = ecomplexity.ecomplexity(frame, names, check_logsupermodularity=False, verbose=False)
    present = econgeo_presence()
    proximity = co_occurrence_relatedness(co_occurrence(present))
    np.testing.assert_allclose(proximity.ravel(), pairs["proximity"], rtol=1e-12)
    cells = cells.sort_values(["loc", "prod"])
    np.testing.assert_allclose(relatedness_density(present, proximity).ravel(), cells["density"], rtol=1e-12)


def test_locational_correlation_equals_pearson_pair_by_pair() -> None:
    from scipy.stats import pearsonr

    activity = np.random.default_rng(5).gamma(0.4, 900.0, size=(30, 4))
    found = locational_correlation(activity)
    for i in range(4):
        for j in range(4):
            assert found[i, j] == pytest.approx(pearsonr(activity[:, i], activity[:, j]).statistic, rel=1e-12)


def test_correlation_of_the_unknown_and_of_the_constant_is_unknown() -> None:
    activity = np.array([[1.0, 2.0, np.nan, 0.1], [2.0, 1.0, 5.0, 0.1], [3.0, 5.0, 1.0, 0.1]])
    found = locational_correlation(activity)
    assert np.isfinite(found[:2, :2]).all()
    assert np.isnan(found[2:]).all()
    assert np.isnan(found[:, 2:]).all()


def test_occupations_count_by_their_shares() -> None:
    occupations = np.array([[1.0, 2.0, 7.0], [10.0, 20.0, 70.0], [7.0, 2.0, 1.0], [0.0, 0.0, 0.0]])
    found = occupation_correlation(occupations)
    assert found[0, 1] == pytest.approx(1.0)
    assert found[0, 2] == pytest.approx(np.corrcoef(occupations[0], occupations[2])[0, 1])
    assert np.isnan(found[3]).all()


def test_coagglomeration_by_hand() -> None:
    # shares (.5,.5), (.8,.2); x = (.65,.35); product (-.15)(.15) + (.15)(-.15) = -.045; 1 - sum x² = .455
    found = coagglomeration(np.array([[5.0, 80.0], [5.0, 20.0]]))
    np.testing.assert_allclose(found, np.array([[0.045, -0.045], [-0.045, 0.045]]) / 0.455, rtol=1e-12)


def test_coagglomeration_equals_loops_and_takes_a_given_distribution() -> None:
    activity = np.random.default_rng(6).gamma(0.5, 100.0, size=(6, 4))
    x = np.array([0.3, 0.2, 0.2, 0.1, 0.1, 0.1])
    share = activity / activity.sum(axis=0)
    expected = np.zeros((4, 4))
    for i in range(4):
        for j in range(4):
            expected[i, j] = sum((share[r, i] - x[r]) * (share[r, j] - x[r]) for r in range(6)) / (1 - (x**2).sum())
    np.testing.assert_allclose(coagglomeration(activity, x), expected, rtol=1e-10)


def test_an_industry_unknown_somewhere_leaves_the_others_alone() -> None:
    activity = np.random.default_rng(7).gamma(0.5, 100.0, size=(6, 4))
    without = coagglomeration(activity[:, :3])
    activity[2, 3] = np.nan
    found = coagglomeration(activity)
    np.testing.assert_allclose(found[:3, :3], without)
    assert np.isnan(found[3]).all()


def test_input_output_relatedness_by_hand() -> None:
    use = np.array([[0.0, 30.0, 10.0], [20.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    # 1 and 2: inputs 30/30 of industry 2 come from 1; 1 and 3: all inputs of 3 come from 1; 2 and 3: nothing
    np.testing.assert_allclose(input_output_relatedness(use)[0], [0.0, 1.0, 1.0])
    assert input_output_relatedness(use)[1, 2] == 0.0
    found = input_output_relatedness(use, np.array([100.0, 60.0, 100.0]), np.array([120.0, 80.0, 0.0]))
    assert found[0, 1] == pytest.approx(0.5)  # 30/60 above 30/120, 20/100, 20/80
    assert found[0, 2] == pytest.approx(0.1)  # 10/100 above 10/120
    use[0, 1] = np.nan
    assert np.isnan(input_output_relatedness(use)[0, 1])


def test_co_occurrence_family_by_hand() -> None:
    matrix = np.array([[1, 1, 0], [1, 1, 0], [1, 0, 0], [0, 1, 0], [1, 0, 0]], dtype=float)
    counts = co_occurrence(matrix)
    np.testing.assert_array_equal(counts, [[4, 2, 0], [2, 3, 0], [0, 0, 0]])
    expected = {"proximity": 2 / 4, "cosine": 2 / np.sqrt(12), "jaccard": 2 / 5, "association": 2 * 5 / 12}
    for method, value in expected.items():
        found = co_occurrence_relatedness(counts, method, events=5)  # type: ignore[arg-type]
        assert found[0, 1] == pytest.approx(value)
        assert np.isnan(found[2]).all()
    links = np.array([[0, 2, 1], [2, 0, 3], [1, 3, 0]], dtype=float)  # sizes 3, 5, 4; total 12
    assert co_occurrence_relatedness(links, "association", margin="links")[0, 1] == pytest.approx(2 * 12 / 15)
    assert co_occurrence_relatedness(links, "jaccard", margin="links")[1, 2] == pytest.approx(3 / 6)
    chance = 12 / 2 * (3 / 12 * 5 / 9 + 5 / 12 * 3 / 7)
    assert co_occurrence_relatedness(links, "probability", margin="links")[0, 1] == pytest.approx(2 / chance)


@pytest.mark.parametrize("method", ["association", "probability"])
def test_undefined_combinations_are_refused(method: str) -> None:
    with pytest.raises(ValueError, match=method):
        co_occurrence_relatedness(np.eye(3), method)  # type: ignore[arg-type]


def test_unknown_regions_are_left_out_and_unknown_industries_stay_unknown() -> None:
    nan = np.nan
    matrix = np.array([[1, 1, nan, 0], [nan, nan, nan, nan], [1, 0, nan, 1]])
    counts = co_occurrence(matrix)
    np.testing.assert_array_equal(counts[np.ix_([0, 1, 3], [0, 1, 3])], [[2, 1, 1], [1, 1, 0], [1, 0, 1]])
    assert np.isnan(counts[2]).all()
    density = relatedness_density(matrix, co_occurrence_relatedness(counts))
    np.testing.assert_array_equal(np.isnan(density), np.isnan(matrix))
    assert density[0, 3] == pytest.approx(0.5 / 1.5)
    links = co_occurrence_relatedness(counts, "cosine", margin="links")
    assert links[0, 1] == pytest.approx(1 / np.sqrt(2))
    assert np.isnan(links[2]).all()


def test_density_equals_loops() -> None:
    generator = np.random.default_rng(8)
    matrix = (generator.random((6, 5)) < 0.5).astype(float)
    related = generator.random((5, 5))  # not symmetric: the row of the industry counts
    found = relatedness_density(matrix, related)
    for r in range(6):
        for i in range(5):
            expected = sum(related[i, j] * matrix[r, j] for j in range(5)) / related[i].sum()
            assert found[r, i] == pytest.approx(expected, rel=1e-12)


def test_combination_standardises_over_pairs() -> None:
    generator = np.random.default_rng(9)
    first, second = (locational_correlation(generator.random((20, 6))) for _ in range(2))
    pairs = ~np.eye(6, dtype=bool)
    found = combined_relatedness([first, 100 * second + 3])
    assert found[pairs].mean() == pytest.approx(0.0, abs=1e-12)
    scores = [(m - m[pairs].mean()) / m[pairs].std() for m in (first, second)]
    np.testing.assert_allclose(found, (scores[0] + scores[1]) / 2, rtol=1e-9)
    weighted = combined_relatedness([first, second], weights=[3.0, 1.0])
    np.testing.assert_allclose(weighted, 0.75 * scores[0] + 0.25 * scores[1], rtol=1e-9)


def test_combination_keeps_the_unknown_and_refuses_what_cannot_be_combined() -> None:
    first = np.array([[1.0, 0.2, 0.5], [0.2, 1.0, np.nan], [0.5, np.nan, 1.0]])
    second = np.array([[1.0, 0.1, 0.5], [0.1, 1.0, 0.9], [0.5, 0.9, 1.0]])
    found = combined_relatedness([first, second])
    assert np.isnan(found[1, 2])
    assert np.isfinite(found[0, 1])
    assert np.isfinite(combined_relatedness([first, second], weights=[0.0, 1.0])).all()
    with pytest.raises(ValueError, match="does not vary"):
        combined_relatedness([second, np.full((3, 3), 0.3)])
    with pytest.raises(ValueError, match="shape"):
        combined_relatedness([second, np.eye(4)])
    with pytest.raises(ValueError, match="weight"):
        combined_relatedness([second], weights=[1.0, 2.0])
    with pytest.raises(ValueError, match="weight"):
        combined_relatedness([])


@settings(max_examples=40, deadline=None)
@given(positive, st.permutations(range(5)), st.permutations(range(7)))
def test_correlation_and_coagglomeration_do_not_care_for_the_order(
    activity: Matrix, industries: list[int], regions: list[int]
) -> None:
    shuffled = activity[np.ix_(regions, industries)]
    chosen = np.ix_(industries, industries)
    for measure in (locational_correlation, coagglomeration):
        found = measure(activity)
        np.testing.assert_allclose(found, found.T, equal_nan=True)
        np.testing.assert_allclose(measure(shuffled), found[chosen], rtol=1e-6, atol=1e-8, equal_nan=True)
    correlation = locational_correlation(activity)
    assert (np.abs(correlation[np.isfinite(correlation)]) <= 1.0).all()


@settings(max_examples=40, deadline=None)
@given(zero_one, st.permutations(range(5)), st.sampled_from(["proximity", "cosine", "jaccard"]))
def test_co_occurrence_relatedness_is_symmetric_bounded_and_blind_to_order(
    matrix: Matrix, industries: list[int], method: str
) -> None:
    found = co_occurrence_relatedness(co_occurrence(matrix), method)  # type: ignore[arg-type]
    np.testing.assert_array_equal(found, found.T)
    known = found[np.isfinite(found)]
    assert ((known >= 0.0) & (known <= 1.0 + 1e-12)).all()
    shuffled = co_occurrence_relatedness(co_occurrence(matrix[:, industries]), method)  # type: ignore[arg-type]
    np.testing.assert_array_equal(shuffled, found[np.ix_(industries, industries)])
    density = relatedness_density(matrix, found)
    known = density[np.isfinite(density)]
    assert ((known >= 0.0) & (known <= 1.0 + 1e-12)).all()


@settings(max_examples=40, deadline=None)
@given(arrays(np.float64, (5, 5), elements=st.floats(0, 1e5)))
def test_input_output_relatedness_is_symmetric_and_a_share(use: Matrix) -> None:
    found = input_output_relatedness(use)
    np.testing.assert_array_equal(found, found.T)
    assert ((found >= 0.0) & (found <= 1.0 + 1e-9)).all()


def test_years_in_one_call_equal_single_years() -> None:
    generator = np.random.default_rng(10)
    activity = generator.gamma(0.5, 100.0, size=(3, 20, 6))
    present = presence_matrix(activity, 40.0)
    proximity = co_occurrence_relatedness(co_occurrence(present))
    density = relatedness_density(present, proximity)
    for year in range(3):
        np.testing.assert_array_equal(locational_correlation(activity)[year], locational_correlation(activity[year]))
        np.testing.assert_array_equal(coagglomeration(activity)[year], coagglomeration(activity[year]))
        single = co_occurrence_relatedness(co_occurrence(present[year]))
        np.testing.assert_array_equal(proximity[year], single)
        np.testing.assert_array_equal(density[year], relatedness_density(present[year], single))
