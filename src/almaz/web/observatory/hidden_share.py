"""How much of the activity the office hides: it stands with every figure."""

from __future__ import annotations

from functools import lru_cache

import pyarrow.compute as pc

from almaz.web.observatory.portfolio import measure_of, per_head
from almaz.web.observatory.reading import Reading


def hidden_share(reading: Reading, kind: str, code: str) -> float | None:
    """The part of a region's, a cluster's or the country's activity that is hidden and estimated; None where products are not added up."""
    if per_head(reading):
        return None
    return of_country(reading) if kind == "country" else _of(reading, kind, code)


def of_country(reading: Reading) -> float:
    """The hidden part of all activity in the last year."""
    return _of(reading, "", "") or 0.0


@lru_cache(maxsize=512)
def _of(reading: Reading, kind: str, code: str) -> float | None:
    names = ("subcluster", "year", "hidden_share", measure_of(reading))
    table = (
        reading.part(**{kind: code}).columns("portfolio", (*names, kind))
        if kind
        else reading.held("portfolio").table.select(names)
    )
    rows = table.filter(pc.and_(pc.is_null(table["subcluster"]), pc.equal(table["year"], pc.max(table["year"]))))
    size = rows[measure_of(reading)]
    whole = pc.sum(size).as_py()
    return (pc.sum(pc.multiply(rows["hidden_share"], size)).as_py() or 0.0) / whole if whole else None
