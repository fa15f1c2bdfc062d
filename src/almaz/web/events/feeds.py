"""A cluster's calendar at a private address that a calendar program can follow, and that can be withdrawn."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_GET, require_POST

from almaz.language import text as _
from almaz.web.centre.access import Access, clusters_of, of_cluster
from almaz.web.centre.roles import Role
from almaz.web.events.ical import calendar_of
from almaz.web.events.models import Event, Feed

KIND = "text/calendar; charset=utf-8"


@require_GET
def feed(request: HttpRequest, token: str) -> HttpResponse:  # noqa: ARG001
    """The calendar of a private address: no session, the address itself is the key. It holds while its owner belongs."""
    found = get_object_or_404(Feed.objects.select_related("cluster", "user"), token=token)
    if not found.user.is_active or not clusters_of(found.user).filter(pk=found.cluster_id).exists():
        raise Http404
    events = Event.of(found.cluster).select_related("cluster", "series").order_by("pk")
    response = HttpResponse(calendar_of(str(found.cluster), events), content_type=KIND)
    response.headers["Cache-Control"] = "private, max-age=900"
    return response


feed.least = None


@require_POST
@of_cluster(Role.MEMBER)
def changed(request: HttpRequest, access: Access) -> HttpResponse:
    """Make a private address (the one before stops to work), or withdraw it."""
    Feed.objects.filter(cluster=access.cluster, user=access.user).delete()
    if request.POST.get("act") == "make":
        Feed.objects.create(cluster=access.cluster, user=access.user)
        messages.success(request, _("This is your private address. Whoever has it reads the calendar."))
    else:
        messages.success(request, _("The address does not work any more."))
    return redirect("events:calendar", access.cluster.slug)


@require_GET
@of_cluster(Role.MEMBER)
def one(request: HttpRequest, access: Access, pk: int) -> HttpResponse:  # noqa: ARG001
    """One event as a file for a calendar program."""
    event = get_object_or_404(Event.of(access.cluster).select_related("cluster", "series"), pk=pk)
    response = HttpResponse(calendar_of(event.title, [event]), content_type=KIND)
    response.headers["Content-Disposition"] = f'attachment; filename="event-{pk}.ics"'
    return response
