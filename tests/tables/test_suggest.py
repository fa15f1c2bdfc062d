from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from almaz.errors import AlmazError
from almaz.tables.source import Source, read
from almaz.tables.suggest import measure_of, suggest, title_in

RELAID = Path(__file__).parents[1] / "data" / "relaid"


@pytest.mark.parametrize(
    ("name", "form", "industry"),
    [
        ("rhode_island_2016.annual.singlefile.csv", "qcew", None),
        ("raions_eurostat.tsv", "eurostat", "CROPS"),
        ("raions_eurostat_sdmx.csv", "sdmx", "CROPS"),
        ("raions_sdmx_2.csv", "sdmx", "CROPS"),
        ("raions_statgov_form.xlsx", "statgov", None),
    ],
)
def test_the_forms_of_offices_are_known_by_their_headers_and_can_be_read_so(
    name: str, form: str, industry: str | None
) -> None:
    suggestion = suggest(RELAID / name)
    assert suggestion.data["format"] == form
    assert suggestion.data.get("dimensions", {}).get("industry") == industry
    reading = read(Source(**{**suggestion.data, "file": RELAID / name}))
    assert reading.observations.num_rows > 100
    codes = set(reading.observations["region"].to_pylist())
    assert codes <= set(suggestion.regions)


def test_a_tidy_table_gives_away_its_columns_its_year_and_its_classification(tmp_path: Path) -> None:
    file = tmp_path / "employment.csv"
    lines = ["Занятость по районам", "", "Район;Вид деятельности;Год;Численность работников, чел.;Заработная плата"]
    lines += [
        f"Район {n};{code};2021;{n * 10};{n * 1000},5" for n in range(1, 9) for code in ("C10", "C10.1", "A01", "total")
    ]
    file.write_text("\n".join(lines), encoding="cp1251")
    suggestion = suggest(file)
    assert suggestion.data["dimensions"] == {"region": "Район", "industry": "Вид деятельности", "year": "Год"}
    assert suggestion.data["values"] == {
        "Численность работников, чел.": {"measure": "employment"},
        "Заработная плата": {"measure": "wages"},
    }
    assert suggestion.industries == {"system": "NACE Rev. 2"}
    assert suggestion.regions == tuple(f"Район {n}" for n in range(1, 9))
    assert read(Source(**{**suggestion.data, "file": file})).observations.num_rows == 64


def test_years_in_columns_of_a_plain_sheet(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["region", "industry", 2020, 2021], ["1", "x", 5, 6], ["2", "x", 7, 8]):
        book.active.append(row)
    book.save(tmp_path / "employees.xlsx")
    suggestion = suggest(tmp_path / "employees.xlsx")
    reading = read(Source(**{**suggestion.data, "file": tmp_path / "employees.xlsx"})) if suggestion.data else None
    assert reading is not None
    years = {(row["region"], row["year"]): row["value"] for row in reading.observations.to_pylist()}
    assert years[("2" if ("2", 2021) in years else "2 / x", 2021)] == 8.0


def test_a_file_without_regions_or_figures_is_refused_with_what_it_has(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("when;how much\n2020;5\n2021;6\n")
    with pytest.raises(AlmazError) as error:
        suggest(file)
    assert "regions" in error.value.problem or "header" in error.value.problem


def test_titles_in_three_languages_are_told_apart() -> None:
    assert title_in(["Буудай өндүрүү", "Производство пшеницы", "Wheat"]) == {
        "ky": "Буудай өндүрүү",
        "ru": "Производство пшеницы",
        "en": "Wheat",
    }


@pytest.mark.parametrize(
    ("title", "measure"),
    [
        ("Численность занятых", "employment"),
        ("Иштегендердин саны", "employment"),
        ("Average wages", "wages"),
        ("Экспорт", "exports"),
        ("Количество предприятий", "establishments"),
        ("Объем промышленной продукции", "output"),
        ("nothing of the kind", None),
    ],
)
def test_measures_are_known_by_their_words(title: str, measure: str | None) -> None:
    assert measure_of(title) == measure
