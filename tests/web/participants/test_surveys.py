"""The trust survey: asked once each, kept without names, shown only together."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from almaz.impact.survey import score
from almaz.web.participants.models import Answer, Invitation, Organisation, Wave
from almaz.web.participants.survey_results import FEWEST, answers_of, items
from almaz.web.participants.surveys import link_token


@pytest.fixture
def wave(world: Any, ring: list[Organisation]) -> Wave:
    today = timezone.localdate()
    made: Wave = Wave.objects.create(
        cluster=world.cluster, title="Күз", opens=today - timedelta(days=1), closes=today + timedelta(days=9)
    )
    return made


def filled(value: int) -> dict[str, str]:
    return {item.name: str(value) for item in items()}


def answered(wave: Wave, number: int, value: int = 4) -> None:
    for one in list(wave.invitations.filter(answered=False))[:number]:
        assert Client().post(f"/ky/survey/{link_token(one)}/", filled(value)).status_code == 302


def over(wave: Wave) -> None:
    Wave.objects.filter(pk=wave.pk).update(closes=timezone.localdate() - timedelta(days=1))
    wave.refresh_from_db()


def test_everybody_who_takes_part_is_asked(world: Any, wave: Wave) -> None:
    assert wave.asked == 7
    Organisation.objects.create(cluster=world.cluster, name="Late", sort="firm")
    Organisation.objects.create(cluster=world.cluster, name="Gone", sort="firm", status="left")
    wave.ask()
    assert wave.asked == 8
    assert len(items()) == 12


def test_a_link_serves_once_for_whoever_holds_it(world: Any, wave: Wave) -> None:
    one = wave.invitations.get(organisation=world.firm)
    address = f"/ru/survey/{link_token(one)}/"
    page = Client().get(address).content.decode()
    assert "Фирмы кластера держат слово" in page
    assert page.count('type="radio"') == 12 * 6
    assert Client().post(address, {}).status_code == 422
    assert Client().post(address, {"trust_1": "9"}).status_code == 422
    assert Client().post(address, {"trust_1": "5", "trust_2": ""}).status_code == 302
    assert Client().post(address, {"trust_1": "1"}).status_code == 200
    assert [answer.values for answer in wave.answers.all()] == [{"trust_1": 5}]
    assert "Спасибо" in Client().get(address).content.decode()


def test_nobody_makes_a_link(wave: Wave) -> None:
    token = link_token(wave.invitations.first())
    assert Client().get(f"/en/survey/{token[:-1]}x/").status_code == 404
    assert Client().get("/en/survey/1:2:3/").status_code == 404


def test_an_answer_is_joined_to_nobody(wave: Wave) -> None:
    names = {field.name for field in Answer._meta.get_fields()}
    assert names == {"id", "wave", "values"}
    assert not hasattr(Answer, "history")
    assert {field.name for field in Invitation._meta.get_fields()} == {"id", "wave", "organisation", "answered", "sent"}


def test_results_come_when_the_wave_is_over_and_five_answered(world: Any, wave: Wave) -> None:
    client = world.client("member")
    address = f"/en/centre/fruits/surveys/{wave.pk}/"
    answered(wave, FEWEST - 1)
    assert "shown when the wave is over" in client.get(address).content.decode()
    over(wave)
    page = client.get(address).content.decode()
    assert "4 answered. Results are shown from 5 answers on" in page
    assert "survey-scores" not in page
    assert client.get(f"{address}survey-scores.csv").status_code == 404


def test_the_results_are_the_scores_of_the_answers(world: Any, wave: Wave) -> None:
    answered(wave, 3, 4)
    answered(wave, 2, 2)
    over(wave)
    told = {row["block"]: row for row in score(answers_of(wave)).to_pylist()}
    trust = told["trust"]
    assert (trust["asked"], trust["answered"]) == (7, 5)
    upright, turned = (4 * 3 + 2 * 2) / 5, (2 * 3 + 4 * 2) / 5
    assert trust["mean"] == pytest.approx((3 * upright + turned) / 4)
    assert trust["bound_low"] == pytest.approx((trust["mean"] * 5 + 2 * 1) / 7)
    client = world.client("member")
    page = client.get(f"/en/centre/fruits/surveys/{wave.pk}/").content.decode()
    assert "5 / 7" in page
    assert "Joint work" not in page, "blocks that were not asked"
    lines = client.get(f"/en/centre/fruits/surveys/{wave.pk}/survey-scores.csv").content.decode().splitlines()
    assert len(lines) == 4


def test_a_block_that_fewer_than_five_answered_is_not_shown(world: Any, wave: Wave) -> None:
    for one in list(wave.invitations.all())[:5]:
        Client().post(f"/en/survey/{link_token(one)}/", {"trust_1": "4", "trust_2": "4"})
    over(wave)
    lines = (
        world.client("member")
        .get(f"/en/centre/fruits/surveys/{wave.pk}/survey-scores.csv")
        .content.decode()
        .splitlines()
    )
    assert len(lines) == 2


def test_what_is_over_stays_over(world: Any, wave: Wave) -> None:
    client = world.client("manager")
    one = wave.invitations.first()
    assert client.post(f"/en/centre/fruits/surveys/{wave.pk}/close/").status_code == 302
    wave.refresh_from_db()
    assert wave.closed is not None
    before = wave.history.last()
    client.post(f"/en/centre/fruits/surveys/{wave.pk}/undo/{before.history_id}/")
    assert Wave.objects.get(pk=wave.pk).over
    typed = {"title": "Күз", "opens": str(wave.opens), "closes": str(wave.closes + timedelta(days=5))}
    assert client.post(f"/en/centre/fruits/surveys/{wave.pk}/edit/", typed).status_code == 422
    assert "is over" in Client().post(f"/en/survey/{link_token(one)}/", filled(3)).content.decode()
    assert not wave.answers.exists()


def test_letters_go_to_those_who_have_not_answered_in_three_languages(world: Any, wave: Wave) -> None:
    world.firm.email = "firm@example.org"
    world.firm.save()
    other = Organisation.objects.get(name="Уюм 0")
    other.people.create(cluster=world.cluster, name="Айбек", email="a@example.org")
    manager = world.client("manager")
    manager.post(f"/ky/centre/fruits/surveys/{wave.pk}/send/")
    assert sorted(letter.to[0] for letter in mail.outbox) == ["a@example.org", "firm@example.org"]
    found = re.findall(r"https?://[^/]+(/(ky|ru|en)/survey/\S+/)", mail.outbox[0].body)
    assert [language for _address, language in found] == ["ky", "en", "ru"], "that of the sender first"
    assert Client().post(found[1][0], filled(5)).status_code == 302
    mail.outbox.clear()
    manager.post(f"/ky/centre/fruits/surveys/{wave.pk}/send/")
    assert len(mail.outbox) == 1
    rows = manager.get(f"/ru/centre/fruits/surveys/{wave.pk}/links.xlsx")
    assert rows.content.startswith(b"PK")
    assert world.client("analyst").get(f"/en/centre/fruits/surveys/{wave.pk}/links.xlsx").status_code == 403


def test_a_member_answers_for_its_organisation(world: Any, wave: Wave) -> None:
    client = world.client("member")
    assert "questionnaire" in client.get("/en/mine/").content.decode()
    address = f"/en/centre/fruits/surveys/{wave.pk}/answer/"
    assert client.post(address, filled(3)).status_code == 302
    assert wave.invitations.get(organisation=world.firm).answered
    assert "Thank you" in client.get(address).content.decode()
    assert world.client("analyst").get(address).status_code == 404, "who has no organisation does not answer"
    assert "questionnaire" not in client.get("/en/mine/").content.decode()


def test_waves_are_compared(world: Any, wave: Wave) -> None:
    answered(wave, 5, 4)
    Wave.objects.filter(pk=wave.pk).update(opens="2026-01-01", closes="2026-02-01")
    today = timezone.localdate()
    later = Wave.objects.create(cluster=world.cluster, title="Жаз", opens=today, closes=today)
    answered(later, 6, 5)
    over(later)
    page = world.client("member").get(f"/en/centre/fruits/surveys/{later.pk}/").content.decode()
    assert "survey-waves" in page
    assert "survey-waves" not in world.client("member").get(f"/en/centre/fruits/surveys/{wave.pk}/").content.decode()
