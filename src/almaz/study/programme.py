"""The programmes that a study asks for, in its edition; and back from the edition to the drafts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pyarrow as pa

from almaz.errors import AlmazError, Where
from almaz.language import text as _
from almaz.programme.catalogue import Measure, catalogue
from almaz.programme.draft import DraftOptions, ProgrammeDraft, draft
from almaz.programme.tables import catalogue_table, draft_tables, measures_of
from almaz.study.edition import Edition
from almaz.study.measured import Measured
from almaz.study.programme_section import ProgrammeSection

Tell = Callable[[str], None]
WANTED = (
    "potential", "potential_elements", "potential_judgements", "shortlist", "typology", "diamond_corners", "supply_gap",
    "chain_industries", "opportunities", "cluster_relatedness", "clusters", "critical_mass", "portfolio",
)  # fmt: skip
"""The tables that a draft reads, where an edition has them."""


def tables(measured: Measured, tell: Tell) -> dict[str, pa.Table]:
    """programme_projects, _findings, _gates, _baselines and _catalogue of the programmes that the study asks for, from what the
    rooms before found; none where it asks for none.

    Raises AlmazError where [potential] is missing, or a programme is for no candidate.
    """
    asked = measured.study.programme
    if not asked:
        return {}
    tell(_("drafting the programme"))
    if measured.study.potential is None:
        raise AlmazError(
            _("a programme needs a diagnosis of potential"), where=Where(key="programme"),
            expected=_("a study with a section [potential]"), advice=_("add the section and run the study again"),
        )  # fmt: skip
    measures = {one.catalogue: catalogue(one.catalogue) for one in asked}
    made = [_drafted(measured.tables, measures[one.catalogue], one, "") for one in asked]
    return draft_tables(made) | {"programme_catalogue": catalogue_table(list(measures.values()))}


def drafts(edition: Edition) -> list[ProgrammeDraft]:
    """The drafts that an edition holds, made again from its tables: the same tables and catalogue make the same draft."""
    held = {name: edition.table(name) for name in WANTED if name in edition.tables}
    measures = measures_of(edition.table("programme_catalogue"))
    asked = [ProgrammeSection.model_validate(one) for one in edition.manifest["study"]["programme"]]
    numbers = {file: number for number, file in enumerate(dict.fromkeys(one.catalogue for one in asked))}
    return [_drafted(held, measures[numbers[one.catalogue]], one, edition.manifest["identity"]) for one in asked]


def _drafted(
    held: Mapping[str, pa.Table], measures: Sequence[Measure], one: ProgrammeSection, identity: str
) -> ProgrammeDraft:
    return draft(
        held, measures, one.region, one.cluster, identity, DraftOptions(one.start, one.horizon, one.most, one.promised)
    )
