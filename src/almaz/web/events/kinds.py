"""How events, decisions and tasks are listed, shown and edited."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from almaz.language import count, text
from almaz.web.centre.access import Access
from almaz.web.centre.kinds import Due, Kind, Page, Room
from almaz.web.events.days import days
from almaz.web.events.forms import TaskForm
from almaz.web.events.models import UNFINISHED, Attendance, Decision, Event, Progress, State, Status, Task
from almaz.web.language import lazy as _


def own_task(access: Access, task: Any) -> bool:
    """Whether the task is this person's, or their organisation's."""
    return task.user_id == access.user.pk or (
        access.organisation is not None and task.organisation_id == access.organisation.pk
    )


def _of_event(access: Access, event: Any) -> dict[str, Any]:
    """What an event's page shows besides its fields: who came, the tasks of its decisions, the next days of a series."""
    attended = Attendance.objects.filter(event=event).select_related("organisation", "person__organisation")
    tasks = Task.objects.filter(decision__event=event, decision__deleted=None).select_related("user", "organisation")
    today = timezone.localdate()
    ahead = days(access.cluster, today, today + timedelta(days=400)) if event.repeats else []
    next_days = [day for day in ahead if event.pk in (day.event.pk, day.event.series_id)][:6]
    by_state = [(state.label, [one for one in attended if one.state == state]) for state in list(State)]
    return {"attended": [pair for pair in by_state if pair[1]], "tasks": tasks, "next_days": next_days}


def glance(access: Access) -> list[tuple[str, str, str]]:
    """Events of the next month, and tasks that are open and late."""
    today = timezone.localdate()
    coming = [
        day for day in days(access.cluster, today, today + timedelta(days=30)) if day.event.status != Status.CANCELLED
    ]
    tasks = Task.of(access.cluster).filter(status__in=UNFINISHED)
    listed = reverse("centre:list", args=(access.cluster.slug, "tasks"))
    return [
        (
            text("events in the next 30 days"),
            count(len(coming)),
            reverse("events:calendar", args=(access.cluster.slug,)),
        ),
        (text("open tasks"), count(tasks.count()), listed),
        (text("overdue tasks"), count(tasks.filter(due__lt=today).count()), listed),
    ]


def due(access: Access, today: date) -> list[Due]:
    """Tasks of the person and their organisation, and the events of today and tomorrow."""
    mine = Q(user=access.user) | (Q(organisation=access.organisation) if access.organisation else Q())
    tasks = Task.of(access.cluster).filter(mine, status__in=UNFINISHED)
    coming = days(access.cluster, today, today + timedelta(days=1))
    return [
        Due(
            text("task"),
            one.title,
            one.due,
            reverse("centre:shown", args=(access.cluster.slug, "tasks", one.pk)),
            one.overdue,
        )
        for one in tasks
    ] + [
        Due(text("event of the cluster"), day.event.title, day.start.date(), day.address)
        for day in coming
        if day.event.status != Status.CANCELLED
    ]


ROOM = Room(
    title=_("Events"), glance=glance, due=due, pages=(Page(_("Calendar"), "events:calendar"),),
    kinds=(
        Kind(
            name="events", model=Event, title=_("List of events"), one=_("event of the cluster"),
            columns=("title", "start", "end", "place", "repeats", "status"),
            fields=("title", "start", "end", "place", "link", "organiser", "agenda", "repeats", "until", "status", "minutes",
                    "minutes_file"),
            search=("title", "place", "agenda", "minutes"), filters=("status", "repeats"), order=("-start", "-pk"),
            parts=(("decisions", "event"),), template="events/event.html", more=_of_event,
        ),
        Kind(
            name="attendances", model=Attendance, title=_("Attendance"), one=_("attendance"),
            columns=("event", "organisation", "person", "state"), fields=("event", "organisation", "person", "state"),
            filters=("state",), menu=False,
        ),
        Kind(
            name="decisions", model=Decision, title=_("Decisions"), one=_("decision"),
            columns=("decided", "event"), fields=("event", "decided", "more"), search=("decided", "more"),
            filters=("event",), order=("-pk",), parts=(("tasks", "decision"),),
        ),
        Kind(
            name="tasks", model=Task, title=_("Tasks"), one=_("task"),
            columns=("title", "who", "due", "state", "decision"),
            fields=("title", "decision", "user", "organisation", "due", "status", "note"),
            search=("title", "note"), filters=("status", "organisation"), order=("due", "pk"), form=TaskForm,
            may_change=own_task, template="events/task.html", more=lambda _access, _one: {"progress": Progress.choices},
        ),
    ),
)  # fmt: skip
