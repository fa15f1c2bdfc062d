"""Calendars as iCalendar (RFC 5545), which every calendar program reads."""

from __future__ import annotations

import datetime as time
from collections.abc import Iterable
from urllib.parse import urlsplit

from dateutil.rrule import WEEKLY
from django.conf import settings
from django.db.models import Count
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar
from icalendar import Event as Entry

from almaz.web.events.days import rule, starts, zone
from almaz.web.events.models import Event, Status


def calendar_of(name: str, events: Iterable[Event]) -> bytes:
    """The events as one calendar, with the rules of the time zone they are in."""
    held = list(events)
    made = Calendar()
    made.add("prodid", "-//Almaz//coordination centre//EN")
    made.add("version", "2.0")
    made.add("x-wr-calname", name)
    made.add("x-wr-timezone", settings.TIME_ZONE)
    states = Event.history.filter(id__in=[one.pk for one in held]).values_list("id").annotate(Count("history_id"))
    changes = dict(states.order_by())
    for event in held:
        made.add_component(_entry(event, changes.get(event.pk, 1) - 1))
    if held:
        made.add_missing_timezones(
            first_date=min(one.start for one in held).date() - time.timedelta(days=400),
            last_date=max(one.end for one in held).date() + time.timedelta(days=3660),
        )
    return bytes(made.to_ical())


def _entry(event: Event, changes: int) -> Entry:
    made = Entry()
    series = event.series if event.series_id and _in_series(event) else None
    host = urlsplit(settings.SITE_ADDRESS).hostname or "almaz"
    made.add("uid", f"event-{series.pk if series else event.pk}@{host}")
    if series:
        made.add("recurrence-id", _local(event.original))
    made.add("dtstamp", event.changed)
    made.add("last-modified", event.changed)
    made.add("sequence", changes)
    made.add("summary", event.title)
    made.add("dtstart", _local(event.start))
    made.add("dtend", _local(event.end))
    for name, value in (("location", event.place), ("description", event.agenda)):
        if value:
            made.add(name, value)
    address = reverse("centre:shown", args=(event.cluster.slug, "events", event.pk))
    made.add("url", event.link or settings.SITE_ADDRESS + address)
    made.add("status", "CANCELLED" if event.status == Status.CANCELLED else "CONFIRMED")
    if event.repeats:
        made.add("rrule", _rule(event))
    return made


def _in_series(event: Event) -> bool:
    """Whether the day in whose place it stands still belongs to the series, which may have been moved since."""
    if event.series.deleted:
        return False
    day = timezone.localtime(event.original, zone()).date()
    return event.original in starts(event.series, day, day)


def _rule(event: Event) -> dict[str, object]:
    parts = rule(event)
    written: dict[str, object] = {"freq": "WEEKLY" if parts["freq"] == WEEKLY else "MONTHLY"}
    if parts["interval"] > 1:
        written["interval"] = parts["interval"]
    if "bymonthday" in parts:
        written |= {"bymonthday": parts["bymonthday"], "bysetpos": parts["bysetpos"]}
    if event.until:  # with a time zone the end is told in universal time
        last = time.datetime.combine(event.until, time.time.max.replace(microsecond=0), tzinfo=zone())
        written["until"] = last.astimezone(time.UTC)
    return written


def _local(moment: time.datetime) -> time.datetime:
    return timezone.localtime(moment, zone())
