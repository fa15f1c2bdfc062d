"""An analyst's job from her own file to the columns and the check, and what of it the keyboard and the phone see."""

from __future__ import annotations

from typing import Any

import pytest
from tests.web.studies.conftest import CSV

from almaz.web.centre.models import Cluster
from almaz.web.studies.models import Study

WORDS = {
    "en": ("What the first rows become", "leave out"),
    "ru": ("Чем становятся первые строки", "не читать"),
    "ky": ("Биринчи саптар эмнеге айланат", "окубоо"),
}


@pytest.mark.browser
@pytest.mark.parametrize("language", WORDS)
def test_from_a_file_to_its_columns(visit: Any, barriers: Any, language: str) -> None:
    becomes, left_out = WORDS[language]
    page = visit(f"/{language}/studies/new/", "analyst")
    page.fill("[name=title]", "Жумуш")
    page.select_option("[name=cluster]", str(Cluster.objects.get(slug="fruits").pk))
    file = {"name": "jobs.csv", "mimeType": "text/csv", "buffer": CSV.encode()}
    page.set_input_files("[name=uploads]", files=[file])
    page.click("main form button")
    page.wait_for_url("**/studies/*/")
    assert barriers(page) == []
    page.click("main a[href*='/columns/0/']")
    assert page.locator("#preview h2").inner_text() == becomes
    assert page.locator("select[name=role-1] option:checked").inner_text() != left_out
    page.fill("[name=measure-2]", "output")
    page.locator("#preview td", has_text="output").first.wait_for()
    assert barriers(page) == []
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.click("main form button:not(.quiet)")
    page.wait_for_url("**/studies/*/")
    assert 'measure = "output"' in Study.objects.get().text


@pytest.mark.browser
def test_a_report_runs_in_a_sandbox(visit: Any, world: Any) -> None:
    from almaz.web.studies.models import Run

    study = Study.objects.create(title="Raions", cluster=world.cluster, by=world.people["analyst"])
    (study.folder / "reports").mkdir(parents=True)
    script = "<p id=a>plain</p><script>document.getElementById('a').textContent = window.origin</script>"
    (study.folder / "reports" / "x-1-ky.html").write_text(f"<!doctype html><title>x</title>{script}", encoding="utf-8")
    run = Run.objects.create(study=study, what="run", state="done", edition="x-1", by=world.people["analyst"])
    page = visit(f"/ky/studies/{study.pk}/runs/{run.pk}/report/ky/", "analyst")
    assert page.locator("#a").inner_text() == "null"  # its scripts run, but as nobody of this site
