"""The observatory in Chromium. The fixture `visit` fails a test whose page asks anything of another site, or has an error."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from almaz.language import text, use
from almaz.web.observatory.models import Publication

pytestmark = pytest.mark.browser
PAGES = {
    "study": "/us-states-2016/",
    "region": "/us-states-2016/region/01000/",
    "diamond": "/us-states-2016/region/01000/diamond/",
    "cluster": "/us-states-2016/cluster/Automotive/",
    "raion": "/kyrgyzstan-raions-2021/region/41702205/",
    "compare": "/us-states-2016/compare/?region=01000&region=26000",
    "data": "/us-states-2016/data/",
    "glossary": "/glossary/",
}


def drawn(page: Page) -> None:
    """Scroll through the page so that every chart is drawn, and wait for it."""
    for place in page.locator("[data-chart]").all():
        place.scroll_into_view_if_needed()
        place.locator("svg").first.wait_for()
    if page.locator("#map").count():
        page.wait_for_selector("#map[data-ready]")


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize(
    ("name", "language"), [(name, ("en", "ru", "ky")[place % 3]) for place, name in enumerate(PAGES)]
)
def test_a_page_is_whole_and_open_to_all(
    visit: Any, barriers: Any, published: dict[str, Publication], name: str, language: str, width: int
) -> None:
    page = visit(f"/{language}{PAGES[name]}", width=width)
    drawn(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert barriers(page) == []


@pytest.mark.parametrize("language", ["en", "ru", "ky"])
def test_the_home_page_in_every_language(
    visit: Any, barriers: Any, published: dict[str, Publication], language: str
) -> None:
    page = visit(f"/{language}/")
    drawn(page)
    assert page.locator("#map .regions path").count() == 49
    with use(language):
        assert page.locator("header.site nav").first.locator("a").first.inner_text() == text("Observatory")
    assert barriers(page) == []


def test_the_map_changes_with_the_cluster_and_leads_to_regions(visit: Any, published: dict[str, Publication]) -> None:
    page = visit("/en/us-states-2016/")
    drawn(page)
    page.select_option("#cluster", "Automotive")
    page.locator(".map-title", has_text="Automotive").wait_for()
    page.wait_for_selector("#map path[data-code='26000'][fill='#0a4f63']")
    assert "cluster=Automotive" in page.url
    assert "cluster=Automotive" in str(page.locator("#map .picture").first.get_attribute("href"))
    page.locator("#map path[data-code='01000']").hover()
    assert "Alabama" in page.locator(".tip").inner_text()
    page.locator("#map path[data-code='01000']").click()
    page.wait_for_selector("h1:has-text('Alabama')")


def test_the_map_is_moved_by_keys_and_becomes_finer(visit: Any, published: dict[str, Publication]) -> None:
    page = visit("/en/us-states-2016/cluster/Automotive/")
    drawn(page)
    box = "document.querySelector('#map svg').getAttribute('viewBox').split(' ').map(Number)"
    coarse = str(page.locator("#map path[data-code='26000']").get_attribute("d"))
    page.focus("#map .sheet")
    with page.expect_response("**/map/1.json"):
        for _press in range(3):
            page.keyboard.press("+")
    page.wait_for_selector("#map[data-level='1']")
    assert len(str(page.locator("#map path[data-code='26000']").get_attribute("d"))) > len(coarse)
    left, _top, width, _height = page.evaluate(box)
    page.keyboard.press("ArrowRight")
    assert page.evaluate(box)[0] > left
    page.keyboard.press("0")
    assert page.evaluate(box)[2] > width
    page.click("#map [data-zoom='in']")
    assert page.evaluate(box)[2] < 960


def test_typing_finds_a_region_and_the_keyboard_opens_it(visit: Any, published: dict[str, Publication]) -> None:
    page = visit("/ky/kyrgyzstan-raions-2021/")
    page.focus("#finder")
    page.keyboard.type("ысык кол")
    page.wait_for_selector(".found a")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/region/**")
    assert "Ысык-Көл" in page.locator("h1").inner_text()


def test_the_chart_bundle_comes_only_with_a_chart(visit: Any, published: dict[str, Publication]) -> None:
    page = visit("/en/us-states-2016/")
    drawn(page)
    asked = "performance.getEntriesByType('resource').map((one) => one.name)"
    assert not [name for name in page.evaluate(asked) if "vega" in name]
    page.goto(page.url + "region/01000/")
    drawn(page)
    assert len([name for name in page.evaluate(asked) if "vega" in name]) == 1


def test_a_table_is_sorted_by_its_headings(visit: Any, published: dict[str, Publication]) -> None:
    page = visit("/en/us-states-2016/region/01000/neighbours/")
    table = page.locator("#beside table")
    column = "[...document.querySelectorAll('#beside tbody tr')].map((row) => parseFloat(row.cells[1].textContent))"
    table.locator("th button", has_text="cluster strength").click()
    values = page.evaluate(column)
    assert values == sorted(values, reverse=True)
    assert table.locator("th[aria-sort='descending']").count() == 1
    page.keyboard.press("Enter")
    assert page.evaluate(column) == sorted(values)


def test_an_embedded_figure_draws_in_another_page(visit: Any, published: dict[str, Publication]) -> None:
    short = published["states"].short
    page = visit(f"/ru/e/{short}/region/01000/figure/bubbles/?embed=1", width=700)
    drawn(page)
    assert page.locator("header").count() == 0
    assert page.locator("h1").inner_text().startswith("Алабама")


def test_the_pages_work_without_scripts(visit: Any, published: dict[str, Publication], browser: Any, site: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site + "/en/us-states-2016/?cluster=Automotive")
    assert page.locator("#map noscript img, #map img").count() >= 1
    page.goto(site + "/en/search/?q=michigan")
    assert page.locator(".results a").first.inner_text() == "Michigan"
    context.close()


def test_the_documentation_of_the_api_is_drawn_from_the_site_itself(
    visit: Any, published: dict[str, Publication]
) -> None:
    page = visit("/api/docs")
    page.locator("text=Clusters in regions").wait_for()
