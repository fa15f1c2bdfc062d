from __future__ import annotations

import datetime as time
from typing import Any

import pytest
from django.utils import timezone

from almaz.web.events.models import Attendance, Decision, Event, Task
from almaz.web.participants.models import Person

ROOT = "/en/centre/fruits"


def test_times_are_typed_and_shown_in_the_zone_of_the_site(world: Any) -> None:
    typed = {"title": "Fair", "start": "2027-05-01T10:00", "end": "2027-05-01T12:00", "status": "planned"}
    world.client("analyst").post(f"{ROOT}/events/new/", typed)
    fair = Event.objects.get()
    assert fair.start.astimezone(time.UTC) == time.datetime(2027, 5, 1, 4, tzinfo=time.UTC)
    assert "10:00" in world.client("member").get(f"{ROOT}/events/{fair.pk}/").content.decode()
    assert 'value="2027-05-01T10:00"' in world.client("analyst").get(f"{ROOT}/events/{fair.pk}/edit/").content.decode()


@pytest.mark.parametrize(
    "wrong",
    [
        {"end": "2027-05-01T09:00"},
        {"until": "2027-06-01"},
        {"repeats": "weekly", "until": "2027-04-01"},
        {"start": "x"},
    ],
)
def test_an_event_that_cannot_be_is_refused(world: Any, wrong: dict[str, str]) -> None:
    typed = {"title": "Fair", "start": "2027-05-01T10:00", "end": "2027-05-01T12:00", "status": "planned", **wrong}
    assert world.client("analyst").post(f"{ROOT}/events/new/", typed).status_code == 422


def test_attendance_is_noted_for_all_at_once(world: Any, weekly: Event) -> None:
    person = Person.objects.create(cluster=world.cluster, name="Бакыт", organisation=world.firm)
    analyst, address = world.client("analyst"), f"{ROOT}/events/{weekly.pk}/attendance/"
    analyst.post(address, {f"o{world.firm.pk}": "came", f"p{person.pk}": "excused"})
    assert {(str(one), one.state) for one in Attendance.objects.all()} == {
        ("Мөмө-Жемиш ЖЧК", "came"),
        ("Бакыт (Мөмө-Жемиш ЖЧК)", "excused"),
    }
    analyst.post(address, {f"o{world.firm.pk}": "absent", f"p{person.pk}": ""})
    assert [one.state for one in Attendance.objects.all()] == ["absent"]
    assert "Did not come: 1" in world.client("member").get(f"{ROOT}/events/{weekly.pk}/").content.decode()
    assert world.client("member").get(address).status_code == 403


def test_a_decision_becomes_a_task_that_its_person_is_told_of_and_does(
    world: Any, weekly: Event, letters: list[Any]
) -> None:
    analyst, member = world.client("analyst"), world.client("member")
    analyst.post(f"{ROOT}/decisions/new/", {"event": weekly.pk, "decided": "Ask for the road"})
    decision = Decision.objects.get()
    person = world.people["member"]
    yesterday = timezone.localdate() - time.timedelta(days=1)
    typed = {
        "title": "Write the letter",
        "decision": decision.pk,
        "user": person.pk,
        "due": yesterday,
        "status": "open",
    }
    analyst.post(f"{ROOT}/tasks/new/", typed)
    task = Task.objects.get()
    assert [letter.to[0] for letter in letters] == ["member@example.org"]
    assert "Write the letter" in letters[0].body
    assert "Write the letter" in member.get(f"{ROOT}/events/{weekly.pk}/").content.decode()
    page = member.get("/en/mine/").content.decode()
    assert "Write the letter" in page
    assert "overdue" in page
    member.post(f"{ROOT}/tasks/{task.pk}/status/", {"to": "done"})
    task.refresh_from_db()
    assert (task.status, task.done_on) == ("done", timezone.localdate())
    assert "Write the letter" not in member.get("/en/mine/").content.decode()


def test_tasks_of_all_clusters_are_on_one_page(world: Any) -> None:
    from almaz.web.centre.models import Membership

    Membership.objects.create(cluster=world.other, user=world.people["member"], role="member")
    Task.objects.create(cluster=world.cluster, title="One of fruits", organisation=world.firm)
    Task.objects.create(cluster=world.other, title="One of ski", user=world.people["member"])
    Task.objects.create(cluster=world.other, title="Of somebody", user=world.people["stranger"])
    page = world.client("member").get("/en/mine/").content.decode()
    assert "One of fruits" in page
    assert "One of ski" in page
    assert "Of somebody" not in page


def test_a_task_is_somebodys_and_only_theirs_to_do(world: Any) -> None:
    typed = {"title": "x", "status": "open"}
    assert world.client("analyst").post(f"{ROOT}/tasks/new/", typed).status_code == 422
    typed["user"] = world.people["stranger"].pk
    assert world.client("analyst").post(f"{ROOT}/tasks/new/", typed).status_code == 422
    task = Task.objects.create(cluster=world.cluster, title="x", user=world.people["analyst"])
    for who, status in (("member", 403), ("stranger", 404)):
        assert world.client(who).post(f"{ROOT}/tasks/{task.pk}/status/", {"to": "done"}).status_code == status
    assert world.client("analyst").post(f"{ROOT}/tasks/{task.pk}/status/", {"to": "never"}).status_code == 404


def test_the_calendar_shows_a_month_and_refuses_what_is_none(world: Any, weekly: Event) -> None:
    member = world.client("member")
    page = member.get(f"{ROOT}/calendar/?month=2027-03").content.decode()
    assert page.split("</ol>")[0].count("Council") == 4
    assert "March 2027" in page
    assert member.get("/ru/centre/fruits/calendar/?month=2027-03").content.decode().count("Март 2027") >= 1
    for wrong in ("2027-13", "x", "0000-01"):
        assert member.get(f"{ROOT}/calendar/?month={wrong}").status_code == 404
    assert member.get(f"{ROOT}/events/{weekly.pk}/day/2027-03-02/").status_code == 404
    assert member.get(f"{ROOT}/events/{weekly.pk}/day/2027-03-08/").status_code == 200
    assert member.post(f"{ROOT}/events/{weekly.pk}/day/2027-03-08/").status_code == 403
