"""How unevenly an amount is spread: one number for a list of values, with or without weights.

Every function works along one axis of an array of any shape. `weights` has either as many dimensions as the values, or
fewer: then its last axis lies along `axis` and its leading axes broadcast. An unknown value (NaN) makes the number unknown.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.special import entr

FloatArray: TypeAlias = npt.NDArray[np.float64]


def shares(values: npt.ArrayLike, axis: int = -1) -> FloatArray:
    """Each value as a share of the sum along the axis; NaN where the sum is zero or not known.

    values: any shape, any additive unit. Returns the same shape.
    """
    array = np.asarray(values, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(array / array.sum(axis=axis, keepdims=True))


def herfindahl(values: npt.ArrayLike, axis: int = -1, *, normalised: bool = False) -> FloatArray:
    """How few share the whole: H = Σ s², from 1/n (even) to 1 (all in one).

    values: (..., n, ...), axis −1 for regions over industries, −2 for industries over regions; normalised:
    (H − 1/n) / (1 − 1/n), from 0 to 1. Returns values' shape without the axis. Source: Herfindahl (1950); Hirschman (1964).
    """
    array = np.asarray(values, dtype=np.float64)
    index = np.asarray((shares(array, axis) ** 2).sum(axis=axis))
    if not normalised:
        return index
    even = 1.0 / array.shape[axis]
    return np.asarray((index - even) / (1.0 - even))


def entropy(values: npt.ArrayLike, axis: int = -1, *, base: float = 2.0) -> FloatArray:
    """How evenly the whole is spread: −Σ s log s with 0 log 0 = 0, from 0 (all in one) to log n (even), in bits by default.

    values: (..., n, ...). Returns values' shape without the axis. Source: Shannon (1948).
    """
    return np.asarray(entr(shares(values, axis)).sum(axis=axis) / np.log(base))


def gini(
    values: npt.ArrayLike, weights: npt.ArrayLike | None = None, axis: int = -1, *, normalised: bool = False
) -> FloatArray:
    """Twice the area between the line of evenness and the Lorenz curve: 0 (even) to 1 − 1/n.

        G = 1 − Σ_k w_k (L_k + L_{k−1}),  L the cumulated shares of w·x, sorted by x;  w = 1/n without weights

    values: (..., n, ...), not negative; weights: how many stand behind each value (class sizes, population);
    normalised: times n/(n − 1), only without weights (ValueError). Returns values' shape without the axis.
    Source: Gini (1912); with classes Dörsam (2004), pp. 44–48.
    """
    array = np.asarray(values, dtype=np.float64)
    if weights is None:
        ordered = np.sort(np.moveaxis(array, axis, -1), axis=-1)
        n = ordered.shape[-1]
        with np.errstate(divide="ignore", invalid="ignore"):
            index = ordered @ (2.0 * np.arange(1, n + 1) - n - 1) / (n * ordered.sum(axis=-1))
        return np.asarray(index * n / (n - 1) if normalised else index)
    if normalised:
        raise ValueError("a weighted Gini coefficient has no normalisation by n/(n - 1)")
    known = _along(weights, array, axis)
    return hoover_gini(array * known, known, axis)


def hoover_gini(amounts: npt.ArrayLike, reference: npt.ArrayLike, axis: int = -2) -> FloatArray:
    """Gini coefficient of amounts against a reference: both cumulated in the order of amount per reference. 0 to 1.

        G = 1 − Σ_k (F_k − F_{k−1})(L_k + L_{k−1}),  L cumulated shares of amounts, F of the reference

    amounts: (..., regions, industries) with the default axis −2; reference: (..., regions), population or all activity, not
    negative. Returns (..., industries). Places with neither are left out of the curve.
    Source: Hoover (1936). EconGeo's Hoover.Gini is this number to three decimals.
    """
    array = np.asarray(amounts, dtype=np.float64)
    against = np.moveaxis(np.broadcast_to(_along(reference, array, axis), array.shape), axis, -1)
    array = np.moveaxis(array, axis, -1)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where((array == 0) & (against == 0), 0.0, array / against)
    order = np.argsort(ratio, axis=-1, kind="stable")
    spread = np.take_along_axis(shares(array), order, axis=-1)
    width = np.take_along_axis(shares(against), order, axis=-1)
    height = np.cumsum(spread, axis=-1)
    return np.asarray(1.0 - (width * (2.0 * height - spread)).sum(axis=-1))


def hoover_index(values: npt.ArrayLike, weights: npt.ArrayLike | None = None, axis: int = -1) -> FloatArray:
    """Share of the whole that would have to move to follow the weights: ½ Σ |x/X − w/W|, 0 to 1.

    values: (..., n, ...); weights: population, all activity; without them every place weighs the same. Returns values' shape
    without the axis. EconGeo gives 100 times this number, rounded. Source: Hoover (1936); also Robin Hood index.
    """
    array = np.asarray(values, dtype=np.float64)
    against = np.ones(array.shape[axis]) if weights is None else weights
    return np.asarray(0.5 * np.abs(shares(array, axis) - shares(_along(against, array, axis), axis)).sum(axis=axis))


def theil(
    values: npt.ArrayLike, weights: npt.ArrayLike | None = None, axis: int = -1, *, kind: Literal["T", "L"] = "T"
) -> FloatArray:
    """Theil's inequality, by entropy: 0 (even) upwards.

        T = Σ w (x/μ) ln(x/μ), at most ln n;   L = Σ w ln(μ/x), the mean logarithmic deviation, infinite with a zero

    values: (..., n, ...), not negative; weights: as shares w; without them w = 1/n; μ = Σ w x.
    REAT's theil is kind L. Returns values' shape without the axis. Source: Theil (1967), ch. 4.
    """
    relative, share = _relative(values, weights, axis)
    if kind == "T":
        return np.asarray((share * -entr(relative)).sum(axis=axis))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(-(share * np.log(relative)).sum(axis=axis))


def atkinson(
    values: npt.ArrayLike, epsilon: float = 0.5, weights: npt.ArrayLike | None = None, axis: int = -1
) -> FloatArray:
    """Share of the whole that a society averse to inequality (ε) would give up for an even spread. 0 to 1.

        A = 1 − [Σ w (x/μ)^(1−ε)]^(1/(1−ε));  ε = 1: 1 − Π (x/μ)^w

    values: (..., n, ...), not negative; epsilon: ≥ 0 (ValueError otherwise); weights as in theil. Returns values' shape
    without the axis. Source: Atkinson (1970).
    """
    if epsilon < 0:
        raise ValueError(f"aversion to inequality cannot be negative: {epsilon}")
    relative, share = _relative(values, weights, axis)
    with np.errstate(divide="ignore", invalid="ignore"):
        if epsilon == 1:
            return np.asarray(1.0 - np.exp((share * np.log(relative)).sum(axis=axis)))
        return np.asarray(1.0 - (share * relative ** (1.0 - epsilon)).sum(axis=axis) ** (1.0 / (1.0 - epsilon)))


def williamson(
    values: npt.ArrayLike,
    population: npt.ArrayLike,
    axis: int = -1,
    *,
    convention: Literal["williamson", "reat"] = "williamson",
) -> FloatArray:
    """Population-weighted coefficient of variation between regions: √(Σ w (x − x̄)²) / x̄, w = p/P, x̄ = Σ w x.

    values: (..., regions, ...), per head; population: (..., regions); convention: `reat` takes deviations from the plain mean of
    the regions and divides by the weighted one, as the R package REAT does. Returns values' shape without the axis.
    Source: Williamson (1965); Gluschenko (2018) on the choice.
    """
    array = np.asarray(values, dtype=np.float64)
    share = shares(_along(population, array, axis), axis)
    mean = (share * array).sum(axis=axis, keepdims=True)
    middle = mean if convention == "williamson" else array.mean(axis=axis, keepdims=True)
    spread = np.sqrt((share * (array - middle) ** 2).sum(axis=axis))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(spread / np.abs(mean.squeeze(axis)))


def _relative(values: npt.ArrayLike, weights: npt.ArrayLike | None, axis: int) -> tuple[FloatArray, FloatArray]:
    """Values over their mean, and the weights as shares."""
    array = np.asarray(values, dtype=np.float64)
    against = np.ones(array.shape[axis]) if weights is None else weights
    share = shares(_along(against, array, axis), axis)
    with np.errstate(divide="ignore", invalid="ignore"):
        return array / (share * array).sum(axis=axis, keepdims=True), share


def _along(weights: npt.ArrayLike, array: FloatArray, axis: int) -> FloatArray:
    """Weights with their last axis laid along the axis of the array."""
    against = np.asarray(weights, dtype=np.float64)
    if against.ndim < array.ndim:
        behind = -axis - 1 if axis < 0 else array.ndim - axis - 1
        against = against.reshape(against.shape + (1,) * behind)
    if against.shape[axis] != array.shape[axis]:
        raise ValueError(f"{against.shape[axis]} weights for {array.shape[axis]} values")
    return against
