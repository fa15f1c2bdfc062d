from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from almaz.errors import AlmazError
from almaz.tables.marks import understand
from almaz.tables.names import match_regions
from almaz.tables.places import read_regions
from almaz.tables.schema import Status
from almaz.tables.source import Source, read

SAMPLES = Path(__file__).parent.parent.parent / "src" / "almaz" / "samples"


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1 234,5", 1234.5),
        ("1\u00a0234,5", 1234.5),
        ("1\u202f234.5", 1234.5),
        ("1,234.5", 1234.5),
        ("1.234,5", 1234.5),
        ("1,234,567", 1234567.0),
        ("12,3*", 12.3),
        ("12 1)", 12.0),
        (7, 7.0),
        ("-5", -5.0),
    ],
)
def test_numbers_are_read_as_offices_write_them(written: object, value: float) -> None:
    assert understand(written).value == value


@pytest.mark.parametrize(
    ("mark", "status"),
    [
        ("-", Status.NIL),
        ("—", Status.NIL),
        ("…", Status.NOT_AVAILABLE),
        ("...", Status.NOT_AVAILABLE),
        ("", Status.NOT_AVAILABLE),
        ("x", Status.SUPPRESSED),
        ("(D)", Status.SUPPRESSED),
    ],
)
def test_marks_keep_their_different_meanings(mark: str, status: Status) -> None:
    got = understand(mark)
    assert got.status is status
    assert got.value == (0.0 if status is Status.NIL else None)


@pytest.mark.parametrize("written", ["abc", "1.2.3,4", "12,34,5", "--"])
def test_what_is_no_number_is_a_problem_and_never_zero(written: str) -> None:
    got = understand(written)
    assert got.value is None
    assert got.problem == "not_a_number"


def table(path: Path) -> Source:
    return Source(
        path,
        dimensions={"region": "region"},
        constants={"year": 2021, "measure": "output", "industry": "A"},
        values={"v": {}},
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_encodings_and_delimiters_are_found(tmp_path: Path, encoding: str, delimiter: str) -> None:
    file = tmp_path / "a.csv"
    rows = [["region", "v"], ["Баткен", '"1 234,5"'], ["Ош", "…"]]
    file.write_bytes("\n".join(delimiter.join(row) for row in rows).encode(encoding))
    got = read(table(file)).observations.to_pylist()
    assert [(row["region"], row["value"]) for row in got] == [("Баткен", 1234.5), ("Ош", None)]


def test_a_ragged_row_and_a_word_in_place_of_a_number_are_reported_with_their_row(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("title of the table\nregion,v\nBatken,many\nOsh,1,2,3\n", encoding="utf-8")
    reading = read(table(file))
    kinds = {(row["kind"], row["row"]) for row in reading.problems.to_pylist()}
    assert kinds == {("not_a_number", 3), ("ragged_row", 4)}
    assert reading.rows == 2


def test_a_missing_column_names_the_columns_there_are_and_the_closest(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("regoin,v\nBatken,1\n", encoding="utf-8")
    with pytest.raises(AlmazError, match="regoin") as error:
        read(table(file))
    assert "did you mean" in str(error.value)


@settings(max_examples=60, deadline=None)
@given(content=st.binary(max_size=400), ending=st.sampled_from([".csv", ".tsv", ".csv.gz", ".xlsx", ".parquet"]))
def test_no_file_however_broken_makes_a_traceback_or_loses_a_row(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, ending: str
) -> None:
    file = tmp_path_factory.mktemp("broken") / f"a{ending}"
    file.write_bytes(b"region,v\n" + content if ending == ".csv" else content)
    reading = None
    try:
        reading = read(table(file))
    except AlmazError as error:
        message = str(error)
    if reading is None:
        assert "a." in message
        return
    kept = {row["row"] for row in reading.observations.to_pylist()} | {
        row["row"] for row in reading.problems.to_pylist()
    }
    assert len(kept - {None, 1}) >= reading.rows or reading.rows == 0


def statgov(path: Path) -> Source:
    """A workbook in the form of stat.gov.kg, made as a fixture from the raion table that ships with Almaz."""
    import csv

    with (SAMPLES / "kyrgyzstan_2021" / "regions.csv").open(encoding="utf-8") as source:
        names = {row["region"]: row for row in csv.DictReader(source)}
    with (SAMPLES / "kyrgyzstan_2021" / "raion_agriculture_2021.csv").open(encoding="utf-8") as source:
        data = list(csv.DictReader(source))
    book = openpyxl.Workbook()
    book.remove(book.active)
    for product in ("wheat", "potatoes"):
        sheet = book.create_sheet(product)
        sheet.append([f"Өндүрүш / Производство / Production: {product}"])
        sheet.append([])
        sheet.append(["Аталышы / Наименование / Name", 2020, "2021-ж.", "2022*"])
        for row in data:
            name = names[row["region"]]
            number = f"{float(row[product]):,.1f}".replace(",", "\u00a0").replace(".", ",")
            sheet.append([f"{name['name_ky']} / {name['name_ru']} / {name['name_en']}", "…", number, None])
        sheet.append(["Эскертүү: тесттик файл"])
    book.save(path)
    return Source(
        path,
        format="statgov",
        constants={"measure": "production"},
        sheets={"wheat": {"industry": "wheat"}, "potatoes": {"industry": "potatoes"}},
    )


def test_the_form_of_stat_gov_kg_is_read_whole_and_every_raion_finds_its_code(tmp_path: Path) -> None:
    reading = read(statgov(tmp_path / "form.xlsx"))
    assert reading.rows == 2 * 41
    placed, problems = match_regions(reading.observations, read_regions(SAMPLES / "kyrgyzstan_2021" / "regions.csv"))
    assert [row for row in problems.to_pylist() if row["level"] != "note"] == []
    wheat = {
        (row["region"], row["year"]): (row["value"], row["status"])
        for row in placed.to_pylist()
        if row["industry"] == "wheat"
    }
    assert wheat["41702205", 2021] == (30887.2, "published")
    assert wheat["41702205", 2020] == (None, "not_available")
    assert wheat["41702205", 2022] == (None, "not_yet")
    assert len(wheat) == 120
