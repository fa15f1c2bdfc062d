"""What a programme changed: evaluate, power, horizon, survey."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from almaz.cli.app import Language, app, out, print_rows, spoken, tell
from almaz.cli.speaking import Application, SpokenGroup
from almaz.errors import AlmazError
from almaz.language import decimal, use
from almaz.language import text as _

survey = Application(
    cls=SpokenGroup, no_args_is_help=True, help="The survey of a cluster's organisations: its form and its scores."
)
app.add_typer(survey, name="survey")

Panel = Annotated[Path, typer.Argument(help="CSV, Excel or Parquet: one row a unit and time.")]
Unit = Annotated[str, typer.Option(help="Column of the units.")]
Time = Annotated[str, typer.Option(help="Column of the years.")]
Outcome = Annotated[str, typer.Option(help="Column of what is measured.")]


@app.command()
def evaluate(
    panel: Panel,
    unit: Unit = "region",
    time: Time = "year",
    outcome: Outcome = "outcome",
    first: Annotated[
        str | None, typer.Option(help="Column with the first year in the programme; 0 or blank: never.")
    ] = None,
    treated: Annotated[
        str | None, typer.Option(help="Column with 1 from joining on, 0 before; instead of --first.")
    ] = None,
    cluster: Annotated[
        str | None, typer.Option(help="Column of groups of units that decided or were hit together.")
    ] = None,
    adjust: Annotated[
        str | None, typer.Option(help="Covariates to compare at equal values of, with commas between.")
    ] = None,
    control: Annotated[Literal["never", "not_yet"], typer.Option(help="never or not_yet.")] = "never",
    base: Annotated[Literal["varying", "universal"], typer.Option(help="varying or universal.")] = "varying",
    anticipation: Annotated[int, typer.Option(help="Years before joining in which an effect may start.", min=0)] = 0,
    gaps: Annotated[Literal["refuse", "drop"], typer.Option(help="refuse, or drop units with gaps.")] = "refuse",
    desired: Annotated[Literal["up", "down"], typer.Option(help="Which way is good: up or down.")] = "up",
    title: Annotated[str | None, typer.Option(help="What is measured, in words; by default the column's name.")] = None,
    project: Annotated[str, typer.Option(help="What an amendment would be about.")] = "programme",
    level: Annotated[float, typer.Option(help="Confidence level of the intervals.", min=0.5, max=0.999)] = 0.95,
    minimum: Annotated[int, typer.Option(help="Units on each side for normal theory.", min=2)] = 10,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for evaluations.")] = Path("evaluations"),
    language: Language = None,
) -> None:
    """Evaluate a programme from a panel: effects, checks, what may be claimed; tables and a page."""
    from almaz.impact.evaluation import EvaluationOptions
    from almaz.impact.panel_file import Columns
    from almaz.report.html import write_sections
    from almaz.report.impact_programme import sections
    from almaz.study.impact import evaluate_panel

    chosen = spoken(language)
    with use(chosen):
        covariates = tuple(name.strip() for name in adjust.split(",")) if adjust else ()
        options = EvaluationOptions(
            title or outcome,
            desired,
            project,
            control,
            base,
            anticipation,
            bool(covariates),
            level,
            minimum,
        )
        tell(_("evaluating the programme"))
        made = evaluate_panel(
            panel, Columns(unit, time, outcome, first, treated, cluster, covariates), options, output,
            gaps,
        )  # fmt: skip
        rows = made.table("programme_summary").to_pylist()
        print_rows([row for row in rows if row["kind"] == "simple"], ["estimator", "effect", "error", "low", "high"])
        shown = sections(made)
        out.print(shown[0].lead)
        page = made.path.parent / f"{made.path.name}-{chosen}.html"
        heading = _("Evaluation: {outcome}", outcome=title or outcome)
        out.print(str(made.path), soft_wrap=True)
        out.print(str(write_sections(heading, shown, page, chosen, identity=made.manifest["identity"])), soft_wrap=True)


@app.command()
def power(
    panel: Annotated[Path | None, typer.Argument(help="Figures of the years before, one row a unit and time.")] = None,
    treated: Annotated[int, typer.Option(help="Units that would join.", min=1)] = 2,
    untreated: Annotated[int, typer.Option(help="Units to compare with.", min=1)] = 7,
    before: Annotated[int, typer.Option(help="Years before.", min=1)] = 5,
    after: Annotated[int, typer.Option(help="Years after.", min=1)] = 7,
    lag: Annotated[int, typer.Option(help="Years after joining without effect.", min=0)] = 5,
    deviation: Annotated[
        float | None, typer.Option(help="Without a panel: deviation of a figure of a unit and year.")
    ] = None,
    correlation: Annotated[
        float | None, typer.Option(help="Without a panel: correlation of neighbouring years.")
    ] = None,
    effect: Annotated[float | None, typer.Option(help="Also say how many units would show this effect.")] = None,
    unit: Unit = "region",
    time: Time = "year",
    outcome: Outcome = "outcome",
    level: Annotated[float, typer.Option(help="Confidence level of the intervals.", min=0.5, max=0.999)] = 0.95,
    chance: Annotated[float, typer.Option(help="The chance to find the effect.", min=0.5, max=0.99)] = 0.8,
    language: Language = None,
) -> None:
    """Before a programme starts: the smallest effect that an evaluation could show."""
    from almaz.impact.panel_file import read_outcome
    from almaz.impact.power import Design, Noise, minimum_detectable_effect, noise, units_needed

    with use(spoken(language)):
        if panel is not None:
            heard = noise(read_outcome(panel, unit, time, outcome))
        elif deviation is None:
            raise AlmazError(
                _("how much do figures move without a programme?"),
                expected=_("a panel of the years before, or --deviation and --correlation"),
            )
        else:
            heard = Noise(deviation, correlation or 0.0)
        design = Design(treated, untreated, before, after, lag, level, chance)
        found = minimum_detectable_effect(design, heard)
        print_rows(
            [
                {
                    "deviation": heard.deviation,
                    "correlation": heard.correlation,
                    "error": found.error,
                    "effect": None if found.reason else found.effect,
                }
            ],
            ["deviation", "correlation", "error", "effect"],
        )
        if found.reason:
            out.print(found.reason)
        else:
            out.print(
                _(
                    "Smallest effect found in {chance} of 100 cases: {effect}",
                    chance=round(100 * chance),
                    effect=decimal(found.effect, 4),
                )
            )
        if effect is not None:
            needed = units_needed(design, heard, effect)
            out.print(
                _(
                    "{number} units in the programme and as many outside would show {effect}",
                    number=needed,
                    effect=effect,
                )
                if needed is not None
                else _("no number of units would show {effect}", effect=effect)
            )


@app.command()
def horizon(
    plan: Annotated[
        Path, typer.Argument(help="TOML with start, years, cost, benefit and, if need be, the other ranges.")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the page and its tables.")] = Path(
        "evaluations"
    ),
    draws: Annotated[int, typer.Option(help="How many futures are drawn.", min=100)] = 5000,
    language: Language = None,
) -> None:
    """Play a programme's years through: fan of balances, break-even, what it hangs on; warns of early benefits."""
    from almaz.report.html import write_sections
    from almaz.report.impact import sections
    from almaz.study.impact import play_plan

    chosen = spoken(language)
    with use(chosen):
        made = play_plan(plan, output, draws)
        print_rows(
            made.table("horizon_tornado").to_pylist(), ["parameter", "low", "high", "balance_low", "balance_high"]
        )
        shown = sections(made)
        for warning in shown[0].warnings:
            out.print(warning, style="yellow")
        out.print(shown[0].lead)
        page = made.path.parent / f"{made.path.name}-{chosen}.html"
        out.print(str(made.path), soft_wrap=True)
        out.print(
            str(write_sections(shown[0].title, shown, page, chosen, identity=made.manifest["identity"])),
            soft_wrap=True,
        )


@survey.command()
def form(
    file: Annotated[Path, typer.Argument(help="The .xlsx file to write.")],
    organisations: Annotated[
        Path | None, typer.Option(help="Text file with a name a line: all that are asked, so that silence shows.")
    ] = None,
    language: Language = None,
) -> None:
    """Write the form: a sheet to print and a sheet to fill in."""
    from almaz.impact.survey_form import write_form

    with use(spoken(language)):
        names: tuple[str, ...] = ()
        if organisations is not None:
            if not organisations.is_file():
                raise AlmazError(_("there is no file {file}", file=organisations))
            lines = organisations.read_text(encoding="utf-8-sig").splitlines()
            names = tuple(line.strip() for line in lines if line.strip())
        out.print(str(write_form(file, names)), soft_wrap=True)


@survey.command()
def score(
    file: Annotated[Path, typer.Argument(help="The filled form (.xlsx), or a CSV with its columns.")],
    population: Annotated[int | None, typer.Option(help="Organisations in the cluster, asked or not.")] = None,
    language: Language = None,
) -> None:
    """Score a filled form: means with intervals, bounds for the silent, Cronbach's alpha."""
    from almaz.impact.survey import score as score_answers
    from almaz.impact.survey_form import read_answers

    with use(spoken(language)):
        scores = score_answers(read_answers(file, population))
        print_rows(
            scores.to_pylist(),
            ["block", "asked", "answered", "mean", "low", "high", "bound_low", "bound_high", "alpha"],
        )
