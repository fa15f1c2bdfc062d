from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from almaz.errors import AlmazError, Where
from almaz.tables.bea import naics_codes, prefixes, read_concordance
from almaz.tables.input_output import Block, read_input_output

EXCERPT = Path(__file__).parents[1] / "data" / "input_output" / "bea_use_2007_excerpt.xlsx"
SAMPLE = Path(__file__).parents[2] / "src" / "almaz" / "samples" / "us_states_2016"
PLAIN = """code,name,block,A,B,C,X,M,Q
block,,,,,consumption,exports,imports,output
A,Farms,,150,500,340,20,-10,1000
B,Mills,,200,100,1700,,0,2000
W,Wages,wages,500,1000,,,,
T,Taxes,taxes,50,100,,,,
S,Surplus,surplus,100,300,,,,
Q,Output,output,1000,2000,,,,
J,Jobs,jobs,10,40,,,,
"""
"""Made up: two industries, balanced."""


def write(folder: Path, text: str, name: str = "table.csv") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def test_the_bureau_s_workbook_is_read_with_its_notes() -> None:
    table = read_input_output(EXCERPT, unit="million dollars")
    assert table.industries == ("1111A0", "1111B0", "331314", "33131A", "S00101", "221100")
    at = {code: place for place, code in enumerate(table.industries)}
    row = {code: place for place, code in enumerate(table.products)}
    assert table.flows[row["1111A0"], at["1111A0"]] == 2358
    assert table.flows[row["1111B0"], at["1111A0"]] == 0  # a blank is nothing
    assert table.inputs[Block.TAXES][at["1111B0"]] == -8474  # subsidies
    assert table.value_added[at["1111A0"]] == pytest.approx(11137, abs=1)
    assert table.output[at["1111A0"]] == 21425
    assert table.product_output[row["1111A0"]] == 21073
    assert table.imports[row["1111A0"]] == 611
    assert table.final[Block.INVENTORIES][row["1111A0"]] == -2166
    assert dict(table.made_as) == {"331314": "33131A", "S00101": "221100"}
    assert "S00401" in table.products
    assert "S00401" not in table.industries
    assert {problem["kind"] for problem in table.problems} == {"unbalanced_industry", "unbalanced_product"}


def test_the_sample_is_the_bureau_s_table_and_adds_up() -> None:
    table = read_input_output(SAMPLE / "use_2007.csv", year=2007)
    assert table.flows.shape == (389, 389)
    assert table.problems == ()
    # published: value added 14,477,634, intermediate inputs 11,673,662; "detail may not add to total due to rounding"
    assert table.value_added.sum() == pytest.approx(14_477_634, abs=200)
    assert table.flows.sum() == pytest.approx(11_673_662, abs=2000)
    assert table.final[Block.EXPORTS].sum() == pytest.approx(1_510_408, abs=200)
    assert table.imports.sum() == pytest.approx(2_228_950, abs=200)
    history = read_input_output(SAMPLE / "use_1997_2015.parquet", year=2015)
    assert history.flows.shape == (73, 71)
    assert history.value_added.sum() == pytest.approx(18_036_654, abs=50)


def test_the_concordance_reads_ranges_and_leaves_out_what_has_no_naics() -> None:
    held = read_concordance(EXCERPT)
    assert held["1111A0"] == ["11111", "11112"]
    assert held["1111B0"] == ["11113", "11114", "11115", "11116", "11119"]
    assert set(held["1111A0"]) < set(held["111CA"])
    assert held["331314"] == ["331314"]
    assert "S00401" not in held
    assert prefixes(held, ["111110", "111211", "999999"]) == {
        "111110": ["1111A0", "111CA"],
        "111211": ["111CA", "111200"],
        "999999": [],
    }
    with pytest.raises(AlmazError, match="cannot be read"):
        naics_codes("11x", Where(file="x"))


def test_a_plain_table_names_its_own_blocks(tmp_path: Path) -> None:
    table = read_input_output(write(tmp_path, PLAIN), unit="coins")
    assert (table.products, table.industries) == (("A", "B"), ("A", "B"))
    np.testing.assert_array_equal(table.flows, [[150, 500], [200, 100]])
    np.testing.assert_array_equal(table.final[Block.CONSUMPTION], [340, 1700])
    np.testing.assert_array_equal(table.imports, [10, 0])
    np.testing.assert_array_equal(table.inputs[Block.JOBS], [10, 40])
    assert table.names["A"] == "Farms"
    assert table.problems == ()


def test_blocks_may_be_named_in_the_study_instead(tmp_path: Path) -> None:
    bare = "code,A,B,X\nA,150,500,350\nB,200,100,1700\nwork,650,1400,\n"
    with pytest.raises(AlmazError, match="what «work» is") as error:
        read_input_output(write(tmp_path, bare), blocks={"X": "consumption"})
    assert "table.csv, row 4" in str(error.value)
    table = read_input_output(write(tmp_path, bare), blocks={"X": "consumption", "work": "wages"})
    np.testing.assert_array_equal(table.output, [1000, 2000])
    np.testing.assert_array_equal(table.product_output, [1000, 2000])
    with pytest.raises(AlmazError, match="no block «wage»"):
        read_input_output(write(tmp_path, bare), blocks={"X": "consumption", "work": "wage"})


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("150,500", "150,many", "row 3, column B: the cell «many» is not a number"),
        ("B,Mills", "A,Mills", "the code «A» stands twice"),
        ("W,Wages,wages", "W,Wages,wagez", "row 5, column block: there is no block «wagez»"),
        ("J,Jobs,jobs,10,40,,,,", "J,Jobs,jobs,10,40,,,,,5", "row 9: the row has more cells"),
    ],
)
def test_errors_name_the_row_and_the_column(tmp_path: Path, old: str, new: str, says: str) -> None:
    with pytest.raises(AlmazError) as error:
        read_input_output(write(tmp_path, PLAIN.replace(old, new)))
    assert says in str(error.value)


def test_what_does_not_add_up_and_what_is_hidden_is_said(tmp_path: Path) -> None:
    table = read_input_output(
        write(tmp_path, PLAIN.replace("150,500", ":,500").replace("S,Surplus,surplus,100", "S,Surplus,surplus,900"))
    )
    kinds = [(problem["kind"], problem["row"], problem["column"]) for problem in table.problems]
    assert ("unknown_flows", 3, "A") in kinds
    assert ("unbalanced_industry", None, "A") in kinds
    assert ("unbalanced_product", 3, None) in kinds


def test_an_excel_sheet_is_read_like_a_plain_table(tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    for line in PLAIN.splitlines():
        sheet.append([float(cell) if cell.lstrip("-").isdigit() else cell or None for cell in line.split(",")])
    book.save(tmp_path / "table.xlsx")
    np.testing.assert_array_equal(read_input_output(tmp_path / "table.xlsx").flows, [[150, 500], [200, 100]])


def test_the_oecd_s_national_table_is_read(tmp_path: Path) -> None:
    text = """,D01T02,D03,HFCE,GFCF,EXPO,IMPO
TTL_01T02,10,20,50,10,20,-10
TTL_03,30,5,60,0,5,0
TXS_INT_FNL,1,2,,,,
TTL_INT_FNL,41,27,,,,
VALU,59,73,,,,
OUTPUT,100,100,,,,
"""
    table = read_input_output(write(tmp_path, text))
    assert table.industries == table.products == ("01T02", "03")
    np.testing.assert_array_equal(table.value_added, [59, 73])
    np.testing.assert_array_equal(table.inputs[Block.PRODUCT_TAXES], [1, 2])
    np.testing.assert_array_equal(table.imports, [10, 0])
    assert not table.domestic


def test_one_country_is_taken_out_of_the_oecd_s_table_of_all(tmp_path: Path) -> None:
    text = """V1,KGZ_A,KGZ_B,KAZ_A,KAZ_B,KGZ_HFCE,KGZ_GFCF,KAZ_HFCE,KAZ_GFCF,OUT
KGZ_A,1,2,3,4,5,6,7,8,36
KGZ_B,2,3,4,5,6,7,8,9,44
KAZ_A,5,5,1,1,1,1,1,1,16
KAZ_B,6,6,1,1,1,1,1,1,18
TLS,1,1,1,1,0,0,0,0,4
VA,21,27,6,6,0,0,0,0,60
OUT,36,44,16,18,,,,,
"""
    table = read_input_output(write(tmp_path, text), country="KGZ")
    assert table.domestic
    np.testing.assert_array_equal(table.flows, [[1, 2], [2, 3]])
    np.testing.assert_array_equal(table.final[Block.EXPORTS], [3 + 4 + 7 + 8, 4 + 5 + 8 + 9])
    np.testing.assert_array_equal(table.inputs[Block.IMPORTED], [11, 11])
    np.testing.assert_array_equal(table.output, [36, 44])
    assert table.problems == ()
    with pytest.raises(AlmazError, match="no country «FRA»"):
        read_input_output(write(tmp_path, text), country="FRA")


EUROSTAT = [
    ("CPA_A01", "CPA_A01", 10),
    ("CPA_A01", "CPA_B", 20),
    ("CPA_B", "CPA_A01", 30),
    ("CPA_B", "CPA_B", 5),
    ("CPA_A01", "P3_S14", 40),
    ("CPA_A01", "P3", 40),
    ("CPA_A01", "P6", 30),
    ("CPA_B", "P3_S14", 65),
    ("CPA_B", "P3", 65),
    ("CPA_A01", "TU", 100),
    ("D1", "CPA_A01", 40),
    ("D1", "CPA_B", 60),
    ("B2A3G", "CPA_A01", 10),
    ("B2A3G", "CPA_B", 15),
    ("P1", "CPA_A01", 90),
    ("P1", "CPA_B", 100),
    ("P7", "CPA_A01", 10),
    ("P7", "CPA_B", 0),
]


def test_eurostat_s_long_table_is_read_without_counting_twice(tmp_path: Path) -> None:
    rows = [f"ESTAT:NAIO_10_CP1700,A,MIO_EUR,TOTAL,{use},{row},KG,2020,{value}" for row, use, value in EUROSTAT]
    header = "DATAFLOW,freq,unit,stk_flow,prd_use,prd_ava,geo,TIME_PERIOD,OBS_VALUE"
    file = write(tmp_path, "\n".join([header, *rows, rows[0].replace("2020", "2019")]) + "\n")
    with pytest.raises(AlmazError, match="several values of «year»"):
        read_input_output(file)
    table = read_input_output(file, year=2020)
    assert table.industries == ("A01", "B")
    np.testing.assert_array_equal(table.flows, [[10, 20], [30, 5]])
    np.testing.assert_array_equal(table.final[Block.CONSUMPTION], [40, 65])
    np.testing.assert_array_equal(table.imports, [10, 0])
    np.testing.assert_array_equal(table.output, [90, 100])
    assert table.problems == ()


def test_domestic_and_imported_flows_of_eurostat_are_kept_apart(tmp_path: Path) -> None:
    rows = [f"MIO_EUR,DOM,{use},{row},2020,{value}" for row, use, value in EUROSTAT if row != "P7"]
    rows += ["MIO_EUR,IMP,CPA_A01,CPA_B,2020,3", "MIO_EUR,IMP,CPA_A01,CPA_A01,2020,4"]
    table = read_input_output(write(tmp_path, "\n".join(["unit,stk_flow,prd_use,prd_ava,year,value", *rows]) + "\n"))
    assert table.domestic
    np.testing.assert_array_equal(table.flows, [[10, 20], [30, 5]])
    np.testing.assert_array_equal(table.inputs[Block.IMPORTED], [7, 0])


def test_eurostat_s_tsv_is_read(tmp_path: Path) -> None:
    lines = ["freq,unit,stk_flow,prd_use,prd_ava,geo\\TIME_PERIOD\t2019 \t2020 "]
    lines += [f"A,MIO_EUR,TOTAL,{use},{row},KG\t: \t{value} p" for row, use, value in EUROSTAT]
    table = read_input_output(write(tmp_path, "\n".join(lines) + "\n", "estat.tsv"), year=2020)
    np.testing.assert_array_equal(table.flows, [[10, 20], [30, 5]])
