"""Critical mass: what the threshold regression says, and its likelihood ratio over sizes."""

from __future__ import annotations

from typing import Any

import altair as alt
import pyarrow as pa

from almaz.language import count, decimal
from almaz.language import text as _
from almaz.report.charts import INK, STRONG, themed
from almaz.report.section import Figure
from almaz.study.edition import Edition


def critical_mass_figures(edition: Edition) -> list[Figure]:
    if "critical_mass" not in edition.tables:
        return []
    rows = edition.table("critical_mass").to_pylist()
    outcomes = {"entry": _("entry of missing industries"), "growth": _("growth of establishments")}
    said = [verdict(row) for row in rows]
    curve = edition.table("critical_mass_curve")
    points = [row | {"outcome": outcomes[row["outcome"]]} for row in curve.to_pylist() if row["size"] > 0]
    base = alt.Chart(alt.InlineData(values=points)).encode(
        x=alt.X(
            "size:Q", scale=alt.Scale(type="log", nice=False), title=_("establishments of the cluster in the region")
        )
    )
    line = base.mark_line(strokeWidth=1.6).encode(
        y=alt.Y("ratio:Q", title=_("likelihood ratio")),
        color=alt.Color(
            "outcome:N",
            title=None,
            scale=alt.Scale(range=[STRONG, "#c2571a"]),
            legend=alt.Legend(labelLimit=0, columns=1),
        ),
    )
    limit = base.mark_line(color=INK, strokeDash=[4, 4]).encode(y="critical:Q")
    chart = themed((line + limit).properties(height=260)) if points else None
    numbers = ("size", "size_low", "size_high", "p_value", "below", "above")
    table = pa.table(
        {"outcome": [outcomes[row["outcome"]] for row in rows], "said": said}
        | {name: pa.array([row[name] for row in rows], pa.float64()) for name in numbers}
    )
    headings = {
        "outcome": _("outcome"), "said": _("what the data say"), "size": _("size at the best split"), "size_low": _("at least"),
        "size_high": _("at most"), "p_value": _("p-value of no threshold"), "below": _("mean below"), "above": _("mean above"),
    }  # fmt: skip
    return [
        Figure(
            "critical-mass", _("Is there a critical mass?"), table, headings, chart, formats={"p_value": "decimal"},
            hint=" ".join(f"{outcomes[row['outcome']]}: {words}." for row, words in zip(rows, said, strict=True)),
        )
    ]  # fmt: skip


def verdict(row: dict[str, Any]) -> str:
    """What the data say of a critical mass, in words."""
    if row["missing"]:
        return {
            "years": _("not asked: the data have one year"), "establishments": _("not asked: no number of establishments"),
            "regions": _("not asked: too few regions"),
        }[row["missing"]]  # fmt: skip
    if row["p_value"] < 0.05 and not row["found"]:
        return _("beyond {size} establishments less comes, not more: no critical mass", size=count(row["size"]))
    if not row["found"]:
        return _("no threshold is shown (p = {p}); do not speak of a critical mass", p=decimal(row["p_value"], 2))
    return _(
        "a threshold at {size} establishments ({low} – {high}); more comes above it",
        size=count(row["size"]), low=count(row["size_low"]), high=count(row["size_high"]),
    )  # fmt: skip
