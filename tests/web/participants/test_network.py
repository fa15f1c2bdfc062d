"""The network's pages: what they count, what they leave out, what can be taken away."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import Any

import pytest

from almaz.measures import brokers
from almaz.web.participants.models import Organisation
from almaz.web.participants.network import network_figures, tied


def test_the_network_is_who_takes_part_and_how_they_are_tied(world: Any, ring: list[Organisation], tie: Any) -> None:
    tie(ring[5], ring[0], "cooperation")
    ring[5].status = "left"
    ring[5].save()
    ring[3].bin()
    held = tied(world.cluster)
    assert held.network.participants == ("Мөмө-Жемиш ЖЧК", "Уюм 0", "Уюм 1", "Уюм 2", "Уюм 4")
    assert held.network.kinds == ("firm", "firm", "firm", "supplier", "science")
    ends = zip(held.network.source.tolist(), held.network.target.tolist(), held.network.layer.tolist(), strict=True)
    assert sorted(ends) == [(1, 2, "competition"), (1, 2, "supply"), (2, 3, "supply"), (4, 1, "knowledge")]


def test_a_supply_both_ways_is_two_ties(world: Any, ring: list[Organisation], tie: Any) -> None:
    tie(ring[4], ring[5], "supply", mutual=True)
    tie(ring[4], ring[5], "cooperation", mutual=True)
    one = tied(world.cluster, ["supply"]).network
    assert one.source.size == 6
    assert tied(world.cluster, ["cooperation"]).network.source.size == 1


def test_who_told_nothing_is_silent_and_two_of_one_name_are_told_apart(world: Any, ring: list[Organisation]) -> None:
    Organisation.objects.filter(pk=ring[1].pk).update(name="Уюм 0", ties_told="2026-01-01")
    held = tied(world.cluster)
    assert "Уюм 0 (2)" in held.network.participants
    assert held.silent == set(held.network.participants) - {"Уюм 0 (2)"}


def test_the_table_holds_what_is_measured(world: Any, ring: list[Organisation]) -> None:
    client = world.client("member")
    answer = client.get("/en/centre/fruits/network/network-picture.csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    found = brokers(tied(world.cluster).network)
    assert [row["participant"] for row in rows] == [one.participant for one in found]
    assert [float(row["betweenness"]) for row in rows] == pytest.approx([one.betweenness for one in found])
    assert [int(row["ties"]) for row in rows] == [one.degree for one in found]


def test_the_picture_can_be_narrowed_and_taken_away(world: Any, ring: list[Organisation]) -> None:
    client = world.client("member")
    page = client.get("/ru/centre/fruits/network/?layer=knowledge&sort=firm&sort=university").content.decode()
    assert "1 связь" in page
    spec = re.search(r'id="network-picture-chart">(.+?)</script>', page)
    assert spec is not None
    assert '"from": "Уюм 4", "to": "Уюм 0"' in json.dumps(json.loads(spec[1]), ensure_ascii=False)
    asked = re.search(r'href="([^"]+network-picture\.svg[^"]*)"', page)
    assert asked is not None
    assert "layer=knowledge" in asked[1]
    drawn = client.get(asked[1].replace("&amp;", "&"))
    assert drawn["Content-Type"] == "image/svg+xml"
    assert "Уюм 4" in drawn.content.decode()
    assert "Уюм 2" not in drawn.content.decode()
    for form, start in (("png", b"\x89PNG"), ("xlsx", b"PK")):
        assert client.get(f"/en/centre/fruits/network/network-picture.{form}").content.startswith(start)
    assert client.get("/en/centre/fruits/network/?layer=gossip").status_code == 404
    assert client.get("/en/centre/fruits/network/no-such.csv").status_code == 404


def test_who_should_meet_shares_partners_and_has_no_tie(world: Any, ring: list[Organisation]) -> None:
    found = {one.name: one for one in network_figures(tied(world.cluster))}
    meetings = [(row["first"], row["second"]) for row in found["network-introductions"].table.to_pylist()]
    assert ("Уюм 0", "Уюм 2") in meetings
    assert ("Уюм 0", "Уюм 1") not in meetings


def test_an_empty_cluster_says_so(world: Any) -> None:
    page = world.client("stranger").get("/en/centre/ski/network/").content.decode()
    assert "No organisation takes part yet" in page
    assert "No place has coordinates yet" in world.client("stranger").get("/en/centre/ski/map/").content.decode()


def test_a_name_cannot_end_the_data_of_a_picture(world: Any) -> None:
    Organisation.objects.create(cluster=world.cluster, name="</script><script>alert(1)</script>", sort="firm")
    page = world.client("member").get("/en/centre/fruits/network/").content.decode()
    assert "<script>alert" not in page


def test_the_map_shows_seats_and_places_with_coordinates(world: Any, ring: list[Organisation]) -> None:
    ring[0].latitude, ring[0].longitude = 42.5, 78.4
    ring[0].save()
    ring[0].places.create(cluster=world.cluster, name="Бак", latitude=42.6, longitude=78.5)
    client = world.client("member")
    page = client.get("/en/centre/fruits/map/").content.decode()
    assert "6 organisations have no coordinates" in page
    rows = list(
        csv.reader(io.StringIO(client.get("/en/centre/fruits/map/participants-map.csv").content.decode("utf-8-sig")))
    )
    assert [row[:2] for row in rows[1:]] == [["Уюм 0", "seat"], ["Уюм 0", "Бак"]]
