"""The imputation estimator against R's etwfe and pyfixest's two-stage estimator."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from almaz.errors import AlmazError
from almaz.impact.aggregation import Aggregate
from almaz.impact.comparisons import before_after, two_way_fixed_effects
from almaz.impact.imputation import aggregate_imputed, impute
from almaz.impact.panel import Panel
from almaz.impact.simulation import Scene, simulated

KNOWN = Path(__file__).parent.parent / "data" / "known_answers" / "did" / "etwfe.csv"


def one_cell(panel: Panel, cohort: int, time: int) -> Aggregate:
    """The effect of one cohort at one time: the same panel, cut so that "group" holds nothing else."""
    later = [place for place, year in enumerate(panel.times) if year >= cohort and year != time]
    imputed = impute(panel)
    effect = imputed.effect.copy()
    effect[panel.first != cohort] = np.nan
    effect[:, later] = np.nan
    return aggregate_imputed(replace(imputed, effect=effect), "simple")


def test_cells_are_those_of_etwfe_and_errors_differ_by_its_small_sample_factor(wages: Panel) -> None:
    with KNOWN.open(encoding="utf-8") as source:
        rows = list(csv.DictReader(source))
    assert len(rows) == 7
    factor = np.sqrt(500 / 499 * 2499 / (2500 - 15))
    for row in rows:
        found = one_cell(wages, int(row["cohort"]), int(row["time"]))
        assert found.overall == pytest.approx(float(row["effect"]), rel=1e-9)
        assert found.overall_error * factor == pytest.approx(float(row["error"]), rel=1e-8)


def test_the_overall_effect_is_that_of_etwfe(wages: Panel) -> None:
    assert aggregate_imputed(impute(wages), "simple").overall == pytest.approx(-0.0477099182784519, rel=1e-10)


def test_it_agrees_with_two_stages_of_pyfixest() -> None:
    import pandas as pd
    import pyfixest

    panel, _effect = simulated(Scene(units=60, times=8, cohorts={3: 15, 5: 15}), 4)
    frame = pd.DataFrame(
        {
            "unit": np.repeat(np.arange(60), 8), "time": np.tile(np.arange(8), 60), "y": panel.outcome.ravel(),
            "treated": panel.treated.ravel().astype(int),
        }
    )  # fmt: skip
    fit = pyfixest.did2s(
        frame, yname="y", first_stage="~ 0 | unit + time", second_stage="~ treated", treatment="treated", cluster="unit"
    )
    found = aggregate_imputed(impute(panel), "simple")
    assert found.overall == pytest.approx(float(fit.coef().loc["treated"]), rel=1e-6)
    assert found.overall_error == pytest.approx(float(fit.se().loc["treated"]), rel=0.15)


@pytest.mark.parametrize("kind", ["dynamic", "group", "calendar"])
def test_without_noise_the_true_effects_come_out(kind: str) -> None:
    panel, effect = simulated(Scene(deviation=0.0, common=0.3), 1)
    imputed = impute(panel)
    np.testing.assert_allclose(imputed.effect[panel.treated], effect[panel.treated], atol=1e-9)
    found = aggregate_imputed(imputed, kind)  # type: ignore[arg-type]
    assert (
        found.errors() == pytest.approx(np.full(len(found.label), np.nan), nan_ok=True) or (found.errors() < 1e-6).all()
    )


def test_years_that_nobody_outside_has_seen_stay_unknown(wages: Panel) -> None:
    joined = wages.take(np.isfinite(wages.first))
    imputed = impute(joined)
    assert np.isnan(imputed.effect[:, -1]).all()
    assert np.isfinite(imputed.effect[joined.first == 2004][:, 1:-1]).all()


def test_untreated_observations_that_do_not_hang_together_are_refused() -> None:
    panel = Panel(("a", "b"), (1, 2, 3), np.zeros((2, 3)), np.array([2.0, 2.0]), np.arange(2))
    assert np.isnan(impute(panel).effect[:, 1:]).all()


def test_two_way_fixed_effects_are_those_of_pyfixest(wages: Panel) -> None:
    import pandas as pd
    import pyfixest

    frame = pd.DataFrame(
        {
            "unit": np.repeat(np.arange(500), 5), "time": np.tile(np.array(wages.times), 500),
            "y": wages.outcome.ravel(), "treated": wages.treated.ravel().astype(float),
        }
    )  # fmt: skip
    fit = pyfixest.feols(
        "y ~ treated | unit + time", frame, vcov={"CRV1": "unit"}, ssc=pyfixest.ssc(k_adj=False, G_adj=False),
        demeaner_backend="rust",
    )  # fmt: skip
    found = two_way_fixed_effects(wages)
    assert found.effect == pytest.approx(float(fit.coef().loc["treated"]), rel=1e-8)
    assert found.error == pytest.approx(float(fit.se().loc["treated"]), rel=1e-6)
    assert found.negative_weight > 0.01


def test_before_and_after_counts_the_years_as_the_programme() -> None:
    panel, _effect = simulated(Scene(effect=0.0, growth=0.0, common=0.0, drift=0.1, deviation=0.01), 2)
    assert before_after(panel).effect > 0.3
    assert abs(aggregate_imputed(impute(panel), "simple").overall) < 0.01


def test_a_unit_without_before_is_refused() -> None:
    panel = Panel(("a", "b", "c"), (1, 2), np.zeros((3, 2)), np.array([1.0, 2.0, np.inf]), np.arange(3))
    with pytest.raises(AlmazError, match="no time before"):
        impute(panel)
