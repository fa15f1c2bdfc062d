"""The pages: a study with its map, a region, a cluster, the country, regions side by side, data, search, terms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from almaz.errors import AlmazError
from almaz.language import count, percent, texts
from almaz.language import text as _
from almaz.report.html import in_language
from almaz.report.section import Section
from almaz.tables.problems import spoken
from almaz.web.observatory import search as searching
from almaz.web.observatory.answers import Shown, find, kept_by_browsers, of_edition, refused
from almaz.web.observatory.comparison import MOST, chosen, comparison
from almaz.web.observatory.converters import Code
from almaz.web.observatory.figures import framed
from almaz.web.observatory.glossary import entries, terms
from almaz.web.observatory.hidden_share import hidden_share, of_country
from almaz.web.observatory.map_values import head
from almaz.web.observatory.models import newest
from almaz.web.observatory.neighbours import strengths
from almaz.web.observatory.pages import rooms, sections
from almaz.web.observatory.portfolio import per_head, span
from almaz.web.observatory.reading import Reading
from almaz.web.shown_table import FIRST

PROBLEMS = 200
"""Problems on the data page; the table of the edition has all."""


@dataclass(frozen=True)
class Tab:
    """A page beside this one."""

    title: str
    address: str
    here: bool


@require_safe
@gzip_page
def home(request: HttpRequest) -> HttpResponse:
    """The study shown first, with its map; a word of welcome where nothing is published yet."""
    found = newest()
    if not found:
        return render(request, "observatory/empty.html")
    return kept_by_browsers(_study, request, find(None, str(found[0].study)), {})


@require_safe
@of_edition
def study(request: HttpRequest, shown: Shown) -> HttpResponse:
    """The map of a study, its regions and clusters, and the ways from here."""
    return _study(request, shown)


def _study(request: HttpRequest, shown: Shown) -> HttpResponse:
    reading = shown.reading
    clusters = _clusters(reading)
    asked = request.GET.get("cluster", "")
    if asked and asked not in reading.names("clusters"):
        return refused(request, AlmazError(_("this edition has no cluster with the code «{code}»", code=asked)), shown)
    whole = not per_head(reading)
    first = asked or ("" if whole else clusters[0][1][0][0])
    return render(
        request,
        "observatory/study.html",
        {
            "shown": shown, "about": about(reading), "clusters": clusters, "cluster": first, "whole": whole,
            "map": head(reading, first) if reading.geometry is not None else None, "figures": _headline(reading),
            "tabs": _country_tabs(shown), "others": [one for one in newest() if one.study != shown.publication.study],
            "leaders": _leaders(shown) if whole else [], "some": _by_name(shown, "region")[:60],
        },
    )  # fmt: skip


def about(reading: Reading) -> dict[str, str]:
    """Title, note and source of the study in the language in use."""
    study = reading.manifest["study"]["study"]
    return {name: in_language(study[name]) for name in ("title", "note", "source")}


def _clusters(reading: Reading) -> list[tuple[str, list[tuple[str, str]]]]:
    """Kinds of clusters (traded, local) and the clusters of each, by name."""
    names = reading.names("clusters")
    table = reading.table("clusters")
    kinds: dict[str, list[tuple[str, str]]] = {}
    for code, kind in zip(table["cluster"].to_pylist(), table["kind"].to_pylist(), strict=True):
        kinds.setdefault(kind, []).append((code, names[code]))
    said = {"traded": _("traded"), "local": _("local")}
    ordered = sorted(kinds, key=lambda kind: kind != "traded")
    return [(said.get(kind, kind), sorted(kinds[kind], key=lambda pair: pair[1])) for kind in ordered]


def _headline(reading: Reading) -> list[tuple[str, str]]:
    regions, clusters = reading.table("region_strength").num_rows, reading.table("clusters").num_rows
    figures = [
        (count(regions), texts("region", "regions", regions)),
        (count(clusters), texts("cluster in the study", "clusters in the study", clusters)),
    ]
    if not per_head(reading):
        strong = sum(value or 0 for value in reading.table("region_strength")["strong_clusters"].to_pylist())
        figures.append((count(strong), _("strong clusters in regions")))
        figures.append((percent(of_country(reading), 1), _("of activity hidden by the office and estimated")))
    return figures


def _leaders(shown: Shown) -> list[dict[str, str]]:
    """The regions with the strongest clusters, whatever the hidden cells hold."""
    names = shown.reading.names("regions")
    rows = [row for row in shown.reading.table("region_strength").to_pylist() if row["cluster_strength"] is not None]
    rows.sort(key=lambda row: (-(row["cluster_strength_low"] or 0.0), -row["cluster_strength"]))
    return [
        {
            "name": names.get(row["region"], row["region"]), "address": shown.url("region", region=row["region"]),
            "value": percent(row["cluster_strength"], 0), "strong": count(row["strong_clusters"] or 0),
            "interval": span(row["cluster_strength_low"], row["cluster_strength_high"], lambda share: percent(share, 0)),
            "hidden": percent(row["hidden_share"], 0),
        }
        for row in rows[:12]
    ]  # fmt: skip


def _country_tabs(shown: Shown, here: str = "") -> list[Tab]:
    return [
        Tab(room.title(), shown.url("country_room", room=room.name), room.name == here)
        for room in rooms(shown.reading, "country")
    ]


@require_safe
@of_edition
def place(request: HttpRequest, shown: Shown, room: str, region: str = "", cluster: str = "") -> HttpResponse:
    """A page of a region, a cluster or the country: its sections."""
    kind, code = ("region", region) if region else ("cluster", cluster) if cluster else ("country", "")
    if code and code not in shown.reading.names(f"{kind}s"):
        raise Http404
    made = sections(shown.reading, kind, code, room)
    if made is None:
        raise Http404
    at = {} if kind == "country" else {kind: code}
    names = {"region": "regions", "cluster": "clusters"}
    title = shown.reading.names(names[kind])[code] if code else about(shown.reading)["title"]
    tabs = [
        Tab(
            one.title(),
            shown.url(f"{kind}_room", **at, room=one.name) if one.name else shown.url(kind, **at),
            one.name == room,
        )
        for one in rooms(shown.reading, kind, code)
    ]
    context = {
        "shown": shown, "about": about(shown.reading), "kind": kind, "code": code, "room": room, "title": title, "tabs": tabs,
        "sections": framed_sections(shown, made, kind, at, room), "hidden": hidden_share(shown.reading, kind, code),
        "figures": _of_region(shown.reading, code) if kind == "region" else _of_cluster(shown.reading, code) if kind == "cluster" else [],
        "map": head(shown.reading, code) if kind == "cluster" and not room and shown.reading.geometry is not None else None,
    }  # fmt: skip
    return render(request, "observatory/place.html", context)


def framed_sections(
    shown: Shown, made: tuple[Section, ...] | list[Section], kind: str, at: dict[str, str], room: str
) -> list[dict[str, Any]]:
    """Sections as the page's template wants them: each figure with its addresses and the first rows of its table."""
    return [
        {"section": section, "figures": [framed(shown, figure, kind, at, room, FIRST) for figure in section.figures]}
        for section in made
    ]


def _of_region(reading: Reading, region: str) -> list[tuple[str, str, str]]:
    """The few large numbers of a region: (number, words, its interval)."""
    row = strengths(reading, [region]).get(region)
    if row is None or per_head(reading):
        return []
    figures = []
    if row["cluster_strength"] is None:
        figures.append((_("unknown"), _("cluster strength"), ""))
    else:
        ends = span(row["cluster_strength_low"], row["cluster_strength_high"], lambda share: percent(share, 0))
        figures.append((percent(row["cluster_strength"], 0), _("cluster strength"), ends))
    figures.append(
        (
            count(row["strong_clusters"] or 0),
            texts("strong cluster", "strong clusters", int(row["strong_clusters"] or 0)),
            "",
        )
    )
    if "diamond_scores" in reading.manifest["tables"]:
        for held in reading.part(region=region).table("diamond_scores").to_pylist():
            ends = span(held["score_low"], held["score_high"], count)
            figures.append((count(held["score"]), _("score of the diamond, 1 to 100"), ends))
    return figures


def _of_cluster(reading: Reading, cluster: str) -> list[tuple[str, str, str]]:
    from almaz.report.words import measure_words
    from almaz.web.observatory.portfolio import cluster_rows, measure_of

    rows = cluster_rows(reading, cluster)
    figures = []
    if not per_head(reading):
        measure = measure_of(reading)
        ends = span(sum(row["size_low"] or 0 for row in rows), sum(row["size_high"] or 0 for row in rows), count)
        figures.append((count(sum(row["size"] or 0 for row in rows)), measure_words().get(measure, measure), ends))
        strong = sum(row["strong"] for row in rows)
        figures.append((count(strong), _("regions where it is strong"), ""))
    known = sum(row["lq"] is not None for row in rows)
    figures.append((count(known), texts("region with a figure", "regions with a figure", known), ""))
    return figures


@require_safe
@of_edition
def listed(request: HttpRequest, shown: Shown, kind: str) -> HttpResponse:
    """Every region, or every cluster, by name."""
    context = {"shown": shown, "about": about(shown.reading), "kind": kind, "entries": _by_name(shown, kind)}
    return render(request, "observatory/listed.html", context)


def _by_name(shown: Shown, kind: str) -> list[tuple[str, str]]:
    """Name and address of every region or cluster, by name."""
    names = shown.reading.names(f"{kind}s")
    start, written = shown.url(kind, **{kind: "CODE"}), Code().to_url
    ordered = sorted(names.items(), key=lambda pair: searching.folded(pair[1]))
    return [(name, start.replace("CODE", quote(written(code)))) for code, name in ordered]


@require_safe
@of_edition
def compare(request: HttpRequest, shown: Shown) -> HttpResponse:
    """Up to ten regions side by side."""
    try:
        codes = chosen(shown.reading, request.GET.getlist("region"))
    except AlmazError as error:
        return refused(request, error, shown)
    names = shown.reading.names("regions")
    asked = request.GET.get("add", "").strip()
    address = shown.url("compare") + "?"
    kept = [f"region={code}" for code in codes]
    found = searching.find(shown.reading, asked, ("region",), 12) if asked else []
    context = {
        "shown": shown, "about": about(shown.reading), "most": MOST, "asked": asked,
        "chosen": [{"code": code, "name": names[code], "address": shown.url("region", region=code),
                    "without": address + "&".join(one for one in kept if one != f"region={code}")} for code in codes],
        "found": [(one.name, address + "&".join([*kept, f"region={one.code}"])) for one in found if one.code not in codes],
        "sections": framed_sections(shown, comparison(shown.reading, codes), "comparison", {"query": "&".join(kept)}, ""),
        "hidden": of_country(shown.reading),
    }  # fmt: skip
    return render(request, "observatory/compare.html", context)


@require_safe
@of_edition
def data(request: HttpRequest, shown: Shown) -> HttpResponse:
    """Where the figures come from, what the check found, what is hidden, and every table to take away."""
    reading = shown.reading
    problems = reading.table("problems")
    shapes = {name: reading.shape(name) for name in reading.tables}
    tables = [{"name": name, "rows": rows, "columns": len(schema)} for name, (rows, schema) in shapes.items()]
    context = {
        "shown": shown, "about": about(reading), "sources": reading.table("sources").to_pylist(),
        "problems": [spoken(row) for row in problems.slice(0, PROBLEMS).to_pylist()], "more": max(0, problems.num_rows - PROBLEMS),
        "tables": tables, "hidden": of_country(reading), "code": reading.manifest["code"], "rooms": _country_tabs(shown),
        "per_head": per_head(reading),
        "unmatched": sorted(reading.table("unmatched").to_pylist(), key=lambda row: -(row["share"] or 0))[:100],
    }  # fmt: skip
    return render(request, "observatory/data.html", context)


@require_safe
@gzip_page
def editions(request: HttpRequest) -> HttpResponse:
    """Everything that is published."""
    from almaz.web.observatory.models import published

    return render(request, "observatory/editions.html", {"editions": published()})


@require_safe
@gzip_page
def search(request: HttpRequest) -> HttpResponse:
    """Regions, clusters and industries by name or code, in every study or in one. `part=1`: only the list, as one types."""
    asked, wanted = request.GET.get("q", "")[:100].strip(), request.GET.get("study", "")
    studies = [one for one in newest() if wanted in ("", one.study)]
    if wanted and not studies:
        raise Http404
    part = request.GET.get("part") == "1"
    found = (
        [(one, _found(Shown(one, one.reading, False), asked, 8 if part else 40)) for one in studies] if asked else []
    )
    context = {
        "asked": asked,
        "wanted": wanted,
        "results": [(one, rows) for one, rows in found if rows],
        "newest": newest(),
    }
    return render(request, "observatory/found.html" if part else "observatory/search.html", context)


def _found(shown: Shown, asked: str, most: int) -> list[dict[str, str]]:
    words = {"region": _("region"), "cluster": _("cluster"), "industry": _("industry")}
    clusters = shown.reading.names("clusters")
    return [
        {
            "kind": words[one.kind], "name": one.name, "code": one.code,
            "inside": clusters.get(one.cluster, "") if one.kind == "industry" else "",
            "address": shown.url("region", region=one.code) if one.kind == "region" else shown.url("cluster", cluster=one.cluster or one.code),
        }
        for one in searching.find(shown.reading, asked, most=most)
    ]  # fmt: skip


@require_safe
@gzip_page
def glossary(request: HttpRequest) -> HttpResponse:
    """What every figure is, and the terms in three languages."""
    return render(request, "observatory/glossary.html", {"entries": entries(), "terms": terms()})
