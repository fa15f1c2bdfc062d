from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.browser
@pytest.mark.parametrize(("language", "word"), [("en", "Organisations"), ("ru", "Организации"), ("ky", "Уюмдар")])
@pytest.mark.parametrize("width", [1440, 390])
def test_a_list_is_readable_in_every_language_at_every_width(
    visit: Any, barriers: Any, language: str, word: str, width: int
) -> None:
    page = visit(f"/{language}/centre/fruits/organisations/", "analyst", width)
    assert page.locator("h1").inner_text() == word
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert barriers(page) == []


@pytest.mark.browser
def test_what_was_typed_survives_a_closed_form(visit: Any) -> None:
    page = visit("/en/centre/fruits/organisations/new/", "analyst")
    page.fill("#id_name", "Half typed")
    page.goto(page.url)
    assert page.input_value("#id_name") == "Half typed"
    page.select_option("#id_sort", "firm")
    page.click("main form button:has-text('Save')")
    page.wait_for_selector("h1:has-text('Half typed')")
    page.goto(page.url.rsplit("/", 2)[0] + "/new/")
    assert page.input_value("#id_name") == ""
