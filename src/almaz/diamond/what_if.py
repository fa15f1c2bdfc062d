"""What if an indicator moved: the same draws, the same goalposts, one figure changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from almaz.diamond.frame import Options
from almaz.diamond.indicators import CORNERS, Panel
from almaz.diamond.score import Diamond, diamond
from almaz.errors import AlmazError
from almaz.language import text as _
from almaz.tables.marks import understand


@dataclass(frozen=True)
class WhatIf:
    """The diamond before and after; region: its number."""

    region: int
    before: Diamond
    after: Diamond


def what_if(
    figures: Panel,
    region: str,
    changes: Mapping[str, float],
    options: Options | None = None,
    before: Diamond | None = None,
) -> WhatIf:
    """Score again with some figures of a region changed.

    changes: indicator → its new figure, taken as certain, in the year of the score. Goalposts and draws stay as they were,
    so the difference is the change and nothing else; a figure beyond the goalposts scores as the goalpost.
    Raises AlmazError for a region or an indicator that is not in the panel, or one that is in no corner.
    """
    scored = before or diamond(figures, options)
    if region not in figures.regions:
        raise AlmazError(_("there is no region «{code}»", code=region), expected=", ".join(figures.regions[:10]) + " …")
    number = figures.regions.index(region)
    moved = _moved(figures, number, changes, scored.options)
    return WhatIf(number, scored, diamond(moved, scored.options, held=scored.frame))


def changes(written: Sequence[str]) -> dict[str, float]:
    """Changes as a person writes them: ["bachelors=40", …]. Raises AlmazError for anything else."""
    found = {}
    for one in written:
        code, _equals, figure = one.partition("=")
        understood = understand(figure)
        if not code.strip() or understood.value is None:
            raise AlmazError(_("«{change}» is not a change", change=one), expected="bachelors=40")
        found[code.strip()] = understood.value
    return found


def _moved(figures: Panel, region: int, changes: Mapping[str, float], options: Options) -> Panel:
    codes = [one.code for one in figures.indicators if one.role in CORNERS]
    place = {one.code: number for number, one in enumerate(figures.indicators)}
    year = max(number for number, held in enumerate(figures.years) if options.year is None or held <= options.year)
    parts = {name: getattr(figures, name).copy() for name in ("value", "low", "high", "judged")}
    for code, figure in changes.items():
        if code not in codes:
            raise AlmazError(
                _("no corner has the indicator «{code}»", code=code),
                expected=_("one of: {keys}", keys=", ".join(codes)),
            )
        for name in ("value", "low", "high"):
            parts[name][region, place[code], year] = figure
        parts["judged"][region, place[code], year] = False
    return replace(figures, **parts)
