"""Who may do what: every view of the workspace goes through `of_cluster`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse

from almaz.web.accounts.models import User
from almaz.web.centre.models import Cluster, Membership
from almaz.web.centre.roles import Role
from almaz.web.participants.models import Organisation

View = Callable[..., HttpResponse]


@dataclass(frozen=True)
class Access:
    """A signed-in person in a cluster: in which role, and for which organisation."""

    user: User
    cluster: Cluster
    role: Role
    organisation: Organisation | None = None

    def covers(self, least: Role) -> bool:
        """Whether the person may do what this role may."""
        return self.role.covers(least)

    def need(self, least: Role) -> None:
        """Raise PermissionDenied (an answer 403) if the person is less than this."""
        if not self.covers(least):
            raise PermissionDenied


def clusters_of(user: User) -> QuerySet[Cluster]:
    """The clusters that a person belongs to; every cluster for an administrator."""
    if user.is_superuser:
        return Cluster.objects.all()
    return Cluster.objects.filter(memberships__user=user, memberships__deleted=None)


def access_to(user: User, slug: str) -> Access:
    """The person's access to a cluster. Raises Http404 where it has none: what one may not see does not exist."""
    cluster = clusters_of(user).filter(slug=slug).first()
    if cluster is None:
        raise Http404
    mine = Membership.objects.filter(cluster=cluster, user=user).select_related("organisation").first()
    organisation = mine.organisation if mine else None
    return Access(user, cluster, Role.ADMINISTRATOR if user.is_superuser else Role(mine.role), organisation)


def signed_in(view: View) -> View:
    """A view for everybody who has signed in."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        return view(request, *args, **kwargs)

    guarded.least = None  # type: ignore[attr-defined]
    return guarded


def of_cluster(least: Role) -> Callable[[View], View]:
    """A view of a cluster's workspace, for this role and above: called with the access in place of the address's `slug`.

    Who has not signed in is sent to do so; who does not belong finds nothing (404); who is less than `least` is refused (403).
    """

    def decorate(view: View) -> View:
        @signed_in
        @wraps(view)
        def guarded(request: HttpRequest, slug: str, *args: Any, **kwargs: Any) -> HttpResponse:
            access = access_to(request.user, slug)
            access.need(least)
            request.access = access
            return view(request, access, *args, **kwargs)

        guarded.least = least  # type: ignore[attr-defined]
        return guarded

    return decorate


def administrators(view: View) -> View:
    """A view for administrators alone."""

    @signed_in
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_superuser:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    guarded.least = Role.ADMINISTRATOR  # type: ignore[attr-defined]
    return guarded
