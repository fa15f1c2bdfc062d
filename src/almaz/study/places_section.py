"""The section [places] of a study file: where establishments stand, and how concentration on the map is judged."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from almaz.language import text as _

Meaning = Literal["site", "longitude", "latitude", "x", "y", "industry", "weight"]


class PlacesSection(BaseModel):
    """Where establishments stand, and how concentration on the map is judged."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sites: Path | None = Field(
        None,
        description=_(
            "CSV, Excel or Parquet: one establishment a row; without it only neighbouring regions are compared."
        ),
    )
    columns: dict[Meaning, str] = Field(
        default={},
        description=_("What is meant → header: industry, longitude and latitude or x and y (metres), site, weight."),
    )
    crs: str | None = Field(None, description=_("Projection that distances are measured in, for example EPSG:32643."))
    encoding: str | None = Field(None, description=_("utf-8, cp1251 …; found out if not given."))
    delimiter: str | None = Field(None, description=_("Between the columns of a text file; found out if not given."))
    decimal: Literal[".", ","] | None = Field(
        None, description=_("Decimal mark, a point or a comma; found out if not given.")
    )
    reach: Annotated[float, Field(gt=0)] | None = Field(
        None,
        description=_("Largest distance looked at, in kilometres; by default half the median distance of the sites."),
    )
    steps: Annotated[int, Field(ge=5, le=200)] = Field(40, description=_("Distances looked at up to there."))
    simulations: Annotated[int, Field(ge=40)] = Field(
        1000, description=_("How often an industry is dealt anew over the sites.")
    )
    level: Annotated[float, Field(gt=0.5, lt=1)] = Field(
        0.95, description=_("Confidence level of the bands of chance.")
    )
    minimum: Annotated[int, Field(ge=2)] = Field(
        10, description=_("Establishments below which nothing is said of an industry.")
    )
    core: Annotated[int, Field(ge=2)] = Field(
        5, description=_("Establishments that make a core, or the square root of the industry's, whichever is more.")
    )
    permutations: Annotated[int, Field(ge=99)] = Field(
        4999, description=_("How often the regions are dealt anew for the map of neighbours.")
    )
    false_discovery: Annotated[float, Field(gt=0, lt=1)] = Field(
        0.05, description=_("Share of false verdicts allowed on the map of neighbours.")
    )
    tolerance: Annotated[float, Field(ge=0)] = Field(
        0.01, description=_("Degrees between borders that still count as touching.")
    )
    seed: int = Field(0, description=_("Number that all drawing starts from: the same one gives the same results."))
