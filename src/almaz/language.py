"""What a user reads: translated texts, and numbers written as the language writes them.

English is the source language; `locale/<language>/` holds the others, one catalogue a room (`almaz.po` is what all share).
Use as `from almaz.language import text as _`.
The language is set once by the command or the page (`use`), per thread or task.
"""

from __future__ import annotations

import gettext
import io
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent

LANGUAGES: Final = ("en", "ru", "ky")
NAMES: Final = {"en": "English", "ru": "Русский", "ky": "Кыргызча"}

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
    """The language in use: en, ru or ky."""
    return _language.get()


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


def text(message: str, **values: object) -> str:
    """The message in the language in use; {names} in it are filled after translation."""
    translated = _catalogue(_language.get()).gettext(message)
    return translated.format(**values) if values else translated


def texts(one: str, many: str, number: int, **values: object) -> str:
    """The form of the message that this number takes; {number} in it is written as the language writes it."""
    translated = _catalogue(_language.get()).ngettext(one, many, number)
    return translated.format(number=count(number), **values)


def count(value: float) -> str:
    """A whole number with the language's thousands separators."""
    return str(format_decimal(round(value), locale=_language.get()))


def decimal(value: float, places: int = 2) -> str:
    """A number with so many decimals, as the language writes it."""
    pattern = "#,##0." + "0" * places if places else "#,##0"
    return str(format_decimal(value, format=pattern, locale=_language.get()))


def percent(value: float, places: int = 1) -> str:
    """A share (0.25) as a percentage (25 %), as the language writes it."""
    pattern = "#,##0." + "0" * places + "%" if places else "#,##0%"
    return str(format_percent(value, format=pattern, locale=_language.get()))
