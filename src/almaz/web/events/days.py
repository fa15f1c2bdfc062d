"""On which days an event takes place: at the same time of the clock, whatever summer time does."""

from __future__ import annotations

import datetime as time
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.rrule import MONTHLY, WEEKLY, rrule
from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from almaz.web.centre.models import Cluster
from almaz.web.events.models import Event, Repeats

STEPS = {Repeats.WEEKLY: (WEEKLY, 1), Repeats.MONTHLY: (MONTHLY, 1), Repeats.QUARTERLY: (MONTHLY, 3)}


@dataclass(frozen=True)
class Day:
    """One taking place of an event. start, end: in the site's time zone."""

    event: Event
    start: time.datetime
    end: time.datetime

    @property
    def address(self) -> str:
        """Where it is shown: the event's page; for a series that day's."""
        slug, event = self.event.cluster.slug, self.event
        if event.repeats:
            return reverse("events:day", args=(slug, event.pk, self.start.date().isoformat()))
        return reverse("centre:shown", args=(slug, "events", event.pk))


def zone() -> ZoneInfo:
    """The site's time zone."""
    return ZoneInfo(settings.TIME_ZONE)


def rule(event: Event) -> dict[str, Any]:
    """The parts of a repetition's rule besides its end (RFC 5545, 3.3.10). A day that a month lacks is its last: the 31st of
    every month is in February the 28th or 29th."""
    frequency, interval = STEPS[Repeats(event.repeats)]
    day = timezone.localtime(event.start, zone()).day
    late = {"bymonthday": list(range(28, day + 1)), "bysetpos": -1} if frequency == MONTHLY and day > 28 else {}
    return {"freq": frequency, "interval": interval, **late}


def starts(event: Event, first: time.date, last: time.date) -> list[time.datetime]:
    """When an event begins between two days, both counted; those of a series whatever stands in their place."""
    clock = timezone.localtime(event.start, zone()).replace(tzinfo=None)
    if not event.repeats:
        found = [clock] if first <= clock.date() <= last else []
    else:
        end = min(last, event.until) if event.until else last
        held = rrule(dtstart=clock, **rule(event))
        found = held.between(
            time.datetime.combine(first, time.time.min), time.datetime.combine(end, time.time.max), inc=True
        )
    return [_on_the_clock(one) for one in found]


def _on_the_clock(naive: time.datetime) -> time.datetime:
    """The time in the site's zone; one that the clock skips in spring is the next that there is."""
    return naive.replace(tzinfo=zone()).astimezone(time.UTC).astimezone(zone())


def days(cluster: Cluster, first: time.date, last: time.date) -> list[Day]:
    """Everything that takes place in a cluster between two days, in order."""
    rows = Event.of(cluster).select_related("cluster").order_by("pk")
    replaced = set(rows.exclude(series=None).values_list("series", "original"))
    begin, end = (
        time.datetime.combine(one, time.time.min, tzinfo=zone()) for one in (first, last + time.timedelta(days=1))
    )
    made = []
    for event in rows.filter(Q(start__lt=end), Q(start__gte=begin) | ~Q(repeats="")):
        length = event.end - event.start
        for start in starts(event, first, last):
            if not event.repeats or (event.pk, start) not in replaced:
                made.append(Day(event, start, _on_the_clock(start.replace(tzinfo=None) + length)))
    return sorted(made, key=lambda day: (day.start, day.event.pk))
