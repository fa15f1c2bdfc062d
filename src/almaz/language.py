"""What a user reads: translated texts, and numbers written as the language writes them.

English is the source language; `locale/<language>/` holds the others, one catalogue a room (`almaz.po` is what all share).
Use as `from almaz.language import text as _`.
The language is set once by the command or the page (`use`), per thread or task.

What is stored must not depend on who ran it: inside `kept_texts` messages are kept with their values, untranslated, and
`spoken_text` says them later in the language then in use.
"""

from __future__ import annotations

import datetime as time
import gettext
import io
import math
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from babel import Locale
from babel.dates import format_date
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import NumberPattern, format_decimal, format_percent, format_scientific, parse_pattern

LANGUAGES: Final = ("en", "ru", "ky")
NAMES: Final = {"en": "English", "ru": "Русский", "ky": "Кыргызча"}

KEPT: Final = "kept"
START, FIELD, END = "\x02", "\x1f", "\x03"
"""Marks around and inside a kept message: control characters, which no figure or name holds."""

BEYOND: Final = 1e15
"""From here on a number is written with its power of ten: it is a fault in the data, and too long to be read."""
_language: ContextVar[str] = ContextVar("language", default="en")


@lru_cache
def _catalogue(language: str) -> gettext.NullTranslations:
    if language == "en":
        return gettext.NullTranslations()
    merged = Catalog(locale=language)
    for room in sorted(catalogues(language), key=lambda file: file.name):
        with room.open("rb") as source:
            for entry in read_po(source, locale=language):
                merged[entry.id] = entry
    compiled = io.BytesIO()
    write_mo(compiled, merged)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def catalogues(language: str) -> list[Traversable]:
    """The catalogues of a language, one a room."""
    return [file for file in (files("almaz") / "locale" / language).iterdir() if file.name.endswith(".po")]


def language() -> str:
    """The language in use: en, ru or ky; the source language where messages are kept."""
    chosen = _language.get()
    return "en" if chosen == KEPT else chosen


@contextmanager
def use(chosen: str) -> Iterator[None]:
    """Speak this language inside the block."""
    if chosen not in LANGUAGES:
        raise ValueError(f"no catalogue for language {chosen!r}; there are {', '.join(LANGUAGES)}")
    token = _language.set(chosen)
    try:
        yield
    finally:
        _language.reset(token)


@contextmanager
def kept_texts() -> Iterator[str]:
    """Keep every message of the block untranslated; gives the language in use outside."""
    outer = language()
    token = _language.set(KEPT)
    try:
        yield outer
    finally:
        _language.reset(token)


def _kept(*parts: object) -> str:
    return START + FIELD.join(map(str, parts)) + END


def spoken_text(held: str) -> str:
    """A kept message in the language in use; any other text as it is."""
    before = ""
    while held != before:
        before, held = held, re.sub(f"{START}([^{START}{END}]*){END}", lambda found: _said(found.group(1)), held)
    return held


def _said(held: str) -> str:
    kind, first, *rest = held.split(FIELD)
    if kind in FORMS:
        return FORMS[kind](float(first), *map(int, rest))
    plain = rest if kind == "text" else rest[2:]
    values = dict(value.split("=", 1) for value in plain)
    return text(first, **values) if kind == "text" else texts(first, rest[0], int(rest[1]), **values)


def text(message: str, **values: object) -> str:
    """The message in the language in use; {names} in it are filled after translation."""
    if not message:
        return ""  # gettext would give the catalogue's header
    if _language.get() == KEPT:
        return _kept("text", message, *(f"{name}={value}" for name, value in values.items()))
    translated = _catalogue(_language.get()).gettext(message)
    return translated.format(**values) if values else translated


def texts(one: str, many: str, number: int, **values: object) -> str:
    """The form of the message that this number takes; {number} in it is written as the language writes it."""
    if _language.get() == KEPT:
        return _kept("texts", one, many, number, *(f"{name}={value}" for name, value in values.items()))
    translated = _catalogue(_language.get()).ngettext(one, many, number)
    return translated.format(number=count(number), **values)


@lru_cache
def _locale(language: str) -> Locale:
    """A language's rules for numbers and dates, read once: formatting by its name reads them for every number."""
    return Locale.parse(language)


@lru_cache
def _pattern(places: int, end: str = "") -> NumberPattern:
    """How a number with so many decimals is written, read once."""
    return parse_pattern("#,##0" + ("." + "0" * places if places else "") + end)


def count(value: float) -> str:
    """A whole number with the language's thousands separators."""
    if _language.get() == KEPT:
        return _kept("count", repr(float(value)))
    if not abs(value) < BEYOND:
        return f"{value:g}"
    return str(format_decimal(round(value), locale=_locale(_language.get())))


def figure(value: float, digits: int = 4) -> str:
    """A number with so many significant digits, whole numbers whole, as the language writes it."""
    if isinstance(value, int) or (math.isfinite(value) and value == round(value) and abs(value) < 1e15):
        return count(value)
    if not math.isfinite(value):
        return "∞" if value > 0 else "−∞" if value < 0 else "—"
    places = digits - 1 - math.floor(math.log10(abs(value)))
    if places > 9:
        return str(format_scientific(value, format="0." + "0" * (digits - 1) + "E0", locale=_locale(language())))
    return decimal(value, max(places, 0))


def decimal(value: float, places: int = 2) -> str:
    """A number with so many decimals, as the language writes it."""
    if _language.get() == KEPT:
        return _kept("decimal", repr(float(value)), places)
    if not abs(value) < BEYOND:
        return f"{value:g}"
    return str(format_decimal(value, format=_pattern(places), locale=_locale(_language.get())))


def percent(value: float, places: int = 1) -> str:
    """A share (0.25) as a percentage (25 %), as the language writes it."""
    if _language.get() == KEPT:
        return _kept("percent", repr(float(value)), places)
    return str(format_percent(value, format=_pattern(places, "%"), locale=_locale(_language.get())))


def date(value: time.date | None) -> str:
    """A day as the language writes it; nothing where there is none."""
    return "" if value is None else str(format_date(value, format="medium", locale=_locale(_language.get())))


FORMS: Final[dict[str, Callable[..., str]]] = {"count": count, "decimal": decimal, "percent": percent}
