"""Would a cluster be strong whatever the hidden cells hold? By bounds, by draws of fillings, and by the sampling model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from almaz.clusters.portfolio import groups
from almaz.clusters.rules import Judged, StrengthOptions, Verdicts
from almaz.measures.effective_number import Counts
from almaz.measures.intervals import probability_strong, quotient_model
from almaz.measures.quantiles import passes_quantile, possibly_passes_quantile, surely_passes_quantile

FloatArray: TypeAlias = npt.NDArray[np.float64]
BoolArray: TypeAlias = npt.NDArray[np.bool_]
CodeArray: TypeAlias = npt.NDArray[np.int8]

CERTAINTY: Final = ("none", "some", "all")
NO_CERTAINTY: Final = -1


def certainty(data: Judged, measure: str, options: StrengthOptions) -> CodeArray:
    """Whether the U.S. rule says strong under all, some or none of the fillings of hidden cells; index into CERTAINTY.

    all: each criterion holds with the region at its low and every other region, whoever may be there, as high as the cut-off
    can be driven; none: some criterion fails with the region at its high and the cut-off as low as it can be. The cut-offs
    move with the fillings. Valid for every filling inside the bounds: all and none are never said wrongly; some may be said
    where the bounds of different cells could not be reached together. NO_CERTAINTY where nothing bounds the quotient.
    """
    low, high = _bounds(data, "lq")
    size_low, size_high = _bounds(data, measure)
    units_low, units_high = _bounds(data, "establishments")
    surely, possibly = size_low > 0.0, size_high > 0.0
    criteria = [
        (*_compared(data, size_low, size_high), options.strong, False),
        (size_low, size_high, options.floor, True),
    ]
    if not np.isnan(data.column("establishments")).all():
        criteria.append((units_low, units_high, options.floor, True))
    always, ever = surely & (low >= 1.0), possibly & (high >= 1.0)
    for at_least, at_most, share, strict in criteria:
        always &= surely_passes_quantile(at_least, at_most, surely, possibly, share, strict=strict)
        ever &= possibly_passes_quantile(at_least, at_most, surely, possibly, share, strict=strict)
    said = np.where(always, CERTAINTY.index("all"), np.where(ever, CERTAINTY.index("some"), CERTAINTY.index("none")))
    unbounded = np.isnan(data.column("lq_low")) & possibly
    return np.where(unbounded | (data.few[None, :] & possibly), NO_CERTAINTY, said).astype(np.int8)


def _bounds(data: Judged, name: str) -> tuple[FloatArray, FloatArray]:
    """Bounds of a column; where it has none, its figure, and from nothing to anything where it is not known."""
    value = data.column(name)
    low, high = data.column(f"{name}_low"), data.column(f"{name}_high")
    low, high = np.where(np.isnan(low), value, low), np.where(np.isnan(high), value, high)
    return np.where(np.isnan(low), 0.0, low), np.where(np.isnan(high), np.inf, high)


def _compared(data: Judged, low: FloatArray, high: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Bounds of what regions are compared by within a cluster.

    With the region in the reference that is the share x / b, of which the quotient is one common multiple: what the country
    has of the cluster moves all regions alike. b = x + (b − x), so x / b is least at the least x and the greatest rest; and b
    itself lies within what the region's published total leaves, which bounds x / b once more.
    """
    portfolio = data.portfolio
    if portfolio.options.reference == "excluding" or portfolio.options.base not in ("same_kind", "all"):
        return _bounds(data, "lq")
    at_least, at_most = np.zeros(low.shape), np.ones(low.shape)
    for kind, chosen in groups(portfolio.keys, portfolio.options):
        base, left = portfolio.bases[kind].size, portfolio.bases[kind].left
        with np.errstate(divide="ignore", invalid="ignore"):
            rest_low = np.maximum(base.low[:, :, -1] - low[:, chosen], 0.0)
            rest_high = np.maximum(base.high[:, :, -1] - high[:, chosen], 0.0)
            smallest, largest = low[:, chosen] / (low[:, chosen] + rest_high), 1.0 / (1.0 + rest_low / high[:, chosen])
            if left is not None:
                smallest = np.fmax(smallest, low[:, chosen] / left[1][:, -1:])
                largest = np.where(left[0][:, -1:] > 0.0, np.fmin(largest, high[:, chosen] / left[0][:, -1:]), largest)
        at_least[:, chosen] = np.where(np.isnan(smallest), 0.0, smallest)
        at_most[:, chosen] = np.where(high[:, chosen] == 0.0, 0.0, np.where(np.isnan(largest), 1.0, largest))
    return at_least, at_most


def share_of_fillings(data: Judged, draws: Mapping[str, FloatArray], options: StrengthOptions) -> FloatArray:
    """Share of the drawn fillings under which the whole U.S. rule says strong, each with its own cut-offs; NaN without draws.

    draws: {"size", "lq"}: (k, regions, clusters). Its standard error is √(p (1 − p) / k).
    """
    if not draws:
        return np.full(data.size.shape, np.nan)
    units = data.column("establishments")
    strong = np.zeros(data.size.shape)
    for size, quotient in zip(draws["size"], draws["lq"], strict=True):
        there = size > 0.0
        holds = (quotient >= 1.0) & passes_quantile(quotient, there, options.strong)
        holds &= passes_quantile(size, there, options.floor, strict=True)
        if not np.isnan(units).all():
            holds &= passes_quantile(units, there, options.floor, strict=True)
        strong += holds
    share = strong / draws["size"].shape[0]
    unknown = np.isnan(draws["size"]).any(axis=0) | (data.few[None, :] & (data.present != 0.0))
    if not np.isnan(units).all():
        unknown |= np.isnan(units) & (data.present != 0.0)
    return np.where(unknown, np.nan, share)


def chance_by_sampling(data: Judged, mapping: Verdicts) -> FloatArray:
    """P(strong) were the establishments of the region drawn anew, the cut-off and the floors as they are.

    `measures.intervals.probability_strong`; NaN where establishments are not known, or the base is not of the same unit.
    """
    portfolio = data.portfolio
    chance = np.full(data.size.shape, np.nan)
    units = data.column("establishments")
    if portfolio.options.base not in ("same_kind", "all") or np.isnan(units).all():
        return chance
    by_name = {criterion.name: criterion for criterion in mapping.criteria}
    floors = np.stack([by_name[name].met for name in ("size", "establishments")]).min(axis=0)
    excluded = portfolio.options.reference == "excluding"
    for kind, chosen in groups(portfolio.keys, portfolio.options):
        base = portfolio.bases[kind]
        if (counted := base.establishments) is None:
            continue
        model = quotient_model(
            Counts(data.size[:, chosen], units[:, chosen]),
            regions=Counts(base.size.value[:, 0, -1], counted.value[:, 0, -1]),
            region_in_reference="excluded" if excluded else "included",
        )
        chance[:, chosen] = probability_strong(model, by_name["lq"].threshold[:, chosen], floors=floors[:, chosen])
    chance = np.where(data.present == 0.0, 0.0, chance)
    return np.where(data.few[None, :] & (data.present != 0.0), np.nan, chance)
