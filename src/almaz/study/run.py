"""A run: from the study file to an edition, stage by stage, with progress; killed half-way it leaves no edition behind."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial as partial_call
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from almaz.clusters.definition import ClusterDefinition, each_industry_itself, read_definition
from almaz.clusters.portfolio import PortfolioOptions, portfolio
from almaz.clusters.rivalry import Rivalry, rivalry_of_establishments, rivalry_of_firms, rivalry_of_size_classes
from almaz.clusters.rules import StrengthOptions
from almaz.clusters.sizes import read_size_classes
from almaz.clusters.strength import strength
from almaz.clusters.typology import TypologyOptions, typology
from almaz.errors import AlmazError, Where
from almaz.language import LANGUAGES, kept_texts, spoken_text, texts, use
from almaz.language import text as _
from almaz.study import chains, diamond, hidden, impact, places, potential, programme, relatedness
from almaz.study.edition import MANIFEST, Edition, sha256, write_json, write_table
from almaz.study.file import Study
from almaz.study.file import files as files_of
from almaz.study.measured import Material, Measured
from almaz.study.registers import Keep, fingerprint, make_now, read_registers
from almaz.study.stages import LOCK, Stages, alone
from almaz.study.workers import on_workers
from almaz.tables.activity import CODE, Activity
from almaz.tables.assemble import Filling, assemble
from almaz.tables.check import check as check_observations
from almaz.tables.check import check_duplicates
from almaz.tables.classification import industries_from_codes, is_aggregate
from almaz.tables.concordance import read_concordance
from almaz.tables.firms import placed_firms, read_firms
from almaz.tables.indicators import About, read_indicators
from almaz.tables.names import match_regions
from almaz.tables.places import MAPS, geometry_ids, read_geometry, read_regions
from almaz.tables.problems import problem, spoken
from almaz.tables.schema import FIRMS, INDICATORS, PROBLEMS, STATUSES, Status
from almaz.tables.source import Reading, Source, read

Tell = Callable[[str], None]
Room = Callable[[Measured, Tell], dict[str, pa.Table]]
ROOMS: tuple[Room, ...] = (
    hidden.tables,
    relatedness.tables,
    diamond.tables,
    chains.tables,
    places.tables,
    potential.tables,
    programme.tables,
    impact.tables,
)
"""The rooms above the portfolio: each takes what was measured and gives tables of the edition, by name."""
_MAKERS = ("measures", "tables", "clusters", "diamond", "potential", "impact", "programme", "study")
_PARTS = ("almaz", "duckdb", "ibis-framework", "numpy", "pyarrow", "scipy")


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
        raise AlmazError(
            _("none of the data's regions is among the study's regions"),
            where=Where(file=str(study.regions.file)),
            expected=_("the same codes or names as in {file}", file=_first(study)),
        )
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


def _first(study: Study) -> str:
    """The name of the first source."""
    return str(study.data[0].file) if study.data else study.registers[0].name


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


def run(study: Study, output: Path, tell: Tell = lambda _stage: None) -> Edition:
    """Make the edition of a study in the folder `output`, or find it already made.

    Finished stages are kept beside it until it is whole: killed, the same run goes on from the last of them. Nothing in the
    edition depends on the language in use. Raises AlmazError where the check finds errors: they stop a run; warnings are
    kept in the edition.
    """
    identity = _identity(study)
    path = output / f"{study.study.name}-{identity[:12]}"
    if (path / MANIFEST).is_file():
        return Edition(path)
    partial = path.with_name(path.name + ".partial")
    with kept_texts() as language:

        def say(stage: str) -> None:
            with use(language):
                tell(spoken_text(stage))

        with alone(partial), on_workers(study.engine, say):
            return _made(study, identity, path, partial, say)


def _made(study: Study, identity: str, path: Path, partial: Path, tell: Tell) -> Edition:
    """Every stage that is not kept from a run before, then the edition."""
    stages = Stages(partial / "stages")
    held = stages.tables("material", lambda: vars(_without_errors(check(study, tell, stages.tables))))
    material = Material(**held)

    activity = stages.activity("activity", lambda: laid_out(study, material, tell))
    tell(_("measuring the clusters"))
    measured, tables = _results(study, activity, material)
    for room in ROOMS:
        tables |= stages.tables(
            room.__module__.rpartition(".")[2], partial_call(room, replace(measured, tables=tables), tell)
        )
    tell(_("writing the edition"))
    return _written(study, identity, path, partial, tables)


def laid_out(study: Study, material: Material, tell: Tell) -> Activity:
    """The observations as matrices of the finest industries, hidden cells bounded, estimated and drawn."""
    tell(_("laying out the activity"))
    present = set(pc.unique(material.observations["region"]).to_pylist())
    regions = [code for code in material.regions["region"].to_pylist() if code in present]
    return assemble(
        pa.concat_tables([material.observations, material.above]).unify_dictionaries(),
        regions,
        material.industries,
        absent=Status(study.industries.absent),
        places=material.places if material.places.num_rows else None,
        filling=Filling(measures=(study.portfolio.measure,)),
    )


def _without_errors(material: Material) -> Material:
    """The material; raises AlmazError with the first error where there are any."""
    if material.errors:
        first = spoken(
            material.problems.filter(pc.equal(material.problems["level"], "error")).slice(0, 1).to_pylist()[0]
        )
        raise AlmazError(
            texts(
                "{number} error in the data: {problem}",
                "{number} errors in the data; the first: {problem}",
                material.errors,
                problem=first["problem"],
            ),
            where=Where(file=first["file"], sheet=first["sheet"], row=first["row"], column=first["column"]),
            expected=first["expected"],
            advice=_("see all of them with: almaz check"),
        )
    return material


def _results(study: Study, activity: Activity, material: Material) -> tuple[Measured, dict[str, pa.Table]]:
    definition = definition_of(study, activity.industries)
    options = study.portfolio
    measured = portfolio(
        activity, definition, PortfolioOptions(options.measure, options.base, options.reference, options.level)
    )
    judged = strength(measured, options.measure, StrengthOptions(**study.strength.model_dump()))
    kinds = typology(measured, _rivalry(study, material, activity, definition), _typology_options(study))
    tables = {
        "regions": material.regions,
        "industries": material.industries,
        "clusters": _clusters(study, definition, material.industries),
        "definition": definition.table,
        "unmatched": _unmatched(definition, activity, options.measure, material.industries),
        "activity": tidy(activity),
        "portfolio": measured.table,
        "strength": judged.table,
        "disagreement": judged.disagreement,
        "region_strength": judged.region_strength,
        "typology": kinds,
        "problems": pa.concat_tables([material.problems, activity.contradictions]),
        "sources": material.sources,
    }
    given = {"indicators": material.indicators, "firms": material.firms}
    tables |= {name: table for name, table in given.items() if table.num_rows}
    return Measured(study, material, activity, definition, measured, judged, kinds), tables


def _typology_options(study: Study) -> TypologyOptions:
    return TypologyOptions(**study.typology.model_dump(exclude={"size_classes"}))


def _rivalry(study: Study, material: Material, activity: Activity, definition: ClusterDefinition) -> Rivalry:
    """From the best that is known: firms, else size classes, else the number of establishments."""
    section = study.typology
    best = rivalry_of_establishments(activity, definition, study.portfolio.measure, section.variation)
    if section.size_classes is not None:
        best = rivalry_of_size_classes(read_size_classes(section.size_classes), activity, definition).known_better(best)
    if material.firms.num_rows:
        best = rivalry_of_firms(material.firms, activity, definition).known_better(best)
    return best


def tidy(activity: Activity) -> pa.Table:
    """Activity as a tidy table: region, industry, year, measure, value, low, high, status.

    Cells that are nil are left out, and so are years in which the office has nothing of a measure.
    """
    parts = []
    for measure, cells in sorted(activity.measures.items()):
        there = (cells.status != CODE[Status.NOT_AVAILABLE]).any(axis=(0, 1))
        region, industry, year = ((cells.status != CODE[Status.NIL]) & there).nonzero()
        at = (region, industry, year)
        parts.append(
            pa.table(
                {
                    "region": pa.array(activity.regions).take(pa.array(region)),
                    "industry": pa.array(activity.industries).take(pa.array(industry)),
                    "year": pa.array(activity.years, pa.int32()).take(pa.array(year)),
                    "measure": pa.array([measure] * len(region), pa.string()),
                    "value": pa.array(cells.value[at], from_pandas=True),
                    "low": cells.low[at],
                    "high": cells.high[at],
                    "status": pa.array([status.value for status in STATUSES]).take(pa.array(cells.status[at])),
                }
            )
        )
    return pa.concat_tables(parts)


def definition_of(study: Study, industries: Sequence[str]) -> ClusterDefinition:
    """The study's definition over the industries of its data; without one every industry stands for itself."""
    if study.clusters.definition is None:
        return each_industry_itself(industries)
    concordance: dict[str, list[str]] = {}
    if study.clusters.concordance is not None:
        rule = read_concordance(study.clusters.concordance)
        concordance = {code: list(weights) for code, weights in rule.weights.items()}
    return read_definition(study.clusters.definition, industries, concordance)


def _unmatched(definition: ClusterDefinition, activity: Activity, measure: str, industries: pa.Table) -> pa.Table:
    """Codes without a counterpart, with their name and the share of the country's activity that they hold."""
    sizes = np.nansum(activity.cells(measure).value[:, :, -1], axis=0)
    size = dict(zip(activity.industries, sizes.tolist(), strict=True))
    names = dict(zip(industries["industry"].to_pylist(), industries["name_en"].to_pylist(), strict=True))
    rows = [
        {
            **row,
            "name": names.get(row["industry"]),
            measure: size.get(row["industry"]),
            "share": size.get(row["industry"], 0.0) / sizes.sum(),
        }
        for row in definition.unmatched.to_pylist()
    ]
    schema = pa.schema(
        [
            ("industry", pa.string()),
            ("side", pa.string()),
            ("name", pa.string()),
            (measure, pa.float64()),
            ("share", pa.float64()),
        ]
    )
    return pa.Table.from_pylist(rows, schema=schema)


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


def _clusters(study: Study, definition: ClusterDefinition, industries: pa.Table) -> pa.Table:
    names: dict[str, Mapping[str, str | None]] = {}
    if not definition.published:
        names = {row["industry"]: row for row in industries.to_pylist()}
    elif study.clusters.names is not None:
        with study.clusters.names.open(encoding="utf-8-sig", newline="") as source:
            names = {row["cluster"]: row for row in csv.DictReader(source)}
    sizes = {
        row["cluster"]: row["industry_count"]
        for row in definition.table.group_by("cluster").aggregate([("industry", "count")]).to_pylist()
    }
    return pa.Table.from_pylist(
        [
            {
                "cluster": cluster,
                "kind": kind,
                "industries": sizes[cluster],
                **{
                    f"name_{language}": names.get(cluster, {}).get(f"name_{language}") or cluster
                    for language in LANGUAGES
                },
            }
            for cluster, kind in definition.clusters.items()
        ]
    )


def _geometry(study: Study) -> dict[str, Any] | None:
    """The borders of the study's regions: of its map, or of the regions' own file where that is one."""
    places = study.regions
    file = places.geometry or (places.file if places.file.suffix.lower() in MAPS else None)
    return None if file is None else read_geometry(file, places.columns.get("region", "region"))


def _borders(study: Study, regions: pa.Table) -> pa.Table:
    borders = _geometry(study)
    if borders is None:
        return PROBLEMS.empty_table()
    ids, file = geometry_ids(borders), study.regions.geometry or study.regions.file
    lines = [
        problem("no_borders", "note", file=file.name, value=code)
        for code in regions["region"].to_pylist()
        if code not in ids
    ]
    return pa.Table.from_pylist(lines, schema=PROBLEMS)


def _files(study: Study) -> list[Path]:
    return sorted(set(files_of(study)))


def _inputs(study: Study) -> list[list[str]]:
    """Every file and register by name, and the hash or version by which its content is known."""
    files = [[file.name, sha256(file)] for file in _files(study)]
    return files + [[section.name, fingerprint(section)] for section in study.registers]


def _parameters(study: Study) -> dict[str, Any]:
    """The study as written, paths by their names only: the same study in another folder makes the same edition.

    The engine is left out: no figure depends on it.
    """

    def plain(value: object) -> object:
        if isinstance(value, dict):
            return {key: plain(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [plain(inner) for inner in value]
        return value.name if isinstance(value, Path) else value

    said = study.model_dump(exclude={"engine"})
    for part, section in zip(said["registers"], study.registers, strict=True):
        part["file"] = section.file and section.name
    written: dict[str, Any] = json.loads(json.dumps(plain(said), default=str))
    return written


def code_fingerprint() -> str:
    """SHA-256 over the source of the rooms that make an edition; pages, commands and the site only show it."""
    digest = hashlib.sha256()
    root = Path(str(files("almaz")))
    for file in sorted(file for room in _MAKERS for file in (root / room).rglob("*.py")):
        digest.update(file.relative_to(root).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def _identity(study: Study) -> str:
    parts = [_parameters(study), _inputs(study), code_fingerprint()]
    return hashlib.sha256(json.dumps(parts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _written(study: Study, identity: str, path: Path, partial: Path, tables: Mapping[str, pa.Table]) -> Edition:
    for name, table in tables.items():
        write_table(table, partial / f"{name}.parquet")
    borders = _geometry(study)
    if borders is not None:
        write_json(borders, partial / "geometry.json")
    manifest = {
        "identity": identity,
        "study": _parameters(study),
        "inputs": dict(_inputs(study)),
        "code": {"fingerprint": code_fingerprint(), "versions": {part: version(part) for part in _PARTS}},
        "tables": {name: sha256(partial / f"{name}.parquet") for name in sorted(tables)},
    }
    shutil.rmtree(partial / "stages", ignore_errors=True)
    write_json(manifest, partial / MANIFEST)
    (partial / LOCK).unlink()
    partial.rename(path)
    return Edition(path)
