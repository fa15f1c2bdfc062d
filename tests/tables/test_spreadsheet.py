"""What only spreadsheets have: types in cells, merged headers, hidden rows, formulas without results."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from almaz.errors import AlmazError
from almaz.tables.block import year_of
from almaz.tables.source import Reading, Source, read


def book(path: Path, *rows: list[Any], merged: tuple[str, ...] = ()) -> Path:
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    for cells in merged:
        made.active.merge_cells(cells)
    made.save(path)
    return path


def tidy(path: Path, **options: Any) -> Source:
    said = {"constants": {"year": 2021, "measure": "output", "industry": "A"}, "values": {"v": {}}} | options
    return Source(path, dimensions={"region": "region"}, **said)


def values(reading: Reading) -> list[tuple[str, float | None, str]]:
    return [(row["region"], row["value"], row["status"]) for row in reading.observations.to_pylist()]


def kinds(reading: Reading) -> list[tuple[str, int | None, str | None]]:
    return [(row["kind"], row["row"], row["value"]) for row in reading.problems.to_pylist()]


def test_numbers_stored_as_text_are_numbers_and_errors_and_dates_are_named(tmp_path: Path) -> None:
    file = book(
        tmp_path / "a.xlsx",
        ["region", "v"],
        ["1", "1 234,5"],
        ["2", "#N/A"],
        ["3", datetime.datetime(2021, 5, 1)],
        ["4", True],
        [5, 7],
        ["6", "12*"],
    )
    reading = read(tidy(file))
    assert values(reading) == [
        ("1", 1234.5, "published"),
        ("2", None, "not_available"),
        ("3", None, "not_available"),
        ("4", None, "not_available"),
        ("5", 7.0, "published"),
        ("6", 12.0, "published"),
    ]
    assert kinds(reading) == [
        ("error_cell", 3, "#N/A"),
        ("date_in_number", 4, "2021-05-01"),
        ("not_a_number", 5, "True"),
        ("footnote", 7, "12*"),
    ]


def test_a_formula_without_a_result_is_no_blank(tmp_path: Path) -> None:
    reading = read(tidy(book(tmp_path / "a.xlsx", ["region", "v"], ["1", "=1+1"], ["2", None])))
    assert values(reading) == [("1", None, "not_available"), ("2", None, "not_available")]
    assert kinds(reading) == [("formula_without_value", 2, "=1+1")]


def test_hidden_rows_are_read_and_hidden_sheets_are_not_and_both_are_said(tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    for row in (["region", "v"], ["1", 1], ["2", 2]):
        made.active.append(row)
    made.active.row_dimensions[3].hidden = True
    old = made.create_sheet("old")
    for row in (["region", "v"], ["1", 9]):
        old.append(row)
    old.sheet_state = "hidden"
    made.create_sheet("empty")
    made.save(tmp_path / "a.xlsx")
    reading = read(tidy(tmp_path / "a.xlsx"))
    assert [value for _region, value, _status in values(reading)] == [1.0, 2.0]
    assert {(row["kind"], row["sheet"], row["count"]) for row in reading.problems.to_pylist()} == {
        ("hidden_rows", "Sheet", 1),
        ("hidden_sheet", "old", 2),
        ("empty_sheet", "empty", 1),
    }


def test_a_header_of_two_rows_is_joined_and_merged_names_go_for_all_their_cells(tmp_path: Path) -> None:
    file = book(
        tmp_path / "a.xlsx",
        ["Title", None, None, None],
        ["region", "branch", "Employment", None],
        [None, None, 2020, 2021],
        ["Batken", "A", 1, 2],
        [None, "B", 3, 4],
        merged=("A1:D1", "C2:D2", "A2:A3", "B2:B3", "A4:A5"),
    )
    source = Source(
        file,
        dimensions={"region": "region", "industry": "branch"},
        values={
            "Employment / 2020": {"measure": "employment", "year": 2020},
            "Employment / 2021": {"measure": "employment", "year": 2021},
        },
    )
    got = {(row["region"], row["industry"], row["year"]): row["value"] for row in read(source).observations.to_pylist()}
    assert got == {
        ("Batken", "A", 2020): 1,
        ("Batken", "A", 2021): 2,
        ("Batken", "B", 2020): 3,
        ("Batken", "B", 2021): 4,
    }


def test_one_figure_in_a_merged_cell_is_not_counted_twice(tmp_path: Path) -> None:
    reading = read(tidy(book(tmp_path / "a.xlsx", ["region", "v"], ["1", 5], ["2", None], merged=("B2:B3",))))
    assert values(reading) == [("1", 5.0, "published"), ("2", None, "not_available")]
    assert kinds(reading) == [("merged_value", 3, "5")]


def test_a_wrong_dimension_in_the_file_loses_no_cell(tmp_path: Path) -> None:
    import zipfile

    file = book(tmp_path / "a.xlsx", ["region", "v"], ["1", 5], ["2", 6])
    with zipfile.ZipFile(file) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    assert b'<dimension ref="A1:B3"' in parts[sheet]
    parts[sheet] = parts[sheet].replace(b'<dimension ref="A1:B3"', b'<dimension ref="A1"')
    with zipfile.ZipFile(tmp_path / "b.xlsx", "w") as target:
        for name, part in parts.items():
            target.writestr(name, part)
    assert len(values(read(tidy(tmp_path / "b.xlsx")))) == 2


def test_a_sheet_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    file = book(tmp_path / "a.xlsx", ["region", "v"])
    with pytest.raises(AlmazError, match="there is no sheet «S»") as error:
        read(tidy(file, sheet="S"))
    assert error.value.expected == "one of: Sheet"


@pytest.mark.parametrize(
    ("cell", "year"),
    [
        ("2019-ж.", 2019),
        ("2020 г.", 2020),
        ("2021*", 2021),
        ("2021 1)", 2021),
        ("2021¹", 2021),
        ("2020-жыл / 2020 год / 2020", 2020),
        ("2021 (алдын ала)", 2021),
        (2020.0, 2020),
        (datetime.date(2021, 1, 1), 2021),
        ("2020-12-31", 2020),
        ("2019-2020", None),
        ("2020 / 2021", None),
        ("2021-05-01", None),
        ("2021-Q1", None),
        ("120", None),
        ("year", None),
        ("", None),
    ],
)
def test_years_as_headers_write_them(cell: object, year: int | None) -> None:
    assert year_of(cell) == year
