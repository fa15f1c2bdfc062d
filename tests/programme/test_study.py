"""Programmes that a study asks for: their tables, what made them, and the page in a browser."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser

from almaz.language import use
from almaz.programme.catalogue import catalogue
from almaz.programme.draft import DraftOptions, draft
from almaz.programme.explained import explained, illustration_words
from almaz.programme.findings import TYPES, Finding, codes, findings
from almaz.programme.frames import frames
from almaz.report.drafting import write_draft
from almaz.report.html import write_report
from almaz.study.edition import Edition
from almaz.study.programme import WANTED, drafts

ALABAMA, CARS = "01000", "Automotive"
RAION, FRUITS = "41702215", "fruits"


@pytest.fixture(scope="module")
def tables(states: Edition) -> dict[str, pa.Table]:
    """What a draft for Alabama reads."""
    held = {name: states.table(name) for name in WANTED if name in states.tables}
    return {
        name: table.filter(pc.equal(table["region"], ALABAMA)) if "region" in table.column_names else table
        for name, table in held.items()
    }


def test_the_edition_holds_the_draft_that_its_own_tables_make_again(states: Edition) -> None:
    made = drafts(states)[0]
    projects = states.table("programme_projects").to_pylist()
    assert [row["measure"] for row in projects] == [one.measure.id for one in made.projects]
    assert [row["because"] for row in projects] == [list(one.because) for one in made.projects]
    kept = states.table("programme_findings")
    assert kept["finding"].to_pylist() == [one.id for one in made.findings]
    assert states.table("programme_catalogue").num_rows == len(catalogue())
    assert made.edition == states.manifest["identity"]


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 10_000))
def test_the_order_of_rows_and_of_the_catalogue_changes_nothing(tables: dict[str, pa.Table], seed: int) -> None:
    generator = np.random.default_rng(seed)
    shuffled = {name: table.take(generator.permutation(table.num_rows)) for name, table in tables.items()}
    measures = [catalogue()[place] for place in generator.permutation(len(catalogue()))]
    options = DraftOptions(2027)
    assert draft(shuffled, measures, ALABAMA, CARS, "e", options) == draft(
        tables, catalogue(), ALABAMA, CARS, "e", options
    )


def test_the_unit_of_the_input_output_table_changes_no_project(tables: dict[str, pa.Table]) -> None:
    gaps = tables["supply_gap"]
    for name in ("gap", "gap_low", "gap_high"):
        gaps = gaps.set_column(gaps.column_names.index(name), name, pc.multiply(gaps[name], 1000.0))
    before, after = (
        draft(held, catalogue(), ALABAMA, CARS, "e", DraftOptions(2027))
        for held in (tables, tables | {"supply_gap": gaps})
    )
    assert [one.because for one in after.projects] == [one.because for one in before.projects]
    for one, other in zip(before.findings, after.findings, strict=True):
        assert one.id == other.id
        assert other.severity == pytest.approx(one.severity)


def test_gaps_of_the_chain_and_missing_related_clusters_are_named(tables: dict[str, pa.Table]) -> None:
    found = findings(tables, ALABAMA, CARS)
    gaps = [one for one in found if one.code == "supply_gap"]
    rows = tables["supply_gap"].filter(pc.equal(tables["supply_gap"]["cluster"], CARS)).to_pylist()
    suppliers = sorted((row for row in rows if row["supplier"]), key=lambda row: -row["gap"])
    assert [one.detail for one in gaps] == [row["supplier"] for row in suppliers[:3]]  # never the total
    assert [one.value for one in gaps] == [row["gap"] for row in suppliers[:3]]
    missing = next(one for one in found if one.code == "white_space")
    with use("ru"):
        assert explained(missing).startswith("недостающий родственный кластер: Технологии металлообработки")
    gates = [one.code for one in found if one.kind == "gate"]
    assert gates == ["G3", "G5", "G6"]


@pytest.mark.parametrize(
    ("kind", "expected"), [("cluster", None), ("hub_and_satellites", "hub_and_satellites"), ("none", "emerging")]
)
def test_a_concentration_that_is_no_cluster_is_a_finding(kind: str, expected: str | None) -> None:
    row = {"region": "r", "cluster": "c", "year": 2016, "class": kind, "possible": None, "near_border": False}
    found = [one for one in findings({"typology": pa.Table.from_pylist([row])}, "r", "c") if one.table == "typology"]
    assert [one.code for one in found] == ([] if expected is None else [expected])
    if expected:
        assert found[0].severity == TYPES[kind]
        assert found[0].certain
        assert explained(found[0]).startswith("no cluster yet: ")


def test_every_finding_has_an_impact_and_an_assumption_in_three_languages() -> None:
    assert set(frames()) == set(codes())
    for one in frames().values():
        assert len({one.impact.en, one.impact.ru, one.impact.ky}) == 3
        assert len({one.assumption.en, one.assumption.ru, one.assumption.ky}) == 3


def test_a_programme_has_a_centre_and_an_evaluation_or_says_that_they_are_left(
    states: Edition, illustration: Edition
) -> None:
    for edition in (states, illustration):
        made = drafts(edition)[0]
        chosen = {one.measure.id for one in made.projects}
        assert {"coordination_centre", "evaluation_loop"} <= chosen
    small = draft(
        {name: states.table(name) for name in WANTED if name in states.tables},
        catalogue(), ALABAMA, CARS, "e", DraftOptions(2027, most=2),
    )  # fmt: skip
    assert len(small.projects) == 2
    assert "gate:G5" in small.left


def test_the_file_for_the_workspace_has_a_whole_logical_frame(illustration: Edition, tmp_path: Path) -> None:
    made = drafts(illustration)[0]
    assert "illustration" in made.warnings
    with use("ky"):
        toml, document, page = write_draft(made, illustration, tmp_path, "ky")
        said = illustration_words()
    held = tomllib.loads(toml.read_text(encoding="utf-8"))
    assert said in held["warnings"]
    for project in held["project"]:
        frame = project["logical_frame"]
        assert set(frame) == {
            "inputs", "activities", "outputs", "outcomes", "impact", "assumptions", "indicator", "risk",
        }  # fmt: skip
        assert all(frame.values())
        assert project["because"]
        assert project["owner"]
        assert [one["what"] for one in project["milestone"]] == ["start", "outputs", "outcomes"]
        assert project["budget_million_usd"]
    assert held["baseline"][0]["name"] == "production"
    assert {one["code"] for one in held["gate"]} == {f"G{number}" for number in range(7)}
    word = Document(str(document))
    assert any(said in paragraph.text for paragraph in word.paragraphs)
    table = word.tables[0]
    assert [round(column.width.cm, 1) for column in table.columns] == [10.0, 2.4, 2.3, 2.3]
    assert "⚠" in "".join(paragraph.text for paragraph in word.paragraphs)
    assert page.is_file()


def test_a_finding_of_a_study_s_own_element_speaks_by_its_own_name() -> None:
    own = Finding("river", "element", 1.0, True, "potential", "not", sort="obstacle", names={"en": "River"})
    assert explained(own) == "obstacle «River»: in the way"


@pytest.mark.browser
@pytest.mark.parametrize("width", [1440, 390])
def test_the_board_and_the_programme_are_drawn_with_their_warning(
    browser: Browser, illustration: Edition, tmp_path: Path, width: int
) -> None:
    file = write_report(illustration, tmp_path / "report.html", "ky")
    page = browser.new_page(viewport={"width": width, "height": 900})
    failed: list[str] = []
    page.on("pageerror", lambda error: failed.append(str(error)))
    page.goto(file.as_uri())
    page.wait_for_selector("body[data-ready=yes]", timeout=60_000)
    with use("ky"):
        said = illustration_words()
    assert page.locator("#potential .warn", has_text=said).count() == 1
    section = page.locator("section[id^=programme]")
    assert section.locator(".warn", has_text=said).count() == 1
    board, region = page.locator("#potential-board"), page.locator("#potential select").first
    assert region.input_value() == "Ысык-Көл району"  # where the programme is
    assert board.locator("svg .mark-rect path").count() == 2 * 17
    region.select_option("Ак-Суу району")
    page.wait_for_function("document.querySelectorAll('#potential-board svg .mark-rect path').length == 3 * 17")
    gantt = section.locator("[id$=projects] svg")
    assert gantt.locator(".mark-rect path").count() == len(drafts(illustration)[0].projects)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert failed == []
    page.close()
