from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pytest
from typer.testing import CliRunner

from almaz.cli import app
from almaz.errors import AlmazError
from almaz.study.compare import differences, quotient_changes
from almaz.study.edition import Edition, open_edition
from almaz.study.file import load
from almaz.study.run import run

SAMPLES = Path(__file__).parent.parent.parent / "src" / "almaz" / "samples"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SAMPLES / "kyrgyzstan_2021", tmp_path / "study"))


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('measure = "production"\nbase', 'mesure = "production"\nbase', "did you mean «measure»"),
        ('absent = "not_available"', 'absent = "zero"', "'nil', 'not_available'"),
        ('file = "regions.csv"', 'file = "regons.csv"', "regons.csv"),
        ("[study]", "[study", "TOML"),
    ],
)
def test_an_error_in_the_study_file_names_its_line_and_what_was_expected(
    folder: Path, old: str, new: str, says: str
) -> None:
    file = folder / "study.toml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(AlmazError) as error:
        load(file)
    assert says in str(error.value)
    line = text[: text.index(old)].count("\n") + 1
    assert f"line {line}," in str(error.value) or f"line {line}:" in str(error.value)


def test_the_same_study_makes_the_same_bytes_in_another_folder(folder: Path, raions: Edition, tmp_path: Path) -> None:
    again = run(load(folder / "study.toml"), tmp_path / "again")
    assert again.path.name == raions.path.name
    for file in sorted(raions.path.iterdir()):
        assert (again.path / file.name).read_bytes() == file.read_bytes(), file.name


def test_a_run_killed_half_way_leaves_no_edition_and_the_next_run_makes_it(
    folder: Path, raions: Edition, tmp_path: Path
) -> None:
    output = tmp_path / "editions"
    (output / (raions.path.name + ".partial")).mkdir(parents=True)
    (output / (raions.path.name + ".partial") / "regions.parquet").write_text("half")
    with pytest.raises(AlmazError, match="no edition"):
        open_edition(output / "nothing")
    assert run(load(folder / "study.toml"), output).manifest == raions.manifest


def test_a_changed_table_is_noticed(folder: Path, tmp_path: Path) -> None:
    edition = run(load(folder / "study.toml"), tmp_path / "editions")
    (edition.path / "portfolio.parquet").write_bytes(b"PAR1")
    with pytest.raises(AlmazError, match="changed after it was made"):
        open_edition(edition.path)


def test_errors_in_the_data_stop_a_run_and_say_where(folder: Path, tmp_path: Path) -> None:
    data = folder / "raion_agriculture_2021.csv"
    data.write_text(data.read_text().replace("30887.2", "-30887.2"))
    with pytest.raises(AlmazError, match="negative") as error:
        run(load(folder / "study.toml"), tmp_path / "editions")
    assert "raion_agriculture_2021.csv, row 2, column wheat" in str(error.value)


def test_two_editions_tell_what_changed(folder: Path, raions: Edition, tmp_path: Path) -> None:
    data = folder / "raion_agriculture_2021.csv"
    data.write_text(data.read_text().replace("30887.2", "887.2"))
    other = run(load(folder / "study.toml"), tmp_path / "editions")
    assert any("raion_agriculture_2021.csv" in line for line in differences(raions, other))
    first = quotient_changes(raions, other).to_pylist()[0]
    assert (first["region"], first["cluster"]) == ("41702205", "wheat")


def test_location_quotients_per_head_are_those_of_a_hand_calculation(raions: Edition) -> None:
    import csv

    with (SAMPLES / "kyrgyzstan_2021" / "raion_agriculture_2021.csv").open(encoding="utf-8") as source:
        rows = list(csv.DictReader(source))
    wheat, people = (np.array([float(row[name]) for row in rows]) for name in ("wheat", "population"))
    expected = dict(zip([row["region"] for row in rows], (wheat / people) / (wheat.sum() / people.sum()), strict=True))
    table = raions.table("portfolio")
    got = table.filter(pc.equal(table["cluster"], "wheat"))
    for region, quotient in zip(got["region"].to_pylist(), got["lq"].to_pylist(), strict=True):
        assert quotient == pytest.approx(expected[region], rel=1e-12)


def test_products_of_different_units_are_never_added_up(raions: Edition) -> None:
    strength = raions.table("region_strength")
    assert strength["cluster_strength"].null_count == strength.num_rows
    assert raions.table("portfolio")["share_of_region"].null_count == raions.table("portfolio").num_rows


def test_hidden_cells_stay_intervals_from_the_cell_to_the_quotient(states: Edition) -> None:
    activity = states.table("activity")
    hidden = activity.filter(pc.equal(activity["status"], "suppressed"))
    assert hidden.num_rows > 20_000
    assert pc.all(pc.less_equal(hidden["low"], hidden["high"])).as_py()
    assert not pc.any(pc.and_(pc.equal(hidden["value"], 0), pc.greater(hidden["high"], 0))).as_py()
    table = states.table("portfolio")
    known = table.filter(pc.is_valid(table["lq"]))
    assert pc.all(pc.less_equal(known["lq_low"], pc.multiply(known["lq"], 1 + 1e-9))).as_py()
    assert pc.all(pc.greater_equal(pc.fill_null(known["lq_high"], np.inf), pc.multiply(known["lq"], 1 - 1e-9))).as_py()


def test_the_filled_cells_add_up_to_the_published_employment_of_the_year_with_consistent_totals(
    states: Edition,
) -> None:
    activity = states.table("activity")
    mine = activity.filter(pc.and_(pc.equal(activity["measure"], "employment"), pc.equal(activity["year"], 2016)))
    assert pc.sum(mine["value"]).as_py() == pytest.approx(98_112_678, rel=1e-9)


def test_the_u_s_rule_agrees_with_sql_over_the_same_portfolio(states: Edition) -> None:
    import duckdb

    portfolio, strength = states.table("portfolio"), states.table("strength")  # noqa: F841 (DuckDB reads them by name)
    wrong = duckdb.sql("""
        WITH cells AS (SELECT * FROM portfolio WHERE subcluster IS NULL AND year = 2016 AND employment > 0),
        cuts AS (SELECT cluster, quantile_cont(lq, 0.75) q75, quantile_cont(employment, 0.25) e25,
                        quantile_cont(establishments, 0.25) n25 FROM cells GROUP BY cluster),
        sql AS (SELECT region, cluster, lq >= q75 AND lq >= 1 AND employment > e25 AND establishments > n25 AS strong
                FROM cells JOIN cuts USING (cluster))
        SELECT count(*) FROM sql JOIN strength USING (region, cluster)
        WHERE rule = 'us_cluster_mapping' AND sql.strong <> (verdict IN ('strong', 'strong10'))
    """).fetchall()
    assert wrong == [(0,)]


def test_the_commands_run_from_new_to_show(tmp_path: Path) -> None:
    runner = CliRunner()
    made = runner.invoke(app, ["new", str(tmp_path / "mine"), "--sample", "kyrgyzstan"])
    assert made.exit_code == 0, made.output
    checked = runner.invoke(app, ["check", str(tmp_path / "mine" / "study.toml"), "--language", "ky"])
    assert checked.exit_code == 0, checked.output
    ran = runner.invoke(app, ["run", str(tmp_path / "mine" / "study.toml"), "-o", str(tmp_path / "editions")])
    assert ran.exit_code == 0, ran.output
    assert list((tmp_path / "editions").glob("*-ky.html"))
    shown = runner.invoke(app, ["show", str(tmp_path / "editions"), "--table", "portfolio", "--region", "41702205"])
    assert shown.exit_code == 0, shown.output
    assert "wheat" in shown.output
    assert "5.264" in shown.output
