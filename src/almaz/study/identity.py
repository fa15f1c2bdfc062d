"""What an edition is known by: the study as written, its inputs by their hashes, and the code that makes it."""

from __future__ import annotations

import hashlib
import json
from importlib.resources import files
from pathlib import Path
from typing import Any

from almaz.study.edition import sha256
from almaz.study.file import Study
from almaz.study.file import files as files_of
from almaz.study.registers import fingerprint

_MAKERS = ("measures", "tables", "clusters", "diamond", "potential", "impact", "programme", "study")


def identity_of(study: Study) -> str:
    """SHA-256 over all that an edition depends on: the same identity is the same edition."""
    parts = [parameters(study), inputs(study), code_fingerprint()]
    return hashlib.sha256(json.dumps(parts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def inputs(study: Study) -> list[list[str]]:
    """Every file and register by name, and the hash or version by which its content is known."""
    files = [[file.name, sha256(file)] for file in _files(study)]
    return files + [[section.name, fingerprint(section)] for section in study.registers]


def parameters(study: Study) -> dict[str, Any]:
    """The study as written, paths by their names only: the same study in another folder makes the same edition.

    The engine is left out: no figure depends on it.
    """

    def plain(value: object) -> object:
        if isinstance(value, dict):
            return {key: plain(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [plain(inner) for inner in value]
        return value.name if isinstance(value, Path) else value

    said = study.model_dump(exclude={"engine"})
    for part, section in zip(said["registers"], study.registers, strict=True):
        part["file"] = section.file and section.name
    written: dict[str, Any] = json.loads(json.dumps(plain(said), default=str))
    return written


def code_fingerprint() -> str:
    """SHA-256 over the source of the rooms that make an edition; pages, commands and the site only show it."""
    digest = hashlib.sha256()
    root = Path(str(files("almaz")))
    for file in sorted(file for room in _MAKERS for file in (root / room).rglob("*.py")):
        digest.update(file.relative_to(root).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def _files(study: Study) -> list[Path]:
    return sorted(set(files_of(study)))
