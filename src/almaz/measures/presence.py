"""Which industries a region has: the 0-1 matrix on which co-occurrence and complexity stand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
PresenceArray = NDArray[np.float32]


@dataclass(frozen=True)
class KnownPresence:
    """One presence matrix without what is wholly unknown.

    matrix: (known regions, known industries), 0 or 1; regions, industries: which rows and columns of the original.
    """

    matrix: PresenceArray
    regions: NDArray[np.bool_]
    industries: NDArray[np.bool_]


def presence_matrix(quotient: ArrayLike, threshold: ArrayLike = 1.0) -> PresenceArray:
    """1 where a region is specialised in an industry, 0 where it is not, NaN where that is not known.

        M = [LQ >= threshold]

    quotient: (..., regions, industries), location quotients; threshold: a scalar, or an array that broadcasts.
    Returns float32 of the same shape: products of such matrices are exact up to 2^24 regions, at half the memory.
    Source: Balassa (1965); Hidalgo, Klinger, Barabási & Hausmann (2007), Science 317, 482-487.
    """
    values = np.asarray(quotient, np.float64)
    present = (values >= np.asarray(threshold, np.float64)).astype(np.float32)
    present[np.isnan(values)] = np.nan
    return present


def known_presence(matrix: ArrayLike) -> KnownPresence:
    """One year's matrix without the regions and industries of which nothing is known.

    matrix: (regions, industries), 0, 1 or NaN (bool will do). A region or an industry that is unknown throughout (an
    empty one, say) is left out. ValueError: other values than 0, 1 and NaN, or single unknown cells: whether a
    hidden cell is a presence must be decided by an estimate or by draws, not by taking it for a zero.
    """
    values = np.asarray(matrix, np.float32)
    unknown = np.isnan(values)
    regions, industries = np.asarray(~unknown.all(axis=1)), np.asarray(~unknown.all(axis=0))
    kept = values[np.ix_(regions, industries)]
    missing = int(np.isnan(kept).sum())
    if missing:
        raise ValueError(f"presence is unknown in {missing} cells: estimate them, or compute on draws")
    if not np.all((kept == 0.0) | (kept == 1.0)):
        raise ValueError("a presence is 0, 1 or NaN")
    return KnownPresence(kept, regions, industries)
