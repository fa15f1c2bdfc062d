from __future__ import annotations

import datetime as time
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from almaz.web.centre.due import remind
from almaz.web.conflicts.models import Conflict, Status, Step
from almaz.web.participants.models import Organisation

NEW = "/en/centre/fruits/conflicts/new/"


def enter(world: Any, who: str, **typed: Any) -> Any:
    return world.client(who).post(NEW, {"title": "Late deliveries", "entered": "2026-03-01", **typed})


def move(world: Any, who: str, conflict: Conflict, **typed: Any) -> Any:
    return world.client(who).post(f"/en/centre/fruits/conflicts/{conflict.pk}/move/", typed)


def test_who_enters_a_conflict_is_one_of_its_parties(world: Any, letters: list[Any]) -> None:
    rival = Organisation.objects.create(cluster=world.cluster, name="Rival Co", sort="firm")
    assert enter(world, "analyst", organisations=[rival.pk]).status_code == 302
    conflict = Conflict.objects.get()
    assert list(conflict.people.all()) == [world.people["analyst"]]
    assert [letter.to[0] for letter in letters] == ["manager@example.org"]
    assert world.client("analyst").get(f"/en/centre/fruits/conflicts/{conflict.pk}/").status_code == 200
    assert world.client("member").get(f"/en/centre/fruits/conflicts/{conflict.pk}/").status_code == 404


def test_a_conflict_has_two_parties_and_a_mediator_who_is_none(world: Any) -> None:
    assert enter(world, "member", organisations=[world.firm.pk]).status_code == 422
    people = [world.people["member"].pk, world.people["analyst"].pk]
    assert enter(world, "manager", people=people, mediator=people[0]).status_code == 422
    assert enter(world, "manager", people=[world.people["stranger"].pk, people[0]]).status_code == 422
    assert enter(world, "manager", people=people).status_code == 302


def test_a_party_does_not_choose_mediator_or_outcome(world: Any) -> None:
    typed = {"people": [world.people["analyst"].pk], "mediator": world.people["member"].pk, "outcome": "I won"}
    enter(world, "member", **typed)
    conflict = Conflict.objects.get()
    assert (conflict.mediator, conflict.outcome) == (None, "")
    assert move(world, "member", conflict, to="settled").status_code == 403
    conflict.status = Status.ACCEPTED
    conflict.save()
    assert world.client("member").get(f"/en/centre/fruits/conflicts/{conflict.pk}/edit/").status_code == 403


def test_a_mediator_leads_it_to_a_settlement_with_its_agreement(world: Any, conflict: Conflict) -> None:
    Conflict.objects.update(outcome="", agreement="")
    assert move(world, "mediator", conflict, to="accepted").status_code == 302
    assert move(world, "mediator", conflict, to="mediation").status_code == 302
    move(world, "mediator", conflict, to="settled")
    conflict.refresh_from_db()
    assert conflict.status == Status.MEDIATION, "a settlement needs its words"
    paper = SimpleUploadedFile("deal.pdf", b"%PDF-1.4 agreed")
    move(world, "mediator", conflict, to="settled", outcome="Paid in two parts", agreement=paper)
    conflict.refresh_from_db()
    assert (conflict.status, conflict.outcome, conflict.closed) == (
        Status.SETTLED,
        "Paid in two parts",
        timezone.localdate(),
    )
    answer = world.client("rival").get(f"/en/centre/fruits/conflicts/{conflict.pk}/file/agreement/")
    assert b"".join(answer.streaming_content) == b"%PDF-1.4 agreed"
    move(world, "mediator", conflict, to="mediation")
    conflict.refresh_from_db()
    assert (conflict.status, conflict.closed) == (Status.MEDIATION, None)


def test_an_agreement_is_checked_before_it_is_kept(world: Any, conflict: Conflict) -> None:
    page = SimpleUploadedFile("deal.pdf", b"<html><script>alert(1)</script></html>")
    Conflict.objects.update(agreement="", status=Status.MEDIATION)
    move(world, "manager", conflict, to="settled", outcome="x", agreement=page)
    conflict.refresh_from_db()
    assert (conflict.status, bool(conflict.agreement)) == (Status.MEDIATION, False)


def test_a_party_adds_a_note_and_changes_only_its_own(world: Any, conflict: Conflict, letters: list[Any]) -> None:
    typed = {"conflict": conflict.pk, "day": "2026-03-02", "sort": "note", "said": "We paid in part"}
    assert world.client("rival").post("/en/centre/fruits/conflict-steps/new/", typed).status_code == 302
    note = Step.objects.get(said="We paid in part")
    assert note.author == world.people["rival"]
    assert world.client("rival").get(f"/en/centre/fruits/conflict-steps/{note.pk}/edit/").status_code == 200
    assert world.client("member").get(f"/en/centre/fruits/conflict-steps/{note.pk}/edit/").status_code == 403
    assert {letter.to[0] for letter in letters} == {
        "member@example.org",
        "mediator@example.org",
        "manager@example.org",
    }


def test_letters_name_nothing_of_a_conflict(world: Any, conflict: Conflict, letters: list[Any]) -> None:
    world.people["member"].language = "ru"
    world.people["member"].save()
    move(world, "manager", conflict, to="accepted")
    assert {letter.to[0] for letter in letters} == {"member@example.org", "rival@example.org", "mediator@example.org"}
    for letter in letters:
        for word in ("Кампа", "onflict", "онфликт", "taken up", "Rival", "Мөмө"):
            assert word not in letter.subject + letter.body
    russian = next(letter for letter in letters if letter.to == ["member@example.org"])
    assert "/ru/centre/fruits/" in russian.body
    assert "Плоды" in russian.subject


def test_a_step_that_is_due_is_reminded_of_without_its_words(
    world: Any, conflict: Conflict, letters: list[Any]
) -> None:
    today = timezone.localdate()
    Step.objects.update(next_day=today - time.timedelta(days=2))
    assert remind(today) == 5
    assert {letter.to[0].split("@")[0] for letter in letters} == {
        "member",
        "rival",
        "mediator",
        "manager",
        "administrator",
    }
    for letter in letters:
        assert "confidential matter: the next step, overdue since" in letter.body
        assert "Кампа" not in letter.body
        assert "conflict" not in letter.body
    typed = {"conflict": conflict.pk, "day": today, "sort": "note", "said": "Done"}
    world.client("rival").post("/en/centre/fruits/conflict-steps/new/", typed)
    assert "confidential matter" not in world.client("member").get("/en/mine/").content.decode()
