"""One self-contained HTML page of an edition: works from a disk, without internet, in any of the three languages."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import vl_convert
from jinja2 import Environment, PackageLoader, StrictUndefined

from almaz.language import LANGUAGES, NAMES, count, decimal, language, percent, texts, use
from almaz.language import text as _
from almaz.report import charts, impact
from almaz.report.section import Figure, Section
from almaz.report.workbook import workbook
from almaz.study.edition import Edition

Room = Callable[[Edition], list[Section]]
ROOMS: tuple[Room, ...] = (impact.sections,)
"""The rooms whose sections follow the portfolio, in the order of the page."""
STRONG_COLOUR, OTHER_COLOUR, LOCAL_COLOUR = "#0b6e6e", "#8fa3ad", "#c9b38a"


def write_report(edition: Edition, file: Path, chosen: str) -> Path:
    """Write the report of an edition in one language; the file is whole or not there."""
    with use(chosen):
        page = render(edition)
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_suffix(".partial")
    partial.write_text(page, encoding="utf-8")
    partial.replace(file)
    return file


def render(edition: Edition) -> str:
    """The page as text, in the language in use."""
    study = edition.manifest["study"]
    data = page_data(edition)
    sections = [section for room in ROOMS for section in room(edition)]
    figures = [figure for section in sections for figure in section.figures]
    data["figures"] = {figure.name: figure.chart for figure in figures if figure.chart is not None}
    environment = Environment(loader=PackageLoader("almaz.report", "page"), autoescape=True, undefined=StrictUndefined)
    room = files("almaz.report") / "page"
    return environment.get_template("page.html").render(
        _=_,
        language=language(),
        languages=[(code, NAMES[code]) for code in LANGUAGES],
        title=in_language(study["study"]["title"]),
        note=in_language(study["study"]["note"]),
        source=in_language(study["study"]["source"]),
        figures=_figures(edition),
        sections=[(section, [(figure, *written_table(figure)) for figure in section.figures]) for section in sections],
        identity=edition.manifest["identity"][:12],
        version=edition.manifest["code"]["versions"]["almaz"],
        has_map=edition.geometry is not None,
        problems=_problems(edition),
        sources=edition.table("sources").to_pylist(),
        unmatched=_unmatched(edition),
        few=len(data["regions"]) < 100,
        regions_number=count(len(data["regions"])),
        clusters_number=count(len(data["clusters"])),
        own_clusters=study["clusters"]["definition"] is None,
        per_head=study["portfolio"]["base"] not in ("same_kind", "all"),
        css=(room / "page.css").read_text(encoding="utf-8"),
        script=(room / "page.js").read_text(encoding="utf-8"),
        bundle=vl_convert.javascript_bundle().replace("</script", "<\\/script"),
        data=json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False).replace("</", "<\\/"),
    )


def write_sections(
    title: str, sections: list[Section], file: Path, chosen: str, *, note: str = "", identity: str = ""
) -> Path:
    """Write a page of sections alone, without an edition of a study around them; the file is whole or not there."""
    with use(chosen):
        page = render_sections(title, sections, note=note, identity=identity, name=file.stem)
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_suffix(".partial")
    partial.write_text(page, encoding="utf-8")
    partial.replace(file)
    return file


def render_sections(
    title: str, sections: list[Section], *, note: str = "", identity: str = "", name: str = "almaz"
) -> str:
    """A page of sections alone, in the language in use: pictures, tables and downloads, nothing from outside."""
    figures = [figure for section in sections for figure in section.figures]
    data = {
        "figures": {figure.name: figure.chart for figure in figures if figure.chart is not None},
        "format": _number_format(),
        "file": name,
    }
    environment = Environment(loader=PackageLoader("almaz.report", "page"), autoescape=True, undefined=StrictUndefined)
    room = files("almaz.report") / "page"
    return environment.get_template("alone.html").render(
        _=_,
        language=language(),
        title=title,
        note=note,
        sections=[(section, [(figure, *written_table(figure)) for figure in section.figures]) for section in sections],
        identity=identity[:12],
        version=version("almaz"),
        css=(room / "page.css").read_text(encoding="utf-8"),
        script=(room / "alone.js").read_text(encoding="utf-8"),
        bundle=vl_convert.javascript_bundle().replace("</script", "<\\/script"),
        data=json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False).replace("</", "<\\/"),
    )


def _number_format() -> dict[str, str]:
    return {"en": {"decimal": ".", "thousands": ","}}.get(language(), {"decimal": ",", "thousands": "\u00a0"})


def written_table(figure: Figure) -> tuple[list[tuple[str, bool]], list[list[str]]]:
    """A figure's table as the language writes it: (heading, whether its cells are numbers) per column, and the rows."""
    table = figure.table.select([name for name in figure.headings if name in figure.table.column_names])
    heads, columns = [], []
    for name, column in zip(table.column_names, table.columns, strict=True):
        number = pa.types.is_integer(column.type) or pa.types.is_floating(column.type)
        form = figure.formats.get(name) or (
            "count" if pa.types.is_integer(column.type) else "decimal" if number else "text"
        )
        heads.append((figure.headings[name], form != "text"))
        columns.append([_written(value, form) for value in column.to_pylist()])
    return heads, [list(row) for row in zip(*columns, strict=True)]


def _written(value: Any, form: str) -> str:
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return "—"
    if form == "text":
        return str(value)
    return {"count": count, "decimal": decimal, "percent": percent, "fine": _fine}[form](value)


def _fine(value: float) -> str:
    """A small number with four digits that count."""
    places = 2 if value == 0 else max(0, min(8, 3 - math.floor(math.log10(abs(value)))))
    return decimal(value, places)


def in_language(names: dict[str, str]) -> str:
    """The text in the language in use, else in English, else in any."""
    return names.get(language()) or names.get("en") or next(iter(names.values()), "")


def page_data(edition: Edition) -> dict[str, Any]:
    """All that the page's charts and tables show: the last year's portfolio, verdicts, types and words."""
    study, spoken = edition.manifest["study"], language()
    table = edition.table("portfolio")
    year = pc.max(table["year"]).as_py()
    rows = table.filter(pc.and_(pc.is_null(table["subcluster"]), pc.equal(table["year"], year)))
    present = set(rows["region"].to_pylist())
    name = f"name_{spoken}"
    regions = {
        r["region"]: r[name] or r["name_en"] or r["region"]
        for r in edition.table("regions").to_pylist()
        if r["region"] in present
    }
    clusters = {c["cluster"]: [c[name] or c["cluster"], c["kind"]] for c in edition.table("clusters").to_pylist()}
    specs = {"bubbles": charts.bubbles(), "ranking": charts.ranking(), "bars": charts.bars()}
    if edition.geometry is not None:
        specs["map"] = charts.region_map(edition.geometry, study["regions"]["projection"])
    return {
        "year": year,
        "measure": study["portfolio"]["measure"],
        "regions": regions,
        "clusters": clusters,
        "portfolio": _columns(rows, study["portfolio"]["measure"]),
        "verdicts": _verdicts(edition),
        "types": {
            f"{r['region']}|{r['cluster']}": [r["class"], r["near_border"], r["missing"]]
            for r in edition.table("typology").to_pylist()
        },
        "strength": {
            r["region"]: [
                _short(r[k])
                for k in (
                    "cluster_strength",
                    "cluster_strength_low",
                    "cluster_strength_high",
                    "strong_clusters",
                    "hidden_share",
                )
            ]
            for r in edition.table("region_strength").to_pylist()
        },
        "colours": {"strong": STRONG_COLOUR, "other": OTHER_COLOUR, "local": LOCAL_COLOUR},
        "specs": specs,
        "words": _words(study["portfolio"]["measure"]),
        "format": _number_format(),
        "workbook": base64.b64encode(workbook(edition)).decode(),
        "file": study["study"]["name"],
    }


def _columns(rows: pa.Table, measure: str) -> dict[str, list[Any]]:
    wanted = {
        "region": "region", "cluster": "cluster", "size": measure, "size_low": f"{measure}_low", "size_high": f"{measure}_high",
        "establishments": "establishments", "lq": "lq", "low": "lq_low", "high": "lq_high", "ci_low": "lq_ci_low",
        "ci_high": "lq_ci_high", "p": "p_lq_above_1", "hidden_share": "hidden_share", "share": "share_of_region",
        "of_cluster": "share_of_cluster", "growth": "growth", "national": "shift_national", "mix": "shift_mix",
        "regional": "shift_regional", "rank": "rank", "rank_low": "rank_low", "rank_high": "rank_high",
    }  # fmt: skip
    regions, clusters = (sorted(set(rows[name].to_pylist())) for name in ("region", "cluster"))
    place = {
        "region": {code: i for i, code in enumerate(regions)},
        "cluster": {code: i for i, code in enumerate(clusters)},
    }
    columns: dict[str, list[Any]] = {"region_codes": regions, "cluster_codes": clusters}
    for short, column in wanted.items():
        if column not in rows.column_names:
            continue
        values = rows[column].to_pylist()
        columns[short] = (
            [place[short][value] for value in values] if short in place else [_short(value) for value in values]
        )
    return columns


def _short(value: float | None) -> float | None:
    """Five significant digits: enough for a chart, small enough for a page."""
    if value is None or not math.isfinite(value):
        return None
    return float(f"{value:.5g}")


def _verdicts(edition: Edition) -> dict[str, list[Any]]:
    verdicts: dict[str, list[Any]] = {}
    for row in edition.table("strength").to_pylist():
        verdicts.setdefault(f"{row['region']}|{row['cluster']}", []).append(
            [row["verdict"], _short(row["score"]), row["certainty"], row["reason"]]
        )
    return verdicts


def _words(measure: str) -> dict[str, str]:
    measures = {
        "employment": _("employment"), "establishments": _("establishments"), "wages": _("wages"), "output": _("output"),
        "value_added": _("value added"), "exports": _("exports"), "production": _("production"),
    }  # fmt: skip
    return {
        "size": measures.get(measure, measure),
        "cluster_strength": _("cluster strength"), "strong_clusters": _("strong clusters"), "hidden_share": _("hidden share"),
        "lq": _("location quotient"), "cluster": _("cluster"), "region": _("region"), "rank": _("rank"), "share": _("share of the region"),
        "of_cluster": _("share of the country's cluster"), "growth": _("growth"), "interval": _("interval"), "chance": _("chance that LQ ≥ 1"),
        "bounds": _("what hidden cells allow"), "establishments": _("establishments"), "type": _("type"), "unknown": _("unknown"),
        "us_cluster_mapping": _("U.S. Cluster Mapping"), "european_stars": _("European stars"), "five_factors": _("five factors"),
        "strong10": _("strong (top tenth)"), "strong": _("strong"), "significant": _("significant"), "qualifying": _("qualifying"), "none": _("not strong"),
        "all": _("under every filling"), "some": _("under some fillings"), "never": _("under no filling"), "certainty": _("strong under fillings of hidden cells"),
        "class_cluster": _("cluster"), "class_hub_and_satellites": _("hub and satellites"),
        "class_territorial_production_complex": _("territorial production complex"), "class_sheltered_local": _("sheltered local concentration"),
        "class_emerging": _("emerging"), "class_none": _("none"), "class_unknown": _("unknown"), "near": _("near the border"),
        "national": _("country's growth"), "mix": _("industry mix"), "regional": _("region's own"), "agree": _("the rules agree"),
        "disagree": _("the rules disagree"), "local": _("local"), "traded": _("traded"), "not_available": _("no figure"), "of": _("of"),
        "all_clusters": _("all clusters together: cluster strength"),
    }  # fmt: skip


def _figures(edition: Edition) -> list[tuple[str, str]]:
    """The few numbers at the top of the page."""
    strength, portfolio = edition.table("region_strength"), edition.table("portfolio")
    measure = edition.manifest["study"]["portfolio"]["measure"]
    last = portfolio.filter(
        pc.and_(pc.is_null(portfolio["subcluster"]), pc.equal(portfolio["year"], pc.max(portfolio["year"])))
    )
    verdicts = edition.table("strength")
    mapping = verdicts.filter(pc.equal(verdicts["rule"], "us_cluster_mapping"))
    strong = pc.sum(pc.is_in(mapping["verdict"], value_set=pa.array(["strong", "strong10"]))).as_py() or 0
    known = pc.sum(pc.multiply(last["hidden_share"], last[measure])).as_py() or 0.0
    whole = pc.sum(last[measure]).as_py() or 0.0
    agree = edition.table("disagreement")["agree"]
    figures = [
        (count(strength.num_rows), texts("region", "regions", strength.num_rows)),
        (count(strong), _("strong clusters in regions")),
        (percent(1 - (pc.mean(agree).as_py() or 0.0), 0), _("of judgements where the three rules disagree")),
    ]
    if edition.manifest["study"]["portfolio"]["base"] in ("same_kind", "all"):
        figures.append(
            (percent(known / whole if whole else 0.0, 1), _("of activity hidden by the office and estimated"))
        )
    return figures


def _problems(edition: Edition) -> list[dict[str, Any]]:
    levels = {"error": _("error"), "warning": _("warning"), "note": _("note")}
    return [
        {**row, "level": levels.get(row["level"], row["level"])} for row in edition.table("problems").to_pylist()[:200]
    ]


def _unmatched(edition: Edition) -> list[tuple[str, str, str]]:
    rows = sorted(edition.table("unmatched").to_pylist(), key=lambda row: -row["share"])
    return [(row["industry"], row["name"] or "", percent(row["share"], 2)) for row in rows]
