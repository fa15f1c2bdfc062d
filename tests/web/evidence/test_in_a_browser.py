from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


@pytest.mark.browser
@pytest.mark.parametrize(("language", "alone"), [("en", "one judgement"), ("ru", "одно суждение"), ("ky", "бир пикир")])
def test_a_judgement_is_given_with_its_evidence(
    visit: Any, barriers: Any, world: Any, tmp_path: Path, language: str, alone: str
) -> None:
    page = visit(f"/{language}/centre/fruits/evidence/", "member", 390)
    assert page.locator("svg.strip").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert barriers(page) == []
    page.click("a[href*='question=business_climate']")
    page.check("input[name=level][value='3']")
    page.select_option("#id_confidence", "3")
    page.fill("#id_why", "Чыгым")
    paper = tmp_path / "outages.csv"
    paper.write_text("day,hours\n1,3\n")
    page.set_input_files("#id_file", paper)
    assert barriers(page) == []
    page.click("main form.form button")
    page.wait_for_selector("svg.strip")
    assert page.locator(f".said:has-text('{alone}')").count() == 1
    page = visit(f"/{language}/centre/fruits/obstacles/", "analyst")
    assert page.locator("meter").get_attribute("value") == "5.0"
    with page.expect_download() as download:
        page.click("a[href*='/file/file/']")
    assert download.value.suggested_filename == "outages.csv"
    assert barriers(page) == []
