"""What a person is in a cluster."""

from __future__ import annotations

from enum import StrEnum

from almaz.web.language import lazy as _


class Role(StrEnum):
    """From the least to the most that a person may do; an administrator is one everywhere."""

    MEMBER = "member"
    ANALYST = "analyst"
    MANAGER = "manager"
    ADMINISTRATOR = "administrator"

    def covers(self, other: Role) -> bool:
        """Whether this role may do what the other may."""
        order = list(Role)
        return order.index(self) >= order.index(other)

    @property
    def label(self) -> str:
        """Its name in the language in use."""
        return str(NAMES[self])


NAMES = {
    Role.MEMBER: _("member"),
    Role.ANALYST: _("analyst"),
    Role.MANAGER: _("manager"),
    Role.ADMINISTRATOR: _("administrator"),
}
GIVEN = [(role.value, name) for role, name in NAMES.items() if role is not Role.ADMINISTRATOR]
"""The roles that a membership gives, with their names, for choices."""
