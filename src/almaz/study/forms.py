"""Expert forms from what a study knows: of the diamond for regions, of the potential for an edition's candidates."""

from __future__ import annotations

from pathlib import Path

from almaz.diamond.indicators import read_set
from almaz.diamond.judged import questions as diamond_questions
from almaz.errors import AlmazError, Where
from almaz.language import language
from almaz.language import text as _
from almaz.potential.elements import Element, questions
from almaz.study.edition import Edition, open_edition
from almaz.tables.expert_form import Place, write_form
from almaz.tables.places import region_names


def diamond_form(file: Path, chosen: str, regions: Path, year: int, kind: str | None = None) -> Path:
    """Write a form for the diamond of regions: the questions of a set, each for every region of a file."""
    places = [Place(code, name) for code, name in region_names(regions, kind).items()]
    return write_form(file, diamond_questions(read_set(chosen)), places, year)


def potential_form(file: Path, source: Path, year: int, region: str | None = None, cluster: str | None = None) -> Path:
    """Write a form for the candidates of an edition: every condition, precondition, favouring factor and obstacle of each.

    region, cluster: only these. Raises AlmazError where the edition has no such candidate.
    """
    edition = open_edition(source)
    if "shortlist" not in edition.tables:
        raise AlmazError(
            _("this edition has no diagnosis of potential"),
            where=Where(file=str(source)),
            expected=_("a study with a section [potential]"),
            advice=_("add the section and run the study again"),
        )
    regions, clusters = (_names(edition, *names) for names in (("regions", "region"), ("clusters", "cluster")))
    rows = edition.table("shortlist").select(["region", "cluster"]).to_pylist()
    found = [
        Place(row["region"], regions.get(row["region"], ""), row["cluster"], clusters.get(row["cluster"], ""))
        for row in rows
        if region in (None, row["region"]) and cluster in (None, row["cluster"])
    ]
    if not found:
        known = sorted(
            {row["cluster"] if any(one["region"] == region for one in rows) else row["region"] for row in rows}
        )
        raise AlmazError(
            _("the edition has no such candidate"), expected=_("one of: {keys}", keys=", ".join(known[:60]))
        )
    return write_form(file, questions(asked(edition)), found, year)


def asked(edition: Edition) -> list[Element]:
    """The elements that an edition judged, as it keeps them."""
    return [Element.model_validate_json(row["json"]) for row in edition.table("potential_elements").to_pylist()]


def _names(edition: Edition, table: str, key: str) -> dict[str, str]:
    spoken = f"name_{language()}"
    return {row[key]: row[spoken] or row["name_en"] or row[key] for row in edition.table(table).to_pylist()}
