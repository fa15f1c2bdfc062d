"""The addresses of the API. Every list takes `limit` and `offset`; every error is JSON."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from importlib.metadata import version
from typing import Annotated, Any, TypeVar

import pyarrow as pa
import pyarrow.compute as pc
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response
from django.views.decorators.gzip import gzip_page
from ninja import NinjaAPI, Path, Query
from ninja.decorators import decorate_view

from almaz.errors import AlmazError
from almaz.language import text as _
from almaz.web.api import schemas as said
from almaz.web.observatory import search as searching
from almaz.web.observatory.answers import FOREVER, WHILE, Shown, code
from almaz.web.observatory.answers import find as find_edition
from almaz.web.observatory.downloads import table_file
from almaz.web.observatory.hidden_share import of_country
from almaz.web.observatory.models import SHORT, Publication, published
from almaz.web.observatory.portfolio import measure_of, per_head

MOST = 1000
Limit = Annotated[int, Query(ge=1, le=MOST, description="How many items to answer with.")]
Offset = Annotated[int, Query(ge=0, le=100_000_000, description="How many items to pass over.")]
Named = Annotated[
    str,
    Path(
        pattern=r"^[a-z0-9][a-z0-9-]{0,99}$",
        description="An edition's short identity, or a study's name for its newest edition.",
    ),
]
Wanted = Annotated[str | None, Query(max_length=200)]
Answer = TypeVar("Answer")

api = NinjaAPI(
    title="Almaz",
    version=version("almaz"),
    urls_namespace="api",
    description="Clusters of regions: editions, regions, clusters, portfolios, strengths, diamonds, opportunities. Read only, open to all. "
    "What is not known is null, never zero; what is estimated bears its interval.",
)
MISSING = {404: said.Problem}


@api.exception_handler(AlmazError)
def _refused(request: HttpRequest, error: AlmazError) -> HttpResponse:
    return api.create_response(request, {"detail": str(error)}, status=400)


@api.exception_handler(Http404)
def _missing(request: HttpRequest, error: Http404) -> HttpResponse:
    return api.create_response(request, {"detail": str(error) or _("there is nothing at this address")}, status=404)


def reads(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Answers that other sites may read and browsers may keep: tagged by the edition, 304 where nothing is new."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        response.headers["Access-Control-Allow-Origin"] = "*"
        held = _publication(kwargs.get("edition", ""))
        if response.status_code == 200 and held is not None:
            tag = response.headers.get("ETag", f'W/"{held.short}-{code()}"')
            response.headers["ETag"] = tag
            response.headers.setdefault("Cache-Control", FOREVER if held.short == kwargs["edition"] else WHILE)
            again = get_conditional_response(request, etag=tag, response=response)
            if again is not None:
                return again
        return response

    return gzip_page(answered)


def _publication(name: str) -> Publication | None:
    held: Publication | None = published().filter(identity__startswith=name).first() if len(name) == SHORT else None
    return held or published().filter(study=name).first()


def _shown(name: str) -> Shown:
    held = _publication(name)
    if held is None:
        raise Http404(_("there is no published edition or study «{name}»", name=name))
    fixed = held.short == name
    return find_edition(held.short, None) if fixed else find_edition(None, str(held.study))


def _names(row: Mapping[str, Any]) -> dict[str, str | None]:
    return {spoken: row.get(f"name_{spoken}") for spoken in ("en", "ru", "ky")}


def _known(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row whose unknown and endless figures are null."""
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value for name, value in row.items()
    }


def _page(table: pa.Table, limit: int, offset: int, item: Callable[[dict[str, Any]], Any] = _known) -> dict[str, Any]:
    return {"items": [item(row) for row in table.slice(offset, limit).to_pylist()], "count": table.num_rows}


def _rows(shown: Shown, table: str, wanted: Mapping[str, Any]) -> pa.Table:
    """Rows of a table with these values; region and cluster are found at once. 404 where the edition has no such table."""
    if table not in shown.reading.tables:
        raise Http404(_("this edition has no table «{name}»", name=table))
    keys = {name: value for name, value in wanted.items() if value is not None}
    part = shown.reading.part(**{name: keys.pop(name, None) for name in ("region", "cluster")})
    held = part.table(table)
    for name, value in keys.items():
        held = held.filter(pc.equal(held[name], value))
    return held


@api.get("/editions", response=said.Page[said.EditionItem], summary="Published editions, the newest first")
@decorate_view(reads)
def editions(request: HttpRequest, limit: Limit = 100, offset: Offset = 0, study: Wanted = None) -> dict[str, Any]:
    """study: only its editions."""
    held = published() if study is None else published().filter(study=_plain(study))
    return {"items": [_edition(one) for one in held[offset : offset + limit]], "count": held.count()}


def _plain(asked: str) -> str:
    """A text that every database can look for."""
    return asked.replace("\x00", "")


def _edition(held: Publication) -> dict[str, Any]:
    titles = {spoken: getattr(held, f"title_{spoken}") or None for spoken in ("en", "ru", "ky")}
    return {
        "edition": held.short,
        "identity": held.identity,
        "study": held.study,
        "title": titles,
        "published_at": held.published_at,
    }


@api.get("/editions/{edition}", response={200: said.EditionDetail, **MISSING}, summary="An edition")
@decorate_view(reads)
def edition(request: HttpRequest, edition: Named) -> dict[str, Any]:
    """Where its figures come from, and what it holds."""
    shown = _shown(edition)
    reading = shown.reading
    study = reading.manifest["study"]["study"]
    return _edition(shown.publication) | {
        "source": study["source"], "note": study["note"], "measure": measure_of(reading),
        "years": sorted(pc.unique(reading.held("region_strength").table["year"]).to_pylist()),
        "regions": reading.table("region_strength").num_rows, "clusters": reading.table("clusters").num_rows,
        "hidden_share": None if per_head(reading) else of_country(reading), "tables": reading.tables,
    }  # fmt: skip


@api.get("/editions/{edition}/regions", response={200: said.Page[said.RegionItem], **MISSING}, summary="Regions")
@decorate_view(reads)
def regions(
    request: HttpRequest, edition: Named, limit: Limit = 100, offset: Offset = 0, region: Wanted = None
) -> dict[str, Any]:
    """Every region with its cluster strength. region: only this one."""
    shown = _shown(edition)
    table = shown.reading.table("regions")
    if region is not None:
        table = table.filter(pc.equal(table["region"], region))

    def item(row: dict[str, Any]) -> dict[str, Any]:
        strong = shown.reading.part(region=row["region"]).table("region_strength").to_pylist()
        blank = dict.fromkeys(said.RegionItem.model_fields)
        return blank | (_known(strong[0]) if strong else {}) | {**row, "name": _names(row)}

    return _page(table, limit, offset, item)


@api.get("/editions/{edition}/clusters", response={200: said.Page[said.ClusterItem], **MISSING}, summary="Clusters")
@decorate_view(reads)
def clusters(request: HttpRequest, edition: Named, limit: Limit = 100, offset: Offset = 0) -> dict[str, Any]:
    """Every cluster of the edition's definition."""
    return _page(_shown(edition).reading.table("clusters"), limit, offset, lambda row: row | {"name": _names(row)})


@api.get(
    "/editions/{edition}/portfolio",
    response={200: said.Page[said.PortfolioItem], **MISSING},
    summary="Clusters in regions",
)
@decorate_view(reads)
def portfolio(
    request: HttpRequest, edition: Named, limit: Limit = 100, offset: Offset = 0, region: Wanted = None, cluster: Wanted = None,
    year: int | None = None, subclusters: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """Size, specialisation and growth with their intervals. subclusters: with the parts of clusters too."""
    shown = _shown(edition)
    table = _some(shown, "portfolio", region, cluster, year, limit, offset, subclusters)
    measure = measure_of(shown.reading)
    blank = dict.fromkeys(said.PortfolioItem.model_fields)

    def item(row: dict[str, Any]) -> dict[str, Any]:
        sizes = {f"size{end}": row[f"{measure}{end}"] for end in ("", "_low", "_high")}
        return blank | _known(row | sizes)

    return {"items": [item(row) for row in table[0].to_pylist()], "count": table[1]}


def _some(
    shown: Shown, name: str, region: str | None, cluster: str | None, year: int | None, limit: int, offset: int, subclusters: bool
) -> tuple[pa.Table, int]:  # fmt: skip
    """A page of rows of a large table and the number of all: only what is shown is made plain."""
    from almaz.web.observatory.reading import plain

    held = shown.reading.held(name)
    wanted = {key: value for key, value in (("region", region), ("cluster", cluster)) if value is not None}
    table = held.rows(wanted) if wanted else held.table
    if year is not None:
        table = table.filter(pc.equal(table["year"], pa.scalar(year, pa.int64())))
    if "subcluster" in table.column_names and not subclusters:
        table = table.filter(pc.is_null(table["subcluster"]))
    return plain(table.slice(offset, limit)), table.num_rows


@api.get(
    "/editions/{edition}/strength",
    response={200: said.Page[said.StrengthItem], **MISSING},
    summary="What the rules say",
)
@decorate_view(reads)
def strength(
    request: HttpRequest, edition: Named, limit: Limit = 100, offset: Offset = 0, region: Wanted = None, cluster: Wanted = None,
    rule: Wanted = None, year: int | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Whether a cluster is strong in a region, by each rule, and how sure that is."""
    shown = _shown(edition)
    if region is None and cluster is None and rule is None:
        table, number = _some(shown, "strength", None, None, year, limit, offset, True)
        return {"items": [_known(row) for row in table.to_pylist()], "count": number}
    held = _rows(shown, "strength", {"region": region, "cluster": cluster, "rule": rule})
    if year is not None:
        held = held.filter(pc.equal(held["year"], pa.scalar(year, pa.int64())))
    return _page(held, limit, offset)


@api.get(
    "/editions/{edition}/diamond", response={200: said.Page[said.DiamondItem], **MISSING}, summary="Diamonds of regions"
)
@decorate_view(reads)
def diamond(
    request: HttpRequest, edition: Named, limit: Limit = 100, offset: Offset = 0, region: Wanted = None
) -> dict[str, Any]:
    """Scores, ranks and corners with their intervals; 404 where the edition measures no diamond."""
    shown = _shown(edition)
    scores = _rows(shown, "diamond_scores", {"region": region})

    def item(row: dict[str, Any]) -> dict[str, Any]:
        corners = shown.reading.part(region=row["region"]).table("diamond_corners").to_pylist()
        return _known(row) | {"corners": [_known(one) for one in corners]}

    return _page(scores, limit, offset, item)


@api.get(
    "/editions/{edition}/opportunities",
    response={200: said.Page[said.OpportunityItem], **MISSING},
    summary="Opportunities",
)
@decorate_view(reads)
def opportunities(
    request: HttpRequest, edition: Named, limit: Limit = 100, offset: Offset = 0, region: Wanted = None, cluster: Wanted = None
) -> dict[str, Any]:  # fmt: skip
    """How close each cluster is to what a region has; 404 where the edition measures no relatedness."""
    return _page(_rows(_shown(edition), "opportunities", {"region": region, "cluster": cluster}), limit, offset)


@api.get(
    "/editions/{edition}/search", response={200: said.Page[said.FoundItem], **MISSING}, summary="Search by name or code"
)
@decorate_view(reads)
def search(
    request: HttpRequest, edition: Named, q: Annotated[str, Query(min_length=1, max_length=100)], limit: Limit = 20, offset: Offset = 0
) -> dict[str, Any]:  # fmt: skip
    """Regions, clusters and industries, in three languages; Ң, Ө, Ү and Ё may be typed without."""
    found = searching.find(_shown(edition).reading, q, most=MOST)
    items = [
        {"kind": one.kind, "code": one.code, "name": one.name, "cluster": one.cluster or None}
        for one in found[offset : offset + limit]
    ]
    return {"items": items, "count": len(found)}


@api.get("/editions/{edition}/tables", response={200: said.Page[said.TableItem], **MISSING}, summary="Tables")
@decorate_view(reads)
def tables(request: HttpRequest, edition: Named, limit: Limit = 100, offset: Offset = 0) -> dict[str, Any]:
    """Every table with its columns, and where to download it."""
    shown = _shown(edition)
    names = shown.reading.tables
    items = [
        {
            "table": name, "rows": number,
            "columns": [{"name": field.name, "type": str(field.type)} for field in schema],
            **{form: request.build_absolute_uri(f"/api/editions/{edition}/tables/{name}.{form}") for form in ("csv", "parquet")},
        }
        for name in names[offset : offset + limit]
        for number, schema in (shown.reading.shape(name),)
    ]  # fmt: skip
    return {"items": items, "count": len(names)}


Table = Annotated[str, Path(pattern=r"^[a-z0-9_]{1,80}$")]


@api.get(
    "/editions/{edition}/tables/{table}.csv",
    response={200: Any, **MISSING},
    summary="A table as CSV",
    openapi_extra={"responses": {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}},
)
@decorate_view(reads)
def table_csv(request: HttpRequest, edition: Named, table: Table) -> HttpResponseBase:
    """The whole table; texts that a spreadsheet would run as a formula begin with an apostrophe."""
    return table_file(_shown(edition), table, "csv")


@api.get(
    "/editions/{edition}/tables/{table}.parquet",
    response={200: Any, **MISSING},
    summary="A table as Parquet",
    openapi_extra={
        "responses": {
            200: {"content": {"application/vnd.apache.parquet": {"schema": {"type": "string", "format": "binary"}}}}
        }
    },
)
@decorate_view(reads)
def table_parquet(request: HttpRequest, edition: Named, table: Table) -> HttpResponseBase:
    """The whole table with its types."""
    return table_file(_shown(edition), table, "parquet")


@api.get(
    "/editions/{edition}/tables/{table}",
    response={200: said.Page[dict[str, Any]], **MISSING},
    summary="Rows of a table",
)
@decorate_view(reads)
def rows(
    request: HttpRequest, edition: Named, table: Table, limit: Limit = 100, offset: Offset = 0, region: Wanted = None, cluster: Wanted = None
) -> dict[str, Any]:  # fmt: skip
    """Any table of the edition, row by row; region, cluster: only theirs, where the table has such columns."""
    shown = _shown(edition)
    if table not in shown.reading.tables:
        raise Http404(_("this edition has no table «{name}»", name=table))
    held = shown.reading.held(table).table
    wanted = {
        name: value
        for name, value in (("region", region), ("cluster", cluster))
        if value is not None and name in held.column_names
    }
    return _listed(shown, table, wanted, limit, offset)


def _listed(shown: Shown, table: str, wanted: Mapping[str, str], limit: int, offset: int) -> dict[str, Any]:
    from almaz.study.edition import spoken_table
    from almaz.web.observatory.reading import plain

    held = shown.reading.held(table)
    found = held.rows(wanted) if wanted else held.table
    return {"items": _plain_rows(spoken_table(plain(found.slice(offset, limit))).to_pylist()), "count": found.num_rows}


def _plain_rows(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [_known(row) for row in rows]


@api.get("/{path:rest}", include_in_schema=False)
def nothing(request: HttpRequest, rest: str) -> None:
    """Any other address: 404 in JSON."""
    raise Http404(_("there is nothing at this address"))
