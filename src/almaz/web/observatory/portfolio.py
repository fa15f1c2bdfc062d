"""The portfolio of one region, and one cluster in all regions: rows with what each rule says of them, and their pictures."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import groupby, pairwise
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from almaz.language import count, decimal, percent
from almaz.language import text as _
from almaz.report import charts
from almaz.report.codes import in_words, reason_in_words
from almaz.report.page_data import RULES
from almaz.report.section import Figure, Section, later
from almaz.report.words import measure_words
from almaz.study.edition import Edition
from almaz.web.observatory.reading import Part, Reading

Row = dict[str, Any]
LEADERS, RANKED, NAMED = 40, 30, 12
"""Regions in the picture of a cluster, clusters in that of a region, and bubbles that bear their name."""
STRONG = ("strong", "strong10")
HOLLOW = 0.1
"""Share of a figure that is estimated, from which its mark is hollow."""
KEPT = (
    "establishments", "lq", "lq_low", "lq_high", "lq_ci_low", "lq_ci_high", "p_lq_above_1", "hidden_share", "share_of_region",
    "share_of_cluster", "growth", "shift_national", "shift_mix", "shift_regional", "productivity", "rank", "rank_low", "rank_high",
    "regions_in_rank",
)  # fmt: skip


def measure_of(edition: Edition) -> str:
    """The measure that the study's portfolio is made of: employment, production …"""
    named: str = edition.manifest["study"]["portfolio"]["measure"]
    return named


def per_head(edition: Edition) -> bool:
    """Whether clusters are measured per head, each in units of its own, so that they cannot be added up."""
    return edition.manifest["study"]["portfolio"]["base"] not in ("same_kind", "all")


def portfolio_rows(edition: Part, rules: Sequence[str] = RULES) -> list[Row]:
    """The last year's portfolio of a part of an edition, each row with its verdicts and its type, the most specialised first.

    rules: those whose verdicts are wanted. size, size_low, size_high: of the study's measure; what is not known is None.
    """
    measure = measure_of(edition)
    sizes = (measure, f"{measure}_low", f"{measure}_high")
    table = last_year(edition, ("region", "cluster", "kind", *sizes, *KEPT))
    held = {name: known(table[name]) for name in KEPT if name in table.column_names}
    for name, column in (("size", measure), ("size_low", f"{measure}_low"), ("size_high", f"{measure}_high")):
        held[name] = known(table[column])
    names = ("region", "cluster", "kind", "year")
    rows = [dict(zip((*names, *held), values, strict=True)) for values in zip(*(table[name].to_pylist() for name in names), *held.values(), strict=True)]  # fmt: skip
    verdicts, types = _verdicts(edition, rules), _types(edition)
    for row in rows:
        key = (row["region"], row["cluster"], row["year"])
        row |= {"verdicts": verdicts.get(key, {}), "type": types.get(key)}
        row["strong"] = (row["verdicts"].get("us_cluster_mapping") or {}).get("verdict") in STRONG
        row["colour"] = charts.PALETTE["strong" if row["strong"] else "local" if row["kind"] == "local" else "other"]
    return sorted(rows, key=lambda row: (row["lq"] is None, -(row["lq"] or 0.0)))


def last_year(edition: Part, columns: Sequence[str]) -> pa.Table:
    """Some columns, and the year, of the last year's portfolio of a part of an edition, without subclusters."""
    table = edition.columns("portfolio", ("subcluster", "year", *columns))
    return table.filter(pc.and_(pc.is_null(table["subcluster"]), pc.equal(table["year"], pc.max(table["year"]))))


def known(column: pa.ChunkedArray) -> list[float | None]:
    """The figures of a column; None for what is not known."""
    return [None if value is None or not math.isfinite(value) else value for value in column.to_pylist()]


def _verdicts(edition: Part, rules: Sequence[str]) -> dict[tuple[str, str, int], dict[str, Row]]:
    """(region, cluster, year) → rule → its verdict."""
    columns = ("region", "cluster", "year", "rule", "verdict", "certainty", "reason", "missing", "p_strong_fillings", "p_strong_sampling")  # fmt: skip
    table = edition.columns("strength", columns)
    table = table.filter(pc.is_in(table["rule"], value_set=pa.array(rules)))
    table = table.filter(pc.equal(table["year"], pc.max(table["year"]))) if table.num_rows else table
    found: dict[tuple[str, str, int], dict[str, Row]] = {}
    for row in table.to_pylist():
        found.setdefault((row["region"], row["cluster"], row["year"]), {})[row["rule"]] = row
    return found


def _types(edition: Part) -> dict[tuple[str, str, int], Row]:
    table = edition.columns("typology", ("region", "cluster", "year", "class", "near_border", "missing"))
    return {(row["region"], row["cluster"], row["year"]): row for row in table.to_pylist()}


def region_sections(reading: Reading, region: str) -> list[Section]:
    """What a region has: its portfolio as areas, bubbles and a ranking; the rules side by side; the years."""
    part, names = reading.part(region=region), reading.names("clusters")
    rows = portfolio_rows(part)
    known = [row for row in rows if row["lq"]]
    figures = [_ranking(known, names, reading)]
    growing = [row for row in known if row["growth"] is not None and row["kind"] == "traded"]
    if growing:
        figures.insert(0, _bubbles(growing, names, reading))
    if not per_head(reading):
        figures.insert(0, _treemap(known, names))
    figures[0] = _with_table(figures[0], rows, names, reading, "cluster")
    trend = _trend(part, names, reading)
    section = Section("portfolio", _("The portfolio"), "", (*figures, *trend))
    rules = Section(
        "rules",
        _("Rules of strength, side by side"),
        _(
            "Three rules in use in the world judge the same figures. Where they disagree, the table says so: a strong cluster by one rule only deserves a second look."
        ),
        (_rules(rows, names),),
    )
    return [section, rules]


@lru_cache(maxsize=8)
def cluster_rows(reading: Reading, cluster: str) -> list[Row]:
    """The regions of a cluster, the most specialised first; several pictures of a page ask for them."""
    return portfolio_rows(reading.part(cluster=cluster), ("us_cluster_mapping",))


def cluster_sections(reading: Reading, cluster: str) -> list[Section]:
    """Where a cluster is: its regions in order of specialisation, with all that is not certain about them."""
    rows, names = cluster_rows(reading, cluster), reading.names("regions")
    known = [row for row in rows if row["lq"] is not None]
    sized = [row for row in known if row["size"]]
    leaders = Figure(
        "leaders",
        _("Where it is strongest, and how sure that is"),
        pa.table({}),
        {},
        chart=_ranked(known[:LEADERS], names, "region"),
        hint=_(
            "Dot: the location quotient. Green bar: sampling interval. Thin line: all that hidden cells allow. Dashed line: the country's average."
        ),
        wide=True,
    )
    figures = [_with_table(leaders, rows, names, reading, "region")]
    if sized and not per_head(reading):
        figures.append(_largest(sized, names, reading))
    return [Section("where", _("Where the cluster is"), "", tuple(figures))]


def _with_table(figure: Figure, rows: Sequence[Row], names: Mapping[str, str], reading: Reading, key: str) -> Figure:
    """The figure with the whole portfolio behind it: every row, known or not."""
    headings = {
        key: _("cluster") if key == "cluster" else _("region"),
        "size": measure_words().get(measure_of(reading), measure_of(reading)),
        "lq": _("location quotient"), "lq_ci": _("interval"), "lq_bounds": _("what hidden cells allow"),
        "p_lq_above_1": _("chance that LQ ≥ 1"), "rank": _("rank"), "share_of_region": _("share of the region"),
        "share_of_cluster": _("share of the country's cluster"), "growth": _("growth"), "hidden_share": _("hidden share"),
        "strength": _("U.S. Cluster Mapping"), "type": _("type"),
    }  # fmt: skip
    columns: dict[str, Any] = {key: [names.get(row[key], row[key]) for row in rows]}
    for name in ("size", "lq", "p_lq_above_1", "rank", "share_of_region", "share_of_cluster", "growth", "hidden_share"):
        columns[name] = pa.array([row.get(name) for row in rows], pa.float64())
    for name, low, high in (("size", "size_low", "size_high"), ("lq_ci", "lq_ci_low", "lq_ci_high"), ("lq_bounds", "lq_low", "lq_high"), ("rank", "rank_low", "rank_high")):  # fmt: skip
        columns[f"{name}_low"] = pa.array([row.get(low) for row in rows], pa.float64())
        columns[f"{name}_high"] = pa.array([row.get(high) for row in rows], pa.float64())
    columns["strength"] = [_verdict(row["verdicts"].get("us_cluster_mapping")) for row in rows]
    columns["type"] = [_type(row["type"]) for row in rows]
    shown = {
        name: said for name, said in headings.items()
        if name not in ("growth", "share_of_region", "share_of_cluster") or any(row.get(name) is not None for row in rows)
    }  # fmt: skip
    formats = {"size": "count", "rank": "count"} | dict.fromkeys(("p_lq_above_1", "share_of_region", "share_of_cluster", "growth", "hidden_share"), "percent")  # fmt: skip
    return Figure(figure.name, figure.title, pa.table(columns), shown, figure.chart, formats, figure.hint, figure.wide)


def _verdict(row: Row | None) -> str:
    if row is None:
        return ""
    return in_words(row["verdict"], _("not strong"))


def _type(row: Row | None) -> str:
    if row is None:
        return ""
    near = " · " + _("near the border") if row["near_border"] else ""
    return in_words(row["class"]) + near


def span(low: float | None, high: float | None, say: Callable[[float], str] = decimal) -> str:
    """An interval in words; without an upper end it goes on."""
    return "—" if low is None else f"{say(low)} – {'∞' if high is None else say(high)}"


def drawn(row: Row, names: Mapping[str, str], key: str = "cluster") -> Row:
    """A row as the pictures want it."""
    return {
        "name": names.get(row[key], row[key]), "size": row["size"], "lq": row["lq"], "low": row["lq_low"], "high": row["lq_high"],
        "ci_low": row["lq_ci_low"], "ci_high": row["lq_ci_high"], "growth": row.get("growth"),
        "hidden_share": row["hidden_share"] or 0.0, "colour": row["colour"],
        "interval": span(row["lq_ci_low"], row["lq_ci_high"]),
        "chance": "—" if row["p_lq_above_1"] is None else percent(row["p_lq_above_1"], 0),
        "hidden": "—" if row["hidden_share"] is None else percent(row["hidden_share"], 1),
    }  # fmt: skip


def with_rows(spec: Mapping[str, Any], rows: Sequence[Row]) -> dict[str, Any]:
    """A chart with its rows filled in."""
    if "/vega/" in spec["$schema"]:
        return {**spec, "data": [{**spec["data"][0], "values": list(rows)}, *spec["data"][1:]]}
    return {**spec, "datasets": {**spec.get("datasets", {}), "rows": list(rows)}}


@later
def _ranked(rows: Sequence[Row], names: Mapping[str, str], key: str) -> dict[str, Any]:
    """The ranking; a line without an upper end goes to the edge of what is known."""
    held = [drawn(row, names, key) for row in rows]
    top = 1.1 * max([1.0, *(max(row["lq"] or 0.0, row["ci_high"] or 0.0) for row in held)])
    for row in held:
        endless = row["high"] is None and row["low"] is not None
        row["high"] = top if endless else row["high"] and min(row["high"], top)
        row["ci_high"] = row["ci_high"] and min(row["ci_high"], top)
    return with_rows(charts.ranking(), held)


def _ranking(known: Sequence[Row], names: Mapping[str, str], reading: Reading) -> Figure:
    traded = [row for row in known if row["kind"] == "traded"] or list(known)
    rows = traded[:RANKED]
    table = {
        "cluster": [names.get(row["cluster"], row["cluster"]) for row in rows],
        **{
            name: pa.array([row[name] for row in rows], pa.float64()) for name in ("lq", "p_lq_above_1", "hidden_share")
        },
        **{f"lq_ci_{end}": pa.array([row[f"lq_ci_{end}"] for row in rows], pa.float64()) for end in ("low", "high")},
        **{f"lq_bounds_{end}": pa.array([row[f"lq_{end}"] for row in rows], pa.float64()) for end in ("low", "high")},
    }
    return Figure(
        "ranking",
        _("What the region is specialised in, and how sure that is"),
        pa.table(table),
        {
            "cluster": _("cluster"), "lq": _("location quotient"), "lq_ci": _("interval"), "lq_bounds": _("what hidden cells allow"),
            "p_lq_above_1": _("chance that LQ ≥ 1"), "hidden_share": _("hidden share"),
        },
        _ranked(rows, names, "cluster"),
        {"p_lq_above_1": "percent", "hidden_share": "percent"},
        _("Dot: the location quotient. Green bar: sampling interval. Thin line: all that hidden cells allow. Dashed line: the country's average."),
        wide=per_head(reading),
    )  # fmt: skip


@later
def _bubble_chart(rows: Sequence[Row], names: Mapping[str, str]) -> dict[str, Any]:
    held = [drawn(row, names) for row in rows]
    wanted = [*sorted(held, key=lambda row: -row["lq"])[:8], *sorted(held, key=lambda row: -(row["size"] or 0))[:4]]
    for row, named in zip(held, _apart(wanted, held), strict=True):
        row["label"] = named
    return with_rows(charts.bubbles(), held)


def _apart(wanted: Sequence[Row], held: Sequence[Row]) -> list[bool]:
    """Which bubbles have room beside them for their name."""
    across, up = [math.log(row["lq"]) for row in held], [row["growth"] for row in held]
    wide, tall = (max(across) - min(across)) or 1.0, (max(up) - min(up)) or 1.0
    kept: list[Row] = []
    for row in wanted:
        if all(abs(row["growth"] - one["growth"]) / tall > 0.045 or abs(math.log(row["lq"] / one["lq"])) / wide > 0.45 for one in kept):  # fmt: skip
            kept.append(row)
    return [any(row is one for one in kept) for row in held]


def _bubbles(rows: Sequence[Row], names: Mapping[str, str], reading: Reading) -> Figure:
    table = {"cluster": [names.get(row["cluster"], row["cluster"]) for row in rows]} | {
        name: pa.array([row.get(name) for row in rows], pa.float64())
        for name in ("size", "lq", "growth", "shift_national", "shift_mix", "shift_regional", "hidden_share")
    }
    return Figure(
        "bubbles",
        _("Specialisation, growth and size"),
        pa.table(table),
        {
            "cluster": _("cluster"), "size": measure_words().get(measure_of(reading), measure_of(reading)), "lq": _("location quotient"),
            "growth": _("growth"), "shift_national": _("country's growth"), "shift_mix": _("industry mix"),
            "shift_regional": _("region's own"), "hidden_share": _("hidden share"),
        },
        _bubble_chart(rows, names),
        dict.fromkeys(("size", "shift_national", "shift_mix", "shift_regional"), "count") | {"growth": "percent", "hidden_share": "percent"},
        _("Traded clusters; area is size, teal is strong, hollow is partly hidden."),
    )  # fmt: skip


def quotient_steps() -> list[str]:
    """What each colour of the scale of location quotients stands for."""
    edges = charts.LQ_BREAKS
    between = [f"{decimal(low)} – {decimal(high)}" for low, high in pairwise(edges)]
    return [f"< {decimal(edges[0], 1)}", *between, f"≥ {decimal(edges[-1], 0)}"]


def shade(quotient: float | None) -> str | None:
    """The colour of a location quotient on the house's scale."""
    return None if quotient is None else charts.LQ_SCALE[sum(quotient >= edge for edge in charts.LQ_BREAKS)]


@later
def _areas(rows: Sequence[Row], names: Mapping[str, str]) -> dict[str, Any]:
    leaves: list[Row] = [{"id": "all", "parent": None}]
    for kind, held in groupby(sorted(rows, key=lambda row: row["kind"]), key=lambda row: row["kind"]):
        leaves.append({"id": f"kind {kind}", "parent": "all"})
        for row in held:
            shown = drawn(row, names)
            leaves.append(
                {
                    "id": row["cluster"], "parent": f"kind {kind}", "name": shown["name"], "size": row["size"],
                    "hidden_share": shown["hidden_share"], "colour": shade(row["lq"]), "dark": row["lq"] >= 2,
                    "shown": f"{count(row['size'])} · {decimal(row['lq'])}",
                    "tip": {
                        " ": shown["name"], _("size"): count(row["size"]), _("location quotient"): decimal(row["lq"]),
                        _("interval"): shown["interval"], _("chance that LQ ≥ 1"): shown["chance"], _("hidden share"): shown["hidden"],
                    },
                }
            )  # fmt: skip
    return with_rows(charts.treemap(), leaves)


def _treemap(known: Sequence[Row], names: Mapping[str, str]) -> Figure:
    return Figure(
        "areas",
        _("The portfolio: area is size, colour is specialisation"),
        pa.table({}),
        {},
        _areas([row for row in known if row["size"]], names),
        hint=_("Pale with a dashed border: more than a tenth is estimated, because the office hides the figure."),
        wide=True,
    )


def _largest(rows: Sequence[Row], names: Mapping[str, str], reading: Reading) -> Figure:
    largest = sorted(rows, key=lambda row: -row["size"])[:LEADERS]
    table = {"region": [names.get(row["region"], row["region"]) for row in largest]} | {
        name: pa.array([row.get(name) for row in largest], pa.float64())
        for name in ("size", "size_low", "size_high", "share_of_cluster", "lq", "hidden_share")
    }
    return Figure(
        "largest",
        _("Where it is largest"),
        pa.table(table),
        {
            "region": _("region"), "size": measure_words().get(measure_of(reading), measure_of(reading)),
            "share_of_cluster": _("share of the country's cluster"), "lq": _("location quotient"), "hidden_share": _("hidden share"),
        },
        None,
        {"size": "count", "share_of_cluster": "percent", "hidden_share": "percent"},
        _("The first {number} by size; in brackets what hidden cells allow.", number=count(len(largest))),
    )  # fmt: skip


def _rules(rows: Sequence[Row], names: Mapping[str, str]) -> Figure:
    titles = {rule: in_words(rule) for rule in RULES}
    listed: dict[str, list[Any]] = {
        "cluster": [],
        **{rule: [] for rule in RULES},
        "certainty": [],
        "sampling": [],
        "agree": [],
    }
    for row in rows:
        if row["size"] == 0 or not row["verdicts"]:
            continue
        held = row["verdicts"]
        mapping = held.get("us_cluster_mapping") or {}
        listed["cluster"].append(names.get(row["cluster"], row["cluster"]))
        for rule in RULES:
            listed[rule].append(_said(rule, held.get(rule)))
        listed["certainty"].append(in_words(mapping.get("certainty"), _("under no filling")))
        listed["sampling"].append(mapping.get("p_strong_sampling"))
        listed["agree"].append(_("the rules disagree") if differ(held) else _("the rules agree"))
    headings = {"cluster": _("cluster"), **titles, "certainty": _("strong under fillings of hidden cells"),
                "sampling": _("strong: chance by sampling"), "agree": _("do the rules agree?")}  # fmt: skip
    columns = {
        name: pa.array(held, pa.float64() if name == "sampling" else pa.string()) for name, held in listed.items()
    }
    return Figure(
        "rules", _("What the rules say"), pa.table(columns), headings, None, {"sampling": "percent"}, wide=True
    )


def differ(verdicts: Mapping[str, Row]) -> bool:
    """Whether the rules in use come to different judgements, as far as they judge."""
    said = set()
    for rule in RULES[:3]:
        verdict = (verdicts.get(rule) or {}).get("verdict")
        if verdict not in (None, "unknown"):
            said.add(int(verdict) >= 2 if rule == "european_stars" else verdict in STRONG)
    return len(said) > 1


def _said(rule: str, row: Row | None) -> str:
    if row is None:
        return ""
    if row["verdict"] == "unknown":
        reason = reason_in_words(row["reason"], row["missing"])
        return _("unknown") + (f": {reason}" if reason else "")
    if rule.startswith("european_stars"):
        return "★" * int(row["verdict"]) or "0"
    return in_words(row["verdict"], _("not strong"))


def _trend(part: Edition, names: Mapping[str, str], reading: Reading) -> list[Figure]:
    """The location quotients of the largest clusters over the years, where there are more than two."""
    from almaz.web.observatory.trend import trend_figure

    table = part.table("portfolio")
    table = table.filter(pc.is_null(table["subcluster"]))
    if table.num_rows == 0 or pc.count_distinct(table["year"]).as_py() < 2:
        return []
    return [trend_figure(table, names, measure_of(reading))]
