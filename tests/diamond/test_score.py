"""The score of a region: what it must equal, what must not move it, and what unknown figures do to it."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from almaz.diamond.frame import Options
from almaz.diamond.indicators import CORNERS, SCHEMA, Panel, as_of, panel, read_set, ready_sets
from almaz.diamond.score import ALTERNATIVES, catalyst, decompose, diamond, headline, one_changed
from almaz.diamond.uncertainty import CHOICES, possible, sensitivity
from almaz.errors import AlmazError
from almaz.measures.composite.aggregation import WAYS
from almaz.measures.composite.construction import Choices, Level, construct

QUICK = Options(draws=300, sobol_draws=64)
CERTAIN = Options(
    draws=100, weights_off=0.0, normalisations=("min_max",), aggregations=("geometric",), missings=("observed",)
)


def without(figures: Panel, region: int, indicators: list[int]) -> Panel:
    """The panel with some figures of a region taken away in all years."""
    parts = {name: getattr(figures, name).copy() for name in ("value", "low", "high")}
    for values in parts.values():
        values[region, indicators] = np.nan
    return replace(figures, **parts)


def test_the_headline_score_is_that_of_the_recorded_steps(made_up: Panel) -> None:
    one_year = panel_of_one_year(made_up)
    scored = diamond(one_year, QUICK)
    group = np.repeat(np.arange(4), 2)
    levels = [Level(group, np.ones(8)), Level(np.zeros(4, dtype=int), np.ones(4))]
    direction = np.tile([1.0, -1.0], 4)
    steps = construct(one_year.value[:, :8, 0], direction, levels, Choices())
    np.testing.assert_allclose(scored.score, steps.index[:, 0], rtol=1e-12)
    np.testing.assert_allclose(scored.corners, steps.step("aggregation").values, rtol=1e-12)


def panel_of_one_year(figures: Panel) -> Panel:
    cut = {name: getattr(figures, name)[:, :, -1:] for name in ("value", "low", "high", "judged", "source")}
    return replace(figures, years=figures.years[-1:], **cut)


def test_with_nothing_uncertain_the_interval_is_the_score(made_up: Panel) -> None:
    scored = diamond(made_up, CERTAIN)
    for interval in (scored.data, scored.all_choices):
        np.testing.assert_allclose(interval.low, scored.score, rtol=1e-6)
        np.testing.assert_allclose(interval.high, scored.score, rtol=1e-6)
    assert (scored.ranks.best == scored.ranks.worst).all()


def test_four_aggregations_stand_in_their_order_and_imbalance_is_their_difference(made_up: Panel) -> None:
    scored = diamond(made_up, QUICK)
    assert (scored.ways["weakest_link"] <= scored.ways["geometric"] + 1e-9).all()
    assert (scored.ways["geometric"] <= scored.ways["arithmetic"] + 1e-9).all()
    assert (scored.ways["mazziotta_pareto"] <= scored.ways["arithmetic"] + 1e-9).all()
    np.testing.assert_allclose(scored.imbalance, scored.ways["arithmetic"] - scored.ways["geometric"])
    np.testing.assert_array_equal(scored.binding, scored.corners.argmin(axis=1))
    assert scored.options.aggregation == "geometric"


def test_the_order_of_regions_and_a_change_of_unit_change_nothing(made_up: Panel) -> None:
    options = replace(CERTAIN, treatment=False)
    first = diamond(made_up, options)
    order = np.random.default_rng(3).permutation(len(made_up.regions))
    moved = {name: getattr(made_up, name)[order] for name in ("value", "low", "high", "judged", "source")}
    shuffled = replace(made_up, regions=tuple(made_up.regions[i] for i in order), **moved)
    np.testing.assert_allclose(diamond(shuffled, options).score, first.score[order], rtol=1e-9)
    factor = np.linspace(0.1, 30, made_up.value.shape[1])[None, :, None]
    scaled = replace(made_up, value=made_up.value * factor, low=made_up.low * factor, high=made_up.high * factor)
    np.testing.assert_allclose(diamond(scaled, options).score, first.score, rtol=1e-9)


def test_the_same_seed_gives_the_same_draws_and_another_does_not(made_up: Panel) -> None:
    first, second = diamond(made_up, QUICK), diamond(made_up, QUICK)
    np.testing.assert_array_equal(first.all_choices.low, second.all_choices.low)
    other = diamond(made_up, replace(QUICK, seed=2))
    assert not np.array_equal(first.all_choices.low, other.all_choices.low)
    np.testing.assert_array_equal(first.score, other.score)


def test_a_region_with_half_its_figures_missing_gets_a_wide_interval_and_says_so(made_up: Panel) -> None:
    whole = diamond(made_up, QUICK)
    half = diamond(without(made_up, 0, [0, 1, 2, 3]), QUICK)
    before, after = (scored.data.high[0] - scored.data.low[0] for scored in (whole, half))
    assert after > 3 * before
    assert half.ranks.worst[0] - half.ranks.best[0] > whole.ranks.worst[0] - whole.ranks.best[0]
    assert whole.enough[0]
    assert not half.enough[0]
    assert half.enough[1:].all()
    np.testing.assert_allclose(half.known[0], [0, 0, 1, 1])
    assert half.binding[0] in (2, 3)  # a corner of which nothing is known cannot be said to bind
    others = np.abs(half.score[1:] - whole.score[1:])
    assert others.max() < 6  # goalposts are those of the figures that are left


def test_more_missing_never_means_a_narrower_interval(made_up: Panel) -> None:
    widths = []
    for number in (0, 2, 4, 6, 8):
        scored = diamond(without(made_up, 3, list(range(number))), replace(QUICK, draws=800))
        widths.append(scored.data.high[3] - scored.data.low[3])
    assert all(later > earlier for earlier, later in pairwise(widths))


def test_a_corner_nobody_knows_is_anywhere_on_the_scale(made_up: Panel) -> None:
    figures = made_up.only([number for number, one in enumerate(made_up.indicators) if one.role != "demand"])
    scored = diamond(figures, replace(QUICK, draws=1000))
    demand = CORNERS.index("demand")
    assert (scored.known[:, demand] == 0).all()
    assert (scored.of_corners.low[:, demand] < 12).all()
    assert (scored.of_corners.high[:, demand] > 89).all()
    assert (scored.binding != demand).all()


def test_bounds_of_a_figure_widen_the_interval_and_hold_the_score(made_up: Panel) -> None:
    wide = replace(made_up, low=made_up.value - 8, high=made_up.value + 8)
    first, second = diamond(made_up, CERTAIN), diamond(wide, replace(CERTAIN, draws=500))
    np.testing.assert_allclose(first.score, second.score, rtol=1e-9)
    assert (second.data.high - second.data.low > 2).all()
    assert ((second.data.low < second.score) & (second.score < second.data.high)).mean() > 0.9


def test_contributions_add_up_and_the_reference_is_the_profile_of_medians(made_up: Panel) -> None:
    scored = diamond(without(made_up, 5, [2]), QUICK)
    parts = decompose(scored)
    np.testing.assert_allclose(parts.corners.sum(axis=1), scored.score - parts.reference, atol=1e-9)
    np.testing.assert_allclose(parts.indicators.sum(axis=1), scored.score - parts.reference, atol=1e-9)
    profile = np.median(scored.filled, axis=0) @ scored.frame.membership
    assert parts.reference == pytest.approx(float(WAYS["geometric"](profile[None, :], np.ones(4))[0]))


def test_outcomes_and_government_never_enter_a_corner(made_up: Panel) -> None:
    first = diamond(made_up, QUICK)
    value = made_up.value.copy()
    value[:, 8:] *= np.random.default_rng(1).uniform(0.1, 10, size=value[:, 8:].shape)
    np.testing.assert_array_equal(diamond(replace(made_up, value=value), QUICK).score, first.score)
    found = catalyst(made_up, QUICK)
    assert found is not None
    assert ((found[0] >= 1) & (found[0] <= 100)).all()
    assert catalyst(made_up.only([0, 1, 2]), QUICK) is None


def test_sobol_indices_name_the_choice_that_matters(made_up: Panel) -> None:
    only_weights = replace(CERTAIN, weights_off=0.25, sobol_draws=256)
    scored = diamond(made_up, only_weights)
    ranks, regions = sensitivity(scored.frame, possible(scored.frame, scored.snapshot, only_weights, 256), only_weights)
    place = CHOICES.index("weights")
    assert ranks.total[0, place] > 0.9
    assert np.delete(ranks.total[0], place).max() < 0.02
    assert regions.total.shape == (len(made_up.regions), len(CHOICES))
    missing = without(made_up, 0, [0, 1, 2, 3])
    free = diamond(missing, QUICK)
    _ranks, each = sensitivity(
        free.frame, possible(free.frame, free.snapshot, QUICK, 64), replace(QUICK, sobol_draws=256)
    )
    assert each.total[0].argmax() == CHOICES.index("figures")


def test_the_sequence_again_with_one_choice_changed(made_up: Panel) -> None:
    figures = without(made_up, 0, [0, 3])
    scored = diamond(figures, QUICK)
    np.testing.assert_allclose(headline(figures, QUICK), scored.score, atol=1.5)  # fewer draws for what is unknown
    np.testing.assert_allclose(headline(made_up, QUICK), diamond(made_up, QUICK).score, rtol=1e-12)
    found = one_changed(figures, QUICK)
    assert len(found) == sum(len(values) - 1 for values in ALTERNATIVES.values())
    for way in ("arithmetic", "mazziotta_pareto", "weakest_link"):
        np.testing.assert_allclose(found["aggregation", way][1:], scored.ways[way][1:], rtol=1e-9)
    other = found["weights", "components"]
    assert np.abs(other - scored.score).max() > 0.1
    np.testing.assert_allclose(found["missing", "left_out"][1:], scored.score[1:], rtol=1e-9)


def test_the_newest_figure_up_to_a_year_is_taken(made_up: Panel) -> None:
    value = made_up.value.copy()
    value[4, 0, 1] = np.nan
    figures = replace(made_up, value=value, low=np.where(np.isnan(value), np.nan, made_up.low))
    now = as_of(figures)
    assert now.year[4, 0] == 2020
    assert now.value[4, 0] == made_up.value[4, 0, 0]
    assert now.year[5, 0] == 2022
    assert (as_of(figures, 2021).year == 2020).all()
    assert (as_of(figures, 2019).year == 0).all()


def test_bad_tables_are_named() -> None:
    import pyarrow as pa

    chosen = read_set("expert")
    row = {"indicator": "judged_skills", "region": "a", "year": 2024, "value": 5.0}
    with pytest.raises(AlmazError, match="there is no indicator «skill»"):
        panel(pa.Table.from_pylist([{**row, "indicator": "skill"}], schema=SCHEMA), chosen, ["a"])
    with pytest.raises(AlmazError, match="stands twice for a, 2024"):
        panel(pa.Table.from_pylist([row, row], schema=SCHEMA), chosen, ["a"])
    with pytest.raises(AlmazError, match="not between its bounds"):
        panel(pa.Table.from_pylist([{**row, "low": 6.0, "high": 7.0}], schema=SCHEMA), chosen, ["a"])
    with pytest.raises(AlmazError, match="there is no set of indicators «nothing»"):
        read_set("nothing")


def test_a_statistic_stands_before_a_judgement_of_the_same_figure() -> None:
    import pyarrow as pa

    rows = [
        {"indicator": "judged_skills", "region": "a", "year": 2024, "value": 2.0, "basis": "judgement"},
        {"indicator": "judged_skills", "region": "a", "year": 2024, "value": 6.0, "basis": "statistic"},
        {"indicator": "judged_skills", "region": "b", "year": 2024, "value": 3.0, "basis": "judgement"},
    ]
    held = panel(pa.Table.from_pylist(rows, schema=SCHEMA), read_set("expert"), ["a", "b"])
    assert held.value[:, 0, 0].tolist() == [6.0, 3.0]
    assert held.judged[:, 0, 0].tolist() == [False, True]


def test_every_ready_set_speaks_three_languages_and_fills_the_four_corners() -> None:
    assert set(ready_sets()) == {"expert", "kyrgyz_oblasts", "portfolio", "us"}
    for name in ready_sets():
        for one in read_set(name).indicator:
            assert set(one.name) == {"en", "ru", "ky"}, (name, one.code)
            assert set(one.unit) == {"en", "ru", "ky"}, (name, one.code)
            assert len(set(one.name.values())) == 3
    for name in ("us", "kyrgyz_oblasts", "expert"):
        assert set(CORNERS) <= {one.role for one in read_set(name).indicator}
