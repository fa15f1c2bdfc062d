"""SDMX-CSV and Eurostat's TSV: the raions' real figures laid out in them again (tests/data/relaid; the flags are made up)."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from almaz.errors import AlmazError
from almaz.tables.problems import spoken
from almaz.tables.source import Reading, Source, read

HERE = Path(__file__).parents[1] / "data" / "relaid"
SAMPLE = Path(__file__).parents[2] / "src" / "almaz" / "samples" / "kyrgyzstan_2021"
FILES = {"raions_eurostat.tsv": "eurostat", "raions_eurostat_sdmx.csv": "eurostat", "raions_sdmx_2.csv": "sdmx"}
PROVISIONAL, CONFIDENTIAL, MISSING = ("WHEAT", "41702205"), ("POTATOES", "41702210"), ("VEGETABLES", "41702215")


def source(name: str, **options: object) -> Source:
    return Source(
        HERE / name, FILES[name], dimensions={"industry": "CROPS"}, constants={"measure": "production"}, **options
    )  # type: ignore[arg-type]


def cells(reading: Reading) -> dict[tuple[str, str], tuple[float | None, str]]:
    return {
        (row["industry"], row["region"]): (row["value"], row["status"])
        for row in reading.observations.to_pylist()
        if row["year"] == 2021
    }


@pytest.mark.parametrize("name", FILES)
def test_every_form_gives_the_published_figures_and_keeps_the_meaning_of_its_flags(name: str) -> None:
    with (SAMPLE / "raion_agriculture_2021.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    got = cells(read(source(name)))
    assert len(got) == 160
    for row in rows:
        for product in ("wheat", "potatoes", "vegetables", "fruits"):
            key = (product.upper(), row["region"])
            expected: tuple[float | None, str] = (float(row[product]), "published")
            if key == CONFIDENTIAL:
                expected = (None, "suppressed")
            if key == MISSING:
                expected = (None, "not_available")
            assert got[key] == (pytest.approx(expected[0], rel=1e-12), expected[1]) if expected[0] else expected


@pytest.mark.parametrize("name", FILES)
def test_a_provisional_figure_stays_and_is_noted(name: str) -> None:
    reading = read(source(name))
    assert cells(reading)[PROVISIONAL] == (pytest.approx(30887.2), "published")
    notes = [spoken(row) for row in reading.problems.to_pylist() if row["kind"] == "flag"]
    assert any("provisional" in note["problem"] and note["count"] == 1 for note in notes)


def test_rows_that_delete_earlier_data_are_left_out_and_counted() -> None:
    reading = read(source("raions_sdmx_2.csv"))
    assert [row["count"] for row in reading.problems.to_pylist() if row["kind"] == "deleted"] == [1]
    assert {row["year"] for row in reading.observations.to_pylist()} == {2021}


def test_unit_multipliers_are_carried_out() -> None:
    assert cells(read(source("raions_sdmx_2.csv")))["FRUITS", "41702205"][0] == pytest.approx(5626.8)


EUROSTAT = "freq,indic_sb,nace_r2,geo\\TIME_PERIOD\t2019 \t2020 \t2020-Q4 \n"


@pytest.mark.parametrize(
    ("cell", "value", "status"),
    [
        ("12 ", 12.0, "published"),
        ("12.3 p", 12.3, "published"),
        ("12.3 bep", 12.3, "published"),
        (": ", None, "not_available"),
        (": c", None, "suppressed"),
        (": @C", None, "suppressed"),
        (": cu", None, "suppressed"),
        (": m", None, "not_available"),
        ("0 n", 0.0, "published"),
        ("7 @C", None, "suppressed"),
        ("abc ", None, "not_available"),
        (" ", None, "not_available"),
    ],
)
def test_flags_behind_the_figures_of_eurostats_tsv(tmp_path: Path, cell: str, value: float | None, status: str) -> None:
    file = tmp_path / "sbs.tsv"
    file.write_text(f"{EUROSTAT}A,V16110,C10,AT11\t{cell}\t5 \t1 \n", encoding="utf-8")
    reading = read(Source(file, "eurostat", dimensions={"measure": "indic_sb"}, measures={"V16110": "employment"}))
    rows = {row["year"]: row for row in reading.observations.to_pylist()}
    assert (rows[2019]["value"], rows[2019]["status"]) == (value, status)
    assert (rows[2019]["region"], rows[2019]["industry"], rows[2019]["measure"]) == ("AT11", "C10", "employment")
    assert rows[2020]["value"] == 5.0
    kinds = [row["kind"] for row in reading.problems.to_pylist()]
    assert "other_periods" in kinds
    assert ("not_a_number" in kinds) == (cell == "abc ")
    assert ("confidential_figure" in kinds) == (cell == "7 @C")


def test_measures_that_the_study_does_not_want_are_counted(tmp_path: Path) -> None:
    file = tmp_path / "sbs.tsv"
    file.write_text(f"{EUROSTAT}A,V16110,C10,AT11\t1 \t2 \t3 \nA,V11110,C10,AT11\t4 \t5 \t6 \n", encoding="utf-8")
    reading = read(Source(file, "eurostat", dimensions={"measure": "indic_sb"}, measures={"V16110": "employment"}))
    assert sorted(row["value"] for row in reading.observations.to_pylist()) == [1.0, 2.0]
    assert [row["count"] for row in reading.problems.to_pylist() if row["kind"] == "set_aside"] == [1]


def test_a_dimension_that_the_study_forgets_is_named_with_its_codes(tmp_path: Path) -> None:
    file = tmp_path / "lfst.csv"
    file.write_text(
        "DATAFLOW,LAST UPDATE,freq,nace_r2,sex,unit,geo,TIME_PERIOD,OBS_VALUE,OBS_FLAG,CONF_STATUS\n"
        "ESTAT:X(1.0),01/01/25,A,C,M,THS,AT11,2020,5,,\nESTAT:X(1.0),01/01/25,A,C,F,THS,AT11,2020,6,,\n"
    )
    asked = Source(file, "eurostat", constants={"measure": "employment"})
    with pytest.raises(AlmazError, match="rows differ in «sex»") as error:
        read(asked)
    assert error.value.expected == "one of: M, F"
    chosen = Source(file, "eurostat", constants={"measure": "employment"}, where={"SEX": "F"})
    assert [row["value"] for row in read(chosen).observations.to_pylist()] == [6.0]


def test_labels_instead_of_sdmx_say_what_was_expected(tmp_path: Path) -> None:
    file = tmp_path / "plain.csv"
    file.write_text("region,employment\n1,2\n")
    with pytest.raises(AlmazError, match="OBS_VALUE"):
        read(Source(file, "sdmx", constants={"measure": "employment"}))
