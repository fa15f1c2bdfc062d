"""The pipeline by keyboard, and nothing in the way of anybody."""

from __future__ import annotations

from typing import Any

import pytest

from almaz.web.attraction.models import Candidate


@pytest.mark.browser
@pytest.mark.parametrize(("language", "width"), [("en", 1440), ("ru", 1440), ("ky", 390)])
def test_a_candidate_is_moved_by_keyboard(visit: Any, barriers: Any, linked: Any, language: str, width: int) -> None:
    plant = Candidate.objects.create(cluster=linked, name="Айнек заводу", stage="contacted")
    page = visit(f"/{language}/centre/fruits/wanted/", "analyst", width)
    page.wait_for_selector("[data-chart]")
    page.locator("[data-chart]").first.scroll_into_view_if_needed()
    page.wait_for_selector("[data-drawn]")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert barriers(page) == []
    page.goto(page.url.replace("/wanted/", "/pipeline/"))
    assert barriers(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator(f"#candidate-{plant.pk} button[value=meeting]").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(f".meeting #candidate-{plant.pk}")
    plant.refresh_from_db()
    assert plant.stage == "meeting"
