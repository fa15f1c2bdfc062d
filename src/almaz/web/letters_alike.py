"""SQLite looks for words as PostgreSQL does: «айгүл» finds «Айгүл» too. Its own LIKE knows only the capitals of English."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from django.db.backends.signals import connection_created


def listen() -> None:
    """Give every connection to SQLite that is opened from now on this LIKE."""
    connection_created.connect(_opened, dispatch_uid="letters_alike")


def _opened(connection: Any, **_more: Any) -> None:
    if connection.vendor == "sqlite":
        for arguments in (2, 3):
            connection.connection.create_function("like", arguments, like, deterministic=True)


def like(pattern: str | None, value: object, escape: str = "") -> bool | None:
    """Whether a value is like a pattern of SQL: % any letters, _ one; capitals and small letters are the same."""
    if pattern is None or value is None:
        return None
    return _compiled(str(pattern), escape).fullmatch(str(value).casefold()) is not None


@lru_cache(maxsize=1024)
def _compiled(pattern: str, escape: str) -> re.Pattern[str]:
    made, letters = [], iter(pattern)
    for letter in letters:
        if escape and letter == escape:
            made.append(re.escape(next(letters, "").casefold()))
        else:
            made.append({"%": ".*", "_": "."}.get(letter) or re.escape(letter.casefold()))
    return re.compile("".join(made), re.DOTALL)
