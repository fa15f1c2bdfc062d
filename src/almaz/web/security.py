"""What every answer says about itself: no script, style, picture or request but the site's own; no framing but of embeds."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; object-src 'none'; "
    "base-uri 'self'; form-action 'self'; frame-ancestors {ancestors}"
)


class Headers:
    """Middleware: the content security policy, and what a browser may do with the page. A view that may be embedded in other
    sites sets `response.embeddable = True`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The response with its headers."""
        response = self.get_response(request)
        embeddable = getattr(response, "embeddable", False)
        response.headers.setdefault("Content-Security-Policy", POLICY.format(ancestors="*" if embeddable else "'none'"))
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
        if embeddable:
            response.xframe_options_exempt = True
        return response
