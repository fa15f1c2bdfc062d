"""Which revision of NAICS, NACE or ISIC a set of codes belongs to, told by the codes that only some revisions have."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from almaz.tables import nace
from almaz.tables.problems import problem

REVISIONS: Final = (2012, 2017, 2022)

_ONLY: Final[tuple[tuple[frozenset[int], str], ...]] = (
    (
        frozenset({2012}),
        "211111 211112 212231 212234 333911 333913 335221 335222 335224 335228 452111 452112 452910 452990 454111 454112"
        " 454113 512210 512220 517110 517210 532220 532230 532291 532292 532299 541711 541712",
    ),
    (frozenset({2017}), "452210 452311 452319 454110 517311 517312"),
    (
        frozenset({2017, 2022}),
        "211120 211130 212230 333914 335220 512250 532281 532282 532283 532284 532289 541713 541714 541715",
    ),
    (
        frozenset({2012, 2017}),
        "212111 212112 212113 212221 212222 442110 443141 443142 446110 447110 447190 448110 448120 451110 453110 454310"
        " 511110 511120 511130 511140 511210 515111 515112 515120 515210 517911 517919 519110 519120 519130 522120",
    ),
    (
        frozenset({2022}),
        "212114 212115 212220 212290 449110 449210 455110 455211 455219 456110 457110 457120 458110 458210 459110 513110"
        " 513120 513130 513140 513210 516110 516120 516210 517111 517112 517121 517122 517810 519210 519290 522180",
    ),
)
"""Well-known changed six-digit codes and the revisions that have them. Sources: U.S. Census Bureau, NAICS concordances 2012
to 2017 and 2017 to 2022; the first is complete, as in table EC1700BRIDGE2 of the 2017 Economic Census."""

_HELD_IN: Final = {code: revisions for revisions, codes in _ONLY for code in codes.split()}


@dataclass(frozen=True)
class Vintage:
    """What the codes say. fits: the revisions that have all of them (all three where no code tells; none: mixed);
    telling: the codes that only some revisions have, by those revisions."""

    fits: tuple[int | str, ...]
    telling: dict[tuple[int | str, ...], tuple[str, ...]]

    @property
    def mixed(self) -> bool:
        """Whether no one revision has all the codes."""
        return not self.fits


def naics_vintage(codes: Iterable[str]) -> Vintage:
    """The revisions of NAICS (2012, 2017, 2022) that a set of six-digit codes can belong to."""
    fits = set(REVISIONS)
    telling: dict[tuple[int | str, ...], list[str]] = {}
    for code in sorted(set(codes) & set(_HELD_IN)):
        fits &= _HELD_IN[code]
        telling.setdefault(tuple(sorted(_HELD_IN[code])), []).append(code)
    return Vintage(tuple(sorted(fits)), {revisions: tuple(held) for revisions, held in telling.items()})


def nace_vintage(codes: Iterable[str]) -> Vintage:
    """The revisions of NACE (and ISIC) that a set of codes can belong to, told by divisions and by letters before them.

    K62 is of Rev. 2.1, J62 of Rev. 2, K72 of Rev. 1.1; 45 without a letter is not of Rev. 2.1. Codes of no revision tell nothing.
    """
    fits = set(nace.REVISIONS)
    telling: dict[tuple[int | str, ...], list[str]] = {}
    for code in sorted(set(codes)):
        held = nace.fitting(code)
        if held and len(held) < len(nace.REVISIONS):
            fits &= held
            telling.setdefault(tuple(sorted(held)), []).append(code)
    return Vintage(tuple(sorted(fits)), {revisions: tuple(held) for revisions, held in telling.items()})


def check_vintages(codes: Iterable[str], system: str | None) -> list[dict[str, object]]:
    """A line of PROBLEMS where the codes are of several revisions of the classification, or all of another one than the
    study names, with the evidence."""
    name = (system or "").upper()
    if name.startswith("NAICS"):
        vintage, year = naics_vintage(codes), re.search(r"(20\d\d)", name)
        said: str | int | None = int(year.group(1)) if year else None
    elif name.startswith(("NACE", "ISIC")):
        vintage, said = nace_vintage(codes), nace.revision_of(system)
    else:
        return []
    if not vintage.mixed and (said is None or said in vintage.fits or not vintage.telling):
        return []
    evidence = "; ".join(
        f"{'/'.join(map(str, revisions))}: {', '.join(telling[:3])}"
        for revisions, telling in sorted(vintage.telling.items())
    )
    number = sum(map(len, vintage.telling.values()))
    if vintage.mixed:
        return [problem("mixed_vintages", value=evidence, number=number)]
    return [problem("other_vintage", value=evidence, number=number, system=system)]
