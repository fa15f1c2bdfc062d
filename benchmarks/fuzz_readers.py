"""Files as nobody should write them: no traceback may reach the user, and no row may be lost without a line in the problems.

    python -m benchmarks fuzz_readers            # 10,000 files, on two processes
    python -m benchmarks.fuzz_readers 500 7      # 500 files, seed 7

Every file is made from its number alone (the seed and the number give the same file again), laid out in one of the forms that
are read, filled with cells that real files have, and then often broken: cut off, bytes changed, headers doubled, quotes opened,
encodings mixed, rows ragged, sheets empty, cells merged, formulas without results. Failures are printed with their number.
"""

from __future__ import annotations

import collections
import concurrent.futures
import datetime
import gzip
import io
import json
import random
import shutil
import sys
import tempfile
import time
import traceback
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import tomli_w

from almaz.errors import AlmazError
from almaz.language import use
from almaz.study.checking import check
from almaz.study.file import Study, load
from almaz.tables.problems import spoken
from almaz.tables.source import Reading, Source, read
from almaz.tables.suggest import suggest

LOST = ("ragged_row", "no_year", "text_row", "no_region")
"""Kinds of problems that name a row which is in no observation."""
COUNTED = ("set_aside", "deleted", "quarters", "ownerships")
"""Kinds that stand for many such rows."""
NUMBERS = ["0", "1", "12", "1 234,5", "1\u00a0234", "1,234", "1,234.5", "1.234,5", "-5", "1e3", "1e400", "9" * 400, "0012",
           "12*", "12 1)", "٣", "²", "1.2.3", "--", "+7", ".5", "5.", "1'000", "0x10", "1_000"]  # fmt: skip
MARKS = [
    "-",
    "–",
    "…",
    "...",
    ":",
    "",
    " ",
    "x",
    "х",
    "(D)",
    "c",
    ":c",
    "n/a",
    "NaN",
    "nan",
    "inf",
    "-inf",
    "NULL",
    "None",
    "#N/A",
    "#Н/Д",
]
STRANGE = ["=1+1", "abc", "Баткен", "a\nb", 'he said "no"', "'", '"', "a,b", "a;b", "a\tb", "\ufeff", "\u200b", "🙂", "\x07", "x" * 3000, "2021-05-01",
           "01.02.2021", "true", "{}", "[1]", "\\", "%", "NA,NA"]  # fmt: skip
REGIONS = [
    "1",
    "2",
    "3",
    "01",
    "One",
    "Two",
    "Баткен облусу / Баткенская область / Batken oblast",
    "Nowhere",
    "",
    " 1 ",
    "1.0",
]
INDUSTRIES = ["A", "C", "10", "10.1", "C10-C12", "total", "TOTAL", "B-N_X_K", "", "99", "01", "J62", "K62"]
YEARS = ["2020", "2021", "2021-ж.", "2021*", "20", "", "abc", "2020.0", "2020-01-01", "9999", "2020 г."]


@dataclass(frozen=True)
class Case:
    """A folder with a study; rows: of data that were written, where the file was not broken afterwards."""

    study: Path
    data: Path
    rows: int | None


def figure(rng: random.Random) -> str:
    """A cell as some file has it."""
    return rng.choice(rng.choices([NUMBERS, MARKS, STRANGE], [6, 3, 1])[0])


def table(rng: random.Random) -> tuple[list[str], list[list[str]]]:
    """A tidy table: header and rows, mostly sound."""
    header = ["region", "industry", "year", "value", "other"]
    rows = [
        [
            rng.choice(REGIONS),
            rng.choice(INDUSTRIES),
            rng.choice(YEARS if rng.random() < 0.3 else YEARS[:2]),
            figure(rng),
            figure(rng),
        ]
        for _row in range(rng.choice([0, 1, 2, 5, 30]))
    ]
    return header, rows


def quoted(cell: str, delimiter: str) -> str:
    """A cell as a careful program writes it."""
    return '"' + cell.replace('"', '""') + '"' if any(c in cell for c in (delimiter, '"', "\n", "\r")) else cell


def delimited(rng: random.Random, header: list[str], rows: list[list[str]], delimiter: str) -> tuple[bytes, int | None]:
    """A text table, sound or broken, and how many rows it has where it is sound."""
    lines = [delimiter.join(quoted(cell, delimiter) for cell in row) for row in rows]
    titles = ["A title"] * rng.choice([0, 0, 0, 2])
    text = rng.choice(["\n", "\r\n"]).join([*titles, delimiter.join(header), *lines]) + rng.choice(["", "\n"])
    count: int | None = sum(any(cell.split() for cell in row) for row in rows)
    if rng.random() < 0.5:
        text, count = spoilt(rng, text, header, delimiter), None
    encoding = rng.choice(["utf-8"] * 6 + ["utf-8-sig", "cp1251", "utf-16", "latin-1"])
    content = text.encode(encoding, errors="replace")
    return content, count if encoding.startswith("utf") and "\ufeff" not in text[:1] else None


def spoilt(rng: random.Random, text: str, header: list[str], delimiter: str) -> str:
    """A text table with a fault."""
    lines = text.split("\n")
    fault = rng.randrange(9)
    place = rng.randrange(len(lines))
    if fault == 0:
        lines[place] += delimiter + rng.choice(["", "x", "1"]) * rng.choice([1, 5])
    elif fault == 1:
        lines[place] = '"' + lines[place]
    elif fault == 2:
        lines.insert(place, rng.choice(["", " ", delimiter * 4, "Source: nobody"]))
    elif fault == 3:
        lines[0] = delimiter.join(rng.sample(header, len(header))[: rng.randrange(1, 6)] + rng.sample(header, 1))
    elif fault == 4:
        return text[: rng.randrange(len(text) + 1)]
    elif fault == 5:
        return text.replace("\n", "\r")
    elif fault == 6:
        lines[place] = lines[place][: len(lines[place]) // 2]
    elif fault == 7:
        return text.replace(delimiter, rng.choice([",", ";", "\t", "|", "  "]))
    else:
        lines += lines[1:]
    return "\n".join(lines)


def broken(rng: random.Random, content: bytes) -> bytes:
    """Bytes changed here and there, cut off, or others put in."""
    held = bytearray(content)
    for _time in range(rng.choice([1, 1, 3, 20])):
        place = rng.randrange(len(held) + 1)
        fault = rng.randrange(4)
        if fault == 0 and held:
            held[place % len(held)] = rng.randrange(256)
        elif fault == 1:
            held[place:place] = rng.randbytes(rng.randrange(1, 9))
        elif fault == 2:
            del held[place : place + rng.randrange(1, 40)]
        else:
            del held[place:]
    return bytes(held)


def workbook(rng: random.Random, statgov: bool) -> bytes:
    """A workbook with what workbooks have: several sheets, merged cells, dates, formulas, errors, hidden rows."""
    book = openpyxl.Workbook()
    for number in range(rng.choice([1, 1, 2, 3])):
        sheet = book.active if number == 0 else book.create_sheet(f"S{number}")
        header, rows = table(rng)
        for _title in range(rng.choice([0, 1, 2])):
            sheet.append([rng.choice(["Title / Аталышы", None])])
        if statgov:
            header = [
                "Name",
                *rng.choices([2019, "2020-ж.", "2021*", "2022 г.", "2020", None, "x", datetime.date(2021, 1, 1)], k=4),
            ]
            rows = [[row[0], *(figure(rng) for _cell in range(4))] for row in rows]
        sheet.append(header if rng.random() < 0.9 else [None, *header])
        for row in rows:
            sheet.append([cell_of(rng, cell) for cell in row])
        for _merge in range(rng.choice([0, 0, 1, 3])):
            row, column = rng.randrange(1, 8), rng.randrange(1, 6)
            sheet.merge_cells(
                start_row=row, start_column=column, end_row=row + rng.randrange(3), end_column=column + rng.randrange(3)
            )
        if rng.random() < 0.1:
            sheet.row_dimensions[2].hidden = True
        if rng.random() < 0.1 and number:
            sheet.sheet_state = "hidden"
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def cell_of(rng: random.Random, written: str) -> Any:
    """A cell of a workbook: mostly the text or its number, at times another type."""
    written = "".join(c for c in written if c >= " " or c in "\n\t")
    kind = rng.random()
    if kind < 0.3:
        try:
            number = float(written.replace("\u00a0", "").replace(" ", "").replace(",", "."))
        except ValueError:
            return written
        return number if abs(number) < 1e300 else written
    if kind < 0.4:
        return rng.choice(
            [datetime.datetime(2021, 5, 1), datetime.date(2020, 1, 1), datetime.time(1, 2), True, "=A1+1", "#N/A", None]
        )
    return written


def rezipped(rng: random.Random, content: bytes) -> bytes:
    """A workbook one of whose parts is broken, in a whole archive."""
    held = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(held, "w") as target:
        names = source.namelist()
        victim = rng.choice(names)
        for name in names:
            part = source.read(name)
            target.writestr(name, broken(rng, part) if name == victim else part)
    return held.getvalue()


def parquet(rng: random.Random) -> bytes:
    """A Parquet file with columns of many types."""
    header, rows = table(rng)
    columns: dict[str, Any] = {name: [row[place] for row in rows] for place, name in enumerate(header)}
    if rng.random() < 0.7:
        columns["value"] = pa.array(
            [rng.choice([1.5, None, float("nan"), float("inf"), -1.0, 1e308]) for _row in rows], pa.float64()
        )
    if rng.random() < 0.5:
        columns["year"] = pa.array([rng.choice([2020, 2021, None, -1, 99999]) for _row in rows], pa.int32())
    if rng.random() < 0.2:
        strange = rng.choice([[b"x"], [datetime.date(2021, 1, 1)], [[1]], [{"a": 1}], [True], [None]])
        columns[rng.choice(header)] = pa.array(strange * len(rows))
    if rng.random() < 0.1:
        columns.pop(rng.choice(header))
    held = io.BytesIO()
    pq.write_table(pa.table(columns), held)
    return held.getvalue()


def text_in(rng: random.Random, header: list[str], rows: list[list[str]], delimiter: str = ",") -> bytes:
    """A text table of another form, spoilt half of the time."""
    text = "\n".join(delimiter.join(quoted(cell, delimiter) for cell in row) for row in [header, *rows]) + "\n"
    return (spoilt(rng, text, header, delimiter) if rng.random() < 0.5 else text).encode("utf-8", errors="replace")


def qcew(rng: random.Random) -> bytes:
    """The Bureau's layout."""
    keys = ["area_fips", "own_code", "industry_code", "agglvl_code", "size_code", "year", "qtr", "disclosure_code"]
    annual = rng.random() < 0.6
    figures = ["annual_avg_estabs", "annual_avg_emplvl", "total_annual_wages"]
    figures = (
        figures if annual else ["qtrly_estabs", "month1_emplvl", "month2_emplvl", "month3_emplvl", "total_qtrly_wages"]
    )
    rows = [
        [rng.choice(["01001", "01000", "US000", "1", "C1018", ""]), rng.choice("0555513"), rng.choice(["10", "31-33", "111", "x"]), "70",
         rng.choice("00001"), rng.choice(YEARS[:2]), "A" if annual else rng.choice("1234"), rng.choice(["", "", "N", " "])]
        + [figure(rng) for _name in figures]
        for _row in range(rng.choice([0, 1, 8, 40]))
    ]  # fmt: skip
    return text_in(rng, [*keys, *figures], rows)


def sdmx(rng: random.Random) -> bytes:
    """SDMX-CSV of either version."""
    header = ["DATAFLOW", "freq", "nace_r2", "geo", "TIME_PERIOD", "OBS_VALUE", "OBS_FLAG", "CONF_STATUS", "UNIT_MULT"]
    if rng.random() < 0.4:
        header = [
            "STRUCTURE",
            "FREQ:Frequency",
            "NACE_R2:Activity",
            "GEO:Area",
            "TIME_PERIOD",
            "OBS_VALUE",
            "OBS_STATUS",
            "ACTION",
            "UNIT_MULT",
        ]
    rows = [
        ["X", "A", rng.choice(INDUSTRIES), rng.choice(REGIONS), rng.choice(YEARS), figure(rng), rng.choice(["", "p", "bep", "c", "A", "🙂"]),
         rng.choice(["", "C", "F", "D", "I"]), rng.choice(["", "0", "3", "x", "400"])]
        for _row in range(rng.choice([0, 1, 8, 40]))
    ]  # fmt: skip
    return text_in(rng, header, rows)


def eurostat(rng: random.Random) -> bytes:
    """Eurostat's TSV."""
    header = [
        rng.choice(["freq,nace_r2,geo\\TIME_PERIOD", "nace_r2\\TIME", "geo\\TIME_PERIOD"]),
        "2020 ",
        rng.choice(["2021 ", "2021-Q1 ", "x"]),
    ]
    rows = [
        [
            ",".join(["A", rng.choice(INDUSTRIES), rng.choice(REGIONS)][: rng.choice([3, 3, 3, 1])]),
            f"{figure(rng)} {rng.choice(['', 'p', 'c', '@C', 'bu'])}",
            figure(rng),
        ]
        for _row in range(rng.choice([0, 1, 8, 40]))
    ]
    return text_in(rng, header, rows, "\t")


def regions_file(rng: random.Random, folder: Path) -> str:
    """Regions as CSV, Excel or GeoJSON; at times broken."""
    rows = [
        ("1", "One", "oblast", ""),
        ("2", "Two", "oblast", ""),
        ("3", "Баткен облусу", "oblast", rng.choice(["", "", "1", "3"])),
    ]
    kind = rng.choice(["csv"] * 6 + ["xlsx", "geojson", "topojson"])
    name = f"regions.{kind}"
    if kind == "csv":
        content = "region,name_en,kind,parent\n" + "\n".join(",".join(row) for row in rows) + "\n"
        held = content.encode()
    elif kind == "xlsx":
        book = openpyxl.Workbook()
        for row in [("region", "name_en", "kind", "parent"), *rows]:
            book.active.append(row)
        stream = io.BytesIO()
        book.save(stream)
        held = stream.getvalue()
    else:
        shapes = [{"type": "Feature", "id": code, "properties": {"region": code, "name_en": title},
                   "geometry": {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}} for code, title, *_rest in rows]  # fmt: skip
        layers = {
            "type": "Topology",
            "objects": {"all": {"type": "GeometryCollection", "geometries": shapes}},
            "arcs": [],
        }
        held = json.dumps({"type": "FeatureCollection", "features": shapes} if kind == "geojson" else layers).encode()
    (folder / name).write_bytes(broken(rng, held) if rng.random() < 0.1 else held)
    return name


def data_file(rng: random.Random) -> tuple[str, bytes, dict[str, Any], int | None]:
    """A file of figures: its name, its bytes, the section that reads it, and its rows where they are known."""
    tidy = {
        "dimensions": {"region": "region", "industry": "industry", "year": "year"},
        "values": {"value": {"measure": "employment"}},
    }
    kind = rng.choice(
        ["csv", "csv", "csv", "tsv", "gz", "xlsx", "xlsx", "statgov", "statgov", "parquet", "qcew", "sdmx", "eurostat"]
    )
    if kind in ("csv", "tsv", "gz"):
        delimiter = "\t" if kind == "tsv" else rng.choice(",;|")
        content, rows = delimited(rng, *table(rng), delimiter)
        return (
            (f"data.{kind}" if kind != "gz" else "data.csv.gz"),
            gzip.compress(content) if kind == "gz" else content,
            tidy,
            rows,
        )
    if kind in ("xlsx", "statgov"):
        content = workbook(rng, kind == "statgov")
        content = rezipped(rng, content) if rng.random() < 0.2 else content
        return (
            "data.xlsx",
            content,
            {"format": "statgov", "constants": {"industry": "C", "measure": "output"}} if kind == "statgov" else tidy,
            None,
        )
    if kind == "parquet":
        return "data.parquet", parquet(rng), tidy, None
    if kind == "qcew":
        chosen = rng.choice([{}, {"quarter": 1}, {"ownership": ["1", "5"]}, {"areas": "county"}])
        return "data.csv", qcew(rng), {"format": "qcew", **chosen}, None
    return (
        f"data.{'csv' if kind == 'sdmx' else 'tsv'}",
        (sdmx if kind == "sdmx" else eurostat)(rng),
        {"format": kind, "constants": {"measure": "employment"}},
        None,
    )


def make(number: int, seed: int, folder: Path) -> Case:
    """The files of a case."""
    rng = random.Random(seed * 1_000_003 + number)
    name, content, section, rows = data_file(rng)
    if rng.random() < 0.15:
        content, rows = broken(rng, content), None
    (folder / name).write_bytes(content)
    study: dict[str, Any] = {
        "study": {"name": "fuzz", "title": {"en": "Fuzz"}},
        "data": [{"file": name, **section}],
        "regions": {"file": regions_file(rng, folder)},
        "industries": {"system": rng.choice(["NACE Rev. 2", "NAICS 2017", "ISIC Rev. 4"])}
        if rng.random() < 0.7
        else {},
    }
    if rng.random() < 0.2:
        header, extra = table(rng)
        (folder / "firms.csv").write_bytes(delimited(rng, ["name", "region", "employees", "lon", "lat"], extra, ",")[0])
        study["firms"] = [{"file": "firms.csv"}]
        (folder / "indicators.csv").write_bytes(delimited(rng, header, extra, ",")[0])
        study["indicators"] = [
            {
                "file": "indicators.csv",
                "dimensions": {"region": "region", "indicator": "industry", "year": "year", "unit": "other"},
                "values": {"value": {}},
            }
        ]
    written = tomli_w.dumps(study)
    (folder / "study.toml").write_bytes(broken(rng, written.encode()) if rng.random() < 0.05 else written.encode())
    return Case(folder / "study.toml", folder / name, rows)


def lost_rows(reading: Reading) -> int:
    """Rows that are neither among the observations nor in a line of the problems (below zero: said twice)."""
    observed = {(row["sheet"], row["row"]) for row in reading.observations.select(["sheet", "row"]).to_pylist()}
    problems = reading.problems.to_pylist()
    named = {(row["sheet"], row["row"]) for row in problems if row["kind"] in LOST}
    return reading.rows - len(observed | named) - sum(row["count"] for row in problems if row["kind"] in COUNTED)


def try_one(number: int, seed: int) -> tuple[str, str]:
    """What became of a case: "read", "refused" with the message, or the fault that must not be."""
    folder = Path(tempfile.mkdtemp(prefix="almaz-fuzz-"))
    try:
        case = make(number, seed, folder)
        outcomes = [attempted(step, case) for step in (_read, _checked, _suggested)]
        worst = next((one for one in outcomes if one[0] not in ("read", "refused")), None)
        return worst or outcomes[0]
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def attempted(step: Callable[[Case], str], case: Case) -> tuple[str, str]:
    """The outcome of a step: an AlmazError with a place and a message is what a user may see, anything else is a fault."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fault = step(case)
    except AlmazError as error:
        return ("refused", error.problem) if str(error) and error.where.file else ("no place", str(error))
    except Exception:  # any other is what this benchmark looks for
        return "traceback", traceback.format_exc()
    return ("fault", fault) if fault else ("read", "")


def _study(case: Case) -> Study:
    return load(case.study)


def _read(case: Case) -> str:
    reading = read(Source(**_study(case).data[0].model_dump(exclude_none=True)))
    lost = lost_rows(reading)
    if lost:
        return f"{lost} rows of {reading.rows} without a line"
    if case.rows is not None and reading.rows != case.rows:
        return f"{reading.rows} rows read of {case.rows} written"
    return ""


def _checked(case: Case) -> str:
    material = check(_study(case))
    with use("ky"):
        said = [spoken(row)["problem"] for row in material.problems.to_pylist()]
    return "" if all(said) else "a problem without a sentence"


def _suggested(case: Case) -> str:
    suggest(case.data)
    return ""


def run(numbers: range, seed: int) -> list[tuple[int, str, str]]:
    """The outcomes of many cases."""
    return [(number, *try_one(number, seed)) for number in numbers]


def main() -> int:
    count, seed = (int(argument) for argument in [*sys.argv[1:], *("10000", "1")[len(sys.argv) - 1 :]])
    start = time.perf_counter()
    parts = [range(first, min(first + 250, count)) for first in range(0, count, 250)]
    with concurrent.futures.ProcessPoolExecutor(2) as workers:
        outcomes = [one for part in workers.map(run, parts, [seed] * len(parts)) for one in part]
    seconds = time.perf_counter() - start
    counts = collections.Counter(outcome for _number, outcome, _text in outcomes)
    failures = [one for one in outcomes if one[1] not in ("read", "refused")]
    print("## Fuzzed readers\n\n| files | read | refused with a message | failures | seconds |\n|---|---|---|---|---|")
    print(f"| {len(outcomes):,} | {counts['read']:,} | {counts['refused']:,} | {len(failures):,} | {seconds:.0f} |")
    kinds: dict[str, list[int]] = {}
    for number, outcome, text in failures:
        kinds.setdefault(f"{outcome}\n" + "\n".join(text.strip().splitlines()[-7:]), []).append(number)
    for text, numbers in kinds.items():
        print(f"\n{len(numbers)} × {text}\nnumbers {numbers[:10]}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
