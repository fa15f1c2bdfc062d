"""Places: check a table of establishments before a study runs on it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from almaz.cli.app import Language, app, out, print_rows, spoken, tell
from almaz.errors import AlmazError, Where
from almaz.language import count, percent, use
from almaz.language import text as _


@app.command()
def places(
    study: Annotated[Path, typer.Argument(help="Study file with a section [places].")], language: Language = None
) -> None:
    """Read the establishments of a study and print those that cannot be placed; exit code 1 where there are any."""
    from almaz.study.file import load
    from almaz.study.places import read
    from almaz.tables.problems import spoken as said

    with use(spoken(language)):
        section = load(study).places
        if section is None or section.sites is None:
            raise AlmazError(
                _("the study names no table of establishments"),
                where=Where(file=str(study), key="places.sites"),
                expected=_("a path that starts from the folder of the study file"),
            )
        tell(_("reading the data"))
        held = read(section)
        rows = [said(row) for row in held.problems.to_pylist()]
        print_rows(rows, ["level_name", "file", "sheet", "row", "column", "problem", "expected"])
        out.print(
            _("{placed} of {rows} establishments placed", placed=count(held.table.num_rows), rows=count(held.rows))
        )
        if held.distortion == held.distortion:
            out.print(
                _("Distances on the flat map differ from those on the earth by {share} at most.",
                  share=percent(held.distortion, 2))
            )  # fmt: skip
    raise typer.Exit(1 if rows else 0)
