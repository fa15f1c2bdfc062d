"""Industries and their hierarchy: NAICS with its joined sectors, NACE and ISIC with their letters, or none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pyarrow as pa

from almaz.tables.schema import INDUSTRIES

TOTAL = "total"
_NAICS_SECTORS = {
    "31": "31-33",
    "32": "31-33",
    "33": "31-33",
    "44": "44-45",
    "45": "44-45",
    "48": "48-49",
    "49": "48-49",
}
_NACE_SECTIONS = (
    ("A", 1, 3), ("B", 5, 9), ("C", 10, 33), ("D", 35, 35), ("E", 36, 39), ("F", 41, 43), ("G", 45, 47), ("H", 49, 53),
    ("I", 55, 56), ("J", 58, 63), ("K", 64, 66), ("L", 68, 68), ("M", 69, 75), ("N", 77, 82), ("O", 84, 84), ("P", 85, 85),
    ("Q", 86, 88), ("R", 90, 93), ("S", 94, 96), ("T", 97, 98), ("U", 99, 99),
)  # fmt: skip


def is_aggregate(code: str, system: str | None) -> bool:
    """Whether a code stands outside the tree: the supersectors 101, 1011 … that the U.S. census of employment adds."""
    return (system or "").upper().startswith("NAICS") and code.startswith("10") and len(code) > 2


def parent_of(code: str, known: frozenset[str], system: str | None) -> str | None:
    """The nearest code above this one that the data hold; None for the total itself.

    known: the codes that the data hold. Without a system every industry stands directly under the total.
    """
    total = "10" if (system or "").upper().startswith("NAICS") else TOTAL
    if code in (total, TOTAL):
        return None
    name = (system or "").upper()
    if name.startswith("NAICS"):
        for digits in range(len(code) - 1, 1, -1):
            if code[:digits] in known and "-" not in code:
                return code[:digits]
        sector = _NAICS_SECTORS.get(code[:2])
        return sector if sector in known and sector != code else total
    if name.startswith(("NACE", "ISIC")) and code[:1].isdigit():
        for digits in range(len(code) - 1, 1, -1):
            above = code[:digits].rstrip(".")
            if above in known and above != code:
                return above
        division = int(code[:2]) if code[:2].isdigit() else 0
        section = next((letter for letter, first, last in _NACE_SECTIONS if first <= division <= last), TOTAL)
        return section if section in known else TOTAL
    return TOTAL


def industries_from_codes(
    codes: Iterable[str], system: str | None, names: Mapping[str, Mapping[str, str]] | None = None
) -> pa.Table:
    """The industries table of the codes that the data hold, with each one's parent and level (0 is the total).

    names: code → language → title. Codes outside the tree are left out (see `is_aggregate`).
    """
    titles = names or {}
    known = frozenset(code for code in codes if not is_aggregate(code, system))
    parents = {code: parent_of(code, known, system) for code in sorted(known)}

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
