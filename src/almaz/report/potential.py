"""The potential: a board of conditions, preconditions, favouring factors and obstacles; the shortlist; critical mass."""

from __future__ import annotations

from typing import Any

import altair as alt
import pyarrow as pa

from almaz.language import count, decimal, language
from almaz.language import text as _
from almaz.programme.explained import gap_words, kind_words, status_words
from almaz.report.charts import INK, QUIET, STRONG, themed
from almaz.report.section import Figure, Section
from almaz.study.edition import Edition

STATUS_COLOURS = {"met": STRONG, "partly": "#e0bf7a", "not": "#c2571a", "unknown": "#ffffff"}


def sections(edition: Edition) -> list[Section]:
    """The section on potential, where the study asks for it."""
    if "potential" not in edition.tables:
        return []
    return [
        Section(
            name="potential",
            title=_("Cluster potential"),
            lead=_(
                "For every candidate: the article's four conditions, six preconditions, two favouring factors and five "
                "obstacles. Statistics say what they can; the rest is judged by experts with evidence, or stays unknown. "
                "Unknown lowers the confidence, never the status."
            ),
            figures=(_board(edition), _shortlist(edition), *_mass(edition)),
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
    shown = [
        {
            "region": regions[row["region"]], "cluster": clusters[row["cluster"]], "element": elements[row["element"]],
            "order": order[row["element"]], "status": row["status"], "confidence": round(row["confidence"], 2),
            "said": status_words(row["kind"])[row["status"]], "kind": kind_words()[row["kind"]],
            "open": row["status_low"] != row["status_high"],
        }
        for row in rows
    ]  # fmt: skip
    options = sorted({row["region"] for row in shown})
    chart = _board_chart(shown, options)
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


def _board_chart(rows: list[dict[str, Any]], options: list[str]) -> dict[str, Any]:
    choice = _choice("potential_region", _("region"), options)
    base = (
        alt.Chart(alt.InlineData(values=rows))
        .transform_filter("datum.region == potential_region")
        .encode(
            x=alt.X("element:N", sort=alt.EncodingSortField("order"), title=None,
                    axis=alt.Axis(orient="top", labelAngle=-45, labelLimit=330, labelOverlap=False)),
            y=alt.Y("cluster:N", title=None),
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
    return themed((cells + dots).add_params(choice).properties(height=alt.Step(24)))


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


def _shortlist(edition: Edition) -> Figure:
    regions, clusters, _elements = _names(edition)
    rows = edition.table("shortlist").to_pylist()
    words = gap_words()
    shown = [
        {
            "region": regions[row["region"]], "cluster": clusters[row["cluster"]], "rank": row["rank"], "low": row["rank_low"],
            "high": row["rank_high"], "front": row["front"], "score": round(row["score"], 3),
            "advantages": ", ".join(words[code] for code in row["advantages"]) or "—",
            "drawbacks": ", ".join(words[code] for code in row["drawbacks"]) or "—",
        }
        for row in rows
    ]  # fmt: skip
    options = sorted({row["region"] for row in shown})
    base = (
        alt.Chart(alt.InlineData(values=shown))
        .transform_filter("datum.region == shortlist_region")
        .encode(y=alt.Y("cluster:N", sort=alt.EncodingSortField("rank"), title=None))
    )
    axis = alt.X(
        "low:Q",
        title=_("rank"),
        axis=alt.Axis(orient="top", tickMinStep=1, format="d"),
        scale=alt.Scale(zero=False, nice=False, padding=12),
    )
    spans = base.mark_bar(height=6, color="#b7d7cf").encode(x=axis, x2="high:Q")
    points = base.mark_point(filled=True, size=90, strokeWidth=1.8, opacity=1).encode(
        x="rank:Q",
        fill=alt.condition("datum.front", alt.value(STRONG), alt.value("white")),
        stroke=alt.condition("datum.front", alt.value(STRONG), alt.value(QUIET)),
        tooltip=[
            alt.Tooltip("cluster:N", title=" "), alt.Tooltip("score:Q", title=_("score"), format=".2f"),
            alt.Tooltip("advantages:N", title=_("advantages")), alt.Tooltip("drawbacks:N", title=_("drawbacks")),
        ],
    )  # fmt: skip
    chart = (
        (spans + points).add_params(_choice("shortlist_region", _("region"), options)).properties(height=alt.Step(24))
    )
    names = ("region", "cluster", "rank", "low", "high", "score", "advantages", "drawbacks")
    table = pa.table({name: [row[name] for row in shown] for name in names})
    headings = {
        "region": _("region"), "cluster": _("cluster"), "rank": _("rank"), "low": _("best rank"), "high": _("worst rank"),
        "score": _("score"), "advantages": _("advantages"), "drawbacks": _("drawbacks"),
    }  # fmt: skip
    return Figure(
        "potential-shortlist", _("Shortlist of candidates"), table, headings, themed(chart), wide=True,
        hint=_(
            "Filled: no other candidate of the region beats it on every criterion. Bar: the ranks it takes in nine of ten "
            "draws of weights and of values inside their intervals. Point at it to see its advantages and its drawbacks."
        ),
    )  # fmt: skip


def _mass(edition: Edition) -> list[Figure]:
    if "critical_mass" not in edition.tables:
        return []
    rows = edition.table("critical_mass").to_pylist()
    outcomes = {"entry": _("entry of missing industries"), "growth": _("growth of establishments")}
    said = [_verdict(row) for row in rows]
    curve = edition.table("critical_mass_curve")
    points = [row | {"outcome": outcomes[row["outcome"]]} for row in curve.to_pylist() if row["size"] > 0]
    base = alt.Chart(alt.InlineData(values=points)).encode(
        x=alt.X(
            "size:Q", scale=alt.Scale(type="log", nice=False), title=_("establishments of the cluster in the region")
        )
    )
    line = base.mark_line(strokeWidth=1.6).encode(
        y=alt.Y("ratio:Q", title=_("likelihood ratio")),
        color=alt.Color("outcome:N", title=None, scale=alt.Scale(range=[STRONG, "#c2571a"])),
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


def _verdict(row: dict[str, Any]) -> str:
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
