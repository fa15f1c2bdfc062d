"""From a study or an edition to a draft programme."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from almaz.programme.catalogue import catalogue
from almaz.programme.draft import DraftOptions, ProgrammeDraft, draft
from almaz.study.edition import Edition, open_edition
from almaz.study.file import load
from almaz.study.programme import WANTED
from almaz.study.run import run


def edition_of(source: Path, output: Path, tell: Callable[[str], None]) -> Edition:
    """The edition of a study file, made now or found already made; or the edition in a folder."""
    return run(load(source), output, tell) if source.suffix == ".toml" else open_edition(source)


def draft_of(
    edition: Edition, region: str, cluster: str, options: DraftOptions, own_catalogue: Path | None = None
) -> ProgrammeDraft:
    """Draft a programme from an edition's tables; see `programme.draft.draft`."""
    tables = {name: edition.table(name) for name in WANTED if name in edition.tables}
    return draft(tables, catalogue(own_catalogue), region, cluster, edition.manifest["identity"], options)
