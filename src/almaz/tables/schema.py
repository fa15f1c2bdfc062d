"""The tidy tables: their columns, units and the marks that say how well a cell is known.

One observation is one row. Every reader ends in `OBSERVATIONS`; everything after it starts there.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import pyarrow as pa


class Status(StrEnum):
    """How well a cell is known. Unknown is never zero: only `NIL` and `PUBLISHED` carry a number of their own."""

    PUBLISHED = "published"
    NIL = "nil"
    """The office says that there is none ("-"): the value is 0."""
    NOT_AVAILABLE = "not_available"
    """The office has no figure ("…", "na"); any non-negative value is possible."""
    NOT_YET = "not_yet"
    """The figure is still to come (blank cell in the last years)."""
    SUPPRESSED = "suppressed"
    """The office knows and hides it ("x", "(D)", "c"): an interval."""


STATUSES: Final = tuple(Status)
"""Their order is the code stored in `Cells.status`."""

MEASURES: Final = {
    "employment": "persons",
    "establishments": "count",
    "wages": "currency",
    "output": "currency",
    "value_added": "currency",
    "exports": "currency",
    "production": "as published",
}
"""Additive activity measures and their unit; a study may state another unit for its own data."""


def _schema(**columns: pa.DataType) -> pa.Schema:
    return pa.schema(list(columns.items()))


OBSERVATIONS: Final = _schema(
    region=pa.string(),
    industry=pa.string(),
    year=pa.int32(),
    measure=pa.string(),
    value=pa.float64(),  # null unless published or nil
    status=pa.dictionary(pa.int8(), pa.string()),
    file=pa.dictionary(pa.int16(), pa.string()),
    sheet=pa.dictionary(pa.int16(), pa.string()),  # null for files without sheets
    row=pa.int32(),  # as the user counts them: from 1, header rows included
    column=pa.dictionary(pa.int16(), pa.string()),  # the header's text or the spreadsheet letter
)
"""Activity by region, industry and year, as read, each cell with its place in the user's file."""

REGIONS: Final = _schema(
    region=pa.string(),
    parent=pa.string(),  # null at the top
    kind=pa.string(),
    name_en=pa.string(),
    name_ru=pa.string(),
    name_ky=pa.string(),
)

INDUSTRIES: Final = _schema(
    industry=pa.string(),
    parent=pa.string(),  # null at the top
    level=pa.int8(),  # 0 is the total
    name_en=pa.string(),
    name_ru=pa.string(),
    name_ky=pa.string(),
)

DEFINITION: Final = _schema(
    industry=pa.string(),
    cluster=pa.string(),
    subcluster=pa.string(),  # null: the cluster has none
    kind=pa.string(),  # traded | local
    weight=pa.float64(),  # share of the industry that belongs to the cluster
)
"""A cluster definition: which industries make which cluster (Delgado, Porter and Stern 2016)."""

INDICATORS: Final = _schema(
    indicator=pa.string(),
    region=pa.string(),
    year=pa.int32(),
    value=pa.float64(),  # null unless published or nil
    status=pa.dictionary(pa.int8(), pa.string()),
    unit=pa.string(),
    source=pa.string(),
    direction=pa.int8(),  # 1: more is better, -1: less is better, null: not said
    corner=pa.string(),  # the determinant that it measures, or the name of an outcome; null: not said
    name_en=pa.string(),
    name_ru=pa.string(),
    name_ky=pa.string(),
    file=pa.dictionary(pa.int16(), pa.string()),
    sheet=pa.dictionary(pa.int16(), pa.string()),
    row=pa.int32(),
    column=pa.dictionary(pa.int16(), pa.string()),
)
"""Indicators of regions, one figure a row: what the diamond, the conditions and the impact model start from."""

FIRMS: Final = _schema(
    organisation=pa.string(),  # its code in the file
    name=pa.string(),
    kind=pa.string(),  # firm, supplier, university, association … as the study says
    region=pa.string(),
    industry=pa.string(),
    year=pa.int32(),  # null: not said
    employees=pa.float64(),
    status=pa.dictionary(pa.int8(), pa.string()),  # of employees
    lon=pa.float64(),
    lat=pa.float64(),
    file=pa.dictionary(pa.int16(), pa.string()),
    sheet=pa.dictionary(pa.int16(), pa.string()),
    row=pa.int32(),
)
"""Organisations of a cluster at their places (article A1: firms, suppliers, service providers, institutions)."""

SITES: Final = _schema(
    site=pa.string(),
    industry=pa.string(),
    weight=pa.float64(),  # null where it is not known
    x=pa.float64(),  # metres
    y=pa.float64(),
    longitude=pa.float64(),  # degrees, NaN where the file gives metres without a projection
    latitude=pa.float64(),
    row=pa.int32(),  # in the user's file
)
"""Establishments as points."""

PROBLEMS: Final = _schema(
    level=pa.string(),  # error | warning | note
    kind=pa.string(),  # e.g. unknown_region, duplicate, total_mismatch
    file=pa.string(),
    sheet=pa.string(),
    row=pa.int32(),
    column=pa.string(),
    value=pa.string(),  # as written in the file
    details=pa.string(),  # JSON: what the sentence needs besides (see `problems`)
    count=pa.int64(),  # how many cells or rows this line stands for
)
"""What a check found, without sentences (`problems.said` makes them in the reader's language).

Errors stop a run, warnings and notes are kept in the edition."""
