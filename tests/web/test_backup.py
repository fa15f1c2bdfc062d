"""Back-up and restore as they run in life: real processes on a real home, killed in mid-write."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from almaz.errors import AlmazError
from almaz.web.backup import restore, verified

pytestmark = pytest.mark.own_site
FILL = """
import sys
from pathlib import Path
from almaz.web import serve
serve.ready(Path(sys.argv[1]), None)
serve.migrated()
from django.conf import settings
from django.core.files.base import ContentFile
from almaz.web.accounts.models import User
from almaz.web.centre.models import Cluster, Membership
from almaz.web.participants.models import Organisation
user = User.objects.create_user("a@example.org", "a long pass phrase", name="Айгүл")
cluster = Cluster.objects.create(slug="fruits", name_en="Fruits", name_ky="Мөмөлөр")
Membership.objects.create(cluster=cluster, user=user, role="manager")
for number in range(int(sys.argv[2])):
    one = Organisation.objects.create(cluster=cluster, name=f"Ысык-Көл {number}", sort="firm", employment=number or None)
one.bin()
(Path(settings.HOME) / "uploads" / "letter.pdf").write_bytes(b"%PDF- letter")
big = Path(settings.HOME) / "studies" / "1"
big.mkdir()
import random
(big / "figures.csv").write_bytes(random.Random(1).randbytes(12_000_000))
"""
WRITE = """
import sys
from pathlib import Path
from almaz.web import serve
serve.ready(Path(sys.argv[1]), None)
from django.db import transaction
from almaz.web.centre.models import Cluster
from almaz.web.participants.models import Organisation, Person
cluster = Cluster.objects.get()
print("writing", flush=True)
while True:
    with transaction.atomic():
        firm = Organisation.objects.create(cluster=cluster, name="pair", sort="firm")
        Person.objects.create(cluster=cluster, organisation=firm, name="pair")
"""


def run(*command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("ALMAZ_")}
    done = subprocess.run(
        [sys.executable, *command], check=False, env=environment, capture_output=True, text=True, timeout=240
    )
    assert not check or done.returncode == 0, done.stdout + done.stderr
    return done


def started(*command: str) -> subprocess.Popen[str]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("ALMAZ_")}
    return subprocess.Popen([sys.executable, *command], env=environment, stdout=subprocess.PIPE, text=True)


def killed_when(process: subprocess.Popen[str], there: Any) -> None:
    """SIGKILL at the moment that something is there, while it still runs."""
    until = time.monotonic() + 120
    while not there():
        assert process.poll() is None, "it ended before it could be killed"
        assert time.monotonic() < until
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    if process.stdout:
        process.stdout.close()


def almaz(*command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    return run("-m", "almaz", *command, check=check)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("site") / "home"
    run("-c", FILL, str(made), "60")
    return made


@pytest.fixture(scope="module")
def kept(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("kept") / "kept.zip"
    almaz("backup", str(file), "--home", str(home))
    return file


@pytest.fixture
def copy(home: Path, tmp_path: Path) -> Iterator[Path]:
    made = tmp_path / "copy"
    shutil.copytree(home, made)
    yield made
    shutil.rmtree(tmp_path, ignore_errors=True)


def rows(file: Path) -> dict[str, str]:
    """The hashes of all tables of a back-up."""
    return {name: said["sha256"] for name, said in verified(file)["members"].items()}


def whole(home: Path) -> int:
    """How many organisations a home has; its database is sound."""
    database = sqlite3.connect(home / "almaz.sqlite3")
    try:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return int(database.execute("SELECT count(*) FROM participants_organisation").fetchone()[0])
    finally:
        database.close()


def test_everything_comes_back_as_it_was(home: Path, kept: Path, tmp_path: Path) -> None:
    almaz("restore", str(kept), "--home", str(tmp_path / "back"))
    assert whole(tmp_path / "back") == 60
    assert (tmp_path / "back" / "uploads" / "letter.pdf").read_bytes() == b"%PDF- letter"
    assert (tmp_path / "back" / "secret.key").stat().st_mode & 0o777 == 0o600
    times = "SELECT id, created, changed, deleted FROM participants_organisation ORDER BY 1"
    was, now = (sqlite3.connect(one / "almaz.sqlite3").execute(times).fetchall() for one in (home, tmp_path / "back"))
    assert was == now  # to the microsecond
    almaz("backup", str(tmp_path / "again.zip"), "--home", str(tmp_path / "back"))
    assert rows(tmp_path / "again.zip") == rows(kept)
    refused = almaz("restore", str(kept), "--home", str(tmp_path / "back"), check=False)
    assert refused.returncode == 2
    assert "--replace" in refused.stderr
    assert "already there" in almaz("backup", str(kept), "--home", str(tmp_path / "back"), check=False).stderr


def test_a_backup_killed_in_mid_write_leaves_nothing_that_looks_like_one(copy: Path, tmp_path: Path) -> None:
    file = tmp_path / "b.zip"
    process = started("-m", "almaz", "backup", str(file), "--home", str(copy))
    killed_when(process, lambda: any(one.stat().st_size > 100_000 for one in tmp_path.glob("b.zip.*.partial")))
    assert not file.exists()
    assert whole(copy) == 60
    almaz("backup", str(file), "--home", str(copy))
    assert verified(file)["members"]
    assert not list(tmp_path.glob("*.partial"))


def test_a_restore_killed_in_mid_write_leaves_the_home_as_it_was(copy: Path, kept: Path) -> None:
    (copy / "uploads" / "later.txt").write_text("written after the back-up", encoding="utf-8")
    fresh = copy.with_name("copy.restoring")
    process = started("-m", "almaz", "restore", str(kept), "--home", str(copy), "--replace")
    killed_when(process, (fresh / "almaz.sqlite3").exists)
    assert (copy / "uploads" / "later.txt").exists()
    assert whole(copy) == 60
    done = almaz("restore", str(kept), "--home", str(copy), "--replace")
    assert not (copy / "uploads" / "later.txt").exists()
    (before,) = copy.parent.glob("copy.before-*")
    assert (before / "uploads" / "later.txt").exists()
    assert before.name in done.stdout.replace("\n", "")
    assert not fresh.exists()


def test_a_backup_among_writes_is_of_one_moment_and_a_killed_writer_does_no_harm(copy: Path, tmp_path: Path) -> None:
    writer = started("-c", WRITE, str(copy))
    assert writer.stdout is not None
    assert writer.stdout.readline() == "writing\n"
    almaz("backup", str(tmp_path / "b.zip"), "--home", str(copy))
    killed_when(writer, lambda: True)
    assert whole(copy) > 60
    members = verified(tmp_path / "b.zip")["members"]
    firms, people = (members[f"database/participants.{one}.jsonl"]["rows"] for one in ("Organisation", "Person"))
    assert firms - 60 == people  # no half of a pair
    states = members["database/participants.HistoricalOrganisation.jsonl"]["rows"]
    assert states - 61 == people


@pytest.mark.parametrize("harm", ["flipped", "cut", "added", "path"])
def test_a_damaged_backup_is_refused(kept: Path, tmp_path: Path, harm: str) -> None:
    file = tmp_path / "harmed.zip"
    content = bytearray(kept.read_bytes())
    if harm == "flipped":
        content[len(content) // 2] ^= 1
    file.write_bytes(content[: len(content) // 2] if harm == "cut" else content)
    if harm == "added":
        with zipfile.ZipFile(file, "a") as held:
            held.writestr("files/more", "x")
    if harm == "path":
        with zipfile.ZipFile(file, "w") as held:
            held.writestr("files/../../evil", "x")
            said = {"sha256": "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881", "size": 1}
            held.writestr(
                "manifest.json", json.dumps({"format": 1, "migrations": [], "members": {"files/../../evil": said}})
            )
    with pytest.raises(AlmazError, match="whole"):
        restore(file, tmp_path / "new", lambda _home: None)
    assert not (tmp_path / "new").exists()


def test_from_sqlite_to_postgresql_and_back(kept: Path, tmp_path: Path, postgresql: str) -> None:
    import psycopg

    with psycopg.connect(postgresql, autocommit=True) as connection:
        connection.execute("CREATE DATABASE moved TEMPLATE template0 ENCODING 'UTF8'")
    moved = postgresql.replace("/postgres?", "/moved?")
    there, back = tmp_path / "there", tmp_path / "back"
    almaz("restore", str(kept), "--home", str(there), "--database", moved)
    almaz("backup", str(tmp_path / "p.zip"), "--home", str(there), "--database", moved)
    assert rows(tmp_path / "p.zip") == rows(kept)
    with psycopg.connect(moved) as connection:  # the next row gets a number of its own
        last = connection.execute("SELECT max(id) FROM participants_organisation").fetchone()
        name = "SELECT nextval(pg_get_serial_sequence('participants_organisation', 'id'))"
        assert connection.execute(name).fetchone()[0] == last[0] + 1
    refused = almaz("restore", str(kept), "--home", str(tmp_path / "x"), "--database", moved, check=False)
    assert "not empty" in refused.stderr + refused.stdout
    almaz("restore", str(kept), "--home", str(there), "--database", moved, "--replace")
    almaz("restore", str(tmp_path / "p.zip"), "--home", str(back))
    almaz("backup", str(tmp_path / "s.zip"), "--home", str(back))
    assert rows(tmp_path / "s.zip") == rows(kept)
