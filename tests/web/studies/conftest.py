"""A home of its own for each test, and the worker as a process, as `almaz serve` runs it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

DATA = Path(__file__).parents[2] / "data"
FORM = DATA / "relaid" / "raions_statgov_form.xlsx"
SAMPLES = Path(__file__).parents[3] / "src" / "almaz" / "samples"
CSV = "Region,Industry,Jobs 2021,Wages 2021\nКаракол,A,10,5\nБалыкчы,A,20,6\nКаракол,B,30,7\nБалыкчы,B,x,8\n"


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, settings: Any) -> None:
    settings.HOME = tmp_path / "home"
    (settings.HOME / "studies").mkdir(parents=True)
    (settings.HOME / "editions").mkdir()


def upload(file: Path) -> SimpleUploadedFile:
    return SimpleUploadedFile(file.name, file.read_bytes())


def table(content: str = CSV, name: str = "jobs.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content.encode())
