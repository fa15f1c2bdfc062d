"""Where a study's loops run (candidate sets, draws, simulations): this machine's processes, a Dask or a Spark cluster."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any

from joblib import parallel_config

from almaz.errors import AlmazError
from almaz.language import text as _
from almaz.study.engine_section import EngineSection
from almaz.study.registers import engine_of
from almaz.tables.engine import Tell, first_line
from almaz.tables.spark import answers, session_of

SECONDS = 30
"""How long a scheduler may take to answer."""


@contextmanager
def on_workers(section: EngineSection, tell: Tell = lambda _stage: None) -> Iterator[None]:
    """Send the loops of the block to the workers that a study names; the same numbers come back from everywhere.

    Raises AlmazError where they are not installed or do not answer.
    """
    if section.workers == "dask":
        with _dask(section, tell):
            yield
    elif section.workers == "spark":
        with _spark(section, tell):
            yield
    elif section.jobs is not None:
        with parallel_config(n_jobs=section.jobs):
            yield
    else:
        yield


@contextmanager
def _dask(section: EngineSection, tell: Tell) -> Iterator[None]:
    try:
        import distributed
    except ImportError:
        raise _not_installed("Dask", "almaz[dask]") from None
    tell(_("joining the workers: {kind}", kind=section.scheduler or "dask"))
    advice = _("look at the address in [engine], and whether the scheduler and its workers run")
    if section.scheduler is not None and not answers(section.scheduler.rpartition("//")[2]):
        raise AlmazError(
            _("Dask's scheduler does not answer: {scheduler}", scheduler=section.scheduler),
            expected='scheduler = "tcp://host:8786"',
            advice=advice,
        )
    client_of: Any = distributed.Client  # which has no types
    try:
        if section.scheduler is None:
            client = client_of(n_workers=section.jobs, threads_per_worker=1, dashboard_address=None)
        else:
            client = client_of(section.scheduler, timeout=SECONDS)
            client.wait_for_workers(1, timeout=SECONDS)
    except (OSError, TimeoutError, ValueError) as why:
        raise AlmazError(_("Dask has no worker for us: {why}", why=first_line(why)), advice=advice) from None
    try:
        found = client.run(_version)
    except Exception as why:  # what a worker could not load, in its own words
        client.close()
        raise _other_code(first_line(why)) from None
    _need_version(set(found.values()))
    with client, parallel_config(backend="dask", n_jobs=section.jobs or -1, client=client):
        yield


@contextmanager
def _spark(section: EngineSection, tell: Tell) -> Iterator[None]:
    try:
        from joblibspark import register_spark
    except ImportError:
        raise _not_installed("Spark", "almaz[spark]") from None
    tell(_("joining the workers: {kind}", kind=section.master or "spark"))
    session, ours = session_of(engine_of(section))
    try:
        try:
            found = session.sparkContext.parallelize(range(8), 8).map(_version_of).collect()
        except Exception as why:  # what a worker could not load, in its own words
            raise _other_code(first_line(why)) from None
        _need_version(set(found))
        register_spark()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # joblibspark's: no scheduling by stages, no tags inherited
            with parallel_config(backend="spark", n_jobs=section.jobs or -1):
                yield
    finally:
        if ours:
            session.stop()


def _version() -> str:
    return version("almaz")


def _version_of(_number: int) -> str:
    return version("almaz")


def _need_version(found: set[str]) -> None:
    """Raise AlmazError where a worker has another Almaz: its numbers could be others."""
    other = found - {version("almaz")}
    if other:
        raise _other_code(_("Almaz {version}", version=", ".join(sorted(other))))


def _other_code(why: str) -> AlmazError:
    return AlmazError(
        _("the workers do not have this Almaz: {why}", why=why),
        expected=_("Almaz {version}", version=version("almaz")),
        advice=_("install the same Almaz and Python on every worker"),
    )


def _not_installed(name: str, extra: str) -> AlmazError:
    return AlmazError(
        _("{name} is not installed", name=name), advice=_("install it: {command}", command=f"pip install '{extra}'")
    )
