"""The Jinja2 environment of all pages: the house's words and numbers, addresses, and what stands around every page."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from django.contrib.messages import get_messages
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse, translate_url
from django.utils.html import urlize
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from almaz.language import NAMES, count, date, decimal, figure, language, percent, text, texts
from almaz.web.centre.kinds import menu
from almaz.web.centre.roles import Role
from almaz.web.language import moment


def environment(**options: Any) -> Environment:
    """Jinja2 with `_`, `texts`, `url`, `static` and the filters that write numbers and dates as the language does."""
    made = Environment(**{**options, "undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True})
    made.globals |= {
        "_": text,
        "texts": texts,
        "url": address,
        "static": static,
        "language": language,
        "version": version("almaz"),
        "menu": menu,
        "Role": Role,
    }
    made.filters |= {
        "count": count,
        "decimal": decimal,
        "percent": percent,
        "figure": figure,
        "date": date,
        "moment": moment,
        "capfirst": lambda written: str(written)[:1].upper() + str(written)[1:],
        "outward": lambda written: written if str(written).startswith(("https://", "http://")) else "#",
        "linked": lambda written: Markup(urlize(written, nofollow=True, autoescape=True)),
    }
    return made


def address(name: str, *args: object, **kwargs: object) -> str:
    """The address of a view by its name."""
    return reverse(name, args=args or None, kwargs=kwargs or None)


def around(request: HttpRequest) -> Mapping[str, object]:
    """What every page shows around its content: messages, and the same page in the other languages."""
    here = request.get_full_path()
    return {
        "messages": get_messages(request),
        "languages": [(code, name, translate_url(here, code)) for code, name in NAMES.items()],
    }
