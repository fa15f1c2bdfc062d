"""How many independent draws stand behind an employment share: establishments, not employees."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Counts:
    """Employment and the establishments that carry it, arrays of one shape.

    employment: persons, NaN = not known. establishments: number, may be a mean over quarters and so not whole;
    None says that every employee is a draw of his own, which makes every interval too narrow.
    """

    employment: FloatArray
    establishments: FloatArray | None = None

    def draws(self) -> FloatArray:
        """The number of independent draws: establishments, or employees where no establishments were given."""
        return self.employment if self.establishments is None else self.establishments


def effective_n(
    cell: Counts,
    total: Counts,
    *,
    typical_size: ArrayLike | None = None,
    size_variation: ArrayLike = 0.0,
) -> FloatArray:
    """The number of trials n for which the employment share of a cell behaves like a binomial share.

    All employees of an establishment are in one industry, so their intraclass correlation is one and Kish's design
    effect is the size of the establishment. Employment of the cell (a) and of the rest of its region (b) are two
    independent sums over establishments; with k = establishments / (1 + v) the log-odds of the share
    p = e_a / (e_a + e_b) vary by 1 / k_a + 1 / k_b, and a binomial share with n trials by 1 / (n p (1 - p)). Hence

        n = 1 / (p (1 - p) (1 / k_a + 1 / k_b)),   about k_a / p for a small share;
        n = employment of the region / (typical_size (1 + v))   where the cell is empty;
        n = k_a                                                  where the cell is the whole region.

    cell, total: arrays that broadcast, total the region that holds the cell (cells without establishments: employees
    are the draws and n is the employment of the region). typical_size: persons per establishment of the industry in
    the reference economy, used where the cell is empty; by default the region's own mean size.
    size_variation: v, the squared coefficient of variation of establishment sizes, see `size_variation`.
    Returns n, broadcast shape; NaN where anything is unknown, where a region is empty, or where employment and
    establishments contradict each other (employment without an establishment). ValueError: negative counts, or a
    cell larger than its region.
    Source: Kish (1965), Survey Sampling, ch. 5 and 8; establishments as the draws behind a location quotient:
    Guimarães, Figueiredo & Woodward (2009), Regional Science and Urban Economics 39(3), 360-364.
    """
    region, draws, region_draws = total.employment, cell.draws(), total.draws()
    _refuse_impossible(cell.employment, region)
    _refuse_impossible(draws, region_draws)
    spread = 1.0 + np.asarray(size_variation, np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = employment_share(cell, total)
        between = spread / draws + spread / (region_draws - draws)
        n = 1.0 / (share * (1.0 - share) * between)
        size = region / region_draws if typical_size is None else np.asarray(typical_size, np.float64)
        n = np.where(share == 0.0, region / (size * spread), n)
        n = np.where(share == 1.0, draws / spread, n)
        return np.where((n > 0.0) & np.isfinite(n), n, np.nan)


def employment_share(cell: Counts, total: Counts) -> FloatArray:
    """Employment of the cell in employment of its region, 1 exactly where only rounding keeps the cell from filling it.

    Shapes as in `effective_n`; NaN where unknown or where the region is empty.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        share = cell.employment / total.employment
    return np.where(share > 1.0 - 1e-12, 1.0, share)


def _refuse_impossible(part: FloatArray, whole: FloatArray) -> None:
    """Raise where a count is negative or a part exceeds its whole by more than rounding."""
    if np.any(part < 0.0) or np.any(whole < 0.0):
        raise ValueError("a number of employees or establishments is negative")
    excess = int(np.count_nonzero(part > whole * (1.0 + 1e-9) + 1e-9))
    if excess:
        raise ValueError(f"{excess} cells are larger than the region that holds them")


def size_variation(employment: FloatArray, establishments: FloatArray) -> FloatArray:
    """Squared coefficient of variation of establishment sizes per industry, from the mean sizes of its cells.

    The mean size b_r = e_r / m_r of m_r establishments varies by s² / m_r around the industry's size b, so

        v = sum_r m_r (b_r - b)² / ((R - 1) b²),   b = sum_r e_r / sum_r m_r,

    over the R regions whose cell is known and not empty. Regions in which the industry truly has larger
    establishments add to v: it errs towards wider intervals. employment (persons), establishments (number):
    (regions, industries), NaN = not known. Returns (industries,), never negative; NaN with fewer than two regions.
    Source: Cochran (1977), Sampling Techniques, ch. 9 (variance of a mean per element from whole clusters).
    """
    known = np.isfinite(employment) & (establishments > 0.0) & (employment > 0.0)
    units = np.where(known, establishments, 0.0)
    persons = np.where(known, employment, 0.0)
    regions = known.sum(axis=-2)
    with np.errstate(divide="ignore", invalid="ignore"):
        size = persons.sum(axis=-2) / units.sum(axis=-2)
        mean_size = np.where(known, persons / units, 0.0)
        deviation = np.where(known, mean_size / size[..., None, :] - 1.0, 0.0)
        variation = (units * deviation**2).sum(axis=-2) / (regions - 1)
    return np.where(regions >= 2, variation, np.nan)
