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
from almaz.potential.profile import JUDGEMENTS, ProfileOptions, profile
from almaz.potential.shortlist import ShortlistOptions, shortlist
from almaz.potential.sides import SidesOptions
from almaz.potential.signals import Signal, cluster_signals, proxy_signal
from almaz.study.measured import Measured
from almaz.study.potential_section import PotentialSection

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
    judged = profile(chosen, asked, placed, JUDGEMENTS.empty_table(), options)
    order = ShortlistOptions({str(key): value for key, value in section.weights.items()}, section.draws, section.seed)
    result = {
        "potential_elements": _elements_table(asked),
        "potential": judged,
        "shortlist": shortlist(chosen, measured.portfolio, measure, measured.typology, judged, order, SidesOptions()),
    }
    if measured.definition.published:
        tell(_("asking whether there is a critical mass"))
        found = [
            critical_mass(measured.activity, measured.definition, outcome, draws=section.bootstrap, seed=section.seed)
            for outcome in OUTCOMES
        ]
        result |= critical_mass_tables(found)
    return result


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
        for one in asked
    ]
    return pa.Table.from_pylist(rows)
