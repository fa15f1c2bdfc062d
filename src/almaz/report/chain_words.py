"""What a chain's figures are called and how they are written: on the page and in a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from almaz.errors import AlmazError
from almaz.language import count, language, texts
from almaz.language import text as _
from almaz.study.edition import Edition

Row = Mapping[str, Any]


class Words:
    """What codes of industries, clusters and regions are called in the language in use."""

    def __init__(self, edition: Edition) -> None:
        spoken = f"name_{language()}"
        self.regions = {
            r["region"]: r[spoken] or r["name_en"] or r["region"] for r in edition.table("regions").to_pylist()
        }
        self.clusters = {c["cluster"]: c[spoken] or c["cluster"] for c in edition.table("clusters").to_pylist()}
        self.industries = {
            row["industry"]: row.get(spoken) or row["name"] for row in edition.table("chain_industries").to_pylist()
        }
        unit = edition.manifest["study"]["chains"]["unit"]
        self.unit = unit.get(language()) or unit.get("en") or _("the table's unit")

    def name(self, code: str | None) -> str:
        """An industry of the table, or one of the words that stand among them."""
        special = {
            "others": _("all others"),
            "consumption": _("consumers and government"),
            "investment": _("investment"),
            "exports": _("exports"),
        }
        return special.get(code or "") or self.industries.get(code or "", code or _("all others"))

    def pair(self, pair: tuple[str, str]) -> str:
        """A region and a cluster."""
        return f"{self.regions.get(pair[0], pair[0])} — {self.clusters.get(pair[1], pair[1])}"


def bounded(row: Row, name: str) -> str:
    """A figure with its interval."""
    value, low, high = row[name], row[f"{name}_low"], row[f"{name}_high"]
    point = "—" if value is None else count(value)
    return point if low is None or high is None else f"{point} ({count(low)} – {count(high)})"


def status(row: Row) -> str:
    """Who could supply what is missing, in words."""
    says = {
        "absent": _("nobody here"),
        "small": _("here, but less than its share"),
        "specialised": _("here, more than its share: could sell more nearby"),
        "unknown": _("not known"),
    }[row["status"]]
    if row["jobs_here"]:
        says += " · " + texts("{number} job", "{number} jobs", round(row["jobs_here"]))
    if row["supplier_strong"]:
        says += " · " + _("in a cluster that is strong here")
    if row["firms"]:
        says += " · " + row["firms"]
    return says


def gap_row(row: Row, words: Words, name: str) -> dict[str, Any]:
    elsewhere = ", ".join(words.regions.get(code, code) for code in (row["elsewhere"] or "").split())
    filled = {
        effect: bounded(row, f"filled_{effect}") if f"filled_{effect}" in row else "—"
        for effect in ("jobs", "value_added", "taxes", "investment")
    }
    return {
        "region": words.regions.get(row["region"], row["region"]),
        "cluster": words.clusters.get(row["cluster"], row["cluster"]),
        "supplier": name,
        "purchases": row["purchases"],
        "inside": bounded(row, "inside"),
        "gap": bounded(row, "gap"),
        "who": status(row),
        "elsewhere": elsewhere,
        **filled,
    }


def gap_headings() -> dict[str, str]:
    return {
        "region": _("region"),
        "cluster": _("cluster"),
        "supplier": _("supplier"),
        "purchases": _("purchases"),
        "inside": _("met in the region"),
        "gap": _("gap"),
        "who": _("who could supply"),
        "elsewhere": _("largest elsewhere"),
        "jobs": _("if filled here: jobs"),
        "value_added": _("value added"),
        "taxes": _("taxes on production"),
        "investment": _("investment"),
    }


def chain_of(edition: Edition, region: str, cluster: str) -> tuple[Row, list[Row]]:
    """The totals of one cluster in one region and its gaps, the largest first.

    region, cluster: a code, or a name in any language. Raises AlmazError where the edition has no chains, or no such pair.
    """
    if "supply_gap" not in edition.tables:
        raise AlmazError(
            _("this edition measures no value chains"),
            advice=_("name an input–output table in the study: [chains] file = …"),
        )
    code = _code(edition.table("regions").to_pylist(), "region", region)
    group = _code(edition.table("clusters").to_pylist(), "cluster", cluster)
    totals = [
        row
        for row in edition.table("supply_gap_totals").to_pylist()
        if (row["region"], row["cluster"]) == (code, group)
    ]
    if not totals:
        raise AlmazError(
            _("the cluster «{cluster}» has no chain in «{region}»", cluster=cluster, region=region),
            expected=_("a cluster that the study measures and the region has"),
        )
    gaps = [row for row in edition.table("supply_gap").to_pylist() if (row["region"], row["cluster"]) == (code, group)]
    return totals[0], sorted(gaps, key=lambda row: (row["supplier"] is None, -(row["gap"] or row["gap_high"] or 0.0)))


def _code(rows: list[dict[str, Any]], column: str, wanted: str) -> str:
    for row in rows:
        names = {row[column], *(row[f"name_{spoken}"] for spoken in ("en", "ru", "ky"))}
        if wanted.strip().lower() in {str(name).lower() for name in names if name}:
            return str(row[column])
    there = sorted(str(row["name_en"] or row[column]) for row in rows)
    raise AlmazError(
        _("there is no {column} «{value}»", column=column, value=wanted),
        expected=_("one of: {keys}", keys=", ".join(there[:30]) + (" …" if len(there) > 30 else "")),
    )
