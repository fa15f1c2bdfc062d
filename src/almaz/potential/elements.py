"""The article's conditions, preconditions, favouring factors and obstacles: each by id, in three languages, with its proxies."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from almaz.errors import AlmazError, Where
from almaz.language import language
from almaz.language import text as _
from almaz.tables.expert_form import Question

Names = dict[Literal["en", "ru", "ky"], str]
Kind = Literal["condition", "precondition", "favouring", "obstacle"]
KINDS: tuple[Kind, ...] = ("condition", "precondition", "favouring", "obstacle")


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Proxy(_Record):
    """One thing that statistics may say of an element: a signal of the cluster, supporting industries, or an indicator.

    direction: 1 where more is better, -1 where less is.
    """

    signal: str | None = None
    industries: dict[str, list[str]] = {}
    indicator: list[str] = []
    direction: Literal[1, -1] = 1

    @property
    def name(self) -> str:
        """What the evidence is called in an edition: a code that `report.codes` turns into words."""
        if self.signal is not None:
            return f"signal:{self.signal}"
        return "industries:" + "+".join(self.industries) if self.industries else "indicator:" + "|".join(self.indicator)


class Element(_Record):
    """A condition, precondition, favouring factor or obstacle. article: the system of the article it stands in; anchors: what
    the levels 1, 4 and 7 of the expert form mean; for an obstacle 7 says that it is not in the way."""

    id: Annotated[str, Field(pattern=r"^[a-z_]+$")]
    kind: Kind
    article: str
    name: Names
    text: Names
    proxy: list[Proxy] = []
    anchors: dict[Literal["1", "4", "7"], Names]

    def named(self) -> str:
        """Its short name in the language in use."""
        return self.name.get(language()) or self.name["en"]  # type: ignore[call-overload]


def questions(asked: Sequence[Element]) -> list[Question]:
    """The elements as questions of an expert form, in the language in use."""
    spoken = language()
    return [
        Question(
            one.id,
            f"{one.named()}. {one.text.get(spoken) or one.text['en']}",  # type: ignore[call-overload]
            {level: names.get(spoken) or names["en"] for level, names in one.anchors.items()},  # type: ignore[call-overload]
        )
        for one in asked
    ]


class _Elements(_Record):
    element: Annotated[list[Element], Field(min_length=1)]


@lru_cache
def elements(file: Path | None = None) -> tuple[Element, ...]:
    """All elements, in the order of the article; of a study's own file where it names one.

    Raises AlmazError naming the file and the key.
    """
    source = file or files("almaz.potential") / "elements.toml"
    try:
        held = tomllib.loads(source.read_text(encoding="utf-8-sig"))
        return tuple(_Elements.model_validate(held).element)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as why:
        raise AlmazError(_("the file cannot be read: {why}", why=why), where=Where(file=str(source))) from None
    except ValidationError as why:
        error = why.errors()[0]
        raise AlmazError(
            str(error["msg"]),
            where=Where(file=str(source), key=".".join(map(str, error["loc"]))),
            advice=_("compare with the elements that Almaz ships"),
        ) from None
