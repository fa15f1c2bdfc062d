"""Panels that cannot carry an evaluation are refused with what would be needed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from almaz.errors import AlmazError
from almaz.impact.panel import NEVER, Rows, panel
from almaz.impact.panel_file import Columns, read_outcome, read_panel

COLUMNS = Columns("region", "year", "outcome", treated="treated")
GOOD = "region,year,outcome,treated\n" + "\n".join(
    f"{region},{year},{value + year - 2000},{int(region == 'A' and year >= 2003)}"
    for region, value in (("A", 1), ("B", 2), ("C", 3))
    for year in range(2000, 2006)
)


def written(folder: Path, text: str) -> Path:
    file = folder / "panel.csv"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_good_panel_is_read(tmp_path: Path) -> None:
    made = read_panel(written(tmp_path, GOOD), COLUMNS)
    assert made.units == ("A", "B", "C")
    assert made.times == tuple(range(2000, 2006))
    assert made.first.tolist() == [2003, NEVER, NEVER]
    assert made.outcome[1].tolist() == [2, 3, 4, 5, 6, 7]


def test_a_decimal_comma_a_semicolon_and_an_excel_file_are_read(tmp_path: Path) -> None:
    import openpyxl

    text = "\n".join(line.replace(",", ";") for line in GOOD.splitlines()).replace(";5;", ";5,5;")
    made = read_panel(written(tmp_path, text), COLUMNS)
    assert 5.5 in made.outcome
    book = openpyxl.Workbook()
    for line in GOOD.splitlines():
        book.active.append(line.split(","))  # type: ignore[union-attr]
    book.save(tmp_path / "panel.xlsx")
    same = read_panel(tmp_path / "panel.xlsx", COLUMNS)
    assert same.outcome.tolist() == read_panel(written(tmp_path, GOOD), COLUMNS).outcome.tolist()


@pytest.mark.parametrize(
    ("change", "says", "place"),
    [
        (lambda text: "\n".join(x for x in text.splitlines() if x[0] in "rA"), "one unit alone", ""),
        (lambda text: text.replace(",1", ",0"), "no unit is in the programme", ""),
        (lambda text: "\n".join(x[:-1] + "1" if x[0] == "A" else x for x in text.splitlines()), "no before", ""),
        (lambda text: text + "\nB,2003,9,0", "two rows for 2003", "row 20"),
        (lambda text: text.replace("B,2002,4,0\n", ""), "1 gaps, among them B: 2002", ""),
        (lambda text: text.replace("B,2002,4,0", "B,2002,…,0"), "1 gaps", ""),
        (lambda text: text.replace("B,2002,4,0", "B,2002,four,0"), "«four» is not a number", "row 10, column outcome"),
        (lambda text: text.replace("A,2005,6,1", "A,2005,6,0"), "leaves the programme in 2005", ""),
        (lambda text: text.replace("A,2005,6,1", "A,2005,6,2"), "does not say whether", "row 7"),
        (lambda text: text.replace("B,2002", "B,2002.5"), "not a whole number", "row 10, column year"),
        (lambda text: text.replace("outcome", "output"), "no column «outcome»", ""),
        (lambda text: "\n".join(x for x in text.splitlines() if "year" in x or "2004" in x), "one time only", ""),
        (lambda text: text.splitlines()[0] + "\n", "no rows", ""),
    ],
)  # fmt: skip
def test_a_bad_panel_says_what_is_wrong_and_what_would_be_needed(
    tmp_path: Path, change: object, says: str, place: str
) -> None:
    text = change(GOOD)  # type: ignore[operator]
    assert text != GOOD
    with pytest.raises(AlmazError) as error:
        read_panel(written(tmp_path, text), COLUMNS)
    assert says in str(error.value)
    assert place in str(error.value)
    assert "panel.csv" in str(error.value)
    if says != "no rows":
        assert "expected" in str(error.value)


def test_all_joining_together_leave_nothing_to_compare() -> None:
    years = np.tile(np.arange(4), 3)
    rows = Rows([u for u in "abc" for _y in range(4)], years, years * 1.0, first=np.full(12, 2.0))
    with pytest.raises(AlmazError, match="nothing is left to compare with"):
        panel(rows)


def test_units_with_gaps_can_be_left_out_and_are_counted(tmp_path: Path) -> None:
    made = read_panel(written(tmp_path, GOOD.replace("B,2002,4,0\n", "")), COLUMNS, "drop")
    assert made.units == ("A", "C")
    assert "1 of 3 units" in made.notes[0]


def test_units_in_from_the_start_are_left_out_and_late_joiners_count_as_untreated() -> None:
    years = np.tile(np.arange(2000, 2004), 4)
    first = np.repeat([2000.0, 2002.0, 2010.0, 0.0], 4)
    made = panel(Rows([u for u in "abcd" for _y in range(4)], years, years * 1.0, first=first))
    assert made.units == ("b", "c", "d")
    assert made.first.tolist() == [2002, NEVER, NEVER]
    assert len(made.notes) == 2


def test_a_joining_time_that_changes_within_a_unit_is_refused() -> None:
    years = np.tile(np.arange(3), 2)
    with pytest.raises(AlmazError, match="changes over time"):
        panel(Rows(list("aaabbb"), years, years * 1.0, first=np.array([1.0, 1, 2, 0, 0, 0])))


def test_covariates_are_those_of_the_first_time() -> None:
    years = np.array([2002, 2001, 2000, 2000, 2001, 2002])
    rows = Rows(
        list("aaabbb"), years, years * 1.0, first=np.array([2001.0] * 3 + [0.0] * 3),
        covariates={"size": np.array([9.0, 8, 1, 2, 8, 9])},
    )  # fmt: skip
    assert panel(rows).covariates["size"].tolist() == [1, 2]


def test_figures_before_a_programme_are_read_without_saying_who_joins(tmp_path: Path) -> None:
    assert read_outcome(written(tmp_path, GOOD), "region", "year", "outcome").shape == (3, 6)


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AlmazError, match="no such file"):
        read_panel(tmp_path / "nothing.csv", COLUMNS)
    (tmp_path / "panel.parquet").write_bytes(b"no parquet")
    with pytest.raises(AlmazError, match="cannot be read"):
        read_panel(tmp_path / "panel.parquet", COLUMNS)
