"""Concordances: what the codes of one vintage of a classification became in another, one to many, by weights."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from almaz.errors import AlmazError, Where
from almaz.language import text as _
from almaz.tables.schema import OBSERVATIONS, Status

TOLERANCE = 0.001
"""How far the weights of a code may be from 1 together (thirds written with three decimals)."""
UNMATCHED = pa.schema(
    [
        ("industry", pa.string()),
        ("cells", pa.int64()),
        ("share_of_cells", pa.float64()),
        ("establishments", pa.float64()),
        ("share_of_establishments", pa.float64()),
        ("employment", pa.float64()),
        ("share_of_employment", pa.float64()),
    ]
)
"""Codes that neither the classification nor the concordance holds; shares are of all the observations given, which hold
every level of a hierarchy that they list; null where the measure is nowhere published."""


@dataclass(frozen=True)
class Concordance:
    """Code of the old vintage → codes of the new one with the share of the old code that goes to each (sums to 1)."""

    weights: dict[str, dict[str, float]]

    def codes(self, code: str) -> list[str]:
        """The codes that this one became."""
        return list(self.weights.get(code, ()))


@dataclass(frozen=True)
class Unmatched:
    """What a conversion met: observations whose code stayed, was converted, or is unknown (listed in `table`)."""

    direct: int
    converted: int
    unmatched: int
    table: pa.Table


def read_concordance(path: Path) -> Concordance:
    """Read a CSV with `industry`, `to_industry` and, where a code goes to several, `weight`.

    Weights may be left out of a whole code: its successors then share it equally (for definitions they do not matter).
    Raises AlmazError naming the row: a missing column, an empty code, a pair that stands twice, a weight that is no
    number above 0 and up to 1, a code of which only some rows have a weight, or whose weights do not add up to 1.
    """
    with path.open(encoding="utf-8-sig", newline="") as source:
        rows = list(csv.DictReader(source))
    for name in ("industry", "to_industry"):
        if not rows or name not in rows[0]:
            raise AlmazError(
                _("there is no column «{name}»", name=name),
                where=Where(file=str(path)),
                expected="industry, to_industry, weight",
            )
    written: dict[str, dict[str, float | None]] = {}
    first: dict[str, int] = {}
    for number, row in enumerate(rows, start=2):
        old, new = (row["industry"] or "").strip(), (row["to_industry"] or "").strip()
        if not old or not new:
            raise AlmazError(_("a code is missing"), where=Where(file=str(path), row=number))
        if new in written.setdefault(old, {}):
            raise AlmazError(
                _("the pair {old} → {new} stands twice", old=old, new=new), where=Where(file=str(path), row=number)
            )
        written[old][new] = _weight(row.get("weight"), path, number)
        first.setdefault(old, number)
    return Concordance({old: _complete(old, parts, path, first[old]) for old, parts in written.items()})


def _weight(text: str | None, path: Path, number: int) -> float | None:
    if not (text or "").strip():
        return None
    try:
        weight = float(str(text).replace(",", "."))
    except ValueError:
        weight = -1.0
    if not 0 < weight <= 1 + TOLERANCE:
        raise AlmazError(
            _("the weight «{weight}» is not a share", weight=text),
            where=Where(file=str(path), row=number, column="weight"),
            expected=_("a number above 0 and up to 1"),
        )
    return weight


def _complete(old: str, parts: dict[str, float | None], path: Path, number: int) -> dict[str, float]:
    given = [weight for weight in parts.values() if weight is not None]
    if not given:
        return dict.fromkeys(parts, 1 / len(parts))
    if len(given) < len(parts) or abs(sum(given) - 1) > TOLERANCE:
        raise AlmazError(
            _("the weights of {code} do not add up to 1 but to {total}", code=old, total=round(sum(given), 6)),
            where=Where(file=str(path), row=number, column="weight"),
            expected=_("one weight per row, together 1, or none at all"),
        )
    return {new: (weight or 0.0) / sum(given) for new, weight in parts.items()}


def apply(
    observations: pa.Table, concordance: Concordance, industries: Iterable[str] = ()
) -> tuple[pa.Table, Unmatched]:
    """Observations in the codes of the new vintage; a code that nobody knows stays as it is and is reported.

    industries: the codes of the new vintage; one of them is left as it is, even where the concordance holds it too.
    A figure that goes to several codes is divided by the weights, several that come to one code are added up; a sum with
    a part that is hidden or missing is hidden or missing itself. Check for duplicates first: they would be added up.
    """
    known = set(industries)
    codes = pc.unique(observations["industry"]).to_pylist()
    moved = {code for code in codes if code not in known and code in concordance.weights}
    strange = [code for code in codes if code not in known and code not in moved] if known else []
    targets = {new for code in moved for new in concordance.weights[code]}
    touched = pc.is_in(
        observations["industry"], value_set=pa.array(sorted(moved | (targets & set(codes))), pa.string())
    )
    kept, changing = observations.filter(pc.invert(touched)), observations.filter(touched)
    converted = _added_up(changing, {code: concordance.weights[code] for code in moved})
    count = pc.sum(pc.is_in(observations["industry"], value_set=pa.array(sorted(moved), pa.string()))).as_py() or 0
    table = _unmatched(observations, strange)
    lost = sum(table["cells"].to_pylist())
    result = pa.concat_tables([kept, converted], promote_options="permissive")
    return result, Unmatched(observations.num_rows - count - lost, count, lost, table)


def _added_up(rows: pa.Table, weights: dict[str, dict[str, float]]) -> pa.Table:
    worst = {status: place for place, status in enumerate((Status.NIL, Status.PUBLISHED, Status.NOT_YET))}
    worst |= {Status.NOT_AVAILABLE: 3, Status.SUPPRESSED: 4}
    sums: dict[tuple[str, str, int, str], dict[str, object]] = {}
    for row in rows.to_pylist():
        for new, weight in weights.get(row["industry"], {row["industry"]: 1.0}).items():
            value = None if row["value"] is None else row["value"] * weight
            key = (row["region"], new, row["year"], row["measure"])
            held = sums.get(key)
            if held is None:
                sums[key] = {**row, "industry": new, "value": value}
                continue
            total = held["value"]
            held["value"] = None if value is None or total is None else float(str(total)) + value
            held["status"] = max(str(held["status"]), str(row["status"]), key=lambda status: worst[Status(status)])
    return pa.Table.from_pylist(list(sums.values()), schema=OBSERVATIONS)


def _unmatched(observations: pa.Table, strange: list[str]) -> pa.Table:
    cells = observations.num_rows

    def total(code: str | None, measure: str) -> float | None:
        mine = pc.equal(observations["measure"], measure)
        if code is not None:
            mine = pc.and_(mine, pc.equal(observations["industry"], code))
        found: float | None = pc.sum(observations["value"].filter(mine)).as_py()
        return found

    wholes = {measure: total(None, measure) for measure in ("establishments", "employment")}
    rows: list[dict[str, object]] = []
    for code in sorted(strange):
        count = pc.sum(pc.equal(observations["industry"], code)).as_py()
        line: dict[str, object] = {"industry": code, "cells": count, "share_of_cells": count / cells}
        for measure, whole in wholes.items():
            part = total(code, measure)
            line[measure] = part
            line[f"share_of_{measure}"] = None if part is None or not whole else part / whole
        rows.append(line)
    return pa.Table.from_pylist(rows, schema=UNMATCHED)
