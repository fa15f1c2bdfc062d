"""All that an installation holds as one file, and back again, on SQLite and PostgreSQL alike.

The file is a ZIP: `database/APP.MODEL.jsonl` (every row of every table that people fill, histories too, as Django writes them),
`files/…` (uploads, studies, editions, the key) and, last, `manifest.json` with the SHA-256 and size of each.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import sqlite3
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any

from almaz.errors import AlmazError, Where
from almaz.language import text as _
from almaz.web.swap import begun, swapped
from almaz.whole import whole

Tell = Callable[[str], None]
FORMAT = 1
MANIFEST = "manifest.json"
FOLDERS = ("uploads", "studies", "editions")
KEY = "secret.key"
LEFT = frozenset((
    "accounts.Hits", "auth.Group", "auth.Permission", "contenttypes.ContentType", "django_tasks_db.DBTaskResult",
    "sessions.Session", "usersessions.UserSession",
))  # fmt: skip
"""Tables that are not kept: sessions, counters and jobs of the moment, and what Django makes anew."""
CHUNK = 1 << 20


def backup(file: Path, tell: Tell = lambda _stage: None) -> Path:
    """Write everything into one new file; it is there whole, or not at all. The site may go on working.

    The project must be loaded (`serve.ready`). Raises AlmazError where the file is already there or cannot be written.
    """
    from django.conf import settings

    if file.exists():
        raise AlmazError(_("{path} is already there", path=file), advice=_("choose another name"))
    try:
        with whole(file) as partial, zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED, compresslevel=5) as held:
            _fill(held, Path(settings.HOME), tell)
    except OSError as why:
        raise AlmazError(
            _("the back-up cannot be written: {why}", why=why.strerror or why), where=Where(file=str(file))
        ) from None
    return file


def _fill(held: zipfile.ZipFile, home: Path, tell: Tell) -> None:
    from django.apps import apps

    members: dict[str, dict[str, Any]] = {}
    tell(_("copying the database"))
    with snapshot() as alias:
        applied = _applied(alias)
        for model in _models():
            members[f"database/{model._meta.label}.jsonl"] = _table(held, model, alias)
    tell(_("copying the files"))
    for path in _files(home):
        members[f"files/{path.relative_to(home).as_posix()}"] = _file(held, home, path)
    manifest = {
        "format": FORMAT, "almaz": version("almaz"), "made": datetime.now(UTC).isoformat(), "migrations": applied,
        "apps": sorted(app.label for app in apps.get_app_configs()), "members": members,
    }  # fmt: skip
    held.writestr(MANIFEST, json.dumps(manifest, indent=1, ensure_ascii=False))


@contextlib.contextmanager
def snapshot() -> Iterator[str]:
    """The database as it is at one moment, while others write on: the name of a connection that sees it so."""
    from django.db import connection, connections, transaction

    if connection.vendor == "sqlite":
        connection.ensure_connection()
        with tempfile.TemporaryDirectory() as folder:
            copy = sqlite3.connect(Path(folder) / "copy.sqlite3")
            connection.connection.backup(copy)
            copy.close()
            databases = connections.databases
            databases["snapshot"] = {**databases["default"], "NAME": str(Path(folder) / "copy.sqlite3")}
            try:
                yield "snapshot"
            finally:
                connections["snapshot"].close()
                del connections["snapshot"], databases["snapshot"]
    else:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            yield "default"


def _models() -> list[Any]:
    from django.apps import apps

    return [model for model in apps.get_models() if model._meta.managed and model._meta.label not in LEFT]


def _applied(alias: str) -> list[str]:
    """The database's migrations, as far as they are of apps that there are."""
    from django.apps import apps
    from django.db import connections
    from django.db.migrations.recorder import MigrationRecorder

    known = {app.label for app in apps.get_app_configs()}
    applied = MigrationRecorder(connections[alias]).applied_migrations()
    return sorted(f"{app}.{name}" for app, name in applied if app in known)


def _table(held: zipfile.ZipFile, model: Any, alias: str) -> dict[str, Any]:
    from django.core import serializers
    from django.core.serializers.json import DjangoJSONEncoder

    class WholeTimes(DjangoJSONEncoder):
        """Django's own cuts times to milliseconds."""

        def default(self, o: object) -> object:
            return o.isoformat() if isinstance(o, (datetime, time)) else super().default(o)

    digest, size, rows = hashlib.sha256(), 0, 0
    with held.open(f"database/{model._meta.label}.jsonl", "w", force_zip64=True) as target:
        for row in model._base_manager.using(alias).order_by("pk").iterator(chunk_size=2000):
            line = serializers.serialize("jsonl", [row], ensure_ascii=False, cls=WholeTimes).encode()
            target.write(line)
            digest.update(line)
            size, rows = size + len(line), rows + 1
    return {"sha256": digest.hexdigest(), "size": size, "rows": rows}


def _files(home: Path) -> Iterator[Path]:
    """The files that are kept: not those half written, nor what can be made anew."""
    for name in FOLDERS:
        for folder, inner, files in os.walk(home / name):
            inner[:] = sorted(one for one in inner if one != ".heads" and not one.endswith(".partial"))
            for one in sorted(files):
                path = Path(folder) / one
                if not one.endswith(".partial") and path.is_file() and not path.is_symlink():
                    yield path
    if (home / KEY).is_file():
        yield home / KEY


def _file(held: zipfile.ZipFile, home: Path, path: Path) -> dict[str, Any]:
    digest, size = hashlib.sha256(), 0
    name = f"files/{path.relative_to(home).as_posix()}"
    with path.open("rb") as source, held.open(name, "w", force_zip64=True) as target:
        while chunk := source.read(CHUNK):
            target.write(chunk)
            digest.update(chunk)
            size += len(chunk)
    return {"sha256": digest.hexdigest(), "size": size}


def verified(file: Path, tell: Tell = lambda _stage: None) -> dict[str, Any]:
    """The manifest of a back-up whose every byte is as it was written. Raises AlmazError where it is not."""
    tell(_("checking the back-up"))
    wrong = AlmazError(
        _("this is not a whole back-up of Almaz"), where=Where(file=str(file)), advice=_("take another, earlier one")
    )
    try:
        with zipfile.ZipFile(file) as held:
            manifest: dict[str, Any] = json.loads(held.read(MANIFEST))
            members = manifest["members"]
            if manifest["format"] != FORMAT or set(held.namelist()) != {MANIFEST, *members}:
                raise wrong
            for name, said in members.items():
                parts = name.split("/")
                if ".." in parts or "" in parts or "\\" in name or parts[0] not in ("database", "files"):
                    raise wrong
                with held.open(name) as source:
                    if _digest(source) != (said["sha256"], said["size"]):
                        raise wrong
    except FileNotFoundError:
        raise AlmazError(_("there is no such file"), where=Where(file=str(file))) from None
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, OSError, EOFError, NotImplementedError) as why:
        raise wrong from why
    return manifest


def _digest(source: IO[bytes]) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    while chunk := source.read(CHUNK):
        digest.update(chunk)
        size += len(chunk)
    return digest.hexdigest(), size


def restore(
    file: Path, home: Path, load: Callable[[Path], None], *, replace: bool = False, tell: Tell = lambda _stage: None
) -> Path | None:
    """Make a home from a back-up: in a folder beside it, which then takes its place at once. Gives where the earlier one went.

    load: loads the project with this folder as its home, tables made (`serve.ready`, then `migrate`). Raises AlmazError where the
    back-up is damaged or of another version, or where there is something already and `replace` is not said.
    """
    manifest = verified(file, tell)
    home = home.resolve()
    if any(path.is_file() for path in home.glob("*.sqlite3")) and not replace:
        raise AlmazError(
            _("{path} holds an installation already", path=home), advice=_("--replace puts this one in its place")
        )
    with begun(home) as fresh:
        tell(_("unpacking the files"))
        with zipfile.ZipFile(file) as held:
            for name in manifest["members"]:
                if name.startswith("files/"):
                    _unpacked(held, name, fresh / name.removeprefix("files/"))
            tell(_("filling the database"))
            load(fresh)
            _filled(held, manifest, replace)
        return swapped(home, fresh)


def _unpacked(held: zipfile.ZipFile, name: str, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    opened = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with held.open(name) as source, os.fdopen(opened, "wb") as made:
        shutil.copyfileobj(source, made, CHUNK)


def _filled(held: zipfile.ZipFile, manifest: dict[str, Any], replace: bool) -> None:
    """Every row into the database, in one transaction."""
    from django.core.management.color import no_style
    from django.db import connection, connections, transaction

    missing = sorted(set(manifest["migrations"]) ^ set(_applied("default")))
    if missing:
        raise AlmazError(
            _("the back-up was made by Almaz {version}, whose tables differ", version=manifest["almaz"]),
            expected=", ".join(missing[:3]), advice=_("restore it with that version, then install this one"),
        )  # fmt: skip
    models = _models()
    with transaction.atomic():
        if any(model._base_manager.exists() for model in models):
            if not replace:
                raise AlmazError(_("the database is not empty"), advice=_("--replace puts this one in its place"))
            _emptied()
        for model in models:
            name = f"database/{model._meta.label}.jsonl"
            if name in manifest["members"]:
                _rows(held, name)
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), models):
                cursor.execute(statement)
    connections.close_all()


def _emptied() -> None:
    from django.apps import apps
    from django.db import connection

    tables = [model._meta.db_table for model in apps.get_models(include_auto_created=True)
              if model._meta.managed and model._meta.label not in ("contenttypes.ContentType", "auth.Permission")]  # fmt: skip
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")


def _rows(held: zipfile.ZipFile, name: str) -> None:
    from django.core import serializers

    with held.open(name) as source:
        for one in serializers.deserialize("jsonl", source):
            one.save()
