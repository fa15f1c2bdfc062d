"""A study's registers: opened by its engine, added up in stages that are kept, and read like every other source."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import lru_cache
from pathlib import Path

import ibis
import pyarrow as pa

from almaz.errors import AlmazError, Where
from almaz.language import count
from almaz.language import text as _
from almaz.study.edition import sha256
from almaz.study.engine_section import EngineSection, RegisterSection
from almaz.tables.aggregated import Added, reading
from almaz.tables.concordance import read_concordance
from almaz.tables.engine import Connection, Engine, Tell, arrow, connected
from almaz.tables.opening import Place, opened
from almaz.tables.register import Register, Sum, cells, check_columns, faults, meant, repeated
from almaz.tables.schema import Status
from almaz.tables.source import Reading

Keep = Callable[[str, Callable[[], Mapping[str, pa.Table]]], dict[str, pa.Table]]
"""Gives the tables of a stage by its name: kept from a run before, or made now."""
ENDINGS = (".parquet", ".pq", ".csv", ".tsv", ".txt", ".gz")
REPEATED = pa.schema([("identifiers", pa.int64()), ("records", pa.int64()), ("first", pa.string())])


def make_now(_name: str, make: Callable[[], Mapping[str, pa.Table]]) -> dict[str, pa.Table]:
    """A `Keep` that keeps nothing."""
    return dict(make())


def engine_of(section: EngineSection) -> Engine:
    """The engine that a study names."""
    said = section.model_dump(exclude={"workers", "scheduler", "jobs", "temporary"})
    return Engine(**said, temporary=None if section.temporary is None else Path(section.temporary))


def read_registers(
    sections: list[RegisterSection], engine: EngineSection, tell: Tell, keep: Keep = make_now
) -> list[Reading]:
    """Every register added up and checked by the engine, which starts only where a stage has to be made.

    Raises AlmazError where the engine or a register is not there, or a column is missing.
    """
    with ExitStack() as stack:
        started: list[Connection] = []

        def running() -> Connection:
            if not started:
                tell(_("starting the engine: {kind}", kind=engine.kind))
                started.append(stack.enter_context(connected(engine_of(engine))))
            return started[0]

        return [
            _read(section, f"register-{number}", running, tell, keep)
            for number, section in enumerate(sections, start=1)
        ]


def _read(section: RegisterSection, stage: str, running: Callable[[], Connection], tell: Tell, keep: Keep) -> Reading:
    register = register_of(section)

    def summed() -> dict[str, pa.Table]:
        engine = running()
        everything = opened(engine, place_of(section))
        check_columns(everything, register)
        tell(_("adding up the register {name}", name=section.name))
        held = arrow(engine, cells(meant(everything, register), register), tell)
        return {"cells": held, **faulty(engine, everything, register)}

    def twice() -> dict[str, pa.Table]:
        engine = running()
        return {"repeated": repeated_records(engine, opened(engine, place_of(section)), register, tell)}

    held = keep(stage, summed)
    again = REPEATED.empty_table()
    if register.identifier is not None:
        again = keep(f"{stage}-repeated", twice)["repeated"]
    found = reading(Added(held["cells"], every(held), held["faults"], again), register)
    tell(_("{cells} cells of {records} records", cells=count(held["cells"].num_rows), records=count(found.rows)))
    return found


def faulty(engine: Connection, everything: ibis.Table, register: Register) -> dict[str, pa.Table]:
    """What is wrong with the records that `where` keeps (`register.faults`) and, where it leaves some out, how many there are."""
    held = {"faults": arrow(engine, faults(meant(everything, register), register))}
    if register.where:
        held["every"] = arrow(engine, everything.aggregate(records=everything.count()))
    return held


def every(held: Mapping[str, pa.Table]) -> int | None:
    """How many records there are, those that `where` leaves out too; None where there is no `where`. held: of `faulty`."""
    return held["every"]["records"][0].as_py() if "every" in held else None


def repeated_records(engine: Connection, everything: ibis.Table, register: Register, tell: Tell) -> pa.Table:
    """REPEATED: the records whose identifier stands more than once in a year."""
    tell(_("looking for records that stand more than once in {name}", name=register.name))
    return arrow(engine, repeated(meant(everything, register), register), tell).cast(REPEATED)


def register_of(section: RegisterSection) -> Register:
    """The register that a section describes."""
    concordance = None if section.concordance is None else read_concordance(section.concordance)
    sums = tuple(Sum(column, value.measure, value.year) for column, value in section.values.items())
    said = section.model_dump(include={"dimensions", "constants", "counts", "where", "identifier"})
    return Register(section.name, sums=sums, empty=Status(section.empty), concordance=concordance, **said)


def place_of(section: RegisterSection) -> Place:
    """Where the records of a section lie."""
    found = () if section.file is None else tuple(files_of(section.file))
    return Place(section.name, found, section.address, section.table, section.format, section.delimiter)


def files_of(file: str) -> list[Path]:
    """The files that a path means: itself, all that a pattern fits, or all of a folder; AlmazError where there are none."""
    path = Path(file)
    if path.is_file():
        return [path]
    inside = path.rglob("*") if path.is_dir() else Path(path.anchor).glob(str(path.relative_to(path.anchor)))
    found = sorted(
        part for part in inside if part.is_file() and part.name[0] not in "._" and part.suffix.lower() in ENDINGS
    )
    if not found:
        raise AlmazError(
            _("there is no file {file}", file=file),
            where=Where(file=file),
            expected=_("a file, a folder or a pattern such as payroll/*.parquet, from the folder of the study file"),
        )
    return found


def fingerprint(section: RegisterSection) -> str:
    """What a register's records are known by: SHA-256 over its files, or the version that the study names."""
    if section.file is None:
        return f"version {section.version}"
    digest = hashlib.sha256()
    for file in files_of(section.file):
        state = file.stat()
        digest.update(f"{file.name} {_sha256(file, state.st_size, state.st_mtime_ns)}\n".encode())
    return digest.hexdigest()


@lru_cache(maxsize=100_000)
def _sha256(file: Path, _size: int, _changed: int) -> str:
    return sha256(file)
