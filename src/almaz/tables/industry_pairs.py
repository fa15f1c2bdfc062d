"""Relatedness known for other codes (of an input-output table, of another country) carried to the industries of the data."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from almaz.errors import AlmazError, Where
from almaz.language import text as _

FloatArray: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Carried:
    """matrix: (industries, industries), NaN where unknown; nearest: industries that no code names, which took the mean of
    their nearest relatives'; unknown: industries without any."""

    matrix: FloatArray
    nearest: tuple[str, ...]
    unknown: tuple[str, ...]


def carried_by_codes(
    matrix: FloatArray, codes: Sequence[str], covered: Mapping[str, Sequence[str]], industries: Sequence[str]
) -> Carried:
    """A matrix over the codes of another table, for every pair of the data's industries.

    matrix: (codes, codes); covered: code → beginnings of industry codes it covers; an industry of several codes takes
    their mean, two industries of one code take its diagonal. An industry that no code names (of another revision, say)
    takes the mean of the codes whose industries share its first digits, as many as can be and at least three.
    """
    weights = np.zeros((len(industries), len(codes)))
    nearest: list[str] = []
    unknown: list[str] = []
    for line, industry in enumerate(industries):
        held = [place for place, code in enumerate(codes) if any(industry.startswith(p) for p in covered[code])]
        if not held:
            held = _relatives(industry, codes, covered)
            (nearest if held else unknown).append(industry)
        weights[line, held] = 1.0 / max(len(held), 1)
    result = weights @ matrix @ weights.T
    lost = weights.sum(axis=1) == 0.0
    result[lost] = np.nan
    result[:, lost] = np.nan
    return Carried(result, tuple(nearest), tuple(unknown))


def _relatives(industry: str, codes: Sequence[str], covered: Mapping[str, Sequence[str]]) -> list[int]:
    for digits in range(len(industry) - 1, 2, -1):
        held = [
            place for place, code in enumerate(codes) if any(p.startswith(industry[:digits]) for p in covered[code])
        ]
        if held:
            return held
    return []


def read_borrowed(path: Path, industries: Sequence[str], concordance: Mapping[str, Mapping[str, float]]) -> Carried:
    """Relatedness measured in another country: CSV with industry, industry_2, relatedness, one row per pair.

    concordance: the other country's code → code of the data → weight; empty where both use the same codes. A pair of
    the data takes the weighted mean of the pairs that it comes from. Raises AlmazError for a missing column or a value
    that is no number.
    """
    with path.open(encoding="utf-8-sig", newline="") as source:
        rows = list(csv.DictReader(source))
    for name in ("industry", "industry_2", "relatedness"):
        if not rows or name not in rows[0]:
            raise AlmazError(
                _("there is no column «{name}»", name=name),
                where=Where(file=str(path)),
                expected="industry, industry_2, relatedness",
            )
    place = {code: line for line, code in enumerate(industries)}
    sums, weights = np.zeros((len(place), len(place))), np.zeros((len(place), len(place)))
    for number, row in enumerate(rows, start=2):
        try:
            value = float(row["relatedness"].replace(",", "."))
        except ValueError:
            raise AlmazError(
                _("«{value}» is not a number", value=row["relatedness"]),
                where=Where(file=str(path), row=number, column="relatedness"),
            ) from None
        for first, share in _targets(row["industry"], concordance, place):
            for second, part in _targets(row["industry_2"], concordance, place):
                sums[first, second] += share * part * value
                weights[first, second] += share * part
    sums, weights = sums + sums.T, weights + weights.T
    with np.errstate(invalid="ignore", divide="ignore"):
        matrix = np.where(weights > 0.0, sums / weights, np.nan)
    unknown = [code for code, line in place.items() if not np.isfinite(matrix[line]).any()]
    return Carried(matrix, (), tuple(unknown))


def _targets(
    code: str, concordance: Mapping[str, Mapping[str, float]], place: Mapping[str, int]
) -> list[tuple[int, float]]:
    if code in place:
        return [(place[code], 1.0)]
    return [(place[new], weight) for new, weight in concordance.get(code, {}).items() if new in place]


def read_occupations(path: Path, industries: Sequence[str]) -> FloatArray:
    """Persons by industry and occupation: CSV with industry, occupation, employment.

    Codes may be coarser than the data's: an industry takes the row of the longest code that begins its own. Returns (industries,
    occupations), NaN for an industry of which nothing is known.
    """
    with path.open(encoding="utf-8-sig", newline="") as source:
        rows = list(csv.DictReader(source))
    for name in ("industry", "occupation", "employment"):
        if not rows or name not in rows[0]:
            raise AlmazError(
                _("there is no column «{name}»", name=name),
                where=Where(file=str(path)),
                expected="industry, occupation, employment",
            )
    occupations = {code: column for column, code in enumerate(sorted({row["occupation"] for row in rows}))}
    held: dict[str, FloatArray] = {}
    for number, row in enumerate(rows, start=2):
        try:
            value = float(row["employment"].replace(",", "."))
        except ValueError:
            raise AlmazError(
                _("«{value}» is not a number", value=row["employment"]),
                where=Where(file=str(path), row=number, column="employment"),
            ) from None
        held.setdefault(row["industry"], np.zeros(len(occupations)))[occupations[row["occupation"]]] += value
    table = np.full((len(industries), len(occupations)), np.nan)
    for line, industry in enumerate(industries):
        code = next((industry[:digits] for digits in range(len(industry), 1, -1) if industry[:digits] in held), None)
        if code is not None:
            table[line] = held[code]
    return table
