"""The portfolio over cells of any number, written once as Ibis expressions: an engine sums the clusters where the cells lie.

The same numbers as `almaz.clusters.portfolio` gives where no cell is hidden. Bounds, draws and sampling intervals need all
cells of a group at once and stay there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import ibis
import pyarrow as pa

from almaz.clusters.portfolio import PortfolioOptions
from almaz.errors import AlmazError
from almaz.language import text as _
from almaz.tables.engine import Keep
from almaz.tables.location_quotients import location_quotients
from almaz.tables.register import UNKNOWN, added, whole

Value = Any
"""An Ibis column, or an Ibis window."""
KEYS = ("region", "cluster", "kind", "year")


def cluster_sums(cells: ibis.Table, members: pa.Table, measures: Sequence[str], years: Sequence[int]) -> ibis.Table:
    """Cells added up to clusters, a row for each region and cluster that there is in any of the years, and each of these.

        x[r, c] = Σ_i w[i, c] · x[r, i]

    cells: region, industry, year, and for each measure the sum of what is known of it, with `employment_unknown`, the number
    of records or cells of which nothing is; no row is none. members: of DEFINITION, industry, cluster, kind and weight.
    Returns KEYS, measures and their numbers of unknown. The sums do not depend on the order (`almaz.tables.register`).
    """
    weights = members.group_by(["industry", "cluster", "kind"]).aggregate([("weight", "sum")])
    table = ibis.memtable(weights.rename_columns(["member", "cluster", "kind", "weight"]))
    joined = cells.inner_join(table, cells.industry == table.member)
    figures = [name for measure in measures for name in (measure, f"{measure}{UNKNOWN}")]
    shared = {
        name: joined[name] if name.endswith(UNKNOWN) else joined[name].cast("float64") * joined.weight
        for name in figures
    }
    sums = whole(added(joined.select(*KEYS, **shared), KEYS, figures), KEYS)
    every = sums.select("region", "cluster", "kind").distinct()
    when = ibis.memtable(pa.table({"year": pa.array(years, pa.int32())}))
    dense = every.cross_join(when).left_join(sums, list(KEYS))
    return dense.select(*KEYS, **{name: dense[name].fill_null(0.0) for name in figures})


def portfolio_expression(
    cells: ibis.Table,
    members: pa.Table,
    measures: Mapping[str, Sequence[int]],
    options: PortfolioOptions | None = None,
    keep: Keep = lambda table: table,
) -> ibis.Table:
    """A row for each region, cluster and year; cells, members: see `cluster_sums`; measures: each with the years it is told of.

    Columns: KEYS; each measure, null where something of it is unknown; employment_low, what is known of it, and
    employment_unknown; lq, share_of_region, share_of_cluster and, where there are wages, productivity; rank of lq among the
    regions; and on rows of the last of several years growth, cagr, shift_national, shift_mix, shift_regional and
    competitive_growth since the first. What is unknown counts in no sum: region_unknown and cluster_unknown say how many records
    or cells that are, in the region's base and in the cluster of all regions. A row with anything unknown has no quotient,
    share, rank and change. keep: keeps the rows of an expression in the engine.
    Formulas: `measures.specialisation`, `measures.change`. Raises AlmazError for a base that is not made of the cells.
    """
    options = options or PortfolioOptions()
    if options.base not in ("same_kind", "all"):
        raise AlmazError(
            _("the base «{base}» is not in the data", base=options.base),
            expected=_("one of: {keys}", keys="same_kind, all"),
        )
    size, unknown = options.measure, f"{options.measure}{UNKNOWN}"
    years = sorted({year for told in measures.values() for year in told})
    sums = keep(cluster_sums(cells, members, list(measures), years))
    regions = keep(cells.group_by(["region", "year"]).agg(**{
        size: cells[size].cast("float64").sum(), "region_unknown": cells[unknown].sum()
    }))  # fmt: skip
    same_kind = options.base == "same_kind"
    quotients = location_quotients(
        sums, value=size, industry="cluster", base="kind" if same_kind else regions, reference=options.reference
    )
    joined = quotients.left_join(regions.rename(region_size=size), ["region", "year"])
    rows = joined.select(*quotients.columns, "region_size", "region_unknown")
    country = ("cluster", "kind", "year")
    told = {
        "lq": rows.lq,
        "share_of_region": rows[size] / rows.region_size.nullif(0),
        "share_of_cluster": rows[size] / rows[size].sum().over(_among(*country)).nullif(0),
    } | _change(rows, size, years, measures[size], _growth(regions, size, years))
    columns = {name: value for measure in measures for name, value in _known(rows, measure, measures[measure]).items()}
    if "wages" in measures:
        told["productivity"] = columns["wages"] / rows[size].nullif(0)
    columns["region_unknown"] = (
        rows[unknown].sum().over(_among("region", "kind", "year")) if same_kind else rows.region_unknown
    )
    columns["cluster_unknown"] = rows[unknown].sum().over(_among(*country))
    complete = columns[size].notnull()
    columns |= {name: ibis.ifelse(complete, value, ibis.null("float64")) for name, value in told.items()}
    made = rows.select(*KEYS, **columns)
    place = ibis.rank().over(_among(*country, order_by=ibis.desc(made.lq.fill_null(-1.0)))) + 1
    return made.mutate(rank=ibis.ifelse(made.lq.notnull(), place, ibis.null("int64")))


def _known(rows: ibis.Table, measure: str, years: Sequence[int]) -> dict[str, Value]:
    """A measure where all of it is known (null in years that nobody tells), what is known of it, and how much is not."""
    unknown = rows[f"{measure}{UNKNOWN}"]
    return {
        measure: ibis.ifelse(rows.year.isin(list(years)) & (unknown == 0), rows[measure], ibis.null("float64")),
        f"{measure}_low": rows[measure],
        f"{measure}{UNKNOWN}": unknown,
    }


def _among(*by: str, order_by: Value = None) -> Value:
    return ibis.window(group_by=list(by), order_by=order_by)


def _growth(regions: ibis.Table, size: str, years: Sequence[int]) -> Value:
    """The country's growth from the first year to the last, of all industries: one value for all rows."""
    first, last = (ibis.ifelse(regions.year == year, regions[size], 0.0).sum() for year in (years[0], years[-1]))
    return regions.agg(growth=last / first.nullif(0) - 1.0).growth.as_scalar()


def _change(rows: ibis.Table, size: str, years: Sequence[int], told: Sequence[int], overall: Value) -> dict[str, Value]:
    """Change from the first year to the last, on rows of the last; null where one of them is not told. told: those that are."""
    if len(years) < 2:
        return {}

    def in_year(column: str, year: int, by: tuple[str, ...]) -> Value:
        return ibis.ifelse(rows.year == year, rows[column], 0.0).sum().over(_among(*by))

    own, country = ("region", "cluster", "kind"), ("cluster", "kind")
    before, after = in_year(size, years[0], own), in_year(size, years[-1], own)
    old, new = in_year(size, years[0], country), in_year(size, years[-1], country)
    growth = after / before.nullif(0) - 1.0
    of_cluster = ibis.ifelse(old == 0, 0.0, new / old.nullif(0) - 1.0)
    national, mix = before * overall, before * (of_cluster - overall)
    regional = after - before - national - mix
    found = {
        "growth": growth,
        "cagr": (1.0 + growth) ** (1.0 / (years[-1] - years[0])) - 1.0,
        "shift_national": national,
        "shift_mix": mix,
        "shift_regional": regional,
        "competitive_growth": regional / before.nullif(0),
    }
    both = ibis.literal({years[0], years[-1]} <= set(told))
    mine = both & (rows.year == years[-1]) & (in_year(f"{size}{UNKNOWN}", years[0], own) == 0)
    return {name: ibis.ifelse(mine, value, ibis.null("float64")) for name, value in found.items()}
