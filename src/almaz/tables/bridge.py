"""From the activity's industries to those of an input–output table, by the codes that each holds."""

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
from almaz.tables.bea import prefixes

FloatArray: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Bridge:
    """How activities fall to the industries of a table.

    weights: (n, activities), the share of each activity that belongs to each industry; a column sums to 1, or to 0 where no
    industry holds the activity (`unmatched`); without: industries of the table that hold no activity of the data.
    """

    industries: tuple[str, ...]
    activities: tuple[str, ...]
    weights: FloatArray
    unmatched: tuple[str, ...]
    without: tuple[str, ...]


def read_industry_codes(file: Path) -> dict[str, list[str]]:
    """Read which activity codes each industry of the table holds: CSV with `industry` and `activity` (a code or its beginning).

    Raises AlmazError for a missing column or an empty code, naming the row.
    """
    with file.open(encoding="utf-8-sig", newline="") as source:
        rows = list(csv.DictReader(source))
    held: dict[str, list[str]] = {}
    for name in ("industry", "activity"):
        if not rows or name not in rows[0]:
            raise AlmazError(
                _("there is no column «{name}»", name=name), where=Where(file=str(file)), expected="industry, activity"
            )
    for number, row in enumerate(rows, start=2):
        industry, activity = (row["industry"] or "").strip(), (row["activity"] or "").strip()
        if not industry or not activity:
            raise AlmazError(_("a code is missing"), where=Where(file=str(file), row=number))
        held.setdefault(industry, []).append(activity)
    return held


def bridge(
    industries: Sequence[str], activities: Sequence[str], held: Mapping[str, Sequence[str]], sizes: FloatArray
) -> Bridge:
    """Tie activities to the table's industries by the longest code that begins the activity's own.

    held: of `read_industry_codes` or `tables.bea.read_concordance`; sizes: (n,) of the table's industries (wages, or output): an
    activity that several industries hold is shared by them in that proportion, because nothing finer is published.
    Raises AlmazError where nothing belongs together.
    """
    place = {code: at for at, code in enumerate(industries)}
    known = {code: codes for code, codes in held.items() if code in place}
    weights = np.zeros((len(industries), len(activities)))
    for column, among in enumerate(prefixes(known, activities).values()):
        rows = [place[code] for code in among]
        total = sizes[rows].sum()
        weights[rows, column] = sizes[rows] / total if total > 0 else 1.0 / max(len(rows), 1)
    if not weights.any():
        raise AlmazError(
            _("no activity of the data belongs to any industry of the input–output table"),
            expected=_("codes such as {codes}, or beginnings of them", codes=", ".join(activities[:5])),
            advice=_("name a concordance in the study: [chains] concordance = …"),
        )
    lost = tuple(code for code, whole in zip(activities, weights.sum(axis=0), strict=True) if whole == 0)
    empty = tuple(code for code, whole in zip(industries, weights.sum(axis=1), strict=True) if whole == 0)
    return Bridge(tuple(industries), tuple(activities), weights, lost, empty)
