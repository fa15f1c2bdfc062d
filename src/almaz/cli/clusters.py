"""The main job: new, check, run, report, show, compare, demo."""

from __future__ import annotations

import shutil
from importlib.resources import as_file, files
from pathlib import Path
from typing import Annotated

import typer

from almaz.cli.app import Language, Output, app, out, print_rows, spoken, tell
from almaz.errors import AlmazError
from almaz.language import count, use
from almaz.language import text as _

TELLING = ("region", "cluster", "year", "lq", "lq_ci_low", "lq_ci_high", "p_lq_above_1", "hidden_share", "rank")
SAMPLES = {"us": "us_states_2016", "kyrgyzstan": "kyrgyzstan_2021"}


@app.command()
def new(folder: Annotated[Path, typer.Argument(help="Folder to make.")], sample: str = "us") -> None:
    """Make a folder with a commented study file and a sample's data to start from."""
    if folder.exists():
        raise AlmazError(_("{path} is already there", path=folder), advice=_("choose another name"))
    with as_file(files("almaz") / "samples" / _sample(sample)) as source:
        shutil.copytree(source, folder)
    out.print(str(folder / "study.toml"))


@app.command()
def check(study: Path, language: Language = "en") -> None:
    """Check a study's data and print every problem; exit code 1 where there are errors."""
    from almaz.study.file import load
    from almaz.study.run import check as check_study
    from almaz.tables.problems import spoken as spoken_problem

    with use(spoken(language)):
        material = check_study(load(study), tell)
        problems = [spoken_problem(row) for row in material.problems.to_pylist()]
        print_rows(problems, ["level_name", "file", "sheet", "row", "column", "value", "problem", "expected"])
        out.print(
            _(
                "{number} observations read, {problems} problems, {errors} of them errors",
                number=count(material.observations.num_rows),
                problems=count(material.problems.num_rows),
                errors=count(material.errors),
            )
        )
    raise typer.Exit(1 if material.errors else 0)


@app.command()
def run(
    study: Path,
    output: Output = Path("editions"),
    language: Annotated[str | None, typer.Option("--language", "-l")] = None,
) -> None:
    """Run a study: makes its edition and its report, and prints where they are."""
    from almaz.study.file import load
    from almaz.study.run import run as run_study

    chosen = load(study)
    chosen_language = spoken(language or chosen.study.language)
    with use(chosen_language):
        edition = run_study(chosen, output, tell)
    out.print(str(edition.path))
    report(edition.path, chosen_language)


@app.command()
def report(
    edition: Path, language: Language = "en", file: Annotated[Path | None, typer.Option(help="Where to.")] = None
) -> None:
    """Write the report of an edition as one HTML file and print its path."""
    from almaz.report.html import write_report
    from almaz.study.edition import open_edition

    made = open_edition(edition)
    target = file or made.path.parent / f"{made.path.name}-{spoken(language)}.html"
    with use(language):
        tell(_("writing the report"))
    out.print(str(write_report(made, target, language).resolve()), soft_wrap=True)


@app.command()
def show(
    edition: Path,
    table: str = "region_strength",
    region: str | None = None,
    columns: Annotated[
        str | None, typer.Option(help="Names with commas between; by default those that matter most.")
    ] = None,
    rows: int = 20,
) -> None:
    """Print a table of an edition, or some of its columns."""
    import pyarrow.compute as pc

    from almaz.study.edition import open_edition

    held = open_edition(edition).table(table)
    if region is not None and "region" in held.column_names:
        held = held.filter(pc.equal(held["region"], region))
    wanted = (
        columns.split(",") if columns else [name for name in TELLING if name in held.column_names] or held.column_names
    )
    for name in wanted:
        if name not in held.column_names:
            raise AlmazError(
                _("there is no column «{name}»", name=name),
                expected=_("one of: {keys}", keys=", ".join(held.column_names)),
            )
    chosen = wanted if columns or table == "portfolio" else held.column_names[:9]
    print_rows(held.slice(0, rows).to_pylist(), chosen)
    out.print(_("{shown} of {number} rows", shown=count(min(rows, held.num_rows)), number=count(held.num_rows)))


@app.command()
def compare(first: Path, second: Path, rows: int = 20) -> None:
    """Print where two editions differ: inputs, parameters and location quotients, the largest differences first."""
    from almaz.study.compare import differences, quotient_changes
    from almaz.study.edition import open_edition

    one, two = open_edition(first), open_edition(second)
    for line in differences(one, two):
        out.print(line)
    changes = quotient_changes(one, two)
    print_rows(changes.slice(0, rows).to_pylist(), changes.column_names)


@app.command()
def demo(
    sample: str = "us",
    output: Output = Path("editions"),
    language: Annotated[str | None, typer.Option("--language", "-l")] = None,
) -> None:
    """Run the main job on a real sample: `us` (states of the U.S.) or `kyrgyzstan` (40 raions)."""
    with as_file(files("almaz") / "samples" / _sample(sample)) as folder:
        run(folder / "study.toml", output, language)


def _sample(name: str) -> str:
    if name not in SAMPLES:
        raise AlmazError(
            _("there is no sample «{name}»", name=name), expected=_("one of: {keys}", keys=", ".join(SAMPLES))
        )
    return SAMPLES[name]
