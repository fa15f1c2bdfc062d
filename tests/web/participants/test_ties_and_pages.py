"""Who may write what of whom, and what an organisation's page tells."""

from __future__ import annotations

from typing import Any

import pytest

from almaz.web.centre.models import Membership
from almaz.web.participants.models import Organisation, Person, Tie


def posted(world: Any, kind: str, who: str = "analyst", **data: Any) -> Any:
    return world.client(who).post(f"/en/centre/fruits/{kind}/new/", data)


def test_a_tie_stands_once_and_joins_two(world: Any, ring: list[Organisation]) -> None:
    a, b = ring[0].pk, ring[1].pk
    assert posted(world, "ties", source=a, target=a, layer="supply").status_code == 422
    assert posted(world, "ties", source=a, target=b, layer="supply").status_code == 422
    assert posted(world, "ties", source=b, target=a, layer="supply").status_code == 302, (
        "the other direction is another tie"
    )
    assert posted(world, "ties", source=b, target=a, layer="competition").status_code == 422, (
        "this one has no direction"
    )
    assert Tie.objects.count() == 7


def test_a_member_writes_for_its_own_organisation_alone(world: Any, ring: list[Organisation], tie: Any) -> None:
    own, other = world.firm, ring[0]
    assert posted(world, "ties", "member", source=other.pk, target=ring[1].pk, layer="cooperation").status_code == 422
    assert posted(world, "ties", "member", source=other.pk, target=own.pk, layer="cooperation").status_code == 302
    assert posted(world, "people", "member", name="A", organisation=other.pk).status_code == 422
    assert posted(world, "people", "member", name="A", organisation=own.pk).status_code == 302
    mine, theirs = Tie.objects.get(target=own), tie(other, ring[3], "knowledge")
    client = world.client("member")
    assert client.get(f"/en/centre/fruits/ties/{mine.pk}/edit/").status_code == 200
    assert client.get(f"/en/centre/fruits/ties/{theirs.pk}/edit/").status_code == 403
    moved = {"source": other.pk, "target": ring[2].pk, "layer": "cooperation", "seen": mine.changed.isoformat()}
    assert client.post(f"/en/centre/fruits/ties/{mine.pk}/edit/", moved).status_code == 422


def test_what_hangs_on_a_deleted_organisation_is_not_shown(world: Any, ring: list[Organisation]) -> None:
    Person.objects.create(cluster=world.cluster, name="Айбек", organisation=ring[0])
    ring[0].bin()
    client = world.client("member")
    assert "Айбек" not in client.get("/en/centre/fruits/people/").content.decode()
    listed = client.get("/en/centre/fruits/ties/").content.decode()
    assert "Уюм 0" not in listed
    assert "Уюм 1" in listed
    ring[0].restore()
    assert "Айбек" in client.get("/en/centre/fruits/people/").content.decode()


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("01.24,10.32 ; 01.24", "01.24; 10.32"), ("", ""), ("A01 C10", "A01; C10"), ("01.24; <b>", None)],
)
def test_codes_of_industries_are_written_one_way(world: Any, typed: str, kept: str | None) -> None:
    answer = posted(world, "organisations", name="Lab", sort="standards", industries=typed)
    assert answer.status_code == (422 if kept is None else 302)
    if kept is not None:
        assert Organisation.objects.get(name="Lab").industries == kept


def test_half_a_place_is_none(world: Any) -> None:
    assert posted(world, "organisations", name="L", sort="firm", latitude="42.5").status_code == 422
    assert posted(world, "organisations", name="L", sort="firm", latitude="42.5", longitude="190").status_code == 422
    assert posted(world, "organisations", name="L", sort="firm", latitude="42.5", longitude="78.4").status_code == 302


def test_another_cluster_is_named_to_whom_belongs_to_it(world: Any) -> None:
    world.firm.tax_id = "0 123"
    world.firm.save()
    Organisation.objects.create(cluster=world.other, name="Мөмө", sort="firm", tax_id="0123")
    address = f"/en/centre/fruits/organisations/{world.firm.pk}/"
    assert "Ski of Issyk-Kul" not in world.client("manager").get(address).content.decode()
    Membership.objects.create(cluster=world.other, user=world.people["manager"], role="member")
    assert "Ski of Issyk-Kul" in world.client("manager").get(address).content.decode()


def test_the_organisation_s_page_shows_both_ends_of_its_ties(world: Any, ring: list[Organisation]) -> None:
    page = world.client("member").get(f"/en/centre/fruits/organisations/{ring[0].pk}/").content.decode()
    assert page.count(">supply<") + page.count(">supply ") == 2
    assert "knowledge" in page
    assert "competition ↔" in page


def test_the_overview_counts_who_takes_part(world: Any, ring: list[Organisation]) -> None:
    ring[5].status = "left"
    ring[5].save()
    page = world.client("member").get("/en/centre/fruits/").content.decode()
    assert "organisations that take part" in page
    assert ">6</a>" in page
