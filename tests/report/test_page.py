from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import altair as alt
import pyarrow as pa
import pytest
from axe_playwright_python.sync_playwright import Axe
from openpyxl import load_workbook
from playwright.sync_api import Browser, Page

from almaz.report.charts import themed
from almaz.report.html import write_report, write_sections
from almaz.report.section import Figure, Section
from almaz.study.edition import Edition


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


@pytest.fixture
def page(browser: Browser, raions: Edition, tmp_path: Path) -> Iterator[Page]:
    opened = browser.new_page()
    opened.goto(write_report(raions, tmp_path / "report.html", "en").as_uri())
    opened.wait_for_selector("body[data-ready=yes]", timeout=60_000)
    yield opened
    opened.close()


def downloaded(page: Page, form: str) -> bytes:
    with page.expect_download() as download:
        page.locator("[data-chart=ranking] button", has_text=form).click()
    return Path(download.value.path()).read_bytes()


@pytest.mark.browser
def test_a_table_downloads_as_csv_and_excel_with_the_numbers_of_the_edition(page: Page, raions: Edition) -> None:
    page.locator("#place").select_option("41702205")
    lines = list(csv.DictReader(io.StringIO(downloaded(page, "CSV").decode("utf-8-sig"))))
    sheet = load_workbook(io.BytesIO(downloaded(page, "XLSX"))).active
    assert sheet is not None
    excel = list(sheet.iter_rows(values_only=True))
    portfolio = raions.table("portfolio").to_pylist()
    quotients = {row["cluster"]: row["lq"] for row in portfolio if row["region"] == "41702205" and row["production"]}
    assert len(quotients) >= 4
    assert list(lines[0]) == [str(head) for head in excel[0]]
    assert sorted(float(line["location quotient"]) for line in lines) == pytest.approx(
        sorted(quotients.values()), rel=1e-4
    )
    place = excel[0].index("location quotient")
    assert [row[place] for row in excel[1:]] == [float(line["location quotient"]) for line in lines]


@pytest.mark.browser
def test_a_picture_downloads_as_svg_and_png(page: Page) -> None:
    assert downloaded(page, "SVG").startswith(b"<svg")
    assert downloaded(page, "PNG").startswith(b"\x89PNG")


@pytest.mark.browser
def test_a_heading_sorts_its_table(page: Page) -> None:
    page.locator("#region-table th button", has_text="location quotient").click()
    shown = [float(cell) for cell in page.locator("#region-table tbody td:nth-child(3)").all_inner_texts()]
    assert shown == sorted(shown, reverse=True)
    page.locator("#region-table th button", has_text="location quotient").click()
    again = [float(cell) for cell in page.locator("#region-table tbody td:nth-child(3)").all_inner_texts()]
    assert again == sorted(shown)
    assert page.locator("#region-table th[aria-sort=ascending]").count() == 1


@pytest.mark.browser
def test_a_screen_reader_finds_no_serious_obstacle(page: Page) -> None:
    found = Axe().run(page).response["violations"]
    assert [(one["id"], len(one["nodes"])) for one in found if one["impact"] in ("serious", "critical")] == []


@pytest.mark.browser
def test_a_page_of_sections_alone_draws_and_tabulates(browser: Browser, tmp_path: Path) -> None:
    table = pa.table({"name": ["a", "b"], "size": [1.5, None]})
    chart = themed(alt.Chart(alt.InlineData(values=table.to_pylist())).mark_bar().encode(x="size:Q", y="name:N"))
    section = Section("one", "One", "Lead", (Figure("bars", "Bars", table, {"name": "name", "size": "size"}, chart),))
    opened = browser.new_page()
    opened.goto(write_sections("Alone", [section], tmp_path / "alone.html", "ru").as_uri())
    opened.wait_for_selector("body[data-ready=yes]", timeout=60_000)
    assert opened.locator("#bars svg").count() == 1
    assert opened.locator("#bars-table tbody td").all_text_contents() == ["a", "1,50", "b", "—"]
    opened.close()
