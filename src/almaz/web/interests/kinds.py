"""How requests are listed, shown and edited."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Q
from django.forms import CheckboxSelectMultiple
from django.urls import reverse
from django.utils import timezone

from almaz.language import count, text
from almaz.web.centre.access import Access
from almaz.web.centre.forms import RecordForm
from almaz.web.centre.kinds import Due, Kind, Page, Room
from almaz.web.centre.roles import Role
from almaz.web.interests.models import OPEN, SOON, WAITING, Paper, Request, Status, Support, overdue
from almaz.web.interests.moves import moves, own
from almaz.web.language import lazy as _


def _written(access: Access, request: Any) -> None:
    request.author = access.user


def _supported(access: Access, support: Any) -> None:
    support.user, support.organisation = access.user, access.organisation


class SupportForm(RecordForm):
    """One voice of a person for a request."""

    def clean(self) -> dict[str, Any]:
        """Refuses a second one."""
        cleaned = super().clean()
        user = self.instance.user_id or self.access.user.pk
        twice = Support.everything.filter(request=cleaned.get("request"), user=user).exclude(pk=self.instance.pk)
        if twice.exists():
            self.add_error(None, text("This request has your support already, here or in the bin."))
        return cleaned


def glance(access: Access) -> list[tuple[str, str, str]]:
    """Requests that are open, late, and granted."""
    board = reverse("interests:board", args=(access.cluster.slug,))
    rows = Request.of(access.cluster)
    granted = rows.filter(status__in=(Status.GRANTED, Status.PARTLY)).count()
    late = overdue(access.cluster, timezone.localdate()).count()
    return [
        (text("requests open"), count(rows.filter(status__in=OPEN).count()), board),
        (text("overdue"), count(late), f"{board}#overdue"),
        (text("granted, in full or in part"), count(granted), board),
    ]


def due(access: Access, today: date) -> list[Due]:
    """Requests whose deadline has passed or comes within a week: all of them for analysts; for members those of their own."""
    rows = Request.of(access.cluster).filter(status__in=WAITING, deadline__lt=today + SOON)
    if not access.covers(Role.ANALYST):
        mine = Q(author=access.user)
        mine |= Q(pk__in=access.organisation.requests.values("pk")) if access.organisation else Q()
        rows = rows.filter(mine)
    return [
        Due(text("request to an authority"), one.title, one.deadline,
            reverse("centre:shown", args=(access.cluster.slug, "requests", one.pk)), one.deadline < today)
        for one in rows
    ]  # fmt: skip


ROOM = Room(
    title=_("Interests"), glance=glance, due=due, pages=(Page(_("Board of requests"), "interests:board"),),
    kinds=(
        Kind(
            name="requests", model=Request, title=_("Requests to authorities"), one=_("request to an authority"),
            columns=("title", "authority", "organisations", "state", "deadline", "sent_on", "support"),
            fields=("title", "asked", "organisations", "authority", "grounds", "deadline", "answer", "answer_file", "change"),
            search=("title", "asked", "grounds", "answer"), filters=("status", "authority"), order=("-pk",),
            add=Role.MEMBER, may_change=own, prepare=_written, parts=(("request-papers", "request"),),
            template="interests/request.html",
            more=lambda access, one: {"moves": moves(access, one)}, widgets={"organisations": CheckboxSelectMultiple},
        ),
        Kind(
            name="request-papers", model=Paper, title=_("Papers"), one=_("paper of a request"),
            columns=("title", "file"), fields=("request", "title", "file"), menu=False, add=Role.MEMBER,
            may_change=lambda access, paper: own(access, paper.request),
        ),
        Kind(
            name="request-supports", model=Support, title=_("Support"), one=_("support of a request"),
            columns=("organisation", "user", "why", "request"), fields=("request", "why"), menu=False, add=Role.MEMBER,
            change=Role.MANAGER, form=SupportForm, prepare=_supported,
            may_change=lambda access, one: one.user_id == access.user.pk,
        ),
    ),
)  # fmt: skip
