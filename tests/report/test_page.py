from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from almaz.report.html import write_report
from almaz.study.edition import Edition

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    assert chromium, "Chromium is missing: make browser-deps installs it"
    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=chromium, args=FLAGS)
        yield opened
        opened.close()


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "ru", "ky"])
@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("sample", ["states", "raions"])
def test_the_report_opens_offline_draws_everything_and_fits(
    browser: Browser, request: pytest.FixtureRequest, tmp_path: Path, sample: str, language: str, width: int
) -> None:
    edition: Edition = request.getfixturevalue(sample)
    file = write_report(edition, tmp_path / "report.html", language)
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
    assert page.locator("#map svg path").count() > 30
    assert page.locator("#ranking svg").count() == 1
    assert page.locator("#region-table tbody tr").count() >= 5
    if sample == "raions" and language == "ky":
        assert page.locator("h1").inner_text() == "Кыргызстандын райондорунун айыл чарба адистешүүсү, 2021"
        assert "Ак-Суу району" in page.locator("#place").inner_text()
    page.close()


@pytest.mark.browser
def test_a_table_downloads_as_csv_and_a_picture_as_svg(browser: Browser, raions: Edition, tmp_path: Path) -> None:
    file = write_report(raions, tmp_path / "report.html", "en")
    page = browser.new_page()
    page.goto(file.as_uri())
    page.wait_for_selector("body[data-ready=yes]", timeout=60_000)
    for form, says in (("CSV", "cluster"), ("SVG", "<svg"), ("XLSX", "PK"), ("PNG", "PNG")):
        with page.expect_download() as download:
            page.locator("[data-chart=ranking] button", has_text=form).click()
        assert says in Path(download.value.path()).read_bytes()[:2000].decode("utf-8", errors="replace")
    page.close()
