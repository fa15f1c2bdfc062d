from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from almaz.language import use
from almaz.programme.catalogue import catalogue
from almaz.programme.draft import Project as Drafted
from almaz.programme.gates import GATES
from almaz.study.edition import Edition
from almaz.study.programme import drafts
from almaz.web.centre.access import access_to
from almaz.web.centre.forms import form_class
from almaz.web.centre.kinds import kind_named
from almaz.web.centre.models import Cluster
from almaz.web.projects.drafts import from_toml
from almaz.web.projects.models import (
    BudgetLine,
    Criterion,
    Draft,
    FrameLine,
    Indicator,
    Milestone,
    Programme,
    Project,
    Risk,
    StageGate,
)

AT = "/en/centre/fruits"


def upload(client: Any, content: bytes, name: str = "programme.toml") -> Any:
    return client.post(f"{AT}/take/", {"file": SimpleUploadedFile(name, content)})


def counts() -> tuple[int, ...]:
    kinds = (Project, FrameLine, Milestone, BudgetLine, Risk, Indicator, StageGate, Criterion)
    return tuple(kind.objects.count() for kind in kinds)


def test_the_draft_of_the_edition_becomes_records_that_say_why(taken: Any, illustration: Edition) -> None:
    made = drafts(illustration)[0]
    held = {one.measure: one for one in Project.objects.all()}
    assert set(held) == {one.measure.id for one in made.projects}
    for one in made.projects:
        project = held[one.measure.id]
        assert [found["id"] for found in project.because] == list(one.because)
        assert len(project.reasons) == len(one.because)
        assert (project.start.year, project.outcome) == (made.start + one.start, made.start + one.outcome)
        assert_money(project, one)
    assert StageGate.objects.count() == len(GATES) == 7
    assert Criterion.objects.count() == sum(len(gate.needs) for gate in GATES)
    shown = {(gate.code, need) for gate in made.gates for need in gate.shown}
    held_needs = {(one.gate.code, one.need) for one in Criterion.objects.all() if one.shown}
    assert held_needs == shown
    assert not Criterion.objects.exclude(confirmed=None).exists()
    baselines = {one.code: one for one in Indicator.objects.exclude(code="")}
    assert set(baselines) == {one.name for one in made.baselines}
    for line in made.baselines:
        kept = baselines[line.name]
        assert (kept.baseline, kept.baseline_low, kept.baseline_high) == (line.value, line.low, line.high)
        assert kept.edition == illustration.manifest["identity"]


def assert_money(project: Project, one: Drafted) -> None:
    lines = {line.line: line for line in BudgetLine.objects.filter(project=project)}
    assert set(lines) == set(one.lines)
    for name, (least, most) in one.lines.items():
        assert (lines[name].planned, lines[name].least, lines[name].most) == (
            None, Decimal(str(round(least * 1e6, 2))), Decimal(str(round(most * 1e6, 2))),
        )  # fmt: skip


def test_taken_twice_makes_nothing_twice_whether_from_the_edition_or_a_file(
    taken: Any, drafted: dict[str, bytes]
) -> None:
    before, client = counts(), taken.client("analyst")
    client.post(f"{AT}/take/edition/")
    assert Draft.objects.count() == 1
    page = client.post(f"{AT}/take/{Draft.objects.get().pk}/make/", follow=True)
    assert "Nothing is new" in page.content.decode()
    answer = upload(client, drafted["ky"])
    page = client.get(answer["Location"]).content.decode()
    assert "0 / 14" in page
    assert "Take it" not in page
    client.post(answer["Location"] + "make/")
    assert counts() == before


def test_a_project_in_the_bin_is_not_made_again_and_a_new_measure_is(linked: Any, drafted: dict[str, bytes]) -> None:
    client = linked.client("analyst")
    less = drafted["en"].decode().split("[[project]]")
    without = "[[project]]".join(less[:2] + less[3:])
    client.post(upload(client, without.encode())["Location"] + "make/")
    assert Project.objects.count() == 13
    Project.objects.first().bin()
    answer = upload(client, drafted["en"])
    assert "1 / 14" in client.get(answer["Location"]).content.decode()
    client.post(answer["Location"] + "make/")
    assert (Project.objects.count(), Project.everything.count()) == (13, 14)


@pytest.mark.parametrize("language", ["en", "ru", "ky"])
def test_texts_of_the_catalogue_follow_the_reader_whatever_language_the_file_has(
    world: Any, drafted: dict[str, bytes], language: str
) -> None:
    client = world.client("analyst")
    client.post(upload(client, drafted[language])["Location"] + "make/")
    known = {one.id: one for one in catalogue()}
    for project in Project.objects.all():
        assert project.name == ""
        with use("ky"):
            assert project.get_name_display() == known[project.measure].name.ky
    assert not Risk.objects.exclude(name="").exists()
    goals = FrameLine.objects.filter(level="goal")
    assert goals.exists()
    assert not FrameLine.objects.exclude(words="").exists()
    with use("ru"):
        assert all("А" <= line.get_words_display()[0].upper() <= "Я" for line in goals)


def test_an_edited_text_of_the_file_stays_the_user_s_own(world: Any, drafted: dict[str, bytes]) -> None:
    client = world.client("analyst")
    content = from_toml(drafted["en"], "a.toml")
    name = next(one for one in catalogue() if one.id == content["projects"][0]["measure"]).name.en
    edited = drafted["en"].decode().replace(f'name = "{name}"', 'name = "Our own words"')
    client.post(upload(client, edited.encode())["Location"] + "make/")
    first = Project.objects.order_by("number").first()
    assert first.name == "Our own words"
    with use("ru"):
        assert str(first) == "1. Our own words"


@pytest.mark.parametrize("language", ["en", "ru", "ky"])
def test_the_list_finds_a_project_by_the_catalogue_s_words_in_the_reader_s_language(taken: Any, language: str) -> None:
    with use(language):
        names = {one.pk: one.get_name_display() for one in Project.objects.all()}
    wanted = next(iter(names.values()))
    query = wanted.split(" ", 1)[1].upper()
    address = f"/{language}/centre/fruits/projects/"
    written = taken.client("member").get(address, {"q": query}).content.decode()
    found = {pk for pk in names if f'href="{address}{pk}/"' in written}
    assert found == {pk for pk, name in names.items() if query.casefold() in name.casefold()}
    assert 0 < len(found) < len(names)


def test_the_form_shows_the_catalogue_s_text_and_keeps_it_only_if_changed(taken: Any) -> None:
    client, project = taken.client("analyst"), Project.objects.order_by("number").first()
    address = f"/ru/centre/fruits/projects/{project.pk}/edit/"
    with use("ru"):
        form = form_class(kind_named("projects"))(access_to(taken.people["analyst"], "fruits"), instance=project)
    assert project.of_catalogue.name.ru in client.get(address).content.decode()
    assert form.initial["name"] == project.of_catalogue.name.ru
    sent = {name: value for name, value in form.initial.items() if value is not None}
    sent |= {"start": project.start.isoformat(), "end": project.end.isoformat(), "status": "running"}
    assert client.post(address, sent).status_code == 302
    project = Project.objects.get(pk=project.pk)
    assert (project.name, project.status) == ("", "running")
    sent |= {"name": "Своё имя", "seen": project.changed.isoformat()}
    assert client.post(address, sent).status_code == 302
    assert Project.objects.get(pk=project.pk).name == "Своё имя"


def test_costs_come_in_the_programme_s_currency(linked: Any) -> None:
    Programme.objects.create(cluster=linked.cluster, currency="KGS", rate=Decimal("87.45"))
    client = linked.client("analyst")
    client.post(f"{AT}/take/edition/")
    client.post(f"{AT}/take/{Draft.objects.get().pk}/make/")
    cheap = BudgetLine.objects.filter(line="people").order_by("most").first()
    assert cheap.most == Decimal("2623500.00")


def test_the_made_up_judgements_are_named_on_every_page_that_rests_on_them(taken: Any) -> None:
    client = taken.client("member")
    for page in ("dashboard", "plan", "money", "risk-matrix", "measured", "stages"):
        assert "Illustration:" in client.get(f"{AT}/{page}/").content.decode(), page


def test_the_cluster_gets_the_first_year_of_the_draft_only_where_it_has_none(linked: Any) -> None:
    Cluster.objects.filter(pk=linked.cluster.pk).update(start=None)
    client = linked.client("analyst")
    client.post(f"{AT}/take/edition/")
    client.post(f"{AT}/take/{Draft.objects.get().pk}/make/")
    assert Cluster.objects.get(pk=linked.cluster.pk).start == 2027


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda text: text.replace("almaz-programme-1", "almaz-programme-9"), "format"),
        (lambda text: text.replace("horizon = 7", "horizon = 700"), "horizon"),
        (lambda text: "not toml", "cannot be read"),
        (lambda text: "a = " + "[" * 5000, "cannot be read"),
        (lambda text: text + text[text.index("[[project]]") : text.index("[[project]]", text.index("[[project]]") + 3)], "twice"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_draft_says_what_is_wrong_and_makes_nothing(
    world: Any, drafted: dict[str, bytes], change: Any, says: str
) -> None:
    answer = upload(world.client("analyst"), change(drafted["en"].decode()).encode())
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not Draft.objects.exists()


def test_a_member_takes_no_draft(linked: Any) -> None:
    assert linked.client("member").get(f"{AT}/take/").status_code == 403
    assert linked.client("member").post(f"{AT}/take/edition/").status_code == 403
    assert linked.client("stranger").get(f"{AT}/take/").status_code == 404


def test_a_failure_half_way_leaves_nothing(linked: Any, monkeypatch: Any) -> None:
    client = linked.client("analyst")
    client.post(f"{AT}/take/edition/")

    def broken(*_args: Any, **_more: Any) -> None:
        raise RuntimeError("the power went off")

    monkeypatch.setattr("almaz.web.projects.taking._baseline", broken)
    with pytest.raises(RuntimeError):
        client.post(f"{AT}/take/{Draft.objects.get().pk}/make/")
    assert counts() == (0,) * 8
    assert Draft.objects.get().taken is None
