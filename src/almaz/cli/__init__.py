"""The command `almaz`: one module a room, each parses, calls and prints; no logic."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import typer
from typer import _click as click

from almaz.cli import chains as chains
from almaz.cli import clusters as clusters
from almaz.cli import diamond as diamond
from almaz.cli import experts as experts
from almaz.cli import impact as impact
from almaz.cli import places as places
from almaz.cli import programme as programme
from almaz.cli import relatedness as relatedness
from almaz.cli import web as web
from almaz.cli.app import app, progress, told
from almaz.cli.speaking import asked_for, built, said
from almaz.errors import AlmazError
from almaz.language import text as _
from almaz.language import use


def main(arguments: Sequence[str] | None = None) -> None:
    """The entry point: an error the user can mend is printed as one, never as a traceback. Exit codes: 0 done, 1 the data
    have errors, 2 a mistake that the message says how to mend, 130 interrupted."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    with use(asked_for(given)):
        try:
            code = built(app).main(given, prog_name="almaz", standalone_mode=False)
        except AlmazError as problem:
            code = _failed(str(problem))
        except click.exceptions.NoArgsIsHelpError as problem:
            progress.print(problem.format_message(), markup=False)
            code = 2
        except click.ClickException as problem:
            code = _failed(said(problem))
        except (KeyboardInterrupt, typer.Abort):
            code = _failed(_("interrupted; run again to go on from the last finished stage"), 130)
        finally:
            told()
    sys.exit(code or 0)


def _failed(message: str, code: int = 2) -> int:
    told()
    progress.print(message, style="red", markup=False, soft_wrap=True)
    return code
