"""Organisations of a cluster: firms, suppliers, universities, associations, at their places (article A1)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa

from almaz.errors import AlmazError, Where
from almaz.language import text as _
from almaz.tables.block import year_of
from almaz.tables.check import check_duplicates
from almaz.tables.marks import MARKS, understand
from almaz.tables.names import match_regions
from almaz.tables.problems import problem
from almaz.tables.records import read_records
from almaz.tables.schema import FIRMS, PROBLEMS, Status
from almaz.tables.source import Reading

COLUMNS = ("organisation", "name", "kind", "region", "industry", "year", "employees", "lon", "lat")


def read_firms(
    path: Path,
    columns: Mapping[str, str] | None = None,
    constants: Mapping[str, str | int] | None = None,
    *,
    sheet: str | None = None,
    marks: Mapping[str, Status] | None = None,
    decimal: str | None = None,
) -> Reading:
    """Read a list of organisations. Returns a Reading whose observations have the columns of FIRMS, regions as written.

    columns: of `COLUMNS` → what the file calls it, where otherwise; constants: the same, where the whole file has one.
    `employees` may hold marks (a hidden figure is no zero); an organisation without a place has none. Raises AlmazError where
    the file cannot be read or has neither `organisation` nor `name`.
    """
    called = {name: (columns or {}).get(name, name) for name in COLUMNS}
    records = read_records(path, called.values(), sheet)
    missing = [header for name, header in called.items() if name in (columns or {}) and header not in records.headers]
    if not {called["organisation"], called["name"]} & set(records.headers):
        missing.append(called["organisation"])
    if missing:
        raise AlmazError(
            _("there is no column «{name}»", name=missing[0]),
            where=Where(file=str(path), sheet=sheet),
            expected=_("one of: {keys}", keys=", ".join(records.headers) or "—"),
        )
    known = {**MARKS, **{mark.lower(): Status(status) for mark, status in (marks or {}).items()}}
    rows, problems = [], []
    for line, record in records.rows:
        said = {name: record.get(header, "") for name, header in called.items()}
        said |= {key: str(value) for key, value in (constants or {}).items() if not said.get(key)}
        place = {"file": path.name, "sheet": sheet, "row": line}
        row, wrong = _firm(said, known, decimal)
        problems += [problem(**{**place, **line_said}) for line_said in wrong]  # type: ignore[arg-type]
        if row:
            rows.append({**row, **place})
    return Reading(
        pa.Table.from_pylist(rows, schema=FIRMS), pa.Table.from_pylist(problems, schema=PROBLEMS), len(records.rows)
    )


def _firm(
    said: Mapping[str, str], marks: Mapping[str, Status], decimal: str | None
) -> tuple[dict[str, object], list[dict[str, object]]]:
    """A row of FIRMS without its place in the file, and what was wrong with it; no row for an organisation without a name."""
    wrong: list[dict[str, object]] = []
    if not said["organisation"] and not said["name"]:
        return {}, [{"kind": "no_name", "level": "error", "column": "organisation"}]
    people = understand(said["employees"], marks, decimal)
    if people.problem:
        wrong.append({"kind": people.problem, "column": "employees", "value": said["employees"]})
    if people.value is not None and people.value < 0:
        wrong.append({"kind": "negative", "level": "error", "column": "employees", "value": said["employees"]})
    year = year_of(said["year"]) if said["year"] else None
    if said["year"] and year is None:
        wrong.append({"kind": "no_year", "column": "year", "value": said["year"]})
    lon, lat = (understand(said[axis], decimal=decimal).value for axis in ("lon", "lat"))
    written = f"{said['lon']} {said['lat']}".strip()
    if written and (lon is None or lat is None or not (-180 <= lon <= 180 and -90 <= lat <= 90)):
        wrong.append({"kind": "outside_place", "column": "lon", "value": written})
        lon = lat = None
    return {
        **{name: said[name] or None for name in ("name", "kind", "industry")},
        "organisation": said["organisation"] or said["name"],
        "region": said["region"],
        "year": year,
        "employees": people.value,
        "status": people.status.value,
        "lon": lon,
        "lat": lat,
    }, wrong


def placed_firms(firms: pa.Table, regions: pa.Table) -> tuple[pa.Table, pa.Table]:
    """Firms with their regions' codes, and the problems: regions that are not known, organisations that stand twice a year.

    A firm that says no region keeps none; one whose region is not known is left out and named.
    """
    silent = [not region for region in firms["region"].to_pylist()]
    mask = pa.array(silent, pa.bool_())
    placed, unplaced = match_regions(firms.filter(pa.array([not one for one in silent], pa.bool_())), regions)
    nowhere = firms.filter(mask)
    nowhere = nowhere.set_column(
        nowhere.schema.get_field_index("region"), "region", pa.nulls(nowhere.num_rows, pa.string())
    )
    together = pa.concat_tables([placed, nowhere])
    return together, pa.concat_tables([unplaced, check_duplicates(together, ["organisation", "year"])])
