"""Make the input–output files of the sample us_states_2016 from the workbooks of the U.S. Bureau of Economic Analysis.

    python docs/samples/make_us_input_output.py DATA src/almaz/samples/us_states_2016

DATA holds us_input_output/ (the Bureau's workbooks) and us_qcew_2016/ (the Quarterly Census of Employment and Wages). Written:
use_2007.csv: the use table of 2007 as published (million dollars, zeros left blank), with a row of jobs (below);
use_1997_2015.parquet: the summary use tables of 19 years, one cell a row, zeros left out;
industries_to_naics.csv: which NAICS 2012 codes each industry holds: the Bureau's concordance (NAICS 2007), with the codes that
NAICS 2012 made new (U.S. Census Bureau, 2012 to 2007 concordance), and 5179 where the Bureau's sheet has 5719, a misprint.

Jobs: private covered jobs of December 2016 by industry = its share in U.S. covered employment (as pinned by all the Bureau of
Labor
Statistics' location quotients) × U.S. covered employment (the published totals of all states and of the counties of California
and Texas). Where several industries share a NAICS code (construction, real estate) by compensation of employees.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from almaz.tables.bea import prefixes, read_concordance, read_grid
from almaz.tables.input_output import Block, block_of, read_input_output

DETAIL = "us_input_output/IOUse_Before_Redefinitions_PRO_2007_Detail.xlsx"
SUMMARY = "us_input_output/IOUse_Before_Redefinitions_PRO_1997-2015_Summary.xlsx"
NEW_IN_2012 = {
    "311224": "311222 311223", "331313": "331311 331312", "331318": "331316 331319", "331410": "331411 331419",
    "332119": "332115 332116", "333241": "333294", "333242": "333295", "333243": "333210 333291", "333244": "333293",
    "333249": "333220 333292 333298", "333316": "333315", "333318": "333311 333312 333313 333319", "333413": "333411 333412",
    "333517": "333512 333513", "333519": "333516 333518", "334118": "334113 334119", "722511": "722110", "722513": "722211",
    "722514": "722212", "722515": "722213",
}  # fmt: skip
"""NAICS 2012 → the NAICS 2007 codes that it came from."""


def concordance(data: Path, industries: set[str]) -> dict[str, list[str]]:
    held = {code: list(codes) for code, codes in read_concordance(data / DETAIL).items() if code in industries}
    held["517A00"] = ["5174", "5179"]
    old = prefixes(held, " ".join(NEW_IN_2012.values()).split())
    for new, before in NEW_IN_2012.items():
        for industry in sorted({industry for code in before.split() for industry in old[code]}):
            held[industry].append(new)
    return held


def covered_employment(data: Path) -> float:
    """U.S. covered employment of all ownerships in December 2016."""
    total = 0.0
    for name, of in (
        ("states", lambda code: code[:2] not in ("72", "78")),
        ("counties", lambda code: code[:2] in ("06", "48")),
    ):
        table = pq.read_table(
            data / "us_qcew_2016" / f"{name}.parquet", columns=["region", "own_code", "industry", "employment_dec2016"]
        )
        table = table.filter(pc.and_(pc.equal(table["own_code"], "0"), pc.equal(table["industry"], "10")))
        total += sum(
            value or 0.0
            for code, value in zip(table["region"].to_pylist(), table["employment_dec2016"].to_pylist(), strict=True)
            if of(code)
        )
    return total


def jobs(data: Path, held: dict[str, list[str]], wages: dict[str, float]) -> dict[str, int]:
    total = covered_employment(data)
    with (data / "us_qcew_2016" / "us_industry_shares_dec2016.csv").open(encoding="utf-8", newline="") as source:
        shares = {
            row["industry"]: float(row["share"])
            for row in csv.DictReader(source)
            if len(row["industry"]) == 6 and row["share"]
        }
    counted = dict.fromkeys(wages, 0.0)
    for code, among in prefixes(held, list(shares)).items():
        whole = sum(wages[industry] for industry in among)
        for industry in among:
            counted[industry] += shares[code] * total * wages[industry] / whole
    return {code: round(number) for code, number in counted.items()}


def main(data: Path, target: Path) -> None:
    grid, table = read_grid(data / DETAIL), read_input_output(data / DETAIL)
    held = concordance(data, set(table.industries))
    counted = jobs(data, held, dict(zip(table.industries, table.inputs[Block.WAGES].tolist(), strict=True)))
    columns = [at for at, (code, _t, _p) in enumerate(grid.columns) if block_of(code, {}) is not Block.TOTAL]
    rows = [at for at, (code, _t, _p) in enumerate(grid.rows) if block_of(code, {}) is not Block.TOTAL]
    with (target / "use_2007.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["code", "name", *(grid.columns[at][0] for at in columns)])
        for at in rows:
            code, name, _place = grid.rows[at]
            writer.writerow(
                [
                    code,
                    name,
                    *(
                        f"{value:g}"
                        if (value := grid.cells[at, to]) and abs(value) < 1e6
                        else ""
                        if not value
                        else f"{value:.0f}"
                        for to in columns
                    ),
                ]
            )
        writer.writerow(
            ["JOBS", "Private covered jobs, December 2016", *(counted.get(grid.columns[at][0]) or "" for at in columns)]
        )
    with (target / "industries_to_naics.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["industry", "activity"])
        writer.writerows(
            (industry, code) for industry in table.industries for code in sorted(set(held.get(industry, ())))
        )
    history(data, target)


def history(data: Path, target: Path) -> None:
    parts: dict[str, list[object]] = {"year": [], "row": [], "column": [], "value": []}
    for year in range(1997, 2016):
        grid = read_grid(data / SUMMARY, str(year))
        for at, to in np.argwhere(grid.cells != 0).tolist():
            row, column = grid.rows[at][0], grid.columns[to][0]
            if Block.TOTAL not in (block_of(row, {}), block_of(column, {})):
                for name, value in (
                    ("year", year),
                    ("row", row),
                    ("column", column),
                    ("value", int(grid.cells[at, to])),
                ):
                    parts[name].append(value)
    schema = pa.schema([("year", pa.int16()), ("row", pa.string()), ("column", pa.string()), ("value", pa.int32())])
    pq.write_table(
        pa.table(parts, schema=schema), target / "use_1997_2015.parquet", compression="zstd", compression_level=19
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
