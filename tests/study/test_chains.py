from __future__ import annotations

import shutil
from itertools import pairwise
from pathlib import Path

import pyarrow.compute as pc
import pytest
from typer.testing import CliRunner

from almaz.cli import app
from almaz.errors import AlmazError
from almaz.language import use
from almaz.report.chain_picture import HEIGHT, Drawing, draw
from almaz.report.chain_words import chain_of
from almaz.report.chains import sections
from almaz.study.edition import Edition
from almaz.study.file import load

SAMPLES = Path(__file__).parents[2] / "src" / "almaz" / "samples"
TABLES = {
    "chain_industries",
    "chain_relations",
    "chain_line",
    "chain_problems",
    "chain_flows",
    "chain_history",
    "supply_gap",
    "supply_gap_totals",
}


def test_a_study_without_a_table_measures_no_chains(raions: Edition) -> None:
    assert not TABLES & set(raions.tables)
    assert sections(raions) == []
    with pytest.raises(AlmazError, match="measures no value chains"):
        chain_of(raions, "41702205", "wheat")


def test_the_states_chains_are_whole(states: Edition) -> None:
    assert set(states.tables) >= TABLES
    totals, gaps = states.table("supply_gap_totals"), states.table("supply_gap")
    for name in ("output", "purchases", "inside", "gap", "filled_jobs", "filled_value_added", "filled_investment"):
        assert pc.all(pc.less_equal(totals[f"{name}_low"], pc.multiply(totals[name], 1.0001))).as_py()
        assert pc.all(pc.greater_equal(pc.multiply(totals[f"{name}_high"], 1.0001), totals[name])).as_py()
    bought = pc.subtract(totals["purchases"], pc.add(pc.add(totals["inside"], totals["gap"]), totals["unknown"]))
    assert pc.max(pc.abs(bought)).as_py() < 0.01
    both = gaps.group_by(["region", "cluster"]).aggregate([("purchases", "sum")])
    assert pc.sum(both["purchases_sum"]).as_py() == pytest.approx(pc.sum(totals["purchases"]).as_py(), rel=1e-5)
    # hidden cells make intervals, published ones do not
    assert pc.any(pc.greater(totals["output_high"], pc.multiply(totals["output_low"], 1.01))).as_py()


def test_detroit_s_cars_and_wall_street_are_where_they_are(states: Edition) -> None:
    total, gaps = chain_of(states, "Michigan", "Automotive")
    assert 80_000 < total["output"] < 130_000  # million dollars of 2007, of 503,000 in the country
    assert total["inside_low"] < total["inside"] < total["inside_high"]
    assert gaps[-1]["supplier"] is None
    by_supplier = {row["supplier"]: row for row in gaps}
    assert by_supplier["336370"]["status"] == "specialised"  # metal stamping
    assert by_supplier["336370"]["in_cluster"]
    assert by_supplier["336370"]["supplier_strong"]
    assert not by_supplier["420000"]["supplier_strong"]  # wholesale trade
    with use("ru"):
        assert chain_of(states, "Мичиган", "Automotive")[0] == total
    with pytest.raises(AlmazError, match="no cluster «Nothing»"):
        chain_of(states, "26000", "Nothing")


def test_longer_chains_do_not_carry_more_tax_in_the_u_s(states: Edition) -> None:
    rows = {(r["outcome"], r["length"], r["design"]): r for r in states.table("chain_relations").to_pylist()}
    across, within = (rows["chain_taxes", "stages", design] for design in ("across", "within"))
    assert across["high"] < 0
    assert within["low"] < 0 < within["high"]
    assert across["alike_by_output"] == pytest.approx(0.0375, abs=0.0005)
    assert (within["observations"], within["industries"], within["years"]) == (1349, 71, 19)
    with use("en"):
        figure = next(f for section in sections(states) for f in section.figures if f.name == "length-tax")
    assert "longer chains carry less" in figure.hint
    assert "no clear difference" in figure.hint


@pytest.mark.parametrize("language", ["en", "ru", "ky"])
def test_the_section_shows_every_picture_with_its_table(states: Edition, language: str) -> None:
    with use(language):
        (section,) = sections(states)
    assert [f.name for f in section.figures] == ["chain", "supply-gap", "linkages", "length-tax", "length-estimates"]
    for figure in section.figures:
        assert figure.table.num_rows > 0
        assert set(figure.headings) <= set(figure.table.column_names)
        assert figure.chart is not None
        assert figure.chart["datasets"]


def test_ribbons_and_nodes_fit_the_picture_and_carry_the_money() -> None:
    flows = [
        {"layer": "first", "from": "A", "to": None, "value": 60.0, "inside": 20.0},
        {"layer": "first", "from": "B", "to": None, "value": 10.0, "inside": None},
        {"layer": "second", "from": "B", "to": "A", "value": 5.0, "inside": None},
        {"layer": "buyer", "from": None, "to": "exports", "value": 100.0, "inside": None},
    ]
    drawing = Drawing()
    draw(drawing, 0, flows, 100.0, str)
    width = {
        kind: sum(row["w"] for row in drawing.ribbons if row["t"] == kind)
        for kind in ("inside", "gap", "unknown", "buyer")
    }
    assert width["inside"] / width["buyer"] == pytest.approx(0.2, abs=0.001)
    assert width["gap"] / width["buyer"] == pytest.approx(0.4, abs=0.001)
    assert width["unknown"] / width["buyer"] == pytest.approx(0.1, abs=0.001)
    for row in drawing.nodes:
        assert -1 <= row["y"] <= HEIGHT + 1
    arriving = sorted((row["d"], row["w"]) for row in drawing.ribbons if row["t"] in ("inside", "gap", "unknown"))
    for (at, size), (following, _size) in pairwise(arriving):
        assert following == pytest.approx(at + size, abs=0.11)


def test_errors_of_the_section_name_the_key(tmp_path: Path) -> None:
    folder = shutil.copytree(SAMPLES / "us_states_2016", tmp_path / "us")
    study = folder / "study.toml"
    written = study.read_text(encoding="utf-8")
    for old, new, says in (
        ('file = "use_2007.csv"', 'file = "use_2008.csv"', "chains.file"),
        ("delta = [0.2, 0.3, 0.4]", "delta = [0.4, 0.3, 0.2]", "delta must rise"),
        ("history_years = [1997, 2015]", "", "history needs history_years"),
        ('method = "flq"', 'methods = "flq"', "did you mean «method»"),
    ):
        study.write_text(written.replace(old, new), encoding="utf-8")
        with pytest.raises(AlmazError) as error:
            load(study)
        assert says in str(error.value)


def test_the_command_prints_the_chain(states: Edition) -> None:
    made = CliRunner().invoke(
        app, ["chain", str(states.path), "--region", "Michigan", "--cluster", "Automotive", "--language", "ky"]
    )
    assert made.exit_code == 0, made.output
    assert "2007-жылдын млн доллары" in made.output
    assert "жетишпегени" in made.output
