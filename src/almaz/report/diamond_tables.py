"""The diamond's tables for a reader at a terminal: scores, a region's corners and indicators, before and after a change."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from almaz.diamond.indicators import CORNERS
from almaz.diamond.score import Diamond
from almaz.diamond.what_if import WhatIf
from almaz.errors import AlmazError
from almaz.language import decimal, language, percent
from almaz.language import text as _
from almaz.report.diamond_charts import corner_names
from almaz.study.edition import Edition


def scores(edition: Edition, rows: int) -> pa.Table:
    """Regions by score: intervals, possible ranks, the binding corner, how much is known."""
    names, words = _names(edition), corner_names()
    ordered = sorted(edition.table("diamond_scores").to_pylist(), key=lambda row: -row["score"])[:rows]
    return pa.Table.from_pylist(
        [
            {
                _("region"): names.get(row["region"], row["region"]),
                _("score"): decimal(row["score"], 1),
                _("from figures and weights"): _between(row["data_low"], row["data_high"]),
                _("under every choice"): _between(row["score_low"], row["score_high"]),
                _("rank"): f"{row['rank_low']:.0f}–{row['rank_high']:.0f}",
                _("binding corner"): f"{words[row['binding']]} ({percent(row['binding_share'], 0)})",
                _("share known"): percent(row["known_share"], 0),
            }
            for row in ordered
        ]
    )


def corners(edition: Edition, region: str) -> pa.Table:
    """The corners of a region. Raises AlmazError for a region without a diamond."""
    words = corner_names()
    return pa.Table.from_pylist(
        [
            {
                _("corner"): words[row["corner"]],
                _("score"): decimal(row["score"], 1) if row["known_share"] > 0 else _("unknown"),
                _("interval"): _between(row["low"], row["high"]),
                _("country's median"): decimal(row["median"], 1),
                _("contribution"): decimal(row["contribution"], 1),
                _("share known"): percent(row["known_share"], 0),
            }
            for row in _of(edition, "diamond_corners", region)
        ]
    )


def indicators(edition: Edition, region: str) -> pa.Table:
    """The indicators of a region: figure, year, score, contribution. The code is what a what-if moves."""
    names = {row["indicator"]: row[f"name_{language()}"] for row in edition.table("diamond_set").to_pylist()}
    return pa.Table.from_pylist(
        [
            {
                _("indicator"): row["indicator"],
                _("name"): names[row["indicator"]],
                _("figure"): _("unknown") if row["value"] is None else decimal(row["value"], 2),
                _("year"): str(row["year"] or "—"),
                _("score"): decimal(row["score"], 1) if row["known"] else _("unknown"),
                _("contribution"): decimal(row["contribution"], 1),
            }
            for row in _of(edition, "diamond_indicators", region)
        ]
    )


def before_and_after(found: WhatIf) -> pa.Table:
    """Score, corners and rank of the region before and after a change, with their intervals."""
    words = corner_names()

    def told(scored: Diamond) -> list[str]:
        at = found.region
        low, high = scored.of_corners.low[at], scored.of_corners.high[at]
        return [
            f"{decimal(scored.score[at], 1)} ({_between(scored.data.low[at], scored.data.high[at])})",
            f"{scored.ranks.rank[at]:.0f} ({scored.ranks.best[at]:.0f}–{scored.ranks.worst[at]:.0f})",
            *(
                f"{decimal(scored.corners[at, number], 1)} ({_between(low[number], high[number])})"
                for number in range(len(CORNERS))
            ),
            words[CORNERS[int(scored.binding[at])]],
        ]

    rows = [_("score"), _("rank"), *(words[corner] for corner in CORNERS), _("binding corner")]
    return pa.table({" ": rows, _("before"): told(found.before), _("after"): told(found.after)})


def _names(edition: Edition) -> dict[str, str]:
    name = f"name_{language()}"
    return {row["region"]: row[name] or row["name_en"] or row["region"] for row in edition.table("regions").to_pylist()}


def _of(edition: Edition, table: str, region: str) -> list[dict[str, Any]]:
    held = edition.table(table)
    rows: list[dict[str, Any]] = held.filter(pc.equal(held["region"], region)).to_pylist()
    if not rows:
        known = pc.unique(held["region"]).to_pylist()
        raise AlmazError(_("there is no region «{code}»", code=region), expected=", ".join(known[:10]) + " …")
    return rows


def _between(low: float, high: float) -> str:
    return f"{decimal(low, 1)} – {decimal(high, 1)}"
