from __future__ import annotations

import datetime as time
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from almaz.web.centre.due import remind
from almaz.web.interests.models import Request, Status


def test_the_board_shows_every_request_in_its_lane_and_marks_what_is_late(world: Any, late: Request) -> None:
    page = world.client("member").get("/en/centre/fruits/board/").content.decode()
    assert page.count("Road to the cold store") == 2
    assert "3 days late" in page
    late.status = Status.GRANTED
    late.save()
    page = world.client("member").get("/en/centre/fruits/board/").content.decode()
    assert page.count("Road to the cold store") == 1
    assert "No request is overdue" in page


def test_the_overview_counts_open_and_late_requests(world: Any, late: Request) -> None:
    page = world.client("member").get("/en/centre/fruits/").content.decode()
    assert '<a href="/en/centre/fruits/board/#overdue">1</a>' in page


def test_a_reminder_comes_once_a_day_in_the_language_of_each(world: Any, late: Request, letters: list[Any]) -> None:
    member = world.people["member"]
    member.language = "ky"
    member.save()
    today = timezone.localdate()
    call_command("remind", from_hour=24)
    assert letters == []
    call_command("remind")
    assert remind(today) == 0
    found = {letter.to[0]: letter for letter in letters}
    assert set(found) == {f"{who}@example.org" for who in ("member", "analyst", "manager", "administrator")}
    assert "Ысык-Көлдүн мөмөлөрү" in found["member@example.org"].body
    assert "/ky/centre/fruits/requests/" in found["member@example.org"].body
    assert "Fruits of Issyk-Kul" in found["analyst@example.org"].body
    assert remind(today + time.timedelta(days=1)) == 4


def test_a_member_is_reminded_of_requests_of_the_own_organisation_only(world: Any, late: Request) -> None:
    late.organisations.clear()
    late.save()
    assert "Road to the cold store" not in world.client("member").get("/en/mine/").content.decode()
    assert "Road to the cold store" in world.client("analyst").get("/en/mine/").content.decode()


@pytest.mark.parametrize("who", ["stranger", "visitor"])
def test_others_are_told_nothing(world: Any, late: Request, who: str) -> None:
    assert "Road to the cold store" not in world.client(who).get("/en/mine/").content.decode()
