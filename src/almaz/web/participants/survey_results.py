"""What a wave of the survey says: only together, only from five answers on, only once it is over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import altair as alt
import numpy as np
import pyarrow as pa
from django.urls import reverse

from almaz.impact.survey import Answers, Item, item_answers, questionnaire, score
from almaz.language import count, date
from almaz.language import text as _
from almaz.report import charts
from almaz.report.impact import survey_figures
from almaz.report.section import Figure
from almaz.web.centre.access import Access
from almaz.web.figures import shown
from almaz.web.participants.models import Invitation, Wave

BLOCKS = ("trust", "readiness", "technological_culture")
"""What is asked: the article's favouring factors (A11), and trust (A9)."""
FEWEST = 5
"""Answers below which nothing is shown: fewer could be guessed apart."""


def items() -> list[Item]:
    """The statements that are asked, in the order of the form."""
    return [item for item in questionnaire().items if item.block in BLOCKS]


def answers_of(wave: Wave) -> Answers:
    """The answers of a wave in no order that tells anything, the silent last."""
    form = questionnaire()
    given = [
        [float(answer.values.get(item.name) or "nan") for item in form.items] for answer in wave.answers.order_by("id")
    ]
    silent = [[float("nan")] * len(form.items)] * max(0, wave.asked - len(given))
    values = np.array([*given, *silent], dtype=np.float64).reshape(-1, len(form.items))
    return Answers(tuple(map(str, range(1, len(values) + 1))), values)


def withheld(wave: Wave) -> str:
    """Why the results are not shown; nothing where they are."""
    if not wave.over:
        return _("The results are shown when the wave is over.")
    number = wave.answers.count()
    if number < FEWEST:
        return _(
            "{number} answered. Results are shown from {least} answers on, so that nobody's answer can be told.",
            number=count(number),
            least=count(FEWEST),
        )
    return ""


def scores(wave: Wave) -> pa.Table:
    """The blocks' scores: `impact.survey.SCORES`, of the blocks that at least five answered."""
    held = score(answers_of(wave))
    return pa.Table.from_pylist(
        [row for row in held.to_pylist() if row["block"] in BLOCKS and row["answered"] >= FEWEST], schema=held.schema
    )


def results(wave: Wave) -> list[Figure]:
    """The scores, the statements, and the waves before; nothing while they are withheld."""
    if withheld(wave):
        return []
    told = item_answers(answers_of(wave))
    kept = pa.Table.from_pylist(
        [row for row in told.to_pylist() if row["block"] in BLOCKS and row["answered"] >= FEWEST], schema=told.schema
    )
    made = [*survey_figures(scores(wave), kept)]
    earlier = [one for one in Wave.of(wave.cluster).filter(opens__lte=wave.opens).order_by("opens", "pk")
               if not withheld(one)]  # fmt: skip
    return [*made, _history(earlier)] if len(earlier) > 1 else made


def _history(waves: list[Wave]) -> Figure:
    form = questionnaire()
    rows = [
        {"wave": one.title, "opens": date(one.opens), "day": one.opens.isoformat(), "block": form.title(row["block"]),
         "answered": f"{row['answered']} / {row['asked']}",
         **{name: row[name] for name in ("mean", "low", "high", "bound_low", "bound_high")}}
        for one in waves
        for row in scores(one).to_pylist()
    ]  # fmt: skip
    return Figure(
        "survey-waves",
        _("Wave by wave"),
        pa.Table.from_pylist(rows),
        {
            "wave": _("wave"), "opens": _("open from"), "block": _("block"), "answered": _("answered"), "mean": _("score"),
            "low": _("interval from"), "high": _("to"), "bound_low": _("silent at the low end"),
            "bound_high": _("at the high end"),
        },
        chart=_history_chart(rows, form.lowest, form.highest),
        hint=_("Bars that overlap: the change may be chance. Who answered need not be the same from wave to wave."),
        wide=True,
    )  # fmt: skip


def _history_chart(rows: list[dict[str, Any]], lowest: int, highest: int) -> dict[str, Any]:
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        x=alt.X("day:T", title=None, axis=alt.Axis(format="%Y-%m", labelOverlap=True)),
        color=alt.Color(
            "block:N", title=_("block"), scale=alt.Scale(range=[charts.STRONG, "#c2571a", "#6b4fa3"]),
            legend=alt.Legend(columns=1, labelLimit=320),
        ),
    )  # fmt: skip
    scale = alt.Scale(domain=[lowest, highest])
    rule = base.mark_rule(strokeWidth=5, opacity=0.3).encode(
        y=alt.Y("low:Q", scale=scale, title=_("score, {low} to {high}", low=lowest, high=highest)), y2="high:Q"
    )
    line = base.mark_line(point=alt.OverlayMarkDef(size=70, filled=True)).encode(
        y=alt.Y("mean:Q", scale=scale),
        tooltip=[
            alt.Tooltip("wave:N", title=_("wave")),
            alt.Tooltip("block:N", title=_("block")),
            alt.Tooltip("mean:Q", format=".2f", title=_("score")),
            alt.Tooltip("answered:N", title=_("answered")),
        ],
    )
    return charts.themed((rule + line).properties(height=300))


def wave_page(access: Access, wave: Wave) -> dict[str, Any]:
    """For the page of a wave: what may be done, and its results."""
    mine = None
    if access.organisation is not None and wave.open:
        mine = Invitation.objects.filter(wave=wave, organisation=access.organisation).first()

    def address(name: str, form: str) -> str:
        return reverse("participants:survey_figure", args=(access.cluster.slug, wave.pk, name, form))

    held: Callable[[str, str], str] = address
    return {
        "withheld": withheld(wave),
        "figures": [shown(one) for one in results(wave)],
        "address": held,
        "mine": mine,
        "waiting": wave.invitations.filter(answered=False).count(),
    }
