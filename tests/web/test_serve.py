"""`almaz serve` as it runs in life: web server and workers as processes of their own, until SIGTERM."""

from __future__ import annotations

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
import requests

pytestmark = pytest.mark.own_site
PASSWORD = "Ысык-Көл жээгинде 12 алма"
FORM = Path(__file__).parents[1] / "data" / "relaid" / "raions_statgov_form.xlsx"


def until(there: Callable[[], object], seconds: float = 300) -> object:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            found = there()
        except (OSError, requests.RequestException, sqlite3.Error):
            found = None
        if found:
            return found
        time.sleep(0.2)
    pytest.fail("waited in vain")


class Site:
    """A running site and somebody's browser."""

    def __init__(self, home: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.home, self.address = home, f"http://127.0.0.1:{port}"
        environment = {key: value for key, value in os.environ.items() if not key.startswith("ALMAZ_")} | {
            "COLUMNS": "400"
        }
        self.log = home.parent / "serve.log"
        with self.log.open("w", encoding="utf-8") as log:
            command = [
                sys.executable,
                "-m",
                "almaz",
                "serve",
                "--home",
                str(home),
                "--port",
                str(port),
                "--workers",
                "1",
            ]
            self.process = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)
        self.browser = requests.Session()

    def wait(self) -> None:
        """Until it answers."""
        until(lambda: self.browser.get(f"{self.address}/en/account/login/").status_code == 200)

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def send(self, path: str, typed: dict[str, str], **more: object) -> requests.Response:
        """Fill in a form as a browser does: with the page's cookie."""
        page = self.browser.get(self.address + (str(more.pop("page", path))))
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
        assert token is not None, page.text[:500]
        return self.browser.post(self.address + path, {"csrfmiddlewaretoken": token[1], **typed}, **more)  # type: ignore[arg-type]

    def begin(self) -> None:
        """Make the first administrator by the address that was printed."""
        found = re.search(r"http://127\.0\.0\.1:\d+(/\S*account/first/\S+)", self.said())
        assert found is not None, self.said()
        typed = {
            "email": "root@example.org",
            "name": "Root",
            "language": "en",
            "password1": PASSWORD,
            "password2": PASSWORD,
        }
        answer = self.send(found[1], typed)
        assert answer.url.endswith("/en/centre/"), answer.text

    def workers(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path / "home")
    try:
        made.wait()
        yield made
    finally:
        children = made.workers() if made.process.poll() is None else []
        made.process.kill()
        made.process.wait()
        for one in children:
            if one.is_running():
                one.kill()


def test_pages_answer_the_worker_works_and_sigterm_stops_all(site: Site) -> None:
    site.begin()
    assert site.browser.get(f"{site.address}/").status_code == 200
    assert site.browser.get(f"{site.address}/static/vega.js").status_code == 200
    requests.get(f"{site.address}/en/account/password/reset/", timeout=60)
    site.send("/en/account/password/reset/", {"email": "root@example.org"})
    letter = until(lambda: list((site.home / "mail").glob("*.log")))
    assert "/account/password/reset/key/" in letter[0].read_text(encoding="utf-8")  # type: ignore[index]
    again = subprocess.run(
        [sys.executable, "-m", "almaz", "serve", "--home", str(site.home), "--port", "1"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert again.returncode == 2
    assert "running from" in again.stderr
    taken = ["--home", f"{site.home}-2", "--port", site.address.rpartition(":")[2]]
    third = subprocess.run(
        [sys.executable, "-m", "almaz", "serve", *taken], capture_output=True, text=True, check=False
    )
    assert third.returncode == 2
    assert "something else listens on port" in third.stderr
    assert "Almaz listens" not in third.stdout
    assert f"Almaz listens on {site.address}/" in site.said()
    children = site.workers()
    assert len(children) >= 3
    site.process.send_signal(signal.SIGTERM)
    assert site.process.wait(timeout=60) == 0
    until(lambda: not any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in children), 30)
    with pytest.raises(requests.ConnectionError):
        requests.get(site.address, timeout=5)


def test_an_administrator_is_made_while_others_bring_the_database_up_to_date(tmp_path: Path) -> None:
    command = [
        sys.executable, "-m", "almaz", "administrator", "--password", PASSWORD, "--home", str(tmp_path / "home"),
    ]  # fmt: skip
    running = [
        subprocess.Popen([*command, f"root{number}@example.org"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        for number in range(2)
    ]
    for one in running:
        said = one.communicate(timeout=300)[0]
        assert one.returncode == 0, said
