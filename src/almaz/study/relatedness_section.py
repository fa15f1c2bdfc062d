"""What a study says about relatedness: [relatedness] turns the room on, [derive] steers the search for clusters of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Share = Annotated[float, Field(gt=0, lt=1)]
Positive = Annotated[int, Field(ge=1)]


class RelatednessSection(BaseModel):
    """Which industries belong together, and what could come next."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    occupations: Path | None = None
    borrowed: Path | None = None
    borrowed_concordance: Path | None = None
    minimum_regions: Annotated[int, Field(ge=10)] = 40
    top: Share = 0.10
    linked: Share = 0.20
    both_ways: Literal["min", "mean"] = "min"
    near: Share = 0.75
    families: Positive = 12
    seed: int = 1


class DeriveSection(BaseModel):
    """The search for a definition of clusters from the study's own data."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kinds: Literal["dispersion", "definition"] = "dispersion"
    functions: tuple[Literal["ward", "k_means", "k_medians", "spectral", "leiden"], ...] = (
        "ward",
        "k_means",
        "k_medians",
        "spectral",
        "leiden",
    )
    transformations: tuple[Literal["levels", "ranks", "profiles"], ...] = ("levels", "ranks", "profiles")
    fewest: Annotated[int, Field(ge=2)] = 30
    most: Annotated[int, Field(ge=2)] = 60
    step: Positive = 5
    draws: Annotated[int, Field(ge=0)] = 30
    seed: int = 1

    @model_validator(mode="after")
    def _ordered(self) -> DeriveSection:
        if self.most < self.fewest:
            raise ValueError(f"most ({self.most}) is below fewest ({self.fewest})")
        return self
