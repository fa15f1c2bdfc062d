"""Economic complexity of regions and industries: eigenvector indices, reflections, fitness."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from almaz.measures.presence import KnownPresence, known_presence

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class EconomicComplexity:
    """eci: (..., regions), mean 0 and standard deviation 1; pci: (..., industries), on the same scale.

    eigenvalue: (...), the second one, in [0, 1]: how much of the pattern the index carries; towards 1 the
    network falls apart into separate groups. gap: (...), its distance to the nearer of its neighbours; near 0 the
    index is not determined.
    """

    eci: FloatArray
    pci: FloatArray
    eigenvalue: FloatArray
    gap: FloatArray


@dataclass(frozen=True)
class Reflections:
    """regions: (..., regions), industries: (..., industries), after the chosen number of reflections."""

    regions: FloatArray
    industries: FloatArray


@dataclass(frozen=True)
class Fitness:
    """fitness: (..., regions), complexity: (..., industries), each of mean 1; iterations made; converged: settled."""

    fitness: FloatArray
    complexity: FloatArray
    iterations: NDArray[np.int64]
    converged: NDArray[np.bool_]


def economic_complexity(presence: ArrayLike) -> EconomicComplexity:
    """Economic complexity index of regions (ECI) and of industries (PCI), by eigenvector.

        PCI: second eigenvector of  U^-1 M' D^-1 M      D = diag(diversity = row sums), U = diag(ubiquity = column sums)
        ECI = D^-1 M PCI,                               then both less mean(ECI), over the standard deviation of ECI

    so that a region's ECI is the mean PCI of the industries it has. The sign makes ECI rise with diversity
    (correlation over regions; where it is zero, the largest ECI in size is positive). Computed on the symmetric form
    and on the smaller of the two sides. presence: M, (..., regions, industries), 0 or 1, NaN for regions and
    industries unknown throughout; years or draws lead. NaN for a region or industry that is unknown or has nothing,
    and throughout where the index is not determined: the network falls apart into groups without a tie (eigenvalue 1),
    or the second eigenvalue is not single (gap below 1e-9). ValueError: single unknown cells.
    Source: Hidalgo & Hausmann (2009), PNAS 106(26), 10570-10575; Hausmann et al. (2014), The Atlas of Economic
    Complexity, technical box 2.2; scale of PCI as in the Growth Lab's ecomplexity.
    """
    matrix = np.asarray(presence, np.float32)
    years, regions, industries = matrix.shape[:-2], matrix.shape[-2], matrix.shape[-1]
    eci, pci = np.full((*years, regions), np.nan), np.full((*years, industries), np.nan)
    eigenvalue, gap = np.full(years, np.nan), np.full(years, np.nan)
    for year in np.ndindex(years):
        used = _occupied(known_presence(matrix[year]))
        if min(used.matrix.shape) < 2:
            continue
        found = _second_eigenvector(used.matrix.astype(np.float64))
        eci[(*year, used.regions)], pci[(*year, used.industries)], eigenvalue[year], gap[year] = found
    return EconomicComplexity(eci, pci, eigenvalue, gap)


def _occupied(known: KnownPresence) -> KnownPresence:
    """Without the regions that have nothing and the industries that are nowhere."""
    some, anywhere = known.matrix.sum(axis=1) > 0, known.matrix.sum(axis=0) > 0
    regions, industries = known.regions.copy(), known.industries.copy()
    regions[known.regions], industries[known.industries] = some, anywhere
    return KnownPresence(known.matrix[np.ix_(some, anywhere)], regions, industries)


def _second_eigenvector(matrix: FloatArray) -> tuple[FloatArray, FloatArray, float, float]:
    diversity, ubiquity = matrix.sum(axis=1), matrix.sum(axis=0)
    symmetric = matrix / np.sqrt(diversity)[:, None]
    symmetric /= np.sqrt(ubiquity)
    fewer_regions = matrix.shape[0] < matrix.shape[1]
    square = symmetric @ symmetric.T if fewer_regions else symmetric.T @ symmetric
    # NumPy's and not SciPy's solver: SciPy brings its own BLAS threads, which contend with those of the product above.
    values, vectors = np.linalg.eigh(square)
    second = float(min(max(values[-2], 0.0), 1.0))
    third = float(values[-3]) if values.size > 2 else 0.0
    gap = min(1.0 - second, second - third)
    if gap < 1e-9:
        return np.full(len(diversity), np.nan), np.full(len(ubiquity), np.nan), second, max(gap, 0.0)
    eigenvector = vectors[:, -2] / np.sqrt(diversity if fewer_regions else ubiquity)
    pci = matrix.T @ eigenvector / ubiquity if fewer_regions else eigenvector
    eci = matrix @ pci / diversity
    sign = _sign(eci, diversity)
    mean, deviation = eci.mean(), eci.std()
    return sign * (eci - mean) / deviation, sign * (pci - mean) / deviation, second, gap


def _sign(eci: FloatArray, diversity: FloatArray) -> float:
    centred = diversity - diversity.mean()
    agreement = float(centred @ (eci - eci.mean()))
    scale = float(np.linalg.norm(centred) * np.linalg.norm(eci - eci.mean()))
    if abs(agreement) > 1e-9 * scale:
        return float(np.sign(agreement))
    return float(np.sign(eci[np.argmax(np.abs(eci - eci.mean()))] - eci.mean()))


def method_of_reflections(presence: ArrayLike, steps: int) -> Reflections:
    """Diversity and ubiquity, averaged back and forth over the network.

        k_r(0) = sum_i M[r, i],   k_r(n) = sum_i M[r, i] k_i(n - 1) / k_r(0)
        k_i(0) = sum_r M[r, i],   k_i(n) = sum_r M[r, i] k_r(n - 1) / k_i(0)

    presence: M, (..., regions, industries), as in `economic_complexity`; steps: n >= 0. Even steps of a region refine
    its diversity, odd ones tell the ubiquity of what it has; values close up as n grows, and their standardised form
    tends to the ECI. NaN for a region or an industry that is unknown or has nothing. ValueError: steps < 0.
    Source: Hidalgo & Hausmann (2009), PNAS 106(26), 10570-10575, eq. 2-4.
    """
    if steps < 0:
        raise ValueError(f"the number of reflections is 0 or more, not {steps}")
    matrix = np.asarray(presence, np.float32)
    regions = np.full(matrix.shape[:-1], np.nan)
    industries = np.full((*matrix.shape[:-2], matrix.shape[-1]), np.nan)
    for year in np.ndindex(matrix.shape[:-2]):
        used = _occupied(known_presence(matrix[year]))
        ties = used.matrix.astype(np.float64)
        diversity, ubiquity = ties.sum(axis=1), ties.sum(axis=0)
        of_region, of_industry = diversity, ubiquity
        for _ in range(steps):
            of_region, of_industry = ties @ of_industry / diversity, of_region @ ties / ubiquity
        regions[(*year, used.regions)], industries[(*year, used.industries)] = of_region, of_industry
    return Reflections(regions, industries)


def fitness(presence: ArrayLike, *, iterations: int = 1000, tolerance: float = 1e-9) -> Fitness:
    """Fitness of regions and complexity of industries, where an industry is as simple as its weakest region shows.

        F_r <- sum_i M[r, i] Q_i,   Q_i <- 1 / sum_r (M[r, i] / F_r),   each divided by its mean, from F = Q = 1

    presence: M, (..., regions, industries), as in `economic_complexity`. Stops when no F moves by more than
    `tolerance`, or after `iterations`; `converged` tells which. Some patterns send the F of whole groups of regions
    towards 0 ever more slowly: their order settles long before their values. NaN for a region or an industry that is
    unknown or has nothing. ValueError: fewer than one iteration.
    Source: Tacchella, Cristelli, Caldarelli, Gabrielli & Pietronero (2012), Scientific Reports 2, 723; convergence:
    Pugliese, Zaccaria & Pietronero (2016), European Physical Journal Special Topics 225.
    """
    if iterations < 1:
        raise ValueError(f"at least one iteration is needed, not {iterations}")
    matrix = np.asarray(presence, np.float32)
    years = matrix.shape[:-2]
    fit, complexity = np.full(matrix.shape[:-1], np.nan), np.full((*years, matrix.shape[-1]), np.nan)
    made, converged = np.zeros(years, np.int64), np.zeros(years, np.bool_)
    for year in np.ndindex(years):
        used = _occupied(known_presence(matrix[year]))
        found = _fitness(used.matrix.astype(np.float64), iterations, tolerance)
        fit[(*year, used.regions)], complexity[(*year, used.industries)], made[year], converged[year] = found
    return Fitness(fit, complexity, made, converged)


def _fitness(ties: FloatArray, iterations: int, tolerance: float) -> tuple[FloatArray, FloatArray, int, bool]:
    fit, complexity = np.ones(ties.shape[0]), np.ones(ties.shape[1])
    if ties.size == 0:
        return fit, complexity, 0, True
    for step in range(1, iterations + 1):
        new = ties @ complexity
        # Below the smallest float an F of 0 would make 1 / F infinite; its industries are then as simple as can be.
        complexity = 1.0 / ((1.0 / np.maximum(fit, np.finfo(np.float64).tiny)) @ ties)
        new, complexity = new / new.mean(), complexity / complexity.mean()
        moved = float(np.abs(new - fit).max())
        fit = new
        if moved <= tolerance:
            return fit, complexity, step, True
    return fit, complexity, iterations, False
