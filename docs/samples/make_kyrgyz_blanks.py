"""Writes docs/samples/kyrgyz_blanks/: the raion table of the sample with some cells printed as «…» and oblast rows above them,
as a yearbook has it; runs it, and draws docs/methods/pictures/hidden_cells_raions.png. Which cells are blank is our choice
(seed 5), the oblast rows are the sums of the raions; all else is the office's.

Run from the project's folder:  python docs/samples/make_kyrgyz_blanks.py
"""

from __future__ import annotations

import csv
import shutil
import sys
from pathlib import Path
from tempfile import mkdtemp

import altair as alt
import numpy as np
import vl_convert

from almaz.report.charts import HOLLOW, INK, QUIET, STRONG
from almaz.study.file import load
from almaz.study.run import run

SAMPLE = Path(__file__).parent.parent.parent / "src" / "almaz" / "samples" / "kyrgyzstan_2021"
FOLDER = Path(__file__).parent / "kyrgyz_blanks"
PICTURE = Path(__file__).parent.parent / "methods" / "pictures" / "hidden_cells_raions.png"
PRODUCTS = ("wheat", "potatoes", "vegetables", "fruits")
OBLAST = "41702"


def write_table() -> dict[tuple[str, str], float]:
    """The table with its blanks; gives what was blanked."""
    with (SAMPLE / "raion_agriculture_2021.csv").open(encoding="utf-8") as source:
        rows = list(csv.DictReader(source))
    oblasts = sorted({row["oblast"] for row in rows})
    sums = [
        {"region": code} | {p: f"{sum(float(row[p]) for row in rows if row['oblast'] == code):.1f}" for p in PRODUCTS}
        for code in oblasts
    ]
    random, hidden = np.random.default_rng(5), {}
    for row in rows:
        for product in PRODUCTS:
            if random.random() < 0.25:
                hidden[row["region"], product] = float(row[product])
                row[product] = "…"
    FOLDER.mkdir(exist_ok=True)
    with (FOLDER / "raions.csv").open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, ["region", *PRODUCTS, "population"], extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows([*sums, *rows])
    shutil.copyfile(SAMPLE / "regions.csv", FOLDER / "regions.csv")
    return hidden


def recovered(hidden: dict[tuple[str, str], float]) -> list[dict[str, object]]:
    """What the run says of each blank, beside the figure that was blanked and an equal share of what is left."""
    edition = run(load(FOLDER / "study.toml"), Path(mkdtemp()))
    names = {row["region"]: row["name_en"] for row in edition.table("regions").to_pylist()}
    told = {(row["region"], row["industry"]): row for row in edition.table("activity").to_pylist()}
    with (FOLDER / "raions.csv").open(encoding="utf-8") as source:
        table = {row["region"]: row for row in csv.DictReader(source)}
    found = []
    for (region, product), truth in hidden.items():
        cell = told[region, product]
        mates = [code for code in table if code.startswith(region[:5]) and len(code) > 5]
        left = float(table[region[:5]][product]) - sum(
            float(table[m][product]) for m in mates if table[m][product] != "…"
        )
        blanks = sum(table[mate][product] == "…" for mate in mates)
        found.append(
            {"cell": f"{product}, {names[region]}", "oblast": region[:5], "blanks": blanks, "true": truth, "low": cell["low"],
             "high": cell["high"], "value": cell["value"], "equal": left / blanks}
        )  # fmt: skip
    return found


def chart(data: list[dict[str, object]]) -> alt.LayerChart:
    """Line: possible; circle: estimate; diamond: the figure that was blanked; cross: an equal share of what is left."""
    kinds = alt.Scale(
        domain=["the figure (blanked by us)", "estimate", "what is left, in equal parts"],
        range=["diamond", "circle", "cross"],
    )
    colours = alt.Scale(domain=kinds.domain, range=["#c2571a", STRONG, QUIET])
    legend = alt.Legend(title=None, orient="bottom", labelFontSize=12, symbolSize=90, labelLimit=400)
    base = alt.Chart(alt.InlineData(values=data)).encode(y=alt.Y("cell:N", title=None, axis=alt.Axis(labelLimit=330)))
    x = alt.X("low:Q", scale=alt.Scale(type="symlog", constant=500), title="production, in the units of the source")
    layers = [base.mark_rule(color=QUIET, strokeWidth=1.4).encode(x=x, x2="high:Q")]
    for column, label in (("equal", kinds.domain[2]), ("value", kinds.domain[1]), ("true", kinds.domain[0])):
        fill = {"fill": HOLLOW} if column == "value" else {}
        marks = base.transform_calculate(kind=f"'{label}'")
        marks = marks.mark_point(size=95, strokeWidth=1.9, opacity=1, filled=False, **fill)
        shape = alt.Shape("kind:N", scale=kinds, legend=legend)
        layers.append(
            marks.encode(x=f"{column}:Q", shape=shape, stroke=alt.Stroke("kind:N", scale=colours, legend=legend))
        )
    return (
        alt.layer(*layers)
        .properties(width=620, height=alt.Step(27), title="Cells of a raion table printed as «…»")
        .configure(font="DejaVu Sans", background="white")
        .configure_axis(labelColor=INK, titleColor=INK, gridColor="#e6e8eb", labelFontSize=12)
        .configure_view(stroke=None)
        .configure_title(anchor="start", fontSize=15, color=INK)
    )


if __name__ == "__main__":
    cells = recovered(write_table())
    say = sys.stdout.write
    say("| cell | blanks of its kind in the oblast | least | estimate | most | the figure | in equal parts |\n")
    say("|---|---:|---:|---:|---:|---:|---:|\n")
    for one in cells:
        if one["oblast"] == OBLAST:
            numbers = " | ".join(f"{one[name]:,.0f}" for name in ("low", "value", "high", "true", "equal"))
            say(f"| {one['cell']} | {one['blanks']} | {numbers} |\n")
    open_cells = [one for one in cells if one["blanks"] > 1]
    PICTURE.write_bytes(vl_convert.vegalite_to_png(chart(open_cells).to_dict(), scale=1.5))
    whole = sum(one["true"] for one in open_cells)
    say(f"{len(cells)} blanks, {len(open_cells)} of them open\n")
    for name in ("value", "equal"):
        off = sum(abs(one[name] - one["true"]) for one in open_cells)
        say(f"{name}: {off:,.0f} off in all, of {whole:,.0f}\n")
