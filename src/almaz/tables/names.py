"""How a name in a table finds its region: by code, by name in any of three languages, by another spelling."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches

import pyarrow as pa
import pyarrow.compute as pc

from almaz.tables.problems import problem
from almaz.tables.schema import PROBLEMS

_ADMINISTRATIVE = re.compile(
    r"\b(облусу|облус|области|область|обл|oblast|region|району|район|районы|raion|rayon|district|шаары|ш|город|г|city"
    r"|республикасы|республика|republic)\b\.?",
    re.IGNORECASE,
)
_KINDS = {
    "oblast": re.compile(r"\b(облусу|облус|области|область|обл|oblast|region)\b", re.IGNORECASE),
    "raion": re.compile(r"\b(району|район|районы|raion|rayon|district)\b", re.IGNORECASE),
    "city": re.compile(r"\b(шаары|ш|город|г|city)\b", re.IGNORECASE),
}
"""The words that tell the oblast of Osh from the city of Osh."""
_SPELLINGS = (("dzh", "j"), ("zh", "j"), ("dj", "j"), ("kh", "h"), ("gh", "g"), ("y", "i"), ("iu", "u"), ("ck", "k"))
"""Ways to write the same Kyrgyz sound in Latin letters."""
_KYRGYZ = str.maketrans({"ӊ": "ң", "ё": "е"})


def simplified(name: str) -> str:
    """A name without case, administrative words and punctuation: "Баткен облусу" and "Батkен обл." meet here."""
    plain = _ADMINISTRATIVE.sub(" ", name.lower().translate(_KYRGYZ))
    return re.sub(r"[^\w]+", "", plain)


def spelling(name: str) -> str:
    """A simplified Latin name with the usual transliterations made one: "Dzhety-Oghuz" and "Jeti-Oguz" meet here."""
    plain = simplified(name)
    for written, meant in _SPELLINGS:
        plain = plain.replace(written, meant)
    return re.sub(r"(.)\1+", r"\1", plain)


def _kinds(name: str | None) -> set[str]:
    return {kind for kind, words in _KINDS.items() if words.search(name or "")}


def words_of_kind(name: str) -> str:
    """The kind of region that a name says (oblast, raion, city), or ""."""
    return next(iter(sorted(_kinds(name))), "")


def _of_the_same_kind(label: str, meant: set[str], kinds: dict[str, set[str]]) -> set[str]:
    """Of the regions that a label fits, those of the kind that the label says; all of them where it says none."""
    said = _kinds(label)
    fitting = {code for code in meant if said & kinds[code]}
    return fitting or meant


def match_regions(observations: pa.Table, regions: pa.Table) -> tuple[pa.Table, pa.Table]:
    """Give every row of a table its region's code: by code, else by name in any of the three languages.

    A label such as "Баткен облусу / Баткенская область / Batken oblast" is tried whole and part by part.
    A name that two regions share goes to the one of the kind that the label says (облусу, район, г. …); a name that only
    another transliteration makes fit is taken where it fits one region, and noted, and so is a code that lacks the zeros
    before it. Returns the rows that found a region, and a problem for every label that did not (or that fits two), with the
    nearest codes.
    """
    gazetteer = _gazetteer(regions)
    column = observations["region"]
    encoded = (column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column).dictionary_encode()
    found: list[str | None] = []
    problems = []
    for place, label in enumerate(encoded.dictionary.to_pylist()):
        kind, codes = _found(label, gazetteer)
        found.append(codes[0] if kind in ("code", "name", "spelling", "leading_zero") else None)
        if kind not in ("code", "name"):
            lines = observations.filter(pc.equal(encoded.indices, place))
            problems.append(_placed_badly(lines, label, codes, kind))
    codes = pa.array(found, pa.string()).take(encoded.indices)
    placed = observations.set_column(observations.schema.get_field_index("region"), "region", codes)
    return placed.filter(pc.is_valid(codes)) if codes.null_count else placed, pa.Table.from_pylist(problems, PROBLEMS)


@dataclass(frozen=True)
class _Gazetteer:
    """What the regions are called: simplified name, and spelling, → codes; code → kinds of region it is."""

    codes: frozenset[str]
    named: dict[str, set[str]]
    spelled: dict[str, set[str]]
    kinds: dict[str, set[str]]
    padded: dict[str, set[str]]


def _gazetteer(regions: pa.Table) -> _Gazetteer:
    named: dict[str, set[str]] = {}
    spelled: dict[str, set[str]] = {}
    kinds: dict[str, set[str]] = {}
    padded: dict[str, set[str]] = {}
    for row in regions.to_pylist():
        code = row["region"]
        names = [row[f"name_{language}"] for language in ("en", "ru", "ky") if row[f"name_{language}"]]
        kinds[code] = {row["kind"] or ""}.union(*(_kinds(name) for name in names))
        if code.isdigit() and code.startswith("0"):
            padded.setdefault(code.lstrip("0"), set()).add(code)
        for name in names:
            named.setdefault(simplified(name), set()).add(code)
            spelled.setdefault(spelling(name), set()).add(code)
    return _Gazetteer(frozenset(kinds), named, spelled, kinds, padded)


def _found(label: str, gazetteer: _Gazetteer) -> tuple[str, list[str]]:
    """How a label found its region ("code", "name", "spelling", "leading_zero") and which; or why not, and what is near."""
    parts = [label, *re.split(r"\s*[/|\n]\s*", label)]
    for part in parts:
        if part in gazetteer.codes:
            return "code", [part]
    meant = set().union(*(gazetteer.named.get(simplified(part), set()) for part in parts if simplified(part)))
    near = set().union(*(gazetteer.spelled.get(spelling(part), set()) for part in parts if spelling(part)))
    for kind, codes in (("name", meant), ("spelling", near), ("leading_zero", gazetteer.padded.get(label, set()))):
        fitting = sorted(_of_the_same_kind(label, codes, gazetteer.kinds))
        if fitting:
            return (kind if len(fitting) == 1 else "ambiguous_region"), fitting
    close = get_close_matches(simplified(parts[-1]), list(gazetteer.named), n=3)
    return "unknown_region", sorted({code for name in close for code in gazetteer.named[name]})


def _placed_badly(lines: pa.Table, label: str, close: list[str], kind: str) -> dict[str, object]:
    """A line of PROBLEMS for a label that found its region by spelling only, that fits several, or that fits none."""
    first = lines.slice(0, 1).to_pylist()[0]
    place = {key: first[key] for key in ("file", "sheet", "row")}
    level = "note" if kind in ("spelling", "leading_zero") else "warning"
    return problem(kind, level, **place, column="region", value=label, number=lines.num_rows, close=close)
