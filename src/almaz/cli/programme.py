"""The programme: draft."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from almaz.cli.app import Language, Output, app, out, spoken, tell
from almaz.language import text as _
from almaz.language import use


@app.command()
def draft(
    source: Annotated[Path, typer.Argument(metavar="SOURCE", help="A study file, or an edition that is already made.")],
    region: Annotated[str, typer.Option("--region", help="The region's code.")],
    cluster: Annotated[str, typer.Option("--cluster", help="The cluster, a candidate of this region.")],
    start: Annotated[int, typer.Option("--start", help="First year of the programme.")],
    horizon: Annotated[int, typer.Option("--horizon", help="Years it runs.")] = 7,
    most: Annotated[int, typer.Option("--most", help="Projects at the most.")] = 15,
    promised: Annotated[
        int | None,
        typer.Option("--promised", help="Year of the programme in which benefits are promised.", show_default=False),
    ] = None,
    catalogue: Annotated[
        Path | None, typer.Option("--catalogue", help="A catalogue of measures of your own.", show_default=False)
    ] = None,
    output: Output = Path("editions"),
    language: Language = None,
) -> None:
    """Draft a programme for a cluster of a region: TOML for the workspace, a Word document, and a page; prints their paths."""
    from almaz.programme.draft import DraftOptions
    from almaz.report.drafting import write_draft
    from almaz.study.drafting import draft_of, edition_of

    chosen = spoken(language)
    with use(chosen):
        edition = edition_of(source, output, tell)
        options = DraftOptions(start, horizon, most, promised)
        tell(_("drafting the programme"))
        made = draft_of(edition, region, cluster, options, catalogue)
        for file in write_draft(made, edition, output, chosen):
            out.print(str(file.resolve()), soft_wrap=True)
