"""Where the records of a register lie, and how each engine opens them: files, object storage, a table of a database."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

import ibis
import pyarrow as pa
import pyarrow.dataset

from almaz.errors import AlmazError, Where
from almaz.language import text as _
from almaz.tables.engine import Connection, first_line

Form: TypeAlias = Literal["parquet", "csv"]
NAME = "almaz_register"
TEXTS = (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz", ".txt.gz")


@dataclass(frozen=True)
class Place:
    """One of: files on this machine (on Spark: at the same path on every worker); an address of object storage or another file
    system (s3://bucket/folder, gs://, hdfs://, file:///folder); a table or view of the engine's database, as schema.name.

    form: by the ending where it is not said; delimiter: of texts, a tab for .tsv and a comma for others by default.
    """

    name: str
    files: tuple[Path, ...] = ()
    address: str | None = None
    table: str | None = None
    form: Form | None = None
    delimiter: str | None = None

    @property
    def first(self) -> str:
        """The name that tells the form."""
        return str(self.files[0]) if self.files else self.address or ""

    @property
    def textual(self) -> bool:
        """Whether the records are texts (CSV) and not Parquet."""
        return self.form == "csv" or (self.form is None and self.first.lower().endswith(TEXTS))

    @property
    def between(self) -> str:
        """What stands between the columns of a text."""
        return self.delimiter or ("\t" if ".tsv" in self.first.lower() else ",")


def opened(engine: Connection, place: Place) -> ibis.Table:
    """The records of a place as a table of the engine; nothing is read yet but the names of the columns.

    Raises AlmazError where there is nothing, where it cannot be read, or where this engine cannot get at it.
    """
    try:
        if place.table is not None:
            schema, _dot, name = place.table.rpartition(".")
            return engine.table(name, database=schema or None)
        if engine.name == "pyspark":
            return _on_spark(engine, place)
        if engine.name == "postgres":
            raise AlmazError(
                _("PostgreSQL reads its own tables, not files"),
                where=Where(file=place.name),
                advice=_(
                    "load the files into a table and name it under «table», or choose duckdb or spark in [engine]"
                ),
            )
        return _in_duckdb(engine, place)
    except AlmazError:
        raise
    except Exception as why:  # each engine has errors of its own for what is not there
        raise AlmazError(
            _("the register cannot be opened: {why}", why=first_line(why)),
            where=Where(file=place.name),
            expected=_("Parquet or CSV files, or a table of the engine's database"),
        ) from None


def _in_duckdb(engine: Connection, place: Place) -> ibis.Table:
    if place.address is None:
        files = [str(file) for file in place.files]
        if place.textual:
            return engine.read_csv(files, all_varchar=True, header=True, delim=place.between, table_name=NAME)
        return engine.read_parquet(files, table_name=NAME)
    engine.con.register(NAME, dataset(place))
    return engine.table(NAME)


def dataset(place: Place) -> Any:
    """An address as an Arrow data set: its file systems come with Arrow and need no extension of DuckDB.

    Credentials are found where the storage's own tools find them (environment, profile, role of the machine).
    """
    if not place.textual:
        return pyarrow.dataset.dataset(place.address, format="parquet")
    between = place.between
    names = pyarrow.dataset.dataset(
        place.address, format=pyarrow.dataset.CsvFileFormat(pa.csv.ParseOptions(delimiter=between))
    ).schema.names
    texts = pa.csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=True)
    form = pyarrow.dataset.CsvFileFormat(pa.csv.ParseOptions(delimiter=between), convert_options=texts)
    return pyarrow.dataset.dataset(
        place.address, format=form, schema=pa.schema([(name, pa.string()) for name in names])
    )


def _on_spark(engine: Connection, place: Place) -> ibis.Table:
    reader = engine._session.read
    paths = [file.resolve().as_uri() for file in place.files]
    if place.address is not None:
        paths = ["s3a://" + place.address.removeprefix("s3://") if place.address.startswith("s3://") else place.address]
    if place.textual:
        frame = reader.option("sep", place.between).csv(paths, header=True, inferSchema=False)
    else:
        frame = reader.parquet(*paths)
    frame.createOrReplaceTempView(NAME)
    return engine.table(NAME)
