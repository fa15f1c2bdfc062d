"""Draws docs/methods/pictures/hidden_cells_county.png: published figures of one county, hidden by us and recovered.

Run from the project's folder, with ALMAZ_DATA naming the folder that holds us_qcew_2016/:
    python docs/samples/make_hidden_cells_picture.py
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import altair as alt
import numpy as np
import vl_convert

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from benchmarks.hidden_cells import SAMPLE, hide, load, national_mean

from almaz.report.charts import HOLLOW, INK, QUIET, STRONG
from almaz.tables.hidden import filled

STATE, COUNTY, NAME = "33", "33015", "Rockingham County, New Hampshire"
PICTURE = Path(__file__).parent.parent / "methods" / "pictures" / "hidden_cells_county.png"
SHOWN = 16


def rows() -> list[dict[str, object]]:
    """The largest figures of the county that were hidden and do not simply follow from a total."""
    table = load([STATE])
    value, first = hide(table, seed=2016)
    done = filled(
        value, table.establishments, table.there, table.region_tree, table.industry_tree, number=200, seed=(1,)
    )
    with (SAMPLE / "industries.csv").open(encoding="utf-8") as source:
        titles = {row["industry"]: row["title"] for row in csv.DictReader(source)}
    county = table.regions.index(COUNTY)
    naive = national_mean(table, value)
    found = []
    for number in np.nonzero(first[county] & table.industry_tree.leaf & (done.high[county] > done.low[county] + 1))[0]:
        drawn = done.draws[:, (done.drawn_region == county) & (done.drawn_industry == number)]
        low, high = np.quantile(drawn, [0.05, 0.95])
        found.append(
            {
                "industry": titles[table.industries[number]],
                "true": table.employment[county, number],
                "low": done.low[county, number],
                "high": done.high[county, number],
                "value": done.value[county, number],
                "from": low,
                "to": high,
                "naive": naive[county, number],
            }
        )
    return sorted(found, key=lambda row: -row["true"])[:SHOWN]


def chart(data: list[dict[str, object]]) -> alt.LayerChart:
    """Line: possible; band: nine fillings in ten; hollow: estimate; filled: what the office had published."""
    legend = alt.Legend(title=None, orient="bottom", labelFontSize=12, symbolSize=90, labelLimit=400)
    shapes = alt.Scale(domain=["the truth (hidden by us)", "estimate", "usual guess: establishments × national mean"],
                       range=["diamond", "circle", "cross"])  # fmt: skip
    colours = alt.Scale(domain=shapes.domain, range=["#c2571a", STRONG, QUIET])
    base = alt.Chart(alt.InlineData(values=data)).encode(
        y=alt.Y(
            "industry:N",
            sort=alt.EncodingSortField("true", order="descending"),
            title=None,
            axis=alt.Axis(labelLimit=330),
        )
    )
    scale = alt.Scale(type="symlog", constant=20, nice=False)
    x = alt.X("low:Q", scale=scale, axis=alt.Axis(values=[0, 20, 50, 100, 200, 500, 1000, 2000]), title="employees")
    layers = [
        base.mark_rule(color=QUIET, strokeWidth=1.4).encode(x=x, x2="high:Q"),
        base.mark_bar(height=9, color="#b7d7cf").encode(x="from:Q", x2="to:Q"),
    ]
    for field, label in (("naive", shapes.domain[2]), ("value", shapes.domain[1]), ("true", shapes.domain[0])):
        marks = base.transform_calculate(kind=f"'{label}'").mark_point(
            size=95, strokeWidth=1.9, opacity=1, filled=False
        )
        if field == "value":
            marks = base.transform_calculate(kind=f"'{label}'").mark_point(
                size=95, strokeWidth=1.9, opacity=1, fill=HOLLOW
            )
        layers.append(
            marks.encode(x=f"{field}:Q", shape=alt.Shape("kind:N", scale=shapes, legend=legend),
                         stroke=alt.Stroke("kind:N", scale=colours, legend=legend))
        )  # fmt: skip
    return (
        alt.layer(*layers)
        .properties(width=620, height=alt.Step(27), title=f"{SHOWN} published figures of {NAME}, hidden and recovered")
        .configure(font="DejaVu Sans", background="white")
        .configure_axis(labelColor=INK, titleColor=INK, gridColor="#e6e8eb", labelFontSize=12)
        .configure_view(stroke=None)
        .configure_title(anchor="start", fontSize=15, color=INK)
    )


if __name__ == "__main__":
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_bytes(vl_convert.vegalite_to_png(chart(rows()).to_dict(), scale=1.5))
