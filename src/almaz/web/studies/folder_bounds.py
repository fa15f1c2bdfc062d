"""No file of a study lies outside its folder."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from almaz.errors import AlmazError
from almaz.language import text as _


def inside(folder: Path, files: Iterable[Path]) -> None:
    """Raises AlmazError for the first file that is not in the folder, links followed."""
    home = folder.resolve()
    for file in files:
        if not file.resolve().is_relative_to(home):
            raise AlmazError(_("«{path}» leads out of the study's folder", path=file.name))
