"""One figure by its own address: a page (also to embed in other sites), its chart as a specification or a picture, its table."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from almaz.errors import AlmazError
from almaz.language import percent
from almaz.language import text as _
from almaz.report.charts import LQ_SCALE
from almaz.report.html import in_language
from almaz.report.section import Figure
from almaz.web import pictures
from almaz.web.exports import table_response
from almaz.web.observatory.answers import Shown, embedded, of_edition, refused
from almaz.web.observatory.comparison import chosen, comparison
from almaz.web.observatory.glossary import TERMS
from almaz.web.observatory.hidden_share import hidden_share, of_country
from almaz.web.observatory.pages import figure_of, sections
from almaz.web.observatory.portfolio import quotient_steps
from almaz.web.shown_table import FIRST, MOST, downloaded
from almaz.web.shown_table import shown as shown_table

TABLES, PICTURES = ("csv", "xlsx"), ("svg", "png")


def framed(shown: Shown, figure: Figure, kind: str, at: dict[str, str], room: str, most: int = FIRST) -> dict[str, Any]:
    """A figure with its addresses and the first rows of its table."""
    query = ""
    if kind == "comparison":
        query = "?" + at["query"]
        names, where = ("comparison_figure", "comparison_file"), {}
    else:
        names = (f"{kind}_room_figure", f"{kind}_room_file") if room else (f"{kind}_figure", f"{kind}_file")
        where = {**at, "room": room} if room else at

    def file(form: str) -> str:
        return shown.url(names[1], **where, figure=figure.name, form=form) + query

    page = shown.url(names[0], **where, figure=figure.name)
    drawn = figure.chart is not None
    return {
        "figure": figure,
        "chart": file("json") if drawn else "",
        "page": page + query,
        "embed": shown.lasting(names[0], **where, figure=figure.name) + query + ("&" if query else "?") + "embed=1",
        "files": [(form.upper(), file(form)) for form in (*TABLES, *(PICTURES if drawn else ()))]
        if figure.table.num_columns
        else [],
        "legend": list(zip(LQ_SCALE, quotient_steps(), strict=True)) if figure.name == "areas" else [],
        "picture": file("svg") if drawn else "",
        "table": shown_table(figure, TERMS, most) if figure.table.num_columns else None,
    }


@require_safe
@of_edition
def of_place(
    request: HttpRequest, shown: Shown, room: str, figure: str, region: str = "", cluster: str = "", form: str = ""
) -> HttpResponse:
    """A figure of a region's, a cluster's or the country's page. form: json, svg, png, csv, xlsx; without one, a page."""
    kind, code = ("region", region) if region else ("cluster", cluster) if cluster else ("country", "")
    if code and code not in shown.reading.names(f"{kind}s"):
        raise Http404
    made = sections(shown.reading, kind, code, room)
    found = None if made is None else figure_of(made, figure)
    if found is None:
        raise Http404
    place = shown.reading.names(f"{kind}s")[code] if code else ""
    at = {kind: code} if code else {}
    back = shown.url(f"{kind}_room", **at, room=room) if room else shown.url(kind, **at) if code else shown.url("study")
    return _answer(request, shown, found, form, kind, at, room, place, back, hidden_share(shown.reading, kind, code))


@require_safe
@of_edition
def of_comparison(request: HttpRequest, shown: Shown, figure: str, form: str = "") -> HttpResponse:
    """A figure of regions side by side."""
    try:
        codes = chosen(shown.reading, request.GET.getlist("region"))
    except AlmazError as error:
        return refused(request, error, shown)
    found = figure_of(tuple(comparison(shown.reading, codes)), figure)
    if found is None:
        raise Http404
    query = urlencode([("region", code) for code in codes])
    back = f"{shown.url('compare')}?{query}"
    place = ", ".join(shown.reading.names("regions")[code] for code in codes)
    return _answer(
        request, shown, found, form, "comparison", {"query": query}, "", place, back, of_country(shown.reading)
    )


def _answer(
    request: HttpRequest, shown: Shown, figure: Figure, form: str, kind: str, at: dict[str, str], room: str, place: str, back: str,
    hidden: float | None,
) -> HttpResponse:  # fmt: skip
    source = source_line(shown, hidden)
    title = f"{place}: {figure.title}" if place else figure.title
    if form in TABLES:
        if not figure.table.num_columns:
            raise Http404
        return table_response(f"{shown.publication.study}-{figure.name}", form, *downloaded(figure))
    if form == "":
        context = {
            "shown": shown, "one": framed(shown, figure, kind, at, room, MOST), "title": title, "place": place, "back": back,
            "source": source, "embedded": embedded(request), "lasting": shown.lasting("study"),
            "about": {"title": in_language(shown.reading.manifest["study"]["study"]["title"])},
        }  # fmt: skip
        return render(request, "observatory/embed.html" if embedded(request) else "observatory/figure.html", context)
    if figure.chart is None or form not in ("json", *PICTURES):
        raise Http404
    if form == "json":
        return JsonResponse(
            {"chart": pictures.specification(figure.chart), "format": pictures.number_format()},
            json_dumps_params={"ensure_ascii": False, "separators": (",", ":")},
        )
    drawn = pictures.svg(figure.chart, title, source, wide=figure.wide)
    if form == "svg":
        return HttpResponse(drawn, content_type="image/svg+xml; charset=utf-8")
    return HttpResponse(pictures.png(drawn), content_type="image/png")


def source_line(shown: Shown, hidden: float | None) -> str:
    """Source, edition, and how much of it is hidden: it stands under every picture that leaves the site."""
    source = in_language(shown.reading.manifest["study"]["study"]["source"])
    part = "" if hidden is None else " · " + _("hidden and estimated: {share}", share=percent(hidden, 1))
    return f"{source} · {_('edition')} {shown.publication.short}{part}"
