"""How codes of regions and clusters stand in addresses: a slash, which parts addresses, is written ~s, a tilde ~~."""

from __future__ import annotations


class Code:
    """A code of a region, a cluster or a table."""

    regex = "[^/]+"

    def to_python(self, value: str) -> str:
        """The code that an address bears."""
        return "~".join(part.replace("~s", "/") for part in value.split("~~"))

    def to_url(self, value: str) -> str:
        """The code as an address bears it."""
        return str(value).replace("~", "~~").replace("/", "~s")
