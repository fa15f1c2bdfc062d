"""The calendar, one day of a series, who came, and how far a task is."""

from __future__ import annotations

import calendar as months
import datetime as time
from typing import Any

from babel.dates import format_date, get_day_names
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from almaz.language import language
from almaz.language import text as _
from almaz.web.centre.access import Access, of_cluster
from almaz.web.centre.records import after
from almaz.web.centre.roles import Role
from almaz.web.events.days import Day, days, starts
from almaz.web.events.kinds import own_task
from almaz.web.events.models import Attendance, Event, Feed, Progress, State, Task
from almaz.web.participants.models import Organisation, Person

COMING = time.timedelta(days=60)
"""How far the list of what comes looks ahead."""


@of_cluster(Role.MEMBER)
def calendar(request: HttpRequest, access: Access) -> HttpResponse:
    """A month, and what comes."""
    today = timezone.localdate()
    first = _month(request.GET.get("month"), today)
    weeks = months.Calendar().monthdatescalendar(first.year, first.month)
    held: dict[time.date, list[Day]] = {}
    for one in days(access.cluster, weeks[0][0], weeks[-1][-1]):
        held.setdefault(one.start.date(), []).append(one)
    around = [(first - time.timedelta(days=1)).replace(day=1), (first + time.timedelta(days=32)).replace(day=1)]
    return render(
        request,
        "events/calendar.html",
        {"access": access, "month": _said(first, "LLLL yyyy"), "first": first, "today": today,
         "grid": [(day, _said(day, "EEEE, d MMMM"), held.get(day, [])) for week in weeks for day in week],
         "weekdays": [get_day_names("abbreviated", locale=language())[place] for place in range(7)],
         "before": around[0].strftime("%Y-%m"), "after": around[1].strftime("%Y-%m"),
         "coming": days(access.cluster, today, today + COMING)[:10],
         "feed": Feed.objects.filter(cluster=access.cluster, user=access.user).first()},
    )  # fmt: skip


def _month(written: str | None, today: time.date) -> time.date:
    try:
        return time.date.fromisoformat(f"{written}-01") if written else today.replace(day=1)
    except ValueError:
        raise Http404 from None


def _said(day: time.date, pattern: str) -> str:
    written = str(format_date(day, format=pattern, locale=language()))
    return written[:1].upper() + written[1:]


@of_cluster(Role.MEMBER)
def day(request: HttpRequest, access: Access, pk: int, written: str) -> HttpResponse:
    """One day of a series. POST gives it papers of its own: an event that stands in the day's place."""
    series = get_object_or_404(Event.of(access.cluster).exclude(repeats="").select_related("cluster"), pk=pk)
    try:
        wanted = time.date.fromisoformat(written)
    except ValueError:
        raise Http404 from None
    found = starts(series, wanted, wanted)
    if not found:
        raise Http404
    if request.method == "POST":
        access.need(Role.ANALYST)
        own: Event | None = _opened(series, found[0])
    else:
        own = Event.objects.filter(series=series, original=found[0]).first()
    if own is not None:
        return redirect("centre:shown", access.cluster.slug, "events", own.pk)
    at = Day(series, found[0], found[0] + (series.end - series.start))
    return render(request, "events/day.html", {"access": access, "event": series, "day": at})


def _opened(series: Event, start: time.datetime) -> Event:
    """The event that stands in the place of one day of a series: there is one, however often somebody asks for it."""
    with transaction.atomic():
        Event.objects.select_for_update().get(pk=series.pk)
        there = Event.objects.filter(series=series, original=start).first()
        return there or _made(series, start)


def _made(series: Event, start: time.datetime) -> Event:
    return Event.objects.create(
        cluster=series.cluster, title=series.title, start=start, end=start + (series.end - series.start),
        place=series.place, link=series.link, organiser=series.organiser, agenda=series.agenda, series=series, original=start,
    )  # fmt: skip


@of_cluster(Role.ANALYST)
def attendance(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Who was invited, came, was excused: all organisations and people of the cluster on one page."""
    event = get_object_or_404(Event.of(access.cluster), pk=pk)
    known = {(one.organisation_id, one.person_id): one for one in Attendance.objects.filter(event=event)}
    organisations, people = Organisation.of(access.cluster), Person.of(access.cluster).select_related("organisation")
    lines: list[tuple[str, Any, Attendance | None]] = [
        *((f"o{one.pk}", one, known.get((one.pk, None))) for one in organisations),
        *((f"p{one.pk}", one, known.get((None, one.pk))) for one in people),
    ]
    if request.method == "POST":
        with transaction.atomic():
            for name, one, held in lines:
                _note(event, one, held, request.POST.get(name, ""))
        messages.success(request, _("Saved."))
        return redirect("centre:shown", access.cluster.slug, "events", pk)
    return render(
        request, "events/attendance.html", {"access": access, "event": event, "lines": lines, "states": State.choices}
    )


def _note(event: Event, one: Organisation | Person, held: Attendance | None, state: str) -> None:
    if state not in State.values:
        if held:
            held.bin()
    elif held is None:
        where = {"organisation": one} if isinstance(one, Organisation) else {"person": one}
        Attendance.objects.create(cluster=event.cluster, event=event, state=state, **where)
    elif held.state != state:
        held.state = state
        held.save()


@require_POST
@of_cluster(Role.MEMBER)
def progressed(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """How far a task is: said by who does it, or by an analyst."""
    task = get_object_or_404(Task.of(access.cluster), pk=pk)
    if not (access.covers(Role.ANALYST) or own_task(access, task)):
        raise PermissionDenied
    to = request.POST.get("to", "")
    if to not in Progress.values:
        raise Http404
    task.status = to
    task.save()
    messages.success(request, _("Saved."))
    return redirect(after(request) or reverse("centre:shown", args=(access.cluster.slug, "tasks", pk)))
