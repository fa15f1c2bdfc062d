from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from almaz.impact.evaluation import EvaluationOptions
from almaz.impact.panel_file import Columns
from almaz.study.edition import Edition
from almaz.study.impact import evaluate_panel
from almaz.web.projects.models import Amendment, Project, ProjectTask

AT = "/en/centre/fruits"
WAGES = Path(__file__).parent.parent.parent / "data" / "policy_panel" / "county_minimum_wage.csv"


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory: pytest.TempPathFactory) -> Edition:
    columns = Columns("countyreal", "year", "lemp", first="first.treat")
    options = EvaluationOptions("log employment", project="monthly_meetings")
    return evaluate_panel(WAGES, columns, options, tmp_path_factory.mktemp("evaluations"))


@pytest.fixture
def suggested(world: Any, evaluated: Edition, settings: Any) -> Iterator[Project]:
    there = settings.HOME / "editions" / evaluated.path.name
    shutil.copytree(evaluated.path, there)
    world.cluster.study = evaluated.path.name[:-13]
    world.cluster.save()
    yield Project.objects.create(cluster=world.cluster, measure="monthly_meetings", number=1)
    shutil.rmtree(there)


def test_a_suggestion_is_taken_in_decided_and_becomes_a_task(
    world: Any, suggested: Project, evaluated: Edition
) -> None:
    analyst, manager = world.client("analyst"), world.client("manager")
    page = world.client("member").get(f"{AT}/evaluation/").content.decode()
    assert "New in the edition" in page
    assert "our reconstruction" in page
    for _time in range(2):
        analyst.post(f"{AT}/evaluation/take/")
    one = Amendment.objects.get()
    finding = evaluated.table("evaluation_findings").to_pylist()[0]
    assert (one.action, one.project, one.digest, one.years) == (
        "change", suggested, finding["fingerprint"], finding["years"],
    )  # fmt: skip
    assert "New in the edition" not in analyst.get(f"{AT}/evaluation/").content.decode()
    analyst.post(f"{AT}/evaluation/{one.pk}/task/")
    assert not ProjectTask.objects.exists(), "nobody has accepted it yet"
    assert analyst.post(f"{AT}/evaluation/{one.pk}/accepted/").status_code == 403
    manager.post(f"{AT}/evaluation/{one.pk}/accepted/")
    one.refresh_from_db()
    assert (one.decision, one.decided_by) == ("accepted", world.people["manager"])
    for _time in range(2):
        analyst.post(f"{AT}/evaluation/{one.pk}/task/")
    task = ProjectTask.objects.get()
    assert task.project == suggested
    assert "opposite of the one wanted" in task.note


def test_a_decision_is_taken_anew_and_only_known_ones_are(world: Any, suggested: Project) -> None:
    world.client("analyst").post(f"{AT}/evaluation/take/")
    one, manager = Amendment.objects.get(), world.client("manager")
    manager.post(f"{AT}/evaluation/{one.pk}/rejected/")
    manager.post(f"{AT}/evaluation/{one.pk}/proposed/")
    one.refresh_from_db()
    assert (one.decision, one.decided, one.decided_by) == ("proposed", None, None)
    assert manager.post(f"{AT}/evaluation/{one.pk}/perhaps/").status_code == 404
    assert [state.decision for state in one.history.all()] == ["proposed", "rejected", "proposed"]


def test_an_edition_that_was_changed_is_said_and_not_taken(world: Any, suggested: Project, settings: Any) -> None:
    file = next((Path(settings.HOME) / "editions").glob("*/programme_amendments.parquet"))
    with file.open("ab") as target:
        target.write(b"x")
    os.utime(file.with_name("manifest.json"))
    page = world.client("analyst").post(f"{AT}/evaluation/take/", follow=True).content.decode()
    assert "changed after it was made" in page
    assert not Amendment.objects.exists()


def test_without_an_evaluation_the_page_says_so(world: Any) -> None:
    assert "suggests anything yet" in world.client("member").get(f"{AT}/evaluation/").content.decode()
