"""Industries and their hierarchy: NAICS with its joined sectors, NACE and ISIC with their letters, or none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pyarrow as pa

from almaz.tables.nace import revision_of, span_of
from almaz.tables.schema import INDUSTRIES

TOTAL = "total"
_NAICS = frozenset(
    ("11", "21", "22", "23", "31", "32", "33", "42", "44", "45", "48", "49", "51", "52", "53", "54", "55", "56", "61", "62",
     "71", "72", "81", "92", "99", "10")
)  # fmt: skip
"""First two digits of NAICS; 99 is the census' own "unclassified"."""
_NAICS_SECTORS = {
    "31": "31-33",
    "32": "31-33",
    "33": "31-33",
    "44": "44-45",
    "45": "44-45",
    "48": "48-49",
    "49": "48-49",
}


def is_aggregate(code: str, system: str | None) -> bool:
    """Whether a code stands outside the tree: the supersectors 101, 1011 … that the U.S. census of employment adds, and sums
    that Eurostat publishes over parts that do not lie together (B-N_X_K)."""
    name = (system or "").upper()
    if name.startswith("NAICS"):
        return code.startswith("10") and len(code) > 2
    return name.startswith(("NACE", "ISIC")) and "_X_" in code.upper()


def is_total(code: str, system: str | None) -> bool:
    """Whether a code stands for all industries together."""
    return code == TOTAL or ((system or "").upper().startswith("NAICS") and code == "10")


def is_code(code: str, system: str | None) -> bool:
    """Whether a code can be one of the classification; without a system every code can."""
    name = (system or "").upper()
    if is_total(code, system) or is_aggregate(code, system) or not name.startswith(("NAICS", "NACE", "ISIC")):
        return True
    if name.startswith("NAICS"):
        return code in _NAICS_SECTORS.values() or (
            code.isascii() and code.isdigit() and 2 <= len(code) <= 6 and code[:2] in _NAICS
        )
    return span_of(code, revision_of(system)) is not None


def parents_of(codes: Iterable[str], system: str | None) -> dict[str, str | None]:
    """The nearest code above each that is among the codes too, or the total; None for the total itself.

    Without a system every industry stands directly under the total. Of sums that cross each other (B-E and C-F) the longer
    stands outside, under the total with nothing under it.
    """
    known = frozenset(codes)
    name = (system or "").upper()
    if name.startswith("NAICS"):
        return {code: _above_in_naics(code, known) for code in sorted(known)}
    if name.startswith(("NACE", "ISIC")):
        return _above_by_span(known, revision_of(system))
    return {code: None if code == TOTAL else TOTAL for code in sorted(known)}


def _above_in_naics(code: str, known: frozenset[str]) -> str | None:
    if code in ("10", TOTAL):
        return None
    for digits in range(len(code) - 1, 1, -1):
        if code[:digits] in known and "-" not in code:
            return code[:digits]
    sector = _NAICS_SECTORS.get(code[:2])
    return sector if sector in known and sector != code else "10"


def _above_by_span(known: frozenset[str], revision: str) -> dict[str, str | None]:
    spans = {code: span for code in sorted(known) if (span := span_of(code, revision)) is not None}
    total = next((code for code, span in spans.items() if span.rank == 0), TOTAL)
    crossing = {
        one
        for one, span in spans.items()
        if span.rank % 2  # only sums can cross; codes of the hierarchy lie in each other or apart
        for other in spans.values()
        if span.crosses(other) and span.last - span.first >= other.last - other.first
    }
    inside = {code: span for code, span in spans.items() if code not in crossing and code != total}
    parents: dict[str, str | None] = {}
    for code in sorted(known):
        around = [above for above, span in inside.items() if code in spans and span.holds(spans[code])]
        near = min(
            around, key=lambda above: (inside[above].last - inside[above].first, -inside[above].rank), default=total
        )
        parents[code] = None if code in (total, TOTAL) else near
    return parents


def industries_from_codes(
    codes: Iterable[str],
    system: str | None,
    names: Mapping[str, Mapping[str, str]] | None = None,
    listed: Iterable[str] | None = None,
) -> pa.Table:
    """The industries table of the codes that the data hold, with each one's parent and level (0 is the total).

    names: code → language → title; listed: the codes of the study's own list of industries, where it has one. Codes that are
    not of the classification or not listed are left out, and so are aggregates outside the tree (see `is_aggregate`).
    """
    titles = names or {}
    only = None if listed is None else frozenset(listed)
    parents = parents_of(
        (
            code
            for code in codes
            if is_code(code, system)
            and not is_aggregate(code, system)
            and (only is None or code in only or is_total(code, system))
        ),
        system,
    )

    def level(code: str | None) -> int:
        return 0 if code is None or parents.get(code) is None else 1 + level(parents[code])

    return pa.Table.from_pylist(
        [
            {
                "industry": code,
                "parent": parent,
                "level": level(code),
                **{f"name_{language}": titles.get(code, {}).get(language) for language in ("en", "ru", "ky")},
            }
            for code, parent in parents.items()
        ],
        schema=INDUSTRIES,
    )


def leaves(industries: pa.Table) -> list[str]:
    """The industries that no other industry of the table lies under, totals left out."""
    parents = set(industries["parent"].to_pylist())
    return [
        code
        for code, parent in zip(industries["industry"].to_pylist(), industries["parent"].to_pylist(), strict=True)
        if code not in parents and parent is not None
    ]
