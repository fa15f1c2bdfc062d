from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from almaz.web.interests.models import NEXT, Request, Status
from almaz.web.participants.models import Organisation, Sort

LIST = "/en/centre/fruits/requests/"


def entered(world: Any, who: str, ministry: Organisation, **more: Any) -> Any:
    typed = {"title": "Lower customs fees", "organisations": [world.firm.pk], "authority": ministry.pk, **more}
    return world.client(who).post(f"{LIST}new/", typed)


def move(world: Any, who: str, pk: int, **typed: Any) -> Any:
    return world.client(who).post(f"{LIST}{pk}/move/", typed)


def test_a_member_writes_a_draft_and_an_analyst_brings_it_to_the_answer(
    world: Any, ministry: Organisation, letters: list[Any]
) -> None:
    assert entered(world, "member", ministry).status_code == 302
    request = Request.objects.get()
    assert (request.status, request.author) == (Status.DRAFT, world.people["member"])
    assert list(request.organisations.all()) == [world.firm]
    for to, typed in (("agreed", {}), ("sent", {"day": "2026-03-02"}), ("partly", {"answer": "Half of it."})):
        assert move(world, "analyst", request.pk, to=to, **typed).status_code == 302
    request.refresh_from_db()
    assert request.status == Status.PARTLY
    assert request.answer == "Half of it."
    assert request.sent_on.isoformat() == "2026-03-02"
    assert request.answered_on == request.decided_on == timezone.localdate()
    assert [letter.to for letter in letters] == [["member@example.org"]] * 3
    assert "granted in part" in letters[-1].subject
    page = world.client("member").get(f"{LIST}{request.pk}/").content.decode()
    assert "Half of it." in page


def test_only_what_the_table_allows_can_follow(world: Any, ministry: Organisation) -> None:
    for status in Status:
        for to in Status:
            request = Request.objects.create(cluster=world.cluster, title="x", authority=ministry, status=status)
            move(world, "analyst", request.pk, to=to.value, answer="words")
            request.refresh_from_db()
            assert request.status == (to if to in NEXT[status] else status)


def test_a_reply_needs_its_words_and_no_day_lies_in_the_future(world: Any, late: Request) -> None:
    for typed in (
        {"to": "granted"},
        {"to": "granted", "answer": "Yes", "day": "2999-01-01"},
        {"to": "granted", "day": "x"},
    ):
        move(world, "analyst", late.pk, **typed)
        late.refresh_from_db()
        assert late.status == Status.SENT


def test_a_member_changes_an_own_draft_only(world: Any, ministry: Organisation, late: Request) -> None:
    entered(world, "member", ministry)
    mine = Request.objects.get(title="Lower customs fees")
    member = world.client("member")
    assert member.get(f"{LIST}{mine.pk}/edit/").status_code == 200
    assert move(world, "member", mine.pk, to="sent").status_code == 302
    mine.refresh_from_db()
    assert mine.status == Status.DRAFT
    assert member.get(f"{LIST}{late.pk}/edit/").status_code == 403
    assert move(world, "member", late.pk, to="withdrawn").status_code == 403
    move(world, "analyst", mine.pk, to="agreed")
    assert member.get(f"{LIST}{mine.pk}/edit/").status_code == 403


def test_only_an_authority_of_the_same_cluster_can_be_asked(world: Any, ministry: Organisation) -> None:
    other = Organisation.objects.create(cluster=world.other, name="Elsewhere", sort=Sort.AUTHORITY)
    for asked in (world.firm, other):
        assert entered(world, "member", asked).status_code == 422
    assert entered(world, "member", ministry, organisations=[other.pk]).status_code == 422
    assert not Request.objects.exists()


def test_history_tells_who_it_was_for_and_undo_brings_that_back(world: Any, ministry: Organisation) -> None:
    entered(world, "analyst", ministry)
    request = Request.objects.get()
    second = Organisation.objects.create(cluster=world.cluster, name="Кооператив", sort=Sort.FIRM)
    state = request.history.first()
    world.client("analyst").post(
        f"{LIST}{request.pk}/edit/",
        {
            "title": "Lower fees",
            "organisations": [second.pk],
            "authority": ministry.pk,
            "seen": request.changed.isoformat(),
        },
    )
    assert list(request.organisations.all()) == [second]
    page = world.client("analyst").get(f"{LIST}{request.pk}/history/").content.decode()
    assert "Кооператив" in page
    assert "Historical" not in page
    world.client("analyst").post(f"{LIST}{request.pk}/undo/{state.history_id}/")
    assert list(request.organisations.all()) == [world.firm]


@pytest.mark.parametrize("who", ["visitor", "stranger"])
def test_others_move_and_support_nothing(world: Any, late: Request, who: str) -> None:
    for act in ("move", "support"):
        assert world.client(who).post(f"{LIST}{late.pk}/{act}/", {"to": "granted"}).status_code in (302, 404)
    late.refresh_from_db()
    assert late.status == Status.SENT
    assert late.support() == 0
