"""The font of documents: DejaVu Sans, which has every letter of Kyrgyz and Russian and comes with matplotlib (SALib needs it)."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Final

from almaz.errors import AlmazError
from almaz.language import text as _

FAMILY: Final = "DejaVu Sans"


def font_folder() -> Path:
    """Where its files lie: the same on every machine, so that the same report has the same bytes.

    Raises AlmazError where they are not there.
    """
    found = find_spec("matplotlib")
    folder = Path(found.origin).parent / "mpl-data" / "fonts" / "ttf" if found and found.origin else Path()
    if not (folder / "DejaVuSans.ttf").is_file():
        raise AlmazError(_("the font of documents is missing"), expected=FAMILY, advice=_("install Almaz again"))
    return folder
