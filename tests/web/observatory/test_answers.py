from __future__ import annotations

import csv
import gzip
import io
import json
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.test import Client

from almaz.language import use
from almaz.web.observatory.downloads import csv_lines
from almaz.web.observatory.models import Publication

REGION = "/en/us-states-2016/region/01000/"


def body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else bytes(answer.content)


@pytest.mark.parametrize(
    "address",
    [
        REGION,
        "/en/",
        "/en/us-states-2016/",
        REGION + "figure/ranking.json",
        "/en/us-states-2016/map/0.json",
        "/en/us-states-2016/data/",
    ],
)
def test_who_has_a_page_gets_it_only_once(client: Client, published: dict[str, Publication], address: str) -> None:
    first = client.get(address)
    tag = first.headers["ETag"]
    again = client.get(address, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == tag
    assert client.get(address.replace("/en/", "/ky/"), headers={"If-None-Match": tag}).status_code == 200


def test_a_new_edition_makes_a_new_tag(client: Client, published: dict[str, Publication], illustration: Any) -> None:
    tag = client.get("/en/").headers["ETag"]
    published["states"].withdraw()
    assert client.get("/en/", headers={"If-None-Match": tag}).status_code == 200


def test_pages_are_checked_anew_and_files_of_an_edition_are_kept_for_ever(
    client: Client, published: dict[str, Publication]
) -> None:
    fixed = f"/en/e/{published['states'].short}/region/01000/"
    assert client.get(REGION).headers["Cache-Control"] == "private, no-cache"
    assert "immutable" in client.get(fixed + "figure/ranking.json").headers["Cache-Control"]
    assert client.get(REGION + "figure/ranking.json").headers["Cache-Control"] == "public, max-age=300"


@pytest.mark.parametrize(
    "address", [REGION, "/en/", "/en/us-states-2016/map/0.json", "/en/glossary/", REGION + "figure/ranking.json"]
)
def test_answers_are_compressed(client: Client, published: dict[str, Publication], address: str) -> None:
    packed = client.get(address, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.content) < 0.45 * len(gzip.decompress(packed.content))


@pytest.mark.parametrize("address", [REGION, REGION + "figure/ranking/", "/en/us-states-2016/compare/"])
def test_only_what_is_asked_for_to_embed_may_be_framed(
    client: Client, published: dict[str, Publication], address: str
) -> None:
    plain = client.get(address)
    assert "frame-ancestors 'none'" in plain.headers["Content-Security-Policy"]
    assert plain.headers["X-Frame-Options"] == "DENY"


def test_an_embedded_figure_has_no_frame_and_may_be_framed(client: Client, published: dict[str, Publication]) -> None:
    answer = client.get(REGION + "figure/ranking/?embed=1")
    written = answer.content.decode()
    assert "frame-ancestors *" in answer.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in answer.headers
    assert '<header class="site">' not in written
    assert "<form" not in written
    assert "csrf" not in written.lower()
    assert "Bureau of Labor Statistics" in written
    assert "hidden and estimated" in written


def test_a_chart_of_one_region_has_no_menu_of_one_choice(client: Client, published: dict[str, Publication]) -> None:
    held = json.loads(client.get(REGION + "diamond/figure/diamond-rhombus.json").content)
    assert held["chart"]["params"][0]["value"] == "01000"
    assert "bind" not in held["chart"]["params"][0]
    country = json.loads(client.get("/en/us-states-2016/country/diamond/figure/diamond-rhombus.json").content)
    assert len(country["chart"]["params"][0]["bind"]["options"]) == 51


@pytest.mark.parametrize(
    ("language", "point", "title"),
    [("en", ".", "Specialisation"), ("ru", ",", "Специализация"), ("ky", ",", "Адистешүү")],
)
def test_a_picture_bears_its_title_source_and_hidden_share(
    client: Client, published: dict[str, Publication], language: str, point: str, title: str
) -> None:
    drawn = client.get(f"/{language}/us-states-2016/region/01000/figure/bubbles.svg").content.decode()
    assert drawn.startswith("<svg")
    assert title in drawn
    assert published["states"].short in drawn
    assert f"5{point}3" in drawn


def test_pictures_of_charts_and_maps_are_png(client: Client, published: dict[str, Publication]) -> None:
    for address in (
        REGION + "figure/areas.png",
        "/en/us-states-2016/map.png?cluster=Automotive",
        "/en/us-states-2016/map.png",
    ):
        picture = body(client.get(address))
        assert picture.startswith(b"\x89PNG")
        assert len(picture) > 20_000


def test_a_map_as_a_picture_shows_every_region_with_its_words(
    client: Client, published: dict[str, Publication]
) -> None:
    drawn = client.get("/ru/us-states-2016/map.svg?cluster=Automotive").content.decode()
    assert drawn.count("<title>") == 49
    assert "<title>Мичиган: " in drawn
    assert "Автомобилестроение" in drawn


def test_a_map_says_what_is_unknown_and_what_is_not_sure(
    client: Client, published: dict[str, Publication], states: Any
) -> None:
    held = json.loads(client.get("/en/us-states-2016/map/values.json?cluster=Automotive").content)
    rows = {
        row["region"]: row
        for row in states.table("portfolio").to_pylist()
        if row["cluster"] == "Automotive" and row["year"] == 2016 and row["subcluster"] is None
    }
    assert set(held["regions"]) == set(rows)
    for code, (place, sure, _words) in held["regions"].items():
        row = rows[code]
        assert (place == -1) == (row["lq"] is None)
        assert sure == (not row["hidden_share"] or row["lq_low"] >= 1 or row["lq_high"] <= 1)


def test_the_table_of_a_figure_is_downloaded_with_numbers_and_both_ends_of_intervals(
    client: Client, published: dict[str, Publication]
) -> None:
    answer = client.get(REGION + "figure/ranking.csv")
    assert "attachment" in answer.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(body(answer).decode("utf-8-sig"))))
    assert {"cluster", "location quotient", "interval, from", "interval, to"} <= set(rows[0])
    assert all(
        float(row["interval, from"]) <= float(row["location quotient"]) <= float(row["interval, to"]) for row in rows
    )
    book = openpyxl.load_workbook(io.BytesIO(body(client.get(REGION + "figure/ranking.xlsx"))))
    sheet = book.active
    assert sheet is not None
    assert sheet.max_row == len(rows) + 1
    assert isinstance(sheet.cell(2, 2).value, float)


@pytest.mark.parametrize("table", ["portfolio", "strength", "problems", "potential", "regions"])
def test_a_table_as_csv_holds_what_the_parquet_holds(
    client: Client, published: dict[str, Publication], states: Any, table: str
) -> None:
    answer = client.get(f"/ky/us-states-2016/data/{table}.csv")
    assert answer.headers["Content-Disposition"].endswith(f'-{table}.csv"')
    rows = list(csv.DictReader(io.StringIO(body(answer).decode("utf-8-sig"))))
    with use("en"):
        held = states.table(table).to_pylist()
    assert len(rows) == len(held)
    for line, row in list(zip(rows, held, strict=True))[::97]:
        for name, value in row.items():
            if value is None or (isinstance(value, float) and value != value):
                assert line[name] == ""
            elif isinstance(value, bool) or not isinstance(value, (int, float)):
                assert line[name].lstrip("'") == ("; ".join(value) if isinstance(value, list) else str(value)).lstrip(
                    "'"
                )
            else:
                assert float(line[name]) == value


@pytest.mark.parametrize("table", ["portfolio", "problems", "region_strength", "regions"])
def test_a_table_as_a_workbook_says_what_is_not_known_and_what_has_no_end(
    client: Client, published: dict[str, Publication], states: Any, table: str
) -> None:
    answer = client.get(f"/ky/us-states-2016/data/{table}.xlsx")
    assert answer.status_code == 200
    rows = list(openpyxl.load_workbook(io.BytesIO(body(answer)), read_only=True).active.values)
    with use("ky"):
        held = states.table(table)
    assert list(rows[0]) == held.column_names
    assert len(rows) == held.num_rows + 1
    for place, name in enumerate(held.column_names):
        for cell, value in zip((row[place] for row in rows[1:]), held[name].to_pylist(), strict=True):
            if isinstance(value, float):
                wanted = None if value != value else "inf" if value == float("inf") else value
                assert cell == (pytest.approx(wanted) if isinstance(wanted, float) else wanted)


def test_a_table_as_parquet_is_the_editions_own_file(
    client: Client, published: dict[str, Publication], states: Any
) -> None:
    answer = client.get("/en/us-states-2016/data/portfolio.parquet")
    assert answer.headers["Content-Type"] == "application/vnd.apache.parquet"
    assert body(answer) == (states.path / "portfolio.parquet").read_bytes()


def test_no_text_of_a_download_is_run_by_a_spreadsheet(tmp_path: Path) -> None:
    file = tmp_path / "names.parquet"
    nasty = ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "plain", None]
    pq.write_table(pa.table({"name": nasty, "value": [-1.0, float("inf"), float("nan"), None, 2.5, -0.0, 3.0]}), file)
    lines = list(csv.reader(io.StringIO(b"".join(csv_lines(pq.ParquetFile(file))).decode("utf-8-sig"))))
    assert lines[0] == ["name", "value"]
    assert [line[0] for line in lines[1:]] == ["'=cmd|' /C calc'!A0", "'+1", "'-1", "'@SUM(A1)", "'\t=1", "plain", ""]
    assert [line[1] for line in lines[1:]] == ["-1.0", "inf", "", "", "2.5", "-0.0", "3.0"]


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_nothing_is_written_here(client: Client, published: dict[str, Publication], method: str) -> None:
    for address in ("/en/", REGION, "/en/us-states-2016/data/portfolio.csv", "/en/search/"):
        assert getattr(client, method)(address).status_code == 405
