"""Both sides of a candidate: its advantages, and its drawbacks and risks, each shown only where the data show it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from almaz.clusters.portfolio import Portfolio
from almaz.clusters.rules import column
from almaz.measures.quantiles import percentile_place
from almaz.potential.candidates import Candidates
from almaz.potential.profile import STATUSES

FloatArray: TypeAlias = npt.NDArray[np.float64]
BoolArray: TypeAlias = npt.NDArray[np.bool_]

ADVANTAGES: Final = ("specialised", "large", "growing", "productive", "many_firms", "gains_share", "preconditions")
DRAWBACKS: Final = (
    "one_firm", "few_firms", "shrinking", "loses_share", "low_wages", "dependence", "hidden", "obstacles", "unknown",
)  # fmt: skip


@dataclass(frozen=True)
class SidesOptions:
    """top, bottom: places among regions from which something is an advantage or a drawback; concentrated: HHI from which one firm
    may dominate; dependence: share of the region's activity from which the region depends on the cluster; hidden: share of
    hidden activity worth a warning."""

    top: float = 0.75
    bottom: float = 0.25
    concentrated: float = 0.25
    dependence: float = 0.15
    hidden: float = 0.3


def sides(
    candidates: Candidates,
    portfolio: Portfolio,
    measure: str,
    typology: pa.Table,
    profile: pa.Table,
    options: SidesOptions,
) -> dict[str, BoolArray]:
    """Every advantage and drawback as (regions, clusters): true only where it is shown."""
    shape = candidates.chosen.shape
    names = {"lq": "lq", "size": measure, "growth": "growth", "productivity": "productivity", "share": "share_of_region",
             "regional": "shift_regional", "hidden": "hidden_share"}  # fmt: skip
    held = {name: column(portfolio, source) for name, source in names.items()}
    places = {
        name: percentile_place(np.where(candidates.present, held[name], np.nan))
        for name in ("lq", "size", "productivity")
    }
    hhi, rivals = (
        np.asarray(typology[name].to_numpy(zero_copy_only=False), np.float64).reshape(shape)
        for name in ("hhi", "rivals")
    )
    states = {status: _counted(candidates, profile, status) for status in STATUSES}
    obstacles = _counted(candidates, profile, "not", "obstacle")
    total = np.maximum(sum(states.values()), 1.0)
    with np.errstate(invalid="ignore"):
        return {
            "specialised": (places["lq"] >= options.top) & (held["lq"] >= 1.0),
            "large": places["size"] >= options.top,
            "growing": held["growth"] > 0.0,
            "productive": places["productivity"] >= options.top,
            "many_firms": (hhi < options.concentrated) & (rivals >= 10),
            "gains_share": held["regional"] > 0.0,
            "preconditions": states["met"] / total >= 0.5,
            "one_firm": hhi >= options.concentrated,
            "few_firms": rivals < 10,
            "shrinking": held["growth"] < 0.0,
            "loses_share": held["regional"] < 0.0,
            "low_wages": places["productivity"] <= options.bottom,
            "dependence": held["share"] >= options.dependence,
            "hidden": held["hidden"] >= options.hidden,
            "obstacles": obstacles > 0,
            "unknown": states["unknown"] / total >= 0.5,
        }


def _counted(candidates: Candidates, profile: pa.Table, status: str, kind: str | None = None) -> FloatArray:
    mine = profile.filter(pc.equal(profile["status"], status))
    if kind is not None:
        mine = mine.filter(pc.equal(mine["kind"], kind))
    counted = np.zeros(candidates.chosen.shape)
    r = pc.index_in(mine["region"], value_set=pa.array(candidates.regions)).to_numpy()
    c = pc.index_in(mine["cluster"], value_set=pa.array(candidates.clusters)).to_numpy()
    np.add.at(counted, (r, c), 1.0)
    return counted
