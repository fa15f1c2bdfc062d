"""The potential: a board of conditions, preconditions, favouring factors and obstacles; the shortlist; critical mass."""

from __future__ import annotations

import textwrap
from typing import Any

import altair as alt
import pyarrow as pa

from almaz.language import decimal, language
from almaz.language import text as _
from almaz.programme.explained import kind_words, note_words, status_words
from almaz.report import charts
from almaz.report.charts import INK, STRONG, with_rows
from almaz.report.critical_mass import critical_mass_figures
from almaz.report.section import Figure, Section, later
from almaz.report.shortlist import shortlist_figure
from almaz.study.edition import Edition

STATUS_COLOURS = {"met": STRONG, "partly": "#e0bf7a", "not": "#c2571a", "unknown": "#ffffff"}


def sections(edition: Edition) -> list[Section]:
    """The section on potential, where the study asks for it."""
    if "potential" not in edition.tables:
        return []
    regions, clusters, _elements = _names(edition)
    figures = (
        _board(edition), *_agreement(edition), shortlist_figure(edition, regions, clusters),
        *critical_mass_figures(edition),
    )  # fmt: skip
    return [
        Section(
            name="potential",
            title=_("Cluster potential"),
            lead=_(
                "For every candidate: the article's four conditions, six preconditions, two favouring factors and five "
                "obstacles. Statistics say what they can; the rest is judged by experts with evidence, or stays unknown. "
                "Unknown lowers the confidence, never the status."
            ),
            figures=figures,
            warnings=tuple(note_words(note) for note in _notes(edition)),
        )
    ]


def _names(edition: Edition) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    spoken = f"name_{language()}"
    tables = (("regions", "region"), ("clusters", "cluster"), ("potential_elements", "element"))
    regions, clusters, elements = (
        {row[key]: row[spoken] or row["name_en"] or row[key] for row in edition.table(table).to_pylist()}
        for table, key in tables
    )
    return regions, clusters, elements


def _choice(name: str, label: str, options: list[str]) -> alt.Parameter:
    return alt.param(name=name, value=options[0], bind=alt.binding_select(options=options, name=label + " "))


def _board(edition: Edition) -> Figure:
    regions, clusters, elements = _names(edition)
    rows = edition.table("potential").to_pylist()
    order = {code: i for i, code in enumerate(elements)}
    first = {row["kind"]: row["element"] for row in reversed(edition.table("potential_elements").to_pylist())}
    shown = [
        {
            "region": regions[row["region"]], "cluster": clusters[row["cluster"]], "element": elements[row["element"]],
            "order": order[row["element"]], "status": row["status"], "confidence": round(row["confidence"], 2),
            "said": status_words(row["kind"])[row["status"]], "kind": kind_words()[row["kind"]],
            "open": row["status_low"] != row["status_high"], "starts": first[row["kind"]] == row["element"],
        }
        for row in rows
    ]  # fmt: skip
    options = sorted({row["region"] for row in shown})
    lines = {name: "\n".join(textwrap.wrap(name, 36, max_lines=2, placeholder="…")) for name in elements.values()}
    chart = _board_chart([row | {"element": lines[str(row["element"])]} for row in shown], options)
    table = pa.table(
        {
            **{name: [row[name] for row in shown] for name in ("region", "cluster", "kind", "element", "said")},
            "confidence": [row["confidence"] for row in rows],
            "place": pa.array([row["place"] for row in rows], pa.float64()),
            "level": pa.array([row["level"] for row in rows], pa.float64()),
            "evidence": ["; ".join(_evidence(one) for one in row["evidence"]) or "—" for row in rows],
            "wanting": ["; ".join(_evidence(one) for one in row["wanting"]) or "—" for row in rows],
        }
    )
    headings = {
        "region": _("region"), "cluster": _("cluster"), "kind": _("kind"), "element": _("element"), "said": _("status"),
        "confidence": _("confidence"), "place": _("place among regions"), "level": _("judged level, 1 to 7"),
        "evidence": _("evidence"), "wanting": _("not measured"),
    }  # fmt: skip
    return Figure(
        "potential-board", _("Board of conditions, preconditions and obstacles"), table, headings, chart,
        formats={"confidence": "percent", "place": "percent"}, wide=True,
        hint=_(
            "Teal: met, or for an obstacle not in the way. Sand: partly. Orange: not met, or in the way. White: unknown. "
            "Pale: little is known. Dot: the interval reaches another status."
        ),
    )  # fmt: skip


@later
def _board_chart(rows: list[dict[str, Any]], options: list[str]) -> dict[str, Any]:
    """Elements down, candidates across: long names of elements stay level and readable, a line parts the kinds."""
    choice = _choice("potential_region", _("region"), options)
    elements = alt.Y(
        "element:N", sort=alt.EncodingSortField("order"), title=None,
        axis=charts.lines_axis(260),
    )  # fmt: skip
    base = (
        alt.Chart(alt.NamedData("board"))
        .transform_filter("datum.region == potential_region")
        .encode(
            x=alt.X("cluster:N", title=None, axis=alt.Axis(orient="top", labelAngle=-90, labelLimit=200, labelOverlap=False)),
            y=elements,
            tooltip=[
                alt.Tooltip("cluster:N", title=_("cluster")), alt.Tooltip("kind:N", title=_("kind")),
                alt.Tooltip("element:N", title=_("element")), alt.Tooltip("said:N", title=_("status")),
                alt.Tooltip("confidence:Q", title=_("confidence"), format=".0%"),
            ],
        )
    )  # fmt: skip
    colour = alt.Color(
        "status:N",
        scale=alt.Scale(domain=list(STATUS_COLOURS), range=list(STATUS_COLOURS.values())),
        legend=None,
    )
    cells = base.mark_rect(stroke="#c8ced5", strokeWidth=1, cornerRadius=3).encode(
        color=colour,
        opacity=alt.Opacity("confidence:Q", scale=alt.Scale(domain=[0, 0.6], range=[0.45, 1], clamp=True), legend=None),
    )
    dots = base.transform_filter("datum.open && datum.status != 'unknown'").mark_circle(size=14, color=INK, opacity=0.7)
    parts = (
        alt.Chart(alt.NamedData("board"))
        .transform_filter("datum.region == potential_region && datum.starts")
        .mark_rule(color=INK, strokeWidth=1.4)
        .encode(y=alt.Y("element:N", sort=alt.EncodingSortField("order"), bandPosition=0))
    )
    return with_rows((cells + dots + parts).add_params(choice).properties(height=alt.Step(29)), board=rows)


def _evidence(code: str) -> str:
    """What a proxy is called: "signal:lq" is a figure of the cluster; what an expert wrote stays as written."""
    kind, _colon, name = code.partition(":")
    words = {
        "signal": _("figure of the cluster: {name}", name=_signals().get(name, name)),
        "industries": _("establishments of supporting industries"),
        "indicator": _("indicator: {name}", name=name.replace("|", " / ")),
    }
    return words.get(kind, code)


def _signals() -> dict[str, str]:
    return {
        "establishments": _("number of establishments"), "establishments_lq": _("location quotient of establishments"),
        "employees_per_establishment": _("employees per establishment"), "lq": _("location quotient"), "growth": _("growth"),
        "national_growth": _("growth of the cluster in the country"), "exports_per_employee": _("exports per employee"),
        "productivity": _("wage per employee"),
    }  # fmt: skip


def _notes(edition: Edition) -> list[str]:
    """What the forms say of themselves, e.g. that they only illustrate."""
    if "potential_judgements" not in edition.tables:
        return []
    return sorted(set(edition.table("potential_judgements")["note"].drop_null().to_pylist()))


def _agreement(edition: Edition) -> list[Figure]:
    """How far the experts agree, over everything and for each candidate; no picture: three numbers need none."""
    if "potential_agreement" not in edition.tables:
        return []
    regions, clusters, _elements = _names(edition)
    verdicts = {
        "reliable": _("reliable"), "tentative": _("tentative"), "doubtful": _("doubtful"), "unknown": _("unknown"),
    }  # fmt: skip
    rows = edition.table("potential_agreement").to_pylist()
    columns: dict[str, list[Any]] = {
        "region": [regions.get(row["region"], "") or _("all") for row in rows],
        "cluster": [clusters.get(row["cluster"], "") or _("all") for row in rows],
        "alpha": [_("unknown") if row["alpha"] is None else decimal(row["alpha"], 2) for row in rows],
        "verdict": [verdicts[row["verdict"]] for row in rows],
        "experts": [row["experts"] for row in rows], "compared": [row["compared"] for row in rows],
    }  # fmt: skip
    headings = {
        "region": _("region"), "cluster": _("cluster"), "alpha": _("Krippendorff's alpha"), "verdict": _("verdict"),
        "experts": _("experts"), "compared": _("answers given by two or more"),
    }  # fmt: skip
    return [
        Figure(
            "potential-agreement", _("Do the experts agree?"), pa.table(columns), headings,
            hint=_("From 0.8 the judgements are reliable, from 0.667 tentative, below that doubtful; a status keeps the whole "
                   "range of what the experts said."),
        )
    ]  # fmt: skip
