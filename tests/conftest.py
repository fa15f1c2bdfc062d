"""What several rooms' tests share: the samples' editions, made once."""

from __future__ import annotations

from pathlib import Path

import pytest

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
