"""The record of what happens at the door: sign-ins, failures, changed passwords and second factors; kept for thirteen months."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from allauth.account import signals as account
from allauth.account.adapter import get_adapter
from allauth.mfa import signals as mfa
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils import timezone

from almaz.web.accounts.models import SignIn, What

KEPT = timedelta(days=400)


def listen() -> None:
    """Receive the signals of Django and of allauth."""
    user_logged_in.connect(_in, dispatch_uid="doors")
    user_logged_out.connect(_out, dispatch_uid="doors")
    user_login_failed.connect(_failed, dispatch_uid="doors")
    for signal in (account.password_changed, account.password_reset, account.password_set):
        signal.connect(_password, dispatch_uid="doors")
    for signal in (mfa.authenticator_added, mfa.authenticator_removed, mfa.authenticator_reset):
        signal.connect(_second, dispatch_uid="doors")


def address_of(request: HttpRequest | None) -> str | None:
    """The network address that a request comes from: behind a trusted proxy, the one that the proxy names."""
    if request is None:
        return None
    try:
        return str(get_adapter().get_client_ip(request))
    except PermissionDenied:
        return None


def record(request: HttpRequest | None, what: Any, user: Any = None, typed: str = "") -> None:
    """Write one event, and forget those older than thirteen months."""
    browser = request.META.get("HTTP_USER_AGENT", "")[:200] if request is not None else ""
    SignIn.objects.create(user=user, typed=typed[:254], what=what, address=address_of(request), browser=browser)
    SignIn.objects.filter(when__lt=timezone.now() - KEPT).delete()


def _in(request: HttpRequest, user: Any, **_more: Any) -> None:
    record(request, What.IN, user)


def _out(request: HttpRequest, user: Any, **_more: Any) -> None:
    if user is not None:
        record(request, What.OUT, user)


def _failed(credentials: Any, request: HttpRequest | None = None, **_more: Any) -> None:
    record(request, What.FAILED, typed=str(credentials.get("email") or credentials.get("username") or ""))


def _password(request: HttpRequest, user: Any, **_more: Any) -> None:
    record(request, What.PASSWORD, user)


def _second(request: HttpRequest, user: Any, **_more: Any) -> None:
    record(request, What.SECOND, user)
