"""The commands as a user meets them: in three languages, with words for mistakes and files for results."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path

import pytest
import typer

from almaz.cli import app, main
from almaz.cli.page import page
from almaz.language import use
from almaz.study.edition import Edition
from almaz.study.file import load
from almaz.study.run import run

SAMPLES = Path(__file__).parent.parent.parent / "src" / "almaz" / "samples"
GUIDE = Path(__file__).parent.parent.parent / "docs" / "guide" / "commands.md"


def said(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    found = capsys.readouterr()
    assert ended.value.code == code, found.out + found.err
    return found.out + found.err


def commands() -> dict[str, object]:
    return dict(typer.main.get_command(app).commands)  # type: ignore[attr-defined]


def test_the_help_of_every_command_and_option_is_translated() -> None:
    spoken = {}
    for language in ("en", "ru", "ky"):
        with use(language):
            built = commands()
        spoken[language] = {
            (name, part.name if part is not command else ""): part.help
            for name, command in built.items()
            for part in (command, *command.params)  # type: ignore[attr-defined]
            if getattr(part, "help", None) and getattr(part, "name", "") != "help"
        }
    assert len(spoken["en"]) > 25
    for language in ("ru", "ky"):
        same = [
            place
            for place, words in spoken[language].items()
            if words == spoken["en"][place] and not words.startswith("CSV: region, name_en")
        ]
        assert same == []


def test_every_parameter_of_every_command_has_a_help_text() -> None:
    silent = [
        f"{name} {part.name}"
        for name, command in commands().items()
        for part in command.params  # type: ignore[attr-defined]
        if not getattr(part, "help", None)
    ]
    assert silent == []


@pytest.mark.parametrize(
    ("environment", "arguments", "says"),
    [
        ({}, [], "Usage: almaz"),
        ({"ALMAZ_LANGUAGE": "ru"}, [], "Использование: almaz"),
        ({"LANG": "ky_KG.UTF-8"}, [], "Колдонуу: almaz"),
        ({"ALMAZ_LANGUAGE": "ru"}, ["--language", "ky"], "Колдонуу: almaz"),
        ({"LANG": "de_DE.UTF-8"}, [], "Usage: almaz"),
    ],
)
def test_the_language_is_that_of_the_command_line_or_the_environment(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    environment: dict[str, str],
    arguments: list[str],
    says: str,
) -> None:
    for name in ("ALMAZ_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert says in said(capsys, *arguments, "--help")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["run"], "STUDY is missing"),
        (["show", "x", "--tabel", "y"], "did you mean «--table»"),
        (["show", "x", "--rows", "many"], "--rows is not allowed"),
        (["shwo"], "shwo"),
        (["run", "nowhere.toml"], "there is no such file"),
        (["show", "nowhere"], "there is no edition here"),
        (["new", "x", "--sample", "mars"], "one of: us, kyrgyzstan"),
        (["check", "x", "--language", "de"], "does not speak «de»"),
    ],
)
def test_a_mistake_is_told_in_words_with_exit_code_2(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, arguments: list[str], says: str
) -> None:
    monkeypatch.setenv("ALMAZ_LANGUAGE", "en")
    found = said(capsys, *arguments, code=2)
    assert says in " ".join(found.split())
    assert "Traceback" not in found


def test_show_prints_numbers_and_codes_as_the_language_writes_them(
    states: Edition, capsys: pytest.CaptureFixture[str]
) -> None:
    where = [str(states.path), "--region", "44000", "--cluster", "Jewelry and Precious Metals"]
    english = said(capsys, "show", *where, "-t", "portfolio", "--columns", "year,lq,employment", "-l", "en")
    russian = said(capsys, "show", *where, "-t", "portfolio", "--columns", "year,lq,employment", "-l", "ru")
    assert "2016" in english
    assert "2016" in russian
    assert "," in russian
    quotient = next(word for word in english.split() if word.count(".") == 1 and word[0].isdigit())
    assert quotient.replace(".", ",") in russian
    strength = said(capsys, "show", *where, "-t", "strength", "-l", "ru")
    assert "Картирование" in strength


def test_show_lists_tables_and_exports_rows_as_stored(
    states: Edition, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    listed = said(capsys, "show", str(states.path), "-l", "en")
    assert all(name in listed for name in states.tables)
    where = [str(states.path), "-t", "strength", "--region", "44000", "--columns", "cluster,rule,verdict,lq"]
    rows = list(csv.DictReader(io.StringIO(said(capsys, "show", *where, "-f", "csv"))))
    assert len(rows) == 4 * 67
    held = states.table("strength").to_pandas().query("region == '44000'")
    assert [row["verdict"] for row in rows] == held["verdict"].tolist()
    assert float(rows[0]["lq"]) == held["lq"].iloc[0]
    said(capsys, "show", *where, "-o", str(tmp_path / "out.json"), "--rows", "5")
    assert len(json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))) == 5
    assert "one of:" in said(capsys, "show", *where[:3], "--region", "99", code=2)


def test_compare_tells_parameters_problems_tables_and_quotients(
    raions: Edition, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = Path(shutil.copytree(SAMPLES / "kyrgyzstan_2021", tmp_path / "study"))
    file = folder / "raion_agriculture_2021.csv"
    file.write_text(file.read_text().replace("Ton,53400,4754.8", "Ton,53400,475.8") + "99,9,Nowhere,1,1,1,1,1,1,1,1\n")
    study = folder / "study.toml"
    study.write_text(study.read_text(encoding="utf-8") + "\n[strength]\nminimum_regions = 30\n", encoding="utf-8")
    other = run(load(study), tmp_path / "editions")
    found = said(capsys, "compare", str(raions.path), str(other.path), "-l", "en")
    assert "strength.minimum_regions: 20 → 30" in found
    assert "raion_agriculture_2021.csv" in found
    assert "problem new: warning, unknown_region" in found
    assert "41702220" in found
    assert "the two editions are the same" in said(capsys, "compare", str(raions.path), str(raions.path), "-l", "en")


def test_check_writes_nothing_and_says_by_its_code_whether_there_are_errors(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = Path(shutil.copytree(SAMPLES / "kyrgyzstan_2021", tmp_path / "study"))
    before = sorted(tmp_path.rglob("*"))
    said(capsys, "check", str(folder / "study.toml"), "-l", "ky")
    assert sorted(tmp_path.rglob("*")) == before
    file = folder / "raion_agriculture_2021.csv"
    file.write_text(file.read_text().replace("30887.2", "-1"))
    assert "-1" in said(capsys, "check", str(folder / "study.toml"), "-l", "ru", code=1)


def test_the_page_on_the_commands_has_every_command_and_option() -> None:
    written = GUIDE.read_text(encoding="utf-8")
    for name, command in commands().items():
        part = written.partition(f"## almaz {name}\n")[2].partition("\n## ")[0]
        options = [option for parameter in command.params for option in parameter.opts if option[0] == "-"]  # type: ignore[attr-defined]
        assert [option for option in options if f"`{option}`" not in part] == [], name
    assert written == page(), "make it anew: python -m almaz.cli.page > docs/guide/commands.md"
