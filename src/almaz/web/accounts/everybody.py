"""All accounts, for administrators: who there is, who may sign in, who is an administrator; the record of the door."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from almaz.language import text as _
from almaz.web.accounts import doors, invitations
from almaz.web.accounts.forms import InviteAdministrator
from almaz.web.accounts.models import Invitation, SignIn, User, What
from almaz.web.accounts.people import handed_on, site_of
from almaz.web.centre.access import administrators
from almaz.web.centre.models import Membership
from almaz.web.centre.roles import Role

PAGE = 50


@administrators
def everybody(request: HttpRequest) -> HttpResponse:
    """The accounts, searched by name and e-mail."""
    query = request.GET.get("q", "").strip()
    living = Prefetch("memberships", Membership.objects.select_related("cluster"), to_attr="living")
    rows = User.objects.order_by("name", "pk").prefetch_related(living)
    rows = rows.filter(Q(name__icontains=query) | Q(email__icontains=query)) if query else rows
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    second = set(Authenticator.objects.filter(user__in=list(page), type="totp").values_list("user_id", flat=True))
    invited = Invitation.objects.filter(cluster=None, accepted=None, revoked=None)
    return render(request, "account/everybody.html", {"page": page, "query": query, "second": second,
                                                      "form": InviteAdministrator(), "invited": invited})  # fmt: skip


@require_POST
@administrators
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Let somebody in or not, make it an administrator or not, take away a lost second factor."""
    act = request.POST.get("act", "")
    with transaction.atomic():
        others = [one.pk for one in User.objects.select_for_update().filter(is_superuser=True, is_active=True)]
        user = get_object_or_404(User, pk=pk)
        last = others == [user.pk] and act in ("close", "demote")
        if last:
            messages.error(request, _("The last administrator must stay: make another first."))
        elif act in ("close", "open"):
            user.is_active = act == "open"
            user.save()
        elif act in ("promote", "demote"):
            user.is_superuser = act == "promote"
            user.save()
        elif act == "second":
            Authenticator.objects.filter(user=user).delete()
            doors.record(request, What.SECOND, user)
    if not last:
        messages.success(request, _("Saved."))
    return redirect("account_everybody")


@require_POST
@administrators
def invite(request: HttpRequest) -> HttpResponse:
    """Invite an administrator."""
    form = InviteAdministrator(request.POST)
    if form.is_valid():
        form.instance.role, form.instance.by = Role.ADMINISTRATOR, request.user
        handed_on(request, invitations.sent(form.save(), site_of(request)))
    else:
        messages.error(request, _("The e-mail address is not one."))
    return redirect("account_everybody")


@require_POST
@administrators
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back the invitation of an administrator."""
    from django.utils import timezone

    one = get_object_or_404(Invitation, pk=pk, cluster=None, accepted=None)
    one.revoked = timezone.now()
    one.save()
    messages.success(request, _("Taken back: its link is void."))
    return redirect("account_everybody")


@administrators
def door(request: HttpRequest) -> HttpResponse:
    """What happened at the door of every account."""
    rows = SignIn.objects.select_related("user")
    what = request.GET.get("what", "")
    rows = rows.filter(what=what) if what in What.values else rows
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    return render(request, "account/door.html", {"page": page, "what": what, "choices": What.choices})
