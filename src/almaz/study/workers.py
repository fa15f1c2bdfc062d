"""Where a study's loops run (candidate sets, draws, simulations): this machine's processes, a Dask or a Spark cluster."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from joblib import parallel_config

from almaz.errors import AlmazError
from almaz.language import text as _
from almaz.study.engine_section import EngineSection
from almaz.study.registers import engine_of
from almaz.tables.engine import Tell, first_line

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
        from distributed import Client
    except ImportError:
        raise _not_installed("Dask", "almaz[dask]") from None
    tell(_("joining the workers: {kind}", kind=section.scheduler or "dask"))
    try:
        if section.scheduler is None:
            client = Client(n_workers=section.jobs, threads_per_worker=1, dashboard_address=None)
        else:
            client = Client(section.scheduler, timeout=SECONDS)
            client.wait_for_workers(1, timeout=SECONDS)
    except (OSError, TimeoutError, ValueError) as why:
        raise AlmazError(
            _("Dask's scheduler does not answer: {why}", why=first_line(why)),
            expected='scheduler = "tcp://host:8786"',
            advice=_("look at the address in [engine], and whether the scheduler and its workers run"),
        ) from None
    with client, parallel_config(backend="dask", n_jobs=section.jobs or -1, client=client):
        yield


@contextmanager
def _spark(section: EngineSection, tell: Tell) -> Iterator[None]:
    from almaz.tables.spark import session_of

    try:
        from joblibspark import register_spark
    except ImportError:
        raise _not_installed("Spark", "almaz[spark]") from None
    tell(_("joining the workers: {kind}", kind=section.master or "spark"))
    session, ours = session_of(engine_of(section))
    try:
        register_spark()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that one machine alone has no scheduling by stages
            configured = parallel_config(backend="spark", n_jobs=section.jobs or -1)
        with configured:
            yield
    finally:
        if ours:
            session.stop()


def _not_installed(name: str, extra: str) -> AlmazError:
    return AlmazError(
        _("{name} is not installed", name=name), advice=_("install it: {command}", command=f"pip install '{extra}'")
    )
