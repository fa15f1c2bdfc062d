"""An edition as the pages read it: its tables laid out on disk by region, so that one region's rows are found at once.

An edition's Parquet tables are small to keep and slow to search. Beside them, in a folder of its own, each table is laid out
once as an Arrow file, sorted by region and cluster, that is mapped into memory: all processes share the pages, nothing is read
that is not shown, and a region's rows are one slice. An edition never changes, so neither does what is laid out.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from almaz.language import language
from almaz.study.edition import Edition, spoken_table
from almaz.whole import whole

LAYOUT = "1"
"""Changes when the files of `laid` do: older ones are then made anew."""
KEYS = ("region", "cluster")
LARGE = 200_000
"""Rows from which a whole table is not kept in memory."""
WHOLE = ("regions", "clusters", "industries")
"""Tables of names: a part of an edition keeps them whole, for its rows may name other regions and clusters."""


@dataclass(frozen=True)
class Held:
    """A table mapped into memory, sorted by region and cluster, and where each of their codes stands in it."""

    table: pa.Table

    @cached_property
    def places(self) -> dict[str, dict[str, np.ndarray | slice]]:
        """Column → code → its rows: a slice where they stand together, else their numbers."""
        return {name: _places(self.table[name]) for name in KEYS if name in self.table.column_names}

    def rows(self, wanted: Mapping[str, str], columns: Sequence[str] | None = None) -> pa.Table:
        """The rows with these codes, texts in plain; wanted: column → code, of columns of `KEYS` that the table has.

        columns: only these (by default all), among them those of wanted.
        """
        table, chosen = (
            self.table if columns is None else self.table.select(list(columns)),
            [self.places[name].get(code, slice(0, 0)) for name, code in wanted.items()],
        )
        slices = [one for one in chosen if isinstance(one, slice)]
        for one in slices:
            table = table.slice(one.start, one.stop - one.start)
        lists = [one for one in chosen if not isinstance(one, slice)]
        if lists and slices:
            name = next(name for name, one in zip(wanted, chosen, strict=True) if not isinstance(one, slice))
            table = table.filter(pc.equal(plain(table)[name], wanted[name]))
        elif lists:
            table = table.take(pa.array(lists[0]))
        return plain(table)


@dataclass(frozen=True)
class Reading(Edition):
    """An edition whose tables are laid out in `kept`."""

    kept: Path

    @property
    def identity(self) -> str:
        """The edition's identity: the hash of everything that it was made from."""
        held: str = self.manifest["identity"]
        return held

    @cached_property
    def geometry(self) -> dict[str, Any] | None:
        """The borders as fine as a page shows them; those of the edition where they are not drawn yet."""
        held: dict[str, Any] | None = self.packed("borders")
        return Edition(self.path).geometry if held is None else held

    @cached_property
    def neighbours(self) -> dict[str, list[str]]:
        """Region → the regions that it borders on; nothing where the edition has no borders."""
        return self.packed("neighbours") or {}

    def packed(self, name: str) -> Any:
        """What lies beside the tables as JSON, or None."""
        file = self.kept / f"{name}.json.gz"
        return json.loads(gzip.decompress(file.read_bytes())) if file.is_file() else None

    def held(self, name: str) -> Held:
        """One of its tables, laid out; the layout is made where it is not there yet."""
        self._must(name)
        return _held(self.path, self.kept, name)

    def shape(self, name: str) -> tuple[int, pa.Schema]:
        """How many rows one of its tables has, and its columns."""
        self._must(name)
        file = self.path / f"{name}.parquet"
        return pq.read_metadata(file).num_rows, pq.read_schema(file)

    def table(self, name: str) -> pa.Table:
        """One of its tables, whole, its kept messages in the language in use."""
        self._must(name)
        large = self.shape(name)[0] > LARGE
        return spoken_table(pq.read_table(self.path / f"{name}.parquet") if large else _whole(self.path, name))

    def part(self, region: str | None = None, cluster: str | None = None) -> Part:
        """The edition narrowed to one region, one cluster, or one cluster in one region."""
        wanted = {"region": region, "cluster": cluster}
        return Part(self.path, self, {name: code for name, code in wanted.items() if code is not None})

    def names(self, table: str) -> dict[str, str]:
        """Code → name in the language in use, of regions, clusters or industries."""
        return _names(self.path, table, language())

    def _must(self, name: str) -> None:
        if name not in self.manifest["tables"]:
            super().table(name)


@dataclass(frozen=True)
class Part(Edition):
    """An edition of which only one region's, or one cluster's, rows are seen: the report's rooms read it as a whole one."""

    whole: Reading
    wanted: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """The whole edition's."""
        return self.whole.manifest

    @cached_property
    def geometry(self) -> dict[str, Any] | None:
        """The whole edition's borders."""
        return self.whole.geometry

    @property
    def country(self) -> Edition:
        """The edition with every region."""
        return self.whole

    def table(self, name: str) -> pa.Table:
        """One of its tables: the rows of the region or cluster where the table has such columns, else whole."""
        if name in WHOLE or name not in self.whole.manifest["tables"]:
            return self.whole.table(name)
        held = self.whole.held(name)
        wanted = {column: code for column, code in self.wanted.items() if column in held.table.column_names}
        return spoken_table(held.rows(wanted)) if wanted else self.whole.table(name)

    def columns(self, name: str, columns: Sequence[str]) -> pa.Table:
        """Some columns of a table of regions or clusters: what is not asked for is not read."""
        held = self.whole.held(name)
        there = [column for column in columns if column in held.table.column_names]
        return held.rows({column: code for column, code in self.wanted.items() if column in there}, there)


@lru_cache(maxsize=16)
def reading(path: Path, kept: Path) -> Reading:
    """The edition in a folder; what is laid out of it goes to a folder of its identity in `kept`."""
    edition = Edition(path)
    return Reading(path, kept / f"{edition.manifest['identity'][:12]}-{LAYOUT}")


@lru_cache(maxsize=1024)
def _held(path: Path, kept: Path, name: str) -> Held:
    file = kept / f"{name}.arrow"
    if not file.is_file():
        lay_out(path / f"{name}.parquet", file)
    return Held(pa.ipc.open_file(pa.memory_map(str(file))).read_all())


def lay_out(source: Path, target: Path) -> None:
    """Write a table as an Arrow file sorted by region and cluster, texts coded; the file is whole or not there."""
    table = pq.read_table(source)
    keys = [name for name in KEYS if name in table.column_names]
    if keys:
        order = pa.table({**{name: table[name] for name in keys}, "place": pa.array(np.arange(table.num_rows))})
        table = table.take(order.sort_by([(name, "ascending") for name in (*keys, "place")])["place"])
    for place, column in enumerate(table.schema):
        if pa.types.is_string(column.type):
            coded = table[place].combine_chunks().dictionary_encode()
            table = table.set_column(place, column.with_type(coded.type), coded)
    with whole(target) as partial, pa.ipc.new_file(str(partial), table.schema) as file:
        file.write_table(table.combine_chunks())


def plain(table: pa.Table) -> pa.Table:
    """The table with its coded texts as texts."""
    for place, column in enumerate(table.schema):
        if pa.types.is_dictionary(column.type):
            table = table.set_column(place, column.with_type(column.type.value_type), table[place].cast(pa.string()))
    return table


def _places(column: pa.ChunkedArray) -> dict[str, np.ndarray | slice]:
    coded = column.combine_chunks()
    if isinstance(coded, pa.ChunkedArray):  # no rows
        return {}
    codes = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    names = coded.dictionary.to_pylist()
    starts = np.flatnonzero(np.diff(codes, prepend=-2))
    ends = np.append(starts[1:], codes.size)
    if starts.size == np.unique(codes).size:
        runs = zip(codes[starts].tolist(), starts.tolist(), ends.tolist(), strict=True)
        return {names[code]: slice(start, end) for code, start, end in runs if code >= 0}
    order = np.argsort(codes, kind="stable").astype(np.int32)
    sizes = np.bincount(codes[codes >= 0], minlength=len(names))
    ends = np.cumsum(sizes) + (codes < 0).sum()
    return {name: order[end - size : end] for name, size, end in zip(names, sizes, ends, strict=True)}


@lru_cache(maxsize=64)
def _whole(path: Path, name: str) -> pa.Table:
    return pq.read_table(path / f"{name}.parquet")


@lru_cache(maxsize=64)
def _names(path: Path, table: str, spoken_in: str) -> dict[str, str]:
    key = {"regions": "region", "clusters": "cluster", "industries": "industry"}[table]
    held = _whole(path, table)
    columns = [
        name for name in (f"name_{spoken_in}", "name_en", "name_ru", "name_ky", "name") if name in held.column_names
    ]
    called = held[key]
    for column in reversed(columns):
        called = pc.if_else(pc.greater(pc.fill_null(pc.utf8_length(held[column]), 0), 0), held[column], called)
    return dict(zip(held[key].to_pylist(), called.to_pylist(), strict=True))
