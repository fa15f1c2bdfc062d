"""A candidate's profile: every condition, precondition, favouring factor and obstacle with status, evidence, confidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from almaz.potential.candidates import Candidates
from almaz.potential.elements import Element
from almaz.potential.signals import Signal
from almaz.tables.expert_form import HIGHEST, LOWEST, Judgement

FloatArray: TypeAlias = npt.NDArray[np.float64]
IntArray: TypeAlias = npt.NDArray[np.int64]

STATUSES: Final = ("met", "partly", "not", "unknown")
BASES: Final = ("statistic", "judgement", "both", "none")
MET, PARTLY, NOT, UNKNOWN = range(len(STATUSES))
MEASURED, JUDGED, BOTH, NEITHER = range(len(BASES))

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
    judgements: Sequence[Judgement],
    options: ProfileOptions,
) -> pa.Table:
    """Judge every element for every candidate.

    A measured place is the mean of the known proxies' percentiles among the regions that have the cluster; its interval is the
    mean of theirs, a proxy that nobody has measured being anywhere between 0 and 1. Status: met at `options.met` and above, not
    at `options.not_met` and below, partly between; a judgement takes precedence where there is one, with its own borders, and
    `conflict` says where the two lie two statuses apart. Nothing known: unknown, never "not".
        confidence = 1 − width of the interval, 0 where nothing is known
    so that what is unknown lowers confidence and not the status. proxies: (element, proxy name) → its signal, placed;
    judgements: their question is the element; of several years the last counts.
    """
    places = list(candidates.places())
    at = (np.array([place[2][0] for place in places], int), np.array([place[2][1] for place in places], int))
    opinions = _opinions(judgements)
    parts = [
        _element(element, [proxies[element.id, one.name] for one in element.proxy], at, places, opinions, options)
        for element in elements
    ]
    order = np.arange(len(parts) * len(places)).reshape(len(parts), -1).T.ravel()  # candidate by candidate
    return pa.concat_tables(parts).take(pa.array(order)).combine_chunks() if parts and places else PROFILE.empty_table()


@dataclass(frozen=True)
class _Range:
    """Values between bounds, NaN where nothing is known; their statuses; and the width of the interval from 0 to 1."""

    value: FloatArray
    low: FloatArray
    high: FloatArray
    met: float
    not_met: float
    scale: float = 1.0

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        return ~np.isnan(self.value)

    def status(self, values: FloatArray) -> IntArray:
        found = np.select([values >= self.met, values <= self.not_met], [MET, NOT], PARTLY)
        return np.where(self.known, found, UNKNOWN)

    @property
    def width(self) -> FloatArray:
        return (self.high - self.low) / self.scale


def _element(
    element: Element,
    signals: Sequence[Signal | None],
    at: tuple[IntArray, IntArray],
    places: Sequence[tuple[str, str, tuple[int, int]]],
    opinions: Mapping[tuple[str, str, str | None], _Opinion],
    options: ProfileOptions,
) -> pa.Table:
    """The rows of one element, a row per candidate."""
    known, place = _measured(signals, at, options)
    said = [opinions.get((element.id, *one[:2])) or opinions.get((element.id, one[0], None)) for one in places]
    levels = {
        name: np.array([getattr(one, name) if one else np.nan for one in said], np.float64)
        for name in ("value", "low", "high")
    }
    level = _Range(**levels, met=options.judged_met, not_met=options.judged_not, scale=HIGHEST - LOWEST)

    def chosen(name: str) -> IntArray:
        return np.where(level.known, level.status(getattr(level, name)), place.status(getattr(place, name)))

    basis = np.select([level.known & place.known, level.known, place.known], [BOTH, JUDGED, MEASURED], NEITHER)
    apart = np.abs(level.status(level.value) - place.status(place.value)) >= 2
    sure = 1.0 - np.where(level.known, level.width, place.width)
    evidence, wanting = _evidence(element, known, said)
    statuses = pa.array(STATUSES)
    columns = {
        "region": [one[0] for one in places], "cluster": [one[1] for one in places],
        "element": [element.id] * len(places), "kind": [element.kind] * len(places),
        "status": statuses.take(pa.array(chosen("value"))), "status_low": statuses.take(pa.array(chosen("low"))),
        "status_high": statuses.take(pa.array(chosen("high"))), "basis": pa.array(BASES).take(pa.array(basis)),
        **_numbers("place", place), **_numbers("level", level),
        "experts": [one.experts if one else 0 for one in said],
        "conflict": pa.array(apart, mask=basis != BOTH), "confidence": np.where(np.isnan(sure), 0.0, sure),
        "evidence": evidence, "wanting": wanting,
    }  # fmt: skip
    return pa.table(columns).cast(PROFILE)


def _numbers(name: str, found: _Range) -> dict[str, pa.Array]:
    bounds = {name: found.value, f"{name}_low": found.low, f"{name}_high": found.high}
    return {column: pa.array(values, from_pandas=True) for column, values in bounds.items()}


def _measured(
    signals: Sequence[Signal | None], at: tuple[IntArray, IntArray], options: ProfileOptions
) -> tuple[npt.NDArray[np.bool_], _Range]:
    """Which proxies are known, (candidates, proxies), and their mean place with its interval."""
    nothing = np.full(at[0].size, np.nan)
    held = {
        name: np.array([nothing if one is None else getattr(one, name)[at] for one in signals]).reshape(
            len(signals), at[0].size
        )
        for name in ("value", "low", "high")
    }
    known = ~np.isnan(held["value"])
    number = np.maximum(known.sum(axis=0), 1)
    value = np.where(known.any(axis=0), np.where(known, held["value"], 0.0).sum(axis=0) / number, np.nan)
    bounds = [
        np.where(np.isnan(value), np.nan, np.where(known, held[name], unmeasured).sum(axis=0) / max(len(signals), 1))
        for name, unmeasured in (("low", 0.0), ("high", 1.0))
    ]
    return known.T, _Range(value, bounds[0], bounds[1], options.met, options.not_met)


def _evidence(
    element: Element, known: npt.NDArray[np.bool_], said: Sequence[_Opinion | None]
) -> tuple[list[list[str]], list[list[str]]]:
    """The proxies known, then the experts' words; and the proxies wanting."""
    names = [one.name for one in element.proxy]
    patterns: dict[tuple[bool, ...], tuple[list[str], list[str]]] = {}
    evidence, wanting = [], []
    for row, opinion in zip(map(tuple, known.tolist()), said, strict=True):
        if row not in patterns:
            patterns[row] = (
                [name for name, is_known in zip(names, row, strict=True) if is_known],
                [name for name, is_known in zip(names, row, strict=True) if not is_known],
            )
        has, lacks = patterns[row]
        evidence.append([*has, *opinion.evidence] if opinion else has)
        wanting.append(lacks)
    return evidence, wanting


@dataclass(frozen=True)
class _Opinion:
    """The mean level weighted by confidence, from the least to the most that any expert leaves open."""

    value: float
    low: float
    high: float
    experts: int
    evidence: tuple[str, ...] = field(default=())


def _opinions(judgements: Sequence[Judgement]) -> dict[tuple[str, str, str | None], _Opinion]:
    """What was judged of an element in a region, of a cluster in it or of all (None), in the last year of each."""
    held: dict[tuple[str, str, str | None], list[Judgement]] = {}
    for one in judgements:
        held.setdefault((one.question, one.region, one.cluster), []).append(one)
    found = {}
    for key, every in held.items():
        said = [one for one in every if one.year == max(other.year for other in every)]
        levels, halves = np.array([one.level for one in said]), np.array([one.half_width for one in said])
        found[key] = _Opinion(
            float(np.average(levels, weights=[one.weight for one in said])),
            max(float(LOWEST), float((levels - halves).min())), min(float(HIGHEST), float((levels + halves).max())),
            len(said), tuple(f"{one.expert}: {one.evidence}" for one in said if one.evidence),
        )  # fmt: skip
    return found
