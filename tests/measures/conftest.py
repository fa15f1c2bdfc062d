"""The readers of known answers, as a fixture: test modules are imported without packages."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="session")
def known() -> ModuleType:
    specification = importlib.util.spec_from_file_location(
        "known_answers", Path(__file__).with_name("known_answers.py")
    )
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module
