"""What the README and the guide say is run as it stands there."""

from __future__ import annotations

import contextlib
import csv
import io
import re
import shutil
from pathlib import Path

import openpyxl
import pyarrow.compute as pc
import pytest

from almaz.study.edition import Edition
from almaz.study.file import load
from almaz.study.keys import page
from almaz.study.run import run

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "src" / "almaz" / "samples" / "kyrgyzstan_2021"


def blocks(file: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", file.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("file", ["README.md", "docs/guide/python.md"])
def test_the_python_of_a_page_runs_from_top_to_bottom(file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    found = blocks(ROOT / file, "python")
    assert found
    names: dict[str, object] = {}
    for block in found:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(block, file, "exec"), names)
        assert printed.getvalue().strip(), block


def test_five_lines_of_the_readme_make_a_portfolio() -> None:
    first = blocks(ROOT / "README.md", "python")[0]
    lines = [line for line in first.splitlines() if line and not line.startswith("import")]
    assert len(lines) <= 5


def workbook(file: Path) -> None:
    """A workbook in the form of stat.gov.kg, made for this test from the raion table that ships with Almaz."""
    with (SAMPLE / "regions.csv").open(encoding="utf-8") as source:
        names = {row["region"]: row for row in csv.DictReader(source)}
    with (SAMPLE / "raion_agriculture_2021.csv").open(encoding="utf-8") as source:
        rows = list(csv.DictReader(source))
    book = openpyxl.Workbook()
    book.remove(book.active)
    for product in ("wheat", "potatoes", "vegetables", "population"):
        sheet = book.create_sheet(product)
        sheet.append([f"Өндүрүш / Производство / Production: {product}"])
        sheet.append([])
        sheet.append(["Аталышы / Наименование / Name", 2019, 2020, "2021-ж."])
        for row in rows:
            name = names[row["region"]]
            number = f"{float(row[product]):,.1f}".replace(",", "\u00a0").replace(".", ",")
            sheet.append([f"{name['name_ky']} / {name['name_ru']} / {name['name_en']}", "…", "…", number])
    book.save(file)


def test_the_guides_study_of_a_stat_gov_kg_workbook_gives_the_samples_quotients(
    raions: Edition, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(SAMPLE, tmp_path / "mine"))
    workbook(folder / "agriculture.xlsx")
    (study,) = blocks(ROOT / "docs" / "guide" / "own-spreadsheet.md", "toml")
    (folder / "study.toml").write_text(study, encoding="utf-8")
    edition = run(load(folder / "study.toml"), tmp_path / "editions")
    assert pc.sum(pc.equal(edition.table("problems")["level"], "error")).as_py() in (0, None)

    def quotients(of: Edition) -> dict[tuple[str, str], float]:
        rows = of.table("portfolio").to_pylist()
        return {(row["region"], row["cluster"]): row["lq"] for row in rows if row["year"] == 2021}

    expected, found = quotients(raions), quotients(edition)
    assert len(found) == 3 * 40
    for place, quotient in found.items():
        assert quotient == pytest.approx(expected[place], rel=1e-9)


def test_the_page_on_the_study_file_is_made_from_the_keys() -> None:
    written = (ROOT / "docs" / "guide" / "study-file.md").read_text(encoding="utf-8")
    assert written == page(), "make it anew: python -m almaz.study.keys > docs/guide/study-file.md"


def test_the_reference_holds_every_module_of_measures_tables_and_clusters() -> None:
    for room in ("measures", "tables", "clusters"):
        said = (ROOT / "docs" / "reference" / f"{room}.md").read_text(encoding="utf-8")
        assert f"::: almaz.{room}\n" in said
        assert "show_submodules: true" in said


def test_every_page_is_in_the_navigation() -> None:
    navigation = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    pages = [file.relative_to(ROOT / "docs").as_posix() for file in (ROOT / "docs").rglob("*.md")]
    assert [page for page in pages if page not in navigation and not page.startswith("samples/")] == []
