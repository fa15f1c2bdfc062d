"""How judgements are listed, shown and edited."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.forms import RadioSelect
from django.urls import reverse

from almaz.language import count, text
from almaz.web.centre.access import Access
from almaz.web.centre.kinds import Kind, Page, Room
from almaz.web.centre.roles import Role
from almaz.web.evidence.forms import JudgementForm
from almaz.web.evidence.models import Judgement
from almaz.web.evidence.questions import asked
from almaz.web.language import lazy as _


def _seen(access: Access, rows: QuerySet[Any]) -> QuerySet[Any]:
    """Analysts see all; members their own, so that everybody judges alone."""
    return rows if access.covers(Role.ANALYST) else rows.filter(user=access.user)


def _judged(access: Access, record: Any) -> None:
    record.user = access.user


def glance(access: Access) -> list[tuple[str, str, str]]:
    """Questions judged by two and more, experts, and what is left for the person."""
    board = reverse("evidence:board", args=(access.cluster.slug,))
    held = list(Judgement.of(access.cluster).values_list("question", "user"))
    known = asked()
    twice = sum(1 for code in known if sum(question == code for question, _user in held) >= 2)
    mine = {question for question, user in held if user == access.user.pk}
    return [
        (text("questions judged by two or more"), f"{count(twice)} / {count(len(known))}", board),
        (text("people who judged"), count(len({user for _question, user in held})), board),
        (text("left for you to judge"), count(len(known.keys() - mine)), board),
    ]


ROOM = Room(
    title=_("Evidence"), glance=glance,
    pages=(Page(_("Conditions and judgements"), "evidence:board"), Page(_("Obstacles"), "evidence:obstacles")),
    kinds=(
        Kind(
            name="judgements", model=Judgement, title=_("Judgements"), one=_("judgement"),
            columns=("question", "user", "level", "confidence", "why", "day"),
            fields=("question", "level", "confidence", "why", "link", "file", "day"),
            search=("why", "user__name"), filters=("level", "confidence"), order=("question", "pk"),
            add=Role.MEMBER, change=Role.MANAGER, visible=_seen, form=JudgementForm, prepare=_judged,
            may_change=lambda access, one: one.user_id == access.user.pk, widgets={"level": RadioSelect},
        ),
    ),
)  # fmt: skip
