"""What kind of concentration is it? A cluster competes inside and sells outside; a production complex does not (article A5)."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from almaz.clusters.portfolio import Portfolio
from almaz.language import text as _


@dataclass(frozen=True)
class TypologyOptions:
    """rivals: establishments from which rivalry counts as present; outward: quotient from which a traded cluster counts as
    selling outside; near: relative distance to a border within which a case is called near it."""

    rivals: float = 10.0
    outward: float = 1.0
    near: float = 0.15


def typology(portfolio: Portfolio, options: TypologyOptions) -> pa.Table:
    """Class every region × cluster of the last year by inner rivalry and outward position.

        rivalry: number of establishments (an upper bound of independent rivals: one firm may own several);
        outward: the location quotient of a traded cluster, as proxy of export specialisation; none for a local one.

    cluster: rivals and outward; territorial_production_complex: outward without rivals; sheltered_local: rivals without an
    outward position; emerging: outward within the interval only; none: neither. Unknown where the data do not say.
    hub_and_satellites needs firm sizes and is therefore never claimed from establishments alone.
    """
    outer = portfolio.table.filter(pc.is_null(portfolio.table["subcluster"]))
    outer = outer.filter(pc.equal(outer["year"], portfolio.years[-1]))
    rows = [_classed(row, options) for row in outer.to_pylist()]
    return pa.Table.from_pylist(rows)


def _classed(row: dict[str, object], options: TypologyOptions) -> dict[str, object]:
    rivalry = _number(row.get("establishments"))
    low, high = _number(row.get("establishments_low")), _number(row.get("establishments_high"))
    outward = _number(row["lq"]) if row["kind"] == "traded" else None
    kind, missing = "unknown", None
    if row["kind"] == "local":
        kind = "sheltered_local" if (rivalry or 0) >= options.rivals else "none"
        if rivalry is None:
            kind, missing = "unknown", _("the number of establishments")
    elif rivalry is None:
        missing = _("the number of establishments")
    elif outward is None:
        missing = _("a published figure of size")
    elif rivalry >= options.rivals and outward >= options.outward:
        kind = "cluster"
    elif outward >= options.outward:
        kind = "territorial_production_complex"
    elif (_number(row.get("lq_ci_high")) or 0.0) >= options.outward and rivalry > 0:
        kind = "emerging"
    else:
        kind = "none"
    near = any(
        value is not None and abs(value / border - 1.0) <= options.near
        for value, border in ((rivalry, options.rivals), (outward, options.outward))
    )
    return {
        "region": row["region"],
        "cluster": row["cluster"],
        "year": row["year"],
        "rivalry": rivalry,
        "rivalry_low": low,
        "rivalry_high": high,
        "outward": outward,
        "class": kind,
        "near_border": near and kind not in ("unknown", "none"),
        "missing": missing,
    }


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) else None
