"""The pictures of docs/methods/impact.md and docs/guide/how_to_evaluate.md, from the real panels in tests/data.

Run from the root of the project: python docs/samples/make_impact_pictures.py
"""

from __future__ import annotations

import copy
import tempfile
from pathlib import Path

import vl_convert

from almaz.impact.evaluation import EvaluationOptions
from almaz.impact.horizon import Plan, Range, horizon
from almaz.impact.panel_file import Columns
from almaz.report import impact, impact_programme
from almaz.report.section import Section
from almaz.study.edition import Edition
from almaz.study.file import load
from almaz.study.impact import evaluate_panel, horizon_tables, write_tables
from almaz.study.run import run

PICTURES = Path("docs/methods/impact")
WIDTH = 560


def draw(sections: list[Section], wanted: dict[str, str]) -> None:
    """Write the figures named as SVG: figure → file."""
    for section in sections:
        for figure in section.figures:
            if figure.name in wanted and figure.chart is not None:
                chart = copy.deepcopy(dict(figure.chart)) | {"width": WIDTH, "background": "white"}
                svg = vl_convert.vegalite_to_svg(chart)
                (PICTURES / f"{wanted[figure.name]}.svg").write_text(svg, encoding="utf-8")


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    data = Path("tests/data")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        wages = evaluate_panel(
            data / "policy_panel" / "county_minimum_wage.csv", Columns("countyreal", "year", "lemp", first="first.treat"),
            EvaluationOptions("log of teen employment"), folder,
        )  # fmt: skip
        draw(
            impact_programme.sections(wages),
            {"programme-events": "events", "programme-cells": "cells", "programme-estimates": "estimates",
             "programme-paths": "paths"},
        )  # fmt: skip
        tobacco = evaluate_panel(
            data / "tobacco" / "california_prop99.csv", Columns("state", "year", "packs_per_capita", treated="treated"),
            EvaluationOptions("packs per head", desired="down"), folder,
        )  # fmt: skip
        draw(impact_programme.sections(tobacco), {"programme-twin-0": "twin", "programme-placebos-0": "placebos"})
        plan = Plan(2027, 12, (40, 60, 60, 50, 40, 30, 20, 15), Range(60, 160, 300))
        ahead = write_tables(horizon_tables(horizon(plan)), "0" * 64, {}, {}, folder / "plan")
        draw(impact.sections(ahead), {"horizon-fan": "fan"})
        states: Edition = run(load(Path("src/almaz/samples/us_states_2016/study.toml")), folder)
        draw(impact.sections(states), {"growth-establishments": "growth_states"})


if __name__ == "__main__":
    main()
