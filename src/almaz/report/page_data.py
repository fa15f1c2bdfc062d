"""What the page's charts and tables show, as columns: the last year's portfolio, verdicts, types, and the words."""

from __future__ import annotations

import math
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from almaz.clusters.strength import CRITERIA
from almaz.language import language
from almaz.report import charts
from almaz.report.codes import in_words, reason_in_words
from almaz.report.section import Figure
from almaz.report.words import words
from almaz.study.edition import Edition

RULES = ("us_cluster_mapping", "european_stars", "five_factors", "european_stars_older")
CHANCES = ("p_strong_fillings", "p_strong_sampling")
PORTFOLIO = {
    "establishments": "establishments", "lq": "lq", "low": "lq_low", "high": "lq_high", "ci_low": "lq_ci_low",
    "ci_high": "lq_ci_high", "p": "p_lq_above_1", "hidden_share": "hidden_share", "share": "share_of_region",
    "of_cluster": "share_of_cluster", "growth": "growth", "national": "shift_national", "mix": "shift_mix",
    "regional": "shift_regional", "productivity": "productivity", "rank": "rank", "rank_low": "rank_low",
    "rank_high": "rank_high",
}  # fmt: skip
"""Short names of the page for columns of the portfolio."""


def page_data(edition: Edition, figures: list[Figure]) -> dict[str, Any]:
    """Everything the page's script needs, in the language in use."""
    study, spoken = edition.manifest["study"], language()
    measure = study["portfolio"]["measure"]
    rows = last_year(edition)
    clusters = edition.table("clusters").to_pylist()
    return {
        "year": rows["year"][0].as_py(),
        "regions": region_names(edition, set(pc.unique(rows["region"]).to_pylist())),
        "clusters": {c["cluster"]: [c[f"name_{spoken}"] or c["cluster"], c["kind"]] for c in clusters},
        "rows": _rows(edition, rows, measure),
        "strength": _region_strength(edition),
        "specs": _specs(edition),
        "criteria": [in_words(name) for name in CRITERIA],
    } | shared_data(figures, study["study"]["name"], measure)


def shared_data(figures: list[Figure], file: str, measure: str = "") -> dict[str, Any]:
    """What every page needs, one of an edition or one of sections alone. file: how downloads are called."""
    return {
        "figures": {figure.name: _figure(figure) for figure in figures},
        "palette": charts.PALETTE,
        "scale": {
            "breaks": charts.LQ_BREAKS,
            "shades": charts.LQ_SCALE,
            "ramp": charts.SCALE,
            "unknown": charts.UNKNOWN,
        },
        "words": words(measure),
        "format": {"en": [".", ","]}.get(language(), [",", "\u00a0"]),
        "file": file,
    }


def last_year(edition: Edition) -> pa.Table:
    """The portfolio's clusters (without subclusters) in its last year."""
    table = edition.table("portfolio")
    return table.filter(pc.and_(pc.is_null(table["subcluster"]), pc.equal(table["year"], pc.max(table["year"]))))


def region_names(edition: Edition, present: set[str]) -> dict[str, str]:
    """The regions that have figures, with their names in the language in use."""
    name = f"name_{language()}"
    return {
        row["region"]: row[name] or row["name_en"] or row["region"]
        for row in edition.table("regions").to_pylist()
        if row["region"] in present
    }


def numbers(column: pa.ChunkedArray) -> list[float | None]:
    """Five significant digits: enough for a chart, small enough for a page; what is unknown or endless is null."""
    return [
        None if value is None or not math.isfinite(value) else float(f"{value:.5g}") for value in column.to_pylist()
    ]


def _rows(edition: Edition, rows: pa.Table, measure: str) -> dict[str, Any]:
    """Columns of one row per region × cluster; labels as [values, index of each row's value]."""
    wanted = {"size": measure, "size_low": f"{measure}_low", "size_high": f"{measure}_high", **PORTFOLIO}
    columns: dict[str, Any] = {name: _coded(rows[name]) for name in ("region", "cluster")}
    for short, column in wanted.items():
        if column in rows.column_names:
            columns[short] = numbers(rows[column])
    keys = rows.select(["region", "cluster"]).append_column("place", pa.array(range(rows.num_rows)))
    strength = edition.table("strength")
    for rule in RULES:
        judged = _beside(keys, strength.filter(pc.equal(strength["rule"], rule)))
        columns[rule] = _coded(judged["verdict"])
        columns[f"{rule}_reason"] = _coded(_reasons(judged))
        columns[f"{rule}_marks"] = _coded(_marks(judged))
        if rule == "us_cluster_mapping":
            columns["certainty"] = _coded(judged["certainty"])
            columns |= {name: numbers(judged[name]) for name in CHANCES}
    types = _beside(keys, edition.table("typology"))
    return columns | {
        "type": _coded(types["class"]),
        "near": [bool(near) for near in types["near_border"].to_pylist()],
        "type_missing": _coded(
            pa.chunked_array([[in_words(code) for code in types["missing"].to_pylist()]], pa.string())
        ),
    }


def _reasons(judged: pa.Table) -> pa.ChunkedArray:
    """Why a rule could not judge, in words."""
    codes = zip(judged["reason"].to_pylist(), judged["missing"].to_pylist(), strict=True)
    said = {code: reason_in_words(*code) or None for code in set(codes)}
    codes = zip(judged["reason"].to_pylist(), judged["missing"].to_pylist(), strict=True)
    return pa.chunked_array([[said[code] for code in codes]], pa.string())


def _marks(judged: pa.Table) -> pa.ChunkedArray:
    """One letter per criterion of `CRITERIA`: y met, n not met, - not known or not of this rule."""
    letters = [pc.fill_null(pc.if_else(judged[f"{name}_met"], "y", "n"), "-") for name in CRITERIA]
    return pc.binary_join_element_wise(*letters, "")


def _beside(keys: pa.Table, table: pa.Table) -> pa.Table:
    """The table's rows in the order of the page's rows."""
    found = keys.join(
        table.select(["region", "cluster"]).append_column("line", pa.array(range(table.num_rows))),
        ["region", "cluster"],
    )
    return table.take(found.sort_by("place")["line"])


def _coded(column: pa.ChunkedArray) -> list[list[Any]]:
    coded = column.combine_chunks().dictionary_encode()
    return [coded.dictionary.to_pylist(), coded.indices.fill_null(-1).to_pylist()]


def _region_strength(edition: Edition) -> dict[str, Any]:
    table = edition.table("region_strength")
    columns = {
        "value": "cluster_strength", "low": "cluster_strength_low", "high": "cluster_strength_high",
        "strong": "strong_clusters", "hidden_share": "hidden_share",
    }  # fmt: skip
    return {"region": table["region"].to_pylist()} | {short: numbers(table[name]) for short, name in columns.items()}


def _specs(edition: Edition) -> dict[str, Any]:
    specs = {
        "bubbles": charts.bubbles(),
        "ranking": charts.ranking(),
        "leaders": charts.ranking(),
        "strengths": charts.strengths(),
        "treemap": charts.treemap(),
    }
    if edition.geometry is not None:
        borders, projection = edition.geometry, edition.manifest["study"]["regions"]["projection"]
        specs["map"] = charts.region_map(borders, projection)
    return specs


def _figure(figure: Figure) -> dict[str, Any]:
    names = [name for name in figure.headings if name in figure.table.column_names]
    columns = []
    for name in names:
        column = figure.table[name]
        number = pa.types.is_integer(column.type) or pa.types.is_floating(column.type)
        usual = "count" if pa.types.is_integer(column.type) else "decimal" if number else "text"
        form = figure.formats.get(name, usual)
        values = numbers(column) if number else [None if v is None else str(v) for v in column.to_pylist()]
        columns.append({"head": figure.headings[name], "form": form, "values": values})
    return {"chart": None if figure.chart is None else dict(figure.chart), "columns": columns}
