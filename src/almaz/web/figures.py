"""A figure (`report.section.Figure`) on a page of the workspace: its chart, the table behind it, and its downloads."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import vl_convert
from django.http import Http404, HttpResponse
from markupsafe import Markup

from almaz.language import count, decimal, figure, language, percent
from almaz.report.section import Figure
from almaz.web.exports import KINDS, table_response

PICTURES = {"svg": "image/svg+xml", "png": "image/png"}
WIDTH = 900
"""Points of a picture that is downloaded."""


@dataclass(frozen=True)
class Shown:
    """What a page needs of a figure. specification: its chart as JSON that may stand in the page, or nothing; rows: texts;
    numbers: which columns are right-aligned."""

    name: str
    title: str
    hint: str
    specification: Markup | None
    headings: list[str]
    rows: list[list[str]]
    numbers: list[bool]


def shown(one: Figure) -> Shown:
    """The figure as a page shows it, numbers as the language in use writes them."""
    names = [name for name in one.headings if name in one.table.column_names]
    forms = [_form(one, name) for name in names]
    columns = [[_written(value, form) for value in one.table[name].to_pylist()]
               for name, form in zip(names, forms, strict=True)]  # fmt: skip
    return Shown(
        one.name,
        one.title,
        one.hint,
        page_json(one.chart) if one.chart else None,
        [one.headings[name] for name in names],
        [list(row) for row in zip(*columns, strict=True)],
        [form != "text" for form in forms],
    )


def page_json(held: Any) -> Markup:
    """JSON that can stand inside a `<script type="application/json">`: nothing in it ends the element."""
    return Markup(json.dumps(held, ensure_ascii=False).replace("<", "\\u003c"))


def _form(one: Figure, name: str) -> str:
    kind = one.table.schema.field(name).type
    usual = "count" if pa.types.is_integer(kind) else "decimal" if pa.types.is_floating(kind) else "text"
    return one.formats.get(name, usual)


def _written(value: Any, form: str) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "—"
    if isinstance(value, float) and math.isinf(value):
        return "∞"
    forms = {"count": count, "percent": percent, "fine": figure, "decimal": decimal}
    return forms[form](value) if form in forms else str(value)


def figure_response(one: Figure, name: str, form: str) -> HttpResponse:
    """A download: csv or xlsx of the table, svg or png of the chart. Raises Http404 for what there is not."""
    if form in KINDS:
        names = [column for column in one.headings if column in one.table.column_names]
        plain = one.table.select(names).to_pylist()
        lines = ([_finite(row[column]) for column in names] for row in plain)
        return table_response(name, form, [one.headings[column] for column in names], lines)
    if form not in PICTURES or one.chart is None:
        raise Http404
    response = HttpResponse(picture(one, form), content_type=PICTURES[form])
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return response


def picture(one: Figure, form: str) -> str | bytes:
    """The chart with its title, as an SVG text or the bytes of a PNG."""
    assert one.chart is not None
    spec = {**one.chart, "title": {"text": one.title, "anchor": "start"}, "background": "white", "padding": 12}
    if spec.get("width") == "container":
        spec["width"] = WIDTH
    point, group = (".", ",") if language() == "en" else (",", "\u00a0")
    numbers: Any = {"decimal": point, "thousands": group, "grouping": [3], "currency": ["", ""]}
    if form == "svg":
        return str(vl_convert.vegalite_to_svg(spec, format_locale=numbers))
    return bytes(vl_convert.vegalite_to_png(spec, scale=2, format_locale=numbers))


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value
