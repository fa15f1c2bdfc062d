"""What several rooms' tests share: the samples' editions, made once."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from almaz.study.edition import Edition
from almaz.study.file import load
from almaz.study.run import run

SAMPLES = Path(__file__).parent.parent / "src" / "almaz" / "samples"


@pytest.fixture(scope="session")
def states(tmp_path_factory: pytest.TempPathFactory) -> Edition:
    return run(load(SAMPLES / "us_states_2016" / "study.toml"), tmp_path_factory.mktemp("editions"))


@pytest.fixture(scope="session")
def raions(tmp_path_factory: pytest.TempPathFactory) -> Edition:
    return run(load(SAMPLES / "kyrgyzstan_2021" / "study.toml"), tmp_path_factory.mktemp("editions"))


FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    assert chromium, "Chromium is missing: make browser-deps installs it"
    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=chromium, args=FLAGS)
        yield opened
        opened.close()
