"""Value chains from an input–output table: what an industry needs, directly and through its suppliers, and how far it reaches.

Rows sell, columns buy. Everywhere `flows` is (..., industries, industries) in money and `output` (..., industries) in the same
unit; leading axes (years, countries) are carried along.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float64]


def technical_coefficients(flows: FloatArray, output: FloatArray) -> FloatArray:
    """What an industry buys from every supplier per unit of its own output.

        A[i, j] = flows[i, j] / output[j]

    Returns the shape of flows; a column of zeros where an industry neither produces nor buys. Raises ValueError where an
    industry buys but has no output. Source: Leontief (1936); Miller and Blair (2009), eq. 2.4.
    """
    return _shares(flows, output[..., None, :], "buys")


def allocation_coefficients(flows: FloatArray, output: FloatArray) -> FloatArray:
    """What share of its output an industry sells to every buyer.

        B[i, j] = flows[i, j] / output[i]

    Shapes and errors as in `technical_coefficients`. Source: Ghosh (1958); Miller and Blair (2009), eq. 12.1.
    """
    return _shares(flows, output[..., :, None], "sells")


def _shares(flows: FloatArray, whole: FloatArray, verb: str) -> FloatArray:
    if np.any((whole == 0) & (flows != 0)):
        raise ValueError(f"an industry without output {verb}")
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(whole == 0, 0.0, flows / whole)


def leontief_inverse(coefficients: FloatArray) -> FloatArray:
    """What must be produced everywhere for one unit of final demand: the total requirements.

        L = (I − A)⁻¹ = I + A + A² + …

    coefficients: (..., industries, industries), of `technical_coefficients`. Returns the same shape.
    Raises ValueError where the chain does not end: I − A has no inverse, or A ≥ 0 and its inverse is not (Hawkins, Simon).
    Source: Leontief (1936); Miller and Blair (2009), eq. 2.10.
    """
    return _inverse(coefficients)


def ghosh_inverse(allocation: FloatArray) -> FloatArray:
    """Where a unit of primary input ends, through all buyers: G = (I − B)⁻¹, of `allocation_coefficients`.

    Shapes and errors as in `leontief_inverse`. Source: Ghosh (1958); Miller and Blair (2009), eq. 12.3.
    """
    return _inverse(allocation)


def _inverse(coefficients: FloatArray) -> FloatArray:
    size = coefficients.shape[-1]
    try:
        inverse = np.linalg.inv(np.eye(size) - coefficients)
    except np.linalg.LinAlgError:
        raise ValueError("the chain does not end: I − A has no inverse") from None
    negative = (inverse.min(axis=(-2, -1)) < -1e-9) & (coefficients.min(axis=(-2, -1)) >= 0)
    if not np.isfinite(inverse).all() or negative.any():
        raise ValueError("the chain does not end: an industry uses up more than it makes")
    return np.asarray(inverse)


def backward_linkage(inverse: FloatArray, *, normalised: bool = False) -> FloatArray:
    """How much output all industries must give for a unit of this one's final demand: column sums of the Leontief inverse.

        BL[j] = Σ_i L[i, j];   normalised: BL[j] / mean(BL), above 1 = pulls more than the average ("power of dispersion")

    inverse: (..., n, n). Returns (..., n). Also the number of production stages embodied in the product (Fally 2012).
    Source: Rasmussen (1957), ch. 8.
    """
    return _relative(inverse.sum(axis=-2), normalised)


def forward_linkage(inverse: FloatArray, *, normalised: bool = False) -> FloatArray:
    """How much output of all industries a unit of this one's primary input supports: row sums of the Ghosh inverse.

        FL[i] = Σ_j G[i, j];   normalised as in `backward_linkage` ("sensitivity of dispersion")

    inverse: (..., n, n), the Ghosh inverse; Rasmussen's own, older form takes the row sums of the Leontief inverse instead: pass
    that to get it. Returns (..., n). Source: Rasmussen (1957), ch. 8; Jones (1976) for Ghosh.
    """
    return _relative(inverse.sum(axis=-1), normalised)


def _relative(linkage: FloatArray, normalised: bool) -> FloatArray:
    return np.asarray(linkage / linkage.mean(axis=-1, keepdims=True)) if normalised else linkage


def linkage_spread(inverse: FloatArray, *, forward: bool = False) -> FloatArray:
    """How unevenly an industry's pull falls on the others: the coefficient of variation of its column (forward: its row).

        V[j] = sd_i(L[i, j]) / mean_i(L[i, j]),  sd with n − 1

    inverse: (..., n, n). Returns (..., n). A key industry has a high linkage and a low spread. Source: Rasmussen (1957).
    """
    axis = -1 if forward else -2
    return inverse.std(axis=axis, ddof=1) / inverse.mean(axis=axis)


def upstreamness(
    flows: FloatArray,
    output: FloatArray,
    *,
    exports: FloatArray | float = 0.0,
    imports: FloatArray | float = 0.0,
    inventories: FloatArray | float = 0.0,
) -> FloatArray:
    """How many steps an industry's product is from final use, on average: 1 = all of it goes to final users.

        U = (I − Δ)⁻¹ 1,   Δ[i, j] = flows[i, j] / (output[i] − exports[i] + imports[i] − inventories[i])

    flows: all uses, imported ones too where trade is given (and domestic ones alone where it is not); inventories: net change.
    The correction assumes that products that are exported or stored go the way of those used at home. Returns (..., n); NaN
    where an industry has no product to use at home. Source: Antràs, Chor, Fally and Hillberry (2012), eq. 2 and 5; Fally (2012).
    """
    used = np.asarray(output - exports + imports - inventories, dtype=np.float64)
    known = used > 0
    shares = np.where(known[..., :, None], flows / np.where(known, used, 1.0)[..., :, None], 0.0)
    ones = np.ones((*shares.shape[:-1], 1))
    steps = np.linalg.solve(np.eye(shares.shape[-1]) - shares, ones)[..., 0]
    return np.where(known, steps, np.nan)


def downstreamness(flows: FloatArray, output: FloatArray) -> FloatArray:
    """How many steps of production stand before an industry's product, on average: 1 = primary inputs alone.

        D = 1' (I − A)⁻¹

    Equal to the backward linkage of the same flows: the number of stages and the output multiplier are one number.
    flows, output: as in `technical_coefficients`. Returns (..., n). Source: Fally (2012); Miller and Temurshoev (2017).
    """
    coefficients = technical_coefficients(flows, output)
    ones = np.ones((*coefficients.shape[:-1], 1))
    return np.asarray(np.linalg.solve(np.eye(coefficients.shape[-1]) - np.swapaxes(coefficients, -1, -2), ones)[..., 0])


def average_propagation_length(inverse: FloatArray) -> FloatArray:
    """In how many steps a change in one industry's demand reaches another, on average.

        APL = H / (L − I),   H = Σ_k k A^k = L (L − I)

    inverse: (..., n, n), Leontief's; Ghosh's gives the same lengths. Returns the same shape: [i, j] from buyer j back to supplier
    i; NaN where nothing flows between the two. Source: Dietzenbacher, Romero Luna and Bosma (2005), eq. 4–6.
    """
    beyond = inverse - np.eye(inverse.shape[-1])
    weighted = inverse @ beyond
    flowing = np.abs(beyond) > 1e-15
    return np.where(flowing, weighted / np.where(flowing, beyond, 1.0), np.nan)


def backward_length(inverse: FloatArray) -> FloatArray:
    """The mean propagation length from an industry back to all its suppliers, weighted by what they give it.

        Σ_i H[i, j] / Σ_i (L − I)[i, j]

    inverse: (..., n, n), Leontief's. Returns (..., n); NaN where an industry buys nothing. Of a transposed Ghosh inverse it is
    the forward length. Source: Dietzenbacher, Romero Luna and Bosma (2005).
    """
    beyond = inverse - np.eye(inverse.shape[-1])
    steps, weight = (inverse @ beyond).sum(axis=-2), beyond.sum(axis=-2)
    flowing = np.abs(weight) > 1e-15
    return np.where(flowing, steps / np.where(flowing, weight, 1.0), np.nan)


def multipliers(intensity: FloatArray, inverse: FloatArray) -> FloatArray:
    """What a unit of an industry's final demand brings in value added, jobs, tax … along its whole chain.

        m[k, j] = Σ_i intensity[k, i] L[i, j]

    intensity: (n,) or (kinds, n), per unit of output; ones give the output multiplier; inverse: (..., n, n). Returns (..., n) or
    (..., kinds, n). Divided by the intensity itself it is the type I ratio. Source: Miller and Blair (2009), ch. 6.
    """
    return intensity @ inverse


def closed_coefficients(coefficients: FloatArray, wages: FloatArray, consumption: FloatArray) -> FloatArray:
    """The coefficients with households as one more industry, so that wages spent at home bring forth output again.

    coefficients: (n, n); wages: (n,) labour income per unit of output; consumption: (n,) or (n + 1,), spending on each product
    (and on household labour) per unit of income. Returns (n + 1, n + 1); its Leontief inverse gives type II multipliers.
    Source: Miller and Blair (2009), eq. 2.23.
    """
    spending = consumption if consumption.size > wages.size else np.append(consumption, 0.0)
    return np.hstack([np.vstack([coefficients, wages]), spending[:, None]])


def hypothetical_extraction(inverse: FloatArray, output: FloatArray) -> FloatArray:
    """How much output the economy would lose without an industry, its own included: neither buying, selling nor producing.

        loss[k] = output[k] Σ_i L[i, k] / L[k, k]

    All industries at once: the closed form of solving the system anew with row, column and final demand of k left out.
    inverse: (n, n) Leontief's of domestic coefficients; output: (n,) = L f. Returns (n,).
    Source: Paelinck et al. (1965); Miller and Lahr (2001); the closed form by the inverse of a partitioned matrix.
    """
    own = np.diagonal(inverse, axis1=-2, axis2=-1)
    return output * inverse.sum(axis=-2) / own


def group_extraction(inverse: FloatArray, output: FloatArray, group: npt.ArrayLike) -> FloatArray:
    """What every industry would lose in output without a whole group of industries, such as a cluster.

        loss = L[:, S] L[S, S]⁻¹ output[S]

    inverse: (n, n), Leontief's; output: (n,) = L f; group: indices or mask S. Returns (n,), inside the group its output.
    Source: as in `hypothetical_extraction`.
    """
    chosen = np.atleast_1d(np.asarray(group))
    columns = inverse[:, chosen]
    return columns @ np.linalg.solve(columns[chosen], output[chosen])
