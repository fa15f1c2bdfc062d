"""Published totals against the sum of their parts: along the tree of industries and along that of regions."""

from __future__ import annotations

from typing import Literal

import ibis
from ibis import _ as row

ROUNDING = 0.51
"""How far a total may be from its parts, in units per part, before it counts as not adding up."""


def totals(
    data: ibis.Table, tree: ibis.Table, along: Literal["industry", "region"], whole: Literal["some", "all", "nil"]
) -> ibis.Table:
    """Published totals that their parts exceed, or do not reach although no part is unknown; `off` is by how much.

    data: region, industry, measure, year, value, at; tree: child (named as `along`), parent, children. A part may be without
    a row: parts then fall short of a total only where absent rows are of no account ("some": the tree holds what the data
    hold), where none is absent ("all"), or where an absent row is none ("nil"). Rounding is allowed for, half a unit a part.
    """
    other = "region" if along == "industry" else "industry"
    keys = [other, "measure", "year"]
    parts = (
        data.join(tree, along)
        .group_by([*keys, "parent", "children"])
        .agg(parts=row["value"].sum(), known=row["value"].count(), cells=row.count())
    )
    wholes = data.filter(row["value"].notnull())
    both = wholes.join(parts.rename({along: "parent"}), [*keys, along]).filter(row.known > 0)
    off = both["parts"] - both["value"]
    slack = ROUNDING * (both["cells"] + 1)
    known = both["known"] == both["cells"]
    complete = known & (both["cells"] == both["children"]) if whole == "all" else known
    found = both.mutate(off=off).filter((off > slack) | ((off < -slack) & complete))
    return found.select("at", "off", parts=row["value"], number=ibis.literal(1), size=row.off.abs())
