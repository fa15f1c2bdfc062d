"""Whom to attract: what the cluster buys outside the region, and the industries that usually come with it but are not here.

Both come from the edition: supply gaps (`clusters.supply_gap`), and the chance of entry of missing industries
(`measures.relatedness`).
The two lists are ranked each by its own figure, and dealt into one by turns: a gap in money and a chance cannot be compared.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import pyarrow as pa

from almaz.language import count, language, percent
from almaz.language import text as _
from almaz.report import charts
from almaz.report.section import Figure
from almaz.study.edition import Edition
from almaz.web.attraction.models import Candidate, Why
from almaz.web.centre.editions import names, rows
from almaz.web.centre.models import Cluster
from almaz.web.participants.models import Organisation
from almaz.web.participants.naming import normalised

MOST = 20
"""Kinds of firm that are shown of each list."""
FIRMS = 8
"""Firms that are named for each."""


@dataclass(frozen=True)
class Bounded:
    """A figure with its interval; None: not known."""

    point: float | None
    low: float | None
    high: float | None

    def __str__(self) -> str:
        said = "—" if self.point is None else count(self.point)
        if self.low is None or self.low == self.high:
            return said
        high = "∞" if self.high is None or math.isinf(self.high) else count(self.high)
        return f"{said} ({count(self.low)} – {high})"


@dataclass(frozen=True)
class Wanted:
    """A kind of firm that the cluster lacks. place: in the one list, 1 first; why: gap or related; gap: bought outside, in
    `unit`; jobs: what filling it would bring; status: who has it here; chance: of entry to the region; firms: (name, where) that
    are known to make it and do not take part yet."""

    place: int
    why: str
    code: str
    name: str
    cluster: str
    gap: Bounded | None
    jobs: Bounded | None
    unit: str
    status: str
    elsewhere: str
    chance: float | None
    density: float | None
    firms: tuple[tuple[str, str], ...]

    def reason(self, edition: str) -> str:
        """What speaks for it, with the edition it comes from: kept with the candidate."""
        if self.gap is not None:
            words = _("The cluster buys for {gap} {unit} outside the region: {name}.",
                      gap=self.gap, unit=self.unit, name=self.name)  # fmt: skip
        elif self.chance is not None:
            words = _("{name} usually comes with what the region has: chance of entry {chance}.",
                      name=self.name, chance=percent(self.chance))  # fmt: skip
        else:
            words = _("{name} is related to what the region has: density {density}.",
                      name=self.name, density=percent(self.density or 0.0))  # fmt: skip
        return f"{words} [{edition}]"


def lacking(edition: Edition) -> list[str]:
    """What the edition does not measure, and what to do."""
    made = []
    if "supply_gap" not in edition.tables:
        made.append(_(
            "The edition measures no value chains, so nothing is known of what the cluster buys outside. Name an input–output "
            "table in the study: [chains] file = …"
        ))  # fmt: skip
    if "entry" not in edition.tables:
        made.append(_(
            "The edition does not measure how industries are related, so missing ones are not known. Add [relatedness] to the "
            "study."
        ))  # fmt: skip
    return made


def wanted(edition: Edition, cluster: Cluster) -> list[Wanted]:
    """The kinds of firm that the cluster lacks, by turns from both lists; an industry in both stands once, with both figures."""
    known = _Known(edition, cluster)
    gaps, missing = _gaps(known), _missing(known)
    chances = {one.code: one for one in missing}
    joined = [one if one.code not in chances else _both(one, chances.pop(one.code)) for one in gaps]
    alone = [one for one in missing if one.code in chances]
    turns = [one for at in range(max(len(joined), len(alone))) for one in (*joined[at : at + 1], *alone[at : at + 1])]
    return [Wanted(**{**vars(one), "place": place}) for place, one in enumerate(turns, start=1)]


def _both(gap: Wanted, entry: Wanted) -> Wanted:
    return Wanted(
        **{**vars(gap), "chance": entry.chance, "density": entry.density, "firms": (*gap.firms, *entry.firms)}
    )


class _Known:
    """What one cluster's lists are made of: names of codes, firms of the edition, who takes part already."""

    def __init__(self, edition: Edition, cluster: Cluster) -> None:
        self.edition, self.region, self.cluster = edition, str(cluster.region), str(cluster.cluster)
        self.regions, self.clusters = names(edition, "regions"), names(edition, "clusters")
        self.industries = names(edition, "industries")
        self.of_table = {
            row["industry"]: row.get(f"name_{language()}") or row["name"] for row in rows(edition, "chain_industries")
        }
        self.firms = [row for row in rows(edition, "firms") if row["industry"]]
        here = Organisation.of(cluster).values_list("name", flat=True)
        asked = Candidate.of(cluster).values_list("name", flat=True)
        self.taken = {normalised(name) for name in (*here, *asked)}
        unit = (edition.manifest["study"].get("chains") or {}).get("unit") or {}
        self.unit = unit.get(language()) or unit.get("en") or _("the table's unit")

    def named(self, told: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
        """Firms that do not take part yet, each once."""
        fresh = [pair for pair in dict.fromkeys(told) if pair[0] and normalised(pair[0]) not in self.taken]
        return tuple(fresh[:FIRMS])

    def firms_of(self, code: str) -> list[tuple[str, str]]:
        """(name, region) of firms of an industry, those of the region first, then the largest."""
        found = [row for row in self.firms if row["industry"] == code or row["industry"].startswith(f"{code}.")]
        found.sort(
            key=lambda row: (
                row["region"] != self.region,
                -(row["employees"] or 0.0),
                row["name"] or row["organisation"],
            )
        )
        return [
            (row["name"] or row["organisation"], self.regions.get(row["region"], row["region"] or "")) for row in found
        ]


def _gaps(known: _Known) -> list[Wanted]:
    here = rows(known.edition, "supply_gap", region=known.region, cluster=known.cluster)
    filled = [row for row in here if row["supplier"] is not None and (row["gap"] or row["gap_high"] or 0.0) > 0]
    filled.sort(key=lambda row: (-(row["gap"] or 0.0), -(row["gap_high"] or 0.0), row["supplier"]))
    words = {
        "absent": _("nobody here"), "small": _("here, but less than its share"),
        "specialised": _("here, more than its share: could sell more nearby"), "unknown": _("not known"),
    }  # fmt: skip
    made = []
    for row in filled[:MOST]:
        code = row["supplier"]
        local = [
            (name.strip(), known.regions.get(known.region, known.region)) for name in (row["firms"] or "").split(";")
        ]
        elsewhere = [known.regions.get(other, other) for other in (row["elsewhere"] or "").split()]
        made.append(Wanted(
            0, str(Why.GAP), code, known.of_table.get(code, code), known.clusters.get(row["cluster_of_supplier"], ""),
            _bounded(row, "gap"), _bounded(row, "filled_jobs") if "filled_jobs" in row else None, known.unit,
            words.get(row["status"], ""), ", ".join(elsewhere), None, None, known.named([*local, *known.firms_of(code)]),
        ))  # fmt: skip
    return made


def _bounded(row: dict[str, Any], name: str) -> Bounded:
    return Bounded(*(row[f"{name}{end}"] for end in ("", "_low", "_high")))


def _missing(known: _Known) -> list[Wanted]:
    """Industries of the cluster and of those related to it that the region lacks, by their chance of entry."""
    pairs = rows(known.edition, "cluster_relatedness", cluster=known.cluster)
    near = {known.cluster, *(row["cluster_2"] for row in pairs if row["related"])}
    found = [row for row in rows(known.edition, "entry", region=known.region) if row["cluster"] in near]
    found.sort(key=lambda row: row["rank"])
    return [
        Wanted(
            0, str(Why.RELATED), row["industry"], known.industries.get(row["industry"], row["industry"]),
            known.clusters.get(row["cluster"], row["cluster"]), None, None, "", _("nobody here"), "", row["probability"],
            row["density"], known.named(known.firms_of(row["industry"])),
        )
        for row in found[:MOST]
    ]  # fmt: skip


def ranking_figures(found: Sequence[Wanted]) -> list[Figure]:
    """The gaps and the missing industries as pictures with their tables."""
    gaps = [one for one in found if one.gap is not None]
    missing = [one for one in found if one.density is not None]
    return [*([_gap_figure(gaps)] if gaps else []), *([_missing_figure(missing)] if missing else [])]


def _gap_figure(found: Sequence[Wanted]) -> Figure:
    table = pa.Table.from_pylist([
        {"name": one.name, "code": one.code, "gap": one.gap.point, "low": one.gap.low, "high": one.gap.high,
         "jobs": str(one.jobs or "—"), "status": one.status, "elsewhere": one.elsewhere}
        for one in found if one.gap is not None
    ])  # fmt: skip
    bars = [{"n": charts.wrapped(row["name"]), "g": row["gap"], "l": row["low"], "h": _drawable(row["high"]), "s": row["status"],
             "j": row["jobs"]} for row in table.to_pylist()]  # fmt: skip
    tooltip = [
        alt.Tooltip("n:N", title=" "),
        alt.Tooltip("g:Q", format=",.0f", title=_("gap")),
        alt.Tooltip("s:N", title=_("who could supply")),
        alt.Tooltip("j:N", title=_("if filled here: jobs")),
    ]
    base = alt.Chart(alt.InlineData(values=bars)).encode(
        y=alt.Y("n:N", sort=None, title=None, axis=charts.wrapped_axis()), tooltip=tooltip
    )
    bar = base.mark_bar(fill=charts.HOLLOW, stroke=charts.STRONG, strokeDash=[3, 2], height=14).encode(
        x=alt.X("g:Q", title=found[0].unit, axis=alt.Axis(tickCount=5))
    )
    rule = base.mark_rule(color=charts.UNSURE, strokeWidth=2).encode(x="l:Q", x2="h:Q")
    return Figure(
        "wanted-gaps", _("What the cluster buys outside the region"), table,
        {"name": _("supplier"), "code": _("code"), "gap": _("gap"), "low": _("from"), "high": _("to"),
         "jobs": _("if filled here: jobs"), "status": _("who could supply"), "elsewhere": _("largest elsewhere")},
        chart=charts.themed((bar + rule).properties(height=alt.Step(32))),
        formats=dict.fromkeys(("gap", "low", "high"), "count"),
        hint=_("Hollow: the gap, {unit}. Line: its interval, from hidden cells and from how regions trade.", unit=found[0].unit),
    )  # fmt: skip


def _drawable(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _missing_figure(found: Sequence[Wanted]) -> Figure:
    table = pa.Table.from_pylist([
        {"name": one.name, "code": one.code, "cluster": one.cluster, "chance": one.chance, "density": one.density}
        for one in found
    ])  # fmt: skip
    learnt = any(one.chance is not None for one in found)
    by, title = ("chance", _("chance of entry")) if learnt else ("density", _("density"))
    base = alt.Chart(
        alt.InlineData(values=[{**row, "name": charts.wrapped(row["name"])} for row in table.to_pylist()])
    ).encode(
        y=alt.Y("name:N", sort=None, title=None, axis=charts.wrapped_axis()),
        x=alt.X(f"{by}:Q", title=title, axis=alt.Axis(format="%", tickCount=5), scale=alt.Scale(zero=True)),
        tooltip=[
            alt.Tooltip("name:N", title=" "),
            alt.Tooltip("cluster:N", title=_("cluster")),
            alt.Tooltip(f"{by}:Q", format=".1%", title=title),
        ],
    )
    dots = base.mark_point(filled=True, size=90, color=charts.STRONG, opacity=1)
    return Figure(
        "wanted-missing", _("Related industries that are not here"), table,
        {"name": _("industry"), "code": _("code"), "cluster": _("cluster"), "chance": _("chance of entry"),
         "density": _("density")},
        chart=charts.themed(dots.properties(height=alt.Step(32))),
        formats={"chance": "percent", "density": "percent"},
        hint=_("How often an industry came to regions that have what this one has, learnt from the years of the edition.")
        if learnt else _("How much of what is related to the industry the region has: one year says no more."),
    )  # fmt: skip
