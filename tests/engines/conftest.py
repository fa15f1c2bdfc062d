"""Real engines for the tests: Spark on this machine's Java as a standalone master with two workers, PostgreSQL from a wheel."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

HERE = Path(__file__).parent


def module(file: Path) -> ModuleType:
    """A module by its file: tests are no package."""
    found = importlib.util.spec_from_file_location(file.stem, file)
    assert found is not None
    assert found.loader is not None
    made = importlib.util.module_from_spec(found)
    sys.modules[file.stem] = made
    found.loader.exec_module(made)
    return made


@pytest.fixture(scope="session")
def studies() -> ModuleType:
    """The functions of studies.py."""
    return module(HERE / "studies.py")


@pytest.fixture(scope="session")
def clusters(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Makes standalone Spark clusters, which are stopped at the end."""
    made: list[Any] = []
    cluster = module(HERE.parents[1] / "benchmarks" / "_spark_cluster.py").Cluster

    def start(workers: int, **options: Any) -> Any:
        made.append(cluster(tmp_path_factory.mktemp("spark")))
        made[-1].start(workers, **options)
        return made[-1]

    yield start
    for one in made:
        one.stop()


@pytest.fixture(scope="session")
def cluster(clusters: Any) -> Any:
    return clusters(workers=2)
