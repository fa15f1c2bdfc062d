"""The expert form: judgements from 1 to 7 with anchors, evidence and confidence, and how far the experts agree."""

from __future__ import annotations

import io
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile

import numpy as np
import openpyxl
import pyarrow as pa
import xlsxwriter

from almaz.errors import AlmazError, Where
from almaz.language import text as _
from almaz.measures.agreement import krippendorff_alpha
from almaz.whole import whole

LOWEST, HIGHEST, CONFIDENCES = 1, 7, (1, 2, 3)
ANCHORED: Final = ("1", "4", "7")
"""The levels that a form describes in words."""
CLUSTER: Final = ("cluster", "cluster_name")
COLUMNS: Final = ("region", "region_name", "question", "text", *ANCHORED, "level", "confidence", "evidence")
"""Columns of the form; where clusters of regions are judged, `CLUSTER` stands after the region's name."""
WIDTHS: Final = {"region": 10, "region_name": 18, "cluster": 18, "cluster_name": 24, "question": 22, "text": 44, "1": 24, "4": 24,
                 "7": 24, "level": 8, "confidence": 11, "evidence": 50}  # fmt: skip
ABOUT: Final = ("expert", "year", "note")
ILLUSTRATION: Final = "illustration"
"""The note of a form whose answers are made up to show how a form works: every page that uses it says so."""
LINES = 20_000
"""Rows a form may have; more is a mistake, not a form."""

JUDGEMENTS: Final = pa.schema(
    [
        ("question", pa.string()),
        ("region", pa.string()),
        ("cluster", pa.string()),  # null: of the region, for every cluster in it
        ("expert", pa.string()),
        ("year", pa.int32()),
        ("level", pa.float64()),  # 1…7
        ("confidence", pa.int8()),  # 1 a guess, 2 fairly sure, 3 sure
        ("evidence", pa.string()),
        ("note", pa.string()),  # of the whole form, e.g. ILLUSTRATION
    ]
)
"""Judgements as a table; statistics and judgements are never mixed silently."""


@dataclass(frozen=True)
class Question:
    """What a form asks. anchors: what the levels 1, 4 and 7 mean."""

    code: str
    text: str
    anchors: Mapping[str, str]


@dataclass(frozen=True)
class Place:
    """What a form asks about: a region, or a cluster in it (its code and its name)."""

    region: str
    name: str
    cluster: str | None = None
    cluster_name: str = ""


@dataclass(frozen=True)
class Judgement:
    """One expert's answer: level 1…7; confidence 1 a guess, 2 fairly sure, 3 sure; evidence: what it rests on; cluster: None
    where the region itself is judged; note: of the whole form."""

    expert: str
    region: str
    question: str
    year: int
    level: float
    confidence: int
    evidence: str
    cluster: str | None = None
    note: str = ""

    @property
    def half_width(self) -> float:
        """How far the truth may be from the level: half a step for a sure answer, half a step more for each step of doubt; an
        answer without evidence counts as a guess. The rule is ours."""
        return 0.5 + 0.5 * (CONFIDENCES[-1] - self.weight)

    @property
    def weight(self) -> int:
        """What the answer weighs among others: its confidence, that of a guess where there is no evidence."""
        return self.confidence if self.evidence else CONFIDENCES[0]


def write_form(
    file: Path,
    questions: Sequence[Question],
    places: Sequence[Place],
    year: int,
    note: str = "",
    expert: str = "",
    answers: Sequence[Judgement] = (),
) -> Path:
    """An Excel form in the language in use: a sheet for who answers, a sheet of questions with anchors and checked cells.

    expert, answers: who has answered already, and what; `read_form` gives them back. Raises AlmazError where there is nothing
    to ask.
    """
    if not questions or not places:
        raise AlmazError(_("the form would be empty"), where=Where(file=str(file)))
    settings = {"strings_to_formulas": False, "strings_to_urls": False}
    with whole(file) as partial, xlsxwriter.Workbook(partial, settings) as book:
        book.set_properties({"created": datetime(year, 1, 1)})
        style = _formats(book)
        _write_about(book.add_worksheet("about"), style, {"expert": expert, "year": year, "note": note})
        given = {(one.region, one.cluster, one.question): one for one in answers}
        _write_questions(book.add_worksheet("form"), style, questions, places, given)
    return file


def _formats(book: Any) -> dict[str, Any]:
    top: dict[str, Any] = {"text_wrap": True, "valign": "top"}
    return {
        "head": book.add_format(top | {"bold": True, "bg_color": "#e6f0ef"}),
        "wrap": book.add_format(top),
        "fill": book.add_format(top | {"bg_color": "#fffbe6", "border": 1, "border_color": "#d5d9de"}),
    }


def _write_about(sheet: Any, style: Mapping[str, Any], said: Mapping[str, object]) -> None:
    sheet.set_column(0, 0, 16)
    sheet.set_column(1, 1, 90)
    for row, key in enumerate(ABOUT):
        sheet.write(row, 0, key, style["head"])
        sheet.write(row, 1, said[key], style["fill"])
    for row, line in enumerate(_how_to(), start=len(ABOUT) + 1):
        sheet.write(row, 1, line, style["wrap"])


def _write_questions(
    sheet: Any,
    style: Mapping[str, Any],
    questions: Sequence[Question],
    places: Sequence[Place],
    given: Mapping[tuple[str, str | None, str], Judgement],
) -> None:
    clustered = any(place.cluster is not None for place in places)
    columns = (*COLUMNS[:2], *CLUSTER, *COLUMNS[2:]) if clustered else COLUMNS
    sheet.write_row(0, 0, columns, style["head"])
    for at, column in enumerate(columns):
        sheet.set_column(at, at, WIDTHS[column])
    asked = [(place, one) for place in places for one in questions]
    blank = [columns.index(name) for name in ("level", "confidence", "evidence")]
    for number, (place, one) in enumerate(asked, start=1):
        told = [place.region, place.name, *((place.cluster, place.cluster_name) if clustered else ())]
        anchors = [one.anchors.get(level, "") for level in ANCHORED]
        sheet.write_row(number, 0, [*told, one.code, one.text, *anchors], style["wrap"])
        one_said = given.get((place.region, place.cluster, one.code))
        said = (one_said.level, one_said.confidence, one_said.evidence) if one_said else (None, None, None)
        for at, value in zip(blank, said, strict=True):
            sheet.write(number, at, value, style["fill"])
    for at, least, most in ((blank[0], LOWEST, HIGHEST), (blank[1], CONFIDENCES[0], CONFIDENCES[-1])):
        rule = {"validate": "integer", "criteria": "between", "minimum": least, "maximum": most, "ignore_blank": True}
        sheet.data_validation(1, at, len(asked), at, rule)
    sheet.freeze_panes(1, columns.index("text"))


def _how_to() -> list[str]:
    return [
        _("Write your name beside «expert». Answer only what you know: a blank is an answer too, and stays unknown."),
        _("level: 1 to 7; the columns 1, 4 and 7 say what these levels mean."),
        _("confidence: 1 a guess, 2 fairly sure, 3 sure."),
        _("evidence: what your answer rests on; without it the answer counts as a guess."),
        _("Answer by yourself, before you talk it over: agreement between experts is measured."),
    ]


def read_form(file: Path, known: Mapping[str, Collection[str]] | None = None) -> list[Judgement]:
    """Read one filled form.

    known: the codes that the columns question, region and cluster may hold; a column that is not named is not checked. Raises
    AlmazError naming file, sheet, row and column.
    """
    try:
        book = openpyxl.load_workbook(io.BytesIO(file.read_bytes()), read_only=True, data_only=True)
        rows = book["about"].iter_rows(max_row=len(ABOUT), max_col=2, values_only=True)
        about = {str(row[0] or ""): str(row[1] if row[1] is not None else "").strip() for row in rows}
        wide = len(COLUMNS) + len(CLUSTER)
        lines = list(book["form"].iter_rows(max_row=LINES, max_col=wide, values_only=True))
    except (OSError, BadZipFile, KeyError, ValueError, IndexError) as why:
        raise AlmazError(
            _("the form cannot be read: {why}", why=why),
            where=Where(file=str(file)),
            advice=_("make one with: almaz expert-form"),
        ) from None
    expert, year = about.get("expert", ""), about.get("year", "").removesuffix(".0")
    if not expert or not year.isdigit():
        raise AlmazError(
            _("the form does not say who answered, or for which year"),
            where=Where(file=str(file), sheet="about", column="B"),
            expected=_("a name in the first row and a year in the second"),
        )
    return list(_answers(file, expert, int(year), about.get("note", ""), lines, known or {}))


def read_forms(forms: Iterable[Path], known: Mapping[str, Collection[str]] | None = None) -> list[Judgement]:
    """Read several forms. Raises AlmazError as `read_form` does, and where an expert answers a question twice."""
    found: dict[Hashable, Judgement] = {}
    for file in forms:
        for one in read_form(file, known):
            key = (one.expert, one.region, one.cluster, one.question, one.year)
            if key in found:
                raise AlmazError(
                    _("«{expert}» answers «{question}» twice", expert=one.expert, question=one.question),
                    where=Where(file=str(file), sheet="form", column="question"),
                    expected=_("one answer of each expert to each question"),
                )
            found[key] = one
    return list(found.values())


def _answers(
    file: Path,
    expert: str,
    year: int,
    note: str,
    lines: Sequence[tuple[object, ...]],
    known: Mapping[str, Collection[str]],
) -> Iterator[Judgement]:
    columns = [str(cell or "").strip() for cell in lines[0]] if lines else []
    for wanted in ("region", "question", "level"):
        if wanted not in columns:
            raise AlmazError(
                _("there is no column «{column}»", column=wanted),
                where=Where(file=str(file), sheet="form", row=1, column=wanted),
                advice=_("make one with: almaz expert-form"),
            )
    for number, line in enumerate(lines[1:], start=2):
        cells = dict(zip(columns, line, strict=False))
        if cells.get("level") in (None, ""):
            continue
        level = _whole(file, number, "level", cells["level"], LOWEST, HIGHEST)
        sure = cells.get("confidence")
        confidence = (
            CONFIDENCES[0] if sure in (None, "") else _whole(file, number, "confidence", sure, 1, CONFIDENCES[-1])
        )
        region, question, cluster = (
            _code(file, number, column, cells.get(column), known) for column in ("region", "question", "cluster")
        )
        evidence = str(cells.get("evidence") or "").strip()
        yield Judgement(expert, region, question, year, float(level), confidence, evidence, cluster or None, note)


def _code(file: Path, row: int, column: str, cell: object, known: Mapping[str, Collection[str]]) -> str:
    written = str(cell if cell is not None else "").strip().removesuffix(".0")
    if written in known.get(column, (written,)) or (not written and column == "cluster"):
        return written
    close = get_close_matches(written, sorted(known[column]), n=3)
    raise AlmazError(
        _("the study does not know «{cell}»", cell=written),
        where=Where(file=str(file), sheet="form", row=row, column=column),
        expected=_("one of: {keys}", keys=", ".join(close or sorted(known[column])[:20])),
    )


def _whole(file: Path, row: int, column: str, cell: object, least: int, most: int) -> int:
    written = str(cell).removesuffix(".0").strip()
    if not written.isdigit() or not least <= int(written) <= most:
        raise AlmazError(
            _("«{cell}» is not allowed here", cell=cell),
            where=Where(file=str(file), sheet="form", row=row, column=column),
            expected=_("a whole number from {least} to {most}", least=least, most=most),
        )
    return int(written)


def judgements_table(judgements: Sequence[Judgement]) -> pa.Table:
    """Judgements as a table of JUDGEMENTS, in the order of the forms."""
    rows = [vars(one) | {"note": one.note or None, "evidence": one.evidence or None} for one in judgements]
    return pa.Table.from_pylist(rows, schema=JUDGEMENTS)


def by_thing(judgements: Sequence[Judgement]) -> dict[tuple[str, str, str, int], list[Judgement]]:
    """Judgements by what they judge: region, cluster ("": the region itself), question, year; in the order of these."""
    found: dict[tuple[str, str, str, int], list[Judgement]] = {}
    for one in judgements:
        found.setdefault((one.region, one.cluster or "", one.question, one.year), []).append(one)
    return dict(sorted(found.items()))


@dataclass(frozen=True)
class Agreement:
    """alpha: Krippendorff's, ordinal, NaN where nothing was judged twice; experts; compared: answers given by two or more."""

    alpha: float
    experts: int
    compared: int

    @property
    def verdict(self) -> str:
        """reliable (α ≥ 0.8), tentative (α ≥ 0.667), doubtful, or unknown. Source: Krippendorff (2004), ch. 11."""
        if np.isnan(self.alpha):
            return "unknown"
        return "reliable" if self.alpha >= 0.8 else "tentative" if self.alpha >= 0.667 else "doubtful"

    def row(self) -> dict[str, object]:
        """Its figures and its verdict, by name."""
        alpha = None if np.isnan(self.alpha) else self.alpha
        return {"alpha": alpha, "experts": self.experts, "compared": self.compared, "verdict": self.verdict}


def agreement(judgements: Sequence[Judgement]) -> Agreement:
    """How far the experts agree over everything that two or more of them judged."""
    experts = {expert: row for row, expert in enumerate(sorted({one.expert for one in judgements}))}
    things = by_thing(judgements)
    ratings = np.full((len(experts), len(things)), np.nan)
    for column, said in enumerate(things.values()):
        for one in said:
            ratings[experts[one.expert], column] = one.level
    compared = int(((~np.isnan(ratings)).sum(axis=0) >= 2).sum()) if things else 0
    alpha = krippendorff_alpha(ratings, "ordinal") if compared else float("nan")
    return Agreement(alpha, len(experts), compared)
