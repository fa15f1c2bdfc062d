"""A run: from the study file to an edition, stage by stage, with progress; killed half-way it leaves no edition behind."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial as partial_call
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from almaz.clusters.definition import ClusterDefinition
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
from almaz.study.checking import check, definition_of, geometry_of
from almaz.study.edition import MANIFEST, Edition, sha256, write_json, write_table
from almaz.study.file import Study
from almaz.study.identity import code_fingerprint, identity_of, inputs, parameters
from almaz.study.measured import Material, Measured
from almaz.study.stages import LOCK, Stages, alone
from almaz.study.workers import on_workers
from almaz.tables.activity import CODE, Activity
from almaz.tables.assemble import Filling, assemble
from almaz.tables.problems import spoken
from almaz.tables.schema import STATUSES, Status

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
_PARTS = ("almaz", "duckdb", "ibis-framework", "numpy", "pyarrow", "scipy")


def run(study: Study, output: Path, tell: Tell = lambda _stage: None) -> Edition:
    """Make the edition of a study in the folder `output`, or find it already made.

    Finished stages are kept beside it until it is whole: killed, the same run goes on from the last of them. Nothing in the
    edition depends on the language in use. Raises AlmazError where the check finds errors: they stop a run; warnings are
    kept in the edition.
    """
    identity = identity_of(study)
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


def _written(study: Study, identity: str, path: Path, partial: Path, tables: Mapping[str, pa.Table]) -> Edition:
    for name, table in tables.items():
        write_table(table, partial / f"{name}.parquet")
    borders = geometry_of(study)
    if borders is not None:
        write_json(borders, partial / "geometry.json")
    manifest = {
        "identity": identity,
        "study": parameters(study),
        "inputs": dict(inputs(study)),
        "code": {"fingerprint": code_fingerprint(), "versions": {part: version(part) for part in _PARTS}},
        "tables": {name: sha256(partial / f"{name}.parquet") for name in sorted(tables)},
    }
    shutil.rmtree(partial / "stages", ignore_errors=True)
    write_json(manifest, partial / MANIFEST)
    (partial / LOCK).unlink()
    partial.rename(path)
    return Edition(path)
