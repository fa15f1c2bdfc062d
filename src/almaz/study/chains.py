"""The value chains of a study: industries, supply gaps, the flows behind the picture, and length against tax."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from threadpoolctl import threadpool_limits

from almaz.clusters.chain_flows import chain_flows
from almaz.clusters.chain_length import fitted_line, industry_chains, length_relations
from almaz.clusters.supply_gap import GapOptions
from almaz.clusters.supply_table import SupplyGaps, supply_gaps
from almaz.errors import AlmazError, Where
from almaz.language import LANGUAGES
from almaz.language import text as _
from almaz.study.chains_section import ChainsSection
from almaz.tables.bea import read_concordance
from almaz.tables.bridge import Bridge, bridge, read_industry_codes
from almaz.tables.industry_system import IndustrySystem, industry_system, investing_at, investment_rate, read_make
from almaz.tables.input_output import Block, InputOutputTable, read_input_output
from almaz.tables.input_output_files import layout_of
from almaz.tables.problems import problem
from almaz.tables.schema import PROBLEMS

if TYPE_CHECKING:
    from almaz.study.measured import Measured

FloatArray: TypeAlias = npt.NDArray[np.float64]
Tell = Callable[[str], None]


def tables(measured: Measured, tell: Tell) -> dict[str, pa.Table]:
    """The tables of the study's value chains; none where the study names no input–output table.

    chain_industries, chain_relations, chain_line, chain_problems, supply_gap, supply_gap_totals, chain_flows; with tables of
    several years chain_history.
    """
    section = measured.study.chains
    if section is None:
        return {}
    tell(_("reading the input–output table"))
    table = read_table(section, section.file, section.year)
    system = industry_system(table, _make(section, table))
    with threadpool_limits(1, "blas"):
        tell(_("measuring the value chains"))
        industries = industry_chains(system)
        history = _history(section)
        relations = length_relations(industries, history)
        tie = _bridge(section, measured, table)
        gaps = _gaps(section, measured, investing_at(system, investment_rate(system)), tie)
        flows = chain_flows(system, gaps, _pictured(measured, section, gaps))
    found = [*table.problems, *_unmatched(measured, section, tie, system)]
    made = {
        "chain_industries": _with_clusters(industries, tie, measured, system),
        "chain_relations": relations,
        "chain_problems": pa.Table.from_pylist([dict(row) for row in found], schema=PROBLEMS),
        "supply_gap": _with_strength(gaps.table, measured),
        "supply_gap_totals": gaps.totals,
        "chain_flows": flows,
    }
    if "chain_taxes" in industries.column_names:
        made["chain_line"] = pa.Table.from_pylist(
            [dict(row) for row in fitted_line(industries, "chain_taxes", "stages")]
        )
    return made if history is None else made | {"chain_history": history}


def read_table(section: ChainsSection, file: Path, year: int | None) -> InputOutputTable:
    """A year of the table that the section names."""
    return read_input_output(
        file, layout=section.layout if file == section.file else "auto", sheet=section.sheet if file == section.file else None,
        year=year, country=section.country, blocks=section.blocks, domestic=section.domestic,
    )  # fmt: skip


def _make(section: ChainsSection, table: InputOutputTable) -> FloatArray | None:
    if section.make is None:
        return None
    found = layout_of(section.make)
    layout: Literal["bea", "plain", "long"] = "bea" if found == "bea" else "long" if found == "long" else "plain"
    return read_make(section.make, table, layout=layout, country=section.country, rows=section.make_rows)


def _history(section: ChainsSection) -> pa.Table | None:
    if section.history is None or section.history_years is None:
        return None
    first, last = section.history_years
    years = [
        industry_chains(industry_system(read_table(section, section.history, year))) for year in range(first, last + 1)
    ]
    return pa.concat_tables(years, promote_options="default")


def activity_codes(section: ChainsSection, table: InputOutputTable) -> dict[str, list[str]]:
    """The table's industries → the codes of the data, or their beginnings, that they hold."""
    if section.concordance is not None:
        return read_industry_codes(section.concordance)
    if section.layout == "bea" or section.file.suffix.lower() == ".xlsx":
        return read_concordance(section.file)
    return {code: [code] for code in table.industries}


def _bridge(section: ChainsSection, measured: Measured, table: InputOutputTable) -> Bridge:
    held = activity_codes(section, table)
    sizes = table.inputs.get(Block.WAGES, table.output)
    return bridge(table.industries, measured.activity.industries, held, np.maximum(sizes, 0.0))


def _gaps(section: ChainsSection, measured: Measured, system: IndustrySystem, tie: Bridge) -> SupplyGaps:
    kinds = measured.definition.clusters
    clusters = section.clusters or [code for code, kind in kinds.items() if kind == "traded"]
    options = GapOptions(section.method, section.delta, section.suppliers, section.covers)
    firms: dict[tuple[str, str], list[str]] = {}
    place = {code: at for at, code in enumerate(tie.activities)}
    for firm in measured.material.firms.to_pylist():
        if firm["industry"] in place:
            for row in np.flatnonzero(tie.weights[:, place[firm["industry"]]]).tolist():
                firms.setdefault((firm["region"], tie.industries[row]), []).append(firm["name"] or firm["organisation"])
    return supply_gaps(system, tie, measured.activity, measured.definition, clusters, section.measure, options, firms)


def _strong(measured: Measured) -> set[tuple[str, str]]:
    """Region × cluster pairs that the rule of U.S. Cluster Mapping calls strong."""
    verdicts = measured.strength.table
    mapping = verdicts.filter(pc.equal(verdicts["rule"], "us_cluster_mapping"))
    return {
        (row["region"], row["cluster"])
        for row in mapping.select(["region", "cluster", "verdict"]).to_pylist()
        if row["verdict"] in ("strong", "strong10")
    }


def _with_strength(table: pa.Table, measured: Measured) -> pa.Table:
    """The gaps with whether the supplier's cluster is strong in the region: those who could supply more are then at hand."""
    strong = _strong(measured)
    pairs = zip(table["region"].to_pylist(), table["cluster_of_supplier"].to_pylist(), strict=True)
    return table.append_column("supplier_strong", pa.array([pair in strong for pair in pairs]))


def _pictured(measured: Measured, section: ChainsSection, gaps: SupplyGaps) -> list[tuple[str, str]]:
    """Region × cluster pairs that get a picture: the region's largest strong clusters, else simply its largest."""
    strong = _strong(measured)
    by_region: dict[str, list[tuple[bool, float, str]]] = {}
    for row in gaps.totals.select(["region", "cluster", "purchases", "purchases_high"]).to_pylist():
        size = row["purchases"] or row["purchases_high"] or 0.0
        held = by_region.setdefault(row["region"], [])
        held.append(((row["region"], row["cluster"]) in strong, size, row["cluster"]))
    return [
        (region, cluster)
        for region, held in by_region.items()
        for _strong, _size, cluster in sorted(held, key=lambda one: (-one[0], -one[1], one[2]))[: section.pictures]
    ]


def _with_clusters(industries: pa.Table, tie: Bridge, measured: Measured, system: IndustrySystem) -> pa.Table:
    """The industries with the cluster that most of their activities belong to, and whether any activity is known."""
    keys, membership = measured.definition.membership(measured.activity.industries)
    belongs = tie.weights @ membership
    names = [keys[at][0] if belongs[row, at] > 0 else None for row, at in enumerate(belongs.argmax(axis=1).tolist())]
    final = system.final_use(Block.EXPORTS) / np.where(system.supply > 0, system.supply, np.inf)
    columns = {"cluster": pa.array(names, pa.string()), "exported": pa.array(np.clip(final, 0.0, 1.0))}
    said = _names(measured.study.chains, system)
    for language in LANGUAGES:
        columns[f"name_{language}"] = pa.array(
            [said.get(code, {}).get(language) for code in system.industries], pa.string()
        )
    for name, column in columns.items():
        industries = industries.append_column(name, column)
    return industries


def _names(section: ChainsSection | None, system: IndustrySystem) -> dict[str, dict[str, str | None]]:
    """What the table's industries are called in each language, as far as the study says."""
    if section is None or section.names is None:
        return {}
    with section.names.open(encoding="utf-8-sig", newline="") as source:
        rows = list(csv.DictReader(source))
    if not rows or "industry" not in rows[0]:
        raise AlmazError(_("there is no column «{name}»", name="industry"), where=Where(file=str(section.names)))
    known = set(system.industries)
    return {
        row["industry"]: {language: row.get(f"name_{language}") or None for language in LANGUAGES}
        for row in rows
        if row["industry"] in known
    }


def _unmatched(
    measured: Measured, section: ChainsSection, tie: Bridge, system: IndustrySystem
) -> list[dict[str, object]]:
    """Activities that no industry of the table holds, with their share of jobs, and industries without activity."""
    jobs = np.nansum(measured.activity.cells(section.measure).value[:, :, -1], axis=0)
    share = dict(zip(measured.activity.industries, (jobs / jobs.sum()).tolist(), strict=True))
    output = dict(zip(system.industries, (system.output / system.output.sum()).tolist(), strict=True))
    file = section.file.name
    found = [
        problem("unmatched_activity", file=file, value=code, share=share[code])
        for code in tie.unmatched
        if share[code] > 0
    ]
    return found + [
        problem("without_activity", "note", file=file, value=code, share=output[code]) for code in tie.without
    ]
