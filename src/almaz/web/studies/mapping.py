"""What the columns of a file mean: choices as a form, the [[data]] section that they make, the first rows as they become."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from pydantic import ValidationError

from almaz.errors import AlmazError
from almaz.language import figure
from almaz.language import text as _
from almaz.study.tables_section import DataSection
from almaz.tables.block import labels
from almaz.tables.problems import shown
from almaz.tables.source import Source, read
from almaz.tables.suggest import looked_at

ROLES = ("region", "industry", "year", "measure")
SHOWN = 8
"""Rows of the file that the page shows."""
BECOME = 40
"""Observations that the page shows."""
HEAD = 300
"""Rows of a text or Parquet file that a preview reads."""


@dataclass(frozen=True)
class Column:
    """A column of the file: its header, first cells, and what is chosen for it."""

    number: int
    header: str
    cells: tuple[str, ...]
    role: str
    measure: str = ""
    year: str = ""
    scale: str = ""


def columns(folder: Path, data: Mapping[str, Any]) -> list[Column]:
    """The columns of a table, as the section has them. Raises AlmazError where the file holds no table."""
    block = looked_at(_specimen(folder / str(data["file"])), data.get("sheet"))
    chosen = {header: role for role, header in data.get("dimensions", {}).items()}
    values = data.get("values", {})
    made = []
    for number, (header, cells) in enumerate(block.columns.items()):
        held = values.get(header)
        role = chosen.get(header, "figures" if held is not None else "")
        said = {key: str((held or {}).get(key, "")) for key in ("measure", "year", "scale")}
        first = tuple(str(cell or "") for cell in labels(cells).slice(0, SHOWN).to_pylist())
        made.append(Column(number, header, first, role, **said))
    return made


def section(data: Mapping[str, Any], held: list[Column], form: Mapping[str, str]) -> dict[str, Any]:
    """The [[data]] section that a form of a table says; keys that the form does not know stay as they are.

    Raises AlmazError where two columns have the same role, or a number is none.
    """
    dimensions: dict[str, str] = {}
    values: dict[str, dict[str, Any]] = {}
    for column in held:
        role = form.get(f"role-{column.number}", "")
        if role in ROLES:
            if role in dimensions:
                raise AlmazError(_("two columns cannot both say the same: «{one}» and «{other}»",
                                   one=dimensions[role], other=column.header))  # fmt: skip
            dimensions[role] = column.header
        elif role == "figures":
            before = data.get("values", {}).get(column.header, {})
            meaning = {key: part for key, part in before.items() if key not in ("measure", "year", "scale")}
            measure = form.get(f"measure-{column.number}", "").strip()
            year, scale = form.get(f"year-{column.number}", ""), form.get(f"scale-{column.number}", "")
            meaning |= {"measure": measure} if measure else {}
            meaning |= {"year": int(_number(year))} if year.strip() else {}
            meaning |= {"scale": _number(scale)} if scale.strip() else {}
            values[column.header] = meaning
    constants = {
        role: (int(_number(said)) if role == "year" else said)
        for role in ROLES
        if (said := form.get(f"constant-{role}", "").strip()) and role not in dimensions
    }
    made = {key: part for key, part in data.items() if key not in ("dimensions", "values", "constants")}
    scale = data.get("constants", {}).get("scale")
    constants |= {} if scale is None else {"scale": scale}
    return made | {"dimensions": dimensions} | ({"constants": constants} if constants else {}) | {"values": values}


def sheets_section(data: Mapping[str, Any], form: Mapping[str, str]) -> dict[str, Any]:
    """The same for a workbook in the form of stat.gov.kg: of each sheet, whether it is read, its industry and measure."""
    sheets: dict[str, dict[str, Any]] = {}
    for number, (name, held) in enumerate(data.get("sheets", {}).items()):
        if form.get(f"use-{number}"):
            industry, measure = form.get(f"industry-{number}", "").strip(), form.get(f"measure-{number}", "").strip()
            sheets[name] = {**held, "industry": industry or name, "measure": measure or "production"}
    if not sheets:
        raise AlmazError(_("choose at least one sheet"))
    return {**data, "sheets": sheets}


def _number(said: str) -> float:
    plain = re.sub(r"[\s\u00a0]", "", said).replace(",", ".")
    try:
        return float(plain)
    except ValueError:
        raise AlmazError(_("«{said}» is not a number", said=said)) from None


@dataclass(frozen=True)
class Preview:
    """What the first rows become: (row, region, industry, year, measure, figure) each, and what is wrong with them."""

    rows: tuple[tuple[str, ...], ...]
    problems: tuple[str, ...]
    whole: bool


def preview(folder: Path, data: Mapping[str, Any]) -> Preview:
    """Read the first rows as the section says. Raises AlmazError where they cannot be read so."""
    file = folder / str(data["file"])
    with tempfile.TemporaryDirectory() as place:
        specimen = _specimen(file, Path(place))
        try:
            checked = DataSection.model_validate({**data, "file": str(specimen)})
        except ValidationError as why:
            first = why.errors()[0]
            raise AlmazError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
        reading = read(Source(**checked.model_dump(exclude_none=True)))
    rows = tuple(
        (
            f"{one['sheet']} · {one['row']}" if one["sheet"] else str(one["row"]),
            str(one["region"]), str(one["industry"]), str(one["year"]), str(one["measure"]),
            figure(one["value"]) if one["value"] is not None else _statuses().get(str(one["status"]), str(one["status"])),
        )
        for one in reading.observations.slice(0, BECOME).to_pylist()
    )  # fmt: skip
    return Preview(rows, tuple(shown(reading.problems.to_pylist(), 3)), specimen == file)


def _statuses() -> dict[str, str]:
    return {
        "suppressed": _("hidden by the office"),
        "not_available": _("not available"),
        "not_yet": _("not there yet"),
        "nil": "0",
    }


def _specimen(file: Path, place: Path | None = None) -> Path:
    """The file itself, or, of a long text or Parquet file, its head: in `place`, else beside the file in `.heads`."""
    if file.stat().st_size < 1_000_000 or file.suffix.lower() == ".xlsx":
        return file
    folder = place or file.parent / ".heads"
    folder.mkdir(exist_ok=True)
    target = folder / file.name
    if place is None and target.exists() and target.stat().st_mtime >= file.stat().st_mtime:
        return target
    if file.suffix.lower() == ".parquet":
        head = next(pq.ParquetFile(file).iter_batches(HEAD))
        import pyarrow as pa

        pq.write_table(pa.Table.from_batches([head]), target)
    else:
        with file.open("rb") as source, target.open("wb") as made:
            made.writelines(islice(source, HEAD))
    return target
