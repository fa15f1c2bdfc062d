"""Indicators of regions: read through the same machinery as activity, so that marks, places and problems are the same."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import astuple, dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

from almaz.errors import AlmazError, Where
from almaz.language import text as _
from almaz.tables.problems import problem
from almaz.tables.records import read_records
from almaz.tables.schema import INDICATORS, PROBLEMS
from almaz.tables.source import Reading, Source, read

_SAID = ("unit", "source", "direction", "corner")
_DIRECTIONS = {"1": 1, "+1": 1, "+": 1, "positive": 1, "-1": -1, "−1": -1, "-": -1, "negative": -1}
_WITH_YEAR = re.compile(r"(?P<stem>.+?)[_ .-]?(?P<year>(?:19|20)\d\d)$")


@dataclass(frozen=True)
class About:
    """What an indicator is. direction: 1 where more is better, -1 where less is; corner: what it measures."""

    unit: str | None = None
    source: str | None = None
    direction: int | None = None
    corner: str | None = None
    names: Mapping[str, str] | None = None


def read_indicators(source: Source, about: Mapping[str, About]) -> Reading:
    """Read a file of indicators. Returns a Reading whose observations have the columns of INDICATORS.

    The file is tidy, with a column for the indicator (`dimensions` names it) and one of values, or wide: a column for each
    indicator; `income_2019` is then the indicator «income» of 2019 unless `values` says otherwise. A tidy file may have
    columns of unit, source, direction (1, -1) and corner (`dimensions` names them).
    about: what each indicator is, by its code; it goes before what the file says. Raises AlmazError as `source.read` does.
    """
    if not source.values:
        raise AlmazError(
            _("the study does not say where to find: {missing}", missing="values"), where=Where(file=str(source.file))
        )
    dimensions = {key: column for key, column in source.dimensions.items() if key in ("region", "year")}
    if "indicator" in source.dimensions:
        dimensions["measure"] = source.dimensions["indicator"]
    values = {header: _meaning(source, header, said) for header, said in source.values.items()}
    constants = {key: value for key, value in source.constants.items() if key != "indicator"} | {"industry": "total"}
    if "indicator" in source.constants:
        constants["measure"] = source.constants["indicator"]
    reading = read(replace(source, dimensions=dimensions, constants=constants, values=values))
    written, problems = _written(source)
    known = {code: _joined(about.get(code, About()), written.get(code, About())) for code in {**written, **about}}
    found = pa.concat_tables([reading.problems, pa.Table.from_pylist(problems, schema=PROBLEMS)])
    return Reading(described(reading.observations, known), found, reading.rows)


def _written(source: Source) -> tuple[dict[str, About], list[dict[str, object]]]:
    """What a tidy file itself says of its indicators, and where it says two things of one."""
    columns = {key: source.dimensions[key] for key in _SAID if key in source.dimensions}
    if not columns or "indicator" not in source.dimensions:
        return {}, []
    code = source.dimensions["indicator"]
    records = read_records(source.file, [code, *columns.values()], source.sheet)
    missing = [header for header in columns.values() if header not in records.headers]
    if missing:
        raise AlmazError(_("there is no column «{name}»", name=missing[0]), where=Where(file=str(source.file)))
    found: dict[str, About] = {}
    problems = []
    for line, record in records.rows:
        said = {key: record[header] or None for key, header in columns.items()}
        one = About(
            said.get("unit"), said.get("source"), _DIRECTIONS.get(said.get("direction") or ""), said.get("corner")
        )
        first = found.setdefault(record[code], one)
        if one not in (first, About()):
            place = {"file": source.file.name, "row": line, "column": code, "value": record[code]}
            problems.append(problem("two_meanings", **place, first=_in_words(first)))  # type: ignore[arg-type]
    return found, problems


def _in_words(about: About) -> str:
    return ", ".join(
        str(part) for part in (about.unit, about.source, about.direction, about.corner) if part is not None
    )


def _joined(first: About, second: About) -> About:
    """What one of two says, the first before the second."""
    return About(*((one if one is not None else two) for one, two in zip(astuple(first), astuple(second), strict=True)))


def _meaning(source: Source, header: str, said: Mapping[str, str | int | float]) -> dict[str, str | int | float]:
    found = _WITH_YEAR.match(header)
    dated = found is not None and "year" not in said and "year" not in source.dimensions
    meaning: dict[str, str | int | float] = {key: value for key, value in said.items() if key != "indicator"}
    if dated and found is not None and "year" not in source.constants:
        meaning["year"] = int(found["year"])
    if "indicator" in said:
        meaning["measure"] = said["indicator"]
    elif "indicator" not in source.dimensions and "indicator" not in source.constants:
        meaning["measure"] = found["stem"] if dated and found is not None else header
    return meaning


def described(observations: pa.Table, about: Mapping[str, About]) -> pa.Table:
    """Observations of indicators (their `measure`) as INDICATORS, each with what is said about it."""
    indicator = observations["measure"]
    codes = pc.unique(indicator).to_pylist()
    place = pc.index_in(indicator, value_set=pa.array(codes, pa.string()))
    columns: dict[str, object] = {"indicator": indicator}
    known = {code: about.get(code, About()) for code in codes}
    for name in ("unit", "source", "direction", "corner"):
        said = pa.array([getattr(known[code], name) for code in codes], INDICATORS.field(name).type)
        columns[name] = said.take(place)
    for language in ("en", "ru", "ky"):
        names = [(known[code].names or {}).get(language) for code in codes]
        columns[f"name_{language}"] = pa.array(names, pa.string()).take(place)
    for name in ("region", "year", "value", "status", "file", "sheet", "row", "column"):
        columns[name] = observations[name]
    return pa.table({name: columns[name] for name in INDICATORS.names}).cast(INDICATORS)
