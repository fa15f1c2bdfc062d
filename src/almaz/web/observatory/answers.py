"""How the observatory answers: which edition an address means, and how long browsers may keep what they got."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, wraps
from importlib.resources import files
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.gzip import gzip_page

from almaz.errors import AlmazError
from almaz.language import language
from almaz.web.observatory.models import SHORT, Publication, published
from almaz.web.observatory.reading import Reading

View = Callable[..., HttpResponse]
FOREVER, WHILE = "public, max-age=31536000, immutable", "public, max-age=300"
"""For what an edition's own address gives, and for what a study's newest edition gives."""


@dataclass(frozen=True)
class Shown:
    """The edition of a page. fixed: whether the address names the edition, or the study and so its newest one."""

    publication: Publication
    reading: Reading
    fixed: bool

    @property
    def where(self) -> dict[str, str]:
        """What an address names it by."""
        return {"edition": self.publication.short} if self.fixed else {"study": str(self.publication.study)}

    def url(self, name: str, **more: str | int) -> str:
        """The address of a page of this edition."""
        return reverse(f"observatory:{name}", kwargs={**self.where, **more})

    def lasting(self, name: str, **more: str | int) -> str:
        """The address of a page that will always show this very edition."""
        return reverse(f"observatory:{name}", kwargs={"edition": self.publication.short, **more})


def find(edition: str | None, study: str | None) -> Shown:
    """The published edition of an address; 404 where there is none."""
    held = published()
    if edition is not None:
        found = held.filter(identity__startswith=edition).first() if len(edition) == SHORT else None
    else:
        found = held.filter(study=study).first()
    if found is None:
        raise Http404
    return Shown(found, found.reading, edition is not None)


def of_edition(view: View) -> View:
    """A view of a published edition: takes `shown` in place of the address's words; answers 304 to who has the page already."""

    @wraps(view)
    def answered(
        request: HttpRequest, edition: str | None = None, study: str | None = None, **kwargs: Any
    ) -> HttpResponse:
        return kept_by_browsers(view, request, find(edition, study), kwargs)

    return gzip_page(xframe_options_exempt_if_embedded(answered))


def kept_by_browsers(view: View, request: HttpRequest, shown: Shown, kwargs: Mapping[str, Any]) -> HttpResponse:
    """The answer of a view with its tag, or 304 where the browser has it."""
    tag = _tag(request, shown)
    if tag in parse_etags(request.headers.get("If-None-Match", "")):
        response: HttpResponse = HttpResponseNotModified()
    else:
        response = view(request, shown, **kwargs)
    if response.status_code in (200, 304):
        response.headers["ETag"] = tag
        page = response.headers.get("Content-Type", "text/html").startswith("text/html")
        if "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "private, no-cache" if page else FOREVER if shown.fixed else WHILE
        if page:
            patch_vary_headers(response, ["Cookie"])
    return response


def _tag(request: HttpRequest, shown: Shown) -> str:
    """A weak tag: an answer is made of the edition, the language, the address, who asks, and the code."""
    asked = (shown.publication.identity, language(), request.get_full_path(), request.session.session_key or "", code())
    return f'W/"{hashlib.sha256("|".join(map(str, asked)).encode()).hexdigest()[:24]}"'


@lru_cache
def code() -> str:
    """A fingerprint of the package's files: another version makes other pages."""
    root = files("almaz")
    parts = []
    for room in ("web", "report", "locale"):
        for file in sorted((root / room).rglob("*")):  # type: ignore[attr-defined]
            if file.suffix in (".py", ".html", ".po", ".toml", ".js", ".css"):
                parts.append(f"{file.name}{file.stat().st_size}{file.stat().st_mtime_ns}")
    return hashlib.sha256("".join(parts).encode()).hexdigest()[:12]


def embedded(request: HttpRequest) -> bool:
    """Whether the page is asked for without its frame, to stand in another site."""
    return request.GET.get("embed") == "1"


def xframe_options_exempt_if_embedded(view: View) -> View:
    """Other sites may frame what is asked for with `embed=1`, and nothing else."""
    exempt = xframe_options_exempt(view)

    @wraps(view)
    def framed(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not embedded(request):
            return view(request, *args, **kwargs)
        response = exempt(request, *args, **kwargs)
        response.embeddable = True
        return response

    return framed


def refused(request: HttpRequest, error: AlmazError, shown: Shown | None = None) -> HttpResponse:
    """A page that says what was wrong with what was asked."""
    return render(request, "observatory/refused.html", {"error": error, "shown": shown}, status=400)
