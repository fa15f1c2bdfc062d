"""The command speaks the user's language: help, usage and errors; which language, the command line or the environment says."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import Any

import typer
from typer import _click as click
from typer import rich_utils
from typer.core import TyperCommand, TyperGroup

from almaz.language import LANGUAGES
from almaz.language import text as _

FROM_ENVIRONMENT = ("ALMAZ_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")


def asked_for(arguments: Sequence[str]) -> str:
    """The language of a command line: --language or -l, else the first of the environment's that Almaz speaks, else English."""
    for place, argument in enumerate(arguments):
        name, _equals, value = argument.partition("=")
        if name in ("--language", "-l"):
            value = value or (arguments[place + 1] if place + 1 < len(arguments) else "")
            if value in LANGUAGES:
                return value
    for variable in FROM_ENVIRONMENT:
        if (start := os.environ.get(variable, "").lower()[:2]) in LANGUAGES:
            return start
    return "en"


class _Spoken:
    """What a command says in the language in use when it is built."""

    help: str | None

    def speak(self) -> None:
        one_line = " ".join((self.help or "").split())
        self.help = _(one_line)
        for parameter in getattr(self, "params", []):
            if getattr(parameter, "help", None):
                parameter.help = _(parameter.help)

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        pieces = self.collect_usage_pieces(ctx)  # type: ignore[attr-defined]
        formatter.write_usage(ctx.command_path, " ".join(pieces), prefix=_("Usage: "))

    def get_help_option(self, ctx: click.Context) -> Any:
        option = super().get_help_option(ctx)  # type: ignore[misc]
        if option is not None:
            option.help = _("Show this message and exit.")
        return option


class SpokenCommand(_Spoken, TyperCommand):
    """A command that is built in the language in use."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.speak()


class SpokenGroup(_Spoken, TyperGroup):
    """The group of commands, built in the language in use."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.speak()


class Application(typer.Typer):
    """A Typer application whose commands speak."""

    def command(self, name: str | None = None, **options: Any) -> Callable[[Any], Any]:
        return super().command(name, **{"cls": SpokenCommand, **options})


def built(application: typer.Typer) -> Any:
    """The command as it speaks in the language in use, with the words of Typer's own help."""
    rich_utils.ARGUMENTS_PANEL_TITLE = _("Arguments")
    rich_utils.OPTIONS_PANEL_TITLE = _("Options")
    rich_utils.COMMANDS_PANEL_TITLE = _("Commands")
    rich_utils.DEFAULT_STRING = _("[default: {}]")
    rich_utils.REQUIRED_LONG_STRING = _("[required]")
    return typer.main.get_command(application)


def said(error: click.ClickException) -> str:
    """A mistake on the command line, in the language in use."""
    if isinstance(error, click.exceptions.MissingParameter) and error.param is not None:
        message = _("{name} is missing", name=error.param.metavar or error.param.opts[0])
    elif isinstance(error, click.exceptions.NoSuchOption):
        message = _("there is no option {name}", name=error.option_name)
        if close := get_close_matches(error.option_name, error.possibilities or (), n=1):
            message += " " + _("(did you mean «{close}»?)", close=close[0])
    elif isinstance(error, click.exceptions.BadParameter) and error.param is not None:
        message = _("the value of {name} is not allowed: {why}", name=error.param.opts[0], why=error.message)
    else:
        message = error.format_message()
    command = error.ctx.command_path if isinstance(error, click.exceptions.UsageError) and error.ctx else "almaz"
    return message + "\n  " + _("what to do: {advice}", advice=_("see {command} --help", command=command))
