"""Traded or local: told from how an industry is spread over the regions, where no definition says it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from almaz.measures.inequality import hoover_gini
from almaz.measures.specialisation import location_quotient

FloatArray: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True)
class DispersionThresholds:
    """At or above which an industry looks traded. gini: locational Gini against all activity; specialised: share of its
    activity in regions with LQ ≥ 1; quotient: mean LQ over its activity; votes: how many of the three it takes."""

    gini: float
    specialised: float
    quotient: float
    votes: int = 2


@dataclass(frozen=True)
class Dispersion:
    """Each (industries,); regions: share of regions with LQ ≥ 1; traded: by the thresholds, False where unknown."""

    gini: FloatArray
    specialised: FloatArray
    quotient: FloatArray
    regions: FloatArray
    votes: npt.NDArray[np.intp]
    traded: npt.NDArray[np.bool_]

    def table(self, industries: list[str]) -> pa.Table:
        """One row per industry."""
        return pa.table(
            {
                "industry": industries,
                "kind": np.where(self.traded, "traded", "local"),
                "locational_gini": pa.array(self.gini, from_pandas=True),
                "share_in_specialised_regions": pa.array(self.specialised, from_pandas=True),
                "mean_quotient": pa.array(self.quotient, from_pandas=True),
                "share_of_regions_specialised": pa.array(self.regions, from_pandas=True),
                "votes": self.votes,
            }
        )


def thresholds_for(regions: int) -> DispersionThresholds:
    """Thresholds for a country of so many regions: the finer the regions, the more uneven every industry looks.

    Between (0.29, 0.57, 1.30) for 50 regions and (0.60, 0.74, 3.20) for 3,200, straight in the logarithm of the number, the same
    outside: where these measures, on U.S. states and counties of 2016, agree best with the published kinds. Ours.
    """
    step = np.clip((np.log(max(regions, 1)) - np.log(50)) / (np.log(3200) - np.log(50)), 0.0, 1.0)
    return DispersionThresholds(
        gini=float(0.29 + step * 0.31),
        specialised=float(0.57 + step * 0.17),
        quotient=float(1.30 * (3.20 / 1.30) ** step),
    )


def dispersion(activity: FloatArray, thresholds: DispersionThresholds | None = None) -> Dispersion:
    """How unevenly each industry is spread, and whether that makes it traded.

        gini: of the industry's regions against all activity;   specialised = sum_r x[r, i] [LQ ≥ 1] / sum_r x[r, i]
        quotient = sum_r x[r, i] LQ[r, i] / sum_r x[r, i]

    activity: (regions, industries), employment rather than establishments, without unknown cells. thresholds: by
    default `thresholds_for` the number of regions that have anything. Source: Porter (2003), Regional Studies 37,
    section 3; Delgado, Bryden & Zyontz (2014) on the published kinds; the combination by votes is ours.
    """
    rows = activity[activity.sum(axis=1) > 0.0]
    limits = thresholds or thresholds_for(len(rows))
    quotient = np.nan_to_num(location_quotient(rows))
    total = rows.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        gini = hoover_gini(rows, rows.sum(axis=1), axis=0)
        specialised = (rows * (quotient >= 1.0)).sum(axis=0) / total
        mean = (rows * quotient).sum(axis=0) / total
        votes = (gini >= limits.gini).astype(np.intp) + (specialised >= limits.specialised) + (mean >= limits.quotient)
    shown = np.where(total > 0.0, (quotient >= 1.0).mean(axis=0), np.nan)
    return Dispersion(gini, specialised, mean, shown, votes.astype(np.intp), (votes >= limits.votes) & (total > 0.0))
