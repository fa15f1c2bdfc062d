"""The command `almaz`: one module a room, each parses, calls and prints; no logic."""

from __future__ import annotations

import sys

from almaz.cli import clusters as clusters
from almaz.cli import impact as impact
from almaz.cli.app import app, progress
from almaz.errors import AlmazError


def main() -> None:
    """The entry point: an error the user can mend is printed as one, never as a traceback."""
    try:
        app()
    except AlmazError as problem:
        progress.print(str(problem), style="red", markup=False)
        sys.exit(2)
