"""Do corners reinforce each other? Tested on data: product terms against an outcome, never asserted."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from almaz.diamond.indicators import CORNERS, FloatArray


@dataclass(frozen=True)
class Interaction:
    """terms with estimate, standard error and p value each (corners and outcome in standard deviations);
    joint_f, joint_p: all products together; r2_sum, r2_products: explained without and with them; regions: how many."""

    outcome: str
    terms: tuple[str, ...]
    estimate: FloatArray
    error: FloatArray
    p: FloatArray
    joint_f: float
    joint_p: float
    r2_sum: float
    r2_products: float
    regions: int
    groups: int


MINIMUM = 40
"""Regions below which ten coefficients and a test are not worth their print."""


LEAST = 3
"""Corners that must be measured before their interplay is worth a test."""


def interaction(
    corners: FloatArray, outcome: FloatArray, name: str, group: npt.NDArray[np.object_] | None = None
) -> Interaction | None:
    """Regress an outcome on the corners and their products, and test the products jointly.

        y = a + Σ b_c x_c + Σ_{c<d} g_cd x_c x_d + e,   H0: every g_cd = 0   (Wald F)

    corners: (regions, corners), constant ones left out; outcome: (regions,); group: of each region, for clustered errors
    (states of counties), else heteroscedasticity-robust (HC1). All in standard deviations, products of centred corners.
    None where fewer than MINIMUM regions are whole or fewer than LEAST corners vary.
    It is association, not effect: outcomes feed back.
    Source: Wooldridge (2010), ch. 4; pyfixest.
    """
    varied = [number for number in range(corners.shape[1]) if np.nanstd(corners[:, number]) > 1e-9]
    whole = ~np.isnan(corners[:, varied]).any(axis=1) & ~np.isnan(outcome)
    if len(varied) < LEAST or whole.sum() < MINIMUM:
        return None
    names: list[str] = [CORNERS[number] for number in varied]
    columns = {label: _standard(corners[whole, number]) for label, number in zip(names, varied, strict=True)}
    products = {f"{a}_x_{b}": columns[a] * columns[b] for a, b in combinations(names, 2)}
    groups = None if group is None else group[whole].astype(str)
    plain = _fit(_standard(outcome[whole]), columns, groups)
    full = _fit(_standard(outcome[whole]), columns | products, groups)
    terms = [*columns, *products]
    joint_f, joint_p = _joint(
        full, len(products), (len(set(groups)) if groups is not None else whole.sum() - len(terms)) - 1
    )
    table = full.tidy().loc[terms]
    return Interaction(
        name,
        tuple(terms),
        table["Estimate"].to_numpy(dtype=np.float64),
        table["Std. Error"].to_numpy(dtype=np.float64),
        table["Pr(>|t|)"].to_numpy(dtype=np.float64),
        joint_f,
        joint_p,
        float(plain._r2),
        float(full._r2),
        int(whole.sum()),
        0 if groups is None else len(set(groups)),
    )


def _joint(fit: Any, number: int, degrees: int) -> tuple[float, float]:
    """Wald F of the last coefficients and its p value; degrees: groups − 1, or observations − coefficients."""
    from scipy.stats import f as fisher

    last = fit.coef().to_numpy()[-number:]
    covariance = np.asarray(fit._vcov)[-number:, -number:]
    statistic = float(last @ np.linalg.solve(covariance, last) / number)
    return statistic, float(fisher.sf(statistic, number, degrees))


def _standard(values: FloatArray) -> FloatArray:
    return np.asarray((values - values.mean()) / values.std(ddof=1))


def _fit(outcome: FloatArray, columns: dict[str, FloatArray], groups: npt.NDArray[np.str_] | None) -> Any:
    import pandas as pd
    from pyfixest.estimation import feols

    data = pd.DataFrame({"outcome": outcome, **columns})
    errors: str | dict[str, str] = "HC1"
    if groups is not None:
        data["group"] = groups
        errors = {"CRV1": "group"}
    return feols("outcome ~ " + " + ".join(columns), data=data, vcov=errors)
