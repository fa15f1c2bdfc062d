from __future__ import annotations

import datetime as time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from icalendar import Calendar

from almaz.web.centre.models import Membership
from almaz.web.events.days import starts
from almaz.web.events.ical import calendar_of
from almaz.web.events.models import Event, Feed


def read(content: bytes) -> tuple[Calendar, list[Any]]:
    calendar = Calendar.from_ical(content)
    return calendar, list(calendar.walk("VEVENT"))


def test_a_calendar_program_finds_the_same_days_by_the_rule(world: Any, settings: Any) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    berlin = ZoneInfo("Europe/Berlin")
    for repeats, day in (("weekly", 22), ("monthly", 31), ("quarterly", 31), ("monthly", 15)):
        start = time.datetime(2027, 1, day, 10, tzinfo=berlin)
        event = Event.objects.create(
            cluster=world.cluster, title="x", start=start, end=start + time.timedelta(hours=1), repeats=repeats,
            until=time.date(2028, 3, 31),
        )  # fmt: skip
        calendar, (entry,) = read(calendar_of("c", [event]))
        assert entry["dtstart"].params["TZID"] == "Europe/Berlin"
        assert [str(zone["tzid"]) for zone in calendar.walk("VTIMEZONE")] == ["Europe/Berlin"]
        rule = rrulestr(entry["rrule"].to_ical().decode(), dtstart=entry["dtstart"].dt)
        found = [one.astimezone(time.UTC) for one in rule]
        ours = [one.astimezone(time.UTC) for one in starts(event, time.date(2027, 1, 1), time.date(2028, 12, 31))]
        assert found == ours
        assert len(found) > 4


def test_summer_time_is_told_by_the_calendar_itself(world: Any, settings: Any) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    start = time.datetime(2027, 7, 1, 10, tzinfo=ZoneInfo("Europe/Berlin"))
    event = Event.objects.create(cluster=world.cluster, title="x", start=start, end=start + time.timedelta(hours=1))
    calendar, (entry,) = read(calendar_of("c", [event]))
    zone = calendar.walk("VTIMEZONE")[0].to_tz()
    assert entry["dtstart"].dt.replace(tzinfo=None).replace(tzinfo=zone).utcoffset() == time.timedelta(hours=2)
    assert time.datetime(2027, 12, 1, 10, tzinfo=zone).utcoffset() == time.timedelta(hours=1)


def test_one_moved_day_of_a_series_stands_in_its_place(world: Any, weekly: Event) -> None:
    analyst = world.client("analyst")
    answer = analyst.post(f"/en/centre/fruits/events/{weekly.pk}/day/2027-03-08/")
    analyst.post(f"/en/centre/fruits/events/{weekly.pk}/day/2027-03-08/")
    own = Event.objects.get(series=weekly)
    assert answer["Location"] == f"/en/centre/fruits/events/{own.pk}/"
    own.start += time.timedelta(days=1)
    own.end += time.timedelta(days=1)
    own.status = "cancelled"
    own.save()
    _calendar, entries = read(calendar_of("c", Event.of(world.cluster).order_by("pk")))
    assert len({str(entry["uid"]) for entry in entries}) == 1
    moved = entries[1]
    assert moved["recurrence-id"].dt == time.datetime(2027, 3, 8, 10, tzinfo=ZoneInfo("Asia/Bishkek"))
    assert str(moved["status"]) == "CANCELLED"
    assert int(moved["sequence"]) == 1
    page = analyst.get("/en/centre/fruits/calendar/?month=2027-03").content.decode()
    assert page.split("</ol>")[0].count("Council") == 4
    assert "/day/2027-03-08/" not in page


def test_a_private_address_needs_no_session_and_can_be_withdrawn(world: Any, weekly: Event) -> None:
    member, visitor, address = world.client("member"), world.client("visitor"), "/en/centre/fruits/calendar/address/"
    member.post(address, {"act": "make"})
    first = Feed.objects.get().token
    answer = visitor.get(f"/en/calendar/{first}.ics")
    assert answer["Content-Type"].startswith("text/calendar")
    _calendar, (entry,) = read(answer.content)
    assert str(entry["description"]) == "1. Roads; 2. Customs, fees"
    assert entry["rrule"].to_ical() == b"FREQ=WEEKLY;UNTIL=20270322T175959Z"
    assert first in member.get("/en/centre/fruits/calendar/").content.decode()
    assert first not in world.client("manager").get("/en/centre/fruits/calendar/").content.decode()
    member.post(address, {"act": "make"})
    assert visitor.get(f"/en/calendar/{first}.ics").status_code == 404
    second = Feed.objects.get().token
    assert visitor.get(f"/en/calendar/{second}.ics").status_code == 200
    member.post(address, {"act": "stop"})
    assert visitor.get(f"/en/calendar/{second}.ics").status_code == 404


@pytest.mark.parametrize("how", ["left", "locked"])
def test_a_private_address_holds_only_while_its_owner_belongs(world: Any, weekly: Event, how: str) -> None:
    token = Feed.objects.create(cluster=world.cluster, user=world.people["member"]).token
    assert world.client("visitor").get(f"/en/calendar/{token}.ics").status_code == 200
    if how == "left":
        Membership.objects.get(user=world.people["member"]).bin()
    else:
        world.people["member"].is_active = False
        world.people["member"].save()
    assert world.client("visitor").get(f"/en/calendar/{token}.ics").status_code == 404


def test_a_calendar_holds_its_own_cluster_only(world: Any, weekly: Event) -> None:
    token = Feed.objects.create(cluster=world.other, user=world.people["stranger"]).token
    assert b"Council" not in world.client("visitor").get(f"/en/calendar/{token}.ics").content


def test_one_event_is_a_file_for_its_cluster(world: Any, weekly: Event) -> None:
    address = f"/en/centre/fruits/events/{weekly.pk}/event.ics"
    assert b"SUMMARY:Council" in world.client("member").get(address).content
    assert world.client("stranger").get(address).status_code == 404
