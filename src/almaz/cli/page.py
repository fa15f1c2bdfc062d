"""The guide's page on the commands, made from their help texts: `python -m almaz.cli.page > docs/guide/commands.md`."""

from __future__ import annotations

import sys
from typing import Any

from almaz.cli.app import app
from almaz.cli.speaking import built

HEAD = """\
# Commands

Every command takes `--language` (`-l`): en, ru or ky; by default that of `ALMAZ_LANGUAGE` or `LANG`. Help and errors speak it
too. Exit codes: 0 done; 1 the data have errors (`check`); 2 a mistake that the message says how to mend; 130 interrupted.
"""


def page() -> str:
    """Every command with its arguments and options, in the language in use. Raises ValueError for a parameter without help."""
    return HEAD + "".join(_section(name, command) for name, command in built(app).commands.items())


def _section(name: str, command: Any) -> str:
    arguments = [_written(part) for part in command.params if not part.opts[0].startswith("-")]
    lines = ["", f"## almaz {name}", "", f"`{' '.join(['almaz', name, *arguments])}`: {command.help}", ""]
    lines += ["| | says | default |", "|---|---|---|"]
    for part in command.params:
        if not getattr(part, "help", None):
            raise ValueError(f"almaz {name}: {part.name} has no help text")
        lines.append(f"| {', '.join(f'`{word}`' for word in _words(part))} | {part.help} | {_default(part)} |")
    return "\n".join(lines) + "\n"


def _written(part: Any) -> str:
    return str(part.metavar or part.name.upper())


def _words(part: Any) -> list[str]:
    return list(part.opts) if part.opts[0].startswith("-") else [_written(part)]


def _default(part: Any) -> str:
    if part.required:
        return "must be given"
    return "" if part.default in (None, [], ()) else f"`{part.default}`"


if __name__ == "__main__":
    sys.stdout.write(page())
