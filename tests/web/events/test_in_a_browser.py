from __future__ import annotations

from typing import Any

import pytest

from almaz.web.events.models import Event, Task


@pytest.mark.browser
@pytest.mark.parametrize(("language", "came"), [("en", "Came: 1"), ("ru", "Присутствовали: 1"), ("ky", "Катышты: 1")])
def test_an_event_goes_from_planning_to_tasks(visit: Any, barriers: Any, world: Any, language: str, came: str) -> None:
    root = f"/{language}/centre/fruits"
    page = visit(f"{root}/calendar/?month=2027-03", "analyst")
    page.click("#d2027-03-09 .number")
    page.fill("#id_title", "Кеңеш")
    page.click("main form.form button")
    page.wait_for_selector("h1:has-text('Кеңеш')")
    event = Event.objects.get()
    page.goto(page.url + "attendance/")
    page.select_option(f"#o{world.firm.pk}", "came")
    page.click("main form button")
    page.wait_for_selector(f"h3:has-text('{came}')")
    page.click("main a[href*='decisions/new']")
    page.fill("#id_decided", "Жол сурайбыз")
    page.click("main form.form button")
    page.click("main table a:has-text('Жол сурайбыз')")
    page.click("main a[href*='tasks/new']")
    page.fill("#id_title", "Кат жазуу")
    page.select_option("#id_user", str(world.people["member"].pk))
    page.fill("#id_due", "2026-01-31")
    page.click("main form.form button")
    page.wait_for_selector("main table a:has-text('Кат жазуу')")
    page = visit(f"/{language}/mine/", "member", 390)
    assert page.locator(".tag.no").count() == 1
    page.click("main a:has-text('Кат жазуу')")
    page.click("main button[value=done]")
    page.wait_for_selector(".tag.yes")
    assert Task.objects.get().decision.event == event
    assert barriers(page) == []


@pytest.mark.browser
def test_the_calendar_is_walked_by_keys_and_is_a_list_on_a_phone(visit: Any, barriers: Any, weekly: Event) -> None:
    page = visit("/en/centre/fruits/calendar/?month=2027-03", "member")
    page.focus("#month [tabindex='0']")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Tuesday, 9 March"
    assert page.locator("#month [tabindex='0']").count() == 1
    assert barriers(page) == []
    page.keyboard.press("PageDown")
    page.wait_for_selector("h1:has-text('April 2027')")
    page = visit("/ky/centre/fruits/calendar/?month=2027-03", "member", 390)
    assert page.locator("#month > li:visible").count() == 4
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert barriers(page) == []
    page = visit("/ky/centre/fruits/calendar/?month=2028-03", "member", 390)
    assert page.locator(".nothing").is_visible()
