"""The diamond in an edition of real states: tables, the way back, the commands, the page."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pytest
from typer.testing import CliRunner

from almaz.cli import app
from almaz.diamond.score import diamond
from almaz.errors import AlmazError
from almaz.language import LANGUAGES, use
from almaz.report.diamond import sections
from almaz.study.diamond import restored
from almaz.study.edition import Edition
from almaz.study.file import load
from almaz.study.run import run

STATES = Path(__file__).parents[2] / "src" / "almaz" / "samples" / "us_states_2016" / "study.toml"


def test_the_related_corner_is_fed_by_the_portfolio(states: Edition) -> None:
    strength = {row["region"]: row for row in states.table("region_strength").to_pylist()}
    rows = states.table("diamond_indicators").to_pylist()
    fed = [row for row in rows if row["indicator"] == "cluster_strength"]
    assert len(fed) == 51
    for row in fed:
        held = strength[row["region"]]
        assert row["value"] == pytest.approx(held["cluster_strength"])
        assert row["low"] <= row["value"] <= row["high"]
        assert row["low"] <= held["cluster_strength_low"] + 1e-12
    assert sum(row["low"] < row["high"] for row in fed) > 25  # hidden cells stay an interval up to here


def test_corners_without_a_figure_stay_unknown_to_the_end(states: Edition) -> None:
    corners = states.table("diamond_corners").to_pylist()
    for row in corners:
        if row["corner"] in ("factor", "demand"):
            assert (row["basis"], row["known_share"], row["binding"]) == ("none", 0.0, False)
            assert row["high"] - row["low"] > 80
    scores = states.table("diamond_scores").to_pylist()
    assert all(row["thin"] for row in scores)
    assert min(row["data_high"] - row["data_low"] for row in scores) > 20
    for language in LANGUAGES:
        with use(language):
            section = sections(states)[0]
            assert len(section.warnings) == 3
            figure = next(figure for figure in section.figures if figure.name == "diamond-rhombus")
            assert sum(score is None for score in figure.table["score"].to_pylist()) == 2 * 51


def test_the_edition_leads_back_to_the_same_diamond(states: Edition) -> None:
    figures, options = restored(states)
    again = diamond(figures, options)
    held = states.table("diamond_scores")
    assert list(figures.regions) == held["region"].to_pylist()
    for name, values in (("score", again.score), ("data_low", again.data.low), ("score_high", again.all_choices.high)):
        np.testing.assert_allclose(held[name].to_numpy(), values, rtol=1e-12)


def of_clusters(states: Edition, mapping: dict[str, list[str]]) -> list[dict[str, object]]:
    """The diamond of every cluster made anew from the edition, with these related clusters."""
    from almaz.clusters.portfolio import Portfolio
    from almaz.diamond.result import clusters_table

    figures, options = restored(states)
    table = states.table("portfolio")
    outer = table.filter(pc.is_null(table["subcluster"]))
    names = ("lq", "lq_low", "lq_high", "lq_ci_low", "lq_ci_high")
    clusters = {row["cluster"]: row["kind"] for row in outer.to_pylist()}
    shape = (len(figures.regions), len(clusters), 2)
    columns = {name: outer[name].to_numpy(zero_copy_only=False).astype(float).reshape(shape) for name in names}
    keys = tuple((cluster, None, kind) for cluster, kind in clusters.items())
    portfolio = Portfolio(table, figures.regions, keys, (2015, 2016), columns)
    return list(clusters_table(diamond(figures, options), portfolio, mapping).to_pylist())


def test_the_diamond_of_a_cluster_rises_with_its_quotient(states: Edition) -> None:
    rows = of_clusters(states, {})
    lq = {
        (row["region"], row["cluster"]): row["lq"]
        for row in states.table("portfolio").to_pylist()
        if row["subcluster"] is None and row["year"] == 2016
    }
    assert {row["cluster"] for row in rows} <= {cluster for _region, cluster in lq}
    pairs = [(lq[row["region"], row["cluster"]], row["related"]) for row in rows if row["region"] == "44000"]
    quotient, related = np.array(pairs).T
    order = np.argsort(quotient)
    assert (np.diff(related[order]) >= -1e-9).all()
    assert all(row["low"] <= row["high"] for row in rows)


def test_related_clusters_enter_the_related_corner_of_a_cluster(states: Edition) -> None:
    table = states.table("portfolio")
    outer = table.filter(pc.is_null(table["subcluster"]))
    chosen, near = "Automotive", ["Metalworking Technology", "Upstream Metal Manufacturing"]

    def related(mapping: dict[str, list[str]]) -> dict[str, float]:
        return {row["region"]: row["related"] for row in of_clusters(states, mapping) if row["cluster"] == chosen}

    plain, fed = related({}), related({chosen: near})
    held = {(row["region"], row["cluster"]): row["lq"] for row in outer.to_pylist() if row["year"] == 2016}
    moved = 0
    for region, before in plain.items():
        quotients = [held[region, cluster] for cluster in near if held[region, cluster] is not None]
        around = np.mean([1 + 99 * ((q - 1) / (q + 1) + 1) / 2 for q in quotients])
        assert fed[region] == pytest.approx((2 * before + around) / 3)
        moved += abs(fed[region] - before) > 1
    assert moved > 20
    held_table = {
        (row["region"], row["cluster"]): row["related"] for row in states.table("diamond_clusters").to_pylist()
    }
    pairs = states.table("cluster_relatedness").to_pylist()
    own = [row["cluster_2"] for row in pairs if row["cluster"] == chosen and row["related"]]
    assert own
    assert all(held_table[region, chosen] == pytest.approx(value) for region, value in related({chosen: own}).items())


def test_an_edition_without_the_section_has_no_diamond(raions: Edition, tmp_path: Path) -> None:
    assert not [name for name in raions.tables if name.startswith("diamond")]
    assert sections(raions) == []
    with pytest.raises(AlmazError, match="has no table «diamond_set»"):
        restored(raions)


def test_the_commands_of_the_diamond(states: Edition, tmp_path: Path) -> None:
    runner = CliRunner()
    printed = runner.invoke(app, ["diamond", str(states.path), "--rows", "3"])
    assert printed.exit_code == 0, printed.output
    printed = runner.invoke(app, ["diamond", str(states.path), "--region", "44000"])
    assert "cluster_streng" in printed.output
    moved = runner.invoke(app, ["what-if", str(states.path), "--region", "44000", "-s", "cluster_strength=0.6"])
    assert moved.exit_code == 0, moved.output
    assert "the difference is the change" in " ".join(moved.output.split())
    regions = STATES.with_name("regions.csv")
    for command, file, more in (
        ("indicators-template", "t.csv", ["--set", "us", "--years", "2020"]),
        ("expert-form", "f.xlsx", ["--year", "2024"]),
    ):
        made = runner.invoke(app, [command, str(tmp_path / file), "--regions", str(regions), *more])
        assert made.exit_code == 0, made.output
        assert (tmp_path / file).is_file()


def test_a_study_takes_figures_forms_and_chance_from_files(tmp_path: Path) -> None:
    import shutil

    import openpyxl

    from almaz.diamond.indicators import read_set
    from almaz.diamond.judged import questions
    from almaz.tables.expert_form import COLUMNS, Place, write_form

    folder = Path(shutil.copytree(STATES.parent, tmp_path / "study"))
    (folder / "figures.csv").write_text(
        "indicator,region,year,value\n" + "".join(f"bachelors,{n:02d}000,2016,{20 + n}\n" for n in (1, 2, 4, 5, 8, 9)),
        encoding="utf-8",
    )
    for expert in ("A", "B"):
        places = [Place("44000", "Rhode Island"), Place("09000", "Connecticut")]
        file = write_form(folder / f"{expert}.xlsx", questions(read_set("expert")), places, 2016)
        book = openpyxl.load_workbook(file)
        book["about"]["B1"] = expert
        for row in range(2, 24):
            for column, cell in (("level", 2 + row % 5), ("confidence", 3), ("evidence", "seen")):
                book["form"].cell(row, COLUMNS.index(column) + 1, cell)
        book.save(file)
    (folder / "own.toml").write_text(
        'title = { en = "own" }\n[[indicator]]\ncode = "rules"\nrole = "government"\ndirection = 1\nname = { en = "rules" }\n',
        encoding="utf-8",
    )
    study = folder / "study.toml"
    text = study.read_text(encoding="utf-8").partition("[chains]")[0]
    written = text.replace(
        'sets = ["portfolio"]',
        'sets = ["portfolio", "us", "expert", "own.toml"]\nfigures = ["figures.csv"]\nforms = ["A.xlsx", "B.xlsx"]\ndraws = 200\n'
        'sobol_draws = 64\nchance = [{ region = "44000", year = 2010, note = { en = "flood" } }]',
    )
    assert written != text
    study.write_text(written, encoding="utf-8")
    edition = run(load(study), tmp_path / "editions")
    known = edition.table("diamond_indicators")
    bachelors = known.filter(pc.and_(pc.equal(known["indicator"], "bachelors"), known["known"]))
    assert bachelors.num_rows == 6
    agreement = edition.table("diamond_agreement").to_pylist()[0]
    assert (agreement["experts"], agreement["compared"], agreement["verdict"]) == (2, 22, "reliable")
    corners = {(row["region"], row["corner"]): row["basis"] for row in edition.table("diamond_corners").to_pylist()}
    assert corners["44000", "factor"] == "judgement"
    assert corners["44000", "strategy"] == "mixed"
    assert corners["01000", "factor"] == "statistic"
    assert corners["10000", "factor"] == "none"
    with use("ru"):
        names = [figure.name for figure in sections(edition)[0].figures]
    assert {"diamond-agreement", "diamond-chance", "diamond-ways"} <= set(names)
    assert set(edition.manifest["inputs"]) >= {"figures.csv", "A.xlsx", "B.xlsx", "own.toml"}
    assert restored(edition)[0].indicators[-1].code == "rules"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('sets = ["portfolio"]', 'sets = ["portfolio"]\naggregaton = "geometric"', "did you mean «aggregation»"),
        ('sets = ["portfolio"]', 'sets = ["portfolio"]\nfigures = ["no.csv"]', "no.csv"),
        ('sets = ["portfolio"]', 'sets = ["portfolio"]\ndraws = 5', "100"),
    ],
)
def test_a_slip_in_the_section_is_named(tmp_path: Path, old: str, new: str, says: str) -> None:
    import shutil

    folder = Path(shutil.copytree(STATES.parent, tmp_path / "study"))
    study = folder / "study.toml"
    study.write_text(study.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(AlmazError) as error:
        load(study)
    assert says in str(error.value)
    assert "diamond" in str(error.value)
