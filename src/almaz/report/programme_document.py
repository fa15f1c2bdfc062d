"""The draft programme as a Word document that a committee can read, mark and sign."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import vl_convert
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from almaz.language import decimal, figure
from almaz.language import text as _
from almaz.programme.draft import ProgrammeDraft, Project
from almaz.programme.explained import (
    actor_words,
    explained,
    gate_words,
    line_words,
    need_words,
    stage_words,
    warning_words,
)
from almaz.programme.frames import assumptions, impact
from almaz.report.programme import baseline_words, gantt, gantt_rows
from almaz.whole import whole


def write_document(draft: ProgrammeDraft, file: Path, region: str, cluster: str) -> Path:
    """Write the draft as DOCX in the language in use; the file is whole or not there. region, cluster: their names."""
    document = Document()
    style = document.styles["Normal"]
    style.font.name, style.font.size = "DejaVu Sans", Pt(10)
    for section in document.sections:
        section.left_margin = section.right_margin = Cm(2)
    document.add_heading(_("Draft programme: {cluster}, {region}", cluster=cluster, region=region), 0)
    _summary(document, draft)
    _findings(document, draft)
    _baselines(document, draft)
    _projects(document, draft)
    _budget(document, draft)
    _gates(document, draft)
    _risks(document, draft)
    document.add_paragraph(
        _("Edition {edition}: the same edition and catalogue make the same draft.", edition=draft.edition)
    )
    with whole(file) as partial:
        document.save(str(partial))
    return file


def _summary(document: Any, draft: ProgrammeDraft) -> None:
    least, most = draft.cost
    document.add_paragraph(
        _(
            "{start}–{end}, {number} projects, {least} to {most} million U.S. dollars (cost classes, to be replaced by quotes).",
            start=draft.start,
            end=draft.start + draft.horizon,
            number=len(draft.projects),
            least=decimal(least, 1),
            most=decimal(most, 1),
        )
    )
    for code in draft.warnings:
        run = document.add_paragraph().add_run("⚠ " + warning_words(code))
        run.bold, run.font.color.rgb = True, RGBColor(0x9A, 0x5B, 0x00)


def _table(document: Any, heads: Sequence[str], rows: Iterable[Sequence[str]], widths: Sequence[float]) -> None:
    """A table with columns of these widths in cm; its head is repeated on every page, a row is never torn apart."""
    table = document.add_table(rows=1, cols=len(heads), style="Light Grid Accent 1")
    table.autofit = False
    look = table._tblPr.find(qn("w:tblLook"))
    if look is not None:
        look.set(qn("w:firstColumn"), "0")
        look.set(qn("w:val"), "0420")  # what programs that know no names read: a head, no bands of columns
    for cell, head in zip(table.rows[0].cells, heads, strict=True):
        cell.text = head
    for row in rows:
        for cell, value in zip(table.add_row().cells, row, strict=True):
            cell.text = value
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Cm(width)
        for cell in column.cells:
            cell.width = Cm(width)
    _marked(table.rows[0], "w:tblHeader")
    for row in table.rows:
        _marked(row, "w:cantSplit")
        for cell in row.cells:
            for paragraph in cell.paragraphs:
                paragraph.paragraph_format.space_after = Pt(1)
                for run in paragraph.runs:
                    run.font.size = Pt(9)
    document.add_paragraph()


def _marked(row: Any, name: str) -> None:
    properties = row._tr.get_or_add_trPr()
    properties.append(properties.makeelement(qn(name), {}))


def _interval(value: float | None, low: float | None, high: float | None) -> str:
    if value is None:
        return "—"
    known = figure(value)
    return known if low is None or high is None or low == high else f"{known} ({figure(low)} – {figure(high)})"


def _findings(document: Any, draft: ProgrammeDraft) -> None:
    document.add_heading(_("What was found"), 1)
    by = {finding: str(project.number) for project in draft.projects for finding in project.because}
    rows = [
        (explained(one), decimal(one.severity, 1), _("yes") if one.certain else _("no"), by.get(one.id, "—"))
        for one in draft.findings
    ]
    _table(document, [_("finding"), _("severity"), _("certain"), _("project")], rows, (10, 2.4, 2.3, 2.3))


def _baselines(document: Any, draft: ProgrammeDraft) -> None:
    document.add_heading(_("Baselines, frozen from the edition"), 1)
    rows = [
        (baseline_words(one.name), str(one.year), _interval(one.value, one.low, one.high)) for one in draft.baselines
    ]
    _table(document, [_("indicator"), _("year"), _("value and its bounds")], rows, (7, 2, 8))


def _projects(document: Any, draft: ProgrammeDraft) -> None:
    document.add_heading(_("Projects"), 1)
    if draft.projects:
        chart = gantt(gantt_rows(draft), 280) | {"width": 420, "background": "white"}
        chart["config"]["font"] = "DejaVu Sans"
        document.add_picture(io.BytesIO(vl_convert.vegalite_to_png(chart, scale=2.5)), width=Cm(17))
        document.add_paragraph(
            _("Bar: work until the outputs. Diamond: the year in which the outcome may be expected. Dashed: year 5.")
        )
    said = {one.id: explained(one) for one in draft.findings}
    for stage, title in stage_words().items():
        mine = [one for one in draft.projects if one.measure.stage == stage]
        if mine:
            document.add_heading(title, 2)
        for project in mine:
            _project(document, draft, project, said)


def _project(document: Any, draft: ProgrammeDraft, project: Project, said: dict[str, str]) -> None:
    measure = project.measure
    document.add_heading(f"{project.number}. {measure.name}", 3)
    rows = [
        (_("because"), "\n".join(said[finding] for finding in project.because)),
        (_("owner"), actor_words()[measure.actor]),
        (_("inputs"), ", ".join(line_words()[line] for line in project.lines)),
        (_("activities"), str(measure.activity)),
        (_("outputs"), f"{measure.output} ({draft.start + project.outputs})"),
        (_("outcomes"), f"{measure.outcome} ({draft.start + project.outcome})"),
        (_("impact"), "\n".join(map(str, impact(project.codes)))),
        (_("assumptions"), "\n".join(map(str, assumptions(project.codes)))),
        (_("indicator"), str(measure.indicator)),
        (_("risk"), str(measure.risk)),
        (_("known experience"), f"{measure.experience} — {measure.source}"),
    ]
    _table(document, [_("part"), _("content")], rows, (3.8, 13.2))


def _budget(document: Any, draft: ProgrammeDraft) -> None:
    document.add_heading(_("Budget, million U.S. dollars"), 1)
    lines = line_words()
    rows = [
        (f"{one.number}. {one.measure.name}", *(_amount(one.lines.get(line)) for line in lines), _amount(one.cost))
        for one in draft.projects
    ]
    rows.append((_("total"), *("" for _line in lines), _amount(draft.cost)))
    _table(document, [_("project"), *lines.values(), _("total")], rows, (6, 2.7, 2.9, 2.9, 2.5))


def _amount(amount: tuple[float, float] | None) -> str:
    return "—" if amount is None else f"{decimal(amount[0], 2)} – {decimal(amount[1], 2)}"


def _gates(document: Any, draft: ProgrammeDraft) -> None:
    document.add_heading(_("Stages and gates"), 1)
    rows = [
        (
            f"{gate.code}: {gate_words()[gate.code]}",
            str(draft.start + gate.year),
            "\n".join(("☑ " if need in gate.shown else "☐ ") + need_words()[need] for need in gate.needs),
        )
        for gate in draft.gates
    ]
    _table(document, [_("gate"), _("year"), _("what must be shown")], rows, (6, 2, 9))
    document.add_paragraph(
        _("Stage 3 and gates G5 and G6 are our reconstruction: the article's figure of stage 3 is lost.")
    )


def _risks(document: Any, draft: ProgrammeDraft) -> None:
    document.add_heading(_("Risks"), 1)
    rows = [(f"{one.number}. {one.measure.name}", str(one.measure.risk)) for one in draft.projects]
    _table(document, [_("project"), _("risk")], rows, (6.5, 10.5))
