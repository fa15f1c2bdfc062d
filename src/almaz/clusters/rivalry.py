"""How much rivalry there is inside a cluster: the concentration of its employment on firms, or what bounds it (article A5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import csr_array

from almaz.clusters.definition import ClusterDefinition
from almaz.tables.activity import CODE, Activity
from almaz.tables.schema import Status

FloatArray: TypeAlias = npt.NDArray[np.float64]

BASES: Final = ("firms", "size_classes", "establishments")
NO_BASIS: Final = -1


@dataclass(frozen=True)
class Rivalry:
    """All (regions, clusters): hhi, the Herfindahl–Hirschman index of employment by firm (1: one firm has it all), between
    low and high; rivals: number of firms, or of establishments; basis: index into BASES or NO_BASIS.
    """

    hhi: FloatArray
    low: FloatArray
    high: FloatArray
    rivals: FloatArray
    basis: npt.NDArray[np.int8]

    def known_better(self, other: Rivalry) -> Rivalry:
        """This where it has a basis, the other elsewhere."""
        mine = self.basis != NO_BASIS
        return Rivalry(
            np.where(mine, self.hhi, other.hhi),
            np.where(mine, self.low, other.low),
            np.where(mine, self.high, other.high),
            np.where(mine, self.rivals, other.rivals),
            np.where(mine, self.basis, other.basis).astype(np.int8),
        )


def rivalry_of_establishments(
    activity: Activity, definition: ClusterDefinition, measure: str = "employment", variation: float = 1.0
) -> Rivalry:
    """What the number of establishments says, in the last year.

        hhi ≈ (1 + v²) Σ_i e_i² / n_i / E²,   at least Σ_i e_i² / n_i / E² where every e_i is published, else 1 / N;   at most 1

    e_i, n_i: employment and establishments of industry i of the cluster, E and N their sums; v: variation: coefficient of
    variation of establishment sizes within one industry of one region, an assumption (1, as of an exponential distribution).
    The lower bound is that of equal establishments of separate firms; one firm may own them all, so nothing bounds it above.
    NaN where establishments or sizes are not known. Source: Herfindahl (1950); Σ s² = (1 + v²) / n, Adelman (1969).
    """
    keys, dense = definition.membership(activity.industries)
    shape = (len(activity.regions), len(keys))
    weights = csr_array(dense)  # nearly every industry belongs to one cluster
    if "establishments" not in activity.measures:
        nothing = np.full(shape, np.nan)
        return Rivalry(nothing, nothing, nothing, nothing, np.full(shape, NO_BASIS, dtype=np.int8))
    cells = activity.cells(measure)
    units, size = activity.cells("establishments").value[:, :, -1], cells.value[:, :, -1]
    with np.errstate(divide="ignore", invalid="ignore"):
        squares = np.where(size == 0.0, 0.0, size**2 / units)
        even = np.asarray(squares @ weights) / np.asarray(size @ weights) ** 2
        number = np.asarray(units @ weights)
        lowest = 1.0 / np.maximum(number, 1.0)
    hidden = (cells.status[:, :, -1] > CODE[Status.NIL]).astype(np.float64)
    all_published = np.asarray(hidden @ csr_array(dense > 0, dtype=np.float64)) == 0
    there = ~np.isnan(number) & (number > 0)
    even = np.where(np.isfinite(even), np.clip(even, lowest, 1.0), np.nan)
    low = np.where(all_published & ~np.isnan(even), even, lowest)
    hhi = np.minimum(1.0, (1.0 + variation**2) * even)
    hhi, low, high = (np.where(there, array, np.nan) for array in (hhi, low, np.ones(shape)))
    basis = np.where(np.isnan(number), NO_BASIS, BASES.index("establishments")).astype(np.int8)
    return Rivalry(hhi, low, high, number, basis)


def rivalry_of_firms(firms: pa.Table, activity: Activity, definition: ClusterDefinition) -> Rivalry:
    """What a table of firms says: hhi = Σ z², z the firms' shares of the cluster's employment.

    firms: region, industry, employees and, where one firm has several establishments, organisation (its code). A firm
    whose employees are not known leaves hhi unknown, at least 1 / n. Regions and industries that the activity does not hold are
    left out; a cluster without firms in the table has no basis.
    """
    keys, weights = definition.membership(activity.industries)
    place, kind, size = _placed(firms, activity, "employees")
    names = np.arange(firms.num_rows) if "organisation" not in firms.column_names else _numbered(firms["organisation"])
    inside = place >= 0
    place, kind, size, owner = place[inside], kind[inside], size[inside], names[inside]
    shape, owners = (len(activity.regions), len(keys)), int(names.max(initial=-1)) + 1
    number, hhi = np.zeros(shape), np.full(shape, np.nan)
    for cluster in range(len(keys)):
        share = weights[kind, cluster]
        mine = share > 0
        owned, firm = np.unique(place[mine] * owners + owner[mine], return_inverse=True)
        held = np.bincount(firm, weights=(share * size)[mine], minlength=owned.size)
        region = owned // max(owners, 1)
        number[:, cluster] = np.bincount(region, minlength=shape[0])
        whole, squares = (np.bincount(region, weights=held**power, minlength=shape[0]) for power in (1, 2))
        with np.errstate(divide="ignore", invalid="ignore"):
            hhi[:, cluster] = squares / whole**2
    there = number > 0
    low = np.where(np.isnan(hhi), 1.0 / np.maximum(number, 1.0), hhi)
    high = np.where(np.isnan(hhi), 1.0, hhi)
    low, high, rivals = (np.where(there, array, np.nan) for array in (low, high, number))
    return Rivalry(hhi, low, high, rivals, np.where(there, BASES.index("firms"), NO_BASIS).astype(np.int8))


def rivalry_of_size_classes(classes: pa.Table, activity: Activity, definition: ClusterDefinition) -> Rivalry:
    """What establishments by size class say.

        Σ n lo² / (Σ n hi)² ≤ hhi ≤ Σ n hi² / (Σ n lo)²,   estimate: Σ n m² / (Σ n m)², m = √(lo · hi)

    classes: region, industry, least, most (persons; most empty: no upper limit, read as ten times the least), establishments.
    Establishments are taken as firms of their own. Source: geometric class means, U.S. practice for County Business Patterns.
    """
    keys, weights = definition.membership(activity.industries)
    place, kind, number = _placed(classes, activity, "establishments")
    least = np.maximum(_floats(classes["least"]), 1.0)
    most = np.where(np.isnan(_floats(classes["most"])), 10.0 * least, _floats(classes["most"]))
    inside = place >= 0
    shape = (len(activity.regions), len(keys))

    def summed(values: FloatArray) -> FloatArray:
        by_industry = np.zeros((shape[0], len(activity.industries)))
        np.add.at(by_industry, (place[inside], kind[inside]), (number * values)[inside])
        return np.asarray(by_industry @ weights)

    middle = np.sqrt(least * most)
    rivals = summed(np.ones(number.size))
    with np.errstate(divide="ignore", invalid="ignore"):
        hhi = summed(middle**2) / summed(middle) ** 2
        low = np.maximum(summed(least**2) / summed(most) ** 2, 1.0 / np.maximum(rivals, 1.0))
        high = np.minimum(1.0, summed(most**2) / summed(least) ** 2)
    basis = np.where(rivals > 0, BASES.index("size_classes"), NO_BASIS).astype(np.int8)
    hhi, low, high = (np.where(rivals > 0, np.minimum(array, 1.0), np.nan) for array in (hhi, low, high))
    return Rivalry(np.clip(hhi, low, high), low, high, np.where(rivals > 0, rivals, np.nan), basis)


def _placed(
    table: pa.Table, activity: Activity, value: str
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], FloatArray]:
    """Row of the region (−1 where the region or the industry is not in the activity), column of the industry, figure."""
    places = [
        pc.fill_null(pc.index_in(table[name].cast(pa.string()), value_set=pa.array(labels, pa.string())), -1)
        for name, labels in (("region", activity.regions), ("industry", activity.industries))
    ]
    region, industry = (np.asarray(part).astype(np.intp) for part in places)
    return np.where(industry < 0, -1, region), industry, _floats(table[value])


def _floats(column: pa.ChunkedArray) -> FloatArray:
    return np.asarray(column.cast(pa.float64()).to_numpy(), dtype=np.float64)


def _numbered(column: pa.ChunkedArray) -> npt.NDArray[np.intp]:
    """Each distinct name as a number; an unnamed firm is one of its own."""
    codes = np.asarray(pc.fill_null(column.combine_chunks().dictionary_encode().indices, -1)).astype(np.intp)
    own = np.arange(codes.size) + codes.max(initial=-1) + 1
    return np.where(codes < 0, own, codes)
