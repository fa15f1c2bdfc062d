"""From a study's files and registers to checked material: regions, industries, observations, and what is wrong with them."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from almaz.clusters.definition import ClusterDefinition, each_industry_itself, read_definition
from almaz.errors import AlmazError, Where
from almaz.language import text as _
from almaz.study.edition import sha256
from almaz.study.file import Study
from almaz.study.measured import Material
from almaz.study.registers import Keep, fingerprint, make_now, read_registers
from almaz.tables.check import check as check_observations
from almaz.tables.check import check_duplicates
from almaz.tables.classification import industries_from_codes, is_aggregate
from almaz.tables.concordance import read_concordance
from almaz.tables.firms import placed_firms, read_firms
from almaz.tables.indicators import About, read_indicators
from almaz.tables.names import match_regions
from almaz.tables.places import MAPS, geometry_ids, read_geometry, read_regions
from almaz.tables.problems import problem
from almaz.tables.schema import FIRMS, INDICATORS, PROBLEMS, Status
from almaz.tables.source import Reading, Source, read

Tell = Callable[[str], None]


def check(study: Study, tell: Tell = lambda _stage: None, keep: Keep = make_now) -> Material:
    """Read and check the files and registers of a study, nothing more. keep: for what the engine has added up.

    Regions of other kinds than the study's are checked too (a country, an oblast and the sum of its raions) and then left out
    of the observations; they stay in `above`.
    """
    tell(_("reading the data"))
    everywhere, regions = regions_of(study)
    readings = [read(Source(**part.model_dump(exclude_none=True))) for part in study.data]
    added = read_registers(study.registers, study.engine, tell, keep)
    found = [reading.problems for reading in [*readings, *added]]
    observations = pa.concat_tables([reading.observations for reading in [*readings, *added]]).unify_dictionaries()
    system = study.industries.system
    observations, aggregates = _without_aggregates(observations, system)
    observations, empty = _without_empty_years(observations)
    tell(_("placing the regions"))
    observations, unplaced = match_regions(observations, everywhere)
    industries = industries_of(study, pc.unique(observations["industry"]).to_pylist())
    tell(_("checking"))
    absent_nil = study.industries.absent == "nil"
    found += [
        aggregates,
        empty,
        unplaced,
        check_observations(observations, industries, system, everywhere, absent_nil=absent_nil),
    ]
    indicators, about_indicators, more = _indicators(study, everywhere)
    firms, about_firms, lists = _firms(study, everywhere)
    problems = _worst_first(pa.concat_tables([*found, about_indicators, about_firms, _borders(study, regions)]))
    sources = _sources(study, [*readings, *more, *lists], added)
    mine = pc.is_in(observations["region"], value_set=regions["region"])
    here, above = observations.filter(mine), observations.filter(pc.invert(mine))
    if here.num_rows == 0 and not pc.any(pc.equal(problems["level"], "error")).as_py():
        raise nothing_placed(study)
    return Material(here, regions, industries, problems, sources, indicators, firms, above, everywhere)


def regions_of(study: Study) -> tuple[pa.Table, pa.Table]:
    """All regions of the study's file, and those of its kind."""
    places = study.regions
    called = {str(name): header for name, header in places.columns.items()}
    everywhere = read_regions(places.file, None, called, places.sheet)
    return everywhere, everywhere if places.kind is None else read_regions(
        places.file, places.kind, called, places.sheet
    )


def industries_of(study: Study, codes: Iterable[str]) -> pa.Table:
    """The tree of the industries that the data hold, by the study's classification, with their names."""
    titles = _titles(study)
    listed = None if study.industries.file is None else [*titles, *_converted(study)]
    return industries_from_codes(codes, study.industries.system, titles, listed)


def definition_of(study: Study, industries: Sequence[str]) -> ClusterDefinition:
    """The study's definition over the industries of its data; without one every industry stands for itself."""
    if study.clusters.definition is None:
        return each_industry_itself(industries)
    concordance: dict[str, list[str]] = {}
    if study.clusters.concordance is not None:
        rule = read_concordance(study.clusters.concordance)
        concordance = {code: list(weights) for code, weights in rule.weights.items()}
    return read_definition(study.clusters.definition, industries, concordance)


def geometry_of(study: Study) -> dict[str, Any] | None:
    """The borders of the study's regions: of its map, or of the regions' own file where that is one."""
    places = study.regions
    file = places.geometry or (places.file if places.file.suffix.lower() in MAPS else None)
    return None if file is None else read_geometry(file, places.columns.get("region", "region"))


def nothing_placed(study: Study) -> AlmazError:
    """None of the data's regions is one of the study's."""
    first = str(study.data[0].file) if study.data else study.registers[0].name
    return AlmazError(
        _("none of the data's regions is among the study's regions"),
        where=Where(file=str(study.regions.file)),
        expected=_("the same codes or names as in {file}", file=first),
    )


def _worst_first(problems: pa.Table) -> pa.Table:
    """Errors, then warnings, then notes, each in the order in which they were found."""
    levels = ("error", "warning", "note")
    return pa.concat_tables([problems.filter(pc.equal(problems["level"], level)) for level in levels])


def _without_aggregates(observations: pa.Table, system: str | None) -> tuple[pa.Table, pa.Table]:
    """The observations whose industry has a place in the tree, and a note for every other."""
    column = observations["industry"]
    outside = [code for code in pc.unique(column).to_pylist() if is_aggregate(code, system)]
    if not outside:
        return observations, PROBLEMS.empty_table()
    mask = pc.is_in(column, value_set=pa.array(outside, pa.string()))
    counts = {one["values"]: one["counts"] for one in pc.value_counts(column.filter(mask)).to_pylist()}
    lines = [problem("aggregate_industry", "note", value=code, number=counts[code]) for code in sorted(outside)]
    return observations.filter(pc.invert(mask)), pa.Table.from_pylist(lines, schema=PROBLEMS)


def _without_empty_years(observations: pa.Table) -> tuple[pa.Table, pa.Table]:
    """The observations of years that have any figure, hidden ones too, and a note for every other year."""
    year, status = observations["year"], observations["status"].cast(pa.string())
    said = pc.invert(pc.is_in(status, value_set=pa.array([Status.NOT_AVAILABLE, Status.NOT_YET], pa.string())))
    held = pc.unique(year.filter(said))
    empty = [one for one in pc.unique(year).to_pylist() if one not in set(held.to_pylist())]
    if not empty or not len(held):
        return observations, PROBLEMS.empty_table()
    counts = {one["values"]: one["counts"] for one in pc.value_counts(year).to_pylist()}
    lines = [problem("empty_year", "note", value=one, number=counts[one]) for one in sorted(empty)]
    return observations.filter(pc.is_in(year, value_set=held)), pa.Table.from_pylist(lines, schema=PROBLEMS)


def _titles(study: Study) -> dict[str, Mapping[str, str]]:
    titles: dict[str, Mapping[str, str]] = {}
    if study.industries.file is not None:
        with study.industries.file.open(encoding="utf-8-sig", newline="") as source:
            for row in csv.DictReader(source):
                titles[row["industry"]] = {
                    language: row.get(column, "") for language, column in study.industries.names.items()
                }
    return titles | {
        code: {str(key): name for key, name in names.items()} for code, names in study.industries.titles.items()
    }


def _converted(study: Study) -> list[str]:
    """The codes that the study's concordance knows."""
    if study.clusters.concordance is None:
        return []
    weights = read_concordance(study.clusters.concordance).weights
    return [*weights, *(code for codes in weights.values() for code in codes)]


def _sources(study: Study, readings: Sequence[Reading], added: Sequence[Reading]) -> pa.Table:
    named = [(part.file.name, sha256(part.file)) for part in study.files]
    named += [(part.name, fingerprint(part)) for part in study.registers]
    rows = [
        {"file": name, "sha256": digest, "rows": reading.rows, "cells": reading.observations.num_rows}
        for (name, digest), reading in zip(named, [*readings, *added], strict=True)
    ]
    return pa.Table.from_pylist(rows)


def _indicators(study: Study, regions: pa.Table) -> tuple[pa.Table, pa.Table, list[Reading]]:
    """The study's indicators at known regions, what is wrong with them, and the readings of their files."""
    readings = []
    for part in study.indicators:
        about = {code: About(**said.model_dump()) for code, said in part.about.items()}
        readings.append(read_indicators(Source(**part.model_dump(exclude={"about"}, exclude_none=True)), about))
    if not readings:
        return INDICATORS.empty_table(), PROBLEMS.empty_table(), readings
    held = pa.concat_tables([reading.observations for reading in readings]).unify_dictionaries()
    placed, unplaced = match_regions(held, regions)
    twice = check_duplicates(placed, ["indicator", "region", "year"])
    return placed, pa.concat_tables([*(reading.problems for reading in readings), unplaced, twice]), readings


def _firms(study: Study, regions: pa.Table) -> tuple[pa.Table, pa.Table, list[Reading]]:
    """The study's organisations, those with a region at a known one, what is wrong with them, and the readings."""
    readings = []
    for part in study.firms:
        said = part.model_dump(exclude_none=True)
        readings.append(read_firms(said.pop("file"), said.pop("columns"), said.pop("constants"), **said))
    if not readings:
        return FIRMS.empty_table(), PROBLEMS.empty_table(), readings
    held = pa.concat_tables([reading.observations for reading in readings]).unify_dictionaries()
    placed, wrong = placed_firms(held, regions)
    return placed, pa.concat_tables([*(reading.problems for reading in readings), wrong]), readings


def _borders(study: Study, regions: pa.Table) -> pa.Table:
    borders = geometry_of(study)
    if borders is None:
        return PROBLEMS.empty_table()
    ids, file = geometry_ids(borders), study.regions.geometry or study.regions.file
    lines = [
        problem("no_borders", "note", file=file.name, value=code)
        for code in regions["region"].to_pylist()
        if code not in ids
    ]
    return pa.Table.from_pylist(lines, schema=PROBLEMS)
