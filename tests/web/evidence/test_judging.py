from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from almaz.potential.elements import KINDS, elements
from almaz.web.evidence.models import Judgement
from almaz.web.evidence.questions import asked, group_names
from almaz.web.projects.models import Project

BOARD, NEW = "/en/centre/fruits/evidence/", "/en/centre/fruits/judgements/new/"


def test_every_element_of_the_article_and_question_of_the_diamond_is_asked() -> None:
    groups = [one.group for one in asked().values()]
    assert [groups.count(kind) for kind in KINDS] == [4, 6, 2, 5]
    assert len([one for one in asked().values() if one.form == "diamond"]) == 11
    assert set(groups) == set(group_names())
    assert all(set(one.anchors) == {1, 4, 7} and all(one.anchors.values()) for one in asked().values())


@pytest.mark.parametrize(
    ("language", "anchor"),
    [
        ("en", "one owner or the authority decides for all"),
        ("ru", "за всех решает один владелец или власть"),
        ("ky", "баары үчүн бир ээ же бийлик чечет"),
    ],
)
def test_the_form_speaks_the_language_and_says_what_the_levels_mean(world: Any, language: str, anchor: str) -> None:
    page = world.client("member").get(f"/{language}/centre/fruits/judgements/new/?question=decentralisation")
    assert f"1. {anchor}" in page.content.decode()


def test_a_judgement_keeps_who_when_why_and_the_evidence(world: Any) -> None:
    typed = {
        "question": "business_climate", "level": 3, "confidence": 2, "why": "Power is cut twice a week",
        "link": "https://example.org/outages", "day": "2026-03-01",
        "file": SimpleUploadedFile("outages.csv", b"day,hours\n1,3\n"),
    }  # fmt: skip
    assert world.client("member").post(NEW, typed).status_code == 302
    held = Judgement.objects.get()
    assert (held.user, held.level, held.day.isoformat()) == (world.people["member"], 3, "2026-03-01")
    assert held.rests_on == "Power is cut twice a week · https://example.org/outages · outages.csv"
    assert held.file.name == "fruits/judgement/outages.csv"
    assert (
        "Poor business climate"
        in world.client("member").get(f"/en/centre/fruits/judgements/{held.pk}/").content.decode()
    )
    refused = {**typed, "question": "education_mismatch", "file": SimpleUploadedFile("x.exe", b"MZ\x90\x00\x03")}
    assert world.client("member").post(NEW, refused).status_code == 422


def test_a_person_judges_a_question_once_and_may_change_it(world: Any) -> None:
    member = world.client("member")
    typed = {"question": "business_climate", "level": 3, "confidence": 1, "day": "2026-03-01"}
    assert member.post(NEW, typed).status_code == 302
    assert member.post(NEW, typed).status_code == 422
    held = Judgement.objects.get()
    member.post(
        f"/en/centre/fruits/judgements/{held.pk}/edit/",
        {**typed, "question": "education_mismatch", "level": 5, "seen": held.changed.isoformat()},
    )
    held.refresh_from_db()
    assert (held.question, held.level) == ("business_climate", 5)
    assert [state.level for state in held.history.all()] == [5, 3]


@pytest.mark.parametrize(
    "wrong", [{"level": 8}, {"level": 0}, {"level": ""}, {"question": "weather"}, {"confidence": 4}]
)
def test_what_the_form_does_not_know_is_refused(world: Any, wrong: dict[str, Any]) -> None:
    typed = {"question": "business_climate", "level": 3, "confidence": 1, "day": "2026-03-01", **wrong}
    assert world.client("member").post(NEW, typed).status_code == 422


def test_nobody_sees_what_others_judged_before_judging(world: Any, judge: Any) -> None:
    judge("analyst", "business_climate", 2, why="Seen by analysts alone")
    judge("manager", "business_climate", 6)
    member = world.client("member")
    assert 'aria-label="median' not in member.get(BOARD).content.decode()
    assert "Seen by analysts alone" not in member.get("/en/centre/fruits/judgements/").content.decode()
    assert "Seen by analysts alone" not in member.get("/en/centre/fruits/obstacles/").content.decode()
    judge("member", "business_climate", 3)
    assert "median 3, from 2 to 6" in member.get(BOARD).content.decode()
    other = Judgement.objects.get(user=world.people["analyst"])
    assert member.get(f"/en/centre/fruits/judgements/{other.pk}/").status_code == 404
    assert "Seen by analysts alone" in world.client("analyst").get("/en/centre/fruits/judgements/").content.decode()


def test_a_median_of_one_judgement_is_hollow(world: Any, judge: Any) -> None:
    judge("analyst", "business_climate", 2)
    page = world.client("analyst").get(BOARD).content.decode()
    assert page.count('fill="#fff" stroke="#0a4f63"') == 1
    assert "one judgement" in page
    judge("manager", "business_climate", 3)
    page = world.client("analyst").get(BOARD).content.decode()
    assert page.count('fill="#fff" stroke="#0a4f63"') == 0
    assert "median 2.5, from 2 to 3" in page


def test_agreement_is_krippendorffs_over_all_that_two_judged(world: Any, judge: Any) -> None:
    page = world.client("analyst").get(BOARD).content.decode()
    assert page.count("not known: too little was judged by two or more") == 2
    for level, question in enumerate(("business_climate", "education_mismatch", "short_horizon"), start=2):
        judge("analyst", question, level)
        judge("manager", question, level)
    page = world.client("analyst").get(BOARD).content.decode()
    assert "α = 1.00" in page
    assert "the experts agree: reliable" in page


def test_obstacles_come_by_severity_with_the_measures_that_answer_them(world: Any, judge: Any) -> None:
    judge("analyst", "education_mismatch", 2, why="Colleges teach the looms of 1980")
    judge("manager", "business_climate", 6)
    page = unescape(world.client("analyst").get("/en/centre/fruits/obstacles/").content.decode())
    names = {one.id: one.name["en"] for one in elements()}
    places = [
        page.index(f"<h2>{names[code]}</h2>") for code in ("education_mismatch", "business_climate", "short_horizon")
    ]
    assert places == sorted(places)
    assert "Colleges teach the looms of 1980" in page
    between = page[places[0] : places[1]]
    assert "in the programme" not in page
    project = Project.objects.create(cluster=world.cluster, measure="dual_training", number=1)
    page = unescape(world.client("analyst").get("/en/centre/fruits/obstacles/").content.decode())
    assert f'<a class="tag yes" href="/en/centre/fruits/projects/{project.pk}/">in the programme</a>' in page
    assert "Dual training with the cluster" in between
    assert 'value="6.0"' in between


def test_the_overview_counts_what_is_left_to_judge(world: Any, judge: Any) -> None:
    judge("member", "business_climate", 2)
    judge("analyst", "business_climate", 2)
    page = world.client("member").get("/en/centre/fruits/").content.decode()
    assert ">1 / 28</a>" in page
    assert ">27</a>" in page
