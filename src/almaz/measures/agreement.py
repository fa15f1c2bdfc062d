"""Do people who judge the same things agree?"""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float64]
Level: TypeAlias = Literal["nominal", "ordinal", "interval", "ratio"]


def krippendorff_alpha(ratings: FloatArray, level: Level = "ordinal") -> float:
    """Agreement beyond chance: α = 1 − D_o / D_e; 1 full, 0 as by chance, below 0 systematic disagreement.

        D_o = Σ_ck o_ck δ²_ck / n,   D_e = Σ_ck n_c n_k δ²_ck / (n (n − 1))

    with o the coincidences of values within units, δ² the difference: nominal c ≠ k; ordinal (Σ_{g=c..k} n_g − (n_c + n_k)/2)²;
    interval (c − k)²; ratio ((c − k)/(c + k))². ratings: (raters, things), NaN = not rated; things rated once say nothing.
    NaN where nothing can be compared or everybody always gives the same value. At least 0.8 is usually asked for, 0.667 for
    tentative conclusions. Source: Krippendorff (2011), Computing Krippendorff's Alpha-Reliability.
    """
    compared = ratings[:, (~np.isnan(ratings)).sum(axis=0) >= 2]
    values = np.unique(compared[~np.isnan(compared)])
    counts = np.stack([(compared == value).sum(axis=0) for value in values]) if values.size else np.zeros((0, 0))
    if values.size < 2:
        return float("nan")
    per_unit = counts.sum(axis=0)
    coincidences = (counts / (per_unit - 1)) @ counts.T - np.diag((counts / (per_unit - 1)).sum(axis=1))
    totals = coincidences.sum(axis=1)
    number = totals.sum()
    apart = _apart(values, totals, level)
    expected = totals @ apart @ totals / (number * (number - 1))
    return float(1.0 - (coincidences * apart).sum() / number / expected)


def _apart(values: FloatArray, totals: FloatArray, level: Level) -> FloatArray:
    if level == "ordinal":
        upto = np.cumsum(totals) - totals / 2.0
        return np.asarray((upto[:, None] - upto[None, :]) ** 2)
    first, second = values[:, None], values[None, :]
    if level == "nominal":
        return np.asarray((first != second).astype(np.float64))
    if level == "interval":
        return np.asarray((first - second) ** 2)
    return np.asarray(((first - second) / (first + second)) ** 2)
