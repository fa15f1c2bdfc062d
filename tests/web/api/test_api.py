from __future__ import annotations

import math
from typing import Any

import pytest
from django.test import Client

from almaz.study.edition import Edition
from almaz.web.observatory.models import Publication
from almaz.web.observatory.publishing import publish


@pytest.fixture
def published(db: None, states: Edition, raions: Edition) -> dict[str, Publication]:
    return {"states": publish(states.path), "raions": publish(raions.path)}


def get(client: Client, address: str, status: int = 200) -> Any:
    answer = client.get(address)
    assert answer.status_code == status, answer.content[:300]
    assert answer.headers["Content-Type"].startswith("application/json")
    return answer.json()


def test_editions_are_listed_and_known_by_identity_and_by_study(
    client: Client, published: dict[str, Publication], states: Edition
) -> None:
    listed = get(client, "/api/editions")
    assert listed["count"] == 2
    assert {one["study"] for one in listed["items"]} == {"us-states-2016", "kyrgyzstan-raions-2021"}
    by_study = get(client, "/api/editions/us-states-2016")
    assert by_study == get(client, f"/api/editions/{published['states'].short}")
    assert by_study["identity"] == states.manifest["identity"]
    assert (by_study["measure"], by_study["regions"], by_study["clusters"]) == ("employment", 51, 67)
    assert by_study["hidden_share"] == pytest.approx(0.03, abs=0.01)
    assert get(client, "/api/editions/kyrgyzstan-raions-2021")["hidden_share"] is None


def test_a_portfolio_is_what_the_edition_holds(
    client: Client, published: dict[str, Publication], states: Edition
) -> None:
    held = [
        row
        for row in states.table("portfolio").to_pylist()
        if row["region"] == "26000" and row["subcluster"] is None and row["year"] == 2016
    ]
    answer = get(client, "/api/editions/us-states-2016/portfolio?region=26000&year=2016&limit=1000")
    assert answer["count"] == len(held) == len(answer["items"]) == 67
    stored = {row["cluster"]: row for row in held}
    for item in answer["items"]:
        row = stored[item["cluster"]]
        assert item["size"] == row["employment"]
        assert item["lq"] == row["lq"]
        assert item["lq_high"] == (None if row["lq_high"] is None or math.isinf(row["lq_high"]) else row["lq_high"])
    one = get(client, "/api/editions/us-states-2016/portfolio?region=26000&cluster=Automotive&year=2016")
    assert one["count"] == 1
    assert get(client, "/api/editions/us-states-2016/portfolio?region=nowhere")["items"] == []


def test_pages_follow_each_other_without_gaps_or_repeats(client: Client, published: dict[str, Publication]) -> None:
    address = "/api/editions/us-states-2016/strength?rule=us_cluster_mapping"
    whole, offset = [], 0
    while True:
        part = get(client, f"{address}&limit=1000&offset={offset}")
        whole += part["items"]
        offset += 1000
        if offset >= part["count"]:
            break
    assert len(whole) == part["count"] == 51 * 67
    assert len({(one["region"], one["cluster"]) for one in whole}) == len(whole)


def test_regions_clusters_diamond_and_opportunities(
    client: Client, published: dict[str, Publication], states: Edition
) -> None:
    regions = get(client, "/api/editions/us-states-2016/regions?limit=60")
    assert regions["count"] == 51
    [alabama] = get(client, "/api/editions/us-states-2016/regions?region=01000")["items"]
    assert alabama["name"] == {"en": "Alabama", "ru": "Алабама", "ky": "Алабама"}
    assert alabama["cluster_strength_low"] <= alabama["cluster_strength"] <= alabama["cluster_strength_high"]
    assert get(client, "/api/editions/us-states-2016/clusters?limit=1")["count"] == 67
    [diamond] = get(client, "/api/editions/us-states-2016/diamond?region=01000")["items"]
    assert {corner["corner"] for corner in diamond["corners"]} == {"factor", "demand", "related", "strategy"}
    assert get(client, "/api/editions/us-states-2016/opportunities?region=01000&limit=100")["count"] == 51
    missing = get(client, "/api/editions/kyrgyzstan-raions-2021/diamond", 404)
    assert "diamond_scores" in missing["detail"]


def test_the_search_of_the_api_forgives_what_is_not_on_a_keyboard(
    client: Client, published: dict[str, Publication]
) -> None:
    found = get(client, "/api/editions/kyrgyzstan-raions-2021/search?q=ысык кол")
    assert found["items"][0]["kind"] == "region"
    assert get(client, "/api/editions/us-states-2016/search?q=336111")["items"][0]["cluster"] == "Automotive"


def test_tables_are_listed_read_by_rows_and_downloaded(
    client: Client, published: dict[str, Publication], states: Edition
) -> None:
    listed = get(client, "/api/editions/us-states-2016/tables?limit=1000")
    assert {one["table"] for one in listed["items"]} == set(states.tables)
    columns = {
        one["name"]: one["type"]
        for one in next(one for one in listed["items"] if one["table"] == "portfolio")["columns"]
    }
    assert columns["lq"] == "double"
    assert columns["region"] == "string"
    some = get(client, "/api/editions/us-states-2016/tables/potential?region=01000&limit=5")
    assert all(row["region"] == "01000" for row in some["items"])
    for form in ("csv", "parquet"):
        answer = client.get(f"/api/editions/us-states-2016/tables/clusters.{form}")
        assert answer.status_code == 200
        assert "attachment" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/api/nothing", 404),
        ("/api/editions/no-such-study", 404),
        ("/api/editions/NO SUCH", 422),
        ("/api/editions/us-states-2016/portfolio?limit=0", 422),
        ("/api/editions/us-states-2016/portfolio?limit=100000", 422),
        ("/api/editions/us-states-2016/portfolio?offset=-1", 422),
        ("/api/editions/us-states-2016/portfolio?year=soon", 422),
        ("/api/editions/us-states-2016/search", 422),
        ("/api/editions/us-states-2016/tables/nothing", 404),
        ("/api/editions/us-states-2016/tables/nothing.csv", 404),
        ("/api/editions/us-states-2016/tables/..%2Fmanifest", 404),
    ],
)
def test_a_wrong_request_gets_its_reason_in_json(
    client: Client, published: dict[str, Publication], address: str, status: int
) -> None:
    assert "detail" in get(client, address, status)


def test_the_api_is_open_to_other_sites_and_kept_by_browsers(client: Client, published: dict[str, Publication]) -> None:
    short = published["states"].short
    answer = client.get(f"/api/editions/{short}/clusters")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "immutable" in answer.headers["Cache-Control"]
    again = client.get(f"/api/editions/{short}/clusters", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    assert client.get("/api/editions/us-states-2016/clusters").headers["Cache-Control"] == "public, max-age=300"


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_the_api_only_reads(client: Client, published: dict[str, Publication], method: str) -> None:
    for address in (
        "/api/editions",
        "/api/editions/us-states-2016/portfolio",
        "/api/editions/us-states-2016/tables/clusters.csv",
    ):
        assert getattr(client, method)(address).status_code == 405
