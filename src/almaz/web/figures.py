"""A figure (`report.section.Figure`) on a page of the workspace: its chart, the table behind it, and its downloads."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse
from markupsafe import Markup

from almaz.report.section import Figure
from almaz.web import shown_table
from almaz.web.exports import KINDS, table_response
from almaz.web.pictures import png, specification, svg

PICTURES = {"svg": "image/svg+xml", "png": "image/png"}


@dataclass(frozen=True)
class Shown:
    """What a page needs of a figure. chart: its specification as JSON that may stand in the page, or nothing."""

    name: str
    title: str
    hint: str
    chart: Markup | None
    table: shown_table.Shown


def shown(one: Figure) -> Shown:
    """The figure as a page shows it, numbers as the language in use writes them."""
    drawn = page_json(specification(one.chart)) if one.chart else None
    return Shown(one.name, one.title, one.hint, drawn, shown_table.shown(one, {}, shown_table.MOST))


def page_json(held: Any) -> Markup:
    """JSON that can stand inside a `<script type="application/json">`: nothing in it ends the element."""
    return Markup(json.dumps(held, ensure_ascii=False).replace("<", "\\u003c"))


def figure_response(one: Figure, name: str, form: str, source: str = "") -> HttpResponse:
    """A download: csv or xlsx of the table, svg or png of the chart, which bears its source. Raises Http404 for what is not."""
    if form in KINDS:
        headings, rows = shown_table.downloaded(one)
        return table_response(name, form, headings, rows)
    if form not in PICTURES or one.chart is None:
        raise Http404
    drawn = svg(one.chart, one.title, source, wide=True)
    response = HttpResponse(drawn if form == "svg" else png(drawn), content_type=PICTURES[form])
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return response
