"""The pages of one's own account, of an invitation, of the first administrator."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse, translate_url
from django.views.decorators.cache import never_cache

from almaz.language import text as _
from almaz.web.accounts import invitations
from almaz.web.accounts.forms import FirstPerson, NewPerson, Profile
from almaz.web.accounts.models import Invitation, User
from almaz.web.centre.access import signed_in


def public(view: Any) -> Any:
    """Declares a view that everybody may open; what it shows, its own signed link decides."""
    view.least = "public"
    return view


@signed_in
def profile(request: HttpRequest) -> HttpResponse:
    """Name and language."""
    form = Profile(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect(translate_url(reverse("account_profile"), request.user.language))
    return render(request, "account/profile.html", {"form": form}, status=422 if request.method == "POST" else 200)


@signed_in
def sign_ins(request: HttpRequest) -> HttpResponse:
    """What happened at the door of one's own account."""
    return render(request, "account/sign_ins.html", {"rows": request.user.sign_ins.all()[:100]})


@public
@never_cache
def invitation(request: HttpRequest, signed: str) -> HttpResponse:
    """Accept an invitation: who has an account signs in and joins; who has none makes one."""
    found = invitations.found(signed)
    if found is None:
        return render(request, "account/invitation_void.html", status=410)
    account = User.objects.filter(email=found.email).first()
    if request.user.is_authenticated and request.user != account:
        return render(request, "account/invitation.html", {"invitation": found, "form": None, "other": True})
    if account is None:
        return _joins_new(request, signed, found)
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    if request.method == "POST":
        return _welcome(request, invitations.join(signed, account))
    return render(request, "account/invitation.html", {"invitation": found, "form": None, "other": False})


def _joins_new(request: HttpRequest, signed: str, found: Invitation) -> HttpResponse:
    form = NewPerson(found.email, request.POST or None, initial={"name": found.name, "language": found.language})
    if request.method == "POST" and form.is_valid():
        joined = invitations.join(signed, form.person())
        if joined is not None:
            login(request, form.user, backend=settings.AUTHENTICATION_BACKENDS[0])
        return _welcome(request, joined)
    return render(request, "account/invitation.html", {"invitation": found, "form": form, "other": False},
                  status=422 if request.method == "POST" else 200)  # fmt: skip


def _welcome(request: HttpRequest, joined: Invitation | None) -> HttpResponse:
    if joined is None:
        return render(request, "account/invitation_void.html", status=410)
    messages.success(request, _("Welcome."))
    to = reverse("centre:overview", args=(joined.cluster.slug,)) if joined.cluster else reverse("centre:home")
    return redirect(translate_url(to, request.user.language))


@public
@never_cache
def first(request: HttpRequest, signed: str) -> HttpResponse:
    """Make the first administrator: only where there is none, only by the link that `almaz serve` printed."""
    if not invitations.is_first(signed):
        raise Http404
    form = FirstPerson(request.POST or None, initial={"language": request.LANGUAGE_CODE})
    if request.method == "POST" and form.is_valid():
        person = form.person()
        person.is_superuser = True
        with transaction.atomic():
            person.save()
        login(request, person, backend=settings.AUTHENTICATION_BACKENDS[0])
        return redirect(translate_url(reverse("centre:home"), person.language))
    return render(request, "account/first.html", {"form": form}, status=422 if request.method == "POST" else 200)
