"""The quarterly report as a tagged PDF (PDF/UA-1): typst lays out a JSON, so that no text typed in is ever read as markup."""

from __future__ import annotations

import json
import tempfile
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import typst

from almaz.errors import AlmazError
from almaz.language import text as _
from almaz.report.fonts import FAMILY, font_folder
from almaz.report.quarterly import Block, Heading, Listing, Paragraph, Picture, Pictures, Report, Table

NAMES: dict[type, str] = {
    Heading: "heading", Paragraph: "paragraph", Listing: "listing", Table: "table", Picture: "picture", Pictures: "pictures",
}  # fmt: skip


def as_pdf(report: Report) -> bytes:
    """The report as PDF; the same report has the same bytes.

    Raises AlmazError where typst finds anything wrong, be it only a warning (a font or a picture that is missing).
    """
    with tempfile.TemporaryDirectory(prefix="almaz-report-") as name:
        folder = Path(name)
        blocks = [_block(block, folder) for block in report.blocks]
        content = {**asdict(report), "blocks": blocks, "font": FAMILY}
        (folder / "report.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        source = (files("almaz.report") / "quarterly.typ").read_text(encoding="utf-8")
        (folder / "report.typ").write_text(source, encoding="utf-8")
        fonts = typst.Fonts(include_system_fonts=False, font_paths=[font_folder()])
        made = datetime.fromisoformat(report.date).replace(tzinfo=UTC)
        try:
            pdf, warned = typst.compile_with_warnings(
                folder / "report.typ",
                root=folder,
                font_paths=fonts,
                pdf_standards="ua-1",
                timestamp=int(made.timestamp()),
            )
        except typst.TypstError as why:
            raise AlmazError(_("the report cannot be laid out: {why}", why=why.diagnostic or why.message)) from None
    if warned:
        raise AlmazError(_("the report cannot be laid out: {why}", why="; ".join(one.message for one in warned)))
    return bytes(pdf)


def _block(block: Block, folder: Path) -> dict[str, Any]:
    if isinstance(block, Pictures):
        return {"kind": "pictures", "each": [_block(one, folder) for one in block.each]}
    if isinstance(block, Picture):
        name = f"picture-{len(list(folder.glob('*.svg')))}.svg"
        (folder / name).write_text(block.svg, encoding="utf-8")
        return {"kind": "picture", "file": name, "alternative": block.alternative, "width": block.width}
    return {"kind": NAMES[type(block)], **asdict(block)}
