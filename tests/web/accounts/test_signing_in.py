from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core import mail
from django.test import Client

from almaz.web.accounts.models import SignIn, User

PASSWORD = "a long pass phrase of the tests"
STRONG = "Ысык-Көл жээгинде 12 алма"
LOGIN = "/en/account/login/"


def sign_in(client: Client, email: str = "member@example.org", password: str = PASSWORD, **more: str) -> Any:
    return client.post(
        LOGIN + ("?next=" + more["next"] if "next" in more else ""), {"login": email, "password": password, **more}
    )


def code(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def test_signing_in_leads_to_the_workspace_in_ones_own_language(world: Any) -> None:
    User.objects.filter(email="member@example.org").update(language="ky")
    client = Client()
    assert sign_in(client, "MEMBER@example.org")["Location"] == "/ky/centre/"
    assert client.get("/ky/centre/").status_code == 200


@pytest.mark.parametrize("next_", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_signing_in_never_leads_off_the_site(world: Any, next_: str) -> None:
    assert sign_in(Client(), next=next_)["Location"] == "/en/centre/"


def test_signing_in_leads_where_one_wanted_to_go(world: Any) -> None:
    assert sign_in(Client(), next="/en/centre/fruits/")["Location"] == "/en/centre/fruits/"


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(world: Any) -> None:
    def answered(email: str) -> str:
        page = sign_in(Client(), email, "wrong wrong wrong").content.decode()
        return re.sub(r'csrf\w*" (value=|content=)?"[^"]*"|X-CSRFToken": "[^"]*"|' + re.escape(email), "", page)

    assert answered("member@example.org") == answered("nobody@example.org")


def test_guessing_is_slowed_down(world: Any) -> None:
    client = Client()
    for _attempt in range(6):
        sign_in(client, password="wrong wrong wrong")
    assert sign_in(client).status_code == 200  # the right password, too late
    assert "_auth_user_id" not in client.session


def test_nobody_registers_alone(world: Any) -> None:
    typed = {"email": "x@example.org", "password1": STRONG, "password2": STRONG}
    answer = Client().post("/en/account/signup/", typed)
    assert not User.objects.filter(email="x@example.org").exists()
    assert "invitation" in answer.content.decode()


def test_what_happens_at_the_door_is_recorded(world: Any) -> None:
    client = Client(headers={"user-agent": "Firefox"})
    sign_in(client, password="wrong wrong wrong")
    sign_in(client)
    client.post("/en/account/logout/")
    events = list(SignIn.objects.order_by("pk").values_list("what", "typed", "user__email", "address", "browser"))
    assert events == [
        ("failed", "member@example.org", None, "127.0.0.1", "Firefox"),
        ("in", "", "member@example.org", "127.0.0.1", "Firefox"),
        ("out", "", "member@example.org", "127.0.0.1", "Firefox"),
    ]
    assert "Firefox" in world.client("member").get("/en/account/sign-ins/").content.decode()
    assert "member@example.org" in world.client("administrator").get("/en/account/everybody/sign-ins/").content.decode()


@pytest.mark.parametrize(("language", "words"), [("en", "new password"), ("ru", "парол"), ("ky", "сырсөз")])
def test_a_new_password_comes_by_a_letter_in_the_persons_language(world: Any, language: str, words: str) -> None:
    User.objects.filter(email="member@example.org").update(language=language)
    answer = Client().post("/en/account/password/reset/", {"email": "member@example.org"})
    assert answer["Location"] == "/en/account/password/reset/done/"
    letter = mail.outbox[0]
    assert words in letter.body.lower()
    found = re.search(r"http://testserver(/\S+)", letter.body)
    assert found is not None
    client = Client()
    page = client.get(found[1], follow=True)
    typed = {"password1": STRONG, "password2": STRONG}
    assert client.post(page.request["PATH_INFO"], typed).status_code == 302
    assert User.objects.get(email="member@example.org").check_password(STRONG)
    assert len(mail.outbox) == 2  # says that the password was changed
    assert "already" in Client().get(found[1].replace(f"/{language}/", "/en/"), follow=True).content.decode()


def test_asking_for_a_new_password_tells_nothing_about_who_has_an_account(world: Any) -> None:
    known = Client().post("/en/account/password/reset/", {"email": "member@example.org"}, follow=True)
    unknown = Client().post("/en/account/password/reset/", {"email": "nobody@example.org"}, follow=True)
    assert known.redirect_chain == unknown.redirect_chain
    assert [letter.to for letter in mail.outbox] == [["member@example.org"]]


def test_a_changed_password_signs_other_browsers_out(world: Any) -> None:
    here, there = Client(), Client()
    sign_in(here)
    sign_in(there)
    typed = {"oldpassword": PASSWORD, "password1": STRONG, "password2": STRONG}
    assert here.post("/en/account/password/change/", typed).status_code == 302
    assert here.get("/en/centre/").status_code == 200
    assert there.get("/en/centre/").status_code == 302
    assert mail.outbox[0].to == ["member@example.org"]


def test_other_sessions_are_seen_and_ended(world: Any) -> None:
    here, there = Client(), Client(headers={"user-agent": "Lost phone"})
    sign_in(here)
    sign_in(there)
    there.get("/en/centre/")
    assert "Lost phone" in here.get("/en/account/sessions/").content.decode()
    here.post("/en/account/sessions/")
    assert there.get("/en/centre/").status_code == 302
    assert here.get("/en/centre/").status_code == 200


def test_a_second_factor_is_set_up_asked_for_and_replaced_by_a_recovery_code(
    world: Any, django_capture_on_commit_callbacks: Any
) -> None:
    client = Client()
    sign_in(client)
    assert client.post("/en/account/reauthenticate/", {"password": "wrong"}).status_code == 200
    assert client.post("/en/account/reauthenticate/", {"password": PASSWORD}).status_code == 302
    page = client.get("/en/account/2fa/totp/activate/").content.decode()
    assert 'src="data:image/svg+xml' in page
    secret = re.search(r"<code>(\w+)</code>", page)
    assert secret is not None
    with django_capture_on_commit_callbacks(execute=True):
        codes = client.post("/en/account/2fa/totp/activate/", {"code": code(secret[1])}, follow=True).content.decode()
    recovery = re.search(r'<pre class="card">(\S+)', codes)
    assert recovery is not None
    assert (
        client.get("/en/account/2fa/recovery-codes/download/").headers["Content-Disposition"].startswith("attachment")
    )
    assert SignIn.objects.filter(what="second").exists()

    again = Client()
    assert sign_in(again)["Location"] == "/en/account/2fa/authenticate/"
    assert again.get("/en/centre/").status_code == 302  # not in yet
    assert again.post("/en/account/2fa/authenticate/", {"code": "000000"}).status_code == 200
    assert again.post("/en/account/2fa/authenticate/", {"code": recovery[1]})["Location"] == "/en/centre/"
    third = Client()
    sign_in(third)
    assert third.post("/en/account/2fa/authenticate/", {"code": recovery[1]}).status_code == 200  # used

    world.client("administrator").post(f"/en/account/everybody/{world.people['member'].pk}/", {"act": "second"})
    assert sign_in(Client())["Location"] == "/en/centre/"


def test_the_secret_of_a_second_factor_is_not_kept_in_the_clear(world: Any) -> None:
    made = TOTP.activate(world.people["member"], "JBSWY3DPEHPK3PXP")
    assert "JBSWY3DPEHPK3PXP" not in str(Authenticator.objects.get(pk=made.instance.pk).data)
    assert get_adapter().decrypt(made.instance.data["secret"]) == "JBSWY3DPEHPK3PXP"


def test_the_second_factor_asks_for_the_password_again(world: Any) -> None:
    assert "/reauthenticate/" in world.client("member").get("/en/account/2fa/totp/activate/")["Location"]


def test_the_first_administrator_is_made_once_by_the_printed_address(db: None) -> None:
    from almaz.web.accounts.invitations import first_address

    address = first_address()
    assert address is not None
    typed = {"email": "root@example.org", "name": "Root", "language": "ru", "password1": STRONG, "password2": STRONG}
    assert Client().get("/en/account/first/forged/").status_code == 404
    client = Client()
    assert client.get(address).status_code == 200
    assert client.post(address, typed)["Location"] == "/ru/centre/"
    assert User.objects.get().is_superuser
    assert first_address() is None
    assert Client().post(address, {**typed, "email": "b@example.org"}).status_code == 404


def test_a_profile_changes_name_and_language(world: Any) -> None:
    answer = world.client("member").post("/en/account/", {"name": "Айгүл", "language": "ky"})
    assert answer["Location"] == "/ky/account/"
    assert User.objects.get(email="member@example.org").name == "Айгүл"
