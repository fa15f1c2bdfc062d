"""The places room in a study: neighbouring regions of the samples, and establishments (real trees, for want of firms)."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pytest
from typer.testing import CliRunner

from almaz.cli import app
from almaz.errors import AlmazError
from almaz.report.places import sections
from almaz.study.edition import Edition
from almaz.study.file import load
from almaz.study.run import run

TESTS = Path(__file__).parents[1]
SAMPLES = TESTS.parent / "src" / "almaz" / "samples"
SECTION = """
[places]
sites = "trees.csv"
columns = { x = "x", y = "y", industry = "type", weight = "weight" }
reach = 0.06
steps = 12
simulations = 60
minimum = 20
permutations = 499
"""


def folder_of(tmp_path: Path, section: str) -> Path:
    folder = Path(shutil.copytree(SAMPLES / "kyrgyzstan_2021", tmp_path / "study"))
    shutil.copy(TESTS / "data" / "known_answers" / "dbmss" / "dbmss_paracou16.csv", folder / "trees.csv")
    rows = (folder / "trees.csv").read_text().splitlines()
    # the two rarer kinds and a sixth of the others: 502 trees, so that the test takes seconds
    kept = [rows[0], *(row for place, row in enumerate(rows[1:]) if "Other" not in row or place % 6 == 0)]
    (folder / "trees.csv").write_text("\n".join(kept) + "\n,12,Other,1\n", encoding="utf-8")
    file = folder / "study.toml"
    file.write_text(file.read_text(encoding="utf-8").split("[places]")[0] + section, encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def trees(tmp_path_factory: pytest.TempPathFactory) -> Edition:
    folder = tmp_path_factory.mktemp("trees")
    return run(load(folder_of(folder, SECTION)), folder / "editions")


def test_car_making_states_are_neighbours(states: Edition) -> None:
    held = states.table("neighbours")
    cars = held.filter(pc.equal(held["cluster"], "Automotive"))
    together = cars.filter(pc.equal(cars["alike"], "high_high"))["region"].to_pylist()
    assert {"18000", "21000", "39000"} <= set(together)  # Indiana, Kentucky, Ohio
    assert pc.all(pc.less_equal(cars.filter(pc.equal(cars["alike"], "high_high"))["p_value"], 0.05)).as_py()
    overall = states.table("neighbourhood").to_pylist()
    assert next(row for row in overall if row["cluster"] == "Automotive")["p_value"] < 0.01


def test_an_island_and_a_region_without_a_figure_are_unknown_not_average(states: Edition) -> None:
    held = states.table("neighbours")
    for row in held.to_pylist():
        unknown = row["neighbours"] == 0 or row["lq"] is None
        assert (row["alike"] == "unknown") or not unknown, row
        assert (row["local"] is None) == (row["alike"] == "unknown")
    hawaii = held.filter(pc.equal(held["region"], "15000"))
    assert set(hawaii["alike"].to_pylist()) == {"unknown"}


def test_hidden_cells_lower_the_agreement_and_published_ones_do_not(states: Edition, raions: Edition) -> None:
    assert set(raions.table("neighbours")["agreement"].to_pylist()) == {1.0}
    held = states.table("neighbours")
    known = np.array(held["agreement"].to_numpy(zero_copy_only=False))
    assert np.nanmin(known) < 1.0
    assert np.nanmax(known) == 1.0


def test_livestock_raions_of_naryn_lie_together(raions: Edition) -> None:
    held = raions.table("neighbours")
    cattle = held.filter(pc.and_(pc.equal(held["cluster"], "livestock"), pc.equal(held["alike"], "high_high")))
    assert [code for code in cattle["region"].to_pylist() if code.startswith("41704")]  # Naryn oblast


def test_a_study_without_the_section_has_no_places(tmp_path: Path) -> None:
    edition = run(load(folder_of(tmp_path, "")), tmp_path / "editions")
    assert "neighbours" not in edition.tables
    assert sections(edition) == []


def test_establishments_are_measured_and_cores_found(trees: Edition) -> None:
    verdicts = {(row["industry"], row["measure"]): row for row in trees.table("site_verdicts").to_pylist()}
    assert verdicts["V. Americana", "kd"]["verdict"] == "concentrated"
    assert verdicts["V. Americana", "kd"]["establishments"] == 90
    assert 0.0 < verdicts["V. Americana", "kd"]["strongest_km"] <= 0.06
    curves = trees.table("site_curves")
    assert curves.num_rows == 3 * (13 + 12)
    assert pc.all(pc.less_equal(curves["global_low"], curves["low"])).as_py()
    cores, sites = trees.table("site_cores"), trees.table("sites")
    assert pc.sum(cores["establishments"]).as_py() == pc.sum(pc.greater_equal(sites["core"], 0)).as_py()
    about = trees.table("site_about").to_pylist()[0]
    assert about["rows"] == about["placed"] + 1
    assert trees.table("site_problems")["kind"].to_pylist() == ["no_place"]


def test_the_same_table_makes_the_same_bytes(trees: Edition, tmp_path: Path) -> None:
    again = run(load(folder_of(tmp_path, SECTION)), tmp_path / "again")
    for file in sorted(trees.path.iterdir()):
        assert (again.path / file.name).read_bytes() == file.read_bytes(), file.name


def test_a_wrong_path_names_its_line(tmp_path: Path) -> None:
    file = folder_of(tmp_path, SECTION.replace("trees.csv", "forest.csv"))
    with pytest.raises(AlmazError, match=r"forest\.csv") as error:
        load(file)
    assert "places.sites" in str(error.value)


def test_the_command_prints_what_cannot_be_placed(tmp_path: Path) -> None:
    file = folder_of(tmp_path, SECTION)
    said = CliRunner().invoke(app, ["places", str(file)])
    assert said.exit_code == 1, said.output
    assert "Q. Rosea" not in said.output
    assert "502" in said.output
    assert "trees.csv" in said.output
    assert "502 of 503 establishments placed" in " ".join(said.output.split())
    refused = CliRunner().invoke(app, ["places", str(SAMPLES / "us_states_2016" / "study.toml")])
    assert isinstance(refused.exception, AlmazError)
