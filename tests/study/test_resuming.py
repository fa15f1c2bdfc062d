"""A run that is killed goes on where it stopped, and an edition does not depend on who made it, where, or in which language."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from almaz.errors import AlmazError
from almaz.language import LANGUAGES, use
from almaz.study.edition import Edition, open_edition
from almaz.study.file import load
from almaz.study.run import run
from almaz.study.stages import alone

SAMPLES = Path(__file__).parent.parent.parent / "src" / "almaz" / "samples"


def same(one: Path, other: Path) -> None:
    assert sorted(file.name for file in one.iterdir()) == sorted(file.name for file in other.iterdir())
    for file in sorted(one.iterdir()):
        assert file.read_bytes() == (other / file.name).read_bytes(), file.name


def test_a_process_killed_half_way_is_gone_on_with_and_makes_the_same_bytes(states: Edition, tmp_path: Path) -> None:
    output = tmp_path / "editions"
    command = [sys.executable, "-m", "almaz", "run", str(SAMPLES / "us_states_2016" / "study.toml"), "-o", str(output)]
    stage = output / (states.path.name + ".partial") / "stages" / "activity"
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 120
        while not stage.is_dir():  # the data are read, checked and laid out: now, in the middle of measuring
            assert process.poll() is None, "the run ended before it could be killed"
            assert time.monotonic() < deadline
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    with pytest.raises(AlmazError, match="no edition"):
        open_edition(output)
    kept = {file: file.stat().st_mtime_ns for file in stage.parent.rglob("*") if file.is_file()}
    told: list[str] = []
    again = run(load(SAMPLES / "us_states_2016" / "study.toml"), output, told.append)
    assert "reading the data" not in told
    assert "laying out the activity" not in told
    assert kept
    same(states.path, again.path)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_bytes_do_not_depend_on_the_language(raions: Edition, tmp_path: Path, language: str) -> None:
    with use(language):
        same(raions.path, run(load(SAMPLES / "kyrgyzstan_2021" / "study.toml"), tmp_path).path)


def test_what_was_kept_is_said_in_the_language_of_the_reader(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(SAMPLES / "kyrgyzstan_2021", tmp_path / "study"))
    data = folder / "raion_agriculture_2021.csv"
    data.write_text(data.read_text().replace("30887.2", "-30887.2"))
    said = {}
    for language in LANGUAGES:
        with use(language), pytest.raises(AlmazError) as error:
            run(load(folder / "study.toml"), tmp_path / "editions")
        with use(language):
            said[language] = str(error.value)
    assert "a negative figure" in said["en"]
    assert "столбец wheat" in said["ru"]
    assert "мамыча wheat" in said["ky"]
    assert not any(mark in text for text in said.values() for mark in "\x02\x03\x1f")


def test_two_runs_never_make_one_edition_at_once(tmp_path: Path) -> None:
    with (
        alone(tmp_path / "edition.partial"),
        pytest.raises(AlmazError, match="another run"),
        alone(tmp_path / "edition.partial"),
    ):
        pass
    with alone(tmp_path / "edition.partial"):
        pass
