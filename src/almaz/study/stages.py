"""Finished stages of a run, kept beside the edition in the making: a run that was killed goes on from the last of them.

Tables are kept as Arrow files and arrays as NumPy files, which come back bit for bit: a resumed run makes the same edition.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from almaz.errors import AlmazError, Where
from almaz.language import text as _
from almaz.tables.activity import Activity, Cells, Draws
from almaz.whole import whole_folder

LOCK = "lock"
_PLAIN = ("value", "low", "high", "status")


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
        with whole_folder(place) as folder:
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
        with whole_folder(place) as folder:
            _write_activity(made, folder)
        # Read back, because sums depend on how an array lies in memory, and a resumed run must make the same bytes.
        return _read_activity(place)


def _read_table(file: Path) -> pa.Table:
    with pa.memory_map(str(file)) as source:
        return pa.ipc.open_file(source).read_all()


def _write_activity(activity: Activity, folder: Path) -> None:
    labels = {name: list(getattr(activity, name)) for name in ("regions", "industries", "years")}
    labels["measures"], labels["totals"] = list(activity.measures), list(activity.totals)
    (folder / "labels.json").write_text(json.dumps(labels), encoding="utf-8")
    for part in ("measures", "totals"):
        for number, cells in enumerate(getattr(activity, part).values()):
            for name, array in _arrays(cells).items():
                np.save(folder / f"{part}-{number}-{name}.npy", array, allow_pickle=False)
    for number, ends in enumerate(activity.country.values()):
        np.save(folder / f"country-{number}.npy", np.array(ends), allow_pickle=False)
    file = str(folder / "contradictions.arrow")
    with pa.OSFile(file, "wb") as target, pa.ipc.new_file(target, activity.contradictions.schema) as writer:
        writer.write_table(activity.contradictions)


def _arrays(cells: Cells) -> dict[str, npt.NDArray[Any]]:
    """The arrays of the cells by name, those of their draws among them."""
    arrays = {name: getattr(cells, name) for name in _PLAIN}
    return arrays if cells.draws is None else arrays | {"drawn": cells.draws.value, "place": cells.draws.place}


def _read_activity(folder: Path) -> Activity:
    labels = json.loads((folder / "labels.json").read_text(encoding="utf-8"))

    def cells(part: str, number: int) -> Cells:
        files = {name: folder / f"{part}-{number}-{name}.npy" for name in (*_PLAIN, "drawn", "place")}
        arrays = {name: np.load(file, allow_pickle=False) for name, file in files.items() if file.exists()}
        draws = Draws(arrays["drawn"], arrays["place"]) if "drawn" in arrays else None
        return Cells(arrays["value"], arrays["low"], arrays["high"], arrays["status"], draws)

    measures, totals = (
        {name: cells(part, number) for number, name in enumerate(labels[part])} for part in ("measures", "totals")
    )
    country = {}
    for number, name in enumerate(labels["measures"] if (folder / "country-0.npy").exists() else []):
        ends = np.load(folder / f"country-{number}.npy", allow_pickle=False)
        country[name] = (ends[0], ends[1])
    regions, industries, years = (tuple(labels[name]) for name in ("regions", "industries", "years"))
    return Activity(regions, industries, years, measures, totals, _read_table(folder / "contradictions.arrow"), country)


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
