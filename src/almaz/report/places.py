"""The places section of the report: which neighbouring regions are alike, and how near establishments stand."""

from __future__ import annotations

from almaz.language import text as _
from almaz.report.neighbours import neighbour_figures
from almaz.report.section import Figure, Section
from almaz.report.sites import site_figures, site_warnings
from almaz.study.edition import Edition


def sections(edition: Edition) -> list[Section]:
    """The section, or nothing where the study does not ask for it."""
    figures: list[Figure] = []
    warnings: list[str] = []
    if "neighbours" in edition.tables:
        figures += neighbour_figures(edition)
    if "site_curves" in edition.tables:
        figures += site_figures(edition)
        warnings += site_warnings(edition)
    if not figures:
        return []
    lead = _(
        "A cluster is a concentration: its firms stand nearer to each other, and its regions border on each other, more than "
        "chance would bring about. Here both are measured, never asserted."
    )
    return [Section("places", _("Places: concentration on the map"), lead, tuple(figures), tuple(warnings))]
