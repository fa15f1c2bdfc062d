"""The survey: three languages, scores by hand, alpha against COINr, the form and its mistakes."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from almaz.errors import AlmazError
from almaz.impact.survey import Answers, cronbach_alpha, item_answers, questionnaire, score
from almaz.impact.survey_form import read_answers, write_form
from almaz.language import use

COINR = Path(__file__).parent.parent / "data" / "known_answers" / "coinr"
ITEMS = len(questionnaire().items)


def answered(values: np.ndarray, population: int | None = None) -> Answers:
    return Answers(tuple(f"firm {number}" for number in range(len(values))), values, population)


def test_the_questionnaire_is_complete_in_three_languages() -> None:
    form = questionnaire()
    assert set(form.blocks) == {
        "trust", "information", "joint_work", "readiness", "technological_culture", "newcomers",
    }  # fmt: skip
    texts = [item.text for item in form.items] + list(form.blocks.values()) + list(form.anchors.values())
    for words in texts:
        assert set(words) == {"en", "ru", "ky"}
        assert all(words.values())
        assert words["ru"] != words["ky"]
    for block in form.blocks:
        items = [form.items[place] for place in form.of(block)]
        assert len(items) == 4
        assert sum(item.reverse for item in items) == 1
    assert len({item.name for item in form.items}) == ITEMS


def test_alpha_is_that_of_coinr() -> None:
    with (COINR / "asem_meta.csv").open(encoding="utf-8") as source:
        names = [
            row["iCode"] for row in csv.DictReader(source) if row["Parent"] == "P2P" and row["Type"] == "Indicator"
        ]
    with (COINR / "asem_data.csv").open(encoding="utf-8") as source:
        rows = list(csv.DictReader(source))
    values = np.array([[float(row[name]) if row[name] not in ("", "NA") else np.nan for name in names] for row in rows])
    assert cronbach_alpha(values) == pytest.approx(0.05126659, abs=5e-8)


def test_scores_turn_reversed_statements_round_and_bound_the_silent() -> None:
    values = np.full((4, ITEMS), np.nan)
    values[0], values[1], values[2] = 5.0, 4.0, 2.0
    row = score(answered(values)).to_pylist()[0]
    own = [(5 * 3 + 1) / 4, (4 * 3 + 2) / 4, (2 * 3 + 4) / 4]
    assert (row["asked"], row["answered"]) == (4, 3)
    assert row["mean"] == pytest.approx(np.mean(own))
    assert row["bound_low"] == pytest.approx((sum(own) + 1) / 4)
    assert row["bound_high"] == pytest.approx((sum(own) + 5) / 4)


def test_with_everybody_asked_and_answering_nothing_is_left_to_chance() -> None:
    values = np.random.default_rng(0).integers(1, 6, (20, ITEMS)).astype(float)
    row = score(answered(values)).to_pylist()[0]
    assert row["low"] == pytest.approx(row["mean"]) == pytest.approx(row["high"])
    assert row["bound_low"] == pytest.approx(row["bound_high"])
    sampled = score(answered(values, population=2000)).to_pylist()[0]
    assert sampled["low"] < sampled["mean"] < sampled["high"]


def test_intervals_cover_the_cluster_they_were_drawn_from() -> None:
    rng = np.random.default_rng(1)
    whole = np.clip(np.round(rng.normal(3.2, 0.9, (120, 1)) + rng.normal(0, 0.7, (120, ITEMS))), 1, 5)
    true = score(answered(whole)).to_pylist()[0]["mean"]
    covered = 0
    for _draw in range(60):
        drawn = whole[rng.choice(120, 40, replace=False)]
        row = score(answered(drawn, 120), draws=400).to_pylist()[0]
        covered += row["low"] <= true <= row["high"]
    assert covered >= 50


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 12), st.integers(0, 12), st.integers(0, 2**32 - 1))
def test_the_mean_lies_within_its_bounds_whatever_is_answered(given_: int, silent: int, seed: int) -> None:
    values = np.full((given_ + silent, ITEMS), np.nan)
    values[:given_] = np.random.default_rng(seed).integers(1, 6, (given_, ITEMS))
    for row in score(answered(values), draws=50).to_pylist():
        if row["mean"] is not None:
            assert 1 <= row["bound_low"] <= row["mean"] + 1e-9
            assert row["mean"] <= row["bound_high"] + 1e-9 <= 5 + 2e-9


def test_statements_are_counted_as_answered() -> None:
    values = np.full((10, ITEMS), np.nan)
    values[:8, 0] = [1, 2, 3, 4, 4, 5, 5, 5]
    row = item_answers(answered(values)).to_pylist()[0]
    assert [row[f"answer_{value}"] for value in range(1, 6)] == [1, 1, 1, 2, 3]
    assert (row["answered"], row["agree"], row["median"]) == (8, 0.625, 4.0)
    assert row["agree_low"] == pytest.approx(0.3057, abs=1e-3)


@pytest.mark.parametrize("language", ["en", "ru", "ky"])
def test_a_form_is_written_filled_in_and_read_back(tmp_path: Path, language: str) -> None:
    with use(language):
        file = write_form(tmp_path / "form.xlsx", ("Ак-Сай", "Береке"))
    book = openpyxl.load_workbook(file)
    sheet = book["answers"]
    assert sheet.cell(2, 2).value == questionnaire().items[0].text[language]
    for column in range(ITEMS):
        sheet.cell(3, 2 + column, 4)
    book.save(file)
    answers = read_answers(file, 5)
    assert answers.organisations == ("Ак-Сай", "Береке")
    assert (answers.values[0] == 4).all()
    assert np.isnan(answers.values[1]).all()
    assert answers.population == 5
    again = tmp_path / "again.xlsx"
    with use(language):
        write_form(again, ("Ак-Сай", "Береке"))
        write_form(tmp_path / "third.xlsx", ("Ак-Сай", "Береке"))
    assert again.read_bytes() == (tmp_path / "third.xlsx").read_bytes()


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ({(3, 1): "A", (3, 2): 7}, "«7» is not an answer"), ({(3, 1): "A", (3, 3): "yes"}, "«yes» is not an answer"),
        ({(3, 1): "A", (3, 2): 2.5}, "«2.5» is not an answer"), ({(3, 1): "A", (4, 1): "A"}, "«A» stands twice"),
        ({(3, 2): 3}, "answers without a name"), ({}, "nobody was asked"), ({(1, 2): "other"}, "no column «trust_1»"),
    ],
)  # fmt: skip
def test_a_wrong_form_says_where(tmp_path: Path, cells: dict[tuple[int, int], object], says: str) -> None:
    file = write_form(tmp_path / "form.xlsx")
    book = openpyxl.load_workbook(file)
    for (row, column), value in cells.items():
        book["answers"].cell(row, column, value)
    book.save(file)
    with pytest.raises(AlmazError, match=says) as error:
        read_answers(file)
    assert "form.xlsx" in str(error.value)


def test_answers_that_do_not_fit_are_refused() -> None:
    with pytest.raises(AlmazError, match="do not fit the form"):
        score(Answers(("a",), np.ones((1, 3))))
    with pytest.raises(AlmazError, match="off the scale"):
        score(answered(np.full((1, ITEMS), 6.0)))
    with pytest.raises(AlmazError, match="more organisations were asked"):
        score(answered(np.ones((3, ITEMS)), population=2))
