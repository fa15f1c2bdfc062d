"""What people fill in: templates, figures, expert forms; and what a change of one figure would do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openpyxl
import pytest

from almaz.diamond.figures import read_figures, write_template, years_of
from almaz.diamond.frame import Options
from almaz.diamond.indicators import Panel, panel, read_set
from almaz.diamond.judged import as_figures, questions
from almaz.diamond.score import diamond
from almaz.diamond.what_if import changes, what_if
from almaz.errors import AlmazError
from almaz.language import use
from almaz.tables.expert_form import COLUMNS, Judgement, Place, agreement, read_form, write_form

OBLASTS = {"41705": "Баткен облусу", "41703": "Жалал-Абад облусу"}


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_template_is_filled_and_read_back(tmp_path: Path, ending: str) -> None:
    chosen = read_set("kyrgyz_oblasts")
    with use("ky"):
        file = write_template(tmp_path / f"t.{ending}", chosen, OBLASTS, [2022, 2023])
    assert read_figures(file).num_rows == 0  # blank is no figure, not a zero
    if ending == "xlsx":
        book = openpyxl.load_workbook(file)
        sheet = book["figures"]
        assert sheet.max_row == 1 + len(chosen.indicator) * 2 * 2
        assert sheet["B2"].value.startswith("10 000 калкка")
        sheet["G2"], sheet["G3"], sheet["G4"] = "1 234,5", "…", 7
        sheet["H4"], sheet["I4"], sheet["K4"] = 5, 9, "judgement"
        book.save(file)
    else:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
        lines[1] = lines[1].replace(",,,,", ',"1 234,5",,,', 1)
        lines[2] = lines[2].replace(",,,,", ",…,,,", 1)
        lines[3] = lines[3].replace(",,,,", ",7,5,9,", 1).replace("statistic", "judgement")
        file.write_text("\n".join(lines), encoding="utf-8")
    rows = read_figures(file).to_pylist()
    assert [(row["region"], row["year"], row["value"]) for row in rows] == [
        ("41705", 2022, 1234.5),
        ("41703", 2022, 7.0),
    ]
    assert (rows[1]["low"], rows[1]["high"], rows[1]["basis"]) == (5.0, 9.0, "judgement")
    assert rows[0]["source"] == "Кыргыз Республикасынын Улуттук статистика комитети"


def test_a_wrong_cell_is_named(tmp_path: Path) -> None:
    file = tmp_path / "figures.csv"
    file.write_text("indicator,region,year,value\nexports,41705,2023,many\n", encoding="utf-8")
    with pytest.raises(AlmazError, match=r"figures\.csv, row 2, column value: «many» is not a number"):
        read_figures(file)
    file.write_text("indicator,region,year,value\nexports,41705,last,1\n", encoding="utf-8")
    with pytest.raises(AlmazError, match="«last» is not a year"):
        read_figures(file)
    file.write_text("indicator,region,value\nexports,41705,1\n", encoding="utf-8")
    with pytest.raises(AlmazError, match="there is no column «year»"):
        read_figures(file)
    with pytest.raises(AlmazError, match="not a year"):
        years_of("2021, soon")


def filled(file: Path, expert: str, levels: dict[int, tuple[object, object, str]]) -> Path:
    """A form of two oblasts with some rows answered: row → level, confidence, evidence."""
    with use("ru"):
        write_form(file, questions(read_set("expert")), [Place(*one) for one in OBLASTS.items()], 2024)
    book = openpyxl.load_workbook(file)
    book["about"]["B1"] = expert
    for row, (level, confidence, evidence) in levels.items():
        for column, cell in (("level", level), ("confidence", confidence), ("evidence", evidence)):
            book["form"].cell(row, COLUMNS.index(column) + 1, cell)
    book.save(file)
    return file


def test_an_expert_form_goes_out_and_comes_back(tmp_path: Path) -> None:
    file = filled(tmp_path / "one.xlsx", "А. Б.", {2: (3, 3, "опрос 12 фирм"), 3: (6, 2, ""), 13: (5, None, "отчёт")})
    sheet = openpyxl.load_workbook(file)["form"]
    assert sheet.max_row == 1 + 2 * len(read_set("expert").indicator)
    assert sheet["E2"].value == "почти никогда; люди уезжают"
    said = read_form(file)
    assert [(one.region, one.question, one.level, one.confidence) for one in said] == [
        ("41705", "judged_skills", 3.0, 3),
        ("41705", "judged_infrastructure", 6.0, 2),
        ("41703", "judged_skills", 5.0, 1),
    ]
    assert [one.half_width for one in said] == [0.5, 1.5, 1.5]
    assert said[0].expert == "А. Б."


@pytest.mark.parametrize(
    ("answer", "says"),
    [((9, 2, ""), "row 2, column level: «9» is not allowed here"), ((4, "sure", ""), "row 2, column confidence")],
)
def test_an_answer_off_the_scale_is_named(tmp_path: Path, answer: tuple[object, object, str], says: str) -> None:
    with pytest.raises(AlmazError, match=says):
        read_form(filled(tmp_path / "form.xlsx", "A", {2: answer}))
    with pytest.raises(AlmazError, match="does not say who answered"):
        read_form(filled(tmp_path / "nameless.xlsx", "", {}))
    (tmp_path / "other.xlsx").write_text("text")
    with pytest.raises(AlmazError, match="cannot be read"):
        read_form(tmp_path / "other.xlsx")


def judged(
    expert: str, level: float, region: str = "a", confidence: int = 3, question: str = "judged_skills"
) -> Judgement:
    return Judgement(expert, region, question, 2024, level, confidence, "seen")


def test_judgements_become_intervals_weighted_by_confidence() -> None:
    rows = as_figures([judged("one", 2), judged("two", 6, confidence=1)]).to_pylist()
    assert rows == [
        {
            "indicator": "judged_skills", "region": "a", "year": 2024, "value": 3.0, "low": 1.5, "high": 7.0,
            "unit": None, "source": "one, two", "basis": "judgement",
        }
    ]  # fmt: skip


def test_agreement_counts_only_what_two_have_judged() -> None:
    same = [
        judged(expert, level, region) for region, level in (("a", 2), ("b", 5), ("c", 7)) for expert in ("one", "two")
    ]
    found = agreement([*same, judged("one", 4, "d")])
    assert (found.alpha, found.experts, found.compared, found.verdict) == (1.0, 2, 3, "reliable")
    apart = agreement([judged("one", 1, "a"), judged("two", 7, "a"), judged("one", 7, "b"), judged("two", 1, "b")])
    assert apart.verdict == "doubtful"
    assert agreement([judged("one", 4)]).verdict == "unknown"


def test_judgements_are_never_mixed_in_silently(tmp_path: Path) -> None:
    from almaz.diamond.result import corners_table, scores_table

    regions = [f"r{n}" for n in range(8)]
    codes = [one.code for one in read_set("expert").indicator]
    said = [
        judged("one", 1 + (number + place) % 7, region, question=code)
        for number, region in enumerate(regions)
        for place, code in enumerate(codes)
        if region != "r0" or code != "judged_skills"
    ]
    scored = diamond(panel(as_figures(said), read_set("expert"), regions), Options(draws=200))
    corners = corners_table(scored).to_pylist()
    assert {row["basis"] for row in corners} == {"judgement"}
    scores = scores_table(scored).to_pylist()
    assert scores[1]["judged_share"] == pytest.approx(1.0)
    assert scores[1]["score_of_statistics"] != scores[1]["score"]


def test_what_if_moves_the_region_and_nothing_else(made_up: Panel) -> None:
    options = Options(draws=300)
    before = diamond(made_up, options)
    weakest = int(before.score.argmin())
    region = made_up.regions[weakest]
    best = float(np.nanmax(made_up.value[:, 0, :]))
    found = what_if(made_up, region, {"factor_1": best}, options)
    assert found.after.score[weakest] > found.before.score[weakest] + 5
    np.testing.assert_allclose(np.delete(found.after.score, weakest), np.delete(before.score, weakest), rtol=1e-12)
    assert found.after.ranks.rank[weakest] <= found.before.ranks.rank[weakest]
    np.testing.assert_allclose(found.after.corners[weakest, 1:], before.corners[weakest, 1:])
    beyond = what_if(made_up, region, {"factor_1": best * 10}, options, before)
    np.testing.assert_allclose(beyond.after.score, found.after.score)  # the goalpost is the end of the scale
    same = what_if(made_up, region, {"factor_1": float(made_up.value[weakest, 0, 1])}, options, before)
    np.testing.assert_allclose(same.after.data.low, before.data.low)
    with pytest.raises(AlmazError, match="no corner has the indicator «income»"):
        what_if(made_up, region, {"income": 1.0}, options, before)
    with pytest.raises(AlmazError, match="there is no region"):
        what_if(made_up, "nowhere", {"factor_1": 1.0}, options, before)
    assert changes(["a=1,5", "b = 2"]) == {"a": 1.5, "b": 2.0}
    with pytest.raises(AlmazError, match="is not a change"):
        changes(["a"])
