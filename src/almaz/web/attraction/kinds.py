"""How candidates are listed, shown and edited."""

from __future__ import annotations

from datetime import date

from django.urls import reverse
from django.utils import timezone

from almaz.language import count, text
from almaz.web.attraction.forms import CandidateForm, ContactForm
from almaz.web.attraction.models import ENDED, Candidate, Contact, Stage
from almaz.web.centre.access import Access
from almaz.web.centre.kinds import Due, Kind, Page, Room
from almaz.web.centre.roles import Role
from almaz.web.language import lazy as _


def glance(access: Access) -> list[tuple[str, str, str]]:
    """Who is on the way, what is late, who has joined."""
    if not access.covers(Role.ANALYST):
        return []
    rows = Candidate.of(access.cluster)
    under_way = rows.exclude(stage__in=ENDED)
    pipeline = reverse("attraction:pipeline", args=(access.cluster.slug,))
    return [
        (text("candidates on their way"), count(under_way.count()), pipeline),
        (text("steps overdue"), count(under_way.filter(next_date__lt=timezone.localdate()).count()), pipeline),
        (text("candidates joined"), count(rows.filter(stage=Stage.JOINED).count()), pipeline),
    ]


def due(access: Access, today: date) -> list[Due]:
    """The next steps with candidates that the person sees to."""
    if not access.covers(Role.ANALYST):
        return []
    mine = Candidate.of(access.cluster).filter(owner=access.user).exclude(stage__in=ENDED)
    return [
        Due(
            text("next step"), f"{one.name}: {one.next_step or one.get_stage_display()}", one.next_date,
            reverse("centre:shown", args=(access.cluster.slug, "candidates", one.pk)),
            late=one.next_date is not None and one.next_date < today,
        )
        for one in mine.order_by("next_date", "pk")
        if one.next_step or one.next_date
    ]  # fmt: skip


ROOM = Room(title=_("Attraction"), glance=glance, due=due, pages=(
    Page(_("Whom to attract"), "attraction:wanted", Role.ANALYST),
    Page(_("Pipeline"), "attraction:pipeline", Role.ANALYST),
), kinds=(
    Kind(
        name="candidates", model=Candidate, title=_("Candidates"), one=_("candidate"),
        columns=("name", "stage", "why", "place", "owner", "next_step", "next_date"),
        fields=("name", "why", "reason", "industries", "place", "contact", "email", "phone", "website", "stage", "owner",
                "next_step", "next_date", "outcome"),
        search=("name", "place", "industries", "contact"), filters=("stage", "why"), order=("name",), view=Role.ANALYST,
        form=CandidateForm, parts=(("contacts", "candidate"),), recognised=(("name",),),
        template="attraction/candidate.html",
    ),
    Kind(
        name="contacts", model=Contact, title=_("Contacts"), one=_("contact"),
        columns=("day", "way", "said"), fields=("candidate", "day", "way", "said"), order=("-day", "-pk"),
        search=("said", "candidate__name"), view=Role.ANALYST, form=ContactForm, menu=False,
        visible=lambda _access, rows: rows.filter(candidate__deleted=None),
    ),
))  # fmt: skip
