"""A draft programme as files: TOML for the workspace, a Word document for the committee, a page for everybody."""

from __future__ import annotations

import re
from pathlib import Path

from almaz.programme.draft import ProgrammeDraft
from almaz.programme.writing import write_toml
from almaz.report.html import write_sections
from almaz.report.programme import draft_section, names
from almaz.report.programme_document import write_document
from almaz.study.edition import Edition


def write_draft(draft: ProgrammeDraft, edition: Edition, folder: Path, language: str) -> list[Path]:
    """Write a draft in the language in use into a folder. Returns the files."""
    region = names(edition, "regions", "region", draft.region)
    cluster = names(edition, "clusters", "cluster", draft.cluster)
    stem = (
        folder / f"programme-{draft.region}-{re.sub(r'[^a-z0-9]+', '-', draft.cluster.lower()).strip('-')}-{language}"
    )
    section = draft_section(draft, region, cluster)
    return [
        write_toml(draft, stem.with_suffix(".toml"), region, cluster),
        write_document(draft, stem.with_suffix(".docx"), region, cluster),
        write_sections(section.title, [section], stem.with_suffix(".html"), language, identity=draft.edition),
    ]
