from __future__ import annotations

import re
from typing import Any

import pytest
from django.core import mail

WELCOME = {"en": "Welcome.", "ru": "Добро пожаловать.", "ky": "Кош келиңиз."}


@pytest.mark.browser
@pytest.mark.parametrize("language", WELCOME)
def test_a_manager_invites_and_the_invited_comes_in(visit: Any, site: str, barriers: Any, language: str) -> None:
    page = visit(f"/{language}/centre/fruits/access/", "manager")
    assert barriers(page) == []
    page.fill("section.card [name=email]", "begimai@example.org")
    page.select_option("section.card [name=role]", "analyst")
    page.select_option("section.card [name=language]", language)
    page.click("section.card form button")
    page.wait_for_selector("td:has-text('begimai@example.org')")
    found = re.search(r"http://[^/]+(/\S+)", mail.outbox[-1].body)
    assert found is not None
    own = visit(found[1], width=390)
    assert barriers(own) == []
    assert own.evaluate("document.documentElement.scrollWidth <= innerWidth")
    own.fill("[name=name]", "Бегимай")
    for name in ("password1", "password2"):
        own.fill(f"[name={name}]", "Ысык-Көл жээгинде 12 алма")
    own.click("main form button")
    own.wait_for_selector(f"text={WELCOME[language]}")
    own.goto(f"{site}/{language}/account/")
    assert barriers(own) == []


@pytest.mark.browser
@pytest.mark.parametrize("path", ["account/login/", "account/password/reset/", "account/signup/"])
def test_the_door_has_no_barriers(visit: Any, barriers: Any, path: str) -> None:
    assert barriers(visit(f"/ky/{path}", width=390)) == []
