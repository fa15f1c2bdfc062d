"""The one folder in which an installation keeps what it holds: database, uploads, editions, studies, key, built files."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

FOLDERS = ("editions", "studies", "uploads", "mail", "built", "static")


def home() -> Path:
    """The folder named by ALMAZ_HOME, by default `almaz-home` where the command runs; made with its parts if not there."""
    folder = Path(os.environ.get("ALMAZ_HOME", "almaz-home")).resolve()
    for name in FOLDERS:
        (folder / name).mkdir(parents=True, exist_ok=True)
    return folder


def secret_key(folder: Path) -> str:
    """The key that signs sessions: ALMAZ_SECRET, or one made at the first start and kept in the folder, for its owner alone."""
    given = os.environ.get("ALMAZ_SECRET")
    if given:
        return given
    file = folder / "secret.key"
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as target:
            target.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    return file.read_text(encoding="ascii")
