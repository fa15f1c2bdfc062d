"""A candidate's profile: every condition, precondition, favouring factor and obstacle with status, evidence, confidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from almaz.potential.candidates import Candidates
from almaz.potential.elements import Element
from almaz.potential.signals import Signal

FloatArray: TypeAlias = npt.NDArray[np.float64]

STATUSES: Final = ("met", "partly", "not", "unknown")
BASES: Final = ("statistic", "judgement", "both", "none")
LOWEST, HIGHEST = 1.0, 7.0

JUDGEMENTS: Final = pa.schema(
    [
        ("element", pa.string()),
        ("region", pa.string()),
        ("cluster", pa.string()),  # null: of the region, for every cluster in it
        ("expert", pa.string()),
        ("year", pa.int32()),
        ("level", pa.float64()),  # 1…7
        ("confidence", pa.int8()),  # 1 a guess, 2 fairly sure, 3 sure
        ("evidence", pa.string()),
    ]
)
"""What experts judged; statistics and judgements are never mixed silently: `basis` says which a status stands on."""

PROFILE: Final = pa.schema(
    [
        ("region", pa.string()),
        ("cluster", pa.string()),
        ("element", pa.string()),
        ("kind", pa.string()),
        ("status", pa.string()),  # STATUSES; of an obstacle: met = not in the way
        ("status_low", pa.string()),  # the worst that the intervals allow
        ("status_high", pa.string()),  # the best that they allow
        ("basis", pa.string()),  # BASES
        ("place", pa.float64()),  # mean percentile of the proxies among regions, 0…1
        ("place_low", pa.float64()),
        ("place_high", pa.float64()),
        ("level", pa.float64()),  # mean judged level, 1…7, weighted by confidence
        ("level_low", pa.float64()),
        ("level_high", pa.float64()),
        ("experts", pa.int32()),
        ("conflict", pa.bool_()),  # statistics and judgement lie more than a status apart
        ("confidence", pa.float64()),  # 0…1, see `profile`
        ("evidence", pa.list_(pa.string())),  # the proxies known, then the experts' words
        ("wanting", pa.list_(pa.string())),  # the proxies that nobody has measured
    ]
)


@dataclass(frozen=True)
class ProfileOptions:
    """met, not_met: places from which an element counts as met, and up to which as not met; judged_met, judged_not: the same on
    the scale of 1…7; minimum_regions: below it no percentile is claimed."""

    met: float = 0.6
    not_met: float = 0.4
    judged_met: float = 5.0
    judged_not: float = 3.0
    minimum_regions: int = 20


def profile(
    candidates: Candidates,
    elements: Sequence[Element],
    proxies: Mapping[tuple[str, str], Signal | None],
    judgements: pa.Table,
    options: ProfileOptions,
) -> pa.Table:
    """Judge every element for every candidate.

    A measured place is the mean of the known proxies' percentiles among the regions that have the cluster, its interval the mean
    of theirs. Status: met at `options.met` and above, not at `options.not_met` and below, partly between; a judgement takes
    precedence where there is one, with its own borders, and `conflict` says where the two lie two statuses apart. Nothing known:
    unknown, never "not".
        confidence = (share of the proxies known, or 1 with a judgement) × (1 − width of the interval)
    so that what is unknown lowers confidence and not the status. proxies: (element, proxy name) → its signal, placed.
    """
    judged = _by_place(judgements)
    rows = [
        _row(region, cluster, at, element, proxies, judged, options)
        for region, cluster, at in candidates.places()
        for element in elements
    ]
    return pa.Table.from_pylist(rows, schema=PROFILE)


def _by_place(judgements: pa.Table) -> dict[tuple[str, str, str | None], list[dict[str, object]]]:
    held: dict[tuple[str, str, str | None], list[dict[str, object]]] = {}
    for row in judgements.to_pylist():
        held.setdefault((row["element"], row["region"], row["cluster"]), []).append(row)
    return held


def _row(
    region: str,
    cluster: str,
    at: tuple[int, int],
    element: Element,
    proxies: Mapping[tuple[str, str], Signal | None],
    judged: Mapping[tuple[str, str, str | None], list[dict[str, object]]],
    options: ProfileOptions,
) -> dict[str, object]:
    known, wanting = {}, []
    for proxy in element.proxy:
        signal = proxies[element.id, proxy.name]
        place = None if signal is None else tuple(float(array[at]) for array in (signal.value, signal.low, signal.high))
        if place is None or np.isnan(place[0]):
            wanting.append(proxy.name)
        else:
            known[proxy.name] = place
    said = judged.get((element.id, region, cluster)) or judged.get((element.id, region, None)) or []
    measured = _measured(list(known.values()), options)
    opinion = _opinion(said, options)
    share = 1.0 if said else len(known) / max(len(element.proxy), 1)
    chosen = opinion or measured
    width = 1.0 if chosen is None else chosen.width
    conflict = None
    if opinion and measured:
        conflict = abs(STATUSES.index(opinion.status) - STATUSES.index(measured.status)) >= 2
    return {
        "region": region, "cluster": cluster, "element": element.id, "kind": element.kind,
        "status": chosen.status if chosen else "unknown",
        "status_low": chosen.low if chosen else "unknown", "status_high": chosen.high if chosen else "unknown",
        "basis": BASES[2] if opinion and measured else BASES[1] if opinion else BASES[0] if measured else BASES[3],
        **_numbers("place", measured), **_numbers("level", opinion),
        "experts": len(said), "conflict": conflict, "confidence": share * (1.0 - width) if chosen else 0.0,
        "evidence": [*known, *(str(row["evidence"]) for row in said if row["evidence"])], "wanting": wanting,
    }  # fmt: skip


@dataclass(frozen=True)
class _Found:
    value: float
    least: float
    most: float
    status: str
    low: str
    high: str
    width: float

    @classmethod
    def of(cls, numbers: tuple[float, float, float], words: list[str], width: float) -> _Found:
        return cls(*numbers, words[0], words[1], words[2], width)


def _numbers(name: str, found: _Found | None) -> dict[str, float | None]:
    values = (None, None, None) if found is None else (found.value, found.least, found.most)
    return dict(zip((name, f"{name}_low", f"{name}_high"), values, strict=True))


def _status(value: float, met: float, not_met: float) -> str:
    return "met" if value >= met else "not" if value <= not_met else "partly"


def _measured(places: list[tuple[float, ...]], options: ProfileOptions) -> _Found | None:
    if not places:
        return None
    value, low, high = np.mean(places, axis=0)
    words = [_status(at, options.met, options.not_met) for at in (value, low, high)]
    return _Found.of((float(value), float(low), float(high)), words, float(high - low))


def _opinion(said: list[dict[str, object]], options: ProfileOptions) -> _Found | None:
    """The mean level weighted by confidence, from the least to the most that any expert said, half a step wider for a guess."""
    if not said:
        return None
    levels = np.array([float(str(row["level"])) for row in said])
    sure = np.array([float(str(row["confidence"] or 1)) if row["evidence"] else 1.0 for row in said])
    half = 0.5 + 0.5 * (3.0 - sure)
    value = float(np.average(levels, weights=sure))
    low, high = max(LOWEST, float((levels - half).min())), min(HIGHEST, float((levels + half).max()))
    words = [_status(at, options.judged_met, options.judged_not) for at in (value, low, high)]
    return _Found.of((value, low, high), words, (high - low) / (HIGHEST - LOWEST))
