"""How many requests one source may send: counted in the database by one statement, so that several workers count together.

Signing in, resetting a password and the second factor have allauth's own limits, tighter and per account.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from almaz.language import text as _
from almaz.web.accounts.doors import address_of
from almaz.web.accounts.models import Hits


@dataclass(frozen=True)
class Limit:
    """At most `amount` requests in each span of `seconds` to addresses that match, by methods, from one person or address."""

    name: str
    pattern: re.Pattern[str]
    amount: int
    seconds: int
    methods: frozenset[str] = frozenset(("GET", "POST"))


POST = frozenset(("POST",))
LIMITS = (
    Limit("api", re.compile(r"^/api/"), 300, 60),
    Limit(
        "downloads",
        re.compile(r"/(export|download|report|data)[./][^/]*(csv|xlsx|parquet|pdf|docx|zip|png)?/?$"),
        60,
        60,
    ),
    Limit("invitations", re.compile(r"/(invite|resend)/$"), 60, 3600, POST),
    Limit("links", re.compile(r"/account/(invitation|first)/"), 30, 60),
    Limit("studies", re.compile(r"/studies/.*(run|check|files|preview)/$"), 60, 60, POST),
)
"""What costs more than a page, or is worth guessing at."""

_COUNT = """
INSERT INTO {table} (key, until, count) VALUES (%s, %s, 1)
ON CONFLICT (key) DO UPDATE SET count = {table}.count + 1 RETURNING count
"""


class Limits:
    """Middleware after that of accounts: answers 429 where a limit is passed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The response, or that there are too many."""
        if settings.ALMAZ_LIMITS:
            for limit in LIMITS:
                if request.method in limit.methods and limit.pattern.search(request.path):
                    wait = used(limit, source_of(request))
                    if wait:
                        return too_many(request, wait)
        return self.get_response(request)


def source_of(request: HttpRequest) -> str:
    """Who asks: the account, else the network address."""
    return f"user {request.user.pk}" if request.user.is_authenticated else f"address {address_of(request)}"


def used(limit: Limit, source: str, now: float | None = None) -> int:
    """Count one request; the seconds to wait where it is one too many, else 0."""
    now = time.time() if now is None else now
    span = int(now // limit.seconds)
    ends = (span + 1) * limit.seconds
    key = hashlib.sha256(f"{limit.name}|{source}|{span}".encode()).hexdigest()
    with connection.cursor() as cursor:
        cursor.execute(_COUNT.format(table=Hits._meta.db_table), [key, datetime.fromtimestamp(ends, UTC)])
        count = cursor.fetchone()[0]
    if count == 1:
        Hits.objects.filter(until__lt=datetime.fromtimestamp(now, UTC)).delete()
    return max(int(ends - now), 1) if count > limit.amount else 0


def too_many(request: HttpRequest, wait: int) -> HttpResponse:
    """The answer 429, as a page or, from the API, as JSON."""
    if request.path.startswith("/api/"):
        response: HttpResponse = JsonResponse({"detail": _("Too many requests")}, status=429)
    else:
        response = render(request, "429.html", status=429)
    response.headers["Retry-After"] = str(wait)
    return response
