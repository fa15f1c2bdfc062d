"""White space and entry: chances where entry truly follows density, honesty where it does not."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from almaz.clusters.industry_space import industry_space
from almaz.clusters.opportunity import calibration, entry, white_space
from almaz.clusters.traded import DispersionThresholds, dispersion, thresholds_for
from almaz.clusters.validation import groups_of

Matrix = NDArray[np.float64]
GROUPS = np.repeat(np.arange(6), 8)


def world(seed: int, follows: bool) -> tuple[Matrix, Matrix]:
    """Made-up activity of 150 regions: each is strong in some groups; later a missing industry appears, near the strong
    groups (follows) or anywhere."""
    generator = np.random.default_rng(seed)
    strong = generator.random((150, 6)) < 0.3
    present = np.where(strong[:, GROUPS], generator.random((150, 48)) < 0.7, generator.random((150, 48)) < 0.05)
    before = np.where(present, 40.0, 2.0) * generator.uniform(0.8, 1.2, (150, 48))
    chance = np.where(strong[:, GROUPS], 0.25, 0.01) if follows else np.full((150, 48), 0.06)
    after = np.where(~present & (generator.random((150, 48)) < chance), 40.0, before)
    return before, after


def test_density_tells_where_entry_comes_out_of_sample_and_the_chances_keep_their_word() -> None:
    found = entry(*world(1, follows=True))
    assert found.accuracy is not None
    assert found.calibration is not None
    assert found.accuracy.auc > 0.75
    assert found.accuracy.auc > found.accuracy.auc_without_density + 0.1
    assert found.accuracy.brier < found.accuracy.brier_constant
    assert found.coefficients["density"] > 0
    # the tenth with the highest chances: what was promised lies within a fifth of what came
    assert found.calibration.predicted[-1] == pytest.approx(found.calibration.observed[-1], rel=0.2)
    assert found.calibration.cases.sum() == found.accuracy.cases


def test_density_tells_nothing_where_entry_is_by_chance() -> None:
    found = entry(*world(2, follows=False))
    assert found.accuracy is not None
    assert abs(found.accuracy.auc_density - 0.5) < 0.06


def test_chances_are_of_missing_industries_alone_and_the_same_for_the_same_seed() -> None:
    before, after = world(3, follows=True)
    found, again = entry(before, after, seed=4), entry(before, after, seed=4)
    np.testing.assert_array_equal(np.isnan(found.probability), found.presence == 1.0)
    known = found.probability[np.isfinite(found.probability)]
    assert ((known > 0) & (known < 1)).all()
    np.testing.assert_array_equal(found.probability, again.probability)
    assert found.accuracy == again.accuracy


def test_too_few_entries_give_no_chance_but_density() -> None:
    before, _after = world(5, follows=True)
    found = entry(before, before)
    assert found.accuracy is None
    assert np.isnan(found.probability).all()
    assert np.isfinite(found.density).all()


def test_calibration_by_hand() -> None:
    chance = np.repeat([0.1, 0.5], 50)
    truth = np.concatenate([np.arange(50) < 5, np.arange(50) < 25])
    found = calibration(truth, chance)
    assert found.cases.tolist() == [10] * 10
    assert found.predicted[:5] == pytest.approx([0.1] * 5)
    assert found.observed[:5].mean() == pytest.approx(0.1)
    assert found.observed[5:].mean() == pytest.approx(0.5)
    assert ((found.low <= found.observed + 1e-12) & (found.observed <= found.high + 1e-12)).all()
    # Wilson (1927) for 5 of 10
    low, high = calibration(np.arange(10) < 5, np.full(10, 0.5)).low, calibration(np.ones(10, bool), np.ones(10)).high
    assert low[0] == pytest.approx((1 + 3.8414588 / 2 - 1.9599640 * (3.8414588 / 4) ** 0.5) / (1 + 3.8414588))
    assert high[-1] == pytest.approx(1.0)


def test_white_space_is_weak_and_closer_than_elsewhere() -> None:
    before, after = world(6, follows=True)
    found = entry(before, after)
    membership = groups_of(GROUPS)
    quotient = after @ membership / after.sum(axis=1, keepdims=True)
    quotient /= (after @ membership).sum(axis=0) / after.sum()
    space = white_space(found, membership, quotient, near=0.75)
    assert (quotient[space.open] < 1).all()
    assert (space.percentile[space.open] >= 0.75).all()
    lacking = (1 - found.presence) * (GROUPS == 0)
    region = int(np.flatnonzero(lacking.sum(axis=1))[0])
    by_hand = (lacking[region] * found.density[region]).sum() / lacking[region].sum()
    whole = ((1 - found.presence[region]) * found.density[region]).sum() / (1 - found.presence[region]).sum()
    assert space.density[region, 0] == pytest.approx(by_hand)
    assert space.relative[region, 0] == pytest.approx(by_hand / whole)
    assert space.expected[region, 0] == pytest.approx(np.nansum(found.probability[region, GROUPS == 0]))
    full = found.presence[:, GROUPS == 0].all(axis=1)
    assert np.isnan(space.density[full, 0]).all()


def test_traded_and_local_by_hand() -> None:
    # three regions alike but for the last industry, which is all in one of them
    activity = np.array([[10.0, 20.0, 30.0], [10.0, 20.0, 0.0], [10.0, 20.0, 0.0]])
    found = dispersion(activity, DispersionThresholds(0.3, 0.7, 1.3))
    # share of the last: 30 of 120 in all, 30 of 60 in the first region: LQ 2
    assert found.quotient[2] == pytest.approx(2.0)
    assert found.specialised[2] == 1.0
    assert found.gini[2] == pytest.approx(0.5)
    assert found.votes.tolist()[2] == 3
    assert found.traded.tolist() == [False, False, True]
    assert found.regions[2] == pytest.approx(1 / 3)


def test_thresholds_rise_with_the_number_of_regions() -> None:
    few, many = thresholds_for(50), thresholds_for(3200)
    assert (few.gini, few.specialised, few.quotient) == pytest.approx((0.29, 0.57, 1.30))
    assert (many.gini, many.specialised, many.quotient) == pytest.approx((0.60, 0.74, 3.20))
    assert few.gini < thresholds_for(400).gini < many.gini
    assert thresholds_for(7) == few


def test_kinds_of_real_states_agree_with_the_published_ones(states_activity) -> None:  # type: ignore[no-untyped-def]
    import csv

    activity, file = states_activity
    with file.open(encoding="utf-8", newline="") as source:
        kind = {row["industry"]: row["kind"] for row in csv.DictReader(source)}
    columns = [place for place, code in enumerate(activity.industries) if code in kind]
    employment = activity.cells("employment").value[:, :, -1]
    found = dispersion(employment)
    published = np.array([kind[activity.industries[place]] == "traded" for place in columns])
    assert (found.traded[columns] == published).mean() > 0.82
    assert published.mean() < 0.72  # so often would a coin loaded by the share of traded ones be right


def test_the_industry_space_joins_all_by_the_strongest_ties() -> None:
    generator = np.random.default_rng(7)
    matrix = generator.normal(size=(30, 30))
    matrix = (matrix + matrix.T) / 2
    matrix[3, 4] = matrix[4, 3] = 9.0
    matrix[0, 1] = matrix[1, 0] = np.nan
    drawn = industry_space(matrix, ties=2.0, seed=1)
    assert len(drawn.edges) == 60
    assert drawn.tree.sum() == 29
    assert (3, 4) in {tuple(edge) for edge in drawn.edges[drawn.tree].tolist()}
    reached = {0}
    for _step in range(30):
        reached |= {int(b) for a, b in drawn.edges[drawn.tree] if a in reached}
        reached |= {int(a) for a, b in drawn.edges[drawn.tree] if b in reached}
    assert len(reached) == 30
    tree = drawn.edges[drawn.tree]
    # the tree is the heaviest there is: by Kruskal, in plain steps
    home = list(range(30))
    pairs = sorted(
        ((matrix[i, j], i, j) for i in range(30) for j in range(i) if np.isfinite(matrix[i, j])), reverse=True
    )
    weight = 0.0
    for value, i, j in pairs:
        if home[i] != home[j]:
            weight += value
            home = [home[j] if h == home[i] else h for h in home]
    assert matrix[tree[:, 0], tree[:, 1]].sum() == pytest.approx(weight)
    assert (drawn.places.min(axis=0) == 0).all()
    assert (drawn.places.max(axis=0) == 1).all()
    np.testing.assert_array_equal(drawn.places, industry_space(matrix, ties=2.0, seed=1).places)
