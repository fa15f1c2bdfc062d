"""Search by name or code in three languages, forgiving what is not on every keyboard: Ң, Ө, Ү, Ё and accents may be typed without."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from almaz.web.observatory.reading import Reading

PLAIN = str.maketrans({"ң": "н", "ө": "о", "ү": "у", "ё": "е", "й": "и", "ъ": "ь"})
KINDS = ("region", "cluster", "industry")


@dataclass(frozen=True)
class Found:
    """A region, a cluster or an industry. cluster: the industry's cluster, where its page is."""

    kind: str
    code: str
    name: str
    cluster: str = ""


def folded(written: str) -> str:
    """A text as it is compared: small letters, without accents and the letters of one keyboard alone, words parted by a space."""
    small = unicodedata.normalize("NFC", written.lower()).translate(PLAIN)
    bare = "".join(letter for letter in unicodedata.normalize("NFD", small) if not unicodedata.combining(letter))
    return " ".join(re.findall(r"\w+", bare))


def find(reading: Reading, asked: str, kinds: tuple[str, ...] = KINDS, most: int = 30) -> list[Found]:
    """What bears the words asked for, the best first: the whole name, then a name that begins so, then words that begin so.

    Names of all three languages are searched, those of the language in use are shown.
    """
    wanted = folded(asked)
    if not wanted:
        return []
    words = [f" {word}" for word in wanted.split()]
    scored = []
    for kind in kinds:
        for place, (code, names) in enumerate(_index(reading, kind)):
            score = min((_score(name, wanted, words) for name in names), default=None)
            if score is not None and score < 9:
                scored.append((score, KINDS.index(kind), place, kind, code))
    shown = {
        kind: reading.names({"region": "regions", "cluster": "clusters", "industry": "industries"}[kind])
        for kind in kinds
    }
    homes = _clusters(reading) if "industry" in kinds else {}
    return [
        Found(kind, code, shown[kind].get(code, code), homes.get(code, "") if kind == "industry" else "")
        for _score_, _order, _place, kind, code in sorted(scored)[:most]
    ]


def _score(name: str, wanted: str, words: list[str]) -> int:
    if name == wanted:
        return 0
    if name.startswith(wanted):
        return 1
    padded = " " + name
    if all(word in padded for word in words):
        return 2
    return 3 if len(wanted) > 3 and wanted in name else 9


@lru_cache(maxsize=48)
def _index(reading: Reading, kind: str) -> list[tuple[str, tuple[str, ...]]]:
    """Code → its folded names and code. Industries are those that belong to a cluster."""
    table = reading.table({"region": "regions", "cluster": "clusters", "industry": "industries"}[kind])
    columns = [name for name in ("name_en", "name_ru", "name_ky", "name") if name in table.column_names]
    chosen = set(_clusters(reading)) if kind == "industry" else None
    return [
        (row[kind], tuple(dict.fromkeys(folded(row[name]) for name in (*columns, kind) if row[name])))
        for row in table.select([kind, *columns]).to_pylist()
        if chosen is None or row[kind] in chosen
    ]


@lru_cache(maxsize=16)
def _clusters(reading: Reading) -> dict[str, str]:
    table = reading.table("definition")
    return dict(zip(table["industry"].to_pylist(), table["cluster"].to_pylist(), strict=True))
