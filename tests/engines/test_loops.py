"""Loops give the same numbers with the same seed wherever they run: here, in processes, on Dask, on Spark."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from almaz.clusters.derive import DeriveOptions, derive
from almaz.clusters.similarity import Places, by_place, with_combined
from almaz.clusters.stability import stability
from almaz.errors import AlmazError
from almaz.measures.loops import each
from almaz.measures.point_envelopes import concentration_by_industry
from almaz.study.engine_section import EngineSection
from almaz.study.workers import on_workers


def found() -> dict[str, Any]:
    """Candidate sets, bootstrap draws and simulations over made-up figures, all with seeds."""
    random = np.random.default_rng(5)
    size = random.gamma(1.0, 100.0, (60, 24)).round()
    held = Places(size, size)
    matrices = with_combined(by_place(held))
    options = DeriveOptions(functions=("ward", "k_means"), fewest=4, most=6, step=1, workers=2)
    derived = derive(matrices, options)
    x, y = random.random((2, 60)) * 1000
    industries = np.repeat(["a", "b", "c"], 20)
    curves = concentration_by_industry(
        x, y, np.linspace(0, 400, 9), industries=industries, simulations=40, seed=3, jobs=2
    )
    return {
        "scores": [candidate.score for candidate in derived.candidates],
        "labels": derived.labels.tolist(),
        "stability": stability(derived, held, {}, draws=4, seed=2, workers=2).tolist(),
        "bands": [curve.envelope.high.tolist() for curve in curves if curve.envelope is not None],
    }


@pytest.fixture(scope="module")
def alone() -> dict[str, Any]:
    return found()


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    from distributed import LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1") as made:
        yield made.scheduler_address


def test_a_dask_cluster_gives_the_same_numbers(alone: dict[str, Any], scheduler: str) -> None:
    with on_workers(EngineSection(workers="dask", scheduler=scheduler)):
        assert os.getpid() not in set(each(os.getpid, [()] * 4))
        assert found() == alone


def test_spark_gives_the_same_numbers(alone: dict[str, Any], studies: Any) -> None:
    said = {"spark.driver.extraJavaOptions": studies.QUICK}
    with on_workers(EngineSection(workers="spark", master="local[2]", settings=said)):
        assert os.getpid() not in set(each(os.getpid, [()] * 4))
        assert found() == alone


@pytest.mark.parametrize("jobs", [1, 3])
def test_the_number_of_processes_changes_nothing(alone: dict[str, Any], jobs: int) -> None:
    with on_workers(EngineSection(jobs=jobs)):
        assert found() == alone


def test_results_come_in_the_order_of_the_tasks() -> None:
    assert list(each(pow, [(number, 2) for number in range(50)], jobs=2)) == [number**2 for number in range(50)]


def test_a_scheduler_that_does_not_answer_is_said_in_words() -> None:
    section = EngineSection(workers="dask", scheduler="tcp://127.0.0.1:9")
    with pytest.raises(AlmazError, match="scheduler does not answer"), on_workers(section):
        pass
