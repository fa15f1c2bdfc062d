"""One self-contained HTML page of an edition: works from a disk, without internet, in any of the three languages."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import vl_convert
from jinja2 import Environment, PackageLoader, StrictUndefined

from almaz.language import count, language, percent, texts, use
from almaz.language import text as _
from almaz.report import chains, diamond, hidden, impact, places, potential, programme, relatedness
from almaz.report.page_data import last_year, page_data, shared_data
from almaz.report.section import Section
from almaz.study.edition import Edition
from almaz.tables.problems import spoken
from almaz.whole import whole

Room = Callable[[Edition], list[Section]]
ROOMS: tuple[Room, ...] = (
    hidden.sections,
    relatedness.sections,
    diamond.sections,
    chains.sections,
    places.sections,
    potential.sections,
    programme.sections,
    impact.sections,
)
"""The rooms whose sections follow the portfolio, in the order of the page."""
PARTS = ("numbers.js", "tables.js", "workbook.js", "charts.js", "rooms.js")
"""What the scripts of all pages share, in the order in which the parts build on each other."""
SCRIPTS = {"page.html": (*PARTS, "rows.js", "page.js"), "alone.html": (*PARTS, "alone.js")}


def write_report(edition: Edition, file: Path, chosen: str) -> Path:
    """Write the report of an edition in one language; the file is whole or not there."""
    with use(chosen):
        return _written(render(edition), file)


def write_sections(
    title: str, sections: list[Section], file: Path, chosen: str, *, note: str = "", identity: str = ""
) -> Path:
    """Write a page of sections alone, without an edition's portfolio around them; the file is whole or not there."""
    with use(chosen):
        data = shared_data([figure for section in sections for figure in section.figures], file.stem)
        about = {"title": title, "note": note, "identity": identity[:12], "version": version("almaz")}
        return _written(_page("alone.html", data, sections=sections, **about), file)


def _written(page: str, file: Path) -> Path:
    with whole(file) as partial:
        partial.write_text(page, encoding="utf-8")
    return file


def render(edition: Edition) -> str:
    """The page as text, in the language in use."""
    study = edition.manifest["study"]
    sections = [section for room in ROOMS for section in room(edition)]
    data = page_data(edition, [figure for section in sections for figure in section.figures])
    return _page(
        "page.html",
        data,
        title=in_language(study["study"]["title"]),
        note=in_language(study["study"]["note"]),
        source=in_language(study["study"]["source"]),
        figures=_figures(edition),
        sections=sections,
        identity=edition.manifest["identity"][:12],
        version=edition.manifest["code"]["versions"]["almaz"],
        has_map=edition.geometry is not None,
        problems=_problems(edition),
        sources=edition.table("sources").to_pylist(),
        unmatched=_unmatched(edition),
        few=len(data["regions"]) < 100,
        regions_number=count(len(data["regions"])),
        own_clusters=study["clusters"]["definition"] is None,
        per_head=study["portfolio"]["base"] not in ("same_kind", "all"),
    )


def _page(template: str, data: dict[str, Any], **values: Any) -> str:
    """A page with its style, its script, the chart bundle and its data inside: nothing is fetched."""
    environment = Environment(loader=PackageLoader("almaz.report", "page"), autoescape=True, undefined=StrictUndefined)
    room = files("almaz.report") / "page"
    return environment.get_template(template).render(
        _=_,
        language=language(),
        css=(room / "page.css").read_text(encoding="utf-8"),
        script="\n".join((room / name).read_text(encoding="utf-8") for name in SCRIPTS[template]),
        bundle=vl_convert.javascript_bundle().replace("</script", "<\\/script"),
        data=packed(data),
        **values,
    )


def packed(data: dict[str, Any]) -> str:
    """JSON, compressed and written in letters that HTML leaves alone; the same data give the same bytes."""
    written = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return base64.b64encode(gzip.compress(written.encode(), compresslevel=9, mtime=0)).decode()


def in_language(names: dict[str, str]) -> str:
    """The text in the language in use, else in English, else in any."""
    return names.get(language()) or names.get("en") or next(iter(names.values()), "")


def _figures(edition: Edition) -> list[tuple[str, str]]:
    """The few numbers at the top of the page."""
    strength, last = edition.table("region_strength"), last_year(edition)
    study = edition.manifest["study"]["portfolio"]
    verdicts = edition.table("strength")
    mapping = verdicts.filter(pc.equal(verdicts["rule"], "us_cluster_mapping"))
    strong = pc.sum(pc.is_in(mapping["verdict"], value_set=pa.array(["strong", "strong10"]))).as_py() or 0
    hidden = pc.sum(pc.multiply(last["hidden_share"], last[study["measure"]])).as_py() or 0.0
    whole = pc.sum(last[study["measure"]]).as_py() or 0.0
    agree = edition.table("disagreement")["agree"]
    figures = [
        (count(strength.num_rows), texts("region", "regions", strength.num_rows)),
        (count(strong), _("strong clusters in regions")),
        (percent(1 - (pc.mean(agree).as_py() or 0.0), 0), _("of judgements where the three rules disagree")),
    ]
    if study["base"] in ("same_kind", "all"):
        figures.append(
            (percent(hidden / whole if whole else 0.0, 1), _("of activity hidden by the office and estimated"))
        )
    return figures


def _problems(edition: Edition) -> list[dict[str, Any]]:
    return [spoken(row) for row in edition.table("problems").slice(0, 200).to_pylist()]


def _unmatched(edition: Edition) -> list[tuple[str, str, str]]:
    rows = sorted(edition.table("unmatched").to_pylist(), key=lambda row: -row["share"])
    return [(row["industry"], row["name"] or "", percent(row["share"], 2)) for row in rows]
