"""The job end to end, in each language: import, see the network, ask, answer; and nothing in the way of anybody."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from almaz.web.participants.models import Organisation, Wave

WORDS = {
    "en": ("Send and see", "Keep all", "firm"),
    "ru": ("Отправить и посмотреть", "Сохранить всё", "фирма"),
    "ky": ("Жөнөтүп көрүү", "Баарын сактоо", "фирма"),
}


@pytest.mark.browser
@pytest.mark.parametrize(("language", "width"), [("en", 1440), ("ru", 390), ("ky", 1440)])
def test_from_a_file_to_the_network(
    visit: Any, barriers: Any, ring: list[Organisation], tmp_path: Path, language: str, width: int
) -> None:
    send, keep, firm = WORDS[language]
    file = tmp_path / "new.csv"
    file.write_text(f"name,sort\nЖаңы ЖЧК,{firm}\n", encoding="utf-8")
    page = visit(f"/{language}/centre/fruits/organisations/import/", "analyst", width)
    assert barriers(page) == []
    page.set_input_files("#file", str(file))
    page.click(f"main button:has-text('{send}')")
    page.click(f"main button:has-text('{keep}')")
    page.wait_for_selector("table a:has-text('Жаңы ЖЧК')")
    page.goto(page.url.replace("/organisations/", "/network/"))
    page.wait_for_selector("[data-chart][data-drawn]")
    assert page.locator("#network-picture svg path").count() > 7
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert barriers(page) == []
    page.check("input[value=knowledge]")
    page.click("form.chooser button")
    page.wait_for_selector("#network-picture [data-drawn]")
    assert "layer=knowledge" in page.url


@pytest.mark.browser
def test_the_questionnaire_is_filled_on_a_phone_by_keyboard(
    visit: Any, barriers: Any, ring: list[Organisation]
) -> None:
    today = timezone.localdate()
    wave = Wave.objects.create(cluster=ring[0].cluster, title="Күз", opens=today, closes=today + timedelta(days=3))
    page = visit(f"/ky/centre/fruits/surveys/{wave.pk}/answer/", "member", 390)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert barriers(page) == []
    page.locator("input[name=trust_1]").first.focus()
    page.keyboard.press("ArrowRight")
    page.locator("main form button").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("[role=status]")
    assert [answer.values for answer in wave.answers.all()] == [{"trust_1": 2}]
