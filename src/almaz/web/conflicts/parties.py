"""Who may see a conflict, and who is told that there is something new."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from almaz.language import text as _
from almaz.web.accounts.models import User
from almaz.web.centre.access import Access
from almaz.web.centre.letters import site_address, write
from almaz.web.centre.models import Membership
from almaz.web.centre.roles import Role
from almaz.web.conflicts.models import Conflict


def seen(access: Access, rows: QuerySet[Any]) -> QuerySet[Any]:
    """The conflicts that this access may see: all for managers; for others, analysts too, only those in which they or their
    organisation are a party, or which they mediate."""
    if access.covers(Role.MANAGER):
        return rows
    mine = Q(people=access.user) | Q(mediator=access.user)
    if access.organisation is not None:
        mine |= Q(organisations=access.organisation)
    # by key: a join with the parties would show a conflict once for each of them
    return rows.filter(pk__in=Conflict.everything.filter(mine).values("pk"))


def seen_steps(access: Access, rows: QuerySet[Any]) -> QuerySet[Any]:
    """The steps of the conflicts that this access may see."""
    return rows.filter(conflict__in=seen(access, Conflict.of(access.cluster)))


def leads(access: Access, conflict: Conflict) -> bool:
    """Whether this person leads the mediation: its mediator, or a manager."""
    return access.covers(Role.MANAGER) or conflict.mediator_id == access.user.pk


def concerned(conflict: Conflict) -> set[User]:
    """Everybody who may see a conflict and belongs to its cluster."""
    members = Membership.objects.filter(cluster=conflict.cluster).select_related("user")
    mine = Q(organisation__in=conflict.organisations.all()) | Q(user__in=conflict.people.all())
    mine |= Q(user=conflict.mediator_id) | Q(role=Role.MANAGER.value)
    return {one.user for one in members.filter(mine)}


def announce(conflict: Conflict, actor: User) -> None:
    """Tell the others that there is something new, and nothing of what it is: mail is not confidential."""
    for person in sorted(concerned(conflict) - {actor}, key=lambda one: one.pk):
        write(
            person,
            lambda _person: (
                _("{cluster}: there is news for you", cluster=conflict.cluster),
                _("There is something new in a confidential matter. Sign in to read it:")
                + f"\n\n{site_address('centre:overview', conflict.cluster.slug)}\n",
            ),
        )
