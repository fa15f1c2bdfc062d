"""Who may bring a request into which status, and what that needs."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from almaz.language import text as _
from almaz.web.centre.access import Access
from almaz.web.centre.letters import site_address, write
from almaz.web.centre.models import Membership
from almaz.web.centre.roles import Role
from almaz.web.interests.models import DECIDED, NEXT, REPLIED, Request, Status


def own(access: Access, request: Any) -> bool:
    """Whether the request is this person's to change: a draft that they wrote, or that asks on their organisation's behalf."""
    if request.status != Status.DRAFT:
        return False
    behalf = access.organisation is not None and request.organisations.filter(pk=access.organisation.pk).exists()
    return request.author_id == access.user.pk or behalf


def moves(access: Access, record: Request) -> list[Any]:
    """What this person may make of a request: analysts all that may follow; a member may take back an own draft."""
    if access.covers(Role.ANALYST):
        return list(NEXT[record.status])
    return [Status.WITHDRAWN] if own(access, record) else []


class Move(forms.Form):
    """The day of a change of status, and what was answered."""

    to = forms.ChoiceField(choices=Status.choices)
    day = forms.DateField(required=False)
    answer = forms.CharField(required=False)


def fault(form: Move, record: Request, allowed: list[Any]) -> str:
    """What is wrong with a change of status; empty where nothing is."""
    if not form.is_valid() or form.cleaned_data["to"] not in allowed:
        return _("This request cannot become that now: see what it may become, and the day (year-month-day).")
    day = form.cleaned_data["day"] or timezone.localdate()
    if day > timezone.localdate():
        return _("The day lies in the future.")
    if form.cleaned_data["to"] in REPLIED and not (form.cleaned_data["answer"].strip() or record.answer):
        return _("Write what the authority answered.")
    return ""


def bring(record: Request, to: Status, form: Move) -> None:
    """Make the change: status, its day, the answer."""
    day = form.cleaned_data["day"] or timezone.localdate()
    record.answer = form.cleaned_data["answer"].strip() or record.answer
    if to == Status.AGREED:
        record.agreed_on = day
    elif to == Status.SENT:
        record.sent_on, record.answered_on, record.decided_on = day, None, None
    if to in REPLIED and record.answered_on is None:
        record.answered_on = day
    if to in DECIDED:
        record.decided_on = day
    record.status = to
    record.save()


def announce(access: Access, record: Request) -> None:
    """Tell those on whose behalf it is, and who wrote it, but not who did it."""
    behalf = Membership.objects.filter(cluster=access.cluster, organisation__in=record.organisations.all())
    people = {one.user for one in behalf.select_related("user")} | ({record.author} if record.author else set())
    for person in sorted(people - {access.user}, key=lambda one: one.pk):
        write(
            person,
            lambda _person: (
                _("{cluster}: a request is now «{status}»", cluster=access.cluster, status=record.get_status_display()),
                f"{record.title}\n\n{site_address('centre:shown', access.cluster.slug, 'requests', record.pk)}\n",
            ),
        )
