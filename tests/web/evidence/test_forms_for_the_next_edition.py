from __future__ import annotations

import io
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest

from almaz.study.file import load
from almaz.study.run import run
from almaz.tables.expert_form import Judgement as Answer
from almaz.tables.expert_form import read_forms
from almaz.web.evidence.said import answers

SAMPLE = Path(__file__).parents[3] / "src" / "almaz" / "samples" / "kyrgyzstan_2021"
ZIP = "/en/centre/fruits/evidence/forms.zip"


@pytest.fixture
def judged(world: Any, judge: Any) -> None:
    world.cluster.region, world.cluster.cluster = "41702205", "fruits"
    world.cluster.save()
    judge("analyst", "business_climate", 2, confidence=3, why="=power is cut\ntwice a week", day="2025-12-31")
    judge("analyst", "decentralisation", 5, confidence=2, link="https://example.org/register", day="2026-03-01")
    judge("manager", "business_climate", 3, confidence=3, day="2026-03-01")
    judge("manager", "judged_skills", 4, confidence=1, why="survey", day="2026-03-01")


def unpacked(world: Any, into: Path, language: str = "en") -> list[Path]:
    content = world.client("analyst").get(ZIP.replace("/en/", f"/{language}/")).content
    zipfile.ZipFile(io.BytesIO(content)).extractall(into)
    return sorted(into.glob("*.xlsx"))


@pytest.mark.parametrize("language", ["en", "ru", "ky"])
def test_the_reader_of_forms_gives_back_every_judgement(
    world: Any, judged: None, tmp_path: Path, language: str
) -> None:
    files = unpacked(world, tmp_path, language)
    assert [file.name for file in files] == [
        "diamond-01-2026.xlsx",
        "potential-02-2025.xlsx",
        "potential-03-2026.xlsx",
        "potential-04-2026.xlsx",
    ]
    read = read_forms(files)
    assert sorted(read, key=repr) == sorted((one for _form, one in answers(world.cluster)), key=repr)
    assert Answer(
        "Айгүл (analyst)", "41702205", "business_climate", 2025, 2.0, 3, "=power is cut twice a week", "fruits"
    ) in read  # fmt: skip


def test_the_next_edition_uses_the_judgements_and_shows_its_statistics_beside_them(
    world: Any, judged: None, tmp_path: Path, settings: Any
) -> None:
    folder = tmp_path / "study"
    shutil.copytree(SAMPLE, folder)
    files = unpacked(world, folder)
    named = {form: [file.name for file in files if file.name.startswith(form)] for form in ("potential", "diamond")}
    file = folder / "study.toml"
    written = file.read_text(encoding="utf-8").split("[places]")[0]
    written += (
        f"[potential]\nquotient = 0.01\nminimum_regions = 5\nbootstrap = 0\ndraws = 100\nforms = {named['potential']}\n"
    )
    written += f"[diamond]\nsets = ['expert']\nforms = {named['diamond']}\ndraws = 100\n"
    file.write_text(written, encoding="utf-8")
    edition = run(load(file), tmp_path / "editions")
    kept = edition.table("potential_judgements").to_pylist() + edition.table("diamond_judgements").to_pylist()
    said = {(one["expert"], one["question"], one["level"], one["evidence"]) for one in kept}
    assert said == {
        ("Айгүл (analyst)", "business_climate", 2.0, "=power is cut twice a week"),
        ("Айгүл (analyst)", "decentralisation", 5.0, "https://example.org/register"),
        ("Айгүл (manager)", "business_climate", 3.0, None),
        ("Айгүл (manager)", "judged_skills", 4.0, "survey"),
    }
    settings.HOME = tmp_path
    world.cluster.study = edition.path.name[:-13]
    world.cluster.save()
    places = {
        one["element"]: one["place"]
        for one in edition.table("potential").to_pylist()
        if (one["region"], one["cluster"]) == ("41702205", "fruits") and one["place"] is not None
    }
    assert places
    page = world.client("analyst").get("/en/centre/fruits/evidence/").content.decode()
    assert page.count("of the regions that have the cluster") == len(places)
    assert page.count("not measured") == 17 - len(places)
    assert all(f"above {place:.0%} of" in page for place in places.values())
    assert {(one["region"], one["cluster"]) for one in kept} == {("41702205", "fruits"), ("41702205", None)}


def test_two_experts_of_one_name_stay_two(world: Any, judged: None, tmp_path: Path) -> None:
    world.people["manager"].name = world.people["analyst"].name
    world.people["manager"].save()
    experts = {one.expert for one in read_forms(unpacked(world, tmp_path))}
    assert experts == {"Айгүл (analyst) <analyst@example.org>", "Айгүл (analyst) <manager@example.org>"}


def test_a_cluster_without_codes_says_what_to_do(world: Any, judge: Any) -> None:
    judge("analyst", "business_climate", 2)
    answer = world.client("analyst").get(ZIP, follow=True)
    assert "name both codes in the settings" in answer.content.decode()
    assert world.client("member").get(ZIP).status_code == 403
    assert world.client("stranger").get(ZIP).status_code == 404
