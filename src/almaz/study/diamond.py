"""The diamond in an edition: its tables, and the way back from them to what a what-if needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from almaz.diamond.corners import from_portfolio
from almaz.diamond.figures import read_figures
from almaz.diamond.frame import Options
from almaz.diamond.indicators import (
    ROLES,
    SCHEMA,
    Indicator,
    IndicatorSet,
    Panel,
    joined,
    panel,
    read_set,
)
from almaz.diamond.judged import as_figures
from almaz.diamond.result import (
    alternatives_table,
    clusters_table,
    corners_table,
    figures_table,
    indicators_table,
    indices_table,
    interaction_table,
    scores_table,
    sensitivity_table,
    set_table,
    steps_table,
)
from almaz.diamond.score import diamond
from almaz.diamond.wide import from_wide
from almaz.language import LANGUAGES
from almaz.language import text as _
from almaz.study.diamond_section import DiamondSection
from almaz.study.edition import Edition
from almaz.study.measured import Measured
from almaz.tables.expert_form import agreement, judgements_table, read_forms

Tell = Callable[[str], None]
PORTFOLIO = "portfolio"


def tables(measured: Measured, tell: Tell) -> dict[str, pa.Table]:
    """The diamond's tables, or none where the study has no [diamond] section."""
    section = measured.study.diamond
    if section is None:
        return {}
    tell(_("scoring the diamond"))
    figures, chosen = _panel(measured, section)
    scored = diamond(figures, chosen)
    result = {
        "diamond_set": set_table(scored),
        "diamond_figures": figures_table(figures),
        "diamond_scores": scores_table(scored),
        "diamond_corners": corners_table(scored),
        "diamond_indicators": indicators_table(scored),
        "diamond_steps": steps_table(scored),
        "diamond_alternatives": alternatives_table(scored),
    }
    result |= indices_table(figures, chosen) | _agreement(section) | _chance(section)
    tell(_("asking which choice matters"))
    result["diamond_sensitivity"] = sensitivity_table(scored)
    result["diamond_interaction"] = interaction_table(scored, section.group_digits)
    if measured.definition.published:
        result["diamond_clusters"] = clusters_table(scored, measured.portfolio, _related(measured))
    return result


def _related(measured: Measured) -> dict[str, list[str]] | None:
    """Cluster → its related clusters, where the study relates them."""
    if "cluster_relatedness" not in measured.tables:
        return None
    pairs = measured.tables["cluster_relatedness"].select(["cluster", "cluster_2", "related"]).to_pylist()
    found: dict[str, list[str]] = {}
    for pair in pairs:
        if pair["related"]:
            found.setdefault(pair["cluster"], []).append(pair["cluster_2"])
    return found


def options(section: DiamondSection) -> Options:
    """The section's choices; a headline choice is always among its rivals, and first."""

    def rivals(first: str, others: Sequence[str]) -> tuple[Any, ...]:
        return (first, *(one for one in others if one != first))

    return Options(
        treatment=section.treatment,
        normalisation=section.normalisation,
        aggregation=section.aggregation,
        missing=section.missing,
        weights=section.weights,
        corner_weights=dict(section.corner_weights),
        normalisations=rivals(section.normalisation, section.normalisations),
        aggregations=rivals(section.aggregation, section.aggregations),
        missings=rivals(section.missing, section.missings),
        weights_off=section.weights_off,
        draws=section.draws,
        sobol_draws=section.sobol_draws,
        seed=section.seed,
        level=section.level,
        year=section.year,
    )


def _panel(measured: Measured, section: DiamondSection) -> tuple[Panel, Options]:
    said, own = _of_the_study(measured.material.indicators, [read_set(one) for one in section.sets])
    parts = [said, *(read_figures(file) for file in section.figures)]
    if section.forms:
        parts.append(as_figures(read_forms(section.forms)))
    if PORTFOLIO in section.sets:
        parts.append(from_portfolio(measured.portfolio, measured.strength))
    for file in section.wide:
        table = pq.read_table(file.file)
        codes = [str(code)[: file.digits] + file.suffix for code in table[file.region].to_pylist()]
        parts.append(from_wide(table, read_set(file.set), codes))
    return panel(pa.concat_tables(parts), joined(own), measured.activity.regions), options(section)


def _of_the_study(said: pa.Table, sets: list[IndicatorSet]) -> tuple[pa.Table, list[IndicatorSet]]:
    """The study's own [[indicators]] as figures, and the sets with those indicators added that no set has.

    Such an indicator needs a direction; a `corner` that is none of the roles names an outcome. Without both it is left out.
    """
    known = {one.code for held in sets for one in held.indicator}
    added: dict[str, Indicator] = {}
    rows = said.to_pylist()
    for row in rows:
        code = row["indicator"]
        if code in known or code in added or row["direction"] is None or row["corner"] is None:
            continue
        names = {spoken: row[f"name_{spoken}"] for spoken in LANGUAGES if row[f"name_{spoken}"]}
        added[code] = Indicator.model_validate(
            {
                "code": code,
                "role": row["corner"] if row["corner"] in ROLES else "outcome",
                "direction": row["direction"],
                "name": {"en": code, **names},
                "unit": {"en": row["unit"] or ""},
                "source": {"en": row["source"] or ""},
            }
        )
    wanted = known | added.keys()
    figures = [
        {**{name: row.get(name) for name in SCHEMA.names}, "basis": "statistic"}
        for row in rows
        if row["indicator"] in wanted and row["year"] is not None
    ]
    extra = [IndicatorSet(title={"en": "study"}, indicator=tuple(added.values()))] if added else []
    return pa.Table.from_pylist(figures, schema=SCHEMA), [*sets, *extra]


def restored(edition: Edition) -> tuple[Panel, Options]:
    """The panel and the choices of an edition's diamond, from its own tables: what a what-if starts from.

    Raises AlmazError where the edition has no diamond.
    """
    rows = edition.table("diamond_set").to_pylist()
    indicators = tuple(Indicator.model_validate_json(row["indicator_json"]) for row in rows)
    held = IndicatorSet(title={"en": "edition"}, indicator=indicators)
    regions = list(dict.fromkeys(edition.table("diamond_scores")["region"].to_pylist()))
    section = DiamondSection.model_validate(edition.manifest["study"]["diamond"])
    return panel(edition.table("diamond_figures"), held, regions), options(section)


def _agreement(section: DiamondSection) -> dict[str, pa.Table]:
    said = read_forms(section.forms)
    if not said:
        return {}
    return {
        "diamond_agreement": pa.Table.from_pylist([agreement(said).row()]),
        "diamond_judgements": judgements_table(said),
    }


def _chance(section: DiamondSection) -> dict[str, pa.Table]:
    rows = []
    for one in section.chance:
        row: dict[str, object] = {"region": one.region, "year": one.year}
        rows.append(row | {f"note_{spoken}": _said(one.note, spoken) for spoken in LANGUAGES})
    return {"diamond_chance": pa.Table.from_pylist(rows)} if rows else {}


def _said(names: Mapping[Any, str], spoken: str) -> str:
    return names.get(spoken) or names.get("en") or next(iter(names.values()), "")
