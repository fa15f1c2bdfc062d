"""Treatment: outliers that would stretch a scale until nobody else can be told apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from almaz.measures.composite.step import FloatArray, Step


def skewness(values: FloatArray) -> float:
    """Sample skewness G1 = √(n(n−1)) / (n−2) · √n Σ d³ / (Σ d²)^1.5, d = x − mean; NaN below 3 values or without spread.

    values: (n,), NaN left out. Source: Joanes and Gill (1998), G1 (SAS, Excel, e1071 type 2).
    """
    held = values[~np.isnan(values)]
    n = held.size
    apart = held - held.mean() if n else held
    spread = float((apart**2).sum())
    if n < 3 or spread == 0.0:
        return float("nan")
    return float(np.sqrt(n) * (apart**3).sum() / spread**1.5 * np.sqrt(n * (n - 1)) / (n - 2))


def excess_kurtosis(values: FloatArray) -> float:
    """Sample excess kurtosis G2 = ((n+1)(r−3) + 6)(n−1) / ((n−2)(n−3)), r = n Σ d⁴ / (Σ d²)²; NaN below 4 values.

    values: (n,), NaN left out. Source: Joanes and Gill (1998), G2 (SAS, Excel, e1071 type 2).
    """
    held = values[~np.isnan(values)]
    n = held.size
    apart = held - held.mean() if n else held
    spread = float((apart**2).sum())
    if n < 4 or spread == 0.0:
        return float("nan")
    ratio = n * float((apart**4).sum()) / spread**2
    return ((n + 1) * (ratio - 3.0) + 6.0) * (n - 1) / ((n - 2) * (n - 3))


@dataclass(frozen=True)
class Thresholds:
    """An indicator is treated where |skewness| ≥ skew and excess kurtosis ≥ kurtosis; at most `points` are winsorised."""

    skew: float = 2.0
    kurtosis: float = 3.5
    points: int = 5


@dataclass(frozen=True)
class Map:
    """The treatment as a monotone map, to be put on any figure of the same indicator: clip, then log where `logged`.

    floor, ceiling: (indicators,), where the values are clipped; logged; shift: ln(x + shift).
    """

    floor: FloatArray
    ceiling: FloatArray
    logged: npt.NDArray[np.bool_]
    shift: FloatArray

    def __call__(self, data: FloatArray) -> FloatArray:
        """Treated data, same shape; the last axis is the indicators."""
        clipped = np.clip(data, self.floor, self.ceiling)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(self.logged, np.log(clipped + self.shift), clipped)


def identity(indicators: int) -> Map:
    """The map that leaves everything as it is."""
    endless = np.full(indicators, np.inf)
    return Map(-endless, endless, np.zeros(indicators, dtype=bool), np.zeros(indicators))


def treat(data: FloatArray, thresholds: Thresholds | None = None) -> tuple[Step, Map]:
    """Winsorise up to a few points, and where that does not help take the logarithm of the indicator as it came.

        winsorise: the highest (skewness ≥ 0) or lowest points take the next value, until |skewness| < 2 or kurtosis < 3.5;
        log:       ln(x − min + 0.01 (max − min))

    data: (units, indicators), NaN = unknown and stays so. facts: skewness and kurtosis before and after, winsorised (points),
    logged. Returns the step and the map it amounts to (clip and log are monotone, so ranks within an indicator are kept
    up to ties). Source: OECD/JRC (2008), step 5; COINr's qTreat.
    """
    limits = thresholds or Thresholds()
    results = [_treated(data[:, column], limits) for column in range(data.shape[1])]
    floor, ceiling, shift, points = (np.array([float(r[i]) for r in results]) for i in range(4))
    mapped = Map(floor, ceiling, ~np.isnan(shift), np.nan_to_num(shift))
    values = mapped(data)
    columns = range(data.shape[1])
    facts = {
        "skewness_before": np.array([skewness(data[:, i]) for i in columns]),
        "kurtosis_before": np.array([excess_kurtosis(data[:, i]) for i in columns]),
        "winsorised": points.astype(np.int64),
        "logged": mapped.logged,
        "skewness_after": np.array([skewness(values[:, i]) for i in columns]),
        "kurtosis_after": np.array([excess_kurtosis(values[:, i]) for i in columns]),
    }
    return Step("treatment", "winsorise, else log", values, facts), mapped


def box_cox(values: FloatArray, power: float) -> FloatArray:
    """(y^λ − 1) / λ, or ln y where λ = 0, of y = x − min + 1: the values made positive first. Source: Box and Cox (1964)."""
    positive = values - np.nanmin(values) + 1.0
    return np.log(positive) if power == 0 else (positive**power - 1.0) / power


def _treated(column: FloatArray, limits: Thresholds) -> tuple[float, float, float, int]:
    """Floor, ceiling, log shift (NaN: no log) and the number of winsorised points of one indicator."""
    values = column[~np.isnan(column)]
    if _passes(values, limits):
        return -np.inf, np.inf, np.nan, 0
    floor, ceiling, high, low = -np.inf, np.inf, 0, 0
    held = values.copy()
    while not _passes(held, limits) and high + low < limits.points:
        if skewness(held) >= 0:
            high, ceiling = _next(held, -1)
        else:
            low, floor = _next(held, 1)
    if _passes(held, limits):
        return floor, ceiling, np.nan, high + low
    spread = float(values.max() - values.min())
    return float(values.min()), np.inf, 0.01 * spread - float(values.min()), 0


def _next(held: FloatArray, sign: int) -> tuple[int, float]:
    """Winsorise in place the extreme points (all that tie); how many, and the value that they take."""
    mirrored = sign * held
    extreme = mirrored == mirrored.min()
    value = float(sign * mirrored[~extreme].min())
    held[extreme] = value
    return int(extreme.sum()), value


def _passes(values: FloatArray, limits: Thresholds) -> bool:
    skew, kurtosis = skewness(values), excess_kurtosis(values)
    return bool(np.isnan(skew) or np.isnan(kurtosis) or abs(skew) < limits.skew or kurtosis < limits.kurtosis)
