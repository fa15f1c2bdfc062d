"""The potential in an edition: candidates, their profile, the shortlist, and critical mass."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa

from almaz.language import LANGUAGES
from almaz.language import text as _
from almaz.potential.candidates import CandidateOptions, candidates
from almaz.potential.critical_mass import OUTCOMES, critical_mass, critical_mass_tables
from almaz.potential.elements import Element, elements
from almaz.potential.profile import ProfileOptions, profile
from almaz.potential.shortlist import ShortlistOptions, shortlist
from almaz.potential.sides import SidesOptions
from almaz.potential.signals import Signal, cluster_signals, proxy_signal
from almaz.study.measured import Measured
from almaz.study.potential_section import PotentialSection
from almaz.tables.expert_form import Judgement, agreement, judgements_table, read_forms

Tell = Callable[[str], None]


def tables(measured: Measured, tell: Tell) -> dict[str, pa.Table]:
    """The potential's tables, or none where the study has no [potential] section."""
    section = measured.study.potential
    if section is None:
        return {}
    tell(_("diagnosing the potential"))
    asked = elements(section.elements)
    measure = measured.study.portfolio.measure
    chosen = candidates(measured.portfolio, measure, CandidateOptions(section.quotient, section.most, section.local))
    placed = _placed(measured, asked, chosen.present, section)
    options = ProfileOptions(section.met, section.not_met, minimum_regions=section.minimum_regions)
    said = _judgements(measured, asked, section)
    judged = profile(chosen, asked, placed, said, options)
    order = ShortlistOptions({str(key): value for key, value in section.weights.items()}, section.draws, section.seed)
    result = {
        "potential_elements": _elements_table(asked),
        "potential": judged,
        "shortlist": shortlist(chosen, measured.portfolio, measure, measured.typology, judged, order, SidesOptions()),
    }
    if said:
        result |= {"potential_judgements": judgements_table(said), "potential_agreement": _agreement(said)}
    if measured.definition.published:
        tell(_("asking whether there is a critical mass"))
        found = [
            critical_mass(measured.activity, measured.definition, outcome, draws=section.bootstrap, seed=section.seed)
            for outcome in OUTCOMES
        ]
        result |= critical_mass_tables(found)
    return result


def _judgements(measured: Measured, asked: tuple[Element, ...], section: PotentialSection) -> list[Judgement]:
    """What experts judged in the study's forms; every code in them is the study's."""
    known = {
        "question": {one.id for one in asked},
        "region": set(measured.material.regions["region"].to_pylist()),
        "cluster": set(measured.definition.clusters),
    }
    return read_forms(section.forms, known)


def _agreement(said: list[Judgement]) -> pa.Table:
    """How far the experts agree: over everything (region and cluster null), and for every candidate that was judged."""
    rows: list[dict[str, object]] = [{"region": None, "cluster": None} | agreement(said).row()]
    for region, cluster in sorted({(one.region, one.cluster or "") for one in said}):
        mine = [one for one in said if (one.region, one.cluster or "") == (region, cluster)]
        rows.append({"region": region, "cluster": cluster or None} | agreement(mine).row())
    text, whole = pa.string(), pa.int32()
    names = [("region", text), ("cluster", text), ("alpha", pa.float64()), ("experts", whole), ("compared", whole)]
    return pa.Table.from_pylist(rows, schema=pa.schema([*names, ("verdict", text)]))


def _placed(
    measured: Measured, asked: tuple[Element, ...], present: Any, section: PotentialSection
) -> dict[tuple[str, str], Signal | None]:
    signals = cluster_signals(measured.portfolio, measured.study.portfolio.measure)
    found: dict[tuple[str, str], Signal | None] = {}
    for element in asked:
        for proxy in element.proxy:
            held = proxy_signal(
                proxy, signals, measured.activity, measured.material.indicators, measured.study.industries.system
            )
            found[element.id, proxy.name] = None if held is None else held.place(present, section.minimum_regions)
    return found


def _elements_table(asked: tuple[Element, ...]) -> pa.Table:
    rows = [
        {"element": one.id, "kind": one.kind, "article": one.article}
        | {f"name_{spoken}": one.name[spoken] for spoken in LANGUAGES}
        | {f"text_{spoken}": one.text[spoken] for spoken in LANGUAGES}
        | {"json": one.model_dump_json()}
        for one in asked
    ]
    return pa.Table.from_pylist(rows)
