"""Value chains in the terminal: chain."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from almaz.cli.app import Language, Output, app, out, print_rows, spoken, tell
from almaz.language import text as _
from almaz.language import use


@app.command()
def chain(
    study: Annotated[Path, typer.Argument(metavar="STUDY", help="The study file, or an edition made of it.")],
    region: Annotated[str, typer.Option("--region", help="Code or name of the region.")],
    cluster: Annotated[str, typer.Option("--cluster", help="Code or name of the cluster.")],
    output: Output = Path("editions"),
    rows: Annotated[int, typer.Option("--rows", help="How many suppliers to show.")] = 12,
    language: Language = None,
) -> None:
    """What a cluster buys in a region, from whom, what is missing, and what filling the gap would bring."""
    from almaz.report.chain_words import Words, bounded, chain_of, gap_headings, gap_row
    from almaz.study.edition import open_edition
    from almaz.study.file import load
    from almaz.study.run import run as run_study

    with use(spoken(language)):
        edition = open_edition(study) if study.is_dir() else run_study(load(study), output, tell)
        total, gaps = chain_of(edition, region, cluster)
        words, headings = Words(edition), gap_headings()
        out.print(f"{words.pair((total['region'], total['cluster']))} ({words.unit})")
        for name, says in (("purchases", _("purchases")), ("inside", _("met in the region")), ("gap", _("gap"))):
            out.print(f"  {says}: {bounded(total, name)}")
        shown = [gap_row(row, words, words.name(row["supplier"])) for row in gaps[:rows] if row["supplier"]]
        print_rows(
            [{headings[key]: value for key, value in row.items()} for row in shown],
            [headings[key] for key in ("supplier", "purchases", "gap", "who", "jobs")],
        )
