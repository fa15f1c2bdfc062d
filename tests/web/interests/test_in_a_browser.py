from __future__ import annotations

from typing import Any

import pytest

from almaz.web.interests.models import Request, Status


@pytest.mark.browser
@pytest.mark.parametrize(
    ("language", "granted"), [("en", "granted"), ("ru", "удовлетворено"), ("ky", "канааттандырылды")]
)
def test_a_request_goes_from_draft_to_answer(
    visit: Any, barriers: Any, world: Any, ministry: Any, language: str, granted: str
) -> None:
    root = f"/{language}/centre/fruits"
    page = visit(f"{root}/requests/new/", "member")
    page.fill("#id_title", "Суу керек")
    page.check(f"input[name=organisations][value='{world.firm.pk}']")
    page.select_option("#id_authority", str(ministry.pk))
    page.fill("#id_deadline", "2026-01-31")
    page.click("main form.form button")
    page.wait_for_selector("h1:has-text('Суу керек')")
    assert page.locator("select[name=to] option").all_inner_texts() == [page.locator("select[name=to]").inner_text()]
    page = visit(f"{root}/requests/{Request.objects.get().pk}/", "analyst", 390)
    for to in (Status.AGREED, Status.SENT, Status.GRANTED):
        page.select_option("select[name=to]", to.value)
        if to == Status.GRANTED:
            page.fill("#answer", "Берилет")
        page.click("form[action$='/move/'] button")
        page.wait_for_selector("[role=status]")
    assert page.locator(".tag.yes").inner_text() == granted
    assert "Берилет" in page.locator("dl.values").inner_text()
    assert barriers(page) == []
    page = visit(f"{root}/board/", "member", 390)
    assert page.locator(".lane a").inner_text() == "Суу керек"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert barriers(page) == []
