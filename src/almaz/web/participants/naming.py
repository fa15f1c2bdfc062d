"""Names of organisations compared: across scripts, spellings and legal forms."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from rapidfuzz import fuzz, process

from almaz.web.centre.models import Cluster
from almaz.web.participants.models import Distinct, Organisation

ALIKE = 86.0
"""From this likeness of two names (0 … 100) on they are shown as one perhaps."""
FORMS = frozenset((
    *("ооо", "осоо", "жчк", "зао", "оао", "пао", "ао", "ачык", "жабык", "акционердик", "ип", "жк", "чп", "кфх", "кх", "дых"),
    *("общество", "с", "ограниченной", "ответственностью", "жоопкерчилиги", "чектелген", "коом", "коому", "акционерное"),
    *("индивидуальный", "предприниматель", "жеке", "ишкер", "крестьянское", "хозяйство", "дыйкан", "чарбасы", "кооператив"),
    *("llc", "ltd", "jsc", "cjsc", "ojsc", "pjsc", "inc", "corp", "gmbh", "co", "limited", "liability", "company", "cooperative"),
))  # fmt: skip
"""Words of legal forms, which names are compared without; not those that are also names of places (Ак, Тоо)."""
LETTERS = dict(zip(
    "абвгдеёжзийклмнопрстуфхцчшщъыьэюяңөүһқғәіўї",
    ("a", "b", "v", "g", "d", "e", "e", "j", "z", "i", "i", "k", "l", "m", "n", "o", "p", "r", "s", "t", "u", "f", "h", "ts",
     "ch", "sh", "sh", "", "y", "", "e", "iu", "ia", "n", "o", "u", "h", "k", "g", "a", "i", "u", "i"), strict=True,
))  # fmt: skip
SPELLINGS = (("zh", "j"), ("dj", "j"), ("kh", "h"), ("yu", "iu"), ("ya", "ia"), ("ye", "e"), ("yo", "e"), ("io", "e"),
             ("ck", "k"), ("c", "s"), ("x", "ks"), ("w", "v"), ("ng", "n"), ("y", "i"), ("q", "k"))  # fmt: skip
"""How one sound is written in Latin letters by one and by another, as rewritings in this order; `ch` and `sh` are kept."""


def normalised(name: str) -> str:
    """A name without legal form, quotation marks and case, in one Latin spelling: «Ысык-Көл Жемиш» ЖЧК → isik kol jemish.

    Kyrgyz Ң, Ө, Ү count as Н, О, У, and Ё as Е, for so they are written where a keyboard lacks them.
    """
    plain = unicodedata.normalize("NFKC", name).casefold()
    words = [word for word in re.split(r"[^\w]+", plain) if word and word not in FORMS]
    latin = ["".join(LETTERS.get(letter, letter) for letter in word) for word in words]
    return " ".join(filter(None, (_spelt(_without_accents(word)) for word in latin)))


def _without_accents(word: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFD", word) if unicodedata.category(letter) != "Mn")


def _spelt(word: str) -> str:
    kept = word.replace("ch", "\1").replace("sh", "\2")
    for usual, ours in SPELLINGS:
        kept = kept.replace(usual, ours)
    kept = kept.replace("\1", "ch").replace("\2", "sh")
    return re.sub(r"(.)\1+", r"\1", kept) if not kept.isdigit() else kept


def number(tax_id: str) -> str:
    """A tax number without what is written between its digits."""
    return re.sub(r"[^0-9a-zа-я]", "", tax_id.casefold())


@dataclass(frozen=True)
class Pair:
    """Two organisations that may be one. certain: the same tax number; likeness: of their names, 0 … 100."""

    first: Organisation
    second: Organisation
    certain: bool
    likeness: float


def alike(organisations: Sequence[Organisation], least: float = ALIKE) -> list[Pair]:
    """Pairs of the same tax number, or of names that are alike in any script, the surest first.

    Likeness: the best over the names of both of the token-sort ratio, 100 · 2M / T with M matching letters of T in all, words
    sorted (RapidFuzz). Two different tax numbers make two organisations, however alike their names.
    """
    owners, written = [], []
    for place, one in enumerate(organisations):
        spellings = {normalised(name) for name in (one.name, one.name_ky, one.name_ru, one.name_en) if name} - {""}
        owners += [place] * len(spellings)
        written += sorted(spellings)
    likeness: dict[tuple[int, int], float] = {}
    if written:
        scores = process.cdist(written, written, scorer=fuzz.token_sort_ratio, score_cutoff=least, dtype=np.float32)
        for row, column in zip(*np.nonzero(np.triu(scores, 1)), strict=True):
            pair = (min(owners[row], owners[column]), max(owners[row], owners[column]))
            if pair[0] != pair[1]:
                likeness[pair] = max(likeness.get(pair, 0.0), float(scores[row, column]))
    numbers = [number(str(one.tax_id)) for one in organisations]
    by_number: dict[str, list[int]] = {}
    for place, digits in enumerate(numbers):
        if digits:
            by_number.setdefault(digits, []).append(place)
    same = {(a, b) for held in by_number.values() for at, a in enumerate(held) for b in held[at + 1 :]}
    found = [
        Pair(organisations[a], organisations[b], (a, b) in same, likeness.get((a, b), 0.0))
        for a, b in {*likeness, *same}
        if (a, b) in same or not (numbers[a] and numbers[b])
    ]
    return sorted(found, key=lambda pair: (not pair.certain, -pair.likeness, pair.first.name, pair.second.name))


def duplicates(cluster: Cluster) -> list[Pair]:
    """The pairs of a cluster that nobody has called two yet."""
    told = {frozenset(pair) for pair in Distinct.of(cluster).values_list("first_id", "second_id")}
    pairs = alike(list(Organisation.of(cluster)))
    return [pair for pair in pairs if frozenset((pair.first.pk, pair.second.pk)) not in told]


def same_elsewhere(organisation: Organisation, clusters: Iterable[Cluster]) -> list[Any]:
    """Records of the same organisation in other clusters of these: the same tax number, or the same name where one has none."""
    others = Organisation.objects.filter(cluster__in=clusters).exclude(cluster=organisation.cluster)
    mine, called = number(str(organisation.tax_id)), normalised(str(organisation.name))
    found = []
    for other in others.select_related("cluster"):
        theirs = number(str(other.tax_id))
        if mine == theirs if mine and theirs else called == normalised(str(other.name)):
            found.append(other)
    return found
