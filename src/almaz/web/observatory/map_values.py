"""What a map says: for each region a colour, whether it is sure, and a line of words; and the map as a picture of its own."""

from __future__ import annotations

import gzip
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any

import pyarrow.compute as pc

from almaz.language import decimal, language, percent
from almaz.language import text as _
from almaz.report import charts
from almaz.web.observatory.hidden_share import hidden_share
from almaz.web.observatory.portfolio import known, last_year, quotient_steps, span
from almaz.web.observatory.reading import Reading

SHOWN = ("lq", "lq_low", "lq_high", "hidden_share")
WIDE_OPEN = 0.25
"""A cluster strength whose bounds are further apart than this is not sure."""


@dataclass(frozen=True)
class Values:
    """A map's title, legend and values. legend: (colour, words); regions: code → [colour's place or -1, sure, words]."""

    title: str
    legend: list[tuple[str, str]]
    regions: Mapping[str, tuple[int, bool, str]]
    unsure: bool

    def json(self) -> dict[str, Any]:
        """What the page's script reads."""
        return {
            "title": self.title,
            "colours": [colour for colour, _words in self.legend],
            "regions": {code: [place, int(sure), words] for code, (place, sure, words) in self.regions.items()},
        }


def head(reading: Reading, cluster: str = "") -> Values:
    """Title and legend of a map without its values: what a page says before the map's script has drawn it."""
    if not cluster:
        return Values(_("Cluster strength"), _steps(_top(reading)), {}, True)
    title = f"{reading.names('clusters').get(cluster, cluster)}: {_('location quotient')}"
    unsure = bool(hidden_share(reading, "cluster", cluster))
    return Values(title, list(zip(charts.LQ_SCALE, quotient_steps(), strict=True)), {}, unsure)


def _top(reading: Reading) -> float:
    """The largest cluster strength of a region."""
    return pc.max(reading.table("region_strength")["cluster_strength"]).as_py() or 1.0


def _steps(top: float) -> list[tuple[str, str]]:
    """The colours of cluster strength and what they stand for."""
    number = len(charts.SCALE)
    steps = [f"{percent(at * top / number, 0)} – {percent((at + 1) * top / number, 0)}" for at in range(number)]
    return list(zip(charts.SCALE, steps, strict=True))


def values(reading: Reading, cluster: str = "") -> Values:
    """The values of a cluster's map (location quotients), or of the country's (cluster strength), in the language in use."""
    return _values(reading, cluster, language())


@lru_cache(maxsize=64)
def _values(reading: Reading, cluster: str, _spoken: str) -> Values:
    return _of_cluster(reading, cluster) if cluster else _of_country(reading)


def _of_country(reading: Reading) -> Values:
    names = reading.names("regions")
    rows = reading.table("region_strength").to_pylist()
    top = _top(reading)
    number = len(charts.SCALE)
    regions = {}
    for row in rows:
        value, low, high = row["cluster_strength"], row["cluster_strength_low"], row["cluster_strength_high"]
        name = names.get(row["region"], row["region"])
        if value is None or math.isnan(value):
            regions[row["region"]] = (-1, True, f"{name}: {_('unknown')}")
            continue
        said = f"{percent(value, 0)} ({span(low, high, lambda share: percent(share, 0))})"
        regions[row["region"]] = (min(number - 1, int(value / top * number)), high - low < WIDE_OPEN, f"{name}: {said}")
    legend = _steps(top)
    return Values(_("Cluster strength"), legend, regions, any(not sure for _place, sure, _words in regions.values()))


def _of_cluster(reading: Reading, cluster: str) -> Values:
    names = reading.names("regions")
    regions = {}
    table = last_year(reading.part(cluster=cluster), ("region", "cluster", *SHOWN))
    for region, quotient, low, high, hidden in zip(
        table["region"].to_pylist(), *(known(table[name]) for name in SHOWN), strict=True
    ):
        name = names.get(region, region)
        if quotient is None:
            regions[region] = (-1, True, f"{name}: {_('no figure')}")
            continue
        sure = not hidden or (low is not None and low >= 1) or (high is not None and high <= 1)
        interval = f" ({span(low, high)})" if hidden else ""
        place = sum(quotient >= edge for edge in charts.LQ_BREAKS)
        regions[region] = (place, sure, f"{name}: {decimal(quotient)}{interval}")
    title = f"{reading.names('clusters').get(cluster, cluster)}: {_('location quotient')}"
    return Values(
        title,
        list(zip(charts.LQ_SCALE, quotient_steps(), strict=True)),
        regions,
        any(not sure for _place, sure, _words in regions.values()),
    )


def picture(file: Path, held: Values, source: str) -> str:
    """The map as SVG with its title, legend and source. file: the first level of the edition's map."""
    sheet = json.loads(gzip.decompress(file.read_bytes()))
    width, height, units = sheet["width"], sheet["height"], sheet["units"]
    shapes = []
    for code, path in sheet["regions"].items():
        place, sure, words = held.regions.get(code, (-1, True, code))
        fill = held.legend[place][0] if place >= 0 else charts.UNKNOWN
        unsure = "" if sure else ' fill-opacity=".55"'
        shapes.append(f'<path d="{path}" fill="{fill}"{unsure}><title>{escape(words)}</title></path>')
    lines = "".join(f'<path d="{path}"/>' for path in sheet["outlines"])
    thin = 1.2 if len(shapes) > 500 else 3
    text = 'font-family="system-ui, Segoe UI, Roboto, Noto Sans, sans-serif"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width + 40} {height + 118}" width="{width + 40}" height="{height + 118}" {text} '
        f'fill="{charts.INK}"><rect width="100%" height="100%" fill="white"/><text x="20" y="32" font-size="18" font-weight="600">{escape(held.title)}</text>'
        f'<text x="20" y="52" font-size="12" fill="#52606d">{escape(source)}</text><g transform="translate(20 64) scale({1 / units})">'
        f'<g stroke="white" stroke-width="{thin}">{"".join(shapes)}</g><g fill="none" stroke="{charts.INK}" stroke-width="{units * 0.9}" stroke-opacity=".55">{lines}</g></g>'
        f"{_legend(held, height + 82, width)}</svg>"
    )


def _legend(held: Values, top: int, width: int) -> str:
    entries: Sequence[tuple[str, str]] = [*held.legend, (charts.UNKNOWN, _("no figure"))]
    step = width / len(entries)
    return "".join(
        f'<rect x="{20 + at * step:.0f}" y="{top}" width="14" height="14" rx="3" fill="{colour}" stroke="#0002"/>'
        f'<text x="{40 + at * step:.0f}" y="{top + 12}" font-size="12">{escape(words)}</text>'
        for at, (colour, words) in enumerate(entries)
    )
