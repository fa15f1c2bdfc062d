"""Impact in the report: the three directions, growth regressions, the evaluation, the survey, the horizon."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from almaz.impact.directions import DIRECTIONS, indicators
from almaz.impact.survey import questionnaire
from almaz.language import count, language, percent
from almaz.language import text as _
from almaz.report import impact_charts as charts
from almaz.report import impact_horizon, impact_programme
from almaz.report.impact_programme import number
from almaz.report.section import Figure, Section
from almaz.study.edition import Edition

MOST_WRITTEN = 500
"""Rows of a table of directions on the page."""
MOST_ROWS = 12_000
"""Rows that a picture of directions may hold; of more regions only those with most figures are drawn."""


def sections(edition: Edition) -> list[Section]:
    """What the edition holds of impact, in the order of the questions."""
    found = []
    if "directions" in edition.tables:
        found.append(_directions(edition))
    if "growth_regression" in edition.tables:
        found.append(_growth(edition))
    found += impact_programme.sections(edition)
    if "survey_scores" in edition.tables:
        found.append(_survey(edition))
    if "horizon" in edition.tables:
        found.append(impact_horizon.section(edition))
    return found


def direction_names() -> dict[str, str]:
    """The three directions as a reader sees them."""
    return {
        "productivity": _("productivity of firms and industries"),
        "innovation": _("opportunities for innovation"),
        "new_business": _("new business"),
    }


def _directions(edition: Edition) -> Section:
    names = direction_names()
    figures = [figure for direction in DIRECTIONS if (figure := _direction(edition, direction, names[direction]))]
    coverage = edition.table("direction_indicators")
    missing = pc.sum(pc.invert(coverage["measured"])).as_py() or 0
    warnings = []
    if missing:
        warnings.append(
            _(
                "{missing} of {all} indicators are unknown: the data do not hold their measures. What is missing stands in the"
                " table; unknown is not zero.",
                missing=count(missing),
                all=count(coverage.num_rows),
            )
        )
    return Section(
        "impact-directions",
        _("Three directions of effect"),
        _(
            "What a cluster is to bring: higher productivity, more innovation, new business. Levels and growth, not yet effects."
        ),
        (*figures, _coverage(coverage)),
        tuple(warnings),
    )


def _direction(edition: Edition, direction: str, title: str) -> Figure | None:
    table = edition.table("directions")
    mine = table.filter(pc.equal(table["direction"], direction))
    if mine.num_rows == 0:
        return None
    named = {indicator.name: indicator for indicator in indicators()}
    drawn = _drawn(mine)
    shown = [one for one in named if one in set(drawn["indicator"].to_pylist())]
    titles = [named[one].spoken(named[one].title) for one in shown]
    why = " ".join(f"{named[one].spoken(named[one].title)}: {named[one].spoken(named[one].why)}." for one in shown)
    regions, clusters = _names_of(edition, drawn, "region"), _names_of(edition, drawn, "cluster")
    rows, written = _spoken(drawn, regions, clusters, shown)
    kinds = [
        (name, named[one].form == "ratio", named[one].unit.startswith("share"))
        for name, one in zip(titles, shown, strict=True)
    ]
    said = _("Hollow: estimated, because the office hides figures; thin line: all that hidden cells allow.")
    more = _(
        "The table holds the {number} farthest from the country; all are in the edition, table «directions».",
        number=MOST_WRITTEN,
    )
    return Figure(
        f"directions-{direction.replace('_', '-')}",
        title,
        written,
        {
            "region": _("region"), "cluster": _("cluster"), "indicator": _("indicator"), "shown": _("value"),
            "bounds": _("what hidden cells allow"), "country": _("country"),
        },
        charts.directions(rows, list(regions.values()), list(clusters.values()), kinds),
        hint=f"{said} {why}" + (f" {more}" if len(rows) > MOST_WRITTEN else ""),
    )  # fmt: skip


def _names_of(edition: Edition, drawn: pa.Table, kind: str) -> dict[str, str]:
    """Codes that are drawn and their names in the language in use, in the order of the names."""
    spoken, there = f"name_{language()}", set(drawn[kind].to_pylist())
    names = {
        row[kind]: row[spoken] or row.get("name_en") or row[kind]
        for row in edition.table(f"{kind}s").to_pylist()
        if row[kind] in there
    }
    return dict(sorted(names.items(), key=lambda item: item[1]))


def _drawn(table: pa.Table) -> pa.Table:
    """The last year of each indicator, of as many regions as a page can hold, those with most figures first."""
    last = table.group_by("indicator").aggregate([("year", "max")])
    latest = table.join(last, "indicator").combine_chunks()
    latest = latest.filter(pc.and_(pc.equal(latest["year"], latest["year_max"]), pc.is_valid(latest["relative"])))
    if latest.num_rows <= MOST_ROWS:
        return latest
    fullest = latest.group_by("region").aggregate([("value", "count")])
    order = fullest.sort_by([("value_count", "descending"), ("region", "ascending")])["region"].to_pylist()
    kept = order[: max(1, MOST_ROWS * len(order) // latest.num_rows)]
    return latest.filter(pc.is_in(latest["region"], value_set=pa.array(kept)))


def _spoken(
    table: pa.Table, regions: dict[str, str], clusters: dict[str, str], shown: list[str]
) -> tuple[list[dict[str, Any]], pa.Table]:
    """Rows for the picture, by places in its lists, and the farthest from the country in words."""
    named = {indicator.name: indicator for indicator in indicators()}
    places = [{code: place for place, code in enumerate(codes)} for codes in (regions, clusters, shown)]
    found = table.to_pylist()
    rows = [
        {
            "r": places[0][row["region"]], "c": places[1][row["cluster"]], "i": places[2][row["indicator"]],
            **{short: _short(row[key]) for short, key in zip("vlhn", ("value", "low", "high", "country"), strict=True)},
            "s": int(row["status"] == "known"),
        }
        for row in found
    ]  # fmt: skip
    far = sorted(found, key=lambda row: -abs(row["relative"] - (named[row["indicator"]].form == "ratio")))
    written = []
    for row in far[:MOST_WRITTEN]:
        unit = named[row["indicator"]].unit
        written.append(
            {
                "region": regions[row["region"]], "cluster": clusters[row["cluster"]],
                "indicator": named[row["indicator"]].spoken(named[row["indicator"]].title),
                "shown": _figure(row["value"], unit),
                "bounds": f"{_figure(row['low'], unit)} … {_figure(row['high'], unit)}",
                "country": _figure(row["country"], unit),
            }
        )  # fmt: skip
    return rows, pa.Table.from_pylist(written)


def _short(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.5g}")


def _figure(value: float | None, unit: str) -> str:
    if value is None:
        return "∞" if unit != "share" else "—"
    return percent(value, 1) if unit.startswith("share") else number(value)


def _coverage(table: pa.Table) -> Figure:
    named, directions = {one.name: one for one in indicators()}, direction_names()
    rows = [
        {
            "direction": directions[row["direction"]],
            "indicator": named[row["indicator"]].spoken(named[row["indicator"]].title),
            "formula": row["formula"],
            "measured": _("measured") if row["measured"] else _("unknown"),
            "missing": row["missing"] or "",
            "source": named[row["indicator"]].spoken(named[row["indicator"]].source),
        }
        for row in table.to_pylist()
    ]
    return Figure(
        "directions-coverage",
        _("Indicators: what is measured and what is missing"),
        pa.Table.from_pylist(rows),
        {
            "direction": _("direction"), "indicator": _("indicator"), "formula": _("formula"), "measured": _("state"),
            "missing": _("measures the data lack"), "source": _("usual source"),
        },
        wide=True,
    )  # fmt: skip


def _growth(edition: Edition) -> Section:
    table = edition.table("growth_regression")
    models = {
        "convergence": _("initial level alone"),
        "cluster": _("with the cluster"),
        "full": _("with related clusters and neighbours too"),
        "full_from_ten": _("the same, cells of ten and more"),
    }
    terms = {
        "initial": _("initial level"),
        "cluster": _("rest of its cluster"),
        "related": _("related clusters"),
        "neighbours": _("cluster next door"),
    }
    first = table.slice(0, 1).to_pylist()[0]
    figures = []
    for measure in dict.fromkeys(table["measure"].to_pylist()):
        rows = [
            {**row, "model": models[row["model"]], "term": terms[row["term"]]}
            for row in table.filter(pc.equal(table["measure"], measure)).to_pylist()
        ]
        used = list(dict.fromkeys(row["model"] for row in rows))
        figures.append(
            Figure(
                f"growth-{measure.replace('_', '-')}",
                _("Growth of {measure}, {first}–{last}", measure=_measure(measure), first=first["first"], last=first["last"]),
                pa.Table.from_pylist(rows),
                {
                    "term": _("regressor"), "model": _("specification"), "estimate": _("coefficient"),
                    "error": _("standard error"), "low": _("interval from"), "high": _("to"), "p": _("chance"),
                    "cells": _("cells"), "groups": _("groups of errors"), "r2_within": _("R² within"),
                },
                charts.coefficients(rows, used),
                dict.fromkeys(("estimate", "error", "low", "high", "p", "r2_within"), "fine"),
                _(
                    "Points right of 0: industries grew faster where it is stronger. Used: {share} of region × industry cells"
                    " with activity.",
                    share=percent(rows[0]["share_of_cells"], 0),
                ),
            )
        )  # fmt: skip
    return Section(
        "impact-growth",
        _("Do industries grow faster in strong clusters?"),
        _(
            "Regressions after Delgado, Porter and Stern (2014): growth of an industry in a region on its initial level, on the"
            " strength of its cluster without itself, of related clusters and of neighbours; region and industry effects."
        ),
        tuple(figures),
        tuple(_growth_warnings(first)),
    )


def _measure(name: str) -> str:
    return {
        "employment": _("employment"), "establishments": _("establishments"), "wages": _("wages"), "output": _("output"),
        "value_added": _("value added"), "exports": _("exports"), "production": _("production"),
    }.get(name, name)  # fmt: skip


def _growth_warnings(row: dict[str, Any]) -> list[str]:
    said = [
        _(
            "An association, not an effect: what made a cluster strong may also make it grow. A negative coefficient of the"
            " initial level is in part arithmetic: a chance peak or an error in the first figure lowers the growth after it."
        )
    ]
    if row["last"] - row["first"] == 1:
        said.insert(
            0,
            _(
                "One year of growth: business cycle, chance openings and errors of measurement weigh most. It can show a sign,"
                " not a long-run rate; the papers use 15 years."
            ),
        )
    return said


def _survey(edition: Edition) -> Section:
    scores = edition.table("survey_scores")
    asked, answered = (max(scores[key].to_pylist(), default=0) for key in ("asked", "answered"))
    return Section(
        "impact-survey",
        _("What statistics cannot show: the survey"),
        _("Trust, information, joint work and readiness to cooperate, as the organisations of the cluster see them."),
        survey_figures(scores, edition.table("survey_items")),
        (
            _(
                "{answered} of {asked} asked answered; nothing is assumed about the others.",
                answered=count(answered), asked=count(asked),
            ),
        ) if answered < asked else (),
    )  # fmt: skip


def survey_figures(scores: pa.Table, answers: pa.Table) -> tuple[Figure, Figure]:
    """The blocks' scores with their intervals, and the statements one by one. Tables of `impact.survey`: `SCORES`, `ITEMS`."""
    form = questionnaire()
    rows = [
        {**row, "block": form.title(row["block"]), "answered": f"{row['answered']} / {row['asked']}"}
        for row in scores.to_pylist()
    ]
    drawn = [row for row in rows if row["mean"] is not None]
    wording = {item.name: item.text[language()] for item in form.items}
    items = [{**row, "text": wording[row["item"]], "block": form.title(row["block"])} for row in answers.to_pylist()]
    return (
        Figure(
            "survey-scores", _("Scores"), pa.Table.from_pylist(rows),
            {
                "block": _("block"), "answered": _("answered"), "mean": _("score"), "low": _("interval from"),
                "high": _("to"), "bound_low": _("silent at the low end"), "bound_high": _("at the high end"),
                "alpha": _("Cronbach's alpha"),
            },
            charts.survey(drawn, form.lowest, form.highest),
            hint=_(
                "Dot: those who answered. Bar: what other answers by chance could have made it. Thin line: had all the"
                " silent answered at one end. Alpha below 0.7: the statements do not measure one thing."
            ),
        ),
        Figure(
            "survey-items", _("Statement by statement"), pa.Table.from_pylist(items),
            {
                "block": _("block"), "text": _("statement"), "answered": _("answered"), "agree": _("agree"),
                "agree_low": _("interval from"), "agree_high": _("to"), "median": _("median"),
            },
            formats=dict.fromkeys(("agree", "agree_low", "agree_high"), "percent"), wide=True,
        ),
    )  # fmt: skip
