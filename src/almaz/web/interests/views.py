"""The board of requests, a request's way through its states, and members' support."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from almaz.language import text as _
from almaz.web.centre.access import Access, of_cluster
from almaz.web.centre.roles import Role
from almaz.web.interests.models import Request, Status, Support, overdue
from almaz.web.interests.moves import Move, announce, bring, fault, moves

LATEST = 12
"""How many of a column the board shows; the list has all."""


@of_cluster(Role.MEMBER)
def board(request: HttpRequest, access: Access) -> HttpResponse:
    """Requests by status, and those that are late."""
    rows = Request.of(access.cluster).select_related("authority").order_by("deadline", "-pk")
    lanes = []
    for status in list(Status):
        held = rows.filter(status=status)
        lanes.append((status, held.count(), list(held[:LATEST])))
    late = overdue(access.cluster, timezone.localdate())
    return render(request, "interests/board.html", {"access": access, "lanes": lanes, "late": late})


@require_POST
@of_cluster(Role.MEMBER)
def moved(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Bring a request into another status. A reply needs its words; the day is today's unless another is given."""
    form = Move(request.POST)
    with transaction.atomic():
        record = get_object_or_404(Request.of(access.cluster).select_for_update(), pk=pk)
        allowed = moves(access, record)
        if not allowed:
            raise PermissionDenied
        wrong = fault(form, record, allowed)
        if wrong:
            messages.error(request, wrong)
        else:
            bring(record, Status(form.cleaned_data["to"]), form)
            announce(access, record)
            messages.success(request, _("Saved."))
    return redirect("centre:shown", access.cluster.slug, "requests", pk)


@require_POST
@of_cluster(Role.MEMBER)
def supported(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Support a request, or take the support back."""
    with transaction.atomic():
        record = get_object_or_404(Request.of(access.cluster).select_for_update(), pk=pk)
        held = Support.everything.filter(request=record, user=access.user).first()
        if held is None:
            Support.objects.create(
                cluster=access.cluster, request=record, user=access.user, organisation=access.organisation,
                why=request.POST.get("why", "").strip()[:300],
            )  # fmt: skip
        elif held.deleted:
            held.organisation, held.why = access.organisation, request.POST.get("why", "").strip()[:300]
            held.restore()
        else:
            held.bin()
    return redirect("centre:shown", access.cluster.slug, "requests", pk)
