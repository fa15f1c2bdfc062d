"""The Bureau of Economic Analysis' use table: a small made-up workbook of its form, and the real one."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from openpyxl import Workbook

from almaz.errors import AlmazError
from almaz.measures.relatedness import input_output_relatedness
from almaz.tables.bea import naics_codes, read_bea_use
from almaz.tables.industry_pairs import carried_by_codes, read_borrowed, read_occupations


@pytest.fixture
def made_up(tmp_path: Path) -> Path:
    book = Workbook()
    book.active.title = "ReadMe"
    naics = book.create_sheet("NAICS codes")
    for row in (
        ["Industry Codes"],
        [None, None, "1111A0", "Oilseed farming", None, "11111-2"],
        [None, None, 111200, "Vegetables", None, "1112, 11131"],
        [None, None, "S00300", "Noncomparable imports", "††", "n/a"],
    ):
        naics.append(row)
    use = book.create_sheet("2007")
    for row in (
        ["Use Table"],
        [
            "Commodity / Industry",
            None,
            "Oilseed farming",
            "Vegetables",
            "Total Intermediate",
            "Exports",
            "Total Output",
        ],
        ["Code", "Commodity Description", "1111A0", 111200, "T001", "F04000", "T007"],
        ["1111A0", "Oilseed farming", 30, None, 30, 70, 100],
        [111200, "Vegetables", 20, 5, 25, 25, 50],
        ["S00300", "Noncomparable imports", 10, 5, 15, 0, 15],
        ["T005", "Total Intermediate", 60, 10, 70],
    ):
        use.append(row)
    file = tmp_path / "use.xlsx"
    book.save(file)
    return file


def test_the_square_the_totals_and_the_codes(made_up: Path) -> None:
    use = read_bea_use(made_up)
    assert use.codes == ("1111A0", "111200")
    np.testing.assert_array_equal(use.flows, [[30, 0], [20, 5]])
    np.testing.assert_array_equal(use.total_input, [60, 10])
    np.testing.assert_array_equal(use.total_output, [100, 50])
    assert use.naics["1111A0"] == ("11111", "11112")
    assert use.titles[1] == "Vegetables"


def test_lists_of_codes_as_the_bureau_writes_them() -> None:
    assert naics_codes("1122, 1124-5, 1129") == ("1122", "1124", "1125", "1129")
    assert naics_codes("334411, 334412, 334414-7, 334419")[2:6] == ("334414", "334415", "334416", "334417")
    assert naics_codes("442-4, 446-8, 451") == ("442", "443", "444", "446", "447", "448", "451")
    assert naics_codes("11113-6, 11119") == ("11113", "11114", "11115", "11116", "11119")
    assert naics_codes("5174, 5719") == ("5174", "5179")


def test_a_workbook_of_another_form_is_refused(tmp_path: Path, made_up: Path) -> None:
    other = tmp_path / "other.xlsx"
    Workbook().save(other)
    with pytest.raises(AlmazError, match="NAICS codes"):
        read_bea_use(other)
    (tmp_path / "text.xlsx").write_text("no workbook", encoding="utf-8")
    with pytest.raises(AlmazError, match="cannot be opened"):
        read_bea_use(tmp_path / "text.xlsx")


def test_pairs_of_industries_from_pairs_of_codes() -> None:
    matrix = np.array([[0.5, 0.2, 0.0], [0.2, 0.1, 0.4], [0.0, 0.4, 0.3]])
    covered = {"A": ("1111",), "B": ("1112", "23"), "C": ("23",)}
    industries = ("111110", "111120", "111211", "236115", "111999", "999999")
    found = carried_by_codes(matrix, ("A", "B", "C"), covered, industries)
    assert found.matrix[0, 1] == 0.5  # two industries of one code: its diagonal
    assert found.matrix[0, 2] == 0.2
    assert found.matrix[0, 3] == pytest.approx(0.1)  # construction has two codes here: their mean
    assert found.nearest == ("111999",)
    assert found.matrix[4, 3] == pytest.approx((0.5 * (0.2 + 0.0) + 0.5 * (0.1 + 0.4)) / 2)
    assert found.unknown == ("999999",)
    assert np.isnan(found.matrix[5]).all()
    np.testing.assert_allclose(found.matrix, found.matrix.T, equal_nan=True)


def test_borrowed_relatedness_through_a_concordance(tmp_path: Path) -> None:
    file = tmp_path / "borrowed.csv"
    file.write_text('industry,industry_2,relatedness\nA,B,0.8\nA,C,"0,2"\n', encoding="utf-8")
    concordance = {"A": {"01": 1.0}, "B": {"02": 0.5, "03": 0.5}, "C": {"03": 1.0}}
    found = read_borrowed(file, ("01", "02", "03", "04"), concordance)
    assert found.matrix[0, 1] == found.matrix[1, 0] == 0.8
    assert found.matrix[0, 2] == pytest.approx((0.5 * 0.8 + 0.2) / 1.5)
    assert np.isnan(found.matrix[1, 2])
    assert found.unknown == ("04",)
    file.write_text("industry,industry_2,relatedness\nA,B,much\n", encoding="utf-8")
    with pytest.raises(AlmazError, match="«much» is not a number") as problem:
        read_borrowed(file, ("01",), concordance)
    assert "row 2" in str(problem.value)
    file.write_text("one,two\nA,B\n", encoding="utf-8")
    with pytest.raises(AlmazError, match="there is no column «industry»"):
        read_borrowed(file, ("01",), concordance)


def test_occupations_of_coarser_codes(tmp_path: Path) -> None:
    file = tmp_path / "occupations.csv"
    file.write_text("industry,occupation,employment\n3111,baker,10\n3111,driver,5\n31,driver,7\n", encoding="utf-8")
    found = read_occupations(file, ("311110", "312110", "999999"))
    np.testing.assert_array_equal(found[0], [10, 5])
    np.testing.assert_array_equal(found[1], [0, 7])
    assert np.isnan(found[2]).all()


@pytest.mark.full
def test_the_real_table_gives_relatedness_as_the_published_file_has_it() -> None:
    folder = os.environ.get("ALMAZ_DATA")
    if folder is None:
        pytest.skip("ALMAZ_DATA does not name the folder that holds us_input_output/")
    use = read_bea_use(Path(folder) / "us_input_output" / "IOUse_Before_Redefinitions_PRO_2007_Detail.xlsx")
    assert len(use.codes) == 380
    ties = input_output_relatedness(use.flows, use.total_input)
    assert np.isfinite(ties).all()
    codes = [prefix for code in use.codes for prefix in use.naics[code] if len(prefix) == 6]
    found = carried_by_codes(ties, use.codes, use.naics, codes)
    assert not found.unknown
    assert not found.nearest
    # petroleum refineries buy most from oil and gas extraction
    place = {code: number for number, code in enumerate(use.codes)}
    assert ties[place["324110"], place["211000"]] > 0.6
