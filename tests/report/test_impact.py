"""The page of an evaluation in Chromium: offline, whole, in three languages, on a desk and on a phone."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from almaz.impact.evaluation import EvaluationOptions
from almaz.impact.panel_file import Columns
from almaz.language import use
from almaz.report.html import write_report, write_sections
from almaz.report.impact_programme import sections
from almaz.study.edition import Edition
from almaz.study.impact import evaluate_panel

TOBACCO = Path(__file__).parent.parent / "data" / "tobacco" / "california_prop99.csv"


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory: pytest.TempPathFactory) -> Edition:
    columns = Columns("state", "year", "packs_per_capita", treated="treated")
    return evaluate_panel(TOBACCO, columns, EvaluationOptions("packs"), tmp_path_factory.mktemp("evaluations"))


@pytest.mark.browser
@pytest.mark.parametrize(("language", "width"), [("en", 1440), ("ru", 390), ("ky", 390)])
def test_the_page_of_an_evaluation_draws_everything_and_fits(
    browser: Browser, evaluated: Edition, tmp_path: Path, language: str, width: int
) -> None:
    with use(language):
        parts = sections(evaluated)
    file = write_sections("California", parts, tmp_path / "page.html", language)
    page = browser.new_page(viewport={"width": width, "height": 900})
    asked: list[str] = []
    failed: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: failed.append(str(error)))
    page.goto(file.as_uri())
    page.wait_for_selector("body[data-ready=yes]", timeout=60_000)
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
    assert failed == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for figure in parts[0].figures:
        if figure.chart is not None:
            assert page.locator(f"#{figure.name} svg path").count() > 3, figure.name
        assert page.locator(f"#{figure.name}-table tbody tr").count() >= 1, figure.name
    page.close()


@pytest.mark.browser
def test_a_region_is_chosen_above_the_picture_of_directions(browser: Browser, states: Edition, tmp_path: Path) -> None:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(write_report(states, tmp_path / "report.html", "en").as_uri())
    page.wait_for_selector("body[data-ready=yes]", timeout=90_000)
    place = page.locator("figure:has(#directions-productivity)")
    before = place.locator("svg").inner_html()
    select = place.locator("select").first
    top, picture = select.bounding_box(), place.locator("svg").bounding_box()
    assert top is not None
    assert picture is not None
    assert top["y"] < picture["y"]
    select.select_option("Texas" if "Texas" in select.inner_text() else "Vermont")
    page.wait_for_timeout(500)
    assert place.locator("svg").inner_html() != before
    page.close()
