"""A region's table from the country's: what share of each purchase the region can meet itself, judged by location quotients."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float64]


def simple_trading_share(quotient: FloatArray) -> FloatArray:
    """The share of purchases from each industry that the region meets itself, by the simple location quotient.

        t[i, j] = min(1, LQ[i])  for every buyer j

    quotient: (..., n). Returns (..., n, n). Source: Schaffer and Chu (1969); Miller and Blair (2009), eq. 8.3.
    """
    rows = np.minimum(quotient, 1.0)[..., :, None]
    return np.array(np.broadcast_to(rows, (*quotient.shape, quotient.shape[-1])))


def cross_industry_quotient(supplier: FloatArray, buyer: FloatArray | None = None) -> FloatArray:
    """How large a region's supplying industry is beside its buying one, each measured by its location quotient.

        CILQ[i, j] = LQ[i] / LQ[j],   LQ[i] itself on the diagonal

    supplier, buyer: (..., n) location quotients, buyer by default the same (give two to carry bounds: low over high).
    Returns (..., n, n); 0 where the supplier is absent, inf where only the buyer is. Source: Flegg, Webber and Elliott (1995).
    """
    bought = supplier if buyer is None else buyer
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = supplier[..., :, None] / bought[..., None, :]
    ratio = np.where(supplier[..., :, None] == 0, 0.0, ratio)
    n = supplier.shape[-1]
    ratio[..., np.arange(n), np.arange(n)] = supplier
    return ratio


def size_factor(size: npt.ArrayLike, delta: float) -> FloatArray:
    """How much of its purchases a region of this size keeps: small regions import more.

        λ = log₂(1 + size)^δ,   0 ≤ δ < 1

    size: any shape, the region's share of the country's employment or output (0 … 1); delta: 0 = size does not matter. Raises
    ValueError outside. Source: Flegg and Webber (1997), eq. 3; δ ≈ 0.3 there, 0.2 … 0.4 in later surveys.
    """
    share = np.asarray(size, dtype=np.float64)
    if not 0 <= delta < 1 or np.any((share < 0) | (share > 1)):
        raise ValueError("δ must be in [0, 1) and the size a share of the country")
    return np.asarray(np.log2(1.0 + share) ** delta)


def flegg_quotient(
    supplier: FloatArray, size: npt.ArrayLike, delta: float, buyer: FloatArray | None = None, *, augmented: bool = False
) -> FloatArray:
    """Flegg's location quotient: the cross-industry quotient made smaller for small regions.

        FLQ[i, j] = CILQ[i, j] λ;   augmented: × log₂(1 + LQ[j]) where LQ[j] > 1 (AFLQ)

    supplier, buyer: as in `cross_industry_quotient`; size: (...), the region's share of the country; delta: as in `size_factor`.
    Returns (..., n, n), not yet cut at 1: see `trading_share`. Falls as δ rises; never above CILQ unless augmented.
    Source: Flegg and Webber (1997); augmented: Flegg and Webber (2000).
    """
    quotient = cross_industry_quotient(supplier, buyer) * size_factor(size, delta)[..., None, None]
    if augmented:
        bought = supplier if buyer is None else buyer
        factor = np.where(bought > 1, np.log2(1.0 + np.maximum(bought, 1.0)), 1.0)
        quotient = quotient * factor[..., None, :]
    return quotient


def trading_share(quotient: FloatArray) -> FloatArray:
    """The share of each purchase that the region meets itself: the quotient cut at 1. Any shape; NaN stays NaN.

    A quotient of 1 or more says that the region has enough; what it has too much is sold outside and changes nothing here.
    """
    return np.minimum(quotient, 1.0)


def regional_coefficients(coefficients: FloatArray, share: FloatArray) -> FloatArray:
    """A region's own input coefficients: r[i, j] = t[i, j] a[i, j].

    coefficients: (n, n), the country's domestic technical coefficients (the same technique is assumed everywhere); share:
    (..., n, n) of `trading_share`. Returns (..., n, n). Source: Miller and Blair (2009), eq. 8.1.
    """
    return coefficients * share
