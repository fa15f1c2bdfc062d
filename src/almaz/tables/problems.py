"""What a check found, said in the reader's language: rows of PROBLEMS hold facts, the sentences are made when shown.

A row keeps its kind and the values that its sentence needs (`details`, JSON); an edition is therefore the same, byte for byte,
whatever language it was made in, and is read in any.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from almaz.errors import Where
from almaz.language import count, decimal, percent
from almaz.language import text as _

Details = Mapping[str, Any]
Said = tuple[str, str]
"""What is wrong, and what was expected."""


def problem(
    kind: str,
    level: str = "warning",
    *,
    file: str | None = None,
    sheet: str | None = None,
    row: int | None = None,
    column: str | None = None,
    value: object = None,
    number: int = 1,
    **details: object,
) -> dict[str, object]:
    """A row of PROBLEMS. number: how many cells or rows it stands for; details: the values that its sentence needs."""
    return {
        "level": level,
        "kind": kind,
        "file": file,
        "sheet": sheet,
        "row": row,
        "column": column,
        "value": None if value is None else str(value),
        "details": json.dumps(details, ensure_ascii=False, sort_keys=True) if details else None,
        "count": number,
    }


def said(row: Mapping[str, Any]) -> Said:
    """The sentence of a row of PROBLEMS in the language in use, and what was expected."""
    details = json.loads(row["details"]) if row["details"] else {}
    if "more" in details:
        return _("and {number} more of the same kind", number=count(details["more"])), ""
    return _SAID[row["kind"]]({**details, "count": row["count"], "value": row["value"]})


def spoken(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of PROBLEMS with its level and sentence in the language in use: `problem`, `expected`, `level_name`."""
    levels = {"error": _("error"), "warning": _("warning"), "note": _("note")}
    what, expected = said(row)
    return {**row, "level_name": levels.get(row["level"], row["level"]), "problem": what, "expected": expected}


def shown(rows: Iterable[Mapping[str, Any]], most: int = 20) -> Iterator[str]:
    """The problems as lines in the language in use: level, place, sentence, value, what was expected; of each kind so many."""
    seen: Counter[str] = Counter()
    for row in rows:
        seen[row["kind"]] += 1
        if seen[row["kind"]] > most:
            continue
        one = spoken(row)
        where = str(Where(row["file"], row["sheet"], row["row"], row["column"]))
        value = f" «{row['value']}»" if row["value"] is not None else ""
        expected = "; " + _("expected: {expected}", expected=one["expected"]) if one["expected"] else ""
        yield f"{one['level_name']}: {where + ': ' if where else ''}{one['problem']}{value}{expected}"
    more = sum(number - most for number in seen.values() if number > most)
    if more:
        yield _("and {number} more of the same kind", number=count(more))


def _flag(letter: str) -> str:
    names = {
        "a": _("normal value"),
        "b": _("break in the series"),
        "d": _("definition differs"),
        "e": _("estimated"),
        "f": _("forecast"),
        "g": _("experimental"),
        "i": _("imputed"),
        "k": _("included in another category"),
        "n": _("not significant"),
        "p": _("provisional"),
        "r": _("revised"),
        "s": _("estimated by the receiving office"),
        "u": _("low reliability"),
        "v": _("not validated"),
        "w": _("includes another category"),
    }
    return names.get(letter.lower(), letter)


def _measure(name: str) -> str:
    names = {
        "employment": _("employment"),
        "establishments": _("establishments"),
        "wages": _("wages"),
        "output": _("output"),
        "value_added": _("value added"),
        "exports": _("exports"),
    }
    return names.get(name, name)


def _off(d: Details) -> Said:
    off = d["off"]
    what = (
        _("the parts add up to {off} more than the total", off=decimal(off, 1))
        if off > 0
        else _("the parts add up to {off} less than the total", off=decimal(-off, 1))
    )
    return what, _("a total of {total}", total=decimal(d["parts"], 1))


_SAID: Final[Mapping[str, Callable[[Details], Said]]] = {
    # reading
    "encoding": lambda _d: (_("the file is not UTF-8; it was read as Windows-1251"), "UTF-8"),
    "undecodable": lambda d: (
        _("{number} characters could not be decoded and were replaced", number=count(d["count"])),
        _("the file's encoding, under the key encoding"),
    ),
    "long_row": lambda d: (_("one row that goes over {number} lines of the file", number=count(d["count"])), ""),
    "duplicate_header": lambda _d: (_("two columns have the same header; the last one was read"), ""),
    "ragged_row": lambda d: (_("the row has more cells than the header"), str(d["expected"])),
    "no_year": lambda _d: (_("the year is not a year"), _("a number such as 2021")),
    "no_region": lambda _d: (_("figures without a region's name"), _("a name")),
    "no_indicator": lambda _d: (_("a figure without the name of its indicator"), _("a name")),
    "not_a_number": lambda _d: (
        _("this is neither a number nor a known mark; it is kept as not available"),
        _("a number, or one of the marks for a missing figure"),
    ),
    "date_in_number": lambda _d: (
        _("the spreadsheet holds a date here; it is kept as not available"),
        _("a number: spreadsheets turn entries such as 1.5 into dates"),
    ),
    "error_cell": lambda _d: (_("the spreadsheet holds an error here; it is kept as not available"), _("a number")),
    "merged_value": lambda _d: (
        _("one figure in a merged cell; it was kept for the first of its rows only"),
        _("a figure of its own in every cell"),
    ),
    "formula_without_value": lambda _d: (
        _("a formula whose result was never stored; it is kept as not available"),
        _("a workbook saved by a spreadsheet program, or a number"),
    ),
    "hidden_rows": lambda d: (_("{number} hidden rows were read like the others", number=count(d["count"])), ""),
    "hidden_sheet": lambda d: (
        _("a hidden sheet was left out; it has {number} rows", number=count(d["count"])),
        _("its name under sheet or sheets, if it is meant"),
    ),
    "empty_sheet": lambda _d: (_("the sheet is empty"), ""),
    "footnote": lambda _d: (_("a footnote mark was set aside"), ""),
    "text_row": lambda _d: (_("a row of text without figures: kept as a note"), ""),
    "ambiguous_decimal": lambda d: (
        _("{number} figures such as this may have a decimal or a thousands comma; it was read as decimal",
          number=count(d["count"])),
        _("the key decimal, which says which it is"),
    ),
    "set_aside": lambda d: (
        _("{number} rows were left out, because the study keeps others", number=count(d["count"])),
        ", ".join(d["wanted"]),
    ),
    "flag": lambda d: (
        _("{number} figures carry the flag {flag}: {meaning}", number=count(d["count"]), flag=d["flag"],
          meaning=", ".join(_flag(letter) for letter in d["flag"])),
        "",
    ),
    "confidential_figure": lambda d: (
        _("{number} figures are marked confidential; they are kept as hidden", number=count(d["count"])), ""),
    "deleted": lambda d: (_("{number} rows that only delete earlier data were left out", number=count(d["count"])), ""),
    "quarters": lambda d: (
        _("quarters were made into the year: mean employment and establishments, summed wages"),
        _("quarters {quarters}", quarters=", ".join(map(str, d["quarters"]))),
    ),
    "ownerships": lambda d: (
        _("{number} rows were added to those of other ownerships", number=count(d["count"])), ""),
    "other_periods": lambda d: (
        _("{number} columns are not of years and were left out", number=count(d["count"])), _("years, such as 2021")),
    # regions
    "unknown_region": lambda d: (
        _("this region is not among the study's"),
        ", ".join(d.get("close", ())) or _("a code or a name from the regions file"),
    ),
    "ambiguous_region": lambda d: (_("this name fits several regions"), ", ".join(d["close"])),
    "spelling": lambda d: (
        _("this name was taken for the region it is another spelling of"), ", ".join(d["close"])),
    "leading_zero": lambda d: (
        _("this code was taken for the region whose leading zero a spreadsheet ate"), ", ".join(d["close"])),
    "unknown_parent": lambda _d: (_("the region above it is not among the regions"), _("a code from the regions file")),
    "no_borders": lambda _d: (_("this region has no borders and is not drawn on the map"), ""),
    # checks
    "duplicate": lambda _d: (_("this cell stands more than once"), ""),
    "negative": lambda _d: (_("a negative figure"), _("zero or more")),
    "unknown_industry": lambda _d: (_("this industry is not part of the classification and is left out"), ""),
    "aggregate_industry": lambda d: (
        _("this code adds up others and stands outside the tree; its {number} cells were left out",
          number=count(d["count"])),
        "",
    ),
    "empty_year": lambda d: (
        _("no figure of this year is there yet; its {number} cells were left out", number=count(d["count"])), ""),
    "vanished_region": lambda _d: (_("this region is there in one year and missing in another"), ""),
    "total_mismatch": _off,
    "region_total_mismatch": _off,
    "contradiction": lambda d: (
        _(
            "published parts and total contradict each other by {off}; for the hidden cells the sum was relaxed by as much",
            off=decimal(d["off"], 1),
        ),
        _("parts that add up to their total"),
    ),
    "mixed_vintages": lambda _d: (
        _("codes of several revisions of the classification stand side by side"),
        _("codes of one revision, or a concordance"),
    ),
    "other_vintage": lambda d: (
        _("these codes are not of the revision that the study names"), d["system"]),
    "unit_slip": lambda d: (
        _("{times} times the usual figure of its years: a slip of the unit?", times=decimal(d["times"], 0))
        if d["times"] > 1
        else _("{times} times less than the usual figure of its years: a slip of the unit?",
               times=decimal(1 / d["times"], 0)),
        _("about {usual}", usual=decimal(d["usual"], 1)),
    ),
    "implausible_ratio": lambda d: (
        _("{ratio} of {measure} per one of {per}: far outside what the others have", ratio=decimal(d["ratio"], 2),
          measure=_measure(d["measure"]), per=_measure(d["per"])),
        _("between {low} and {high}", low=decimal(d["low"], 2), high=decimal(d["high"], 2)),
    ),
    # registers
    "repeated_records": lambda d: (
        _("{number} records have an identifier that an earlier record of the same year has", number=count(d["count"])),
        _("every identifier once a year"),
    ),
    "nameless_records": lambda d: (_("{number} records have no identifier", number=count(d["count"])), ""),
    "coarse_records": lambda d: (
        _("{number} records are of industries that the data divide further; the engine's portfolio leaves them out",
          number=count(d["count"])), _("the finest industries")),
    "codeless_records": lambda d: (
        _("{number} records have no code here; they are left out", number=count(d["count"])), ""),
    "strange_records": lambda d: (
        _("{number} records hold neither a number nor nothing; their cells are kept as not known",
          number=count(d["count"])),
        _("a number"),
    ),
    "empty_records": lambda d: (
        _("{number} records hold no figure here; {status}", number=count(d["count"]),
          status=_("it counts as nothing") if d["status"] == "nil" else _("their cells are kept as not known")),
        "",
    ),
    "negative_records": lambda d: (
        _("{number} records hold a negative figure; the first is {record}", number=count(d["count"]),
          record=d.get("record") or "—"),
        _("zero or more"),
    ),
    # input–output tables
    "unknown_flows": lambda d: (
        _("{number} figures that are hidden or not available were taken as nothing; the first is named",
          number=count(d["count"])),
        "",
    ),
    "unbalanced_industry": lambda d: (
        _("inputs of this industry do not add up to its output"), decimal(d["total"], 0)),
    "unbalanced_product": lambda d: (
        _("uses of this product do not add up to its output"), decimal(d["total"], 0)),
    "unmatched_activity": lambda d: (
        _("no industry of the input–output table holds this activity, which has {share} of all jobs",
          share=percent(d["share"], 2)),
        _("a line in the concordance"),
    ),
    "without_activity": lambda d: (
        _("no activity of the data belongs to this industry of the input–output table, which has {share} of all output: whether "
          "a region has it is not known", share=percent(d["share"], 2)),
        "",
    ),
    # indicators and firms
    "two_meanings": lambda d: (_("this indicator is described in two ways; the first was kept"), d["first"]),
    "no_place": lambda _d: (
        _("an establishment without a place; it is left out"), _("a longitude and a latitude, or x and y in metres")),
    "no_industry": lambda _d: (_("an establishment without an industry; it is left out"), _("a code or a name")),
    "no_weight": lambda _d: (_("its weight is not known; it counts in no weighted measure"), _("zero or more")),
    "outside_place": lambda _d: (_("this is not a place on the earth"), _("longitude -180 to 180, latitude -90 to 90")),
    "no_name": lambda _d: (_("an organisation without a name"), _("a name or a code")),
}  # fmt: skip
