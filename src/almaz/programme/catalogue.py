"""The catalogue of measures: what an authority, a centre or firms can do, and which weakness each answers."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from almaz.errors import AlmazError, Where
from almaz.language import language
from almaz.language import text as _

Language = Literal["en", "ru", "ky"]
Actor = Literal["authority", "centre", "firms", "university", "association", "finance"]
Cost = Literal["low", "medium", "high"]


class Names(BaseModel):
    """A text in all three languages; in a catalogue a list of English, Russian and Kyrgyz."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _listed(cls, given: object) -> object:
        return dict(zip(("en", "ru", "ky"), given, strict=True)) if isinstance(given, list) else given

    en: Annotated[str, Field(min_length=3)]
    ru: Annotated[str, Field(min_length=3)]
    ky: Annotated[str, Field(min_length=3)]

    def __str__(self) -> str:
        return str(getattr(self, language()))


class Measure(BaseModel):
    """One measure of policy.

    answers: what it answers: a corner of the diamond, an element of the potential, or a gap (`findings.codes`); stage: of the
    article's technology, 1…3; cost: low, medium or high (`draft.COSTS`); lead: years until its outputs are there; effect:
    years until its outcome may be expected; experience: where it has been done and what came of it, with its source.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
    answers: Annotated[tuple[str, ...], Field(min_length=1)]
    stage: Literal[1, 2, 3]
    actor: Actor
    cost: Cost
    lead: Annotated[int, Field(ge=0, le=7)]
    effect: Annotated[int, Field(ge=1, le=15)]
    name: Names
    activity: Names
    output: Names
    outcome: Names
    indicator: Names
    risk: Names
    experience: Names
    source: Annotated[str, Field(min_length=8)]


class _Catalogue(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    measure: Annotated[list[Measure], Field(min_length=1)]


@lru_cache
def catalogue(file: Path | None = None) -> tuple[Measure, ...]:
    """Every measure Almaz ships, in the order of its files, or those of a file of the user's own.

    Raises AlmazError naming the file and the key; two measures of the same id are an error too.
    """
    room = files("almaz.programme") / "catalogue"
    sources: list[Traversable | Path] = [file] if file else sorted(room.iterdir(), key=lambda one: one.name)
    found = [measure for source in sources if source.name.endswith(".toml") for measure in _read(source)]
    seen: set[str] = set()
    for measure in found:
        if measure.id in seen:
            raise AlmazError(_("the measure «{id}» stands twice", id=measure.id), where=Where(file=str(file or room)))
        seen.add(measure.id)
    return tuple(found)


def _read(source: Traversable | Path) -> list[Measure]:
    try:
        return _Catalogue.model_validate(tomllib.loads(source.read_text(encoding="utf-8"))).measure
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as why:
        raise AlmazError(_("the file cannot be read: {why}", why=why), where=Where(file=str(source))) from None
    except ValidationError as why:
        error = why.errors()[0]
        raise AlmazError(
            str(error["msg"]),
            where=Where(file=str(source), key=".".join(map(str, error["loc"]))),
            expected=_("the keys of a measure: {keys}", keys=", ".join(Measure.model_fields)),
        ) from None
