"""A criterion of a rule: a figure, its threshold, and whether it is met: yes, no, or not known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from almaz.measures.quantiles import passes_quantile, quantile

FloatArray: TypeAlias = npt.NDArray[np.float64]
BoolArray: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Criterion:
    """name: a code; value, threshold: (regions, clusters); met: 1 yes, 0 no, NaN not known.

    judged: False where no region has the figure: then the rule is applied without the criterion, and says so.
    """

    name: str
    value: FloatArray
    threshold: FloatArray
    met: FloatArray
    judged: bool = True


def percentile_criterion(
    name: str, value: FloatArray, present: FloatArray, share: float, *, strict: bool = False
) -> Criterion:
    """The region reaches (strict: exceeds) the quantile of the regions that have the cluster.

    present: (regions, clusters), 1 has the cluster, 0 has not, NaN not known. A region without the cluster does not meet it.
    """
    there = present == 1.0
    met = passes_quantile(value, there, share, strict=strict).astype(np.float64)
    met[(np.isnan(value) & ~(present == 0.0)) | np.isnan(present)] = np.nan
    threshold = np.broadcast_to(quantile(value, there, share), value.shape)
    return Criterion(name, value, threshold, met, bool((~np.isnan(value) & there).any()))


def fixed_criterion(name: str, value: FloatArray, present: FloatArray, threshold: float) -> Criterion:
    """The region reaches a threshold that does not depend on the other regions."""
    met = np.where(np.isnan(value), np.nan, value >= threshold)
    met = np.where(present == 0.0, 0.0, met)
    return Criterion(name, value, np.full(value.shape, threshold), met, bool((~np.isnan(value)).any()))


def every(criteria: Sequence[Criterion]) -> FloatArray:
    """1 where all are met, 0 where one is not, NaN where it depends on what is not known; unjudged ones are left out."""
    met = np.stack([criterion.met for criterion in criteria if criterion.judged])
    return np.where((met == 0.0).any(axis=0), 0.0, np.where(np.isnan(met).any(axis=0), np.nan, 1.0))


def met_and_unknown(criteria: Sequence[Criterion]) -> tuple[FloatArray, FloatArray]:
    """How many criteria are met, and how many more may be met but are not known; unjudged ones are left out."""
    met = np.stack([criterion.met for criterion in criteria if criterion.judged])
    return (met == 1.0).sum(axis=0).astype(np.float64), np.isnan(met).sum(axis=0).astype(np.float64)
