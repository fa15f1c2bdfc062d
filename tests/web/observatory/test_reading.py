from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from almaz.errors import AlmazError
from almaz.report import diamond, relatedness
from almaz.study.edition import Edition
from almaz.web.observatory.hidden_share import hidden_share
from almaz.web.observatory.portfolio import cluster_rows, differ, portfolio_rows
from almaz.web.observatory.reading import Reading, reading


@pytest.mark.parametrize(
    "table", ["portfolio", "strength", "opportunities", "hidden_cells", "supply_gap", "neighbours"]
)
@pytest.mark.parametrize(
    "key", [{"region": "01000"}, {"cluster": "Automotive"}, {"region": "36000", "cluster": "Automotive"}]
)
def test_a_part_holds_the_rows_that_a_search_of_the_whole_table_finds(
    read_states: Reading, states: Edition, table: str, key: dict[str, str]
) -> None:
    whole = states.table(table)
    for name, code in key.items():
        if name in whole.column_names:
            whole = whole.filter(pc.equal(whole[name], code))
    part = read_states.part(**key).table(table)
    assert part.schema.names == whole.schema.names
    assert [field.type for field in part.schema] == [field.type for field in whole.schema]
    by = [(name, "ascending") for name in whole.column_names if not pa.types.is_list(whole[name].type)]
    assert part.sort_by(by).equals(whole.sort_by(by).combine_chunks()) or part.num_rows == whole.num_rows
    assert sorted(map(str, part.to_pylist())) == sorted(map(str, whole.to_pylist()))


def test_a_region_that_is_not_there_has_no_rows(read_states: Reading) -> None:
    assert read_states.part(region="nowhere").table("portfolio").num_rows == 0
    assert read_states.part(region="nowhere", cluster="Automotive").table("portfolio").num_rows == 0


def test_a_table_that_is_not_there_is_said_so(read_raions: Reading) -> None:
    with pytest.raises(AlmazError, match="diamond_scores"):
        read_raions.table("diamond_scores")
    with pytest.raises(AlmazError, match="diamond_scores"):
        read_raions.part(region="41702205").table("diamond_scores")


def test_what_was_laid_out_is_read_again_and_not_made_again(states: Edition, tmp_path: Path) -> None:
    read = reading(states.path, tmp_path)
    read.part(region="01000").table("strength")
    file = read.kept / "strength.arrow"
    stamp = file.stat().st_mtime_ns
    assert not list(read.kept.glob("*.partial"))
    Reading(states.path, read.kept).part(region="36000").table("strength")
    assert file.stat().st_mtime_ns == stamp


def test_a_room_of_the_report_shows_one_region_of_a_part(read_states: Reading) -> None:
    figures = {
        figure.name: figure
        for section in diamond.sections(read_states.part(region="01000"))
        for figure in section.figures
    }
    assert set(figures["diamond-rhombus"].table["region"].to_pylist()) == {"Alabama"}
    assert figures["diamond-rhombus"].table.num_rows == 4


def test_sizes_of_clusters_in_the_country_stay_the_countrys_in_a_part(read_states: Reading) -> None:
    part = relatedness.sections(read_states.part(region="01000"))[1].figures[0]
    whole = relatedness.sections(read_states)[1].figures[0]

    def sizes(chart: dict[str, object]) -> dict[str, float]:
        rows = [
            row
            for held in dict(chart)["datasets"].values()
            for row in held
            if "size" in row and row.get("region") == "Alabama"
        ]  # type: ignore[attr-defined]
        return {row["name"]: row["size"] for row in rows}

    assert sizes(part.chart) == sizes(whole.chart)  # type: ignore[arg-type]
    assert len(sizes(part.chart)) == 50  # type: ignore[arg-type]


def test_the_portfolio_of_a_region_has_every_cluster_once_with_its_verdicts(read_states: Reading) -> None:
    rows = portfolio_rows(read_states.part(region="01000"))
    assert len({row["cluster"] for row in rows}) == len(rows) == 67
    assert {row["year"] for row in rows} == {2016}
    quotients = [row["lq"] for row in rows if row["lq"] is not None]
    assert quotients == sorted(quotients, reverse=True)
    assert all(set(row["verdicts"]) >= {"us_cluster_mapping", "european_stars", "five_factors"} for row in rows)
    strong = read_states.part(region="01000").table("region_strength").to_pylist()[0]["strong_clusters"]
    assert sum(row["strong"] for row in rows if row["kind"] == "traded") == strong


def test_a_cluster_of_a_portfolio_is_the_same_seen_from_the_region_and_from_the_cluster(read_states: Reading) -> None:
    here = next(row for row in portfolio_rows(read_states.part(region="26000")) if row["cluster"] == "Automotive")
    there = next(row for row in cluster_rows(read_states, "Automotive") if row["region"] == "26000")
    assert {name: here[name] for name in ("lq", "size", "size_low", "rank", "strong")} == {
        name: there[name] for name in ("lq", "size", "size_low", "rank", "strong")
    }


def test_rules_disagree_where_one_calls_strong_what_another_does_not() -> None:
    strong = {"us_cluster_mapping": {"verdict": "strong"}, "european_stars": {"verdict": "0"}}
    assert differ(strong)
    assert not differ({"us_cluster_mapping": {"verdict": "strong10"}, "european_stars": {"verdict": "3"}})
    assert not differ({"us_cluster_mapping": {"verdict": "strong"}, "five_factors": {"verdict": "unknown"}})


def test_the_hidden_share_is_that_of_the_sizes(read_states: Reading, states: Edition, read_raions: Reading) -> None:
    table = states.table("portfolio").to_pandas()
    last = table[table["subcluster"].isna() & (table["year"] == 2016)]
    assert hidden_share(read_states, "country", "") == pytest.approx(
        (last["employment"] * last["hidden_share"]).sum() / last["employment"].sum()
    )
    mine = last[last["region"] == "01000"]
    assert hidden_share(read_states, "region", "01000") == pytest.approx(
        (mine["employment"] * mine["hidden_share"]).sum() / mine["employment"].sum()
    )
    assert hidden_share(read_raions, "region", "41702205") is None, "products are never added up"
