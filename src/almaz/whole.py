"""A file, or a folder, is whole or not there; two that write the same do not hinder each other."""

from __future__ import annotations

import glob
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole(file: Path) -> Iterator[Path]:
    """A path to write to, which takes the file's name when the block has ended well and the bytes are on the disk.

    Killed in the block, the file is as it was before. Its folder is made if it is not there.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = _partial(file)
    try:
        yield partial
        with partial.open("rb") as written:
            os.fsync(written.fileno())
        partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """A new folder to fill, which takes its name when the block has ended well; killed in the block, it is not there."""
    partial = _partial(folder)
    partial.mkdir(parents=True)
    try:
        yield partial
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _partial(path: Path) -> Path:
    """A name of this thread's own beside the path; what a killed process left there under its name goes."""
    for left in path.parent.glob(f"{glob.escape(path.name)}.*.partial"):
        process = left.name.removeprefix(f"{path.name}.").partition("-")[0]
        if process.isdigit() and not _runs(int(process)):
            if left.is_dir():
                shutil.rmtree(left, ignore_errors=True)
            else:
                left.unlink(missing_ok=True)
    return path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}.partial")


def _runs(process: int) -> bool:
    """Whether a process of this machine runs; True where the system cannot be asked."""
    if os.name != "posix":
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
