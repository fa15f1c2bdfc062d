"""Start the site: tables made or brought up to date, static files built, then a web server and a worker under one roof."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import django
import vl_convert

from almaz.errors import AlmazError
from almaz.language import text as _
from almaz.whole import whole

REMINDED = 3600.0
"""Seconds between two looks at what waits for people; each gets one letter a day at most."""
Tell = Callable[[str], None]
QUEUES = ("default", "studies")
"""A worker for each, so that no letter waits for a study."""


def ready(home: Path | None, database: str | None) -> None:
    """Set the environment and load the project. Raises AlmazError where the database's address is not one."""
    if home is not None:
        os.environ["ALMAZ_HOME"] = str(home)
    if database is not None:
        os.environ["ALMAZ_DATABASE"] = database
    os.environ["DJANGO_SETTINGS_MODULE"] = "almaz.web.settings"
    try:
        django.setup()
    except ValueError as why:
        raise AlmazError(
            _("the address of the database cannot be read: {why}", why=why),
            expected="postgresql://user:password@host:5432/name",
        ) from None


def prepare(tell: Tell = lambda _stage: None) -> None:
    """Bring the database and the static files up to date. Raises AlmazError where the database does not answer."""
    from django.core.management import call_command

    migrated(tell)
    tell(_("building the static files"))
    built_files()
    call_command("collectstatic", verbosity=0, interactive=False)


def migrated(tell: Tell = lambda _stage: None) -> None:
    """Bring the database up to date. Raises AlmazError where it does not answer."""
    from django.conf import settings
    from django.core.management import call_command
    from django.db import OperationalError

    tell(_("bringing the database up to date"))
    try:
        with _one_at_a_time(Path(settings.HOME)):
            call_command("migrate", verbosity=0, interactive=False)
            call_command("createcachetable", verbosity=0)
    except OperationalError as why:
        raise AlmazError(
            _("the database does not answer: {why}", why=str(why).strip()),
            advice=_("see that it runs, and that name, user and password in its address are right"),
        ) from None


@contextmanager
def _one_at_a_time(home: Path) -> Iterator[None]:
    """Wait until no other process of this machine is in such a block of the same home."""
    if os.name != "posix":
        yield
        return
    import fcntl

    held = os.open(home, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)


def built_files() -> None:
    """Write the static files that are not in the package: the chart bundle, which comes with vl-convert."""
    from django.conf import settings

    bundle = vl_convert.javascript_bundle()
    file = Path(settings.HOME) / "built" / "vega.js"
    if not file.is_file() or file.read_text(encoding="utf-8") != bundle:
        with whole(file) as partial:
            partial.write_text(bundle, encoding="utf-8")


def first_address() -> str | None:
    """The path at which the first administrator is made; None where there is one."""
    from almaz.web.accounts.invitations import first_address as found

    return found()


def published(folder: Path, tell: Tell = lambda _stage: None) -> list[str]:
    """Publish the editions of a folder that are not public yet; their names."""
    from almaz.web.observatory.publishing import publish_all

    return [str(one) for one in publish_all(folder, tell)]


def serve(host: str, port: int, workers: int, listening: Callable[[], None] = lambda: None) -> int:
    """Run the web server and the workers (letters; long jobs) until the first ends; gives its exit code.

    listening: called once, when the server takes connections. A worker that dies is started again, and once a day the letters
    of what waits for people are written. Raises AlmazError where something else has the port.
    """
    from almaz.tables.spark import answers

    address = f"{local(host)}:{port}"
    if answers(address):
        raise AlmazError(
            _("something else listens on port {port}", port=port),
            advice=_("choose another: {command}", command="--port"),
        )
    web = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port),
        "--workers", str(workers), "--blocking-threads", "4", "--no-ws", "--log-level", "warning", "almaz.web.wsgi:application",
    ]  # fmt: skip
    worker = [sys.executable, "-m", "django", "db_worker", "--no-reload", "--queue-name"]
    commands = {"web": web, **{queue: [*worker, queue] for queue in QUEUES}}
    commands["reminder"] = [sys.executable, "-m", "django", "remind", "--from-hour", "7"]
    running = {name: subprocess.Popen(command) for name, command in commands.items()}
    looked = time.monotonic()

    def stop(_signal: int, _frame: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    try:
        while running["web"].poll() is None and not answers(address):
            time.sleep(0.1)
        if running["web"].poll() is None:
            listening()
        while running["web"].poll() is None:
            for queue in QUEUES:
                if running[queue].poll() is not None:
                    running[queue] = subprocess.Popen(commands[queue])
            if running["reminder"].poll() is not None and time.monotonic() - looked > REMINDED:
                running["reminder"], looked = subprocess.Popen(commands["reminder"]), time.monotonic()
            time.sleep(1)
        return running["web"].returncode
    except KeyboardInterrupt:
        return 0
    finally:
        for one in running.values():
            one.terminate()
        for one in running.values():
            try:
                one.wait(timeout=20)
            except subprocess.TimeoutExpired:
                one.kill()


def local(host: str) -> str:
    """The address by which this machine reaches a server that listens on `host`."""
    return "127.0.0.1" if host in ("0.0.0.0", "::") else host
