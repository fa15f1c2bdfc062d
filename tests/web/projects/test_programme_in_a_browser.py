"""From a draft to a report, by mouse and keyboard, in each language."""

from __future__ import annotations

from typing import Any

import pytest

from almaz.language import date as day
from almaz.language import text, use
from almaz.web.projects.models import Criterion, Project, QuarterlyReport, StageGate


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "ru", "ky"])
def test_a_draft_is_taken_edited_its_gate_opened_and_told_of(
    linked: Any, visit: Any, barriers: Any, language: str
) -> None:
    with use(language):
        say = {
            key: text(key)
            for key in (
                "Draft from the edition",
                "Take it",
                "Save",
                "Confirm",
                "Pass the gate",
                "Edit",
                "Projects over time",
            )
        }
    at = f"/{language}/centre/fruits"
    page = visit(f"{at}/take/", "manager")
    page.click(f"main button:has-text('{say['Draft from the edition']}')")
    page.locator("details.proposal summary").first.click()
    assert page.locator("details.proposal[open] li").count() >= 1
    assert barriers(page) == []
    page.click(f"main button:has-text('{say['Take it']}')")
    page.wait_for_selector(".picture svg")
    assert Project.objects.count() == 14
    assert barriers(page) == []

    project = Project.objects.order_by("number").first()
    page.click(f".picture .onwide a[href$='/projects/{project.pk}/'] text >> nth=0")
    page.click(f"main .acts a:has-text('{say['Edit']}')")
    with use(language):
        assert page.input_value("#id_name") == project.get_name_display()
    page.select_option("#id_status", "running")
    page.fill("#id_progress", "25")
    page.click(f"main form button:has-text('{say['Save']}')")
    page.wait_for_selector("dl.values")
    project.refresh_from_db()
    assert (project.status, project.progress, project.name) == ("running", 25, "")

    gate = StageGate.objects.get(code="G0")
    page.goto(page.url.split(at)[0] + f"{at}/stages/")
    assert page.locator(f"#gate-{gate.pk} button:has-text('{say['Pass the gate']}')").is_disabled()
    assert barriers(page) == []
    for one in Criterion.objects.filter(gate=gate):
        page.click(f"#gate-{gate.pk} a.button[href*='/criteria/{one.pk}/edit/']")
        page.fill("#id_link", "https://example.org/minutes.pdf")
        page.click(f"main form button:has-text('{say['Save']}')")
        page.click(f"form[action$='/criteria/{one.pk}/confirm/'] button:has-text('{say['Confirm']}')")
    page.click(f"#gate-{gate.pk} button:has-text('{say['Pass the gate']}')")
    page.wait_for_selector(f"#gate-{gate.pk}.passed")
    gate.refresh_from_db()
    assert gate.passed is not None

    page.goto(page.url.split(at)[0] + f"{at}/quarters/new/")
    page.fill("#id_year", str(gate.passed.year))
    page.select_option("#id_quarter", str((gate.passed.month + 2) // 3))
    page.fill("#id_done", "Ң Ө Ү")
    page.click(f"main form button:has-text('{say['Save']}')")
    with page.expect_download() as download:
        page.click("main a:has-text('PDF')")
    assert download.value.path().read_bytes().startswith(b"%PDF")
    from almaz.web.projects.quarter import told

    with use(language):
        report = told(QuarterlyReport.objects.get())
        listed = [point for block in report.blocks for point in getattr(block, "points", ())]
        assert any(point.startswith(day(gate.passed)) and "G0" in point for point in listed)


PAGES = ("dashboard", "plan", "money", "risk-matrix", "measured", "stages", "audit", "evaluation", "take")


@pytest.mark.browser
def test_pages_fit_a_phone_and_have_no_barriers(taken: Any, visit: Any, barriers: Any) -> None:
    page = visit("/ky/centre/fruits/plan/", "analyst", 390)
    assert page.locator(".onphone svg").is_visible()
    assert not page.locator(".onwide svg").is_visible()
    for name in PAGES:
        page.goto(page.url.rsplit("/", 2)[0] + f"/{name}/")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        assert barriers(page) == [], name
