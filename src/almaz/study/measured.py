"""What a run has measured when the rooms above the portfolio (relatedness, diamond, impact …) start from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from almaz.clusters.definition import ClusterDefinition
from almaz.clusters.portfolio import Portfolio
from almaz.clusters.strength import Strength
from almaz.study.file import Study
from almaz.tables.activity import Activity
from almaz.tables.schema import FIRMS, INDICATORS, OBSERVATIONS, REGIONS


@dataclass(frozen=True)
class Material:
    """What a study's files gave, checked: the observations of known places, the trees, and every problem found.

    indicators, firms: tables of INDICATORS and FIRMS, empty where the study names none; above: the observations of regions of
    other kinds than the study's (a country, its oblasts), which are totals and parts of totals and are not measured; places:
    every row of the regions file, whose hierarchy says which figures are totals of which.
    """

    observations: pa.Table
    regions: pa.Table
    industries: pa.Table
    problems: pa.Table
    sources: pa.Table
    indicators: pa.Table = field(default_factory=INDICATORS.empty_table)
    firms: pa.Table = field(default_factory=FIRMS.empty_table)
    above: pa.Table = field(default_factory=OBSERVATIONS.empty_table)
    places: pa.Table = field(default_factory=REGIONS.empty_table)

    @property
    def errors(self) -> int:
        """How many lines of the problems are errors."""
        return int(pc.sum(pc.equal(self.problems["level"], "error")).as_py() or 0)


@dataclass(frozen=True)
class Measured:
    """A study, its material, and the clusters measured from it. tables: those made so far, by earlier rooms too."""

    study: Study
    material: Material
    activity: Activity
    definition: ClusterDefinition
    portfolio: Portfolio
    strength: Strength
    typology: pa.Table
    tables: Mapping[str, pa.Table] = field(default_factory=dict)
