"""A threshold in a regression: is there a size beyond which the relation is another one, and where does it lie?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Threshold:
    """threshold: γ, in units of q; low, high: its confidence set's ends; level: of that set; below, above: coefficients
    (regressors,) of the two regimes; below_error, above_error: their robust standard errors at γ; observations below and above.

    statistic: sup-F of no threshold; p_value: by bootstrap; improvement: share of the residual sum of squares removed.
    candidates, ratio: the likelihood ratio LR(γ) at every candidate, for the picture; critical: LR below it is in the set.
    """

    threshold: float
    low: float
    high: float
    level: float
    below: FloatArray
    above: FloatArray
    below_error: FloatArray
    above_error: FloatArray
    observations: tuple[int, int]
    statistic: float
    p_value: float
    improvement: float
    candidates: FloatArray
    ratio: FloatArray
    critical: float

    @property
    def found(self) -> bool:
        """Whether the data reject, at 5 %, that there is no threshold."""
        return self.p_value < 0.05


def threshold_regression(
    outcome: ArrayLike,
    regressors: ArrayLike,
    variable: ArrayLike,
    *,
    trim: float = 0.15,
    candidates: int = 300,
    level: float = 0.95,
    draws: int = 999,
    seed: int = 0,
    groups: ArrayLike | None = None,
) -> Threshold:
    """Least squares with two regimes, split where a variable passes an estimated threshold.

        y = x'β₁ 1(q ≤ γ) + x'β₂ 1(q > γ) + e,   γ̂ = argmin S(γ),   S the residual sum of squares
        confidence set of γ:  LR(γ) = n (S(γ) − S(γ̂)) / (η² S(γ̂)) ≤ c(level) = −2 ln(1 − √level)
        no threshold:  sup F = n (S₀ − S(γ̂)) / S(γ̂), its p-value from the fixed-regressor bootstrap y* = ê · N(0, 1)

    outcome: y, (n,); regressors: x, (n, k), with a column of ones where a constant is wanted; variable: q, (n,). Rows with an
    unknown number are left out. trim: least share of the rows in each regime; candidates: most values of q tried (quantiles);
    groups: (n,) labels whose rows share one draw of the bootstrap (clustered errors), by default each row its own. η² corrects
    the set for variances that differ near γ (ratio of the local means of (x'δ)²e² and (x'δ)², Hansen 2000, section 3.4, by a
    quadratic regression on q). All candidates are solved at once from running sums: n log n + candidates · k³.
    ValueError: too few rows, a q that does not vary, or regressors that depend on each other within a regime.
    Source: Hansen (2000), Econometrica 68(3), 575-603 (estimate, set); Hansen (1996), Econometrica 64(2), 413-430 (test).
    """
    y, x, q, group = _known(outcome, regressors, variable, groups)
    order = np.argsort(q, kind="stable")
    y, x, q, group = y[order], x[order], q[order], group[order]
    number, width = x.shape
    places = _candidate_places(q, trim, candidates, width)
    design = _Design(x, places)
    fitted, pooled = design.residual_sum(y)
    best = int(np.argmin(fitted))
    split = int(places[best])
    least = float(fitted[best])
    below, above, errors = _regimes(y, x, split)
    ratio = number * (fitted - least) / (max(least, np.finfo(float).tiny) * _heterogeneity(y, x, q, split))
    critical = -2.0 * np.log(1.0 - np.sqrt(level))
    inside = q[places[ratio <= critical] - 1]
    statistic = number * (pooled - least) / max(least, np.finfo(float).tiny)
    drawn = _bootstrap(design, y, x, group, draws, seed)
    return Threshold(
        threshold=float(q[split - 1]),
        low=float(inside.min()),
        high=float(inside.max()),
        level=level,
        below=below,
        above=above,
        below_error=errors[0],
        above_error=errors[1],
        observations=(split, number - split),
        statistic=statistic,
        p_value=float((1 + (drawn >= statistic).sum()) / (1 + draws)) if draws else float("nan"),
        improvement=1.0 - least / pooled if pooled > 0.0 else 0.0,
        candidates=q[places - 1],
        ratio=ratio,
        critical=float(critical),
    )


def _known(
    outcome: ArrayLike, regressors: ArrayLike, variable: ArrayLike, groups: ArrayLike | None
) -> tuple[FloatArray, FloatArray, FloatArray, NDArray[np.intp]]:
    y, x, q = (np.asarray(given, np.float64) for given in (outcome, regressors, variable))
    if x.ndim != 2 or y.shape != q.shape or x.shape[0] != y.size:
        raise ValueError(f"outcome {y.shape}, regressors {x.shape} and variable {q.shape} are not of the same rows")
    label = np.arange(y.size) if groups is None else np.unique(np.asarray(groups), return_inverse=True)[1]
    known = np.isfinite(y) & np.isfinite(q) & np.isfinite(x).all(axis=1)
    return y[known], x[known], q[known], label[known].astype(np.intp)


def _candidate_places(q: FloatArray, trim: float, most: int, width: int) -> NDArray[np.intp]:
    """How many sorted rows lie below each candidate: ends of runs of equal q, with enough rows on both sides."""
    number = q.size
    least = max(int(np.ceil(trim * number)), width + 1)
    ends = np.nonzero(np.diff(q) > 0)[0] + 1
    ends = ends[(ends >= least) & (number - ends >= least)]
    if ends.size == 0:
        raise ValueError(
            f"no threshold can be tried: {number} rows with {np.unique(q).size} values, {least} wanted in each regime"
        )
    if ends.size > most:
        ends = ends[np.unique(np.linspace(0, ends.size - 1, most).round().astype(np.intp))]
    return ends


class _Design:
    """Running sums of the regressors, inverted once, so that every bootstrap draw costs two small products a candidate."""

    def __init__(self, x: FloatArray, places: NDArray[np.intp]) -> None:
        self.x, self.places = x, places
        products = np.cumsum(x[:, :, None] * x[:, None, :], axis=0)
        self.whole = products[-1]
        below = products[places - 1]
        if np.linalg.cond(below).max() > 1e12 or np.linalg.cond(self.whole - below).max() > 1e12:
            raise ValueError("the regressors depend on each other within a regime")
        self.below, self.above = np.linalg.inv(below), np.linalg.inv(self.whole - below)
        self.pooled = np.linalg.inv(self.whole)

    def residual_sum(self, y: FloatArray) -> tuple[FloatArray, float]:
        """S(γ) at every candidate, and S without a threshold."""
        moments = np.cumsum(self.x * y[:, None], axis=0)
        whole, below = moments[-1], moments[self.places - 1]
        above = whole - below
        squares = float(y @ y)
        explained = np.einsum("ci,cij,cj->c", below, self.below, below) + np.einsum(
            "ci,cij,cj->c", above, self.above, above
        )
        return squares - explained, squares - float(whole @ self.pooled @ whole)


def _regimes(y: FloatArray, x: FloatArray, split: int) -> tuple[FloatArray, FloatArray, tuple[FloatArray, FloatArray]]:
    """Coefficients of both regimes and their heteroskedasticity-robust (HC1) standard errors."""
    found, errors = [], []
    for part in (slice(None, split), slice(split, None)):
        inverse = np.linalg.inv(x[part].T @ x[part])
        coefficients = inverse @ x[part].T @ y[part]
        scores = x[part] * (y[part] - x[part] @ coefficients)[:, None]
        rows, width = x[part].shape
        variance = inverse @ (scores.T @ scores) @ inverse * rows / max(rows - width, 1)
        found.append(coefficients)
        errors.append(np.sqrt(np.diag(variance)))
    return found[0], found[1], (errors[0], errors[1])


def _heterogeneity(y: FloatArray, x: FloatArray, q: FloatArray, split: int) -> float:
    """η²: the local mean of (x'δ)² e² over σ² times that of (x'δ)², both at γ̂ by a quadratic in q; 1 under equal variances."""
    below, above, _errors = _regimes(y, x, split)
    residual = y - (np.where(np.arange(y.size)[:, None] < split, below, above) * x).sum(axis=1)
    shift = (x @ (above - below)) ** 2
    if not np.any(shift > 0.0):
        return 1.0
    centred = (q - q[split - 1]) / (q.std() or 1.0)
    powers = np.column_stack([np.ones_like(q), centred, centred**2])
    weighted, _rest, _rank, _values = np.linalg.lstsq(powers, np.column_stack([shift * residual**2, shift]), rcond=None)
    variance = float(residual @ residual) / y.size
    if weighted[0, 0] <= 0.0 or weighted[0, 1] <= 0.0 or variance <= 0.0:
        return 1.0
    return float(weighted[0, 0] / (weighted[0, 1] * variance))


def _bootstrap(
    design: _Design, y: FloatArray, x: FloatArray, group: NDArray[np.intp], draws: int, seed: int
) -> FloatArray:
    """sup F of draws in which there is no threshold: the residuals of the pooled fit times a random sign and size."""
    generator = np.random.default_rng(seed)
    residual = y - x @ (design.pooled @ (x.T @ y))
    groups = int(group.max()) + 1 if group.size else 0
    found = np.empty(draws)
    for draw in range(draws):
        fitted, pooled = design.residual_sum(residual * generator.standard_normal(groups)[group])
        least = float(fitted.min())
        found[draw] = y.size * (pooled - least) / max(least, np.finfo(float).tiny)
    return found
