"""Records that are one organisation: found, made one, and apart again."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from almaz.web.attraction.models import Candidate
from almaz.web.centre.models import Membership
from almaz.web.participants.models import Organisation, Person, Place, Tie, Wave
from almaz.web.participants.naming import ALIKE, alike, normalised


def pairs(*names: str, numbers: tuple[str, ...] = ()) -> list[tuple[str, str, bool]]:
    made = [
        Organisation(name=name, tax_id=number) for name, number in zip(names, numbers or [""] * len(names), strict=True)
    ]
    return [(pair.first.name, pair.second.name, pair.certain) for pair in alike(made)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("«Ысык-Көл Жемиш» ЖЧК", "ОсОО Ысык-Кол Жемиш"),
        ("Мөмө-Жемиш ЖЧК", "Momo Zhemish LLC"),
        ("Түп Алма", "ТУП-АЛМА"),
        ("Берёзка", "Березка"),
        ("Каракол мамлекеттик университети", "Karakol Mamlekettik Universiteti"),
        ("Жаңы Жол ЖЧК", "Жаны Жол"),
        ("Алма Бак", "Бак Алма"),
    ],
)
def test_one_name_in_two_scripts_spellings_or_forms_is_one(one: str, other: str) -> None:
    assert pairs(one, other) == [(one, other, False)]


@pytest.mark.parametrize(
    ("one", "other"), [("Ак-Суу Алма", "Көк-Суу Балык"), ("Тоо Балы", "Тоо Суусу"), ("ЖЧК Айнек", "ЖЧК Жыгач")]
)
def test_two_names_are_two(one: str, other: str) -> None:
    assert pairs(one, other) == []


def test_the_number_decides_over_the_name() -> None:
    assert pairs("Алма", "Груша", numbers=("001-23", "00123")) == [("Алма", "Груша", True)]
    assert pairs("Алма Бак", "Алма Бак", numbers=("1", "2")) == []


@given(st.text(alphabet="абвгдеёжзийклмнопрстуфхцчшщъыьэюяңөү abcdefghijklmnopqrstuvwxyz-«»", max_size=30))
def test_a_normalised_name_stays_as_it_is(name: str) -> None:
    once = normalised(name)
    assert normalised(once).replace(" ", "") == once.replace(" ", "") or normalised(normalised(once)) == normalised(
        once
    )
    assert all(letter.isascii() for letter in once)
    assert 0 < ALIKE < 100


def merged(world: Any, kept: Organisation, other: Organisation, **taken: str) -> Any:
    address = f"/en/centre/fruits/duplicates/{kept.pk}/{other.pk}/"
    assert world.client("analyst").post(address, taken).status_code == 403, "people sign in for the other"
    client = world.client("manager")
    assert client.get(address).status_code == 200
    return client, client.post(f"/en/centre/fruits/duplicates/{kept.pk}/{other.pk}/", taken)


def test_people_places_ties_and_all_else_move_and_come_back(world: Any, ring: list[Organisation], tie: Any) -> None:
    kept, other = world.firm, ring[0]
    person = Person.objects.create(cluster=world.cluster, name="Айбек", organisation=other)
    place = Place.objects.create(cluster=world.cluster, name="Бак", organisation=other)
    member = Membership.objects.get(user=world.people["manager"])
    member.organisation = other
    member.save()
    candidate = Candidate.objects.create(cluster=world.cluster, name="C", organisation=other)
    with_itself = tie(kept, other, "cooperation")
    twice = tie(kept, ring[1], "supply")
    wave = Wave.objects.create(cluster=world.cluster, title="W", opens=date(2026, 1, 1), closes=date(2099, 1, 1))
    asked = wave.asked
    client, answer = merged(world, kept, other, place="other", name="other")
    assert answer.status_code == 302
    assert Organisation.objects.get(pk=kept.pk).name == "Уюм 0"
    assert not Organisation.objects.filter(pk=other.pk).exists()
    for record in (person, place, member, candidate):
        record.refresh_from_db()
        assert record.organisation == kept
    living = {(one.source_id, one.target_id, one.layer) for one in Tie.of(world.cluster)}
    assert not {end for one in living for end in one[:2]} & {other.pk}
    assert (kept.pk, ring[1].pk, "supply") in living
    assert len(living) == 6, "the tie with itself and the second of two are gone"
    assert Tie.everything.get(pk=with_itself.pk).deleted is not None
    assert Tie.everything.get(pk=twice.pk).deleted is None
    assert wave.asked == asked
    page = client.get("/en/centre/fruits/changes/").content.decode()
    address = re.search(r"/en/centre/fruits/changes/[0-9a-f]{12}/undo/", page)
    assert address is not None
    assert world.client("analyst").post(address[0]).status_code == 403, "a membership is the manager's"
    client.post(address[0])
    for record in (person, place, member, candidate):
        record.refresh_from_db()
        assert record.organisation == other
    assert Organisation.objects.get(pk=kept.pk).name == "Мөмө-Жемиш ЖЧК"
    assert Organisation.objects.filter(pk=other.pk).exists()
    assert Tie.of(world.cluster).count() == 8


def test_two_that_look_alike_can_be_told_apart(world: Any) -> None:
    other = Organisation.objects.create(cluster=world.cluster, name="Момо Жемиш", sort="firm")
    client = world.client("analyst")
    page = client.get("/en/centre/fruits/duplicates/").content.decode()
    assert "Момо Жемиш" in page
    first, second = sorted((world.firm, other), key=lambda one: one.pk)
    client.post(f"/en/centre/fruits/duplicates/{first.pk}/{second.pk}/two/")
    assert "Момо Жемиш" not in client.get("/en/centre/fruits/duplicates/").content.decode()


def test_nobody_merges_across_clusters_or_as_a_member(world: Any) -> None:
    stranger = Organisation.objects.create(cluster=world.other, name="Ски", sort="firm")
    address = f"/en/centre/fruits/duplicates/{world.firm.pk}/{stranger.pk}/"
    assert world.client("analyst").post(address).status_code == 404
    assert world.client("member").post(address).status_code == 403
    assert (
        world.client("analyst").get(f"/en/centre/fruits/duplicates/{world.firm.pk}/{world.firm.pk}/").status_code == 404
    )
