"""The places section and the picture of a network, drawn in a browser and without one."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest
import vl_convert
from playwright.sync_api import Browser

from almaz.language import use
from almaz.measures import network
from almaz.report.html import write_report
from almaz.report.network import figures as network_figures
from almaz.report.network import layout
from almaz.report.places import sections
from almaz.study.edition import Edition
from almaz.study.file import load
from almaz.study.run import run


def neighbour(name: str) -> ModuleType:
    """Another test file, whose study this one draws."""
    specification = importlib.util.spec_from_file_location(name, Path(__file__).parents[1] / "study" / f"{name}.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def trees(tmp_path_factory: pytest.TempPathFactory) -> Edition:
    study = neighbour("test_places")
    folder = tmp_path_factory.mktemp("trees")
    return run(load(study.folder_of(folder, study.SECTION)), folder / "editions")


@pytest.mark.browser
@pytest.mark.parametrize(("language", "width"), [("ky", 390), ("ru", 1440)])
def test_every_picture_is_drawn_and_the_choice_changes_it(
    browser: Browser, trees: Edition, tmp_path: Path, language: str, width: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    asked: list[str] = []
    failed: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: failed.append(str(error)))
    page.goto(write_report(trees, tmp_path / "report.html", language).as_uri())
    page.wait_for_selector("body[data-ready=yes]", timeout=60_000)
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
    assert failed == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("#places-neighbours svg path").count() > 40
    assert page.locator("#places-kd svg path").count() > 8
    assert page.locator("#places-cores svg path").count() > 400
    assert page.locator("#places-verdicts-table tbody tr").count() == 6
    before = page.locator("#places-kd svg").inner_html()
    page.locator("figure:has(#places-kd) select").select_option("Other")
    page.wait_for_timeout(300)
    assert page.locator("#places-kd svg").inner_html() != before
    page.close()


def test_what_is_unknown_has_a_place_in_the_legend_and_in_the_rows(states: Edition) -> None:
    with use("en"):
        section = sections(states)[0]
    drawn = next(figure for figure in section.figures if figure.name == "places-neighbours")
    written = json.dumps(dict(drawn.chart or {}))
    assert '"alike": "unknown"' in written
    assert '"said": "unknown"' in written
    assert drawn.table.num_rows == sum(row["significant"] for row in states.table("neighbourhood").to_pylist())


def test_the_picture_of_a_network_is_the_same_every_time_and_can_be_printed() -> None:
    held = network(
        ["Dairy", "Farm", "Institute", "Rival", "Silent"],
        ["firm", "supplier", "science", "firm", "firm"],
        ["Farm", "Dairy", "Dairy", "Institute", "Dairy"],
        ["Dairy", "Rival", "Rival", "Dairy", "Farm"],
        ["supply", "competition", "cooperation", "knowledge", "cooperation"],
    )
    with use("ru"):
        drawn, layers = network_figures(held, frozenset({"Silent"}))
        again = network_figures(held, frozenset({"Silent"}))[0]
    assert json.dumps(dict(drawn.chart or {})) == json.dumps(dict(again.chart or {}))
    assert all(0.0 <= x <= 1.0 and 0.0 <= y <= 1.0 for x, y in layout(held))
    assert drawn.table["participant"].to_pylist()[0] == "Dairy"
    assert layers.table["layer"].to_pylist() == [
        "поставки",
        "сотрудничество",
        "соперничество",
        "знания",
        "все связи вместе",
    ]
    picture = vl_convert.vegalite_to_svg(json.dumps({**(drawn.chart or {}), "width": 400}))
    assert "Institute" in picture
