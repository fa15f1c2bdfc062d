"""The expert form of the potential: out of an edition, filled, back into a study; and what an illustration says of itself."""

from __future__ import annotations

import shutil
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner

from almaz.cli import app
from almaz.errors import AlmazError
from almaz.language import use
from almaz.potential.elements import elements
from almaz.programme.explained import illustration_words
from almaz.report.potential import sections
from almaz.study.edition import Edition
from almaz.study.file import load
from almaz.study.forms import potential_form
from almaz.study.run import run
from almaz.tables.expert_form import ILLUSTRATION, Judgement, read_form, read_forms

RAION, FRUITS = "41702215", "fruits"
SAMPLE = Path(__file__).parents[2] / "src" / "almaz" / "samples" / "kyrgyzstan_2021"


def form(edition: Edition, folder: Path, cells: dict[tuple[int, str], object], name: str = "form.xlsx") -> Path:
    """A form of one candidate with some cells of the sheet «form» filled; (row, column) → value."""
    with use("ky"):
        file = potential_form(folder / name, edition.path, 2026, RAION, FRUITS)
    book = openpyxl.load_workbook(file)
    book["about"]["B1"] = "А. Б."
    sheet = book["form"]
    columns = [cell.value for cell in sheet[1]]
    for (row, column), value in cells.items():
        sheet.cell(row, columns.index(column) + 1, value)
    book.save(file)
    return file


def test_a_form_asks_for_every_element_of_a_candidate_in_the_language_in_use(
    illustration: Edition, tmp_path: Path
) -> None:
    sheet = openpyxl.load_workbook(form(illustration, tmp_path, {}))["form"]
    rows = list(sheet.iter_rows(values_only=True))
    assert [row[4] for row in rows[1:]] == [one.id for one in elements()]
    assert rows[1][:4] == (RAION, "Ысык-Көл району", FRUITS, "Мөмө-жемиш")
    assert rows[1][5].startswith(elements()[0].name["ky"])
    assert rows[1][6] == elements()[0].anchors["1"]["ky"]


def test_what_is_filled_comes_back_and_a_blank_cluster_speaks_of_the_region(
    illustration: Edition, tmp_path: Path
) -> None:
    filled = {(2, "level"): 6, (2, "confidence"): 3, (2, "evidence"): "сурамжылоо", (3, "level"): 2, (3, "cluster"): ""}
    assert read_form(form(illustration, tmp_path, filled)) == [
        Judgement("А. Б.", RAION, "decentralisation", 2026, 6.0, 3, "сурамжылоо", FRUITS),
        Judgement("А. Б.", RAION, "competitive_policy", 2026, 2.0, 1, "", None),
    ]


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ({(2, "level"): 9}, "row 2, column level: «9» is not allowed"),
        ({(3, "level"): 4, (3, "question"): "decentralization"}, r"row 3, column question: .*decentralisation"),
        ({(4, "level"): 4, (4, "region"): "41702216"}, "row 4, column region"),
        ({(5, "level"): 4, (5, "cluster"): "fruit"}, r"row 5, column cluster: .*fruits"),
    ],
)
def test_a_wrong_cell_is_named(
    illustration: Edition, tmp_path: Path, cells: dict[tuple[int, str], object], says: str
) -> None:
    known = {"question": [one.id for one in elements()], "region": [RAION], "cluster": [FRUITS]}
    with pytest.raises(AlmazError, match=f"(?s)form.xlsx, sheet form, {says}"):
        read_forms([form(illustration, tmp_path, cells)], known)


def test_an_expert_cannot_answer_twice(illustration: Edition, tmp_path: Path) -> None:
    files = [form(illustration, tmp_path, {(2, "level"): 6}, name) for name in ("a.xlsx", "b.xlsx")]
    with pytest.raises(AlmazError, match=r"«А\. Б\.» answers «decentralisation» twice"):
        read_forms(files)


def test_the_command_writes_either_form_and_says_what_there_is(
    illustration: Edition, raions: Edition, tmp_path: Path
) -> None:
    runner, file, year = CliRunner(), str(tmp_path / "f.xlsx"), ["--year", "2026"]
    made = runner.invoke(app, ["expert-form", file, *year, "--potential", str(illustration.path), "--region", RAION])
    assert made.exit_code == 0, made.output
    assert openpyxl.load_workbook(file)["form"].max_row > 1 + len(elements())
    neither = runner.invoke(app, ["expert-form", file, *year])
    assert "of the diamond or of the potential" in str(neither.exception)
    nothing = runner.invoke(app, ["expert-form", file, *year, "--potential", str(raions.path)])
    assert "no diagnosis of potential" in str(nothing.exception)
    absent = runner.invoke(app, ["expert-form", file, *year, "--potential", str(illustration.path), "--cluster", "tea"])
    assert "no such candidate" in str(absent.exception)


def test_judgements_stand_in_the_profile_with_their_agreement_and_the_rest_stays_unknown(illustration: Edition) -> None:
    rows = {
        row["element"]: row
        for row in illustration.table("potential").to_pylist()
        if (row["region"], row["cluster"]) == (RAION, FRUITS)
    }
    assert (rows["support_infrastructure"]["status"], rows["support_infrastructure"]["basis"]) == ("not", "judgement")
    assert rows["support_infrastructure"]["experts"] == 3
    assert rows["competitive_policy"]["experts"] == 1
    assert (rows["weak_science_ties"]["status"], rows["weak_science_ties"]["confidence"]) == ("unknown", 0.0)
    others = {row["status"] for row in illustration.table("potential").to_pylist() if row["region"] == "41702220"}
    assert "unknown" in others
    every, mine = illustration.table("potential_agreement").to_pylist()
    assert (every["experts"], every["compared"], every["region"]) == (3, 15, None)
    assert every["alpha"] == pytest.approx(0.66, abs=0.01)
    assert every["verdict"] == "doubtful"
    assert (mine["region"], mine["cluster"], mine["alpha"]) == (RAION, FRUITS, every["alpha"])


@pytest.mark.parametrize("language", ["en", "ru", "ky"])
def test_every_page_says_that_the_judgements_are_made_up(illustration: Edition, language: str) -> None:
    from almaz.report.programme import sections as programme_sections

    with use(language):
        said = illustration_words()
        for section in (*sections(illustration), *programme_sections(illustration)):
            assert said in section.warnings
    note = illustration.manifest["study"]["study"]["note"][language]
    assert {"en": "ILLUSTRATION", "ru": "ИЛЛЮСТРАЦИЯ", "ky": "ИЛЛЮСТРАЦИЯ"}[language] in note
    judgements = illustration.table("potential_judgements").to_pylist()
    assert {row["note"] for row in judgements} == {ILLUSTRATION}
    assert all("ойлоп чыгар" in row["expert"] and "ойлоп чыгарылган" in row["evidence"] for row in judgements)


def test_a_study_without_forms_says_nothing_of_experts(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(SAMPLE, tmp_path / "study"))
    text = (folder / "illustration.toml").read_text(encoding="utf-8")
    start, end = text.index("forms = ["), text.index("[[programme]]")
    (folder / "illustration.toml").write_text(text[:start] + "\n" + text[end:], encoding="utf-8")
    edition = run(load(folder / "illustration.toml"), tmp_path / "editions")
    assert not {"potential_judgements", "potential_agreement"} & set(edition.tables)
    assert sections(edition)[0].warnings == ()
    (folder / "illustration.toml").write_text(text.replace('region = "41702215"', 'region = "41702"'), encoding="utf-8")
    with pytest.raises(AlmazError, match="has no candidates"):
        run(load(folder / "illustration.toml"), tmp_path / "editions")
