"""The fast way through a regular text file gives the same block as the careful one, or declines."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from almaz.errors import AlmazError
from almaz.tables import delimited
from almaz.tables.source import Findings, Reading, Source, read

CELLS = st.sampled_from(
    [
        "1",
        "2,5",
        "1 234",
        "1.234",
        "1,234",
        "-",
        "…",
        "x",
        "",
        " ",
        "abc",
        "1e5",
        "007",
        "12*",
        "1e400",
        "+3",
        ".5",
        "5.",
    ]
)
ROWS = st.lists(st.tuples(st.sampled_from(["a", "b", "Ош"]), CELLS, CELLS), min_size=1, max_size=12)


def source(file: Path, decimal: str | None = None) -> Source:
    return Source(
        file,
        dimensions={"region": "region"},
        constants={"industry": "A", "year": 2020},
        values={"v": {"measure": "output"}, "w": {"measure": "wages"}},
        decimal=decimal,
    )


def both_ways(file: Path, asked: Source, monkeypatch: pytest.MonkeyPatch) -> tuple[Reading, Reading]:
    monkeypatch.setattr(delimited, "LARGE", 0)
    fast = read(asked)
    monkeypatch.setattr(delimited, "LARGE", 10**12)
    return fast, read(asked)


@settings(max_examples=60, deadline=None)
@given(rows=ROWS, delimiter=st.sampled_from([";", "\t", "|"]), decimal=st.sampled_from([None, ".", ","]))
def test_a_regular_file_reads_the_same_both_ways(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, str]], delimiter: str, decimal: str | None
) -> None:
    file = tmp_path_factory.mktemp("both") / "a.csv"
    repeated = (rows * 80)[:80]
    lines = [delimiter.join(("region", "v", "w")), *(delimiter.join(row) for row in repeated)]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        fast, careful = both_ways(file, source(file, decimal), patch)
    assert fast.rows == careful.rows
    assert fast.observations.to_pylist() == careful.observations.to_pylist()
    assert fast.problems.to_pylist() == careful.problems.to_pylist()


def wide(rows: list[str]) -> bytes:
    return ("region,v,w\n" + "\n".join(rows) + "\n").encode()


PLAIN = [f"r{number},{number},1" for number in range(100)]


@pytest.mark.parametrize(
    "rows",
    [
        [*PLAIN, "a,1,2,3"],
        [*PLAIN, "a,1"],
        [*PLAIN, "", "a,1,2"],
        [*PLAIN, '"a\nb",1,2'],
        [*PLAIN, ",,"],
        [*PLAIN, 'a,"1,2'],
    ],
)
def test_an_irregular_file_takes_the_careful_way(tmp_path: Path, rows: list[str]) -> None:
    file = tmp_path / "a.csv"
    content = wide(rows)
    asked = source(file)
    findings = Findings(asked)
    assert delimited.regular(asked, content, findings, {"region", "v", "w"}.__contains__) is None
    assert (findings.rows, findings.found) == (0, [])


def test_the_fast_way_is_taken_where_a_file_is_regular(tmp_path: Path) -> None:
    asked = source(tmp_path / "a.csv")
    block = delimited.regular(asked, wide(PLAIN), Findings(asked), {"region", "w"}.__contains__)
    assert block is not None
    assert isinstance(block.columns["w"], pa.ChunkedArray)
    assert list(block.columns) == ["region", "w"]
    assert block.headers == ("region", "v", "w")
    assert block.rows.tolist() == list(range(2, 102))


def test_a_quotation_mark_that_is_never_closed_swallows_no_rows(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text('region,v,w\na,1,2\n"b,3,4\nc,5,6\n')
    with pytest.raises(AlmazError, match="never closed") as error:
        read(source(file))
    assert error.value.where.row == 3


def test_a_cell_over_several_lines_keeps_the_lines_of_the_rows_after_it(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text('region,v,w\n"Osh\ncity",1,2\nb,abc,4\n')
    reading = read(source(file))
    assert [row["region"] for row in reading.observations.to_pylist()[:2]] == ["Osh city", "b"]
    assert {(row["kind"], row["row"]) for row in reading.problems.to_pylist()} == {("long_row", 2), ("not_a_number", 4)}


@pytest.mark.parametrize(
    ("cells", "values", "unclear"),
    [
        (["1,234", "2,5"], [1.234, 2.5], 0),
        (["1,234", "2.5"], [1234.0, 2.5], 0),
        (["1,234", "1,234,567"], [1234.0, 1234567.0], 0),
        (["1.234", "2,5"], [1234.0, 2.5], 0),
        (["1,234", "5"], [1.234, 5.0], 1),
        (["12,345.6", "7,890"], [12345.6, 7890.0], 0),
    ],
)
def test_a_column_tells_its_decimal_mark_and_says_where_it_cannot(
    tmp_path: Path, cells: list[str], values: list[float], unclear: int
) -> None:
    file = tmp_path / "a.csv"
    file.write_text("region;v;w\n" + "".join(f"a{n};{cell};1\n" for n, cell in enumerate(cells)))
    reading = read(source(file))
    got = [row["value"] for row in reading.observations.to_pylist() if row["measure"] == "output"]
    assert got == values
    assert sum(row["count"] for row in reading.problems.to_pylist() if row["kind"] == "ambiguous_decimal") == unclear


def test_rows_that_the_study_does_not_want_are_counted(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("region,v,w\na,1,2\nb,3,4\nc,5,6\n")
    asked = Source(**{**source(file).__dict__, "where": {"region": ["a", "b"]}})
    reading = read(asked)
    assert (reading.rows, len({row["row"] for row in reading.observations.to_pylist()})) == (3, 2)
    assert [(row["kind"], row["count"]) for row in reading.problems.to_pylist()] == [("set_aside", 1)]


def test_figures_may_be_in_thousands(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("region,v,w\na,1.5,2\n")
    asked = Source(**{**source(file).__dict__, "values": {"v": {"measure": "output", "scale": 1000}}})
    assert read(asked).observations["value"].to_pylist() == [1500.0]
