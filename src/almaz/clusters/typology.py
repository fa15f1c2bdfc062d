"""What kind of concentration is it? A cluster competes inside and sells outside; a production complex does not (article A5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from almaz.clusters.portfolio import Portfolio
from almaz.clusters.rivalry import BASES, Rivalry
from almaz.clusters.rules import column
from almaz.measures.specialisation import location_quotient

FloatArray: TypeAlias = npt.NDArray[np.float64]
BoolArray: TypeAlias = npt.NDArray[np.bool_]
CodeArray: TypeAlias = npt.NDArray[np.int8]

CLASSES: Final = (
    "none",
    "emerging",
    "sheltered_local",
    "territorial_production_complex",
    "hub_and_satellites",
    "cluster",
    "unknown",
)
MISSING: Final = ("establishments", "size", "firm_sizes", "quotient")
NONE, EMERGING, SHELTERED, COMPLEX, HUB, CLUSTER, UNKNOWN = range(len(CLASSES))


@dataclass(frozen=True)
class TypologyOptions:
    """rivals: firms or establishments from which they are many; concentrated: HHI from which few firms dominate (0.25: as
    much as four equal firms; U.S. Horizontal Merger Guidelines 2010, "highly concentrated"); outward: quotient from which a
    traded cluster counts as selling outside; near: relative distance to a border within which a case is called near it;
    variation: see `rivalry.rivalry_of_establishments`."""

    rivals: float = 10.0
    concentrated: float = 0.25
    outward: float = 1.0
    near: float = 0.15
    variation: float = 1.0


def typology(portfolio: Portfolio, rivalry: Rivalry, options: TypologyOptions) -> pa.Table:
    """Class every region × cluster of the last year by inner rivalry and outward position.

        many: number of rivals ≥ options.rivals;  rivalry: many and HHI < options.concentrated
        outward: quotient of exports where the data have them, else of size, ≥ options.outward; never of a local cluster

        outward, rivalry: cluster;  outward, many, no rivalry: hub_and_satellites;  outward, few: territorial_production_complex
        local, or exports known and only size specialised, with many rivals: sheltered_local
        not outward, but the sampling interval of the quotient reaches there: emerging;  else: none

    `possible` names the classes that the bounds of HHI allow; distances are relative, positive on the side of a cluster.
    `missing` names what would settle it: establishments, size or quotient (class unknown), firm_sizes (HHI only assumed).
    Source: the two traits are the article's; Markusen (1996) for hub and satellites; borders are ours.
    """
    position = _Position(portfolio, rivalry)
    said = _class(position, rivalry.hhi, options)
    bounds = (_class(position, rivalry.low, options), _class(position, rivalry.high, options))
    assumed = (bounds[0] != bounds[1]) & (said != UNKNOWN)
    distances = {
        "distance_rivals": rivalry.rivals / options.rivals - 1.0,
        "distance_hhi": options.concentrated / rivalry.hhi - 1.0,
        "distance_outward": position.outward / options.outward - 1.0,
    }
    with np.errstate(invalid="ignore"):
        near = np.any([np.abs(array) <= options.near for array in distances.values()], axis=0)
    near &= ~np.isin(said, (UNKNOWN, NONE))
    regions, clusters = rivalry.hhi.shape
    number = regions * clusters
    names = pa.array([key[0] for key in portfolio.keys], pa.string())
    figures = {
        "rivals": rivalry.rivals,
        "hhi": rivalry.hhi,
        "hhi_low": rivalry.low,
        "hhi_high": rivalry.high,
        "outward": position.outward,
        **distances,
    }
    return pa.table(
        {
            "region": pa.array(portfolio.regions, pa.string()).take(pa.array(np.repeat(np.arange(regions), clusters))),
            "cluster": names.take(pa.array(np.tile(np.arange(clusters), regions))),
            "year": pa.array(np.full(number, portfolio.years[-1], dtype=np.int32)),
            "class": _words(CLASSES, said),
            "possible": _possible(said, *bounds),
            "near_border": pa.array(near.ravel()),
            "missing": _words(MISSING, np.where(assumed, MISSING.index("firm_sizes"), position.missing)),
            "rivalry_basis": _words(BASES, rivalry.basis),
            "outward_basis": pa.array([position.basis] * number, pa.string()),
            **{name: pa.array(np.ascontiguousarray(a).ravel(), from_pandas=True) for name, a in figures.items()},
        }
    )


class _Position:
    """What does not depend on the firms: presence, the outward quotient and its interval, what is missing."""

    def __init__(self, portfolio: Portfolio, rivalry: Rivalry) -> None:
        traded = np.array([key[2] == "traded" for key in portfolio.keys])[None, :]
        size, exports = column(portfolio, portfolio.options.measure), column(portfolio, "exports")
        quotient = column(portfolio, "lq")
        self.basis = "size" if np.isnan(exports).all() else "exports"
        sold = quotient if self.basis == "size" else location_quotient(exports)
        reach = np.fmax(column(portfolio, "lq_ci_high"), sold) if self.basis == "size" else sold
        self.traded = np.broadcast_to(traded, size.shape)
        self.outward = np.where(traded, sold, np.nan)
        self.reach = np.where(traded, reach, np.nan)
        self.specialised = quotient >= 1.0
        self.absent = size == 0.0
        self.rivals = rivalry.rivals
        missing = np.full(size.shape, -1, dtype=np.int8)
        missing[traded & np.isnan(sold) & ~self.absent] = MISSING.index("quotient")
        missing[np.isnan(size)] = MISSING.index("size")
        missing[np.isnan(rivalry.rivals) & ~self.absent] = MISSING.index("establishments")
        self.missing = missing


def _class(position: _Position, hhi: FloatArray, options: TypologyOptions) -> CodeArray:
    with np.errstate(invalid="ignore"):
        many = position.rivals >= options.rivals
        rivalry = many & (hhi < options.concentrated)
        outward, reach = position.outward >= options.outward, position.reach >= options.outward
    said = np.full(hhi.shape, NONE, dtype=np.int8)
    said[position.traded & reach & (position.rivals > 0)] = EMERGING
    inward = position.specialised & (position.basis == "exports")
    said[many & (~position.traded | (inward & ~outward))] = SHELTERED
    said[outward] = COMPLEX
    said[outward & many] = HUB
    said[outward & rivalry] = CLUSTER
    said[position.missing >= 0] = UNKNOWN
    said[position.absent] = NONE
    return said


def _words(words: tuple[str, ...], code: npt.NDArray[np.integer]) -> pa.Array:
    flat = np.ascontiguousarray(code).ravel().astype(np.int8)
    return pa.array(words, pa.string()).take(pa.array(flat, mask=flat < 0))


def _possible(*said: CodeArray) -> pa.Array:
    """The classes named by any of the codes, with commas between, each once."""
    bits = np.zeros(said[0].shape, dtype=np.int16)
    for code in said:
        bits |= np.int16(1) << code
    words = [
        ",".join(name for place, name in enumerate(CLASSES) if bit >> place & 1) for bit in range(1 << len(CLASSES))
    ]
    return pa.array(words, pa.string()).take(pa.array(bits.ravel()))
