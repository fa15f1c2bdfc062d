"""A figure's chart for a page (a specification), and as a picture of its own (SVG, PNG) that bears its title and source."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import vl_convert

from almaz.language import language
from almaz.report.charts import INK

WIDE, NARROW = 960, 680
"""Points across of a picture."""
SOFT = "#52606d"
SCALE = 2
"""Points of the screen to a point of a PNG."""


def specification(chart: Mapping[str, Any]) -> dict[str, Any]:
    """A chart as a page draws it; a menu with one choice goes."""
    spec = dict(chart)
    if spec.get("params"):
        spec["params"] = [_without_single_choice(one) for one in spec["params"]]
    return spec


def _without_single_choice(param: Mapping[str, Any]) -> dict[str, Any]:
    bind = param.get("bind")
    single = isinstance(bind, dict) and bind.get("input") == "select" and len(bind.get("options") or ()) < 2
    return {name: value for name, value in param.items() if not (single and name == "bind")}


def number_format() -> dict[str, Any]:
    """How charts write numbers in the language in use (d3-format)."""
    point, group = (".", ",") if language() == "en" else (",", "\u00a0")
    return {"decimal": point, "thousands": group, "grouping": [3], "currency": ["", ""]}


def svg(chart: Mapping[str, Any], title: str, source: str, *, wide: bool) -> str:
    """The chart as SVG, its title above and its source below the title."""
    return _svg(
        json.dumps(specification(chart), ensure_ascii=False), title, source, WIDE if wide else NARROW, language()
    )


@lru_cache(maxsize=64)
def _svg(written: str, title: str, source: str, width: int, _spoken: str) -> str:
    spec = json.loads(written)
    head = {
        "text": title, "subtitle": source, "anchor": "start", "fontSize": 16, "fontWeight": 600, "color": INK, "offset": 14,
        "subtitleFontSize": 11, "subtitleColor": SOFT, "limit": width, "subtitlePadding": 5,
    }  # fmt: skip
    if "/vega/" in spec["$schema"]:
        signals = [{**one, "init": str(width)} if one["name"] == "width" else one for one in spec.get("signals", [])]
        words = {name: value for name, value in head.items() if name != "subtitle"} | {"subtitle": source}
        return str(
            vl_convert.vega_to_svg(
                {**spec, "signals": signals, "title": words, "padding": 10}, format_locale=number_format()
            )
        )
    spec |= {"title": head, "padding": spec.get("padding", 10), "background": "white"}
    if spec.get("width") == "container" or ("width" not in spec and "layer" in spec):
        spec["width"] = width - 300
    return str(vl_convert.vegalite_to_svg(spec, format_locale=number_format()))


def png(drawn: str) -> bytes:
    """A picture for documents and slides."""
    return bytes(vl_convert.svg_to_png(drawn, scale=SCALE))
