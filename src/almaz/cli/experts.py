"""The form that experts fill in: of the diamond, or of the potential."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from almaz.cli.app import Language, app, out, spoken
from almaz.language import text as _
from almaz.language import use


@app.command("expert-form")
def expert_form(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="File to write.")],
    year: Annotated[int, typer.Option("--year", help="The year that is judged.")],
    regions: Annotated[
        Path | None,
        typer.Option("--regions", help="Of the diamond. CSV: region, name_en, name_ru, name_ky.", show_default=False),
    ] = None,
    chosen: Annotated[
        str, typer.Option("--set", help="A ready set of indicators by name, or your own by path.")
    ] = "expert",
    kind: Annotated[str | None, typer.Option("--kind", help="Only regions of this kind.", show_default=False)] = None,
    potential: Annotated[
        Path | None,
        typer.Option(
            "--potential", help="Of the potential: an edition, whose candidates are judged.", show_default=False
        ),
    ] = None,
    region: Annotated[str | None, typer.Option("--region", help="Only this region (code).", show_default=False)] = None,
    cluster: Annotated[str | None, typer.Option("--cluster", help="Only this cluster.", show_default=False)] = None,
    language: Language = None,
) -> None:
    """Write an Excel form for one expert: questions with anchors, level, confidence and evidence."""
    from almaz.errors import AlmazError
    from almaz.study.forms import diamond_form, potential_form

    with use(spoken(language)):
        if (regions is None) == (potential is None):
            raise AlmazError(
                _("a form is of the diamond or of the potential"),
                expected=_("one of: {keys}", keys="--regions, --potential"),
            )
        if potential is not None:
            written = potential_form(file, potential, year, region, cluster)
        elif regions is not None:
            written = diamond_form(file, chosen, regions, year, kind)
        out.print(str(written), soft_wrap=True)
