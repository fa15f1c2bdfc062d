"""What all commands share: the application, where it prints, how a long job tells its stages, how a table looks."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from almaz.cli.speaking import Application, SpokenGroup
from almaz.errors import AlmazError
from almaz.language import LANGUAGES, figure, language
from almaz.language import text as _

app = Application(
    cls=SpokenGroup,
    no_args_is_help=True,
    add_completion=False,
    help="Know, grow and govern a region's economic clusters.",
)
progress = Console(stderr=True, highlight=False)

Output = Annotated[Path, typer.Option("--output", "-o", help="Folder for editions.")]
Language = Annotated[
    str | None,
    typer.Option(
        "--language", "-l", help="en, ru or ky; by default that of ALMAZ_LANGUAGE or LANG.", show_default=False
    ),
]


@app.callback()
def almaz(language: Language = None) -> None:
    """Know, grow and govern a region's economic clusters."""
    spoken(language)


class _Stages:
    """The stage a long job has reached: a spinner with its time on a terminal, a line each elsewhere."""

    def __init__(self) -> None:
        self.live: Progress | None = None
        self.stage = ""
        self.start = 0.0

    def begin(self, stage: str) -> None:
        self.end()
        if not progress.is_terminal:
            progress.print(f"  · {stage}", markup=False)
            return
        self.stage, self.start = stage, time.monotonic()
        columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
        self.live = Progress(*columns, console=progress, transient=True)
        self.live.add_task(stage, total=None)
        self.live.start()

    def end(self) -> None:
        if self.live is not None:
            self.live.stop()
            self.live = None
            seconds = time.monotonic() - self.start
            progress.print(f"  [green]✓[/green] {escape(self.stage)} [dim]{seconds:.1f} s[/dim]")


_stages = _Stages()


def tell(stage: str) -> None:
    """Say on the standard error which stage a long job has reached."""
    _stages.begin(stage)


def told() -> None:
    """The last stage is over."""
    _stages.end()


class _Out(Console):
    """The standard output: what is printed there ends the stage that is being told."""

    def print(self, *objects: Any, **options: Any) -> None:
        told()
        super().print(*objects, **options)


out = _Out(highlight=False)
if not out.is_terminal:
    out.width = 160  # a pipe has no width of its own


def spoken(chosen: str | None) -> str:
    """The language asked for, if Almaz speaks it; without one, the language in use."""
    if chosen is None:
        return language()
    if chosen not in LANGUAGES:
        raise AlmazError(_("Almaz does not speak «{language}»", language=chosen), expected=", ".join(LANGUAGES))
    return chosen


def print_rows(rows: list[dict[str, object]], columns: list[str]) -> None:
    """Print some columns of rows as a table, numbers as the language writes them."""
    table = Table(show_edge=False)
    for column in columns:
        number = any(isinstance(row[column], (int, float)) and not isinstance(row[column], bool) for row in rows)
        table.add_column(column, overflow="fold", justify="right" if number else "left")
    for row in rows:
        table.add_row(*(escape(_cell(row[column], column)) for column in columns))
    out.print(table)


def _cell(value: object, column: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, (int, float)) and column not in ("year", "row"):
        return figure(value)
    return str(value)
