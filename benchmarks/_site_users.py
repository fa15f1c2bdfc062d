"""The users of the load test (`python -m benchmarks site`), as locust runs them: seven visitors in ten, three who work in a cluster."""

from __future__ import annotations

import json
import os
import random
import re
from pathlib import Path

from locust import HttpUser, between, task

PLAN = json.loads(Path(os.environ["ALMAZ_PLAN"]).read_text(encoding="utf-8"))
LANGUAGES = ("en", "ru", "ky")


class Visitor(HttpUser):
    """Looks at the map, at regions, at clusters; a program of theirs asks the API."""

    weight = 7
    wait_time = between(1, 3)

    def on_start(self) -> None:
        self.language = random.choice(LANGUAGES)

    @task(3)
    def home(self) -> None:
        self.client.get(f"/{self.language}/", name="home")

    @task(5)
    def region(self) -> None:
        self.client.get(f"/{self.language}/{PLAN['study']}/region/{random.choice(PLAN['regions'])}/", name="region")

    @task(3)
    def cluster(self) -> None:
        self.client.get(f"/{self.language}/{PLAN['study']}/cluster/{random.choice(PLAN['clusters'])}/", name="cluster")

    @task(2)
    def values(self) -> None:
        wanted = random.choice(PLAN["clusters"])
        self.client.get(f"/{self.language}/{PLAN['study']}/map/values.json?cluster={wanted}", name="map of a cluster")

    @task(2)
    def search(self) -> None:
        self.client.get(f"/{self.language}/search/?q={random.choice(('auto', 'alab', 'food', 'new'))}", name="search")

    @task(2)
    def api(self) -> None:
        region = random.choice(PLAN["regions"])
        self.client.get(f"/api/editions/{PLAN['study']}/portfolio?region={region}", name="API: portfolio of a region")


class Colleague(HttpUser):
    """Works in one of ten clusters: reads lists, opens a record, adds one."""

    weight = 3
    wait_time = between(1, 3)

    def on_start(self) -> None:
        self.who = random.choice(PLAN["people"])
        self.client.cookies.set("sessionid", self.who["session"])
        self.base = f"/{random.choice(LANGUAGES)}/centre/{self.who['cluster']}"

    @task(3)
    def overview(self) -> None:
        self.client.get(f"{self.base}/", name="workspace: overview")

    @task(4)
    def organisations(self) -> None:
        self.client.get(f"{self.base}/organisations/", name="workspace: organisations")

    @task(3)
    def organisation(self) -> None:
        self.client.get(
            f"{self.base}/organisations/{random.choice(self.who['organisations'])}/", name="workspace: an organisation"
        )

    @task(2)
    def add(self) -> None:
        form = self.client.get(f"{self.base}/people/new/", name="workspace: form")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form.text)
        if token is None:
            return
        self.client.post(
            f"{self.base}/people/new/",
            {"name": f"Somebody {random.randrange(10**6)}", "organisation": random.choice(self.who["organisations"]),
             "csrfmiddlewaretoken": token[1]},
            name="workspace: a record is saved",
        )  # fmt: skip
