"""The upper end of a project's logical frame: impact and assumptions, by what the project answers."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from almaz.programme.catalogue import Names


@dataclass(frozen=True)
class Frame:
    """direction: of the article's three effects (productivity, innovation, new_business); impact: what the region has in the
    end; assumption: what must hold that a project cannot bring about."""

    direction: str
    impact: Names
    assumption: Names


@lru_cache
def frames() -> dict[str, Frame]:
    """The frame of every code that a measure may answer (`findings.codes`)."""
    held = tomllib.loads((files("almaz.programme") / "frames.toml").read_text(encoding="utf-8"))
    impacts = {name: Names.model_validate(texts) for name, texts in held["direction"].items()}
    return {
        code: Frame(direction, impacts[direction], Names.model_validate(texts))
        for code, (direction, *texts) in held["frame"].items()
    }


def impact(codes: Sequence[str]) -> tuple[Names, ...]:
    """What answering these leads to in the end, each direction once, in the order of the codes."""
    return tuple(dict.fromkeys(frames()[code].impact for code in codes if code in frames()))


def assumptions(codes: Sequence[str], most: int = 3) -> tuple[Names, ...]:
    """What must hold for it, the first `most` in the order of the codes."""
    return tuple(frames()[code].assumption for code in dict.fromkeys(codes) if code in frames())[:most]
