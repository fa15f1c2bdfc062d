"""From a spreadsheet in the form of stat.gov.kg, made of real figures (tests/data/relaid), to a report, in any language."""

from __future__ import annotations

import csv
import tomllib
from pathlib import Path

import pyarrow.compute as pc
import pytest
from typer.testing import CliRunner

from almaz.cli import app
from almaz.language import use
from almaz.study.checking import check
from almaz.study.edition import Edition, open_edition
from almaz.study.file import load
from almaz.study.run import run
from almaz.study.suggested import new_from

FORM = Path(__file__).parents[1] / "data" / "relaid" / "raions_statgov_form.xlsx"
SAMPLE = Path(__file__).parents[2] / "src" / "almaz" / "samples" / "kyrgyzstan_2021"


@pytest.mark.parametrize("language", ["ky", "ru", "en"])
def test_an_analyst_gets_from_her_own_spreadsheet_to_a_report(tmp_path: Path, language: str) -> None:
    runner, mine = CliRunner(), tmp_path / "mine"
    made = runner.invoke(app, ["new", str(mine), "--from", str(FORM), "--language", language])
    assert made.exit_code == 0, made.output
    checked = runner.invoke(app, ["check", str(mine / "study.toml"), "--language", language])
    assert checked.exit_code == 0, checked.output
    ran = runner.invoke(app, ["run", str(mine / "study.toml"), "-o", str(tmp_path / "editions")])
    assert ran.exit_code == 0, ran.output
    (page,) = (tmp_path / "editions").glob(f"*-{language}.html")
    assert f'<html lang="{language}">' in page.read_text(encoding="utf-8")[:200]
    names = open_edition(tmp_path / "editions").table("clusters")[f"name_{language}"].to_pylist()
    assert {"ky": "Буудай өндүрүү", "ru": "Производство: Пшеница", "en": "Production: Wheat"}[language] in names


def test_what_is_suggested_reads_every_published_figure(tmp_path: Path) -> None:
    study = new_from(tmp_path / "mine", FORM)
    said = tomllib.loads(study.read_text(encoding="utf-8"))
    assert said["data"][0]["format"] == "statgov"
    assert (said["regions"]["kind"], said["regions"]["geometry"]) == ("raion", "raions.geojson")
    assert said["industries"]["titles"]["wheat"]["ky"] == "Буудай өндүрүү"
    material = check(load(study))
    got = {
        (row["region"], row["industry"]): row["value"]
        for row in material.observations.to_pylist()
        if row["year"] == 2021
    }
    with (SAMPLE / "raion_agriculture_2021.csv").open(encoding="utf-8") as source:
        for row in csv.DictReader(source):
            for product in ("wheat", "potatoes", "vegetables", "fruits"):
                assert got[row["region"], product] == pytest.approx(float(row[product]), abs=0.051)
    assert len(got) == 160
    assert {row["level"] for row in material.problems.to_pylist()} == {"note"}
    assert material.above.num_rows == 7 * 4  # oblasts, compared with the sums of their raions and kept apart


def test_an_oblast_that_is_not_the_sum_of_its_raions_is_named_by_how_much(tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.load_workbook(FORM)
    sheet = book["Wheat"]
    cell = sheet.cell(4, 4)
    was = float(str(cell.value).replace("\u00a0", "").replace(",", "."))
    cell.value = was + 500
    book.save(tmp_path / "wheat.xlsx")
    problems = check(load(new_from(tmp_path / "mine", tmp_path / "wheat.xlsx"))).problems.to_pylist()
    (line,) = [row for row in problems if row["kind"] == "region_total_mismatch"]
    assert (line["level"], line["sheet"], line["row"], line["column"]) == ("warning", "Wheat", 4, "D")
    assert '"off": -500.0' in line["details"]


def bytes_of(edition: Edition) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(edition.path.iterdir())}


def test_an_edition_is_the_same_bytes_in_whatever_language_it_was_made(tmp_path: Path) -> None:
    study = load(new_from(tmp_path / "mine", FORM))
    editions = []
    for language in ("en", "ru", "ky"):
        with use(language):
            editions.append(run(study, tmp_path / language))
    first = bytes_of(editions[0])
    assert first == bytes_of(editions[1]) == bytes_of(editions[2])
    problems = open_edition(tmp_path / "ky").table("problems")
    assert pc.all(pc.is_in(problems["kind"], value_set=pc.unique(problems["kind"]))).as_py()
    assert "problem" not in problems.column_names


def test_indicators_and_firms_of_a_study_are_tables_of_its_edition(tmp_path: Path) -> None:
    file = new_from(tmp_path / "mine", FORM)
    (file.parent / "poverty.csv").write_text("region,poverty_2011,poverty_2020\n41702205,13.5,12\n41702210,21.3,4.9\n")
    (file.parent / "firms.csv").write_text("name,region,employees\nApricot,41702205,x\n")
    with file.open("a", encoding="utf-8") as target:
        target.write(
            '\n[[indicators]]\nfile = "poverty.csv"\ndimensions = { region = "region" }\n'
            "values = { poverty_2011 = {}, poverty_2020 = {} }\n"
            'about = { poverty = { unit = "%", direction = -1, corner = "outcome" } }\n'
            '[[firms]]\nfile = "firms.csv"\n'
        )
    edition = run(load(file), tmp_path / "editions")
    poverty = edition.table("indicators").to_pylist()
    assert [(row["region"], row["year"], row["value"], row["direction"]) for row in poverty] == [
        ("41702205", 2011, 13.5, -1),
        ("41702210", 2011, 21.3, -1),
        ("41702205", 2020, 12.0, -1),
        ("41702210", 2020, 4.9, -1),
    ]
    (firm,) = edition.table("firms").to_pylist()
    assert (firm["organisation"], firm["region"], firm["employees"], firm["status"]) == (
        "Apricot", "41702205", None, "suppressed",
    )  # fmt: skip
    assert set(edition.manifest["inputs"]) >= {"poverty.csv", "firms.csv", FORM.name}
