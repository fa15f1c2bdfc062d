"""What experts of a cluster are asked: the article's elements and the diamond's expert form, in the language in use."""

from __future__ import annotations

from dataclasses import dataclass

from almaz.diamond.indicators import ROLES, read_set
from almaz.language import language
from almaz.language import text as _
from almaz.potential.elements import KINDS, elements

SET = "expert"
"""The diamond's set of questions for experts."""


@dataclass(frozen=True)
class Asked:
    """One question. form: potential or diamond; group: its kind of element or its corner; anchors: what 1, 4 and 7 mean."""

    code: str
    form: str
    group: str
    name: str
    text: str
    anchors: dict[int, str]


def asked() -> dict[str, Asked]:
    """Every question by its code, in the order of the article and then of the diamond."""
    spoken = language()
    made = {}
    for one in elements():
        anchors = {int(level): names.get(spoken) or names["en"] for level, names in one.anchors.items()}  # type: ignore[call-overload]
        text = one.text.get(spoken) or one.text["en"]  # type: ignore[call-overload]
        made[one.id] = Asked(one.id, "potential", one.kind, one.named(), text, anchors)
    for indicator in sorted(read_set(SET).indicator, key=lambda held: ROLES.index(held.role)):
        anchors = {int(level): names.get(spoken) or names["en"] for level, names in indicator.anchors.items()}  # type: ignore[call-overload]
        name = indicator.name.get(spoken) or indicator.name["en"]  # type: ignore[call-overload]
        made[indicator.code] = Asked(indicator.code, "diamond", indicator.role, name, "", anchors)
    return made


def group_names() -> dict[str, str]:
    """What the groups are called, in their order."""
    elements_named = dict(
        zip(
            KINDS,
            (_("Four conditions"), _("Six preconditions"), _("Favouring factors"), _("Five obstacles")),
            strict=True,
        )
    )
    return elements_named | {
        "factor": _("Diamond: factor conditions"),
        "demand": _("Diamond: demand conditions"),
        "related": _("Diamond: related and supporting industries"),
        "strategy": _("Diamond: firm strategy, structure and rivalry"),
        "government": _("Diamond: government as catalyst"),
    }


def code_names() -> list[tuple[str, str]]:
    """The codes with their names, for choices."""
    return [(one.code, one.name) for one in asked().values()]
