"""The study's `[diamond]` section: which indicators, whose figures, and the choices behind the score."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(gt=0, lt=1)]
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


class DiamondSection(_Part):
    """sets: ready sets by name or your own by path; figures: filled tables; forms: filled expert forms; wide: files with a
    column an indicator. The rest are choices; `normalisations`, `aggregations`, `missings` are their rivals in the simulation."""

    sets: Annotated[list[str | Path], Field(min_length=1)] = ["portfolio"]
    figures: list[Path] = []
    forms: list[Path] = []
    wide: list[WideFile] = []
    chance: list[Chance] = []
    year: int | None = None
    treatment: bool = True
    normalisation: Scale = "min_max"
    aggregation: Way = "geometric"
    missing: Filling = "observed"
    corner_weights: dict[Literal["factor", "demand", "related", "strategy"], Annotated[float, Field(gt=0)]] = {}
    normalisations: Annotated[list[Scale], Field(min_length=1)] = ["min_max", "z_score", "rank"]
    aggregations: Annotated[list[Way], Field(min_length=1)] = ["arithmetic", "geometric", "mazziotta_pareto"]
    missings: Annotated[list[Filling], Field(min_length=1)] = ["observed", "similar", "left_out"]
    weights_off: Annotated[float, Field(ge=0, lt=1)] = 0.25
    draws: Annotated[int, Field(ge=100, le=100_000)] = 1000
    sobol_draws: Literal[64, 128, 256, 512, 1024, 2048] = 256
    seed: int = 1
    level: Share = 0.9
    group_digits: Annotated[int, Field(ge=1)] | None = None

    @property
    def named(self) -> list[Path]:
        """Every file that the section names."""
        own = [one for one in self.sets if isinstance(one, Path)]
        return [*own, *self.figures, *self.forms, *(part.file for part in self.wide)]

    def located(self, there: Callable[..., Path | None]) -> DiamondSection:
        """The section with full paths. there: a path and the keys that lead to it → the full path, or an error."""
        wide = [
            part.model_copy(update={"file": there(part.file, "diamond", "wide", number, "file")})
            for number, part in enumerate(self.wide)
        ]
        own = [there(Path(one), "diamond", "sets") if str(one).endswith(".toml") else one for one in self.sets]
        files = {key: [there(file, "diamond", key) for file in getattr(self, key)] for key in ("figures", "forms")}
        return self.model_copy(update={"sets": own, "wide": wide, **files})
