"""One language for a request: Django's (chosen by the address) and the catalogues of `almaz.language` joined."""

from __future__ import annotations

import datetime as time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import lazy as lazily
from django.utils.translation import get_language

from almaz.language import LANGUAGES, date, text, use

lazy = lazily(text, str)
"""A message translated when it is shown, not when the module is read: for models and forms. Import it as `_`."""


def moment(value: time.datetime | None) -> str:
    """A day as the language writes it and the time of day, in the site's time zone; nothing where there is none."""
    if value is None:
        return ""
    local = timezone.localtime(value)
    return f"{date(local.date())}, {local:%H:%M}"


class Speaking:
    """Middleware after Django's LocaleMiddleware: our texts and numbers in the request's language."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The response, made in the language of the address."""
        chosen = get_language()
        with use(chosen if chosen in LANGUAGES else "en"):
            return self.get_response(request)
