"""What belongs together, and what could come next: the sections of the room of relatedness."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from almaz.clusters.similarity import few_regions
from almaz.language import count, decimal, language
from almaz.language import text as _
from almaz.report import relatedness_charts as charts
from almaz.report.section import Figure, Section
from almaz.study.edition import Edition

MOST_REGIONS = 120
"""Regions that a chart lets choose from; with more, the largest ones: a page must stay light."""
NAMED = 12
"""Missing industries drawn per region; the table in the edition has more."""


@dataclass(frozen=True)
class _Named:
    """An edition with the names of its codes in the language in use."""

    edition: Edition

    def __call__(self, table: str, key: str) -> dict[str, str]:
        spoken = f"name_{language()}"
        rows = self.edition.table(table).to_pylist()
        return {row[key]: row.get(spoken) or row.get("name_en") or row[key] for row in rows}

    @cached_property
    def regions(self) -> dict[str, str]:
        """Regions to choose from, the largest where there are many, in the order of their names."""
        names = self("regions", "region")
        portfolio = self.edition.table("portfolio")
        measure = self.edition.manifest["study"]["portfolio"]["measure"]
        last = portfolio.filter(
            pc.and_(pc.is_null(portfolio["subcluster"]), pc.equal(portfolio["year"], pc.max(portfolio["year"])))
        )
        sums = last.group_by("region").aggregate([(measure, "sum")]).sort_by([(f"{measure}_sum", "descending")])
        chosen = sums["region"].to_pylist()[:MOST_REGIONS]
        return dict(sorted(((code, names.get(code, code)) for code in chosen), key=lambda pair: pair[1]))

    @cached_property
    def clusters(self) -> dict[str, str]:
        """Every cluster."""
        return self("clusters", "cluster")

    @cached_property
    def industries(self) -> dict[str, str]:
        """Every industry: its title."""
        return self("industries", "industry")


def sections(edition: Edition) -> list[Section]:
    """The room's two sections, as far as the edition has its tables."""
    if "relatedness_about" not in edition.tables:
        return []
    named = _Named(edition)
    made = [_together(edition, named)]
    if "opportunities" in edition.tables:
        made.append(_next(edition, named))
    return made


def _together(edition: Edition, named: _Named) -> Section:
    about = edition.table("relatedness_about").to_pylist()
    few = [row for row in about if row["reason"] == "few_regions"]
    warnings = [few_regions(row["regions"], row["minimum_regions"]) for row in few]
    regions = max((row["regions"] for row in about), default=0)
    if not few and regions < 100:
        warnings.append(
            _(
                "Correlations over {regions} regions are uncertain by about ±{error} each: look at groups of ties, not at one.",
                regions=count(regions),
                error=decimal(1.96 / max(regions - 3, 1) ** 0.5, 2),
            )
        )
    figures: list[Figure] = []
    if "industry_space" in edition.tables:
        figures.append(_space(edition, named))
    if "cluster_order" in edition.tables and len(edition.table("cluster_order")) <= 120:
        figures += [_heat(edition, named), _tree(edition, named)]
    if "definition_scores" in edition.tables:
        figures.append(_scores(edition))
    return Section(
        "relatedness",
        _("What belongs together"),
        _(
            "Industries are related that are found in the same regions, trade with each other or need the same occupations. From "
            "that follows which clusters hold together, and which are neighbours."
        ),
        tuple(figures),
        tuple(warnings),
    )


def _space(edition: Edition, named: _Named) -> Figure:
    nodes = edition.table("industry_space").to_pylist()
    place = {row["industry"]: number for number, row in enumerate(nodes)}
    regions = list(named.regions)
    has: list[list[int]] = [[] for _node in nodes]
    near: list[list[int]] = [[] for _node in nodes]
    if "presence" in edition.tables:
        _mark(has, edition.table("presence"), place, regions)
        likely = edition.table("entry")
        _mark(near, likely.filter(pc.less_equal(likely["rank"], NAMED)), place, regions)
    shades = charts.shades([row["pci"] for row in nodes])
    rows = [
        {
            "x": _short(row["x"]),
            "y": _short(row["y"]),
            "size": _short(row["size"]),
            "pci": _short(row["pci"]),
            "name": named.industries.get(row["industry"], row["industry"]),
            "code": row["industry"],
            "cluster": row["cluster"],
            "cluster_name": named.clusters.get(row["cluster"], row["cluster"]),
            "shade": shade,
            "r": has[number],
            "o": near[number],
        }
        for number, (row, shade) in enumerate(zip(nodes, shades, strict=True))
    ]
    ties = [
        {
            "x": rows[place[edge["industry"]]]["x"],
            "y": rows[place[edge["industry"]]]["y"],
            "x2": rows[place[edge["industry_2"]]]["x"],
            "y2": rows[place[edge["industry_2"]]]["y"],
            "tree": edge["in_tree"],
        }
        for edge in edition.table("industry_space_edges").to_pylist()
    ]
    clusters = {row["cluster"]: row["cluster_name"] for row in rows}
    chart = charts.industry_space(
        rows,
        ties,
        dict(enumerate(named.regions.values())) if "presence" in edition.tables else {},
        dict(sorted(clusters.items(), key=lambda pair: str(pair[1]))),
    )
    keys = ("code", "name", "cluster_name", "size", "pci")
    table = pa.table({key: pa.array([row[key] for row in rows]) for key in keys})
    hint = _(
        "A dot is an industry, a line one of its strongest ties; the more employment, the larger. Dark: "
        "complex. With a region chosen, full: the region is specialised in it; ringed in orange: missing,"
        " and the likeliest to enter."
    )
    if len(named("regions", "region")) > MOST_REGIONS:
        hint += " " + _("The {number} largest regions can be chosen.", number=count(MOST_REGIONS))
    return Figure(
        "industry-space",
        _("The industry space"),
        table,
        {
            "code": _("code"),
            "name": _("industry"),
            "cluster_name": _("cluster"),
            "size": _("employment"),
            "pci": _("complexity"),
        },
        chart=chart,
        formats={"size": "count"},
        hint=hint,
        wide=True,
    )


def _mark(lists: list[list[int]], table: pa.Table, place: dict[str, int], regions: list[str]) -> None:
    number = {code: index for index, code in enumerate(regions)}
    for region, industry in zip(table["region"].to_pylist(), table["industry"].to_pylist(), strict=True):
        if region in number:
            lists[place[industry]].append(number[region])


def _heat(edition: Edition, named: _Named) -> Figure:
    order = {row["cluster"]: row["place"] for row in edition.table("cluster_order").to_pylist()}
    pairs = edition.table("cluster_relatedness").to_pylist()
    rows = [
        {
            "a": order[row["cluster"]],
            "b": order[row["cluster_2"]],
            "name": named.clusters[row["cluster"]],
            "other": named.clusters[row["cluster_2"]],
            "percentile": _short(row["percentile"]),
            "value": _short(row["relatedness"]),
            "related": row["related"],
        }
        for row in pairs
    ]
    names = [named.clusters[cluster] for cluster in sorted(order, key=lambda code: order[code])]
    related = [row for row in rows if row["related"] and row["a"] < row["b"]]
    related.sort(key=lambda row: -(row["value"] or 0.0))
    table = pa.table({key: pa.array([row[key] for row in related]) for key in ("name", "other", "value", "percentile")})
    return Figure(
        "cluster-heat",
        _("Relatedness of clusters"),
        table,
        {
            "name": _("cluster"),
            "other": _("related cluster"),
            "value": _("relatedness"),
            "percentile": _("share of pairs below"),
        },
        chart=charts.heat_map(rows, names),
        formats={"percentile": "percent"},
        hint=_(
            "Each cell is a pair of clusters: the darker, the more related among all pairs. A dot: related by"
            " the published rule. The table lists the related pairs."
        ),
        wide=True,
    )


def _tree(edition: Edition, named: _Named) -> Figure:
    order = sorted(edition.table("cluster_order").to_pylist(), key=lambda row: row["place"])
    leaves = [{"place": row["place"], "name": named.clusters[row["cluster"]], "family": row["family"]} for row in order]
    lines = [
        {**row, "place": _short(row["place"]), "height": _short(row["height"])}
        for row in edition.table("cluster_tree").to_pylist()
    ]
    renamed = {family: number for number, family in enumerate(dict.fromkeys(row["family"] for row in order), start=1)}
    table = pa.table({"family": [renamed[row["family"]] for row in order], "name": [row["name"] for row in leaves]})
    return Figure(
        "cluster-tree",
        _("Families of clusters"),
        table,
        {"family": _("family"), "name": _("cluster")},
        chart=charts.tree(leaves, lines, order[0]["cut"]),
        hint=_(
            "Clusters join from the left to the right, the most related first. The dashed line is the cut: "
            "branches that cross it are families."
        ),
        wide=True,
    )


def _scores(edition: Edition) -> Figure:
    words = matrix_words()
    rows = [
        {**row, "name": words.get(row["matrix"], row["matrix"])}
        for row in edition.table("definition_scores").to_pylist()
    ]
    parts = ("cluster_mean", "cluster_high", "industry_mean", "industry_high")
    table = pa.table({key: pa.array([row[key] for row in rows]) for key in ("name", *parts, "overall")})
    headings = {
        "name": _("relatedness by"),
        "cluster_mean": _("clusters, mean"),
        "cluster_high": _("clusters, top 5 %"),
        "industry_mean": _("industries, mean"),
        "industry_high": _("industries, top 5 %"),
        "overall": _("mean of the four"),
    }
    drawn = [
        {"name": row["name"], "part": headings[part], "value": _short(row[part])} for row in rows for part in parts
    ]
    return Figure(
        "definition-scores",
        _("Does the definition hold together on these data?"),
        table,
        headings,
        chart=charts.scores(drawn, [headings[part] for part in parts]),
        formats=dict.fromkeys((*parts, "overall"), "percent"),
        hint=_(
            "Relatedness inside clusters against relatedness between them: the share of clusters, and of industries, "
            "that are more related inside than the mean outside, and than the top 5 % outside."
        ),
    )


def matrix_words() -> dict[str, str]:
    """The names of the matrices of relatedness, in the language in use."""
    return {
        "lc_employment": _("place, by employment"),
        "lc_establishments": _("place, by establishments"),
        "coagglomeration": _("coagglomeration"),
        "proximity": _("specialisation in the same regions"),
        "input_output": _("trade (input–output)"),
        "occupations": _("occupations"),
        "borrowed": _("another country's relatedness"),
        "combined": _("all combined"),
    }


def _next(edition: Edition, named: _Named) -> Section:
    figures = [_opportunities(edition, named), _missing(edition, named)]
    if "entry_calibration" in edition.tables:
        figures.append(_calibration(edition))
    figures.append(_complexity(edition, named))
    return Section(
        "opportunities",
        _("What could come next"),
        _(
            "An industry enters a region more often where related industries already are. White space is a "
            "cluster in which the region is weak although much of what it is related to is there: a place to "
            "look first, not a forecast of success."
        ),
        tuple(figures),
    )


def _opportunities(edition: Edition, named: _Named) -> Figure:
    size = _country_sizes(edition.country)
    missing = _missing_by_cluster(edition, named)
    rows = []
    for row in edition.table("opportunities").to_pylist():
        if row["region"] not in named.regions or row["percentile"] is None:
            continue
        rows.append(
            {
                "region": named.regions[row["region"]],
                "name": named.clusters[row["cluster"]],
                "near": _short(row["percentile"]),
                "pci": _short(row["pci"]),
                "size": _short(size.get(row["cluster"])),
                "lq": _short(row["lq"]),
                "present": _short(row["present"]),
                "expected": _short(row["expected_entries"]),
                "open": row["open"],
                "missing": missing.get((row["region"], row["cluster"]), ""),
            }
        )
    for region in named.regions.values():
        best = sorted((row for row in rows if row["region"] == region and row["open"]), key=lambda row: -row["near"])
        _label(best[:7])
    chosen = sorted((row for row in rows if row["open"]), key=lambda row: (row["region"], -row["near"]))
    keys = ("region", "name", "near", "lq", "present", "expected", "missing")
    table = pa.table({key: pa.array([row[key] for row in chosen]) for key in keys})
    return Figure(
        "white-space",
        _("White space: close to what the region has, and weak there"),
        table,
        {
            "region": _("region"),
            "name": _("cluster"),
            "near": _("regions that are less close"),
            "lq": _("location quotient"),
            "present": _("industries that it has"),
            "expected": _("expected entries in a period"),
            "missing": _("likeliest missing industries"),
        },
        chart=charts.opportunities(rows, list(named.regions.values())),
        formats={"near": "percent", "present": "percent", "expected": "decimal"},
        hint=_(
            "To the right: closer to what the region has than other regions are. Up: more complex. Area: size"
            " of the cluster in the country. Orange: white space, close and weak. Full: the region is "
            "specialised already."
        ),
        wide=True,
    )


def _label(rows: list[dict[str, Any]]) -> None:
    """Where names stand beside their dots: moved apart in height where they would run into each other."""
    step, floor = 0.34, -np.inf
    for row in sorted(rows, key=lambda row: row["pci"] if row["pci"] is not None else 0.0):
        row["named"] = row["pci"] is not None
        row["label"] = floor = max(row["pci"] or 0.0, floor + step)


@lru_cache(maxsize=8)
def _country_sizes(edition: Edition) -> dict[str, float]:
    portfolio = edition.table("portfolio")
    measure = edition.manifest["study"]["portfolio"]["measure"]
    last = portfolio.filter(
        pc.and_(pc.is_null(portfolio["subcluster"]), pc.equal(portfolio["year"], pc.max(portfolio["year"])))
    )
    sums = last.group_by("cluster").aggregate([(measure, "sum")])
    return dict(zip(sums["cluster"].to_pylist(), sums[f"{measure}_sum"].to_pylist(), strict=True))


def _missing_by_cluster(edition: Edition, named: _Named) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], list[str]] = {}
    for row in edition.table("entry").to_pylist():
        held = found.setdefault((row["region"], row["cluster"]), [])
        if len(held) < 3:
            held.append(named.industries.get(row["industry"], row["industry"]))
    return {key: "; ".join(names) for key, names in found.items()}


def _missing(edition: Edition, named: _Named) -> Figure:
    held = edition.table("entry")
    held = held.filter(pc.less_equal(held["rank"], NAMED))
    rows = [
        {
            "region": named.regions[row["region"]],
            "rank": row["rank"],
            "name": named.industries.get(row["industry"], row["industry"]),
            "cluster": named.clusters[row["cluster"]],
            "probability": _short(row["probability"]),
            "density": _short(row["density"]),
        }
        for row in held.to_pylist()
        if row["region"] in named.regions
    ]
    table = pa.Table.from_pylist(rows)
    return Figure(
        "missing-industries",
        _("Missing industries, the likeliest to enter"),
        table,
        {
            "region": _("region"),
            "rank": _("rank"),
            "name": _("industry"),
            "cluster": _("cluster"),
            "probability": _("chance of entry"),
            "density": _("density"),
        },
        chart=charts.missing(rows, list(named.regions.values()), "entry_accuracy" in edition.tables),
        formats={"probability": "percent", "density": "percent"},
        hint=_(
            "Entry: from a location quotient below 1 in the first year to one of at least 1 in the last. The "
            "chance is that of another such period."
        ),
        wide=True,
    )


def _calibration(edition: Edition) -> Figure:
    table = edition.table("entry_calibration")
    numbers = {row["number"]: row["value"] for row in edition.table("entry_accuracy").to_pylist()}
    rows = [{key: _short(value) for key, value in row.items()} for row in table.to_pylist()]
    return Figure(
        "entry-calibration",
        _("Does the chance of entry keep its word?"),
        table,
        {
            "predicted": _("chance given"),
            "observed": _("share that entered"),
            "low": _("from"),
            "high": _("to"),
            "cases": _("cases"),
        },
        chart=charts.calibration(rows),
        formats=dict.fromkeys(("predicted", "observed", "low", "high"), "percent"),
        hint=_(
            "Out of sample, {cases} cases, {entries} entries: an entry got a higher chance than a non-entry "
            "in {auc} % of comparisons; without density in {without} %; by density alone in {alone} %. 50 % "
            "is a coin.",
            cases=count(numbers["cases"]),
            entries=count(numbers["entries"]),
            auc=decimal(100 * numbers["auc"], 1),
            without=decimal(100 * numbers["auc_without_density"], 1),
            alone=decimal(100 * numbers["auc_density"], 1),
        ),
    )


def _complexity(edition: Edition, named: _Named) -> Figure:
    names = named("regions", "region")
    held = edition.table("complexity_regions")
    rows = [
        {"name": names[row["region"]], "eci": _short(row["eci"]), "fitness": _short(row["fitness"]),
         "diversity": row["diversity"], "wage": _short(row["wage"])}
        for row in held.to_pylist()
    ]  # fmt: skip
    both = np.array([[row["eci"], row["wage"]] for row in rows if row["eci"] is not None and row["wage"] is not None])
    hint = _(
        "Economic complexity of a region: the mean complexity of what it is specialised in; its sign is that of diversity."
    )
    if len(both) > 5:
        hint += " " + _(
            "Here its correlation with the wage is {correlation}: complex in this sense is not the same as rich.",
            correlation=decimal(float(np.corrcoef(both.T)[0, 1]), 2),
        )
    return Figure(
        "region-complexity",
        _("Complexity of regions"),
        pa.Table.from_pylist(sorted(rows, key=lambda row: -(row["eci"] if row["eci"] is not None else -9.0))),
        {
            "name": _("region"),
            "eci": _("complexity index"),
            "fitness": _("fitness"),
            "diversity": _("industries it is specialised in"),
            "wage": _("wage per employee"),
        },
        chart=charts.complexity(rows),
        formats={"wage": "count"},
        hint=hint,
    )


def _short(value: Any) -> float | None:
    """Four significant digits: enough for a picture."""
    return None if value is None or not np.isfinite(value) else float(f"{value:.4g}")
