from __future__ import annotations

import tomllib
from pathlib import Path

import pyarrow.compute as pc
import pytest
from docx import Document

from almaz.errors import AlmazError
from almaz.language import use
from almaz.programme.catalogue import catalogue
from almaz.programme.draft import DraftOptions, ProgrammeDraft
from almaz.programme.explained import explained
from almaz.programme.gates import GATES
from almaz.programme.tables import draft_tables
from almaz.report.drafting import write_draft
from almaz.study.drafting import draft_of
from almaz.study.edition import Edition

ALABAMA, CARS = "01000", "Automotive"


@pytest.fixture(scope="module")
def made(states: Edition) -> ProgrammeDraft:
    return draft_of(states, ALABAMA, CARS, DraftOptions(2027))


def test_every_project_names_findings_of_the_edition_that_its_measure_answers(made: ProgrammeDraft) -> None:
    found = {one.id: one for one in made.findings}
    assert made.projects
    for project in made.projects:
        assert project.because
        assert all(found[one].code in project.measure.answers for one in project.because)
        assert project.start <= project.outputs <= project.outcome


def test_the_findings_are_those_of_the_potential_table(made: ProgrammeDraft, states: Edition) -> None:
    table = states.table("potential")
    mine = table.filter(pc.and_(pc.equal(table["region"], ALABAMA), pc.equal(table["cluster"], CARS))).to_pylist()
    wanting = {row["element"] for row in mine if row["status"] != "met"}
    assert {one.code for one in made.findings if one.kind == "element"} == wanting


def test_what_is_unknown_is_found_out_and_what_is_severe_is_answered_twice(made: ProgrammeDraft) -> None:
    found = {one.id: one for one in made.findings}
    times: dict[str, int] = {}
    for project in made.projects:
        for one in project.because:
            times[one] = times.get(one, 0) + 1
            if found[one].status == "unknown":
                assert (project.measure.stage, project.measure.cost) == (1, "low")
    severe = [one.id for one in made.findings if one.status == "not"]
    assert severe
    assert all(times[one] == 2 for one in severe)


def test_the_same_edition_makes_the_same_draft(made: ProgrammeDraft, states: Edition) -> None:
    assert draft_of(states, ALABAMA, CARS, DraftOptions(2027)) == made


def test_benefits_before_year_five_and_short_horizons_are_warned_of(states: Edition) -> None:
    early = draft_of(states, ALABAMA, CARS, DraftOptions(2027, promised=3))
    assert "early_benefit" in early.warnings
    assert "short_horizon" in draft_of(states, ALABAMA, CARS, DraftOptions(2027, horizon=5)).warnings
    assert "early_benefit" not in draft_of(states, ALABAMA, CARS, DraftOptions(2027)).warnings


def test_baselines_are_the_portfolio_s_figures_with_their_bounds(made: ProgrammeDraft, states: Edition) -> None:
    table = states.table("portfolio")
    rows = table.filter(pc.and_(pc.equal(table["region"], ALABAMA), pc.equal(table["cluster"], CARS))).to_pylist()
    last = next(row for row in rows if row["year"] == 2016 and row["subcluster"] is None)
    by = {one.name: one for one in made.baselines}
    assert (by["lq"].value, by["lq"].low, by["lq"].high) == (last["lq"], last["lq_low"], last["lq_high"])
    assert by["employment"].year == 2016


def test_a_gate_is_open_only_with_all_that_it_needs(made: ProgrammeDraft) -> None:
    assert [gate.code for gate in made.gates] == [gate.code for gate in GATES]
    assert all(not gate.open for gate in made.gates)  # an edition alone shows no mandate, staff, money or signatures


def test_a_region_or_cluster_without_candidates_is_an_error_that_lists_what_there_is(states: Edition) -> None:
    with pytest.raises(AlmazError, match="has no candidates") as error:
        draft_of(states, "99000", CARS, DraftOptions(2027))
    assert ALABAMA in str(error.value)
    with pytest.raises(AlmazError, match="is no candidate") as error:
        draft_of(states, ALABAMA, "Local Health Services", DraftOptions(2027))
    assert CARS in str(error.value)


@pytest.mark.parametrize("language", ["en", "ru", "ky"])
def test_it_is_written_as_toml_document_and_page(
    made: ProgrammeDraft, states: Edition, tmp_path: Path, language: str
) -> None:
    with use(language):
        toml, document, page = write_draft(made, states, tmp_path, language)
        lines = [explained(one) for one in made.findings]
    held = tomllib.loads(toml.read_text(encoding="utf-8"))
    assert [project["measure"] for project in held["project"]] == [one.measure.id for one in made.projects]
    assert [one["says"] for one in held["finding"]] == lines
    word = Document(str(document))
    text = "\n".join(cell.text for table in word.tables for row in table.rows for cell in row.cells)
    assert all(line in text for line in lines)
    assert len(word.inline_shapes) == 1
    assert page.stat().st_size > 500_000


def test_the_tables_hold_every_project_and_finding(made: ProgrammeDraft) -> None:
    tables = draft_tables([made])
    assert tables["programme_projects"]["measure"].to_pylist() == [one.measure.id for one in made.projects]
    answered = set(tables["programme_findings"]["answered"].drop_null().to_pylist())
    assert answered <= {one.id for one in catalogue()}
    assert tables["programme_projects"]["start"].to_pylist()[0] == 2027
