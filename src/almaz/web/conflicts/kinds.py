"""How conflicts and their steps are listed, shown and edited."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db.models import OuterRef, Subquery
from django.forms import CheckboxSelectMultiple
from django.urls import reverse

from almaz.language import count, text
from almaz.web.centre.access import Access
from almaz.web.centre.kinds import Due, Kind, Room
from almaz.web.centre.roles import Role
from almaz.web.conflicts.forms import ConflictForm, StepForm
from almaz.web.conflicts.models import NEXT, OPEN, Conflict, Status, Step
from almaz.web.conflicts.parties import leads, seen, seen_steps
from almaz.web.language import lazy as _


def _entered(access: Access, record: Any) -> None:
    record.author = access.user


def own(access: Access, conflict: Any) -> bool:
    """Whether the matter is this person's to change: its mediator's, and its author's until it is taken up."""
    return leads(access, conflict) or (conflict.status == Status.ENTERED and conflict.author_id == access.user.pk)


def glance(access: Access) -> list[tuple[str, str, str]]:
    """The open conflicts that this person may see; nothing where there is none, so that nobody learns of others'."""
    number = seen(access, Conflict.of(access.cluster)).filter(status__in=OPEN).count()
    address = reverse("centre:list", args=(access.cluster.slug, "conflicts"))
    return [(text("open conflicts that you may see"), count(number), address)] if number else []


def due(access: Access, today: date) -> list[Due]:
    """What the last step of an open conflict said comes next, from the day before; its words stay where they are confidential."""
    open_ones = seen(access, Conflict.of(access.cluster)).filter(status__in=OPEN)
    last = Step.of(access.cluster).filter(conflict=OuterRef("pk")).order_by("-day", "-pk").values("next_day")[:1]
    coming = open_ones.annotate(next_day=Subquery(last)).filter(next_day__lte=today + timedelta(days=1))
    address = reverse("centre:overview", args=(access.cluster.slug,))
    return [
        Due(text("confidential matter"), text("the next step"), one.next_day, address, one.next_day < today)
        for one in coming
    ]


ROOM = Room(
    title=_("Conflicts"), glance=glance, due=due,
    kinds=(
        Kind(
            name="conflicts", model=Conflict, title=_("Conflicts"), one=_("conflict"),
            columns=("title", "organisations", "people", "status", "entered", "mediator"),
            fields=("title", "about", "organisations", "people", "entered", "mediator", "outcome", "agreement"),
            search=("title", "about", "outcome"), filters=("status",), order=("-entered", "-pk"),
            add=Role.MEMBER, change=Role.MANAGER, visible=seen, may_change=own, form=ConflictForm, prepare=_entered,
            confidential=True, parts=(("conflict-steps", "conflict"),), template="conflicts/conflict.html",
            more=lambda access, one: {"moves": NEXT[one.status] if leads(access, one) else ()},
            widgets={"organisations": CheckboxSelectMultiple, "people": CheckboxSelectMultiple},
            hint=_("Seen by the parties, the mediator and the managers alone. Letters about it name nothing of what it holds."),
        ),
        Kind(
            name="conflict-steps", model=Step, title=_("Steps of mediation"), one=_("step of mediation"),
            columns=("day", "sort", "mediator", "agreed", "next", "next_day", "author"),
            fields=("conflict", "day", "sort", "mediator", "said", "agreed", "next", "next_day", "file"),
            search=("said", "agreed", "next"), order=("-day", "-pk"), menu=False, add=Role.MEMBER, change=Role.MANAGER,
            visible=seen_steps, confidential=True, form=StepForm, prepare=_entered,
            may_change=lambda access, one: one.author_id == access.user.pk or leads(access, one.conflict),
        ),
    ),
)  # fmt: skip
