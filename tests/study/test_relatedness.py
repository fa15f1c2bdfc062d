"""The room of relatedness in editions, on the command line and in a study of few regions."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pytest
from typer.testing import CliRunner

from almaz.cli import app
from almaz.clusters.validation import group_relatedness
from almaz.errors import AlmazError
from almaz.report import relatedness as report
from almaz.study.derivation import derive_definition, write_derivation
from almaz.study.edition import Edition
from almaz.study.file import load
from almaz.study.relatedness import traded_between
from almaz.study.run import run

SAMPLES = Path(__file__).parents[2] / "src" / "almaz" / "samples"
PUBLISHED = Path(__file__).parents[1] / "data" / "published_cluster_relatedness.csv"


def test_the_states_edition_has_every_table_and_its_numbers_hang_together(states: Edition) -> None:
    about = {row["matrix"]: row for row in states.table("relatedness_about").to_pylist()}
    assert set(about) == {
        "lc_employment", "lc_establishments", "coagglomeration", "proximity", "input_output", "combined",
    }  # fmt: skip
    assert all(row["regions"] == 51 for row in about.values())
    pairs = states.table("cluster_relatedness")
    assert pairs.num_rows == 51 * 51
    related = pairs.filter(pairs["related"])
    assert pc.min(related["linked"]).as_py() > 0.2
    assert pc.min(related["percentile"]).as_py() >= 0.89
    scores = states.table("definition_scores").to_pylist()
    assert min(row["overall"] for row in scores) > 0.6
    accuracy = {row["number"]: row["value"] for row in states.table("entry_accuracy").to_pylist()}
    assert accuracy["auc"] > accuracy["auc_without_density"] > 0.5
    entry = states.table("entry")
    present = {(row["region"], row["industry"]) for row in states.table("presence").to_pylist()}
    assert not present & {(row["region"], row["industry"]) for row in entry.to_pylist()}
    nodes, edges = states.table("industry_space"), states.table("industry_space_edges")
    assert pc.sum(edges["in_tree"]).as_py() == nodes.num_rows - 1
    white = states.table("opportunities")
    white = white.filter(white["open"])
    assert pc.max(white["lq"]).as_py() < 1
    assert pc.min(white["percentile"]).as_py() >= 0.75


def test_complexity_in_the_edition_equals_ecomplexity(states: Edition) -> None:
    ecomplexity = pytest.importorskip("ecomplexity")
    pandas = pytest.importorskip("pandas")
    activity = states.table("activity")
    last = pc.and_(pc.equal(activity["measure"], "establishments"), pc.equal(activity["year"], 2016))
    nodes = set(states.table("complexity_industries")["industry"].to_pylist())
    cells = [row for row in activity.filter(last).to_pylist() if row["industry"] in nodes]
    frame = pandas.DataFrame(
        [{"time": 2016, "loc": row["region"], "prod": row["industry"], "val": row["value"]} for row in cells]
    )
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = ecomplexity.ecomplexity(
            frame, {"time": "time", "loc": "loc", "prod": "prod", "val": "val"}, verbose=False,
            check_logsupermodularity=False,
        )  # fmt: skip
    eci = theirs.drop_duplicates("loc").set_index("loc")["eci"]
    ours = {row["region"]: row["eci"] for row in states.table("complexity_regions").to_pylist()}
    np.testing.assert_allclose([ours[region] for region in eci.index], eci.to_numpy(), rtol=1e-7, atol=1e-9)


def test_trade_between_clusters_is_what_was_published() -> None:
    """Our table is of 2007 and the published definitions' codes of 2007 were recoded: alike, not equal."""
    study = load(SAMPLES / "us_states_2016" / "study.toml")
    assert study.chains is not None
    with study.clusters.definition.open(encoding="utf-8", newline="") as source:  # type: ignore[union-attr]
        cluster = {row["industry"]: row["cluster"] for row in csv.DictReader(source) if row["kind"] == "traded"}
    industries = tuple(sorted(cluster))
    names = sorted(set(cluster.values()))
    membership = np.array([[cluster[code] == name for name in names] for code in industries], dtype=float)
    ours = traded_between(study.chains, industries)
    between = group_relatedness(ours, membership).between
    theirs = np.full(between.shape, np.nan)
    with PUBLISHED.open(encoding="utf-8", newline="") as source:
        for row in csv.DictReader(source):
            theirs[names.index(row["cluster_name"]), names.index(row["cluster_name_2"])] = float(row["cr_io"])
    pairs = ~np.eye(len(names), dtype=bool)
    ranks = [np.argsort(np.argsort(matrix[pairs])) for matrix in (between, theirs)]
    assert np.corrcoef(ranks)[0, 1] > 0.8
    assert ours[~np.eye(len(ours), dtype=bool)].std() == pytest.approx(0.037, abs=0.003)
    assert np.nanmean(between) == pytest.approx(theirs[pairs].mean(), rel=0.1)


def read(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source))


def few_regions(tmp_path: Path, more: str = "[relatedness]\n") -> Path:
    folder = Path(shutil.copytree(SAMPLES / "kyrgyzstan_2021", tmp_path / "few"))
    study = folder / "study.toml"
    written = study.read_text(encoding="utf-8").replace('base = "population"', 'base = "all"')
    study.write_text(written + "\n" + more, encoding="utf-8")
    return study


def test_few_regions_are_told_and_borrowed_relatedness_takes_their_place(tmp_path: Path) -> None:
    file = few_regions(tmp_path, "[relatedness]\nminimum_regions = 60\n")
    edition = run(load(file), tmp_path / "editions")
    assert edition.table("relatedness_about").to_pylist()[0]["reason"] == "few_regions"
    assert "industry_space" not in edition.tables
    shown = report.sections(edition)
    assert len(shown) == 1
    assert "With 40 regions" in shown[0].warnings[0]
    (tmp_path / "few" / "borrowed.csv").write_text(
        "industry,industry_2,relatedness\nA,B,0.9\nA,C,0.1\nB,C,0.2\nC,D,0.8\n", encoding="utf-8"
    )
    (tmp_path / "few" / "codes.csv").write_text(
        "industry,to_industry\nA,wheat\nB,potatoes\nC,vegetables\nD,fruits\n", encoding="utf-8"
    )
    file.write_text(
        file.read_text(encoding="utf-8") + 'borrowed = "borrowed.csv"\nborrowed_concordance = "codes.csv"\n',
        encoding="utf-8",
    )
    borrowed = run(load(file), tmp_path / "editions")
    about = borrowed.table("relatedness_about").to_pylist()
    assert [row["matrix"] for row in about] == ["borrowed", None]
    assert "opportunities" not in borrowed.tables
    strongest = max(borrowed.table("cluster_relatedness").to_pylist(), key=lambda row: row["relatedness"] or -1)
    assert {strongest["cluster"], strongest["cluster_2"]} == {"wheat", "potatoes"}
    assert {figure.name for figure in report.sections(borrowed)[0].figures} >= {"industry-space", "cluster-heat"}


def test_deriving_from_few_regions_is_refused_in_the_users_language(tmp_path: Path) -> None:
    file = few_regions(tmp_path, "[relatedness]\nminimum_regions = 60\n")
    result = CliRunner().invoke(app, ["derive", str(file), "--language", "ru"])
    assert isinstance(result.exception, AlmazError)
    assert "При 40 регионах" in str(result.exception)


def test_a_derived_definition_is_taken_like_a_published_one(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(SAMPLES / "us_states_2016", tmp_path / "states"))
    study = folder / "study.toml"
    written = study.read_text(encoding="utf-8").split("[chains]")[0].replace("[relatedness]", "# ")
    small = (
        '[derive]\nkinds = "definition"\nfunctions = ["ward", "spectral"]\ntransformations = ["levels"]\n'
        "fewest = 40\nmost = 45\ndraws = 2\n"
    )
    study.write_text(written + small, encoding="utf-8")
    made = derive_definition(load(study), workers=1)
    files = write_derivation(made, folder / "derived")
    assert made.candidates.num_rows == 5 * 2 * 2
    scores = {(row["definition"], row["matrix"]): row["overall"] for row in made.scores.to_pylist()}
    assert scores["derived", "mean"] > scores["given", "mean"]
    rows = read(files["definition"])
    assert {row["kind"] for row in rows} == {"traded", "local"}
    assert all(0 <= float(row["stability"]) <= 1 for row in rows if row["kind"] == "traded")
    names = {row["cluster"]: row["name_en"] for row in read(files["names"])}
    assert {row["cluster"] for row in rows} == set(names)
    assert all(names[row["cluster"]] for row in rows if row["kind"] == "traded")
    named = (
        written.replace('"naics_to_cluster.csv"', '"derived/definition.csv"')
        .replace('"clusters.csv"', '"derived/names.csv"')
        .replace('concordance = "naics_2017_to_2012.csv"', "")
    )
    study.write_text(named, encoding="utf-8")
    edition = run(load(study), tmp_path / "editions")
    clusters = {row["cluster"]: row for row in edition.table("clusters").to_pylist()}
    traded = {row["cluster"] for row in rows if row["kind"] == "traded"}
    assert traded <= set(clusters)
    assert clusters["T01"]["name_en"] == names["T01"]
    assert edition.table("unmatched").num_rows == 0


def test_the_commands_print_related_clusters_and_opportunities(states: Edition) -> None:
    runner = CliRunner()
    result = runner.invoke(app, ["related", str(states.path), "--cluster", "Automotive"])
    assert result.exit_code == 0
    assert "Automotive" in result.stdout
    result = runner.invoke(app, ["opportunities", str(states.path), "26000", "--language", "ky"])
    assert result.exit_code == 0
    assert "probability" in result.stdout
    unknown = runner.invoke(app, ["opportunities", str(states.path), "99999"])
    assert isinstance(unknown.exception, AlmazError)


def test_a_wrong_key_names_itself(tmp_path: Path) -> None:
    file = few_regions(tmp_path, "[derive]\nfewest = 9\nmost = 5\n")
    with pytest.raises(AlmazError, match="below fewest"):
        load(file)
