"""The location quotient over a tidy table of any size, written once as an Ibis expression."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import ibis

from almaz.errors import AlmazError
from almaz.language import text as _


def location_quotients(
    table: ibis.Table,
    *,
    value: str,
    region: str = "region",
    industry: str = "industry",
    by: Sequence[str] = ("year",),
    base: str | ibis.Table | None = None,
    reference: Literal["including", "excluding"] | ibis.Table = "including",
    name: str = "lq",
) -> ibis.Table:
    """How many times larger an industry's share is in a region than in the reference economy, for every row.

    LQ[r, i] = (x[r, i] / b[r]) / (x[i] / b), separately in each group of `by` (years, as a rule).

    table: one row per region × industry (× by), with the additive `value`; null is unknown: the row's quotient is null
    and the row counts in no sum. Rows of totals must not be among them.
    base: what b is. None: the sum of all the region's rows. The name of a column (traded or local, say): the sum of
    the rows of the same kind as the row's own. A table of `region`, the columns of `by` and `value`: that figure (a
    published total, the population), and b its sum over the regions.
    reference: "including" the region itself or "excluding" it (x[i] − x[r, i] and b − b[r]); or a table of
    `industry`, the columns of `by` it depends on and `share`: the industries' shares in a reference economy of choice.
    Returns the table with one column more, `name`; null where a region, an industry or a reference is empty.

    The sums make small tables first; they are then joined to the rows one after another as left joins, which no
    optimiser may reorder into the product of all regions with all industries, so that the rows stream past in the end.
    Source: Florence (1939); Isard (1960), ch. 7.
    """
    kind = [base] if isinstance(base, str) else []
    _check_columns(table, [value, region, industry, *by, *kind])
    # The engines do not tell _x from _X: the columns in between have names that differ in more than case. The value is
    # written out wherever it is used: a column made once and used three times would be stored for all rows.
    x = table[value].cast("float64")
    bases = _bases(table, region, [*by, *kind], base, value)
    wide = _with(table, bases, [region, *by, *kind])
    if isinstance(reference, ibis.Table):
        shares = reference.select(industry, *[c for c in by if c in reference.columns], _share="share")
        wide = _with(wide, shares, [c for c in shares.columns if c != "_share"])
        share = wide._share
    else:
        groups = [*by, *kind]
        nation = (bases.group_by(groups) if groups else bases).agg(_nation=bases._base.sum())
        industries = table.group_by([industry, *groups]).agg(_industry=x.sum())
        wide = _with(wide, _with(industries, nation, groups), [industry, *groups])
        own = reference == "excluding"
        share = (wide._industry - wide[value] if own else wide._industry) / (
            wide._nation - wide._base if own else wide._nation
        ).nullif(0)
    return wide.select(*table.columns, **{name: wide[value] / wide._base.nullif(0) / share.nullif(0)})


def _bases(
    table: ibis.Table, region: str, groups: Sequence[str], base: str | ibis.Table | None, value: str
) -> ibis.Table:
    if base is None or isinstance(base, str):
        return table.group_by([region, *groups]).agg(_base=table[value].cast("float64").sum())
    _check_columns(base, [region, *groups, value])
    return base.select(region, *groups, _base=base[value].cast("float64"))


def _with(left: ibis.Table, right: ibis.Table, keys: Sequence[str]) -> ibis.Table:
    """The left rows with the right columns beside them; a table without keys has one row, which goes to all."""
    if not keys:
        return left.cross_join(right)
    joined = left.left_join(right, list(keys))
    return joined.select(*left.columns, *[column for column in right.columns if column not in keys])


def _check_columns(table: ibis.Table, needed: Sequence[str]) -> None:
    missing = [column for column in needed if column not in table.columns]
    if missing:
        raise AlmazError(
            _("the table has no column «{column}»", column=missing[0]),
            expected=_("columns {columns}", columns=", ".join(needed)),
            advice=_("it has: {columns}", columns=", ".join(table.columns)),
        )
