"""The tables' expressions on Spark: a cluster's master or this machine's cores, with what can go wrong said in words."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ibis
import pyarrow as pa

from almaz.errors import AlmazError
from almaz.language import text as _

if TYPE_CHECKING:
    from almaz.tables.engine import Engine, Tell

JAVA = 17
"""The oldest Java that Spark 4 runs on."""
WAITING = 60.0
"""Seconds without a single worker after which a run gives up."""


@contextmanager
def connected(engine: Engine) -> Iterator[Any]:
    """A Spark session on the engine's master, closed at the end of the block; a session that is already there is used and kept.

    Raises AlmazError: Spark is not installed, there is no Java, the master does not answer, it has no workers.
    """
    session, ours = session_of(engine)
    try:
        yield ibis.pyspark.connect(session)
    finally:
        if ours:
            session.stop()


def session_of(engine: Engine) -> tuple[Any, bool]:
    """The session, and whether it was made here."""
    from almaz.tables.engine import first_line

    try:
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError:
        raise AlmazError(
            _("Spark is not installed"), advice=_("install it: {command}", command="pip install 'almaz[spark]'")
        ) from None
    held = SparkSession.getActiveSession()
    if held is not None:
        return held, False
    master = engine.master or f"local[{engine.threads or '*'}]"
    need_java()
    _need_master(master)
    _surroundings(master)
    builder = SparkSession.builder.appName("almaz").master(master)
    for name, value in _settings(engine).items():
        builder = builder.config(name, value)
    try:
        session = builder.getOrCreate()
        session.sparkContext.setLogLevel("ERROR")
    except (PySparkException, Py4JError, RuntimeError) as why:
        raise AlmazError(
            _("Spark does not start: {why}", why=first_line(why)), advice=_("look at the section [engine]")
        ) from None
    if master.startswith("spark://"):
        _need_workers(session, master)
    return session, True


def _settings(engine: Engine) -> dict[str, str]:
    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.ansi.enabled": "true",  # an overflow is an error, never another number
        "spark.sql.adaptive.enabled": "true",
        "spark.sql.optimizer.canChangeCachedPlanOutputPartitioning": "true",  # kept rows too: else 200 parts of any size
    }
    if engine.memory is not None:
        memory = re.sub(r"\s*([gmkt])i?b?$", r"\1", engine.memory.lower())
        settings |= {"spark.driver.memory": memory, "spark.executor.memory": memory}
    if engine.temporary is not None:
        settings["spark.local.dir"] = str(engine.temporary)
    return settings | dict(engine.settings)


def _surroundings(master: str) -> None:
    """The workers' Python is this one, and a master on loopback is spoken to on loopback."""
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ.setdefault("PYSPARK_DRIVER_PYTHON", sys.executable)
    if master.startswith("local") or "127.0.0.1" in master or "localhost" in master:
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")


def need_java() -> None:
    """Raise AlmazError where there is no Java, or one that is too old for Spark."""
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    advice = _("install Java {version} or newer (Debian: {command}), or name its folder in JAVA_HOME", version=JAVA,
               command="apt-get install openjdk-17-jre-headless")  # fmt: skip
    try:
        said = subprocess.run([java or "java", "-version"], capture_output=True, text=True, check=True).stderr
    except (OSError, subprocess.CalledProcessError):
        raise AlmazError(_("Spark needs Java, and there is none here"), advice=advice) from None
    found = re.search(r'version "(?:1\.)?(\d+)', said)
    if found is not None and int(found.group(1)) < JAVA:
        raise AlmazError(
            _("Spark needs Java {version}; here is Java {found}", version=JAVA, found=found.group(1)), advice=advice
        )


def _need_master(master: str) -> None:
    """Raise AlmazError where no host of a standalone master's URL takes a connection: Spark itself would try for minutes."""
    if not master.startswith("spark://"):
        return
    if any(answers(part) for part in master.removeprefix("spark://").split(",")):
        return
    raise AlmazError(
        _("Spark's master does not answer: {master}", master=master),
        expected='master = "spark://host:7077"',
        advice=_("look at the address in [engine], and whether the master runs and its port is open"),
    )


def answers(address: str) -> bool:
    """Whether a host:port takes a connection within five seconds."""
    host, _colon, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=5).close()
    except (OSError, ValueError):
        return False
    return True


def workers(session: Any) -> int:
    """How many executors a session has, the driver not counted."""
    return len(session.sparkContext._jsc.sc().statusTracker().getExecutorInfos()) - 1


def _need_workers(session: Any, master: str) -> None:
    start = time.monotonic()
    while workers(session) < 1:
        if time.monotonic() - start > WAITING:
            session.stop()
            raise _no_workers(master)
        time.sleep(0.2)


def _no_workers(master: str) -> AlmazError:
    return AlmazError(
        _("Spark's master has no worker for us: {master}", master=master),
        advice=_(
            "see that workers run, have cores and memory free, and that [engine] does not ask for more than they have"
        ),
    )


def arrow(backend: Any, expression: ibis.Table, tell: Tell | None) -> pa.Table:
    """The rows of an expression. A lost worker's part is done again by another; where none is left the run ends and says so."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    from almaz.tables.engine import first_line, watched

    session = backend._session
    watch = _Watch(session)
    backend._run_pre_execute_hooks(expression)
    try:
        with watched(watch.look, tell or (lambda _said: None)):
            return session.sql(backend.compile(expression)).toArrow().cast(expression.schema().to_pyarrow())
    except (PySparkException, Py4JError) as why:
        if watch.lost:
            raise _no_workers(session.sparkContext.master) from None
        raise AlmazError(
            _("Spark could not finish: {why}", why=first_line(why)),
            advice=_("look at the log of Spark's master and workers, and run again"),
        ) from None


def kept(backend: Any, expression: ibis.Table, name: str) -> ibis.Table:
    """A view of the rows of an expression, which are made when they are first asked for, and then kept by the workers."""
    backend._run_pre_execute_hooks(expression)
    frame = backend._session.sql(backend.compile(expression))
    frame.persist()
    frame.createOrReplaceTempView(name)
    return backend.table(name)


class _Watch:
    """Looks how many tasks are done; where a standalone cluster has lost its last worker, it ends the work."""

    def __init__(self, session: Any) -> None:
        self.session = session
        self.cluster = session.sparkContext.master.startswith("spark://")
        self.since: float | None = None
        self.lost = False

    def look(self) -> str:
        if self.cluster and workers(self.session) < 1:
            self.since = self.since or time.monotonic()
            if time.monotonic() - self.since > WAITING:
                self.lost = True
                self.session.sparkContext.cancelAllJobs()
            return _("no worker is left: waiting for one")
        self.since = None
        tracker = self.session.sparkContext.statusTracker()
        stages = [tracker.getStageInfo(number) for number in tracker.getActiveStageIds()]
        tasks = [(stage.numCompletedTasks, stage.numTasks) for stage in stages if stage is not None]
        if not tasks:
            return ""
        done, every = map(sum, zip(*tasks, strict=True))
        return _("Spark: {done} of {all} tasks done", done=done, all=every)
