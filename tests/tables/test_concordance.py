from __future__ import annotations

import csv
from collections import defaultdict
from importlib.resources import files
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from almaz.errors import AlmazError
from almaz.tables.concordance import Concordance, apply, read_concordance
from almaz.tables.schema import OBSERVATIONS

DATA = Path(__file__).parents[1] / "data"


def observed(*cells: tuple[str, str, float | None, str]) -> pa.Table:
    rows: list[dict[str, Any]] = [
        {
            "region": r,
            "industry": i,
            "year": 2020,
            "measure": "employment",
            "value": v,
            "status": s,
            "file": "f",
            "row": n,
        }
        for n, (r, i, v, s) in enumerate(cells, start=2)
    ]
    return pa.Table.from_pylist(rows, schema=OBSERVATIONS)


def values(table: pa.Table) -> dict[tuple[str, str], tuple[float | None, str]]:
    return {(r["region"], r["industry"]): (r["value"], r["status"]) for r in table.to_pylist()}


def written(folder: Path, text: str) -> Path:
    path = folder / "concordance.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_figure_is_divided_by_the_weights_and_others_stay() -> None:
    table, found = apply(
        observed(("a", "old", 100.0, "published"), ("a", "same", 7.0, "published")),
        Concordance({"old": {"x": 0.25, "y": 0.75}}),
        ["x", "y", "same"],
    )
    assert values(table) == {
        ("a", "x"): (25.0, "published"),
        ("a", "y"): (75.0, "published"),
        ("a", "same"): (7.0, "published"),
    }
    assert (found.direct, found.converted, found.unmatched) == (1, 1, 0)


def test_several_codes_add_up_and_a_hidden_part_hides_the_sum() -> None:
    rule = Concordance({"p": {"x": 1.0}, "q": {"x": 1.0}})
    table, _found = apply(
        observed(
            ("a", "p", 1.0, "published"), ("a", "q", 2.0, "published"), ("b", "p", 1.0, "published"),
            ("b", "q", None, "suppressed"), ("c", "p", 0.0, "nil"), ("c", "q", 0.0, "nil"),
        ),
        rule,
        ["x"],
    )  # fmt: skip
    assert values(table) == {
        ("a", "x"): (3.0, "published"),
        ("b", "x"): (None, "suppressed"),
        ("c", "x"): (0.0, "nil"),
    }


def test_a_code_nobody_knows_is_kept_and_reported_with_its_share() -> None:
    table, found = apply(
        observed(("a", "strange", 25.0, "published"), ("a", "x", 75.0, "published")), Concordance({}), ["x"]
    )
    assert table.num_rows == 2
    assert found.unmatched == 1
    line = found.table.to_pylist()[0]
    assert line["industry"] == "strange"
    assert (line["share_of_cells"], line["share_of_employment"]) == (0.5, 0.25)
    assert line["share_of_establishments"] is None


@pytest.mark.parametrize(
    ("text", "row", "problem"),
    [
        ("industry,to_industry,weight\na,x,0.5\nb,y,1\na,z,0.4\n", 2, "0.9"),
        ("industry,to_industry,weight\nb,y,1\na,x,0.5\na,z,\n", 3, "0.5"),
        ("industry,to_industry,weight\na,x,half\n", 2, "half"),
        ("industry,to_industry,weight\na,x,-1\n", 2, "-1"),
        ("industry,to_industry\na,x\na,x\n", 3, "twice"),
        ("industry,to_industry\na,\n", 2, "missing"),
        ("code,to_industry\na,x\n", None, "industry"),
        ("", None, "industry"),
    ],
)
def test_what_is_wrong_is_named_with_its_row(tmp_path: Path, text: str, row: int | None, problem: str) -> None:
    with pytest.raises(AlmazError, match=problem) as caught:
        read_concordance(written(tmp_path, text))
    assert caught.value.where.row == row


def test_thirds_with_three_decimals_are_whole(tmp_path: Path) -> None:
    rule = read_concordance(written(tmp_path, "industry,to_industry,weight\na,x,0.333\na,y,0.333\na,z,0.333\n"))
    assert sum(rule.weights["a"].values()) == pytest.approx(1, abs=1e-15)


def test_every_code_of_the_us_definitions_finds_the_codes_of_2012() -> None:
    rule = read_concordance(Path(str(files("almaz") / "samples" / "us_states_2016" / "naics_2017_to_2012.csv")))
    with (DATA / "qcew_industries.csv").open(newline="") as source:
        known = {row["industry"] for row in csv.DictReader(source)}
    with (DATA / "naics_to_cluster.csv").open(newline="") as source:
        defined = [row["industry"] for row in csv.DictReader(source)]
    direct = [code for code in defined if code in known]
    converted = [code for code in defined if code not in known and set(rule.codes(code)) <= known and rule.codes(code)]
    assert (len(defined), len(direct), len(converted)) == (953, 931, 22)
    assert rule.codes("335220") == ["335221", "335222", "335224", "335228"]
    assert rule.codes("454110") == ["454111", "454112", "454113"]


@settings(max_examples=40, deadline=None)
@given(
    st.dictionaries(st.sampled_from("pqrs"), st.lists(st.integers(1, 9), min_size=1, max_size=3), min_size=1),
    st.lists(
        st.tuples(st.sampled_from("ab"), st.sampled_from("pqrst"), st.integers(0, 1000)), unique_by=lambda c: c[:2]
    ),
)
def test_nothing_is_lost_or_made(parts: dict[str, list[int]], cells: list[tuple[str, str, int]]) -> None:
    rule = Concordance(
        {code: {f"n{place}": w / sum(weights) for place, w in enumerate(weights)} for code, weights in parts.items()}
    )
    before: dict[str, float] = defaultdict(float)
    after: dict[str, float] = defaultdict(float)
    table, found = apply(observed(*[(r, i, float(v), "published") for r, i, v in cells]), rule, ["n0", "n1", "n2"])
    for region, _industry, value in cells:
        before[region] += value
    for (region, _industry), (value, _status) in values(table).items():
        after[region] += value or 0.0
    assert after == pytest.approx(before)
    assert found.direct + found.converted + found.unmatched == len(cells)
