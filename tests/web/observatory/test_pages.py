from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from django.test import Client

from almaz.language import percent, text, use
from almaz.web.observatory.models import Publication

LANGUAGES = ("en", "ru", "ky")
PLACES = {"us-states-2016": ("01000", "Automotive"), "kyrgyzstan-raions-2021": ("41702205", "wheat")}


def page(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, address
    return str(answer.content.decode())


def links(written: str) -> Iterator[str]:
    for found in re.findall(r'(?:href|data-chart|data-sheet|data-values|src)="([^"]+)"', written):
        address = unescape(found).split("#")[0]
        if address.startswith("/") and not address.startswith(("/static", "/api", "//")):
            yield address


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("study", list(PLACES))
def test_every_page_of_a_study_opens_and_leads_to_pages_that_open(
    client: Client, published: dict[str, Publication], language: str, study: str
) -> None:
    """All pages that can be reached from a study, one region and one cluster, each in the language of its address; in English the
    charts of the region and the cluster too: those of the country are the report's own."""
    region, cluster = PLACES[study]
    waiting, seen = [f"/{language}/{study}/"], set()
    while waiting:
        address = waiting.pop()
        if address in seen:
            continue
        seen.add(address)
        answer = client.get(address)
        assert answer.status_code == 200, address
        if not answer.headers["Content-Type"].startswith("text/html"):
            continue
        written = answer.content.decode()
        assert f'<html lang="{language}">' in written
        assert "{{" not in written
        assert "StrictUndefined" not in written
        for link in links(written):
            if link.endswith(".json") and (language != "en" or "/country/" in link):
                continue
            mine = link.startswith(
                (
                    f"/{language}/{study}/region/{region}/",
                    f"/{language}/{study}/cluster/{cluster}/",
                    f"/{language}/{study}/country/",
                )
            )
            page_of_study = re.fullmatch(
                rf"/{language}/{study}/(regions|clusters|compare|data|map)?/?[^.]*(\.json)?", link
            )
            if (mine and not re.search(r"\.(png|svg|xlsx|csv)$|/figure/[^/.]+/", link)) or (
                page_of_study and "/region/" not in link and "/cluster/" not in link
            ):
                waiting.append(link)
    assert len(seen) > (24 if study == "us-states-2016" else 9)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_region_shows_its_figures_with_their_interval_and_the_hidden_share(
    client: Client, published: dict[str, Publication], states: Any, language: str
) -> None:
    written = page(client, f"/{language}/us-states-2016/region/01000/")
    [row] = [row for row in states.table("region_strength").to_pylist() if row["region"] == "01000"]
    with use(language):
        assert text("hidden and estimated: {share}", share="")[:-1].strip() in written
        assert text("cluster strength") in written
    with use(language):
        value, low, high = (percent(row[f"cluster_strength{end}"], 0) for end in ("", "_low", "_high"))
    assert f"<dd>{value} <small>{low} – {high}</small></dd>" in written
    tabs = re.findall(r'aria-current="page">([^<]+)<', written)
    with use(language):
        assert text("Portfolio") in tabs


def test_products_that_are_not_added_up_have_no_sum_anywhere(client: Client, published: dict[str, Publication]) -> None:
    written = page(client, "/en/kyrgyzstan-raions-2021/region/41702205/")
    assert "cluster strength" not in written
    assert "hidden and estimated" not in written
    assert "figure/areas" not in written


def test_the_home_page_shows_the_study_that_was_published_first(
    client: Client, published: dict[str, Publication]
) -> None:
    assert "Clusters of the U.S. states, 2016" in page(client, "/en/")
    assert client.get("/").headers["Location"] == "/en/"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_site_without_editions_says_so(client: Client, db: None, language: str) -> None:
    with use(language):
        assert text("Nothing is published yet.") in page(client, f"/{language}/")
        assert text("Nothing is published yet.") in page(client, f"/{language}/editions/")
    assert client.get(f"/{language}/search/?q=auto").status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "/en/no-such-study/",
        "/en/e/0123456789ab/",
        "/en/e/b/",
        "/en/us-states-2016/region/nowhere/",
        "/en/us-states-2016/cluster/Magic/",
        "/en/us-states-2016/region/01000/no-such-room/",
        "/en/us-states-2016/region/01000/figure/no-such-figure/",
        "/en/us-states-2016/region/01000/figure/areas.exe",
        "/en/us-states-2016/region/01000/figure/rules.svg",
        "/en/us-states-2016/country/figure/areas/",
        "/en/us-states-2016/map/9.json",
        "/en/us-states-2016/map.gif",
        "/en/us-states-2016/map/values.json?cluster=Magic",
        "/en/us-states-2016/data/no_such_table.csv",
        "/en/us-states-2016/data/portfolio.docx",
        "/en/us-states-2016/data/manifest.json",
        "/en/us-states-2016/compare/figure/areas.json?region=01000",
        "/en/kyrgyzstan-raions-2021/region/41702205/diamond/",
        "/en/search/?q=auto&study=no-such-study",
        "/en/us-states-2016/region/..%2f..%2fsecret.key/",
    ],
)
def test_what_is_not_there_is_not_found(client: Client, published: dict[str, Publication], address: str) -> None:
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("language", LANGUAGES)
def test_eleven_regions_are_too_many_to_compare_and_the_page_says_what_to_do(
    client: Client, published: dict[str, Publication], states: Any, language: str
) -> None:
    codes = states.table("regions")["region"].to_pylist()[:11]
    written = page(client, f"/{language}/us-states-2016/compare/?" + "&".join(f"region={code}" for code in codes), 400)
    with use(language):
        assert text("{asked} regions were chosen", asked="11") in written
        assert text("take some away") in written
    ten = page(client, f"/{language}/us-states-2016/compare/?" + "&".join(f"region={code}" for code in codes[:10]))
    assert ten.count("data-chart") == 2


@pytest.mark.parametrize("query", ["region=nowhere", "region=01000&region=' OR 1=1", "region=%00"])
def test_a_region_that_is_not_there_cannot_be_compared(
    client: Client, published: dict[str, Publication], query: str
) -> None:
    written = page(client, f"/en/us-states-2016/compare/?{query}", 400)
    assert "this edition has no region with the code" in written
    assert client.get(f"/en/us-states-2016/compare/figure/quotients.json?{query}").status_code == 400


def test_a_region_is_added_to_a_comparison_by_its_name(client: Client, published: dict[str, Publication]) -> None:
    written = page(client, "/en/us-states-2016/compare/?region=01000&add=michig")
    assert "compare/?region=01000&amp;region=26000" in written
    assert "Nothing bears the name" in page(client, "/en/us-states-2016/compare/?region=01000&add=zzzz")


def test_what_visitors_type_is_never_run(client: Client, published: dict[str, Publication]) -> None:
    for address in ("/en/search/?q=", "/en/us-states-2016/compare/?add=", "/en/us-states-2016/?cluster="):
        answer = client.get(address + "<script>alert(1)</script>")
        assert b"<script>alert" not in answer.content


@pytest.mark.parametrize(
    ("asked", "found"), [("Ысык кол", "Ысык-Көл"), ("алабама", "Алабама"), ("automot", "Автомобиль")]
)
def test_the_search_finds_regions_and_clusters_in_every_study(
    client: Client, published: dict[str, Publication], asked: str, found: str
) -> None:
    assert found in page(client, f"/ky/search/?q={asked}") or found in page(client, f"/ru/search/?q={asked}")
    part = page(client, f"/ky/search/?q={asked}&part=1")
    assert "<html" not in part
    assert "<li>" in part


def test_an_edition_that_is_withdrawn_is_gone_and_the_older_one_is_shown(
    client: Client, published: dict[str, Publication]
) -> None:
    held = published["states"]
    assert client.get(f"/en/e/{held.short}/").status_code == 200
    held.withdraw()
    for address in (
        f"/en/e/{held.short}/",
        "/en/us-states-2016/",
        f"/en/e/{held.short}/data/portfolio.csv",
        f"/api/editions/{held.short}",
    ):
        assert client.get(address).status_code == 404
    assert "Kyrgyzstan" in page(client, "/en/")


def test_every_heading_that_is_a_figure_leads_to_what_it_is(client: Client, published: dict[str, Publication]) -> None:
    glossary = page(client, "/en/glossary/")
    known = set(re.findall(r'<dt id="([^"]+)"', glossary))
    asked = set()
    for address in (
        "region/01000/",
        "region/01000/diamond/",
        "region/01000/opportunities/",
        "cluster/Automotive/",
        "region/01000/neighbours/",
    ):
        asked |= set(re.findall(r"/en/glossary/#([a-z-]+)", page(client, f"/en/us-states-2016/{address}")))
    assert len(asked) > 10
    assert asked <= known


def test_the_glossary_holds_the_terms_of_the_house_in_three_languages(client: Client, db: None) -> None:
    for language in LANGUAGES:
        written = page(client, f"/{language}/glossary/")
        for term in ("value chain", "нарк чынжыры", "цепочка создания стоимости", "координациялык борбор"):
            assert term in written


def test_the_data_page_names_sources_quality_and_every_table(
    client: Client, published: dict[str, Publication], states: Any
) -> None:
    written = page(client, "/en/us-states-2016/data/")
    for source in states.table("sources").to_pylist():
        assert source["sha256"][:16] in written
    for table in states.tables:
        assert f"data/{table}.csv" in written
        assert f"data/{table}.parquet" in written
    assert states.manifest["identity"] in written


def test_the_first_page_is_light(client: Client, published: dict[str, Publication]) -> None:
    """HTML, map and values together, compressed; no chart of the page asks for the chart bundle."""
    answer = client.get("/en/", headers={"Accept-Encoding": "gzip"})
    written = gzip.decompress(answer.content).decode()
    whole = len(answer.content)
    assert 'data-chart="' not in written
    for address in set(links(written)):
        if address.endswith(("/map/0.json", "/map/values.json")):
            whole += len(client.get(address, headers={"Accept-Encoding": "gzip"}).content)
    assert whole < 60_000
