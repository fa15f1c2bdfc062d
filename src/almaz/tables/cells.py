"""From rows of cells to observations: finds the header row, then reads every cell under it or says why not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from almaz.language import text as _
from almaz.tables.marks import Written, understand
from almaz.tables.schema import Status
from almaz.tables.source import DIMENSIONS, Findings, kept, need_columns

Rows = Sequence[tuple[int, Sequence[object]]]


def label(cell: object) -> str:
    """A cell as text: 41702205.0 of a spreadsheet is the code 41702205; line breaks become spaces."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return " ".join(str(cell).split())


def observe_rows(findings: Findings, rows: Rows, sheet: str | None) -> int:
    """Read rows whose header holds the columns that the study names. Returns the number of data rows."""
    source = findings.source
    place, headers = _header(findings, rows, sheet)
    need_columns(source, headers, sheet)
    counted = 0
    for number, cells in rows[place + 1 :]:
        if not any(label(cell) for cell in cells):
            continue
        counted += 1
        if len(cells) > len(headers) and any(label(cell) for cell in cells[len(headers) :]):
            findings.problem(
                "ragged_row",
                _("the row has more cells than the header"),
                level="error",
                sheet=sheet,
                row=number,
                value=len(cells),
                expected=str(len(headers)),
            )
            continue
        row = dict(zip(headers, [*cells, *[None] * (len(headers) - len(cells))], strict=False))
        if kept(source, row):
            _observe(findings, row, number, sheet)
    return counted


def _header(findings: Findings, rows: Rows, sheet: str | None) -> tuple[int, list[str]]:
    wanted = {*findings.source.dimensions.values(), *findings.source.values}
    best, place = -1, 0
    for number, (_line, cells) in enumerate(rows[:50]):
        found = len(wanted & {label(cell) for cell in cells})
        if found > best:
            best, place = found, number
    headers = [label(cell) for cell in rows[place][1]] if rows else []
    while headers and not headers[-1]:
        headers.pop()
    for name in sorted({header for header in headers if header and headers.count(header) > 1}):
        findings.problem(
            "duplicate_header",
            _("two columns have the same header; the last one was read"),
            level="error" if name in wanted else "warning",
            sheet=sheet,
            row=rows[place][0],
            column=name,
        )
    return place, headers


def _observe(findings: Findings, row: Mapping[str, object], number: int, sheet: str | None) -> None:
    source = findings.source
    shared: dict[str, object] = dict(source.constants)
    for dimension, column in source.dimensions.items():
        shared[dimension] = label(row.get(column))
    for header, meaning in source.values.items():
        said = {**shared, **{key: value for key, value in meaning.items() if key in DIMENSIONS}}
        written = understand(row.get(header), source.all_marks, source.decimal)
        if "hidden" in meaning and label(row.get(str(meaning["hidden"]))).lower() in (
            "1",
            "true",
            "yes",
            "n",
            "d",
            "c",
        ):
            written = Written(None, Status.SUPPRESSED)
        observe(findings, said, written, number, header, sheet, row.get(header))


def observe(
    findings: Findings,
    said: Mapping[str, object],
    written: Written,
    number: int,
    column: str,
    sheet: str | None,
    cell: object,
) -> None:
    """Keep one cell as an observation, or as a problem where it is no number and no mark, or its place is not said."""
    year = understand(said.get("year")).value
    place: dict[str, object] = {"sheet": sheet, "row": number, "column": column}
    if year is None or year != int(year) or not 1000 <= year <= 3000:
        findings.problem(
            "no_year",
            _("the year is not a year"),
            level="error",
            sheet=sheet,
            row=number,
            column=column,
            value=said.get("year"),
            expected=_("a number such as 2021"),
        )
        return
    if written.problem:
        findings.problem(
            "not_a_number",
            _("this is neither a number nor a known mark; it is kept as not available"),
            sheet=sheet,
            row=number,
            column=column,
            value=cell,
            expected=_("a number, or one of the marks for a missing figure"),
        )
    if written.note:
        findings.problem(
            "footnote",
            _("a footnote mark was set aside"),
            level="note",
            sheet=sheet,
            row=number,
            column=column,
            value=cell,
        )
    findings.observed.append(
        {
            "region": said["region"],
            "industry": str(said["industry"]),
            "year": int(year),
            "measure": said["measure"],
            "value": written.value,
            "status": written.status.value,
            "file": findings.source.file.name,
            **place,
        }
    )
