"""What stands on a page: the rooms of a region, of a cluster and of the country, each as sections of figures.

The pictures and tables of the rooms are the report's own: a room reads a part of the edition (`Reading.part`) as if it were
the whole one. What compares all regions stays on the country's pages.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from almaz.language import language
from almaz.language import text as _
from almaz.report import chains, diamond, hidden, impact, places, potential, programme, relatedness
from almaz.report.section import Figure, Section
from almaz.study.edition import Edition
from almaz.web.observatory.ground import ground_sections
from almaz.web.observatory.neighbours import neighbour_sections
from almaz.web.observatory.portfolio import cluster_sections, region_sections
from almaz.web.observatory.reading import Reading
from almaz.web.observatory.related import related_sections

Make = Callable[[Reading, str], list[Section]]


@dataclass(frozen=True)
class Room:
    """A page of a region, a cluster or the country: its name, the tables it needs (any of them), and how it is made.

    needs: empty where the page is always there.
    """

    name: str
    title: Callable[[], str]
    make: Make
    needs: tuple[str, ...] = ()


def _rows_of(make: Callable[[Edition], list[Section]], keep: tuple[str, ...], key: str) -> Make:
    """The figures of a report's room whose names begin so, of one region's or cluster's rows alone."""

    def made(reading: Reading, code: str) -> list[Section]:
        part = reading.part(**{key: code})
        sections = [_only(section, keep) for section in make(part)]
        return [section for section in sections if section.figures]

    return made


def _only(section: Section, keep: tuple[str, ...]) -> Section:
    figures = tuple(one for one in section.figures if one.name.startswith(keep) and one.table.num_rows)
    return replace(section, figures=figures)


def _whole(make: Callable[[Edition], list[Section]], names: tuple[str, ...] = ()) -> Make:
    def made(reading: Reading, _code: str) -> list[Section]:
        return [section for section in make(reading) if not names or section.name in names]

    return made


DIAMOND = (
    "diamond-rhombus", "diamond-parts", "diamond-competitiveness", "diamond-innovativeness", "diamond-clusters", "diamond-ways",
    "diamond-alternatives", "diamond-chance",
)  # fmt: skip
REGION: tuple[Room, ...] = (
    Room("", lambda: _("Portfolio"), region_sections),
    Room("diamond", lambda: _("Diamond"), _rows_of(diamond.sections, DIAMOND, "region"), ("diamond_scores",)),
    Room("potential", lambda: _("Potential"), _rows_of(potential.sections, ("potential-board", "potential-shortlist"), "region"), ("potential",)),
    Room("opportunities", lambda: _("Opportunities"), _rows_of(relatedness.sections, ("white-space", "missing-industries"), "region"), ("opportunities",)),
    Room("chains", lambda: _("Value chains"), _rows_of(chains.sections, ("chain", "supply-gap"), "region"), ("supply_gap",)),
    Room("neighbours", lambda: _("Neighbours"), neighbour_sections),
    Room("programme", lambda: _("Programme"), _rows_of(programme.sections, ("programme",), "region"), ("programme_projects",)),
    Room("hidden", lambda: _("What is hidden"), _rows_of(hidden.sections, ("hidden-cells",), "region"), ("hidden_cells",)),
)  # fmt: skip
CLUSTER: tuple[Room, ...] = (
    Room("", lambda: _("Where it is"), cluster_sections),
    Room("related", lambda: _("Related clusters"), related_sections, ("cluster_relatedness",)),
    Room("ground", lambda: _("Where it could grow"), ground_sections, ("opportunities",)),
    Room("chains", lambda: _("Value chain"), _rows_of(chains.sections, ("chain", "supply-gap"), "cluster"), ("supply_gap",)),
    Room("neighbours", lambda: _("Neighbours"), _rows_of(places.sections, ("places-neighbours",), "cluster"), ("neighbours",)),
)  # fmt: skip
COUNTRY: tuple[Room, ...] = (
    Room("diamond", lambda: _("Diamond"), _whole(diamond.sections), ("diamond_scores",)),
    Room("space", lambda: _("Industry space"), _whole(relatedness.sections, ("relatedness",)), ("relatedness_about",)),
    Room("opportunities", lambda: _("Opportunities"), _whole(relatedness.sections, ("opportunities",)), ("opportunities",)),
    Room("potential", lambda: _("Potential"), _whole(potential.sections), ("potential",)),
    Room("chains", lambda: _("Value chains"), _whole(chains.sections), ("supply_gap",)),
    Room("places", lambda: _("Places"), _whole(places.sections), ("neighbours", "site_curves")),
    Room("programme", lambda: _("Programme"), _whole(programme.sections), ("programme_projects",)),
    Room("impact", lambda: _("Effects"), _whole(impact.sections), ("directions", "growth_regression", "survey_scores", "horizon", "programme_claim")),
    Room("hidden", lambda: _("What is hidden"), _whole(hidden.sections), ("hidden_cells",)),
)  # fmt: skip
PAGES: Mapping[str, tuple[Room, ...]] = {"region": REGION, "cluster": CLUSTER, "country": COUNTRY}


def rooms(reading: Reading, kind: str, code: str = "") -> list[Room]:
    """The pages that there are of a region, a cluster or the country: those of which the edition has a row."""
    return [
        room for room in PAGES[kind] if not room.needs or any(_has(reading, kind, code, table) for table in room.needs)
    ]


def _has(reading: Reading, kind: str, code: str, table: str) -> bool:
    if table not in reading.manifest["tables"]:
        return False
    if kind == "country" or table == "cluster_relatedness":
        return True
    held = reading.held(table)
    return kind not in held.places or code in held.places[kind]


def sections(reading: Reading, kind: str, code: str, room: str) -> tuple[Section, ...] | None:
    """The sections of a page in the language in use; None where there is no such page."""
    return _sections(reading, kind, code, room, language())


@lru_cache(maxsize=96)
def _sections(reading: Reading, kind: str, code: str, room: str, _spoken: str) -> tuple[Section, ...] | None:
    found = next((one for one in rooms(reading, kind, code) if one.name == room), None)
    return None if found is None else tuple(found.make(reading, code))


def figure_of(made: tuple[Section, ...], name: str) -> Figure | None:
    """The figure of that name."""
    return next((figure for section in made for figure in section.figures if figure.name == name), None)
