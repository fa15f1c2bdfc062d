"""Who has access to a cluster: members and their roles, invitations, the history of both. For its managers."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from almaz.language import text as _
from almaz.web.accounts import invitations
from almaz.web.accounts.forms import Invite, MembershipForm
from almaz.web.accounts.mail import delivers
from almaz.web.accounts.models import Invitation
from almaz.web.centre.access import Access, of_cluster
from almaz.web.centre.models import Cluster, Membership
from almaz.web.centre.roles import Role


def site_of(request: HttpRequest) -> str:
    """Scheme and host as the person reached the site, one of those that it answers to."""
    return f"{request.scheme}://{request.get_host()}"


def handed_on(request: HttpRequest, address: str) -> None:
    """Say that an invitation went off; where letters do not leave the machine, show the address to hand on."""
    if delivers():
        messages.success(request, _("The invitation is on its way."))
    else:
        messages.warning(
            request, _("This site sends no e-mail. Give the person this address yourself: {address}", address=address)
        )


@of_cluster(Role.MANAGER)
def people(request: HttpRequest, access: Access) -> HttpResponse:
    """Everybody with access, open invitations, and a form to invite."""
    return _page(request, access, Invite(access.cluster, initial={"language": request.LANGUAGE_CODE}))


def _page(request: HttpRequest, access: Access, form: Invite, status: int = 200) -> HttpResponse:
    held = (
        Membership.objects.filter(cluster=access.cluster).select_related("user", "organisation").order_by("user__name")
    )
    rows = [(one, MembershipForm(instance=one, prefix=f"m{one.pk}")) for one in held]
    invited = [one for one in access.cluster.invitations.select_related("by") if not one.accepted and not one.revoked]
    return render(request, "account/people.html", {"access": access, "rows": rows, "invited": invited, "form": form},
                  status=status)  # fmt: skip


@require_POST
@of_cluster(Role.MANAGER)
def invite(request: HttpRequest, access: Access) -> HttpResponse:
    """Invite somebody to the cluster."""
    form = Invite(access.cluster, request.POST)
    if not form.is_valid():
        return _page(request, access, form, 422)
    form.instance.cluster, form.instance.by = access.cluster, access.user
    handed_on(request, invitations.sent(form.save(), site_of(request)))
    return redirect("cluster_people", access.cluster.slug)


@require_POST
@of_cluster(Role.MANAGER)
def resend(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Send an invitation again, with a new link."""
    one = get_object_or_404(Invitation, cluster=access.cluster, pk=pk, accepted=None)
    handed_on(request, invitations.sent_again(one, site_of(request)))
    return redirect("cluster_people", access.cluster.slug)


@require_POST
@of_cluster(Role.MANAGER)
def revoke(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Take an invitation back."""
    one = get_object_or_404(Invitation, cluster=access.cluster, pk=pk, accepted=None)
    one.revoked = timezone.now()
    one.save()
    messages.success(request, _("Taken back: its link is void."))
    return redirect("cluster_people", access.cluster.slug)


@require_POST
@of_cluster(Role.MANAGER)
def change(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Give a person another role or organisation."""
    with transaction.atomic():
        one, managers = _locked(access, pk)
        form = MembershipForm(request.POST, instance=one, prefix=f"m{pk}")
        if not form.is_valid():
            messages.error(request, _("Choose a role and an organisation of this cluster."))
        elif managers == {pk} and form.cleaned_data["role"] != Role.MANAGER:
            _last(request)
        else:
            form.save()
            messages.success(request, _("Saved."))
    return redirect("cluster_people", access.cluster.slug)


@require_POST
@of_cluster(Role.MANAGER)
def remove(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """End a person's access; its account, and what it typed, stay."""
    with transaction.atomic():
        one, managers = _locked(access, pk)
        if managers == {pk}:
            _last(request)
        else:
            one.bin()
            messages.success(request, _("{person} has no access to this cluster any more.", person=one.user))
    return redirect("centre:home" if one.user == access.user else "cluster_people", *(
        () if one.user == access.user else (access.cluster.slug,)
    ))  # fmt: skip


def _locked(access: Access, pk: int) -> tuple[Any, set[int]]:
    """The membership, and who manages the cluster, while nobody else may change that."""
    Cluster.objects.select_for_update().get(pk=access.cluster.pk)
    one = get_object_or_404(Membership, cluster=access.cluster, pk=pk)
    rows = Membership.objects.filter(cluster=access.cluster, role=Role.MANAGER, user__is_active=True)
    return one, set(rows.values_list("pk", flat=True))


def _last(request: HttpRequest) -> None:
    messages.error(request, _("The last manager of a cluster must stay: make another first."))


@of_cluster(Role.MANAGER)
def past(request: HttpRequest, access: Access) -> HttpResponse:
    """Who gave whom which access, when."""
    states = (
        Membership.history.filter(cluster=access.cluster)
        .select_related("user", "organisation", "history_user")
        .order_by("-history_date", "-history_id")[:500]
    )
    return render(request, "account/past.html", {"access": access, "states": states})
