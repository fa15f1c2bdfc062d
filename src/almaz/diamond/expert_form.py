"""The expert form: judgements from 1 to 7 with anchors, evidence and confidence, and how far the experts agree."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from zipfile import BadZipFile

import numpy as np
import openpyxl
import pyarrow as pa
import xlsxwriter

from almaz.diamond.indicators import SCHEMA, IndicatorSet
from almaz.errors import AlmazError, Where
from almaz.language import language
from almaz.language import text as _
from almaz.measures.agreement import krippendorff_alpha

LOWEST, HIGHEST, CONFIDENCES = 1, 7, (1, 2, 3)
COLUMNS: Final = ("region", "region_name", "question", "text", "1", "4", "7", "level", "confidence", "evidence")
LINES = 2000
"""Rows a form may have; more is a mistake, not a form."""


@dataclass(frozen=True)
class Judgement:
    """One expert's answer: level 1…7; confidence 1 a guess, 2 fairly sure, 3 sure; evidence: what it rests on."""

    expert: str
    region: str
    question: str
    year: int
    level: float
    confidence: int
    evidence: str

    @property
    def half_width(self) -> float:
        """How far the truth may be from the level: half a step for a sure answer, half a step more for each step of doubt; an
        answer without evidence counts as a guess. The rule is ours."""
        sure = self.confidence if self.evidence else CONFIDENCES[0]
        return 0.5 + 0.5 * (CONFIDENCES[-1] - sure)


def write_form(file: Path, questions: IndicatorSet, regions: Mapping[str, str], year: int) -> Path:
    """An Excel form in the language in use: a sheet for who answers, a sheet of questions with anchors and checked cells."""
    spoken = language()
    partial = file.with_name(file.name + ".partial")
    with xlsxwriter.Workbook(partial) as book:
        bold = book.add_format({"bold": True, "bg_color": "#e6f0ef", "text_wrap": True, "valign": "top"})
        wrap = book.add_format({"text_wrap": True, "valign": "top"})
        fill = book.add_format(
            {"text_wrap": True, "valign": "top", "bg_color": "#fffbe6", "border": 1, "border_color": "#d5d9de"}
        )
        who = book.add_worksheet("about")
        who.set_column(0, 0, 16)
        who.set_column(1, 1, 90)
        for row, (key, value) in enumerate((("expert", ""), ("year", year))):
            who.write(row, 0, key, bold)
            who.write(row, 1, value, fill)
        for row, line in enumerate(_how_to(), start=3):
            who.write(row, 1, line, wrap)
        sheet = book.add_worksheet("form")
        sheet.write_row(0, 0, COLUMNS, bold)
        for column, width in enumerate((10, 18, 22, 44, 24, 24, 24, 8, 11, 50)):
            sheet.set_column(column, column, width)
        number = 0
        for code, name in regions.items():
            for one in questions.indicator:
                if not one.anchors:
                    continue
                number += 1
                anchors = [one.anchors[level].get(spoken, "") for level in ("1", "4", "7")]  # type: ignore[call-overload]
                text = one.name.get(spoken) or one.name["en"]  # type: ignore[call-overload]
                sheet.write_row(number, 0, [code, name, one.code, text, *anchors], wrap)
                for column in (7, 8, 9):
                    sheet.write_blank(number, column, None, fill)
        for column, least, most in ((7, LOWEST, HIGHEST), (8, CONFIDENCES[0], CONFIDENCES[-1])):
            rule = {
                "validate": "integer",
                "criteria": "between",
                "minimum": least,
                "maximum": most,
                "ignore_blank": True,
            }
            sheet.data_validation(1, column, max(number, 1), column, rule)
        sheet.freeze_panes(1, 4)
    partial.replace(file)
    return file


def _how_to() -> list[str]:
    return [
        _("Write your name beside «expert». Answer only what you know: a blank is an answer too, and stays unknown."),
        _("level: 1 to 7; the columns 1, 4 and 7 say what these levels mean."),
        _("confidence: 1 a guess, 2 fairly sure, 3 sure."),
        _("evidence: what your answer rests on; without it the answer counts as a guess."),
        _("Answer by yourself, before you talk it over: agreement between experts is measured."),
    ]


def read_form(file: Path) -> list[Judgement]:
    """Read one filled form. Raises AlmazError naming file, sheet, row and column."""
    try:
        book = openpyxl.load_workbook(io.BytesIO(file.read_bytes()), read_only=True, data_only=True)
        about = {str(row[0] or ""): row[1] for row in book["about"].iter_rows(max_row=2, max_col=2, values_only=True)}
        lines = list(book["form"].iter_rows(max_row=LINES, max_col=len(COLUMNS), values_only=True))
    except (OSError, BadZipFile, KeyError, ValueError) as why:
        raise AlmazError(
            _("the form cannot be read: {why}", why=why),
            where=Where(file=str(file)),
            advice=_("make one with: almaz expert-form"),
        ) from None
    expert = str(about.get("expert") or "").strip()
    year = str(about.get("year") or "").removesuffix(".0")
    if not expert or not year.isdigit():
        raise AlmazError(
            _("the form does not say who answered, or for which year"),
            where=Where(file=str(file), sheet="about", column="B"),
            expected=_("a name in the first row and a year in the second"),
        )
    return list(_answers(file, expert, int(year), lines))


def _answers(file: Path, expert: str, year: int, lines: Sequence[tuple[object, ...]]) -> Iterator[Judgement]:
    for number, line in enumerate(lines[1:], start=2):
        cells = dict(zip(COLUMNS, line, strict=False))
        if cells.get("level") in (None, ""):
            continue
        level = _whole(file, number, "level", cells["level"], LOWEST, HIGHEST)
        sure = cells.get("confidence")
        confidence = (
            CONFIDENCES[0] if sure in (None, "") else _whole(file, number, "confidence", sure, 1, CONFIDENCES[-1])
        )
        yield Judgement(
            expert,
            str(cells["region"]).removesuffix(".0"),
            str(cells["question"]),
            year,
            float(level),
            confidence,
            str(cells.get("evidence") or "").strip(),
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


def as_figures(judgements: Sequence[Judgement]) -> pa.Table:
    """Judgements as the tidy table of indicators, basis «judgement»: the mean weighted by confidence, between the lowest and
    the highest level that any expert leaves open."""
    rows = []
    for (region, question, year), said in _by_question(judgements).items():
        weights = np.array([one.confidence if one.evidence else CONFIDENCES[0] for one in said], dtype=np.float64)
        levels = np.array([one.level for one in said])
        halves = np.array([one.half_width for one in said])
        rows.append(
            {
                "indicator": question,
                "region": region,
                "year": year,
                "value": float(weights @ levels / weights.sum()),
                "low": float(max(LOWEST, (levels - halves).min())),
                "high": float(min(HIGHEST, (levels + halves).max())),
                "unit": None,
                "source": ", ".join(sorted({one.expert for one in said})),
                "basis": "judgement",
            }
        )
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def _by_question(judgements: Sequence[Judgement]) -> dict[tuple[str, str, int], list[Judgement]]:
    found: dict[tuple[str, str, int], list[Judgement]] = {}
    for one in judgements:
        found.setdefault((one.region, one.question, one.year), []).append(one)
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


def agreement(judgements: Sequence[Judgement]) -> Agreement:
    """How far the experts agree over everything that two or more of them judged."""
    experts = sorted({one.expert for one in judgements})
    things = list(_by_question(judgements))
    ratings = np.full((len(experts), len(things)), np.nan)
    for one in judgements:
        ratings[experts.index(one.expert), things.index((one.region, one.question, one.year))] = one.level
    compared = int(((~np.isnan(ratings)).sum(axis=0) >= 2).sum()) if things else 0
    alpha = krippendorff_alpha(ratings, "ordinal") if compared else float("nan")
    return Agreement(alpha, len(experts), compared)
