"""Pictures drawn as SVG by the server: for a page under a strict policy, for PDF and, as PNG, for Word.

Only presentation attributes, no style and no script; what a colour says, a shape or a word says too.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Final
from xml.etree.ElementTree import Element, SubElement, tostring

import vl_convert

from almaz.report.fonts import font_folder

INK, SOFT, GRID, GROUND = "#1f2933", "#52606d", "#dfe3e8", "#ffffff"
ACCENT, BRIGHT, GOLD, BAD, GOOD, PALE = "#0a4f63", "#2f8f93", "#d9a521", "#a3301f", "#05512f", "#cfe3e4"
FONT: Final = "DejaVu Sans, Noto Sans, Segoe UI, system-ui, sans-serif"
WIDE: Final = 0.62
"""How wide a letter is at the most on the average, as a share of the font's size (DejaVu Sans)."""


@dataclass(frozen=True)
class Scale:
    """From figures to pixels on one axis: low stands at start, high at end."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float | Decimal) -> float:
        """Where a figure stands."""
        return self.start + (float(value) - self.low) / ((self.high - self.low) or 1.0) * (self.end - self.start)


def canvas(width: float, height: float, title: str, description: str) -> Element:
    """An empty picture, named and described for who cannot see it."""
    made = Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg", "viewBox": f"0 0 {_n(width)} {_n(height)}", "width": _n(width),
            "height": _n(height), "role": "img", "aria-label": f"{title}. {description}"[:900], "font-family": FONT,
        },
    )  # fmt: skip
    SubElement(made, "title").text = title
    rectangle(made, 0, 0, width, height, GROUND)
    return made


def text(
    into: Element,
    x: float,
    y: float,
    said: str,
    size: float = 12,
    colour: str = INK,
    anchor: str = "start",
    weight: str = "",
) -> Element:
    """A line of text; y is its foot."""
    more = {"font-weight": weight} if weight else {}
    made = SubElement(
        into, "text", {"x": _n(x), "y": _n(y), "font-size": _n(size), "fill": colour, "text-anchor": anchor, **more}
    )
    made.text = said
    return made


def rectangle(
    into: Element, x: float, y: float, width: float, height: float, fill: str, stroke: str = "", dash: str = "", round: float = 0,
) -> Element:  # fmt: skip
    """A box."""
    more = {"stroke": stroke, "stroke-width": "1.4"} if stroke else {}
    more |= {"stroke-dasharray": dash} if dash else {}
    more |= {"rx": _n(round)} if round else {}
    return SubElement(
        into, "rect", {"x": _n(x), "y": _n(y), "width": _n(max(width, 0)), "height": _n(height), "fill": fill, **more}
    )


def line(
    into: Element, x1: float, y1: float, x2: float, y2: float, stroke: str = GRID, width: float = 1, dash: str = ""
) -> Element:
    """A straight line."""
    more = {"stroke-dasharray": dash} if dash else {}
    return SubElement(
        into, "line",
        {"x1": _n(x1), "y1": _n(y1), "x2": _n(x2), "y2": _n(y2), "stroke": stroke, "stroke-width": _n(width), **more},
    )  # fmt: skip


def path(into: Element, points: list[tuple[float, float]], stroke: str = ACCENT, width: float = 2) -> Element:
    """A line through points."""
    way = "M" + "L".join(f"{_n(x)} {_n(y)}" for x, y in points)
    return SubElement(into, "path", {"d": way, "fill": "none", "stroke": stroke, "stroke-width": _n(width)})


def circle(into: Element, x: float, y: float, radius: float, fill: str, stroke: str = ACCENT) -> Element:
    """A point; hollow where fill is the ground."""
    return SubElement(
        into, "circle",
        {"cx": _n(x), "cy": _n(y), "r": _n(radius), "fill": fill, "stroke": stroke, "stroke-width": "1.6"},
    )  # fmt: skip


def diamond(into: Element, x: float, y: float, radius: float, fill: str, stroke: str) -> Element:
    """A point in time."""
    way = f"M{_n(x)} {_n(y - radius)}L{_n(x + radius)} {_n(y)}L{_n(x)} {_n(y + radius)}L{_n(x - radius)} {_n(y)}Z"
    return SubElement(into, "path", {"d": way, "fill": fill, "stroke": stroke, "stroke-width": "1.6"})


def hint(of: Element, said: str) -> Element:
    """What is said when a shape is pointed at."""
    SubElement(of, "title").text = said
    return of


def link(into: Element, address: str, name: str) -> Element:
    """A group that leads somewhere; the picture itself where there is no address."""
    return SubElement(into, "a", {"href": address, "aria-label": name}) if address else into


def cut(said: str, width: float, size: float) -> str:
    """The text, shortened to what fits."""
    most = max(int(width / (WIDE * size)), 3)
    return said if len(said) <= most else said[: most - 1].rstrip() + "…"


def wrapped(said: str, width: float, size: float, most: int = 2) -> list[str]:
    """The text in lines that fit, the last one shortened."""
    letters = max(int(width / (WIDE * size)), 3)
    lines: list[str] = []
    for word in said.split():
        if lines and len(lines[-1]) + 1 + len(word) <= letters:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    if len(lines) > most:
        lines = [*lines[: most - 1], cut(" ".join(lines[most - 1 :]), width, size)]
    return [cut(one, width, size) for one in lines] or [""]


def ticks(low: float, high: float, number: int = 4) -> list[float]:
    """Round numbers that span low…high, about so many steps of 1, 2 or 5 times a power of ten."""
    if not high > low:
        return [low]
    rough = (high - low) / number
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [round(place * step, 12) for place in range(first, last + 1)]


def written(picture: Element) -> str:
    """The picture as SVG."""
    return tostring(picture, encoding="unicode")


@lru_cache
def _registered() -> None:
    vl_convert.register_font_directory(str(font_folder()))


def as_png(svg: str, scale: float = 2.0) -> bytes:
    """The picture as PNG, for programs that know no SVG."""
    _registered()
    made: bytes = vl_convert.svg_to_png(svg, scale=scale)
    return made


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
