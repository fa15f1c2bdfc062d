"""A small run of `python -m benchmarks fuzz_readers`, which makes 10,000 files."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "fuzz_readers.py"


@pytest.fixture(scope="module")
def fuzz() -> ModuleType:
    specification = importlib.util.spec_from_file_location("fuzz_readers", BENCHMARK)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules["fuzz_readers"] = module
    specification.loader.exec_module(module)
    return module


@pytest.mark.parametrize("part", range(4))
def test_no_traceback_and_no_row_without_a_line(fuzz: ModuleType, part: int) -> None:
    outcomes = fuzz.run(range(part * 50, part * 50 + 50), 3)
    assert [one for one in outcomes if one[1] not in ("read", "refused")] == []
    assert sum(outcome == "read" for _number, outcome, _text in outcomes) > 15
