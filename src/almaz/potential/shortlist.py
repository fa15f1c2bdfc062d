"""Which candidates first? Those that no other beats on every count, then a weighted order with the ranks it could have been."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from almaz.clusters.portfolio import Portfolio
from almaz.clusters.rules import column
from almaz.measures.quantiles import percentile_place, place_among
from almaz.potential.candidates import Candidates
from almaz.potential.sides import ADVANTAGES, DRAWBACKS, SidesOptions, sides

FloatArray: TypeAlias = npt.NDArray[np.float64]
BoolArray: TypeAlias = npt.NDArray[np.bool_]

CRITERIA: Final = ("specialisation", "size", "growth", "productivity", "potential")


@dataclass(frozen=True)
class ShortlistOptions:
    """weights: of the criteria, equal by default; draws: of weights and of values inside their intervals; seed."""

    weights: Mapping[str, float] = field(default_factory=dict)
    draws: int = 1000
    seed: int = 0


def shortlist(
    candidates: Candidates,
    portfolio: Portfolio,
    measure: str,
    typology: pa.Table,
    profile: pa.Table,
    options: ShortlistOptions,
    both: SidesOptions,
) -> pa.Table:
    """Order the candidates of every region.

    Criteria, each as a place in [0, 1] among the regions that have the cluster, with its interval: specialisation (quotient),
    size, growth, productivity (wage per employee), potential (share of the elements met, partly counting half; unknown elements
    widen the interval). front: no candidate of the region is as good on every known criterion and better on one (Pareto);
    front_possible: none is so under every value of the intervals. score = Σ w · place over the known criteria; its rank, and the
    5th to 95th percentile of ranks over draws of weights (Dirichlet around the given ones) and of values (uniform inside the
    intervals; the whole of [0, 1] where a criterion is unknown). Advantages and drawbacks are codes, both sides always shown.
    """
    values, low, high = _criteria(candidates, portfolio, measure, profile)
    weights = np.array([options.weights.get(name, 1.0) for name in CRITERIA])
    weights = weights / weights.sum()
    shown = sides(candidates, portfolio, measure, typology, profile, both)
    rows = []
    for r, region in enumerate(candidates.regions):
        chosen = np.nonzero(candidates.chosen[r])[0]
        if chosen.size == 0:
            continue
        mine, least, most = values[:, r, chosen].T, low[:, r, chosen].T, high[:, r, chosen].T
        score = _score(mine, weights)
        rank, first, last = _ranks(mine, least, most, weights, options, r)
        front, possible = pareto_front(mine), pareto_front(mine, least, most)
        for place, c in enumerate(chosen):
            rows.append(
                {
                    "region": region, "cluster": candidates.clusters[c], "rank": int(rank[place]),
                    "rank_low": int(first[place]), "rank_high": int(last[place]),
                    "score": float(score[place]), "front": bool(front[place]), "front_possible": bool(possible[place]),
                    **{
                        name + suffix: _known(array[place, i])
                        for i, name in enumerate(CRITERIA)
                        for suffix, array in (("", mine), ("_low", least), ("_high", most))
                    },
                    "advantages": [code for code in ADVANTAGES if shown[code][r, c]],
                    "drawbacks": [code for code in DRAWBACKS if shown[code][r, c]],
                }
            )  # fmt: skip
    return pa.Table.from_pylist(rows, schema=_schema())


def _schema() -> pa.Schema:
    numbers = [(name + suffix, pa.float64()) for name in CRITERIA for suffix in ("", "_low", "_high")]
    codes = [("advantages", pa.list_(pa.string())), ("drawbacks", pa.list_(pa.string()))]
    start = [("region", pa.string()), ("cluster", pa.string())]
    ranks = [("rank", pa.int32()), ("rank_low", pa.int32()), ("rank_high", pa.int32()), ("score", pa.float64())]
    return pa.schema([*start, *ranks, ("front", pa.bool_()), ("front_possible", pa.bool_()), *numbers, *codes])


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def pareto_front(values: FloatArray, low: FloatArray | None = None, high: FloatArray | None = None) -> BoolArray:
    """Rows that no other row dominates: at least as good on every criterion that both know, and better on one.

    values: (rows, criteria), more is better, NaN unknown; low, high: given, a row is dominated only by one that is
    better whatever the values inside the intervals are (its low at least the other's high). Returns (rows,). Source:
    Pareto (1906).
    """
    better_low, worse_high = (values, values) if low is None or high is None else (low, high)
    first, second = better_low[:, None, :], worse_high[None, :, :]
    both = ~np.isnan(first) & ~np.isnan(second)
    no_worse = np.where(both, first >= second, True).all(axis=2) & both.any(axis=2)
    better = np.where(both, first > second, False).any(axis=2)
    return ~np.asarray((no_worse & better).any(axis=0), np.bool_)


def _score(values: FloatArray, weights: FloatArray) -> FloatArray:
    known = ~np.isnan(values)
    weight = known * weights
    return (np.where(known, values, 0.0) * weight).sum(axis=-1) / np.maximum(weight.sum(axis=-1), 1e-12)


def _ranks(
    values: FloatArray, low: FloatArray, high: FloatArray, weights: FloatArray, options: ShortlistOptions, region: int
) -> tuple[npt.NDArray[np.int_], npt.NDArray[np.int_], npt.NDArray[np.int_]]:
    """The rank of each candidate of a region (1 is best) and the 5th and 95th percentile of its drawn ranks."""
    generator = np.random.default_rng([options.seed, region])
    least, most = np.where(np.isnan(low), 0.0, low), np.where(np.isnan(high), 1.0, high)
    drawn_weights = generator.dirichlet(np.maximum(weights * 4.0 * weights.size, 1e-6), options.draws)
    drawn = least + (most - least) * generator.random((options.draws, *values.shape))
    scores = np.einsum("dcv,dv->dc", drawn, drawn_weights)
    ranks = 1 + np.argsort(np.argsort(-scores, axis=1, kind="stable"), axis=1, kind="stable")
    first, last = np.quantile(ranks, [0.05, 0.95], axis=0, method="inverted_cdf")
    rank = 1 + np.argsort(np.argsort(-_score(values, weights), kind="stable"), kind="stable")
    return rank, np.minimum(first, rank).astype(int), np.maximum(last, rank).astype(int)


def _criteria(
    candidates: Candidates, portfolio: Portfolio, measure: str, profile: pa.Table
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """(criteria, regions, clusters): places among regions, and the places of their bounds."""

    def placed(name: str, low: str | None = None, high: str | None = None) -> list[FloatArray]:
        values = np.where(candidates.present, column(portfolio, name), np.nan)
        places = percentile_place(values)
        if low is None or high is None:
            return [places, places, places]
        bounds = [place_among(column(portfolio, bound), values) for bound in (low, high)]
        least, most = np.nan_to_num(bounds[0], nan=0.0), np.nan_to_num(bounds[1], nan=1.0)
        return [places, np.minimum(least, places), np.maximum(most, places)]

    found = [
        placed("lq", "lq_low", "lq_high"),
        placed(measure, f"{measure}_low", f"{measure}_high"),
        placed("growth"),
        placed("productivity"),
        _potential(candidates, profile),
    ]
    value, low, high = (np.stack([part[i] for part in found]) for i in range(3))
    return value, low, high


def _potential(candidates: Candidates, profile: pa.Table) -> list[FloatArray]:
    """Share of the elements met; partly counts half; unknown ones are 0 in the low and 1 in the high."""
    shape = candidates.chosen.shape
    worth = {"met": 1.0, "partly": 0.5, "not": 0.0}
    sums = np.zeros((4, *shape))
    r = pc.index_in(profile["region"], value_set=pa.array(candidates.regions)).to_numpy()
    c = pc.index_in(profile["cluster"], value_set=pa.array(candidates.clusters)).to_numpy()
    status, low, high = (profile[name].to_pylist() for name in ("status", "status_low", "status_high"))
    for layer, values in enumerate(
        (
            [worth.get(s, 0.0) for s in status],
            [worth.get(s, 0.0) for s in low],
            [worth.get(s, 1.0) for s in high],
            [float(s != "unknown") for s in status],
        )
    ):
        np.add.at(sums[layer], (r, c), values)
    number = max(len(pc.unique(profile["element"])), 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.where(sums[3] > 0, sums[0] / sums[3], np.nan)
    return [
        value,
        np.where(candidates.chosen, sums[1] / number, np.nan),
        np.where(candidates.chosen, sums[2] / number, np.nan),
    ]
