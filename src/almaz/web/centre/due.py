"""What waits for a person, over all clusters: the page, and the letter of the day."""

from __future__ import annotations

import datetime as time

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from almaz.language import date as day
from almaz.language import text as _
from almaz.language import texts
from almaz.web.accounts.models import User
from almaz.web.centre.access import access_to, clusters_of, signed_in
from almaz.web.centre.kinds import Due, rooms
from almaz.web.centre.letters import language_of, site_address, write
from almaz.web.centre.models import Cluster

TWO_DAYS = 2 * 24 * 3600


def waiting(user: User, today: time.date) -> list[tuple[Cluster, list[Due]]]:
    """By cluster: what is late first, then by day; what has no day last."""
    made = []
    for cluster in clusters_of(user):
        access = access_to(user, cluster.slug)
        held = [one for room in rooms().values() if room.due for one in room.due(access, today)]
        held.sort(key=lambda one: (not one.late, one.day or time.date.max, one.title))
        if held:
            made.append((cluster, held))
    return made


@signed_in
def mine(request: HttpRequest) -> HttpResponse:
    """What waits for me in all my clusters."""
    return render(request, "centre/mine.html", {"held": waiting(request.user, timezone.localdate())})


def remind(today: time.date) -> int:
    """Write to everybody for whom something waits, once a day; gives the number of letters."""
    written = 0
    for user in User.objects.filter(is_active=True).order_by("pk"):
        with language_of(user):
            held = waiting(user, today)
        if held and cache.add(f"reminded-{user.pk}-{today}", 1, TWO_DAYS):
            write(user, lambda _user, held=held: _letter(held))  # type: ignore[misc]
            written += 1
    return written


def _letter(held: list[tuple[Cluster, list[Due]]]) -> tuple[str, str]:
    number = sum(len(lines) for _cluster, lines in held)
    text = []
    for cluster, lines in held:
        text += [str(cluster), ""]
        text += [f"- {_line(one)}\n  {settings.SITE_ADDRESS}{one.address}" for one in lines]
        text.append("")
    text += [_("All of it:"), site_address("mine"), ""]
    return texts("{number} thing waits for you", "{number} things wait for you", number), "\n".join(text)


def _line(one: Due) -> str:
    said = f"{one.sort}: {one.title}"
    if one.day:
        said += ", " + (_("overdue since {day}", day=day(one.day)) if one.late else day(one.day))
    return said
