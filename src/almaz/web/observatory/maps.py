"""What the map's script reads: the sheet at a level of zoom, and the values; and the map as a picture."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from almaz.web import pictures
from almaz.web.observatory import map_values
from almaz.web.observatory.answers import Shown, of_edition
from almaz.web.observatory.figures import source_line
from almaz.web.observatory.hidden_share import hidden_share
from almaz.web.observatory.portfolio import per_head
from almaz.web.observatory.publishing import maps as files_of


@require_safe
@of_edition
def sheet(request: HttpRequest, shown: Shown, level: int) -> HttpResponse:
    """The borders at a level of zoom (0: the whole sheet), already compressed."""
    files = files_of(shown.reading)
    if level >= len(files):
        raise Http404
    response = HttpResponse(files[level].read_bytes(), content_type="application/json")
    response.headers["Content-Encoding"] = "gzip"
    return response


@require_safe
@of_edition
def values(request: HttpRequest, shown: Shown) -> HttpResponse:
    """The values of a cluster's map, or of the country's."""
    held = map_values.values(shown.reading, _cluster(request, shown))
    addresses = shown.url("region", region="CODE")
    return JsonResponse(
        held.json() | {"address": addresses}, json_dumps_params={"ensure_ascii": False, "separators": (",", ":")}
    )


@require_safe
@of_edition
def picture(request: HttpRequest, shown: Shown, form: str) -> HttpResponse:
    """The map as SVG or PNG, with its legend and source."""
    files = files_of(shown.reading)
    if not files or form not in pictures_of:
        raise Http404
    cluster = _cluster(request, shown)
    hidden = hidden_share(shown.reading, "cluster" if cluster else "country", cluster)
    drawn = map_values.picture(files[0], map_values.values(shown.reading, cluster), source_line(shown, hidden))
    if form == "svg":
        return HttpResponse(drawn, content_type="image/svg+xml; charset=utf-8")
    return HttpResponse(pictures.png(drawn), content_type="image/png")


pictures_of = ("svg", "png")


def _cluster(request: HttpRequest, shown: Shown) -> str:
    """The cluster asked for; without one, the country, or the first cluster where clusters are not added up."""
    asked = request.GET.get("cluster", "")
    if asked and asked not in shown.reading.names("clusters"):
        raise Http404
    if not asked and per_head(shown.reading):
        names = shown.reading.names("clusters")
        return min(names, key=lambda code: names[code])
    return str(asked)
