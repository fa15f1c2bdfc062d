"""Who may open what: every address of the site × every role × both methods, and every kind of record × every action.

What a view asks for is declared by its decorator (`.least`); views that everybody may open are listed here. A view that is
neither fails the first test.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import models, transaction
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from almaz.web.centre.access import access_to
from almaz.web.centre.kinds import Kind, kinds
from almaz.web.centre.models import Record
from almaz.web.centre.roles import Role
from almaz.web.studies.models import Study

WHO = ("visitor", "stranger", "member", "analyst", "manager", "administrator")
OPEN_MODULES = ("almaz.web.observatory", "almaz.web.api", "ninja", "functools", "django.views.generic.base")
"""The observatory, the API and its description, and plain redirections: for everybody."""
OPEN = {
    "account_login", "account_logout", "account_inactive", "account_signup", "account_reset_password",
    "account_reset_password_done", "account_reset_password_from_key", "account_reset_password_from_key_done", "mfa_authenticate",
}  # fmt: skip
SIGNED_IN = {
    "account_reauthenticate", "account_change_password", "account_set_password", "mfa_index", "mfa_reauthenticate",
    "mfa_activate_totp", "mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_generate_recovery_codes",
    "mfa_download_recovery_codes", "usersessions_list",
}  # fmt: skip
"""Pages of allauth, whose views bear no `least`."""
BY_TOKEN = {"account_invitation", "account_first", "survey_by_link", "feed"}
"""Everybody who has the secret address; without it there is nothing."""
ARGUMENTS = {
    "slug": "fruits", "kind": "organisations", "form": "csv", "pk": 999_999, "state": 999_999, "first": 999_998,
    "second": 999_999, "name": "ties", "number": 0, "file": 999_999, "run": 999_999, "language": "en",
    "signed": "forged", "token": "0" * 8,
    "decision": "refuse", "written": "2027-01-01", "field": "file", "mark": "x", "uidb36": "1", "key": "x-y",
}  # fmt: skip
REFUSED = (302, 403, 404, 405)


def addresses(resolver: Any = None, spaces: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], URLPattern]]:
    """Every view of the site with the namespaces that it stands in."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern, (*spaces, pattern.namespace) if pattern.namespace else spaces)
        else:
            yield spaces, pattern


def opened(pattern: URLPattern) -> bool:
    module = pattern.callback.__module__
    return module.startswith(OPEN_MODULES) or pattern.name in OPEN


def guarded() -> dict[str, URLPattern]:
    """The views that are not for everybody, by their full names."""
    return {":".join((*spaces, str(one.name))): one for spaces, one in addresses() if not opened(one)}


NAMES = sorted(guarded())


def least(pattern: URLPattern) -> Any:
    return None if pattern.name in SIGNED_IN else getattr(pattern.callback, "least", "not declared")


def test_every_view_says_who_may_open_it() -> None:
    silent = [name for name, one in guarded().items() if least(one) == "not declared"]
    assert silent == [], "declare it with of_cluster, signed_in, administrators, of_study…, or list it here as open"


def address(name: str) -> str:
    """An address of the view, of things that are not there."""
    wanted = guarded()[name].pattern.regex.groupindex
    given = {key: ARGUMENTS[key] for key in wanted}
    try:
        return reverse(name, kwargs=given)
    except NoReverseMatch:
        return reverse(name, kwargs={**given, "slug": "fruits"})


def address_parts(name: str) -> list[str]:
    """What the address is of."""
    return ["slug"] if "/fruits/" in address(name) else []


def rank(who: str) -> int:
    return list(Role).index(Role(who)) if who in set(Role) else -1


def expected(name: str, who: str, study: int) -> tuple[int, ...] | None:
    """The answers that are right for somebody who may not; None for somebody who may."""
    wanted = least(guarded()[name])
    if name in BY_TOKEN:
        return (404, 410, 403, 405)
    if who == "visitor":
        return (302, 405)
    if wanted is None:
        return None
    if wanted is Role.ADMINISTRATOR and "slug" not in address_parts(name):
        return None if who == "administrator" else (403, 405)
    if isinstance(wanted, Role):
        return (404, 405) if who == "stranger" else None if rank(who) >= rank(wanted) else (403, 405)
    if wanted == "analyst of any cluster":
        return (403, 405) if who == "member" else None
    role = str(wanted).split()[0]  # "… of the study"
    return (404, 405) if who == "stranger" else (403, 405) if rank(who) < rank(role) else None


@pytest.mark.parametrize("who", WHO)
def test_every_address_answers_each_role_as_declared(world: Any, who: str, settings: Any, tmp_path: Any) -> None:
    settings.ALMAZ_LIMITS = False
    settings.HOME = tmp_path
    study = Study.objects.create(title="Jobs", cluster=world.cluster, text="", by=world.people["analyst"])
    wrong = []
    for name in NAMES:
        there = address(name).replace("/studies/999999/", f"/studies/{study.pk}/")
        for method in ("get", "post"):
            if name == "account_change" and who == "administrator":
                continue
            client = world.client(who)
            with transaction.atomic():
                answer = getattr(client, method)(there)
                transaction.set_rollback(True)
            right = expected(name, who, study.pk)
            code = answer.status_code
            if (
                name.startswith("centre:")
                and who == "member"
                and code == 403
                and ":kind>" in str(guarded()[name].pattern)
            ):
                continue  # the kind asks for more: see below
            if right is None and (
                code == 403 or code >= 500 or (code == 302 and "/account/login/" in answer["Location"])
            ):
                wrong.append(f"{who} {method} {there}: {code}, but may")
            if right is not None and code not in right:
                wrong.append(f"{who} {method} {there}: {code}, not {right}")
            if who == "visitor" and code == 302 and "/account/login/" not in answer["Location"]:
                wrong.append(f"{who} {method} {there}: led to {answer['Location']}")
    assert wrong == []


def filled(model: type[models.Model], world: Any, depth: int = 0) -> Any:
    """A record of any model, its required fields filled by their kinds."""
    values: dict[str, Any] = {"cluster": world.cluster}
    for field in model._meta.concrete_fields:
        needed = not field.null and not field.has_default() and not field.primary_key and field.name != "cluster"
        if not needed or getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False):
            continue
        if getattr(field, "db_default", models.NOT_PROVIDED) is not models.NOT_PROVIDED:
            continue
        values[field.name] = _value(field, world, depth)
    return model(**values)


CODES = {"why": "not_shown"}
"""Codes that a page says in words, by the name of their field."""


def _value(field: Any, world: Any, depth: int) -> Any:
    if field.name in CODES:
        return CODES[field.name]
    if field.is_relation:
        if field.related_model is get_user_model():
            return world.people["analyst"]
        there = field.related_model._base_manager.filter(cluster=world.cluster).first()
        return there or made(field.related_model, world, depth + 1)
    if field.choices:
        return next(value for value, _said in field.flatchoices if value)
    kinds_of_values: dict[type, Any] = {
        models.DateTimeField: datetime.datetime(2027, 3, 1, 10, tzinfo=datetime.UTC), models.DateField: datetime.date(2027, 3, 1),
        models.DecimalField: Decimal(1), models.BooleanField: False, models.FileField: ContentFile(b"x", "x.txt"),
        models.EmailField: "x@example.org", models.URLField: "https://example.org", models.UUIDField: uuid4(),
        models.JSONField: {}, models.IntegerField: 1, models.FloatField: 1.0, models.CharField: uuid4().hex[:8],
        models.TextField: "x", models.TimeField: datetime.time(10),
    }  # fmt: skip
    return next(value for sort, value in kinds_of_values.items() if isinstance(field, sort))


def made(model: Any, world: Any, depth: int = 0) -> Any:
    assert depth < 8
    record = filled(model, world, depth)
    try:
        with transaction.atomic():
            record.save()
    except ValidationError:  # a rule of its own against being made now
        model.__base__.save_base(record)
    return record


def rows_of(kind: Kind, who: str, world: Any, record: Record) -> bool:
    """Whether somebody sees a record, by what its kind declares."""
    access = access_to(world.people[who], "fruits")
    return access.covers(kind.view) and kind.rows(access).filter(pk=record.pk).exists()


KINDS = sorted(kinds())


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_answers_each_role_as_it_declares(world: Any, name: str, settings: Any, tmp_path: Any) -> None:
    settings.HOME = tmp_path
    kind, wrong = kinds()[name], []
    record = made(kind.model, world)
    state = record.history.first() or pytest.fail("a record without a history")
    stored = [one.name for one in kind.model._meta.concrete_fields if isinstance(one, models.FileField)]
    base, own = f"/en/centre/fruits/{name}", f"/en/centre/fruits/{name}/{record.pk}"
    for who in WHO:
        client = world.client(who)
        sees = changes = of_kind = adds = False
        if who not in ("visitor", "stranger"):
            access = access_to(world.people[who], "fruits")
            of_kind, sees = access.covers(kind.view), rows_of(kind, who, world, record)
            changes, adds = sees and kind.changeable(access, record), access.covers(kind.add)
        shut = 302 if who == "visitor" else 404 if who == "stranger" else 0
        hidden = 404 if of_kind else 403
        to_read = 200 if sees else hidden
        to_change = (302 if changes else 403) if sees else hidden
        table = [
            ("get", f"{base}/", 200 if of_kind else 403),
            ("get", f"{base}/export.csv", 200 if of_kind else 403),
            ("get", f"{base}/export.xlsx", 200 if of_kind else 403),
            ("get", f"{base}/new/", 200 if adds else 403),
            ("post", f"{base}/new/", 422 if adds else 403),
            ("get", f"{own}/", to_read),
            ("get", f"{own}/history/", to_read),
            ("get", f"{own}/edit/", (200 if changes else 403) if sees else hidden),
            ("post", f"{own}/edit/", (None if changes else 403) if sees else hidden),
            ("post", f"{own}/undo/{state.history_id}/", to_change),
            ("post", f"{own}/delete/", to_change),
            ("get", f"{own}/delete/", 405),
            ("get", f"{own}/restore/", 405),
            ("get", f"{own}/undo/{state.history_id}/", 405),
            *(
                ("get", f"{own}/file/{field}/", to_read)
                for field in stored
                if getattr(record, field) and field in kind.fields
            ),
        ]
        for method, there, told in table:
            right = shut if shut and told != 405 else told
            with transaction.atomic():
                answer = getattr(client, method)(there)
                transaction.set_rollback(True)
            if answer.streaming:  # read to its end: `close` would end the database\'s connection
                b"".join(answer.streaming_content)
            if right is None:
                if answer.status_code not in (302, 422):
                    wrong.append(f"{who} {method} {there}: {answer.status_code}")
            elif answer.status_code != right:
                wrong.append(f"{who} {method} {there}: {answer.status_code}, not {right}")
    assert wrong == []


@pytest.mark.parametrize("name", KINDS)
def test_what_is_in_the_bin_is_seen_and_taken_back_by_those_who_may(world: Any, name: str) -> None:
    kind = kinds()[name]
    record = made(kind.model, world)
    kind.model._base_manager.filter(pk=record.pk).update(deleted=datetime.datetime.now(datetime.UTC))
    record = kind.model.everything.get(pk=record.pk)
    for who in ("visitor", "stranger", "member", "analyst", "manager", "administrator"):
        client, right = world.client(who), {"visitor": 302, "stranger": 404}.get(who, 0)
        if not right:
            access = access_to(world.people[who], "fruits")
            if not access.covers(kind.view):
                right = 403
            elif not kind.rows(access, binned=True).filter(pk=record.pk).exists():
                right = 404
            else:
                right = 302 if kind.changeable(access, record) else 403
        with transaction.atomic():
            answer = client.post(f"/en/centre/fruits/{name}/{record.pk}/restore/")
            transaction.set_rollback(True)
        assert answer.status_code == right, who
        assert client.get(f"/en/centre/fruits/{name}/{record.pk}/").status_code in (302, 403, 404)


def test_a_record_of_another_cluster_is_not_there(world: Any) -> None:
    theirs = [(kind.name, made_elsewhere(kind.model, world)) for kind in kinds().values()]
    client = world.client("manager")
    for name, record in theirs:
        for path in ("", "edit/", "history/"):
            assert client.get(f"/en/centre/fruits/{name}/{record.pk}/{path}").status_code == 404, (name, path)
        for path in ("delete/", "restore/", f"undo/{record.history.first().history_id}/"):
            assert client.post(f"/en/centre/fruits/{name}/{record.pk}/{path}").status_code == 404, (name, path)


def made_elsewhere(model: Any, world: Any) -> Any:
    from dataclasses import replace

    return model._base_manager.filter(cluster=world.other).first() or made(model, replace(world, cluster=world.other))


def test_nothing_is_open_to_another_site(world: Any) -> None:
    """A form without its token is refused: every POST of the workspace, signed in or not."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.people["manager"], backend="allauth.account.auth_backends.AuthenticationBackend")
    for name in NAMES:
        assert client.post(address(name)).status_code in (403, 404), name
