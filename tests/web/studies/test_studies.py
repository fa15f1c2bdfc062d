from __future__ import annotations

import shutil
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from typing import Any

import psutil
import pytest
from django.utils import timezone
from tests.web.studies.conftest import CSV, FORM, SAMPLES, table, upload

from almaz.web.studies import folder
from almaz.web.studies.models import SILENT, Run, SourceFile, State, Study
from almaz.web.studies.tasks import perform


def made(world: Any, *files: Any, who: str = "analyst", language: str = "en") -> Study:
    answer = world.client(who).post(
        f"/{language}/studies/new/", {"title": "Jobs", "cluster": world.cluster.pk, "uploads": list(files) or [table()]}
    )
    assert answer.status_code == 302, answer.content.decode()
    return Study.objects.latest("pk")


def started(world: Any, study: Study, what: str, callbacks: Any, who: str = "analyst") -> Run:
    with callbacks(execute=True):
        world.client(who).post(f"/en/studies/{study.pk}/run/", {"what": what})
    return study.runs.first()


def test_a_csv_becomes_a_study_that_says_what_its_columns_are(world: Any) -> None:
    study = made(world)
    values = tomllib.loads(study.text)
    assert values["data"][0]["dimensions"] == {"region": "Region", "industry": "Industry"}
    assert values["data"][0]["values"]["Jobs 2021"] == {"measure": "employment", "year": 2021}
    assert [one.name for one in SourceFile.objects.filter(study=study)] == ["jobs.csv", "regions.csv"]
    page = world.client("analyst").get(f"/en/studies/{study.pk}/columns/0/").content.decode()
    assert "Каракол" in page
    assert "hidden by the office" in page  # the x


def test_columns_get_another_meaning_and_the_preview_shows_it_before_it_is_saved(world: Any) -> None:
    study, client = made(world), world.client("analyst")
    typed = {"role-0": "region", "role-1": "industry", "role-2": "figures", "measure-2": "output", "year-2": "2020",
             "scale-2": "1 000", "role-3": ""}  # fmt: skip
    shown = client.post(f"/en/studies/{study.pk}/columns/0/preview/", typed).content.decode()
    assert '<td>output</td><td class="n">10,000</td>' in shown
    assert Study.objects.get(pk=study.pk).text == study.text
    client.post(f"/en/studies/{study.pk}/columns/0/", typed)
    data = tomllib.loads(Study.objects.get(pk=study.pk).text)["data"][0]
    assert data["values"] == {"Jobs 2021": {"measure": "output", "year": 2020, "scale": 1000.0}}
    assert (
        "cannot both say"
        in client.post(
            f"/en/studies/{study.pk}/columns/0/preview/", {"role-0": "region", "role-1": "region"}
        ).content.decode()
    )


def test_the_form_of_the_statistical_office_is_known(world: Any) -> None:
    study, client = made(world, upload(FORM)), world.client("analyst")
    page = client.get(f"/ky/studies/{study.pk}/columns/0/").content.decode()
    assert 'value="wheat"' in page
    sheets = tomllib.loads(study.text)["data"][0]["sheets"]
    typed = {f"{key}-{number}": value for number, (name, held) in enumerate(sheets.items())
             for key, value in (("use", "1"), ("industry", held["industry"]), ("measure", "output"))}  # fmt: skip
    del typed["use-0"]
    client.post(f"/ky/studies/{study.pk}/columns/0/", typed)
    after = tomllib.loads(Study.objects.get(pk=study.pk).text)["data"][0]["sheets"]
    assert list(after) == list(sheets)[1:]
    assert {one["measure"] for one in after.values()} == {"output"}


def test_a_check_says_where_the_problems_are_and_names_are_helped(
    world: Any, django_capture_on_commit_callbacks: Any
) -> None:
    regions = "region,parent,kind,name_en,name_ru,name_ky\nKK,,city,Karakol,Каракол,Каракол\nBK,,city,Balykchy,,\n"
    study = made(world, table(CSV.replace("Балыкчы", "Balıqçı")), table(regions, "places.csv"))
    study.text = study.text.replace('"regions.csv"', '"places.csv"')
    study.save()
    run = started(world, study, "check", django_capture_on_commit_callbacks)
    run.refresh_from_db()
    assert (run.state, run.result["errors"]) == (State.DONE, 0), run.result
    client = world.client("analyst")
    page = client.get(f"/en/studies/{study.pk}/problems/").content.decode()
    assert "<strong>Balıqçı</strong>" in page
    csv = client.get(f"/en/studies/{study.pk}/problems/export.csv").content.decode()
    assert "jobs.csv,,3," in csv
    client.post(f"/en/studies/{study.pk}/problems/place/", {"label": "Balıqçı", "region": "BK"})
    run = started(world, study, "check", django_capture_on_commit_callbacks)
    assert "Balıqçı</strong>" not in client.get(f"/en/studies/{study.pk}/problems/").content.decode()
    assert (study.folder / "past").is_dir()  # the list of before is kept


def test_a_run_makes_an_edition_with_reports_and_is_published_and_withdrawn(
    world: Any, django_capture_on_commit_callbacks: Any, settings: Any
) -> None:
    study = made(world, upload(FORM))
    run = started(world, study, "run", django_capture_on_commit_callbacks)
    run.refresh_from_db()
    assert run.state == State.DONE, run.result
    assert run.path.is_dir()
    assert run.told[0][0] == "reading the study file"
    client = world.client("analyst")
    report = client.get(f"/ky/studies/{study.pk}/runs/{run.pk}/report/ky/")
    assert report.headers["Content-Security-Policy"].startswith("sandbox allow-scripts")
    assert "allow-same-origin" not in report.headers["Content-Security-Policy"]
    assert '<html lang="ky">' in b"".join(report.streaming_content).decode()[:300]
    download = client.get(f"/ky/studies/{study.pk}/runs/{run.pk}/report/ky/?download")
    assert download.headers["Content-Disposition"].startswith("attachment")
    assert b"<html" in b"".join(download.streaming_content)[:300]
    address = f"/en/studies/{study.pk}/runs/{run.pk}/publish/"
    assert client.post(address).status_code == 403  # an analyst does not publish
    world.client("manager").post(address)
    assert (settings.HOME / "editions" / run.edition / "manifest.json").is_file()
    assert world.client("visitor").get(f"/en/study-{study.pk}/").status_code == 200
    world.client("manager").post(address, {"act": "withdraw"})
    assert world.client("visitor").get(f"/en/study-{study.pk}/").status_code == 404
    run.refresh_from_db()
    assert not run.published
    assert [one.published for one in run.history.all()][:2] == [False, True]


@pytest.mark.full
def test_a_sample_with_its_own_study_file_is_taken_as_it_is(
    world: Any, django_capture_on_commit_callbacks: Any
) -> None:
    files = [upload(one) for one in (SAMPLES / "us_states_2016").iterdir()]
    study = made(world, *files)
    assert "us-states-2016" in study.text
    run = started(world, study, "check", django_capture_on_commit_callbacks)
    run.refresh_from_db()
    assert run.result["observations"] > 100_000


def test_a_study_with_errors_says_what_is_wrong_and_where(world: Any, django_capture_on_commit_callbacks: Any) -> None:
    study = made(world)
    study.text = study.text.replace('"Industry"', '"Branch"')
    study.save()
    run = started(world, study, "run", django_capture_on_commit_callbacks)
    run.refresh_from_db()
    assert run.state == State.FAILED
    page = world.client("analyst").get(f"/en/studies/{study.pk}/runs/{run.pk}/").content.decode()
    assert "Branch" in page
    assert str(study.folder) not in page


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text.replace("[regions]", "[regions"), "TOML"),
        (lambda text: text.replace('file = "jobs.csv"', 'file = "/etc/passwd"'), "leads out"),
        (lambda text: text.replace('file = "jobs.csv"', 'file = "../1/jobs.csv"'), "leads out"),
        (lambda text: text.replace('file = "jobs.csv"', "file = '..\\x'"), "leads out"),
    ],
)
def test_a_study_file_that_is_wrong_is_refused_with_its_line(world: Any, change: Any, said: str) -> None:
    study = made(world)
    answer = world.client("analyst").post(
        f"/en/studies/{study.pk}/text/", {"text": change(study.text), "seen": study.changed.isoformat()}
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert said in page
    assert 'class="wrong"' in page
    assert Study.objects.get(pk=study.pk).text == study.text


def test_a_link_in_the_folder_leads_nowhere(
    world: Any, django_capture_on_commit_callbacks: Any, tmp_path: Path
) -> None:
    study = made(world)
    secret = tmp_path / "secret.csv"
    shutil.copy(study.folder / "jobs.csv", secret)
    (study.folder / "jobs.csv").unlink()
    (study.folder / "jobs.csv").symlink_to(secret)
    run = started(world, study, "check", django_capture_on_commit_callbacks)
    run.refresh_from_db()
    assert run.state == State.FAILED
    assert "leads out" in run.result["problem"]


def test_a_key_that_there_is_not_is_saved_but_said(world: Any) -> None:
    study, client = made(world), world.client("analyst")
    text = study.text.replace("[regions]", "[regions]\nfiles = 1")
    answer = client.post(
        f"/en/studies/{study.pk}/text/", {"text": text, "seen": study.changed.isoformat()}, follow=True
    )
    page = answer.content.decode()
    assert "there is no key «files»" in page
    assert 'class="wrong"' in page


def test_what_another_person_changed_meanwhile_is_not_overwritten(world: Any) -> None:
    study = made(world)
    seen = study.changed.isoformat()
    study.text += "\n# mine"
    study.save()
    answer = world.client("manager").post(f"/en/studies/{study.pk}/text/", {"text": "# theirs", "seen": seen})
    assert answer.status_code == 422
    assert Study.objects.get(pk=study.pk).text.endswith("# mine")


def test_history_undo_delete_restore(world: Any) -> None:
    study, client = made(world), world.client("analyst")
    first = study.history.first()
    study.text = "changed = true"
    study.save()
    client.post(f"/en/studies/{study.pk}/history/{first.history_id}/")
    assert Study.objects.get(pk=study.pk).text == first.text
    assert (study.folder / "study.toml").read_text(encoding="utf-8") == first.text
    client.post(f"/en/studies/{study.pk}/delete/")
    assert client.get(f"/en/studies/{study.pk}/").status_code == 404
    assert "Jobs" in client.get("/en/studies/").content.decode()
    client.post(f"/en/studies/{study.pk}/restore/")
    assert client.get(f"/en/studies/{study.pk}/").status_code == 200


def test_a_file_is_taken_out_and_comes_again(world: Any) -> None:
    study, client = made(world), world.client("analyst")
    one = SourceFile.objects.get(study=study, name="jobs.csv")
    assert b"".join(client.get(f"/en/studies/{study.pk}/files/{one.pk}/").streaming_content) == CSV.encode()
    client.post(f"/en/studies/{study.pk}/files/{one.pk}/remove/")
    assert not (study.folder / "jobs.csv").exists()
    client.post(f"/en/studies/{study.pk}/files/", {"uploads": [table(CSV + "Нарын,A,1,1\n")]})
    assert SourceFile.objects.get(study=study, name="jobs.csv").pk == one.pk
    assert (study.folder / "jobs.csv").read_text(encoding="utf-8").endswith("Нарын,A,1,1\n")


def test_what_is_no_table_is_refused_at_the_door(world: Any) -> None:
    answer = world.client("analyst").post(
        "/en/studies/new/", {"title": "x", "cluster": world.cluster.pk, "uploads": [table("<html>", "a.csv")]}
    )
    assert answer.status_code == 422
    assert not Study.objects.exists()


def test_studies_are_seen_by_the_analysts_of_their_cluster(world: Any) -> None:
    study = made(world)
    expected = {"visitor": 302, "stranger": 404, "member": 403, "analyst": 200, "manager": 200, "administrator": 200}
    got = {who: world.client(who).get(f"/en/studies/{study.pk}/").status_code for who in expected}
    assert got == expected
    assert "Jobs" not in world.client("stranger").get("/en/studies/").content.decode()


def test_a_study_goes_to_no_cluster_of_others(world: Any) -> None:
    answer = world.client("analyst").post(
        "/en/studies/new/", {"title": "x", "cluster": world.other.pk, "uploads": [table()]}
    )
    assert answer.status_code == 422


def test_one_run_at_a_time_and_a_waiting_one_can_be_cancelled(world: Any) -> None:
    study, client = made(world), world.client("analyst")
    client.post(f"/en/studies/{study.pk}/run/", {"what": "run"})
    client.post(f"/en/studies/{study.pk}/run/", {"what": "run"})
    (run,) = study.runs.all()
    client.post(f"/en/studies/{study.pk}/runs/{run.pk}/cancel/")
    run.refresh_from_db()
    assert run.state == State.CANCELLED
    perform.call(run.pk)
    run.refresh_from_db()
    assert run.state == State.CANCELLED


WORKER = """
import os, subprocess, sys, time
job = [sys.executable, "-m", "almaz.web.studies.job", "run", sys.argv[1], "en", str(os.getpid())]
print(subprocess.Popen(job, stdout=subprocess.DEVNULL).pid, flush=True)
time.sleep(600)
"""
"""A worker as far as its job knows one: the process that started it."""


@pytest.mark.skipif(sys.platform != "linux", reason="a job ends with its worker where the system can tell it")
def test_a_run_whose_worker_was_killed_is_said_to_be_lost_and_goes_on_when_started_again(
    world: Any, django_capture_on_commit_callbacks: Any
) -> None:
    study = made(world, upload(FORM))
    folder.write(study)
    worker = subprocess.Popen([sys.executable, "-c", WORKER, str(study.folder)], stdout=subprocess.PIPE, text=True)
    assert worker.stdout is not None
    job = psutil.Process(int(worker.stdout.readline()))
    end = time.monotonic() + 120
    while not list(study.folder.glob("editions/*.partial/stages/activity")):
        assert job.is_running()
        assert time.monotonic() < end
        time.sleep(0.02)
    worker.kill()
    worker.wait()
    worker.stdout.close()
    job.wait(timeout=30)
    assert not list(study.folder.glob("editions/*/manifest.json"))
    silent = timezone.now() - 2 * SILENT
    lost = Run.objects.create(study=study, what="run", state=State.RUNNING, started=silent, beat=silent)
    run = started(world, study, "run", django_capture_on_commit_callbacks)
    run.refresh_from_db()
    lost.refresh_from_db()
    assert (run.state, lost.state) == (State.DONE, State.FAILED), run.result
    assert "worker stopped" in lost.result["problem"]
    assert "reading the data" not in [name for name, _seconds in run.told]  # kept from the run before
    assert (run.path / "manifest.json").is_file()
    page = world.client("analyst").get(f"/en/studies/{study.pk}/runs/{lost.pk}/").content.decode()
    assert "worker stopped" in page
