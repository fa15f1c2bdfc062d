"""The study file's [[programme]]: for which clusters of which regions a programme is drafted."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class ProgrammeSection(BaseModel):
    """A programme to draft from this edition's findings; one [[programme]] section for each. It needs [potential]."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    region: str
    cluster: str
    start: Annotated[int, Field(ge=1900, le=2200)]
    horizon: Annotated[int, Field(ge=1, le=30)] = 7
    most: Annotated[int, Field(ge=1)] = 15
    promised: Annotated[int, Field(ge=0)] | None = None
    catalogue: Path | None = None
