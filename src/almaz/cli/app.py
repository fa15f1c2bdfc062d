"""What all commands share: the application, where it prints, and how a table looks in a terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from almaz.errors import AlmazError
from almaz.language import LANGUAGES
from almaz.language import text as _

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Know, grow and govern a region's economic clusters."
)
out = Console(highlight=False)
progress = Console(stderr=True, highlight=False)

Output = Annotated[Path, typer.Option("--output", "-o", help="Folder for editions.")]
Language = Annotated[str, typer.Option("--language", "-l", help="en, ru or ky.")]


def tell(stage: str) -> None:
    """Say on the standard error which stage a long job has reached."""
    progress.print(f"  · {stage}")


def spoken(language: str) -> str:
    """The language asked for, if Almaz speaks it."""
    if language not in LANGUAGES:
        raise AlmazError(_("Almaz does not speak «{language}»", language=language), expected=", ".join(LANGUAGES))
    return language


def print_rows(rows: list[dict[str, object]], columns: list[str]) -> None:
    """Print some columns of rows as a table."""
    table = Table(show_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(
            *(
                f"{value:,.4g}" if isinstance(value, float) else "" if value is None else str(value)
                for value in (row[c] for c in columns)
            )
        )
    out.print(table)
