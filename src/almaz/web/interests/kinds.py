"""How the records are listed, shown and edited."""

from __future__ import annotations

from almaz.web.centre.kinds import Room
from almaz.web.language import lazy as _

ROOM = Room(title=_("Interests"))
