"""Templates to fill with figures, and the reading of what was filled in: CSV or Excel, one figure a row."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final
from zipfile import BadZipFile

import openpyxl
import pyarrow as pa
import xlsxwriter

from almaz.diamond.indicators import SCHEMA, IndicatorSet
from almaz.errors import AlmazError, Where
from almaz.language import language
from almaz.language import text as _
from almaz.tables.marks import understand
from almaz.tables.schema import Status
from almaz.whole import whole

COLUMNS: Final = (
    "indicator", "name", "unit", "region", "region_name", "year", "value", "low", "high", "source", "basis",
)  # fmt: skip
NEEDED: Final = ("indicator", "region", "year", "value")
BASES: Final = ("statistic", "judgement")


def years_of(written: str) -> list[int]:
    """Years as a person writes them: "2021, 2022". Raises AlmazError for anything else."""
    years = [year.strip() for year in written.split(",")]
    for year in years:
        if not (year.isdigit() and len(year) == 4):
            raise AlmazError(_("«{cell}» is not a year", cell=year), expected="2021,2022")
    return [int(year) for year in years]


def write_template(file: Path, indicators: IndicatorSet, regions: Mapping[str, str], years: Sequence[int]) -> Path:
    """A sheet with a row for every indicator × region × year, the figures blank; by the ending: .csv or .xlsx.

    regions: code → name. Names and units are in the language in use; the file is whole or not there.
    """
    rows = list(_template_rows(indicators, regions, years))
    with whole(file) as partial:
        if file.suffix == ".xlsx":
            with xlsxwriter.Workbook(partial) as book:
                sheet = book.add_worksheet("figures")
                bold, wide = (
                    book.add_format({"bold": True, "bg_color": "#e6f0ef"}),
                    book.add_format({"text_wrap": True}),
                )
                sheet.write_row(0, 0, COLUMNS, bold)
                for number, row in enumerate(rows, start=1):
                    sheet.write_row(number, 0, row)
                sheet.freeze_panes(1, 3)
                sheet.set_column(0, 0, 22)
                sheet.set_column(1, 1, 60, wide)
                sheet.set_column(2, 10, 14)
                sheet.data_validation(1, 10, len(rows), 10, {"validate": "list", "source": list(BASES)})
        else:
            with partial.open("w", encoding="utf-8-sig", newline="") as target:
                writer = csv.writer(target)
                writer.writerow(COLUMNS)
                writer.writerows(rows)
    return file


def _template_rows(
    indicators: IndicatorSet, regions: Mapping[str, str], years: Sequence[int]
) -> Iterator[tuple[object, ...]]:
    spoken = language()
    for one in indicators.indicator:
        for code, name in regions.items():
            for year in years:
                yield (
                    one.code,
                    one.name.get(spoken) or one.name["en"],  # type: ignore[call-overload]
                    one.unit.get(spoken, ""),  # type: ignore[call-overload]
                    code,
                    name,
                    year,
                    "",
                    "",
                    "",
                    one.source.get(spoken, ""),  # type: ignore[call-overload]
                    "statistic",
                )


def read_figures(file: Path) -> pa.Table:
    """Read a filled table of figures. Cells are understood as offices write them ("1 234,5", "…", "-", blank).

    A figure that is not there ("…", blank) gives no row unless it has bounds. Raises AlmazError naming file, row and column.
    """
    rows = [row for number, cells in _rows(file) if (row := _figure(file, number, cells)) is not None]
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def _rows(file: Path) -> Iterator[tuple[int, dict[str, object]]]:
    try:
        if file.suffix == ".xlsx":
            sheet = openpyxl.load_workbook(io.BytesIO(file.read_bytes()), read_only=True, data_only=True).worksheets[0]
            lines = [list(row) for row in sheet.iter_rows(values_only=True)]
        else:
            written = file.read_bytes().decode("utf-8-sig")
            delimiter = max(";\t,", key=written.partition("\n")[0].count)
            lines = [list(row) for row in csv.reader(io.StringIO(written, newline=""), delimiter=delimiter)]
    except (OSError, BadZipFile, UnicodeDecodeError, KeyError, ValueError) as why:
        raise AlmazError(_("the file cannot be read: {why}", why=why), where=Where(file=str(file))) from None
    headers = [str(cell or "").strip() for cell in (lines[0] if lines else [])]
    missing = [name for name in NEEDED if name not in headers]
    if missing:
        raise AlmazError(
            _("there is no column «{name}»", name=missing[0]),
            where=Where(file=str(file), row=1),
            expected=", ".join(COLUMNS),
            advice=_("make a template with: almaz indicators-template"),
        )
    for number, line in enumerate(lines[1:], start=2):
        if any(str(cell if cell is not None else "").strip() for cell in line):
            yield number, dict(zip(headers, line, strict=False))


def _figure(file: Path, number: int, cells: Mapping[str, object]) -> dict[str, object] | None:
    def words(name: str) -> str:
        cell = cells.get(name)
        return "" if cell is None else str(cell).strip()

    def wrong(column: str, problem: str, expected: str) -> AlmazError:
        return AlmazError(problem, where=Where(file=str(file), row=number, column=column), expected=expected)

    figures: dict[str, float | None] = {}
    for name in ("value", "low", "high"):
        written = understand(cells.get(name))
        if written.problem:
            raise wrong(name, _("«{cell}» is not a number", cell=words(name)), _("a number, or «…» for no figure"))
        figures[name] = written.value if written.status in (Status.PUBLISHED, Status.NIL) else None
    if all(figure is None for figure in figures.values()):
        return None
    year = words("year").removesuffix(".0")
    if not (year.isdigit() and len(year) == 4):
        raise wrong("year", _("«{cell}» is not a year", cell=year), "2023")
    basis = words("basis") or "statistic"
    if basis not in BASES:
        raise wrong("basis", _("the value {value} is not allowed", value=repr(basis)), ", ".join(BASES))
    return {
        "indicator": words("indicator"),
        "region": words("region").removesuffix(".0"),
        "year": int(year),
        **figures,
        "unit": words("unit") or None,
        "source": words("source") or file.name,
        "basis": basis,
    }
