"""Who may work on studies: analysts and above of any cluster; on one study, those of its cluster."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse

from almaz.web.accounts.models import User
from almaz.web.centre.access import access_to, signed_in
from almaz.web.centre.models import Cluster
from almaz.web.centre.roles import Role
from almaz.web.studies.models import Study

WRITERS = (Role.ANALYST.value, Role.MANAGER.value)


def clusters_for_studies(user: User) -> QuerySet[Cluster]:
    """The clusters for which a person may write studies."""
    if user.is_superuser:
        return Cluster.objects.all()
    mine = Q(memberships__user=user, memberships__deleted=None, memberships__role__in=WRITERS)
    return Cluster.objects.filter(mine).distinct()


def studies_of(user: User, *, binned: bool = False) -> QuerySet[Study]:
    """The studies that a person sees."""
    rows = Study.everything.exclude(deleted=None) if binned else Study.objects.all()
    return rows if user.is_superuser else rows.filter(cluster__in=clusters_for_studies(user))


def analysts(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view for analysts and above of any cluster."""

    @signed_in
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_superuser and not clusters_for_studies(request.user).exists():
            raise PermissionDenied
        return view(request, *args, **kwargs)

    guarded.least = "analyst of any cluster"  # type: ignore[attr-defined]
    return guarded


def of_study(least: Role = Role.ANALYST) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """A view of one study, called with the study in place of the address's `pk`; `least`: the role in the study's cluster."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @analysts
        @wraps(view)
        def guarded(request: HttpRequest, pk: int, *args: Any, **kwargs: Any) -> HttpResponse:
            study = studies_of(request.user).filter(pk=pk).first()
            if study is None:
                raise Http404
            if not may(request.user, study, least):
                raise PermissionDenied
            return view(request, study, *args, **kwargs)

        guarded.least = f"{least} of the study"  # type: ignore[attr-defined]
        return guarded

    return decorate


def may(user: User, study: Study, least: Role) -> bool:
    """Whether the person is this, or more, in the study's cluster."""
    return bool(user.is_superuser) or (study.cluster is not None and access_to(user, study.cluster.slug).covers(least))
