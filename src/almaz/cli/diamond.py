"""The diamond from the command line: its scores, what an indicator would move, and the forms to fill."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from almaz.cli.app import Language, app, out, print_rows, spoken
from almaz.cli.clusters import EditionFolder
from almaz.language import text as _
from almaz.language import use

Region = Annotated[str, typer.Option("--region", help="The region's code.")]
Set = Annotated[str, typer.Option("--set", help="A ready set of indicators by name, or your own by path.")]
Regions = Annotated[Path, typer.Option("--regions", help="CSV: region, name_en, name_ru, name_ky.")]
Target = Annotated[Path, typer.Argument(metavar="FILE", help="File to write.")]


@app.command()
def diamond(
    edition: EditionFolder,
    region: Annotated[str | None, typer.Option("--region", help="Only this region (code).", show_default=False)] = None,
    rows: Annotated[int, typer.Option("--rows", help="How many regions, the highest scores first.")] = 20,
    language: Language = None,
) -> None:
    """Print the scores of regions with their intervals and what binds them; with --region its corners and indicators."""
    from almaz.report.diamond_tables import corners, indicators, scores
    from almaz.study.edition import open_edition

    made = open_edition(edition)
    with use(spoken(language)):
        tables = [scores(made, rows)] if region is None else [corners(made, region), indicators(made, region)]
        for held in tables:
            print_rows(held.to_pylist(), held.column_names)


@app.command("what-if")
def what_if(
    edition: EditionFolder,
    region: Region,
    change: Annotated[
        list[str], typer.Option("--set", "-s", help="indicator=figure; repeat it to move several at once.")
    ],
    language: Language = None,
) -> None:
    """Move indicators of a region and print score, rank, corners and intervals before and after."""
    from almaz.diamond.what_if import changes, what_if
    from almaz.report.diamond_tables import before_and_after
    from almaz.study.diamond import restored
    from almaz.study.edition import open_edition

    made = open_edition(edition)
    with use(spoken(language)):
        figures, options = restored(made)
        held = before_and_after(what_if(figures, region, changes(change), options))
        print_rows(held.to_pylist(), held.column_names)
        out.print(_("Goalposts and draws stay as they were: the difference is the change and nothing else."))


@app.command("indicators-template")
def indicators_template(
    file: Target,
    regions: Regions,
    chosen: Set = "kyrgyz_oblasts",
    years: Annotated[str, typer.Option("--years", help="Years with commas between.")] = "2023",
    kind: Annotated[str | None, typer.Option("--kind", help="Only regions of this kind.", show_default=False)] = None,
    language: Language = None,
) -> None:
    """Write a CSV or Excel file with a row for every indicator, region and year, to be filled with figures."""
    from almaz.diamond.figures import write_template, years_of
    from almaz.diamond.indicators import read_set
    from almaz.tables.places import region_names

    with use(spoken(language)):
        written = write_template(file, read_set(chosen), region_names(regions, kind), years_of(years))
        out.print(str(written), soft_wrap=True)
