"""What a file of the user's own seems to hold: its form, its header, its columns; a suggestion to confirm, not a decision."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from almaz.errors import AlmazError, Where
from almaz.language import text as _
from almaz.tables.block import Block, label, labels, year_of
from almaz.tables.classification import is_code
from almaz.tables.grid import Grid, tabular
from almaz.tables.layout import blocks, grids
from almaz.tables.marks import understand
from almaz.tables.sdmx import is_tsv
from almaz.tables.source import Findings, Source
from almaz.tables.statgov import laid_out, year_row

LOOKED_AT = 2000
"""Rows of a table that are looked at."""
MEASURE_WORDS: Final = {
    "employment": r"employ|workers|persons|jobs|занят|работник|численность|иштеген|эмгек(тен|чил)|иш менен",
    "wages": r"wage|salar|pay\b|заработ|оплат|эмгек ак|айлык",
    "establishments": r"establish|enterpris|firms|units|предприят|организац|субъект|заведен|ишкана|мекеме",
    "exports": r"export|экспорт",
    "value_added": r"value.?added|добавленн|кошумча(ланган)? нарк|gva\b",
    "population": r"populat|населени|калк",
    "output": r"output|turnover|объ[её]м|выпуск|оборот|көлөм",
    "production": r"product|произв|өндүр|harvest|сбор|жыйна",
}
"""Words that tell what figures are of, in English, Russian and Kyrgyz; the first that fits is taken."""
_ROLES: Final = {
    "region": r"^(region|regions|geo|area|area_?fips|fips|county|state|oblast|raion|rayon|district|territor\w*|регион\w*"
    r"|област\w*|район\w*|территор\w*|наименован\w*|аймак\w*|облус\w*|аталыш\w*|name|soate|соате)\b",
    "industry": r"^(industry|industries|industry_?code|naics\w*|nace\w*|isic\w*|sector|branch|activity|product|отрасл\w*"
    r"|вид\w* (экономической )?деятельност\w*|оквэд|гкэд|продукт\w*|тармак\w*|ишмердик\w*)\b",
    "year": r"^(year|years|time|time_?period|period|год\w*|период\w*|жыл\w*)\b",
    "measure": r"^(measure|indicator|variable|показател\w*|көрсөткүч\w*)\b",
}
"""How headers call what a row is about; beginnings of a header, or of one of its parts."""
_NUMBERING = re.compile(r"^\s*[\d.]+[.)]\s*|\s*[,(]\s*[^()]*\)?\s*$")
_KYRGYZ = re.compile(r"[өүңӨҮҢ]|облус|району|шаары|өндүрүш")


@dataclass(frozen=True)
class Suggestion:
    """data: the [[data]] section; industries: the [industries] section; measure: what size means; regions: the labels of the
    file's regions, as written; found: what was seen, in sentences of the language in use."""

    data: Mapping[str, Any]
    measure: str
    regions: tuple[str, ...]
    industries: Mapping[str, Any] = field(default_factory=dict)
    found: tuple[str, ...] = ()


def suggest(file: Path) -> Suggestion:
    """Look at a file and suggest the sections of a study that would read it.

    Raises AlmazError where it cannot be read, or where no region, no year or no figures are seen in it.
    """
    source = Source(file)
    findings = Findings(source)
    if file.suffix.lower() in (".parquet", ".pq"):
        return _tidy(file, blocks(source, findings, bool)[0])
    sheets = grids(source, findings)
    known = _known_form(file, sheets)
    if known is not None:
        return known
    if any(_is_statgov(grid) for grid in sheets):
        return _statgov(source, sheets, findings)
    if not sheets:
        raise findings.fault(_("the file holds no table"))
    return _tidy(file, _table(max(sheets, key=lambda grid: len(grid.rows)), findings))


def looked_at(file: Path, sheet: str | None = None) -> Block:
    """The table in a file, or in one sheet of a workbook, as its header and first rows are seen.

    Raises AlmazError where there is none.
    """
    source = Source(file)
    findings = Findings(source)
    if file.suffix.lower() in (".parquet", ".pq"):
        return blocks(source, findings, bool)[0]
    sheets = [grid for grid in grids(source, findings) if sheet in (None, grid.sheet)]
    if not sheets:
        raise findings.fault(_("the file holds no table"))
    return _table(max(sheets, key=lambda grid: len(grid.rows)), findings)


def title_in(parts: Sequence[str]) -> dict[str, str]:
    """Which of several titles is in which language: by Kyrgyz letters and words, other Cyrillic, Latin."""
    found: dict[str, str] = {}
    for part in (part.strip() for part in parts):
        if not part:
            continue
        if re.search(r"[а-яёА-ЯЁ]", part):
            spoken = "ky" if _KYRGYZ.search(part) and "ky" not in found else "ru" if "ru" not in found else "ky"
        else:
            spoken = "en"
        found.setdefault(spoken, part)
    return found


def measure_of(title: str) -> str | None:
    """The measure that a title speaks of, or None."""
    return next((name for name, words in MEASURE_WORDS.items() if re.search(words, title.lower())), None)


def code_of(title: str) -> str:
    """A short code out of a title: Latin letters, digits and hyphens where it has any, else the title itself."""
    plain = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
    return plain or " ".join(title.split())


def _known_form(file: Path, sheets: Sequence[Grid]) -> Suggestion | None:
    """The raw forms of offices, which their headers give away."""
    headers = [label(cell) for _line, cells in (sheets[0].rows[:1] if sheets else ()) for cell in cells]
    plain = tuple(header.split(":", 1)[0].upper() for header in headers)
    if {"AREA_FIPS", "OWN_CODE", "DISCLOSURE_CODE"} <= set(plain):
        found = _("the raw form of the U.S. census of employment and wages")
        place = plain.index("AREA_FIPS")
        data: dict[str, Any] = {"file": file.name, "format": "qcew", "ownership": "5", "areas": "county"}
        return Suggestion(
            data, "employment", _column(sheets[0], place), {"system": "NAICS 2017", "absent": "nil"}, (found,)
        )
    if not (is_tsv(tuple(headers)) or {"OBS_VALUE", "TIME_PERIOD"} <= set(plain)):
        return None
    found = _("Eurostat's table") if is_tsv(tuple(headers)) else _("SDMX-CSV")
    names = headers[0].split("\\")[0].upper().split(",") if is_tsv(tuple(headers)) else list(plain)
    data = {"file": file.name, "format": "eurostat" if is_tsv(tuple(headers)) else "sdmx"}
    industry = next((name for name in names if name.startswith(("NACE", "ACTIVITY", "ISIC", "CROPS", "PRODUCT"))), None)
    data |= {"dimensions": {"industry": industry}} if industry else {"constants": {"industry": "total"}}
    data["constants"] = {**data.get("constants", {}), "measure": "employment"}
    region = next((name for name in names if name in ("GEO", "REF_AREA", "REGION")), "")
    regions = _column(sheets[0], plain.index(region)) if region in plain else _keys(sheets[0], names, region)
    system = {"system": "NACE Rev. 2"} if industry and industry.startswith("NACE") else {}
    return Suggestion(data, "employment", regions, system, (found,))


def _column(grid: Grid, place: int) -> tuple[str, ...]:
    cells = (label(cells[place]) for _line, cells in grid.rows[1:] if place < len(cells))
    return tuple(dict.fromkeys(cell.split(":", 1)[0].strip() for cell in cells if cell))


def _keys(grid: Grid, names: Sequence[str], region: str) -> tuple[str, ...]:
    if region not in names:
        return ()
    place = list(names).index(region)
    keys = (label(cells[0]).split(",") for _line, cells in grid.rows[1:] if cells)
    return tuple(dict.fromkeys(key[place].strip() for key in keys if place < len(key)))


def _is_statgov(grid: Grid) -> bool:
    """Whether a sheet is in the form of stat.gov.kg: a row of years, and to their left texts with figures behind them."""
    header = year_row(grid)
    if header is None:
        return False
    place, years = header
    under = [cells[column] for _line, cells in grid.rows[place + 1 :] for column in years if column < len(cells)]
    if sum(year_of(cell) is not None for cell in under) > len(under) / 2:
        return False  # a column of years, not a row of them
    above = [label(cell) for cell in grid.rows[place][1][: min(years)]]
    named = [name for name in above if name]
    figures = sum(
        1
        for _line, cells in grid.rows[place + 1 :]
        if label(cells[0] if cells else None) and any(column < len(cells) and label(cells[column]) for column in years)
    )
    return figures >= 2 and len(named) <= 3


def _statgov(source: Source, sheets: Sequence[Grid], findings: Findings) -> Suggestion:
    chosen = [grid for grid in sheets if _is_statgov(grid)]
    said: dict[str, dict[str, str]] = {}
    titles: dict[str, dict[str, str]] = {}
    regions: dict[str, None] = {}
    measures: list[str] = []
    for grid in chosen:
        header = year_row(grid)
        above = grid.rows[: header[0]] if header else ()
        title = next((text for _line, cells in above for cell in cells if (text := label(cell))), "")
        measure = measure_of(f"{title} {grid.sheet or ''}") or "production"
        measures.append(measure)
        code = code_of(grid.sheet or source.file.stem)
        said[grid.sheet or ""] = {"industry": code, "measure": measure}
        titles[code] = title_in([_NUMBERING.sub("", part) for part in title.split("/")]) or {"en": code}
        block, _meant = laid_out(grid, replace(source, constants={"industry": code, "measure": measure}), findings)
        regions |= dict.fromkeys(labels(block.columns["region"]).to_pylist())
    first = year_row(chosen[0])
    years = sorted(set(first[1].values())) if first else []
    data: dict[str, Any] = {"file": source.file.name, "format": "statgov"}
    if chosen[0].sheet is None:
        data["constants"] = said[""]
    else:
        data["sheets"] = said
    found = (
        _("the form of stat.gov.kg: {sheets} sheets, years {first} to {last}, {regions} regions",
          sheets=len(chosen), first=years[0], last=years[-1], regions=len(regions)),
        *(_("sheet «{sheet}»: {title}", sheet=name, title="; ".join(titles[str(one["industry"])].values()))
          for name, one in said.items()),
    )  # fmt: skip
    usual = max(dict.fromkeys(measures), key=measures.count)
    return Suggestion(data, usual, tuple(regions), {"titles": titles}, found)


def _table(grid: Grid, findings: Findings) -> Block:
    """A sheet as a block under its first row that looks like a header: several texts, and figures below."""
    rows = grid.rows[:60]
    for place, (_line, cells) in enumerate(rows[:-1]):
        here = [label(cell) for cell in cells]
        below = rows[place + 1][1]
        texts = sum(bool(cell) and understand(cell).value is None for cell in here) + sum(
            bool(year_of(cell)) for cell in here
        )
        if (
            texts >= 2
            and texts >= sum(map(bool, here))
            and sum(understand(cell).value is not None for cell in below) >= 1
        ):
            names = {cell for cell in here if cell}
            return tabular(Grid(grid.sheet, grid.rows[place : place + 1 + LOOKED_AT]), names.__contains__, findings)
    raise findings.fault(
        _("no header row was found"), sheet=grid.sheet, expected=_("a row of names with figures under it")
    )


def _tidy(file: Path, block: Block) -> Suggestion:
    columns = {name: labels(column).slice(0, LOOKED_AT).to_pylist() for name, column in block.columns.items()}
    roles = _roles(columns)
    figures = [name for name, cells in columns.items() if name not in roles.values() and _numeric(cells)]
    values = {name: _meaning(name, roles) for name in figures}
    if "region" not in roles or not values:
        raise AlmazError(
            _("no column of regions was found") if "region" not in roles else _("no column of figures was found"),
            where=Where(file=str(file), sheet=block.sheet),
            expected=_("one of: {keys}", keys=", ".join(columns)),
            advice=_("write study.toml by hand: «almaz new» makes one that explains every key"),
        )
    data: dict[str, Any] = {"file": file.name, "dimensions": roles}
    if block.sheet is not None:
        data["sheet"] = block.sheet
    constants: dict[str, Any] = {} if "industry" in roles else {"industry": "total"}
    if "year" not in roles and not all("year" in meaning for meaning in values.values()):
        constants["year"] = _year_in(file.stem)
    data |= {"constants": constants} if constants else {}
    data["values"] = values
    found = [_("a table; its header is in the row before row {row}", row=int(block.rows[0]))] if len(block.rows) else []
    found += [f"{role}: «{name}»" for role, name in roles.items()]
    industries = _classification(columns[roles["industry"]]) if "industry" in roles else {}
    measures = [meaning["measure"] for meaning in values.values() if "measure" in meaning] or ["employment"]
    regions = tuple(dict.fromkeys(cell for cell in columns[roles["region"]] if cell))
    return Suggestion(data, max(dict.fromkeys(measures), key=measures.count), regions, industries, tuple(found))


def _roles(columns: Mapping[str, list[str]]) -> dict[str, str]:
    roles: dict[str, str] = {}
    for role, words in _ROLES.items():
        for name in columns:
            parts = [name, *re.split(r"\s*[/|]\s*", name)]
            if name not in roles.values() and any(re.match(words, part.lower()) for part in parts):
                roles[role] = name
                break
    for name, cells in columns.items():
        held = [cell for cell in cells if cell]
        if "year" not in roles and held and all(year_of(cell) for cell in held) and year_of(name) is None:
            roles["year"] = name
    if "region" not in roles:
        texts = [name for name, cells in columns.items() if name not in roles.values() and not _numeric(cells)]
        roles |= {"region": texts[0]} if texts else {}
    return roles


def _numeric(cells: Sequence[str]) -> bool:
    held = [cell for cell in cells if cell]
    return bool(held) and sum(not understand(cell).problem for cell in held) >= 0.8 * len(held)


def _meaning(name: str, roles: Mapping[str, str]) -> dict[str, Any]:
    meaning: dict[str, Any] = {}
    year = year_of(name) or _year_in(name)
    if "year" not in roles and year:
        meaning["year"] = year
    if "measure" not in roles:
        meaning["measure"] = measure_of(name) or ("employment" if year_of(name) else code_of(name))
    return meaning


def _year_in(text: str) -> int | None:
    found = re.search(r"(?<!\d)(19|20)\d\d(?!\d)", text)
    return int(found.group()) if found else None


def _classification(cells: Sequence[str]) -> dict[str, Any]:
    """The classification whose codes a column holds, if nearly all of its cells are codes of one."""
    codes = {cell for cell in cells if cell}
    for system in ("NAICS 2017", "NACE Rev. 2"):
        fitting = sum(is_code(code, system) for code in codes)
        if codes and fitting >= 0.95 * len(codes) and any(any(c.isdigit() for c in code) for code in codes):
            return {"system": system}
    return {}
