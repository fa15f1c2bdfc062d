"""Indicators: what they are called, which corner they belong to, and their figures by region and year."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Final, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from almaz.errors import AlmazError, Where
from almaz.language import text as _

FloatArray: TypeAlias = npt.NDArray[np.float64]
BoolArray: TypeAlias = npt.NDArray[np.bool_]
Corner: TypeAlias = Literal["factor", "demand", "related", "strategy"]
Role: TypeAlias = Literal["factor", "demand", "related", "strategy", "government", "outcome"]
Names: TypeAlias = dict[Literal["en", "ru", "ky"], str]

CORNERS: Final[tuple[Corner, ...]] = ("factor", "demand", "related", "strategy")
"""The corners in Porter's order."""
ROLES: Final[tuple[Role, ...]] = (*CORNERS, "government", "outcome")
"""What an indicator may be: government is a catalyst beside the corners; an outcome never enters one."""

SCHEMA: Final = pa.schema(
    [
        ("indicator", pa.string()),
        ("region", pa.string()),
        ("year", pa.int32()),
        ("value", pa.float64()),  # null = unknown
        ("low", pa.float64()),  # what the figure may be; null = value
        ("high", pa.float64()),
        ("unit", pa.string()),
        ("source", pa.string()),
        ("basis", pa.string()),  # statistic | judgement
    ]
)
"""The tidy table of indicators: one figure a row."""


class Indicator(BaseModel):
    """One indicator of a set. low, high: goalposts that somebody has set, else the ends of the figures of all years.

    For files with a column for each indicator and year (`wide`): columns, over: year → column of the figure and of what it is
    taken over; kind: a rate (weighted by over) or a total (divided by over); factor: of the result; relative: in per cent of
    the country's figure of the year. anchors: what 1, 4 and 7 mean where experts judge.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
    role: Role
    direction: Literal[1, -1]
    name: Names
    unit: Names = {}
    source: Names = {}
    weight: Annotated[float, Field(gt=0)] = 1.0
    index: Literal["innovativeness", "competitiveness"] | None = None
    low: float | None = None
    high: float | None = None
    anchors: dict[Literal["1", "4", "7"], Names] = {}
    columns: dict[str, str] = {}
    over: dict[str, str] = {}
    kind: Literal["rate", "total"] = "rate"
    factor: float = 1.0
    relative: bool = False


class IndicatorSet(BaseModel):
    """Indicators that are used together."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: Names
    note: Names = {}
    indicator: Annotated[tuple[Indicator, ...], Field(min_length=1)]

    def by_code(self, code: str) -> Indicator | None:
        """The indicator of this code, or None."""
        return next((one for one in self.indicator if one.code == code), None)


def ready_sets() -> list[str]:
    """The names of the sets that come with Almaz."""
    return sorted(file.name[:-5] for file in (files("almaz.diamond") / "sets").iterdir() if file.name.endswith(".toml"))


def read_set(which: str | Path) -> IndicatorSet:
    """A ready set by its name, or a set of your own by its path.

    Raises AlmazError naming the file and the key.
    """
    ready = str(which) in ready_sets()
    file = files("almaz.diamond") / "sets" / f"{which}.toml" if ready else Path(which)
    try:
        return IndicatorSet.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise AlmazError(
            _("there is no set of indicators «{name}»", name=which),
            expected=_("a path, or one of: {keys}", keys=", ".join(ready_sets())),
        ) from None
    except tomllib.TOMLDecodeError as why:
        raise AlmazError(_("this is not valid TOML: {why}", why=why), where=Where(file=str(which))) from None
    except ValidationError as why:
        first = why.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise AlmazError(first["msg"], where=Where(file=str(which), key=key)) from None


def joined(sets: Sequence[IndicatorSet]) -> IndicatorSet:
    """Several sets as one. Raises AlmazError where a code stands twice."""
    indicators = tuple(one for chosen in sets for one in chosen.indicator)
    codes = [one.code for one in indicators]
    twice = sorted({code for code in codes if codes.count(code) > 1})
    if twice:
        raise AlmazError(_("the indicator «{code}» stands in two sets", code=twice[0]), advice=_("rename one of them"))
    return IndicatorSet(title=sets[0].title, note=sets[0].note, indicator=indicators)


@dataclass(frozen=True)
class Panel:
    """Figures as (regions, indicators, years): value NaN = unknown; low ≤ value ≤ high, NaN where nothing is known;
    judged: where a figure is a judgement; source: what each was taken from, None where unknown."""

    indicators: tuple[Indicator, ...]
    regions: tuple[str, ...]
    years: tuple[int, ...]
    value: FloatArray
    low: FloatArray
    high: FloatArray
    judged: BoolArray
    source: npt.NDArray[np.object_]

    def only(self, chosen: Sequence[int]) -> Panel:
        """The panel of some of its indicators, by number."""
        numbers = list(chosen)
        arrays = {name: getattr(self, name)[:, numbers] for name in ("value", "low", "high", "judged", "source")}
        return replace(self, indicators=tuple(self.indicators[i] for i in numbers), **arrays)

    def of_role(self, *roles: Role) -> list[int]:
        """Numbers of the indicators with one of these roles."""
        return [number for number, one in enumerate(self.indicators) if one.role in roles]


def panel(table: pa.Table, indicators: IndicatorSet, regions: Sequence[str], years: Sequence[int] = ()) -> Panel:
    """Lay a tidy table out. Rows of regions that are not asked for are left out; a figure without bounds is its own bounds.

    table: SCHEMA (unit, source, basis, low, high may be missing). A statistic and a judgement of the same figure: the
    statistic stands. Raises AlmazError for an unknown indicator, a figure given twice, or a value outside its bounds.
    """
    place = {region: number for number, region in enumerate(regions)}
    codes = {one.code: number for number, one in enumerate(indicators.indicator)}
    rows = sorted(table.to_pylist(), key=lambda row: row.get("basis") == "judgement")
    held = years or sorted({row["year"] for row in rows if row["region"] in place})
    of_year = {year: number for number, year in enumerate(held)}
    shape = (len(place), len(codes), max(len(held), 1))
    value, low, high = (np.full(shape, np.nan) for _part in range(3))
    judged, source = np.zeros(shape, dtype=bool), np.full(shape, None, dtype=object)
    seen: dict[tuple[int, int, int], str] = {}
    for row in rows:
        if row["indicator"] not in codes:
            raise AlmazError(
                _("there is no indicator «{code}»", code=row["indicator"]),
                expected=_("one of: {keys}", keys=", ".join(codes)),
            )
        if row["region"] not in place or row["year"] not in of_year:
            continue
        at = (place[row["region"]], codes[row["indicator"]], of_year[row["year"]])
        basis = row.get("basis") or "statistic"
        if seen.get(at) == basis:
            raise AlmazError(
                _(
                    "the figure of «{code}» stands twice for {region}, {year}",
                    code=row["indicator"],
                    region=row["region"],
                    year=row["year"],
                )
            )
        if at in seen:
            continue
        seen[at] = basis
        value[at], low[at], high[at] = _bounds(row)
        judged[at], source[at] = basis == "judgement", row.get("source")
    return Panel(indicators.indicator, tuple(regions), tuple(held) or (0,), value, low, high, judged, source)


def _bounds(row: Mapping[str, object]) -> tuple[float, float, float]:
    value, low, high = (
        float("nan") if row.get(key) is None else float(str(row[key])) for key in ("value", "low", "high")
    )
    low, high = (value if np.isnan(low) else low), (value if np.isnan(high) else high)
    if low > high or (not np.isnan(value) and not low <= value <= high):
        raise AlmazError(
            _(
                "the figure {value} of «{code}» for {region} is not between its bounds",
                value=value,
                code=row["indicator"],
                region=row["region"],
            ),
            expected=f"{low} … {high}",
        )
    return value, low, high


@dataclass(frozen=True)
class Snapshot:
    """The newest figure of every indicator up to a year: arrays (regions, indicators), year 0 where there is none."""

    value: FloatArray
    low: FloatArray
    high: FloatArray
    judged: BoolArray
    source: npt.NDArray[np.object_]
    year: npt.NDArray[np.int64]


def as_of(figures: Panel, year: int | None = None) -> Snapshot:
    """The newest known figure of each region and indicator, not after a year (by default: of all years)."""
    within = [number for number, held in enumerate(figures.years) if year is None or held <= year]
    shape = figures.value.shape[:2]
    chosen = np.full(shape, -1)
    for number in within:
        there = ~np.isnan(figures.value[:, :, number]) | ~np.isnan(figures.low[:, :, number])
        chosen = np.where(there, number, chosen)
    known = chosen >= 0
    at = (*np.ogrid[: shape[0], : shape[1]], np.maximum(chosen, 0))

    def taken(array: FloatArray) -> FloatArray:
        return np.where(known, array[at], np.nan)

    years = np.where(known, np.array(figures.years, dtype=np.int64)[np.maximum(chosen, 0)], 0)
    source = np.array(figures.source[at], dtype=object)
    source[~known] = None
    judged = known & figures.judged[at]
    return Snapshot(taken(figures.value), taken(figures.low), taken(figures.high), judged, source, years)
