"""The site as its tests meet it: people of every role in two clusters, a live server and a browser that may not leave it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page

from almaz.web.accounts.models import User
from almaz.web.centre.models import Cluster, Membership
from almaz.web.centre.roles import Role
from almaz.web.participants.models import Organisation, Sort
from almaz.web.serve import built_files

PASSWORD = "a long pass phrase of the tests"


@pytest.fixture(autouse=True)
def _plain_site(tmp_path: Any, settings: Any) -> None:
    """Static files by their own names, quick passwords, uploads and mail that a test leaves to itself."""
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.MEDIA_ROOT = tmp_path / "uploads"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend", "QUEUES": []}}


@dataclass
class World:
    """Two clusters; in the first a person of every role, in the second its manager."""

    cluster: Cluster
    other: Cluster
    firm: Organisation
    people: dict[str, User]

    def client(self, who: str) -> Client:
        """A client signed in as this person; nobody for `visitor`."""
        client = Client()
        if who != "visitor":
            client.force_login(self.people[who], backend=settings.AUTHENTICATION_BACKENDS[0])
        return client


WHO = ("visitor", "stranger", "member", "analyst", "manager", "administrator")


@pytest.fixture
def world(db: None) -> World:
    fruit = Cluster.objects.create(
        slug="fruits",
        name_en="Fruits of Issyk-Kul",
        name_ru="Плоды Иссык-Куля",
        name_ky="Ысык-Көлдүн мөмөлөрү",
        start=2027,
    )
    ski = Cluster.objects.create(slug="ski", name_en="Ski of Issyk-Kul", start=2026)
    firm = Organisation.objects.create(
        cluster=fruit, name="Мөмө-Жемиш ЖЧК", sort=Sort.FIRM, place="Каракол", employment=40
    )
    people = {}
    for role in (Role.MEMBER, Role.ANALYST, Role.MANAGER):
        people[role.value] = User.objects.create_user(
            f"{role.value}@example.org", PASSWORD, name=f"Айгүл ({role.value})"
        )
        Membership.objects.create(
            cluster=fruit, user=people[role.value], role=role, organisation=firm if role == Role.MEMBER else None
        )
    people["administrator"] = User.objects.create_superuser("administrator@example.org", PASSWORD, name="Администратор")
    people["stranger"] = User.objects.create_user("stranger@example.org", PASSWORD, name="Stranger")
    Membership.objects.create(cluster=ski, user=people["stranger"], role=Role.MANAGER)
    return World(fruit, ski, firm, people)


@pytest.fixture
def letters(mailoutbox: list[Any]) -> list[Any]:
    """The letters that are written."""
    return mailoutbox


@pytest.fixture
def site(live_server: Any, settings: Any) -> str:
    """The address of a running site."""
    built_files()
    settings.ALLOWED_HOSTS = ["*"]
    return str(live_server.url)


@pytest.fixture
def visit(browser: Browser, site: str, world: World) -> Iterator[Callable[..., Page]]:
    """Open a page as somebody, at some width. A request that leaves the site, or an error of a script, fails the test."""
    contexts, wrong = [], []

    def opened(address: str, who: str = "visitor", width: int = 1440, height: int = 900) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, bypass_csp=False)
        contexts.append(context)
        if who != "visitor":
            cookie = world.client(who).cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": site}])
        page = context.new_page()
        page.on(
            "request",
            lambda request: wrong.append(request.url) if not request.url.startswith((site, "data:", "blob:")) else None,
        )
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on(
            "console", lambda said: wrong.append(said.text) if said.type == "error" and "422" not in said.text else None
        )
        page.goto(site + address)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert wrong == []


@pytest.fixture
def barriers() -> Callable[[Page], list[str]]:
    """What axe finds serious or critical on a page."""

    def found(page: Page) -> list[str]:
        violations = Axe().run(page).response["violations"]
        serious = [one for one in violations if one["impact"] in ("serious", "critical")]
        return [f"{one['id']}: {node['html'][:160]}" for one in serious for node in one["nodes"]]

    return found
