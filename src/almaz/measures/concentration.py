"""How concentrated activity is: over firms, over industries, over regions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from almaz.measures.specialisation import shares

FloatArray: TypeAlias = npt.NDArray[np.float64]


def herfindahl(values: FloatArray, axis: int = -1) -> FloatArray:
    """Sum of squared shares, 1/n (even) to 1 (all in one): Σ s². values: (...). Source: Herfindahl (1950)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        share = values / values.sum(axis=axis, keepdims=True)
    return np.asarray((share**2).sum(axis=axis))


def gini(values: FloatArray, *, normalised: bool = False) -> float:
    """How unequally an amount is spread, 0 (even) to 1 − 1/n: G = 2 Σ k·x₍ₖ₎ / (n Σ x) − (n + 1)/n, x sorted.

    values: (n,); normalised: times n/(n − 1), so that 1 is reached. Source: Gini (1912).
    """
    ordered, n = np.sort(values), values.size
    index = 2.0 * (np.arange(1, n + 1) * ordered).sum() / (n * ordered.sum()) - (n + 1) / n
    return float(index * n / (n - 1) if normalised else index)


def hoover_index(values: FloatArray, reference: FloatArray) -> float:
    """Share that would have to move for an even spread: ½ Σ |x/X − a/A|. Both (n,). Source: Hoover (1936)."""
    return float(0.5 * np.abs(shares(values) - shares(reference)).sum())


def hoover_gini(values: FloatArray, reference: FloatArray) -> float:
    """Gini coefficient of the curve of cumulated values over cumulated reference, ordered by value per reference.

    G = 1 − Σ (F_k − F_{k−1})(L_k + L_{k−1}). Both (regions,). Source: Hoover (1936).
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        order = np.argsort(values / reference)
    lorenz = np.concatenate([[0.0], np.cumsum(shares(values)[order])])
    base = np.concatenate([[0.0], np.cumsum(shares(reference)[order])])
    return float(1.0 - (np.diff(base) * (lorenz[1:] + lorenz[:-1])).sum())


def theil(values: FloatArray) -> float:
    """Theil's T: (1/n) Σ (x/μ) ln(x/μ), 0 (even) to ln n. values: (n,), zero counts as zero. Source: Theil (1967)."""
    relative = values / values.mean()
    return float(np.where(relative > 0, relative * np.log(np.where(relative > 0, relative, 1.0)), 0.0).mean())


def mean_log_deviation(values: FloatArray) -> float:
    """Theil's L, the mean logarithmic deviation: (1/n) Σ ln(μ/x). values: (n,), all above zero. Source: Theil (1967).

    This is what the R package REAT computes under the name of Theil.
    """
    return float(np.log(values.mean() / values).mean())


def atkinson(values: FloatArray, epsilon: float = 0.5) -> float:
    """Atkinson's index: 1 − [(1/n) Σ (x/μ)^(1−ε)]^(1/(1−ε)), ε ≠ 1. values: (n,). Source: Atkinson (1970)."""
    relative = values / values.mean()
    return float(1.0 - np.mean(relative ** (1.0 - epsilon)) ** (1.0 / (1.0 - epsilon)))


def williamson(values: FloatArray, weights: FloatArray) -> float:
    """Weighted coefficient of variation over regions: √(Σ (x − x̄)² w/W) / x̄, x̄ the plain mean.

    values: (regions,), per head; weights: (regions,), population. Source: Williamson (1965), REAT's convention for x̄.
    """
    mean = values.mean()
    return float(np.sqrt(((values - mean) ** 2 * weights / weights.sum()).sum()) / mean)


@dataclass(frozen=True)
class EllisonGlaeser:
    """gamma: excess concentration; g: raw concentration Σ(s − x)²; herfindahl: of firms; z: G against its expectation."""

    gamma: float
    g: float
    herfindahl: float
    z: float


def ellison_glaeser(firms: FloatArray, region_of_firm: npt.NDArray[np.intp], region_size: FloatArray) -> EllisonGlaeser:
    """Geographic concentration of an industry beyond what its few firms would show by chance.

        γ = (G − (1 − Σ x²) H) / ((1 − Σ x²)(1 − H)),  G = Σ_r (s_r − x_r)²

    firms: (firms,) employment; region_of_firm: (firms,); region_size: (regions,) total employment.
    z = (G − E[G]) / √Var[G] under random location. Source: Ellison and Glaeser (1997), eq. 5 and appendix.
    """
    x = shares(region_size)
    s = np.bincount(region_of_firm, weights=firms, minlength=x.size) / firms.sum()
    plants = firms / firms.sum()
    h, g = float((plants**2).sum()), float(((s - x) ** 2).sum())
    spread = 1.0 - float((x**2).sum())
    gamma = (g - spread * h) / (spread * (1.0 - h))
    x2, x3 = float((x**2).sum()), float((x**3).sum())
    variance = 2.0 * (h**2 * (x2 - 2.0 * x3 + x2**2) - float((plants**4).sum()) * (x2 - 4.0 * x3 + 3.0 * x2**2))
    return EllisonGlaeser(gamma, g, h, (g - spread * h) / float(np.sqrt(variance)))
