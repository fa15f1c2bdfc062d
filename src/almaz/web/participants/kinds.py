"""How participants are listed, shown and edited."""

from __future__ import annotations

from almaz.web.centre.kinds import Kind, Room
from almaz.web.centre.roles import Role
from almaz.web.language import lazy as _
from almaz.web.participants.models import Organisation, Person

ROOM = Room(title=_("Participants"), kinds=(
    Kind(
        name="organisations", model=Organisation, title=_("Organisations"), one=_("organisation"),
        columns=("name", "sort", "place", "industry", "employment"),
        fields=("name", "sort", "place", "industry", "employment", "website", "about"),
        search=("name", "place", "industry"), filters=("sort",), order=("name",), parts=(("people", "organisation"),),
        may_change=lambda access, one: access.organisation == one,
    ),
    Kind(
        name="people", model=Person, title=_("People"), one=_("person"),
        columns=("name", "organisation", "position", "email", "phone"),
        fields=("name", "organisation", "position", "email", "phone"),
        search=("name", "organisation__name"), order=("name",), add=Role.MEMBER,
        may_change=lambda access, one: access.organisation is not None and access.organisation == one.organisation,
    ),
))  # fmt: skip
