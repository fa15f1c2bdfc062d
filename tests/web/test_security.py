"""What the site says about itself, what it refuses, and that nothing typed in becomes a script."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import connection, models
from django.template import engines
from django.test import Client
from tests.web.test_permissions import made

from almaz.web.accounts.models import User
from almaz.web.centre.kinds import kinds
from almaz.web.exports import csv_bytes
from almaz.web.limits import LIMITS, Limit, used

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{ 7*7 }}"
PAGES = (
    "/en/",
    "/en/account/login/",
    "/en/account/password/reset/",
    "/en/account/signup/",
    "/en/nothing-here/",
    "/en/centre/",
)


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("who", ["visitor", "administrator"])
def test_every_page_says_what_it_may_load(world: Any, path: str, who: str) -> None:
    answer = world.client(who).get(path)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert "Content-Security-Policy-Report-Only" not in answer.headers
    said = {name: answer.headers[name] for name in ("X-Content-Type-Options", "Referrer-Policy", "X-Frame-Options")}
    assert said == {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "X-Frame-Options": "DENY"}


def test_no_page_holds_a_script_a_style_or_a_handler(world: Any) -> None:
    client = world.client("administrator")
    for path in (*PAGES, "/en/centre/fruits/", "/en/centre/fruits/access/", "/en/studies/", "/en/account/everybody/"):
        page = client.get(path).content.decode()
        assert not re.search(r"<script(?![^>]*\ssrc=)", page), path
        assert not re.search(r"\sstyle=|<style|\son\w+=|javascript:", page), path


def test_templates_escape_what_they_show() -> None:
    jinja = engines["jinja2"]
    assert jinja.env.autoescape is True
    assert jinja.from_string("{{ it }}").render({"it": "<b>"}) == "&lt;b&gt;"


@pytest.mark.parametrize("name", sorted(kinds()))
def test_a_hostile_name_is_only_a_name(world: Any, name: str) -> None:
    """In the list, on the page, in the form, in the history, in the bin and in what is exported, of every kind."""
    kind = kinds()[name]
    record = made(kind.model, world)
    texts = [
        field for field in kind.model._meta.concrete_fields
        if isinstance(field, (models.CharField, models.TextField)) and not field.choices and field.editable
        and not isinstance(field, (models.EmailField, models.SlugField))
    ]  # fmt: skip
    for field in texts:
        value = HOSTILE[: field.max_length or 500]
        value = (
            f"javascript:alert(3)//{value}"[: field.max_length or 500] if isinstance(field, models.URLField) else value
        )
        kind.model.everything.filter(pk=record.pk).update(**{field.name: value})
    record = kind.model.everything.get(pk=record.pk)
    kind.model.save_base(record)
    client, own = world.client("administrator"), f"/en/centre/fruits/{name}/{record.pk}/"
    pages = [
        f"/en/centre/fruits/{name}/",
        own,
        f"{own}edit/",
        f"{own}history/",
        "/en/centre/fruits/bin/",
        "/en/centre/fruits/",
    ]
    for path in pages:
        answer = client.get(path)
        page = answer.content.decode()
        assert answer.status_code == 200, path
        assert "<script>alert" not in page, path
        assert "<img src=x" not in page, path
        assert "49" not in re.findall(r"onerror=alert\(2\)[^<]{0,12}", page), path
        assert not re.search(r"href=[\"']?javascript:", page), path
    export = client.get(f"/en/centre/fruits/{name}/export.csv").content.decode()
    assert not re.search(r"(^|,)\"?[=+@]", export, re.MULTILINE)


def test_no_cell_of_a_table_is_a_formula_whatever_it_begins_with() -> None:
    table = csv_bytes(["a"], [[f"{start}cmd|' /C calc'!A0"] for start in ("=", "+", "-", "@", "\t=", "\r=", " =")])
    lines = table.decode("utf-8-sig").split("\n")
    assert all(line.lstrip('"').startswith(("'", " ", "a")) for line in lines if line.strip())


def test_an_attachment_is_a_download_that_may_run_nothing(world: Any) -> None:
    name, field = next(
        (kind.name, field.name) for kind in kinds().values() for field in kind.model._meta.concrete_fields
        if isinstance(field, models.FileField) and field.name in kind.fields
    )  # fmt: skip
    record = made(kinds()[name].model, world)
    getattr(record, field).save("page.html", ContentFile(b"<script>alert(1)</script>"), save=False)
    record.save_base()
    answer = world.client("administrator").get(f"/en/centre/fruits/{name}/{record.pk}/file/{field}/")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Security-Policy"] == "sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    b"".join(answer.streaming_content)  # `close` would end the database\'s connection


@pytest.mark.parametrize("kind", sorted(kinds()))
def test_every_field_for_files_checks_them(kind: str) -> None:
    for field in kinds()[kind].model._meta.concrete_fields:
        if isinstance(field, models.FileField) and field.editable:
            names = {getattr(check, "__name__", "") for check in field.validators}
            assert names & {"checked", "checked_table"}, f"{kind}.{field.name}: validators=[checked]"


def test_a_host_that_is_not_ours_is_refused(client: Client, db: None) -> None:
    assert client.get("/en/account/login/", headers={"host": "evil.example"}).status_code == 400


def test_limits_count_per_source_and_span() -> None:
    assert {limit.name for limit in LIMITS} >= {"api", "downloads", "invitations", "links", "studies"}


def test_one_request_too_many_waits(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    limit = Limit("links", re.compile(r"/account/invitation/"), 3, 60)
    monkeypatch.setattr("almaz.web.limits.LIMITS", (limit,))
    codes = [Client().get("/en/account/invitation/guess/").status_code for _number in range(5)]
    assert codes in ([410, 410, 410, 429, 429], [410, 410, 410, 410, 410])  # the span may end in between
    answer = Client().get("/en/account/invitation/guess/")
    if answer.status_code == 429:
        assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert world.client("member").get("/en/account/invitation/guess/").status_code == 410  # another source


def test_a_count_is_the_same_from_several_workers(world: Any, transactional_db: None) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("the tests' SQLite is in memory, where two connections cannot write at once")
    limit, over = Limit("x", re.compile("x"), 50, 60), []

    def worker() -> None:
        over.extend(used(limit, "somebody", now=1_000_000.0) for _number in range(20))
        connection.close()

    threads = [threading.Thread(target=worker) for _number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(wait > 0 for wait in over) == 50


def test_passwords_are_kept_hashed_and_old_ones_do_not_come_back(world: Any) -> None:
    user = User.objects.get(email="member@example.org")
    assert "a long pass phrase" not in user.password
    assert "password" not in {field.name for field in user.history.model._meta.concrete_fields}


def test_behind_https_django_finds_nothing_to_mend(tmp_path: Path) -> None:
    environment = {**os.environ, "ALMAZ_HOME": str(tmp_path), "ALMAZ_HTTPS": "1", "ALMAZ_HOSTS": "almaz.example.org",
                   "DJANGO_SETTINGS_MODULE": "almaz.web.settings"}  # fmt: skip
    for name in ("ALMAZ_DATABASE", "DJANGO_ALLOW_ASYNC_UNSAFE"):
        environment.pop(name, None)
    code = (
        "import django; django.setup(); from django.core.management import call_command; from django.conf import settings as s;"
        "call_command('check', deploy=True, fail_level='WARNING');"
        "assert s.SESSION_COOKIE_SECURE and s.CSRF_COOKIE_SECURE and s.SECURE_SSL_REDIRECT and s.SECURE_HSTS_SECONDS > 0"
    )
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
