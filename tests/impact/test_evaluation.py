"""The evaluation as users meet it: commands, editions, pages; bias and coverage on simulated panels with known effects."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pytest
from typer.testing import CliRunner

from almaz.cli import app
from almaz.errors import AlmazError
from almaz.impact.aggregation import aggregate
from almaz.impact.comparisons import before_after, two_way_fixed_effects
from almaz.impact.evaluation import EvaluationOptions, evaluate
from almaz.impact.group_time import group_time
from almaz.impact.imputation import aggregate_imputed, impute
from almaz.impact.loop import amendments_from
from almaz.impact.panel import Panel
from almaz.impact.panel_file import Columns
from almaz.impact.simulation import Scene, simulated
from almaz.language import LANGUAGES, use
from almaz.report import impact as report
from almaz.report import impact_programme
from almaz.study.edition import Edition, open_edition
from almaz.study.file import load
from almaz.study.impact import evaluate_panel
from almaz.study.run import run

DATA = Path(__file__).parent.parent / "data"
SAMPLES = Path(__file__).parent.parent.parent / "src" / "almaz" / "samples"
WAGES = DATA / "policy_panel" / "county_minimum_wage.csv"
COLUMNS = Columns("countyreal", "year", "lemp", first="first.treat")


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory: pytest.TempPathFactory) -> Edition:
    return evaluate_panel(WAGES, COLUMNS, EvaluationOptions("log employment"), tmp_path_factory.mktemp("evaluations"))


def test_the_claim_the_pre_test_and_the_contrasts_stand_beside(evaluated: Edition) -> None:
    claim = evaluated.table("programme_claim").to_pylist()[0]
    assert (claim["verdict"], claim["by"], claim["allowed"]) == ("lowered", "normal", True)
    assert claim["effect"] == pytest.approx(-0.0399512751551764)
    summary = {
        row["estimator"]: row for row in evaluated.table("programme_summary").to_pylist() if row["kind"] == "simple"
    }
    assert set(summary) == {"group_time", "imputation", "before_after", "two_way"}
    assert [summary[name]["naive"] for name in ("group_time", "two_way", "before_after")] == [False, True, True]
    before = evaluated.table("programme_pretrends").to_pylist()[0]
    assert round(before["p"], 5) == 0.16812
    bands = evaluated.table("programme_group_time").to_pylist()
    assert all(row["band_low"] < row["low"] < row["effect"] < row["high"] < row["band_high"] for row in bands)


def test_an_amendment_rests_on_the_finding_and_the_finding_on_the_data(evaluated: Edition) -> None:
    finding = evaluated.table("evaluation_findings").to_pylist()[0]
    assert finding["source"] == evaluated.manifest["identity"]
    (amendment,) = amendments_from(evaluated.table("programme_amendments"))
    assert amendment.source == finding["fingerprint"]
    assert amendment.action == "change"


def test_the_same_panel_and_options_make_the_same_bytes_in_any_language(evaluated: Edition, tmp_path: Path) -> None:
    with use("ky"):
        again = evaluate_panel(WAGES, COLUMNS, EvaluationOptions("log employment"), tmp_path)
    for file in sorted(evaluated.path.iterdir()):
        assert (again.path / file.name).read_bytes() == file.read_bytes(), file.name
    other = evaluate_panel(WAGES, COLUMNS, EvaluationOptions("log employment", control="not_yet"), tmp_path)
    assert other.path != again.path


@pytest.mark.parametrize("language", LANGUAGES)
def test_sections_are_said_in_every_language(evaluated: Edition, language: str) -> None:
    with use(language):
        (section,) = impact_programme.sections(evaluated)
    assert {"programme-estimates", "programme-events", "programme-cells", "programme-power"} <= {
        figure.name for figure in section.figures
    }
    for figure in section.figures:
        assert set(figure.headings) <= set(figure.table.column_names), figure.name
        assert figure.table.num_rows > 0
    assert "191" in section.lead
    assert ("programme" in section.lead) == (language == "en")
    assert "\x02" not in str(section.figures[-1].table.to_pylist())


def test_what_an_edition_does_not_hold_makes_no_section(raions: Edition) -> None:
    assert report.sections(raions) == []


def test_the_states_show_directions_and_growth_with_their_caveats(states: Edition) -> None:
    sections = {section.name: section for section in report.sections(states)}
    assert set(sections) == {"impact-directions", "impact-growth"}
    assert "13 of 16 indicators are unknown" in sections["impact-directions"].warnings[0]
    assert "One year of growth" in sections["impact-growth"].warnings[0]
    assert {figure.name for figure in sections["impact-growth"].figures} == {
        "growth-establishments",
        "growth-employment",
    }


def test_a_study_evaluates_scores_and_looks_ahead(tmp_path: Path) -> None:
    from almaz.impact.survey_form import write_form

    folder = Path(shutil.copytree(SAMPLES / "kyrgyzstan_2021", tmp_path / "study"))
    shutil.copy(DATA / "tobacco" / "california_prop99.csv", folder)
    write_form(folder / "form.xlsx", ("A", "B"))
    with (folder / "study.toml").open("a", encoding="utf-8") as study:
        study.write(
            '\n[impact.programme]\nfile = "california_prop99.csv"\nunit = "state"\noutcome = "packs_per_capita"\n'
            'treated = "treated"\ndesired = "down"\n[impact.survey]\nfile = "form.xlsx"\npopulation = 5\n'
            "[impact.horizon]\nstart = 2027\nyears = 8\ncost = [3.0, 2.0]\nbenefit = 9.0\npromised = { 2028 = 1.0 }\n"
        )
    edition = run(load(folder / "study.toml"), tmp_path / "editions")
    assert {"programme_claim", "programme_synthetic", "survey_scores", "horizon", "directions"} <= set(edition.tables)
    assert "california_prop99.csv" in edition.manifest["inputs"]
    assert edition.table("horizon_early")["year"].to_pylist() == [2028]
    assert edition.table("survey_scores")["answered"].to_pylist() == [0] * 6
    names = [section.name for section in report.sections(edition)]
    assert names == ["impact-directions", "impact-programme", "impact-survey", "impact-horizon"]
    test = edition.table("programme_synthetic_tests").to_pylist()[0]
    assert (test["rank"], test["of"]) == (3, 39)


def test_a_mistake_in_the_section_names_its_key(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(SAMPLES / "kyrgyzstan_2021", tmp_path / "study"))
    file = folder / "study.toml"
    text = file.read_text(encoding="utf-8")
    for section, says in (
        ('[impact.programme]\nfile = "nothing.csv"\noutcome = "x"', "nothing.csv"),
        ("[impact.horizon]\nstart = 2027\nyears = 3\ncost = 1\nbenefit = 1", "impact.horizon.years"),
        ("[impact.growth]\nmesures = []", "mesures"),
    ):
        file.write_text(f"{text}\n{section}\n", encoding="utf-8")
        with pytest.raises(AlmazError) as error:
            load(file)
        assert says in str(error.value)


def test_commands_evaluate_plan_and_look_ahead(tmp_path: Path) -> None:
    runner = CliRunner()
    figures = [str(WAGES), "--unit", "countyreal", "--outcome", "lemp", "-l", "en"]
    done = runner.invoke(app, ["evaluate", *figures, "--first", "first.treat", "-o", str(tmp_path)])
    assert done.exit_code == 0, done.output
    page = next(tmp_path.glob("*-en.html"))
    assert page.stat().st_size > 100_000
    assert open_edition(tmp_path).table("programme_claim")["verdict"].to_pylist() == ["lowered"]
    planned = runner.invoke(app, ["power", "--treated", "1", "--untreated", "8", "--deviation", "0.1", "-l", "en"])
    assert planned.exit_code == 0
    assert "no effect of any size" in " ".join(planned.output.split())
    real = runner.invoke(app, ["power", *figures, "--treated", "20", "--untreated", "100"])
    assert "Smallest effect found in 80 of 100 cases" in " ".join(real.output.split())
    (tmp_path / "plan.toml").write_text("start = 2027\nyears = 9\ncost = 2\nbenefit = 5\npromised = { 2028 = 1 }\n")
    ahead = runner.invoke(app, ["horizon", str(tmp_path / "plan.toml"), "-o", str(tmp_path / "plans"), "-l", "en"])
    assert ahead.exit_code == 0, ahead.output
    assert "promises a benefit in 2028" in " ".join(ahead.output.split())
    form = runner.invoke(app, ["survey", "form", str(tmp_path / "form.xlsx"), "-l", "ky"])
    assert form.exit_code == 0, form.output
    scored = runner.invoke(app, ["survey", "score", str(tmp_path / "form.xlsx")])
    assert isinstance(scored.exception, AlmazError)


@pytest.fixture(scope="module")
def recovered() -> dict[str, np.ndarray]:
    """Error and coverage of four estimators over 150 simulated panels with growing effects and staggered joining."""
    scene = Scene(units=80, times=12, cohorts={3: 30, 8: 30}, effect=0.05, growth=0.03)
    found: dict[str, list[tuple[float, bool]]] = {}
    for seed in range(150):
        panel, effect = simulated(scene, seed)
        true = float(np.nanmean(effect))
        for name, part in _estimates(panel).items():
            found.setdefault(name, []).append((part[0] - true, abs(part[0] - true) < 1.96 * part[1]))
    return {name: np.array(values, dtype=float) for name, values in found.items()}


def _estimates(panel: Panel) -> dict[str, tuple[float, float]]:
    simple, filled = aggregate(group_time(panel), "simple"), aggregate_imputed(impute(panel), "simple")
    two_way, naive = two_way_fixed_effects(panel), before_after(panel)
    return {
        "group_time": (simple.overall, simple.overall_error), "imputation": (filled.overall, filled.overall_error),
        "two_way": (two_way.effect, two_way.error), "before_after": (naive.effect, naive.error),
    }  # fmt: skip


def test_both_estimators_recover_the_known_effect_and_cover_it(recovered: dict[str, np.ndarray]) -> None:
    for name in ("group_time", "imputation"):
        errors = recovered[name]
        assert abs(errors[:, 0].mean()) < 3 * errors[:, 0].std() / np.sqrt(len(errors)), name
        assert errors[:, 1].mean() > 0.88, name


def test_what_is_often_reported_instead_fails(recovered: dict[str, np.ndarray]) -> None:
    assert recovered["two_way"][:, 0].mean() < -0.03
    assert recovered["two_way"][:, 1].mean() < 0.5
    assert abs(recovered["before_after"][:, 0].mean()) > 0.1
    assert recovered["before_after"][:, 1].mean() < 0.3


def test_regions_chosen_for_a_chance_peak_fall_back_and_every_estimator_is_fooled() -> None:
    """What the report's first warning says: a base before the peak is less wrong."""
    scene = Scene(units=200, times=10, cohorts={6: 50}, effect=0.1, growth=0.0, selection=3.0)
    wrong: dict[int, list[float]] = {0: [], 2: []}
    for seed in range(30):
        panel, _effect = simulated(scene, seed)
        for back, found in wrong.items():
            found.append(aggregate(group_time(panel, anticipation=back), "simple").overall - 0.1)
    assert np.mean(wrong[0]) < -0.05
    assert abs(np.mean(wrong[2])) < 0.7 * abs(np.mean(wrong[0]))


def test_notes_of_the_panel_reach_the_reader(tmp_path: Path) -> None:
    lines = WAGES.read_text(encoding="utf-8").splitlines()
    file = tmp_path / "gaps.csv"
    file.write_text("\n".join([lines[0], *lines[2:]]), encoding="utf-8")
    with pytest.raises(AlmazError, match="1 gaps"):
        evaluate_panel(file, COLUMNS, EvaluationOptions(), tmp_path)
    made = evaluate_panel(file, COLUMNS, EvaluationOptions(), tmp_path, gaps="drop")
    with use("ru"):
        (section,) = impact_programme.sections(made)
    assert any("1 из 500 единиц исключены" in warning for warning in section.warnings)
    assert pc.sum(pc.is_null(made.table("programme_effects")["effect"])).as_py() == 0


def test_evaluating_without_a_source_is_possible(wages: Panel) -> None:
    made = evaluate(wages, EvaluationOptions())
    assert made.findings[0].verdict == "lowered"
