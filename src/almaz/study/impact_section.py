"""The section [impact] of a study file: what is evaluated, and how."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from almaz.language import text as _

Share = Annotated[float, Field(gt=0, lt=1)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class GrowthPart(_Part):
    """[impact.growth]: regressions of growth on the initial level, the cluster, related clusters and neighbours."""

    measures: Annotated[list[str], Field(min_length=1)] = ["establishments", "employment"]
    first: int | None = None
    last: int | None = None
    related: Annotated[int, Field(ge=1)] = 5
    effects: Annotated[list[Literal["region", "industry", "cluster_name"]], Field(min_length=1)] = [
        "region",
        "industry",
    ]
    errors: Literal["region", "industry", "cluster_name", "region_cluster"] = "region_cluster"


class ProgrammePart(_Part):
    """[impact.programme]: the evaluation of a programme from a panel file; first or treated says who was in it."""

    file: Path
    unit: str = "region"
    time: str = "year"
    outcome: str
    first: str | None = None
    treated: str | None = None
    cluster: str | None = None
    covariates: list[str] = []
    title: dict[Literal["en", "ru", "ky"], str] = {}
    desired: Literal["up", "down"] = "up"
    project: str = "programme"
    control: Literal["never", "not_yet"] = "never"
    base: Literal["varying", "universal"] = "varying"
    anticipation: Annotated[int, Field(ge=0)] = 0
    adjust: bool = False
    gaps: Literal["refuse", "drop"] = "refuse"
    level: Share = 0.95
    minimum: Annotated[int, Field(ge=2)] = 10


class SurveyPart(_Part):
    """[impact.survey]: the answers of a cluster's organisations, and how many organisations it has."""

    file: Path
    population: Annotated[int, Field(ge=1)] | None = None
    cluster: str | None = None


class RangePart(_Part):
    """What a parameter can be: low, middle, high."""

    low: float
    middle: float
    high: float


Span = float | RangePart


class HorizonPart(_Part):
    """[impact.horizon]: the programme's money over 7 to 15 years; ranges that are left out keep their defaults."""

    start: int
    years: Annotated[int, Field(ge=7, le=15)]
    cost: float | Annotated[list[float], Field(min_length=1)]
    benefit: Span
    lag: Span | None = None
    ramp: Span | None = None
    overrun: Span | None = None
    attributable: Span | None = None
    discount: Span | None = None
    promised: dict[str, float] = {}
    currency: str = ""


class ImpactSection(_Part):
    """[impact]: directions are measured unless directions = false; the parts below are done where they are given."""

    directions: bool = True
    growth: GrowthPart | None = None
    programme: ProgrammePart | None = None
    survey: SurveyPart | None = None
    horizon: HorizonPart | None = None


def impact_keys() -> dict[str, str]:
    """impact.key → what it says, in the language in use."""
    return {
        "impact.directions": _("Whether indicators of productivity, innovation and new business are measured."),
        "impact.growth": _(
            "Regressions of growth on clusters: measures, first, last (years), related (how many clusters), effects, errors."
        ),
        "impact.programme": _(
            "The evaluation of a programme: a panel file, its columns unit, time, outcome, and first or treated; control, base,"
            " cluster, covariates, adjust, anticipation, gaps, desired, project, title, level, minimum."
        ),
        "impact.survey": _("The filled form of the survey: file, population (organisations in the cluster)."),
        "impact.horizon": _(
            "The programme's money: start, years (7 to 15), cost, benefit, and ranges of lag, ramp, overrun, attributable,"
            " discount; promised: year = benefit."
        ),
    }
