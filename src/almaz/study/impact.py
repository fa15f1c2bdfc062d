"""The impact room of a run: directions, regressions, evaluation, survey and horizon as tables; and an evaluation by itself."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pyarrow as pa

from almaz.impact.directions import coverage, directions
from almaz.impact.evaluation import EvaluationOptions, evaluate
from almaz.impact.growth_regression import SCHEMA as GROWTH
from almaz.impact.growth_regression import GrowthOptions, growth_regression, growth_sample
from almaz.impact.horizon import PERCENTILES, Horizon, horizon, plan_from, read_plan
from almaz.impact.neighbours import neighbours
from almaz.impact.panel import Gaps
from almaz.impact.panel_file import Columns, read_panel
from almaz.impact.survey import item_answers, score
from almaz.impact.survey_form import read_answers
from almaz.language import kept_texts
from almaz.language import text as _
from almaz.study.edition import MANIFEST, Edition, sha256, write_json, write_table
from almaz.study.impact_section import HorizonPart, ImpactSection, ProgrammePart
from almaz.study.measured import Measured
from almaz.tables.places import read_geometry
from almaz.whole import whole_folder

Tell = Callable[[str], None]


def tables(measured: Measured, tell: Tell) -> dict[str, pa.Table]:
    """What the study's [impact] asks for; nothing where there is no such section."""
    section = measured.study.impact
    if section is None:
        return {}
    made: dict[str, pa.Table] = {}
    if section.directions:
        tell(_("measuring the directions of effect"))
        made["directions"] = directions(measured.activity, measured.definition)
        made["direction_indicators"] = coverage(measured.activity)
    if section.growth is not None:
        tell(_("regressing growth on clusters"))
        made["growth_regression"] = _growth(measured, section)
    if section.programme is not None:
        tell(_("evaluating the programme"))
        made |= _programme(section.programme)
    if section.survey is not None:
        tell(_("scoring the survey"))
        answers = read_answers(section.survey.file, section.survey.population)
        made["survey_scores"], made["survey_items"] = score(answers), item_answers(answers)
    if section.horizon is not None:
        tell(_("playing the horizon through"))
        made |= horizon_tables(horizon(plan_from(plan_keys(section.horizon))))
    return made


def _growth(measured: Measured, section: ImpactSection) -> pa.Table:
    part = section.growth
    assert part is not None
    borders = measured.study.regions.geometry
    adjacency = None if borders is None else neighbours(read_geometry(borders), measured.activity.regions)
    parts = []
    for measure in part.measures:
        options = GrowthOptions(measure, part.first, part.last, part.related, tuple(part.effects), part.errors)
        sample = growth_sample(measured.activity, measured.definition, adjacency, options)
        parts.append(growth_regression(sample, options))
    return pa.concat_tables(parts) if parts else GROWTH.empty_table()


def _programme(part: ProgrammePart) -> dict[str, pa.Table]:
    columns = Columns(
        part.unit, part.time, part.outcome, part.first, part.treated, part.cluster, tuple(part.covariates)
    )
    options = EvaluationOptions(
        part.outcome, part.desired, part.project, part.control, part.base, part.anticipation, part.adjust, part.level,
        part.minimum,
    )  # fmt: skip
    source = _identity(part.file, columns, options, part.gaps)
    made = evaluate(
        read_panel(part.file, columns, part.gaps), EvaluationOptions(**(asdict(options) | {"source": source}))
    )
    return dict(made.tables)


def plan_keys(part: HorizonPart) -> dict[str, object]:
    """The keys of a plan as `horizon.plan_from` takes them."""
    written = part.model_dump(exclude_none=True, exclude={"currency"})
    return {key: value for key, value in written.items() if value != {}}


def horizon_tables(made: Horizon) -> dict[str, pa.Table]:
    """A horizon as tables: paths by year and percentile, the tornado, and the summary with the assumptions."""
    plan = made.plan
    years = made.year.astype(np.int64)
    paths = pa.concat_tables(
        [
            pa.table(
                {
                    "year": years,
                    "percentile": np.full(len(years), percentile, dtype=np.int64),
                    "benefit": made.benefit[place],
                    "cost": made.cost[place],
                    "balance": made.balance[place],
                }
            )
            for place, percentile in enumerate(PERCENTILES)
        ]
    )
    tornado = pa.Table.from_pylist(
        [
            {
                "parameter": name, "low": getattr(plan, name).low, "middle": getattr(plan, name).middle,
                "high": getattr(plan, name).high, "balance_low": ends[0], "balance_high": ends[1],
                "balance_middle": made.middle,
            }
            for name, ends in made.tornado.items()
        ]
    )  # fmt: skip
    turning = {f"break_even_{p}": made.break_even[place] for place, p in enumerate(PERCENTILES)}
    summary = {
        "start": plan.start, "years": plan.years, "never": made.never, "balance_middle": made.middle,
        **{key: None if np.isnan(value) else int(value) for key, value in turning.items()},
    }  # fmt: skip
    kinds = {"never": pa.float64(), "balance_middle": pa.float64()}
    warned = [year for year, amount in (plan.promised or {}).items() if amount > 0 and year < plan.start + 5]
    return {
        "horizon": paths,
        "horizon_tornado": tornado,
        "horizon_summary": pa.Table.from_pylist(
            [summary], schema=pa.schema([(key, kinds.get(key, pa.int64())) for key in summary])
        ),
        "horizon_early": pa.table({"year": pa.array(sorted(warned), pa.int64())}),
    }


def evaluate_panel(
    file: Path, columns: Columns, options: EvaluationOptions, output: Path, gaps: Gaps = "refuse"
) -> Edition:
    """Evaluate a panel file by itself: an edition of its own, or the one already made of the same file and options."""
    source = _identity(file, columns, options, gaps)
    path = output / f"{file.stem.replace('_', '-')}-{source[:12]}"
    if (path / MANIFEST).is_file():
        return Edition(path)
    with kept_texts():
        made = evaluate(read_panel(file, columns, gaps), EvaluationOptions(**(asdict(options) | {"source": source})))
    parameters = {"columns": asdict(columns), "options": asdict(options), "gaps": gaps}
    return write_tables(made.tables, source, {"file": file.name, **parameters}, {file.name: sha256(file)}, path)


def play_plan(file: Path, output: Path, draws: int = 5000) -> Edition:
    """Play a plan file through: an edition of its own, or the one already made of the same plan."""
    made = horizon(read_plan(file), draws)
    source = hashlib.sha256(f"{sha256(file)} {draws} {version('almaz')}".encode()).hexdigest()
    path = output / f"{file.stem.replace('_', '-')}-{source[:12]}"
    if (path / MANIFEST).is_file():
        return Edition(path)
    return write_tables(
        horizon_tables(made), source, {"file": file.name, "draws": draws}, {file.name: sha256(file)}, path
    )


def write_tables(
    tables: Mapping[str, pa.Table],
    identity: str,
    parameters: Mapping[str, object],
    inputs: Mapping[str, str],
    path: Path,
) -> Edition:
    """An edition of some tables without a study: whole or not there."""
    with whole_folder(path) as partial:
        for name, table in tables.items():
            write_table(table, partial / f"{name}.parquet")
        parts = ("almaz", "numpy", "pyarrow", "scipy")
        write_json(
            {
                "identity": identity,
                "parameters": parameters,
                "inputs": inputs,
                "code": {"versions": {part: version(part) for part in parts}},
                "tables": {name: sha256(partial / f"{name}.parquet") for name in sorted(tables)},
            },
            partial / MANIFEST,
        )
    return Edition(path)


def _identity(file: Path, columns: Columns, options: EvaluationOptions, gaps: str) -> str:
    """The SHA-256 of the file and of all that decides the result: what a finding rests on."""
    parts = [sha256(file), asdict(columns), asdict(options) | {"source": ""}, gaps, version("almaz")]
    return hashlib.sha256(json.dumps(parts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
