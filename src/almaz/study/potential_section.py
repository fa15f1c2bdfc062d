"""The study file's [potential]: which clusters are candidates, when an element counts as met, and how candidates are ordered."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(gt=0, lt=1)]


class PotentialSection(BaseModel):
    """Candidates, elements, judgements and weights of the potential's diagnosis."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    quotient: Annotated[float, Field(gt=0)] = 1.0
    most: Annotated[int, Field(ge=1)] = 12
    local: bool = False
    met: Share = 0.6
    not_met: Share = 0.4
    minimum_regions: Annotated[int, Field(ge=2)] = 20
    elements: Path | None = None
    forms: list[Path] = []
    weights: dict[
        Literal["specialisation", "size", "growth", "productivity", "potential"], Annotated[float, Field(ge=0)]
    ] = {}
    draws: Annotated[int, Field(ge=100)] = 1000
    bootstrap: Annotated[int, Field(ge=0)] = 499
    seed: int = 0
