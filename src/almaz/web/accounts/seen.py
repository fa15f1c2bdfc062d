"""When a session was last used: written every five minutes, not at every page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from allauth.usersessions.models import UserSession
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

OFTEN = timedelta(minutes=5)


class Seen:
    """Middleware after that of accounts."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The response; the session's row is brought up to date before, where it is due."""
        key = request.session.session_key
        if key and request.user.is_authenticated:
            since = timezone.now() - OFTEN
            if not UserSession.objects.filter(session_key=key, last_seen_at__gt=since).exists():
                UserSession.objects.create_from_request(request)
        return self.get_response(request)
