"""The study's `[diamond]` section: which indicators, whose figures, and the choices behind the score."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

Positive = Annotated[float, Field(gt=0)]
Way = Literal["arithmetic", "geometric", "mazziotta_pareto", "weakest_link"]
Scale = Literal["min_max", "z_score", "rank"]
Filling = Literal["observed", "similar", "left_out"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WideFile(_Part):
    """A Parquet file with a column for each indicator and year, by area; digits: of the area's code that name the region, and
    suffix: what the study's code of the region has after them."""

    file: Path
    region: str = "region"
    digits: Annotated[int, Field(ge=1)] | None = None
    suffix: str = ""
    set: str = "us"


class Chance(_Part):
    """An event that no plan made: noted beside the diamond, never scored."""

    region: str
    year: int
    note: dict[Literal["en", "ru", "ky"], str]


def _said(default: Any, description: str, **rules: Any) -> Any:
    return Field(default, description=description, **rules)


class DiamondSection(_Part):
    """The diamond: four corners of every region, scored, with what is not certain."""

    sets: list[str | Path] = _said(
        ["portfolio"],
        "Ready sets of indicators by name, or your own by path: portfolio, us, kyrgyz_oblasts, expert.",
        min_length=1,
    )
    figures: list[Path] = _said([], "Filled tables of figures: see almaz indicators-template.")
    forms: list[Path] = _said([], "Filled expert forms: see almaz expert-form.")
    wide: list[WideFile] = _said([], "Parquet files with a column for each indicator and year.")
    chance: list[Chance] = _said([], "Events to note beside the diamond: region, year, note.")
    year: int | None = _said(None, "Figures up to this year; by default all.")
    treatment: bool = _said(True, "Whether outliers are winsorised, or their logarithm taken.")
    normalisation: Scale = _said("min_max", "How figures are put on a scale: min_max, z_score or rank.")
    aggregation: Way = _said(
        "geometric", "How corners are added up: geometric, arithmetic, mazziotta_pareto or weakest_link."
    )
    missing: Filling = _said(
        "observed", "How unknown figures are drawn: from all regions (observed), similar ones, or left_out."
    )
    weights: Literal["given", "components"] = _said(
        "given", "Weights within a corner: given (as in the set), or by their first principal component (components)."
    )
    corner_weights: dict[Literal["factor", "demand", "related", "strategy"], Positive] = _said(
        {}, "Weight of each corner; equal if not given."
    )
    normalisations: list[Scale] = _said(
        ["min_max", "z_score", "rank"], "Scales that the simulation lets loose.", min_length=1
    )
    aggregations: list[Way] = _said(
        ["arithmetic", "geometric", "mazziotta_pareto"], "Aggregations that the simulation lets loose.", min_length=1
    )
    missings: list[Filling] = _said(
        ["observed", "similar", "left_out"], "Ways of filling that the simulation lets loose.", min_length=1
    )
    weights_off: float = _said(0.25, "Every weight may be off by this share.", ge=0, lt=1)
    draws: int = _said(1000, "Draws of the simulation.", ge=100, le=100_000)
    sobol_draws: Literal[64, 128, 256, 512, 1024, 2048] = _said(256, "Base draws of the Sobol indices, a power of two.")
    seed: int = _said(1, "Seed of all draws.")
    level: float = _said(0.9, "Level of the intervals.", gt=0, lt=1)
    group_digits: int | None = _said(
        None, "Leading digits of a region's code that name its group, for clustered errors.", ge=1
    )

    @field_validator("sets", mode="after")
    @classmethod
    def _own(cls, sets: list[str | Path]) -> list[str | Path]:
        """A set that ends in .toml is a file of your own."""
        return [Path(one) if str(one).endswith(".toml") else one for one in sets]
