"""Whom to attract, from the edition of a real study: the order, the figures, the firms."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from almaz.study.edition import Edition, sha256, write_json, write_table
from almaz.tables.schema import FIRMS
from almaz.web.attraction.ranking import wanted
from almaz.web.centre.editions import edition_of
from almaz.web.centre.models import Cluster
from almaz.web.participants.models import Organisation

PLACE = ("09000", "Aerospace Vehicles and Defense")


def gaps(edition: Edition) -> list[dict[str, Any]]:
    table = edition.table("supply_gap")
    mine = pc.and_(pc.equal(table["region"], PLACE[0]), pc.equal(table["cluster"], PLACE[1]))
    rows = [row for row in table.filter(mine).to_pylist() if row["supplier"] and row["gap"]]
    return sorted(rows, key=lambda row: -row["gap"])


def test_the_largest_gaps_of_the_cluster_come_first(linked: Cluster, states: Edition) -> None:
    found = wanted(edition_of(linked), linked)
    bought = [one for one in found if one.gap is not None]
    expected = gaps(states)
    assert [one.code for one in bought] == [row["supplier"] for row in expected]
    assert bought[0].gap is not None
    assert (bought[0].gap.point, bought[0].gap.low, bought[0].gap.high) == (
        expected[0]["gap"], expected[0]["gap_low"], expected[0]["gap_high"],
    )  # fmt: skip
    assert [one.place for one in found] == list(range(1, len(found) + 1))


def test_missing_industries_are_those_of_the_cluster_and_its_relatives(linked: Cluster, states: Edition) -> None:
    linked.region = linked.cluster = ""
    related = states.table("cluster_relatedness").to_pylist()
    near: dict[str, set[str]] = {}
    for row in related:
        near.setdefault(row["cluster"], {row["cluster"]}).update({row["cluster_2"]} if row["related"] else set())
    entry = states.table("entry").to_pylist()
    region, cluster = next(
        (row["region"], one)
        for row in entry
        for one in sorted(near)
        if one != row["cluster"] and row["cluster"] in near[one]
    )
    linked.region, linked.cluster = region, cluster
    missing = [one for one in wanted(edition_of(linked), linked) if one.chance is not None]
    expected = [row for row in entry if row["region"] == region and row["cluster"] in near[cluster]]
    assert [one.code for one in missing] == [row["industry"] for row in sorted(expected, key=lambda row: row["rank"])][
        :20
    ]
    assert missing[0].chance == min(expected, key=lambda row: row["rank"])["probability"]


def test_the_page_says_why_and_offers_the_pipeline(world: Any, linked: Cluster, states: Edition) -> None:
    page = world.client("analyst").get("/ru/centre/fruits/wanted/").content.decode()
    assert "закрывает пробел в поставках" in page
    assert states.path.name in page
    first = page.split('class="button quiet small" href="')[1].split('"')[0].replace("&amp;", "&")
    asked = parse_qs(urlsplit(first).query)
    assert asked["industries"] == [gaps(states)[0]["supplier"]]
    assert asked["why"] == ["gap"]
    assert states.path.name in asked["reason"][0]
    form = world.client("analyst").get(first).content.decode()
    assert asked["name"][0] in form


def test_pictures_and_tables_can_be_taken_away(world: Any, linked: Cluster, states: Edition) -> None:
    client = world.client("analyst")
    lines = client.get("/en/centre/fruits/wanted/wanted-gaps.csv").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(lines)))
    assert [row["code"] for row in rows] == [row["supplier"] for row in gaps(states)]
    assert float(rows[0]["gap"]) == pytest.approx(gaps(states)[0]["gap"])
    assert client.get("/ky/centre/fruits/wanted/wanted-gaps.svg").content.startswith(b"<svg")
    assert client.get("/ky/centre/fruits/wanted/nothing.svg").status_code == 404


def test_members_do_not_see_it(world: Any, linked: Cluster) -> None:
    for page in ("wanted/", "pipeline/", "candidates/"):
        assert world.client("member").get(f"/en/centre/fruits/{page}").status_code == 403


def test_without_an_edition_the_page_says_how_to_get_one(world: Any) -> None:
    page = world.client("manager").get("/en/centre/fruits/wanted/").content.decode()
    assert "names no study" in page
    assert "/en/centre/fruits/settings/" in page


def test_an_edition_without_chains_says_what_is_missing(
    world: Any, raions: Edition, settings: Any, tmp_path: Path
) -> None:
    settings.HOME = tmp_path
    shutil.copytree(raions.path, tmp_path / "editions" / raions.path.name)
    cluster = world.cluster
    cluster.study = raions.path.name[:-13]
    cluster.region, cluster.cluster = (raions.table(name)[name[:-1]][0].as_py() for name in ("regions", "clusters"))
    cluster.save()
    page = world.client("analyst").get("/en/centre/fruits/wanted/").content.decode()
    assert "measures no value chains" in page
    assert "does not measure how industries are related" in page


def test_firms_of_the_edition_are_named_unless_they_take_part(
    world: Any, linked: Cluster, states: Edition, tmp_path: Path
) -> None:
    code = gaps(states)[0]["supplier"]
    path = tmp_path / "editions" / f"{states.path.name[:-12]}aaaaaaaaaaaa"
    shutil.copytree(states.path, path)
    rows = [("Far Castings", "01000", 900.0), ("Near Castings", "09000", 5.0), ("Мөмө-Жемиш", "09000", 50.0)]
    firms = [{"organisation": name, "name": name, "region": region, "industry": code, "employees": size, "status": "known"}
             for name, region, size in rows]  # fmt: skip
    write_table(pa.Table.from_pylist(firms, schema=FIRMS), path / "firms.parquet")
    manifest = json.loads((path / "manifest.json").read_text())
    manifest["tables"]["firms"] = sha256(path / "firms.parquet")
    write_json(manifest, path / "manifest.json")
    found = wanted(edition_of(linked), linked)
    assert [name for name, _where in found[0].firms] == ["Near Castings", "Far Castings"]
    Organisation.objects.create(cluster=linked, name="NEAR CASTINGS LLC", sort="firm")
    found = wanted(edition_of(linked), linked)
    assert found[0].firms == (("Far Castings", "Alabama"),)
