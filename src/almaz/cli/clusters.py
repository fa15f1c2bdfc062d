"""The main job: new, check, run, report, show, compare, demo."""

from __future__ import annotations

from importlib.resources import as_file, files
from pathlib import Path
from typing import Annotated, Literal

import typer

from almaz.cli.app import Language, Output, app, out, print_rows, spoken, tell
from almaz.language import count, use
from almaz.language import text as _

StudyFile = Annotated[Path, typer.Argument(metavar="STUDY", help="The study file, study.toml.")]
EditionFolder = Annotated[
    Path, typer.Argument(metavar="EDITION", help="An edition, or a folder of editions: then the newest.")
]
Sample = Annotated[str, typer.Option("--sample", help="us: states of the U.S.; kyrgyzstan: its raions.")]
Rows = Annotated[int | None, typer.Option("--rows", help="How many rows; by default 20 in a table, all in a file.")]


@app.command()
def new(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder to make.")],
    sample: Sample = "us",
    source: Annotated[
        Path | None, typer.Option("--from", metavar="FILE", help="A file of your own: the study is suggested from it.")
    ] = None,
    language: Language = None,
) -> None:
    """Make a folder with a commented study file, from a sample's data or from a file of your own."""
    from almaz.study.suggested import new_from
    from almaz.study.template import new as new_study

    with use(spoken(language)):
        made = new_study(folder, sample) if source is None else new_from(folder, source)
        out.print(str(made), soft_wrap=True)


@app.command()
def check(study: StudyFile, language: Language = None) -> None:
    """Check a study's data and print every problem; exit code 1 where there are errors."""
    from almaz.study.checking import check as check_study
    from almaz.study.file import load
    from almaz.tables.problems import shown

    with use(spoken(language)):
        material = check_study(load(study), tell)
        for line in shown(material.problems.to_pylist()):
            out.print(line, markup=False, soft_wrap=True)
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
    study: StudyFile,
    output: Output = Path("editions"),
    language: Language = None,
) -> None:
    """Run a study: makes its edition and its report, and prints where they are. Killed, it goes on when run again."""
    from almaz.study.file import load
    from almaz.study.run import run as run_study

    chosen = load(study)
    with use(spoken(language)):
        edition = run_study(chosen, output, tell)
        out.print(str(edition.path), soft_wrap=True)
    report(edition.path, language or chosen.study.language)


@app.command()
def portfolio(
    study: StudyFile,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="Parquet, or CSV where the name ends so.")
    ] = Path("portfolio.parquet"),
    rows: Annotated[int, typer.Option("--rows", help="How many rows to print.")] = 20,
    language: Language = None,
) -> None:
    """Measure the clusters of a study's registers inside its engine, for more cells than this machine can hold."""
    from almaz.study.engine_portfolio import engine_portfolio, write_portfolio
    from almaz.study.file import load
    from almaz.tables.problems import shown

    with use(spoken(language)):
        made = engine_portfolio(load(study), tell)
        for line in shown(made.problems.to_pylist()):
            out.print(line, markup=False, soft_wrap=True)
        most = made.table.sort_by([("year", "descending"), ("lq", "descending")]).slice(0, rows)
        print_rows(most.to_pylist(), ["region", "cluster", "year", "lq", "rank", "share_of_region"])
        written = write_portfolio(made, output)
        out.print(_("{shown} of {number} rows", shown=count(most.num_rows), number=count(made.table.num_rows)))
        out.print(str(written), soft_wrap=True)


@app.command()
def report(
    edition: EditionFolder,
    language: Language = None,
    file: Annotated[
        Path | None,
        typer.Option("--file", help="Where to write it; by default beside the edition.", show_default=False),
    ] = None,
) -> None:
    """Write the report of an edition as one HTML file and print its path."""
    from almaz.report.html import write_report
    from almaz.study.edition import open_edition

    made, chosen = open_edition(edition), spoken(language)
    target = file or made.path.parent / f"{made.path.name}-{chosen}.html"
    tell(_("writing the report"))
    out.print(str(write_report(made, target, chosen).resolve()), soft_wrap=True)


@app.command()
def show(
    edition: EditionFolder,
    table: Annotated[
        str | None,
        typer.Option(
            "--table", "-t", help="Which table; without it the edition's tables are listed.", show_default=False
        ),
    ] = None,
    region: Annotated[str | None, typer.Option("--region", help="Only this region (code).", show_default=False)] = None,
    cluster: Annotated[str | None, typer.Option("--cluster", help="Only this cluster.", show_default=False)] = None,
    columns: Annotated[
        str | None,
        typer.Option("--columns", help="Names with commas between; by default the first.", show_default=False),
    ] = None,
    rows: Rows = None,
    form: Annotated[
        Literal["table", "csv", "json"] | None,
        typer.Option("--format", "-f", help="table, csv or json; by default as --output ends.", show_default=False),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File to write to instead of printing.", show_default=False)
    ] = None,
    language: Language = None,
) -> None:
    """Print a table of an edition, or write it as CSV or JSON; by region, cluster and column."""
    from almaz.report.codes import rows_in_words
    from almaz.report.shown import contents, shown, written
    from almaz.study.edition import open_edition

    made = open_edition(edition)
    with use(spoken(language)):
        if table is None:
            print_rows(contents(made), ["table", "rows", "columns"])
            return
        wanted = None if columns is None else [name.strip() for name in columns.split(",")]
        held = shown(made, table, region=region, cluster=cluster, columns=wanted)
        chosen = form or ("table" if output is None else "json" if output.suffix == ".json" else "csv")
        if chosen != "table" or output is not None:
            text = written(held if rows is None else held.slice(0, rows), chosen)
            if output is None:
                typer.echo(text, nl=False)
            else:
                output.write_text(text, encoding="utf-8")
                out.print(str(output), soft_wrap=True)
            return
        number = min(20 if rows is None else rows, held.num_rows)
        print_rows(rows_in_words(held.slice(0, number).to_pylist()), held.column_names)
        out.print(_("{shown} of {number} rows", shown=count(number), number=count(held.num_rows)))


@app.command()
def compare(
    first: Annotated[
        Path, typer.Argument(metavar="FIRST", help="An edition, or a folder of editions: then the newest.")
    ],
    second: Annotated[
        Path, typer.Argument(metavar="SECOND", help="An edition, or a folder of editions: then the newest.")
    ],
    rows: Annotated[int, typer.Option("--rows", help="How many of the largest changes to print.")] = 20,
    language: Language = None,
) -> None:
    """Print where two editions differ: inputs, parameters, code, tables, problems, and quotients, largest first."""
    from almaz.study.compare import differences, quotient_changes
    from almaz.study.edition import open_edition

    one, two = open_edition(first), open_edition(second)
    with use(spoken(language)):
        lines = differences(one, two)
        for line in lines:
            out.print(line, markup=False, soft_wrap=True)
        changes = quotient_changes(one, two)
        print_rows(changes.slice(0, rows).to_pylist(), changes.column_names)
        if not lines and not changes.num_rows:
            out.print(_("the two editions are the same"))


@app.command()
def demo(
    sample: Sample = "us",
    output: Output = Path("editions"),
    language: Language = None,
) -> None:
    """Run the main job on a real sample: us (states of the U.S.) or kyrgyzstan (40 raions)."""
    from almaz.study.template import sample_folder

    with as_file(files("almaz") / "samples" / sample_folder(sample)) as folder:
        run(folder / "study.toml", output, language)
