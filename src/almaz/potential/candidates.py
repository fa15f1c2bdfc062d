"""Which clusters of a region are candidates: traded, present, and specialised as far as the data can tell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from almaz.clusters.portfolio import Portfolio
from almaz.clusters.rules import column

FloatArray: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True)
class CandidateOptions:
    """quotient: what a candidate's quotient must at least possibly reach; most: candidates of a region, the highest first;
    local: whether clusters that serve their own region alone may be candidates."""

    quotient: float = 1.0
    most: int = 12
    local: bool = False


@dataclass(frozen=True)
class Candidates:
    """chosen: (regions, clusters); present: where the cluster is there at all; sizes and quotients are the portfolio's."""

    regions: tuple[str, ...]
    clusters: tuple[str, ...]
    chosen: npt.NDArray[np.bool_]
    present: npt.NDArray[np.bool_]

    def places(self) -> Iterator[tuple[str, str, tuple[int, int]]]:
        """Region, cluster and place of every candidate, in the order of the regions."""
        for r, c in zip(*np.nonzero(self.chosen), strict=True):
            yield self.regions[r], self.clusters[c], (int(r), int(c))


def candidates(portfolio: Portfolio, measure: str, options: CandidateOptions) -> Candidates:
    """The candidates of every region: those whose quotient reaches `options.quotient`, or could within its sampling interval and
    the bounds of hidden cells; the highest quotients first, at most `options.most`.
    """
    size, quotient = column(portfolio, measure), column(portfolio, "lq")
    reach = np.fmax(np.fmax(quotient, column(portfolio, "lq_ci_high")), column(portfolio, "lq_high"))
    kind = np.array([options.local or key[2] == "traded" for key in portfolio.keys])
    present = np.nan_to_num(size) > 0
    possible = present & kind & (np.nan_to_num(reach) >= options.quotient) & (np.nan_to_num(quotient) > 0)
    order = np.argsort(-np.where(possible, quotient, -np.inf), axis=1, kind="stable")
    rank = np.empty_like(order)
    np.put_along_axis(rank, order, np.broadcast_to(np.arange(order.shape[1]), order.shape), axis=1)
    clusters = tuple(key[0] for key in portfolio.keys)
    return Candidates(portfolio.regions, clusters, possible & (rank < options.most), present)
