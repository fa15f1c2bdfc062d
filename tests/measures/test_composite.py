"""Composite indicators held to COINr on the ASEM data, to figures by hand, and to what must be true of any of them."""

from __future__ import annotations

from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from almaz.measures.agreement import krippendorff_alpha
from almaz.measures.composite import aggregation, decomposition, imputation, multivariate, weights
from almaz.measures.composite.construction import Choices, Construction, Level, construct, one_changed, rank_shift
from almaz.measures.composite.normalisation import given_ends, goalposts, normalise
from almaz.measures.composite.screening import screen
from almaz.measures.composite.sensitivity import sobol_indices
from almaz.measures.composite.treatment import box_cox, excess_kurtosis, identity, skewness, treat

Asem = tuple[list[str], np.ndarray, np.ndarray, list[Level], list[list[str]]]
tables = arrays(
    np.float64,
    st.tuples(st.integers(6, 12), st.just(6)),
    elements=st.floats(-1e3, 1e3).map(lambda x: round(x, 3)),
    unique=True,
)


@pytest.fixture(scope="module")
def asem(known: ModuleType) -> Asem:
    meta = [row for row in known.rows("coinr/asem_meta.csv") if row["Type"] in ("Indicator", "Aggregate")]
    of_level = [[row for row in meta if row["Level"] == str(level)] for level in (1, 2, 3, 4)]
    names = [[row["iCode"] for row in rows] for rows in of_level]
    levels = [
        Level(
            np.array([names[above].index(row["Parent"]) for row in of_level[above - 1]]),
            np.array([float(row["Weight"]) for row in of_level[above - 1]]),
        )
        for above in (1, 2, 3)
    ]
    rows = sorted(known.rows("coinr/asem_data.csv"), key=lambda row: row["uCode"])
    data = np.array([[float(row[name]) if row[name] != "NA" else np.nan for name in names[0]] for row in rows])
    direction = np.array([float(row["Direction"]) for row in of_level[0]])
    return names[0], data, direction, levels, names


def answers(known: ModuleType, name: str, columns: list[str]) -> np.ndarray:
    rows = sorted(known.rows(name), key=lambda row: row["uCode"])
    return np.array([[float(row[column]) if row[column] != "NA" else np.nan for column in columns] for row in rows])


def made(asem: Asem, way: aggregation.Aggregation, limits: tuple[float, float]) -> Construction:
    _names, data, direction, levels, _all = asem
    return construct(data, direction, levels, Choices("none", "min_max", limits, (way,)))


def test_min_max_equals_coinr(asem: Asem, known: ModuleType) -> None:
    mine = made(asem, "arithmetic", (0.0, 100.0)).step("normalisation").values
    np.testing.assert_allclose(mine, answers(known, "coinr/asem_normalised_minmax.csv", asem[0]), rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize(
    ("way", "limits", "file"),
    [
        ("arithmetic", (0.0, 100.0), "coinr/asem_minmax_arithmetic.csv"),
        ("geometric", (1.0, 100.0), "coinr/asem_minmax_geometric.csv"),
    ],
)
def test_aggregation_equals_coinr_at_every_level(
    asem: Asem, known: ModuleType, way: aggregation.Aggregation, limits: tuple[float, float], file: str
) -> None:
    result = made(asem, way, limits)
    for which, names in enumerate(asem[4][1:]):
        mine = result.step("aggregation", which).values
        np.testing.assert_allclose(mine, answers(known, file, names), rtol=1e-9)


def test_treatment_equals_coinr_in_every_figure_and_every_step(asem: Asem, known: ModuleType) -> None:
    step, mapped = treat(asem[1])
    np.testing.assert_allclose(step.values, answers(known, "coinr/asem_treated.csv", asem[0]), rtol=1e-9)
    np.testing.assert_allclose(mapped(asem[1]), step.values, rtol=0, atol=0)
    lines = {row["iCode"]: row for row in known.rows("coinr/asem_treatment_steps.csv")}
    checked = 0
    for place, name in enumerate(asem[0]):
        line = lines[name]
        assert step.facts["skewness_before"][place] == pytest.approx(float(line["check_SkewKurt0.Skew"]), rel=1e-9)
        assert step.facts["kurtosis_before"][place] == pytest.approx(float(line["check_SkewKurt0.Kurt"]), rel=1e-9)
        winsorised = line["winsorise.nwin"]
        assert step.facts["winsorised"][place] == (0 if winsorised == "NA" else int(winsorised))
        if winsorised != "NA":
            assert step.facts["skewness_after"][place] == pytest.approx(float(line["check_SkewKurt1.Skew"]), rel=1e-9)
            assert step.facts["kurtosis_after"][place] == pytest.approx(float(line["check_SkewKurt1.Kurt"]), rel=1e-9)
            checked += 1
    assert checked == 18


def test_cronbach_alpha_equals_coinr(asem: Asem, known: ModuleType) -> None:
    names = [row["iCode"] for row in known.rows("coinr/asem_meta.csv") if row["Parent"] == "P2P"]
    columns = [asem[0].index(name) for name in names]
    assert multivariate.cronbach_alpha(asem[1][:, columns]) == pytest.approx(0.05126659, rel=1e-6)


def test_krippendorff_alpha_equals_his_own_worked_example() -> None:
    nan = np.nan
    # Krippendorff (2011), section D/E: four observers, twelve units, values missing.
    observers = np.array(
        [
            [1, 2, 3, 3, 2, 1, 4, 1, 2, nan, nan, nan],
            [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, nan, 3],
            [nan, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, nan],
            [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, nan],
        ]
    )
    published = {"nominal": 0.743, "ordinal": 0.815, "interval": 0.849, "ratio": 0.797}
    for level, value in published.items():
        assert krippendorff_alpha(observers, level) == pytest.approx(value, abs=5e-4)  # type: ignore[arg-type]
    assert np.isnan(krippendorff_alpha(np.full((3, 4), 2.0)))


def test_a_stubborn_indicator_is_logged_as_it_came() -> None:
    values = np.append(np.exp(np.random.default_rng(5).normal(0, 2.5, 200)), 0.0)[:, None]
    step, _map = treat(values)
    assert step.facts["logged"].tolist() == [True]
    spread = values.max() - values.min()
    np.testing.assert_allclose(step.values, np.log(values - values.min() + 0.01 * spread), rtol=1e-12)
    assert np.isnan(skewness(np.array([1.0, 2.0])))
    assert np.isnan(excess_kurtosis(np.full(9, 3.0)))
    np.testing.assert_allclose(box_cox(np.array([1.0, 2.0, 4.0]), 0), np.log([1.0, 2.0, 4.0]))
    np.testing.assert_allclose(box_cox(np.array([1.0, 2.0, 4.0]), 2), [0.0, 1.5, 7.5])
    np.testing.assert_allclose(identity(1)(values), values)


def test_aggregations_by_hand() -> None:
    parts, even = np.array([[20.0, 80.0]]), np.ones(2)
    assert aggregation.arithmetic_mean(parts, even)[0] == 50.0
    assert aggregation.geometric_mean(parts, even)[0] == pytest.approx(40.0)
    assert aggregation.weakest_link(parts, even)[0] == 20.0
    # On 70…130: 82 and 118; mean 100, variance 324, 100 − 3.24 = 96.76; back: 26.76 / 0.6.
    assert aggregation.adjusted_mazziotta_pareto(parts, even)[0] == pytest.approx(44.6)
    assert aggregation.geometric_mean(parts, np.array([1.0, 3.0]))[0] == pytest.approx(20**0.25 * 80**0.75)


@given(tables)
@settings(max_examples=40, deadline=None)
def test_scores_follow_their_unit_when_units_or_indicators_are_shuffled(data: np.ndarray) -> None:
    direction, levels = (
        np.array([1, -1, 1, 1, -1, 1.0]),
        [Level(np.array([0, 0, 1, 1, 2, 2]), np.ones(6)), Level(np.zeros(3), np.ones(3))],
    )
    first = construct(data, direction, levels, Choices()).index
    order, columns = np.random.default_rng(1).permutation(data.shape[0]), np.array([1, 0, 3, 2, 5, 4])
    second = construct(data[order][:, columns], direction[columns], levels, Choices()).index
    np.testing.assert_allclose(second, first[order], rtol=1e-9)


@given(tables, st.floats(0.01, 100), st.floats(-50, 50))
@settings(max_examples=40, deadline=None)
def test_a_change_of_unit_changes_no_score(data: np.ndarray, factor: float, shift: float) -> None:
    direction, posts = np.ones(6), goalposts(data)
    for method in ("min_max", "z_score", "rank"):
        first = normalise(data, direction, posts, method).values  # type: ignore[arg-type]
        moved = data * factor + shift
        second = normalise(moved, direction, goalposts(moved), method).values  # type: ignore[arg-type]
        np.testing.assert_allclose(second, first, atol=1e-5)


@given(tables, st.sampled_from(["arithmetic", "geometric", "mazziotta_pareto", "weakest_link"]), st.integers(0, 5))
@settings(max_examples=60, deadline=None)
def test_a_better_figure_never_lowers_the_score_and_means_stay_inside_their_parts(
    data: np.ndarray, way: aggregation.Aggregation, column: int
) -> None:
    posts = goalposts(data)
    levels = [Level(np.array([0, 0, 1, 1, 2, 2]), np.ones(6)), Level(np.zeros(3), np.ones(3))]
    better = data.copy()
    better[0, column] += 25.0

    def score(values: np.ndarray) -> np.ndarray:
        corners = aggregation.aggregate(
            normalise(values, np.ones(6), posts).values, levels[0].group, levels[0].weights
        ).values
        return np.hstack([corners, aggregation.aggregate(corners, levels[1].group, levels[1].weights, way).values])

    before, after = score(data), score(better)
    if way != "mazziotta_pareto":  # its fine for unevenness may outweigh a gain: stated in the docs
        assert after[0, -1] >= before[0, -1] - 1e-9
        assert (before[:, -1] <= before[:, :-1].max(axis=1) + 1e-9).all()
        assert (before[:, -1] >= before[:, :-1].min(axis=1) - 1e-9).all()
    np.testing.assert_allclose(after[1:], before[1:])  # goalposts stay where they are


@given(tables, st.sampled_from(["arithmetic", "geometric", "mazziotta_pareto", "weakest_link"]))
@settings(max_examples=40, deadline=None)
def test_contributions_add_up_to_the_last_point(data: np.ndarray, way: aggregation.Aggregation) -> None:
    scores = normalise(data, np.ones(6), goalposts(data)).values
    membership = weights.memberships([0, 0, 1, 1, 2, 2], np.array([1.0, 2, 1, 1, 3, 1]), 3)
    corners, reference = scores @ membership, np.median(scores, axis=0)
    of_corners = decomposition.part_contributions(corners, reference @ membership, np.ones(3), way)
    of_indicators = decomposition.indicator_contributions(scores, reference, membership, of_corners)
    mean = aggregation.WAYS[way]
    difference = mean(corners, np.ones(3)) - mean(reference @ membership, np.ones(3))
    np.testing.assert_allclose(of_corners.sum(axis=1), difference, atol=1e-9)
    np.testing.assert_allclose(of_indicators.sum(axis=1), difference, atol=1e-6)


def test_what_is_unknown_is_left_out_or_drawn_and_never_zero() -> None:
    data = np.array([[1.0, 2.0, np.nan], [3.0, np.nan, np.nan], [5.0, 6.0, np.nan], [7.0, 8.0, np.nan]])
    step = screen(data, 0.6)
    assert step.facts["known_of_unit"].tolist() == pytest.approx([2 / 3, 1 / 3, 2 / 3, 2 / 3])
    assert step.facts["enough"].tolist() == [True, False, True, True]
    parts = np.array([[np.nan, 40.0], [np.nan, np.nan]])
    for mean in aggregation.WAYS.values():
        assert mean(parts, np.ones(2))[0] == pytest.approx(40.0)
        assert np.isnan(mean(parts, np.ones(2))[1])
    random = np.random.default_rng(1)
    known = ~np.isnan(data)
    donors = imputation.observed_donors(known, 300, random)
    cells = np.stack(np.nonzero(~known), axis=1).tolist()
    assert set(donors[:, cells.index([1, 1])]) == {0, 2, 3}
    assert set(donors[:, cells.index([0, 2])]) == {imputation.NOBODY}
    similar = imputation.similar_donors(data, 300, random, neighbours=2)
    assert set(similar[:, cells.index([1, 1])]) == {0, 2}


def test_a_unit_takes_what_it_lacks_from_one_donor() -> None:
    known = np.ones((30, 4), dtype=bool)
    known[0, :3] = False
    donors = imputation.observed_donors(known, 500, np.random.default_rng(2))
    same = (donors == donors[:, :1]).all(axis=1)
    assert same.mean() > 0.95  # all but the draws that hit the unit itself


def test_goalposts_ranks_and_flat_indicators() -> None:
    data = np.array([[1.0, 5.0], [2.0, 5.0], [2.0, 5.0], [4.0, np.nan]])
    posts = goalposts(data)
    rank = normalise(data, np.array([1.0, 1.0]), posts, "rank", (0, 1)).values
    np.testing.assert_allclose(rank[:, 0], [0, 0.5, 0.5, 1])
    flat = normalise(data, np.ones(2), posts, "min_max", (0, 1)).values[:, 1]
    np.testing.assert_allclose(flat, [0.5, 0.5, 0.5, np.nan])
    wider = given_ends(posts, np.array([0.0, np.nan]), np.array([np.nan, 10.0]))
    np.testing.assert_allclose(normalise(data, np.ones(2), wider, "min_max", (0, 1)).values[0], [0.25, 0.0])
    z = normalise(np.array([[posts.mean[0] + posts.deviation[0], 5.0]]), np.ones(2), posts, "z_score", (0, 1)).values
    np.testing.assert_allclose(z, [[0.5 + 1 / 6, 0.5]])


def test_principal_components_are_those_of_scikit_learn() -> None:
    from sklearn.decomposition import PCA
    from sklearn.preprocessing import StandardScaler

    data = np.random.default_rng(3).normal(size=(40, 5)) @ np.random.default_rng(4).normal(size=(5, 5))
    mine = multivariate.principal_components(data)
    theirs = PCA().fit(StandardScaler().fit_transform(data))
    np.testing.assert_allclose(mine.shares, theirs.explained_variance_ratio_, rtol=1e-10)
    np.testing.assert_allclose(
        np.abs(mine.loadings), np.abs(theirs.components_.T * np.sqrt(mine.variances)), atol=1e-10
    )
    assert weights.component_weights(data).sum() == pytest.approx(1.0)


def test_sobol_indices_of_the_ishigami_function() -> None:
    def ishigami(points: np.ndarray) -> np.ndarray:
        x = (2 * points - 1) * np.pi
        return (np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0]))[:, None]

    found = sobol_indices(ishigami, ["a", "b", "c"], 2048)
    np.testing.assert_allclose(found.first[0], [0.3139, 0.4424, 0.0], atol=0.02)  # Ishigami and Homma (1990), exact
    np.testing.assert_allclose(found.total[0], [0.5576, 0.4424, 0.2437], atol=0.02)


def test_the_sequence_again_with_one_choice_changed(asem: Asem) -> None:
    _names, data, direction, levels, _all = asem
    base = construct(data, direction, levels, Choices())
    other = one_changed(
        data,
        direction,
        levels,
        base.choices,
        {"normalisation": ["rank", "z_score"], "treatment": ["none"], "ways": [("arithmetic",)]},
    )
    shifts = {key: rank_shift(base.index[:, 0], again.index[:, 0]) for key, again in other.items()}
    assert len(shifts) == 4
    assert all(0 < shift < 12 for shift in shifts.values())
    same = construct(data, direction, levels, Choices())
    assert rank_shift(base.index[:, 0], same.index[:, 0]) == 0
