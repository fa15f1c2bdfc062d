"""The pictures of relatedness on the page: all drawn, the overlay and the choices work, in every language."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from almaz.language import use
from almaz.report.html import write_sections
from almaz.report.relatedness import sections
from almaz.report.relatedness_charts import shades
from almaz.study.edition import Edition

FIGURES = {
    "industry-space", "cluster-heat", "cluster-tree", "definition-scores", "white-space", "missing-industries",
    "entry-calibration", "region-complexity",
}  # fmt: skip


def opened(browser: Browser, states: Edition, tmp_path: Path, language: str, width: int) -> Page:
    with use(language):
        file = write_sections("Relatedness", sections(states), tmp_path / "sections.html", language)
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(file.as_uri())
    page.wait_for_selector("body[data-ready=yes]", timeout=120_000)
    return page


@pytest.mark.parametrize("language", ["en", "ru", "ky"])
def test_sections_have_every_picture_a_table_and_no_code_for_a_name(states: Edition, language: str) -> None:
    with use(language):
        made = sections(states)
    assert [section.name for section in made] == ["relatedness", "opportunities"]
    figures = {figure.name: figure for section in made for figure in section.figures}
    assert set(figures) == FIGURES
    for figure in figures.values():
        assert set(figure.headings) <= set(figure.table.column_names), figure.name
        assert figure.table.num_rows > 0, figure.name
        assert figure.hint
    assert "51" in made[0].warnings[0]
    clusters = figures["cluster-tree"].table["name"].to_pylist()
    assert ("Автомобилестроение" in clusters) == (language == "ru")


def test_shades_tell_the_unknown_from_the_low() -> None:
    found = shades([1.0, 2.0, None, 3.0, 4.0, 5.0])
    assert found[2] == "#d5d9de"
    assert len(set(found)) == 6
    assert shades([None]) == ["#d5d9de"]


@pytest.mark.browser
@pytest.mark.parametrize("width", [1440, 390])
def test_the_page_draws_and_the_choices_work(browser: Browser, states: Edition, tmp_path: Path, width: int) -> None:
    page = opened(browser, states, tmp_path, "ky", width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for name in FIGURES:
        assert page.locator(f"#{name} svg").count() == 1, name

    def fills() -> Counter[str]:
        dots = page.locator("#industry-space .mark-symbol path")
        return Counter(dots.evaluate_all("list => list.map(dot => dot.getAttribute('fill'))"))

    before = fills()
    assert "#ffffff" not in before
    assert len(before) == 5
    page.select_option("select[name=space_overlay]", label="Мичиган")
    page.wait_for_timeout(1_000)
    after = fills()
    assert set(after) == {"#ffffff", "#0b6e6e"}
    assert sum(after.values()) == sum(before.values())
    page.select_option("select[name=missing_region]", label="Мичиган")
    page.wait_for_timeout(500)
    assert page.locator("#missing-industries .mark-rect path").count() == 12
    page.close()
