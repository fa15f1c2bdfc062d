"""The picture of docs/benchmarks.md: seconds and memory of the three engines, from the table above it.

Run from the root of the project: python docs/samples/make_engines_picture.py
"""

from __future__ import annotations

import re
from pathlib import Path

import altair as alt
import vl_convert

from almaz.report.charts import themed

PAGE = Path("docs/benchmarks.md")
ROW = re.compile(r"^\| (DuckDB|Spark|PostgreSQL) \|(.+)\|$", re.MULTILINE)
COLOURS = {"DuckDB": "#0b6e6e", "Spark": "#c2571a", "PostgreSQL": "#4a6fa5"}


def rows() -> list[dict[str, object]]:
    """Engine, millions, what and value of every row of the table."""
    found = []
    for engine, rest in ROW.findall(PAGE.read_text(encoding="utf-8")):
        cells = [one.strip() for one in rest.split("|")]
        for what, value in (("seconds, adding up", cells[3]), ("gigabytes at most", cells[7])):
            found.append({"engine": engine, "millions": float(cells[0]), "what": what, "value": float(value)})
    return found


def main() -> None:
    base = alt.Chart(alt.InlineData(values=rows())).encode(
        x=alt.X("millions:Q", scale=alt.Scale(type="log"), title="million records", axis=alt.Axis(values=[5, 50, 500])),
        color=alt.Color("engine:N", scale=alt.Scale(domain=list(COLOURS), range=list(COLOURS.values())), title=None),
    )

    def part(what: str) -> alt.LayerChart:
        y = alt.Y("value:Q", scale=alt.Scale(type="log"), title=what)
        chosen = base.transform_filter(alt.datum.what == what).encode(y=y)
        return (chosen.mark_line() + chosen.mark_point(filled=True, size=60)).properties(width=300, height=240)

    chart = themed(alt.hconcat(part("seconds, adding up"), part("gigabytes at most"))) | {"background": "white"}
    Path("docs/methods/pictures/engines_growth.svg").write_text(vl_convert.vegalite_to_svg(chart), encoding="utf-8")


if __name__ == "__main__":
    main()
