"""Bands of chance: their level is what it says, the verdict is Duranton and Overman's, the draws come from the stock of sites."""

from __future__ import annotations

import numpy as np
import pytest
from joblib import parallel_config

from almaz.measures import concentration_by_industry, envelope, kd_envelope, m_envelope, m_function


def sites(number: int = 400, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.random(number) * 100.0, rng.random(number) * 100.0


def test_the_global_band_holds_its_level_for_curves_it_has_not_seen() -> None:
    rng = np.random.default_rng(2)
    distances = np.arange(20.0)
    outside = []
    for _trial in range(200):
        curves = np.cumsum(rng.normal(size=(301, 20)), axis=1)
        made = envelope(distances, curves[0], curves[1:], level=0.9)
        assert made.attained == pytest.approx(0.9)
        outside.append([made.verdict != "neither", made.p_value <= 0.1])
    # 200 trials at 10 %: a standard error of 2.1 points
    assert np.mean(outside, axis=0) == pytest.approx(0.1, abs=0.06)


def test_bands_are_order_statistics_and_global_ones_are_wider() -> None:
    rng = np.random.default_rng(0)
    curves = rng.normal(size=(2000, 12))
    made = envelope(np.arange(12.0), np.zeros(12), curves)
    assert made.high == pytest.approx(np.quantile(curves, 0.975, axis=0))
    assert (made.global_high > made.high).all()
    assert (made.global_low < made.low).all()
    hit = (curves >= made.global_high[None] - 1e-12).any(axis=1).mean()
    assert hit == pytest.approx(0.025, abs=0.004)
    assert made.verdict == "neither"


def test_a_curve_above_the_band_anywhere_is_concentrated_even_if_it_is_below_elsewhere() -> None:
    curves = np.random.default_rng(0).normal(size=(500, 3))
    both = envelope([1.0, 2.0, 3.0], [9.0, -9.0, 0.0], curves)
    assert both.verdict == "concentrated"
    assert (both.dispersion == 0.0).all()
    assert both.localisation[0] == pytest.approx(9.0 - both.global_high[0])
    below = envelope([1.0, 2.0, 3.0], [-9.0, -9.0, -9.0], curves)
    assert below.verdict == "dispersed"
    assert below.p_value < 0.02


def test_too_few_simulations_are_refused_or_said() -> None:
    curves = np.random.default_rng(0).normal(size=(50, 30))
    with pytest.raises(ValueError, match="needs 40 simulations"):
        envelope(np.arange(30.0), np.zeros(30), curves[:30])
    assert envelope(np.arange(30.0), np.zeros(30), curves).attained < 0.95


def test_a_clustered_industry_is_concentrated_and_one_dealt_over_the_sites_is_not() -> None:
    x, y = sites()
    together = np.hypot(x - 50.0, y - 50.0) < 14.0
    chance = np.random.default_rng(4).permutation(400) < together.sum()
    r = np.linspace(0.0, 40.0, 21)
    for function in (kd_envelope, m_envelope):
        at = r if function is kd_envelope else r[2:]
        assert function(x, y, at, reference=together, simulations=200).verdict == "concentrated"
        assert function(x, y, at, reference=chance, simulations=200).p_value > 0.05


def test_sites_that_are_themselves_clustered_make_no_industry_concentrated() -> None:
    rng = np.random.default_rng(1)
    x, y = (np.concatenate((rng.normal(20, 2, 300), rng.random(100) * 100)) for _axis in "xy")
    industry = rng.permutation(400) < 60
    assert kd_envelope(x, y, np.linspace(0.0, 40.0, 21), reference=industry, simulations=200).verdict == "neither"


def test_the_quick_way_of_dealing_labels_is_the_long_way() -> None:
    from almaz.measures import point_envelopes as module
    from almaz.measures.points import weights_near

    x, y = sites(120)
    rng, r = np.random.default_rng(0), np.array([10.0, 25.0, 60.0])
    w, kind = rng.random(120) + 0.1, rng.integers(0, 4, 120)
    around = weights_near(x, y, w, r, np.arange(120), None, 1)
    for mine, others in ((kind == 0, kind == 0), (kind == 0, kind == 1)):
        same = mine is others or (mine == others).all()
        got = module._relabelled(x, y, r, mine, mine if same else others, w, around, 7, 3)
        drawn = module._generator(7, 3).choice(
            120, mine.sum() + (0 if same else others.sum()), replace=False, shuffle=True
        )
        first, second = np.zeros(120, dtype=bool), np.zeros(120, dtype=bool)
        first[drawn[: mine.sum()]], second[drawn[mine.sum() :]] = True, True
        long = m_function(x, y, r, reference=first, neighbours=None if same else second, weight=w)
        assert got == pytest.approx(long.values, rel=1e-12)


@pytest.mark.parametrize("null", ["random_location", "random_labelling", "population_independence"])
def test_every_null_gives_the_same_bytes_on_any_number_of_cores(null: str) -> None:
    x, y = sites(150)
    rng = np.random.default_rng(0)
    kind, w = rng.integers(0, 3, 150), rng.random(150)
    given = {"reference": kind == 0, "neighbours": kind == 1, "weight": w, "null": null, "simulations": 60}
    one, two = (m_envelope(x, y, [10.0, 30.0], jobs=jobs, **given) for jobs in (1, 2))
    assert one.global_high.tobytes() == two.global_high.tobytes()
    assert one.low.tobytes() == two.low.tobytes()


def test_industry_by_industry_is_each_industry_alone_and_small_ones_get_no_verdict() -> None:
    x, y = sites()
    industry = np.where(np.hypot(x - 50, y - 50) < 15, "a", np.where(x > 97.0, "tiny", "b"))
    r = np.linspace(0.0, 40.0, 11)
    with parallel_config(backend="threading"):  # as a cluster's backend would be named
        found = concentration_by_industry(x, y, r, industries=industry, simulations=80, minimum=20)
    assert [(one.industry, one.envelope is None) for one in found] == [("a", False), ("b", False), ("tiny", True)]
    alone = kd_envelope(x, y, r, reference=industry == "a", simulations=80)
    assert found[0].envelope is not None
    assert found[0].envelope.observed.tobytes() == alone.observed.tobytes()
    assert found[0].envelope.global_high.tobytes() == alone.global_high.tobytes()
    assert found[0].establishments == (industry == "a").sum()
