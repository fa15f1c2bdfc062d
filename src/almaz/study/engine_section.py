"""What a study says about its engine: [engine] where the tables are added up, [[registers]] records too many to be read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from almaz.language import text as _

Positive = Annotated[int, Field(ge=1)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class EngineSection(_Section):
    """Where registers are added up and loops run; no figure depends on it."""

    kind: Literal["duckdb", "spark", "postgresql"] = "duckdb"
    master: str | None = None
    address: str | None = None
    memory: Annotated[str, Field(pattern=r"^[0-9]+ ?[kKmMgGtT]i?[bB]?$")] | None = None
    threads: Positive | None = None
    temporary: str | None = None
    settings: dict[str, str] = {}
    workers: Literal["local", "dask", "spark"] = "local"
    scheduler: str | None = None
    jobs: Positive | None = None


class RegisterValue(_Section):
    """To which measure a column is added up, and of which year where the records do not say it."""

    measure: str
    year: int | None = None


class RegisterSection(_Section):
    """Records of establishments, persons or payrolls: many a cell, checked and added up by the engine."""

    file: str | None = None
    address: str | None = None
    table: str | None = None
    version: str | None = None
    format: Literal["parquet", "csv"] | None = None
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    dimensions: dict[Literal["region", "industry", "year"], str] = {}
    constants: dict[Literal["region", "industry", "year"], str | int] = {}
    values: dict[str, RegisterValue] = {}
    counts: dict[str, str] = {}
    where: dict[str, str | list[str]] = {}
    identifier: str | None = None
    empty: Literal["nil", "not_available", "suppressed"] = "not_available"
    concordance: Path | None = None

    @model_validator(mode="after")
    def _one_place(self) -> RegisterSection:
        if sum(part is not None for part in (self.file, self.address, self.table)) != 1:
            raise ValueError(_("exactly one of file, address and table says where the records are"))
        if self.file is None and self.version is None:
            raise ValueError(_("version is missing: with address or table it says which state of the records is meant"))
        if not self.values and not self.counts:
            raise ValueError(_("values or counts is missing: what is added up or counted"))
        return self

    @property
    def name(self) -> str:
        """How it is called in messages and in the manifest: of a path its last part, of a pattern its folder too."""
        if self.file is None:
            return self.address or self.table or ""
        path = Path(self.file)
        return path.name if path.is_absolute() and "*" not in path.name else "/".join(path.parts[-2:])


def engine_keys() -> dict[str, str]:
    """section.key → what it says, in the language in use."""
    return {
        "engine.kind": _(
            "duckdb: this machine; spark: a cluster or this machine's cores; postgresql: inside the database."
        ),
        "engine.master": _("Spark's master: local[*], spark://host:7077, yarn …"),
        "engine.address": _("PostgreSQL: postgresql://user@host:5432/database; DuckDB: a database file."),
        "engine.memory": _("How much memory the engine may use, e.g. 8GB; by default what it takes itself."),
        "engine.threads": _("How many cores it may use; by default all."),
        "engine.temporary": _("Folder for what does not fit in memory; it needs as much room as the records."),
        "engine.settings": _("Further settings of the engine by their own names."),
        "engine.workers": _(
            "Where loops run (sets of clusters, draws, simulations): local, dask or spark; no figure changes."
        ),
        "engine.scheduler": _("Dask's scheduler: tcp://host:8786; without it processes of this machine."),
        "engine.jobs": _("How many tasks run at once; by default as many as there are cores."),
        "registers.file": _("Parquet or CSV: a file, a folder, or a pattern such as payroll/*.parquet."),
        "registers.address": _("The same in object storage or another file system: s3://, gs://, hdfs://, file://."),
        "registers.table": _("A table or view of the engine's database, as schema.name."),
        "registers.version": _(
            "With address or table: which state of the records is meant; change it when they change."
        ),
        "registers.format": _("parquet or csv; by default as the name ends."),
        "registers.delimiter": _("Between the columns of a text file; a comma if not given."),
        "registers.dimensions": _("Header of the column that says the region, industry or year of a record."),
        "registers.constants": _("The same where all records have one."),
        "registers.values": _(
            "Header of a column that is added up → its measure and, where no column says it, its year."
        ),
        "registers.counts": _("Measure → the column whose distinct values are counted, or * to count records."),
        "registers.where": _("Records to keep: header → value, or a list of values."),
        "registers.identifier": _("Column by which a record is known; no value may stand twice in a year."),
        "registers.empty": _("What a record without a figure means: nil, not_available or suppressed."),
        "registers.concordance": _("CSV: industry, to_industry, weight: the register's industries in the study's."),
    }
