from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from almaz.web.accounts.models import Invitation, User
from almaz.web.centre.models import Membership

STRONG = "Ысык-Көл жээгинде 12 алма"


def invited(world: Any, email: str = "new@example.org", role: str = "analyst", language: str = "ky") -> str:
    """Invite somebody as the manager does; the path of the link in the letter."""
    answer = world.client("manager").post(
        "/en/centre/fruits/access/invite/", {"email": email, "role": role, "organisation": "", "language": language}
    )
    assert answer.status_code == 302
    return link(mail.outbox[-1].body)


def link(letter: str) -> str:
    found = re.search(r"http://testserver(\S+)", letter)
    assert found is not None
    return found[1]


def accept(address: str, client: Client | None = None, **more: str) -> Any:
    typed = {"name": "Бегимай", "language": "ky", "password1": STRONG, "password2": STRONG, **more}
    return (client or Client()).post(address, typed)


def test_an_invited_person_makes_its_account_and_is_in_the_cluster(world: Any) -> None:
    address = invited(world)
    client = Client()
    assert "analyst" not in client.get(address).content.decode()  # the page is in Kyrgyz
    answer = accept(address, client)
    assert answer["Location"] == "/ky/centre/fruits/"
    assert client.get("/ky/centre/fruits/").status_code == 200
    user = User.objects.get(email="new@example.org")
    assert user.check_password(STRONG)
    assert Membership.objects.get(user=user).role == "analyst"
    assert Invitation.objects.get().accepted is not None


@pytest.mark.parametrize(("language", "words"), [("en", "invites you"), ("ru", "приглашает"), ("ky", "чакырат")])
def test_the_letter_is_in_the_language_of_the_invited(world: Any, language: str, words: str) -> None:
    address = invited(world, language=language)
    letter = mail.outbox[-1]
    assert words in letter.body
    assert letter.to == ["new@example.org"]
    assert address.startswith(f"/{language}/account/invitation/")
    assert "&" not in letter.subject + letter.body.replace(address, "")


def test_a_link_works_once(world: Any) -> None:
    address = invited(world)
    accept(address)
    assert accept(address).status_code == 410
    assert Client().get(address).status_code == 410


def test_a_link_goes_out_of_date(world: Any) -> None:
    address = invited(world)
    Invitation.objects.update(sent=timezone.now() - timedelta(days=15))
    assert accept(address).status_code == 410
    assert not User.objects.filter(email="new@example.org").exists()


def test_a_link_that_was_taken_back_is_void_and_one_sent_again_replaces_the_first(world: Any) -> None:
    address, manager, one = invited(world), world.client("manager"), Invitation.objects.get()
    manager.post(f"/en/centre/fruits/access/invitations/{one.pk}/revoke/")
    assert Client().get(address).status_code == 410
    manager.post(f"/en/centre/fruits/access/invitations/{one.pk}/resend/")
    again = link(mail.outbox[-1].body)
    assert Client().get(address).status_code == 410
    assert Client().get(again).status_code == 200


@pytest.mark.parametrize("change", [lambda path: path[:-4] + "AAA/", lambda _path: "/en/account/invitation/x/"])
def test_a_forged_link_is_void(world: Any, change: Any) -> None:
    assert Client().get(change(invited(world))).status_code == 410


def test_a_person_with_an_account_joins_by_signing_in(world: Any) -> None:
    address = invited(world, "stranger@example.org", "member")
    assert "/account/login/" in Client().get(address)["Location"]
    client = world.client("stranger")
    assert client.get(address).status_code == 200
    assert client.post(address)["Location"] == "/en/centre/fruits/"
    assert Membership.objects.get(user=world.people["stranger"], cluster=world.cluster).role == "member"


def test_nobody_joins_by_an_invitation_of_another(world: Any) -> None:
    address = invited(world)
    answer = world.client("stranger").post(address, {"name": "x", "password1": STRONG, "password2": STRONG})
    assert "new@example.org" in answer.content.decode()
    assert not Membership.objects.filter(user=world.people["stranger"], cluster=world.cluster).exists()


def test_somebody_whose_access_ended_can_be_invited_again(world: Any) -> None:
    Membership.objects.get(user=world.people["analyst"]).bin()
    address = invited(world, "analyst@example.org", "member")
    world.client("analyst").post(address)
    assert Membership.objects.get(user=world.people["analyst"]).role == "member"


@pytest.mark.parametrize("password", ["short", "12345678901234", "password123", "new@example.org"])
def test_a_weak_password_is_refused(world: Any, password: str) -> None:
    answer = accept(invited(world), password1=password, password2=password)
    assert answer.status_code == 422
    assert not User.objects.filter(email="new@example.org").exists()


def test_nobody_is_invited_twice_or_when_inside(world: Any) -> None:
    invited(world)
    client = world.client("manager")
    for email in ("NEW@example.org", "analyst@example.org"):
        answer = client.post("/en/centre/fruits/access/invite/", {"email": email, "role": "member", "language": "en"})
        assert answer.status_code == 422


def test_an_invitation_makes_no_administrator_of_a_cluster(world: Any) -> None:
    answer = world.client("manager").post(
        "/en/centre/fruits/access/invite/", {"email": "a@example.org", "role": "administrator", "language": "en"}
    )
    assert answer.status_code == 422


def test_an_organisation_of_another_cluster_is_refused(world: Any) -> None:
    from almaz.web.participants.models import Organisation

    other = Organisation.objects.create(cluster=world.other, name="Ски", sort="firm")
    answer = world.client("manager").post(
        "/en/centre/fruits/access/invite/",
        {"email": "a@example.org", "role": "member", "language": "en", "organisation": other.pk},
    )
    assert answer.status_code == 422


def test_administrators_invite_administrators(world: Any) -> None:
    client = world.client("administrator")
    client.post("/en/account/everybody/invite/", {"email": "root@example.org", "language": "en", "name": ""})
    accept(link(mail.outbox[-1].body))
    assert User.objects.get(email="root@example.org").is_superuser


def test_where_no_mail_leaves_the_machine_the_manager_hands_the_address_on(world: Any, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = settings.MEDIA_ROOT
    answer = world.client("manager").post(
        "/en/centre/fruits/access/invite/", {"email": "a@example.org", "role": "member", "language": "en"}, follow=True
    )
    assert "http://testserver/en/account/invitation/" in answer.content.decode()
