"""The sections of a study file that name what is read: data, regions, industries, indicators, firms."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Names = dict[Literal["en", "ru", "ky"], str]
Marks = dict[str, Literal["nil", "not_available", "not_yet", "suppressed"]]
Dimension = Literal["region", "industry", "year", "measure"]


class Section(BaseModel):
    """What all sections share: no unknown keys, nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class FileSection(Section):
    """A section that names a file; there may be several of its kind."""

    file: Path


class ValueSection(Section):
    """What a column of figures holds, and the columns that say more about them."""

    measure: str | None = None
    year: int | None = None
    industry: str | None = None
    scale: float | None = None
    hidden: str | None = None
    flag: str | None = None
    confidentiality: str | None = None
    multiplier: str | None = None


class DataSection(FileSection):
    """One source of activity: a file and what its columns mean."""

    format: Literal["table", "statgov", "qcew", "sdmx", "eurostat"] = "table"
    sheet: str | None = None
    dimensions: dict[Dimension, str] = {}
    constants: dict[Dimension | Literal["scale"], str | int | float] = {}
    values: dict[str, ValueSection] = {}
    measures: dict[str, str] = {}
    where: dict[str, str | list[str]] = {}
    marks: Marks = {}
    sheets: dict[str, dict[Dimension | Literal["scale"], str | int | float]] = {}
    encoding: str | None = None
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    decimal: Literal[".", ","] | None = None
    ownership: str | list[str] = "5"
    areas: Literal["nation", "state", "county", "metropolitan", "combined"] | None = None
    quarter: Annotated[int, Field(ge=1, le=4)] | None = None


class AboutIndicator(Section):
    """What an indicator is: direction 1 where more is better, -1 where less is; corner: the determinant it measures."""

    unit: str | None = None
    source: str | None = None
    direction: Literal[1, -1] | None = None
    corner: str | None = None
    names: Names = {}


class IndicatorValue(Section):
    """Which indicator and year a column holds."""

    indicator: str | None = None
    year: int | None = None
    scale: float | None = None
    hidden: str | None = None


class IndicatorsSection(FileSection):
    """A file of indicators of regions: tidy (a column names the indicator) or wide (a column for each)."""

    sheet: str | None = None
    dimensions: dict[Literal["indicator", "region", "year", "unit", "source", "direction", "corner"], str] = {}
    constants: dict[Literal["indicator", "region", "year"], str | int] = {}
    values: dict[str, IndicatorValue] = {}
    where: dict[str, str | list[str]] = {}
    marks: Marks = {}
    encoding: str | None = None
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    decimal: Literal[".", ","] | None = None
    about: dict[str, AboutIndicator] = {}


class FirmsSection(FileSection):
    """A list of organisations: firms, suppliers, universities, associations."""

    sheet: str | None = None
    columns: dict[
        Literal["organisation", "name", "kind", "region", "industry", "year", "employees", "lon", "lat"], str
    ] = {}
    constants: dict[Literal["kind", "region", "industry", "year"], str | int] = {}
    marks: Marks = {}
    decimal: Literal[".", ","] | None = None


class RegionsSection(Section):
    """The regions: their names, and their borders for the map."""

    file: Path
    sheet: str | None = None
    columns: dict[Literal["region", "parent", "kind", "name_en", "name_ru", "name_ky"], str] = {}
    geometry: Path | None = None
    projection: str = "mercator"
    kind: str | None = None


class IndustriesSection(Section):
    """The industries: their classification and titles, and what an absent row means."""

    system: str | None = None
    file: Path | None = None
    names: Names = {}
    titles: dict[str, Names] = {}
    absent: Literal["nil", "not_available"] = "not_available"
