from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from almaz.web.conflicts.models import Conflict


@pytest.mark.browser
@pytest.mark.parametrize(("language", "settled"), [("en", "settled"), ("ru", "урегулировано"), ("ky", "чечилди")])
def test_a_conflict_goes_from_entry_to_settlement_seen_and_not_seen(
    visit: Any, barriers: Any, world: Any, tmp_path: Path, language: str, settled: str
) -> None:
    root = f"/{language}/centre/fruits/conflicts"
    page = visit(f"{root}/new/", "member")
    page.fill("#id_title", "Төлөм кечикти")
    page.check(f"input[name=people][value='{world.people['manager'].pk}']")
    page.click("main form.form button")
    page.wait_for_selector("h1:has-text('Төлөм кечикти')")
    page.locator("main a[href*='conflict-steps/new']").click()
    page.fill("#id_said", "Каттоо")
    page.click("main form.form button")
    page.wait_for_selector("main table a")
    assert barriers(page) == []
    conflict = Conflict.objects.get()
    for who in ("analyst", "stranger"):
        answer = visit(f"{root}/", who) if who == "analyst" else visit(f"/{language}/centre/", who)
        assert "Төлөм" not in answer.content()
        assert answer.request.get(answer.url.split(f"/{language}/")[0] + f"{root}/{conflict.pk}/").status == 404
    page = visit(f"{root}/{conflict.pk}/", "manager", 390)
    paper = tmp_path / "deal.pdf"
    paper.write_bytes(b"%PDF-1.4 deal")
    for to in ("accepted", "settled"):
        page.select_option("select[name=to]", to)
        if to == "settled":
            page.fill("#outcome", "Эки бөлүп төлөйт")
            page.set_input_files("#agreement", paper)
        page.click("form[action$='/move/'] button")
        page.wait_for_selector("[role=status]")
    assert page.locator(".tag.yes").inner_text() == settled
    assert page.locator("dl.values a").inner_text() == "deal.pdf"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert barriers(page) == []
