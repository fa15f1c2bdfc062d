"""The quarterly report for Word: the same blocks as the PDF, pictures with alternative texts, table heads that repeat."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from almaz.report.drawing import as_png
from almaz.report.fonts import FAMILY
from almaz.report.quarterly import Block, Heading, Listing, Paragraph, Picture, Pictures, Report, Table

TEXT_WIDTH = 17.0
"""Centimetres of an A4 page between its margins."""
LOCALES = {"en": "en-GB", "ru": "ru-RU", "ky": "ky-KG"}


def as_docx(report: Report) -> bytes:
    """The report as DOCX."""
    document = Document()
    _styled(document, report)
    document.add_heading(report.title, 0)
    document.add_paragraph(report.subtitle)
    for block in report.blocks:
        _add(document, block)
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def _styled(document: Any, report: Report) -> None:
    for style in document.styles:
        if getattr(style, "font", None) is not None and style.type == 1:
            style.font.name = FAMILY
            fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
            for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
                fonts.attrib.pop(qn(f"w:{theme}"), None)
            fonts.set(qn("w:cs"), FAMILY)
    normal = document.styles["Normal"]
    normal.font.size = Pt(10)
    language = normal.element.get_or_add_rPr().makeelement(qn("w:lang"), {qn("w:val"): LOCALES[report.language]})
    normal.element.rPr.append(language)
    for section in document.sections:
        section.page_width, section.page_height = Cm(21), Cm(29.7)
        section.left_margin = section.right_margin = Cm(2)
        section.footer.paragraphs[0].text = report.running
    core = document.core_properties
    core.title, core.author, core.language = report.title, "Almaz", LOCALES[report.language]
    core.created = core.modified = datetime.fromisoformat(report.date)


def _add(document: Any, block: Block) -> None:
    if isinstance(block, Heading):
        document.add_heading(block.words, block.level)
    elif isinstance(block, Paragraph):
        for part in block.words.split("\n"):
            run = document.add_paragraph().add_run(f"⚠ {part}" if block.strong else part)
            if block.strong:
                run.bold, run.font.color.rgb = True, RGBColor(0x7A, 0x5A, 0x00)
    elif isinstance(block, Listing):
        for point in block.points:
            document.add_paragraph(point, style="List Bullet")
    elif isinstance(block, Picture):
        _picture(document.add_paragraph(), block, TEXT_WIDTH * block.width)
    elif isinstance(block, Pictures):
        _pictures(document, block)
    else:
        _table(document, block)


def _picture(paragraph: Any, picture: Picture, width: float) -> None:
    shape = paragraph.add_run().add_picture(io.BytesIO(as_png(picture.svg)), width=Cm(width))
    described = shape._inline.docPr
    described.set("descr", picture.alternative)
    described.set("title", picture.alternative[:120])


def _pictures(document: Any, block: Pictures) -> None:
    """Two to a row: a table without borders, in which no program breaks the line between them."""
    table = document.add_table(rows=-(-len(block.each) // 2), cols=2)
    for place, one in enumerate(block.each):
        cell = table.cell(place // 2, place % 2)
        _picture(cell.paragraphs[0], one, TEXT_WIDTH / 2 - 0.6)
    for row in table.rows:
        _marked(row, "w:cantSplit")
    document.add_paragraph()


def _table(document: Any, block: Table) -> None:
    table = document.add_table(rows=1, cols=len(block.headings), style="Light Grid Accent 1")
    table.autofit = False
    look = table._tblPr.find(qn("w:tblLook"))
    if look is not None:
        look.set(qn("w:firstColumn"), "0")
        look.set(qn("w:val"), "0420")
    for cell, head in zip(table.rows[0].cells, block.headings, strict=True):
        cell.text = head
    for row in block.rows:
        for cell, said in zip(table.add_row().cells, row, strict=True):
            cell.text = said
    widths = [TEXT_WIDTH * width / sum(block.widths) for width in block.widths]
    for place, (column, width) in enumerate(zip(table.columns, widths, strict=True)):
        column.width = Cm(width)
        for cell in column.cells:
            cell.width = Cm(width)
            for paragraph in cell.paragraphs:
                paragraph.paragraph_format.space_after = Pt(1)
                if place in block.numbers:
                    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
                for run in paragraph.runs:
                    run.font.size = Pt(7.5)
    _marked(table.rows[0], "w:tblHeader")
    for cell in table.rows[0].cells:
        cell.paragraphs[0].paragraph_format.keep_with_next = True  # a head alone at the foot of a page hides the rows
    for row in table.rows:
        _marked(row, "w:cantSplit")
    document.add_paragraph()


def _marked(row: Any, name: str) -> None:
    properties = row._tr.get_or_add_trPr()
    properties.append(properties.makeelement(qn(name), {}))
