from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from almaz.web.centre.kinds import kinds
from almaz.web.centre.models import Membership
from almaz.web.conflicts.models import Conflict, Step

SEE = ("member", "rival", "mediator", "manager", "administrator")
DO_NOT = ("outsider", "analyst", "stranger", "visitor")
SECRET = "Кампасыздандыруу талашы"


def addresses(conflict: Conflict) -> dict[str, str]:
    """Every way to a conflict and its step that reads, by name."""
    step, state = Step.everything.get(), conflict.history.first()
    one, its = f"/en/centre/fruits/conflicts/{conflict.pk}/", f"/en/centre/fruits/conflict-steps/{step.pk}/"
    return {
        "page": one, "form": f"{one}edit/", "history": f"{one}history/", "file": f"{one}file/agreement/",
        "step": its, "step form": f"{its}edit/", "step history": f"{its}history/", "step file": f"{its}file/file/",
        "undo": f"{one}undo/{state.history_id}/",
    }  # fmt: skip


LISTS = (
    "/en/centre/fruits/conflicts/", "/en/centre/fruits/conflicts/?q=Кампа", "/en/centre/fruits/conflicts/?status=entered",
    "/en/centre/fruits/conflict-steps/", "/en/centre/fruits/conflict-steps/?q=Кампа", "/en/centre/fruits/conflict-steps/new/",
    "/en/centre/fruits/conflicts/export.csv", "/en/centre/fruits/conflict-steps/export.csv", "/en/centre/fruits/",
    "/en/centre/", "/en/mine/", "/en/centre/fruits/bin/",
)  # fmt: skip


def content(client: Client, address: str) -> bytes:
    answer = client.get(address, follow=True)
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


@pytest.mark.parametrize("who", SEE)
def test_parties_mediator_and_managers_read_it(world: Any, conflict: Conflict, who: str) -> None:
    client, ways = world.client(who), addresses(conflict)
    for name in ("page", "history", "step", "step history"):
        assert SECRET in client.get(ways[name]).content.decode(), name
    for name in ("file", "step file"):
        assert SECRET.encode() in content(client, ways[name])
    assert SECRET in client.get(LISTS[0]).content.decode()
    assert SECRET in content(client, LISTS[6]).decode()


@pytest.mark.parametrize("who", DO_NOT)
def test_nobody_else_reads_it_anywhere(world: Any, conflict: Conflict, who: str) -> None:
    client = world.client(who)
    for name, address in addresses(conflict).items():
        answer = client.get(address) if name != "undo" else client.post(address)
        assert answer.status_code == (302 if who == "visitor" else 404), name
    for address in LISTS:
        assert SECRET.encode() not in content(client, address), address
    step = Step.objects.get()
    for act in ("delete", "restore", "move"):
        for kind, pk in (("conflicts", conflict.pk), ("conflict-steps", step.pk)):
            assert client.post(f"/en/centre/fruits/{kind}/{pk}/{act}/", {"to": "settled"}).status_code in (302, 404)
    conflict.refresh_from_db()
    assert (conflict.deleted, conflict.status) == (None, "entered")


@pytest.mark.parametrize("who", ["outsider", "analyst"])
def test_no_page_of_any_kind_names_it_to_others(world: Any, conflict: Conflict, who: str) -> None:
    client = world.client(who)
    for kind in kinds().values():
        for record in kind.model.objects.filter(cluster=world.cluster):
            answer = client.get(f"/en/centre/fruits/{kind.name}/{record.pk}/")
            assert SECRET not in answer.content.decode()
        for way in ("", "new/"):
            assert SECRET not in client.get(f"/en/centre/fruits/{kind.name}/{way}").content.decode(), kind.name


@pytest.mark.parametrize(("who", "number"), [("member", 1), ("manager", 1), ("analyst", 0), ("outsider", 0)])
def test_the_overview_counts_what_one_may_see(world: Any, conflict: Conflict, who: str, number: int) -> None:
    page = world.client(who).get("/en/centre/fruits/").content.decode()
    assert ("open conflicts that you may see" in page) == bool(number)


@pytest.mark.parametrize("who", ["outsider", "analyst"])
def test_what_is_in_the_bin_stays_confidential(world: Any, conflict: Conflict, who: str) -> None:
    Step.objects.get().bin()
    conflict.bin()
    client = world.client(who)
    assert SECRET.encode() not in content(client, "/en/centre/fruits/bin/")
    assert client.get(f"/en/centre/fruits/conflicts/{conflict.pk}/history/").status_code == 404
    assert client.post(f"/en/centre/fruits/conflicts/{conflict.pk}/restore/").status_code == 404
    assert SECRET in world.client("manager").get("/en/centre/fruits/bin/").content.decode()


def test_who_is_no_party_any_more_sees_it_no_more(world: Any, conflict: Conflict) -> None:
    address = f"/en/centre/fruits/conflicts/{conflict.pk}/"
    assert world.client("member").get(address).status_code == 200
    Membership.objects.filter(user=world.people["member"]).update(organisation=None)
    assert world.client("member").get(address).status_code == 404
    conflict.people.clear()
    assert world.client("rival").get(address).status_code == 404


def test_a_party_elsewhere_sees_nothing_without_belonging_to_the_cluster(world: Any, conflict: Conflict) -> None:
    conflict.people.add(world.people["stranger"])
    assert world.client("stranger").get(f"/en/centre/fruits/conflicts/{conflict.pk}/").status_code == 404


def test_a_step_cannot_be_hung_on_a_conflict_that_one_does_not_see(world: Any, conflict: Conflict) -> None:
    typed = {"conflict": conflict.pk, "day": "2026-03-01", "sort": "note", "said": "let me in"}
    assert world.client("analyst").post("/en/centre/fruits/conflict-steps/new/", typed).status_code == 422
    assert Step.objects.count() == 1


def test_no_draft_of_a_conflict_is_left_in_the_browser(world: Any, conflict: Conflict) -> None:
    page = world.client("member").get("/en/centre/fruits/conflicts/new/").content.decode()
    assert "data-draft" not in page
    assert "data-draft" in world.client("member").get("/en/centre/fruits/people/new/").content.decode()
