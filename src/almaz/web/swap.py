"""One folder takes another's place at once: whoever looks finds the old one or the new one, whole."""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from almaz.errors import AlmazError
from almaz.language import text as _

MARK = "being-restored"
"""A file in a folder that is not whole yet; without it the folder is somebody's data."""
LOCK = "serving.lock"
EXCHANGE = 2


@contextmanager
def begun(home: Path) -> Iterator[Path]:
    """A fresh folder beside `home`, marked as not whole; one left by a killed run is made anew. Removed where it fails."""
    fresh = home.with_name(f"{home.name}.restoring")
    if fresh.exists() and not (fresh / MARK).exists():
        fresh.rename(_before(home))  # the earlier home, which a run killed right after the exchange left here
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    (fresh / MARK).touch()
    try:
        yield fresh
    except BaseException:
        if (fresh / MARK).exists():
            shutil.rmtree(fresh, ignore_errors=True)
        raise


def swapped(home: Path, fresh: Path) -> Path | None:
    """The fresh folder takes the home's place. Gives where the earlier home is now, None where there was none."""
    (fresh / MARK).unlink()
    if not any(path.is_file() and path.name != LOCK for path in home.rglob("*")):
        shutil.rmtree(home, ignore_errors=True)
        fresh.rename(home)
        return None
    before = _before(home)
    if _exchanged(fresh, home):
        fresh.rename(before)
    else:
        home.rename(before)
        fresh.rename(home)
    return before


def _before(home: Path) -> Path:
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")
    return home.with_name(f"{home.name}.before-{stamp}")


def _exchanged(one: Path, other: Path) -> bool:
    """Exchange two names in one step (Linux); False where the system cannot."""
    if sys.platform != "linux":
        return False
    try:
        done = ctypes.CDLL(None, use_errno=True).renameat2(-100, os.fsencode(one), -100, os.fsencode(other), EXCHANGE)
    except AttributeError:
        return False
    return bool(done == 0)


@contextmanager
def serving(home: Path) -> Iterator[None]:
    """Hold the home while the site runs, so that nothing is put in its place meanwhile. Raises AlmazError where it is held."""
    with (home / LOCK).open("w", encoding="utf-8") as file:
        if os.name == "posix":
            import fcntl

            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise AlmazError(_("the site is running from {path}", path=home), advice=_("stop it first")) from None
        yield
