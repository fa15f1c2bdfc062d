"""The matrices of relatedness that a country's data allow, and what has to be refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from almaz.errors import AlmazError
from almaz.language import text as _
from almaz.measures.presence import presence_matrix
from almaz.measures.relatedness import (
    co_occurrence,
    co_occurrence_relatedness,
    coagglomeration,
    combined_relatedness,
    locational_correlation,
)
from almaz.measures.specialisation import location_quotient
from almaz.tables.activity import Activity

FloatArray: TypeAlias = npt.NDArray[np.float64]
MINIMUM_REGIONS: Final = 40
BY_PLACE: Final = ("lc_employment", "lc_establishments", "coagglomeration", "proximity")
COMBINED: Final = "combined"
IN_COMBINATION: Final = ("lc_employment", "lc_establishments", "input_output", "occupations", "borrowed")


@dataclass(frozen=True)
class Similarities:
    """matrices: name → (industries, industries); regions: how many the data have; minimum: how many relatedness by
    place needs."""

    industries: tuple[str, ...]
    matrices: Mapping[str, FloatArray]
    regions: int
    minimum: int = MINIMUM_REGIONS

    @property
    def by_place(self) -> bool:
        """Whether there were regions enough to tell relatedness by place."""
        return self.regions >= self.minimum

    @property
    def steering(self) -> FloatArray:
        """The matrix by which clusters are drawn and compared: the combined one, or the only one."""
        return self.matrices[COMBINED if COMBINED in self.matrices else next(iter(self.matrices))]


def few_regions(regions: int, minimum: int) -> str:
    """Why nothing by place is told, in the language in use."""
    return _(
        "With {regions} regions industries cannot be told related by where they are: a correlation over so few is mostly "
        "chance. At least {minimum} are needed.",
        regions=regions,
        minimum=minimum,
    )


@dataclass(frozen=True)
class Places:
    """What relatedness by place is computed from: (regions, industries), without unknown cells, None where not in the data."""

    employment: FloatArray | None
    establishments: FloatArray | None
    filled: int = 0

    def take(self, rows: npt.NDArray[np.intp]) -> Places:
        """The same for some regions, repeated or not: a bootstrap draw."""
        return Places(
            None if self.employment is None else self.employment[rows],
            None if self.establishments is None else self.establishments[rows],
        )

    @property
    def main(self) -> FloatArray:
        """Establishments, which offices do not hide, else employment."""
        chosen = self.establishments if self.establishments is not None else self.employment
        assert chosen is not None
        return chosen


def places(activity: Activity, industries: npt.NDArray[np.intp], measure: str, year: int = -1) -> Places:
    """Employment (or another measure of size) and establishments of some industries in one year.

    Hidden cells are the estimates of `Activity`. Where it has none (a region whose total is not published either) the
    industry's mean size × establishments stands in; `filled` counts such cells. Raises AlmazError where neither is to
    be had.
    """
    units = None
    if "establishments" in activity.measures:
        units = activity.cells("establishments").value[:, industries, year]
    size = None
    if measure != "establishments" and measure in activity.measures:
        size = activity.cells(measure).value[:, industries, year]
    unknown = 0 if size is None else int(np.isnan(size).sum())
    if size is not None and units is not None and unknown:
        both = ~np.isnan(size) & ~np.isnan(units) & (units > 0)
        mean = np.where(both, size, 0.0).sum(axis=0) / np.maximum(np.where(both, units, 0.0).sum(axis=0), 1.0)
        size = np.where(np.isnan(size), units * mean, size)
    size = size if size is None or not np.isnan(size).any() else None
    units = units if units is None or not np.isnan(units).any() else None
    if size is None and units is None:
        raise AlmazError(
            _("relatedness by place needs every cell of employment or of establishments, published or estimated"),
            advice=_("say with «absent» what a missing row means, or give relatedness from an input–output table"),
        )
    return Places(size, units, unknown if size is not None else 0)


def by_place(held: Places) -> dict[str, FloatArray]:
    """Every matrix that regions alone give: LC of employment and establishments, coagglomeration, proximity (LQ ≥ 1)."""
    found = {}
    if held.employment is not None:
        found["lc_employment"] = locational_correlation(held.employment)
        found["coagglomeration"] = coagglomeration(held.employment)
    if held.establishments is not None:
        found["lc_establishments"] = locational_correlation(held.establishments)
    present = presence_matrix(location_quotient(held.main))
    found["proximity"] = co_occurrence_relatedness(co_occurrence(present))
    return found


def with_combined(matrices: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """The matrices and their combination: the mean of the standardised ones, as in the published U.S. matrix.

    In it: LC of employment, LC of establishments, input–output, occupations, borrowed, those that there are.
    """
    parts = [matrices[name] for name in IN_COMBINATION if name in matrices]
    if len(parts) < 2:
        return dict(matrices)
    return {**matrices, COMBINED: _known_mean(parts)}


def _known_mean(parts: list[FloatArray]) -> FloatArray:
    """`combined_relatedness`; a pair that some matrix does not know is the mean of those that do."""
    if not any(np.isnan(part).any() for part in parts):
        return combined_relatedness(parts)
    pairs = ~np.eye(len(parts[0]), dtype=np.bool_)
    sums, counts = np.zeros(parts[0].shape), np.zeros(parts[0].shape)
    for part in parts:
        known = part[pairs & np.isfinite(part)]
        sums += np.where(np.isfinite(part), (part - known.mean()) / known.std(), 0.0)
        counts += np.isfinite(part)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(counts > 0, sums / counts, np.nan)


def similarities(
    industries: tuple[str, ...],
    held: Places | None,
    others: Mapping[str, FloatArray],
    *,
    minimum_regions: int = MINIMUM_REGIONS,
) -> Similarities:
    """All that is allowed: by place where there are regions enough, and what is given from elsewhere.

    held: None where the data have no complete measure; others: input_output, occupations, borrowed. With fewer than
    `minimum_regions` (40: below it a correlation of 0.3, the usual size, cannot be told from none at 5 %) nothing by place is
    computed. Raises AlmazError where nothing is left.
    """
    regions = 0 if held is None else len(held.main)
    matrices = by_place(held) if held is not None and regions >= minimum_regions else {}
    matrices |= others
    if not matrices:
        raise AlmazError(
            few_regions(regions, minimum_regions),
            expected=_("an input–output table, occupations, or relatedness borrowed from another country"),
            advice=_("name them in the study: [chains] file, or [relatedness] occupations or borrowed"),
        )
    return Similarities(industries, with_combined(matrices), regions, minimum_regions)
