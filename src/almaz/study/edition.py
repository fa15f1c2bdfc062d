"""An edition: a folder of Parquet tables and a manifest, made once and never changed.

The same study file, data and code make the same bytes: nothing in an edition tells the time.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from almaz.errors import AlmazError, Where
from almaz.language import START, spoken_text
from almaz.language import text as _
from almaz.whole import whole

MANIFEST = "manifest.json"
KEPT_TEXTS = {b"almaz": b"kept texts"}
"""Marks a column whose messages are kept untranslated and said when the table is read."""


@dataclass(frozen=True)
class Edition:
    """The results of one run of a study."""

    path: Path

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """Inputs with their hashes, parameters, versions, tables with their hashes."""
        held: dict[str, Any] = json.loads((self.path / MANIFEST).read_text(encoding="utf-8"))
        return held

    @cached_property
    def geometry(self) -> dict[str, Any] | None:
        """The borders of the regions (GeoJSON or TopoJSON), or None."""
        file = self.path / "geometry.json"
        if not file.exists():
            return None
        borders: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        return borders

    @property
    def country(self) -> Edition:
        """The edition with every region: itself, unless it is a part."""
        return self

    @property
    def tables(self) -> list[str]:
        """The names of its tables."""
        return sorted(self.manifest["tables"])

    def table(self, name: str) -> pa.Table:
        """One of its tables; an error that lists what there is, if it is not there."""
        file = self.path / f"{name}.parquet"
        if not file.exists():
            raise AlmazError(
                _("this edition has no table «{name}»", name=name),
                where=Where(file=str(self.path)),
                expected=_("one of: {keys}", keys=", ".join(self.tables)),
            )
        return spoken_table(pq.read_table(file))


def open_edition(path: Path) -> Edition:
    """An edition by its folder, or the newest edition in a folder of editions.

    Raises AlmazError where there is none, or where a file of it was changed after it was made.
    """
    if (path / MANIFEST).is_file():
        edition = Edition(path)
        _unchanged(edition)
        return edition
    made = [file for file in path.glob(f"*/{MANIFEST}") if file.parent.suffix != ".partial"]
    inside = sorted(made, key=lambda file: file.stat().st_mtime)
    if not inside:
        raise AlmazError(
            _("there is no edition here"),
            where=Where(file=str(path)),
            expected=_("a folder with a manifest.json"),
            advice=_("make one with: almaz run study.toml"),
        )
    return open_edition(inside[-1].parent)


def _unchanged(edition: Edition) -> None:
    for name, digest in edition.manifest["tables"].items():
        file = edition.path / f"{name}.parquet"
        if not file.is_file() or sha256(file) != digest:
            raise AlmazError(
                _("this table of the edition is missing or was changed after it was made"),
                where=Where(file=str(file)),
                advice=_("delete the folder and run the study again"),
            )


def sha256(file: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal."""
    with file.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def write_table(table: pa.Table, file: Path) -> None:
    """Write Parquet so that the file is either whole or not there; the same table gives the same bytes."""
    for place, column in enumerate(table.schema):
        if pa.types.is_string(column.type) and pc.any(pc.match_substring(table[place], START)).as_py():
            table = table.set_column(place, column.with_metadata(KEPT_TEXTS), table[place])
    texts = [field.name for field in table.schema if not pa.types.is_floating(field.type)]
    with whole(file) as partial:
        pq.write_table(table.combine_chunks(), partial, compression="zstd", use_dictionary=texts, store_schema=True)


def spoken_table(table: pa.Table) -> pa.Table:
    """The table with its kept messages said in the language in use."""
    for place, column in enumerate(table.schema):
        if column.metadata and KEPT_TEXTS.items() <= column.metadata.items():
            said = pa.array(
                [None if held is None else spoken_text(held) for held in table[place].to_pylist()], pa.string()
            )
            table = table.set_column(place, pa.field(column.name, pa.string()), said)
    return table


def write_json(content: object, file: Path) -> None:
    """Write JSON so that the file is either whole or not there."""
    with whole(file) as partial, partial.open("w", encoding="utf-8") as target:
        json.dump(content, target, ensure_ascii=False, indent=1, sort_keys=True)
