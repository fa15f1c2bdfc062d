"""Finished stages of a run, kept beside the edition in the making: a run that was killed goes on from the last of them.

Tables are kept as Arrow files and arrays as NumPy files, which come back bit for bit: a resumed run makes the same edition.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import IO

import numpy as np
import pyarrow as pa

from almaz.errors import AlmazError, Where
from almaz.language import text as _
from almaz.tables.activity import Activity, Cells

LOCK = "lock"


@dataclass(frozen=True)
class Stages:
    """The folder of a run's finished stages. A stage is a folder: whole, or not there."""

    folder: Path

    def tables(self, name: str, make: Callable[[], Mapping[str, pa.Table]]) -> dict[str, pa.Table]:
        """The tables of a stage, kept from a run before or made now."""
        place = self.folder / name
        if place.is_dir():
            return {file.stem: _read_table(file) for file in sorted(place.glob("*.arrow"))}
        made = dict(make())
        with _whole(place) as folder:
            for table, held in made.items():
                file = str(folder / f"{table}.arrow")
                with pa.OSFile(file, "wb") as target, pa.ipc.new_file(target, held.schema) as writer:
                    writer.write_table(held)
        return made

    def activity(self, name: str, make: Callable[[], Activity]) -> Activity:
        """The activity, kept from a run before or made now."""
        place = self.folder / name
        if place.is_dir():
            return _read_activity(place)
        made = make()
        with _whole(place) as folder:
            _write_activity(made, folder)
        return made


def _read_table(file: Path) -> pa.Table:
    with pa.memory_map(str(file)) as source:
        return pa.ipc.open_file(source).read_all()


@contextmanager
def _whole(place: Path) -> Iterator[Path]:
    partial = place.with_name(place.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    yield partial
    partial.rename(place)


def _write_activity(activity: Activity, folder: Path) -> None:
    labels = {name: list(getattr(activity, name)) for name in ("regions", "industries", "years")}
    labels["measures"], labels["totals"] = list(activity.measures), list(activity.totals)
    (folder / "labels.json").write_text(json.dumps(labels), encoding="utf-8")
    for part in ("measures", "totals"):
        for number, cells in enumerate(getattr(activity, part).values()):
            for field in fields(Cells):
                array = getattr(cells, field.name)
                if array is not None:
                    np.save(folder / f"{part}-{number}-{field.name}.npy", array, allow_pickle=False)


def _read_activity(folder: Path) -> Activity:
    labels = json.loads((folder / "labels.json").read_text(encoding="utf-8"))

    def cells(part: str, number: int) -> Cells:
        files = {field.name: folder / f"{part}-{number}-{field.name}.npy" for field in fields(Cells)}
        arrays = {name: np.load(file, allow_pickle=False) if file.exists() else None for name, file in files.items()}
        return Cells(**arrays)  # type: ignore[arg-type]

    measures, totals = (
        {name: cells(part, number) for number, name in enumerate(labels[part])} for part in ("measures", "totals")
    )
    return Activity(tuple(labels["regions"]), tuple(labels["industries"]), tuple(labels["years"]), measures, totals)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold the folder of an edition in the making; raises AlmazError where another run holds it.

    The hold ends with the process, however it ends.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("w", encoding="utf-8") as file:
        if not _locked(file):
            raise AlmazError(
                _("another run is making this edition"),
                where=Where(file=str(folder)),
                advice=_("wait for it to end, or end it, and run again"),
            )
        yield


def _locked(file: IO[str]) -> bool:
    if os.name != "posix":
        return True
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
