"""A candidate on its way: from identified to a participant."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from almaz.web.attraction.models import Candidate
from almaz.web.participants.models import Organisation


@pytest.fixture
def plant(world: Any) -> Candidate:
    made: Candidate = Candidate.objects.create(
        cluster=world.cluster, name="Айнек заводу", why="gap", industries="23.13", place="Токмок", email="g@example.org"
    )
    return made


def move(world: Any, candidate: Candidate, stage: str, who: str = "analyst") -> Any:
    return world.client(who).post(f"/en/centre/fruits/pipeline/{candidate.pk}/move/", {"stage": stage})


def test_a_candidate_goes_from_stage_to_stage_and_each_is_kept(world: Any, plant: Candidate) -> None:
    for stage in ("contacted", "meeting", "offer", "declined", "contacted"):
        answer = move(world, plant, stage)
        assert answer["Location"].endswith(f"#candidate-{plant.pk}")
    plant.refresh_from_db()
    assert plant.stage == "contacted"
    assert [state.stage for state in plant.history.all()][:2] == ["contacted", "declined"]
    assert move(world, plant, "married").status_code == 404
    assert move(world, plant, "offer", "member").status_code == 403
    assert move(world, plant, "offer", "stranger").status_code == 404


def test_joining_makes_an_organisation_and_is_undone_whole(world: Any, plant: Candidate) -> None:
    client = world.client("analyst")
    answer = move(world, plant, "joined")
    assert answer["Location"] == f"/en/centre/fruits/pipeline/{plant.pk}/join/"
    form = client.get(answer["Location"]).content.decode()
    assert 'value="Айнек заводу"' in form
    assert 'value="23.13"' in form
    answer = client.post(answer["Location"], {"name": "Айнек заводу", "sort": "supplier", "industries": "23.13"})
    made = Organisation.objects.get(name="Айнек заводу")
    assert answer["Location"] == f"/en/centre/fruits/organisations/{made.pk}/"
    plant.refresh_from_db()
    assert (plant.stage, plant.organisation) == ("joined", made)
    page = client.get("/en/centre/fruits/changes/").content.decode()
    address = re.search(r"/en/centre/fruits/changes/[0-9a-f]{12}/undo/", page)
    assert address is not None
    client.post(address[0])
    plant.refresh_from_db()
    assert plant.stage == "identified"
    assert not Organisation.objects.filter(pk=made.pk).exists()


def test_one_who_is_here_already_is_offered(world: Any, plant: Candidate) -> None:
    plant.name = "Momo Zhemish LLC"
    plant.save()
    client = world.client("analyst")
    page = client.get(f"/en/centre/fruits/pipeline/{plant.pk}/join/").content.decode()
    assert "Is it one of these?" in page
    client.post(f"/en/centre/fruits/pipeline/{plant.pk}/join/", {"organisation": str(world.firm.pk)})
    plant.refresh_from_db()
    assert plant.organisation == world.firm
    assert Organisation.of(world.cluster).count() == 1


def test_the_form_does_not_join(world: Any, plant: Candidate) -> None:
    typed = {"name": plant.name, "why": "gap", "stage": "joined"}
    answer = world.client("analyst").post(f"/en/centre/fruits/candidates/{plant.pk}/edit/", typed)
    assert answer.status_code == 422
    assert "joins from the pipeline" in answer.content.decode()


def test_whoever_sees_to_it_belongs_to_the_cluster(world: Any, plant: Candidate) -> None:
    typed = {"name": plant.name, "why": "gap", "stage": "offer", "owner": world.people["stranger"].pk}
    address = f"/en/centre/fruits/candidates/{plant.pk}/edit/"
    assert world.client("analyst").post(address, typed).status_code == 422
    assert world.client("analyst").post(address, typed | {"owner": world.people["manager"].pk}).status_code == 302


def test_an_overdue_step_is_marked_counted_and_waits_for_its_owner(world: Any, plant: Candidate) -> None:
    plant.next_step, plant.next_date = "Call", timezone.localdate() - timedelta(days=1)
    plant.owner, plant.stage = world.people["analyst"], "contacted"
    plant.save()
    client = world.client("analyst")
    assert '<span class="tag no">overdue</span>' in client.get("/en/centre/fruits/pipeline/").content.decode()
    assert "steps overdue" in client.get("/en/centre/fruits/").content.decode()
    assert "Айнек заводу: Call" in client.get("/en/mine/").content.decode()
    assert "Айнек заводу" not in world.client("manager").get("/en/mine/").content.decode()
    assert "Айнек" not in world.client("manager").get("/en/centre/fruits/pipeline/?mine=1").content.decode()
    plant.stage = "declined"
    plant.save()
    assert "overdue</span>" not in client.get("/en/centre/fruits/pipeline/").content.decode()


def test_what_was_said_stands_on_the_candidate_s_page(world: Any, plant: Candidate) -> None:
    client = world.client("analyst")
    typed = {"candidate": plant.pk, "day": "2027-01-12", "way": "call", "said": "Wants a site with gas."}
    assert client.post("/en/centre/fruits/contacts/new/", typed).status_code == 302
    page = client.get(f"/en/centre/fruits/candidates/{plant.pk}/").content.decode()
    assert "Wants a site with gas." in page
    assert "It joins" in page
