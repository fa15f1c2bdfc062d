"""The observatory over a published edition: server time of every page (median, 95th percentile), bytes of the first page, of the maps.

Publishes the edition in the folder ALMAZ_EDITION (by default the newest in `editions`), asks for pages of random regions and clusters
in three languages as a browser does (compressed, no page twice: nothing that was kept of a page answers for it), and prints Markdown.
"""

from __future__ import annotations

import gzip
import os
import random
import re
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

NUMBER, SEED = 150, 8
LANGUAGES = ("en", "ru", "ky")
BUDGET_MS, BUDGET_BYTES = 200, 400_000


def main() -> int:
    """Publish, ask, print."""
    folder = Path(os.environ.get("ALMAZ_EDITION", "editions"))
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {"ALMAZ_HOME": home, "DJANGO_SETTINGS_MODULE": "almaz.web.settings", "ALMAZ_LIMITS": "0"}
        import django

        django.setup()
        import almaz.web.wsgi  # noqa: F401  what a worker loads and how
        from almaz.study.edition import open_edition
        from almaz.web.observatory.publishing import publish
        from almaz.web.serve import prepare

        prepare()
        started = time.perf_counter()
        held = publish(open_edition(folder).path)
        reading = held.reading
        regions, clusters = list(reading.names("regions")), list(reading.names("clusters"))
        print(
            f"**The observatory**, {len(regions):,} regions × {len(clusters)} clusters. `ALMAZ_EDITION=… python -m benchmarks observatory`.\n"
        )
        print(f"Published in {time.perf_counter() - started:.0f} s; laid out: {size(reading.kept) / 1e6:.0f} MB.\n")
        _pages(str(held.study), regions, clusters)
        _first_page(reading.kept)
    return 0


def size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def _pages(study: str, regions: list[str], clusters: list[str]) -> None:
    from django.test import Client

    client, draw = Client(HTTP_HOST="localhost", headers={"Accept-Encoding": "gzip"}), random.Random(SEED)
    some = {language: draw.sample(regions, min(len(regions), NUMBER)) for language in LANGUAGES}

    def of_regions(end: str) -> Callable[[str], list[str]]:
        return lambda language: [f"/{language}/{study}/region/{code}/{end}" for code in some[language]]

    def of_clusters(end: str) -> Callable[[str], list[str]]:
        return lambda language: [f"/{language}/{study}/cluster/{code}/{end}" for code in clusters]

    kinds: dict[str, Callable[[str], list[str]]] = {
        "the study with its map": lambda language: [f"/{language}/{study}/?cluster={code}" for code in clusters],
        "a region": of_regions(""),
        "a region's chart (ranking)": of_regions("figure/ranking.json"),
        "a region among its neighbours": of_regions("neighbours/"),
        "what a region hides": of_regions("hidden/"),
        "a cluster with its map": of_clusters(""),
        "the values of a map": lambda language: [
            f"/{language}/{study}/map/values.json?cluster={code}" for code in clusters
        ],
        "ten regions side by side": lambda language: [
            f"/{language}/{study}/compare/?"
            + "&".join(f"region={code}" for code in draw.sample(regions, min(10, len(regions))))
            for _time in range(100)
        ],
        "search": lambda language: [
            f"/{language}/search/?q={word}"
            for word in ("auto", "county", "york", "авто", "метал", "3361", "wash", "santa")
        ],
        "API: a region's portfolio": lambda _language: [
            f"/api/editions/{study}/portfolio?region={code}" for code in draw.sample(regions, min(len(regions), NUMBER))
        ],
    }
    for language in LANGUAGES:  # what a worker does once: templates, names of regions, catalogues
        client.get(f"/{language}/{study}/")
        client.get(f"/{language}/{study}/region/{regions[0]}/")
        client.get(f"/{language}/search/?q=a")
    print(
        "| page | asked | median, ms | 95th percentile, ms | largest, ms | of the processor: 95th, ms | bytes, median |\n|---|---|---|---|---|---|---|"
    )
    everything: list[float] = []
    processor: list[float] = []
    for name, addresses in kinds.items():
        spent, worked, weights = [], [], []
        for address in (one for language in LANGUAGES for one in addresses(language)):
            started, began = time.perf_counter(), time.process_time()
            answer = client.get(address)
            content = answer.content
            spent.append(1000 * (time.perf_counter() - started))
            worked.append(1000 * (time.process_time() - began))
            weights.append(len(content))
            if answer.status_code != 200:
                break
        if answer.status_code == 200:
            everything += spent
            processor += worked
            print(
                f"| {name} | {len(spent)} | {at(spent, 0.5):.0f} | {at(spent, 0.95):.0f} | {max(spent):.0f} | {at(worked, 0.95):.0f} | {at(weights, 0.5):,.0f} |"
            )
    verdict = "kept" if at(everything, 0.95) <= BUDGET_MS else "MISSED"
    print(
        f"| **all** | {len(everything)} | {at(everything, 0.5):.0f} | **{at(everything, 0.95):.0f}** | {max(everything):.0f} | {at(processor, 0.95):.0f} | |\n"
    )
    print(f"Budget of {BUDGET_MS} ms at the 95th percentile: {verdict}.\n")


def at(values: list[float] | list[int], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _first_page(kept: Path) -> None:
    """Bytes of the home page with all that it asks for, compressed; and of each level of the map."""
    from django.test import Client

    from almaz.web.settings import STATIC_ROOT

    client = Client(HTTP_HOST="localhost", headers={"Accept-Encoding": "gzip"})
    answer = client.get("/en/")
    written = gzip.decompress(answer.content).decode()
    parts = {"HTML": len(answer.content), "styles and scripts": 0, "map": 0, "values": 0}
    for address in set(re.findall(r'(?:href|src|data-sheet|data-values)="([^"?]+)"', written)):
        if address.startswith("/static/"):
            file = Path(STATIC_ROOT) / address.removeprefix("/static/")
            packed = file.with_name(file.name + ".gz")
            parts["styles and scripts"] += (packed if packed.is_file() else file).stat().st_size
        elif address.endswith("/map/0.json"):
            parts["map"] += len(client.get(address).content)
        elif address.endswith("/map/values.json"):
            parts["values"] += len(client.get(address).content)
    whole = sum(parts.values())
    said = ", ".join(f"{name} {number / 1000:.0f} KB" for name, number in parts.items())
    verdict = "kept" if whole < BUDGET_BYTES else "MISSED"
    print(
        f"First page, compressed: **{whole / 1000:.0f} KB** ({said}); the chart bundle, {bundle() / 1000:.0f} KB, comes with the first chart that is seen. Budget of {BUDGET_BYTES // 1000} KB: {verdict}."
    )
    levels = [f"{file.stat().st_size / 1000:.0f}" for file in sorted(kept.glob("map-*.json.gz"))]
    print(f"The map by level of zoom, compressed: {', '.join(levels)} KB.")


def bundle() -> int:
    import vl_convert

    return len(gzip.compress(vl_convert.javascript_bundle().encode(), 9))


if __name__ == "__main__":
    sys.exit(main())
